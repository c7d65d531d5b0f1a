"""When operators work: between two hours of every day, or of weekdays only, by the clock of a zone.

Invariant: whole milliseconds, and work lasts as long as it lasts: an office that is open while clocks change is open
for an hour more or less. Work that is not done when the office closes goes on when it opens.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.workforce.zones import Zone

_DAY: Final = 86_400_000
_WEEK: Final = 7
_THURSDAY: Final = 3
"""Of 1970-01-01; Monday is 0."""


class Hours:
    """From when to when there is somebody, in ms of a day of the zone."""

    __slots__ = ("_closes", "_opens", "_weekends", "_zone")

    def __init__(self, opens: int, closes: int, zone: Zone, *, weekends: bool = False) -> None:
        self._opens = opens
        self._closes = closes
        self._zone = zone
        self._weekends = weekends

    def begin(self, now: int) -> int:
        """The first moment at or after ``now`` (ms since the start) at which somebody works."""
        return self._shift(now)[0]

    def end(self, now: int, lasts: int) -> int:
        """When work of this length is done that is begun at or after ``now``."""
        at, closes = self._shift(now)
        while lasts > closes - at:
            lasts -= closes - at
            at, closes = self._shift(closes)
        return at + lasts

    def _shift(self, now: int) -> tuple[int, int]:
        """From the first moment at or after ``now`` at which somebody works until they go home."""
        day = int(self._zone.local(np.array([now]))[0]) // _DAY
        while True:
            if self._weekends or (day + _THURSDAY) % _WEEK < _WEEK - 2:
                opens, closes = self._zone.at(day * _DAY + np.array([self._opens, self._closes])).tolist()
                if closes > max(opens, now):
                    return max(opens, now), closes
            day += 1
