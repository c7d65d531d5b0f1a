"""The dashboard: the counts over time, how far AWS is out of step, how long it takes, and what happened lately."""

from __future__ import annotations

from functools import partial
from typing import Final

from textual.app import ComposeResult
from textual.containers import Grid
from textual.events import Resize
from textual.widgets import Footer

from sim.observation.frame import Frame
from tui import doors, figures, presenters
from tui.screens.base import FrameScreen
from tui.widgets.lines import Lines
from tui.widgets.panel import Panel

TITLE: Final = 6
"""Columns of a panel that its title cannot have: the corners, and the line beside them."""


class DashboardScreen(FrameScreen):
    """The figures of the run so far."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None

    def on_resize(self, event: Resize) -> None:
        """Another size, other room for titles; once everything has its place."""
        self.call_after_refresh(self._show_again)

    def _show_again(self) -> None:
        if self._frame is not None and self.ready:
            self.show(self._frame)

    def compose(self) -> ComposeResult:
        """See :class:`textual.screen.Screen`."""
        yield Lines(id="header")
        with Grid(id="figures"):
            yield Panel(id="orphaned")
            yield Panel(id="waiting")
            yield Panel(id="divergence")
            yield Panel(id="durations")
        yield Lines(id="doors")
        yield Panel(id="feed")
        yield Footer(show_command_palette=False)

    def show(self, frame: Frame) -> None:
        """Show a frame."""
        self._frame = frame
        self.query_one("#header", Lines).show(lambda width, _: [presenters.header(frame, width)])
        room = self.query_one("#orphaned", Panel).outer_size.width - TITLE
        self.query_one("#orphaned", Panel).show_titled(
            figures.orphaned_title(frame, room),
            lambda width, height: figures.chart(frame, frame.orphaned_points, width, height, presenters.BAD),
        )
        self.query_one("#waiting", Panel).show_titled(
            figures.waiting_title(frame, room),
            lambda width, height: figures.chart(frame, frame.waiting_points, width, height, presenters.WARN),
        )
        self.query_one("#divergence", Panel).show_titled(
            "≠ Out of step: no job knows" if frame.out_of_step is None else f"≠ Out of step: {frame.out_of_step} now",
            lambda width, height: figures.out_of_step_lines(frame, width, height),
        )
        self.query_one("#durations", Panel).show_titled(
            "Time to provision and deprovision",
            lambda width, height: figures.duration_lines(frame.durations, width, height),
        )
        self.set_class(frame.lane is not None, "-followed")
        self.query_one("#doors", Lines).show(partial(doors.doors_lines, frame))
        self.query_one("#feed", Panel).show_titled(
            "What happened, the latest first", lambda width, height: presenters.feed_lines(frame, width, height)
        )
