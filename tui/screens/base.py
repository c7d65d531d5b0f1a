"""What every screen that shows frames has in common."""

from __future__ import annotations

from textual.screen import Screen

from sim.observation.frame import Frame


class FrameScreen(Screen[None]):
    """Shows the latest frame."""

    ready = False
    """Whether there is anything to show a frame in."""

    def on_mount(self) -> None:
        """What it is made of is there."""
        self.ready = True

    def show(self, frame: Frame) -> None:
        """Show a frame."""
        raise NotImplementedError
