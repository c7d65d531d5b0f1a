"""The figures of a result as they stand in the cells of its tables, in the terminal and on the web page alike.

Invariant: pure; units are those that people say, and what may be chance carries a question mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sim.wording import NOTHING, duration, quantity

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
SMALLEST: Final = 0.01
"""What is smaller is no figure by itself, but half of an interval may well be."""
_VALUES: Final = re.compile(r"(?<![a-z0-9.])[0-9][0-9a-z.]*")
"""The figures of a distribution as it is written, without its name."""


def shown_columns(result: Mapping[str, Any]) -> list[str]:
    """The figures of the table that any variant has."""
    found = [variant["metrics"] for variant in result["variants"]]
    return [
        key
        for key in COLUMNS
        if any(key in metrics and (key not in ONLY_WHERE_ANY or metrics[key]["mean"] > 0) for metrics in found)
    ]


def with_half_width(key: str, figure: Mapping[str, Any] | None) -> str:
    """A mean in words with half of its interval."""
    if figure is None:
        return NOTHING
    text = amount(key, figure["mean"])
    if figure["ci_low"] is None:
        return text
    half = (figure["ci_high"] - figure["ci_low"]) / 2
    small = 0 < half < SMALLEST and not key.endswith("_s")
    return f"{text} ±{f'{half:.1g}' if small else amount(key, half)}"


def amount(key: str, value: float) -> str:
    """A figure in words, by the unit that its key ends with."""
    return duration(value) if key.endswith("_s") and value >= 0 else quantity(value)


def with_sign(size: str, value: float) -> str:
    """A size in words with the sign of its value: ``-5``, ``+5``; of what is too small ``> -0.01``, ``< +0.01``."""
    sign = "-" if value < 0 else "+"
    if not size.startswith("< "):
        return f"{sign}{size}"
    return f"{'>' if value < 0 else '<'} {sign}{size.removeprefix('< ')}"


def signed(key: str, pair: Mapping[str, Any] | None) -> str:
    """A difference in words; with a question mark where it may be chance."""
    if pair is None:
        return NOTHING
    value = pair["mean_difference"]
    if value == 0 and pair["ci_low"] == pair["ci_high"] == 0:
        return "0"
    text = with_sign(amount(key, abs(value)), value)
    if pair["ci_low"] is None:
        return text
    clear = pair["ci_low"] > 0 or pair["ci_high"] < 0
    return text if clear else f"{text} ?"


def written(value: Any) -> str:
    """An assumption's value on a few characters: of a distribution its figures only."""
    if isinstance(value, Mapping):
        return written(next(iter(value.values()))) if len(value) == 1 else " ".join(map(str, value.values()))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def sides(row: Mapping[str, Any], figure: str) -> Iterator[str]:
    """Of an assumption: its lower value and what that changes, and its higher one."""
    for name in ("low", "high"):
        side = row[name]
        if side is None:
            yield from (NOTHING, NOTHING)
        else:
            yield ", ".join(_VALUES.findall(side["value"]))
            yield signed(figure, side["changes"].get(figure))
