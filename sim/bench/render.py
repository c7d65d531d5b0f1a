"""The figures as a table for people.

Invariant: shows what the JSON object holds and computes nothing.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from sim.bench.measure import short

HEADINGS = ("row", "value", "baseline", "ratio", "target", "met")
NARROWEST = 40


def table(result: Mapping[str, Any], width: int | None = None) -> str:
    """The figures in columns, and below them what each means; as wide as the terminal unless a width is given."""
    width = max(NARROWEST, width or shutil.get_terminal_size((100, 24)).columns)
    rows = result["rows"]
    lines = [_machine(result["machine"]), "", *_columns([HEADINGS, *(_cells(row) for row in rows)]), ""]
    for row in rows:
        lines.extend(textwrap.wrap(f"{row['name']}: {row['note']}", width, subsequent_indent="  "))
    return "\n".join(lines)


def _machine(machine: Mapping[str, Any]) -> str:
    load = machine["load_average"]
    busy = "" if load is None else f", load average {load[0]:.2f}"
    return (
        f"{machine['implementation']} {machine['python']} on {machine['platform']}, {machine['cpus']} processors{busy}"
    )


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    unit, ratio, target = row["unit"], row["ratio"], row["target"]
    limit = "" if target is None else f"≤ {target:g}{'×' if unit == 's' else f' {unit}'.rstrip()}"
    met = {True: "yes", False: "no", None: ""}[row["met"]]
    return (
        row["name"],
        _amount(row["value"], unit),
        _amount(row["baseline"], unit),
        "" if ratio is None else f"{short(ratio)}×",
        limit,
        met,
    )


def _amount(value: float | None, unit: str) -> str:
    return "" if value is None else f"{short(value)} {unit}".rstrip()


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
