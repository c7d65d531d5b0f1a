from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.randomness import Streams
from sim.whatif.forms import PAIRED_VARIANCE_RATIO
from sim.whatif.statistics import (
    expected_quantile,
    holm,
    interval,
    is_precise,
    look_ahead,
    mser5,
    p_value,
    paired,
    precise_from,
    ratio,
    simultaneous,
)


def test_an_interval_worked_out_by_hand() -> None:
    """1, 2, 3, 4, 5: mean 3, sd sqrt(2.5), t(.975, 4) = 2.7764, so 3 ± 2.7764 x 1.5811 / sqrt(5) = 3 ± 1.9632."""
    found = interval([1, 2, 3, 4, 5])
    assert found.mean == 3
    assert found.n == 5
    assert found.sd == pytest.approx(math.sqrt(2.5))
    assert found.low == pytest.approx(1.0368, abs=1e-4)
    assert found.high == pytest.approx(4.9632, abs=1e-4)


def test_one_replication_has_a_mean_and_no_interval() -> None:
    found = interval([7.5])
    assert (found.mean, found.low, found.high, found.sd) == (7.5, None, None, None)
    assert not found.holds(7.5)


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="at least one"):
        interval([])


def test_a_95_percent_interval_covers_the_truth_in_93_to_97_of_100_cheap_experiments() -> None:
    """1,000 experiments of 10 uniform latencies whose mean is known to be 20 minutes."""
    draws = Streams(1).stream("coverage").random((1_000, 10)) * 40
    covered = sum(interval(row.tolist()).holds(20) for row in draws)
    assert 930 <= covered <= 970


def test_a_paired_difference_is_over_replications_and_sharper_than_unpaired() -> None:
    """The variant is the baseline plus 1, 2, 1, 2: a difference of 1.5 whatever the baseline does."""
    base = [10.0, 50.0, 30.0, 90.0]
    found = paired([11.0, 52.0, 31.0, 92.0], base)
    assert found.difference.mean == 1.5
    assert found.difference.sd == pytest.approx(math.sqrt(1 / 3))
    assert found.variance_ratio is not None
    assert found.variance_ratio < 0.001


def test_pairs_must_be_complete() -> None:
    with pytest.raises(ValueError, match="zip"):
        paired([1.0, 2.0], [1.0])


def test_where_nothing_varies_there_is_no_variance_ratio() -> None:
    assert paired([2.0, 2.0], [1.0, 1.0]).variance_ratio is None


def test_common_random_numbers_with_aligned_phases_leave_three_tenths_of_the_variance() -> None:
    """Exposure of a Poisson number of leavers until the next gate of T and of 2T: (T^2/2) / (T^2/3 + 4T^2/3)."""
    streams = Streams(2)
    counts = streams.stream("counts").poisson(50, 4_000)
    at = streams.stream("instants").random((4_000, 100)) * 80
    there = np.arange(100) < counts[:, np.newaxis]
    short, long = (((-at) % interval * there).sum(axis=1).tolist() for interval in (40, 80))
    assert paired(long, short).variance_ratio == pytest.approx(PAIRED_VARIANCE_RATIO, abs=0.02)


def test_simultaneous_confidence_is_bonferronis() -> None:
    assert simultaneous(0.95, 5) == pytest.approx(0.99)
    assert simultaneous(0.95, 0) == 0.95


def test_holm_rejects_step_by_step() -> None:
    """.01 <= .05/4, .013 <= .05/3, .04 > .05/2: the third stops it, and the fourth is never looked at."""
    assert holm([0.04, 0.01, 0.045, 0.013], 0.05) == [False, True, False, True]
    assert holm([], 0.05) == []


def test_p_values_are_even_where_the_expectation_is_right() -> None:
    draws = Streams(3).stream("p").random((2_000, 8))
    small = sum(p_value(row.tolist(), 0.5) < 0.1 for row in draws)
    assert 140 < small < 260


def test_a_value_that_never_varies_agrees_with_itself_alone() -> None:
    assert p_value([3.0, 3.0, 3.0], 3.0) == 1.0
    assert p_value([3.0, 3.0, 3.0], 3.1) == 0.0


# --- how many replications ---------------------------------------------------------------------------------


def test_precision_needs_three_replications() -> None:
    assert not is_precise([5.0, 5.0], 0.05)
    assert is_precise([5.0, 5.0, 5.0], 0.05)


def test_the_look_ahead_grows_with_the_number() -> None:
    assert [look_ahead(n) for n in (3, 100, 200)] == [5, 5, 10]


def test_a_series_that_is_narrow_by_chance_early_does_not_stop_it() -> None:
    """Three equal values are precise; the fourth is not, so the first precise stretch of six begins later."""
    series = [10.0, 10.0, 10.0, 30.0] + [10.0, 11.0] * 40
    found = precise_from([series], 0.1)
    assert found is not None
    assert found > 4
    assert all(is_precise(series[:m], 0.1) for m in range(found, found + 6))


def test_every_figure_has_to_be_precise() -> None:
    still, restless = [5.0] * 30, [1.0, 100.0] * 15
    assert precise_from([still], 0.05) == 3
    assert precise_from([still, restless], 0.05) is None


def test_without_enough_to_look_ahead_more_are_needed() -> None:
    assert precise_from([[5.0] * 7], 0.05) is None
    assert precise_from([[5.0] * 8], 0.05) == 3
    assert precise_from([], 0.05) is None


# --- warm-up -----------------------------------------------------------------------------------------------


def test_mser5_cuts_off_a_beginning_that_is_unlike_the_rest() -> None:
    noise = Streams(4).stream("series").random(500)
    series = noise.copy()
    series[:50] += 10
    found = mser5(series.tolist())
    assert found.steady
    assert 50 <= found.observations <= 250


def test_a_series_that_only_rises_is_not_steady() -> None:
    assert not mser5(np.arange(500, dtype=float).tolist()).steady


def test_a_short_series_tells_nothing() -> None:
    assert not mser5([1.0] * 49).steady


@given(st.lists(st.floats(-1e6, 1e6), min_size=50, max_size=120))
def test_mser5_takes_the_cut_with_the_least_squared_error(series: list[float]) -> None:
    """Against its definition: the sum of squares around the mean of what is left, over the square of how many."""
    batches = [math.fsum(series[i : i + 5]) / 5 for i in range(0, len(series) // 5 * 5, 5)]

    def statistic(cut: int) -> float:
        left = batches[cut:]
        mean = math.fsum(left) / len(left)
        return math.fsum((value - mean) ** 2 for value in left) / len(left) ** 2

    least = min(statistic(cut) for cut in range(len(batches) - 5))
    found = mser5(series).observations // 5
    assert statistic(found) <= least + 1e-9 * (1 + max(value * value for value in batches))


# --- quantiles ---------------------------------------------------------------------------------------------


def test_of_values_between_0_and_1_the_value_of_rank_r_is_r_of_n_and_one_on_average() -> None:
    """Of 99 values the 95th is the p95: 95 / 100. Of 10 it is the tenth: 10 / 11."""
    assert expected_quantile(lambda share: share, 99, 95) == pytest.approx(0.95, abs=1e-4)
    assert expected_quantile(lambda share: share, 10, 95) == pytest.approx(10 / 11, abs=1e-3)
    assert expected_quantile(lambda share: share, 1, 50) == pytest.approx(0.5)


def test_where_a_law_has_a_kink_a_sample_s_quantile_is_not_the_law_s() -> None:
    """One in a hundred waits ten times as long: of 100 values the 99th is that of a long wait with 26 %."""

    def law(share: float) -> float:
        return 1.0 if share <= 0.99 else 10.0

    draws = Streams(8).stream("samples").random((20_000, 100))
    sampled = np.where(np.sort(draws, axis=1)[:, 98] <= 0.99, 1.0, 10.0).mean()
    assert expected_quantile(law, 100, 99) == pytest.approx(sampled, abs=0.1)
    assert sampled > 2


# --- ratios ----------------------------------------------------------------------------------------------


def test_a_ratio_worked_out_by_hand() -> None:
    """6 over 12 is 0.5; residuals 0, 0.2, -0.2: sd 0.2, t(.975, 2) = 4.3027, over sqrt(3) and a mean of 4."""
    found = ratio([1.0, 2.2, 2.8], [2.0, 4.0, 6.0])
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert found.mean == pytest.approx(0.5)
    assert found.high - 0.5 == pytest.approx(4.3027 * 0.2 / math.sqrt(3) / 4, rel=1e-4)
    assert 0.5 - found.low == pytest.approx(found.high - 0.5)


def test_what_goes_in_proportion_has_a_ratio_without_doubt_and_a_difference_with_much() -> None:
    found = paired([10.0, 30.0, 50.0], [20.0, 60.0, 100.0])
    assert found.ratio is not None
    assert (found.ratio.mean, found.ratio.half_width) == (0.5, 0.0)
    assert found.difference.holds(0)


def test_over_nothing_there_is_no_ratio() -> None:
    assert ratio([1.0, 2.0], [0.0, 0.0]) is None
    alone = ratio([1.0], [4.0])
    assert alone is not None
    assert (alone.mean, alone.low, alone.high) == (0.25, None, None)


def test_a_95_percent_interval_of_a_ratio_covers_the_truth_in_93_to_97_of_100_cheap_experiments() -> None:
    """1,000 experiments of 10: the baseline about 10, the variant half of it and a little chance of its own."""
    chance = Streams(2).stream("coverage")
    base = 5 + chance.random((1_000, 10)) * 10
    other = base * 0.5 + (chance.random((1_000, 10)) - 0.5)
    found = [ratio(o.tolist(), b.tolist()) for o, b in zip(other, base, strict=True)]
    covered = sum(each is not None and each.holds(0.5) for each in found)
    assert 930 <= covered <= 970
