"""Means are divided once, quantiles are values that occurred, and nothing has no mean."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.observation.statistics import hours, mean_seconds, quantile, ratio, seconds

VALUES = st.lists(st.integers(0, 10**12), min_size=1, max_size=200)


@given(VALUES, st.integers(1, 100))
def test_a_quantile_is_the_smallest_value_that_enough_others_do_not_exceed(values: list[int], percent: int) -> None:
    found = quantile(np.array(values, np.int64), percent)
    assert found in values

    def reached(limit: int) -> Fraction:
        return Fraction(sum(value <= limit for value in values), len(values))

    assert reached(found) >= Fraction(percent, 100)
    assert all(reached(value) < Fraction(percent, 100) for value in values if value < found)


def test_nothing_has_no_quantile_no_mean_and_no_ratio() -> None:
    assert quantile(np.array([], np.int64), 50) is None
    assert mean_seconds(0, 0) is None
    assert ratio(0, 0) is None
    assert seconds(None) is None


@given(VALUES)
def test_a_mean_is_the_nearest_double_to_the_exact_one(values: list[int]) -> None:
    assert mean_seconds(sum(values), len(values)) == float(Fraction(sum(values), len(values) * 1000))


@pytest.mark.parametrize(("ms", "as_seconds"), [(0, 0.0), (100, 0.1), (2_400_123, 2400.123)])
def test_milliseconds_are_told_in_seconds_to_the_last_digit(ms: int, as_seconds: float) -> None:
    assert seconds(ms) == as_seconds


def test_person_hours_are_milliseconds_divided_once() -> None:
    assert hours(5_400_000) == 1.5
