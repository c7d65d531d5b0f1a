"""Events of a world on SimPy's queue: whole milliseconds, and an explicit order where times are equal.

Invariant: at equal times scripted commands come first, then commands from outside, then HR and the directory, then
the cycle's gate and requests. A change at the gate's instant is in that cycle.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, cast

import simpy
from simpy.events import Event, EventPriority


class Order(IntEnum):
    """Who comes first among events of the same millisecond."""

    SCENARIO = 10
    OUTSIDE = 20
    DIRECTORY = 30
    CYCLE = 40


class Kernel:
    """A SimPy environment with integer times."""

    __slots__ = ("env",)

    def __init__(self, start: int) -> None:
        self.env = simpy.Environment(initial_time=cast(float, start))

    def at(self, time: int, order: Order) -> Event:
        """An event at a time that is not past; a process yields it."""
        event = Event(self.env)
        event._ok = True
        event._value = None
        self.env.schedule(event, cast(EventPriority, int(order)), cast(float, time - int(self.env.now)))
        return event

    def process(self, generator: Any) -> None:
        """Start a process; it runs up to its first event at once, before anything else happens."""
        self.env.process(generator)

    def peek(self) -> float:
        """When the next event is; infinity when there is none."""
        return self.env.peek()

    def peek_before(self, time: int, order: Order) -> bool:
        """Whether the next event comes before a time, or at it but earlier in the order."""
        queue = self.env._queue
        return bool(queue) and (queue[0][0], queue[0][1]) < (time, order)

    def next_order(self) -> int:
        """The order of the next event."""
        return int(self.env._queue[0][1])

    def step(self) -> None:
        """Let the next event happen."""
        self.env.step()
