"""E16: group renamed: no latency, no orphan; attribute divergence until the PATCH."""

from __future__ import annotations

import pytest

from tests.semantics.story import CYCLE, act, begin, run, told

RENAMED = act("10m", "rename_group", group="Engineers", to="Builders")


def test_the_name_differs_until_the_patch_and_nothing_else_happens() -> None:
    """GET group @0, PATCH displayName @100."""
    seen = begin(told(RENAMED))
    world = seen.world
    world.run_until(CYCLE)
    assert seen.by_kind() == {"attribute": 1}
    world.run_until(CYCLE + 100)
    assert seen.by_kind() == {"attribute": 1}
    world.run_until(CYCLE + 101)
    assert seen.by_kind() == {}
    world.run()
    assert seen.requests == [(CYCLE, "GET Groups"), (CYCLE + 100, "PATCH Groups")]
    assert (seen.counts, seen.latencies, seen.orphans, seen.missing) == ({}, [], [], [])
    assert seen.divergence == [(CYCLE, 1, 0)]


def test_the_policy_goes_on_knowing_the_group() -> None:
    """Truth is the directory's for all three: a later change of membership still finds what the group gives. Cyd
    leaves Auditors at 50m and keeps ReadOnly; nobody's grant of the renamed group is an orphan."""
    seen = run(told(RENAMED, act("50m", "remove_member", "cyd", group="Auditors")))
    assert seen.entitled("cyd") == ["ReadOnly@dev"]
    assert [(each.who, each.grant, each.cause) for each in seen.orphans] == [("cyd", "Audit@prod", "mover")]


def test_hr_goes_on_knowing_the_group() -> None:
    seen = run(told(RENAMED, act("50m", "move", "bob", department="Engineering")))
    assert seen.held("bob") == ["ReadOnly@dev"]


@pytest.mark.parametrize("start", ["0m", "20m"])
def test_renamed_before_it_gets_to_the_target_it_is_assigned_all_the_same(start: str) -> None:
    """The initial cycle begins at 20m in the one case, and at 0, before the renaming, in the other."""
    seen = run(told(act(start, "start_job"), RENAMED, start_state="empty"))
    assert seen.held("ann") == ["ReadOnly@dev"]
    assert seen.orphans == []
