"""Audit odds: the chance that an auditor's sample of leavers or joiners holds somebody for whom a promise was broken.

Invariant: who counts is counted in whole people per replication; odds are computed from those counts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from mockservices.clock import Millis
from sim.observation.latency import LatencyRow
from sim.randomness import Streams
from sim.scenario import Scenario
from sim.scenario.sla import AT_START
from sim.time import DAY, SECOND
from sim.whatif.comparison import SAMPLE, Comparison, interval_json, odds_of_an_exception
from sim.whatif.experiment import scenario_of
from sim.whatif.figures import Figures
from sim.whatif.statistics import interval

if TYPE_CHECKING:
    from sim.world import World

KINDS: Final = ("leaver", "joiner")
USUAL: Final = DAY
"""What is taken for promised where a scenario promises nothing: within 24 hours, as such controls usually say."""
DRAWS: Final = 1_000
"""Samples that are really drawn from each replication, beside the closed form."""


def promise(scenario: Scenario, kind: str) -> Millis:
    """How soon access has to be there or gone, in ms; ``at_start`` is 0."""
    sla = scenario.organisation.sla
    target = None if sla is None else sla.targets().get(kind)
    if target == AT_START:
        return Millis(0)
    return Millis(USUAL if target is None else int(target))


def counts(world: World, summary: Mapping[str, Any], rows: Iterable[LatencyRow] | None = None) -> Figures:
    """``audit.KIND.population`` and ``.exceptions``; ``sla.KIND.within`` and ``.breached`` where a summary has none.

    Whoever is still waiting counts as an exception once the promise is broken, and not at all before. ``rows``: the
    finished latencies that count, where those are not all.
    """
    ledger = world.parts.ledger
    waiting = [(row[0], row[5]) for row in ledger.open_latencies()]
    if rows is None:
        return counted(world.scenario, summary, ledger.events.latencies.done, waiting)
    finished: dict[str, list[int]] = {}
    for row in rows:
        finished.setdefault(row[0], []).append(row[5])
    return counted(world.scenario, summary, finished, waiting)


def promises(world: World, summary: Mapping[str, Any]) -> dict[str, Any]:
    """`audit` and `sla` of a summary with what a what-if has beside it, so that each of its figures is found again."""
    found: dict[str, Any] = {"audit": {}, "sla": {**summary.get("sla", {})}}
    for key, value in counts(world, summary).items():
        part, kind, name = key.split(".")
        found[part][kind] = {**(found[part].get(kind) or {}), name: value}
    return found


def counted(
    scenario: Scenario,
    summary: Mapping[str, Any],
    finished: Mapping[str, Iterable[int]],
    waiting: Iterable[tuple[str, int]],
) -> Figures:
    """The same from latencies in ms: those that are finished, by kind, and (kind, so far) of those that are not."""
    found: Figures = {}
    still = list(waiting)
    for kind in KINDS:
        limit = promise(scenario, kind)
        done, late = 0, 0
        for each in finished.get(kind, ()):
            done += 1
            late += each > limit
        open_late = sum(each == kind and lasted > limit for each, lasted in still)
        told = (summary.get("sla", {}).get(kind) or {}).get("breached")
        exceptions = late + open_late if told is None else int(told)
        population = max(done + open_late, exceptions)
        found[f"audit.{kind}.population"] = population
        found[f"audit.{kind}.exceptions"] = exceptions
        if told is None and population:
            found[f"sla.{kind}.within"] = (population - exceptions) / population
            found[f"sla.{kind}.breached"] = exceptions
    return found


def audit_odds(found: Comparison, sample: int = SAMPLE) -> dict[str, Any]:
    """The odds per variant and kind: drawn from every replication, and the hypergeometric form of the mean counts."""
    experiment = found.experiment
    by_variant: dict[str, dict[str, Any]] = {}
    for variant in experiment.variants:
        scenario = scenario_of(variant)
        kinds: dict[str, Any] = {}
        for kind in KINDS:
            population = found.values(variant.name, f"audit.{kind}.population")
            exceptions = found.values(variant.name, f"audit.{kind}.exceptions")
            numbers = [number for number in exceptions if population.get(number, 0) > 0]
            if not numbers:
                continue
            people = [int(population[number]) for number in numbers]
            broken = [int(exceptions[number]) for number in numbers]
            form = [odds_of_an_exception(n, k, sample) for n, k in zip(people, broken, strict=True)]
            drawn = [
                _drawn(Streams(experiment.seed, number), kind, n, k, sample)
                for number, n, k in zip(numbers, people, broken, strict=True)
            ]
            kinds[kind] = {
                "promised_s": promise(scenario, kind) / SECOND,
                "population": sum(people) / len(people),
                "exceptions": sum(broken) / len(broken),
                "odds": interval_json(interval(drawn, found.confidence)),
                "hypergeometric": sum(form) / len(form),
            }
        by_variant[variant.name] = kinds
    return {"sample": sample, "variants": by_variant}


def _drawn(streams: Streams, kind: str, population: int, exceptions: int, sample: int) -> float:
    """The share of really drawn samples that hold an exception; the same draws in every variant."""
    size = min(sample, population)
    draws = streams.stream(f"audit/{kind}").hypergeometric(exceptions, population - exceptions, size, DRAWS)
    return int((draws > 0).sum()) / DRAWS
