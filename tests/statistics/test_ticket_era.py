"""`ticket-era`: 200 years of tickets end with stale assignments around the closed form, and the case study's 14 is one
of the usual numbers. docs/ticket-era.md derives the figures."""

from __future__ import annotations

from math import sqrt
from typing import Final, NamedTuple

import numpy as np
import pytest

from sim.observation.summary import summarize
from sim.scenario import Scenario, load
from sim.time import DAY
from sim.workforce.plan import EventKind
from sim.world import World

Z: Final = 3.891
"""Once in 10,000 times a normal variable is farther from its mean than this."""
YEARS: Final = 200
FORGOTTEN: Final = 0.15
GOING: Final = (EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY)
HELD: Final = (8 * 1 + 5 * 2 + 4 * 1) / 17
"""Assignments of somebody in one of the three departments, on average: 1.29."""
MOVES: Final = 0.12 * 335 / 365 / 2
"""How often somebody who leaves in the first 335 days has moved before, each time leaving as much behind: 0.055."""


class Year(NamedTuple):
    """How one year of tickets ended."""

    stale: int
    people: int
    left: int
    """Whose account had been disabled for more than 30 days, stale or not."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load("ticket-era").scenario


@pytest.fixture(scope="module")
def years(scenario: Scenario) -> list[Year]:
    """The shipped settings with seeds 1 to 200."""
    found = []
    for seed in range(1, YEARS + 1):
        world = World(scenario, seed=seed)
        world.run()
        stale, schedule = world.parts.stale, world.parts.schedule
        assert schedule is not None
        long_ago = np.isin(schedule.kind, GOING) & (schedule.directory_at < world.end - 30 * DAY)
        people = len({person for person, _ in stale.now()})
        found.append(Year(stale.found, people, int(np.count_nonzero(long_ago))))
    return found


def test_people_with_stale_access_are_the_share_of_leavers_that_was_forgotten(years: list[Year]) -> None:
    """P of all who left long enough ago: rate p t with the rate that was."""
    left, people = sum(year.left for year in years), sum(year.people for year in years)
    assert abs(people - FORGOTTEN * left) < Z * sqrt(left * FORGOTTEN * (1 - FORGOTTEN))


def test_stale_assignments_are_as_many_as_the_closed_form_says(years: list[Year]) -> None:
    """Rate p t, times what each holds: 1.29 assignments, and as many again for every move before."""
    mean = sum(year.stale for year in years) / YEARS
    left = sum(year.left for year in years) / YEARS
    spread = float(np.std([year.stale for year in years], ddof=1))
    expected = FORGOTTEN * left * HELD * (1 + MOVES)
    assert abs(mean - expected) < Z * spread / sqrt(YEARS) + 0.02 * expected


def test_they_spread_as_a_poisson_number_of_people_with_one_or_two_each(years: list[Year]) -> None:
    """The variance of a compound Poisson number: people times the mean square of what each holds, (8 + 20 + 4) / 17 =
    1.88 and some more for moves. A variance of 200 values has a relative error of sqrt(2 / 199) = 0.1."""
    people = sum(year.people for year in years) / YEARS
    variance = float(np.var([year.stale for year in years], ddof=1))
    assert variance == pytest.approx(people * (32 / 17) * (1 + 2 * MOVES), rel=Z * 0.1)


def test_the_fourteen_of_the_case_study_are_inside_the_band_of_95_in_100(years: list[Year]) -> None:
    """Both as they were counted, and by the closed form: its mean and two of its standard deviations."""
    low, high = np.quantile([year.stale for year in years], [0.025, 0.975])
    assert low <= 14 <= high
    left = sum(year.left for year in years) / YEARS
    mean = FORGOTTEN * left * HELD * (1 + MOVES)
    sd = sqrt(FORGOTTEN * left * (32 / 17) * (1 + 2 * MOVES))
    assert mean - 1.96 * sd <= 14 <= mean + 1.96 * sd


def test_the_shipped_year_says_so_itself(scenario: Scenario) -> None:
    """Six accounts, no cycle, a number of stale assignments within the band, and some hundred acts by hand."""
    world = World(scenario)
    world.run()
    summary = summarize(world)
    assert summary["target"]["accounts"] == 6
    assert [row["agrees"] for row in summary["results"]] == [True, True, True]
    assert summary["orphaned_access"]["by_waiting_for"]["cycle"] == 0
    assert summary["provisioning"]["manual_steps"] > 200
