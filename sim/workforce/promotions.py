"""Promotions that change no fact: how many somebody has had by the time of an event, of which a title is made.

Where a department has roles, a promotion is the next of them; for whoever has the last one, and where there are none,
it is a step of the title alone.

Invariant: read off the schedule and nothing else, so that whoever writes events down says the same as whoever acts on
them. A schedule without promotions costs one look at two of its columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.randomness import Ints
from sim.workforce.persons import Persons
from sim.workforce.plan import EventKind, Reason
from sim.workforce.schedule import Schedule

_ANY = -1
"""Facts without a role: seniority goes with the person to another department."""


class Promotions:
    """The promotions of one run by which nothing changes but the title."""

    __slots__ = ("_at", "_roled")

    def __init__(
        self,
        combinations: Sequence[Facts],
        begin: NDArray[np.integer],
        kind: NDArray[np.integer],
        reason: NDArray[np.integer],
        person: NDArray[np.integer],
        at: NDArray[np.integer],
        facts: NDArray[np.integer],
    ) -> None:
        """``begin``: by person, the row of `combinations` at the start or at joining; the rest: the events' columns."""
        self._at: dict[tuple[int, int], list[int]] = {}
        self._roled: tuple[bool, ...] = ()
        promoted = (kind == EventKind.MOVER) & (reason == Reason.PROMOTION)
        if not promoted.any():
            return
        self._roled = tuple(each.role is not None for each in combinations)
        rows = np.flatnonzero(np.isin(person, person[promoted]))
        rows = rows[np.lexsort((kind[rows], at[rows], person[rows]))]
        who, after = person[rows], facts[rows]
        before: Ints = begin[who].astype(np.int64)
        same = who[1:] == who[:-1]
        before[1:][same] = after[:-1][same]
        for row in rows[promoted[rows] & (before == after)].tolist():
            self._at.setdefault(self._key(int(person[row]), int(facts[row])), []).append(int(at[row]))

    def by(self, person: int, facts: int, at: int) -> int:
        """How many count for a person with these facts (row of `combinations`), up to and with this instant (ms)."""
        if not self._at:
            return 0
        times = self._at.get(self._key(person, facts))
        return 0 if times is None else bisect_right(times, at)

    def _key(self, person: int, facts: int) -> tuple[int, int]:
        return person, facts if self._roled[facts] else _ANY


def promotions_of(schedule: Schedule, people: Persons) -> Promotions:
    """Those of a schedule."""
    columns = (schedule.kind, schedule.reason, schedule.person, schedule.at, schedule.facts)
    return Promotions(people.combinations, people.facts, *columns)
