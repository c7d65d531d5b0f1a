"""Groups and memberships over HTTP, with the sentences that Graph refuses with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire

NEW = {"displayName": "Engineering", "mailEnabled": False, "mailNickname": "eng", "securityEnabled": True}
EXISTS = (
    400,
    "Request_BadRequest",
    "One or more added object references already exist for the following modified properties: 'members'.",
)


def ref(identifier: str) -> dict[str, str]:
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{identifier}"}


def bind(*identifiers: str) -> dict[str, list[str]]:
    return {"members@odata.bind": [ref(identifier)["@odata.id"] for identifier in identifiers]}


def members(wire: Wire, group: str) -> list[str]:
    return [member["id"] for member in wire.get(f"/groups/{group}/members?$select=id")["value"]]


def not_found(identifier: str) -> tuple[int, str, str]:
    return (
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present.",
    )


def test_a_new_group_is_shown_with_nulls_and_empty_lists(wire: Wire) -> None:
    response = wire.ask("POST", "/groups", json={**NEW, "description": "They build things"})
    body = response.json()
    assert response.status_code == 201
    assert (body["displayName"], body["description"], body["mail"]) == ("Engineering", "They build things", None)
    assert (body["groupTypes"], body["proxyAddresses"]) == ([], [])
    assert (body["securityEnabled"], body["mailEnabled"]) == (True, False)
    assert body["securityIdentifier"].startswith("S-1-12-1-")


def test_two_groups_may_have_the_same_name(wire: Wire) -> None:
    assert wire.group("Engineering") != wire.group("Engineering")


@pytest.mark.parametrize("name", list(NEW))
def test_a_required_property_that_is_missing_is_named(wire: Wire, name: str) -> None:
    body = {key: value for key, value in NEW.items() if key != name}
    assert wire.error("POST", "/groups", json=body) == (
        400,
        "Request_BadRequest",
        f"A value is required for property '{name}' of resource 'Group'.",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("displayName", "x" * 257),
        ("mailNickname", "with.dot"),
        ("mailNickname", "ü"),
        ("mailNickname", "x" * 65),
        ("securityEnabled", "true"),
        ("groupTypes", ["Odd"]),
        ("members", [1]),
    ],
)
def test_a_wrong_value_is_refused(wire: Wire, name: str, value: Any) -> None:
    status, code, message = wire.error("POST", "/groups", json={**NEW, name: value})
    assert (status, code) == (400, "Request_BadRequest")
    assert name in message


def test_groups_that_only_exchange_makes_are_refused(wire: Wire) -> None:
    assert wire.error("POST", "/groups", json={**NEW, "mailEnabled": True})[2] == (
        "Cannot Create a mail-enabled security groups and or distribution list."
    )
    unified = {**NEW, "mailEnabled": True, "groupTypes": ["Unified"]}
    assert wire.ask("POST", "/groups", json=unified).status_code == 201
    assert wire.error("POST", "/groups", json={**NEW, "groupTypes": ["Unified"]})[0] == 400


@pytest.mark.parametrize("extra", [{"groupTypes": ["DynamicMembership"]}, {"owners@odata.bind": ["x"]}])
def test_what_is_not_built_says_so(wire: Wire, extra: dict[str, Any]) -> None:
    refusal = (501, "NotImplemented", "This operation target is not yet supported.")
    assert wire.error("POST", "/groups", json={**NEW, **extra}) == refusal


def test_a_group_is_changed_and_deleted(wire: Wire) -> None:
    group = wire.group("Engineering")
    assert wire.ask("PATCH", f"/groups/{group}", json={"displayName": "Builders"}).status_code == 204
    assert wire.get(f"/groups/{group}?$select=displayName")["displayName"] == "Builders"
    assert wire.error("PATCH", f"/groups/{group}", json={"mailEnabled": True})[0] == 400
    assert wire.error("PATCH", f"/groups/{group}", json={"displayName": None})[0] == 400
    assert wire.ask("DELETE", f"/groups/{group}").status_code == 204
    for method in ("GET", "DELETE", "PATCH"):
        assert wire.error(method, f"/groups/{group}", json={}) == not_found(group)


def test_members_are_added_and_removed_by_reference(wire: Wire) -> None:
    group, anna = wire.group("Engineering"), wire.user("anna")
    response = wire.ask("POST", f"/groups/{group}/members/$ref", json=ref(anna))
    assert (response.status_code, response.content) == (204, b"")
    assert members(wire, group) == [anna]
    assert wire.error("POST", f"/groups/{group}/members/$ref", json=ref(anna)) == EXISTS
    response = wire.ask("DELETE", f"/groups/{group}/members/{anna}/$ref")
    assert (response.status_code, response.content) == (204, b"")
    assert members(wire, group) == []
    assert wire.error("DELETE", f"/groups/{group}/members/{anna}/$ref") == not_found(anna)


def test_references_to_what_is_not_there_are_404(wire: Wire) -> None:
    group, anna = wire.group("Engineering"), wire.user("anna")
    ghost = "00000000-0000-4000-8000-000000000000"
    assert wire.error("POST", f"/groups/{ghost}/members/$ref", json=ref(anna)) == not_found(ghost)
    assert wire.error("POST", f"/groups/{group}/members/$ref", json=ref(ghost)) == not_found(ghost)
    assert wire.error("DELETE", f"/groups/{group}/members/{ghost}/$ref") == not_found(ghost)
    wire.ask("DELETE", f"/users/{anna}")
    assert wire.error("POST", f"/groups/{group}/members/$ref", json=ref(anna)) == not_found(anna)


def test_a_group_in_a_group_is_a_member_and_its_members_are_transitive_ones(wire: Wire) -> None:
    outer, inner, anna, bert = wire.group("Outer"), wire.group("Inner"), wire.user("anna"), wire.user("bert")
    wire.add(outer, anna)
    wire.add(inner, bert)
    add = f"/groups/{outer}/members/$ref"
    assert wire.ask("POST", add, json=ref(inner)).status_code == 204
    assert wire.error("POST", add, json=ref(inner))[0] == 400
    assert wire.error("POST", add, json=ref(outer))[0] == 400
    assert members(wire, outer) == [anna, inner]
    kinds = [item["@odata.type"] for item in wire.get(f"/groups/{outer}/members")["value"]]
    assert kinds == ["#microsoft.graph.user", "#microsoft.graph.group"]
    users, groups = "microsoft.graph.user", "microsoft.graph.group"
    assert [each["id"] for each in wire.get(f"/groups/{outer}/members/{users}")["value"]] == [anna]
    assert [each["id"] for each in wire.get(f"/groups/{outer}/members/{groups}")["value"]] == [inner]
    assert [each["id"] for each in wire.get(f"/groups/{outer}/transitiveMembers/{users}")["value"]] == [anna, bert]
    assert wire.ask("DELETE", f"/groups/{outer}/members/{inner}/$ref").status_code == 204
    assert wire.error("DELETE", f"/groups/{outer}/members/{inner}/$ref")[0] == 404
    assert members(wire, outer) == [anna]


def test_groups_in_a_group_come_on_the_last_page(wire: Wire) -> None:
    outer = wire.group("Outer")
    users, groups = [wire.user(name) for name in ("anna", "bert")], [wire.group(name) for name in ("One", "Two")]
    for member in (*groups, *users):
        wire.ask("POST", f"/groups/{outer}/members/$ref", json=ref(member))
    page = wire.get(f"/groups/{outer}/members?$select=id&$top=3")
    assert [each["id"] for each in page["value"]] == users
    rest = wire.ask("GET", page["@odata.nextLink"]).json()
    assert [each["id"] for each in rest["value"]] == groups
    assert "@odata.nextLink" not in rest


def test_without_ref_it_is_the_member_that_is_deleted(wire: Wire) -> None:
    group, anna, bert = wire.group("Engineering"), wire.user("anna"), wire.user("bert")
    wire.add(group, anna)
    assert wire.error("DELETE", f"/groups/{group}/members/{bert}") == not_found(bert)
    assert wire.ask("DELETE", f"/groups/{group}/members/{anna}").status_code == 204
    assert wire.error("GET", f"/users/{anna}")[0] == 404
    assert wire.get("/directory/deletedItems/microsoft.graph.user?$select=id")["value"] == [{"id": anna}]


def test_members_are_bound_on_creation_all_or_none(wire: Wire) -> None:
    anna, bert = wire.user("anna"), wire.user("bert")
    assert sorted(members(wire, wire.group("Engineering", **bind(anna, bert)))) == sorted([anna, bert])
    status, code, message = wire.error("POST", "/groups", json={**NEW, **bind(anna, anna)})
    assert (status, code) == (400, "Request_BadRequest")
    assert message.endswith("can only be present once as an add/remove change.")
    ghost = "00000000-0000-4000-8000-000000000000"
    assert wire.error("POST", "/groups", json={**NEW, **bind(anna, ghost)}) == not_found(ghost)
    assert len(wire.directory.groups) == 1


def test_a_change_that_binds_members_does_all_of_it_or_nothing(wire: Wire) -> None:
    group, anna, bert = wire.group("Engineering"), wire.user("anna"), wire.user("bert")
    wire.add(group, anna)
    before = wire.services.trace.digest()
    assert wire.error("PATCH", f"/groups/{group}", json={"displayName": "New", **bind(bert, anna)}) == EXISTS
    assert wire.services.trace.digest() == before
    assert wire.ask("PATCH", f"/groups/{group}", json={"displayName": "New", **bind(bert)}).status_code == 204
    assert wire.get(f"/groups/{group}?$select=displayName")["displayName"] == "New"
    assert sorted(members(wire, group)) == sorted([anna, bert])


def test_more_than_twenty_members_cannot_be_bound_at_once(wire: Wire) -> None:
    group = wire.group("Engineering")
    assert wire.error("PATCH", f"/groups/{group}", json=bind(*["x"] * 21))[0] == 400
    assert wire.gate.commands[-1][0] == "graph.group.create"


def test_members_are_shown_with_their_type_in_pages_and_casts(crowd: Wire) -> None:
    group = crowd.group("Everybody")
    for row in range(150):
        crowd.directory.add_member(0, row)
    first, second = crowd.pages(f"/groups/{group}/members?$select=id,displayName")
    assert (len(first["value"]), len(second["value"])) == (100, 50)
    assert first["value"][0] == {
        "@odata.type": "#microsoft.graph.user",
        "id": crowd.directory.user_id(0),
        "displayName": "Person 0",
    }
    assert first["@odata.context"] == "http://graph.test/v1.0/$metadata#directoryObjects(id,displayName)"
    pages = crowd.pages(f"/groups/{group}/transitiveMembers/microsoft.graph.user?$top=999&$select=id")
    assert pages[0]["@odata.context"] == "http://graph.test/v1.0/$metadata#users(id)"
    assert len(pages[0]["value"]) == 150
    assert crowd.get(f"/groups/{group}/members/graph.group")["value"] == []
    assert crowd.advanced(f"/groups/{group}/members?$top=1")["@odata.count"] == 150
    count = crowd.ask("GET", f"/groups/{group}/members/$count", headers={"ConsistencyLevel": "eventual"})
    assert (count.text, count.headers["content-type"]) == ("150", "text/plain; charset=utf-8")


def test_a_member_in_the_recycle_bin_is_not_shown(wire: Wire) -> None:
    group, anna = wire.group("Engineering"), wire.user("anna")
    wire.add(group, anna)
    wire.ask("DELETE", f"/users/{anna}")
    assert members(wire, group) == []
    wire.ask("POST", f"/directory/deletedItems/{anna}/restore")
    assert members(wire, group) == [anna]


def test_groups_are_listed_filtered_and_sorted(wire: Wire) -> None:
    for name in ("Beta", "Alpha", "Gamma"):
        wire.group(name)
    wire.group("Team", mailEnabled=True, groupTypes=["Unified"])
    names = [group["displayName"] for group in wire.get("/groups?$orderby=displayName&$select=displayName")["value"]]
    assert names == ["Alpha", "Beta", "Gamma", "Team"]
    for query, found in (
        ("displayName eq 'alpha'", ["Alpha"]),
        ("startswith(displayName,'g') or displayName in ('Beta')", ["Beta", "Gamma"]),
        ("groupTypes/any(c:c eq 'Unified')", ["Team"]),
        ("mailEnabled eq true and securityEnabled eq true", ["Team"]),
    ):
        assert [g["displayName"] for g in wire.get(f"/groups?$filter={query}")["value"]] == found
    count = wire.ask("GET", "/groups/$count?$filter=mailEnabled eq false", headers={"ConsistencyLevel": "eventual"})
    assert count.text == "3"
