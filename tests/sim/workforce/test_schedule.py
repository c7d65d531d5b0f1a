from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mockservices.clock import Millis
from sim.randomness import Streams
from sim.time import DAY, HOUR
from sim.workforce.people import People
from sim.workforce.plan import Employment, EventKind, LagPlan, WorkforceError, WorkforcePlan
from sim.workforce.schedule import Schedule, build
from sim.workforce.tables import YEAR, contract_lengths

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
ALPHA_Z = 3.9
"""Two-sided z at 1e-4: with fixed seeds a test that passes once always passes."""

PLAN = WorkforcePlan(
    size=2_000,
    domain="contoso.com",
    departments=(("Engineering", 4), ("Sales", 3), ("Finance", 2), ("IT", 1)),
)
HELLO = replace(
    PLAN,
    size=20,
    counts={EventKind.JOINER: 3, EventKind.MOVER: 4, EventKind.LEAVER: 3, EventKind.CONTRACTOR_EXPIRY: 2},
)


def made(plan: WorkforcePlan, horizon: int = YEAR, seed: int = 13) -> tuple[People, Schedule]:
    return build(plan, START, horizon, Streams(seed))


FOUR = (EventKind.JOINER, EventKind.MOVER, EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY)


def rows(schedule: Schedule, kind: EventKind, below: int = 1 << 31) -> list[tuple[int, int]]:
    """The (time, person) of all events of a kind that concern people with a row number below this."""
    mask = (schedule.kind == kind) & (schedule.person < below)
    return list(zip(schedule.at[mask].tolist(), schedule.person[mask].tolist(), strict=True))


def departments(facts: NDArray[np.int32]) -> NDArray[np.int64]:
    """Which department each of these combinations of facts is about."""
    return facts.astype(np.int64) // len(Employment)


def employments(facts: NDArray[np.int32]) -> NDArray[np.int64]:
    """Which employment each of these combinations of facts is about."""
    return facts.astype(np.int64) % len(Employment)


def assert_sound(people: People, schedule: Schedule, horizon: int, lag: LagPlan) -> None:
    """What holds for every schedule, event by event and person by person."""
    keys = list(zip(schedule.at.tolist(), schedule.kind.tolist(), schedule.person.tolist(), strict=True))
    assert keys == sorted(keys)
    assert all(0 <= at < horizon for at, _, _ in keys)
    assert (schedule.directory_at >= schedule.at + lag.low).all()
    department = departments(people.facts).tolist()
    goes_to = departments(schedule.facts).tolist()
    last_at = [-1] * len(people)
    last_directory_at = [-1] * len(people)
    here = [row < people.size for row in range(len(people))]
    gone = [False] * len(people)
    for row, (at, kind, person) in enumerate(keys):
        assert at > last_at[person]
        assert schedule.directory_at[row] > last_directory_at[person]
        last_at[person], last_directory_at[person] = at, int(schedule.directory_at[row])
        assert not gone[person]
        assert here[person] is (kind != EventKind.JOINER)
        contractor = people.facts_of(person).employment == "contractor"
        if kind == EventKind.JOINER:
            here[person] = True
            assert at == people.joined_at[person]
        elif kind == EventKind.MOVER:
            assert not contractor
            assert goes_to[row] != department[person]
            department[person] = goes_to[row]
        else:
            assert contractor is (kind == EventKind.CONTRACTOR_EXPIRY)
            gone[person] = True
        assert goes_to[row] == department[person]
    assert all(here)
    assert (people.joined_at[: people.size] < 0).all()
    assert (np.diff(people.joined_at[people.size :]) >= 0).all()


PLANS: dict[str, Any] = {
    "size": st.integers(0, 40),
    "domain": st.just("contoso.com"),
    "departments": st.sampled_from([(("A", 1.0),), (("A", 1.0), ("B", 0.1)), (("A", 3.0), ("B", 2.0), ("C", 0.001))]),
    "contractors": st.floats(0, 1),
    "calendar": st.sampled_from(["uniform", "working_hours"]),
    "contract_mean": st.sampled_from([1, 1_000, DAY, YEAR // 2, 5 * YEAR]).map(Millis),
    "hr_lag": st.tuples(st.integers(0, DAY), st.sampled_from([0, 1, HOUR, 10 * DAY])).map(
        lambda ends: LagPlan(Millis(ends[0]), Millis(ends[0] + ends[1]))
    ),
}
RATES = st.sampled_from([0.0, 0.17, 3.0, 40.0])
HORIZONS = st.sampled_from([0, 1, 50, HOUR, 3 * DAY, 60 * DAY])


@given(st.builds(WorkforcePlan, **PLANS, joiners=RATES, leavers=RATES, movers=RATES), HORIZONS, st.integers(0, 2**64))
def test_nobody_has_an_event_outside_their_employment(plan: WorkforcePlan, horizon: int, seed: int) -> None:
    people, schedule = build(plan, START, horizon, Streams(seed))
    assert_sound(people, schedule, horizon, plan.hr_lag)


@pytest.mark.parametrize("calendar", ["uniform", "working_hours"])
def test_a_crowded_instant_keeps_every_person_in_order(calendar: Any) -> None:
    """So many moves a year that within 200 ms several fall on one person, and some into the same millisecond."""
    plan = replace(PLAN, size=30, movers=3e9, leavers=1e8, joiners=1e8, calendar=calendar)
    people, schedule = build(plan, START, 200, Streams(1))
    assert schedule.count(EventKind.MOVER) > 200
    assert_sound(people, schedule, 200, plan.hr_lag)


def test_counted_moves_of_one_person_never_fall_into_one_millisecond() -> None:
    """Two people, 40 moves each, in 45 ms."""
    plan = replace(HELLO, size=2, contractors=0, counts={EventKind.MOVER: 80})
    people, schedule = build(plan, START, 45, Streams(1))
    assert schedule.count(EventKind.MOVER) == 80
    assert_sound(people, schedule, 45, plan.hr_lag)


@given(
    st.builds(WorkforcePlan, **PLANS),
    st.lists(st.integers(0, 30), min_size=4, max_size=4),
    HORIZONS,
    st.integers(0, 2**64),
)
def test_counts_are_kept_exactly_or_refused(plan: WorkforcePlan, numbers: list[int], horizon: int, seed: int) -> None:
    plan = replace(plan, counts=dict(zip(FOUR, numbers, strict=True)))
    try:
        people, schedule = build(plan, START, horizon, Streams(seed))
    except WorkforceError:
        return
    assert [schedule.count(kind) for kind in FOUR] == numbers
    assert_sound(people, schedule, horizon, plan.hr_lag)


@pytest.mark.parametrize("seed", range(20))
def test_a_small_story_has_all_four_kinds_on_different_people(seed: int) -> None:
    people, schedule = build(HELLO, START, 3 * DAY, Streams(seed))
    assert [schedule.count(kind) for kind in FOUR] == [3, 4, 3, 2]
    assert len(set(schedule.person.tolist())) == 12
    assert len(people) == 23


def test_a_kind_that_is_not_counted_does_not_happen() -> None:
    _, schedule = build(replace(HELLO, counts={EventKind.LEAVER: 2}), START, 3 * DAY, Streams(13))
    assert [schedule.count(kind) for kind in FOUR] == [0, 0, 2, 0]


def test_people_move_again_when_there_are_more_moves_than_people() -> None:
    plan = replace(HELLO, counts={EventKind.MOVER: 50, EventKind.LEAVER: 10})
    people, schedule = build(plan, START, 3 * DAY, Streams(13))
    movers = [person for _, person in rows(schedule, EventKind.MOVER)]
    assert sorted(np.bincount(movers)[np.bincount(movers) > 0].tolist()) == [8] * 4 + [9] * 2
    assert_sound(people, schedule, 3 * DAY, plan.hr_lag)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"counts": {EventKind.LEAVER: 17}}, "17 leavers are asked for, but there are 16 employees"),
        (
            {"counts": {EventKind.CONTRACTOR_EXPIRY: 21}},
            "21 contractor expiries are asked for, but there are 20 people",
        ),
        ({"counts": {EventKind.MOVER: 1}, "departments": (("A", 1.0),)}, "only one department"),
        ({"counts": {EventKind.MOVER: 1, EventKind.LEAVER: 16}}, "every employee leaves"),
        ({"counts": {EventKind.MOVER: -1}}, "0 or more"),
        ({"movers": -0.1}, "0 or more"),
        ({"leavers": math.inf}, "0 or more"),
        ({"joiners": math.nan}, "0 or more"),
        ({"size": -1}, "size from 0 to 9,000,000"),
        ({"size": 9_000_001}, "size from 0 to 9,000,000"),
        ({"contractors": 1.1}, "share of contractors"),
        ({"contract_mean": Millis(0)}, "contracts that last"),
        ({"departments": ()}, "1 to 256 departments"),
        ({"departments": (("A", 0.0),)}, "weight above 0"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_sentence(change: dict[str, Any], says: str) -> None:
    with pytest.raises(WorkforceError, match=says):
        build(replace(HELLO, **change), START, 3 * DAY, Streams(13))


def test_events_that_no_working_hour_can_hold_are_refused() -> None:
    saturday = START + timedelta(days=5)
    with pytest.raises(WorkforceError, match="no working hours"):
        build(replace(HELLO, calendar="working_hours"), saturday, DAY, Streams(13))


def test_a_run_does_not_end_before_it_starts() -> None:
    with pytest.raises(WorkforceError, match="0 or more"):
        build(HELLO, START, -1, Streams(13))


@pytest.mark.parametrize(("low", "high"), [(-1, 0), (2, 1)])
def test_a_lag_goes_from_low_to_high(low: int, high: int) -> None:
    with pytest.raises(WorkforceError, match="not shorter"):
        LagPlan(Millis(low), Millis(high))


# --- repeatable, kind by kind ---


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    people, schedule = made(PLAN)
    again, events_again = made(PLAN)
    other, other_events = made(PLAN, seed=14)
    assert (people.digest(), schedule.digest()) == (again.digest(), events_again.digest())
    assert people.digest() != other.digest()
    assert schedule.digest() != other_events.digest()


@pytest.mark.parametrize("column", ["at", "kind", "person", "facts", "reason", "value", "known_at", "directory_at"])
def test_one_changed_value_changes_the_digest(column: str) -> None:
    _, schedule = made(HELLO, 3 * DAY)
    before = schedule.digest()
    values = getattr(schedule, column).copy()
    values[5] += 1
    setattr(schedule, column, values)
    assert schedule.digest() != before


def test_more_moves_leave_everybody_elses_events_alone() -> None:
    people, schedule = made(PLAN)
    more, busier = made(replace(PLAN, movers=0.9))
    assert people.digest() == more.digest()
    for kind in (EventKind.JOINER, EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY):
        assert rows(schedule, kind) == rows(busier, kind)
    assert busier.count(EventKind.MOVER) > schedule.count(EventKind.MOVER)


def test_more_leavers_leave_joiners_and_contracts_alone_and_take_only_moves_away() -> None:
    people, schedule = made(PLAN)
    fewer, emptier = made(replace(PLAN, leavers=0.9))
    assert people.digest() == fewer.digest()
    for kind in (EventKind.JOINER, EventKind.CONTRACTOR_EXPIRY):
        assert rows(schedule, kind) == rows(emptier, kind)
    assert set(rows(emptier, EventKind.MOVER)) < set(rows(schedule, EventKind.MOVER))


def test_more_joiners_leave_the_initial_people_alone() -> None:
    people, schedule = made(PLAN)
    more, fuller = made(replace(PLAN, joiners=0.9))
    assert len(more) > len(people)
    for kind in (EventKind.MOVER, EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY):
        assert rows(schedule, kind, below=PLAN.size) == rows(fuller, kind, below=PLAN.size)
    names = [person.user_principal_name(row) for person in (people, more) for row in range(PLAN.size)]
    assert names[: PLAN.size] == names[PLAN.size :]


def test_more_contractors_take_events_only_from_those_who_are_no_employees_any_more() -> None:
    people, schedule = made(PLAN)
    other, changed = made(replace(PLAN, contractors=0.4, contract_mean=Millis(90 * DAY)))
    assert set(np.flatnonzero(employments(people.facts)[: PLAN.size])) < set(
        np.flatnonzero(employments(other.facts)[: PLAN.size])
    )
    for kind in (EventKind.MOVER, EventKind.LEAVER):
        kept = [(at, who) for at, who in rows(schedule, kind, PLAN.size) if not employments(other.facts)[who]]
        assert rows(changed, kind, PLAN.size) == kept


def test_a_lag_moves_the_directory_and_nothing_else() -> None:
    people, schedule = made(PLAN)
    same, late = made(replace(PLAN, hr_lag=LagPlan(Millis(HOUR), Millis(2 * DAY))))
    assert people.digest() == same.digest()
    assert (schedule.at == late.at).all()
    assert (schedule.directory_at == schedule.at).all()


SCRIPT = """
from datetime import UTC, datetime
from sim.randomness import Streams
from sim.workforce.plan import EventKind, LagPlan, WorkforcePlan
from sim.workforce.schedule import build
for calendar in ("uniform", "working_hours"):
    for counts in (None, dict.fromkeys(list(EventKind)[:4], 40)):
        plan = WorkforcePlan(
            size=2_000, domain="contoso.com", departments=(("A", 0.7), ("B", 0.2), ("C", 0.1)), counts=counts,
            calendar=calendar, hr_lag=LagPlan(5, 90_000_000),
        )
        people, schedule = build(plan, datetime(2026, 3, 4, 12, tzinfo=UTC), 90 * 86_400_000, Streams(13))
        print(people.digest(), schedule.digest())
"""


def digests(**environment: str) -> str:
    """What another process makes of the same plans, with warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def test_the_same_world_comes_out_whatever_the_hash_seed_and_the_processors_features() -> None:
    plain = digests(PYTHONHASHSEED="0")
    assert len(set(plain.split())) == 8
    assert digests(PYTHONHASHSEED="1") == plain
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    assert digests(NPY_DISABLE_CPU_FEATURES=" ".join(found), PYTHONHASHSEED="random") == plain


# --- as many as the rates say ---


@pytest.fixture(scope="module")
def town() -> tuple[People, Schedule]:
    """20,000 people over a year: enough for rates to be told from each other."""
    return made(replace(PLAN, size=20_000))


def test_the_share_of_contractors_is_exact(town: tuple[People, Schedule]) -> None:
    assert np.count_nonzero(employments(town[0].facts)[:20_000]) == 3_600


def test_joiners_arrive_as_often_as_their_rate_says_and_evenly(town: tuple[People, Schedule]) -> None:
    """17 % of 20,000 a year are 3,400; a quarter of them in each quarter."""
    people, _ = town
    employees = employments(people.facts)[20_000:] == Employment.EMPLOYEE
    joined = people.joined_at[20_000:][employees]
    assert abs(len(joined) - 3_400) < ALPHA_Z * math.sqrt(3_400)
    for quarter in np.histogram(joined, bins=4, range=(0, YEAR))[0]:
        assert abs(quarter - 850) < ALPHA_Z * math.sqrt(850)


def test_employees_leave_as_often_as_their_rate_says(town: tuple[People, Schedule]) -> None:
    """Of 16,400 initial employees, each with hazard .17, the share that leaves within a year is 1 - exp(-.17)."""
    left = len(rows(town[1], EventKind.LEAVER, below=20_000))
    share = 1 - math.exp(-0.17)
    assert abs(left - 16_400 * share) < ALPHA_Z * math.sqrt(16_400 * share * (1 - share))


def test_newcomers_leave_more_often_in_their_first_year(town: tuple[People, Schedule]) -> None:
    """Hazard .27; joined evenly over the year, so the share that leaves in it is 1 - (1 - exp(-.27)) / .27."""
    people, schedule = town
    left = schedule.count(EventKind.LEAVER) - len(rows(schedule, EventKind.LEAVER, below=20_000))
    joined = int(np.count_nonzero(employments(people.facts)[20_000:] == Employment.EMPLOYEE))
    share = 1 - (1 - math.exp(-0.27)) / 0.27
    assert abs(left - joined * share) < ALPHA_Z * math.sqrt(joined * share * (1 - share))


def test_newcomers_leave_like_others_after_their_first_year() -> None:
    """Over three years: of those who stay for a year, as many leave in the second as the rate says."""
    people, schedule = made(replace(PLAN, size=20_000, contractors=0), 3 * YEAR)
    joined = people.joined_at
    early = np.flatnonzero((joined >= 0) & (joined < YEAR))
    left = {person: at for at, person in rows(schedule, EventKind.LEAVER)}
    tenure = np.array([left.get(row, 9 * YEAR) - int(joined[row]) for row in early.tolist()])
    stayed = int(np.count_nonzero(tenure >= YEAR))
    share = 1 - math.exp(-0.17)
    second = int(np.count_nonzero((tenure >= YEAR) & (tenure < 2 * YEAR)))
    assert abs(second - stayed * share) < ALPHA_Z * math.sqrt(stayed * share * (1 - share))


def test_people_move_as_often_as_their_rate_says(town: tuple[People, Schedule]) -> None:
    """The expected number is the rate times the time that employees were there."""
    people, schedule = town
    end = np.full(len(people), YEAR)
    for at, person in rows(schedule, EventKind.LEAVER):
        end[person] = at
    there = (end - np.maximum(people.joined_at, 0))[employments(people.facts) == Employment.EMPLOYEE].sum()
    expected = 0.12 * there / YEAR
    assert abs(schedule.count(EventKind.MOVER) - expected) < ALPHA_Z * math.sqrt(expected)


def test_nobody_leaves_where_nobody_is_to_leave() -> None:
    _, schedule = made(replace(PLAN, leavers=0, movers=0, joiners=0, contractors=0))
    assert len(schedule) == 0


def test_with_one_department_nobody_moves() -> None:
    assert made(replace(PLAN, departments=(("All", 1.0),)))[1].count(EventKind.MOVER) == 0


def test_contracts_end_as_often_as_their_mean_length_says(town: tuple[People, Schedule]) -> None:
    """In the first month, before any successor's contract matters: 3,600 contracts of six months end evenly."""
    ended = [at for at, _ in rows(town[1], EventKind.CONTRACTOR_EXPIRY, below=20_000) if at < 30 * DAY]
    expected = 3_600 * 30 * DAY / float(contract_lengths(PLAN.contract_mean).mean())
    assert abs(len(ended) - expected) < ALPHA_Z * math.sqrt(expected)


def test_a_contractor_who_is_gone_is_replaced_within_two_to_eight_days_in_the_same_department() -> None:
    plan = replace(PLAN, size=1, contractors=1, contract_mean=Millis(20 * DAY), joiners=0)
    people, schedule = made(plan)
    assert len(people) > 5
    assert len(set(departments(people.facts).tolist())) == 1
    ends = {person: at for at, person in rows(schedule, EventKind.CONTRACTOR_EXPIRY)}
    for row in range(1, len(people)):
        assert 2 * DAY <= int(people.joined_at[row]) - ends[row - 1] <= 8 * DAY


def test_the_number_of_contractors_stays_about_the_same(town: tuple[People, Schedule]) -> None:
    """At every month's end all places are filled but those that wait five days on average for a successor."""
    people, schedule = town
    contractors = employments(people.facts) == Employment.CONTRACTOR
    end = np.full(len(people), 2 * YEAR)
    for at, person in rows(schedule, EventKind.CONTRACTOR_EXPIRY):
        end[person] = at
    filled = 182.5 / (182.5 + 5)
    for month in range(1, 12):
        now = month * 30 * DAY
        there = np.count_nonzero(contractors & (people.joined_at <= now) & (end > now))
        assert abs(there - 3_600 * filled) < 5 * math.sqrt(3_600 * filled * (1 - filled))


def test_in_working_hours_everything_happens_from_monday_to_friday_between_8_and_18() -> None:
    _, schedule = made(replace(PLAN, calendar="working_hours"), 90 * DAY)
    instants = [START + timedelta(milliseconds=at) for at in schedule.at.tolist()]
    assert len(instants) > 500
    assert all(instant.weekday() < 5 and 8 <= instant.hour < 18 for instant in instants)
    by_hour = np.bincount([instant.hour for instant in instants], minlength=24)[8:18]
    mean = len(instants) / 10
    assert (abs(by_hour - mean) < ALPHA_Z * math.sqrt(mean)).all()


def test_working_hours_keep_the_rates_over_whole_weeks() -> None:
    plan = replace(PLAN, size=20_000, calendar="working_hours", contractors=0)
    people, _ = made(plan, 52 * 7 * DAY)
    expected = 3_400 * 364 / 365
    assert abs(len(people) - 20_000 - expected) < ALPHA_Z * math.sqrt(expected)


# --- HR's lag ---


def test_a_constant_lag_is_the_same_for_all() -> None:
    _, schedule = made(replace(PLAN, hr_lag=LagPlan(Millis(HOUR), Millis(HOUR))))
    assert (schedule.directory_at - schedule.at == HOUR).all()


def test_a_lag_is_drawn_evenly_between_its_ends() -> None:
    _, schedule = made(replace(PLAN, size=20_000, hr_lag=LagPlan(Millis(HOUR), Millis(3 * HOUR))))
    lag = schedule.directory_at - schedule.at
    assert lag.min() >= HOUR
    assert abs(lag.mean() - 2 * HOUR) < ALPHA_Z * 2 * HOUR / math.sqrt(12 * len(lag)) + 1
    assert np.count_nonzero(lag > 3 * HOUR) < len(lag) / 1_000


def test_hr_reports_a_persons_events_in_their_order() -> None:
    """With a lag of up to a year, many a leaver would be reported before having joined."""
    people, schedule = made(replace(PLAN, hr_lag=LagPlan(Millis(0), YEAR)))
    order = schedule.directory_order()
    assert (np.diff(schedule.directory_at[order]) >= 0).all()
    seen = [-1] * len(people)
    for row in order.tolist():
        person = int(schedule.person[row])
        assert schedule.at[row] > seen[person]
        seen[person] = int(schedule.at[row])


def test_an_event_takes_42_bytes() -> None:
    _, schedule = made(HELLO, 3 * DAY)
    assert schedule.nbytes == 42 * len(schedule) == 42 * 12


def test_nothing_changes_a_schedule() -> None:
    with pytest.raises(ValueError, match="read-only"):
        made(HELLO, 3 * DAY)[1].at[0] = 1
