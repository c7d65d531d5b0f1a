"""What provisioning on demand came to: its stages, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.panels import on_demand_lines
from tui.widgets.lines import content


class OnDemandScreen(ModalScreen[None]):
    """The stages of one answer; any of escape, o, enter and q leads back."""

    BINDINGS = [Binding("escape,enter,o,q", "dismiss", "back")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, person: str, told: Mapping[str, Any]) -> None:
        super().__init__()
        self._person = person
        self._told = told

    def compose(self) -> ComposeResult:
        """See :class:`textual.screen.Screen`."""
        with VerticalScroll(id="on-demand") as box:
            box.border_title = f"Provisioned on demand: {self._person}"
            box.border_subtitle = "escape: back"
            yield Static(content(on_demand_lines(self._told)))
