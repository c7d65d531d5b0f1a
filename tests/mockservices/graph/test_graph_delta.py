"""Delta queries: a reader who applies every page to an empty mirror holds the directory's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockservices.clock import Millis
from mockservices.graph.delta import delta_groups, delta_users, read_group_item, read_user_item
from mockservices.graph.directory import DELETED, LIVE, Directory
from mockservices.graph.links import LIFETIME

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Opener, Wire

USER_NAMES = "displayName,jobTitle,accountEnabled,userPrincipalName"
SMALL = "odata.maxpagesize=2"


def reading(wire: Wire, path: str, prefer: str = "") -> tuple[list[dict[str, Any]], str]:
    """All items from a link on, and the delta link at the end."""
    pages = wire.pages(path, Prefer=prefer)
    return [item for page in pages for item in page["value"]], pages[-1]["@odata.deltaLink"]


def token(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


# --- users -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()"])
def test_a_delta_query_has_four_names(wire: Wire, name: str) -> None:
    assert wire.get(f"/users/{name}")["value"] == []
    assert wire.get(f"/groups/{name}")["value"] == []


def test_the_first_round_shows_everybody_live_with_what_is_set(wire: Wire) -> None:
    anna, bert = wire.user("anna", jobTitle="Engineer"), wire.user("bert")
    wire.ask("DELETE", f"/users/{bert}")
    page = wire.get(f"/users/delta?$select={USER_NAMES}")
    assert page["@odata.context"] == f"http://graph.test/v1.0/$metadata#users({USER_NAMES})"
    assert page["value"] == [
        {
            "id": anna,
            "displayName": "Anna",
            "jobTitle": "Engineer",
            "accountEnabled": True,
            "userPrincipalName": "anna@contoso.example",
        }
    ]


def test_the_next_round_shows_what_changed_and_nothing_else(wire: Wire) -> None:
    anna, bert, carl = (wire.user(name) for name in ("anna", "bert", "carl"))
    _, link = reading(wire, f"/users/delta?$select={USER_NAMES}")
    assert reading(wire, link)[0] == []
    wire.ask("PATCH", f"/users/{bert}", json={"jobTitle": "Buyer"})
    wire.ask("PATCH", f"/users/{bert}", json={"accountEnabled": False})
    wire.ask("DELETE", f"/users/{carl}")
    items, link = reading(wire, link)
    assert items == [
        {
            "id": bert,
            "displayName": "Bert",
            "jobTitle": "Buyer",
            "accountEnabled": False,
            "userPrincipalName": "bert@contoso.example",
        },
        {"id": carl, "@removed": {"reason": "changed"}},
    ]
    wire.ask("PATCH", f"/users/{bert}", json={"jobTitle": None})
    wire.ask("DELETE", f"/directory/deletedItems/{carl}")
    items, _ = reading(wire, link)
    assert items[0]["jobTitle"] is None  # a property that was reset is null, one that never was set is left out
    assert items[1] == {"id": carl, "@removed": {"reason": "deleted"}}
    assert anna not in str(items)


def test_an_old_link_can_be_followed_again_with_the_same_result(wire: Wire) -> None:
    wire.user("anna")
    _, link = reading(wire, "/users/delta")
    wire.user("bert")
    assert reading(wire, link)[0] == reading(wire, link)[0] != []


def test_latest_gives_a_link_and_nobody(wire: Wire) -> None:
    wire.user("anna")
    page = wire.get(f"/users/delta?$select={USER_NAMES}&$deltaToken=latest")
    assert page["value"] == []
    bert = wire.user("bert")
    assert [item["id"] for item in reading(wire, page["@odata.deltaLink"])[0]] == [bert]


def test_the_token_carries_the_options(wire: Wire) -> None:
    wire.user("anna", jobTitle="Engineer")
    wire.user("bert")
    page = wire.get("/users/delta?$select=jobTitle", Prefer="odata.maxpagesize=1")
    assert set(token(page["@odata.nextLink"])) == {"$skiptoken"}
    items, link = reading(wire, page["@odata.nextLink"])
    assert set(token(link)) == {"$deltatoken"}
    wire.ask("PATCH", "/users/anna@contoso.example", json={"jobTitle": "Buyer"})
    assert set(reading(wire, link)[0][0]) == {"id", "jobTitle"}
    again = reading(wire, f"{link}&$select=displayName")[0]
    assert set(again[0]) == {"id", "displayName"}  # other properties may be asked for on the way
    assert len(items) == 1


def test_a_reading_can_be_limited_to_some_ids(wire: Wire) -> None:
    anna, bert, carl = (wire.user(name) for name in ("anna", "bert", "carl"))
    items, link = reading(wire, f"/users/delta?$filter=id eq '{anna}' or id eq '{carl}'")
    assert [item["id"] for item in items] == [anna, carl]
    for user in (bert, carl):
        wire.ask("PATCH", f"/users/{user}", json={"jobTitle": "Buyer"})
    assert [item["id"] for item in reading(wire, link)[0]] == [carl]
    for text in ("displayName eq 'x'", "id ne 'x'", " or ".join(["id eq 'x'"] * 51)):
        assert wire.error("GET", f"/users/delta?$filter={text}")[:2] == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize("option", ["$top=5", "$expand=manager", "$orderby=displayName", "$count=true"])
def test_other_options_are_refused(wire: Wire, option: str) -> None:
    assert wire.error("GET", f"/users/delta?{option}")[:2] == (400, "Request_BadRequest")


def ref(identifier: str) -> dict[str, str]:
    return {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{identifier}"}


def test_a_manager_is_tracked_where_it_is_selected(wire: Wire) -> None:
    """A live one; who is in the recycle bin is nobody's manager."""
    anna, bert = wire.user("anna"), wire.user("bert")
    _, link = reading(wire, "/users/delta?$select=id,manager")
    wire.ask("PUT", f"/users/{anna}/manager/$ref", json=ref(bert))
    items, link = reading(wire, link)
    assert items == [{"id": anna, "manager@delta": [{"@odata.type": "#microsoft.graph.user", "id": bert}]}]
    wire.ask("DELETE", f"/users/{bert}")
    wire.ask("PATCH", f"/users/{anna}", json={"jobTitle": "Lead"})
    assert reading(wire, link)[0] == [{"id": bert, "@removed": {"reason": "changed"}}, {"id": anna}]
    assert "manager@delta" not in reading(wire, "/users/delta")[0][0]


def test_a_group_in_a_group_is_told_of_as_a_group(wire: Wire) -> None:
    """https://learn.microsoft.com/en-us/graph/delta-query-groups"""
    outer, inner, anna = wire.group("Outer"), wire.group("Inner"), wire.user("anna")
    wire.add(outer, anna)
    wire.ask("POST", f"/groups/{outer}/members/$ref", json=ref(inner))
    items, link = reading(wire, "/groups/delta?$select=id,members")
    (told,) = [item["members@delta"] for item in items if item["id"] == outer]
    group = {"@odata.type": "#microsoft.graph.group", "id": inner}
    assert told == [{"@odata.type": "#microsoft.graph.user", "id": anna}, group]
    wire.ask("DELETE", f"/groups/{outer}/members/{inner}/$ref")
    assert reading(wire, link)[0] == [{"id": outer, "members@delta": [{**group, "@removed": {"reason": "deleted"}}]}]


def test_a_token_is_good_for_seven_simulated_days(wire: Wire) -> None:
    _, link = reading(wire, "/users/delta")
    wire.services.clock.now = LIFETIME
    assert reading(wire, link)[0] == []
    wire.services.clock.now = Millis(LIFETIME + 1)
    response = wire.ask("GET", link)
    assert (response.status_code, response.json()["error"]["code"]) == (410, "syncStateNotFound")
    assert response.headers["location"] == "http://graph.test/v1.0/users/delta?$deltatoken="
    anna = wire.user("anna")
    assert [item["id"] for item in reading(wire, response.headers["location"])[0]] == [anna]


def test_the_worlds_own_job_keeps_its_watermark_as_long_as_it_likes(wire: Wire) -> None:
    _, link = reading(wire, "/users/delta")
    wire.services.clock.now = Millis(10 * LIFETIME)
    assert wire.ask("GET", link, headers={"x-jmlab-job": wire.gate.job_key}).status_code == 200


@pytest.mark.parametrize("option", ["$deltatoken", "$skiptoken"])
@pytest.mark.parametrize("text", ["garbage", "e30", "!"])
def test_a_token_that_is_none_is_refused(wire: Wire, option: str, text: str) -> None:
    assert wire.error("GET", f"/users/delta?{option}={text}")[:2] == (400, "syncStateNotFound")


def test_a_token_of_another_list_world_or_kind_is_refused(wires: Opener, wire: Wire) -> None:
    _, link = reading(wire, "/users/delta")
    delta = token(link)["$deltatoken"]
    assert wire.error("GET", f"/groups/delta?$deltatoken={delta}")[0] == 400
    assert wire.error("GET", f"/users/delta?$skiptoken={delta}")[0] == 400
    for name in ("anna", "bert"):
        wire.user(name)
    _, late = reading(wire, "/users/delta")
    page = wire.get("/users/delta", Prefer="odata.maxpagesize=1")
    with wires() as younger:  # the same tenant before anything happened: those positions are still to come
        assert younger.error("GET", late)[0] == 400
        assert younger.error("GET", page["@odata.nextLink"])[0] == 400


def test_an_enumeration_makes_no_objects(crowd: Wire) -> None:
    items, _ = reading(crowd, "/users/delta?$select=displayName")
    assert (len(items), crowd.directory._users) == (250, {})
    assert len(crowd.get("/users/delta")["value"]) == 200


# --- groups ----------------------------------------------------------------------------------------------------


def test_groups_come_with_their_members(wire: Wire) -> None:
    anna, bert = wire.user("anna"), wire.user("bert")
    full, empty = wire.group("Full"), wire.group("Empty")
    wire.add(full, anna, bert)
    items, _ = reading(wire, "/groups/delta?$select=displayName,members")
    assert items == [
        {
            "id": full,
            "displayName": "Full",
            "members@delta": [
                {"@odata.type": "#microsoft.graph.user", "id": anna},
                {"@odata.type": "#microsoft.graph.user", "id": bert},
            ],
        },
        {"id": empty, "displayName": "Empty"},
    ]
    assert "members@delta" in wire.get("/groups/delta")["value"][0]
    assert "members@delta" not in wire.get("/groups/delta?$select=displayName")["value"][0]


def test_a_membership_that_ended_is_marked_removed(wire: Wire) -> None:
    anna, bert, carl = (wire.user(name) for name in ("anna", "bert", "carl"))
    group = wire.group("Engineering")
    wire.add(group, anna, bert)
    _, link = reading(wire, "/groups/delta?$select=displayName,members")
    _, plain = reading(wire, "/groups/delta?$select=displayName")
    wire.add(group, carl)
    wire.ask("DELETE", f"/groups/{group}/members/{anna}/$ref")
    wire.ask("DELETE", f"/users/{bert}")
    items, _ = reading(wire, link)
    removed = {"@removed": {"reason": "deleted"}}
    assert items == [
        {
            "id": group,
            "displayName": "Engineering",
            "members@delta": [
                {"@odata.type": "#microsoft.graph.user", "id": carl},
                {"@odata.type": "#microsoft.graph.user", "id": anna, **removed},
                {"@odata.type": "#microsoft.graph.user", "id": bert, **removed},
            ],
        }
    ]
    assert reading(wire, plain)[0] == []  # who has not asked for members is told of none
    response = wire.ask("GET", link, headers={"Prefer": "return=minimal"})
    assert response.headers["preference-applied"] == "return=minimal"
    assert set(response.json()["value"][0]) == {"id", "members@delta"}


def test_a_deleted_group_is_removed_and_a_restored_one_brings_its_members(wire: Wire) -> None:
    anna, group = wire.user("anna"), wire.group("Engineering")
    wire.add(group, anna)
    _, link = reading(wire, "/groups/delta")
    wire.ask("DELETE", f"/groups/{group}")
    items, link = reading(wire, link)
    assert items == [{"id": group, "@removed": {"reason": "changed"}}]
    wire.ask("POST", f"/directory/deletedItems/{group}/restore")
    items, link = reading(wire, link)
    assert [member["id"] for member in items[0]["members@delta"]] == [anna]
    wire.ask("DELETE", f"/groups/{group}")
    wire.ask("DELETE", f"/directory/deletedItems/{group}")
    assert reading(wire, link)[0] == [{"id": group, "@removed": {"reason": "deleted"}}]


def test_the_memberships_of_a_restored_user_are_not_sent_again(wire: Wire) -> None:
    anna, group = wire.user("anna"), wire.group("Engineering")
    wire.add(group, anna)
    wire.ask("DELETE", f"/users/{anna}")
    _, link = reading(wire, "/groups/delta")
    wire.ask("POST", f"/directory/deletedItems/{anna}/restore")
    assert reading(wire, link)[0] == []


def test_a_large_group_goes_on_on_the_next_page(wires: Opener) -> None:
    with wires(45, lambda row: (0,)) as wire:
        wire.group("Everybody")
        wire.group("Nobody")
        pages = wire.pages("/groups/delta?$select=displayName,members", Prefer=SMALL)
        sizes = [[len(item.get("members@delta", ())) for item in page["value"]] for page in pages]
        assert sizes == [[20], [20], [5, 0]]
        link = pages[-1]["@odata.deltaLink"]
        for row in range(45):
            wire.directory.remove_member(0, row)
        pages = wire.pages(link, Prefer=SMALL)
        assert [len(page["value"][0]["members@delta"]) for page in pages] == [20, 20, 5]


def test_a_member_who_goes_between_two_pages_hides_nobody(wires: Opener) -> None:
    with wires(45, lambda row: (0,)) as wire:
        wire.group("Everybody")
        first = wire.get("/groups/delta", Prefer=SMALL)
        wire.directory.remove_member(0, 3)
        items, link = reading(wire, first["@odata.nextLink"], SMALL)
        seen = [member["id"] for item in (*first["value"], *items) for member in item["members@delta"]]
        assert seen == [wire.directory.user_id(row) for row in range(45)]
        assert reading(wire, link)[0][0]["members@delta"] == [
            {
                "@odata.type": "#microsoft.graph.user",
                "id": wire.directory.user_id(3),
                "@removed": {"reason": "deleted"},
            }
        ]


# --- a mirror --------------------------------------------------------------------------------------------------


class Mirror:
    """Somebody else's copy of the directory, fed page by page."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.users: dict[str, dict[str, Any]] = {}
        self.groups: dict[str, dict[str, Any]] = {}
        self.members: dict[str, set[str]] = {}
        self.links = {
            "users": f"/users/delta?$select={USER_NAMES}",
            "groups": "/groups/delta?$select=displayName,members",
        }

    def page(self, kind: str) -> bool:
        """Apply one page; whether it was the last of its round."""
        page = self.wire.get(self.links[kind], Prefer=SMALL)
        for item in page["value"]:
            if kind == "users":
                self._user(item)
            else:
                self._group(item)
        self.links[kind] = page.get("@odata.nextLink") or page["@odata.deltaLink"]
        return "@odata.deltaLink" in page

    def _user(self, item: dict[str, Any]) -> None:
        found = read_user_item(item)
        assert found.json() == item
        if found.removed is not None:
            self.users.pop(found.id, None)
        else:
            self.users[found.id] = dict(found.properties)

    def _group(self, item: dict[str, Any]) -> None:
        found = read_group_item(item)
        assert found.json() == item
        if found.removed is not None:
            self.groups.pop(found.id, None)
            self.members.pop(found.id, None)
            return
        self.groups[found.id] = dict(found.properties)
        members = self.members.setdefault(found.id, set())
        for user, member in found.members:
            (members.add if member else members.discard)(user)

    def catch_up(self) -> None:
        """Finish the round under way, and one more."""
        for kind in self.links:
            while not self.page(kind):
                pass
            while not self.page(kind):
                pass


def act(directory: Directory, what: str, first: int, second: int) -> None:
    """Do something to the directory, if there is somebody to do it to."""
    rows = list(range(directory.users_count))
    live = [row for row in rows if directory.is_live(row)]
    groups = [group.row for group in directory.groups if group.state == LIVE]
    binned = [group.row for group in directory.groups if group.state == DELETED]
    if what == "join":
        directory.create_user(
            {"displayName": f"New {second}", "userPrincipalName": f"n{directory.users_count}@contoso.example"}
        )
    elif what == "group":
        directory.create_group({"displayName": f"Group {second}"})
    elif what in {"restore", "purge"} and (bin_ := directory.deleted_users()):
        row = bin_[first % len(bin_)]
        (directory.restore_user if what == "restore" else directory.purge_user)(row)
    elif what in {"restore group", "purge group"} and binned:
        row = binned[first % len(binned)]
        (directory.restore_group if what == "restore group" else directory.purge_group)(row)
    elif what in {"title", "disable", "delete"} and live:
        row = live[first % len(live)]
        if what == "title":
            directory.update_user(row, {"jobTitle": ("Engineer", None, "Buyer")[second % 3]})
        elif what == "disable":
            directory.update_user(row, {"accountEnabled": bool(second % 2)})
        else:
            directory.delete_user(row)
    elif what in {"rename group", "delete group"} and groups:
        row = groups[first % len(groups)]
        if what == "rename group":
            directory.update_group(row, {"displayName": f"Renamed {second}"})
        else:
            directory.delete_group(row)
    elif what == "member" and live and groups:
        row, group = live[first % len(live)], groups[second % len(groups)]
        if group in directory.groups_of(row):
            directory.remove_member(group, row)
        else:
            directory.add_member(group, row)


USER_ACTS = ("join", "title", "disable", "delete", "restore", "purge")
GROUP_ACTS = ("group", "rename group", "delete group", "restore group", "purge group", "member", "join", "delete")
NUMBERS = st.integers(0, 50)


def script(*acts: str) -> st.SearchStrategy[list[tuple[str, int, int]]]:
    return st.lists(st.tuples(st.sampled_from([*acts, "page"]), NUMBERS, NUMBERS), max_size=40)


@settings(max_examples=40)
@given(script(*USER_ACTS))
def test_a_mirror_of_the_users_holds_the_directorys_state(wires: Opener, steps: list[tuple[str, int, int]]) -> None:
    with wires(7) as wire:
        mirror = Mirror(wire)
        for what, first, second in steps:
            if what == "page":
                mirror.page("users")
            else:
                act(wire.directory, what, first, second)
        mirror.catch_up()
        live = [row for row in range(wire.directory.users_count) if wire.directory.is_live(row)]
        assert sorted(mirror.users) == sorted(wire.directory.user_id(row) for row in live)
        for row in live:
            seen = mirror.users[wire.directory.user_id(row)]
            attributes = wire.directory.attributes_of(row)
            assert seen["accountEnabled"] == wire.directory.is_enabled(row)
            for name in ("displayName", "userPrincipalName", "jobTitle"):
                assert seen.get(name) == attributes.get(name)


@settings(max_examples=40)
@given(script(*GROUP_ACTS))
def test_a_mirror_of_the_groups_holds_the_directorys_state(wires: Opener, steps: list[tuple[str, int, int]]) -> None:
    with wires(25, lambda row: (row % 2,)) as wire:
        wire.directory.create_group({"displayName": "Even"})
        wire.directory.create_group({"displayName": "Odd"})
        mirror = Mirror(wire)
        for what, first, second in steps:
            if what == "page":
                mirror.page("groups")
            else:
                act(wire.directory, what, first, second)
        mirror.catch_up()
        live = [group for group in wire.directory.groups if group.state == LIVE]
        assert mirror.groups == {group.id: {"displayName": group.attributes["displayName"]} for group in live}
        for group in live:
            members = {wire.directory.user_id(row) for row in wire.directory.members(group.row)}
            assert mirror.members[group.id] == members


@settings(max_examples=25)
@given(script(*USER_ACTS, *GROUP_ACTS))
def test_a_reader_in_process_sees_what_the_wire_says(wires: Opener, steps: list[tuple[str, int, int]]) -> None:
    with wires(7, lambda row: (0,)) as wire:
        wire.directory.create_group({"displayName": "All"})
        users, groups = wire.get("/users/delta?$deltatoken=latest"), wire.get("/groups/delta?$deltatoken=latest")
        position = wire.directory.feed.position
        for what, first, second in steps:
            act(wire.directory, what, first, second)
        for since, link, other in (
            (position, users["@odata.deltaLink"], groups["@odata.deltaLink"]),
            (None, "/users/delta", "/groups/delta"),
        ):
            direct = delta_users(wire.directory, since).items
            assert direct == tuple(read_user_item(item) for item in reading(wire, link, SMALL)[0])
            in_process = delta_groups(wire.directory, since).items
            assert in_process == tuple(read_group_item(item) for item in reading(wire, other)[0])
