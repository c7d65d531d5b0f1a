"""Story pace: from what comes next to seconds on the wall, without any clock."""

from __future__ import annotations

import pytest

from sim.pacing import DAY_MS, FULL_STORY, INITIAL_S, PAUSE_S, Moment, Stretch, plan, tempo

INTERVAL = 2_400_000
HOUR = 3_600_000


def moment(**more: object) -> Moment:
    values: dict[str, object] = {
        "now": 0, "end": 5 * DAY_MS, "event": None, "gate": None, "interval": INTERVAL, "under_way": False, "events": 10
    }  # fmt: skip
    return Moment(**{**values, **more})  # type: ignore[arg-type] # plain values by name


def test_idle_time_is_skipped_whether_hours_or_days() -> None:
    assert plan(moment(event=HOUR)).seconds < 1
    assert plan(moment(event=4 * DAY_MS)).seconds == 1.5


def test_first_movement_comes_within_ten_seconds_whatever_comes_first() -> None:
    for first in (moment(event=4 * DAY_MS), moment(gate=INTERVAL), moment(event=4 * DAY_MS, under_way=True)):
        assert plan(first).seconds < 10


def test_an_event_has_happened_at_the_end_of_its_stretch_and_there_is_time_to_read() -> None:
    stretch = plan(moment(event=HOUR))
    assert (stretch.goal, stretch.rest) == (HOUR + 1, PAUSE_S)


def test_waiting_for_a_cycle_is_slow_so_that_the_countdown_is_seen() -> None:
    assert plan(moment(gate=INTERVAL)).seconds == 6.0
    assert plan(moment(gate=INTERVAL // 2)).seconds == 4.0


def test_what_comes_first_is_gone_to() -> None:
    assert plan(moment(event=HOUR, gate=INTERVAL)).goal == INTERVAL + 1
    assert plan(moment(event=HOUR, gate=2 * HOUR)).goal == HOUR + 1


def test_nothing_left_leads_to_the_end_and_not_beyond() -> None:
    assert plan(moment()).goal == 5 * DAY_MS
    assert plan(moment(event=5 * DAY_MS)).goal == 5 * DAY_MS


def test_an_initial_cycle_takes_its_seconds_however_long_it_is() -> None:
    for length in (20_000, 20 * HOUR):
        stretch = plan(moment(cycle_since=0, cycle_end=length))
        assert stretch.seconds * length / stretch.goal == pytest.approx(INITIAL_S, rel=0.01)


def test_an_incremental_cycle_goes_faster_the_longer_it_lasts() -> None:
    begun, lasting = plan(moment(cycle_since=0)), plan(moment(now=HOUR, cycle_since=0))
    assert begun.goal - begun.start == 200
    assert lasting.goal - lasting.start == HOUR // 2
    assert lasting.seconds == begun.seconds


def test_a_cycle_that_has_ended_is_read_about_at_a_standstill() -> None:
    assert plan(moment(now=7, cycle_over=True, event=9)) == Stretch(7, 7, 0.0, PAUSE_S)


def test_faster_and_longer_stories_take_less_time_for_each_event() -> None:
    assert plan(moment(event=HOUR), 2.0).seconds == plan(moment(event=HOUR)).seconds / 2
    assert tempo(10 * FULL_STORY) == 0.1
    assert tempo(3) == tempo(0) == 1.0


def test_a_stretch_goes_evenly_and_stays_at_its_goal() -> None:
    stretch = Stretch(100, 300, 2.0, rest=1.0)
    assert [stretch.at(second) for second in (-1, 0, 1, 2, 9)] == [100, 100, 200, 300, 300]
    assert [stretch.over(second) for second in (2.5, 3.0)] == [False, True]
