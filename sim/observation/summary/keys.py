"""Which figures a scenario's summary has, known before the scenario has run.

Invariant: nothing of the scenario runs for it; what is refused here is refused before anything is spent.
"""

from __future__ import annotations

from sim.observation.summary.compose import Summary, summarize
from sim.observation.summary.results import results_block
from sim.scenario import Scenario, scenario_from
from sim.scenario.fault_references import fault_name
from sim.world import World

_NOTHING = {"scenario": "nothing", "title": "Nothing", "start": "2026-01-01T00:00:00Z", "duration": "1m"}


def summary_of_nothing(scenario: Scenario) -> Summary:
    """The summary of a world that has not run: every key of the scenario's is in it."""
    summary = summarize(World(scenario_from(_NOTHING)))
    faults = {fault_name(fault, position): 0 for position, fault in enumerate(scenario.faults)}
    figures = ("now", "people", "person_hours", "retained_person_hours")
    pairs = {pair.name: dict.fromkeys(figures, 0) for pair in scenario.organisation.access.toxic}
    toxic = {**summary["toxic"], "pairs": pairs}
    return {**summary, "target": {**summary["target"], "faults": faults}, "toxic": toxic}


def check_results(scenario: Scenario) -> None:
    """Refuse a scenario in whose results a row names no figure of its summary; ExpressionError, exit code 2."""
    if scenario.results:
        results_block(scenario.results, summary_of_nothing(scenario))
