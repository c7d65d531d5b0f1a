"""`jmlab serve`: a world with its services on sockets, until a signal ends it.

Invariant: the main thread is the world thread. Whatever ends it, sockets are closed, the announcement is taken back
and the run is kept; SIGTERM and ctrl-c are the usual end and exit with 0.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui import streams
from tui.commands.options import Out, Seed, Sets, above_zero, examples, load_scenario, whole

if TYPE_CHECKING:
    from sim.commands import Command
    from sim.provisioning.driver import CycleRow
    from sim.scenario import Scenario
    from sim.serving import Session
    from sim.world import World

EXAMPLES = examples(
    "jmlab serve hello",
    "jmlab serve hello --speed 600 --port-graph 8001 --port-scim 8002",
    'eval "$(jmlab env)"            in another terminal',
)
FASTEST = 1_000_000.0
"""As fast as ``/_testbed/clock`` allows too; what is to go faster is to be advanced."""

_port = whole(0, 65535, "0 for any free one")


def serve(
    name: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="A name from the catalogue, or a file.", show_default=False),
    ] = None,
    seed: Seed = None,
    sets: Sets = None,
    port_graph: Annotated[
        int, typer.Option("--port-graph", metavar="P", parser=_port, help="Port of Microsoft Graph; 0: any free one.")
    ] = 0,
    port_scim: Annotated[
        int, typer.Option("--port-scim", metavar="P", parser=_port, help="Port of the SCIM endpoint; 0: any free one.")
    ] = 0,
    port_aws: Annotated[
        int, typer.Option("--port-aws", metavar="P", parser=_port, help="Port of Identity Center; 0: any free one.")
    ] = 0,
    speed: Annotated[
        float,
        typer.Option(
            "--speed",
            metavar="N",
            parser=above_zero(FASTEST, "for example 60"),
            help="How many times as fast as the wall's clock simulated time passes.",
        ),
    ] = 60.0,
    out: Out = None,
) -> None:
    """Serve the mock services, with people living in them.

    They listen on 127.0.0.1 alone. The first line on stdout is one JSON object with every address and credential,
    printed when every port answers; logs go to stderr. SIGTERM and ctrl-c end it with exit code 0.
    """
    ports = {"graph": port_graph, "scim": port_scim, "aws": port_aws}
    with _until_signalled() as ending:
        from sim.scenario import default_scenario

        _serve(ending, load_scenario(name or default_scenario(), sets, seed), ports, speed, out)


class _Ended(BaseException):
    """A signal came before there was anything to be ended in order."""


class _Ending:
    """What a signal does: once there is a session, ask it to come to an end; before that, go at once."""

    def __init__(self) -> None:
        self.session: Session | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.session is None:
            raise _Ended
        self.session.stop()


@contextmanager
def _until_signalled() -> Iterator[_Ending]:
    ending = _Ending()
    before = {number: signal.signal(number, ending) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ending
    except _Ended:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _serve(ending: _Ending, scenario: Scenario, ports: dict[str, int], speed: float, out: Path | None) -> None:
    from sim import places
    from sim.observation.summary import summarize
    from sim.serving import Session
    from tui.recording import Recording

    began = perf_counter()
    if out is not None:
        places.check_run(out)
    session = Session(scenario, ports=ports, speed=speed)
    try:
        folder = places.take_run(out) if out is not None else places.new_run(scenario.scenario)
        recording = Recording(session.world, folder, "wire")
        try:
            _run(session, ending, recording.folder, speed)
        except BaseException:
            recording.cut_off()
            raise
    finally:
        session.close()
    recording.finish(summarize(session.world, transport="wire", wall_s=perf_counter() - began))


def _run(session: Session, ending: _Ending, folder: Path, speed: float) -> None:
    """Let the world live until a signal comes, announced to whoever looks for it."""
    world = session.world
    _log(world)
    with announced(session, folder) as line:

        def ready() -> None:
            streams.emit_json(line, indent=None)
            name = world.scenario.scenario
            streams.note(f"{name} is served at {speed:g} times the wall's speed; ctrl-c ends it; its run: {folder}")

        ending.session = session
        session.run(ready=ready)


@contextmanager
def announced(session: Session, folder: Path) -> Iterator[dict[str, Any]]:
    """Let other programs of this user find the served world; what is printed of it."""
    from mockservices.graph.auth import access_token
    from sim import places

    line = first_line(session)
    token = access_token(session.world.services)
    announcement = places.announce({**line, "access_token": token, "run": str(folder)})
    try:
        yield line
    finally:
        announcement.unlink(missing_ok=True)


def first_line(session: Session) -> dict[str, Any]:
    """What is printed when every port answers."""
    world = session.world
    return {
        **session.addresses(),
        "pid": os.getpid(),
        "scenario": world.scenario.scenario,
        "seed": world.seed,
        "simulated_now": world.clock.iso(world.now),
    }


def _log(world: World) -> None:
    """Say on stderr what enters the world from outside, and which cycles changed something."""
    kept_command, kept_cycle = world.command_sink, world.cycle_sink

    def command(entered: Command) -> None:
        if kept_command is not None:
            kept_command(entered)
        streams.note(f"{world.clock.iso(entered.at)} {entered.origin} {entered.action}")

    def cycle(row: CycleRow) -> None:
        if kept_cycle is not None:
            kept_cycle(row)
        if row.divergence_before or row.divergence_after:
            streams.note(
                f"{world.clock.iso(row.end)} cycle {row.number}: {row.tally.requests} requests, "
                f"differences {row.divergence_before} before and {row.divergence_after} after"
            )

    world.command_sink, world.cycle_sink = command, cycle
