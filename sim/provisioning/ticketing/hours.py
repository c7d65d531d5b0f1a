"""When operators work: the same hours on every day, or on weekdays only (UTC).

Invariant: pure arithmetic in whole milliseconds. Work that is not done when the office closes goes on when it opens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_DAY: Final = 86_400_000
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Hours:
    """From when to when there is somebody, in ms of a day."""

    opens: int
    closes: int
    midnight: int
    """A midnight before the start of the scenario, in ms since then (so 0 or less)."""
    weekday: int
    """Of the day that begins then: Monday is 0."""
    weekends: bool = False

    def begin(self, now: int) -> int:
        """The first moment at or after ``now`` at which somebody works."""
        day, into = divmod(now - self.midnight, _DAY)
        if into >= self.closes:
            day, into = day + 1, 0
        while not self.weekends and (day + self.weekday) % _WEEK >= _WEEK - 2:
            day, into = day + 1, 0
        return self.midnight + day * _DAY + max(into, self.opens)

    def end(self, now: int, lasts: int) -> int:
        """When work of this length is done that is begun at or after ``now``."""
        at = self.begin(now)
        while True:
            left = self.closes - (at - self.midnight) % _DAY
            if lasts <= left:
                return at + lasts
            lasts -= left
            at = self.begin(at + left)
