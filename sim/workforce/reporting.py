"""Who gets which manager: those who move, those whose manager changes, and those whose manager goes elsewhere.

Invariant: a new manager is one of the department's at the start who is still here and has not moved; -1: there is none.
"""

from __future__ import annotations

import numpy as np

from sim.randomness import Ints
from sim.workforce.changes import carried
from sim.workforce.hierarchy import Rank
from sim.workforce.order import order_by
from sim.workforce.people import People
from sim.workforce.plan import EventKind, Reason
from sim.workforce.posts import Posts
from sim.workforce.turnover.tidy import Columns

_AROUND = 3
"""So many neighbouring managers are looked at for one who is here."""


class Lines:
    """The reporting lines at the start, and until when each manager stays."""

    __slots__ = ("_bounds", "_first", "_managers", "_reports", "_until")

    def __init__(self, people: People, posts: Posts, ends: Ints) -> None:
        """``ends``: until when those who are there at the start are employees here."""
        size = people.size
        assert people.manager is not None
        assert people.rank is not None
        department = posts.department(people.facts[:size].astype(np.int64))
        managers = np.flatnonzero(people.rank[:size] >= Rank.MANAGER)
        order = np.argsort(department[managers], kind="stable")
        self._managers: Ints = managers[order]
        departments = int(posts.department(np.array([len(posts.combinations) - 1]))[0]) + 1
        self._first: Ints = np.searchsorted(department[self._managers], np.arange(departments + 1))
        above = people.manager[:size].astype(np.int64)
        self._reports: Ints = np.argsort(above, kind="stable")
        self._bounds: Ints = np.searchsorted(above[self._reports], np.arange(size + 1))
        self._until = ends.copy()

    def leave(self, person: Ints, at: Ints) -> None:
        """From these times on these people manage nobody any more."""
        known = person < len(self._until)
        np.minimum.at(self._until, person[known], at[known])

    def of_department(self, department: Ints, draw: Ints, at: Ints) -> Ints:
        """A manager of each department who is here at that time, else -1; ``draw`` is in [0, 2**31)."""
        found = np.full(len(department), -1, dtype=np.int64)
        if not len(self._managers):
            return found
        first, count = self._first[department], np.diff(self._first)[department]
        for step in range(_AROUND):
            row = first + ((draw * count >> 31) + step) % np.maximum(count, 1)
            person = self._managers[np.minimum(row, len(self._managers) - 1)]
            found = np.where((found < 0) & (count > 0) & (self._until[person] > at), person, found)
        return found

    def cascade(self, person: Ints, at: Ints) -> tuple[Ints, Ints]:
        """Everybody who reports to people who go at these times, elsewhere or for good, and is still here, and when."""
        inside = np.flatnonzero(person < len(self._until))
        # Who moves a second time has no reports left.
        inside = inside[self._until[person[inside]] == at[inside]]
        chief, when = person[inside], at[inside]
        begin, end = self._bounds[chief], self._bounds[chief + 1]
        many = end - begin
        places = np.repeat(begin - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
        reports, times = self._reports[places], np.repeat(when, many)
        here = self._until[reports] > times
        return reports[here], times[here]


def with_managers(
    events: Columns, facts: Ints, begin: Ints, posts: Posts, lines: Lines, *, cascades: bool
) -> tuple[Columns, Ints]:
    """The events with the managers whom people get, and with those whose manager went elsewhere; and their facts."""
    person, at, kind, reason, value, draw, pair = events
    placed = (kind == EventKind.MOVER) & (reason != Reason.PROMOTION)
    lines.leave(person[placed], at[placed])
    given = np.flatnonzero((kind == EventKind.MANAGER_CHANGE) | placed)
    value = value.copy()
    value[given] = lines.of_department(posts.department(facts[given]), draw[given], at[given])
    value[given[value[given] == person[given]]] = -1
    if not cascades:
        return (person, at, kind, reason, value, draw, pair), facts

    goes = np.flatnonzero(placed | (kind == EventKind.LEAVER))
    reports, when = lines.cascade(person[goes], at[goes])
    count = len(reports)
    everybody, times = np.concatenate((person, reports)), np.concatenate((at, when))
    order = order_by(everybody, times)
    same = np.zeros(len(order), dtype=np.bool_)
    same[1:] = (everybody[order][1:] == everybody[order][:-1]) & (times[order][1:] == times[order][:-1])
    order = order[~same]
    own = order < len(person)
    now = carried(everybody[order], np.flatnonzero(own), np.concatenate((facts, begin[reports]))[order])
    columns = (
        everybody,
        times,
        np.concatenate((kind, np.full(count, EventKind.MANAGER_CHANGE, dtype=np.int64))),
        np.concatenate((reason, np.full(count, Reason.CASCADE, dtype=np.int64))),
        np.concatenate((value, np.full(count, -1, dtype=np.int64))),
        np.concatenate((draw, np.zeros(count, dtype=np.int64))),
        np.concatenate((pair, np.full(count, -1, dtype=np.int64))),
    )
    who, times, kind, reason, value, draw, pair = (column[order] for column in columns)
    new = np.flatnonzero(~own)
    value[new] = lines.of_department(posts.department(now[new]), draw[new], times[new])
    value[new[value[new] == who[new]]] = -1
    return (who, times, kind, reason, value, draw, pair), now
