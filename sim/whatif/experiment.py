"""An experiment: variants of one scenario, lived through over replications; and one replication of all of them.

Invariant: what a replication measures depends on the variants' texts, the seed and the replication's number alone:
not on who computes it, when, or beside what. The same people and events come in every variant (common random numbers).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sim.scenario import Scenario, loads
from sim.whatif.variants import Variant

if TYPE_CHECKING:
    from sim.observation.latency import LatencyRow
    from sim.owndata.listing import Listing

Figures: TypeAlias = dict[str, float]
"""The numbers of a summary, by key with dots; what there was nothing of is not in it."""
Replication: TypeAlias = dict[str, Figures]
"""Variant to figures."""

_NOT_FIGURES: Final = frozenset({"wall_s", "seed", "simulated", "duration_s", "assumptions", "results", "phases"})


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is compared; the first variant is the baseline.

    `warmup`: ms of which nothing counts (the steady-state design); its variants end a phase there. 0: all counts.
    """

    scenario: str
    seed: int
    variants: tuple[Variant, ...]
    warmup: int = 0

    @property
    def baseline(self) -> Variant:
        """What the others are compared with."""
        return self.variants[0]

    @property
    def key(self) -> str:
        """SHA-256 over everything that its results depend on: what is found under one key can be gone on with."""
        from sim.versions import jmlab_version

        parts = ["experiment/1", jmlab_version(), str(self.seed), str(self.warmup)]
        for variant in self.variants:
            parts += [variant.name, variant.text, "" if variant.listing is None else variant.listing.sha256]
        return sha256("\0".join(parts).encode()).hexdigest()


def scenario_of(variant: Variant) -> Scenario:
    """A variant's scenario; no file that it names is looked at."""
    listing = variant.listing
    return _scenario(_Origin(variant.text, "" if listing is None else listing.sha256, listing))


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a scenario is made from; what a file says is told apart by the file's digest, which is quick."""

    text: str
    sha256: str
    listing: Listing | None = field(compare=False)


@lru_cache(maxsize=256)
def _scenario(origin: _Origin) -> Scenario:
    return loads(origin.text, "variant", listing=origin.listing).scenario


def replicate(experiment: Experiment, replication: int) -> Replication:
    """One replication of all variants: the unit of work, in whatever process."""
    seed, warmup = experiment.seed, experiment.warmup
    return {variant.name: run_variant(variant, seed, replication, warmup) for variant in experiment.variants}


def run_variant(variant: Variant, seed: int, replication: int, warmup: int = 0) -> Figures:
    """One world to its end; with a warm-up, the figures of the phase behind it."""
    from sim.observation.listeners import both
    from sim.observation.summary import summarize
    from sim.whatif.audit import counts
    from sim.world import World

    world = World(scenario_of(variant), seed=seed, replication=replication)
    if not warmup:
        world.run()
        summary = summarize(world)
        return {**figures(summary), **counts(world, summary)}
    rows: list[LatencyRow] = []
    latencies = world.parts.ledger.events.latencies
    latencies.sink = both(latencies.sink, rows.append)
    world.run()
    summary = summarize(world)
    steady = {key: value for key, value in summary["phases"][1].items() if isinstance(value, Mapping)}
    behind = [row for row in rows if row[3] >= warmup]
    return {**figures(steady), **counts(world, {}, behind)}


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
