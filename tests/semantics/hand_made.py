"""Worlds of generated people whose schedule is written by hand: rows as plain values, run to their end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple
from unittest import mock

import numpy as np

from sim.access.policy import Facts
from sim.scenario import scenario_from
from sim.workforce.names import load_pools
from sim.workforce.people import People
from sim.workforce.plan import EventKind, Reason
from sim.workforce.schedule import Schedule
from tests.semantics.story import MINUTE, Answers, Seen, begin, told

DEPARTMENTS: Final = ("Engineering", "Operations", "Security", "Kitchen")
EMPLOYED: Final = ("employee", "contractor")
DOMAIN: Final = "contoso.example"
BOUGHT: Final = "fabrikam.example"
COMBINATIONS: Final = (
    *(Facts(department, employment) for department in DEPARTMENTS for employment in EMPLOYED),
    Facts("Operations", "employee", "Lead", "Oslo"),
)
"""Rows 0 and 1: Engineering, employee and contractor; 2 and 3: Operations; 4 and 5: Security; 6 and 7: Kitchen, which
has no group. Row 8: a lead of Operations in Oslo, with the same group as all of Operations."""
ENGINEER, OPERATOR, AUDITOR, COOK = 0, 2, 4, 6
CONTRACTOR: Final = 1
"""Added to a row: the same place as a contractor."""
LEAD: Final = 8


class Row(NamedTuple):
    """One event. Times are in ms; ``directory_at`` None: at once, and ``known_at`` None: with it."""

    at: int
    kind: EventKind
    person: int
    facts: int
    directory_at: int | None = None
    reason: Reason = Reason.NONE
    value: int = 0
    known_at: int | None = None


def schedule_of(rows: Iterable[Row]) -> Schedule:
    """The columns of these rows."""
    made = list(rows)

    def column(values: Iterable[int]) -> Any:
        return np.array(list(values), dtype=np.int64)

    directory = column(r.at if r.directory_at is None else r.directory_at for r in made)
    return Schedule(
        at=column(r.at for r in made),
        kind=column(r.kind for r in made),
        person=column(r.person for r in made),
        facts=column(r.facts for r in made),
        reason=column(r.reason for r in made),
        value=column(r.value for r in made),
        directory_at=directory,
        known_at=column(d if r.known_at is None else r.known_at for r, d in zip(made, directory.tolist(), strict=True)),
    )


def people_of(facts: Sequence[int], later: Sequence[int] = ()) -> People:
    """People who are there at the start with these combinations, and others who join later: all called alike."""
    count = len(facts) + len(later)
    return People(
        size=len(facts),
        domains=(DOMAIN, BOUGHT),
        combinations=COMBINATIONS,
        pools=load_pools(),
        given=np.zeros(count, np.int64),
        family=np.zeros(count, np.int64),
        facts=np.array([*facts, *later], dtype=np.int64),
        joined_at=np.full(count, -1),
    )


def values_of(size: int, *timeline: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The scenario of a company of this size; the schedule is put in by :func:`company`."""
    return {
        **told(*timeline, before={}, **more),
        "workforce": {"size": size, "contractors": 0, "counts": {}},
        "organisation": {
            **told(**more)["organisation"],
            "domain": DOMAIN,
            "departments": [{"name": name} for name in DEPARTMENTS],
        },
    }


@contextmanager
def made_by_hand(people: People, schedule: Schedule) -> Iterator[None]:
    """Every world that begins in here has these people and these events."""
    with mock.patch("sim.setup.build", return_value=(people, schedule)):
        yield


def company(
    facts: Sequence[int],
    rows: Iterable[Row],
    *timeline: dict[str, Any],
    later: Sequence[int] = (),
    answers: Answers | None = None,
    **more: Any,
) -> Seen:
    """A world at time 0 with these people and events, and four hours before it; see :func:`told` for the rest."""
    scenario = scenario_from(values_of(len(facts), *timeline, **more))
    with made_by_hand(people_of(facts, later), schedule_of(rows)):
        return begin(scenario, answers)


def happened(
    facts: Sequence[int], rows: Iterable[Row], *timeline: dict[str, Any], later: Sequence[int] = (), **more: Any
) -> Seen:
    """The same, run to its end."""
    seen = company(facts, rows, *timeline, later=later, **more)
    seen.world.run()
    return seen


def minutes(count: float) -> int:
    """So many minutes in ms."""
    return round(count * MINUTE)
