"""Every scenario of the catalogue keeps its own promises, over both transports."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from sim.observation.summary import summarize
from sim.scenario import Scenario, catalogue, load
from sim.time import DAY
from sim.world import World
from tests.contract.conftest import Run

LARGE = {"plain", "company-40k", "enterprise-100k", "metastable-overrun"}
"""Measured by ``jmlab bench``, run smaller in ``test_catalogue_companies.py``, or in ``test_traps_page.py``."""
SCENARIOS = {item.name: load(item.name).scenario for item in catalogue() if item.name not in LARGE}
NAMES = list(SCENARIOS)
PROMISING = [name for name, told in SCENARIOS.items() if told.results and told.target.set_up == "done"]


def _long(name: str) -> bool:
    """A year of cycles over HTTP takes minutes; ``test_catalogue_companies.py`` has these over both, shortened."""
    scenario = SCENARIOS[name]
    return scenario.provisioning.strategy == "cycle" and scenario.duration > 30 * DAY


@cache
def told(name: str) -> tuple[Scenario, World, dict[str, Any]]:
    scenario = SCENARIOS[name]
    world = World(scenario)
    world.run()
    return scenario, world, summarize(world)


@pytest.mark.parametrize("name", PROMISING)
def test_what_a_scenario_promises_is_what_is_measured(name: str) -> None:
    _, _, summary = told(name)
    assert [row for row in summary["results"] if not row["agrees"]] == []


@pytest.mark.parametrize("name", PROMISING)
def test_nothing_that_the_script_does_is_refused(name: str) -> None:
    _, world, _ = told(name)
    assert world.timeline.refused == []


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_says_in_plain_sentences_what_it_shows(name: str) -> None:
    scenario, _, _ = told(name)
    assert scenario.title == next(item.title for item in catalogue() if item.name == name)
    assert 100 < len(scenario.brief) < 700
    assert scenario.brief.endswith(".")


@pytest.mark.parametrize("name", [name for name in PROMISING if not name.startswith("case") and not _long(name)])
def test_both_transports_tell_the_same_story_of_the_catalogue(run_over: Run, name: str) -> None:
    scenario, direct, summary = told(name)
    wire = run_over(scenario, "wire")
    assert (wire.trace_sha256, wire.traffic_sha256) == (direct.trace_sha256, direct.traffic_sha256)
    assert summarize(wire)["results"] == summary["results"]
