"""Which facts each event leaves a person with, and whose reports get another manager.

Invariant: nobody is moved to where they are; who is seconded comes back to exactly what they were.
"""

from __future__ import annotations

import numpy as np

from sim.randomness import Ints, WeightedChoice
from sim.workforce.combinations import Combinations
from sim.workforce.plan import EventKind, Reason
from sim.workforce.turnover.draw import rank_of
from sim.workforce.turnover.tidy import Columns

_AROUND = 3
"""So many neighbouring managers are looked at for one who is here."""


def facts_after(events: Columns, begin: Ints, combinations: Combinations, choice: WeightedChoice) -> Ints:
    """The combination that each event leaves; ``events`` are in order of person and time, ``begin`` is by person."""
    person, _, kind, reason, _, draw, _ = events
    after = begin[person]
    rows = np.flatnonzero((kind == EventKind.MOVER) | (kind == EventKind.CONVERSION))
    who = person[rows]
    now = begin.copy()
    home = begin.copy() if (reason == Reason.SECONDMENT).any() else begin
    rank = rank_of(who)
    order = np.argsort(rank, kind="stable")
    bounds = np.searchsorted(rank[order], np.arange(int(rank.max(initial=-1)) + 2))
    for turn in range(len(bounds) - 1):
        at = rows[order[bounds[turn] : bounds[turn + 1]]]
        p, why = person[at], reason[at]
        facts = now[p]
        moved = (
            combinations.in_department(facts, choice.other_indices(draw[at], combinations.department(facts)))
            if (len(choice) > 1)
            else facts
        )
        new = np.where(kind[at] == EventKind.CONVERSION, combinations.as_employee(facts), moved)
        new = np.where(why == Reason.PROMOTION, combinations.promoted(facts), new)
        new = np.where(why == Reason.SECONDMENT_ENDS, home[p], new)
        if home is not begin:
            leaving = why == Reason.SECONDMENT
            home[p[leaving]] = facts[leaving]
        now[p] = new
        after[at] = new
    return carried(person, rows, after)


def carried(person: Ints, rows: Ints, facts: Ints) -> Ints:
    """The same, with what ``rows`` brought carried on to the person's later events."""
    if not len(rows):
        return facts
    last = np.full(len(person), -1, dtype=np.int64)
    last[rows] = rows
    last = np.maximum.accumulate(last)
    known = (last >= 0) & (person[last] == person)
    return np.where(known, facts[last], facts)


class Lines:
    """Who reports to whom among those who are there at the start.

    In every department, in the order of their rows, one manager and the next so many who report to them.
    """

    __slots__ = ("_department", "_first", "_manager_of", "_managers", "_reports", "_until")

    def __init__(self, department: Ints, employee: Ints, until: Ints, reports: int, departments: int) -> None:
        """``until``: until when each of them is here; ``employee`` their rows."""
        order = employee[np.argsort(department[employee], kind="stable")]
        places = rank_of(department[order])
        heads = places % (reports + 1) == 0
        self._managers: Ints = order[heads]
        self._department: Ints = department[self._managers]
        self._first: Ints = np.searchsorted(self._department, np.arange(departments + 1))
        self._manager_of: Ints = np.full(len(department), -1, dtype=np.int64)
        self._manager_of[order] = np.cumsum(heads) - 1
        self._until = until.copy()
        self._reports: Ints = order

    def leave(self, person: Ints, at: Ints) -> None:
        """From these times on these people manage nobody any more."""
        known = person < len(self._until)
        np.minimum.at(self._until, person[known], at[known])

    def of_department(self, department: Ints, draw: Ints, at: Ints) -> Ints:
        """A manager of each department who is here at that time, else -1; ``draw`` is in [0, 2**31)."""
        first, count = self._first[department], np.diff(self._first)[department]
        found = np.full(len(department), -1, dtype=np.int64)
        for step in range(_AROUND):
            row = first + ((draw * count >> 31) + step) % np.maximum(count, 1)
            row = np.minimum(row, len(self._managers) - 1)
            person = self._managers[row] if len(self._managers) else found
            fits = (found < 0) & (count > 0)
            if len(self._managers):
                fits &= self._until[person] > at
            found = np.where(fits, person, found)
        return found

    def cascade(self, person: Ints, at: Ints) -> tuple[Ints, Ints]:
        """Everybody who reports to people who go elsewhere at these times and is still here, and when."""
        size = len(self._manager_of)
        inside = np.flatnonzero(person < size)
        inside = inside[self._manager_of[person[inside]] >= 0]
        line = self._manager_of[person[inside]]
        heads = self._managers[line] == person[inside]
        line, when = line[heads], at[inside[heads]]
        # The reports of a line lie side by side, behind their manager.
        lines = self._manager_of[self._reports]
        begin, end = np.searchsorted(lines, line) + 1, np.searchsorted(lines, line + 1)
        many = end - begin
        reports = self._reports[np.repeat(begin - np.cumsum(many) + many, many) + np.arange(int(many.sum()))]
        times = np.repeat(when, many)
        here = self._until[reports] > times
        return reports[here], times[here]


def with_managers(
    events: Columns, facts: Ints, begin: Ints, combinations: Combinations, lines: Lines
) -> tuple[Columns, Ints]:
    """The events with the managers whom people get, and with those whose manager went elsewhere; and their facts."""
    person, at, kind, reason, value, draw, pair = events
    moves = np.flatnonzero(kind == EventKind.MOVER)
    lines.leave(person[moves], at[moves])
    placed = (kind == EventKind.MOVER) & (reason != Reason.PROMOTION)
    given = np.flatnonzero((kind == EventKind.MANAGER_CHANGE) | placed)
    value = value.copy()
    value[given] = lines.of_department(combinations.department(facts[given]), draw[given], at[given])
    value[given[value[given] == person[given]]] = -1

    reports, when = lines.cascade(person[moves], at[moves])
    places = np.arange(len(person) + len(reports))
    count = len(reports)
    everybody = np.concatenate((person, reports))
    times = np.concatenate((at, when))
    order = np.lexsort((places, times, everybody))
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
    value[new] = lines.of_department(combinations.department(now[new]), draw[new], times[new])
    value[new[value[new] == who[new]]] = -1
    return (who, times, kind, reason, value, draw, pair), now
