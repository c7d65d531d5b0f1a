"""Means and quantiles of whole milliseconds, and the units in which results are given.

Invariant: sums are taken over integers and divided once, so equal facts give equal figures whoever adds them up; where
there is nothing to measure the answer is None, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.time import HOUR, SECOND

Millisecs = NDArray[np.int64]

FEW: Final = 20
"""Below this many values the values themselves are given, and no percentiles."""


def seconds(ms: int | None) -> float | None:
    """Milliseconds in seconds."""
    return None if ms is None else ms / SECOND


def hours(ms: int) -> float:
    """Milliseconds in hours: person-hours, grant-hours."""
    return ms / HOUR


def mean_seconds(sum_ms: int, count: int) -> float | None:
    """The mean of ``count`` durations in seconds."""
    return sum_ms / (count * SECOND) if count else None


def ratio(part: int, whole: int) -> float | None:
    """``part / whole``; None for a whole of 0."""
    return part / whole if whole else None


def quantile(values: Millisecs, percent: int) -> int | None:
    """The smallest of the values that at least ``percent`` in 100 of them do not exceed.

    It is one of the values and no mean of two, so "95 % were through within p95" is true to the letter (definition 1
    of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996, https://doi.org/10.2307/2684934).
    """
    return quantiles(values, (percent,))[0]


def quantiles(values: Millisecs, percents: Sequence[int]) -> list[int | None]:
    """Several of them, in the order of ``percents``."""
    count = len(values)
    if not count:
        return [None] * len(percents)
    ranks = [max(-(-count * percent // 100), 1) - 1 for percent in percents]
    parted = np.partition(values, ranks)
    return [int(parted[rank]) for rank in ranks]
