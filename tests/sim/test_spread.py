from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mockservices.clock import Millis
from sim.randomness import Ints
from sim.spread import NORMAL, empirical, lognormal
from sim.time import DAY, HOUR, LONGEST


def test_the_normal_distribution_is_in_the_table() -> None:
    for share, value in NORMAL[1:-1]:
        assert value == round(stats.norm.ppf(share / 1_000) * 1_000_000)


@pytest.mark.parametrize(("median", "p95"), [(2 * HOUR, 20 * HOUR), (2 * DAY, 333 * HOUR), (DAY, DAY)])
def test_a_lognormal_table_has_its_median_its_p95_and_nearly_its_mean(median: int, p95: int) -> None:
    """The mean is median * exp(sigma**2 / 2) with sigma = ln(p95 / median) / 1.644854."""
    table = lognormal(median, p95)
    assert table.values(table_at(0.5)).tolist()[0] == pytest.approx(median, rel=1e-6)
    assert table.values(table_at(0.95)).tolist()[0] == pytest.approx(p95, rel=1e-6)
    sigma = math.log(p95 / median) / 1.644854
    assert float(table.mean()) == pytest.approx(median * math.exp(sigma**2 / 2), rel=0.05)


def table_at(share: float) -> Ints:
    """The draw at this cumulative probability."""
    return np.array([int(share * (1 << 53))], dtype=np.int64)


def test_a_lognormal_table_ends_at_the_longest_duration() -> None:
    assert lognormal(DAY, 90_000 * DAY).values(table_at(0.99999)).tolist()[0] <= LONGEST


@pytest.mark.parametrize(("median", "p95"), [(0, 5), (6, 5), (-1, 5)])
def test_a_lognormal_needs_a_median_above_zero_and_a_longer_p95(median: int, p95: int) -> None:
    with pytest.raises(ValueError, match="median above 0"):
        lognormal(median, p95)


def test_measured_durations_are_drawn_between_their_neighbours() -> None:
    """1 h, 2 h and 4 h: half of all draws lie between the first two, the other half between the last two."""
    table = empirical([Millis(4 * HOUR), Millis(HOUR), Millis(2 * HOUR)])
    assert [table.values(table_at(share)).tolist()[0] for share in (0, 0.25, 0.5, 0.75)] == [
        HOUR,
        int(1.5 * HOUR),
        2 * HOUR,
        3 * HOUR,
    ]


def test_one_measured_duration_is_constant() -> None:
    assert empirical([HOUR]).values(table_at(0.3)).tolist() == [HOUR]


def test_nothing_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one duration"):
        empirical([])
