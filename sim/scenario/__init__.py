"""The scenario file: read, checked, and handed on as a value.

Invariant: nothing here runs a scenario; importing it loads pydantic and ruamel.yaml and nothing heavier.
"""

from __future__ import annotations

from sim.scenario.canonical import canonical_text
from sim.scenario.errors import ScenarioError
from sim.scenario.index import CatalogueItem, catalogue, default_scenario, scenario_text
from sim.scenario.loader import LoadedScenario, load, loads, scenario_from
from sim.scenario.models import Scenario
from sim.scenario.schema import json_schema
from sim.scenario.sources import Assumption, assumptions

__all__ = [
    "Assumption",
    "CatalogueItem",
    "LoadedScenario",
    "Scenario",
    "ScenarioError",
    "assumptions",
    "canonical_text",
    "catalogue",
    "default_scenario",
    "json_schema",
    "load",
    "loads",
    "scenario_from",
    "scenario_text",
]
