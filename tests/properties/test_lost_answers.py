"""One request after the other of a whole story is lost, before or after the target has carried it out.

Whatever is lost, nobody is there twice, nobody who should be disabled stays active, and after the next cycles the
target holds what it holds when nothing is lost: a time-out is tried again in the next cycle.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from sim.observation.summary import summarize
from sim.scenario import Scenario, scenario_from
from sim.world import World
from tests.properties.lost import LOSSES, Loss, lossy
from tests.semantics.story import act, join, person, told

MOVES: list[dict[str, Any]] = [
    join("50m", "dan"),
    act("51m", "move", "ann", department="Operations"),
    act("52m", "leave", "bob"),
    act("53m", "rename", "cyd", display_name="Cyd Other", user_principal_name="cyd.other@contoso.example"),
    act("90m", "delete", "bob"),
    act("91m", "rename_group", group="Auditors", to="Reviewers"),
    act("93m", "purge", "eve"),
    act("130m", "leave", "dan"),
    act("131m", "unassign", group="Operators"),
    act("210m", "rehire", "dan", department="Security"),
]
"""Every kind of request, in cycles that leave time for another try before the next thing happens to the same person.

The last gate with news is at 240 minutes, the end at 320.
"""


def scenario() -> Scenario:
    """An initial cycle at 0 and what :data:`MOVES` says, with four people at the start."""
    people = [person("ann"), person("bob", "Operations"), person("cyd", "Security"), person("eve")]
    return scenario_from(told(*MOVES, start_state="empty", before={"people": people}, duration="320m"))


def state(world: World) -> tuple[Any, ...]:
    """Everything that the target holds, ids left out: another order of creation gives other ids."""
    provider, instance = world.services.provider, world.services.instance
    users = [provider.peek(row) for row in range(provider.users_made) if provider.exists(row)]
    named = {group.row: str(group.attributes["displayName"]) for group in provider.groups if group.exists}
    return (
        sorted(
            (
                sorted((name, str(value)) for name, value in user.attributes.items()),
                user.active,
                sorted(named[group] for group in user.groups),
                sorted(
                    "@".join((permission_set.name, account.name))
                    for account, permission_set in map(instance.grant_parts, instance.effective(user.row))
                ),
            )
            for user in users
        ),
        sorted(named.values()),
    )


@cache
def undisturbed() -> tuple[tuple[Any, ...], int]:
    """What the target holds in the end when nothing is lost, and how many requests that takes."""
    world = World(scenario())
    target = lossy(world)
    world.run()
    assert world.driver.sums.tally.errors == 0
    return state(world), len(target.sent)


def test_the_story_has_every_kind_of_request() -> None:
    world = World(scenario())
    target = lossy(world)
    world.run()
    kinds = {(request.method, getattr(request, "kind", "")) for request in target.sent}
    methods = ("GET", "POST", "PATCH", "DELETE")
    assert kinds == {(method, kind) for method in methods for kind in ("User", "Group")}


def disturbed(number: int, loss: Loss) -> World:
    """The story with one loss, at its end."""
    world = World(scenario())
    lossy(world, number, loss)
    world.run()
    return world


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_whatever_is_lost_the_target_ends_as_if_nothing_had_been(loss: Loss) -> None:
    wanted, requests = undisturbed()
    worlds = {number: disturbed(number, loss) for number in range(requests)}
    assert {number for number, world in worlds.items() if state(world) != wanted} == set()
    assert {number for number, world in worlds.items() if world.parts.divergence.look()} == set()
    assert {number for number, world in worlds.items() if summarize(world)["provisioning"]["errors"] > 3} == set()


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES)
def test_nobody_is_there_twice_at_any_time(loss: Loss) -> None:
    """One account of the directory has at most one user in the target, found by the number of its ``externalId``."""
    _, requests = undisturbed()
    for number in range(requests):
        world = World(scenario())
        lossy(world, number, loss)
        for minute in range(0, 321, 20):
            world.run_until(minute * 60_000)
            provider = world.services.provider
            names = [
                provider.peek(row).attributes["externalId"]
                for row in range(provider.users_made)
                if provider.exists(row)
            ]
            assert len(names) == len(set(names)), (number, minute)
