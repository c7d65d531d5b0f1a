"""One run of the bench: which rows there are, and what is measured for those that are asked for.

Invariant: what several rows need is measured once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from functools import partial
from typing import Any, Final

from sim.bench.companies import SIZES, plain
from sim.bench.cycles import CHANGES, CycleCost, cycle_costs
from sim.bench.mappings import MAPPING_TARGET, measure_mapping
from sim.bench.measure import machine
from sim.bench.memory import Memory, measure_memory
from sim.bench.rows import (
    Row,
    cycle_row,
    growth_row,
    mapping_row,
    memory_row,
    screen_row,
    sessions_row,
    sweep_row,
    year_row,
)
from sim.bench.sweeps import GRIDS, SCREEN_TARGET, SWEEP_TARGET, Sweep, measure_sweep
from sim.bench.years import Year, measure_sessions, measure_year
from sim.errors import JmlabError

Progress = Callable[[str], None]

YEAR_TARGETS: Final = {"10k": 10.0, "100k": 10.0, "1m": 14.0}
"""Times the floor."""
MEMORY_TARGETS: Final = {"100k": 400.0, "1m": 2500.0}
"""Megabytes."""
SESSIONS_TARGET: Final = 1.3
"""Times the same year without sessions."""
CYCLE_TARGET: Final = 2.0
"""Times the cost in the smallest company."""
GROWTH_TARGET: Final = 1.2
SMALLEST: Final = "10k"
CYCLES, CYCLES_IN_FULL = 50, 200


class Session:
    """Measures what the rows ask for."""

    def __init__(self, cycle_sizes: Sequence[str], cycles: int, progress: Progress) -> None:
        self._cycle_sizes = tuple(dict.fromkeys((SMALLEST, *cycle_sizes)))
        self._cycles = cycles
        self._progress = progress
        self._years: dict[str, Year] = {}
        self._memories: dict[str, Memory] = {}
        self._costs: dict[str, CycleCost] = {}
        self._sweeps: dict[str, Sweep] = {}

    def year(self, size: str) -> Row:
        """Seconds of a simulated year."""
        return year_row(f"year-{size}", self._year(size), self._memory(size), YEAR_TARGETS[size])

    def memory(self, size: str) -> Row:
        """Megabytes of a simulated year."""
        return memory_row(f"year-{size}-rss", self._memory(size), MEMORY_TARGETS.get(size))

    def growth(self, smaller: str, larger: str) -> Row:
        """How the seconds grow with the company."""
        return growth_row(f"growth-{smaller}-{larger}", self._year(smaller), self._year(larger), GROWTH_TARGET)

    def cycle(self, size: str) -> Row:
        """Seconds of a cycle."""
        if not self._costs:
            people = [SIZES[name] for name in self._cycle_sizes]
            costs = cycle_costs(people, self._cycles, CHANGES, self._progress)
            self._costs = dict(zip(self._cycle_sizes, costs, strict=True))
        baseline = None if size == SMALLEST else self._costs[SMALLEST]
        return cycle_row(f"cycle-cost-{size}", self._costs[size], baseline, CYCLE_TARGET)

    def sessions(self, size: str) -> Row:
        """Seconds of a simulated year in which people use the portal."""
        name, people = f"sessions-{size}", SIZES[size]
        measured = measure_sessions(name, plain(people, "target.sessions={}"), plain(people), self._progress)
        return sessions_row(name, *measured, SESSIONS_TARGET)

    def mapping(self) -> Row:
        """Seconds that mapping a user takes."""
        return mapping_row("mapping", measure_mapping(self._progress), MAPPING_TARGET)

    def sweep(self, which: str) -> Row:
        """Seconds of an experiment over intervals."""
        return sweep_row(f"sweep{which}", self._sweep(which), None if which else SWEEP_TARGET)

    def screen(self, which: str) -> Row:
        """Seconds of the same by arithmetic."""
        return screen_row(f"screen{which}", self._sweep(which), None if which else SCREEN_TARGET)

    def _sweep(self, which: str) -> Sweep:
        if which not in self._sweeps:
            self._sweeps[which] = measure_sweep(f"sweep{which}", GRIDS[which], self._progress)
        return self._sweeps[which]

    def _year(self, size: str) -> Year:
        if size not in self._years:
            self._years[size] = measure_year(f"year-{size}", plain(SIZES[size]), self._progress)
        return self._years[size]

    def _memory(self, size: str) -> Memory:
        if size not in self._memories:
            self._progress(f"year-{size}: its memory, in a process of its own")
            self._memories[size] = measure_memory(SIZES[size])
        return self._memories[size]


_CYCLE: Final = {f"cycle-cost-{size}": size for size in SIZES}
_ROWS: Final[dict[str, Callable[[Session], Row]]] = {
    **{f"year-{size}": partial(Session.year, size=size) for size in SIZES},
    **{f"year-{size}-rss": partial(Session.memory, size=size) for size in SIZES},
    "growth-100k-1m": partial(Session.growth, smaller="100k", larger="1m"),
    **{name: partial(Session.cycle, size=size) for name, size in _CYCLE.items()},
    "mapping": Session.mapping,
    "sessions-10k": partial(Session.sessions, size="10k"),
    "sessions-100k": partial(Session.sessions, size="100k"),
    **{f"sweep{which}": partial(Session.sweep, which=which) for which in GRIDS},
    **{
        f"screen{which}": partial(Session.screen, which=which) for which, grid in GRIDS.items() if not grid.simulate_all
    },
}
_LONG: Final = frozenset(
    {"year-1m", "year-1m-rss", "growth-100k-1m", "sessions-100k", "sweep", "sweep-simulated", "screen"}
)
NAMES: Final = tuple(_ROWS)
"""Every row, in the order of the result."""


def run(only: Sequence[str] = (), full: bool = False, progress: Progress | None = None) -> dict[str, Any]:
    """Measure the rows of these names, or all that are short, or with ``full`` all; the JSON object.

    ``progress`` is told in sentences what has been measured. Raises JmlabError for a name that no row has.
    """
    chosen = _chosen(only, full)
    about = machine()
    sizes = [_CYCLE[name] for name in chosen if name in _CYCLE]
    session = Session(sizes, CYCLES_IN_FULL if full else CYCLES, progress or (lambda _: None))
    return {"machine": about, "rows": [asdict(_ROWS[name](session)) for name in chosen]}


def _chosen(only: Sequence[str], full: bool) -> list[str]:
    for name in only:
        if name not in _ROWS:
            near = get_close_matches(name, NAMES, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise JmlabError(f"the bench has no row '{name}'; its rows are {', '.join(NAMES)}{hint}")
    return [name for name in NAMES if (name in only if only else full or name not in _LONG)]
