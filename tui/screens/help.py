"""Help: what every key does, and what the words on the screen mean."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.help_text import help_lines
from tui.widgets.lines import content


class HelpScreen(ModalScreen[None]):
    """Every key and every word; any of escape, ? and q leads back."""

    BINDINGS = [Binding("escape,question_mark,f1,q", "dismiss", "back")]  # noqa: RUF012 - as Textual declares it

    def compose(self) -> ComposeResult:
        """See :class:`textual.screen.Screen`."""
        with VerticalScroll(id="help") as box:
            box.border_title = "Help"
            box.border_subtitle = "↑ ↓ for more, escape: back"
            yield Static(content(help_lines()))
