"""Figures, sentences and tables of a page of text: what is null is a dash, nobody counts more digits than matter.

Invariant: pure; the same figure reads the same everywhere on a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any, Final

from sim.time import DAY, HOUR, MINUTE, SECOND

WIDTH: Final = 80
NOTHING: Final = "-"


def duration(seconds: float | None) -> str:
    """``3d``, ``2h 05m``, ``40m 12s``, ``12.3s``: two units at most."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        places = 3 if seconds < 1 else 1
        return f"{seconds:.{places}f}".rstrip("0").rstrip(".") + "s"
    ms = round(seconds) * SECOND
    if ms >= DAY:
        unit, name, below, minor = DAY, "d", HOUR, "h"
    elif ms >= HOUR:
        unit, name, below, minor = HOUR, "h", MINUTE, "m"
    else:
        unit, name, below, minor = MINUTE, "m", SECOND, "s"
    rest = ms % unit // below
    return f"{ms // unit}{name}" + (f" {rest:02d}{minor}" if rest else "")


def number(value: int | None) -> str:
    """A count."""
    return NOTHING if value is None else f"{value:,}"


def counted(value: int, word: str) -> str:
    """``1 user``, ``1,200 users``."""
    return f"{number(value)} {word}" if value == 1 else f"{number(value)} {word}s"


def result_text(value: object) -> str:
    """What a results table shows of a figure: at most three places after the point, or four digits where it is below 1.

    What is no number, such as a condition, is shown as it is.
    """
    if not isinstance(value, int | float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1 else f"{round(value, 3):,.10g}"


def quantity(value: float | None) -> str:
    """A figure with three significant digits, or all those before the point."""
    if value is None:
        return NOTHING
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) >= 0.01 else "< 0.01"


def share(part: float, whole: float) -> str:
    """``65 %``; what is not all, and not nothing, never reads as if it were."""
    percent = round(part / whole * 100)
    if percent >= 100 and part < whole:
        return "over 99 %"
    return "under 1 %" if percent <= 0 and part > 0 else f"{percent} %"


def listed(words: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join((", ".join(words[:-1]), words[-1]) if len(words) > 1 else words)


def level(found: Mapping[str, Any]) -> tuple[str, str, str]:
    """How many now, how many at most, how many on average."""
    return number(found["now"]), number(found["peak"]), quantity(found["mean"])


def paragraph(text: str, indent: str = "", width: int = WIDTH) -> list[str]:
    """The lines of a text no wider than the page."""
    return wrap(
        text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def rows_of(header: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a table: the first column to the left, figures to the right, a rule below the header."""
    cells = [tuple(header), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for i, row in enumerate(cells):
        figures = "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        yield f"{row[0]:<{widths[0]}}{figures}".rstrip()
        if i == 0:
            yield "-" * (sum(widths) + 2 * (len(widths) - 1))
