"""`jmlab bench`: how fast the program is, each figure beside a baseline measured in the same process run."""

from __future__ import annotations

from typing import Annotated

import typer

from tui import streams
from tui.commands.options import TableOrJson, examples

EXAMPLES = examples(
    "jmlab bench",
    "jmlab bench --only year-10k cycle-cost-100k --format json",
)


def bench(
    context: typer.Context,
    full: Annotated[bool, typer.Option("--full", help="Also measure what takes minutes.")] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME...", help="Measure these rows alone."),
    ] = None,
    form: TableOrJson = "table",
) -> None:
    """Measure how fast the program is on this machine.

    It takes under three minutes unless --full is given. Every figure stands beside a baseline that is measured in
    the same process run.
    """
    more = context.args  # the names after the first one
    if more and not only:
        raise typer.BadParameter(f"'{more[0]}' is not expected here; write --only {more[0]} to measure that row alone")

    from sim.bench import run, table

    result = run([*(only or []), *more], full, streams.note if streams.wants_progress() else None)
    if form == "json":
        streams.emit_json(result)
    else:
        streams.emit(f"{table(result)}\n")
