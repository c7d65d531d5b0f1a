"""Deleted objects are gone for good after 30 days, whoever deleted them.

https://learn.microsoft.com/graph/api/directory-deleteditems-restore
"""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.errors import ServiceError
from mockservices.graph.directory import DELETED, GONE, LIVE
from sim.scenario import scenario_from
from sim.world import World
from tests.contract.stories import story

HOUR = 3_600_000
DAY = 24 * HOUR


def world_of(*timeline: dict[str, Any]) -> World:
    return World(scenario_from(story("bin", list(timeline), duration="70d")))


def state_of(world: World, name: str) -> int:
    return world.services.directory.state_of(world.parts.ledger.person(world.parts.register.names[name]).row)


def test_a_deleted_user_is_gone_to_the_millisecond_30_days_later() -> None:
    world = world_of({"at": "1h", "do": "delete", "person": "ann"})
    world.run_until(HOUR + 30 * DAY)
    assert state_of(world, "ann") == DELETED
    world.run_until(HOUR + 30 * DAY + 1)
    assert state_of(world, "ann") == GONE


def test_one_who_was_restored_in_time_stays_and_the_days_count_anew_after_the_next_deletion() -> None:
    world = world_of(
        {"at": "1h", "do": "delete", "person": "ann"},
        {"at": "10d", "do": "restore", "person": "ann"},
        {"at": "20d", "do": "delete", "person": "ann"},
    )
    world.run_until(45 * DAY)
    assert state_of(world, "ann") == DELETED
    world.run_until(50 * DAY + 1)
    assert state_of(world, "ann") == GONE


def test_everything_in_the_bin_has_its_own_30_days() -> None:
    world = world_of(
        {"at": "1d", "do": "delete", "person": "ann"},
        {"at": "2d", "do": "delete", "person": "bob"},
        {"at": "3d", "do": "delete_group", "group": "Leads"},
    )
    leads = world.parts.group_rows["Leads"]
    states = []
    for day in (31, 32, 33):
        world.run_until(day * DAY + 1)
        states.append((state_of(world, "ann"), state_of(world, "bob"), world.services.directory.groups[leads].state))
    assert states == [(GONE, DELETED, DELETED), (GONE, GONE, DELETED), (GONE, GONE, GONE)]


def test_one_who_was_purged_by_hand_is_not_purged_again() -> None:
    world = world_of({"at": "1h", "do": "delete", "person": "ann"}, {"at": "2h", "do": "purge", "person": "ann"})
    world.run()
    assert world.services.trace.digest() == world.trace_sha256
    assert state_of(world, "ann") == GONE
    assert state_of(world, "bob") == LIVE


def test_the_target_user_is_deleted_in_the_first_cycle_after_the_30_days() -> None:
    """Deleted at 1 h: disabled by the cycle at 1h30m; purged 30 days later, and deleted in AWS by the cycle after."""
    world = world_of({"at": "1h", "do": "delete", "person": "ann"})
    provider = world.services.provider
    user = provider.user_by("userName", "ann.example@contoso.example")
    assert user is not None
    world.run_until(29 * DAY)
    assert (user.exists, user.active) == (True, False)
    world.run_until(HOUR + 30 * DAY + 41 * 60_000)
    assert not user.exists


def test_who_is_gone_for_good_cannot_be_restored() -> None:
    world = world_of({"at": "1h", "do": "delete", "person": "ann"}, {"at": "40d", "do": "restore", "person": "ann"})
    world.run()
    assert [(refused.action, type(refused.reason)) for refused in world.timeline.refused] == [("restore", str)]
    with pytest.raises(ServiceError):
        world.services.directory.live_row("ann.example@contoso.example")
