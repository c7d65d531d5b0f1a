"""An experiment's results as the JSON object that programs may rely on, and as a page of text.

Invariant: the object is composed from the comparison and holds every figure of the page; the page computes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any, Final

from sim.whatif.breakdown import causes, costs, expected, room_told, still_open, waits
from sim.whatif.budget import budget
from sim.whatif.cells import COLUMNS, amount, shown_columns, sides, signed, with_half_width
from sim.whatif.chart import bars, is_wide
from sim.whatif.comparison import HEADLINES, Comparison
from sim.whatif.design import MOST_REPLICATIONS
from sim.whatif.experiment import companies_of, result_sha256
from sim.whatif.finding import EXPOSURE, brief
from sim.whatif.sensitivity import swing
from sim.whatif.theory import theory_lines, verdicts
from sim.wording import NOTHING, WIDTH, counted, duration, paragraph, quantity, rows_of

SCHEMA: Final = "jmlab.whatif/1"
LONGEST_LINE: Final = 100
"""Columns of a sentence on a terminal that has more."""
CHANCE: Final = "?: may be nothing but chance."
BESIDE_THEORY: Final = ("latency.leaver.mean_s", EXPOSURE)


def as_json(found: Comparison, *, wall_s: float, workers: str, **more: Any) -> dict[str, Any]:
    """The object of ``--format json``; ``more``: what other parts of an experiment found."""
    experiment = found.experiment
    # two calculations that agree would prove nothing
    screened = bool(more.get("screened"))
    theory = {} if screened else verdicts(found)
    reckoned = {} if screened else companies_of(experiment)
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
                "reckoned": variant.name in reckoned,
                "metrics": found.metrics(variant.name),
                "paired_to_baseline": found.differences(variant.name),
                "theory": theory.get(variant.name, {}),
                "budget": budget(found, variant.name),
            }
            for variant in experiment.variants
        ],
        **more,
        "result_sha256": result_sha256(found.results),
        "wall_s": round(wall_s, 3),
        "workers": workers,
    }


def page(result: Mapping[str, Any], width: int = WIDTH) -> str:
    """The object for people, at most so many columns wide where names allow it."""
    parts = (
        *(_head, _table, _differences, _costs, _chart, _targets, _odds, _causes, _waiting, _sensitivity, _theory),
        *(_feasible, _again),
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part(result, width)))) + "\n"


def _prose(text: str, width: int) -> list[str]:
    """Lines of a sentence; on a wide terminal no longer than anybody reads."""
    return paragraph(text, width=min(width, LONGEST_LINE))


def _head(result: Mapping[str, Any], width: int) -> Iterator[str]:
    how = "SCREENED BY ARITHMETIC, NOT SIMULATED" if result.get("screened") else "SIMULATED"
    yield from _prose(
        f"{how}: {result['scenario']}, {counted(len(result['variants']), 'variant')} x "
        f"{counted(result['replications'], 'replication')}, seed {result['seed']}",
        width,
    )
    counted_from = counting(result)
    if counted_from is not None:
        yield from _prose(counted_from, width)
    for sentence in result["finding"]:
        yield from _prose(sentence, width)


def counting(result: Mapping[str, Any]) -> str | None:
    """From when on a steady state is counted, and how precise was asked for; None where there is nothing to say."""
    warmup, precision = (result["design"].get(key) for key in ("warmup_s", "precision"))
    told = []
    if warmup is not None and warmup <= 1 and result["design"].get("pilot"):
        told.append("Steady state: settled from the start by MSER-5, so nothing is left out.")
    elif warmup is not None:
        told.append(f"Steady state: the first {duration(warmup)} do not count.")
    if precision is not None and result["replications"] < MOST_REPLICATIONS:
        told.append(f"As many replications as bring every headline interval within {brief(precision)} of its mean.")
    elif precision is not None:
        told.append(f"Not every headline interval is within {brief(precision)} of its mean after so many.")
    return " ".join(told) or None


def _table(result: Mapping[str, Any], width: int) -> Iterator[str]:
    keys = shown_columns(result)
    yield from fitted(
        ("variant", *(COLUMNS[key] for key in keys)),
        [
            (variant["name"], *(with_half_width(key, variant["metrics"].get(key)) for key in keys))
            for variant in result["variants"]
        ],
        width,
    )
    told = still_open(result)
    if told is not None:
        yield from _prose(told, width)


def fitted(header: Sequence[str], rows: Sequence[Sequence[str]], width: int = WIDTH) -> Iterator[str]:
    """A table, or as many below each other as it takes for none to be wider than the page."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    columns: list[int] = []
    for column in range(1, len(header)):
        if columns and widths[0] + sum(widths[c] + 2 for c in (*columns, column)) > width:
            yield from _some(header, rows, columns)
            yield ""
            columns = []
        columns.append(column)
    yield from _some(header, rows, columns)


def _some(header: Sequence[str], rows: Sequence[Sequence[str]], columns: Sequence[int]) -> Iterator[str]:
    yield from rows_of((header[0], *(header[c] for c in columns)), [(r[0], *(r[c] for c in columns)) for r in rows])


def _differences(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """What each variant changes, with intervals that hold together."""
    keys = shown_columns(result)
    others = [variant for variant in result["variants"] if variant["paired_to_baseline"]]
    if not others:
        return
    yield from _prose(
        f"Less {result['baseline']}, by pairs of equal people and events (95 % for all rows together):", width
    )
    yield from fitted(
        ("variant", *(COLUMNS[key] for key in keys)),
        [
            (variant["name"], *(signed(key, variant["paired_to_baseline"].get(key)) for key in keys))
            for variant in others
        ],
        width,
    )
    if any("?" in signed(key, v["paired_to_baseline"].get(key)) for v in others for key in keys):
        yield CHANCE


def _costs(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The budget beside the benefit."""
    table = costs(result)
    if table is None:
        return
    yield "Benefit, and cost a day:"
    yield from fitted(*table, width)
    room = room_told(result)
    if room is not None:
        yield from _prose(room, width)


def _chart(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The exposure of every variant as bars."""
    rows = [
        (variant["name"], figure, with_half_width(EXPOSURE, figure))
        for variant in result["variants"]
        if (figure := variant["metrics"].get(EXPOSURE)) is not None
    ]
    if len(rows) > 1:
        drawn = list(bars(rows, width))
        if drawn:
            scale = " Logarithmic scale; o: the mean." if is_wide(rows) else ""
            yield from _prose(f"Orphaned access in person-hours; [ ]: 95 % interval of the mean.{scale}", width)
            yield from drawn


def _targets(result: Mapping[str, Any], width: int) -> Iterator[str]:
    for row in result["targets"]:
        yield from _prose(row["answer"], width)


def _odds(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The auditor's odds, where any variant has an exception at all."""
    found = result["audit_odds"]
    kinds = [kind for kind in ("leaver", "joiner") if any(kind in row for row in found["variants"].values())]
    if not any(row["exceptions"] for rows in found["variants"].values() for row in rows.values()):
        return
    yield from _prose(f"Odds that an auditor's sample of {found['sample']} holds a broken promise:", width)
    yield from fitted(
        ("variant", *(f"{kind}, within {duration(_promised(found, kind))}" for kind in kinds)),
        [
            (name, *(brief(rows[kind]["odds"]["mean"]) if kind in rows else NOTHING for kind in kinds))
            for name, rows in found["variants"].items()
        ],
        width,
    )


def _promised(found: Mapping[str, Any], kind: str) -> float:
    return float(next(rows[kind]["promised_s"] for rows in found["variants"].values() if kind in rows))


def _causes(result: Mapping[str, Any], width: int) -> Iterator[str]:
    table = causes(result)
    if table is not None:
        yield "Whose access the exposure is:"
        yield from fitted(*table, width)


def _waiting(result: Mapping[str, Any], width: int) -> Iterator[str]:
    table = waits(result)
    if table is not None:
        yield "What the exposure waits for:"
        yield from fitted(*table, width)


def _sensitivity(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The tornado as a table: what matters most first."""
    found = result.get("sensitivity")
    if found is None:
        return
    figure = found["figures"][0]
    if found["method"] == "morris":
        yield from _prose(
            f"Morris' screening over {found['worlds']} worlds: person-hours of exposure per doubling "
            "(mu*: the size of the effect, mu: its mean, sigma: how far it hangs on the others)",
            width,
        )
        rows = [
            (row["key"], *(quantity(row["effects"].get(figure, {}).get(name)) for name in ("mu_star", "mu", "sigma")))
            for row in found["rows"]
        ]
        yield from fitted(("assumption", "mu*", "mu", "sigma"), rows, width)
        yield from _prose(_not_varied(found), width)
        return
    yield from _prose("What the assumptions of grade D matter: person-hours of exposure", width)
    moving = [row for row in found["rows"] if swing(row) > 0]
    rows = []
    for row in moving:
        low, less, high, more = sides(row, figure)
        rows.append((row["key"], *(at if at == NOTHING else f"{by} at {at}" for at, by in ((low, less), (high, more)))))
    yield from fitted(("assumption", "lower", "higher"), rows, width)
    if any("?" in cell for row in rows for cell in row):
        yield CHANCE
    still = [row["key"] for row in found["rows"] if swing(row) == 0]
    if still:
        yield from _prose(f"Without effect: {', '.join(still)}.", width)
    yield from _prose(_not_varied(found), width)


def _not_varied(found: Mapping[str, Any]) -> str:
    """The assumptions that were left as they are; nothing where there is none."""
    return (
        f"Not varied (words, switches, what has no half or twice): {', '.join(found['not_varied'])}."
        if found["not_varied"]
        else ""
    )


def _theory(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """The verdicts, and the headline figures beside what is expected of them."""
    lines = list(theory_lines(result, min(width, LONGEST_LINE)))
    yield from lines
    table = expected(result, BESIDE_THEORY, COLUMNS, amount)
    if lines and table is not None:
        yield ""
        yield from fitted(*table, width)


def _feasible(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """What each variant takes."""
    taken: dict[tuple[bool, str], list[str]] = {}
    for variant in result["variants"]:
        taken.setdefault((variant["feasible"]["today"], variant["feasible"]["how"]), []).append(variant["name"])
    for (today, how), names in taken.items():
        yield from _prose(f"{', '.join(names)} ({'today' if today else 'not today'}): {how}", width)


def _again(result: Mapping[str, Any], width: int) -> Iterator[str]:
    """How any figure is traced to its world."""
    if result.get("screened"):
        return
    told = reckoning(result)
    if told is not None:
        yield from _prose(told, width)
    name = result["variants"][-1]["name"]
    last = result["replications"] - 1
    yield from _prose(f"One world by itself: the same command with --rerun {quote(f'{name}:{last}')}", width)
    yield f"result_sha256 {result['result_sha256']}"


def reckoning(result: Mapping[str, Any]) -> str | None:
    """Which variants were reckoned in columns (:mod:`sim.whatif.columns`), and how that is checked; None: none was."""
    names = [variant["name"] for variant in result["variants"] if variant["reckoned"]]
    if not names:
        return None
    whose = "all variants" if len(names) == len(result["variants"]) else ", ".join(names)
    return (
        f"Ordinary worlds of {whose} were reckoned in columns, of which one in each replication was held against its "
        "simulation; --simulate-all simulates every one."
    )
