"""Events of a world on SimPy's queue: whole milliseconds, and an explicit order where times are equal.

Invariant: at equal times scripted commands come first, then commands from outside, then HR and the directory, then
tickets, then the cycle's gate and requests. A change at the gate's instant is in that cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from heapq import heappop
from math import inf
from typing import Any, cast

import simpy
from simpy.events import Event


class Order(IntEnum):
    """Who comes first among events of the same millisecond."""

    SCENARIO = 10
    OUTSIDE = 20
    DIRECTORY = 30
    TICKET = 35
    CYCLE = 40


class Kernel:
    """A SimPy environment with integer times."""

    __slots__ = ("_queue", "_schedule", "env", "step")

    step: Callable[[], None]
    """Let the next event happen."""

    def __init__(self, start: int) -> None:
        self.env = simpy.Environment(initial_time=start)
        self.step = self.env.step
        self._queue = self.env._queue
        self._schedule: Callable[[Event, int, int], None] = cast(Any, self.env.schedule)

    def at(self, time: int, order: Order) -> Event:
        """An event at a time that is not past; a process yields it."""
        event = Event(self.env)
        event._ok = True
        event._value = None
        self._schedule(event, order, time - int(self.env.now))
        return event

    def process(self, generator: Any) -> None:
        """Start a process; it runs up to its first event at once, before anything else happens."""
        self.env.process(generator)

    def peek(self) -> float:
        """When the next event is; infinity when there is none."""
        return self._queue[0][0] if self._queue else inf

    def skip(self) -> None:
        """Let the next event never happen."""
        heappop(self._queue)

    def next_before(self, order: Order) -> float:
        """When the next event comes that is ahead of ``order`` among equals; infinity when there is none."""
        return min([time for time, priority, *_ in self._queue if priority < order], default=inf)

    def place(self) -> tuple[float, int]:
        """The next event's place: its time, and who comes first at that time."""
        return self._queue[0][:2] if self._queue else (inf, 0)
