"""Local time: what the clock on the wall shows at a simulated instant, and when it shows something.

Invariant: zones come from the locked tzdata package and never from the machine; a local time that a change of clocks
skips is read with the offset before the change, and one that it repeats is the first (PEP 495, fold 0).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from sim.randomness import Ints
from sim.time import DAY
from sim.workforce.zone_files import load_zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_MARGIN = 2 * DAY


class Zone:
    """One zone around a run. Local time is counted in ms from 1970-01-01 00:00 on that zone's wall clocks."""

    __slots__ = ("_base", "_changes", "_offsets", "_shown", "name")

    def __init__(self, name: str, start: datetime, horizon: int) -> None:
        """From two days before ``start`` to two years after the horizon, which is where late events may fall."""
        self.name = name
        zone = load_zone(name)
        self._base = (start - _EPOCH) // _MS

        def offset(at: int) -> int:
            instant = _EPOCH + (self._base + at) * _MS
            shift = instant.astimezone(zone).utcoffset()
            return 0 if shift is None else shift // _MS

        changes, offsets = [-_MARGIN], [offset(-_MARGIN)]
        for at in range(-_MARGIN, horizon + 730 * DAY, DAY):
            if offset(at + DAY) == offsets[-1]:
                continue
            low, high = at, at + DAY  # the change is in (low, high]
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            changes.append(high)
            offsets.append(offset(high))
        self._changes: Ints = np.array(changes, dtype=np.int64)
        self._offsets: Ints = np.array(offsets, dtype=np.int64)
        before = np.concatenate((self._offsets[:1], self._offsets[:-1]))
        # From this local time on the new offset holds: in a gap and in a repeated hour the old one does.
        self._shown: Ints = self._base + self._changes + np.maximum(before, self._offsets)

    @property
    def base(self) -> int:
        """What clocks show that run on UTC when the run starts."""
        return self._base

    def local(self, at: Ints) -> Ints:
        """What the wall clock shows at these simulated times."""
        row = np.maximum(np.searchsorted(self._changes, at, side="right") - 1, 0)
        return at + self._base + self._offsets[row]

    def at(self, local: Ints) -> Ints:
        """The simulated times at which the wall clock shows this."""
        row = np.maximum(np.searchsorted(self._shown, local, side="right") - 1, 0)
        return local - self._base - self._offsets[row]

    def on_day(self, at: Ints, time: int | Ints) -> Ints:
        """The simulated times at which the clock shows ``time`` (ms after midnight) on the local days of ``at``."""
        return self.at(self.local(at) // DAY * DAY + time)
