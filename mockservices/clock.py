"""The only clock of a world: integer milliseconds since the scenario's start.

Invariant: nothing but the world moves it, and it never moves back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NewType

Millis = NewType("Millis", int)
"""Milliseconds since the scenario's start; negative for what happened before it."""


class Clock:
    """Holds simulated time; cores read ``now``, the world sets it."""

    __slots__ = ("now", "start")

    def __init__(self, start: datetime, now: Millis = Millis(0)) -> None:
        if start.tzinfo is None:
            raise ValueError("a scenario starts at an aware instant")
        self.start = start.astimezone(UTC)
        self.now = now

    def instant(self, at: Millis) -> datetime:
        """The aware UTC instant of a simulated time."""
        return self.start + timedelta(milliseconds=at)

    def iso(self, at: Millis) -> str:
        """``YYYY-MM-DDThh:mm:ssZ``, cut to the second as both services cut it on the wire."""
        return self.instant(at).strftime("%Y-%m-%dT%H:%M:%SZ")

    def millis(self, instant: datetime) -> Millis:
        """The simulated time of an aware instant, cut to the millisecond."""
        return Millis((instant.astimezone(UTC) - self.start) // timedelta(milliseconds=1))
