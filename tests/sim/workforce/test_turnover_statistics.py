"""What happens agrees with what is asked, at alpha = 1e-4 with fixed seeds: a test that passes once always passes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from mockservices.clock import Millis
from sim.randomness import Ints
from sim.time import DAY, HOUR
from sim.workforce.almanac import WeekWeights
from sim.workforce.life import (
    LATENESS,
    AbsencePlan,
    ContractPlan,
    CorporateDays,
    HrPlan,
    LeavingPlan,
    MovingPlan,
    RehirePlan,
)
from sim.workforce.people import People
from sim.workforce.plan import Employment, EventKind, Reason
from sim.workforce.schedule import Schedule
from sim.workforce.tables import contract_lengths
from sim.workforce.zones import Zone
from tests.sim.workforce.lives import IN_LONDON, MONTHS, START, WEEKDAYS, events, lives

ALPHA = 1e-4
YEAR = 365 * DAY
SIZE = 20_000
LONDON = Zone("Europe/London", START, YEAR)

Lives = tuple[People, Schedule]


@pytest.fixture(scope="module")
def town() -> Lives:
    """20,000 people in London over a year, without bulk events, rehires or moves of other kinds."""
    return lives(size=SIZE, bulk=(), rehires=None, **IN_LONDON)


def agrees(counted: Sequence[float], shares: Sequence[float]) -> None:
    """Chi-square: the counts are shared out as asked."""
    total = sum(counted)
    expected = [total * share / sum(shares) for share in shares]
    assert stats.chisquare(counted, expected).pvalue > ALPHA


def poisson(count: int, mean: float) -> None:
    """A count of independent events with this mean."""
    assert abs(count - mean) < stats.norm.isf(ALPHA / 2) * math.sqrt(mean)


def weekdays(at: Sequence[int]) -> list[int]:
    local = LONDON.local(np.array(at, dtype=np.int64))
    counted: list[int] = np.bincount((local // DAY + 3) % 7, minlength=7).tolist()
    return counted


def hours(at: Sequence[int]) -> Ints:
    local: Ints = LONDON.local(np.array(at, dtype=np.int64)) % DAY
    return local


# --- calendars ---


def test_a_year_has_as_many_joiners_as_its_rate_says(town: Lives) -> None:
    """17 % of 20,000 are 3,400, whatever the weights of the days."""
    people, _ = town
    employees = people.facts[SIZE:] % 2 == Employment.EMPLOYEE
    poisson(int(np.count_nonzero(employees)), 3_400)


def test_joiners_start_on_mondays_fixed_days_and_others_as_asked(town: Lives) -> None:
    """Of those within the first 52 weeks 70 % on a Monday that is no 1st or 16th, 15 % on a fixed day (or after it)."""
    people, schedule = town
    at = [a for a, p in events(schedule, EventKind.JOINER) if people.facts[p] % 2 == Employment.EMPLOYEE]
    dates = (LONDON.local(np.array(at)) // DAY).astype("datetime64[D]")
    monthday = (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1
    weekday = (dates.astype(np.int64) + 3) % 7
    # A fixed day on a Saturday or Sunday is the Monday after it: the 2nd, 3rd, 17th or 18th.
    fixed = np.isin(monthday, (1, 16)) | ((weekday == 0) & np.isin(monthday, (2, 3, 17, 18)))
    monday = (weekday == 0) & ~fixed
    agrees([int(monday.sum()), int(fixed.sum()), int((~monday & ~fixed).sum())], [0.70, 0.15, 0.15])


def test_the_first_day_begins_at_nine_give_or_take_half_an_hour(town: Lives) -> None:
    people, schedule = town
    at = [a for a, p in events(schedule, EventKind.JOINER) if people.facts[p] % 2 == Employment.EMPLOYEE]
    minutes = (hours(at) - 9 * HOUR) / 60_000
    assert stats.kstest(minutes, stats.uniform(-30, 60).cdf).pvalue > ALPHA


def test_leavers_go_by_the_weights_of_weekdays(town: Lives) -> None:
    """Of those who neither retire nor die; month ends, which count twice, fall on working days evenly enough."""
    _, schedule = lives(
        size=SIZE, bulk=(), rehires=None, **IN_LONDON, leavers=0.5,
        leaving=LeavingPlan(1, 0, 0), days=CorporateDays(leaving=WeekWeights(WEEKDAYS)),
    )  # fmt: skip
    agrees(weekdays([at for at, _ in events(schedule, EventKind.LEAVER)]), WEEKDAYS)


def test_leavers_go_by_the_weights_of_months() -> None:
    """The initial people's, corrected for those who are gone; months are weighed by their working days."""
    _, schedule = lives(
        size=SIZE, bulk=(), rehires=None, **IN_LONDON,
        leavers=0.02, joiners=0, leaving=LeavingPlan(1, 0, 0), contract=None,
    )  # fmt: skip
    at = np.array([at for at, _ in events(schedule, EventKind.LEAVER)])
    months = (LONDON.local(at) // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    day = np.arange(365) + (LONDON.local(np.zeros(1, dtype=np.int64))[0] // DAY)
    dates = day.astype("datetime64[D]")
    weights = np.array(WEEKDAYS)[(day + 3) % 7] * np.array(MONTHS)[dates.astype("datetime64[M]").astype(int) % 12]
    shares = np.bincount(dates.astype("datetime64[M]").astype(int) % 12, weights=weights, minlength=12)
    counted = np.bincount(months, minlength=12)
    assert counted[11] > counted[10]
    # The doubled month ends shift weight between months by less than this sample can tell.
    agrees(counted.tolist(), shares.tolist())


def test_each_reason_has_its_share_and_its_hour(town: Lives) -> None:
    """25 % involuntary between 9 and 16, 4 % retire at the end of a month, 1 % die, 70 % go at 17:00 by choice."""
    _, schedule = town
    reasons = (Reason.INVOLUNTARY, Reason.RETIREMENT, Reason.DEATH, Reason.VOLUNTARY)
    gone = {why: [at for at, _ in events(schedule, EventKind.LEAVER, reason=why)] for why in reasons}
    agrees([len(gone[why]) for why in reasons], [0.25, 0.04, 0.01, 0.70])
    assert set(hours(gone[Reason.VOLUNTARY]).tolist()) == {17 * HOUR}
    assert set(hours(gone[Reason.RETIREMENT]).tolist()) == {17 * HOUR}
    involuntary = hours(gone[Reason.INVOLUNTARY]) / HOUR
    assert stats.kstest(involuntary, stats.uniform(9, 7).cdf).pvalue > ALPHA


def test_contracts_end_at_a_minute_to_midnight(town: Lives) -> None:
    _, schedule = town
    assert set(hours([at for at, _ in events(schedule, EventKind.CONTRACTOR_EXPIRY)]).tolist()) == {
        23 * HOUR + 59 * 60_000
    }


# --- arrivals ---


def test_without_a_calendar_arrivals_are_a_poisson_process() -> None:
    """The gaps between joiners are exponential; 17 % of 20,000 a year come every 2.58 hours."""
    people, schedule = lives(size=SIZE, calendar="uniform", bulk=(), rehires=None, contractors=0)
    at = [a for a, _ in events(schedule, EventKind.JOINER)]
    gaps = np.diff(at)
    assert stats.kstest(gaps, stats.expon(scale=YEAR / 3_400).cdf).pvalue > ALPHA
    assert len(people) == SIZE + len(at)


def test_tenure_ends_by_the_two_hazards() -> None:
    """Of those who join in the first of six years: hazard .27 until their first year is over, .17 after that."""
    people, schedule = lives(6 * YEAR, size=10_000, calendar="uniform", bulk=(), rehires=None, contractors=0,
                             leaving=None, joining=None)  # fmt: skip
    joined = people.joined_at
    early = np.flatnonzero((joined >= 0) & (joined < YEAR))
    left = {person: at for at, person in events(schedule, EventKind.LEAVER)}
    stay = np.array([(left.get(row, 99 * YEAR) - int(joined[row])) / YEAR for row in early.tolist()])
    edges = [0, 0.5, 1, 2, 3, 5]
    survival = [math.exp(-0.27 * min(x, 1) - 0.17 * max(x - 1, 0)) for x in edges]
    shares = [a - b for a, b in pairwise(survival)] + [survival[-1]]
    agrees(np.histogram(stay, bins=[*edges, 999])[0].tolist(), shares)


# --- contracts ---


def test_contracts_last_as_long_as_a_gamma_of_shape_four() -> None:
    """Successors of the first half year whose contracts end by four means: cut off, but all of them seen."""
    mean = 60 * DAY
    people, schedule = lives(
        size=SIZE, calendar="uniform", bulk=(), contract=None, contract_mean=Millis(mean), joiners=0, rehires=None
    )
    ends = {person: at for at, person in events(schedule, EventKind.CONTRACTOR_EXPIRY)}
    rows = [row for row in range(SIZE, len(people)) if people.joined_at[row] < YEAR - 4 * mean]
    lengths = np.array([ends[row] - people.joined_at[row] for row in rows]) / mean
    cut = stats.gamma(4, scale=1 / 4)
    edges = [0, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 4.0]
    agrees(np.histogram(lengths, bins=edges)[0].tolist(), np.diff([cut.cdf(edge) for edge in edges]).tolist())
    assert abs(lengths.mean() - float(contract_lengths(mean).mean()) / mean) < 0.02


def test_half_the_contracts_are_extended_and_a_tenth_of_those_late(town: Lives) -> None:
    """Extensions whose notice fell before the start, and those cut by the cap, are not seen: only the later half."""
    _, schedule = lives(size=SIZE, calendar="uniform", bulk=(), contract=ContractPlan(cap=Millis(9_000 * DAY)))
    late = YEAR // 2
    restored = sum(at > late for at, _ in events(schedule, EventKind.CONTRACT_RESTORED))
    extended = sum(at > late for at, _ in events(schedule, EventKind.CONTRACT_EXTENSION))
    converted = sum(at > late for at, _ in events(schedule, EventKind.CONVERSION))
    expired = sum(at > late for at, _ in events(schedule, EventKind.CONTRACTOR_EXPIRY)) - restored
    agrees([extended, restored, converted, expired], [0.45, 0.05, 0.05, 0.45])


def test_extensions_in_time_are_known_a_week_before_the_end_in_the_median() -> None:
    """Half of those told have a notice above seven days: seen as the time from the extension to the old end."""
    people, schedule = lives(
        2 * YEAR, size=SIZE, calendar="uniform", bulk=(), contract=ContractPlan(1, 0, 0, cap=Millis(9_000 * DAY))
    )
    first = {int(p): int(v) for p, v, k in zip(schedule.person, schedule.value, schedule.kind, strict=True)
             if k == EventKind.JOINER and v > 0}  # fmt: skip
    seen: set[int] = set()
    notices = []
    for at, person in events(schedule, EventKind.CONTRACT_EXTENSION):
        if person in first and person not in seen:
            seen.add(person)
            notices.append(first[person] - at)
    above = sum(notice > 7 * DAY for notice in notices)
    assert stats.binomtest(above, len(notices), 0.5).pvalue > ALPHA
    assert len(people) > SIZE


# --- the others ---


def test_leaves_of_absence_happen_and_last_as_asked() -> None:
    """5 % of 16,400 employees a year, half of them longer than 53 days."""
    _, schedule = lives(
        2 * YEAR, size=SIZE, calendar="uniform", leavers=0, joiners=0, bulk=(), rehires=None, contract=None,
        moving=None, absences=AbsencePlan(0.05),
    )  # fmt: skip
    begun = {person: at for at, person in reversed(events(schedule, EventKind.ABSENCE))}
    poisson(schedule.count(EventKind.ABSENCE), 0.05 * 2 * 16_400)
    back = {person: at for at, person in reversed(events(schedule, EventKind.RETURN))}
    early = [person for person, at in begun.items() if at < YEAR]
    long = sum(back.get(person, 9 * YEAR) - begun[person] > 53 * DAY for person in early)
    assert stats.binomtest(long, len(early), 0.5).pvalue > ALPHA


def test_a_tenth_of_the_joiners_have_been_here_before() -> None:
    _, schedule = lives(size=SIZE, calendar="uniform", bulk=(), rehires=RehirePlan(), contract=None, joining=None,
                        contractors=0, joiners=0.5)  # fmt: skip
    back = schedule.count(EventKind.REHIRE) + len(events(schedule, EventKind.JOINER, reason=Reason.FORMER))
    total = schedule.count(EventKind.REHIRE) + schedule.count(EventKind.JOINER)
    assert stats.binomtest(back, total, 0.10).pvalue > ALPHA


def test_promotions_and_secondments_happen_as_often_as_asked() -> None:
    _, schedule = lives(
        size=SIZE, calendar="uniform", leavers=0, joiners=0, bulk=(), rehires=None, contract=None, absences=None,
        movers=0, moving=MovingPlan(promotions=0.08, secondments=0.001),
    )  # fmt: skip
    poisson(len(events(schedule, EventKind.MOVER, reason=Reason.PROMOTION)), 0.08 * 16_400)
    poisson(len(events(schedule, EventKind.MOVER, reason=Reason.SECONDMENT)), 0.001 * 16_400)


def test_what_hr_knows_ahead_on_the_day_and_late_is_shared_as_asked() -> None:
    """70, 20 and 10 % of those who leave by choice; the late notices are lognormal with a mean of four days."""
    _, schedule = lives(size=SIZE, calendar="uniform", bulk=(), hr=HrPlan(), leaving=LeavingPlan(0, 0, 0), leavers=0.5)
    rows = schedule.kind == EventKind.LEAVER
    early = (schedule.known_at - schedule.at)[rows]
    agrees([int((early == -14 * DAY).sum()), int((early == 0).sum()), int((early > 0).sum())], [0.70, 0.20, 0.10])
    late = early[early > 0]
    sigma = math.sqrt(2 * math.log(2))
    assert stats.kstest(late / DAY, stats.lognorm(sigma, scale=2).cdf).pvalue > ALPHA
    assert abs(float(LATENESS.mean()) / DAY - 4) < 0.1
    directory = (schedule.directory_at - schedule.at)[rows]
    assert (directory >= 0).all()
