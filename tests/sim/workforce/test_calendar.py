from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.randomness import Ints
from sim.time import DAY, HOUR, WEEK
from sim.workforce.calendar import Calendar

MONDAY_8 = datetime(2026, 3, 2, 8, tzinfo=UTC)
STARTS = st.integers(0, 50 * 365 * DAY).map(lambda after: MONDAY_8 + timedelta(milliseconds=after))


def at(calendar: Calendar, *opened: int) -> list[int]:
    times: Ints = calendar.at(np.array(opened, dtype=np.int64))
    return [int(time) for time in times]


def test_a_uniform_calendar_changes_nothing() -> None:
    calendar = Calendar("uniform", datetime(2026, 3, 5, 13, 7, tzinfo=UTC))
    assert at(calendar, 0, 5, 3 * WEEK + 17) == [0, 5, 3 * WEEK + 17]
    assert calendar.opened_before(1_234_567_890) == 1_234_567_890
    assert calendar.open_share == 1


def test_working_hours_are_ten_hours_on_five_days() -> None:
    """From Monday 08:00 on: the eleventh open hour is Tuesday 08:00, the 51st Monday 08:00 a week later."""
    calendar = Calendar("working_hours", MONDAY_8)
    assert at(calendar, 0, 10 * HOUR - 1, 10 * HOUR, 50 * HOUR - 1, 50 * HOUR) == [
        0,
        10 * HOUR - 1,
        DAY,
        4 * DAY + 10 * HOUR - 1,
        WEEK,
    ]
    assert calendar.open_week == 50 * HOUR


def test_a_start_inside_a_working_day_opens_at_once() -> None:
    """Wednesday 12:30: five and a half hours until 18:00, then Thursday 08:00, which is 19.5 hours after the start."""
    calendar = Calendar("working_hours", datetime(2026, 3, 4, 12, 30, tzinfo=UTC))
    assert at(calendar, 0, 330 * 60_000) == [0, 19 * HOUR + HOUR // 2]


def test_the_hours_are_those_of_utc() -> None:
    east = MONDAY_8.astimezone(timezone(timedelta(hours=9)))
    assert at(Calendar("working_hours", east), 10 * HOUR) == [DAY]


def test_a_weekend_has_no_open_time() -> None:
    saturday = datetime(2026, 3, 7, tzinfo=UTC)
    assert Calendar("working_hours", saturday).opened_before(2 * DAY) == 0


def test_durations_are_shortened_by_the_open_share_of_a_week() -> None:
    assert Calendar("working_hours", MONDAY_8).shortened(np.array([WEEK, 0])).tolist() == [50 * HOUR, 0]


@given(STARTS, st.lists(st.integers(0, 60 * WEEK), min_size=1))
def test_open_time_goes_to_working_hours_in_strict_order(start: datetime, opened: list[int]) -> None:
    calendar = Calendar("working_hours", start)
    ordered = sorted(set(opened))
    times = at(calendar, *ordered)
    assert times == sorted(set(times))
    for before, time in zip(ordered, times, strict=True):
        instant = start + timedelta(milliseconds=time)
        assert instant.weekday() < 5
        assert 8 <= instant.hour < 18
        assert calendar.opened_before(time) == before
        assert calendar.opened_before(time + 1) == before + 1


@given(STARTS, st.integers(0, 60 * WEEK))
def test_all_open_time_before_the_horizon_lies_before_it_and_no_more(start: datetime, horizon: int) -> None:
    calendar = Calendar("working_hours", start)
    span = calendar.opened_before(horizon)
    assert all(time < horizon for time in at(calendar, *[span - 1][: min(span, 1)]))
    assert at(calendar, span)[0] >= horizon


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Calendar("uniform", MONDAY_8.replace(tzinfo=None))
