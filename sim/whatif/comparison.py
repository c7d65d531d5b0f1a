"""What the replications of an experiment come to: intervals for every figure, differences to the baseline, odds.

Invariant: everything here is computed from the replications alone, in their order; a figure that a replication had
nothing of counts in neither mean nor n.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import comb
from typing import Any, Final

from sim.whatif.experiment import Experiment, Replication
from sim.whatif.figures import Figures
from sim.whatif.statistics import CONFIDENCE, Interval, Paired, interval, paired, simultaneous

SAMPLE: Final = 25
"""How many leavers or joiners an auditor looks at: a common sample for a control that works many times a day (AICPA
audit sampling practice; an assumption where a company's auditor says otherwise)."""

HEADLINES: Final = (
    "latency.leaver.mean_s",
    "latency.leaver.p95_s",
    "latency.joiner.mean_s",
    "orphaned_access.people.mean",
    "orphaned_access.people.person_hours",
    "orphaned_access.usable.person_hours",
    "missing_access.person_hours",
    "stale.found",
    "provisioning.requests",
)
"""The figures of the table, and those whose precision ``--precision`` is about."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one variant: its values by replication, and what they come to."""

    values: Mapping[int, float]
    interval: Interval


class Comparison:
    """The results of an experiment, by variant and figure."""

    def __init__(
        self, experiment: Experiment, results: Mapping[int, Replication], confidence: float = CONFIDENCE
    ) -> None:
        if not results:
            raise ValueError("there is something to compare from one replication on")
        self.experiment = experiment
        self.results = {number: results[number] for number in sorted(results)}
        self.confidence = confidence

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Every figure that any variant has in any replication, in the order of the summary as far as there is one."""
        found: dict[str, None] = {}
        for replication in self.results.values():
            for variant in self.experiment.variants:
                found.update(dict.fromkeys(replication[variant.name]))
        return tuple(found)

    def values(self, variant: str, key: str) -> dict[int, float]:
        """A figure by replication; without those that have none."""
        return {
            number: replication[variant][key]
            for number, replication in self.results.items()
            if key in replication[variant]
        }

    def figure(self, variant: str, key: str) -> Figure | None:
        """A figure of a variant with its interval; None where no replication has it."""
        values = self.values(variant, key)
        return Figure(values, interval(list(values.values()), self.confidence)) if values else None

    def to_baseline(self, variant: str, key: str) -> Paired | None:
        """The differences to the baseline, whose intervals hold for all variants together; None for the baseline."""
        base = self.experiment.baseline.name
        if variant == base:
            return None
        ours, theirs = self.values(variant, key), self.values(base, key)
        both = [number for number in ours if number in theirs]
        if not both:
            return None
        confidence = simultaneous(self.confidence, len(self.experiment.variants) - 1)
        return paired([ours[n] for n in both], [theirs[n] for n in both], confidence)

    def metrics(self, variant: str, keys: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
        """The figures of a variant as they stand in the JSON."""
        found: dict[str, dict[str, Any]] = {}
        for key in self.keys if keys is None else keys:
            figure = self.figure(variant, key)
            if figure is not None:
                found[key] = interval_json(figure.interval)
        return found

    def differences(self, variant: str, keys: Iterable[str] | None = None) -> dict[str, dict[str, Any]]:
        """The differences to the baseline as they stand in the JSON."""
        found: dict[str, dict[str, Any]] = {}
        for key in self.keys if keys is None else keys:
            pair = self.to_baseline(variant, key)
            if pair is not None:
                found[key] = {
                    "mean_difference": pair.difference.mean,
                    "ci_low": pair.difference.low,
                    "ci_high": pair.difference.high,
                    "variance_ratio": pair.variance_ratio,
                    "ratio": None if pair.ratio is None else ratio_json(pair.ratio),
                }
        return found


def interval_json(found: Interval) -> dict[str, Any]:
    """An interval as it stands in the JSON."""
    return {
        "mean": found.mean,
        "ci_low": found.low,
        "ci_high": found.high,
        "confidence": found.confidence,
        "sd": found.sd,
        "n": found.n,
    }


def ratio_json(found: Interval) -> dict[str, Any]:
    """A variant over the baseline as it stands in the JSON: 0.5 is half as much."""
    return {"mean": found.mean, "ci_low": found.low, "ci_high": found.high}


def headline_values(experiment: Experiment, prefix: Mapping[int, Replication]) -> list[list[float]]:
    """The values of every headline figure of every variant over these replications, for the rule of precision.

    A figure that some replication has nothing of is left out: its mean cannot be asked to be precise.
    """
    numbers = sorted(prefix)
    of_variants: list[list[Figures]] = [[prefix[n][variant.name] for n in numbers] for variant in experiment.variants]
    return [
        [row[key] for row in rows]
        for rows in of_variants
        for key in HEADLINES
        if rows and all(key in row for row in rows)
    ]


def odds_of_an_exception(population: int, exceptions: int, sample: int = SAMPLE) -> float:
    """The probability that a sample without replacement holds at least one exception (hypergeometric)."""
    size = min(sample, population)
    if size == 0 or exceptions == 0:
        return 0.0
    if exceptions > population - size:
        return 1.0
    return 1 - comb(population - exceptions, size) / comb(population, size)
