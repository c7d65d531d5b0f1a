"""The generated workforce lives: SimPy processes that walk presorted schedules, one for each kind of event.

Invariant: a handful of pending events whatever the size of the company, never a process or a timeout per person.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from simpy.events import Event

from sim.access.policy import Facts
from sim.kernel import Kernel, Order
from sim.observation.words import CONTRACTOR_EXPIRY, LEAVER
from sim.population import StartingPeople
from sim.routine.lives import Lives
from sim.workforce.hr import Hr
from sim.workforce.people import quick
from sim.workforce.plan import EventKind
from sim.workforce.register import Register
from sim.workforce.schedule import Schedule

_BLOCK = 4096


class Lifecycle:
    """The events of a generated workforce as they happen."""

    def __init__(
        self, kernel: Kernel, schedule: Schedule, start: StartingPeople, register: Register, hr: Hr, lives: Lives | None = None
    ) -> None:
        self._kernel = kernel
        self._schedule = schedule
        self._kind, self._person, self._facts = map(quick, (schedule.kind, schedule.person, schedule.facts))
        self._at, self._directory_at = quick(schedule.at), quick(schedule.directory_at)
        self._start = start
        self._register = register
        self._hr = hr
        self._lives = lives
        self._events: dict[int, int] = {}  # row of the schedule to number of an event that HR has yet to act on

    def begin(self) -> None:
        """Start one feeder for each kind of event, and one for what HR does later than it is true."""
        schedule = self._schedule
        for kind in EventKind:
            rows = np.flatnonzero(schedule.kind == kind)
            if len(rows):
                self._kernel.process(self._feed(rows, schedule.at, self._true))
        order = schedule.directory_order()
        late = order[schedule.directory_at[order] != schedule.at[order]]
        if len(late):
            self._kernel.process(self._feed(late, schedule.directory_at, self._act))

    def _feed(self, rows: NDArray[np.intp], times: NDArray[np.int64], happen: Any) -> Generator[Event, Any, None]:
        kernel = self._kernel
        now = -1
        for row, time in _walk(rows, times):
            if time > now:
                yield kernel.at(time, Order.DIRECTORY)
                now = time
            happen(row)

    def _true(self, row: int) -> None:
        """An event becomes true; where HR needs no time, it is done at once."""
        hr = self._hr
        kind, person = self._kind[row], self._person[row]
        if self._told_otherwise(kind, person):
            return
        done = self._directory_at[row] == self._at[row]
        if done and self._by_short_way(row, kind, person):
            return
        if kind == EventKind.JOINER:
            event = hr.joins(person, self._start.facts(person), done=done, scripted=False)
        elif kind == EventKind.MOVER:
            event = hr.moves(person, self._moved(row, person), done=done, scripted=False)
        else:
            word = LEAVER if kind == EventKind.LEAVER else CONTRACTOR_EXPIRY
            event = hr.leaves(person, word, done=done, scripted=False)
        if done:
            self._in_directory(row, kind, person)
        else:
            self._events[row] = event

    def _by_short_way(self, row: int, kind: int, person: int) -> bool:
        """Whether it was an ordinary event, which has been dealt with at once; see :mod:`sim.routine`."""
        lives = self._lives
        if lives is None or not lives.open:
            return False
        if kind == EventKind.JOINER:
            return lives.joins(person, self._start.facts(person), self._start.attributes_of(person))
        if kind == EventKind.MOVER:
            facts = self._moved(row, person)
            return lives.moves(person, facts, {"department": facts.department})
        if kind in (EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY):
            return lives.leaves(person, LEAVER if kind == EventKind.LEAVER else CONTRACTOR_EXPIRY)
        return False

    def _act(self, row: int) -> None:
        """HR gets to an event."""
        person = self._person[row]
        event = self._events.pop(row, None)
        if event is not None:
            self._in_directory(row, self._kind[row], person)
            self._hr.done(person, event)

    def _told_otherwise(self, kind: int, person: int) -> bool:
        """Whether somebody's act has overtaken the schedule: the person has left, or the contract was extended."""
        if kind == EventKind.CONTRACTOR_EXPIRY and person in self._register.contract_ends:
            return True
        return kind != EventKind.JOINER and self._hr.has_left(person)

    def _in_directory(self, row: int, kind: int, person: int) -> None:
        hr = self._hr
        if kind == EventKind.JOINER:
            hr.begin_account(person, self._start.attributes_of(person), self._start.facts(person))
        elif kind == EventKind.MOVER:
            hr.regroup(person, self._moved(row, person))
        else:
            hr.end_account(person, LEAVER if kind == EventKind.LEAVER else CONTRACTOR_EXPIRY)

    def _moved(self, row: int, person: int) -> Facts:
        facts = self._start.people.combinations[self._facts[row]]
        return self._register.facts(person)._replace(department=facts.department)


def _walk(rows: NDArray[np.intp], times: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """(row, time) pairs as plain integers, a block at a time."""
    for i in range(0, len(rows), _BLOCK):
        block = rows[i : i + _BLOCK]
        yield from zip(block.tolist(), times[block].tolist(), strict=True)
