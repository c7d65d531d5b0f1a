"""Where experiments are carried out: the same workers for all parts, each part kept in a folder of its own.

Invariant: whatever has been computed for a part is never computed again, be it in a later call of the same command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from mockservices.clock import Millis
from sim.expressions import Condition
from sim.scenario import Scenario
from sim.scenario.phases import strategies_of
from sim.scenario.workforce import Workforce
from sim.time import counted, format_duration
from sim.whatif.comparison import Comparison
from sim.whatif.execution import Enough, Progress, Workers, carry_out
from sim.whatif.experiment import Experiment, Replication, scenario_of
from sim.whatif.store import Store
from sim.whatif.targets import Judged, Search, answer, judge, longest_interval
from sim.whatif.variants import Asked, Variant

Make: TypeAlias = Callable[[Asked], Variant]
"""The scenario of the experiment with some settings, checked."""


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Workers, a folder, and somebody who may be told how far it is."""

    workers: Workers
    folder: Path
    told: Callable[[str], Progress | None]

    def results(self, experiment: Experiment, enough: Enough, part: str = "") -> dict[int, Replication]:
        """What the replications measured; ``part``: the folder below, empty for the experiment itself."""
        store = Store(self.folder / part if part else self.folder, experiment)
        progress = self.told(label(part, len(experiment.variants)))
        return carry_out(experiment, self.workers, store.read(), enough, store.add, progress)


def label(part: str, variants: int) -> str:
    """What is under way, for whoever watches."""
    search, _, tried = part.partition("/")
    if search == "search":
        return f"trying {tried.replace('-', ' ')}"
    return f"{part}, {counted(variants, 'variant')}" if part else counted(variants, "variant")


def asked_targets(
    found: Comparison,
    conditions: list[Condition],
    laboratory: Laboratory,
    make: Make,
    enough: Callable[[Experiment], Enough],
) -> list[dict[str, Any]]:
    """``targets``: what each variant says about a target, and the longest interval that meets it."""
    if not conditions:
        return []
    experiment = found.experiment
    scenario = scenario_of(make(Asked("plain", ())))
    probed: dict[str, Mapping[int, Replication]] = {}

    def values(name: str, settings: tuple[str, ...], key: str) -> list[float]:
        if name not in probed:
            alone = replace(experiment, variants=(make(Asked(name, settings)),))
            folder = "search/" + "".join(letter if letter.isalnum() else "-" for letter in name)
            probed[name] = laboratory.results(alone, enough(alone), folder)
        return [replication[name][key] for _, replication in sorted(probed[name].items()) if key in replication[name]]

    rows: list[dict[str, Any]] = []
    for condition in conditions:

        def probe(length: Millis, condition: Condition = condition) -> Judged:
            written = format_duration(length)
            return judge(condition, values(written, (f"provisioning.interval={written}",), condition.key))

        search: Search | None = None
        would: list[tuple[str, Judged]] = []
        if set(strategies_of(scenario)) == {"cycle"}:
            search = longest_interval(probe)
            if search.longest is None:
                for name, settings in _instead(scenario):
                    if len(would) < 2 or not any(judged.verdict == "met" for _, judged in would):
                        would.append((name, judge(condition, values(name, settings, condition.key))))
        rows.append(_row(found, condition, search, would))
    return rows


def _instead(scenario: Scenario) -> list[tuple[str, tuple[str, ...]]]:
    """What else could be done where no interval is short enough: notice, a push, and where neither is enough, both."""
    push = ("provisioning.strategy=event",)
    workforce = scenario.workforce
    if workforce is None:
        return [("a push for every event", push)]
    slow = isinstance(workforce, Workforce) and workforce.hr is not None
    at_once = ("workforce.hr_lag=0m", *(("workforce.hr=none",) if slow else ()))
    return [
        ("notice from HR at once", at_once),
        ("a push for every event", push),
        ("notice from HR at once and a push for every event", (*at_once, *push)),
    ]


def _row(
    found: Comparison, condition: Condition, search: Search | None, would: list[tuple[str, Judged]]
) -> dict[str, Any]:
    variants = found.experiment.variants
    judged = {v.name: judge(condition, list(found.values(v.name, condition.key).values())).as_json() for v in variants}
    longest = None if search is None else search.longest
    return {
        "target": condition.text,
        "key": condition.key,
        "variants": judged,
        "longest_interval_s": None if longest is None else longest / 1000,
        "tried": []
        if search is None
        else [{"interval_s": length / 1000, **each.as_json()} for length, each in search.tried],
        "would": [{"name": name, **each.as_json()} for name, each in would],
        "answer": answer(condition, search, would),
    }
