"""`jmlab scenario`: the catalogue, one scenario as it takes effect, a check of a file, the schema of all files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tui import streams
from tui.commands.options import ScenarioName, Sets, check_results, examples

if TYPE_CHECKING:
    from sim.scenario import CatalogueItem

NARROWEST: Final = 60
"""Columns; a narrower terminal breaks the lines itself."""

app = typer.Typer(
    help="The catalogue of scenarios, and help with writing one.",
    epilog=examples("jmlab scenario list", "jmlab scenario check my-story.yaml"),
    rich_markup_mode=None,
)


@app.command("list", epilog=examples("jmlab scenario list", "jmlab scenario list | grep leaver"))
def list_all() -> None:
    """Show the scenarios of the catalogue.

    On a terminal by section, with titles that fit its width; otherwise one line for each: name, spaces, title.
    """
    from sim.scenario import catalogue

    items = catalogue()
    width = max(len(item.name) for item in items)
    if streams.is_terminal():
        streams.emit("\n".join(sections(items, max(NARROWEST, shutil.get_terminal_size().columns))) + "\n")
    else:
        streams.emit("".join(f"{item.name:{width}}  {item.title}\n" for item in items))


def sections(items: Sequence[CatalogueItem], columns: int) -> Iterator[str]:
    """The catalogue in lines of at most so many columns: a heading for each section, its scenarios indented below."""
    width = max(len(item.name) for item in items)
    for number, (section, below) in enumerate(groupby(items, key=lambda item: item.section)):
        yield from ([""] if number else [])
        yield section
        for item in below:
            first, *more = wrap(item.title, columns - width - 4)
            yield f"  {item.name:{width}}  {first}"
            yield from (f"{'':{width + 4}}{line}" for line in more)


@app.command(
    epilog=examples(
        "jmlab scenario show hello",
        "jmlab scenario show hello --set provisioning.interval=20m",
        "jmlab scenario show plain --sources",
    )
)
def show(
    name: ScenarioName,
    sets: Sets = None,
    sources: Annotated[
        bool,
        typer.Option("--sources", help="Show its assumptions instead: value, grade (A official to D assumed), source."),
    ] = False,
) -> None:
    """Print a scenario as it takes effect."""
    from sim.scenario import assumptions, load

    loaded = load(name, sets or [])
    if not sources:
        streams.emit_data(loaded.text)
        return
    from sim.scenario.canonical import scalar_text

    rows = [("key", "value", "grade", "source")]
    for used in assumptions(loaded.scenario):
        nested = isinstance(used.value, dict | list)
        value = json.dumps(used.value, ensure_ascii=False) if nested else scalar_text(used.value)
        rows.append((used.key, value, used.grade or "-", used.source))
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = (
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    )
    streams.emit("".join(f"{line}\n" for line in lines))


@app.command(epilog=examples("jmlab scenario check my-story.yaml"))
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A scenario file.", show_default=False)],
) -> None:
    """Say whether a scenario can be run.

    If it cannot: file, line, key, and what is allowed there, in one sentence on stderr.
    """
    from sim.scenario import load

    loaded = load(file)
    check_results(loaded.scenario)
    streams.emit(f"{file}: the scenario {loaded.scenario.scenario} is in order\n")
    for note in loaded.notes:
        streams.emit(f"  {note}\n")


@app.command(epilog=examples("jmlab scenario schema > jmlab.schema.json"))
def schema() -> None:
    """Print the JSON Schema of scenario files.

    Editors use it to complete and to check while one writes.
    """
    from sim.scenario import json_schema

    streams.emit_json(json_schema())
