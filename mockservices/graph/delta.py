"""Delta queries: everything there is, and then only what has changed.

Invariant: a position in the directory's feed is all that a reader has to keep. The same functions serve the wire and
a reader in the same process, so both see the same values in the same order.
https://learn.microsoft.com/en-us/graph/delta-query-overview and /delta-query-groups

An object is shown again whichever of its properties has changed: the feed does not say which, and the documentation
promises no more than that a client *prefers* to hear of the selected ones only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mockservices.graph.directory import DELETED, LIVE, Directory
from mockservices.graph.properties import GROUP, USER
from mockservices.graph.resources import Json, tracked

T = TypeVar("T")

PAGE = 200
"""Objects on a page; nothing is published. ``Prefer: odata.maxpagesize`` asks for another number."""
MEMBERS_PER_OBJECT = 10
"""A page of groups holds this many times as many members as groups; a larger group goes on on the next page."""
MEMBERS = "members"
MANAGER = "manager"
MANAGER_DELTA = "manager@delta"
"""https://learn.microsoft.com/graph/api/user-delta (a relationship is tracked when it is selected)"""


@dataclass(frozen=True, slots=True)
class UserItem:
    """A user in a delta answer; ``removed`` is ``changed`` (recycle bin) or ``deleted`` (gone), or None."""

    id: str
    properties: Mapping[str, Any]
    removed: str | None = None
    manager: str | None = None
    """The id of the live manager, where it is asked for."""

    def json(self) -> Json:
        """As it stands in the answer."""
        if self.removed is not None:
            return {"id": self.id, **_removed(self.removed)}
        item: Json = {"id": self.id, **self.properties}
        if self.manager is not None:
            item[MANAGER_DELTA] = [{"@odata.type": USER.odata_type, "id": self.manager}]
        return item


@dataclass(frozen=True, slots=True)
class GroupItem:
    """A group in a delta answer, with (user id, member or not) for the memberships that changed."""

    id: str
    properties: Mapping[str, Any]
    members: tuple[tuple[str, bool], ...] = ()
    removed: str | None = None
    nested: tuple[tuple[str, bool], ...] = ()
    """The same for groups that are members."""

    def json(self) -> Json:
        """As it stands in the answer."""
        if self.removed is not None:
            return {"id": self.id, **_removed(self.removed)}
        item: Json = {"id": self.id, **self.properties}
        if self.members or self.nested:
            item["members@delta"] = [
                {"@odata.type": kind.odata_type, "id": identifier, **({} if member else _removed("deleted"))}
                for kind, members in ((USER, self.members), (GROUP, self.nested))
                for identifier, member in members
            ]
        return item


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reading stands between two pages."""

    since: int | None
    """Feed position from which changes are read; None: everything is enumerated."""
    until: int
    """Feed position at which the reading began: the next round starts there."""
    rows: int
    """Rows there were then."""
    at: int = 0
    """The next row, or the next changed object."""
    within: int = 0
    """How far into that group's members: the first row not yet sent, or a number of changes."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of an answer, and how to get the rest or the next round."""

    items: tuple[T, ...]
    following: Cursor | None
    position: int


def read_user_item(item: Mapping[str, Any]) -> UserItem:
    """The value behind an item of a users' delta answer."""
    properties = {
        name: _value(value) for name, value in item.items() if name[0] != "@" and name not in {"id", MANAGER_DELTA}
    }
    managers = [above["id"] for above in item.get(MANAGER_DELTA, ()) if "@removed" not in above]
    return UserItem(item["id"], properties, _reason(item), managers[0] if managers else None)


def read_group_item(item: Mapping[str, Any]) -> GroupItem:
    """The value behind an item of a groups' delta answer."""
    properties = {
        name: _value(value) for name, value in item.items() if name[0] != "@" and name not in {"id", "members@delta"}
    }
    told = item.get("members@delta", ())
    nested = [member for member in told if member.get("@odata.type") == GROUP.odata_type]
    members = told if not nested else [member for member in told if member not in nested]
    users, groups = (tuple((each["id"], "@removed" not in each) for each in part) for part in (members, nested))
    return GroupItem(item["id"], properties, users, _reason(item), groups)


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _reason(item: Mapping[str, Any]) -> str | None:
    removed = item.get("@removed")
    return None if removed is None else str(removed["reason"])


def _removed(reason: str) -> Json:
    return {"@removed": {"reason": reason}}


def begin(directory: Directory, position: int | None, rows: int) -> Cursor:
    """The first cursor of a reading: everything (None), or what has changed since a position."""
    return Cursor(position, directory.feed.position, rows)


def delta_users(
    directory: Directory,
    position: int | None,
    select: Sequence[str] | None = None,
    *,
    only: frozenset[int] | None = None,
    limit: int | None = None,
    cursor: Cursor | None = None,
) -> Page[UserItem]:
    """Users changed since a feed position (None: all live users), with the selected properties.

    ``only`` restricts the answer to rows; ``limit`` cuts it into pages, and ``cursor`` is where the next one begins.
    Costs as much as there is on the page, after the changes have been gathered.
    """
    cursor = cursor or begin(directory, position, directory.users_count)
    names = USER.shown if select is None else [name for name in select if name != MANAGER]
    with_manager = select is not None and MANAGER in select
    items: list[UserItem] = []
    for index, row in _users(directory, cursor, only):
        if limit is not None and len(items) >= limit:
            return Page(tuple(items), Cursor(cursor.since, cursor.until, cursor.rows, index), cursor.until)
        state = directory.state_of(row)
        if state == LIVE:
            manager = directory.manager_of(row) if with_manager else None
            items.append(UserItem(directory.user_id(row), tracked(directory, USER, row, names), None, manager))
        else:
            items.append(UserItem(directory.user_id(row), {}, _why(state)))
    return Page(tuple(items), None, cursor.until)


def _users(directory: Directory, cursor: Cursor, only: frozenset[int] | None) -> Iterator[tuple[int, int]]:
    if cursor.since is None:
        rows = range(cursor.at, cursor.rows)
        for row in rows if only is None else sorted(only):
            if row in rows and directory.is_live(row):
                yield row, row
    else:
        users = directory.feed.since(cursor.since, cursor.until).users
        for index in range(cursor.at, len(users)):
            if only is None or users[index] in only:
                yield index, users[index]


def delta_groups(
    directory: Directory,
    position: int | None,
    select: Sequence[str] | None = None,
    *,
    only: frozenset[int] | None = None,
    limit: int | None = None,
    cursor: Cursor | None = None,
    minimal: bool = False,
) -> Page[GroupItem]:
    """Groups changed since a feed position (None: all live groups), with their changed (all) memberships.

    Memberships are there unless ``select`` leaves ``members`` out; then a group of which only members changed is not
    shown. ``minimal`` leaves the properties of such a group out. Several items may stand for one large group.
    """
    cursor = cursor or begin(directory, position, len(directory.groups))
    with_members = select is None or MEMBERS in select
    names = GROUP.shown if select is None else [name for name in select if name != MEMBERS]
    budget = None if limit is None else limit * MEMBERS_PER_OBJECT
    items: list[GroupItem] = []
    nested = _nested(directory, cursor) if with_members else {}
    for index, row, changed, members in _groups(directory, cursor, with_members=with_members):
        if only is not None and row not in only:
            continue
        if limit is not None and (len(items) >= limit or budget == 0):
            return Page(tuple(items), Cursor(cursor.since, cursor.until, cursor.rows, index), cursor.until)
        group = directory.groups[row]
        if group.state != LIVE:
            items.append(GroupItem(group.id, {}, (), _why(group.state)))
            continue
        done = cursor.within if index == cursor.at else 0
        properties = {} if minimal and not changed else tracked(directory, GROUP, row, names)
        part, done, more = _part(cursor.since, members, done, budget)
        pairs = tuple((directory.user_id(user), row in directory.groups_of(user)) for user in part)
        items.append(GroupItem(group.id, properties, pairs, None, () if more else nested.get(row, ())))
        if more:
            return Page(tuple(items), Cursor(cursor.since, cursor.until, cursor.rows, index, done), cursor.until)
        if budget is not None:
            budget -= len(part)
    return Page(tuple(items), None, cursor.until)


def _groups(
    directory: Directory, cursor: Cursor, *, with_members: bool
) -> Iterator[tuple[int, int, bool, Sequence[int]]]:
    """(place in the reading, row, whether the object itself changed, rows of members to tell of)."""
    if cursor.since is None:
        for row in range(cursor.at, cursor.rows):
            if directory.groups[row].state == LIVE:
                yield row, row, True, directory.members(row) if with_members else ()
        return
    changed = directory.feed.since(cursor.since, cursor.until)
    groups = list(changed.groups)
    for index in range(cursor.at, len(groups)):
        row = groups[index]
        if with_members or row in changed.group_objects:
            members = changed.groups[row] if with_members else ()
            yield index, row, row in changed.group_objects, members


def _nested(directory: Directory, cursor: Cursor) -> dict[int, tuple[tuple[str, bool], ...]]:
    """By group row, the groups in it that changed (all there are): (id, member or not)."""
    groups = directory.groups
    if cursor.since is None:
        found = {group.row: tuple(directory.nested(group.row)) for group in groups if group.nested}
    else:
        found = directory.feed.since(cursor.since, cursor.until).nested
    return {
        row: tuple((groups[inner].id, inner in groups[row].nested and groups[inner].state == LIVE) for inner in inners)
        for row, inners in found.items()
    }


def _part(since: int | None, members: Sequence[int], done: int, budget: int | None) -> tuple[Sequence[int], int, bool]:
    """The members that go on this page, where to go on, and whether there are more.

    An enumeration goes on behind the last row that it sent, so that a membership that ends in between moves nothing.
    """
    left = [row for row in members if row >= done] if since is None and done else members
    if since is not None:
        left = members[done:]
    if budget is None or len(left) <= budget:
        return left, 0, False
    part = left[:budget]
    return part, (part[-1] + 1 if since is None else done + budget), True


def _why(state: int) -> str:
    return "changed" if state == DELETED else "deleted"
