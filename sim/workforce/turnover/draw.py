"""What every kind of event draws with, and the columns it fills.

Invariant: people are *handles* here, numbers that stay whatever happens: the initial rows, then everybody else in the
order in which the kinds of arrival were drawn. Rows in the order of joining are made of them at the very end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints, Streams, WeightedChoice, draw_instants, draw_poisson
from sim.workforce.plan import NEVER, EventKind, Reason, WorkforcePlan
from sim.workforce.posts import Posts
from sim.workforce.times import Activity, Times

NONE: Final[Ints] = np.empty(0, dtype=np.int64)
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one kind: positions in a group of people, and simulated times."""

    who: Ints
    when: Ints


@dataclass(frozen=True, slots=True)
class Seats:
    """Department, the draw for the location and the place of people; the last two are None where all clocks are one."""

    department: Ints
    location: Ints | None
    places: Ints | None

    def taken(self, rows: Ints) -> Seats:
        """Those of these people."""
        return Seats(
            self.department[rows],
            None if self.location is None else self.location[rows],
            None if self.places is None else self.places[rows],
        )


@dataclass(slots=True)
class Stints:
    """Times for which employees are here: handle, place, from when (exclusive) until when (NEVER: beyond the run).

    ``name`` is what the group's streams are called after. ``here`` leaves out those whose draws go unused. ``reason``:
    why it ends.
    """

    name: str
    who: Ints
    begin: Ints
    end: Ints
    reason: Ints
    here: Mask
    places: Ints | None = None

    def strictly_inside(self, events: Events) -> Mask:
        """Which events fall between the beginning and the end of their stint."""
        who = events.who
        return self.here[who] & (events.when > self.begin[who]) & (events.when < self.end[who])


@dataclass(slots=True)
class Rows:
    """Events of all kinds, piece by piece; `pair` ties a beginning to its end (-1: it has none)."""

    parts: list[tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]] = field(default_factory=list)
    pairs: int = 0

    def add(
        self,
        kind: EventKind,
        who: Ints,
        at: Ints,
        *,
        reason: Ints | Reason = Reason.NONE,
        value: Ints | int = 0,
        draw: Ints | int = 0,
        pair: Ints | int = -1,
    ) -> None:
        """Handles and times; ``draw`` is what a move's target, or a new name, is chosen with."""
        count = len(who)

        def column(given: Ints | int) -> Ints:
            return np.full(count, given, dtype=np.int64) if isinstance(given, int) else given

        self.parts.append((who, at, column(int(kind)), column(reason), column(value), column(draw), column(pair)))

    def new_pairs(self, count: int) -> Ints:
        """Numbers for so many pairs."""
        self.pairs += count
        return np.arange(self.pairs - count, self.pairs, dtype=np.int64)

    def columns(self) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]:
        """Handle, time, kind, reason, value, draw and pair of everything."""
        if not self.parts:
            return (NONE,) * 7
        who, at, kind, reason, value, draw, pair = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        return who, at, kind, reason, value, draw, pair


class Drawing:
    """The plan, the times and the streams of one run."""

    __slots__ = ("departments", "plan", "posts", "streams", "times")

    def __init__(self, plan: WorkforcePlan, posts: Posts, times: Times, streams: Streams) -> None:
        self.plan, self.posts, self.times, self.streams = plan, posts, times, streams
        self.departments = WeightedChoice([weight for _, weight in plan.departments])

    @property
    def horizon(self) -> int:
        """The end of the run in ms."""
        return self.times.horizon

    def uniform(self, name: str, count: int) -> NDArray[np.float64]:
        """Numbers from 0 to 1, one for each of the people."""
        return self.streams.stream(name).random(count)

    def seats(self, name: str, count: int) -> Seats:
        """Where so many people work: ``name`` is of a stream, with one beside it for the location."""
        stream = f"workforce/{name}department" if name else "workforce/departments"
        department = self.departments.draw(self.streams.stream(stream), count)
        if len(self.times.zones) < 2:
            return Seats(department, None, None)
        stream = f"workforce/{name}location" if name else "workforce/locations"
        draws = self.streams.stream(stream).integers(0, 1 << WeightedChoice.BITS, count)
        nothing = np.zeros(count, dtype=np.int64)
        places = self.posts.places(self.posts.at(department, nothing, nothing, draws))
        return Seats(department, draws, places)

    def candidates(
        self, name: str, activity: Activity, rate: Fraction, people: int, places: Ints | None = None
    ) -> Events:
        """A Poisson process of this rate for each of the people; who is not there at the instant is left out later."""
        found = self.opened(name, activity, rate, people)
        return Events(found.who, self.times.at(activity, found.when, None if places is None else places[found.who]))

    def opened(self, name: str, activity: Activity, rate: Fraction, people: int) -> Events:
        """The same, with instants in open time."""
        mean = rate * people * self.times.years(activity)
        count = draw_poisson(self.streams.stream(f"workforce/{name}/count"), mean)
        who = draw_instants(self.streams.stream(f"workforce/{name}/who"), people, count)
        when = draw_instants(self.streams.stream(f"workforce/{name}/when"), self.times.span(activity), count)
        return Events(who, when)


def first(events: Events, people: int) -> Ints:
    """For each of the people the first instant, or NEVER."""
    found = np.full(people, NEVER, dtype=np.int64)
    np.minimum.at(found, events.who, events.when)
    return found


def chosen(events: Events, mask: Mask) -> Events:
    """Those events."""
    return Events(events.who[mask], events.when[mask])


def rank_of(groups: Ints) -> Ints:
    """For each entry of a column in which equal values lie side by side: how many of its value come before it."""
    if not len(groups):
        return NONE
    places = np.arange(len(groups))
    begins = np.concatenate((np.ones(1, dtype=np.bool_), groups[1:] != groups[:-1]))
    return places - np.maximum.accumulate(np.where(begins, places, 0))


def shuffled(streams: Streams, name: str, count: int) -> Ints:
    """The numbers from 0 to count - 1 in random order."""
    keys = streams.stream(f"workforce/{name}/order").random(count)
    return np.argsort(keys, kind="stable")


def seats_of(parts: Sequence[Seats]) -> Seats:
    """Everybody's, one group behind the other."""
    locations = [part.location for part in parts if part.location is not None]
    places = [part.places for part in parts if part.places is not None]
    return Seats(
        np.concatenate([part.department for part in parts]),
        np.concatenate(locations) if locations else None,
        np.concatenate(places) if places else None,
    )
