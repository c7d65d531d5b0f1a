"""`jmlab tui`: the full-screen app on a scenario.

Invariant: however it ends, the terminal is as it was before, the world's thread and its sockets are given back, and
the run is kept.
"""

from __future__ import annotations

import os
import sys
from math import isfinite
from typing import TYPE_CHECKING, Annotated

import typer

from tui import streams
from tui.commands.options import Out, Seed, Sets, examples, load_scenario

if TYPE_CHECKING:
    from pathlib import Path

    from sim.clockwork import Speed
    from sim.scenario import Scenario

EXAMPLES = examples(
    "jmlab tui hello",
    "jmlab tui hello --set provisioning.interval=20m --speed 600",
    "jmlab tui hello --serve",
)
FASTEST = 1_000_000.0


def pace(text: str | float) -> Speed:
    """Reads a pace: ``story``, or a number above 0."""
    if text == "story":
        return "story"
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not isfinite(number) or not 0 < number <= FASTEST:
        raise typer.BadParameter(
            f"'{text}' is not allowed; write story, or a number above 0 and up to {FASTEST:.0f}, for example 600"
        )
    return number


def tui(
    name: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="A name from the catalogue, or a file.", show_default=False),
    ] = None,
    seed: Seed = None,
    sets: Sets = None,
    speed: Annotated[
        str,
        typer.Option(
            "--speed",
            metavar="story|N",
            help="Story pace: slow at events, idle time skipped. Or so many times as fast as the wall's clock.",
        ),
    ] = "story",
    serve: Annotated[
        bool,
        typer.Option(
            "--serve", help="Open the services on 127.0.0.1 as well, so that other programs act on what is shown."
        ),
    ] = False,
    out: Out = None,
) -> None:
    """Watch a scenario on the full screen, and touch it.

    It opens with the story of one person; d shows the dashboard, ? every key, q leaves. The run is kept.
    """
    wanted = pace(speed)
    if not on_terminal():
        from sim.errors import JmlabError

        raise JmlabError("jmlab tui needs a terminal; for the results as text write: jmlab run SCENARIO")
    from sim.scenario import default_scenario

    show(load_scenario(name or default_scenario(), sets, seed), wanted, serve, out)


def default() -> None:
    """Show the scenario that opens by itself."""
    from sim.scenario import default_scenario

    show(load_scenario(default_scenario(), None, None), "story", False, None)


def on_terminal() -> bool:
    """Whether somebody sits at both ends, in front of a terminal that can be drawn on."""
    streams = (sys.stdin, sys.stdout)
    return all(stream is not None and stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb"


def show(scenario: Scenario, speed: Speed, serve: bool, out: Path | None, replication: int = 0) -> None:
    """The app, until somebody leaves it; ``replication``: which of a what-if experiment's worlds."""
    from sim import places
    from tui.app import JmlabApp
    from tui.driver import Driver

    folder = places.take_run(out) if out is not None else places.new_run(scenario.scenario)
    driver = Driver(scenario, speed=speed, serve=serve, out=folder, replication=replication)
    app = JmlabApp(driver)
    try:
        app.run()
    finally:
        driver.stop()
    if driver.error is not None:
        raise driver.error
    streams.note(f"the run is kept in {folder}")
    if app.return_code:
        raise typer.Exit(app.return_code)
