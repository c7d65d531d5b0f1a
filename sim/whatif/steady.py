"""The steady-state design: what a run's beginning did to it does not count.

Invariant: the warm-up of an experiment is the longest that any of its variants needs; where one of them does not
settle, that is said and no figure is given for steady. A pilot that was run before is never run again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from mockservices.clock import Millis
from sim.errors import JmlabError
from sim.observation.words import MISSING, ORPHANED
from sim.places import write_whole
from sim.scenario import Scenario
from sim.time import HOUR, SECOND, clipped, format_duration
from sim.whatif.experiment import made_by, scenario_of
from sim.whatif.statistics import mser5
from sim.whatif.variants import Variant
from sim.world import World

PILOTS: Final = 3
"""Replications that a pilot's series is the mean of, so that one chance event does not look like a warm-up."""
OBSERVATIONS: Final = 500
WARM_UP, STEADY = "warm-up", "steady"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What MSER-5 says about a variant's beginning."""

    variant: str
    warmup: Millis
    steady: bool

    @property
    def sentence(self) -> str:
        """In words."""
        if not self.steady:
            return f"{self.variant}: by MSER-5 it does not settle in this time"
        if not self.warmup:
            return f"{self.variant}: by MSER-5 it has settled from the start"
        return f"{self.variant}: by MSER-5 the first {format_duration(self.warmup)} are about its beginning"

    def as_json(self) -> dict[str, Any]:
        """As it stands in the JSON."""
        return {"variant": self.variant, "warmup_s": self.warmup / SECOND, "steady": self.steady}


def series(variant: Variant, seed: int) -> tuple[list[float], Millis]:
    """People with orphaned or missing access, as means over equal stretches, and how long a stretch is.

    Means come from the integral, never from looking at instants: right after a cycle one would always see nobody.
    """
    scenario = scenario_of(variant)
    length = Millis(max(scenario.duration // OBSERVATIONS, min(HOUR, scenario.duration // 50), 1))
    count = scenario.duration // length
    sums = [0] * count
    for replication in range(PILOTS):
        world = World(scenario, seed=seed, replication=replication)
        people = world.parts.ledger.exposure.people
        before = 0
        for stretch in range(count):
            world.run_until(length * (stretch + 1))
            now = sum(people[word].sum_ms(world.now) for word in (ORPHANED, MISSING) if word in people)
            sums[stretch] += now - before
            before = now
    return [total / (length * PILOTS) for total in sums], length


def verdicts(variants: Sequence[Variant], seed: int, folder: Path | None = None) -> list[Verdict]:
    """The warm-up that each variant needs, from a pilot of its own; ``folder``: where what they said is kept."""
    found = []
    for variant in variants:
        file = None if folder is None else folder / f"{_key(variant, seed)}.json"
        kept = None if file is None else _kept(file, variant.name)
        if kept is None:
            observed, length = series(variant, seed)
            cut = mser5(observed)
            kept = Verdict(variant.name, Millis(cut.observations * length), cut.steady)
            if file is not None:
                write_whole(file, json.dumps({"warmup": kept.warmup, "steady": kept.steady}) + "\n")
        found.append(kept)
    return found


def _key(variant: Variant, seed: int) -> str:
    """What a pilot's verdict depends on, as a digest; not the variant's name."""
    listing = "" if variant.listing is None else variant.listing.sha256
    parts = ["pilot/1", *made_by().values(), str(seed), str(PILOTS), str(OBSERVATIONS), variant.text, listing]
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _kept(file: Path, name: str) -> Verdict | None:
    """What an earlier pilot said; None where there was none, or where the file is damaged."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        warmup, steady = told["warmup"], told["steady"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Verdict(name, Millis(warmup), steady) if type(warmup) is int and type(steady) is bool else None


def warmup_of(found: Sequence[Verdict]) -> Millis:
    """The longest, and a moment at least; JmlabError where a variant does not settle."""
    for verdict in found:
        if not verdict.steady:
            raise JmlabError(
                f"--warmup auto: {clipped(verdict.variant)} does not settle in this time, so there is no steady state "
                "to measure; give a longer --until, say how long with --warmup, or leave --design out"
            )
    return Millis(max(SECOND, *(verdict.warmup for verdict in found)))


def settings(scenario: Scenario, warmup: Millis) -> str:
    """The setting that ends a phase at the warm-up; JmlabError where there are phases already, or no time is left."""
    if scenario.phases:
        raise JmlabError("--design steady: this scenario names phases of its own, which follow each other once")
    if not 0 < warmup < scenario.duration:
        raise JmlabError(
            f"--warmup: {format_duration(warmup)} leaves nothing of the {format_duration(scenario.duration)} of this "
            "scenario; give a shorter one, or a longer --until"
        )
    return f"phases=[{{name: {WARM_UP}, until: {format_duration(warmup)}}}, {{name: {STEADY}}}]"
