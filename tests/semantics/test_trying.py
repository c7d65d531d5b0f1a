"""Trying at any instant of any story: what would come of it, what really comes of it, and what it leaves behind.

The stories are random: four people, everything that HR, administrators and the job can do, both rule sets, federated
and local sign-in, with portal sessions and role sessions here and there.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockservices.clock import Millis
from mockservices.errors import ServiceError
from mockservices.identitycenter.sessions.access import Verdict
from mockservices.identitycenter.sessions.records import PortalSession
from sim.observation.summary import summarize
from sim.scenario import Scenario, scenario_from
from sim.scenario.errors import ScenarioError
from sim.trying import Tried, Try, attempt, look_ahead
from sim.world import World
from tests.semantics.random_stories import GRANT, WHO, stories
from tests.semantics.story import MINUTE

INSTANTS = st.integers(1, 239 * MINUTE).map(Millis)
AT_THE_DOORS = ["sign_in", "sign_in", "sign_out", "start_role", "aws_end_sessions", "aws_deny", "aws_allow"]


@st.composite
def told_stories(draw: st.DrawFn) -> Scenario:
    """A random story with people at its doors."""
    scenario = draw(stories())
    timeline: list[Any] = [*_plain(scenario)["timeline"]]
    for _ in range(draw(st.integers(1, 6))):
        action = {"at": f"{draw(st.integers(1, 200))}m", "do": draw(st.sampled_from(AT_THE_DOORS))}
        who = draw(st.sampled_from(["ann", "bob", "cyd"]))
        if action["do"] == "start_role":
            action["permission_set"], action["account"] = draw(GRANT)
        timeline.append({**action, "user" if action["do"].startswith("aws_") else "person": who})
    rules, portal = draw(st.sampled_from(["current", "legacy"])), draw(st.sampled_from(["30m", "8h"]))
    target = {
        "sessions": {"rules": rules, "portal": portal},
        "sign_in": draw(st.sampled_from(["federated", "local"])),
    }
    values = _plain(scenario)
    try:
        return scenario_from({**values, "timeline": timeline, "target": {**values["target"], **target}})
    except ScenarioError:  # nobody who was purged signs in
        assume(False)
        raise


def _plain(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(mode="json", by_alias=True, exclude_none=True)


def at(scenario: Scenario, when: Millis) -> World:
    world = World(scenario)
    world.run_until(Millis(when + 1))
    return world


def tries(tried: Tried) -> dict[tuple[int, int], Try]:
    return {(each.row, each.grant): each for each in tried.tries}


@settings(max_examples=60)
@given(told_stories(), WHO, GRANT, INSTANTS)
def test_what_it_says_comes_true_for_whoever_does_it(
    scenario: Scenario, who: str, grant: tuple[str, str], when: Millis
) -> None:
    """In the same world they go to the portal: from an open session, else by signing in."""
    check(scenario, who, grant, when)


def check(scenario: Scenario, who: str, grant: tuple[str, str], when: Millis) -> None:
    """Of one story, person, grant and instant."""
    permission_set, account = grant
    world = at(scenario, when)
    tried = attempt(world, who, account, permission_set)
    for each in tried.tries:
        if each.row >= 0:
            assert _really(at(scenario, when), each, account, permission_set) is (
                each.attempt.verdict is not Verdict.CLOSED
            )
            held = each.grant in world.services.instance.effective(each.row)
            assert held is each.doors.assignment.is_open
            if each.attempt.verdict is Verdict.USABLE:
                assert held
            if each.attempt.verdict is Verdict.RESIDUAL:
                assert not held


def _really(world: World, each: Try, account: str, permission_set: str) -> bool:
    services = world.services
    sessions: list[PortalSession] = list(services.doors.started(each.row))
    asked = {"account": account, "role": permission_set}
    for session in sessions:
        try:
            services.perform("sso.role.start", {"session": session.id, **asked})
        except ServiceError:
            continue
        return True
    try:
        session = services.perform("sso.portal.signIn", {"user": each.user})
        services.perform("sso.role.start", {"session": session.id, **asked})
    except ServiceError:
        return False
    return True


@settings(max_examples=60)
@given(told_stories(), WHO, GRANT, INSTANTS)
def test_it_stays_so_until_the_time_that_is_told_and_not_longer(
    scenario: Scenario, who: str, grant: tuple[str, str], when: Millis
) -> None:
    world = at(scenario, when)
    before = attempt(world, who, grant[1], grant[0], when)
    followed = look_ahead(world, before, end=world.end)
    assert {key: each.attempt.verdict for key, each in tries(followed).items()} == {
        key: each.attempt.verdict for key, each in tries(before).items()
    }
    for key, each in tries(followed).items():
        until = each.attempt.until
        if each.row < 0 or until is None or until > followed.known_until:
            continue
        verdicts = []
        for instant in (until - 1, until):
            now = tries(attempt(at(scenario, Millis(instant)), who, grant[1], grant[0], Millis(instant)))
            verdicts.append(now[key].attempt.verdict if key in now else Verdict.CLOSED)
        assert verdicts[0] is each.attempt.verdict
        assert verdicts[1] is not each.attempt.verdict


@settings(max_examples=30)
@given(told_stories(), WHO, INSTANTS)
def test_trying_leaves_nothing_behind(scenario: Scenario, who: str, when: Millis) -> None:
    """Not an event, not a request, and not a figure."""
    asked, untouched = at(scenario, when), at(scenario, when)
    for account in ("dev", "prod"):
        attempt(asked, who, account)
    for world in (asked, untouched):
        world.run()
    assert (asked.trace_sha256, asked.traffic_sha256) == (untouched.trace_sha256, untouched.traffic_sha256)
    assert summarize(asked)["orphaned_access"] == summarize(untouched)["orphaned_access"]
    assert [person.number for person in asked.parts.ledger.touched()] == [
        person.number for person in untouched.parts.ledger.touched()
    ]


@pytest.mark.long
@settings(max_examples=1000)
@given(told_stories(), WHO, GRANT, INSTANTS)
def test_of_many_stories_what_it_says_comes_true(
    scenario: Scenario, who: str, grant: tuple[str, str], when: Millis
) -> None:
    check(scenario, who, grant, when)
