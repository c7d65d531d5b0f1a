"""The generated workforce lives: SimPy processes that walk presorted schedules, one for each kind of event.

Invariant: a handful of pending events whatever the size of the company, never a process or a timeout per person.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from simpy.events import Event

from mockservices.errors import ServiceError
from sim.kernel import Kernel, Order
from sim.population import StartingPeople
from sim.routine.lives import Lives
from sim.workforce.acts import Acts
from sim.workforce.hr import Hr
from sim.workforce.people import quick
from sim.workforce.plan import NEVER, EventKind
from sim.workforce.register import Register
from sim.workforce.schedule import Schedule

Refuse: TypeAlias = Callable[[str, ServiceError], None]
"""Note that the directory refused HR's act on an event of this kind."""

_BLOCK = 4096


class Lifecycle:
    """The events of a generated workforce as they happen."""

    def __init__(
        self,
        kernel: Kernel,
        schedule: Schedule,
        start: StartingPeople,
        register: Register,
        hr: Hr,
        refuse: Refuse,
        lives: Lives | None = None,
    ) -> None:
        self._kernel = kernel
        self._schedule = schedule
        self._at, self._directory_at = quick(schedule.at), quick(schedule.directory_at)
        self._person = quick(schedule.person)
        self._acts = Acts(schedule, start, register, hr)
        self._hr = hr
        self._refuse = refuse
        self._lives = lives
        self._events: dict[int, int] = {}  # row of the schedule to number of an event that HR has yet to act on
        self._done: dict[int, None] = {}  # rows that were done in the directory before their day

    def begin(self) -> None:
        """Start one feeder for each kind of event, one for what HR does before the day, one for what it does later."""
        schedule = self._schedule
        order = schedule.directory_order()
        times, days = schedule.directory_at[order], schedule.at[order]
        early, late = order[times < days], order[(times > days) & (times < NEVER)]
        if len(early):
            # it comes first of all, since what was done before the start is done at its first instant
            self._kernel.process(self._feed(early, np.maximum(schedule.directory_at, 0), self._announce))
        if len(unannounced := self._acts.unannounced):
            made = schedule.value[unannounced]
            rows = unannounced[np.argsort(made, kind="stable")]
            self._kernel.process(self._feed(rows, np.maximum(schedule.value, 0), self._expect))
        for kind in EventKind:
            rows = np.flatnonzero(schedule.kind == kind)
            if len(rows):
                self._kernel.process(self._feed(rows, schedule.at, self._true))
        if len(late):
            self._kernel.process(self._feed(late, schedule.directory_at, self._act))

    def _feed(
        self, rows: NDArray[np.intp], times: NDArray[np.int64], happen: Callable[[int], None]
    ) -> Generator[Event, Any, None]:
        kernel = self._kernel
        now = -1
        for row, time in _walk(rows, times):
            if time > now:
                yield kernel.at(time, Order.DIRECTORY)
                now = time
            happen(row)

    def _true(self, row: int) -> None:
        """An event becomes true; where HR needs no time, it is done at once, and so is what was refused beforehand."""
        beforehand = row in self._done
        done = self._directory_at[row] <= self._at[row]
        if done and not beforehand and self._lives is not None and self._acts.ordinary(row, self._lives):
            return
        event = self._acts.true(row, done=done, beforehand=beforehand)
        if event is None or beforehand:
            self._done.pop(row, None)
        elif not done:
            self._events[row] = event
        elif not self._in_directory(row) and self._acts.waits(row):
            self._hr.not_done(self._person[row], event)

    def _announce(self, row: int) -> None:
        """HR does something before its day."""
        if not self._acts.overtaken(row) and self._in_directory(row, beforehand=True):
            self._done[row] = None

    def _expect(self, row: int) -> None:
        """An account is made for somebody who will not come."""
        self._accepted(row, self._acts.expect)

    def _act(self, row: int) -> None:
        """HR gets to an event."""
        event = self._events.pop(row, None)
        if event is not None and self._in_directory(row):
            (self._hr.done if self._acts.waits(row) else self._hr.noted)(self._person[row], event)

    def _in_directory(self, row: int, *, beforehand: bool = False) -> bool:
        """HR does what an event asks for; whether the directory accepted it."""
        act = self._acts.beforehand if beforehand else self._acts.in_directory
        return self._accepted(row, act)

    def _accepted(self, row: int, act: Callable[[int], None]) -> bool:
        try:
            act(row)
        except ServiceError as error:
            self._refuse(self._acts.word(row), error)
            return False
        return True


def _walk(rows: NDArray[np.intp], times: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """(row, time) pairs as plain integers, a block at a time."""
    for i in range(0, len(rows), _BLOCK):
        block = rows[i : i + _BLOCK]
        yield from zip(block.tolist(), times[block].tolist(), strict=True)
