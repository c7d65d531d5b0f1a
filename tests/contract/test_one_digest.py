"""The same scenario and seed give the same trace, request for request, and the same figures, whatever carries them."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from sim.observation.summary import summarize
from sim.ports import USER
from sim.provisioning.log import DISABLE
from sim.scenario import load, scenario_from
from sim.time import MINUTE
from sim.world import Transport
from tests.contract.conftest import Run
from tests.contract.stories import STORIES


@pytest.mark.parametrize("name", STORIES)
def test_direct_and_wire_give_one_trace_and_one_traffic(name: str, run_over: Run) -> None:
    scenario = scenario_from(STORIES[name])
    direct, wire = run_over(scenario, "direct"), run_over(scenario, "wire")
    assert wire.trace_sha256 == direct.trace_sha256
    assert wire.traffic_sha256 == direct.traffic_sha256
    assert astuple(wire.driver.sums.tally) == astuple(direct.driver.sums.tally)
    assert wire.timeline.refused == direct.timeline.refused == []
    assert summarize(wire) == summarize(direct)


def test_a_merged_patch_that_aws_refuses_is_refused_over_both(run_over: Run) -> None:
    """In the compliant dialect two simple attributes go into one operation without a path, which AWS does not take:
    https://github.com/goauthentik/authentik/issues/12321"""
    told = {**STORIES["names"], "provisioning": {"phase": "10m", "patch_dialect": "compliant"}}
    direct, wire = run_over(scenario_from(told), "direct"), run_over(scenario_from(told), "wire")
    assert wire.traffic_sha256 == direct.traffic_sha256
    assert wire.driver.sums.tally.errors == direct.driver.sums.tally.errors > 0


def test_on_demand_the_legacy_dialect_is_spoken_whatever_the_flag_says(run_over: Run) -> None:
    """The same rename that is refused in a cycle comes through on demand, over both, and the cycle finds it done:
    https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
    """
    timeline = [*STORIES["names"]["timeline"][:1], {"at": "6m", "do": "provision_on_demand", "person": "ann"}]
    told = {**STORIES["names"], "timeline": timeline, "duration": "2h"}
    told["provisioning"] = {"phase": "10m", "patch_dialect": "compliant"}
    direct, wire = run_over(scenario_from(told), "direct"), run_over(scenario_from(told), "wire")
    assert wire.trace_sha256 == direct.trace_sha256
    assert wire.driver.sums.tally.errors == direct.driver.sums.tally.errors == 0
    assert wire.driver.sums.tally.users_updated == 1


@pytest.mark.parametrize("name", [name for name in STORIES if name != "by ticket"])
def test_wire_means_wire(name: str, run_over: Run) -> None:
    """The SCIM server counts as many requests of the job as the job says that it has sent."""
    wire = run_over(scenario_from(STORIES[name]), "wire")
    assert wire.services.traffic.own_counts["scim"] == wire.driver.sums.tally.requests > 0


@pytest.mark.parametrize("dialect", ["legacy", "compliant"])
@pytest.mark.parametrize("members", [1, 7])
def test_dialect_and_batch_size_are_the_same_over_both(dialect: str, members: int, run_over: Run) -> None:
    settings = [f"provisioning.patch_dialect={dialect}", f"provisioning.members_per_patch={members}"]
    scenario = load("hello", [*settings, "start_state=empty", "duration=1d"]).scenario
    direct, wire = run_over(scenario, "direct"), run_over(scenario, "wire")
    assert wire.trace_sha256 == direct.trace_sha256
    assert wire.traffic_sha256 == direct.traffic_sha256


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_a_runbook_sends_at_once_what_the_limit_of_calls_lets_through(transport: Transport, run_over: Run) -> None:
    """Ann and Bob go at 8:12, Cyd's end is told at 8:33, and one run on demand a minute is allowed. Unassigned first,
    Ann and Cyd are disabled in the target at once, and Bob, who was one too many, by the cycle at 8:50; disabled first,
    all three wait for it."""
    told = {}
    for order in ("unassign first", "disable first"):
        alone = {key: value for key, value in STORIES[order].items() if key != "workforce"}
        world = run_over(scenario_from({**alone, "duration": "51m"}), transport)
        told[order] = [row.at // MINUTE for row in world.log.rows if row.action == DISABLE and row.kind == USER]
    assert told == {"unassign first": [12, 33, 50], "disable first": [50, 50, 50]}


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_the_story_of_doors_has_figures_of_every_door(transport: Transport, run_over: Run) -> None:
    """So that equal figures over both say something: nothing of them is null or nothing."""
    summary = summarize(run_over(scenario_from(STORIES["doors"]), transport))
    rows = [summary["latency"][name] for name in ("sign_in_blocked", "last_usable", "last_session_ended")]
    assert all(row["n"] > 4 and row["max_s"] > 0 for row in rows)
    assert summary["orphaned_access"]["usable"]["person_hours"] > 0
    assert summary["residual_sessions"]["session_hours"] > 0
