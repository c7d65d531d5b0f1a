"""Statistics over replications: intervals, paired differences, precision, warm-up.

Invariant: the unit is the replication, never the event: events of one cycle depend on each other, replications do not
(Law, Simulation Modeling and Analysis, ch. 9). Everything here is pure; values are in the order of replications.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import Final

import numpy as np

CONFIDENCE: Final = 0.95
K_LIMIT: Final = 5
"""For how many replications more the precision has to hold: Hoad, Robinson and Davies (2010), their default."""
_POINTS: Final = 100
"""At which an expectation is taken."""
LEAST: Final = 3
"""Replications from which on a precision can be told: the same paper."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over `n` replications with its confidence interval; `low` and `high` are None when n < 2."""

    mean: float
    low: float | None
    high: float | None
    sd: float | None
    n: int
    confidence: float

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def holds(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low is not None and self.high is not None and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Paired:
    """A variant less the baseline, replication by replication (the same people and events in both).

    `variance_ratio`: the variance of the differences over that of unpaired runs; below 1, common random numbers have
    paid. None where nothing varies. `ratio`: the variant over the baseline; None where the baseline has nothing.
    """

    difference: Interval
    variance_ratio: float | None
    ratio: Interval | None = None


@dataclass(frozen=True, slots=True)
class Warmup:
    """Where a series stops being about its beginning, by MSER-5; `steady` is False when that cannot be told."""

    observations: int
    """How many at the beginning are to be left out."""
    steady: bool


def spread(values: Sequence[float]) -> float:
    """The sample standard deviation of at least two values."""
    mean = fmean(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


@lru_cache(maxsize=4096)
def critical(confidence: float, freedom: int) -> float:
    """The two-sided critical value of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + confidence / 2))


def simultaneous(confidence: float, comparisons: int) -> float:
    """The confidence of each of several intervals that is needed for all to hold together (Bonferroni)."""
    return 1 - (1 - confidence) / max(1, comparisons)


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """The mean of at least one replication, with its t interval."""
    if not values:
        raise ValueError("a mean is over at least one replication")
    mean, n = fmean(values), len(values)
    if n < 2:
        return Interval(mean, None, None, None, n, confidence)
    sd = spread(values)
    half = critical(confidence, n - 1) * sd / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, sd, n, confidence)


def paired(values: Sequence[float], baseline: Sequence[float], confidence: float = CONFIDENCE) -> Paired:
    """The differences to a baseline, replication by replication; raises ValueError for unequal lengths."""
    differences = [value - base for value, base in zip(values, baseline, strict=True)]
    found = interval(differences, confidence)
    over = ratio(values, baseline, confidence)
    if found.sd is None:
        return Paired(found, None, over)
    apart = spread(values) ** 2 + spread(baseline) ** 2
    return Paired(found, found.sd**2 / apart if apart > 0 else None, over)


def ratio(values: Sequence[float], baseline: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """The mean of the one over the mean of the other, which comes in pairs; None where the baseline's is 0.

    The interval is that of the residuals ``value - ratio * baseline`` (the classical estimator of a ratio: Law, ch. 9;
    Cochran, Sampling Techniques, ch. 6). A company with more leavers has more of everything in every variant: that
    much cancels here, and does not in a difference of totals.
    """
    base = fmean(baseline)
    if base == 0:
        return None
    found = fmean(values) / base
    left = interval([value - found * theirs for value, theirs in zip(values, baseline, strict=True)], confidence)
    if left.half_width is None or left.sd is None:
        return Interval(found, None, None, None, left.n, confidence)
    half = left.half_width / abs(base)
    return Interval(found, found - half, found + half, left.sd / abs(base), left.n, confidence)


def holm(p_values: Sequence[float], alpha: float) -> list[bool]:
    """Which of several hypotheses are rejected when none may be wrongly so with more than ``alpha`` (Holm 1979)."""
    rejected = [False] * len(p_values)
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: (p_values[i], i))):
        if p_values[index] > alpha / (len(p_values) - rank):
            break
        rejected[index] = True
    return rejected


def p_value(values: Sequence[float], expected: float) -> float:
    """Two-sided: how often means of replications lie as far from ``expected`` by chance."""
    found = interval(values)
    if found.sd is None or found.sd == 0:
        return 1.0 if math.isclose(found.mean, expected, rel_tol=1e-9) else 0.0
    return two_sided(found.mean - expected, found.sd / math.sqrt(found.n), found.n - 1)


def two_sided(difference: float, error: float, freedom: int) -> float:
    """How often a mean lies as far off by chance, given its standard error; Student's t."""
    from scipy.special import stdtr

    if error == 0:
        return 1.0 if difference == 0 else 0.0
    return float(2 * stdtr(freedom, -abs(difference) / error))


def expected_quantile(quantile: Callable[[float], float], n: int, percent: int) -> float:
    """What a sample's quantile is on average: of n independent values the smallest that so many in 100 do not exceed.

    ``quantile``: that of the law of one value. The value of rank r lies where a Beta(r, n - r + 1) says (Renyi 1953).
    """
    return fmean(quantile(place) for place in _places(n, max(-(-n * percent // 100), 1)))


@lru_cache(maxsize=4096)
def _places(n: int, rank: int) -> tuple[float, ...]:
    """Equally likely shares at which the value of this rank of n lies."""
    from scipy.special import betaincinv

    return tuple(betaincinv(rank, n - rank + 1, (np.arange(_POINTS) + 0.5) / _POINTS).tolist())


def is_precise(values: Sequence[float], precision: float, confidence: float = CONFIDENCE) -> bool:
    """Whether the interval's half is within this share of the mean; a mean of 0 with no spread is."""
    if len(values) < LEAST:
        return False
    half = interval(values, confidence).half_width
    return half is not None and half <= precision * abs(fmean(values))


def look_ahead(n: int, k_limit: int = K_LIMIT) -> int:
    """How many replications more have to be as precise: k_limit up to 100, growing with n after that."""
    return k_limit * max(n, 100) // 100


def precise_from(
    series: Sequence[Sequence[float]], precision: float, confidence: float = CONFIDENCE, k_limit: int = K_LIMIT
) -> int | None:
    """After how many replications every one of the figures is precise enough, and stays so for the look-ahead.

    The rule of Hoad, Robinson and Davies (J. Oper. Res. Soc. 61, 2010), which guards against a series that is narrow
    early by chance. None: more replications are needed. ``series``: one sequence per figure, equally long.
    """
    have = min((len(values) for values in series), default=0)
    for n in range(LEAST, have + 1):
        last = n + look_ahead(n, k_limit)
        if last > have:
            return None
        if all(is_precise(values[:m], precision, confidence) for m in range(n, last + 1) for values in series):
            return n
    return None


def mser5(series: Sequence[float], batch: int = 5) -> Warmup:
    """The warm-up of a series by MSER-5 (White 1997): the cut after which batch means have the least squared error.

    Not steady when the cut falls into the second half, or when there are fewer than ten batches.
    """
    count = len(series) // batch
    if count < 10:
        return Warmup(0, steady=False)
    means = np.asarray(series[: count * batch], dtype=np.float64).reshape(count, batch).mean(axis=1)
    # the statistic of every cut at once, from sums over what is left of the series
    left = np.arange(count, 0, -1)
    sums, squares = np.cumsum(means[::-1])[::-1], np.cumsum((means * means)[::-1])[::-1]
    statistic = np.maximum(squares - sums * sums / left, 0) / (left * left)
    cut = int(np.argmin(statistic[: count - 5]))  # the last few batches have no spread to speak of
    return Warmup(cut * batch, steady=cut <= count // 2)
