"""Measuring on a machine that does other things as well: by turns, several times, and medians of it.

Invariant: a ratio never compares figures of different process runs or of different moments.
"""

from __future__ import annotations

import gc
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

LEAST, MOST = 3, 9
ENOUGH = 6.0
"""Seconds after which nothing is measured more than `LEAST` times."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The same measured several times, in seconds."""

    seconds: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.seconds)

    def __str__(self) -> str:
        return f"{short(self.middle)} s [{short(min(self.seconds))}..{short(max(self.seconds))}], n={len(self.seconds)}"


def short(value: float) -> str:
    """Three digits that count, without an exponent."""
    digits = 0
    while 0 < abs(value) * 10**digits < 100:
        digits += 1
    return f"{value:,.{digits}f}"


def timed(thing: Callable[[], object]) -> float:
    """The seconds that something takes, with no garbage of others left to collect."""
    gc.collect()
    start = perf_counter()
    kept = thing()
    seconds = perf_counter() - start
    del kept
    return seconds


def alternate(
    thing: Callable[[], float], baseline: Callable[[], float], note: Callable[[int, float, float], None]
) -> tuple[Samples, Samples]:
    """Measure two things by turns, at least three times each, and more often while that costs little."""
    things: list[float] = []
    baselines: list[float] = []
    while len(things) < LEAST or (len(things) < MOST and sum(things) < ENOUGH):
        baselines.append(baseline())
        things.append(thing())
        note(len(things), things[-1], baselines[-1])
    return Samples(tuple(things)), Samples(tuple(baselines))


def machine() -> dict[str, object]:
    """What it runs on, and how busy that is; nothing that names it."""
    try:
        load = [round(share, 2) for share in os.getloadavg()]
    except (AttributeError, OSError):  # not every system has one
        load = None
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "cpus": os.cpu_count(),
        "platform": f"{platform.system()} {platform.machine()}",
        "load_average": load,
    }
