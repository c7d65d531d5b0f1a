"""A cheap experiment's result, and results made up for what is composed from them."""

from __future__ import annotations

from typing import Any

import pytest

from sim.whatif.audit import audit_odds
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import Experiment, replicate
from sim.whatif.finding import finding
from sim.whatif.report import as_json
from sim.whatif.variants import checked, grid


@pytest.fixture(scope="session")
def hello() -> Comparison:
    """Four replications of half a day at two intervals; the odd name must not harm any output."""
    asked = grid(["provisioning.interval=20m,40m"])
    experiment = Experiment("hello", 7, tuple(checked("hello", ["duration=2d"], asked)))
    return Comparison(experiment, {number: replicate(experiment, number) for number in range(4)})


@pytest.fixture(scope="session")
def result(hello: Comparison) -> dict[str, Any]:
    """As the JSON object has it."""
    more = {"design": {"name": "terminating"}, "finding": [], "audit_odds": audit_odds(hello), "targets": []}
    found = as_json(hello, wall_s=1.0, workers="1 process", **more)
    found["finding"] = finding(found)
    return found
