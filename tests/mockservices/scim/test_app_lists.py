from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockservices.scim.operations import ENTERPRISE

if TYPE_CHECKING:
    from tests.mockservices.scim.conftest import Wire

UNPARSABLE = "Request is unparsable, syntactically incorrect, or violates schema."
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def names(body: dict[str, list[dict[str, str]]]) -> list[str]:
    return [resource.get("userName", resource["displayName"]).partition("@")[0] for resource in body["Resources"]]


def test_nobody_found_is_200_with_an_empty_list(wire: Wire) -> None:
    answer = wire.get("/Users", filter='userName eq "3f0b5d52-5f6a-4d8e-9d0e-6b4a8f6f1f11"')
    assert answer.status_code == 200
    assert answer.json() == {
        "totalResults": 0,
        "itemsPerPage": 0,
        "startIndex": 1,
        "schemas": [LIST],
        "Resources": [],
    }


def test_a_user_in_a_list_is_the_user_that_get_shows(wire: Wire) -> None:
    user = wire.user("ann", title="Lead")
    listed = wire.get("/Users", filter='userName eq "ann@contoso.example"').json()
    assert listed["Resources"] == [wire.get(f"/Users/{user.id}").json()]
    assert (listed["totalResults"], listed["itemsPerPage"], listed["startIndex"]) == (1, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ANN@Contoso.example"',
        'USERNAME EQ "ann@contoso.example"',
        '(userName eq "ann@contoso.example")',
        'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann@contoso.example"',
        'externalId eq "e-ann"',
        'id eq "{ann}"',
        'id eq "{ann}" and manager eq "{bob}"',
        'manager eq "{bob}" and id eq "{ann}"',
        'id eq "{ann}" and manager.value eq "{bob}"',
        f'id eq "{{ann}}" and {ENTERPRISE}:manager eq "{{bob}}"',
    ],
)
def test_a_user_is_found_by_every_filter_that_aws_takes(wire: Wire, text: str) -> None:
    bob = wire.user("bob")
    ann = wire.user("ann", **{"externalId": "e-ann", f"{ENTERPRISE}:manager": bob.id})
    answer = wire.get("/Users", filter=text.replace("{ann}", ann.id).replace("{bob}", bob.id))
    assert names(answer.json()) == ["ann"]


@pytest.mark.parametrize(
    "text",
    ['externalId eq "E-ANN"', 'id eq "{bob}" and manager eq "{ann}"', 'id eq "nobody"', 'groups.value eq "none"'],
)
def test_a_filter_that_nobody_matches_finds_nobody(wire: Wire, text: str) -> None:
    ann, bob = wire.user("ann", externalId="e-ann"), wire.user("bob")
    answer = wire.get("/Users", filter=text.replace("{ann}", ann.id).replace("{bob}", bob.id))
    assert (answer.status_code, answer.json()["totalResults"]) == (200, 0)


@pytest.mark.parametrize("kind", ["/Users", "/Groups"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "userName",
        "userName pr",
        'userName sw "a"',
        'userName ne "a"',
        'userName eq "a" or userName eq "b"',
        'not (userName eq "a")',
        'userName eq ""',
        "userName eq true",
        'displayName eq "a" and externalId eq "b"',
        'title eq "a"',
        'emails[type eq "work"]',
        'emails.value eq "a"',
        'id eq "a" and id eq "b"',
        'id eq "a" and active eq true',
        'manager eq "a"',
        'members eq ""',
        'member eq "a"',
        'id eq "a" and members eq ""',
        'groups.value eq "a" and userName eq "b"',
        "userName eq 'a'",
    ],
)
def test_a_filter_that_aws_does_not_take_is_refused(wire: Wire, kind: str, text: str) -> None:
    answer = wire.get(kind, filter=text)
    assert (answer.status_code, answer.json()["detail"]) == (400, UNPARSABLE)


def test_the_users_of_a_group_are_found_through_it(wire: Wire) -> None:
    ann, bob = wire.user("ann"), wire.user("bob")
    wire.user("cid")
    group = wire.group("GRP-Dev", bob, ann)
    answer = wire.get("/Users", filter=f'groups.value eq "{group.id}"')
    assert names(answer.json()) == ["ann", "bob"]
    wire.send("DELETE", f"/Groups/{group.id}")
    assert wire.get("/Users", filter=f'groups.value eq "{group.id}"').json()["Resources"] == []


@pytest.mark.parametrize(
    "text",
    [
        'displayName eq "grp-dev"',
        'externalId eq "e1"',
        'id eq "{group}"',
        'members.value eq "{ann}"',
        'id eq "{group}" and member eq "{ann}"',
        'members eq "{ann}" and id eq "{group}"',
        'id eq "{group}" and members.value eq "{ann}"',
    ],
)
def test_a_group_is_found_by_every_filter_that_aws_takes(wire: Wire, text: str) -> None:
    ann = wire.user("ann")
    group = wire.services.provider.create_group({"displayName": "GRP-Dev", "externalId": "e1"}, [ann.id])
    wire.group("GRP-Ops")
    answer = wire.get(
        "/Groups", excludedAttributes="members", filter=text.replace("{ann}", ann.id).replace("{group}", group.id)
    )
    assert names(answer.json()) == ["GRP-Dev"]
    assert answer.json()["Resources"][0]["members"] == []


@pytest.mark.parametrize("text", ['id eq "{group}" and members eq "{bob}"', 'displayName eq "x"', 'id eq "x"'])
def test_a_group_filter_without_a_match_finds_nothing(wire: Wire, text: str) -> None:
    bob = wire.user("bob")
    group = wire.group("GRP-Dev", wire.user("ann"))
    answer = wire.get("/Groups", filter=text.replace("{bob}", bob.id).replace("{group}", group.id))
    assert (answer.status_code, answer.json()["totalResults"]) == (200, 0)


@pytest.mark.parametrize("text", ['members.value eq "nobody"', 'id eq "{group}" and members eq "nobody"'])
def test_groups_of_an_unknown_member_are_a_404(wire: Wire, text: str) -> None:
    group = wire.group()
    answer = wire.get("/Groups", filter=text.replace("{group}", group.id))
    assert (answer.status_code, answer.json()["detail"]) == (404, "USER does not exist.")


# --- pages ---------------------------------------------------------------------------------------------------


def test_without_a_cursor_there_is_one_page_of_100_and_no_way_on(wire: Wire) -> None:
    for number in range(103):
        wire.user(f"u{number:03}")
    body = wire.get("/Users").json()
    assert (body["totalResults"], body["itemsPerPage"], len(body["Resources"])) == (103, 100, 100)
    assert "nextCursor" not in body
    assert names(wire.get("/Users", startIndex="101").json())[0] == "u000"


def test_cursors_lead_through_all_users_and_the_last_page_names_no_next(wire: Wire) -> None:
    for number in range(7):
        wire.user(f"u{number}")
    wire.send("DELETE", f"/Users/{wire.services.provider.user_id(3)}")
    seen, cursor, pages = [], "", 0
    while True:
        body = wire.get("/Users", count="2", cursor=cursor).json()
        assert not {"totalResults", "startIndex"} & set(body)
        assert body["itemsPerPage"] == len(body["Resources"])
        seen += names(body)
        pages += 1
        if "nextCursor" not in body:
            break
        cursor = body["nextCursor"]
    assert (seen, pages) == (["u0", "u1", "u2", "u4", "u5", "u6"], 3)


def test_a_cursor_parameter_without_a_value_asks_for_the_first_page(wire: Wire) -> None:
    wire.user("ann")
    answer = wire.send("GET", "/Users?cursor")
    assert list(answer.json()) == ["itemsPerPage", "schemas", "Resources"]


def test_a_cursor_keeps_its_place_when_users_come_and_go(wire: Wire) -> None:
    users = [wire.user(f"u{number}") for number in range(4)]
    body = wire.get("/Users", count="2", cursor="").json()
    wire.send("DELETE", f"/Users/{users[0].id}")
    wire.send("DELETE", f"/Users/{users[2].id}")
    wire.user("u4")
    assert names(wire.get("/Users", count="2", cursor=body["nextCursor"]).json()) == ["u3", "u4"]


def test_the_members_of_a_group_and_the_groups_come_in_pages_too(wire: Wire) -> None:
    users = [wire.user(f"u{number}") for number in range(3)]
    group = wire.group("GRP-A", *users)
    wire.group("GRP-B")
    text = f'groups.value eq "{group.id}"'
    first = wire.get("/Users", filter=text, count="2", cursor="").json()
    assert names(wire.get("/Users", filter=text, count="2", cursor=first["nextCursor"]).json()) == ["u2"]
    first = wire.get("/Groups", count="1", cursor="").json()
    second = wire.get("/Groups", count="1", cursor=first["nextCursor"]).json()
    assert names(first) + names(second) == ["GRP-A", "GRP-B"]
    assert "nextCursor" not in second


@pytest.mark.parametrize("count", ["0", "101", "-1", "x", "", "1.5", "٣"])
def test_a_count_outside_1_to_100_is_refused(wire: Wire, count: str) -> None:
    assert wire.get("/Users", count=count).status_code == 400


@pytest.mark.parametrize("cursor", ["!", "abc", "VXNlcnM6eA==", "R3JvdXBzOjE=", "é"])
def test_a_cursor_that_this_list_did_not_give_is_refused(wire: Wire, cursor: str) -> None:
    assert wire.get("/Users", cursor=cursor).status_code == 400
