from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.population import NoPopulation
from mockservices.scim.errors import ScimError
from mockservices.scim.operations import (
    AddMembers,
    Operation,
    Path,
    RemoveAttribute,
    RemoveMembers,
    SetAttribute,
    Value,
)
from mockservices.scim.profiles import AWS
from mockservices.scim.provider import CONSOLE, ServiceProvider, User
from mockservices.testing import make_services


class Town:
    """Four people in columns; the even ones are members of group 0."""

    size = 4

    def attributes(self, row: int) -> dict[str, Value]:
        name = f"p{row}@town.example"
        emails = ((("primary", True), ("type", "work"), ("value", name)),)
        return {"userName": name, "externalId": f"P{row}", "displayName": f"P {row}", "emails": emails}

    def groups(self, row: int) -> tuple[int, ...]:
        return (0,) if row % 2 == 0 else ()

    def find(self, name: str, value: str) -> int | None:
        for row in range(self.size):
            own = {"externalId": f"P{row}"}.get(name, f"p{row}@town.example")
            if own == (value if name == "externalId" else value.lower()):
                return row
        return None

    def members(self, group: int) -> Iterable[int]:
        return (0, 2) if group == 0 else ()


class Heard:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.changes: list[tuple[object, ...]] = []

    def target_user_changed(self, row: int, *, access: bool) -> None:
        self.changes.append(("user", row, access))

    def target_membership_changed(self, group: int, user: int, *, member: bool) -> None:
        self.changes.append(("member", group, user, member))

    def target_group_changed(self, row: int) -> None:
        self.changes.append(("group", row))


@pytest.fixture
def provider() -> ServiceProvider:
    return make_services().provider


@pytest.fixture
def town() -> ServiceProvider:
    services = make_services()
    provider = ServiceProvider(
        seed=1, clock=services.clock, trace=Trace(services.clock), profile=AWS, population=Town()
    )
    provider.create_group({"displayName": "even"})
    return provider


def ann(**more: Value) -> dict[str, Value]:
    return {
        "userName": "ann@contoso.example",
        "name.givenName": "Ann",
        "name.familyName": "Miller",
        "displayName": "Ann Miller",
        **more,
    }


def work(address: str) -> Value:
    return ((("primary", True), ("type", "work"), ("value", address)),)


def lines(provider: ServiceProvider) -> list[str]:
    """What the trace says from here on."""
    heard: list[str] = []
    provider.trace.flush()
    provider.trace.sink = heard.extend
    return heard


# --- finding -------------------------------------------------------------------------------------------------


def test_a_user_is_found_by_id_and_by_each_unique_value(provider: ServiceProvider) -> None:
    user = provider.create_user(ann(externalId="E1", emails=work("ann@contoso.example")))
    assert provider.find_user(user.id) is user
    assert provider.user_by("userName", "ANN@contoso.example") is user
    assert provider.user_by("emails", "ann@Contoso.example") is user
    assert provider.user_by("externalId", "E1") is user
    assert provider.user_by("externalId", "e1") is None


def test_people_in_columns_are_found_without_becoming_objects(town: ServiceProvider) -> None:
    row = town.user_row_by("userName", "P1@town.example")
    assert row == 1
    assert town.user_row(town.user_id(1)) == 1
    assert town.exists(1)
    assert town.is_active(1)
    assert town.groups_of(2) == (0,)
    assert town.members(0) == [0, 2]
    assert list(town.user_rows(2)) == [2, 3]
    assert town.peek(1) is not town.peek(1)
    assert town.user(1) is town.user(1) is town.peek(1)


def test_a_row_that_nobody_has_is_an_index_error(town: ServiceProvider) -> None:
    for row in (-1, 4):
        assert not town.exists(row)
        with pytest.raises(IndexError):
            town.user(row)
        with pytest.raises(IndexError):
            town.peek(row)


def test_a_world_without_a_population_starts_with_nobody() -> None:
    nobody: NoPopulation[Value] = NoPopulation()
    assert (nobody.size, nobody.find("userName", "a"), tuple(nobody.members(0))) == (0, None, ())
    with pytest.raises(IndexError):
        nobody.attributes(0)
    with pytest.raises(IndexError):
        nobody.groups(0)


def test_a_person_in_columns_is_found_under_a_new_name_only_once_renamed(town: ServiceProvider) -> None:
    town.apply_to_user(1, [SetAttribute(Path("userName"), "new@town.example")])
    assert town.user_by("userName", "p1@town.example") is None
    assert town.user_by("userName", "NEW@town.example") is town.user(1)
    assert town.user_by("externalId", "P1") is town.user(1)


def test_a_person_in_columns_keeps_its_values_from_others(town: ServiceProvider) -> None:
    for clash in (ann(userName="P3@town.example"), ann(externalId="P3"), ann(emails=work("p3@TOWN.example"))):
        with pytest.raises(ScimError, match="duplicate"):
            town.create_user(clash)


@pytest.mark.parametrize("identifier", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_an_id_that_this_world_never_gave_finds_nothing(provider: ServiceProvider, identifier: str) -> None:
    with pytest.raises(ScimError, match=r"USER does not exist\.") as user:
        provider.find_user(identifier)
    with pytest.raises(ScimError, match=r"GROUP does not exist\.") as group:
        provider.find_group(identifier)
    assert (user.value.status, group.value.status) == (404, 404)


# --- users ---------------------------------------------------------------------------------------------------


def test_a_created_user_keeps_no_hold_of_the_callers_dict(provider: ServiceProvider) -> None:
    given = ann()
    user = provider.create_user(given)
    given["title"] = "Lead"
    assert "title" not in user.attributes


def test_the_quota_of_users_is_kept(provider: ServiceProvider) -> None:
    provider.profile = replace(AWS, users_quota=1, groups_quota=0)
    provider.create_user(ann())
    with pytest.raises(ScimError, match="unparsable"):
        provider.create_user(ann(userName="b@contoso.example"))
    with pytest.raises(ScimError, match="unparsable"):
        provider.create_group({"displayName": "G"})


def test_who_made_an_object_is_remembered(provider: ServiceProvider) -> None:
    assert provider.create_user(ann()).origin == "SCIM"
    assert provider.create_group({"displayName": "G"}, origin=CONSOLE).origin == "Manual"


def test_operations_apply_in_order_and_are_one_change(provider: ServiceProvider) -> None:
    user = provider.create_user(ann(title="Lead"))
    heard = lines(provider)
    provider.clock.now = Millis(7)
    assert provider.apply_to_user(
        user.row,
        [
            SetAttribute(Path("nickName"), "An"),
            SetAttribute(Path("nickName"), "Annie"),
            RemoveAttribute(Path("title")),
            SetAttribute(Path("active"), False),
        ],
    )
    provider.trace.flush()
    assert [line.split("\t", 2)[2] for line in heard] == [
        f'scim\tuser.update\t{user.id}\t{{"active":false,"nickName":"Annie","title":null}}\n'
    ]
    assert (user.modified, user.active, provider.active_count) == (7, False, 0)


def test_what_changes_nothing_is_no_change(provider: ServiceProvider) -> None:
    user = provider.create_user(ann(title="Lead"))
    heard = lines(provider)
    provider.clock.now = Millis(7)
    assert not provider.apply_to_user(
        user.row,
        [
            SetAttribute(Path("title"), "Lead"),
            SetAttribute(Path("active"), True),
            RemoveAttribute(Path("nickName")),
        ],
    )
    assert not provider.replace_user(user.row, ann(title="Lead"), active=True)
    provider.trace.flush()
    assert (heard, user.modified) == ([], 0)


@pytest.mark.parametrize(
    "operations",
    [
        [SetAttribute(Path("title"), "x"), SetAttribute(Path("nickName"), "")],
        [SetAttribute(Path("title"), "x"), RemoveAttribute(Path("userName"))],
        [SetAttribute(Path("title"), "x"), RemoveAttribute(Path("active"))],
        [SetAttribute(Path("title"), "x"), RemoveAttribute(Path("photos"))],
        [SetAttribute(Path("title"), "x"), SetAttribute(Path("photos"), ())],
        [SetAttribute(Path("title"), "x"), AddMembers(("y",))],
        [SetAttribute(Path("title"), "x"), SetAttribute(Path("userName"), "bob@contoso.example")],
        [SetAttribute(Path("active"), False), SetAttribute(Path("active"), False)],
        [SetAttribute(Path("userName"), "c@contoso.example"), SetAttribute(Path("userName"), "d@contoso.example")],
        [SetAttribute(Path("active"), False), SetAttribute(Path("roles"), ((("value", "r"),),))],
        [SetAttribute(Path("active"), False), SetAttribute(Path("emails", "home", "value"), "a@home.example")],
    ],
)
def test_a_refused_change_of_a_user_leaves_no_trace(provider: ServiceProvider, operations: list[Operation]) -> None:
    user = provider.create_user(ann(emails=work("ann@contoso.example")))
    provider.create_user(ann(userName="bob@contoso.example"))
    attributes, heard, listener = dict(user.attributes), lines(provider), Heard()
    provider.listener = listener
    provider.clock.now = Millis(7)
    with pytest.raises(ScimError):
        provider.apply_to_user(user.row, operations)
    provider.trace.flush()
    assert (user.attributes, user.active, user.modified) == (attributes, True, 0)
    assert provider.user_by("userName", "ann@contoso.example") is user
    assert (heard, listener.changes) == ([], [])


def test_an_old_name_is_free_once_its_user_has_another(provider: ServiceProvider) -> None:
    user = provider.create_user(ann(externalId="E1", emails=work("ann@contoso.example")))
    provider.apply_to_user(
        user.row,
        [
            SetAttribute(Path("userName"), "miller@contoso.example"),
            SetAttribute(Path("emails", "work", "value"), "miller@contoso.example"),
            RemoveAttribute(Path("externalId")),
        ],
    )
    other = provider.create_user(ann(externalId="E1", emails=work("ann@contoso.example")))
    assert provider.user_by("userName", "ann@contoso.example") is other
    assert provider.user_by("emails", "miller@contoso.example") is user


def test_a_name_may_change_its_letter_case(provider: ServiceProvider) -> None:
    user = provider.create_user(ann())
    assert provider.apply_to_user(user.row, [SetAttribute(Path("userName"), "ANN@contoso.example")])
    assert provider.user_by("userName", "ann@contoso.example") is user


def test_two_users_may_have_an_address_entry_without_an_address(provider: ServiceProvider) -> None:
    for name in ("a", "b"):
        provider.create_user(ann(userName=name, emails=((("primary", True), ("type", "work")),)))
    assert provider.users_count == 2


def test_disabling_keeps_memberships_and_enabling_needs_nothing_more(provider: ServiceProvider) -> None:
    user = provider.create_user(ann())
    group = provider.create_group({"displayName": "G"}, [user.id])
    provider.apply_to_user(user.row, [SetAttribute(Path("active"), False)])
    assert (user.groups, provider.members(group.row), provider.is_active(user.row)) == ((0,), [user.row], False)
    provider.apply_to_user(user.row, [SetAttribute(Path("active"), True)])
    assert provider.is_active(user.row)


def test_replacing_a_user_clears_what_is_absent(provider: ServiceProvider) -> None:
    user = provider.create_user(ann(title="Lead", externalId="E1"))
    heard = lines(provider)
    assert provider.replace_user(user.row, ann(nickName="An"), active=False)
    provider.trace.flush()
    assert user.attributes == ann(nickName="An")
    assert heard[0].endswith('{"active":false,"externalId":null,"nickName":"An","title":null}\n')
    assert provider.user_by("externalId", "E1") is None


def test_a_deleted_user_loses_memberships_name_and_place_in_the_counts(town: ServiceProvider) -> None:
    town.delete_user(2)
    assert town.members(0) == [0]
    assert not town.exists(2)
    assert list(town.user_rows()) == [0, 1, 3]
    assert (town.users_count, town.active_count, town.users_made) == (3, 3, 4)
    assert town.user_by("userName", "p2@town.example") is None
    again = town.create_user(ann(userName="p2@town.example"))
    assert (again.row, town.users_made) == (4, 5)


# --- groups --------------------------------------------------------------------------------------------------


def test_a_group_is_found_by_name_in_any_case_and_by_exact_external_id(provider: ServiceProvider) -> None:
    group = provider.create_group({"displayName": "GRP", "externalId": "E1"})
    assert provider.group_by("displayName", "grp") is group
    assert provider.group_by("externalId", "E1") is group
    assert provider.group_by("externalId", "e1") is None
    assert provider.find_group(group.id) is group


def test_the_reasons_of_duplicates_are_those_of_cloudtrail(provider: ServiceProvider) -> None:
    provider.create_group({"displayName": "GRP"})
    with pytest.raises(ScimError) as refused:
        provider.create_group({"displayName": "grp"})
    assert (refused.value.exception, refused.value.reason) == ("ConflictException", "Duplicate GroupDisplayName")


def test_memberships_are_traced_one_by_one_and_told_to_the_listener(provider: ServiceProvider) -> None:
    one, two = provider.create_user(ann()), provider.create_user(ann(userName="b@contoso.example"))
    group = provider.create_group({"displayName": "G"}, [one.id])
    heard, listener = lines(provider), Heard()
    provider.listener = listener
    assert provider.apply_to_group(
        group.row,
        [
            SetAttribute(Path("displayName"), "H"),
            RemoveMembers((one.id,)),
            AddMembers((two.id, two.id)),
        ],
    )
    provider.trace.flush()
    assert [line.split("\t")[3:5] for line in heard] == [
        ["group.update", group.id],
        ["member.remove", f"{group.id}/{one.id}"],
        ["member.add", f"{group.id}/{two.id}"],
    ]
    assert listener.changes == [("group", 0), ("member", 0, one.row, False), ("member", 0, two.row, True)]


def test_an_operation_that_finds_nothing_to_do_is_no_change(town: ServiceProvider) -> None:
    operations: list[Operation] = [AddMembers((town.user_id(0),)), RemoveMembers((town.user_id(1), "nobody"))]
    assert not town.apply_to_group(0, operations)


@pytest.mark.parametrize(
    "last",
    [
        AddMembers(("nobody",)),
        AddMembers(tuple(str(i) for i in range(101))),
        RemoveMembers(tuple(str(i) for i in range(101))),
        SetAttribute(Path("title"), "x"),
        SetAttribute(Path("externalId"), ""),
        SetAttribute(Path("externalId"), "E2"),
        RemoveAttribute(Path("externalId")),
    ],
)
def test_a_refused_change_of_a_group_leaves_no_trace(provider: ServiceProvider, last: Operation) -> None:
    user = provider.create_user(ann())
    group = provider.create_group({"displayName": "G"})
    provider.create_group({"displayName": "F", "externalId": "E2"})
    heard = lines(provider)
    operations: list[Operation] = [SetAttribute(Path("displayName"), "H"), AddMembers((user.id,)), last]
    with pytest.raises(ScimError):
        provider.apply_to_group(group.row, operations)
    provider.trace.flush()
    assert (group.attributes, provider.members(group.row), heard) == ({"displayName": "G"}, [], [])
    assert provider.group_by("displayName", "G") is group


def test_a_deleted_user_cannot_become_a_member_and_can_be_taken_out(provider: ServiceProvider) -> None:
    user = provider.create_user(ann())
    group = provider.create_group({"displayName": "G"})
    provider.delete_user(user.row)
    with pytest.raises(ScimError, match=r"USER does not exist\."):
        provider.apply_to_group(group.row, [AddMembers((user.id,))])
    assert not provider.apply_to_group(group.row, [RemoveMembers((user.id,))])


def test_a_deleted_group_ends_its_memberships_and_frees_its_name(town: ServiceProvider) -> None:
    listener = Heard()
    town.listener = listener
    identifier = town.groups[0].id
    town.delete_group(0)
    assert (town.members(0), town.groups_of(0), town.groups_of(2), town.groups_count) == ([], (), (), 0)
    assert listener.changes == [("group", 0), ("member", 0, 0, False), ("member", 0, 2, False)]
    assert town.create_group({"displayName": "even"}).id != identifier


def test_the_population_can_be_touched_in_any_order_without_a_difference() -> None:
    """Which rows have become objects must never show: the same changes give the same digest."""

    def run(touched: list[int]) -> tuple[str, list[int]]:
        clock = Clock(make_services().clock.start)
        provider = ServiceProvider(seed=3, clock=clock, trace=Trace(clock), profile=AWS, population=Town())
        provider.create_group({"displayName": "even"})
        for row in touched:
            assert isinstance(provider.user(row), User)
        provider.apply_to_group(0, [AddMembers((provider.user_id(3),)), RemoveMembers((provider.user_id(2),))])
        provider.apply_to_user(0, [SetAttribute(Path("active"), False)])
        return provider.trace.digest(), provider.members(0)

    assert run([]) == run([3, 1, 2, 0]) == run([2])
    assert run([])[1] == [0, 3]
