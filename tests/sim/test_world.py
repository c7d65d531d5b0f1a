"""The composition root: order of equal times, where commands enter, what the digest covers."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.clock import Millis
from mockservices.errors import ServiceError
from sim.scenario import load, scenario_from
from sim.world import World
from tests.contract.stories import person, story

MINUTE = 60_000


def lines_of(world: World) -> list[str]:
    """Every line of the canonical trace, collected while the world runs."""
    collected: list[str] = []
    world.services.trace.flush()
    world.services.trace.sink = collected.extend
    return collected


def finished(told: dict[str, Any]) -> World:
    world = World(scenario_from(told))
    world.run()
    return world


def test_a_run_is_a_function_of_scenario_seed_and_replication() -> None:
    scenario = load("hello").scenario
    first, again, other_seed, other_replication = (
        World(scenario), World(scenario), World(scenario, seed=99), World(scenario, replication=1)
    )  # fmt: skip
    for world in (first, again, other_seed, other_replication):
        world.run()
    assert first.trace_sha256 == again.trace_sha256
    assert len({first.trace_sha256, other_seed.trace_sha256, other_replication.trace_sha256}) == 3


def test_groups_assigned_with_a_role_that_entitles_to_nothing_are_in_nobodys_target() -> None:
    changes = ("start_state=in_sync", "provisioning.entitling_roles=[msiam_access]")
    provider = World(load("hello", changes).scenario).services.provider
    assert (provider.users_count, len(provider.groups)) == (0, 0)


def test_running_in_slices_changes_nothing() -> None:
    scenario = load("hello").scenario
    whole, sliced = World(scenario), World(scenario)
    whole.run()
    sliced.run(progress=lambda share: None)
    assert sliced.trace_sha256 == whole.trace_sha256
    assert sliced.traffic_sha256 == whole.traffic_sha256


@given(st.lists(st.integers(0, 6 * 60 * MINUTE), max_size=30))
def test_stopping_anywhere_on_the_way_changes_nothing(stops: list[int]) -> None:
    told = story("stops", [{"at": "5m", "do": "leave", "person": "ann"}], start_state="empty")
    world = World(scenario_from(told))
    for stop in sorted(stops):
        world.run_until(stop)
    world.run_until(world.end)
    assert world.trace_sha256 == finished(told).trace_sha256


# --- commands ----------------------------------------------------------------------------------------------


def disable(world: World, row: int, at: int) -> None:
    arguments = {"user": world.services.directory.user_id(row), "properties": {"accountEnabled": False}}
    world.command("graph.user.update", arguments, wanted=Millis(at))


def test_a_command_at_the_gate_is_in_that_cycle() -> None:
    world = World(scenario_from(story("gate", [])))
    disable(world, 0, 10 * MINUTE)
    world.run_until(10 * MINUTE + 1000)
    assert not world.services.provider.is_active(0)


def test_a_command_a_millisecond_after_the_gate_is_in_the_next_cycle() -> None:
    world = World(scenario_from(story("gate", [])))
    disable(world, 0, 10 * MINUTE + 1)
    world.run_until(49 * MINUTE)
    assert world.services.provider.is_active(0)
    world.run_until(51 * MINUTE)
    assert not world.services.provider.is_active(0)


def test_no_command_is_placed_before_what_has_happened() -> None:
    """The cycle of 10:00 min has run, so a command that wishes to be at that instant comes one millisecond later."""
    world = World(scenario_from(story("late", [])))
    world.run_until(10 * MINUTE + 1)
    disable(world, 0, 10 * MINUTE)
    assert world.commands[-1].at == 10 * MINUTE + 1


def test_scripted_commands_come_before_those_from_outside() -> None:
    told = story("equal", [{"at": "20m", "do": "disable", "person": "ann"}])
    world = World(scenario_from(told))
    collected = lines_of(world)
    disable(world, 1, 20 * MINUTE)
    world.services.trace.flush()
    ann, bob = world.services.directory.user_id(0), world.services.directory.user_id(1)
    assert [line.split("\t")[4] for line in collected if "user.update" in line] == [ann, bob]
    assert {line.split("\t")[0] for line in collected if "user.update" in line} == {str(20 * MINUTE)}


def test_a_refused_command_changes_nothing_and_is_refused_again_in_a_replay() -> None:
    scenario = scenario_from(story("refused", []))
    world = World(scenario)
    before = world.trace_sha256
    with pytest.raises(ServiceError):
        world.command("graph.user.update", {"user": "nobody", "properties": {}}, wanted=Millis(MINUTE))
    assert world.trace_sha256 == before
    world.run()
    replayed = World(scenario)
    replayed.replay(world.commands, world.end)
    assert replayed.trace_sha256 == world.trace_sha256


@given(st.lists(st.tuples(st.integers(0, 300 * MINUTE), st.integers(0, 3), st.booleans()), max_size=12))
def test_a_replayed_command_log_gives_the_same_digest(wishes: list[tuple[int, int, bool]]) -> None:
    told = story("replay", [{"at": "1h", "do": "join", "person": person("eve", "Operations")}], start_state="empty")
    scenario = scenario_from(told)
    world = World(scenario)
    for at, row, enabled in sorted(wishes):
        arguments = {"user": world.services.directory.user_id(row), "properties": {"accountEnabled": enabled}}
        world.command("graph.user.update", arguments, wanted=Millis(at))
    world.run_until(world.end)
    replayed = World(scenario)
    replayed.replay(world.commands, world.end)
    assert replayed.trace_sha256 == world.trace_sha256
    assert replayed.traffic_sha256 == world.traffic_sha256


# --- the digest --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trace() -> tuple[str, list[str]]:
    world = World(load("hello").scenario)
    lines = lines_of(world)
    world.run()
    return world.trace_sha256, lines


def test_every_state_that_the_services_end_in_follows_from_the_trace(trace: tuple[str, list[str]]) -> None:
    """Replaying the lines by hand gives who is a member of what in the target: nothing happens beside the trace."""
    world = World(load("hello").scenario)
    members = {
        f"{group.id}/{world.services.provider.user_id(row)}"
        for group in world.services.provider.groups
        for row in world.services.provider.members(group.row)
    }
    for line in trace[1]:
        _, _, service, verb, key, _ = line.rstrip("\n").split("\t")
        if (service, verb) == ("scim", "member.add"):
            members.add(key)
        elif (service, verb) == ("scim", "member.remove"):
            members.remove(key)
    world.run()
    assert members == {
        f"{group.id}/{world.services.provider.user_id(row)}"
        for group in world.services.provider.groups
        for row in world.services.provider.members(group.row)
    }


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("one more millisecond", lambda world: world.run_until(30 * MINUTE + 1)),
        ("another attribute", lambda world: None),
    ],
)
def test_one_millisecond_or_one_attribute_alters_the_digest(name: str, change: Any) -> None:
    digests = []
    for altered in (False, True):
        world = World(scenario_from(story("mutation", [])))
        world.run_until(30 * MINUTE)
        if altered:
            change(world)
        value = "Other Name" if altered and name == "another attribute" else "Some Name"
        world.services.directory.update_user(0, {"displayName": value})
        digests.append(world.trace_sha256)
    assert digests[0] != digests[1]


def test_the_order_of_two_changes_alters_the_digest() -> None:
    digests = []
    for rows in ((0, 1), (1, 0)):
        world = World(scenario_from(story("order", [])))
        for row in rows:
            world.services.directory.update_user(row, {"jobTitle": "Chief"})
        digests.append(world.trace_sha256)
    assert digests[0] != digests[1]


@pytest.mark.parametrize(
    "act",
    [
        lambda world: world.services.directory.update_user(0, {"accountEnabled": False}),
        lambda world: world.services.directory.delete_user(0),
        lambda world: world.services.directory.set_manager(0, 1),
        lambda world: world.services.directory.remove_member(0, 0),
        lambda world: world.services.directory.delete_group(0),
        lambda world: world.services.applications.unassign(
            world.services.application.id,
            world.services.applications.assignments(world.services.application.id)[0].id,
        ),
        lambda world: world.services.provider.delete_user(0),
        lambda world: world.services.provider.delete_group(0),
        lambda world: world.services.instance.add_account("another"),
        lambda world: world.services.instance.create_permission_set("Another"),
        lambda world: world.services.instance.delete_assignment(
            "GROUP",
            world.services.provider.groups[0].id,
            "dev",
            world.services.instance.permission_sets[0].arn,
        ),
    ],
)
def test_every_kind_of_change_is_in_the_digest(act: Any) -> None:
    """A mutation of any service's state that left the digest alone would be a hole in it."""
    untouched = World(scenario_from(story("hole", [])))
    world = World(scenario_from(story("hole", [])))
    act(world)
    assert world.trace_sha256 != untouched.trace_sha256


def test_reading_consumes_nothing_that_a_write_sees() -> None:
    told = story("reads", [{"at": "5m", "do": "leave", "person": "ann"}])
    world = World(scenario_from(told))
    world.run_until(20 * MINUTE)
    for _ in range(3):
        world.driver.job.source.changes(None)
        world.driver.job.source.latest()
        world.services.tokens.request_id()
    world.run_until(world.end)
    assert world.trace_sha256 == finished(told).trace_sha256


def test_a_world_over_direct_calls_is_loaded_without_http_and_its_grammars() -> None:
    heavy = "{'fastapi', 'starlette', 'uvicorn', 'httpx', 'scim2_models', 'lark', 'odata_query', 'textual'}"
    program = f"import sys, sim.world\nprint(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
