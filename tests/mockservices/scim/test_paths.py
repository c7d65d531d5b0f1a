from __future__ import annotations

import pytest

from mockservices.scim.errors import ScimError
from mockservices.scim.operations import ENTERPRISE, Path
from mockservices.scim.paths import group_path, user_path

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("userName", Path("userName")),
        ("USERNAME", Path("userName")),
        (f"{CORE}:userName", Path("userName")),
        ("active", Path("active")),
        ("name", Path("name")),
        ("name.GivenName", Path("name.givenName")),
        ("emails", Path("emails")),
        ('emails[type eq "work"]', Path("emails", "work")),
        ('emails[TYPE EQ "work"].VALUE', Path("emails", "work", "value")),
        ('emails.type eq "work"', Path("emails", "work")),
        ('addresses[type eq "a\\"b\\\\c"].streetaddress', Path("addresses", 'a"b\\c', "streetAddress")),
        (ENTERPRISE, Path(ENTERPRISE)),
        (ENTERPRISE.upper(), Path(ENTERPRISE)),
        (f"{ENTERPRISE}:employeenumber", Path(f"{ENTERPRISE}:employeeNumber")),
        (f"{ENTERPRISE}:manager", Path(f"{ENTERPRISE}:manager")),
        (f"{ENTERPRISE}:manager.value", Path(f"{ENTERPRISE}:manager")),
        ("manager", Path(f"{ENTERPRISE}:manager")),
        ("Manager.value", Path(f"{ENTERPRISE}:manager")),
        ("photos", Path("photos")),
    ],
)
def test_a_path_leads_to_the_flat_name_of_the_core(text: str, path: Path) -> None:
    assert user_path(text) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a b",
        "shoeSize",
        "userName.length",
        "emails.value",
        "emails[]",
        'emails[type eq "work"',
        "emails[type eq 1].value",
        "emails[type pr].value",
        'emails[type eq ""].value',
        'emails[type ne "work"].value',
        'emails[value eq "a@x.example"].type',
        'emails[type eq "work" and primary eq true].value',
        'emails[type eq "work"].shoeSize',
        'name[type eq "a"].givenName',
        'photos[type eq "photo"].value',
        'userName eq "ann"',
        "urn:example:2.0:User:title",
        CORE,
        f'{ENTERPRISE}:manager[value eq "1"].value',
        f"{ENTERPRISE}:shoeSize",
        "members",
    ],
)
def test_a_path_that_leads_nowhere_on_a_user_is_refused(text: str) -> None:
    with pytest.raises(ScimError) as refused:
        user_path(text)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("displayName", ("displayName", None)),
        ("DISPLAYNAME", ("displayName", None)),
        ("externalId", ("externalId", None)),
        ("members", ("members", None)),
        ('members[value eq "1"]', ("members", "1")),
        ('members.value eq "1"', ("members", "1")),
    ],
)
def test_a_path_on_a_group_names_an_attribute_or_one_member(text: str, expected: tuple[str, str | None]) -> None:
    assert group_path(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a b", "title", 'displayName[value eq "1"]', 'members[value eq ""]', 'members[type eq "User"]']
)
def test_a_path_that_leads_nowhere_on_a_group_is_refused(text: str) -> None:
    with pytest.raises(ScimError) as refused:
        group_path(text)
    assert refused.value.status == 400
