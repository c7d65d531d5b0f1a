"""What a runbook around provisioning on demand does for whoever leaves, in either order of its steps."""

from __future__ import annotations

from typing import Any

import pytest

from sim.observation.summary import summarize
from sim.scenario import load
from sim.world import World


def lived(*settings: str) -> dict[str, Any]:
    world = World(load("plain", ("workforce.size=400", "duration=30d", *settings)).scenario, seed=3)
    world.run()
    return summarize(world)


@pytest.fixture(scope="module")
def without() -> dict[str, Any]:
    return lived()


def test_unassigned_first_whoever_leaves_is_out_at_once(without: dict[str, Any]) -> None:
    found = lived("provisioning.runbook=unassign_first")
    assert found["events"] == without["events"]
    assert without["orphaned_access"]["by_cause"]["contractor_expiry"]["person_hours"] > 1
    assert found["orphaned_access"]["by_cause"]["contractor_expiry"]["person_hours"] == 0
    assert found["latency"]["contractor_expiry"]["max_s"] == 0


def test_nobody_else_is_any_sooner(without: dict[str, Any]) -> None:
    found = lived("provisioning.runbook=unassign_first")
    assert found["latency"]["joiner"]["hops"]["wait_s"] == without["latency"]["joiner"]["hops"]["wait_s"]


def test_disabled_first_nothing_is_gained(without: dict[str, Any]) -> None:
    """https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand: a disabled user is skipped."""
    found = lived("provisioning.runbook=disable_first")
    assert found["latency"]["leaver"] == without["latency"]["leaver"]
    assert found["orphaned_access"]["people"] == without["orphaned_access"]["people"]


def test_in_a_layoff_only_as_many_are_out_at_once_as_calls_are_allowed() -> None:
    """Five runs on demand in ten seconds: of twenty who are laid off at one instant fifteen wait for the cycle."""
    found = lived(
        "provisioning.runbook=unassign_first", "workforce.contractors=0.0",
        "workforce.rates={joiners: 0.0, leavers: 0.0, movers: 0.0}",
        "workforce.bulk=[{kind: layoff, at: 10d, people: 20, over: 0m}]", "duration=11d",
    )  # fmt: skip
    latency = found["latency"]["leaver"]
    assert latency["n"] == 20
    assert latency["p50_s"] > 0
    assert found["orphaned_access"]["by_cause"]["leaver"]["people"] == 15
