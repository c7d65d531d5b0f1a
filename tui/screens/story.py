"""The story view: what is going on in a sentence, what it is about, and what happened lately.

What it is about is one person's way from HR to AWS, or the pipeline, an audit's find, the results, the chapters.
"""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.events import Resize
from textual.widgets import Footer, Static

from sim.observation.frame import Frame
from tui import doors, panels, presenters
from tui.screens.base import FrameScreen
from tui.widgets.lines import Lines
from tui.widgets.panel import Panel

TITLES = ("HR", "Entra ID", "Next cycle", "AWS")
FIXED = 6
"""Lines of the screen that are always there: header, chapter, sentence, numbers, footer."""
LEAST = 5
"""Lines below which the feed is not worth showing."""
EVERYTHING = 99


class StoryScreen(FrameScreen):
    """One person as a swim lane, or whatever else the story is about."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._height = ""

    def compose(self) -> ComposeResult:
        """See :class:`textual.screen.Screen`."""
        yield Lines(id="header")
        yield Lines(id="chapter")
        yield Lines(id="banner")
        yield Lines(id="caption")
        yield Panel(id="panel")
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

    def on_resize(self, event: Resize) -> None:
        """Another size, other room for the panel."""
        if self._frame is not None:
            self._make_room(self._frame)

    def _make_room(self, frame: Frame) -> None:
        """As much room for the panel as it needs, if enough is left for the feed; else all of it."""
        self._frame = frame
        panel, width = self.query_one("#panel", Panel), self.size.width
        held = len(panels.panel_lines(frame, max(width - 4, 1), EVERYTHING)) + 2
        left = self.size.height - FIXED - bool(frame.banner) - held
        alone = frame.scene != "person" and left < LEAST
        self.set_class(alone, "-alone")
        height = "1fr" if alone else str(held)
        if self._height != height:
            self._height = height
            panel.styles.height = height

    def show(self, frame: Frame) -> None:
        """Show a frame."""
        self.query_one("#header", Lines).show(lambda width, _: [presenters.header(frame, width)])
        self.set_class(frame.scene == "person", "-person")
        self._make_room(frame)
        self.set_class(bool(frame.banner), "-banner")
        self.query_one("#chapter", Lines).show(lambda width, _: [panels.chapter_line(frame, width)])
        self.query_one("#banner", Lines).show(lambda width, _: [presenters.banner_line(frame, width)])
        self.query_one("#panel", Panel).show_titled(panels.panel_title(frame), partial(panels.panel_lines, frame))
        self.query_one("#caption", Lines).show(
            lambda width, height: [
                ((text, "strong"),) for text in presenters.wrapped(presenters.caption_of(frame), width, height)
            ]
        )
        self.set_class(frame.lane is not None, "-followed")
        self.query_one("#doors", Lines).show(partial(doors.doors_lines, frame))
        for i, stop in enumerate(presenters.stops(frame)):
            panel = self.query_one(f"#stop-{i}", Panel)
            for state in ("waiting", "working", "trouble"):
                panel.set_class(stop.state == state, f"-{state}")
            panel.show_titled(stop.title, partial(presenters.stop_lines, stop))
        self.query_one("#numbers", Lines).show(lambda width, _: [presenters.numbers(frame, width)])
        feed = self.query_one("#feed", Panel)
        if feed.border_subtitle != panels.tabs(frame):
            feed.border_subtitle = panels.tabs(frame)
        panel = self.query_one("#panel", Panel)
        under = "" if feed.display else panels.tabs(frame)
        if panel.border_subtitle != under:
            panel.border_subtitle = under
        feed.show_titled(
            "What happened, the latest first", lambda width, height: presenters.feed_lines(frame, width, height)
        )
