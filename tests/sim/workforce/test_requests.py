"""Requests are drawn for whoever is there and has the facts, at the rate that is asked for, and disturb nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mockservices.clock import Millis
from sim.access.policy import matches
from sim.randomness import Streams
from sim.scenario.access import AccessRequest
from sim.scenario.fields import Distribution
from sim.time import DAY, HOUR
from sim.workforce.people import People
from sim.workforce.plan import EventKind, WorkforcePlan
from sim.workforce.requests import RequestSchedule, draw_requests, facts_at
from sim.workforce.schedule import Schedule, build
from sim.workforce.tables import YEAR

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
PLAN = WorkforcePlan(
    size=2_000, domain="contoso.example", departments=(("Engineering", 3.0), ("Sales", 1.0)), joiners=0.5, movers=0.9
)


def rule(**more: Any) -> AccessRequest:
    """A rule as a scenario gives it: everybody asks for Sudo twice a year."""
    lasts = Distribution(Millis(30 * DAY), Millis(90 * DAY))
    return AccessRequest(**{"group": "Sudo", "rate": 2.0, "lasts": lasts, "forgotten": 0.25, **more})


def company(seed: int = 1) -> tuple[People, Schedule, Streams]:
    streams = Streams(seed)
    return *build(PLAN, MONDAY, YEAR, streams), streams


def requests(*rules: AccessRequest, seed: int = 1) -> RequestSchedule:
    people, schedule, streams = company(seed)
    return draw_requests(rules, people, schedule, MONDAY, YEAR, streams)


@pytest.fixture(scope="module")
def drawn() -> RequestSchedule:
    return requests(rule(department="Engineering"), rule(group="Lab", employment="contractor", rate=8.0))


def test_only_who_is_there_with_the_facts_asks(drawn: RequestSchedule) -> None:
    """Brute force: each person's events one after the other, up to the time of the request."""
    people, schedule, _ = company()
    rules = (rule(department="Engineering"), rule(group="Lab", employment="contractor"))
    events: dict[int, list[tuple[int, int, int]]] = {}
    columns = (schedule.person.tolist(), schedule.at.tolist(), schedule.kind.tolist(), schedule.facts.tolist())
    for person, at, kind, facts in zip(*columns, strict=True):
        events.setdefault(person, []).append((at, kind, facts))
    gone = {EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY}
    for at, person, which in zip(drawn.at.tolist(), drawn.person.tolist(), drawn.rule.tolist(), strict=True):
        facts, there = int(people.facts[person]), person < people.size
        for when, kind, then in events.get(person, ()):
            if when <= at:
                facts, there = then, kind not in gone
        assert there
        assert matches(rules[which], people.combinations[facts])


def test_what_holds_at_a_time_is_what_the_latest_event_says() -> None:
    """Person 0 is there from the start with facts 0, moves to facts 1 at 10, and leaves at 20; person 2 joins at 15."""
    people, _, _ = company()
    two = replace_people(people)
    schedule = Schedule(
        at=np.array([10, 15, 20]),
        kind=np.array([EventKind.MOVER, EventKind.JOINER, EventKind.LEAVER]),
        person=np.array([0, 2, 0]),
        facts=np.array([1, 0, 1]),
        directory_at=np.array([10, 15, 20]),
    )
    who = np.array([0, 0, 0, 0, 1, 2, 2])
    when = np.array([9, 10, 19, 20, 99, 14, 15])
    facts, there = facts_at(two, schedule, who, when)
    assert facts.tolist() == [0, 1, 1, 1, 0, 0, 0]
    assert there.tolist() == [True, True, True, False, True, False, True]


def replace_people(people: People) -> People:
    """Two people who are there at the start, and one who joins; all with the first combination of facts."""
    nobody = np.zeros(3, dtype=np.int64)
    return People(
        size=2,
        domains=people.domains,
        combinations=people.combinations,
        pools=people.pools,
        given=nobody,
        family=nobody,
        facts=nobody,
        joined_at=np.array([-1, -1, 15]),
    )


def test_as_many_ask_as_the_rate_says() -> None:
    """2 a year for each of 2,000 employees of a company that stays the same: a Poisson number with mean 4,000. At
    alpha = 1e-4 it lies within 3.9 standard deviations, 247; the share that is forgotten within 3.9 of its own."""
    plan = replace(PLAN, joiners=0.0, leavers=0.0, contractors=0.0)
    streams = Streams(7)
    people, schedule = build(plan, MONDAY, YEAR, streams)
    drawn = draw_requests((rule(),), people, schedule, MONDAY, YEAR, streams)
    mean = 4_000
    assert abs(len(drawn) - mean) < 3.9 * mean**0.5
    share = Fraction(int(drawn.forgotten.sum()), len(drawn))
    assert abs(share - Fraction(1, 4)) < 3.9 * (0.25 * 0.75 / len(drawn)) ** 0.5


def test_they_ask_in_working_hours_and_get_it_for_as_long_as_the_rule_says(drawn: RequestSchedule) -> None:
    days, hours = drawn.at // DAY % 7, drawn.at % DAY // HOUR
    assert days.max() <= 4
    assert (hours.min(), hours.max()) == (8, 17)
    lasted = drawn.until - drawn.at
    assert 30 * DAY <= lasted.min() < 31 * DAY
    assert 89 * DAY < lasted.max() <= 90 * DAY


def test_rows_are_in_order_of_time(drawn: RequestSchedule) -> None:
    assert (np.diff(drawn.at) >= 0).all()


def test_another_rule_and_another_length_move_no_request_of_the_first() -> None:
    alone, beside = requests(rule()), requests(rule(), rule(group="Lab"), rule(rate=9.0))
    of_first = beside.rule == 0
    assert alone.at.tolist() == beside.at[of_first].tolist()
    assert alone.person.tolist() == beside.person[of_first].tolist()
    longer = requests(rule(lasts=Distribution(Millis(DAY), Millis(DAY)), forgotten=1.0))
    assert longer.at.tolist() == alone.at.tolist()
    assert longer.forgotten.all()


def test_what_is_drawn_for_requests_moves_no_event_of_the_workforce() -> None:
    people, schedule, streams = company()
    before = (people.digest(), schedule.digest())
    draw_requests((rule(),), people, schedule, MONDAY, YEAR, streams)
    again, same, _ = company()
    assert (again.digest(), same.digest()) == before


def test_the_digest_tells_any_two_apart() -> None:
    assert requests(rule()).digest() == requests(rule()).digest()
    others = [requests(rule(), seed=2), requests(rule(forgotten=0.26)), requests(rule(rate=2.1))]
    assert len({requests(rule()).digest(), *(other.digest() for other in others)}) == 4
