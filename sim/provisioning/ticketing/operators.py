"""The people who work tickets: so many of them, one ticket each, the oldest first.

Invariant: as many SimPy processes as operators are at work, and one that waits for the next of them to be free,
however long the queue is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import Any

import simpy
from simpy.events import Event

from sim.kernel import Kernel, Order
from sim.provisioning.ticketing.hours import Hours
from sim.provisioning.ticketing.ticket import Ticket


class OperatorQueue:
    """Tickets that wait for an operator."""

    def __init__(
        self,
        kernel: Kernel,
        number: int,
        hours: Hours,
        handling: Callable[[Ticket], int],
        work: Callable[[Ticket], None],
    ) -> None:
        """Let ``number`` operators work; ``handling``: how long a ticket keeps one of them, in ms."""
        self._kernel = kernel
        self._operators = simpy.Resource(kernel.env, capacity=number)
        self._hours = hours
        self._handling = handling
        self._work = work
        self._waiting: deque[Ticket] = deque()
        self._handing_out = False

    def __len__(self) -> int:
        """How many tickets nobody has begun to work."""
        return len(self._waiting)

    def put(self, ticket: Ticket) -> None:
        """A ticket joins the queue."""
        self._waiting.append(ticket)
        if not self._handing_out:
            self._handing_out = True
            self._kernel.process(self._hand_out())

    def _hand_out(self) -> Generator[Event, Any, None]:
        while self._waiting:
            free = self._operators.request()
            yield free
            self._kernel.process(self._handle(self._waiting.popleft(), free))
        self._handing_out = False

    def _handle(self, ticket: Ticket, free: Any) -> Generator[Event, Any, None]:
        done = self._hours.end(int(self._kernel.env.now), self._handling(ticket))
        yield self._kernel.at(done, Order.TICKET)
        self._operators.release(free)
        self._work(ticket)
