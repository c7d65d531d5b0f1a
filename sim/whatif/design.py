"""How many replications an experiment takes: a fixed number, or until its figures are precise.

Invariant: the answer depends on the replications from 0 on without a gap, and once given it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from sim.errors import JmlabError
from sim.time import counted
from sim.whatif.comparison import headline_values
from sim.whatif.execution import Enough
from sim.whatif.experiment import Experiment, Replication, scenario_of
from sim.whatif.statistics import LEAST, look_ahead, precise_from
from sim.whatif.variants import Variant
from sim.wording import number

MOST_REPLICATIONS: Final = 10_000
MOST_RUNS: Final = 100_000
"""Worlds that an experiment may live through; a grid of more is a mistake."""
DEFAULT_REPLICATIONS: Final = 10
PATIENCE_S: Final = 3.0
"""Seconds of a run from which the rest of it is told."""
PARTS: Final = 200


@dataclass(frozen=True, slots=True)
class Design:
    """`replications`, or `precision`: the half width of every headline interval as a share of its mean."""

    replications: int | None = DEFAULT_REPLICATIONS
    precision: float | None = None

    def enough(self, experiment: Experiment) -> Enough:
        """The rule for an experiment."""
        if self.precision is None:
            fixed = self.replications or DEFAULT_REPLICATIONS
            return lambda prefix: fixed
        precision = self.precision

        def rule(prefix: Mapping[int, Replication]) -> int | None:
            if len(prefix) >= MOST_REPLICATIONS:
                return MOST_REPLICATIONS
            found = precise_from(headline_values(experiment, prefix), precision)
            return None if found is None else found + look_ahead(found)

        return rule

    def refuse_if_too_much(self, experiment: Experiment, workers: int = 1) -> None:
        """JmlabError for more runs than anybody waits for, with how long so many ``workers`` would take for them.

        One run is timed only where the sum of all is in question.
        """
        each = (self.replications if self.precision is None else LEAST) or DEFAULT_REPLICATIONS
        runs = len(experiment.variants) * each
        if runs <= MOST_RUNS:
            return
        time = _spoken(runs * seconds_per_run(experiment.baseline, experiment.seed) / workers)
        raise JmlabError(
            f"{counted(len(experiment.variants), 'variant')} x {each:,} replications are {number(runs)} runs, which "
            f"would take about {time} here; at most {MOST_RUNS:,} are allowed: take fewer values or replications, or "
            "--precision 0.05"
        )


def seconds_per_run(variant: Variant, seed: int, patience: float = PATIENCE_S) -> float:
    """How long a world of this variant takes on this machine; told from its beginning where that is long."""
    from sim.world import World

    began = perf_counter()
    world = World(scenario_of(variant), seed=seed)
    made = perf_counter() - began
    for part in range(1, PARTS + 1):
        world.run_until(world.end * part // PARTS)
        spent = perf_counter() - began
        if spent > patience:
            return made + (spent - made) * PARTS / part
    return perf_counter() - began


def _spoken(seconds: float) -> str:
    for unit, size in (("year", 365 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return counted(round(seconds / size), unit)
    return counted(round(seconds), "second")
