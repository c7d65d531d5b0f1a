"""The provisioning log counts every request of a cycle once, but for connection probes: those are about nobody."""

from __future__ import annotations

import pytest

from sim.ports import Find
from sim.scenario import scenario_from
from tests.contract.stories import STORIES
from tests.semantics.story import begin


@pytest.mark.parametrize("name", STORIES)
def test_the_rows_of_a_run_add_up_to_its_requests(name: str) -> None:
    probes: list[int] = []
    seen = begin(
        scenario_from(STORIES[name]),
        lambda request, now: probes.append(now) if isinstance(request, Find) and "probe-" in request.value else None,
    )
    seen.world.run()
    counted = sum(row.requests for row in seen.world.log.rows)
    assert counted + len(probes) == seen.world.driver.sums.tally.requests
