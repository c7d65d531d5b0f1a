"""What every screen that shows frames has in common."""

from __future__ import annotations

from textual.screen import Screen

from sim.observation.frame import Frame


class FrameScreen(Screen[None]):
    """Shows the latest frame."""

    @property
    def ready(self) -> bool:
        """Whether there is anything to show a frame in: not before it is put together, nor while it is taken apart."""
        return self.is_mounted and bool(self.query("#header")) and bool(self.query("#feed"))

    def show(self, frame: Frame) -> None:
        """Show a frame."""
        raise NotImplementedError
