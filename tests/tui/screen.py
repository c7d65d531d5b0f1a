"""Screens for tests: an app over a real world or over one fixed frame, and the text that it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from textual.pilot import Pilot

from sim.clockwork import Clockwork, Speed
from sim.mailbox import Mailbox
from sim.observation.frame import Frame, make_frame
from sim.observation.scenes import Scene
from sim.observation.watch import Watch
from sim.scenario import Scenario, scenario_from
from sim.world import World
from tests.semantics.story import MINUTE, act, join, told
from tui.app import JmlabApp
from tui.driver import Driver

SMALL, LARGE = (80, 24), (120, 40)
STANDING = 1e-6
"""A speed at which nothing happens by itself while a test looks."""


def three(**more: Any) -> Scenario:
    """Dan joins, Ann moves, Bob leaves."""
    return scenario_from(
        told(
            join("1h", "dan"), act("100m", "move", "ann", department="Operations"),
            act("3h", "leave", "bob", hr_lag="30m"), **more,
        )
    )  # fmt: skip


def frame_at(minutes: float, scenario: Scenario | None = None, speed: Speed = "story") -> Frame:
    """A frame of a run at this time."""
    world = World(scenario or three())
    watch = Watch(world)
    clockwork = Clockwork(Mailbox(), speed)
    clockwork.begin(world)
    world.run_until(int(minutes * MINUTE))
    return make_frame(world, watch, clockwork)


class Still(Driver):
    """A driver whose world stands still: it hands out one frame and notes what is asked of it."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(three())
        self.latest = frame
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def start(self) -> None:
        """There is no world to begin."""

    @property
    def alive(self) -> bool:
        """It always seems to run."""
        return True

    def command(self, action: str, arguments: Mapping[str, Any] | None = None) -> None:
        """Note it."""
        self.asked.append((action, dict(arguments or {})))

    def follow(self) -> None:
        """Note it."""
        self.asked.append(("follow", {}))

    def look_at(self, scene: Scene | None) -> None:
        """Note it."""
        self.asked.append(("look_at", {"scene": scene}))

    def ask(self, action: str, arguments: Mapping[str, Any], answer: Callable[[Any], None]) -> None:
        """Note it."""
        self.asked.append((action, dict(arguments)))


Test = Callable[[JmlabApp, Pilot[None]], Awaitable[None]]


def on_screen(driver: Driver, test: Test, size: tuple[int, int] = SMALL, *, light: bool = False) -> JmlabApp:
    """Run the app without a terminal and let a test use it; its world is ended."""
    app = JmlabApp(driver, light=light)

    async def run() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await shown(app, pilot, lambda: app.frame is not None)
            await test(app, pilot)

    try:
        asyncio.run(run())
    finally:
        if not isinstance(driver, Still):
            assert driver.stop()
            assert driver.error is None
    return app


async def shown(app: JmlabApp, pilot: Pilot[None], reached: Callable[[], bool], seconds: float = 10.0) -> None:
    """Let the app go on until this is so."""
    for _ in range(int(seconds / 0.02)):
        if reached():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError("\n".join(rows(app)))


def rows(app: JmlabApp) -> list[str]:
    """The lines on the screen, without what is blank at their ends."""
    strips = app.screen._compositor.render_strips()  # what goes to the terminal; Textual has no public name for it
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]
