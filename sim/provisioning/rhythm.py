"""Hours of the week in which cycles come at an interval of their own (UTC).

Invariant: pure arithmetic in whole milliseconds. Within every stretch of hours the gates are those of one interval at
one phase, so that two variants of a rhythm have the gates in common that both allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DAY: Final = 86_400_000
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Window:
    """On these weekdays (Monday is 0), from ``opens`` up to ``closes`` (ms of a day), a cycle every ``interval``."""

    days: frozenset[int]
    opens: int
    closes: int
    interval: int


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Which interval is in force at which time; the first window that covers a time wins."""

    windows: tuple[Window, ...]
    otherwise: int
    """The interval at all other times."""
    midnight: int
    """A midnight before the start of the scenario, in ms since then (so 0 or less)."""
    weekday: int
    """Of the day that begins then."""

    @property
    def intervals(self) -> tuple[int, ...]:
        """Every interval that is ever in force, each once."""
        return tuple(dict.fromkeys((self.otherwise, *(window.interval for window in self.windows))))

    def stretch(self, time: int) -> tuple[int, int]:
        """The interval in force at a time, and until when it surely is."""
        day, into = divmod(time - self.midnight, DAY)
        weekday = (day + self.weekday) % _WEEK
        interval, border = self.otherwise, DAY
        for window in reversed(self.windows):
            if weekday in window.days:
                if window.opens <= into < window.closes:
                    interval = window.interval
                border = min([border, *(edge for edge in (window.opens, window.closes) if edge > into)])
        return interval, self.midnight + day * DAY + border

    def gate_after(self, now: int, phase: int) -> int:
        """The first gate later than ``now``."""
        while True:
            interval, border = self.stretch(now + 1)
            offset = phase % interval
            gate = (now - offset) // interval * interval + interval + offset
            if gate < border:
                return gate
            now = border - 1
