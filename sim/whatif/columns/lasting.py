"""States that last, as columns of beginnings and ends; and levels made of them.

Invariant: as :class:`sim.observation.level.Level` has it: the number counts once an instant is over, and what begins
and ends in one instant was never there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.observation.level import Level
from sim.randomness import Ints

OPEN = -1
"""In place of an end: not over at the end of the run."""


@dataclass(slots=True)
class Lasting:
    """Many stretches of one state."""

    since: list[Ints] = field(default_factory=list)
    until: list[Ints] = field(default_factory=list)

    def add(self, since: Ints, until: Ints) -> None:
        """More of them."""
        self.since.append(since)
        self.until.append(until)


def level(lasting: Sequence[Lasting], end: int, begin: int = 0) -> Level:
    """How many stretches there are over time up to ``end``, all of these together; ``begin`` were there from 0 on."""
    since = _joined([each for one in lasting for each in one.since])
    until = _joined([each for one in lasting for each in one.until])
    return stepping(since, until[until != OPEN], end, begin)


def stepping(up: Ints, down: Ints, end: int, begin: int = 0) -> Level:
    """A level that goes up by one at each of the first times, and down by one at each of the others."""
    if not len(up) and not len(down):
        return Level(begin)
    times = np.concatenate((up, down))
    order = np.argsort(times, kind="stable")
    steps = np.ones(len(times), dtype=np.int64)
    steps[len(up) :] = -1
    times, heights = times[order], begin + np.cumsum(steps[order])
    over = np.append(times[1:] != times[:-1], True)  # the last change of each instant
    now = begin + len(up) - len(down)
    sum_ms = begin * end + int((end - up).sum()) - int((end - down).sum())
    peak = int(heights[over].max())
    return Level.reckoned(now, max(begin, peak) if times[0] else peak, end, sum_ms)


def _joined(parts: Sequence[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
