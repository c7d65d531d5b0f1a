"""What a simulated year costs: lived through several times, by turns with its floor.

Invariant: both sides of the ratio are measured in this process, over the same instants.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.bench.floor import Recording, floor, record
from sim.bench.measure import Samples, alternate, short, timed
from sim.observation.summary import summarize
from sim.scenario import Scenario
from sim.world import World


@dataclass(frozen=True, slots=True)
class Year:
    """A scenario and its floor, in seconds."""

    recording: Recording
    run: Samples
    floor: Samples


def measure_sessions(
    name: str, doors: Scenario, without: Scenario, progress: Callable[[str], None]
) -> tuple[Samples, Samples]:
    """Measure a scenario with sessions against the same without, each with its summary, which asks the doors."""

    def live(scenario: Scenario) -> World:
        world = World(scenario)
        world.run()
        summarize(world)
        return world

    return alternate(
        lambda: timed(lambda: live(doors)),
        lambda: timed(lambda: live(without)),
        lambda n, seconds, base: progress(f"{name}: run {n} took {short(seconds)} s, without sessions {short(base)} s"),
    )


def measure_year(name: str, scenario: Scenario, progress: Callable[[str], None]) -> Year:
    """Measure a scenario against its floor; the run that is recorded for the floor also warms everything up."""
    recording = record(scenario)
    progress(f"{name}: recorded in {short(recording.seconds)} s")

    def live() -> World:
        world = World(scenario)
        world.run()
        return world

    run, least = alternate(
        lambda: timed(live),
        lambda: floor(recording.instants),
        lambda n, seconds, base: progress(f"{name}: run {n} took {short(seconds)} s, its floor {short(base)} s"),
    )
    return Year(recording, run, least)
