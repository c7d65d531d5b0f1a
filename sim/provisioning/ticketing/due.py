"""Things that are to happen at times of their own, with one event pending for the earliest of them.

Invariant: however much is due, the kernel holds one event for the earliest, and one more for each time something
earlier came in between.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import Any, Generic, TypeVar

from simpy.events import Event

from sim.kernel import Kernel, Order

T = TypeVar("T")


class Due(Generic[T]):
    """A heap of things by time; those of one instant happen in the order in which they were put in."""

    def __init__(self, kernel: Kernel, happen: Callable[[T], None]) -> None:
        self._kernel = kernel
        self._happen = happen
        self._heap: list[tuple[int, int, T]] = []
        self._put = 0
        self._awaited: int | None = None

    def put(self, time: int, thing: T) -> None:
        """Let a thing happen at a time that is not past, after HR and the directory of that instant."""
        self._put += 1
        heappush(self._heap, (time, self._put, thing))
        self._await()

    def _await(self) -> None:
        if self._heap and (self._awaited is None or self._heap[0][0] < self._awaited):
            self._awaited = self._heap[0][0]
            self._kernel.process(self._pass(self._awaited))

    def _pass(self, time: int) -> Generator[Event, Any, None]:
        yield self._kernel.at(time, Order.TICKET)
        if self._awaited != time:
            return  # something earlier came in between, and whatever is due now has an event of its own
        while self._heap and self._heap[0][0] <= time:
            self._happen(heappop(self._heap)[2])
        self._awaited = None
        self._await()
