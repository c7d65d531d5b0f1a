"""What comparing intervals costs: by simulation on all processors, by arithmetic, and the floors of the same worlds.

Invariant: all three are of the same experiment, in this process run, by turns. The simulation pays for starting its
processes; the floors are the seconds in which SimPy only waits, on as many processors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from time import perf_counter
from typing import Final

from sim.bench.floor import Instants, floor, record
from sim.bench.measure import Samples, short
from sim.whatif.execution import carry_out, local, processors
from sim.whatif.experiment import Experiment, scenario_of
from sim.whatif.screening import screened
from sim.whatif.variants import checked, grid

SWEEP_TARGET: Final = 8.0
"""Times the floors."""
SCREEN_TARGET: Final = 1 / 30
"""Times the sweep."""
ROUNDS: Final = 3
PATIENCE_S: Final = 600.0
"""Seconds after which a sweep is not measured once more."""


@dataclass(frozen=True, slots=True)
class Grid:
    """An experiment of a row."""

    people: int
    until: str
    intervals: str
    replications: int
    simulate_all: bool = False
    """Whether every world is simulated, and none reckoned in columns."""

    def experiment(self) -> Experiment:
        """The company `plain` under each interval."""
        base = (f"workforce.size={self.people}", f"duration={self.until}")
        asked = grid([f"provisioning.interval={self.intervals}"])
        names = {each.name for each in asked}
        variants = [each for each in checked("plain", base, asked) if each.name in names]
        return Experiment("plain", 1, tuple(variants), simulate_all=self.simulate_all)

    @property
    def words(self) -> str:
        """What it is, for the row's note."""
        count = len(self.intervals.split(","))
        return f"{count} intervals x {self.replications} replications x {self.people:,} people x {self.until}"


_INTERVALS: Final = "5m,10m,15m,20m,30m,40m,1h,2h,4h,8h"
GRIDS: Final = {
    "": Grid(10_000, "365d", _INTERVALS, 30),
    "-simulated": Grid(10_000, "365d", _INTERVALS, 2, simulate_all=True),
    "-1k": Grid(1_000, "60d", "20m,40m,2h,8h", 4),
}
"""By what the row's name has behind `sweep` and `screen`."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """A grid's costs in seconds."""

    grid: Grid
    simulated: Samples
    arithmetic: Samples
    floors: Samples
    workers: int


def measure_sweep(name: str, chosen: Grid, progress: Callable[[str], None]) -> Sweep:
    """Measure the three by turns."""
    experiment, workers = chosen.experiment(), processors()
    instants = [record(scenario_of(variant)).instants for variant in experiment.variants]
    progress(f"{name}: recorded one world of each variant")
    simulated: list[float] = []
    arithmetic: list[float] = []
    floors: list[float] = []
    while len(simulated) < ROUNDS and sum(simulated) < PATIENCE_S:
        floors.append(_floors(instants, chosen.replications, workers))
        arithmetic.append(_seconds(lambda: screened(experiment, lambda results: chosen.replications)))
        simulated.append(_seconds(lambda: _simulate(experiment, chosen.replications)))
        progress(f"{name}: {short(simulated[-1])} s, screened {short(arithmetic[-1])} s, floors {short(floors[-1])} s")
    return Sweep(chosen, Samples(tuple(simulated)), Samples(tuple(arithmetic)), Samples(tuple(floors)), workers)


def _simulate(experiment: Experiment, replications: int) -> None:
    with local() as workers:
        carry_out(experiment, workers, {}, lambda prefix: replications, lambda number, replication: None)


def _floors(instants: list[Instants], replications: int, workers: int) -> float:
    """The floors of all replications, shared among the processors while all of them are at work."""
    with get_context("spawn").Pool(workers) as pool:
        return sum(pool.map(_floors_of_one, [instants] * replications, chunksize=1)) / workers


def _floors_of_one(instants: list[Instants]) -> float:
    return sum(floor(each) for each in instants)


def _seconds(thing: Callable[[], object]) -> float:
    began = perf_counter()
    thing()
    return perf_counter() - began
