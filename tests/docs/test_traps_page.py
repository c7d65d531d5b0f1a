"""``docs/whatif-traps.md``: both tables are what the scenarios give, and the commands run."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sim.observation.summary import summarize
from sim.scenario import load
from sim.world import World

PAGE = (Path(__file__).parents[2] / "docs" / "whatif-traps.md").read_text(encoding="utf-8")
MINUTE = 60_000


@cache
def lived(name: str, *settings: str) -> tuple[World, dict[str, Any]]:
    world = World(load(name, settings).scenario)
    world.run()
    return world, summarize(world)


def row(begins: str) -> list[str]:
    line = next(line for line in PAGE.splitlines() if line.startswith(f"| {begins}"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


@pytest.mark.parametrize(
    ("begins", "settings"),
    [
        ("`next_gate`: skips", ()),
        ("`at_once`:", ("provisioning.overrun=at_once",)),
        ("`next_gate`, without", ("workforce.bulk=[]",)),
    ],
)
def test_one_late_cycle_and_what_the_scheduler_makes_of_it(begins: str, settings: tuple[str, ...]) -> None:
    """Gates are at multiples of 40 min; in the last six hours cycles begin at every one of them, or at every other."""
    world, summary = lived("metastable-overrun", *settings)
    starts = [cycle.start for cycle in world.cycles if cycle.start >= 30 * 60 * MINUTE]
    apart = {(later - earlier) // MINUTE for earlier, later in pairwise(starts)}
    assert len(apart) == 1
    mean = summary["latency"]["mover_revoke"]["mean_s"]
    assert row(begins) == [f"{apart.pop()} min", str(summary["provisioning"]["cycles"]), f"{mean:,.0f} s"]


@pytest.mark.parametrize(
    ("begins", "settings"),
    [
        ("every 40 min from 00:05", ()),
        ("every 40 min from 00:35", ("provisioning.phase=35m",)),
        ("every 37 min from 00:05", ("provisioning.interval=37m",)),
    ],
)
def test_the_same_hour_meets_the_same_moment_of_the_interval(begins: str, settings: tuple[str, ...]) -> None:
    _, summary = lived("phase-trap", *settings)
    found = summary["latency"]["contractor_expiry"]
    assert row(begins) == [f"{found['p50_s']:,.0f} s", f"{found['p99_s']:,.0f} s"]


def test_the_results_of_the_phase_trap_are_as_its_file_says() -> None:
    _, summary = lived("phase-trap")
    assert [each["agrees"] for each in summary["results"]] == [True, True]
