"""The story view: one person's way from HR to AWS, what is going on in a sentence, and what happened lately."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Footer, Static

from sim.observation.frame import Frame
from tui import presenters
from tui.screens.base import FrameScreen
from tui.widgets.lines import Lines
from tui.widgets.panel import Panel

TITLES = ("HR", "Entra ID", "Next cycle", "AWS")


class StoryScreen(FrameScreen):
    """One person as a swim lane."""

    def compose(self) -> ComposeResult:
        """See :class:`textual.screen.Screen`."""
        yield Lines(id="header")
        yield Lines(id="caption")
        yield Lines(id="doors")
        with Horizontal(id="lane"):
            for i, title in enumerate(TITLES):
                if i:
                    yield Static("→", classes="arrow")
                panel = Panel(id=f"stop-{i}", classes="stop")
                panel.border_title = title
                yield panel
        yield Lines(id="numbers")
        yield Panel(id="feed")
        yield Footer(show_command_palette=False)

    def show(self, frame: Frame) -> None:
        """Show a frame."""
        self.query_one("#header", Lines).show(lambda width, _: [presenters.header(frame, width)])
        self.query_one("#caption", Lines).show(
            lambda width, height: [((text, "strong"),) for text in presenters.wrapped(frame.caption, width, height)]
        )
        self.query_one("#doors", Lines).show(lambda width, _: [presenters.doors_line(frame, width)])
        for i, stop in enumerate(presenters.stops(frame)):
            panel = self.query_one(f"#stop-{i}", Panel)
            for state in ("waiting", "working", "trouble"):
                panel.set_class(stop.state == state, f"-{state}")
            panel.show_titled(stop.title, partial(presenters.stop_lines, stop))
        self.query_one("#numbers", Lines).show(lambda width, _: [presenters.numbers(frame, width)])
        self.query_one("#feed", Panel).show_titled(
            "What happened, the latest first", lambda width, height: presenters.feed_lines(frame, width, height)
        )
