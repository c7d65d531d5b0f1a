"""How long an initial cycle takes: between 0.01 and 0.08 minutes an object, as Microsoft's page has it.

https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-when-will-provisioning-finish-specific-user
"""

from __future__ import annotations

from typing import Any

import pytest

from sim.scenario import scenario_from
from sim.world import World
from tests.semantics.story import act, run, told

DEPARTMENTS = [{"name": name} for name in ("Engineering", "Operations", "Security")]


@pytest.mark.parametrize("size", [10, 40, 200, 1_000])
def test_an_initial_cycle_with_the_default_pace_lies_within_the_published_formula(size: int) -> None:
    """N = users, groups and memberships: everybody is in a group at least. At 1.2 objects a second that is 0.0139
    minutes each."""
    values: dict[str, Any] = {
        **told(before={}, duration="1d", start_state="empty"),
        "workforce": {"size": size, "contractors": 0, "rates": {"joiners": 0, "leavers": 0, "movers": 0}},
        "organisation": {**told()["organisation"], "departments": DEPARTMENTS},
    }
    del values["provisioning"]["pace"]
    world = World(scenario_from(values))
    world.run()
    initial = world.driver.sums.initial
    assert initial is not None
    tally = initial.tally
    number = tally.users_created + tally.groups_created + tally.memberships_added
    assert number >= 2 * size
    minutes = (initial.end - initial.start) / 60_000
    assert 0.01 * number <= minutes <= 0.08 * number


def test_what_is_there_already_can_go_twice_as_fast() -> None:
    """``initial: 1``, ``matched: 2``: three users and three groups that are there take 500 ms each, so that the first
    membership's turn comes at 3,000; the four memberships take a second each, and the last ends at 6,100."""
    values = told(act("1m", "restart_job", scopes=["Full"]))
    values["provisioning"]["pace"] = {"initial": 1, "matched": 2, "incremental": 10}
    seen = run(values)
    initial = seen.world.driver.sums.initial
    assert initial is not None
    assert (initial.tally.users_matched, initial.tally.users_created) == (3, 0)
    users = [at - 2_400_000 for at, asked in seen.requests if asked.endswith("Users")]
    assert users == [0, 500, 1_000]
    groups = [at - 2_400_000 for at, asked in seen.requests if asked == "GET Groups"]
    assert groups == [1_500, 2_000, 2_500]
    assert [at - 2_400_000 for at, asked in seen.requests if asked == "PATCH Groups"] == [3_000, 4_000, 5_000, 6_000]
    assert initial.end - initial.start == 6_100
