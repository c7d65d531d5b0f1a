"""Who goes to the portal when: the sessions of the generated workforce, drawn for one person when somebody asks.

Invariant: what somebody wishes depends on the seed, the person and the day alone, so that asking about one moves
nothing of another, in whatever order it is asked and whatever else happens. Only which of their grants somebody starts
depends on what they hold then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import numpy as np
from numpy.random import Philox

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.doors import LONGEST_ROLE, Doors
from mockservices.identitycenter.sessions.facts import Route
from mockservices.identitycenter.sessions.records import PortalSession, RoleSession
from mockservices.identitycenter.sessions.rules import Closing
from sim.randomness import BITS, Quantiles, Streams
from sim.time import DAY, HOUR
from sim.workforce.zones import Zone

Pattern = Literal["working_hours", "on_call", "always", "none"]

_OPENS: Final = 9 * HOUR
_OPEN_FOR: Final = 8 * HOUR
_PERSON, _PORTALS, _ROLES = range(3)
"""What is drawn; each has numbers of its own."""
_FIRST_DRAWS: Final = 8
_THURSDAY: Final = 3
"""What day 1970-01-01 was, from Monday on."""
_FRIDAY: Final = 4


@dataclass(frozen=True, slots=True)
class Habits:
    """How a workforce uses the portal."""

    pattern: Pattern
    users: Fraction
    """The share of people who go there at all."""
    sign_ins: Fraction
    """Portal sessions that each opens on a day on which they do, on average."""
    roles: Fraction
    """Role sessions that each wants to start on such a day, on average."""
    sign_out: Quantiles | None = None
    """How long after it was opened a portal session is signed out of; None: nobody signs out."""


class Numbers:
    """A random number generator that can be set to any person and day.

    Philox turns a key and a counter into numbers, so that there is nothing to be kept for a person
    (https://numpy.org/doc/stable/reference/random/bit_generators/philox.html). The key comes from a named stream.
    """

    __slots__ = ("_bits", "_counter", "_state")

    def __init__(self, streams: Streams, name: str) -> None:
        key = streams.stream(name).integers(0, 1 << 63, 2, dtype=np.uint64)
        self._bits = Philox(key=key, counter=0)
        self._state = self._bits.state
        self._counter = self._state["state"]["counter"]

    def draw(self, what: int, person: int, day: int, count: int) -> list[int]:
        """Whole numbers, uniform in [0, 2**53); the first of them are the same however many are asked for."""
        counter = self._counter
        counter[0], counter[1], counter[2], counter[3] = 0, day & (1 << 63) - 1, person, what
        self._bits.state = self._state
        return [number >> 64 - BITS for number in self._bits.random_raw(count).tolist()]


class Usage:
    """Draws the sessions of people; a :class:`~mockservices.identitycenter.sessions.records.SessionSource`."""

    def __init__(
        self,
        habits: Habits,
        streams: Streams,
        doors: Doors,
        *,
        owner: Callable[[int], int | None],
        zone: Callable[[int], Zone],
        role_length: Callable[[int], Millis],
    ) -> None:
        """``owner``: the person of the workforce to whom a user of the store, by row, belongs, None for anybody else;
        ``zone``: by which clock a person works; ``role_length``: how long a grant's role sessions last."""
        self._habits = habits
        self._doors = doors
        self._owner = owner
        self._zone = zone
        self._role_length = role_length
        self._numbers = Numbers(streams, "sessions/usage")
        self._users_below = int(habits.users * (1 << BITS))
        self._sign_ins = poisson_table(habits.sign_ins)
        self._roles = poisson_table(habits.roles)
        self._known: dict[int, bool] = {}  # whether somebody about whom was asked goes there at all
        self._any_hour = habits.pattern in ("on_call", "always")
        self._mornings: dict[tuple[str, int], int] = {}

    # --- the answers -------------------------------------------------------------------------------------

    def portal_sessions(self, user: int, since: Millis, until: Millis) -> Sequence[PortalSession]:
        """See the protocol."""
        person = self._owner(user)
        if person is None or not self.uses(person):
            return ()
        if self._habits.pattern == "always":
            return self._endless(person, user, since, until)
        longest = self._doors.rules.portal
        if self._doors.lengths:
            longest = max(longest, *(length for _, length in self._doors.lengths))
        found: list[PortalSession] = []
        for day, begin in self._days(person, since - longest, until):
            found += self._of_day(person, user, day, begin)
        if not found:
            return ()
        wanted = [session for session in found if session.opened < until and _end(session) > since]
        return sorted(wanted, key=lambda session: session.opened)

    def role_sessions(self, user: int, since: Millis, until: Millis) -> Sequence[RoleSession]:
        """See the protocol."""
        person = self._owner(user)
        if person is None or not self._roles or not self.uses(person):
            return ()
        first = since - LONGEST_ROLE
        wishes = [
            (begin + offset, choice, f"role-{person}-{day}-{number}")
            for day, begin in self._days(person, first, until)
            for number, (offset, choice) in enumerate(self._roles_of_day(person, day))
            if first < begin + offset < until
        ]
        if not wishes:
            return ()
        portals = self.portal_sessions(user, Millis(first), until)
        found: list[RoleSession] = []
        routes: Mapping[int, tuple[Route, ...]] | None = None
        for at, choice, name in sorted(wishes):
            portal = next((it for it in portals if it.opened <= at < _end(it)), None)
            if portal is None:
                continue
            routes = self._doors.history.routes(user) if routes is None else routes
            held = [grant for grant, ways in routes.items() if any(_held(way, at) for way in ways)]
            if held:
                grant = held[choice * len(held) >> BITS]
                expires = Millis(at + self._role_length(grant))
                if expires > since:
                    found.append(RoleSession(name, user, grant, portal.id, Millis(at), expires))
        return found

    def uses(self, person: int) -> bool:
        """Whether a person goes to the portal at all."""
        known = self._known.get(person)
        if known is None:
            drawn = self._habits.pattern != "none" and self._numbers.draw(_PERSON, person, 0, 1)[0] < self._users_below
            known = self._known[person] = drawn
        return known

    # --- one person's days -------------------------------------------------------------------------------

    def _days(self, person: int, since: int, until: int) -> Iterator[tuple[int, int]]:
        """The days on which something may begin in ``[since, until)``, and when somebody's time at the portal begins on
        each; days of the wall clock for those who work by it."""
        if self._any_hour:
            for day in range(since // DAY, until // DAY + 1):
                if day * DAY < until and since < (day + 1) * DAY:
                    yield day, day * DAY
            return
        zone = self._zone(person)
        base = zone.base
        for day in range((since + base - DAY) // DAY, (until + base + DAY) // DAY + 1):
            if (day + _THURSDAY) % 7 <= _FRIDAY:
                begin = self._mornings.get((zone.name, day)) or self._morning(zone, day)
                if begin < until and since < begin + _OPEN_FOR:
                    yield day, begin

    def _morning(self, zone: Zone, day: int) -> int:
        """When the time at the portal begins by the clock of a zone on a day."""
        local = np.array([day * DAY + _OPENS], dtype=np.int64)
        morning = self._mornings[zone.name, day] = int(zone.at(local)[0])
        return morning

    @property
    def _open_for(self) -> int:
        return DAY if self._any_hour else _OPEN_FOR

    def _of_day(self, person: int, user: int, day: int, begin: int) -> list[PortalSession]:
        drawn = self._numbers.draw(_PORTALS, person, day, _FIRST_DRAWS)
        many = bisect_right(self._sign_ins, drawn[0])
        if 2 * many + 1 > _FIRST_DRAWS:
            drawn = self._numbers.draw(_PORTALS, person, day, 2 * many + 1)
        found = []
        for number in range(many):
            opened = Millis(begin + (drawn[2 * number + 1] * self._open_for >> BITS))
            found.append(self._session(f"portal-{person}-{day}-{number}", user, opened, drawn[2 * number + 2]))
        return found

    def _session(self, name: str, user: int, opened: Millis, leaves: int) -> PortalSession:
        expires = Millis(opened + self._doors.portal_length(opened))
        if self._habits.sign_out is not None:
            after = int(self._habits.sign_out.values(np.array([leaves], dtype=np.int64))[0])
            if opened + after < expires:
                return PortalSession(name, user, opened, expires, ended=Millis(opened + after), how=Closing.SIGNED_OUT)
        return PortalSession(name, user, opened, expires)

    def _roles_of_day(self, person: int, day: int) -> list[tuple[int, int]]:
        """(time since the beginning, number that chooses among the grants)."""
        drawn = self._numbers.draw(_ROLES, person, day, _FIRST_DRAWS)
        many = bisect_right(self._roles, drawn[0])
        if 2 * many + 1 > _FIRST_DRAWS:
            drawn = self._numbers.draw(_ROLES, person, day, 2 * many + 1)
        return [(drawn[2 * n + 1] * self._open_for >> BITS, drawn[2 * n + 2]) for n in range(many)]

    def _endless(self, person: int, user: int, since: int, until: int) -> list[PortalSession]:
        """One session after the other, without a gap; a change of their length begins them anew for everybody."""
        phase = self._numbers.draw(_PERSON, person, 0, 2)[1]
        found = []
        lengths = self._doors.lengths
        begins = [None, *(at for at, _ in lengths)]
        stretches = [*lengths, (None, self._doors.rules.portal)]
        for begin, (end, length) in zip(begins, stretches, strict=True):
            anchor = (phase * length >> BITS) - length if begin is None else begin
            least = (since - anchor) // length
            for number in range(least if begin is None else max(least, 0), (until - 1 - anchor) // length + 1):
                opened = Millis(anchor + number * length)
                expires = Millis(opened + length)
                if opened < until and expires > since and (end is None or opened < end):
                    found.append(PortalSession(f"portal-{person}-{opened}", user, opened, expires))
        return found


def poisson_table(mean: Fraction) -> list[int]:
    """A Poisson distribution as cumulative probabilities in parts of 2**53: the number of them that a uniform draw
    reaches is Poisson. Whole numbers and fractions only; empty for a mean of 0."""
    if mean <= 0:
        return []
    weights, weight, number = [], 1 << 128, 0
    while weight:
        weights.append(weight)
        number += 1
        weight = weight * mean.numerator // (mean.denominator * number)
    total, sums, reached = sum(weights), [], 0
    for weight in weights:
        reached += weight
        sums.append((reached << BITS) // total)
    return sums


def _end(session: PortalSession) -> Millis:
    return session.expires if session.ended is None else session.ended


def _held(route: Route, at: int) -> bool:
    return all(it.start <= at < it.end for it in (route.assignment, route.membership) if it is not None)
