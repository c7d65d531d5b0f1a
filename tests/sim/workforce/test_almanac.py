from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.randomness import Ints
from sim.time import DAY, HOUR, MINUTE
from sim.workforce.almanac import MORNING, OFFICE, Almanac, StartDays, WeekWeights
from sim.workforce.holidays import HolidayError, days_off
from sim.workforce.zone_files import ZoneError
from sim.workforce.zones import Zone

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""A Monday."""


def at(text: str) -> int:
    """Milliseconds from the start to this instant in UTC."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - START) // timedelta(milliseconds=1)


def one(value: int) -> Ints:
    return np.array([value], dtype=np.int64)


# --- clocks ---


@pytest.mark.parametrize(
    ("zone", "day", "utc"),
    [
        ("Europe/London", "2026-03-28T12:00", "2026-03-28T17:00"),
        ("Europe/London", "2026-03-29T12:00", "2026-03-29T16:00"),  # summer time began at 01:00
        ("Europe/London", "2026-10-25T12:00", "2026-10-25T17:00"),  # and ended at 02:00
        ("America/New_York", "2026-03-07T18:00", "2026-03-07T22:00"),
        ("America/New_York", "2026-03-08T18:00", "2026-03-08T21:00"),  # three weeks before London
        ("Asia/Kolkata", "2026-06-01T08:00", "2026-06-01T11:30"),
    ],
)
def test_five_in_the_afternoon_is_another_instant_in_summer_time(zone: str, day: str, utc: str) -> None:
    clock = Zone(zone, START, 365 * DAY)
    assert clock.on_day(one(at(day)), 17 * HOUR).tolist() == [at(utc)]


def test_a_time_that_the_clock_skips_is_read_with_the_offset_before() -> None:
    """In London 01:30 on 29 March does not exist: with the offset of winter it is 01:30 UTC, shown as 02:30."""
    clock = Zone("Europe/London", START, 365 * DAY)
    skipped = clock.on_day(one(at("2026-03-29T12:00")), 90 * MINUTE)
    assert skipped.tolist() == [at("2026-03-29T01:30")]
    assert (clock.local(skipped) % DAY).tolist() == [150 * MINUTE]


def test_a_time_that_the_clock_repeats_is_the_first() -> None:
    """In London 01:30 on 25 October comes at 00:30 and at 01:30 UTC."""
    clock = Zone("Europe/London", START, 365 * DAY)
    assert clock.on_day(one(at("2026-10-25T12:00")), 90 * MINUTE).tolist() == [at("2026-10-25T00:30")]


@given(st.integers(0, 365 * DAY), st.sampled_from(["UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe"]))
def test_what_the_clock_shows_leads_back_unless_it_is_shown_twice(moment: int, zone: str) -> None:
    clock = Zone(zone, START, 365 * DAY)
    back = int(clock.at(clock.local(one(moment)))[0])
    assert back in (moment, moment - HOUR, moment - HOUR // 2)


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../zone", "Europe", "tzdata.zi"])
def test_an_unknown_zone_is_refused_in_one_sentence(name: str) -> None:
    with pytest.raises(ZoneError, match="is no time zone; write one such as Europe/London or UTC"):
        Zone(name, START, DAY)


# --- days ---


def days_of(almanac: Almanac, zone: Zone, horizon: int, count: int = 20_000) -> tuple[Ints, Ints]:
    """Local days and times of day at many points of open time."""
    span = almanac.opened_before(horizon)
    moments = almanac.at(np.arange(0, span, max(1, span // count)))
    assert (np.diff(moments) > 0).all()
    assert ((moments >= 0) & (moments < horizon)).all()
    local = zone.local(moments)
    return local // DAY, local % DAY


def day(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/New_York", "Asia/Tokyo"])
def test_nothing_happens_outside_the_hours_on_the_wall_whatever_the_season(zone: str) -> None:
    clock = Zone(zone, START, 365 * DAY)
    _, time = days_of(Almanac(WeekWeights(), OFFICE, clock, 365 * DAY), clock, 365 * DAY)
    assert time.min() >= 8 * HOUR
    assert time.max() < 18 * HOUR


def test_nothing_happens_on_a_holiday_or_a_weekend() -> None:
    clock = Zone("UTC", START, 365 * DAY)
    off = days_off(["2026-12-25", "2027-01-01"], [2026, 2027])
    days, _ = days_of(Almanac(WeekWeights(), OFFICE, clock, 365 * DAY, off), clock, 365 * DAY)
    seen = set(days.tolist())
    assert day("2026-12-24") in seen
    assert not {day("2026-12-25"), day("2026-12-26"), day("2027-01-01")} & seen


def test_the_last_working_day_of_a_month_counts_twice() -> None:
    """May 2026 ends on a Sunday: Friday the 29th has twice the weight of Friday the 22nd."""
    clock = Zone("UTC", START, 365 * DAY)
    days, _ = days_of(Almanac(WeekWeights(month_end=2), OFFICE, clock, 365 * DAY), clock, 365 * DAY, 200_000)
    counted = {text: int(np.count_nonzero(days == day(text))) for text in ("2026-05-22", "2026-05-29", "2026-05-28")}
    assert counted["2026-05-29"] == pytest.approx(2 * counted["2026-05-22"], abs=3)
    assert counted["2026-05-28"] == pytest.approx(counted["2026-05-22"], abs=3)


def test_the_first_of_a_month_on_a_weekend_is_the_next_working_day() -> None:
    """1 and 16 August 2026 are a Saturday and a Sunday: the 3rd and the 17th; 1 May is a holiday here: the 4th."""
    clock = Zone("UTC", START, 365 * DAY)
    almanac = Almanac(StartDays(0, 1), MORNING, clock, 365 * DAY, days_off(["2026-05-01"], [2026]))
    days, _ = days_of(almanac, clock, 365 * DAY)
    seen = set(days.tolist())
    assert {day("2026-08-03"), day("2026-08-17"), day("2026-05-04")} <= seen
    assert len(seen) == 24


def test_every_year_holds_what_its_rate_says_however_the_days_are_weighed() -> None:
    clock = Zone("Europe/London", START, 3 * 365 * DAY)
    for weigh in (WeekWeights(), WeekWeights((0.1, 0, 0, 0, 9, 0, 0), month_end=5), StartDays()):
        almanac = Almanac(weigh, MORNING, clock, 3 * 365 * DAY)
        for year in (1, 2, 3):
            assert float(almanac.years(almanac.opened_before(year * 365 * DAY))) == pytest.approx(year, rel=5e-3)


def test_a_calendar_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Almanac(WeekWeights((0,) * 7), OFFICE, Zone("UTC", START, DAY), DAY)


@pytest.mark.parametrize(
    ("code", "expected"),
    [("US", date(2026, 11, 26)), ("GB", date(2026, 12, 28)), ("DE-BY", date(2026, 11, 1))],
)
def test_a_country_has_its_holidays(code: str, expected: date) -> None:
    """Thanksgiving, Boxing Day which fell on a Saturday, All Saints' in Bavaria."""
    assert expected in days_off([code], [2026])


def test_an_unknown_country_is_refused_in_one_sentence() -> None:
    with pytest.raises(HolidayError, match="'Atlantis' has no holidays; write a country's code such as US"):
        days_off(["Atlantis"], [2026])
