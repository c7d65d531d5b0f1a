"""The case study happens as it was reported, over both transports.

https://idsentinelsolutions.com/scenarios/13-scim-provisioning-entra-aws/
"""

from __future__ import annotations

from typing import Any

import pytest

from sim.observation.summary import summarize
from sim.scenario import load
from sim.world import World
from tests.contract.conftest import Run

HOUR, MINUTE = 3_600_000, 60_000
REPORTED = {
    "Protocol": "SCIM 2.0",
    "Groups provisioned": 3,
    "Users provisioned": 17,
    "Permission sets created": 3,
    "Provisioning errors": 0,
    "Lifecycle events validated: joiner, mover, leaver": 3,
    "Stale assignments removed": 14,
    "Manual provisioning steps after the pipeline": 0,
    "Provisioning cycle latency, in seconds": "< 2400",
    "Long-lived AWS credentials issued": 0,
}
BOTH = ["case-study", "case-study-as-told"]


def ran(name: str) -> tuple[World, dict[str, Any]]:
    world = World(load(name).scenario)
    world.run()
    assert world.timeline.refused == []
    return world, summarize(world)


def held(world: World, upn: str) -> list[str]:
    """What the target honours for the user of that userName now, as ``set@account``."""
    user = world.services.provider.user_by("userName", upn)
    if user is None:
        return []
    parts = [world.services.instance.grant_parts(grant) for grant in world.services.instance.effective(user.row)]
    return [f"{permission_set.name}@{account.name}" for account, permission_set in parts]


@pytest.mark.parametrize("name", BOTH)
def test_ten_results_are_measured_and_every_one_agrees(name: str) -> None:
    _, summary = ran(name)
    assert {row["label"]: row["reported"] for row in summary["results"]} == REPORTED
    assert [row["label"] for row in summary["results"] if not row["agrees"]] == []


@pytest.mark.parametrize("name", BOTH)
def test_the_figures_behind_the_results(name: str) -> None:
    _, summary = ran(name)
    initial = summary["provisioning"]["initial_cycle"]
    wanted = {"users_created": 17, "users_matched": 0, "groups_created": 3, "errors": 0}
    assert {key: initial[key] for key in wanted} == wanted
    assert summary["stale"] == {"found": 14, "removed": 14, "usable": None, "threshold_d": 30.0}
    assert summary["target"]["accounts"] == 6
    assert summary["target"]["scim_token_expires"] == "2027-03-02T09:10:00Z"
    assert summary["orphaned_access"]["people"]["now"] == 0
    assert summary["missing_access"]["now"] == 0
    assert summary["divergence"]["now"] == 0


@pytest.mark.parametrize("name", BOTH)
def test_fourteen_stale_grants_wait_for_nobody_until_the_clean_up(name: str) -> None:
    world = World(load(name).scenario)
    world.run_until(28 * HOUR - 1)
    orphaned = summarize(world)["orphaned_access"]
    assert [row["waiting_for"] for row in orphaned["open"]] == ["nobody"] * 14
    assert [row["cause"] for row in orphaned["open"]].count("contractor_expiry") == 2
    world.run_until(28 * HOUR + 1)
    assert summarize(world)["orphaned_access"]["grants"]["now"] == 0


@pytest.mark.parametrize("name", BOTH)
def test_joiner_mover_and_leaver_each_arrive_in_the_next_cycle(name: str) -> None:
    """Cycles at 25h20m, 26h and 26h40m; each event lies 15 minutes before one."""
    world = World(load(name).scenario)
    chen = "t.chen@idsentinelsolutions.com"
    seen = []
    for hour, minute in ((25, 19), (25, 21), (25, 59), (26, 1), (26, 39), (26, 41)):
        world.run_until(hour * HOUR + minute * MINUTE)
        seen.append(held(world, chen))
    joined, moved = ["IDSentinel-ReadOnly@dev"], ["IDSentinel-PowerUser@dev"]
    assert seen == [[], joined, joined, moved, moved, []]
    world.run()
    latency = summarize(world)["latency"]
    for kind in ("joiner", "mover_grant", "mover_revoke", "leaver"):
        assert (latency[kind]["n"], latency[kind]["censored"]) == (1, 0)
        assert 900 <= latency[kind]["max_s"] < 905


def test_the_joiner_is_the_eighteenth_user_created_by_scim() -> None:
    world = World(load("case-study").scenario)
    world.run_until(25 * HOUR)
    assert summarize(world)["target"]["created_by_scim"] == 17
    world.run_until(25 * HOUR + 30 * MINUTE)
    assert summarize(world)["target"]["created_by_scim"] == 18


def test_a_leaver_who_is_disabled_stays_listed_and_suspended() -> None:
    world, summary = ran("case-study")
    user = world.services.provider.user_by("userName", "t.chen@idsentinelsolutions.com")
    assert user is not None
    assert (user.active, len(user.groups)) == (False, 1)
    assert summary["suspended_access"]["now"] == 1
    assert (summary["provisioning"]["users_disabled"], summary["provisioning"]["users_deleted"]) == (1, 0)


def test_a_leaver_who_is_deleted_for_good_is_gone() -> None:
    world, summary = ran("case-study-as-told")
    assert world.services.provider.user_by("userName", "t.chen@idsentinelsolutions.com") is None
    assert summary["suspended_access"]["now"] == 0
    assert (summary["provisioning"]["users_disabled"], summary["provisioning"]["users_deleted"]) == (0, 1)


def test_the_two_differ_in_one_setting_only() -> None:
    first, second = (load(name).scenario.model_dump() for name in BOTH)
    first["provisioning"]["on_leave"] = "delete"
    for key in ("scenario", "title", "brief"):
        del first[key], second[key]
    assert first == second


@pytest.mark.parametrize("name", BOTH)
def test_both_transports_give_one_trace_one_traffic_and_one_summary(name: str, run_over: Run) -> None:
    scenario = load(name).scenario
    direct, wire = run_over(scenario, "direct"), run_over(scenario, "wire")
    assert wire.trace_sha256 == direct.trace_sha256
    assert wire.traffic_sha256 == direct.traffic_sha256
    assert summarize(wire) == summarize(direct)
