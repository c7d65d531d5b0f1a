from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockservices.scim.errors import PATHLESS, ScimError
from mockservices.scim.operations import (
    ENTERPRISE,
    AddMembers,
    Operation,
    Path,
    RemoveAttribute,
    RemoveMembers,
    SetAttribute,
)
from mockservices.scim.patch import group_operations, user_operations
from mockservices.scim.profiles import AWS

MANAGER = Path(f"{ENTERPRISE}:manager")
WORK = (("primary", True), ("type", "work"), ("value", "a@x.example"))


def of_user(*operations: dict[str, Any]) -> tuple[Operation, ...]:
    return user_operations({"operations": list(operations)}, AWS)


def of_group(*operations: dict[str, Any]) -> tuple[Operation, ...]:
    return group_operations({"operations": list(operations)}, AWS)


@pytest.mark.parametrize("op", ["replace", "Replace", "REPLACE", "add", "Add"])
def test_the_name_of_an_operation_is_read_in_any_letter_case(op: str) -> None:
    assert of_user({"Op": op, "Path": "title", "Value": "Lead"}) == (SetAttribute(Path("title"), "Lead"),)


@pytest.mark.parametrize(
    "value",
    ["m1", {"value": "m1"}, [{"value": "m1"}], [{"$ref": "../Users/m1", "value": "m1"}], {"value": "m1", "$ref": None}],
)
@pytest.mark.parametrize("path", ["manager", f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value"])
def test_a_manager_is_read_from_every_form_that_clients_send(path: str, value: object) -> None:
    assert of_user({"op": "Add", "path": path, "value": value}) == (SetAttribute(MANAGER, "m1"),)


@pytest.mark.parametrize("value", [7, [], [{"value": "a"}, {"value": "b"}], {"displayName": "Boss"}, {"value": None}])
def test_a_manager_that_cannot_be_told_is_refused(value: object) -> None:
    with pytest.raises(ScimError):
        of_user({"op": "Add", "path": "manager", "value": value})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"value": "a@x.example", "primary": True}, WORK),
        ([{"value": "a@x.example", "primary": "True", "type": "work"}], WORK),
        ({"value": "a@x.example", "type": "home"}, (("type", "home"), ("value", "a@x.example"))),
    ],
)
def test_a_whole_entry_takes_its_type_from_the_path_unless_it_has_one(value: object, expected: object) -> None:
    (operation,) = of_user({"op": "replace", "path": 'emails[type eq "work"]', "value": value})
    assert operation == SetAttribute(Path("emails", "work"), (expected,))  # type: ignore[arg-type] # parametrized


@pytest.mark.parametrize("value", ["a@x.example", [], [{"value": "a"}, {"value": "b"}], {}])
def test_a_whole_entry_has_to_be_one_object(value: object) -> None:
    with pytest.raises(ScimError):
        of_user({"op": "replace", "path": 'emails[type eq "work"]', "value": value})


def test_added_values_go_in_under_their_types_and_replaced_ones_together() -> None:
    home = (("type", "home"), ("value", "h@x.example"))
    untyped = (("value", "u@x.example"),)
    values = [dict(WORK), dict(home), dict(untyped)]
    assert of_user({"op": "replace", "path": "emails", "value": values}) == (
        SetAttribute(Path("emails"), (WORK, home, untyped)),
    )
    assert of_user({"op": "add", "path": "emails", "value": values}) == (
        SetAttribute(Path("emails", "work"), (WORK,)),
        SetAttribute(Path("emails", "home"), (home,)),
        SetAttribute(Path("emails"), (untyped,)),
    )


def test_one_object_stands_for_a_list_of_one() -> None:
    assert of_user({"op": "replace", "path": "emails", "value": dict(WORK)}) == (SetAttribute(Path("emails"), (WORK,)),)
    assert of_group({"op": "add", "path": "members", "value": {"value": "a"}}) == (AddMembers(("a",)),)


def test_adding_nothing_is_nothing() -> None:
    assert of_user({"op": "add", "path": "emails", "value": []}) == ()
    assert of_user({"op": "add", "value": {"title": None}}) == ()


def test_a_complex_attribute_is_taken_apart() -> None:
    assert of_user({"op": "replace", "path": "name", "value": {"GivenName": "Ann", "middleName": None}}) == (
        SetAttribute(Path("name.givenName"), "Ann"),
        RemoveAttribute(Path("name.middleName")),
    )
    assert of_user({"op": "add", "path": "name", "value": {"givenName": "Ann", "middleName": None}}) == (
        SetAttribute(Path("name.givenName"), "Ann"),
    )
    assert len(of_user({"op": "remove", "path": ENTERPRISE})) == 6


@pytest.mark.parametrize("path", ["name", ENTERPRISE])
def test_a_complex_attribute_has_to_be_an_object(path: str) -> None:
    with pytest.raises(ScimError):
        of_user({"op": "replace", "path": path, "value": "Ann"})


def test_an_operation_without_a_path_may_repeat_the_id_beside_one_attribute() -> None:
    value = {"id": "1", "schemas": [], "meta": {}, "displayName": "Ann"}
    assert of_user({"op": "replace", "value": value}) == (SetAttribute(Path("displayName"), "Ann"),)
    assert of_group({"op": "replace", "value": value}) == (SetAttribute(Path("displayName"), "Ann"),)


def test_several_attributes_without_a_path_are_fine_where_the_profile_allows_them() -> None:
    body = {"operations": [{"op": "replace", "value": {"name.givenName": "Ann", 'emails[type eq "work"].value': "a"}}]}
    assert user_operations(body, replace(AWS, single_pathless=False)) == (
        SetAttribute(Path("name.givenName"), "Ann"),
        SetAttribute(Path("emails", "work", "value"), "a"),
    )
    with pytest.raises(ScimError) as refused:
        user_operations(body, AWS)
    assert refused.value.message == PATHLESS


def test_the_missing_path_of_a_removal_is_the_reason_that_cloudtrail_gives() -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/userguide/scim-logging-using-cloudtrail.html"""
    with pytest.raises(ScimError) as refused:
        of_group({"op": "remove", "value": [{"value": "a"}]})
    assert refused.value.reason == "Missing path in PATCH request"


def test_members_leave_by_list_or_by_filter_and_neighbours_become_one_operation() -> None:
    assert of_group(
        {"op": "remove", "path": 'members[value eq "a"]'},
        {"op": "Remove", "path": "members", "value": [{"value": "b", "$ref": None}]},
        {"op": "add", "value": {"members": [{"value": "c", "display": "C"}]}},
    ) == (RemoveMembers(("a", "b")), AddMembers(("c",)))


def test_the_filter_in_a_path_can_be_switched_off() -> None:
    body = {"operations": [{"op": "remove", "path": 'members[value eq "a"]'}]}
    with pytest.raises(ScimError):
        group_operations(body, replace(AWS, removes_members_by_filter=False))


@pytest.mark.parametrize("body", [{}, {"operations": {}}, {"operations": []}, {"operations": [[]]}])
def test_a_body_without_operations_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(ScimError):
        user_operations(body, AWS)


def test_the_schemas_have_to_name_the_message_when_they_are_given() -> None:
    operations = [{"op": "replace", "path": "title", "value": "Lead"}]
    schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"]
    with pytest.raises(ScimError):
        user_operations({"schemas": schemas, "operations": operations}, AWS)
