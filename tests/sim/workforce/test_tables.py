from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from sim.time import DAY
from sim.workforce.tables import (
    CONTRACT_CAP,
    CONTRACT_MEAN,
    CONTRACT_SHARES,
    FIRST_YEAR_HAZARD,
    TENURE,
    YEAR,
    contract_lengths,
)


def erlang_4(means: float) -> float:
    """The distribution function of the gamma distribution with shape 4, at a multiple of its mean."""
    x = 4 * means
    return 1 - math.exp(-x) * (1 + x + x**2 / 2 + x**3 / 6)


def test_the_contract_table_is_the_gamma_distribution_with_shape_4() -> None:
    assert len(CONTRACT_SHARES) == 20 * CONTRACT_CAP + 1
    for step, share in enumerate(CONTRACT_SHARES):
        assert abs(share - 1e9 * erlang_4(step / 20)) < 0.6


def test_contracts_have_the_mean_that_was_asked_for() -> None:
    """What the cut at four means and the straight lines change is less than a ten-thousandth."""
    assert abs(contract_lengths(CONTRACT_MEAN).mean() / CONTRACT_MEAN - 1) < Fraction(1, 10_000)


def test_contracts_end_after_24_months_where_the_mean_is_6() -> None:
    last = contract_lengths(YEAR // 2).values(np.array([(1 << 53) - 1]))
    assert last.tolist() == [2 * YEAR]


def test_a_running_contract_is_longer_than_contracts_are_on_average() -> None:
    """Of a gamma distribution with shape 4 the length-biased one has shape 5: 5/4 of the mean."""
    ratio = contract_lengths(CONTRACT_MEAN).length_biased().mean() / CONTRACT_MEAN
    assert abs(ratio - Fraction(5, 4)) < Fraction(1, 500)


def test_the_survey_of_tenure_is_met_by_the_hazards() -> None:
    """76 % stay for a year, 38 % for five: -ln .76 in the first year, ln 2 in the next four."""
    assert abs(-math.log(0.76) / (math.log(2) / 4) - float(FIRST_YEAR_HAZARD)) < 0.02


def test_the_tenure_table_is_the_area_under_the_survival_curve() -> None:
    """1 to .76 in a year: .88; to .38 in four: 2.28; to nothing in fifteen: 2.85; together 6.01."""
    areas = [(1 + 0.76) / 2, 4 * (0.76 + 0.38) / 2, 15 * 0.38 / 2]
    mean = sum(area * middle for area, middle in zip(areas, (0.5, 3, 12.5), strict=True)) / sum(areas)
    assert abs(float(TENURE.mean()) / YEAR - mean) < 1e-9
    assert YEAR == 365 * DAY
