"""The calendars of a run, one for each kind of activity and each place, and the hours that go with them.

Invariant: instants are simulated milliseconds; without a company's calendar nothing is moved to an hour of the day, and
open time is the same for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final, Literal

import numpy as np

from sim.randomness import Ints
from sim.time import DAY, HOUR, MINUTE
from sim.workforce.almanac import MORNING, OFFICE, Almanac, Weigh
from sim.workforce.calendar import Calendar, CalendarName
from sim.workforce.holidays import days_off
from sim.workforce.life import CorporateDays, Location
from sim.workforce.zones import Zone

Activity = Literal["joining", "leaving", "moving"]

DISMISSALS: Final = (9 * HOUR, 16 * HOUR)
LAST_HOUR: Final = 17 * HOUR
CONTRACT_ENDS: Final = 23 * HOUR + 59 * MINUTE


class Times:
    """When things can happen; `places` are rows of the plan's locations."""

    def __init__(
        self, name: CalendarName, days: CorporateDays, locations: Sequence[Location], start: datetime, horizon: int
    ) -> None:
        self.horizon = horizon
        self.corporate = name == "corporate"
        self.calendar = Calendar("uniform" if name == "corporate" else name, start)
        self.zones: tuple[Zone, ...] = ()
        self._almanacs: dict[Activity, list[Almanac]] = {}
        if not self.corporate:
            return
        self.zones = tuple(Zone(location.zone, start, horizon) for location in locations)
        years = range(start.year - 1, (start + timedelta(milliseconds=horizon)).year + 2)
        kinds: tuple[tuple[Activity, Weigh, tuple[int, int]], ...] = (
            ("joining", days.joining, MORNING),
            ("leaving", days.leaving, DISMISSALS),
            ("moving", days.moving, OFFICE),
        )
        for activity, weigh, hours in kinds:
            self._almanacs[activity] = [
                Almanac(weigh, hours, zone, horizon, days_off(location.holidays, years))
                for zone, location in zip(self.zones, locations, strict=True)
            ]

    def span(self, activity: Activity) -> int:
        """The open time of the run, in the first place."""
        if self.corporate:
            return self._almanacs[activity][0].opened_before(self.horizon)
        return self.calendar.opened_before(self.horizon)

    def years(self, activity: Activity) -> Fraction:
        """What share of a year's events falls into the run."""
        calendar = self._almanacs[activity][0] if self.corporate else self.calendar
        return calendar.years(self.span(activity))

    def at(self, activity: Activity, opened: Ints, places: Ints | None) -> Ints:
        """The simulated times of instants drawn uniformly in the open time of the first place."""
        if not self.corporate:
            return self.calendar.at(opened)
        almanacs = self._almanacs[activity]
        if places is None or len(almanacs) == 1:
            return almanacs[0].at(opened)
        at = np.empty_like(opened)
        whole = almanacs[0].opened_before(self.horizon)
        for place, almanac in enumerate(almanacs):
            there = places == place
            # Other places have a little more or less open time: the same share of it has passed there.
            span = almanac.opened_before(self.horizon)
            shared = (opened[there] * (span / max(whole, 1))).astype(np.int64)
            at[there] = almanac.at(np.minimum(shared, max(span - 1, 0)))
        return at

    def later(self, at: Ints, durations: Ints, least: int = 0) -> Ints:
        """Simulated times that lie in open hours, plus durations as they are on average over a week."""
        if self.calendar.open_share == 1:
            return at + np.maximum(least, durations)
        return self.calendar.at(self.calendar.opened(at) + np.maximum(least, self.calendar.shortened(durations)))

    def from_start(self, durations: Ints) -> Ints:
        """The same for the start, which need not lie in an open hour."""
        return self.calendar.at(self.calendar.shortened(durations))

    def on_day(self, at: Ints, places: Ints | None, time: int | Ints) -> Ints:
        """The simulated times at which local clocks show ``time`` on the days of ``at``; without clocks ``at``."""

        def moved(zone: Zone, which: Ints, there: Ints | int) -> Ints:
            return zone.on_day(which, there)

        return self._by_place(at, places, time, moved)

    def workday(self, at: Ints, places: Ints | None, time: int) -> Ints:
        """The same on the day itself, or on the Monday after a weekend."""

        def moved(zone: Zone, which: Ints, there: Ints | int) -> Ints:
            day = zone.local(which) // DAY
            weekday = (day + 3) % 7
            return zone.at((day + np.where(weekday > 4, 7 - weekday, 0)) * DAY + there)

        return self._by_place(at, places, time, moved)

    def month_end(self, at: Ints, places: Ints | None, time: int) -> Ints:
        """The same on the last day of the local month."""

        def moved(zone: Zone, which: Ints, there: Ints | int) -> Ints:
            months = (zone.local(which) // DAY).astype("datetime64[D]").astype("datetime64[M]")
            day = (months + 1).astype("datetime64[D]").astype(np.int64) - 1
            return zone.at(day * DAY + there)

        return self._by_place(at, places, time, moved)

    def _by_place(
        self, at: Ints, places: Ints | None, time: int | Ints, moved: Callable[[Zone, Ints, Ints | int], Ints]
    ) -> Ints:
        if not self.corporate:
            return at
        if places is None or len(self.zones) == 1:
            return moved(self.zones[0], at, time)
        found = at.copy()
        for place, zone in enumerate(self.zones):
            there = places == place
            found[there] = moved(zone, at[there], time if isinstance(time, int) else time[there])
        return found
