from __future__ import annotations

import pytest

from mockservices.scim.operations import (
    AddMembers,
    Path,
    RemoveMembers,
    SetAttribute,
    Value,
    merged,
    value_at,
    with_value,
    without_value,
)

WORK = (("primary", True), ("type", "work"), ("value", "ann@contoso.example"))
HOME = (("type", "home"), ("value", "ann@home.example"))
STREET = (("locality", "Gdynia"), ("type", "work"))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (Path("userName"), "userName"),
        (Path("emails", "work"), 'emails[type eq "work"]'),
        (Path("emails", "work", "value"), 'emails[type eq "work"].value'),
        (Path("emails", 'a"b\\c', "value"), 'emails[type eq "a\\"b\\\\c"].value'),
    ],
)
def test_a_path_is_written_as_scim_writes_it(path: Path, text: str) -> None:
    assert str(path) == text


def test_a_value_is_found_where_its_path_says() -> None:
    attributes: dict[str, Value] = {"title": "Lead", "emails": (HOME, WORK)}
    assert value_at(attributes, Path("title")) == "Lead"
    assert value_at(attributes, Path("locale")) is None
    assert value_at(attributes, Path("emails")) == (HOME, WORK)
    assert value_at(attributes, Path("emails", "work")) == (WORK,)
    assert value_at(attributes, Path("emails", "work", "value")) == "ann@contoso.example"
    assert value_at(attributes, Path("emails", "work", "display")) is None
    assert value_at(attributes, Path("emails", "other", "value")) is None


def test_setting_a_sub_attribute_changes_only_the_entry_of_that_type() -> None:
    changed = with_value((HOME, WORK), Path("emails", "home", "value"), "new@home.example")
    assert changed == ((("type", "home"), ("value", "new@home.example")), WORK)


def test_an_address_that_is_not_there_yet_is_made_and_is_primary() -> None:
    assert with_value(None, Path("emails", "work", "value"), "ann@contoso.example") == (WORK,)


def test_an_entry_that_is_not_there_yet_is_made_beside_the_others() -> None:
    path = Path("phoneNumbers", "mobile", "value")
    assert with_value((HOME,), path, "1") == (HOME, (("type", "mobile"), ("value", "1")))


def test_a_whole_entry_takes_the_place_of_the_one_of_its_type() -> None:
    new = (("type", "home"), ("value", "new@home.example"))
    assert with_value((HOME, WORK), Path("emails", "home"), (new,)) == (new, WORK)
    assert with_value((WORK,), Path("emails", "home"), (new,)) == (WORK, new)


def test_a_whole_attribute_is_replaced() -> None:
    assert with_value((HOME, WORK), Path("emails"), (WORK,)) == (WORK,)
    assert with_value("Lead", Path("title"), "Head") == "Head"


def test_an_entry_is_no_text() -> None:
    with pytest.raises(TypeError):
        with_value(None, Path("emails", "work"), "ann@contoso.example")


@pytest.mark.parametrize(
    ("current", "path", "left"),
    [
        ("Lead", Path("title"), None),
        (None, Path("title"), None),
        ((HOME, WORK), Path("emails"), None),
        ((HOME, WORK), Path("emails", "work"), (HOME,)),
        ((WORK,), Path("emails", "work"), None),
        ((HOME, WORK), Path("emails", "other"), (HOME, WORK)),
        ((STREET, HOME), Path("addresses", "work", "country"), (STREET, HOME)),
        (((("country", "PL"), *STREET),), Path("addresses", "work", "country"), (STREET,)),
    ],
)
def test_what_is_left_after_a_removal(current: Value | None, path: Path, left: Value | None) -> None:
    assert without_value(current, path) == left


def test_an_entry_that_would_only_say_of_what_type_it_is_goes_too() -> None:
    assert without_value((WORK, HOME), Path("emails", "work", "value")) == (HOME,)
    assert without_value((WORK,), Path("emails", "work", "value")) is None


def test_neighbouring_membership_changes_of_one_kind_are_one() -> None:
    name = SetAttribute(Path("displayName"), "G")
    assert merged(
        [AddMembers(("a",)), AddMembers(("b",)), RemoveMembers(("c",)), RemoveMembers(("d",)), name, AddMembers(("e",))]
    ) == (AddMembers(("a", "b")), RemoveMembers(("c", "d")), name, AddMembers(("e",)))
