"""Who asks for which access and when, and when it ends: columns drawn beforehand, like the events of a workforce.

Invariant: nobody asks before joining, while away or after going, and only whoever has the facts that a rule asks for
at that moment. Each rule draws from streams of its own, so that another rule, another share that is forgotten or
another length moves no request; neither does anything that the job does.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Asked, matches
from sim.randomness import Ints, Streams, draw_instants, draw_poisson, draw_uniform
from sim.workforce.calendar import Calendar
from sim.workforce.persons import Persons
from sim.workforce.plan import EventKind
from sim.workforce.schedule import Schedule
from sim.workforce.tables import YEAR

_WHOLE: Final = 1 << 53
_AWAY: Final = (
    EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY, EventKind.ABSENCE, EventKind.NO_SHOW,
)  # fmt: skip


class Span(Protocol):
    """From how long to how long something lasts, in ms."""

    @property
    def low(self) -> int:
        """The shortest."""

    @property
    def high(self) -> int:
        """The longest."""


class RequestRule(Asked, Protocol):
    """Whoever has these facts asks for a group now and then."""

    @property
    def group(self) -> str:
        """What is asked for."""

    @property
    def rate(self) -> float:
        """How many times a year each of them asks."""

    @property
    def lasts(self) -> Span:
        """For how long it is given."""

    @property
    def forgotten(self) -> float:
        """The share of them that nobody takes away at the end."""


class RequestSchedule:
    """Requests in columns, in the order (at, rule, person).

    ============ ===== =======================================================================
    `at`         i8    when it is asked for and given, in ms from the start
    `person`     i4    row of the person in :class:`People`
    `rule`       u2    which of the rules
    `until`      i8    when it ends; may lie beyond the horizon
    `forgotten`  u1    1: nobody takes it away at its end
    ============ ===== =======================================================================
    """

    __slots__ = ("at", "forgotten", "person", "rule", "until")

    def __init__(self, at: Ints, person: Ints, rule: Ints, until: Ints, forgotten: NDArray[np.bool_]) -> None:
        order = np.lexsort((person, rule, at))
        self.at = at[order].astype("<i8")
        self.person = person[order].astype("<i4")
        self.rule = rule[order].astype("<u2")
        self.until = until[order].astype("<i8")
        self.forgotten = forgotten[order].astype("u1")
        for column in self._columns():
            column.setflags(write=False)

    def __len__(self) -> int:
        return len(self.at)

    def digest(self) -> str:
        """SHA-256 over all requests."""
        digest = sha256(f"requests/1\n{len(self)}".encode() + b"\0")
        for column in self._columns():
            digest.update(column.tobytes())
        return digest.hexdigest()

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return (self.at, self.person, self.rule, self.until, self.forgotten)


def draw_requests(
    rules: Sequence[RequestRule], people: Persons, schedule: Schedule, start: datetime, horizon: int, streams: Streams
) -> RequestSchedule:
    """Everything that these people ask for from 0 up to and without `horizon` ms, in working hours."""
    calendar = Calendar("working_hours", start)
    span = calendar.opened_before(horizon)
    asked: list[tuple[Ints, Ints, Ints, Ints, NDArray[np.bool_]]] = []
    numbers: dict[str, int] = {}
    for position, rule in enumerate(rules):
        number = numbers[rule.group] = numbers.get(rule.group, 0) + 1
        of_rule = np.array([matches(rule, facts) for facts in people.combinations], dtype=np.bool_)
        # Those of the start and those who join later are drawn apart: how many join moves no request of the others.
        for first, beyond, whose in ((0, people.size, "there"), (people.size, len(people), "joined")):
            name = f"access/requests/{rule.group}/{number}/{whose}"
            mean = Fraction(rule.rate) * (beyond - first) * span / (calendar.open_share * YEAR)
            count = draw_poisson(streams.stream(f"{name}/count"), mean)
            person = first + draw_instants(streams.stream(f"{name}/who"), beyond - first, count)
            at = calendar.at(draw_instants(streams.stream(f"{name}/when"), span, count))
            low, high = rule.lasts.low, rule.lasts.high
            lasts = low + draw_instants(streams.stream(f"{name}/lasts"), high - low + 1, count)
            missed = draw_uniform(streams.stream(f"{name}/forgotten"), count) < int(Fraction(rule.forgotten) * _WHOLE)
            facts, there = facts_at(people, schedule, person, at)
            kept = there & of_rule[facts]
            number_of_rule = np.full(int(kept.sum()), position, dtype=np.int64)
            asked.append((at[kept], person[kept], number_of_rule, (at + lasts)[kept], missed[kept]))
    at, person, of, until, missed = (np.concatenate(column) for column in zip(*asked, strict=True))
    return RequestSchedule(at, person, of, until, missed)


def facts_at(people: Persons, schedule: Schedule, person: Ints, at: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """For each (person, time): the row of `People.combinations` that holds then, and whether the person is there.

    What happens in the very millisecond has happened.
    """
    events = len(schedule)
    who = np.concatenate((schedule.person.astype(np.int64), person))
    when = np.concatenate((schedule.at, at))
    asks = np.arange(len(who)) >= events
    # Each question stands behind the person's events up to its time; the latest of these is what holds.
    order = np.lexsort((asks, when, who))
    latest = np.maximum.accumulate(np.where(asks[order], -1, np.arange(len(order))))
    asking = np.flatnonzero(asks[order])
    row = np.where(latest[asking] >= 0, order[latest[asking]], 0)
    place = order[asking] - events
    known = np.empty(len(person), dtype=np.bool_)
    facts = np.empty(len(person), dtype=np.int64)
    there = np.empty(len(person), dtype=np.bool_)
    own = (latest[asking] >= 0) & (who[row] == who[order[asking]])
    known[place] = own
    facts[place] = np.where(own, schedule.facts[row] if events else 0, people.facts[person[place]])
    there[place] = ~np.isin(schedule.kind[row], _AWAY) if events else True
    there = np.where(known, there, person < people.size)
    return facts, there
