from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockservices.clock import Millis

if TYPE_CHECKING:
    from tests.mockservices.scim.conftest import Wire

UNPARSABLE = "Request is unparsable, syntactically incorrect, or violates schema."
REPLACING = "Replacing group memberships is not supported."
CORE = "urn:ietf:params:scim:schemas:core:2.0:Group"


def member(identifier: str) -> dict[str, str]:
    return {"value": identifier}


def test_a_created_group_comes_back_without_the_key_members(wire: Wire) -> None:
    ann = wire.user("ann")
    answer = wire.post(
        "/Groups",
        {
            "schemas": [CORE],
            "externalId": "a1",
            "displayName": "GRP-Dev",
            "members": [{"value": ann.id, "$ref": f"../Users/{ann.id}", "type": "User"}],
        },
    )
    assert answer.status_code == 201
    body = answer.json()
    assert list(body) == ["id", "externalId", "meta", "schemas", "displayName"]
    assert wire.services.provider.members(0) == [ann.row]


def test_get_shows_a_group_with_no_members_whoever_is_in_it(wire: Wire) -> None:
    group = wire.group("GRP-Dev", wire.user("ann"))
    answer = wire.get(f"/Groups/{group.id}", excludedAttributes="members")
    assert answer.status_code == 200
    assert answer.json() == {
        "id": group.id,
        "meta": {
            "resourceType": "Group",
            "created": "2026-03-02T08:00:00Z",
            "lastModified": "2026-03-02T08:00:00Z",
        },
        "schemas": [CORE],
        "displayName": "GRP-Dev",
        "members": [],
    }


@pytest.mark.parametrize(
    "body",
    [
        {"externalId": "a1"},
        {"displayName": ""},
        {"displayName": "Administrator"},
        {"displayName": "a" * 1025},
        {"displayName": "a", "description": "b"},
        {"displayName": "a", "externalId": "urn:a"},
        {"displayName": "a", "members": "x"},
        {"displayName": "a", "members": [{"value": ""}]},
        {"displayName": "a", "members": [{"display": "x"}]},
        {"displayName": "a", "members": [{"value": "g", "type": "Group"}]},
        {"displayName": "a", "members": [{"value": str(i)} for i in range(101)]},
        {"displayName": 1},
    ],
)
def test_a_group_that_aws_would_not_store_is_refused(wire: Wire, body: dict[str, object]) -> None:
    answer = wire.post("/Groups", body)
    assert (answer.status_code, answer.json()["detail"]) == (400, UNPARSABLE)
    assert wire.services.provider.groups == []


@pytest.mark.parametrize("body", [{"displayName": "grp-dev"}, {"displayName": "b", "externalId": "e1"}])
def test_a_second_group_of_the_same_name_or_external_id_is_a_duplicate(wire: Wire, body: dict[str, str]) -> None:
    wire.services.provider.create_group({"displayName": "GRP-Dev", "externalId": "e1"})
    before = wire.state()
    answer = wire.post("/Groups", body)
    assert (answer.status_code, answer.json()["detail"]) == (409, "Refused to create a new, duplicate resource.")
    assert wire.state() == before


def test_a_group_with_a_member_that_does_not_exist_is_not_created(wire: Wire) -> None:
    before = wire.state()
    answer = wire.post("/Groups", {"displayName": "a", "members": [member("nobody")]})
    assert (answer.status_code, answer.json()["detail"]) == (404, "USER does not exist.")
    assert wire.state() == before


def test_members_are_added_and_removed_with_204_and_no_body(wire: Wire) -> None:
    ann, bob = wire.user("ann"), wire.user("bob")
    group = wire.group()
    wire.services.clock.now = Millis(5_000)
    added = wire.patch(
        f"/Groups/{group.id}", {"op": "add", "path": "members", "value": [member(ann.id), member(bob.id)]}
    )
    assert (added.status_code, added.content) == (204, b"")
    assert wire.services.provider.members(0) == [ann.row, bob.row]
    assert wire.get(f"/Groups/{group.id}").json()["meta"]["lastModified"] == "2026-03-02T08:00:05Z"
    removed = wire.patch(f"/Groups/{group.id}", {"op": "remove", "path": "members", "value": [member(ann.id)]})
    assert removed.status_code == 204
    assert wire.services.provider.members(0) == [bob.row]


def test_a_member_is_removed_by_a_filter_in_the_path(wire: Wire) -> None:
    ann, bob = wire.user("ann"), wire.user("bob")
    group = wire.group("GRP-Dev", ann, bob)
    answer = wire.patch(f"/Groups/{group.id}", {"op": "remove", "path": f'members[value eq "{ann.id}"]'})
    assert answer.status_code == 204
    assert wire.services.provider.members(0) == [bob.row]


def test_adding_a_member_twice_or_removing_a_stranger_changes_nothing(wire: Wire) -> None:
    ann, bob = wire.user("ann"), wire.user("bob")
    group = wire.group("GRP-Dev", ann)
    before = wire.state()
    again = wire.patch(f"/Groups/{group.id}", {"op": "Add", "path": "members", "value": [member(ann.id)]})
    stranger = wire.patch(f"/Groups/{group.id}", {"op": "Remove", "path": "members", "value": [member(bob.id)]})
    assert (again.status_code, stranger.status_code) == (204, 204)
    assert wire.state() == before


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "members", "value": []},
        {"op": "replace", "path": "members", "value": [{"value": "x"}]},
        {"op": "replace", "path": "members", "value": [{"value": ""}]},
        {"op": "replace", "value": {"members": []}},
        {"op": "remove", "path": "members"},
        {"op": "remove", "path": "members", "value": []},
        {"op": "remove", "path": "members", "value": None},
    ],
)
def test_replacing_or_removing_all_members_is_refused_in_awss_words(wire: Wire, operation: dict[str, object]) -> None:
    group = wire.group("GRP-Dev", wire.user("ann"))
    before = wire.state()
    answer = wire.patch(f"/Groups/{group.id}", operation)
    assert (answer.status_code, answer.json()["detail"]) == (400, REPLACING)
    assert wire.state() == before


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "remove", "value": [{"value": "x"}]}],
        [{"op": "remove", "path": "displayName"}],
        [{"op": "remove", "path": "externalId"}],
        [{"op": "replace", "path": "description", "value": "x"}],
        [{"op": "replace", "path": "displayName", "value": ""}],
        [{"op": "replace", "path": "displayName", "value": None}],
        [{"op": "replace", "path": "displayName", "value": "AWSAdministrators"}],
        [{"op": "add", "path": "members", "value": [{"value": ""}]}],
        [{"op": "add", "path": "members", "value": ["x"]}],
        [{"op": "add", "path": 'members[value eq "x"]', "value": [{"value": "x"}]}],
        [{"op": "remove", "path": 'members[display eq "x"]'}],
        [{"op": "remove", "path": 'members[value sw "x"]'}],
        [{"op": "add", "path": "members", "value": [{"value": str(i)} for i in range(101)]}],
        [
            {"op": "add", "path": "members", "value": [{"value": str(i)} for i in range(60)]},
            {"op": "remove", "path": "members", "value": [{"value": str(i)} for i in range(41)]},
        ],
        [
            {"op": "replace", "path": "displayName", "value": "GRP-Ops"},
            {"op": "remove", "path": "externalId"},
        ],
    ],
)
def test_a_refused_patch_of_a_group_leaves_everything_as_it_was(wire: Wire, operations: list[object]) -> None:
    group = wire.group("GRP-Dev", wire.user("ann"))
    before = wire.state()
    wire.services.clock.now = Millis(60_000)
    answer = wire.patch(f"/Groups/{group.id}", *operations)
    assert (answer.status_code, answer.json()["detail"]) == (400, UNPARSABLE)
    assert wire.state() == before


def test_several_attributes_of_a_group_without_a_path_are_refused(wire: Wire) -> None:
    group = wire.group()
    value = {"displayName": "GRP-Ops", "externalId": "e"}
    answer = wire.patch(f"/Groups/{group.id}", {"op": "replace", "value": value})
    assert answer.json()["detail"].startswith('Current PATCH support allows omitting "path"')


def test_a_patch_with_an_unknown_member_changes_nothing_at_all(wire: Wire) -> None:
    ann = wire.user("ann")
    group = wire.group()
    before = wire.state()
    answer = wire.patch(
        f"/Groups/{group.id}",
        {"op": "replace", "path": "displayName", "value": "GRP-Ops"},
        {"op": "add", "path": "members", "value": [member(ann.id), member("nobody")]},
    )
    assert (answer.status_code, answer.json()["detail"]) == (404, "USER does not exist.")
    assert wire.state() == before


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "replace", "value": {"id": "repeated", "displayName": "GRP-Ops"}}],
        [{"op": "Replace", "path": "displayName", "value": "GRP-Ops"}],
    ],
    ids=["AWS's sample", "Entra"],
)
def test_a_group_is_renamed_with_or_without_a_path(wire: Wire, operations: list[object]) -> None:
    group = wire.group()
    assert wire.patch(f"/Groups/{group.id}", *operations).status_code == 204
    assert group.attributes["displayName"] == "GRP-Ops"
    assert wire.services.provider.group_by("displayName", "grp-ops") is group
    assert wire.services.provider.group_by("displayName", "GRP-Dev") is None


def test_a_rename_onto_another_group_is_a_duplicate(wire: Wire) -> None:
    group = wire.group("GRP-Dev")
    wire.group("GRP-Ops")
    before = wire.state()
    answer = wire.patch(f"/Groups/{group.id}", {"op": "replace", "path": "displayName", "value": "grp-ops"})
    assert answer.status_code == 409
    assert wire.state() == before


def test_a_deleted_group_is_gone_with_its_memberships(wire: Wire) -> None:
    ann = wire.user("ann")
    group = wire.group("GRP-Dev", ann)
    assert wire.send("DELETE", f"/Groups/{group.id}").status_code == 204
    assert ann.groups == ()
    for answer in (
        wire.get(f"/Groups/{group.id}"),
        wire.send("DELETE", f"/Groups/{group.id}"),
        wire.patch(f"/Groups/{group.id}", {"op": "replace", "path": "displayName", "value": "x"}),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (404, "GROUP does not exist.")


def test_put_is_no_operation_on_groups(wire: Wire) -> None:
    group = wire.group()
    before = wire.state()
    answer = wire.send("PUT", f"/Groups/{group.id}", {"displayName": "GRP-Ops"})
    assert (answer.status_code, answer.json()["status"]) == (501, "501")
    assert wire.state() == before
