"""Requests and answers: how many, which, and the last few in full.

Invariant: counting a request changes no state of a service.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from mockservices.clock import Millis


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as a log line shows it."""

    at: Millis
    service: str
    method: str
    path: str
    status: int
    own: bool
    """Whether the world's own job sent it."""


class Traffic:
    """Counts per service and a ring of the latest exchanges."""

    __slots__ = ("counts", "own_counts", "ring")

    def __init__(self, keep: int = 1000) -> None:
        self.counts: dict[str, int] = {}
        self.own_counts: dict[str, int] = {}
        self.ring: deque[Exchange] = deque(maxlen=keep)

    def add(self, exchange: Exchange) -> None:
        """Count one exchange."""
        counts = self.own_counts if exchange.own else self.counts
        counts[exchange.service] = counts.get(exchange.service, 0) + 1
        self.ring.append(exchange)
