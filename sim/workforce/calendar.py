"""When things happen in a company: at any time, or only in working hours.

Invariant: open time is a strictly increasing image of simulated time, so what is in order in one is in order in the
other, and what is uniform over open time is uniform over the open hours exactly.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Final, Literal

import numpy as np

from mockservices.clock import Millis
from sim.randomness import Ints
from sim.time import DAY, HOUR, WEEK

CalendarName = Literal["uniform", "working_hours", "corporate"]

YEAR: Final = Millis(365 * DAY)

WORKING_HOURS: Final = tuple((day * DAY + 8 * HOUR, day * DAY + 18 * HOUR) for day in range(5))
"""Monday to Friday, 08:00 to 18:00 UTC, in milliseconds after Monday 00:00. Grade D: an assumption."""


class Calendar:
    """Turns open time (only the hours in which things happen, in ms from the start on) into simulated time."""

    __slots__ = ("_begins", "_ends_open", "_opens", "open_share", "open_week")

    def __init__(self, name: CalendarName, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a scenario starts at an aware instant")
        utc = start.astimezone(UTC)
        midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
        offset = utc.weekday() * DAY + (utc - midnight) // timedelta(milliseconds=1)
        windows: list[tuple[int, int]] = []
        for begin, end in WORKING_HOURS if name == "working_hours" else ((0, WEEK),):
            # Seen from the start, a window that lies around it is in two pieces: at both ends of the first seven days.
            for moved in (begin - offset, begin - offset + WEEK):
                first, last = max(moved, 0), min(moved + end - begin, int(WEEK))
                if first < last:
                    windows.append((first, last))
        windows.sort()
        opened = list(accumulate((last - first for first, last in windows), initial=0))
        self._begins: Ints = np.array([first for first, _ in windows], dtype=np.int64)
        self._opens: Ints = np.array(opened[:-1], dtype=np.int64)
        self._ends_open: Ints = np.array(opened[1:], dtype=np.int64)
        self.open_week = Millis(opened[-1])
        self.open_share = Fraction(opened[-1], WEEK)

    def at(self, opened: Ints) -> Ints:
        """The simulated times at which this much open time has passed."""
        if self.open_week == WEEK:
            return opened
        weeks = opened // self.open_week
        rest = opened - weeks * self.open_week
        window = np.searchsorted(self._opens, rest, side="right") - 1
        return weeks * WEEK + self._begins[window] + rest - self._opens[window]

    def opened(self, at: Ints) -> Ints:
        """The open time that has passed at simulated times that lie in open hours: the opposite of :meth:`at`."""
        weeks = at // WEEK
        rest = at - weeks * WEEK
        window = np.searchsorted(self._begins, rest, side="right") - 1
        return weeks * self.open_week + self._opens[window] + rest - self._begins[window]

    def opened_before(self, at: int) -> int:
        """How much open time there is before a simulated time: everything below that lies before it."""
        weeks, rest = divmod(at, WEEK)
        inside = np.minimum(np.maximum(rest - self._begins, 0), self._ends_open - self._opens)
        return weeks * self.open_week + int(inside.sum())

    def shortened(self, durations: Ints) -> Ints:
        """These durations in open time, on average over a week."""
        return durations * self.open_share.numerator // self.open_share.denominator

    def years(self, span: int) -> Fraction:
        """What share of a year's events falls into the first ``span`` ms of open time."""
        return span / (self.open_share * YEAR)
