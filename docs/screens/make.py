"""Makes the pictures in this folder, which are also what the snapshot tests compare the screens with.

    python docs/screens/make.py

A change that is meant is taken over by running this and looking at the pictures that have changed.

Invariant: the same scenario and the same moment give the same pictures; no clock of the wall is in them.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

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
FONTS = re.compile(r"@font-face \{.*?\}\n?", re.DOTALL)
MINUTE: Final = 60_000
SMALL, LARGE = (80, 24), (120, 40)
DARK, LIGHT, NO_COLOUR = "dark", "light", "no-colour"

VIEWS: Final[Mapping[str, tuple[str | None, float, tuple[str, ...]]]] = {
    "chapters": (None, 0, ()),
    "audit": (None, 15.1, ()),
    "pipeline": (None, 125.25, ()),  # in the middle of the initial cycle
    "story": (None, 1546, ()),
    "dashboard": (None, 1586, ("d",)),
    "results": (None, 2880, ()),
    "help": (None, 1546, ("question_mark",)),
    "doors": ("friday-1003", 141, ()),  # she was let go at 10:03, and starts another role at 10:20
    "outlived": ("friday-1003", 161, ("d",)),  # the cycle of 10:40 is over
}
"""Scenario (None: the one that opens by itself), minutes into it, and keys."""
IN_LIGHT: Final = ("story", "dashboard", "doors")


@dataclass(frozen=True, slots=True)
class Picture:
    """One screen, at one size, in one theme."""

    view: str
    size: tuple[int, int]
    theme: str

    @property
    def file(self) -> Path:
        """Where it is kept."""
        return FOLDER / f"{self.view}-{self.size[0]}x{self.size[1]}-{self.theme}.svg"


def pictures() -> Iterator[Picture]:
    """Every picture: each view dark at two sizes, some of them light, two without colour."""
    for view in VIEWS:
        for size in (SMALL, LARGE):
            yield Picture(view, size, DARK)
            if view in IN_LIGHT:
                yield Picture(view, size, LIGHT)
    for view in ("story", "doors"):
        yield Picture(view, SMALL, NO_COLOUR)


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


def frame_of(scenario: Scenario, minutes: float) -> Frame:
    """What is seen so many minutes into a scenario."""
    world = World(scenario)
    watch = Watch(world)
    clockwork = Clockwork(Mailbox(), "story")
    clockwork.begin(world)
    world.run_until(min(int(minutes * MINUTE), world.end))
    return make_frame(world, watch, clockwork)


async def _drawn(app: JmlabApp, size: tuple[int, int], keys: tuple[str, ...], title: str) -> str:
    async with app.run_test(size=size) as pilot:
        await _settle(app, pilot)
        await pilot.press(*keys)
        await _settle(app, pilot)
        return app.export_screenshot(title=title)


async def _settle(app: JmlabApp, pilot: Pilot[Any]) -> None:
    app.frame = None
    for _ in range(4):
        await pilot.pause(0.06)


def svg_of(picture: Picture) -> str:
    """One screen as SVG."""
    name, minutes, keys = VIEWS[picture.view]
    scenario = load(name or default_scenario(), ()).scenario
    driver = Still(scenario, frame_of(scenario, minutes))
    before = os.environ.pop("NO_COLOR", None)
    if picture.theme == NO_COLOUR:
        os.environ["NO_COLOR"] = "1"
    try:
        app = JmlabApp(driver, light=picture.theme == LIGHT)
        svg = asyncio.run(_drawn(app, picture.size, keys, f"jmlab {scenario.scenario}, simulated"))
    finally:
        os.environ.pop("NO_COLOR", None)
        if before is not None:
            os.environ["NO_COLOR"] = before
    svg = FONTS.sub("", svg)  # they would be fetched from elsewhere whenever somebody looks
    svg = svg.replace("&#160;", " ").replace("<text ", '<text xml:space="preserve" ')
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> None:
    """Make all pictures, and remove those that are none any more."""
    wanted = {picture.file: picture for picture in pictures()}
    for file in FOLDER.glob("*.svg"):
        if file not in wanted:
            file.unlink()
    for file, picture in wanted.items():
        file.write_text(svg_of(picture), encoding="utf-8")


if __name__ == "__main__":
    main()
