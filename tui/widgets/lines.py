"""Shows lines that a presenter makes for the size that there is.

Invariant: redrawn only when the lines are others than before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from tui.presenters import Line

Make: TypeAlias = Callable[[int, int], Sequence[Line]]
"""Lines for a width and a height."""
STYLES: Final = {
    "plain": "",
    "strong": "bold",
    "muted": "$text-muted",
    "ok": "$text-success",
    "warn": "$text-warning",
    "bad": "bold $text-error",
}


def content(lines: Sequence[Line]) -> Content:
    """Lines in the theme's colours."""
    return Content("\n").join([Content.assemble(*((text, STYLES[style]) for text, style in line)) for line in lines])


class Lines(Static):
    """Lines made by a presenter."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", id=id, classes=classes)
        self._make_lines: Make | None = None
        self._shown: tuple[Line, ...] | None = None

    def show(self, make: Make) -> None:
        """Show what this makes."""
        self._make_lines = make
        self._redraw()

    def on_resize(self, event: Resize) -> None:
        """Another size, other lines."""
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.content_size
        if self._make_lines is None or width <= 0 or height <= 0:
            return
        lines = tuple(self._make_lines(width, height))
        if lines != self._shown:
            self._shown = lines
            self.update(content(lines))
