"""The events of a workforce as columns sorted by time, and the making of people and events from a plan.

Invariant: rows are in the order (at, kind, person); a person's events, and their changes in the directory, are each
strictly in order of time; the same plan, start, horizon, seed and replication give the same columns on every machine.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.randomness import Ints, Streams, WeightedChoice
from sim.workforce.changes import Lines, facts_after, with_managers
from sim.workforce.combinations import Combinations, combinations_of
from sim.workforce.knowledge import Knowledge
from sim.workforce.names import load_pools
from sim.workforce.people import People
from sim.workforce.plan import NEVER, Employment, EventKind, Reason, WorkforceError, WorkforcePlan
from sim.workforce.times import Times
from sim.workforce.turnover.counts import by_counts
from sim.workforce.turnover.draw import Drawing
from sim.workforce.turnover.rates import by_rates
from sim.workforce.turnover.result import Turnover


class Schedule:
    """Lifecycle events in columns, one row for each.

    ================ ===== ====================================================================================
    `at`             i8    when it becomes true, in ms from the start
    `kind`           u1    :class:`EventKind`
    `person`         i4    row of the person in :class:`People`
    `facts`          i4    row of `People.combinations`: what the policy is asked about the person from now on; for
                           those who go, and where nothing changes, what they had
    `reason`         u1    :class:`Reason`
    `value`          i8    by kind. Joiner, extension, restored contract: when the contract ends (0: it has no end).
                           Name change: row of the family name, or of the domain. Manager change, mover: the
                           manager's row (-1: no change). Rehire: 1 for a new identity. Else 0
    `known_at`       i8    when HR knows; may lie before `at`
    `directory_at`   i8    when the directory is changed: before `at`, at it, after it, beyond the horizon, or NEVER
    ================ ===== ====================================================================================
    """

    __slots__ = ("at", "directory_at", "facts", "kind", "known_at", "person", "reason", "value")

    def __init__(
        self,
        *,
        at: Ints,
        kind: Ints,
        person: Ints,
        facts: Ints,
        directory_at: Ints,
        known_at: Ints | None = None,
        reason: Ints | None = None,
        value: Ints | None = None,
    ) -> None:
        """Rows in any order. Without ``known_at`` HR knows when the directory is changed."""
        order = np.lexsort((person, kind, at))
        nothing = np.zeros(len(at), dtype=np.int64)
        self.at = at[order].astype("<i8")
        self.kind = kind[order].astype("u1")
        self.person = person[order].astype("<i4")
        self.facts = facts[order].astype("<i4")
        self.reason = (nothing if reason is None else reason[order]).astype("u1")
        self.value = (nothing if value is None else value[order]).astype("<i8")
        self.directory_at = _in_order(self.person, directory_at[order]).astype("<i8")
        self.known_at = self.directory_at.copy() if known_at is None else known_at[order].astype("<i8")
        for column in self._columns():
            column.setflags(write=False)

    def __len__(self) -> int:
        return len(self.at)

    def count(self, kind: EventKind) -> int:
        """How many events of this kind there are."""
        return int(np.count_nonzero(self.kind == kind))

    def directory_order(self) -> NDArray[np.intp]:
        """The rows in the order in which the directory is changed; at equal times in the order of the events."""
        return np.argsort(self.directory_at, kind="stable")

    def digest(self) -> str:
        """SHA-256 over all events."""
        digest = sha256(f"schedule/2\n{len(self)}".encode() + b"\0")
        for column in self._columns():
            digest.update(column.tobytes())
        return digest.hexdigest()

    @property
    def nbytes(self) -> int:
        """The size of the columns in bytes."""
        return sum(column.nbytes for column in self._columns())

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return (
            self.at, self.kind, self.person, self.facts, self.reason, self.value, self.known_at, self.directory_at,
        )  # fmt: skip


def build(plan: WorkforcePlan, start: datetime, horizon: int, streams: Streams) -> tuple[People, Schedule]:
    """Everybody of a run, and what happens to them from 0 up to and without `horizon` ms after `start`.

    Raises WorkforceError when counts are asked for that the people or the working hours do not give, ZoneError or
    HolidayError for a place that has no such thing, and LocaleError when there are no names. `start` decides only where
    the calendar's days lie.
    """
    if horizon < 0:
        raise WorkforceError("a run lasts 0 or more")
    times = Times(plan.calendar, plan.days, plan.locations, start, horizon)
    drawing = Drawing(plan, times, streams)
    turnover = by_rates(drawing) if plan.counts is None else by_counts(drawing)
    combinations, facts = combinations_of(plan)
    people = _people(plan, turnover, combinations, facts, streams)
    return people, _schedule(drawing, turnover, people, combinations)


def _people(
    plan: WorkforcePlan, turnover: Turnover, combinations: Combinations, facts: tuple[Facts, ...], streams: Streams
) -> People:
    arrivals = turnover.arrivals
    total = plan.size + len(arrivals.when)
    choice = WeightedChoice([weight for _, weight in plan.departments])
    at_start = choice.draw(streams.stream("workforce/departments"), plan.size)
    replacing = arrivals.replaces >= 0
    at_joining = np.empty(len(arrivals.when), dtype=np.int64)
    at_joining[replacing] = at_start[arrivals.replaces[replacing]]
    newcomers = len(replacing) - int(np.count_nonzero(replacing))
    at_joining[~replacing] = choice.draw(streams.stream("workforce/joiners/department"), newcomers)
    role: Ints | int = 0
    if len(plan.roles) > 1:
        roles = WeightedChoice([weight for _, weight in plan.roles])
        role = np.concatenate(
            (
                roles.draw(streams.stream("workforce/roles"), plan.size),
                roles.draw(streams.stream("workforce/joiners/role"), len(arrivals.when)),
            )
        )
    pools = load_pools(plan.locale)
    return People(
        size=plan.size,
        domain=plan.domain,
        combinations=facts,
        pools=pools,
        given=pools.given_choice.draw(streams.stream("workforce/names/given"), total),
        family=pools.family_choice.draw(streams.stream("workforce/names/family"), total),
        facts=combinations.rows(
            np.concatenate((at_start, at_joining)),
            np.concatenate((turnover.employment, arrivals.employment)),
            role,
            0 if turnover.places is None else turnover.places,
        ),
        joined_at=np.concatenate((-turnover.served, arrivals.when)),
    )


def _schedule(drawing: Drawing, turnover: Turnover, people: People, combinations: Combinations) -> Schedule:
    plan, streams, arrivals = drawing.plan, drawing.streams, turnover.arrivals
    begin = people.facts.astype(np.int64)
    events = turnover.events
    facts = facts_after(events, begin, combinations, drawing.departments)
    reporting = plan.moving.reports if plan.moving is not None else 0
    if reporting:
        department = combinations.department(begin[: plan.size])
        employees = np.flatnonzero(turnover.employment == Employment.EMPLOYEE)
        lines = Lines(department, employees, turnover.ends, reporting, combinations.departments)
        events, facts = with_managers(events, facts, begin, combinations, lines)
    who, at, kind, reason, value, draw, _ = events
    renamed = (kind == EventKind.NAME_CHANGE) & (reason == Reason.NONE)
    value[renamed] = people.pools.family_choice.indices(draw[renamed])
    joiners = np.arange(people.size, len(people), dtype=np.int64)
    person, at = np.concatenate((joiners, who)), np.concatenate((arrivals.when, at))
    kind, reason = np.concatenate((arrivals.kind, kind)), np.concatenate((arrivals.reason, reason))
    value = np.concatenate((arrivals.value, value))
    facts = np.concatenate((begin[joiners], facts))
    order = np.lexsort((at, person))
    person, at, kind, reason, value, facts = (c[order] for c in (person, at, kind, reason, value, facts))
    knowledge = Knowledge(plan, drawing.times, streams, (person, at, kind, reason), len(people), turnover.places)
    known, changed, made = knowledge.resolved()
    return Schedule(
        at=at,
        kind=kind,
        person=person,
        facts=facts,
        reason=reason,
        value=np.where(kind == EventKind.NO_SHOW, made, value),
        known_at=known,
        directory_at=changed,
    )


def _in_order(person: NDArray[np.int32], directory_at: Ints) -> Ints:
    """The same times, put off where HR would report a person's event no later than one that came before it."""
    order = np.argsort(person, kind="stable")
    times, who = directory_at[order], person[order]
    repeated = np.flatnonzero(who[1:] == who[:-1]) + 1
    # One pass for each further event of the person with the most events; every pass looks only at what is still wrong.
    # What nobody ever tells the directory stays untold.
    while len(late := repeated[(times[repeated] <= times[repeated - 1]) & (times[repeated - 1] < NEVER)]):
        times[late] = times[late - 1] + 1
    ordered = np.empty_like(times)
    ordered[order] = times
    return ordered
