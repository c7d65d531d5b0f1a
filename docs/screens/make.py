"""Makes the pictures in this folder: the screens as SVG, at two sizes, dark and light.

    python docs/screens/make.py [SCENARIO] [HOURS]

Invariant: the same scenario and the same moment give the same pictures; no clock of the wall is in them.
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from textual.pilot import Pilot

from sim.clockwork import Clockwork
from sim.mailbox import Mailbox
from sim.observation.frame import Frame, make_frame
from sim.observation.watch import Watch
from sim.scenario import Scenario, default_scenario, load
from sim.world import World
from tui.app import JmlabApp
from tui.driver import Driver

FOLDER = Path(__file__).parent
SIZES = ((80, 24), (120, 40))
FONTS = re.compile(r"@font-face \{.*?\}\n?", re.DOTALL)
KEYS = {"story": (), "dashboard": ("d",), "help": ("question_mark",)}


class Still(Driver):
    """Shows one frame."""

    def __init__(self, scenario: Scenario, frame: Frame) -> None:
        super().__init__(scenario)
        self.latest = frame

    def start(self) -> None:
        """Nothing runs behind a picture."""

    @property
    def alive(self) -> bool:
        """It seems to run."""
        return True


def frame_of(scenario: Scenario, hours: float) -> Frame:
    """What is seen so many hours into a scenario."""
    world = World(scenario)
    watch = Watch(world)
    clockwork = Clockwork(Mailbox(), "story")
    clockwork.begin(world)
    world.run_until(min(int(hours * 3_600_000), world.end))
    return make_frame(world, watch, clockwork)


async def picture(scenario: Scenario, frame: Frame, size: tuple[int, int], view: str, *, light: bool) -> str:
    """One screen as SVG."""
    app = JmlabApp(Still(scenario, frame), light=light)
    async with app.run_test(size=size) as pilot:
        await _settle(app, pilot)
        await pilot.press(*KEYS[view])
        await _settle(app, pilot)
        return app.export_screenshot(title=f"jmlab {scenario.scenario}, simulated")


async def _settle(app: JmlabApp, pilot: Pilot[None]) -> None:
    app.frame = None
    for _ in range(20):
        await pilot.pause(0.02)


def main() -> None:
    """Make all pictures."""
    name = sys.argv[1] if len(sys.argv) > 1 else default_scenario()
    hours = float(sys.argv[2]) if len(sys.argv) > 2 else 28.8
    scenario = load(name, ()).scenario
    frame = frame_of(scenario, hours)
    for size in SIZES:
        for view in KEYS:
            for light in (False, True):
                svg = asyncio.run(picture(scenario, frame, size, view, light=light))
                svg = FONTS.sub("", svg)  # they would be fetched from elsewhere whenever somebody looks
                svg = svg.replace("&#160;", " ").replace("<text ", '<text xml:space="preserve" ')
                file = FOLDER / f"{view}-{size[0]}x{size[1]}-{'light' if light else 'dark'}.svg"
                file.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
