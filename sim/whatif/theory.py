"""What a variant's figures come to by theory, beside what was simulated, and whether the two agree.

Invariant: nothing simulated enters an expected value but how many events there were (Little's law is about those), and
what no closed form covers is said not to be covered, with the reason. The forms are those of :mod:`sim.whatif.forms`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final, TypeAlias

from sim.scenario import Scenario
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import scenario_of
from sim.whatif.figures import Figures
from sim.whatif.statistics import holm, p_value
from sim.whatif.terms import GRANTING, KINDS, REVOKING, Terms, Wait, terms_of
from sim.wording import WIDTH, paragraph, quantity

CONFIDENCE: Final = 0.99
"""With which all verdicts of an experiment together are no accident (Holm)."""
NEAR: Final = 1e-4
"""A difference that is a smaller share of the expected value is none: times are whole milliseconds."""
LEAST: Final = 3
"""Replications from which on there is a verdict."""
QUANTILES: Final = {"p50_s": 0.50, "p95_s": 0.95, "p99_s": 0.99}

Value: TypeAlias = Callable[[Figures], float | None]
"""The expected value, given how many events a replication had; None: it had none."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a figure is by theory."""

    value: Value
    form: str
    """Where the form stands in the literature of this program: the section of its methodology."""
    why: str
    """The form in words."""


@dataclass(frozen=True, slots=True)
class NotCovered:
    """Why no closed form gives a figure."""

    why: str


Theory: TypeAlias = dict[str, Expected | NotCovered]


def theory_of(scenario: Scenario) -> Theory:
    """By METRIC: what it is expected to be, or why that cannot be told."""
    terms = terms_of(scenario)
    if isinstance(terms, str):
        return {key: NotCovered(terms) for key in _all_keys()}
    found: Theory = {}
    for kind in KINDS:
        _latency(found, scenario, terms, kind)
    _little(found, scenario, terms)
    return found


def _all_keys() -> list[str]:
    keys = [f"latency.{kind}.{part}" for kind in KINDS for part in ("mean_s", "hops.wait_s", *QUANTILES)]
    causes = [f"orphaned_access.by_cause.{cause}.person_hours" for cause in REVOKING.values()]
    people = ["orphaned_access.people.mean", "orphaned_access.people.person_hours"]
    return [*keys, *causes, *people, "missing_access.mean", "missing_access.person_hours"]


# --- latencies -------------------------------------------------------------------------------------------


def _latency(found: Theory, scenario: Scenario, terms: Terms, kind: str) -> None:
    wait = terms.waits[kind]
    key = f"latency.{kind}"
    if isinstance(wait, str):
        for part in ("mean_s", "hops.wait_s", *QUANTILES):
            found[f"{key}.{part}"] = NotCovered(wait)
        return
    mean = wait.mean
    hop = "hops.ticket_s" if scenario.provisioning.strategy == "ticket" else "hops.wait_s"
    found[f"{key}.mean_s"] = Expected(
        _always(terms.hr_mean + mean + wait.service + terms.outage_mean), wait.form, wait.words(terms)
    )
    if wait.hop:
        found[f"{key}.{hop}"] = Expected(_always(mean), wait.form, wait.why)
    if terms.hr_mean:
        found[f"{key}.hops.hr_s"] = Expected(_always(terms.hr_mean), "§3.11", "the mean of HR's delay")
    for part, share in QUANTILES.items():
        if wait.quantile is None or terms.hr_mean:
            found[f"{key}.{part}"] = NotCovered(wait.no_quantile or "the quantile of a sum with HR's delay")
        else:
            found[f"{key}.{part}"] = Expected(_quantile(wait, kind, share), wait.form, f"{wait.why}, its quantile")


def _always(value: float) -> Value:
    return lambda figures: value


def _quantile(wait: Wait, kind: str, share: float) -> Value:
    """The expected value of the sample's quantile: of n values the one of rank qn is near (qn + 1/2) / (n + 1)."""

    def value(figures: Figures) -> float | None:
        n = figures.get(f"latency.{kind}.n", 0)
        if wait.quantile is None or n < 1:
            return None
        return wait.quantile((share * n + 0.5) / (n + 1)) + wait.service

    return value


# --- people ----------------------------------------------------------------------------------------------


def _little(found: Theory, scenario: Scenario, terms: Terms) -> None:
    """Little's law, cause by cause: so many events, so long each."""
    span_h = (scenario.duration + scenario.drain) / 3_600_000
    age_h = (scenario.duration / 2 + scenario.drain) / 3_600_000
    for kind, cause in REVOKING.items():
        part = _person_hours(terms, (kind,), age_h)
        key = f"orphaned_access.by_cause.{cause}.person_hours"
        found[key] = NotCovered(part) if isinstance(part, str) else Expected(part, "§3.7", _LITTLE)
    whole = _person_hours(terms, tuple(REVOKING), age_h)
    lacking = _person_hours(terms, GRANTING, age_h)
    for block, value in (("orphaned_access.people", whole), ("missing_access", lacking)):
        if isinstance(value, str):
            found[f"{block}.person_hours"] = found[f"{block}.mean"] = NotCovered(value)
        else:
            found[f"{block}.person_hours"] = Expected(value, "§3.7", _LITTLE)
            found[f"{block}.mean"] = Expected(_over(value, span_h), "§3.7", "Little's law: lambda E L")


_LITTLE: Final = "Little's law: how many came to this, times E L"


def _person_hours(terms: Terms, kinds: tuple[str, ...], age_h: float) -> Value | str:
    waits: list[tuple[str, float]] = []
    for kind in kinds:
        wait = terms.waits[kind]
        if isinstance(wait, str):
            return wait
        if wait.no_little:
            return wait.no_little
        waits.append((kind, (terms.hr_mean + wait.mean + wait.service) / 3600))

    def value(figures: Figures) -> float:
        done = sum(figures.get(f"latency.{kind}.n", 0) * hours for kind, hours in waits)
        open_ = {kind: figures.get(f"latency.{kind}.censored", 0) for kind, _ in waits}
        if terms.forgets:  # never cleaned up: from a moment anywhere in the run to its end
            return done + sum(open_.values()) * age_h + terms.outage_hours(figures, kinds)
        return done + sum(open_[kind] * hours / 2 for kind, hours in waits) + terms.outage_hours(figures, kinds)

    return value


def _over(value: Value, span: float) -> Value:
    def mean(figures: Figures) -> float | None:
        sums = value(figures)
        return None if sums is None else sums / span

    return mean


# --- verdicts --------------------------------------------------------------------------------------------


def verdicts(found: Comparison) -> dict[str, dict[str, dict[str, Any]]]:
    """By variant and METRIC: what is expected, and `agrees`, `outside` or `not covered`; all of them hold together."""
    told: dict[str, dict[str, dict[str, Any]]] = {}
    places: list[tuple[str, str]] = []
    chances: list[float] = []
    for variant in found.experiment.variants:
        rows = told[variant.name] = {}
        for key, expected in theory_of(scenario_of(variant)).items():
            if found.experiment.warmup:
                why = "a steady design counts only what comes after its warm-up; the forms are about whole runs"
                rows[key] = {"expected": None, "verdict": "not covered", "why": why}
                continue
            if isinstance(expected, NotCovered):
                rows[key] = {"expected": None, "verdict": "not covered", "why": expected.why}
                continue
            pairs = _pairs(found, variant.name, key, expected.value)
            if len(pairs) < LEAST:
                why = f"fewer than {LEAST} replications have this figure"
                rows[key] = {"expected": None, "verdict": "not covered", "why": why}
                continue
            mean = fmean(value for _, value in pairs)
            rows[key] = {"expected": mean, "verdict": "agrees", "why": f"{expected.form}: {expected.why}"}
            differences = [simulated - value for simulated, value in pairs]
            if abs(fmean(differences)) > NEAR * abs(mean):
                places.append((variant.name, key))
                chances.append(p_value(differences, 0.0))
    for (name, key), rejected in zip(places, holm(chances, 1 - CONFIDENCE), strict=True):
        if rejected:
            told[name][key]["verdict"] = "outside"
    return told


def _pairs(found: Comparison, variant: str, key: str, value: Value) -> list[tuple[float, float]]:
    """(simulated, expected) of each replication that has the figure."""
    pairs: list[tuple[float, float]] = []
    for number, simulated in found.values(variant, key).items():
        figures: Mapping[str, float] = found.results[number][variant]
        expected = value(dict(figures))
        if expected is not None:
            pairs.append((simulated, expected))
    return pairs


def tally(told: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, dict[str, int]]:
    """By variant: how many figures agree, are outside, and are not covered."""
    words = ("agrees", "outside", "not covered")
    return {
        name: {word: sum(row["verdict"] == word for row in rows.values()) for word in words}
        for name, rows in told.items()
    }


def theory_lines(result: Mapping[str, Any], width: int = WIDTH) -> Iterator[str]:
    """The verdicts of the JSON object for people: a line for variants that fare alike, and every figure outside."""
    rows = {variant["name"]: variant["theory"] for variant in result["variants"] if variant.get("theory")}
    if not rows:
        return
    yield from paragraph("Theory beside simulation (99 % for all figures together):", width=width)
    alike: dict[str, list[str]] = {}
    for name, counts in tally(rows).items():
        whys = dict.fromkeys(row["why"] for row in rows[name].values() if row["verdict"] == "not covered")
        words = {"agrees": "agree", "outside": "outside", "not covered": "not covered"}
        line = ", ".join(f"{count} {words[word]}" for word, count in counts.items() if count)
        reasons = f" ({'; '.join(whys)})" if whys else ""
        alike.setdefault(f"{line}{reasons}", []).append(name)
    for line, names in alike.items():
        yield from paragraph(f"{', '.join(names)}: {line}", width=width)
        for name in names:
            for key, row in rows[name].items():
                if row["verdict"] == "outside":
                    told = f"  {name}, {key}: by theory {quantity(row['expected'])} ({row['why']})"
                    yield from paragraph(told, width=width)
