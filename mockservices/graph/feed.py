"""The directory's change feed: what delta queries are answered from.

Invariant: a position in the feed is all that a delta token holds, so reading consumes nothing and an old token
can be used again. https://learn.microsoft.com/en-us/graph/delta-query-overview
"""

from __future__ import annotations

from array import array

from mockservices.values import value

USER, GROUP, MEMBER, NESTED = 0, 1, 2, 3


@value
class Changed:
    """Which objects changed since a position, in the order of their first change, each once."""

    users: tuple[int, ...]
    groups: dict[int, tuple[int, ...]]
    """Group rows, each with the rows of the users whose membership of it changed."""
    group_objects: frozenset[int]
    """Those groups of which a property or the state changed, not only members."""
    position: int
    nested: dict[int, tuple[int, ...]]
    """Group rows, each with the rows of the groups whose membership of it changed."""


class Feed:
    """An append-only log of (kind, row, other row)."""

    __slots__ = ("_kinds", "_others", "_rows")

    def __init__(self) -> None:
        self._kinds = array("b")
        self._rows = array("i")
        self._others = array("i")

    @property
    def position(self) -> int:
        """Where the next change will stand."""
        return len(self._kinds)

    def append(self, kind: int, row: int) -> None:
        """A user or group changed."""
        self._kinds.append(kind)
        self._rows.append(row)
        self._others.append(-1)

    def member(self, group: int, user: int) -> None:
        """A membership began or ended."""
        self._kinds.append(MEMBER)
        self._rows.append(group)
        self._others.append(user)

    def nested(self, group: int, inner: int) -> None:
        """A group became a member of another one, or ceased to be one."""
        self._kinds.append(NESTED)
        self._rows.append(group)
        self._others.append(inner)

    def since(self, position: int, end: int | None = None) -> Changed:
        """Everything from a position on, up to ``end`` if given; costs as much as has changed."""
        if end is None:
            end = len(self._kinds)
        if position >= end:
            return Changed((), {}, _NONE, end, {})
        users: dict[int, None] = {}
        groups: dict[int, dict[int, None]] = {}
        objects: set[int] = set()
        nested: dict[int, dict[int, None]] = {}
        changes = zip(self._kinds[position:end], self._rows[position:end], self._others[position:end], strict=True)
        for kind, row, other in changes:
            if kind == USER:
                users[row] = None
                continue
            members = groups.get(row)
            if members is None:
                members = groups[row] = {}
            if kind == MEMBER:
                members[other] = None
            elif kind == NESTED:
                nested.setdefault(row, {})[other] = None
            else:
                objects.add(row)
        return Changed(
            tuple(users),
            {group: tuple(members) for group, members in groups.items()},
            frozenset(objects),
            end,
            {group: tuple(inner) for group, inner in nested.items()},
        )


_NONE: frozenset[int] = frozenset()
