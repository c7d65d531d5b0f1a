from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockservices.clock import Millis
from sim.randomness import Streams
from sim.time import DAY, HOUR
from sim.workforce.life import (
    AbsencePlan,
    BulkPlan,
    ContractPlan,
    HrPlan,
    JoiningPlan,
    LeavingPlan,
    MovingPlan,
    RehirePlan,
    WorkforceError,
)
from sim.workforce.people import People
from sim.workforce.plan import NEVER, Employment, EventKind, Reason
from sim.workforce.schedule import Schedule, build
from tests.sim.workforce.lives import EVERYTHING, START, assert_lives_are_sound, events, lives

Lives = tuple[People, Schedule]
YEAR = 365 * DAY
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def town() -> Lives:
    """A year of everything in a town of 2,000."""
    return lives()


SIZES: dict[str, Any] = {
    "size": st.integers(0, 60),
    "contractors": st.floats(0, 1),
    "joiners": st.sampled_from([0.0, 0.2, 5.0]),
    "leavers": st.sampled_from([0.0, 0.2, 5.0]),
    "movers": st.sampled_from([0.0, 5.0]),
    "contract_mean": st.sampled_from([Millis(1), Millis(20 * DAY), Millis(180 * DAY)]),
    "calendar": st.sampled_from(["uniform", "working_hours", "corporate"]),
    "absences": st.sampled_from([None, AbsencePlan(9.0)]),
    "moving": st.sampled_from([None, MovingPlan(3, 3, 9, cascades=True)]),
    "rehires": st.sampled_from([None, RehirePlan(0.9, 0.5)]),
    "contract": st.sampled_from([None, ContractPlan(), ContractPlan(0.9, 0.9, 0.1)]),
    "hr": st.sampled_from([None, HrPlan(outside=0.5), HrPlan(feed=Millis(HOUR), workflow=Millis(3 * HOUR))]),
}


@settings(max_examples=60)
@given(st.fixed_dictionaries(SIZES), st.sampled_from([1, 3 * DAY, 200 * DAY, 800 * DAY]), st.integers(0, 2**32))
def test_whatever_is_asked_everybody_comes_before_they_go(change: dict[str, Any], horizon: int, seed: int) -> None:
    assert_lives_are_sound(*lives(horizon, seed, **change), horizon)


def test_a_year_of_everything_has_every_kind(town: Lives) -> None:
    people, schedule = town
    assert_lives_are_sound(people, schedule, YEAR)
    assert all(schedule.count(kind) > 0 for kind in EventKind)
    assert {Reason(reason) for reason in schedule.reason.tolist()} == set(Reason)


# --- one kind leaves the others' draws alone ---


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ({"absences": None}, (EventKind.LEAVER, EventKind.JOINER, EventKind.CONTRACTOR_EXPIRY, EventKind.NAME_CHANGE)),
        ({"name_changes": 0}, (EventKind.LEAVER, EventKind.JOINER, EventKind.ABSENCE, EventKind.MOVER)),
        ({"contract": None}, (EventKind.LEAVER, EventKind.ABSENCE, EventKind.MOVER)),
        ({"leaving": None}, (EventKind.CONTRACTOR_EXPIRY, EventKind.CONTRACT_EXTENSION, EventKind.JOINER)),
        ({"hr": None}, tuple(EventKind)),
        ({"joining": JoiningPlan(Millis(0), 0.02)}, tuple(EventKind)),
        ({"movers": 0.5}, (EventKind.LEAVER, EventKind.JOINER, EventKind.CONTRACTOR_EXPIRY, EventKind.NO_SHOW)),
    ],
)
def test_another_setting_for_one_kind_leaves_the_others_alone(change: dict[str, Any], kinds: tuple[EventKind]) -> None:
    """Of those who are there at the start; later rows are numbered in the order of joining."""
    plain: dict[str, Any] = {
        "bulk": (),
        "rehires": None,
        "moving": MovingPlan(0.08),
        "contract": ContractPlan(converted=0),
    }
    _, before = lives(**plain)
    _, after = lives(**(plain | change))
    for kind in kinds:
        assert events(before, kind, below=2_000) == events(after, kind, below=2_000)


def test_a_bulk_event_draws_nothing_that_anything_else_draws() -> None:
    """Without the layoff the same people leave, and besides those who had been laid off."""
    layoff = BulkPlan("layoff", Millis(200 * DAY), share=0.05)
    _, quiet = lives(bulk=(), rehires=None)
    _, hard = lives(bulk=(layoff,), rehires=None)
    laid_off = {person for _, person in events(hard, EventKind.LEAVER, reason=Reason.LAYOFF)}
    left = {(at, person) for at, person in events(quiet, EventKind.LEAVER) if person not in laid_off}
    assert left == {(at, person) for at, person in events(hard, EventKind.LEAVER) if person not in laid_off}
    assert len(laid_off) > 50


# --- what single kinds do ---


def test_no_shows_are_expected_on_the_day_and_never_do_anything_else() -> None:
    _, schedule = lives(size=20_000)
    absent = events(schedule, EventKind.NO_SHOW)
    assert len(absent) > 20
    for at, person in absent:
        rows = np.flatnonzero(schedule.person == person)
        assert [EventKind(kind) for kind in schedule.kind[rows]] == [EventKind.JOINER, EventKind.NO_SHOW]
        assert schedule.at[rows].tolist() == [at, at]
        assert schedule.directory_at[rows[0]] <= at <= schedule.known_at[rows[1]] <= schedule.directory_at[rows[1]]


def test_a_seconded_person_comes_back_to_what_they_were(town: Lives) -> None:
    people, schedule = town
    order = np.lexsort((schedule.at, schedule.person))
    facts = dict(enumerate(people.facts.tolist()))
    home: dict[int, int] = {}
    back = 0
    for row in order.tolist():
        person, now = int(schedule.person[row]), int(schedule.facts[row])
        if schedule.reason[row] == Reason.SECONDMENT:
            assert people.combinations[now].department != people.combinations[facts[person]].department
            home[person] = facts[person]
        elif schedule.reason[row] == Reason.SECONDMENT_ENDS:
            assert now == home[person]
            back += 1
        facts[person] = now
    assert back > 20


def test_promotions_climb_the_departments_own_ladder(town: Lives) -> None:
    people, schedule = town
    ladder = ["Engineer", "Senior", "Lead"]
    facts = dict(enumerate(people.facts.tolist()))
    climbed: Counter[tuple[str | None, str | None]] = Counter()
    for row in np.lexsort((schedule.at, schedule.person)).tolist():
        person, now = int(schedule.person[row]), int(schedule.facts[row])
        before, after = people.combinations[facts[person]], people.combinations[now]
        if schedule.reason[row] == Reason.PROMOTION and before.department == "Engineering":
            assert (before.department, before.location, before.employment) == (
                after.department,
                after.location,
                after.employment,
            )
            climbed[(before.role, after.role)] += 1
        facts[person] = now
    assert set(climbed) == {(ladder[0], ladder[1]), (ladder[1], ladder[2]), (ladder[2], ladder[2])}


def test_a_converted_contractor_is_an_employee_from_then_on(town: Lives) -> None:
    people, schedule = town
    converted = {person: at for at, person in events(schedule, EventKind.CONVERSION)}
    assert len(converted) > 10
    for row in range(len(schedule)):
        person = int(schedule.person[row])
        if person in converted:
            employee = people.combinations[int(schedule.facts[row])].employment == "employee"
            assert employee is (int(schedule.at[row]) >= converted[person])
            assert people.combinations[int(people.facts[person])].employment == "contractor"


def test_contracts_are_extended_in_time_or_lapse_first_and_never_pass_the_cap() -> None:
    cap = 400 * DAY
    people, schedule = lives(2 * YEAR, contract=ContractPlan(extended=0.9, cap=Millis(cap)), bulk=())
    lapsed: dict[int, int] = {}
    for row in np.lexsort((schedule.at, schedule.person)).tolist():
        person, kind, at = int(schedule.person[row]), int(schedule.kind[row]), int(schedule.at[row])
        if kind in (EventKind.CONTRACT_EXTENSION, EventKind.CONTRACT_RESTORED):
            assert schedule.value[row] > at
            assert schedule.value[row] - people.joined_at[person] <= cap + DAY
        if kind == EventKind.CONTRACTOR_EXPIRY:
            lapsed[person] = at
        elif kind == EventKind.CONTRACT_RESTORED:
            assert at > lapsed[person]


def test_what_a_joiners_contract_says_is_when_it_ends_if_nothing_is_extended() -> None:
    _, schedule = lives(contract=None, bulk=())
    ends = {person: at for at, person in events(schedule, EventKind.CONTRACTOR_EXPIRY)}
    joined = np.flatnonzero((schedule.kind == EventKind.JOINER) & (schedule.value > 0))
    for row in joined.tolist():
        end, person = int(schedule.value[row]), int(schedule.person[row])
        assert ends.get(person, end) == end
        assert (end < YEAR) is (person in ends)


def test_whoever_goes_from_a_managers_post_leaves_reports_who_get_another_at_that_instant(town: Lives) -> None:
    people, schedule = town
    assert people.manager is not None
    gone = {*events(schedule, EventKind.MOVER), *events(schedule, EventKind.LEAVER)}
    rows = np.flatnonzero(schedule.reason == Reason.CASCADE)
    assert len(rows) > 50
    for row in rows.tolist():
        person = int(schedule.person[row])
        assert schedule.kind[row] == EventKind.MANAGER_CHANGE
        assert (int(schedule.at[row]), int(people.manager[person])) in gone
        assert schedule.value[row] not in (person, people.manager[person])


def test_rehires_are_leavers_of_the_run_or_come_from_before_it() -> None:
    _, schedule = lives(4 * YEAR, rehires=RehirePlan(0.5, 0.3), bulk=())
    left = {person: at for at, person in reversed(events(schedule, EventKind.LEAVER))}
    back = events(schedule, EventKind.REHIRE)
    assert len(back) > 50
    assert all(left[person] < at for at, person in back)
    fresh = schedule.value[schedule.kind == EventKind.REHIRE]
    assert 0.15 < fresh.mean() < 0.45
    assert len(events(schedule, EventKind.JOINER, reason=Reason.FORMER)) > 50


def test_the_dead_and_the_retired_do_not_come_back() -> None:
    _, schedule = lives(4 * YEAR, rehires=RehirePlan(0.9), leaving=LeavingPlan(0, 0.5, 0.5), bulk=())
    assert schedule.count(EventKind.REHIRE) == 0


# --- many at once ---


def test_an_intern_cohort_comes_on_one_day_and_is_gone_twelve_weeks_later() -> None:
    _, schedule = lives(bulk=(BulkPlan("cohort", Millis(91 * DAY), people=30),))
    came = events(schedule, EventKind.JOINER, reason=Reason.COHORT)
    went = events(schedule, EventKind.LEAVER, reason=Reason.COHORT)
    assert [at for at, _ in came] == [91 * DAY] * 30
    assert sorted(person for _, person in came) == sorted(person for _, person in went)
    assert {at // DAY for at, _ in went} == {91 + 84}


def test_a_layoff_ends_the_stay_of_a_share_of_the_employees_within_the_morning() -> None:
    """Everybody else's leaving is switched off: 5 % of 1,640 employees are 82."""
    at = 100 * DAY
    plan = (BulkPlan("layoff", Millis(at), share=0.05, over=Millis(3 * HOUR)),)
    _, schedule = lives(bulk=plan, leavers=0, joiners=0, rehires=None, contract=None)
    gone = events(schedule, EventKind.LEAVER)
    assert len(gone) == 82
    assert all(at <= when <= at + 3 * HOUR for when, _ in gone)
    assert set(schedule.reason[schedule.kind == EventKind.LEAVER].tolist()) == {Reason.LAYOFF}


def test_a_reorganisation_moves_a_tenth_in_one_night() -> None:
    at = 100 * DAY
    plan = (BulkPlan("reorganisation", Millis(at), share=0.1, over=Millis(8 * HOUR)),)
    _, schedule = lives(bulk=plan, leavers=0, joiners=0, rehires=None, contract=None, moving=None, absences=None)
    moved = events(schedule, EventKind.MOVER, reason=Reason.REORGANISATION)
    assert len(moved) == 164
    assert all(at <= when <= at + 8 * HOUR for when, _ in moved)


def test_the_acquired_come_with_their_own_domain_and_get_the_companys_later() -> None:
    bulk = BulkPlan(
        "acquisition", Millis(10 * DAY), people=50, over=Millis(2 * DAY), after=Millis(60 * DAY), domain="b.example"
    )
    people, schedule = lives(bulk=(bulk,), leavers=0)
    came = events(schedule, EventKind.JOINER, reason=Reason.ACQUISITION)
    renamed = events(schedule, EventKind.NAME_CHANGE, reason=Reason.ACQUISITION)
    assert len(came) == len(renamed) == 50
    assert all(10 * DAY <= at <= 12 * DAY for at, _ in came)
    assert {at for at, _ in renamed} == {72 * DAY}
    assert people.domains == ("contoso.example", "b.example")
    assert people.domain_of is not None
    assert set(people.domain_of[[person for _, person in came]].tolist()) == {1}
    assert set(schedule.value[schedule.reason == Reason.ACQUISITION].tolist()) == {0}


# --- HR ---


def test_a_pre_hires_account_is_made_before_the_day() -> None:
    _, schedule = lives(hr=None, joining=JoiningPlan(Millis(5 * DAY)))
    joiners = schedule.kind == EventKind.JOINER
    early = schedule.at[joiners] - schedule.directory_at[joiners]
    assert (early == np.minimum(5 * DAY, schedule.at[joiners])).all()


def test_workflows_never_run_before_the_day_and_only_every_three_hours() -> None:
    _, schedule = lives(hr=HrPlan(same_day=0, late=0, workflow=Millis(3 * HOUR)), joining=None)
    rows = (schedule.kind == EventKind.LEAVER) & (schedule.reason == Reason.VOLUNTARY)
    waited = schedule.directory_at[rows] - schedule.at[rows]
    assert (waited >= 0).all()
    assert (waited < 3 * HOUR).all()
    assert len(set((schedule.directory_at[rows] % (3 * HOUR)).tolist())) == 1


def test_of_a_contractor_outside_hr_the_directory_never_hears() -> None:
    _, schedule = lives(hr=HrPlan(outside=1, outside_how="never"))
    ends = schedule.kind == EventKind.CONTRACTOR_EXPIRY
    assert (schedule.directory_at[ends] == NEVER).all()
    assert (schedule.directory_at[~ends] < NEVER).all()


def test_a_quarterly_attestation_finds_expired_contractors_a_quarter_later_at_most() -> None:
    plan = HrPlan(outside=1, outside_how="attestation", outside_every=Millis(91 * DAY))
    _, schedule = lives(hr=plan, contract=None)
    ends = schedule.kind == EventKind.CONTRACTOR_EXPIRY
    waited = schedule.directory_at[ends] - schedule.at[ends]
    assert ((waited >= 0) & (waited < 91 * DAY)).all()
    assert len(set((schedule.directory_at[ends] // DAY).tolist())) <= 5


def test_a_nightly_script_finds_them_at_two_in_the_morning() -> None:
    """On the clocks of London, which are those of UTC in winter."""
    plan = HrPlan(outside=1, outside_how="nightly_script")
    people, schedule = lives(20 * DAY, hr=plan, contract=None)
    ends = np.flatnonzero(schedule.kind == EventKind.CONTRACTOR_EXPIRY)
    london = [row for row in ends if people.combinations[int(people.facts[schedule.person[row]])].location == "London"]
    assert len(london) > 3
    assert {(int(schedule.directory_at[row]) + 8 * HOUR) % DAY for row in london} == {2 * HOUR}


# --- refusals ---


@pytest.mark.parametrize(
    ("kind", "settings", "says"),
    [
        (LeavingPlan, (0.9, 0.2, 0), "reasons of leaving"),
        (ContractPlan, (0.9, 0.1, 0.2), "extensions and conversions"),
        (MovingPlan, (-1,), "0 or more"),
        (AbsencePlan, (-1,), "0 or more"),
        (JoiningPlan, (Millis(-1), 0), "0 or more"),
        (BulkPlan, ("layoff", Millis(0), 1.5), "bulk events"),
        (HrPlan, (0.7, 0.7), "on the day or late"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(kind: Any, settings: tuple[Any, ...], says: str) -> None:
    with pytest.raises(WorkforceError, match=says):
        kind(*settings)


def test_only_four_kinds_can_be_counted() -> None:
    plan = replace(EVERYTHING, counts={EventKind.ABSENCE: 3})
    with pytest.raises(WorkforceError, match="absence events cannot be counted"):
        build(plan, START, YEAR, Streams(1))


def test_the_same_seed_gives_the_same_year(town: Lives) -> None:
    assert lives()[1].digest() == town[1].digest()
    assert lives(seed=14)[1].digest() != town[1].digest()
    assert (town[0].facts % len(Employment) < 2).all()


def test_the_same_year_comes_out_whatever_the_hash_seed_and_the_processors_features(town: Lives) -> None:
    code = (
        "from tests.sim.workforce.lives import lives; people, events = lives(); print(people.digest(), events.digest())"
    )
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    features = {"NPY_DISABLE_CPU_FEATURES": " ".join(found), "PYTHONHASHSEED": "random"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | features, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout.split() == [town[0].digest(), town[1].digest()]
