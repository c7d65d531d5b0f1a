"""`jmlab preview`: what the next cycle of a recorded or served world will send, and what it will pass over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui import streams
from tui.commands.options import TableOrJson, examples

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
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run directory, or last.")] = "last",
    at: Annotated[
        str | None,
        typer.Option(
            "--at", metavar="T", help="As things were that long after the start, such as 25h10m. Default: its end."
        ),
    ] = None,
    form: TableOrJson = "table",
) -> None:
    """Show what the next cycle will send, to whom, and why it passes over the others.

    Nothing is sent: the run is made again from its journal, and only the job goes on.
    """
    from sim.observation.journal.again import made_again
    from sim.preview import look_ahead, preview_json

    again = made_again(folder_of(run), at, through=False)
    world, asked = again.world, again.at
    found = look_ahead(world)
    if form == "json":
        streams.emit_json(preview_json(world, asked, found))
    else:
        streams.emit(_page(world, asked, found))


def folder_of(run: str) -> Path:
    """The run directory that is meant; JmlabError when there is no last one."""
    from sim import places
    from sim.errors import JmlabError

    if run != "last":
        return Path(run)
    last = places.last_run()
    if last is None:
        raise JmlabError("there is no last run; keep one with: jmlab run hello --out DIR")
    return last


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
