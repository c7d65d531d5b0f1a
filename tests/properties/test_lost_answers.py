"""One request after the other of a whole story comes to grief, before or after the target has carried it out.

Whatever happens, nobody is there twice, nobody who should be disabled stays active, and after the cycle that the rules
name the target holds what it holds when nothing goes wrong: what passes by itself is tried again in the next cycle.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from sim.ports import Create
from sim.scenario import scenario_from
from sim.world import World
from tests.contract.conftest import Run
from tests.properties.lost import FATES, LOSSES, Loss, at_gates, lossy, scenario, state, struck, undisturbed
from tests.semantics.story import HOUR, MINUTE, join, told

SAMPLE = 5
"""One in so many requests in every run of the suite; each of them in `make test-long`."""
DISTURBED = {"request": "the request is lost", "answer": "the answer is lost"}


def test_the_story_has_every_kind_of_request() -> None:
    world = World(scenario())
    target = lossy(world)
    world.run()
    kinds = {(request.method, getattr(request, "kind", "")) for request in target.sent}
    methods = ("GET", "POST", "PATCH", "DELETE")
    assert kinds == {(method, kind) for method in methods for kind in ("User", "Group")}


def test_no_two_requests_of_it_are_sent_in_the_same_millisecond() -> None:
    times = undisturbed().times
    assert len(set(times)) == len(times) > 40


def numbers(fate: str) -> Iterable[int]:
    """A sample of the requests: for each fate another one."""
    return range(list(FATES).index(fate) % SAMPLE, len(undisturbed().times), SAMPLE)


def check(fate: str, number: int) -> None:
    """The story with one request that comes to grief."""
    told, wanted = FATES[fate], undisturbed()
    world = World(struck(told, number))
    right = wanted.cycle(number) + told.cycles
    for cycle, found in at_gates(world):
        users = [dict(attributes) for attributes, *_ in found[0]]
        assert len({each["externalId"] for each in users}) == len(users), "somebody is there twice"
        if cycle < wanted.cycle(number) or cycle >= right:
            assert found == wanted.states[cycle], f"after cycle {cycle}, and the request was of {wanted.cycle(number)}"
    assert world.services.faults.hits() == {"one": 1}
    assert world.parts.divergence.look() == 0
    assert world.driver.sums.tally.errors <= told.errors


@pytest.mark.slow
@pytest.mark.parametrize("fate", FATES)
def test_whatever_becomes_of_a_request_all_is_right_after_the_cycle_that_the_rules_name(fate: str) -> None:
    for number in numbers(fate):
        check(fate, number)


@pytest.mark.long
@pytest.mark.parametrize("fate", FATES)
def test_whatever_becomes_of_any_request_all_is_right_after_the_cycle_that_the_rules_name(fate: str) -> None:
    for number in range(len(undisturbed().times)):
        check(fate, number)


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_a_rule_that_strikes_at_an_instant_does_what_a_target_does_that_loses_one_request(loss: Loss) -> None:
    """Two ways of losing the same request, so that neither is taken at its word."""
    for number in range(0, len(undisturbed().times), SAMPLE):
        ruled, wrapped = World(struck(FATES[DISTURBED[loss]], number)), World(scenario())
        lossy(wrapped, number, loss)
        ruled.run()
        wrapped.run()
        assert ruled.trace_sha256 == wrapped.trace_sha256
        assert ruled.traffic_sha256 == wrapped.traffic_sha256


# --- over the wire ---------------------------------------------------------------------------------------


def check_over_the_wire(run_over: Run, fate: str, number: int) -> None:
    """The same as over direct calls, which :func:`check` looks at."""
    disturbed = struck(FATES[fate], number)
    direct, wire = run_over(disturbed, "direct"), run_over(disturbed, "wire")
    assert wire.services.faults.hits() == {"one": 1}
    assert (wire.trace_sha256, wire.traffic_sha256) == (direct.trace_sha256, direct.traffic_sha256)
    assert state(wire) == undisturbed().states[-1]


@pytest.mark.slow
@pytest.mark.parametrize("fate", FATES)
def test_over_the_wire_it_is_the_same(run_over: Run, fate: str) -> None:
    for number in numbers(fate):
        if number < SAMPLE or (fate == "the answer is lost" and number % 2):
            check_over_the_wire(run_over, fate, number)


@pytest.mark.long
@pytest.mark.parametrize("fate", FATES)
def test_over_the_wire_it_is_the_same_for_any_request(run_over: Run, fate: str) -> None:
    for number in range(len(undisturbed().times)):
        check_over_the_wire(run_over, fate, number)


# --- by the other rules ----------------------------------------------------------------------------------

LADDER = {"transient": "ladder", "ladder": ["50m"], "then": "40m"}


@pytest.mark.slow
@pytest.mark.parametrize("fate", ["the request is lost", "the answer is lost", "500"])
def test_where_everything_climbs_the_ladder_the_next_try_is_two_cycles_later(fate: str) -> None:
    """The only request of a cycle's only object: Dan's creation, lost or refused at 80m; the first step is 50 minutes.

    So it is not tried at 120m, and it is at 160m. (At 131m he has left, which is looked at at once; here he stays.)
    """
    story = told(join("50m", "dan"), start_state="empty", provisioning__retries=LADDER, duration="280m")
    fault = {"name": "one", "operation": "create_user", "person": "dan", "times": 1, **FATES[fate].fault}
    world = World(scenario_from({**story, "faults": [fault]}))
    found = []
    for minute in range(119, 280, 40):
        world.run_until(minute * MINUTE)
        found.append(world.parts.divergence.look())
    assert found[0] == found[1] > 0
    assert found[2:] == [0, 0, 0]


@pytest.mark.slow
def test_a_creation_whose_answer_was_lost_is_found_in_the_next_cycle() -> None:
    """Dan's creation is carried out at 80m, and nobody hears of it; at 120m the look-up finds him."""
    world = World(scenario_from({**told(join("50m", "dan"), **_STORY), "faults": [_LOST]}))
    world.run_until(119 * MINUTE)
    assert world.parts.divergence.look() > 0
    world.run_until(159 * MINUTE)
    assert world.parts.divergence.look() == 0
    sums = world.driver.sums.tally
    assert (sums.users_created, sums.users_matched, world.services.provider.users_made) == (3, 1, 4)


@pytest.mark.slow
def test_where_it_is_posted_again_it_stays_on_409_until_somebody_restarts() -> None:
    """As the field reports it: https://learn.microsoft.com/en-us/answers/questions/1151866/

    Lost at 80m, posted again at 120m: 409, which is no error that passes by itself; the next try is the first cycle
    after 80m + 6h, at 480m. The portal's restart forgets the failure, and the look-up finds him.
    """
    story = told(join("50m", "dan"), provisioning__lost_create="repost", **{**_STORY, "duration": "12h"})
    world = World(scenario_from({**story, "faults": [_LOST]}))
    target = lossy(world)
    world.run_until(10 * HOUR)
    posts = [
        at for at, request in zip(target.times, target.sent, strict=True) if isinstance(request, Create) and at > HOUR
    ]
    assert [at // MINUTE for at in posts] == [80, 120, 480]
    (row,) = [each.reason for each in world.log.rows if each.at == posts[1]]
    assert row == "EntryConflict"
    assert world.services.provider.users_made == 4
    assert world.parts.divergence.look() > 0
    services = world.services
    assert services.job is not None
    world.command("graph.job.restart", {"servicePrincipal": services.application.id, "job": services.job.id})
    world.run_until(11 * HOUR)
    assert world.parts.divergence.look() == 0
    assert world.services.provider.users_made == 4


_STORY: dict[str, Any] = {"start_state": "empty", "duration": "280m"}
_LOST = {"name": "one", "kind": "lost_answer", "operation": "create_user", "person": "dan", "times": 1}
