"""Counts over time: integrals are exact, and what lasts no time was never there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sim.observation.level import Level


def test_the_integral_holds_what_is_closed_and_what_is_open() -> None:
    level = Level()
    level.begin(10)
    level.begin(20)
    level.end(50)
    assert level.now == 1
    assert level.sum_ms(100) == (100 - 10) + (50 - 20)


def test_what_begins_and_ends_in_one_instant_is_no_peak() -> None:
    level = Level()
    level.begin(10)
    level.begin(20)
    level.end(20)
    level.end(30)
    assert level.peak == 1


def test_the_order_of_changes_in_one_instant_does_not_matter() -> None:
    one, other = Level(3), Level(3)
    one.begin(5)
    one.end(5)
    other.end(5)
    other.begin(5)
    assert one.peak == other.peak == 3


def test_the_present_counts_for_the_peak() -> None:
    level = Level()
    level.begin(10)
    assert level.peak == 1


def test_a_level_can_be_set() -> None:
    level = Level()
    level.set(0, 7)
    level.set(10, 2)
    assert (level.now, level.peak, level.sum_ms(20)) == (2, 7, 70 + 20)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=30))
def test_integral_and_peak_are_those_of_the_intervals(pairs: list[tuple[int, int]]) -> None:
    intervals = [(min(pair), max(pair)) for pair in pairs]
    level = Level()
    for at, change in sorted((at, change) for pair in intervals for at, change in zip(pair, (1, -1), strict=True)):
        if change > 0:
            level.begin(at)
        else:
            level.end(at)
    assert level.sum_ms(60) == sum(until - since for since, until in intervals)
    assert level.peak == max((sum(since <= at < until for since, until in intervals) for at in range(51)), default=0)
