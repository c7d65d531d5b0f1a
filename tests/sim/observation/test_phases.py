"""Phases: rows measured like the whole, adding up to it, and computed a second way from the journal."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sim.observation.journal import FILE_NAME, Journal, attach
from sim.observation.summary import Summary, summarize
from sim.scenario import scenario_from
from sim.world import World
from tests.semantics.story import HOUR, act, join, told
from tests.sim.observation.long_story import LONG_STORY
from tests.sim.observation.recompute import recompute

THREE = [{"name": "first", "until": "3h"}, {"name": "second", "until": "aws_delete_user"}, {"name": "third"}]


def three(**more: Any) -> World:
    """Dan joins at 1 h, Ann moves at 1:40, Bob leaves at 3 h and HR says so 30 minutes later; cycles: 40 minutes."""
    acts = (
        join("1h", "dan"), act("100m", "move", "ann", department="Operations"),
        act("3h", "leave", "bob", hr_lag="30m"),
    )  # fmt: skip
    return World(scenario_from(told(*acts, **more)))


def ran(world: World, until: int | None = None) -> Summary:
    world.run_until(world.end if until is None else until)
    return summarize(world)


@pytest.mark.parametrize("hours", [0, 2, 3, 9.99, 10, 31, 48])
@pytest.mark.parametrize("strategy", ["cycle", "none"])
def test_every_row_can_be_computed_from_the_journal(hours: float, strategy: str, tmp_path: Path) -> None:
    phases = [THREE[0], {**THREE[1], "strategy": strategy}, {"name": "third", "until": "30h"}, {"name": "fourth"}]
    world = World(scenario_from({**LONG_STORY, "phases": phases}))
    recorder = attach(world, Journal(tmp_path))
    summary = ran(world, int(hours * HOUR))
    recorder.finish()
    with sqlite3.connect(tmp_path / FILE_NAME) as journal:
        again = recompute(journal)["phases"]
    assert again == summary["phases"]
    assert again[0]["name"] == "first"


def test_the_phases_add_up_to_the_whole() -> None:
    summary = ran(World(scenario_from({**LONG_STORY, "phases": THREE})))
    rows = summary["phases"]
    assert [(row["from"][8:16], row["to"][8:16]) for row in rows] == [
        ("02T08:00", "02T11:00"), ("02T11:00", "02T18:00"), ("02T18:00", "04T08:00"),
    ]  # fmt: skip

    def total(*path: str) -> float:
        found = 0
        for row in rows:
            value: Any = row
            for key in path:
                value = value[key]
            found += value
        return found

    whole = summary["orphaned_access"]
    assert total("orphaned_access", "people", "person_hours") == pytest.approx(whole["people"]["person_hours"])
    assert total("orphaned_access", "grants", "grant_hours") == pytest.approx(whole["grants"]["grant_hours"])
    for cause, row in whole["by_cause"].items():
        assert total("orphaned_access", "by_cause", cause, "person_hours") == pytest.approx(row["person_hours"])
    for key in (
        "cycles",
        "requests",
        "errors",
        "users_created",
        "users_disabled",
        "membership_changes",
        "manual_steps",
    ):
        assert total("provisioning", key) == summary["provisioning"][key]
    for kind in ("n", "censored"):
        assert total("latency", "all", kind) == summary["latency"]["all"][kind]


def test_without_phases_there_is_no_row() -> None:
    assert ran(three())["phases"] is None


def test_phases_alone_change_nothing_but_the_rows() -> None:
    plain, phased = ran(three()), ran(three(phases=[{"name": "a", "until": "leave"}, {"name": "b"}]))
    assert {**phased, "phases": None} == plain


def test_what_a_phase_without_cycles_leaves_open_waits_for_the_next() -> None:
    """None from 1:30 to 3:00 (Bob's leaving ends it): Ann's move of 1:40 waits until the job starts at 3:00.

    Cycles fall at 0:00, 0:40 and 1:20, then at 3:00 at once, 3:20 and, the run ending at 4:00, no more. Ann's ReadOnly
    is orphaned from 1:40 on: 80 minutes of the middle phase, which lasts 90.
    """
    phases = [
        {"name": "before", "until": "90m"}, {"name": "pause", "until": "leave", "strategy": "none"}, {"name": "after"},
    ]  # fmt: skip
    before, pause, after = ran(three(phases=phases))["phases"]
    assert [row["provisioning"]["cycles"] for row in (before, pause, after)] == [3, 0, 2]
    assert [row["provisioning"]["strategy"] for row in (before, pause, after)] == ["cycle", "none", "cycle"]
    people = pause["orphaned_access"]["people"]
    assert (people["now"], people["person_hours"], people["mean"]) == (1, 80 / 60, 80 / 90)
    assert pause["latency"]["mover_revoke"]["n"] == 1
    assert pause["latency"]["mover_revoke"]["hops"]["wait_s"] == 80 * 60
    assert (after["latency"]["leaver"]["n"], after["latency"]["leaver"]["censored"]) == (0, 1)


def test_a_phase_by_cycles_leaves_the_start_to_the_timeline_where_that_starts_the_job() -> None:
    """The phase begins at 1 h, the job at 1:35: the first cycle then, the next at 2:00, 2:40 and so on."""
    acts = ({"at": "95m", "do": "start_job"}, act("2h", "leave", "bob"))
    phases = [{"name": "before", "until": "1h", "strategy": "none"}, {"name": "after"}]
    world = World(scenario_from(told(*acts, phases=phases)))
    world.run_until(94 * 60_000)
    assert world.driver.sums.cycles == 0
    world.run_until(96 * 60_000)
    assert world.driver.sums.cycles == 1


def test_a_phase_that_has_not_begun_has_no_row() -> None:
    phases = [{"name": "a", "until": "2h"}, {"name": "b"}]
    assert [row["name"] for row in ran(three(phases=phases), HOUR)["phases"]] == ["a"]
    assert [row["to"][11:16] for row in ran(three(phases=phases), 2 * HOUR + 60_000)["phases"]] == ["10:00", "10:01"]


def test_what_happens_at_a_border_belongs_to_the_later_phase() -> None:
    """Bob leaves at 3 h, the instant at which the phase ends."""
    rows = ran(three(phases=[{"name": "a", "until": "3h"}, {"name": "b"}]))["phases"]
    assert [row["latency"]["leaver"]["censored"] for row in rows] == [0, 1]
    assert rows[0]["orphaned_access"]["by_cause"]["leaver"]["people"] == 0


def test_a_world_is_the_same_over_a_replay_with_phases() -> None:
    phases = [{"name": "a", "until": "1h", "strategy": "none"}, {"name": "b"}]
    first, second = three(phases=phases), three(phases=phases)
    first.run()
    second.run()
    assert first.trace_sha256 == second.trace_sha256
    assert first.trace_sha256 != three().trace_sha256
