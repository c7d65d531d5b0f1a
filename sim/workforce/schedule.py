"""The events of a workforce as columns sorted by time, and the making of people and events from a plan.

Invariant: rows are in the order (at, kind, person); a person's events, and their changes in the directory, are each
strictly in order of time; the same plan, start, horizon, seed and replication give the same columns on every machine.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints, Streams
from sim.workforce.changes import facts_after
from sim.workforce.identities import make_people
from sim.workforce.knowledge import Knowledge
from sim.workforce.life import Location
from sim.workforce.order import order_by
from sim.workforce.people import People
from sim.workforce.plan import NEVER, EventKind, Reason, WorkforceError, WorkforcePlan
from sim.workforce.posts import Posts
from sim.workforce.reporting import Lines, with_managers
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
        order = order_by(at, kind, person)
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

    def about(self, people: Collection[int]) -> Schedule:
        """What happens to these people, and nothing else."""
        rows = np.isin(self.person, list(people))
        names = ("at", "kind", "person", "facts", "directory_at", "known_at", "reason", "value")
        return Schedule(**{name: getattr(self, name)[rows] for name in names})

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
    posts = Posts([name for name, _ in plan.departments], plan.identities.posts)
    times = Times(plan.calendar, plan.days, _places(plan, posts), start, horizon)
    drawing = Drawing(plan, posts, times, streams)
    turnover = by_rates(drawing) if plan.counts is None else by_counts(drawing)
    people = make_people(
        plan.identities,
        posts,
        streams,
        size=plan.size,
        domains=(plan.domain, *(bulk.domain for bulk in plan.bulk if bulk.domain is not None)),
        department=turnover.seats.department,
        employment=turnover.employment,
        joined_at=turnover.joined_at,
        domain_of=turnover.domain if turnover.domain.any() else None,
        ends_at=turnover.contract_ends if plan.contract is not None else None,
        location=turnover.seats.location,
    )
    return people, _schedule(drawing, turnover, people)


def _places(plan: WorkforcePlan, posts: Posts) -> tuple[Location, ...]:
    """The clocks and holidays of the posts' places; only one where they are all the same."""
    known = {location.name: location for location in plan.locations}
    places = tuple(known.get(name, plan.home) for name in posts.place_names)
    return places[:1] if len({(place.zone, place.holidays) for place in places}) == 1 else places


def _schedule(drawing: Drawing, turnover: Turnover, people: People) -> Schedule:
    plan, arrivals = drawing.plan, turnover.arrivals
    begin = people.facts.astype(np.int64)
    events = turnover.events
    facts = facts_after(drawing, events, begin)
    if people.manager is not None and plan.moving is not None:
        lines = Lines(people, drawing.posts, turnover.ends)
        events, facts = with_managers(events, facts, begin, drawing.posts, lines, cascades=plan.moving.cascades)
    who, at, kind, reason, value, draw, _ = events
    renamed = np.flatnonzero((kind == EventKind.NAME_CHANGE) & (reason == Reason.NONE))
    if len(renamed):
        value[renamed] = people.pools.other_family(people.given[who[renamed]].astype(np.int64), draw[renamed])
    joiners = np.arange(people.size, len(people), dtype=np.int64)
    person, at = np.concatenate((joiners, who)), np.concatenate((arrivals.when, at))
    kind = np.concatenate((np.full(len(joiners), EventKind.JOINER, dtype=np.int64), kind))
    reason, value = np.concatenate((arrivals.reason, reason)), np.concatenate((arrivals.contract_ends, value))
    facts = np.concatenate((begin[joiners], facts))
    # Both are in order of person already, and whoever joins does so before anything else.
    order = np.argsort(person, kind="stable")
    person, at, kind, reason, value, facts = (c[order] for c in (person, at, kind, reason, value, facts))
    columns = (person, at, kind, reason)
    known, changed = Knowledge(
        plan, drawing.times, drawing.streams, columns, len(people), turnover.seats.places
    ).resolved()
    return Schedule(
        at=at, kind=kind, person=person, facts=facts, reason=reason, value=value, known_at=known, directory_at=changed
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
