"""How many replications an experiment takes: a fixed number, or until its figures are precise.

Invariant: the answer depends on the replications from 0 on without a gap, and once given it stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sim.errors import JmlabError
from sim.time import counted
from sim.whatif.comparison import headline_values
from sim.whatif.execution import Enough
from sim.whatif.experiment import Experiment, Replication
from sim.whatif.statistics import LEAST, look_ahead, precise_from

MOST_REPLICATIONS: Final = 10_000
MOST_RUNS: Final = 100_000
"""Worlds that an experiment may live through; a grid of more is a mistake."""
DEFAULT_REPLICATIONS: Final = 10


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

    def refuse_if_too_much(self, experiment: Experiment, seconds_per_run: float | None) -> None:
        """JmlabError for more runs than anybody waits for, with how long they would take."""
        each = self.replications if self.precision is None else LEAST
        runs = len(experiment.variants) * (each or DEFAULT_REPLICATIONS)
        if runs <= MOST_RUNS:
            return
        time = "" if seconds_per_run is None else f", which would take about {_spoken(runs * seconds_per_run)} here"
        raise JmlabError(
            f"{counted(len(experiment.variants), 'variant')} x {each:,} replications are {runs:,} runs{time}; at most "
            f"{MOST_RUNS:,} are allowed: take fewer values or replications, or --precision 0.05"
        )


def _spoken(seconds: float) -> str:
    for unit, size in (("year", 365 * 86_400), ("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return counted(round(seconds / size), unit)
    return counted(round(seconds), "second")
