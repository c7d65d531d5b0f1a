"""Who counts as employed: from joining to leaving, once, whatever comes between."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mockservices.clock import Clock, Millis
from sim.observation.headcount import CONTRACTOR, EMPLOYEE, Headcount
from sim.observation.summary import summarize
from sim.scenario import scenario_from
from sim.world import World
from tests.contract.stories import person, story


def empty() -> tuple[Clock, Headcount]:
    clock = Clock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    return clock, Headcount(clock, None)


def test_beginning_twice_and_ending_twice_count_once() -> None:
    clock, headcount = empty()
    rows: list[tuple[int, str, int, int]] = []
    headcount.sink = rows.append
    headcount.begins(7, EMPLOYEE)
    headcount.begins(7, CONTRACTOR)
    assert (headcount.everybody.now, headcount.employees, headcount.contractors.now) == (1, 1, 0)
    clock.now = Millis(5)
    headcount.ends(7)
    headcount.ends(7)
    headcount.ends(8)
    assert (headcount.everybody.now, headcount.everybody.peak) == (0, 1)
    assert rows == [(7, EMPLOYEE, 0, 1), (7, EMPLOYEE, 5, -1)]


def test_somebody_who_comes_back_counts_as_what_they_are_now() -> None:
    _, headcount = empty()
    headcount.begins(1, CONTRACTOR)
    headcount.ends(1)
    headcount.begins(1, EMPLOYEE)
    assert (headcount.employees, headcount.contractors.now) == (1, 0)
    assert headcount.employment(1) == EMPLOYEE


def population(*timeline: dict[str, Any]) -> dict[str, int]:
    """The population at the end of a story that begins with ann, bob and cyd at work, and dan's account disabled."""
    world = World(scenario_from(story("headcount", list(timeline))))
    world.run()
    found: dict[str, int] = summarize(world)["population"]
    return found


def test_people_with_an_enabled_account_are_there_at_the_start() -> None:
    assert population() == {"employees": 3, "contractors": 0, "peak": 3}


def test_a_joiner_counts_from_the_first_day_whenever_hr_acts() -> None:
    late = {"at": "1h", "do": "join", "person": person("eve", "Engineering"), "hr_lag": "10h"}
    early = {"at": "3h", "do": "join", "person": person("fay", "Kitchen", employment="contractor"), "hr_lag": "-2h"}
    assert population(late, early) == {"employees": 4, "contractors": 1, "peak": 5}


def test_a_leave_of_absence_changes_nothing_and_leaving_does() -> None:
    away = {"at": "1h", "do": "absent", "person": "ann"}
    gone = {"at": "1h", "do": "leave", "person": "bob"}
    assert population(away, gone) == {"employees": 2, "contractors": 0, "peak": 3}


def test_whoever_is_replaced_in_the_same_instant_makes_no_peak() -> None:
    gone = {"at": "1h", "do": "leave", "person": "bob"}
    new = {"at": "1h", "do": "join", "person": person("eve", "Operations")}
    assert population(new, gone) == population(gone, new) == {"employees": 3, "contractors": 0, "peak": 3}


def test_people_whom_only_the_directory_knows_count_while_their_account_is_enabled() -> None:
    made = {"at": "1h", "do": "create_user", "person": person("gus", "Kitchen", employment="contractor")}
    assert population(made) == {"employees": 3, "contractors": 1, "peak": 4}
    blocked = {"at": "2h", "do": "disable", "person": "gus"}
    assert population(made, blocked) == {"employees": 3, "contractors": 0, "peak": 4}
    assert population({"at": "2h", "do": "enable", "person": "dan"})["employees"] == 4


def test_a_user_of_the_target_is_nobody_of_the_company() -> None:
    by_hand = {"at": "1h", "do": "aws_create_user", "user_name": "x", "given_name": "X", "family_name": "Y"}
    assert population(by_hand) == {"employees": 3, "contractors": 0, "peak": 3}
