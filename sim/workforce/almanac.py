"""When things happen in a company with a calendar of its own: weekdays, months, month ends, holidays, hours of the day.

Invariant: like :class:`~sim.workforce.calendar.Calendar`, a strictly increasing image of open time; and every 365 days
from the start hold the same open time, so that a rate a year stays the same however the weights are set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np

from sim.randomness import Ints
from sim.time import DAY, HOUR, MINUTE
from sim.workforce.zones import Zone

YEAR_DAYS: Final = 365
_EPOCH: Final = date(1970, 1, 1)
_SCALE: Final = 1_000_000

Weigh: TypeAlias = Callable[["Days"], Ints]
"""What share of a year's events each day has, relative to the others."""


class Days:
    """The local days of a run, a column for each thing that a weight can depend on."""

    __slots__ = ("count", "first", "last_workday", "month", "monthday", "weekday", "workday")

    def __init__(self, first: int, count: int, off: Iterable[date] = ()) -> None:
        """``count`` days from ``first`` (days after 1970-01-01) on; ``off``: the holidays."""
        self.first, self.count = first, count
        numbers = first + np.arange(count, dtype=np.int64)
        dates = numbers.astype("datetime64[D]")
        months = dates.astype("datetime64[M]")
        self.weekday: Ints = (numbers + 3) % 7  # 1970-01-01 was a Thursday
        self.month: Ints = months.astype(np.int64) % 12
        self.monthday: Ints = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
        holidays = np.isin(numbers, [(day - _EPOCH) // timedelta(days=1) for day in sorted(off)])
        self.workday = (self.weekday < 5) & ~holidays
        # The last working day of each month: the next one is in another month.
        work = np.flatnonzero(self.workday)
        ends = np.zeros(count, dtype=np.bool_)
        if len(work):
            of = self.month[work]
            ends[work[np.concatenate((of[1:] != of[:-1], np.zeros(1, dtype=np.bool_)))]] = True
        self.last_workday = ends


@dataclass(frozen=True, slots=True)
class WeekWeights:
    """Weights by weekday (Monday first) and by month; ``month_end`` multiplies the last working day of a month."""

    weekdays: tuple[float, ...] = (1, 1, 1, 1, 1, 0, 0)
    months: tuple[float, ...] = (1,) * 12
    month_end: float = 1

    def __call__(self, days: Days) -> Ints:
        """Whole numbers; none for a holiday that would be a working day."""
        week = np.array([round(_SCALE * weight) for weight in self.weekdays], dtype=np.int64)
        months = np.array([round(1_000 * weight) for weight in self.months], dtype=np.int64)
        weights = week[days.weekday] * months[days.month] // 1_000
        weights[days.last_workday] = weights[days.last_workday] * round(1_000 * self.month_end) // 1_000
        weights[~days.workday & (days.weekday < 5)] = 0
        return weights


@dataclass(frozen=True, slots=True)
class StartDays:
    """Shares of those who start on a Monday, on the 1st or 16th of a month, and on any other working day.

    A 1st or 16th without work is the next working day.
    """

    monday: float = 0.70
    fixed: float = 0.15

    def __call__(self, days: Days) -> Ints:
        """Whole numbers, shared out within every 365 days."""
        weights = np.zeros(days.count, dtype=np.int64)
        fixed = _next_workdays(days, np.flatnonzero((days.monthday == 1) | (days.monthday == 16)))
        monday = days.workday & (days.weekday == 0) & ~fixed
        other = days.workday & ~monday & ~fixed
        shares = (self.monday, self.fixed, max(0.0, 1 - self.monday - self.fixed))
        for begin in range(0, days.count, YEAR_DAYS):
            year = slice(begin, begin + YEAR_DAYS)
            for share, chosen in zip(shares, (monday, fixed, other), strict=True):
                # A piece of a year at the end is weighed as if it were whole, or its few days would be crowded.
                there = np.count_nonzero(chosen[year]) * YEAR_DAYS / len(chosen[year])
                if there:
                    weights[year] += chosen[year] * round(1_000 * _SCALE * share / there)
        return weights


def _next_workdays(days: Days, rows: Ints) -> np.typing.NDArray[np.bool_]:
    """The first working day from each of these days on."""
    found = np.zeros(days.count, dtype=np.bool_)
    work = np.flatnonzero(days.workday)
    places = np.searchsorted(work, rows)
    found[work[places[places < len(work)]]] = True
    return found


class Almanac:
    """Open time and simulated time of one kind of event in one zone."""

    __slots__ = ("_begins", "_opens", "_widths", "_year", "open_share")

    def __init__(
        self, weigh: Weigh, hours: tuple[int, int], zone: Zone, horizon: int, off: Iterable[date] = ()
    ) -> None:
        """``hours``: ms after midnight between which it happens. Raises ValueError when no day has any weight."""
        first = int(zone.local(np.zeros(1, dtype=np.int64))[0]) // DAY
        years = -(-horizon // (YEAR_DAYS * DAY)) or 1
        days = Days(first, years * YEAR_DAYS + 1, off)
        weights = weigh(days)
        if not weights.any():
            raise ValueError("a calendar has at least one day on which something can happen")
        midnights = (first + np.arange(days.count, dtype=np.int64)) * DAY
        begins, ends = zone.at(midnights + hours[0]), zone.at(midnights + hours[1])
        # A year's open time is as long as the fullest day lets it be: no more open time than time in any window.
        totals = [int(weights[y * YEAR_DAYS : (y + 1) * YEAR_DAYS].sum()) for y in range(years)]
        total = np.repeat(np.array([*totals, 0], dtype=np.int64), [YEAR_DAYS] * years + [1])
        total[-1] = totals[-1]
        present = np.flatnonzero((weights > 0) & (total > 0))
        weights, total = weights[present], total[present]
        begins, ends = begins[present], ends[present]
        self._year = min(
            int(width) * int(t) // int(w) for width, t, w in zip((ends - begins).tolist(), total, weights, strict=True)
        )
        opened = np.array(
            [int(w) * self._year // int(t) for w, t in zip(weights.tolist(), total.tolist(), strict=True)]
        )
        # Before the start nothing happens: what of the first window lies there is cut off.
        late = (begins < 0) & (ends > begins)
        lost = np.where(late, -(np.maximum(begins, begins - ends) * opened // np.maximum(ends - begins, 1)), 0)
        begins, opened = np.where(late, np.minimum(0, ends), begins), opened - lost
        kept = (opened > 0) & (ends > begins)
        begins, ends, opened = begins[kept], ends[kept], opened[kept]
        self._begins: Ints = begins
        self._widths: Ints = ends - begins
        self._opens: Ints = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(opened)))
        self.open_share = Fraction(self._year, YEAR_DAYS * DAY)

    def at(self, opened: Ints) -> Ints:
        """The simulated times at which this much open time has passed."""
        day = np.minimum(np.searchsorted(self._opens, opened, side="right") - 1, len(self._widths) - 1)
        room = self._opens[day + 1] - self._opens[day]
        at: Ints = self._begins[day] + (opened - self._opens[day]) * self._widths[day] // room
        return at

    def opened_before(self, at: int) -> int:
        """How much open time there is before a simulated time: everything below that lies before it."""
        inside = np.minimum(np.maximum(at - self._begins, 0), self._widths)
        return int((inside * np.diff(self._opens) // self._widths).sum())

    def years(self, span: int) -> Fraction:
        """What share of a year's events falls into the first ``span`` ms of open time."""
        return Fraction(span, self._year)


OFFICE: Final = (8 * HOUR, 18 * HOUR)
MORNING: Final = (9 * HOUR - 30 * MINUTE, 9 * HOUR + 30 * MINUTE)
