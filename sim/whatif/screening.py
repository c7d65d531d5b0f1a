"""A whole experiment by arithmetic in place of simulation: seconds for what takes minutes, and marked as that.

Invariant: the same people and events as in the simulated experiment; a variant that arithmetic does not cover is
refused in a sentence and never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sim.errors import JmlabError
from sim.scenario import Scenario
from sim.scenario.canonical import canonical_text
from sim.time import format_duration
from sim.whatif.carriage import not_covered
from sim.whatif.execution import Enough, Progress
from sim.whatif.experiment import Experiment, Replication, scenario_of
from sim.whatif.oracle import Lives, live, screen

_KEPT: Final = 4
"""Populations of one replication that are kept at a time: variants with the same people come one after the other."""


def screened(experiment: Experiment, enough: Enough, progress: Progress | None = None) -> dict[int, Replication]:
    """Every replication of every variant; raises JmlabError for a variant that is not covered."""
    if experiment.warmup:
        raise JmlabError("--screen covers whole runs; leave out --design steady")
    scenarios = {variant.name: scenario_of(variant) for variant in experiment.variants}
    for name, scenario in scenarios.items():
        why = not_covered(scenario)
        if why is not None:
            raise JmlabError(f"--screen does not cover the variant '{name}': {why}; simulate it without --screen")
    populations = {name: _population(scenario) for name, scenario in scenarios.items()}
    results: dict[int, Replication] = {}
    while (target := enough(results)) is None or len(results) < target:
        number = len(results)
        results[number] = _replication(experiment.seed, number, scenarios, populations)
        if progress is not None:
            progress(len(results), target)
    return results


def _replication(
    seed: int, number: int, scenarios: Mapping[str, Scenario], populations: Mapping[str, str]
) -> Replication:
    kept: dict[str, Lives] = {}
    found: Replication = {}
    for name, scenario in scenarios.items():
        key = populations[name]
        if key not in kept:
            if len(kept) == _KEPT:
                kept.clear()
            kept[key] = live(scenario, seed, number)
        found[name] = screen(scenario, seed, number, kept[key])
    return found


def _population(scenario: Scenario) -> str:
    """All that people and events depend on: the scenario without its job, its target and its faults."""
    listing = scenario.listing
    same = {"provisioning": type(scenario.provisioning)(), "faults": (), "drain": 0}
    text = canonical_text(scenario.model_copy(update=same))
    return f"{'' if listing is None else listing.sha256}{format_duration(scenario.duration)}{text}"
