"""The provisioning log counts every request of a cycle once."""

from __future__ import annotations

import pytest

from sim.scenario import scenario_from
from sim.world import World
from tests.contract.stories import STORIES


@pytest.mark.parametrize("name", STORIES)
def test_the_rows_of_a_run_add_up_to_its_requests(name: str) -> None:
    world = World(scenario_from(STORIES[name]))
    world.run()
    assert sum(row.requests for row in world.log.rows) == world.driver.sums.tally.requests
