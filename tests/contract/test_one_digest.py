"""The same scenario and seed give the same trace, request for request, whatever carries the requests."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from sim.scenario import load, scenario_from
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
