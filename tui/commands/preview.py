"""`jmlab preview`: what the next cycle of a recorded or served world will send, and what it will pass over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tui import streams
from tui.commands.options import TableOrJson, examples
from tui.commands.runs import folder_of

if TYPE_CHECKING:
    from mockservices.clock import Millis
    from sim.preview import Preview
    from sim.world import World

EXAMPLES = examples(
    "jmlab preview",
    "jmlab preview runs/monday --at 25h10m",
    "jmlab preview last --at 26h --format json",
)

NO_JOB = "The job does not run: there is no next cycle."


def preview(
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="A run directory, or last. Default: the served world, else last."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="T",
            help="As things were so long after the start, such as 25h10m, or at an instant. Default: now, or the end "
            "of the run.",
        ),
    ] = None,
    form: TableOrJson = "table",
) -> None:
    """Show what the next cycle will send, to whom, and why it passes over the others.

    Nothing is sent: the run is made again from its journal, and only the job goes on.
    """
    from sim import places
    from sim.observation.journal.again import made_again
    from sim.preview import look_ahead, preview_json

    state = places.served() if run is None else None
    now = _now(state) if state is not None and "run" in state and at is None else None
    again = made_again(folder_of(run, state), now or at, through=now is not None)
    world, asked = again.world, again.at
    found = look_ahead(world)
    if form == "json":
        streams.emit_json(preview_json(world, asked, found))
    else:
        streams.emit(_page(world, asked, found))


def _now(state: Mapping[str, Any]) -> str:
    """The time of a served world, as ``--at`` takes it; what happens at it has happened."""
    from sim.remote import time_served

    return f"{time_served(state)}ms"


def _page(world: World, asked: Millis, found: Preview | None) -> str:
    from mockservices.graph.reasons import short
    from sim.ports import GROUP

    clock = world.clock
    lines = [f"SIMULATED: {world.scenario.scenario}, as things are at {clock.iso(asked)}", ""]
    if found is None:
        waits = world.driver.active  # by push, and nothing is on its way
        why = "Nothing has been pushed: the next change begins a cycle." if waits else NO_JOB
        return "\n".join([*lines, why, ""])
    kind = "initial" if found.initial else "incremental"
    lines += [f"Cycle {found.number}, {kind}, begins at {clock.iso(found.starts)}.", ""]
    if found.requests:
        lines.append(f"It will send {len(found.requests)} requests:")
        lines += [
            f"  +{(each.at - found.starts) / 1000:.1f}s  {each.method:6}  {each.path.split('/')[1].partition('?')[0]:6}"
            f"  {each.about}"
            for each in found.requests
        ]
    else:
        lines.append("It will send nothing.")
    if found.passed_over:
        lines += ["", f"It will pass over {len(found.passed_over)}:"]
        lines += [
            f"  {each.name}: {each.reason}, {short(each.reason)}{'; members apart' if each.kind == GROUP else ''}"
            for each in found.passed_over
        ]
    return "\n".join([*lines, ""])
