"""What the feed says when credentials run out, worked out by hand and held against what the journal keeps."""

from __future__ import annotations

from functools import cache

import pytest

from sim.observation.expiries import Expiries, Expiry
from sim.scenario import Scenario, load, scenario_from
from sim.time import DAY, HOUR, MINUTE, SECOND
from sim.world import World
from tests.contract.stories import STORIES

OVER, ROLE = "the portal session is over: ", "credentials for Administrator on production have run out"
DISABLED, ADMIN = "the user is disabled in AWS", "ended by an administrator"
TOLD: dict[str, list[tuple[str, str]]] = {
    "wait": [
        ("10:40", f"{OVER}{DISABLED}"),
        ("10:50", f"{ROLE}, 10m after the access"),
        ("11:20", f"{ROLE}, 40m after the access"),
    ],
    "unassign_on_demand_disable": [("10:04", f"{OVER}{DISABLED}"), ("10:50", f"{ROLE}, 46m after the access")],
    "end_session": [("10:05", f"{OVER}{ADMIN}"), ("10:50", f"{ROLE}, 10m after the access")],
    "deny": [
        ("10:40", f"{OVER}{DISABLED}"),
        ("10:50", f"{ROLE}; a policy had made them worthless"),
        ("11:20", f"{ROLE}; a policy had made them worthless"),
    ],
    "push": [("10:03", f"{OVER}{DISABLED}"), ("10:50", f"{ROLE}, 46m 55s after the access")],
}


def told(world: World, step: int) -> list[Expiry]:
    """Everything that runs out in a run, asked for every so many ms."""
    expiries, found = Expiries(world), []
    while world.now < world.end:
        world.run_until(min(world.now + step, world.end))
        found += expiries.since_last()
    return found


def leaving() -> Scenario:
    """A company in which many go while role sessions of twelve hours are open."""
    sets = [{"name": name, "session": "12h"} for name in ("ReadOnly", "PowerUser")]
    return scenario_from(
        {
            **STORIES["doors"],
            "duration": "4d",
            "workforce": {"size": 200, "counts": {"leaver": 50, "mover": 50}},
            "target": {"sessions": {"users": 1, "roles": 8, "usage": "on_call"}, "permission_sets": sets},
        }
    )


@cache
def told_often() -> list[Expiry]:
    """The same, asked for every eleven minutes."""
    return told(World(leaving()), 11 * MINUTE)


def wall(at: int) -> str:
    """Of a story that begins at 8:00."""
    return f"{8 + at // HOUR}:{at % HOUR // MINUTE:02}"


@pytest.mark.parametrize("runbook", TOLD)
def test_the_feed_says_when_the_dismissed_administrators_credentials_run_out(runbook: str) -> None:
    """Sessions of 09:50 and 10:20 last an hour; a cycle's deeds come some hundred ms after its minute: rounded away."""
    found = told(World(load("friday-1003", [f"runbook={runbook}"]).scenario), 7 * MINUTE)
    assert [(wall(each.at), each.what) for each in found] == TOLD[runbook]
    assert {each.person for each in found} == {0}


def test_a_portal_session_that_nobody_ends_expires() -> None:
    """Femi, who stays, signs in at 8:30 for eight hours and starts a role for one; nothing of it is residual."""
    acts = [{"at": "30m", "do": "start_role", "person": "femi", "permission_set": "ReadOnly", "account": "production"}]
    scenario = load("friday-1003", ["duration=10h", f"timeline={acts}", "runbooks.wait.timeline=[]"]).scenario
    found = told(World(scenario), HOUR)
    assert [(wall(each.at), each.what) for each in found] == [
        ("9:30", "credentials for ReadOnly on production have run out"),
        ("16:30", f"{OVER}it has expired"),
    ]


@pytest.mark.parametrize("step", [SECOND * 517, HOUR, 30 * HOUR, 9 * DAY])
def test_each_session_that_outlived_its_grant_is_told_once_at_its_end_however_often_one_looks(step: int) -> None:
    world = World(leaving())
    found = told(world, step)
    assert world.reach is not None
    doors = world.services.doors
    real = {each.id for each in doors.started_portals} | {each.id for each in doors.started_roles}
    residual = [row for row in world.reach.picture().residual if row.until < world.end and row.session not in real]
    drawn = sorted((row.until, row.person) for row in residual)
    assert len(drawn) > 20
    people = {person for _, person in drawn}
    assert [(each.at, each.person) for each in found if each.person in people] == drawn
    assert found == sorted(found) == told_often()


def test_a_world_without_sessions_tells_nothing() -> None:
    assert told(World(load("hello").scenario), HOUR) == []
