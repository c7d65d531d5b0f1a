"""What a row says: one figure, its baseline, what is asked of it, and what was switched on while it was measured.

Invariant: a target limits the ratio where the unit is seconds, and the value otherwise; `met` is judged before
anything is rounded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, overload

from sim.bench.cycles import CycleCost
from sim.bench.floor import collector
from sim.bench.mappings import Mapped
from sim.bench.measure import Samples, short
from sim.bench.memory import Memory
from sim.bench.sweeps import Sweep
from sim.bench.years import Year

MODEL: Final = "trace digest, provisioning log, causes, divergence and latencies on, no journal"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure."""

    name: str
    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    target: float | None
    met: bool | None
    note: str


def year_row(name: str, measured: Year, memory: Memory, target: float | None) -> Row:
    """Seconds of a simulated year against the floor."""
    instants = measured.recording.instants
    note = (
        f"generating the people and set-up included; {MODEL}; {measured.recording.collector}; "
        f"{len(instants.events):,} events, {len(instants.requests):,} requests, {measured.recording.cycles:,} cycles; "
        f"run {measured.run}; floor {measured.floor}; peak RSS {short(memory.year)} MB"
    )
    return _against(name, measured.run.middle, measured.floor.middle, target, note)


def memory_row(name: str, memory: Memory, target: float | None) -> Row:
    """Megabytes that a year takes, beside those of the program before there is a world."""
    met = None if target is None else memory.year <= target
    note = (
        f"peak RSS in MB of a fresh process that lives through the year; {MODEL}; "
        "baseline: the same process with program and scenario loaded; the target limits the value"
    )
    ratio = memory.year / memory.loaded
    return Row(name, _digits(memory.year), "MB", _digits(memory.loaded), _digits(ratio), target, met, note)


def growth_row(name: str, smaller: Year, larger: Year, target: float | None) -> Row:
    """By which power the time of a year grows with the company, tenfold from one to the other."""
    value = math.log10(larger.run.middle / smaller.run.middle)
    baseline = math.log10(larger.floor.middle / smaller.floor.middle)
    met = None if target is None else value <= target
    note = (
        "log10 of how many times longer the tenfold company takes; baseline: the floors' exponent; "
        "the target limits the value"
    )
    return Row(name, _digits(value), "", _digits(baseline), _digits(value / baseline), target, met, note)


def cycle_row(name: str, cost: CycleCost, baseline: CycleCost | None, target: float | None) -> Row:
    """Seconds of a cycle with a set number of changes, against the same in the smallest company."""
    note = (
        f"a cycle with {cost.changes} changes (accounts switched, people moved to another department) among "
        f"{cost.people:,} people, {short(cost.requests)} requests on average; {MODEL}; {collector()}; "
        f"{cost.taken} cycles"
    )
    if baseline is None:
        return _against(name, cost.taken.middle, None, None, f"{note}; the baseline of the other sizes")
    return _against(name, cost.taken.middle, baseline.taken.middle, target, note)


def sessions_row(name: str, doors: Samples, without: Samples, target: float | None) -> Row:
    """Seconds of a simulated year with sessions, against the same without."""
    note = (
        f"run and summary of a year in which people use the portal by default; {MODEL}; {collector()}; "
        f"baseline: the same year without sessions; with {doors}; without {without}"
    )
    return _against(name, doors.middle, without.middle, target, note)


def mapping_row(name: str, measured: Mapped, target: float | None) -> Row:
    """Seconds that the default mapping takes for one user, against a function that somebody wrote by hand."""
    note = (
        f"what a new user gets by the default mapping of {measured.attributes} attributes, every property present; "
        f"mean of {measured.people:,} people that differ; baseline: a function written by hand that builds the same "
        f"dict; n={len(measured.compiled.seconds)}"
    )
    people = measured.people
    return _against(name, measured.compiled.middle / people, measured.by_hand.middle / people, target, note)


def sweep_row(name: str, measured: Sweep, target: float | None) -> Row:
    """Seconds of an experiment on all processors, against the floors of its worlds on as many."""
    how = (
        "every world simulated"
        if measured.grid.simulate_all
        else "ordinary worlds reckoned in columns, one in each replication and all others simulated"
    )
    note = (
        f"{measured.grid.words}, {how}, {measured.workers} processes, their start included; {MODEL}; "
        f"run {measured.simulated}; baseline: SimPy's floors of the same worlds on as many processors, "
        f"{measured.floors}"
    )
    return _against(name, measured.simulated.middle, measured.floors.middle, target, note)


def screen_row(name: str, measured: Sweep, target: float | None) -> Row:
    """Seconds of the same experiment by arithmetic, against simulating it."""
    note = (
        f"whatif --screen of {measured.grid.words}, one process; run {measured.arithmetic}; "
        f"baseline: the sweep, {measured.simulated}"
    )
    return _against(name, measured.arithmetic.middle, measured.simulated.middle, target, note)


def _against(name: str, value: float, baseline: float | None, target: float | None, note: str) -> Row:
    """A row in seconds whose target, if there is one, is a multiple of its baseline."""
    ratio = None if baseline is None else value / baseline
    met = None if target is None or ratio is None else ratio <= target
    return Row(name, _digits(value), "s", _digits(baseline), _digits(ratio), target, met, note)


@overload
def _digits(value: float) -> float: ...
@overload
def _digits(value: None) -> None: ...
def _digits(value: float | None) -> float | None:
    """Four digits that count: more would only be noise."""
    return None if value is None else float(f"{value:.4g}")
