"""An experiment's results as the JSON object that programs may rely on, and as a page of text.

Invariant: the object is composed from the comparison and holds every figure of the page; the page computes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sim.observation.words import WAITING
from sim.whatif.chart import bars
from sim.whatif.comparison import HEADLINES, Comparison
from sim.whatif.experiment import result_sha256
from sim.whatif.finding import EXPOSURE, percent, waiting_shares
from sim.whatif.sensitivity import swing
from sim.whatif.theory import theory_lines, verdicts
from sim.wording import NOTHING, WIDTH, counted, duration, paragraph, quantity, rows_of

SCHEMA: Final = "jmlab.whatif/1"
SMALLEST: Final = 0.005
"""A share below it would read 0 %."""
COLUMNS: Final[Mapping[str, str]] = {
    "latency.leaver.mean_s": "leaver, mean",
    "latency.leaver.p95_s": "leaver, p95",
    "orphaned_access.people.person_hours": "orphaned person-h",
    "orphaned_access.usable.person_hours": "usable person-h",
    "missing_access.person_hours": "missing person-h",
    "provisioning.requests": "requests",
    "provisioning.retries": "retries",
    "provisioning.errors": "errors",
    "stale.found": "stale grants",
}
ONLY_WHERE_ANY: Final = ("provisioning.retries", "provisioning.errors", "stale.found")
"""Columns that are shown where some variant has any: what throttling and failures cost, and what was forgotten."""


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
                "feasible": variant.feasible.as_json(),
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
    parts = (_head, _table, _differences, _chart, _targets, _odds, _waiting, _sensitivity, theory_lines, _feasible)
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part(result)))) + "\n"


def _head(result: Mapping[str, Any]) -> Iterator[str]:
    how = "SCREENED BY ARITHMETIC, NOT SIMULATED" if result.get("screened") else "SIMULATED"
    yield (
        f"{how}: {result['scenario']}, {counted(len(result['variants']), 'variant')} x "
        f"{counted(result['replications'], 'replication')}, seed {result['seed']}"
    )
    warmup = result["design"].get("warmup_s")
    if warmup is not None:
        yield f"Steady state: the first {duration(warmup)} do not count."
    for sentence in result["finding"]:
        yield from paragraph(sentence)


def shown_columns(result: Mapping[str, Any]) -> list[str]:
    """The figures of the table that any variant has."""
    found = [variant["metrics"] for variant in result["variants"]]
    return [
        key
        for key in COLUMNS
        if any(key in metrics and (key not in ONLY_WHERE_ANY or metrics[key]["mean"] > 0) for metrics in found)
    ]


def _table(result: Mapping[str, Any]) -> Iterator[str]:
    keys = shown_columns(result)
    yield from fitted(
        ("variant", *(COLUMNS[key] for key in keys)),
        [
            (variant["name"], *(with_half_width(key, variant["metrics"].get(key)) for key in keys))
            for variant in result["variants"]
        ],
    )


def fitted(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table, or as many below each other as it takes for none to be wider than the page."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    columns: list[int] = []
    for column in range(1, len(header)):
        if columns and widths[0] + sum(widths[c] + 2 for c in (*columns, column)) > WIDTH:
            yield from _some(header, rows, columns)
            yield ""
            columns = []
        columns.append(column)
    yield from _some(header, rows, columns)


def _some(header: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[int]) -> Iterator[str]:
    yield from rows_of((header[0], *(header[c] for c in columns)), [(r[0], *(r[c] for c in columns)) for r in rows])


def with_half_width(key: str, figure: Mapping[str, Any] | None) -> str:
    """A mean in words with half of its interval."""
    if figure is None:
        return NOTHING
    text = amount(key, figure["mean"])
    if figure["ci_low"] is None:
        return text
    return f"{text} ±{amount(key, (figure['ci_high'] - figure['ci_low']) / 2)}"


def amount(key: str, value: float) -> str:
    """A figure in words, by the unit that its key ends with."""
    return duration(value) if key.endswith("_s") and value >= 0 else quantity(value)


def _differences(result: Mapping[str, Any]) -> Iterator[str]:
    """What each variant changes, with intervals that hold together."""
    keys = shown_columns(result)
    others = [variant for variant in result["variants"] if variant["paired_to_baseline"]]
    if not others:
        return
    yield from paragraph(
        f"Less {result['baseline']}, by pairs of equal people and events (95 % for all rows together):"
    )
    yield from fitted(
        ("variant", *(COLUMNS[key] for key in keys)),
        [
            (variant["name"], *(signed(key, variant["paired_to_baseline"].get(key)) for key in keys))
            for variant in others
        ],
    )


def signed(key: str, pair: Mapping[str, Any] | None) -> str:
    """A difference in words; with a question mark where it may be chance."""
    if pair is None:
        return NOTHING
    value = pair["mean_difference"]
    if value == 0 and pair["ci_low"] == pair["ci_high"] == 0:
        return "0"
    text = f"{'-' if value < 0 else '+'}{amount(key, abs(value))}"
    if pair["ci_low"] is None:
        return text
    clear = pair["ci_low"] > 0 or pair["ci_high"] < 0
    return text if clear else f"{text} ?"


def _chart(result: Mapping[str, Any]) -> Iterator[str]:
    """The exposure of every variant as bars."""
    rows = [
        (variant["name"], figure, with_half_width(EXPOSURE, figure))
        for variant in result["variants"]
        if (figure := variant["metrics"].get(EXPOSURE)) is not None
    ]
    if len(rows) > 1:
        drawn = list(bars(rows))
        if drawn:
            yield "Orphaned access in person-hours; [ ]: 95 % interval of the mean"
            yield from drawn


def _targets(result: Mapping[str, Any]) -> Iterator[str]:
    for row in result["targets"]:
        yield from paragraph(row["answer"])


def _odds(result: Mapping[str, Any]) -> Iterator[str]:
    """The auditor's odds, where any variant has an exception at all."""
    found = result["audit_odds"]
    kinds = [kind for kind in ("leaver", "joiner") if any(kind in row for row in found["variants"].values())]
    if not any(row["exceptions"] for rows in found["variants"].values() for row in rows.values()):
        return
    yield f"Odds that an auditor's sample of {found['sample']} holds a broken promise:"
    yield from rows_of(
        ("variant", *(f"{kind}, within {duration(_promised(found, kind))}" for kind in kinds)),
        [
            (name, *(f"{rows[kind]['odds']['mean']:.0%}" if kind in rows else NOTHING for kind in kinds))
            for name, rows in found["variants"].items()
        ],
    )


def _promised(found: Mapping[str, Any], kind: str) -> float:
    return float(next(rows[kind]["promised_s"] for rows in found["variants"].values() if kind in rows))


def _waiting(result: Mapping[str, Any]) -> Iterator[str]:
    """What the exposure of every variant waits for, in shares: the largest is the next to mend."""
    shares = [(variant["name"], waiting_shares(variant["metrics"])) for variant in result["variants"]]
    words = [word for word in WAITING if any(share.get(word, 0) >= SMALLEST for _, share in shares)]
    if len(words) > 1:
        yield "What the exposure waits for:"
        yield from rows_of(
            ("variant", *words),
            [(name, *(percent(share[word]) if share else NOTHING for word in words)) for name, share in shares],
        )


def _sensitivity(result: Mapping[str, Any]) -> Iterator[str]:
    """The tornado as a table: what matters most first."""
    found = result.get("sensitivity")
    if found is None:
        return
    figure = found["figures"][0]
    if found["method"] == "morris":
        yield f"Morris' screening over {found['worlds']} worlds: person-hours of exposure per doubling"
        rows = [
            (row["key"], *(quantity(row["effects"].get(figure, {}).get(name)) for name in ("mu_star", "mu", "sigma")))
            for row in found["rows"]
        ]
        yield from rows_of(("assumption", "mu*", "mu", "sigma"), rows)
        return
    yield "What the assumptions of grade D matter: person-hours of exposure, half and twice"
    moving = [row for row in found["rows"] if swing(row) > 0]
    rows = [
        (row["key"], written(row["value"]), *(_moved(row[side], figure) for side in ("low", "high"))) for row in moving
    ]
    yield from rows_of(("assumption", "value", "less", "more"), rows)
    yield "?: may be nothing but chance."
    still = [row["key"] for row in found["rows"] if swing(row) == 0]
    if still:
        yield from paragraph(f"Without effect: {', '.join(still)}.")
    if found["not_varied"]:
        yield from paragraph(f"Not varied, being words or switches: {', '.join(found['not_varied'])}.")


def written(value: Any) -> str:
    """An assumption's value on a few characters: of a distribution its figures only."""
    if isinstance(value, Mapping):
        return written(next(iter(value.values()))) if len(value) == 1 else " ".join(map(str, value.values()))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _moved(side: Mapping[str, Any] | None, figure: str) -> str:
    return NOTHING if side is None else signed(figure, side["changes"].get(figure))


def _feasible(result: Mapping[str, Any]) -> Iterator[str]:
    if any("?" in line for line in _differences(result)):
        yield "?: may be nothing but chance."
    taken: dict[tuple[bool, str], list[str]] = {}
    for variant in result["variants"]:
        taken.setdefault((variant["feasible"]["today"], variant["feasible"]["how"]), []).append(variant["name"])
    for (today, how), names in taken.items():
        yield from paragraph(f"{', '.join(names)} ({'today' if today else 'not today'}): {how}")
