"""What every screen that shows frames has in common."""

from __future__ import annotations

from textual.screen import Screen

from sim.observation.frame import Frame


class FrameScreen(Screen[None]):
    """Shows the latest frame."""

    def show(self, frame: Frame) -> None:
        """Show a frame."""
        raise NotImplementedError
