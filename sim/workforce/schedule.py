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
from sim.randomness import Ints, Streams, WeightedChoice, draw_instants
from sim.workforce.calendar import Calendar
from sim.workforce.names import load_pools
from sim.workforce.people import People
from sim.workforce.plan import NEVER, Employment, EventKind, LagPlan, WorkforceError, WorkforcePlan
from sim.workforce.turnover import Moves, Turnover, by_counts, by_rates


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

    Raises WorkforceError when counts are asked for that the people or the working hours do not give, and LocaleError
    when there are no names. `start` decides only where the week's working hours lie.
    """
    if horizon < 0:
        raise WorkforceError("a run lasts 0 or more")
    calendar = Calendar(plan.calendar, start)
    span = calendar.opened_before(horizon)
    turnover = by_rates(plan, calendar, span, streams) if plan.counts is None else by_counts(plan, span, streams)
    people = _people(plan, calendar, turnover, streams)
    return people, _schedule(plan, calendar, turnover, people, streams)


def _people(plan: WorkforcePlan, calendar: Calendar, turnover: Turnover, streams: Streams) -> People:
    arrivals = turnover.arrivals
    total = plan.size + len(arrivals.when)
    choice = WeightedChoice([weight for _, weight in plan.departments])
    at_start = choice.draw(streams.stream("workforce/departments"), plan.size)
    replacing = arrivals.replaces >= 0
    at_joining = np.empty(len(arrivals.when), dtype=np.int64)
    at_joining[replacing] = at_start[arrivals.replaces[replacing]]
    newcomers = len(replacing) - int(np.count_nonzero(replacing))
    at_joining[~replacing] = choice.draw(streams.stream("workforce/joiners/department"), newcomers)
    pools = load_pools(plan.locale)
    later = np.where(replacing, Employment.CONTRACTOR, Employment.EMPLOYEE)
    return People(
        size=plan.size,
        domain=plan.domain,
        combinations=tuple(
            Facts(name, employment.name.lower()) for name, _ in plan.departments for employment in Employment
        ),
        pools=pools,
        given=pools.given_choice.draw(streams.stream("workforce/names/given"), total),
        family=pools.family_choice.draw(streams.stream("workforce/names/family"), total),
        facts=_combination(np.concatenate((at_start, at_joining)), np.concatenate((turnover.employment, later))),
        joined_at=np.concatenate((-turnover.served, calendar.at(arrivals.when))),
    )


def _combination(department: Ints, employment: NDArray[np.integer]) -> Ints:
    """The rows of `People.combinations` for these departments and employments."""
    return department * len(Employment) + employment


def _schedule(
    plan: WorkforcePlan, calendar: Calendar, turnover: Turnover, people: People, streams: Streams
) -> Schedule:
    joiners = np.arange(people.size, len(people))
    moves, leavers, expiries = turnover.moves, turnover.leavers, turnover.expiries
    first, employment = np.divmod(people.facts.astype(np.int64), len(Employment))
    targets, department = _targets(plan, moves, first.copy())
    groups = (
        (EventKind.JOINER, joiners, turnover.arrivals.when, first[joiners]),
        (EventKind.MOVER, moves.who, moves.when, targets),
        (EventKind.LEAVER, leavers.who, leavers.when, department[leavers.who]),
        (EventKind.CONTRACTOR_EXPIRY, expiries.who, expiries.when, department[expiries.who]),
    )
    at = calendar.at(np.concatenate([when for _, _, when, _ in groups]))
    person = np.concatenate([who for _, who, _, _ in groups])
    lag = np.concatenate(
        [
            _lags(plan.hr_lag, f"workforce/hr-lag/{kind.name.lower()}", who, len(people), streams)
            if kind is not EventKind.MOVER
            else _mover_lags(plan.hr_lag, moves, len(people), streams)
            for kind, who, _, _ in groups
        ]
    )
    return Schedule(
        at=at,
        kind=np.concatenate([np.full(len(who), kind, dtype=np.int64) for kind, who, _, _ in groups]),
        person=person,
        facts=_combination(np.concatenate([where for _, _, _, where in groups]), employment[person]),
        value=np.concatenate([np.full(len(who), -(kind is EventKind.MOVER)) for kind, who, _, _ in groups]),
        directory_at=at + lag,
    )


def _targets(plan: WorkforcePlan, moves: Moves, department: Ints) -> tuple[Ints, Ints]:
    """Where each move goes, never to where the person is; and where everybody is in the end."""
    choice = WeightedChoice([weight for _, weight in plan.departments])
    targets = np.empty(len(moves.who), dtype=np.int64)
    for rank in range(int(moves.rank.max(initial=-1)) + 1):
        now = moves.rank == rank
        targets[now] = choice.other_indices(moves.draw[now], department[moves.who[now]])
        department[moves.who[now]] = targets[now]
    return targets, department


def _lags(plan: LagPlan, name: str, who: Ints, people: int, streams: Streams) -> Ints:
    """HR's delays for these people: drawn for everybody, so that nobody's depends on who else has such an event."""
    if plan.low == plan.high:
        return np.full(len(who), plan.low, dtype=np.int64)
    return plan.low + draw_instants(streams.stream(name), plan.high - plan.low + 1, people)[who]


def _mover_lags(plan: LagPlan, moves: Moves, people: int, streams: Streams) -> Ints:
    """The same for moves, with a stream for everybody's first move, another for the second, and so on."""
    lags = np.empty(len(moves.who), dtype=np.int64)
    for rank in range(int(moves.rank.max(initial=-1)) + 1):
        now = moves.rank == rank
        lags[now] = _lags(plan, f"workforce/hr-lag/mover/{rank}", moves.who[now], people, streams)
    return lags


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
