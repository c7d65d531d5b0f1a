"""A number that changes over time: what it is, what it was at most, and its time integral.

Invariant: the number counts once an instant is over. What begins and ends in the same millisecond was never there, so
figures do not depend on the order of changes at equal times.
"""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")


class Level:
    """How many there are."""

    __slots__ = ("_at", "_peak", "_sum", "now")

    def __init__(self, now: int = 0) -> None:
        self.now = now
        self._at = 0
        self._peak = 0
        self._sum = 0

    @classmethod
    def reckoned(cls, now: int, peak: int, at: int, sum_ms: int) -> Level:
        """One that has been followed to ``at`` by other means."""
        level = cls(now)
        level._at, level._peak, level._sum = at, peak, sum_ms
        return level

    def begin(self, at: int) -> None:
        """One more."""
        now = self.now
        if at != self._at:
            if now > self._peak:  # noqa: PLR1730 - the busiest lines of a run: no call that can be spared
                self._peak = now
            self._sum += now * (at - self._at)
            self._at = at
        self.now = now + 1

    def end(self, at: int) -> None:
        """One fewer."""
        now = self.now
        if at != self._at:
            if now > self._peak:  # noqa: PLR1730 - the busiest lines of a run: no call that can be spared
                self._peak = now
            self._sum += now * (at - self._at)
            self._at = at
        self.now = now - 1

    def set(self, at: int, value: int) -> None:
        """So many."""
        self.begin(at)
        self.now = value

    @property
    def peak(self) -> int:
        """The most there have been at the end of any instant."""
        return max(self._peak, self.now)

    def sum_ms(self, at: int) -> int:
        """The integral from 0 to ``at``, which is not before the last change; what is open is in it."""
        return self._sum + self.now * (at - self._at)


class Levels(dict[K, Level]):
    """Levels by name; one that nothing has begun yet is at nothing."""

    __slots__ = ()

    def __missing__(self, name: K) -> Level:
        level = self[name] = Level()
        return level
