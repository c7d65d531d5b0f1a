"""Chance at the ticket desk: keyed draws, and the delays of the survey."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.clock import Millis
from sim.provisioning.ticketing.draws import SURVEYED, Draws
from sim.randomness import BITS
from sim.scenario.fields import Distribution
from sim.time import DAY, HOUR

WHOLE = st.integers(0, 10**6)
TWO_DAYS = Distribution(Millis(24 * HOUR), Millis(72 * HOUR))


@given(WHOLE, WHOLE, st.integers(1, 50))
def test_a_draw_is_the_same_whenever_it_is_asked(seed: int, person: int, change: int) -> None:
    draws = Draws(seed, 0)
    first = draws.uniform(person, change, "delay")
    assert 0 <= first < 1 << BITS
    draws.uniform(person + 1, change, "delay")
    assert draws.uniform(person, change, "delay") == first == Draws(seed, 0).uniform(person, change, "delay")


def test_another_replication_person_change_or_question_is_another_draw() -> None:
    draws = Draws(1, 0)
    others = {
        Draws(1, 1).uniform(2, 1, "delay"), Draws(2, 0).uniform(2, 1, "delay"), draws.uniform(2, 1, "delay"),
        draws.uniform(3, 1, "delay"), draws.uniform(2, 2, "delay"), draws.uniform(2, 1, "forgotten"),
    }  # fmt: skip
    assert len(others) == 6


@given(WHOLE, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_share_never_spares_anybody(person: int, one: float, other: float) -> None:
    draws, (low, high) = Draws(1, 0), sorted((one, other))
    if draws.strikes(low, person, 1, "forgotten"):
        assert draws.strikes(high, person, 1, "forgotten")


def test_a_share_of_nothing_never_strikes_and_one_of_all_always() -> None:
    draws = Draws(1, 0)
    assert not any(draws.strikes(0.0, person, 1, "forgotten") for person in range(1000))
    assert all(draws.strikes(1.0, person, 1, "forgotten") for person in range(1000))


@given(WHOLE)
def test_a_range_holds_both_of_its_ends_and_nothing_beyond(person: int) -> None:
    assert 24 * HOUR <= Draws(1, 0).lasts(TWO_DAYS, person, 1, "delay") <= 72 * HOUR
    assert Draws(1, 0).lasts(Distribution(Millis(0), Millis(1)), person, 1, "delay") in {0, 1}


@pytest.mark.parametrize(("share", "days"), [(0.42, 1.0), (0.75, 7.0)])
def test_the_survey_has_58_in_100_above_a_day_and_25_above_a_week(share: float, days: float) -> None:
    """P(more than a day) = 0.58 and P(more than a week) = 0.25: those are the quantiles at 0.42 and 0.75."""
    value = int(SURVEYED.values(np.array([int(share * (1 << BITS))]))[0])
    assert value == pytest.approx(days * DAY, rel=0.04)


def test_nobody_waits_longer_than_180_days_and_the_mean_is_below_twelve() -> None:
    """A lognormal with median 1.6 d and sigma 2.2, cut off at 180 d, has a mean of 11.48 d; straight lines between its
    points are a little above it."""
    assert int(SURVEYED.values(np.array([(1 << BITS) - 1]))[0]) == 180 * DAY
    assert int(SURVEYED.values(np.array([1 << BITS - 1]))[0]) == int(Fraction(16, 10) * DAY)
    assert float(SURVEYED.mean() / DAY) == pytest.approx(11.48, rel=0.01)
