"""What a port has read stays as it was read, whatever the core does next; and both transports read the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from mockservices.scim.operations import Path, SetAttribute
from sim.ports import Source, Target
from sim.provisioning import requests
from sim.scenario import scenario_from
from sim.serving import Session
from sim.world import Transport, World
from tests.contract.stories import story

Reading = Callable[[World, Source, Target], Any]


def the_user(world: World) -> str:
    return world.services.directory.user_id(0)


def the_target_user(world: World) -> str:
    return world.services.provider.user_id(0)


def the_group(world: World) -> str:
    return world.services.directory.groups[0].id


READINGS: dict[str, Reading] = {
    "everything": lambda world, source, target: source.changes(None),
    "a user": lambda world, source, target: source.user(the_user(world)),
    "a group": lambda world, source, target: source.group(the_group(world)),
    "members": lambda world, source, target: source.members(the_group(world)),
    "groups of a user": lambda world, source, target: source.groups_of(the_user(world)),
    "assignments": lambda world, source, target: source.assigned(),
    "a target user": lambda world, source, target: target.send(requests.get_user(the_target_user(world))),
    "a target group": lambda world, source, target: target.send(
        requests.get_group(world.services.provider.groups[0].id)
    ),
    "a user found": lambda world, source, target: target.send(
        requests.find_user("userName", "ann.example@contoso.example")
    ),
    "a group found": lambda world, source, target: target.send(requests.find_group("Engineers")),
    "nobody found": lambda world, source, target: target.send(requests.find_user("userName", "nobody@x.example")),
    "a user that is not there": lambda world, source, target: source.user("00000000-0000-4000-8000-000000000000"),
    "a target user that is not there": lambda world, source, target: target.send(
        requests.get_user("00000000-0000-4000-8000-000000000000")
    ),
}


def comparable(reading: Any) -> Any:
    """A reading without what stands for a place in the feed, which each transport writes in its own way."""
    if hasattr(reading, "watermark"):
        return reading.users, reading.groups
    return reading


def change_everything(world: World) -> None:
    """Alter every object that a reading may have seen."""
    services = world.services
    services.directory.update_user(0, {"displayName": "Somebody Else", "accountEnabled": False})
    services.directory.update_group(0, {"displayName": "Renamed"})
    services.directory.remove_member(0, 0)
    assignment = services.applications.assignments(services.application.id)[0]
    services.applications.unassign(services.application.id, assignment.id)
    services.provider.apply_to_user(
        0, (SetAttribute(Path("displayName"), "Somebody Else"), SetAttribute(Path("active"), False))
    )
    services.provider.apply_to_group(0, (SetAttribute(Path("displayName"), "Renamed"),))


@pytest.fixture(params=["direct", "wire"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    transport: Transport = request.param
    opened = Session(scenario_from(story("reading", [])), transport=transport, speed=None)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_is_a_snapshot(name: str, session: Session) -> None:
    world = session.world
    source, target = world.driver.job.source, world.driver.target
    reading = READINGS[name](world, source, target)
    kept = deepcopy(comparable(reading))
    change_everything(world)
    assert comparable(reading) == kept


@pytest.mark.parametrize("name", READINGS)
def test_both_transports_read_the_same(name: str) -> None:
    seen = []
    for transport in ("direct", "wire"):
        opened = Session(scenario_from(story("reading", [])), transport=transport, speed=None)
        try:
            world = opened.world
            reading = READINGS[name](world, world.driver.job.source, world.driver.target)
            seen.append(comparable(reading))
        finally:
            opened.close()
    assert seen[0] == seen[1]


def test_a_delta_tells_the_same_changes_over_both_transports() -> None:
    seen = []
    for transport in ("direct", "wire"):
        opened = Session(scenario_from(story("reading", [])), transport=transport, speed=None)
        try:
            source = opened.world.driver.job.source
            before = source.latest()
            change_everything(opened.world)
            opened.world.services.directory.delete_user(1)
            opened.world.services.directory.delete_user(2)
            opened.world.services.directory.purge_user(2)
            opened.world.services.directory.delete_group(1)
            seen.append(comparable(source.changes(before)))
        finally:
            opened.close()
    assert seen[0] == seen[1]
    users, groups = seen[0]
    assert [user.removed for user in users] == [None, "changed", "deleted"]
    assert {group.removed for group in groups} == {None, "changed"}
