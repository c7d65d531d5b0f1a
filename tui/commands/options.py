"""What several commands take in the same way, with sentences for values that are not allowed.

Invariant: a value is refused as in a scenario: what it is, what is allowed, the nearest valid spelling.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from sim.scenario import Scenario

LARGEST_SEED = 2**63 - 1


def examples(*lines: str) -> str:
    """The end of a command's help: each example on a line of its own."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def whole(low: int, high: int, example: str) -> Callable[[str], int]:
    """Reads a whole number."""

    def read(text: str | int) -> int:
        try:
            number = int(text) if str(text).isascii() else None
        except ValueError:
            number = None
        if number is None or not low <= number <= high:
            raise typer.BadParameter(f"'{text}' is not allowed; write a whole number from {low} to {high}, {example}")
        return number

    return read


def above_zero(high: float, example: str) -> Callable[[str], float]:
    """Reads a number above 0."""

    def read(text: str | float) -> float:
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not isfinite(number) or not 0 < number <= high:
            raise typer.BadParameter(f"'{text}' is not allowed; write a number above 0 and up to {high:.0f}, {example}")
        return number

    return read


def one_of(*words: str) -> Callable[[str], str]:
    """Reads one of a few words."""

    def read(text: str) -> str:
        if text in words:
            return text
        near = get_close_matches(text.casefold(), words, 1)
        allowed = f"{', '.join(words[:-1])} or {words[-1]}"
        raise typer.BadParameter(
            f"'{text}' is not allowed; write {allowed}" + (f" (did you mean '{near[0]}'?)" if near else "")
        )

    return read


ScenarioName: TypeAlias = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A name from the catalogue, or a file.", show_default=False)
]
Seed: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--seed",
        metavar="N",
        parser=whole(0, LARGEST_SEED, "for example 7"),
        help="Chance; the same seed tells the same story. Default: the scenario's.",
    ),
]
Sets: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Replace a value of the scenario, for example provisioning.interval=20m. May be given several times.",
    ),
]
Until: TypeAlias = Annotated[
    str | None,
    typer.Option("--until", metavar="90d", help="End after this time; the same as --set duration=90d."),
]
Out: TypeAlias = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Keep the run here: run.sqlite, summary.json, events.csv."),
]
TableOrJson: TypeAlias = Annotated[
    str,
    typer.Option("--format", metavar="table|json", parser=one_of("table", "json"), help="What to print on stdout."),
]


def load_scenario(name: str, sets: list[str] | None, seed: int | None, until: str | None = None) -> Scenario:
    """A scenario with what the options say; an option of its own wins over a ``--set`` of the same key."""
    from sim.errors import JmlabError
    from sim.scenario import ScenarioError, load
    from sim.time import TimeError, parse_duration

    texts = list(sets or [])
    if until is not None:
        try:
            parse_duration(until)
        except TimeError as error:
            raise JmlabError(f"--until: {error}") from None
        texts.append(f"duration={until}")
    if seed is not None:
        texts.append(f"seed={seed}")
    try:
        scenario = load(name, texts).scenario
    except ScenarioError as error:
        if until is not None and error.source == "--set duration":
            raise JmlabError(f"--until: {error.sentence}") from None
        raise
    check_results(scenario)
    return scenario


def check_results(scenario: Scenario) -> None:
    """Refuse a scenario in whose results a row names no figure, before anything is spent on it."""
    if scenario.results:
        from sim.observation.summary import keys  # takes its time to import

        keys.check_results(scenario)
