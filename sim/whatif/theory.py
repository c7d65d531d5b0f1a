"""What a variant's figures come to by theory, beside what was simulated, and whether the two agree.

Invariant: nothing simulated enters an expected value but how many events there were (Little's law is about those), and
what no closed form covers is said not to be covered, with the reason. The forms are those of :mod:`sim.whatif.forms`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final, TypeAlias

from sim.scenario import Scenario
from sim.whatif import forms
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import scenario_of
from sim.whatif.figures import Figures
from sim.whatif.statistics import critical, expected_quantile, holm, simultaneous, spread, two_sided
from sim.whatif.terms import GRANTING, KINDS, NOTHING, REVOKING, Terms, terms_of
from sim.whatif.wait import Wait
from sim.wording import WIDTH, paragraph, quantity

CONFIDENCE: Final = 0.99
"""With which all verdicts of an experiment together are no accident (Holm)."""
NEAR: Final = 1e-4
"""A difference that is a smaller share of the expected value is none: times are whole milliseconds."""
LEAST: Final = 3
"""Replications from which on there is a verdict."""
QUANTILES: Final = {"p50_s": 50, "p95_s": 95, "p99_s": 99}
"""By the figure's name, in percent."""

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
    sd: Value | None = None
    """How much a replication's figure varies by theory, where replications may show less; see :class:`Wait`."""


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
    hop = "hops.ticket_s" if scenario.provisioning.strategy == "ticket" else "hops.wait_s"
    sd = _sd_of_mean(wait, kind)
    found[f"{key}.mean_s"] = Expected(_always(terms.hr_mean + wait.whole), wait.form, terms.words(wait), sd)
    if wait.hop:
        found[f"{key}.{hop}"] = Expected(_always(wait.mean), wait.form, "until it is taken up the first time", sd)
    else:
        found[f"{key}.{hop}"] = NotCovered(_NO_HOP)
    if terms.hr_mean:
        found[f"{key}.hops.hr_s"] = Expected(_always(terms.hr_mean), "§3.11", "the mean of HR's delay")
    for part, percent in QUANTILES.items():
        found[f"{key}.{part}"] = _quantile_of(terms, wait, kind, percent)


_NO_HOP: Final = "what it waits for is no regular gate: the whole latency is held against theory, and not this part"


def _quantile_of(terms: Terms, wait: Wait, kind: str, percent: int) -> Expected | NotCovered:
    if wait.quantile is None:
        return NotCovered(wait.no_quantile)
    if not terms.hr_mean:
        return Expected(_quantile(wait, wait.quantile, kind, percent), wait.form, f"{wait.why}, its quantile")
    low, high = terms.hr_span
    if not wait.uniform:
        return NotCovered("the quantile of a sum with HR's delay")
    return Expected(
        _quantile(wait, lambda at: low + forms.sum_quantile(high - low, wait.uniform, at), kind, percent),
        "§3.11",
        "the quantile of HR's delay and the wait together: a trapezoid",
    )


def _sd_of_mean(wait: Wait, kind: str) -> Value | None:
    def value(figures: Figures) -> float:
        return wait.sd / math.sqrt(max(1, figures.get(f"latency.{kind}.n", 0)))

    return value if wait.sd else None


def _always(value: float) -> Value:
    return lambda figures: value


def _quantile(wait: Wait, quantile: Callable[[float], float], kind: str, percent: int) -> Value:
    """The expected value of a sample's quantile, which hangs on how many events there were."""

    def value(figures: Figures) -> float | None:
        n = int(figures.get(f"latency.{kind}.n", 0))
        return expected_quantile(quantile, n, percent) + wait.service if n >= 1 else None

    return value


# --- people ----------------------------------------------------------------------------------------------


def _little(found: Theory, scenario: Scenario, terms: Terms) -> None:
    """Little's law, cause by cause: so many events, so long each."""
    span_h = (scenario.duration + scenario.drain) / 3_600_000
    age_h = (scenario.duration / 2 + scenario.drain) / 3_600_000
    for kind, cause in REVOKING.items():
        part = _person_hours(terms, (kind,), age_h)
        key = f"orphaned_access.by_cause.{cause}.person_hours"
        sd = _sd_of_hours(terms, (kind,))
        found[key] = NotCovered(part) if isinstance(part, str) else Expected(part, "§3.7", _LITTLE, sd)
    whole = _person_hours(terms, tuple(REVOKING), age_h)
    lacking = _person_hours(terms, GRANTING, age_h)
    for block, value, kinds in (
        ("orphaned_access.people", whole, tuple(REVOKING)),
        ("missing_access", lacking, GRANTING),
    ):
        if isinstance(value, str):
            found[f"{block}.person_hours"] = found[f"{block}.mean"] = NotCovered(value)
        else:
            sd = _sd_of_hours(terms, kinds)
            mean_sd = None if sd is None else _over(sd, span_h)
            found[f"{block}.person_hours"] = Expected(value, "§3.7", _LITTLE, sd)
            found[f"{block}.mean"] = Expected(_over(value, span_h), "§3.7", "Little's law: lambda E L", mean_sd)


_LITTLE: Final = "Little's law: how many came to this, times E L"


def _person_hours(terms: Terms, kinds: tuple[str, ...], age_h: float) -> Value | str:
    waits: list[tuple[str, float]] = []
    for kind in kinds:
        wait = terms.waits[kind]
        if wait == NOTHING:
            continue
        if isinstance(wait, str):
            return wait
        if wait.no_little:
            return wait.no_little
        waits.append((kind, (terms.hr_mean + wait.whole) / 3600))

    if not waits:
        return NOTHING

    def value(figures: Figures) -> float:
        done = sum(figures.get(f"latency.{kind}.n", 0) * hours for kind, hours in waits)
        open_ = {kind: figures.get(f"latency.{kind}.censored", 0) for kind, _ in waits}
        if terms.forgets:  # never cleaned up: from a moment anywhere in the run to its end
            return done + sum(open_.values()) * age_h
        return done + sum(open_[kind] * hours / 2 for kind, hours in waits)

    return value


def _sd_of_hours(terms: Terms, kinds: tuple[str, ...]) -> Value | None:
    squares = {kind: (wait.sd / 3600) ** 2 for kind in kinds if isinstance(wait := terms.waits[kind], Wait)}

    def value(figures: Figures) -> float:
        return math.sqrt(sum(figures.get(f"latency.{kind}.n", 0) * square for kind, square in squares.items()))

    return value if any(squares.values()) else None


def _over(value: Value, span: float) -> Value:
    def mean(figures: Figures) -> float | None:
        sums = value(figures)
        return None if sums is None else sums / span

    return mean


# --- verdicts --------------------------------------------------------------------------------------------


def verdicts(found: Comparison) -> dict[str, dict[str, dict[str, Any]]]:
    """By variant and METRIC: what is expected, and `agrees`, `outside` or `not covered`; all of them hold together.

    Beside what is covered stands what was simulated, with the ends of an interval of `CONFIDENCE` for all figures
    together: it is that of the differences between simulated and expected, replication by replication.
    """
    told: dict[str, dict[str, dict[str, Any]]] = {}
    compared: list[_Compared] = []
    for variant in found.experiment.variants:
        rows = told[variant.name] = {}
        for key, expected in theory_of(scenario_of(variant)).items():
            one = _compared(found, variant.name, key, expected)
            if isinstance(one, str):
                rows[key] = {"expected": None, "verdict": "not covered", "why": one}
            else:
                compared.append(one)
                rows[key] = one.row
    confidence = simultaneous(CONFIDENCE, len(compared))
    rejected = holm([each.chance for each in compared], 1 - CONFIDENCE)
    for each, outside in zip(compared, rejected, strict=True):
        half = critical(confidence, each.n - 1) * each.error
        each.row.update(ci_low=each.row["simulated"] - half, ci_high=each.row["simulated"] + half)
        if outside:
            each.row["verdict"] = "outside"
    return told


@dataclass(frozen=True, slots=True)
class _Compared:
    """A figure that has been held against theory: its row, over how many replications, and how sure their mean is."""

    row: dict[str, Any]
    n: int
    error: float
    """The standard error of the mean difference."""
    chance: float
    """How often a difference is as large by accident; 1 where there is as good as none."""


def _compared(found: Comparison, variant: str, key: str, expected: Expected | NotCovered) -> _Compared | str:
    """What comes of one figure, as if it agreed; or why it is not covered."""
    if found.experiment.warmup:
        return "a steady design counts only what comes after its warm-up; the forms are about whole runs"
    if isinstance(expected, NotCovered):
        return expected.why
    pairs = _pairs(found, variant, key, expected)
    if len(pairs) < LEAST:
        return f"fewer than {LEAST} replications have this figure"
    mean = fmean(value for _, value, _ in pairs)
    differences = [simulated - value for simulated, value, _ in pairs]
    row = {
        "expected": mean,
        "simulated": fmean(simulated for simulated, _, _ in pairs),
        "verdict": "agrees",
        "why": f"{expected.form}: {expected.why}",
    }
    by_theory = math.sqrt(fmean(sd * sd for _, _, sd in pairs))
    error = max(spread(differences), by_theory) / math.sqrt(len(pairs))
    difference = fmean(differences)
    chance = 1.0 if abs(difference) <= NEAR * abs(mean) else two_sided(difference, error, len(pairs) - 1)
    return _Compared(row, len(pairs), error, chance)


def _pairs(found: Comparison, variant: str, key: str, expected: Expected) -> list[tuple[float, float, float]]:
    """(simulated, expected, sd by theory) of each replication that has the figure."""
    pairs: list[tuple[float, float, float]] = []
    for number, simulated in found.values(variant, key).items():
        figures: Figures = dict(found.results[number][variant])
        value = expected.value(figures)
        if value is not None:
            sd = None if expected.sd is None else expected.sd(figures)
            pairs.append((simulated, value, sd or 0.0))
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
