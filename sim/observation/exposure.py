"""Counts and exact sums over time of people and grants in a state: orphaned, missing, suspended, privileged.

Invariant: sums are integer milliseconds; every closed interval is added once, and handed to the sink once.
"""

from __future__ import annotations

from collections.abc import Callable

from mockservices.clock import Clock

PersonRow = tuple[int, str, str | None, str | None, int, int | None]
"""(person, state, cause, waiting for, since, until); until None: still open."""
GrantRow = tuple[int, int, str, str | None, int, int | None]
"""(person, grant, state, cause, since, until); until None: still open."""


class Level:
    """How many there are now, how many there were at most, and the time integral."""

    __slots__ = ("now", "peak", "sum_ms")

    def __init__(self) -> None:
        self.now = 0
        self.peak = 0
        self.sum_ms = 0

    def begin(self) -> None:
        """One more."""
        self.now += 1
        if self.now > self.peak:
            self.peak = self.now

    def end(self, lasted_ms: int) -> None:
        """One fewer, after so long."""
        self.now -= 1
        self.sum_ms += lasted_ms


class Exposure:
    """The figures of one run about states that last."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: dict[str, Level] = {}
        self.grants: dict[str, Level] = {}
        self.cause_people: dict[str, Level] = {}
        self.cause_grants: dict[str, Level] = {}
        self.cause_persons: dict[str, dict[int, None]] = {}
        self.waiting_ms: dict[str, int] = {}
        self.grant_ms: dict[int, int] = {}
        self.ever_missing: dict[int, None] = {}
        self.person_sink: Callable[[PersonRow], None] | None = None
        self.grant_sink: Callable[[GrantRow], None] | None = None

    def person(self, state: str) -> Level:
        """People in a state."""
        return _level(self.people, state)

    def grant(self, state: str) -> Level:
        """Grants in a state."""
        return _level(self.grants, state)

    # --- orphaned people, in pieces of one cause and one thing waited for ---------------------------------

    def begin_orphan(self, person: int, cause: str) -> None:
        """A person's first orphaned grant opened, or the cause of the one that counts changed."""
        _level(self.cause_people, cause).begin()
        self.cause_persons.setdefault(cause, {})[person] = None

    def end_orphan_piece(self, person: int, cause: str, waiting: str, since: int) -> None:
        """A stretch of a person interval is over."""
        until = self.clock.now
        if until > since:
            self.waiting_ms[waiting] = self.waiting_ms.get(waiting, 0) + until - since
            self.cause_people[cause].sum_ms += until - since
            self.person("orphaned").sum_ms += until - since
            if self.person_sink is not None:
                self.person_sink((person, "orphaned", cause, waiting, since, until))

    def end_orphan(self, cause: str) -> None:
        """A person has no grant of this cause that counts any more."""
        self.cause_people[cause].now -= 1

    # --- orphaned grants ---------------------------------------------------------------------------------

    def begin_orphan_grant(self, cause: str) -> None:
        """A grant became orphaned."""
        self.grant("orphaned").begin()
        _level(self.cause_grants, cause).begin()

    def end_orphan_grant(self, person: int, grant: int, cause: str, since: int) -> None:
        """A grant is orphaned no longer, or from now on with another cause."""
        until = self.clock.now
        self.grant("orphaned").end(until - since)
        self.cause_grants[cause].end(until - since)
        if until > since:
            self.grant_ms[grant] = self.grant_ms.get(grant, 0) + until - since
            if self.grant_sink is not None:
                self.grant_sink((person, grant, "orphaned", cause, since, until))

    # --- everything else ---------------------------------------------------------------------------------

    def end_person(self, person: int, state: str, since: int) -> None:
        """A person leaves a state that has no cause (missing, suspended, privileged)."""
        until = self.clock.now
        self.person(state).end(until - since)
        if until > since and self.person_sink is not None:
            self.person_sink((person, state, None, None, since, until))

    def grants_were(self, person: int, grants: frozenset[int], state: str, since: int) -> None:
        """A person's set of grants in a state changed; ``grants`` is what it was."""
        sink = self.grant_sink
        until = self.clock.now
        if sink is not None and until > since:
            for grant in sorted(grants):
                sink((person, grant, state, None, since, until))


def _level(levels: dict[str, Level], name: str) -> Level:
    level = levels.get(name)
    if level is None:
        level = levels[name] = Level()
    return level
