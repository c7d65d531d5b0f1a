"""An experiment's results as the JSON object that programs may rely on, and as a page of text.

Invariant: the object is composed from the comparison and holds every figure of the page; the page computes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sim.whatif.comparison import HEADLINES, Comparison
from sim.whatif.experiment import result_sha256
from sim.whatif.theory import theory_lines, verdicts
from sim.wording import NOTHING, duration, paragraph, quantity, rows_of

SCHEMA: Final = "jmlab.whatif/1"
_COLUMNS: Final = {
    "latency.leaver.mean_s": "leaver, mean",
    "latency.leaver.p95_s": "leaver, p95",
    "orphaned_access.people.person_hours": "orphaned person-h",
    "orphaned_access.usable.person_hours": "usable person-h",
    "missing_access.person_hours": "missing person-h",
    "provisioning.requests": "requests",
}


def as_json(found: Comparison, *, wall_s: float, workers: str, **more: Any) -> dict[str, Any]:
    """The object of ``--format json``; ``more``: what other parts of an experiment found."""
    experiment = found.experiment
    # two calculations that agree would prove nothing
    theory = {} if more.get("screened") else verdicts(found)
    return {
        "schema": SCHEMA,
        "simulated": True,
        "scenario": experiment.scenario,
        "seed": experiment.seed,
        "baseline": experiment.baseline.name,
        "replications": len(found.results),
        "headlines": list(HEADLINES),
        "variants": [
            {
                "name": variant.name,
                "set": variant.replaced,
                "feasible": {"today": variant.feasible.today, "how": variant.feasible.how},
                "metrics": found.metrics(variant.name),
                "paired_to_baseline": found.differences(variant.name),
                "theory": theory.get(variant.name, {}),
            }
            for variant in experiment.variants
        ],
        **more,
        "result_sha256": result_sha256(found.results),
        "wall_s": round(wall_s, 3),
        "workers": workers,
    }


def page(result: Mapping[str, Any]) -> str:
    """The object for people, at most 80 columns wide where names allow it."""
    parts = (_head, _table, _differences, theory_lines, _feasible)
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part(result)))) + "\n"


def _head(result: Mapping[str, Any]) -> Iterator[str]:
    how = "SCREENED BY ARITHMETIC, NOT SIMULATED" if result.get("screened") else "SIMULATED"
    yield (
        f"{how}: {result['scenario']}, {len(result['variants'])} variants x {result['replications']} replications, "
        f"seed {result['seed']}"
    )
    finding = result.get("finding")
    for sentence in [finding] if isinstance(finding, str) else finding or []:
        yield from paragraph(sentence)


def _shown(result: Mapping[str, Any]) -> list[str]:
    return [key for key in _COLUMNS if any(key in variant["metrics"] for variant in result["variants"])]


def _table(result: Mapping[str, Any]) -> Iterator[str]:
    keys = _shown(result)
    yield from rows_of(
        ("variant", *(_COLUMNS[key] for key in keys)),
        [
            (variant["name"], *(_with_half_width(key, variant["metrics"].get(key)) for key in keys))
            for variant in result["variants"]
        ],
    )


def _with_half_width(key: str, figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return NOTHING
    text = _amount(key, figure["mean"])
    if figure["ci_low"] is None:
        return text
    return f"{text} ±{_amount(key, (figure['ci_high'] - figure['ci_low']) / 2)}"


def _amount(key: str, value: float) -> str:
    return duration(value) if key.endswith("_s") and value >= 0 else quantity(value)


def _differences(result: Mapping[str, Any]) -> Iterator[str]:
    """What each variant changes, with intervals that hold together."""
    keys = _shown(result)
    others = [variant for variant in result["variants"] if variant["paired_to_baseline"]]
    if not others:
        return
    yield f"Less {result['baseline']}, by pairs of equal people and events (95 % for all rows together):"
    yield from rows_of(
        ("variant", *(_COLUMNS[key] for key in keys)),
        [
            (variant["name"], *(_signed(key, variant["paired_to_baseline"].get(key)) for key in keys))
            for variant in others
        ],
    )


def _signed(key: str, pair: Mapping[str, Any] | None) -> str:
    if pair is None:
        return NOTHING
    value = pair["mean_difference"]
    text = f"{'-' if value < 0 else '+'}{_amount(key, abs(value))}"
    if pair["ci_low"] is None:
        return text
    clear = pair["ci_low"] > 0 or pair["ci_high"] < 0
    return text if clear else f"{text} ?"


def _feasible(result: Mapping[str, Any]) -> Iterator[str]:
    if any("?" in line for line in _differences(result)):
        yield "?: may be nothing but chance."
    for variant in result["variants"]:
        word = "today" if variant["feasible"]["today"] else "not today"
        yield from paragraph(f"{variant['name']} ({word}): {variant['feasible']['how']}")
