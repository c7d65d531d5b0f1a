"""Tables that take a result apart: what it costs beside what it saves, whose access it is, what its end waits for.

Invariant: rows of text made of the result's figures alone, for the terminal and the web page alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from sim.observation.words import CAUSES, WAITING
from sim.whatif.cells import with_sign
from sim.whatif.finding import EXPOSURE, brief, cause_shares, waiting_shares
from sim.wording import NOTHING, duration, listed, quantity

Table: TypeAlias = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""A header and its rows."""
SMALLEST: Final = 0.005
"""A share below it would read 0 %."""
_COSTS: Final = (
    ("cycles_per_day", "cycles"),
    ("requests_per_day", "requests"),
    ("share", "of the room"),
    ("throttled_per_day", "throttled"),
    ("retries_per_day", "retries"),
    ("runbooks_per_day", "runbooks"),
    ("by_hand_per_day", "by hand"),
)
_ONLY_WHERE_ANY: Final = ("throttled_per_day", "retries_per_day", "runbooks_per_day", "by_hand_per_day")
_CAUSES: Final[Mapping[str, str]] = {
    "leaver": "left",
    "contractor_expiry": "contract ended",
    "mover": "moved on",
    "rehire": "came back",
    "early": "too early",
    "absence": "on leave",
    "unmanaged": "unmanaged",
    "drift": "by hand",
    "misconfiguration": "misconfigured",
    "access_expiry": "request ended",
}


def costs(result: Mapping[str, Any]) -> Table | None:
    """What each variant costs beside what it saves of the baseline's exposure; None where nothing is known of it."""
    variants = [variant for variant in result["variants"] if variant.get("budget")]
    if not variants:
        return None
    shown = [
        (key, title)
        for key, title in _COSTS
        if key not in _ONLY_WHERE_ANY or any(variant["budget"][key] > 0 for variant in variants)
    ]
    header = ("variant", "exposure", *(title for _, title in shown))
    rows = [
        (variant["name"], _saved(result, variant), *(_cost(key, variant["budget"][key]) for key, _ in shown))
        for variant in variants
    ]
    return header, rows


def _saved(result: Mapping[str, Any], variant: Mapping[str, Any]) -> str:
    """The exposure against the baseline's: ``-50 %``, ``x 12``, or its own hours where it is the baseline."""
    pair = variant["paired_to_baseline"].get(EXPOSURE)
    own = variant["metrics"].get(EXPOSURE)
    if own is None:
        return NOTHING
    base = result["variants"][0]["metrics"].get(EXPOSURE)  # the baseline is the first
    if pair is None or base is None or base["mean"] <= 0:
        return f"{quantity(own['mean'])} h"
    change = pair["mean_difference"] / base["mean"]
    doubt = "" if pair["ci_low"] is None or pair["ci_low"] > 0 or pair["ci_high"] < 0 or change == 0 else " ?"
    if change >= 1:
        return f"x {quantity(1 + change)}{doubt}"
    return f"{with_sign(brief(abs(change)), change)}{doubt}" if change else brief(0)


def _cost(key: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    return brief(value) if key == "share" else quantity(value)


def room_told(result: Mapping[str, Any]) -> str | None:
    """What the room for requests is, in words; None where no job sends any."""
    rates = sorted({v["budget"]["requests_per_second"] for v in result["variants"] if v.get("budget")} - {None})
    if not rates:
        return None
    told = " or ".join(quantity(rate) for rate in rates)
    intervals = {v["budget"]["interval_s"] for v in result["variants"] if v.get("budget")} - {None}
    alone = ""
    if len(rates) == 1 and intervals:
        shortest = min(intervals)
        alone = f", {quantity(rates[0] * shortest)} in {duration(shortest)}"
    return f"The room: {told} requests a second are what the job sends and the target takes{alone}."


def still_open(result: Mapping[str, Any]) -> str | None:
    """Whom the latencies of leavers leave out, in words: those whose access was still there at the end."""
    told: dict[str, list[str]] = {}
    for variant in result["variants"]:
        metrics = variant["metrics"]
        left = metrics.get("latency.leaver.censored", {}).get("mean", 0.0)
        every = left + metrics.get("latency.leaver.n", {}).get("mean", 0.0)
        if left > SMALLEST * every:
            told.setdefault(f"{quantity(left)} of {quantity(every)}", []).append(variant["name"])
    if not told:
        return None
    parts = [f"{many} with {listed(names)}" for many, names in told.items()]
    return f"Latencies are of those who were done by the end. Leavers who were not: {'; '.join(parts)}."


def causes(result: Mapping[str, Any]) -> Table | None:
    """Whose access each variant's exposure is, in shares; None where there is only one cause."""
    shares = [(variant["name"], cause_shares(variant["metrics"])) for variant in result["variants"]]
    return _shares(shares, CAUSES, _CAUSES)


def waits(result: Mapping[str, Any]) -> Table | None:
    """What the exposure of every variant waits for, in shares: the largest is the next to mend."""
    shares = [(variant["name"], waiting_shares(variant["metrics"])) for variant in result["variants"]]
    return _shares(shares, WAITING, {})


def _shares(
    shares: Sequence[tuple[str, Mapping[str, float]]], words: Sequence[str], titles: Mapping[str, str]
) -> Table | None:
    shown = [word for word in words if any(share.get(word, 0) >= SMALLEST for _, share in shares)]
    if len(shown) < 2:
        return None
    header = ("variant", *(titles.get(word, word) for word in shown))
    return header, [(name, *(brief(share[word]) if share else NOTHING for word in shown)) for name, share in shares]


def expected(result: Mapping[str, Any], keys: Sequence[str], titles: Mapping[str, str], written: Any) -> Table | None:
    """What theory expects beside what was simulated, for these figures; None where no form covers any."""
    covered = [key for key in keys if any(_theory(variant, key) for variant in result["variants"])]
    if not covered:
        return None
    header = ("variant", *(text for key in covered for text in (titles.get(key, key), "by theory")))
    rows = []
    for variant in result["variants"]:
        told = [_theory(variant, key) for key in covered]
        if any(told):
            cells = [
                cell
                for key, row in zip(covered, told, strict=True)
                for cell in (
                    written(key, variant["metrics"][key]["mean"]) if key in variant["metrics"] else NOTHING,
                    NOTHING if row is None else written(key, row["expected"]),
                )
            ]
            rows.append((variant["name"], *cells))
    return header, rows


def _theory(variant: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    row: Mapping[str, Any] | None = variant.get("theory", {}).get(key)
    return None if row is None or row["expected"] is None else row
