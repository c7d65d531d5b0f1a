"""Plans in which everything happens, and what holds for every schedule that comes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from mockservices.clock import Millis
from sim.randomness import Streams
from sim.time import DAY, HOUR
from sim.workforce.almanac import StartDays, WeekWeights
from sim.workforce.identity import IdentityPlan, PostPlan
from sim.workforce.life import (
    AbsencePlan,
    BulkPlan,
    ContractPlan,
    CorporateDays,
    HrPlan,
    JoiningPlan,
    LeavingPlan,
    Location,
    MovingPlan,
    RehirePlan,
)
from sim.workforce.people import People
from sim.workforce.plan import NEVER, EventKind, WorkforcePlan
from sim.workforce.schedule import Schedule, build

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
WEEKDAYS = (0.11, 0.15, 0.16, 0.18, 0.39, 0.005, 0.005)
MONTHS = (10.5, 10.5, *(7.4,) * 9, 12.0)

EVERYTHING = WorkforcePlan(
    size=2_000,
    domain="contoso.example",
    departments=(("Engineering", 4), ("Sales", 3), ("Finance", 1)),
    calendar="corporate",
    joining=JoiningPlan(Millis(5 * DAY), 0.02),
    leaving=LeavingPlan(),
    moving=MovingPlan(promotions=0.08, manager_changes=0.05, secondments=0.05, cascades=True),
    contract=ContractPlan(),
    rehires=RehirePlan(),
    absences=AbsencePlan(),
    name_changes=0.015,
    bulk=(
        BulkPlan("cohort", Millis(90 * DAY), share=0.02),
        BulkPlan("reorganisation", Millis(120 * DAY), share=0.1, over=Millis(8 * HOUR)),
        BulkPlan("layoff", Millis(200 * DAY), share=0.05, over=Millis(3 * HOUR)),
        BulkPlan("acquisition", Millis(50 * DAY), share=0.1, over=Millis(2 * DAY), domain="fabrikam.example"),
    ),
    hr=HrPlan(feed=Millis(6 * HOUR), workflow=Millis(3 * HOUR), outside=0.3),
    days=CorporateDays(leaving=WeekWeights(WEEKDAYS, MONTHS, 2), joining=StartDays(0.7, 0.15)),
    locations=(
        Location("London", "Europe/London", ("2026-12-25",)),
        Location("New York", "America/New_York", ("2026-07-03", "2026-12-25")),
    ),
    identities=IdentityPlan(
        managers=True,
        posts=(
            PostPlan((("Engineer", 5), ("Senior", 3), ("Lead", 1)), (("London", 2), ("New York", 1))),
            PostPlan((("Agent", 3), ("Head", 1)), (("New York", 1),)),
            PostPlan(),
        ),
    ),
)


IN_LONDON: dict[str, Any] = {
    "home": Location(None, "Europe/London"),
    "locations": (),
    "identities": IdentityPlan(),
}
"""Everybody in one place, and without managers."""


def lives(horizon: int = 365 * DAY, seed: int = 13, **change: Any) -> tuple[People, Schedule]:
    """A year of everything, with some settings changed."""
    return build(replace(EVERYTHING, **change), START, horizon, Streams(seed))


def events(
    schedule: Schedule, kind: EventKind, *, below: int | None = None, reason: int | None = None
) -> list[tuple[int, int]]:
    """The (time, person) of the events of a kind, of people with a row number below this and for this reason."""
    mask = schedule.kind == kind
    if below is not None:
        mask &= schedule.person < below
    if reason is not None:
        mask &= schedule.reason == reason
    return list(zip(schedule.at[mask].tolist(), schedule.person[mask].tolist(), strict=True))


_AFTER = {
    EventKind.JOINER: ("new", "here"),
    EventKind.NO_SHOW: ("here", "never came"),
    EventKind.REHIRE: ("gone", "here"),
    EventKind.CONTRACT_RESTORED: ("lapsed", "here"),
    EventKind.CONTRACTOR_EXPIRY: ("here", "lapsed"),
    EventKind.ABSENCE: ("here", "away"),
    EventKind.RETURN: ("away", "here"),
}
_ALSO_AWAY = (EventKind.NAME_CHANGE, EventKind.MANAGER_CHANGE)


def assert_lives_are_sound(people: People, schedule: Schedule, horizon: int) -> None:
    """Everybody comes before they go, nobody does two things at once, and nothing happens outside the run."""
    order = np.lexsort((schedule.kind, schedule.at, schedule.person))
    person, at, kind = schedule.person[order], schedule.at[order], schedule.kind[order]
    assert ((at >= 0) & (at < horizon)).all()
    same = person[1:] == person[:-1]
    assert ((at[1:] > at[:-1]) | ~same | (kind[1:] == EventKind.NO_SHOW)).all()
    told = schedule.directory_at[order]
    heard = same & (told[1:] != NEVER) & (told[:-1] != NEVER)
    assert (told[1:][heard] > told[:-1][heard]).all()
    assert (told >= 0).all()
    state: dict[int, str] = {}
    for who, what in zip(person.tolist(), kind.tolist(), strict=True):
        before = state.get(who, "here" if who < people.size else "new")
        event = EventKind(what)
        if event in _AFTER:
            needed, after = _AFTER[event]
            assert before == needed, (who, event)
            state[who] = after
        elif event is EventKind.LEAVER:
            assert before in {"here", "away"}, who
            state[who] = "gone"
        else:
            assert before == "here" or (before == "away" and event in _ALSO_AWAY), (who, event)
            state[who] = before
    assert "new" not in state.values()
    assert (np.diff(people.joined_at[people.size :]) >= 0).all()
