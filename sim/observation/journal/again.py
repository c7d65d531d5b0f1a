"""A recorded world made again from its journal, as it was at some time.

Invariant: the copy is the caller's to run on; the journal is only read.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mockservices.clock import Millis
from sim.commands import Command
from sim.errors import JmlabError
from sim.observation.journal.events import recorded_scenario
from sim.observation.journal.reader import meta, open_journal, recorded_commands
from sim.time import TimeError, format_duration, looks_like_instant, parse_duration, parse_instant
from sim.world import World


@dataclass(frozen=True, slots=True)
class Again:
    """A world at a time."""

    world: World
    at: Millis
    """When it is."""
    later: tuple[Command, ...]
    """What came from outside after it."""
    end: Millis | None
    """Of the run; None while it has not ended."""


def made_again(folder: Path, at: str | None, *, through: bool = True) -> Again:
    """The world of a run directory at ``at``: a duration since the start, or an instant; left out: the run's end.

    ``through``: what happens at that very instant has happened, commands from outside always.
    JmlabError for a text that is neither, for a time outside the run, and where the end is asked for and has not come.
    """
    with closing(open_journal(folder)) as db:
        facts, commands = meta(db), recorded_commands(db)
        if "scenario" not in facts:
            raise JmlabError(f"{folder}: nothing of this run was recorded; run the scenario again")
        scenario = recorded_scenario(db)
    end = Millis(int(facts["end_ms"])) if "end_ms" in facts else None
    world = World(scenario, seed=int(facts["seed"]), replication=int(facts["replication"]))
    until = _time(world, at, end, folder)
    world.services.doors.listen()  # so that the doors know of what happened before the attempt
    reached = until + through if end is None else min(until + through, end)
    world.replay([command for command in commands if command.at <= until], Millis(reached))
    return Again(world, until, tuple(command for command in commands if command.at > until), end)


def _time(world: World, at: str | None, end: Millis | None, folder: Path) -> Millis:
    if at is None:
        if end is None:
            raise JmlabError(f"{folder}: this run has not ended; say when with --at, for example --at 25h10m")
        return end
    try:
        until = world.clock.millis(parse_instant(at)) if looks_like_instant(at) else parse_duration(at)
    except TimeError as error:
        raise JmlabError(f"--at: {error}") from None
    if until < 0:
        raise JmlabError(f"--at: {at} lies before the start of the run, {world.clock.iso(Millis(0))}")
    if end is not None and until > end:
        raise JmlabError(f"--at: {at} lies after the end of the run; it was {format_duration(end)} long")
    return until
