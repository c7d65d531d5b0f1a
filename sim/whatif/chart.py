"""A chart of one figure over the variants, in plain characters that every terminal can show.

Invariant: no wider than the page, no colour; bar and interval are to scale, and the figure stands beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import floor, log10
from typing import Any, Final, TypeAlias

from sim.wording import WIDTH

_LEAST_BAR: Final = 10
_LONGEST_NAME: Final = 28
_WIDEST: Final = 120
"""A bar that is longer says no more."""


WIDE: Final = 20
"""How many times the smallest figure the largest may be before a bar of the small ones could not be seen."""

Row: TypeAlias = tuple[str, Mapping[str, Any], str]
"""A name, an interval as in the JSON, and the figure in words."""


def is_wide(rows: Sequence[Row]) -> bool:
    """Whether the figures lie so far apart that only a logarithmic scale shows them all."""
    means = [found["mean"] for _, found, _ in rows if found["mean"] > 0]
    return len(means) > 1 and max(means) > WIDE * min(means)


def bars(rows: Sequence[Row], width: int = WIDTH) -> Iterator[str]:
    """A line for each row: ``name |=====[==|==] 20m``; on a logarithmic scale ``name |   [-o-] 20m``.

    ``=`` up to the mean, ``[`` and ``]`` where its interval ends.
    """
    rows = [row for row in rows if row[1]["mean"] >= 0]
    tops = [row[1]["mean"] if row[1]["ci_high"] is None else row[1]["ci_high"] for row in rows]
    if not rows or max(tops) <= 0:
        return
    name_width = min(_LONGEST_NAME, max(len(name) for name, _, _ in rows))
    room = max(_LEAST_BAR, min(width, _WIDEST) - name_width - 3 - max(len(words) for _, _, words in rows))
    draw = _logarithmic(rows, max(tops), room) if is_wide(rows) else _linear(max(tops), room)
    for name, found, words in rows:
        shown = name if len(name) <= name_width else name[: name_width - 1] + "~"
        yield f"{shown:<{name_width}} |{draw(found)} {words}".rstrip()


def _linear(top: float, room: int) -> Callable[[Mapping[str, Any]], str]:
    scale = (room - 1) / top

    def draw(found: Mapping[str, Any]) -> str:
        mean = round(found["mean"] * scale)
        cells = ["=" if i <= mean else " " for i in range(room)]
        if found["ci_low"] is not None:
            low, high = round(max(0.0, found["ci_low"]) * scale), round(found["ci_high"] * scale)
            if high > low:
                cells[low], cells[high] = "[", "]"
            else:
                cells[mean] = "|"
        return "".join(cells)

    return draw


def _logarithmic(rows: Sequence[Row], top: float, room: int) -> Callable[[Mapping[str, Any]], str]:
    """From the power of ten below the smallest mean to the largest bound."""
    least = floor(log10(min(found["mean"] for _, found, _ in rows if found["mean"] > 0)))
    scale = (room - 1) / (log10(top) - least)

    def place(value: float) -> int:
        return 0 if value <= 0 else max(0, round((log10(value) - least) * scale))

    def draw(found: Mapping[str, Any]) -> str:
        cells = [" "] * room
        if found["mean"] <= 0:
            return "".join(cells)
        if found["ci_low"] is not None:
            low, high = place(found["ci_low"]), place(found["ci_high"])
            cells[low : high + 1] = ["-"] * (high + 1 - low)
            cells[low], cells[high] = "[", "]"
        cells[place(found["mean"])] = "o"
        return "".join(cells)

    return draw
