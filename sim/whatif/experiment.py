"""An experiment: variants of one scenario, lived through over replications; and one replication of all of them.

Invariant: what a replication measures depends on the variants' texts, the seed and the replication's number alone:
not on who computes it, when, or beside what. The same people and events come in every variant (common random numbers).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, TypeAlias

from sim.scenario import Scenario, loads
from sim.whatif.figures import Figures, figures
from sim.whatif.variants import Variant

if TYPE_CHECKING:
    from sim.observation.latency import LatencyRow
    from sim.owndata.listing import Listing

Replication: TypeAlias = dict[str, Figures]
"""Variant to figures."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is compared; the first variant is the baseline.

    `warmup`: ms of which nothing counts (the steady-state design); its variants end a phase there. 0: all counts.
    `simulate_all`: nothing is reckoned in columns (:mod:`sim.whatif.columns`); the figures are the same.
    """

    scenario: str
    seed: int
    variants: tuple[Variant, ...]
    warmup: int = 0
    simulate_all: bool = False

    @property
    def baseline(self) -> Variant:
        """What the others are compared with."""
        return self.variants[0]

    @property
    def key(self) -> str:
        """SHA-256 over everything that its results depend on: what is found under one key can be gone on with."""
        parts = ["experiment/1", *made_by().values(), str(self.seed), str(self.warmup), str(self.simulate_all)]
        for variant in self.variants:
            parts += [variant.name, variant.text, "" if variant.listing is None else variant.listing.sha256]
        return sha256("\0".join(parts).encode()).hexdigest()


def made_by() -> dict[str, str]:
    """Everything but the experiment itself that a result depends on: versions, and the code to the last letter."""
    from sim.versions import code_sha256, versions

    found = versions()
    del found["python"]  # any that is supported gives the same
    return {**found, "code": code_sha256()}


def scenario_of(variant: Variant) -> Scenario:
    """A variant's scenario; no file that it names is looked at."""
    return _scenario(_origin(variant))


def _origin(variant: Variant) -> _Origin:
    listing = variant.listing
    return _Origin(variant.text, "" if listing is None else listing.sha256, listing)


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a scenario is made from; what a file says is told apart by the file's digest, which is quick."""

    text: str
    sha256: str
    listing: Listing | None = field(compare=False)


@lru_cache(maxsize=256)
def _scenario(origin: _Origin) -> Scenario:
    return loads(origin.text, "variant", listing=origin.listing, recorded=True).scenario


@lru_cache(maxsize=256)
def _company(origin: _Origin) -> str | None:
    from sim.whatif.columns.replication import company

    return company(_scenario(origin))


def companies_of(experiment: Experiment) -> dict[str, str]:
    """Variants that are reckoned in columns where all is ordinary, and what those have in common that are one company.

    Of a company that only one variant has, the simulation is all there is to compare it with.
    """
    if experiment.warmup or experiment.simulate_all:
        return {}
    found = {variant.name: _company(_origin(variant)) for variant in experiment.variants}
    counts = Counter(found.values())
    return {name: key for name, key in found.items() if key is not None and counts[key] > 1}


def replicate(experiment: Experiment, replication: int) -> Replication:
    """One replication of all variants: the unit of work, in whatever process."""
    seed, warmup = experiment.seed, experiment.warmup
    variants = {variant.name: variant for variant in experiment.variants}
    companies = companies_of(experiment)
    if not companies:
        return {name: run_variant(variant, seed, replication, warmup) for name, variant in variants.items()}
    from sim.whatif.columns.replication import together

    return together(
        {name: scenario_of(variant) for name, variant in variants.items()},
        companies,
        seed,
        replication,
        lambda name: run_variant(variants[name], seed, replication),
    )


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


def result_sha256(results: Mapping[int, Replication]) -> str:
    """A digest over what every replication measured, in the order of replications."""
    digest = sha256(b"whatif/1\n")
    for number in sorted(results):
        line = json.dumps([number, results[number]], ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
