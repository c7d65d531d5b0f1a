"""What SCIM servers other than AWS's do with Entra's requests, over both transports."""

from __future__ import annotations

from typing import Any

import pytest

from sim.scenario import scenario_from
from sim.world import Transport, World
from tests.contract.conftest import Run
from tests.contract.stories import story

TRANSPORTS: list[Transport] = ["direct", "wire"]
DISABLED = [{"at": "5m", "do": "disable", "person": "ann"}]
MOVED_ON = [{"at": "5m", "do": "remove_member", "group": "Engineers", "person": "ann"}]
BACK = [*DISABLED, {"at": "65m", "do": "enable", "person": "ann"}]


def told(timeline: list[dict[str, Any]], *quirks: str, dialect: str = "legacy") -> dict[str, Any]:
    """A story that begins in sync, with cycles from 10 minutes on, and a target with these habits."""
    return story(
        "quirks",
        timeline,
        target={"quirks": list(quirks)},
        provisioning={"phase": "10m", "patch_dialect": dialect},
    )


def active(world: World, name: str) -> bool:
    user = world.services.provider.user_by("userName", f"{name}.example@contoso.example")
    assert user is not None
    return user.active


def members(world: World, group: str) -> list[str]:
    provider = world.services.provider
    found = provider.group_by("displayName", group)
    assert found is not None
    return sorted(
        str(provider.peek(row).attributes["userName"]).partition(".")[0] for row in provider.members(found.row)
    )


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_server_that_wants_a_boolean_refuses_the_text_and_the_leaver_stays(
    run_over: Run, transport: Transport
) -> None:
    world = run_over(scenario_from(told(DISABLED, "strict_booleans")), transport)
    assert active(world, "ann")
    assert world.driver.sums.tally.errors > 0
    assert {row.reason for row in world.log.rows if row.status == "failure"} == {
        "SystemForCrossDomainIdentityManagementServiceIncompatible"
    }


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_compliant_dialect_mends_it(run_over: Run, transport: Transport) -> None:
    world = run_over(scenario_from(told(DISABLED, "strict_booleans", dialect="compliant")), transport)
    assert not active(world, "ann")
    assert world.driver.sums.tally.errors == 0


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_strict_server_empties_the_group_when_one_member_is_removed(run_over: Run, transport: Transport) -> None:
    world = run_over(scenario_from(told(MOVED_ON, "removal_empties_group")), transport)
    assert members(world, "Engineers") == []
    assert world.parts.divergence.by_kind["missing_membership"] == 1  # cyd's, which no cycle will ever send again


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("quirks", "dialect"), [((), "legacy"), ((), "compliant"), (("removal_empties_group",), "compliant")]
)
def test_otherwise_only_the_one_member_goes(
    run_over: Run, transport: Transport, quirks: tuple[str, ...], dialect: str
) -> None:
    world = run_over(scenario_from(told(MOVED_ON, *quirks, dialect=dialect)), transport)
    assert members(world, "Engineers") == ["cyd"]


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("quirks", "groups"), [((), ["ann", "cyd"]), (("inactive_leave_groups",), ["cyd"])])
def test_whoever_is_enabled_again_has_the_groups_that_the_target_has_kept(
    run_over: Run, transport: Transport, quirks: tuple[str, ...], groups: list[str]
) -> None:
    world = run_over(scenario_from(told(BACK, *quirks)), transport)
    assert active(world, "ann")
    assert members(world, "Engineers") == groups


@pytest.mark.parametrize("timeline", [DISABLED, MOVED_ON, BACK])
def test_both_transports_tell_the_same_story(run_over: Run, timeline: list[dict[str, Any]]) -> None:
    scenario = scenario_from(told(timeline, "strict_booleans", "removal_empties_group", "inactive_leave_groups"))
    direct, wire = run_over(scenario, "direct"), run_over(scenario, "wire")
    assert direct.trace_sha256 == wire.trace_sha256
    assert direct.traffic_sha256 == wire.traffic_sha256
