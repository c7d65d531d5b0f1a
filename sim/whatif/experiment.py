"""An experiment: variants of one scenario, lived through over replications; and one replication of all of them.

Invariant: what a replication measures depends on the variants' texts, the seed and the replication's number alone:
not on who computes it, when, or beside what. The same people and events come in every variant (common random numbers).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, TypeAlias

from sim.scenario import Scenario, loads
from sim.whatif.variants import Variant

Figures: TypeAlias = dict[str, float]
"""The numbers of a summary, by key with dots; what there was nothing of is not in it."""
Replication: TypeAlias = dict[str, Figures]
"""Variant to figures."""

_NOT_FIGURES: Final = frozenset({"wall_s", "seed", "simulated", "duration_s", "assumptions", "results", "phases"})


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is compared; the first variant is the baseline."""

    scenario: str
    seed: int
    variants: tuple[Variant, ...]

    @property
    def baseline(self) -> Variant:
        """What the others are compared with."""
        return self.variants[0]

    @property
    def key(self) -> str:
        """SHA-256 over everything that its results depend on: what is found under one key can be gone on with."""
        from sim.versions import jmlab_version

        parts = ["experiment/1", jmlab_version(), str(self.seed)]
        for variant in self.variants:
            parts += [variant.name, variant.text]
        return sha256("\0".join(parts).encode()).hexdigest()


@lru_cache(maxsize=256)
def _scenario(text: str) -> Scenario:
    return loads(text, "variant").scenario


def replicate(experiment: Experiment, replication: int) -> Replication:
    """One replication of all variants: the unit of work, in whatever process."""
    return {variant.name: run_variant(variant, experiment.seed, replication) for variant in experiment.variants}


def run_variant(variant: Variant, seed: int, replication: int) -> Figures:
    """One world to its end."""
    from sim.observation.summary import summarize
    from sim.world import World

    world = World(_scenario(variant.text), seed=seed, replication=replication)
    world.run()
    return figures(summarize(world))


def figures(summary: Mapping[str, Any]) -> Figures:
    """Every number of a summary by its key with dots, in the summary's order."""
    found: Figures = {}

    def walk(value: Any, key: str) -> None:
        if isinstance(value, Mapping):
            for name, inner in value.items():
                if key or name not in _NOT_FIGURES:
                    walk(inner, f"{key}.{name}" if key else str(name))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[key] = value

    walk(summary, "")
    return found


def result_sha256(results: Mapping[int, Replication]) -> str:
    """A digest over what every replication measured, in the order of replications."""
    digest = sha256(b"whatif/1\n")
    for number in sorted(results):
        line = json.dumps([number, results[number]], ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
