"""Lines in a frame with a title."""

from __future__ import annotations

from tui.widgets.lines import Lines, Make


class Panel(Lines):
    """Lines in a frame with a title."""

    def show_titled(self, title: str, make: Make) -> None:
        """Show what this makes under this title."""
        if title != self.border_title:
            self.border_title = title
        self.show(make)
