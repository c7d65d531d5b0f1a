"""Links: rows lead to rows by arithmetic as long as nobody was linked anew, and to the same rows by id afterwards."""

from __future__ import annotations

import pytest

from sim.provisioning.state import Links
from sim.randomness import Streams
from sim.scenario import load
from sim.world import World


def world_of(size: int) -> World:
    return World(load("plain", [f"workforce.size={size}", "duration=1d"]).scenario)


def by_id(world: World, row: int) -> int:
    """Whom a directory user is linked to, by way of the job's own ids."""
    directory, provider = world.services.directory, world.services.provider
    target = world.parts.state.users.get(directory.user_id(row))
    found = None if target is None else provider.user_row(target)
    return -1 if found is None else found


@pytest.mark.parametrize("seed", range(5))
def test_rows_lead_where_ids_lead_whatever_was_linked_since(seed: int) -> None:
    world = world_of(40)
    view, links = world.parts.view, world.parts.state.users
    directory, provider = world.services.directory, world.services.provider
    chance = Streams(seed, 0).stream("links")
    for _ in range(15):
        assert [view.target_of(row) for row in range(40)] == [by_id(world, row) for row in range(40)]
        for target in range(provider.base_size):
            source = links.source(provider.user_id(target))
            assert view.source_of(target) == (-1 if source is None else directory.user_row(source))
        someone = directory.user_id(int(chance.integers(40)))
        if chance.random() < 0.3:
            links.drop(someone)
        else:
            links.set(someone, provider.user_id(int(chance.integers(provider.base_size))))


def test_a_link_that_is_added_leaves_those_of_the_start_untouched() -> None:
    links = Links({"a": "A"}.get, {"A": "a"}.get)
    links.set("b", "B")
    assert links.untouched
    assert (links.get("a"), links.get("b"), links.source("B")) == ("A", "B", "b")


@pytest.mark.parametrize(("source", "target"), [("a", "B"), ("b", "A")])
def test_a_link_of_the_start_that_is_replaced_or_taken_over_touches_them(source: str, target: str) -> None:
    links = Links({"a": "A"}.get, {"A": "a"}.get)
    links.set(source, target)
    assert not links.untouched
    assert links.get(source) == target


def test_a_link_of_the_start_that_is_dropped_is_gone_both_ways() -> None:
    links = Links({"a": "A"}.get, {"A": "a"}.get)
    links.drop("a")
    assert not links.untouched
    assert (links.get("a"), links.source("A")) == (None, None)
