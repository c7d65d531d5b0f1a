from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.randomness import (
    BITS,
    Quantiles,
    Streams,
    WeightedChoice,
    draw_instants,
    draw_poisson,
    draw_uniform,
)

ALPHA_Z = 3.9
"""Two-sided z at 1e-4: with fixed seeds a test that passes once always passes."""


def test_a_stream_begins_with_the_same_draws_whenever_it_is_asked_for() -> None:
    alone = Streams(13).stream("leavers").random(5)
    streams = Streams(13)
    streams.stream("movers").random(100)
    streams.stream("a stream that was added later")
    assert (streams.stream("leavers").random(5) == alone).all()


def test_the_first_draws_of_a_known_stream_are_fixed_for_good() -> None:
    draws = draw_uniform(Streams(13, replication=2).stream("leavers"), 3)
    assert draws.tolist() == [8967875632420666, 363507483506330, 4708888696784978]


@pytest.mark.parametrize(
    "other", [Streams(14).stream("a"), Streams(13, 1).stream("a"), Streams(13).stream("b")], ids=["seed", "rep", "name"]
)
def test_seed_replication_and_name_each_make_another_stream(other: np.random.Generator) -> None:
    assert (Streams(13).stream("a").random(4) != other.random(4)).all()


def test_a_stream_is_given_out_once() -> None:
    streams = Streams(13)
    streams.stream("names")
    with pytest.raises(ValueError, match="'names' is already in use"):
        streams.stream("names")


@pytest.mark.parametrize(("seed", "replication"), [(-1, 0), (0, -1)])
def test_seeds_and_replications_are_not_negative(seed: int, replication: int) -> None:
    with pytest.raises(ValueError, match="from 0 on"):
        Streams(seed, replication)


def test_a_longer_draw_begins_like_a_shorter_one() -> None:
    assert (draw_uniform(Streams(5).stream("x"), 100)[:10] == draw_uniform(Streams(5).stream("x"), 10)).all()


def test_nothing_is_drawn_from_an_empty_span() -> None:
    assert len(draw_instants(Streams(1).stream("x"), 0, 0)) == 0
    with pytest.raises(ValueError, match=r"low >= high|high <= 0"):
        draw_instants(Streams(1).stream("x"), 0, 1)


# --- Poisson numbers ---


def test_poisson_numbers_have_the_probabilities_of_the_formula() -> None:
    generator = Streams(7).stream("poisson")
    draws = [draw_poisson(generator, Fraction(5, 2)) for _ in range(4_000)]
    for value in range(8):
        expected = 4_000 * math.exp(-2.5) * 2.5**value / math.factorial(value)
        assert abs(draws.count(value) - expected) < ALPHA_Z * math.sqrt(expected), value


@pytest.mark.parametrize("mean", [Fraction(1, 100), Fraction(30), Fraction(170_000), Fraction(0.17) * 1_000_003])
def test_poisson_numbers_have_mean_and_variance_alike(mean: Fraction) -> None:
    generator = Streams(8).stream("poisson")
    count = 40 if mean > 1_000 else 3_000
    draws = np.array([draw_poisson(generator, mean) for _ in range(count)], dtype=np.float64)
    assert abs(draws.mean() - float(mean)) < ALPHA_Z * math.sqrt(mean / count)
    if mean >= 30:
        assert abs(draws.var(ddof=1) / float(mean) - 1) < ALPHA_Z * math.sqrt(2 / count)


@given(st.integers(0, 2**32), st.fractions(0, 200), st.fractions(0, 200))
def test_a_larger_mean_never_gives_a_smaller_number_from_the_same_stream(
    seed: int, mean: Fraction, more: Fraction
) -> None:
    assert draw_poisson(Streams(seed).stream("x"), mean) <= draw_poisson(Streams(seed).stream("x"), mean + more)


def test_a_mean_of_nothing_gives_nothing_and_a_negative_one_is_refused() -> None:
    assert draw_poisson(Streams(1).stream("x"), Fraction(0)) == 0
    with pytest.raises(ValueError, match="0 or more"):
        draw_poisson(Streams(1).stream("x"), Fraction(-1))


# --- weighted choices ---


def test_indices_come_in_proportion_to_their_weights() -> None:
    weights = [5.0, 0.5, 3.0, 1.5]
    drawn = np.bincount(WeightedChoice(weights).draw(Streams(3).stream("x"), 20_000), minlength=4)
    for index, weight in enumerate(weights):
        share = weight / 10
        assert abs(drawn[index] - 20_000 * share) < ALPHA_Z * math.sqrt(20_000 * share * (1 - share))


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40))
def test_the_whole_range_of_draws_falls_on_all_indices_in_order(weights: list[float]) -> None:
    choice = WeightedChoice(weights)
    ends = choice.indices(np.array([0, (1 << WeightedChoice.BITS) - 1]))
    assert ends.tolist() == [0, len(weights) - 1]


@given(
    st.lists(st.floats(0.01, 100), min_size=2, max_size=8),
    st.integers(0, 7),
    st.integers(0, (1 << WeightedChoice.BITS) - 1),
)
def test_another_index_is_never_the_current_one(weights: list[float], current: int, draw: int) -> None:
    assume(current < len(weights))
    other = WeightedChoice(weights).other_indices(np.array([draw]), np.array([current]))
    assert 0 <= other[0] < len(weights)
    assert other[0] != current


def test_the_other_indices_keep_their_proportions() -> None:
    choice = WeightedChoice([2, 5, 3])
    draws = choice.draws(Streams(3).stream("x"), 10_000)
    drawn = np.bincount(choice.other_indices(draws, np.full(10_000, 1)), minlength=3)
    assert drawn[1] == 0
    assert abs(drawn[0] - 4_000) < ALPHA_Z * math.sqrt(10_000 * 0.4 * 0.6)


@pytest.mark.parametrize("weights", [[], [1.0, 0.0], [-1.0], [math.inf], [math.nan]])
def test_weights_that_mean_nothing_are_refused(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        WeightedChoice(weights)


def test_a_single_index_has_no_other() -> None:
    with pytest.raises(ValueError, match="no other"):
        WeightedChoice([1]).other_indices(np.array([0]), np.array([0]))


# --- quantile tables ---

WHOLE = 1 << BITS


def test_values_lie_on_straight_lines_between_the_points() -> None:
    """A quarter of the mass is spread over [0, 100), the rest over [100, 400)."""
    table = Quantiles([(0, 0), (1, 100), (4, 400)], 4)
    uniform = np.array([0, WHOLE // 8, WHOLE // 4, WHOLE * 5 // 8, WHOLE - 1])
    assert table.values(uniform).tolist() == [0, 50, 100, 250, 399]
    assert table.mean() == Fraction(1, 4) * 50 + Fraction(3, 4) * 250


def test_equal_values_are_a_lump_and_equal_probabilities_a_gap() -> None:
    table = Quantiles([(0, 7), (1, 7), (1, 20), (2, 30)], 2)
    assert table.values(np.array([0, WHOLE // 2 - 1, WHOLE // 2, WHOLE - 1])).tolist() == [7, 7, 20, 29]


@st.composite
def tables(draw: st.DrawFn) -> Quantiles:
    size = draw(st.integers(1, 6))
    shares = sorted(draw(st.lists(st.integers(0, 10**9), min_size=size, max_size=size)))
    values = sorted(draw(st.lists(st.integers(0, 10**12), min_size=size + 1, max_size=size + 1)))
    assume(shares[-1] > 0)
    return Quantiles(list(zip([0, *shares], values, strict=True)), shares[-1])


@given(tables(), st.lists(st.integers(0, WHOLE - 1), min_size=2))
def test_values_never_go_down_and_stay_between_the_ends(table: Quantiles, uniform: list[int]) -> None:
    values = table.values(np.array(sorted(uniform)))
    assert (np.diff(values) >= 0).all()
    bounds = table.values(np.array([0, WHOLE - 1]))
    assert values[0] >= bounds[0] >= 0
    assert values[-1] <= bounds[1] <= 10**12


def test_a_moment_falls_into_long_intervals_more_often() -> None:
    """Half of all intervals last 10, half 30: a moment falls into the latter three times as often."""
    table = Quantiles([(0, 10), (1, 10), (1, 30), (2, 30)], 2).length_biased()
    assert table.mean() == Fraction(1, 4) * 10 + Fraction(3, 4) * 30
    assert table.values(np.array([WHOLE // 4 - 1, WHOLE // 4])).tolist() == [10, 30]


@pytest.mark.parametrize(
    "points", [[], [(0, 0)], [(1, 0), (4, 1)], [(0, 0), (3, 1)], [(0, 0), (3, 1), (2, 2), (4, 3)], [(0, 5), (4, 4)]]
)
def test_tables_that_are_no_distribution_are_refused(points: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="quantile table"):
        Quantiles(points, 4)


def test_no_moment_falls_into_empty_intervals() -> None:
    with pytest.raises(ValueError, match="empty"):
        Quantiles([(0, 0), (1, 0)], 1).length_biased()
