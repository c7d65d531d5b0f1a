"""A chart of one figure over the variants, in plain characters that every terminal can show.

Invariant: at most 80 columns, no colour; a bar's length and its interval are to scale, and the figure stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sim.wording import WIDTH

_LEAST_BAR: Final = 10
_LONGEST_NAME: Final = 28


def bars(rows: Sequence[tuple[str, Mapping[str, Any], str]]) -> Iterator[str]:
    """A line for each (name, interval as in the JSON, the figure in words): ``name |=====[==|==] 20m``.

    ``=`` up to the mean, ``[`` and ``]`` where its interval ends.
    """
    rows = [row for row in rows if row[1]["mean"] >= 0]
    tops = [row[1]["mean"] if row[1]["ci_high"] is None else row[1]["ci_high"] for row in rows]
    if not rows or max(tops) <= 0:
        return
    name_width = min(_LONGEST_NAME, max(len(name) for name, _, _ in rows))
    room = max(_LEAST_BAR, WIDTH - name_width - 3 - max(len(words) for _, _, words in rows))
    scale = (room - 1) / max(tops)
    for name, found, words in rows:
        shown = name if len(name) <= name_width else name[: name_width - 1] + "~"
        yield f"{shown:<{name_width}} |{_bar(found, scale, room)} {words}".rstrip()


def _bar(found: Mapping[str, Any], scale: float, room: int) -> str:
    mean = round(found["mean"] * scale)
    cells = ["=" if i <= mean else " " for i in range(room)]
    if found["ci_low"] is not None:
        low, high = round(max(0.0, found["ci_low"]) * scale), round(found["ci_high"] * scale)
        if high > low:
            cells[low], cells[high] = "[", "]"
        else:
            cells[mean] = "|"
    return "".join(cells)
