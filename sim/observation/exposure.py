"""Counts and exact sums over time of people and grants in a state: orphaned, missing, suspended, privileged.

Invariant: sums are integer milliseconds, open stretches included; every closed stretch is handed to the sink once.
"""

from __future__ import annotations

from collections.abc import Callable

from mockservices.clock import Clock
from sim.observation.level import Level, Levels

PersonRow = tuple[int, str, str | None, str | None, int, int | None]
"""(person, state, cause, waiting for, since, until); until None: still open."""
GrantRow = tuple[int, int, str, str | None, int, int | None]
"""(person, grant, state, cause, since, until); until None: still open."""


class Exposure:
    """The figures of one run about states that last."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.people: Levels[str] = Levels()
        self.grants: Levels[str] = Levels()
        self.cause_people: Levels[str] = Levels()
        self.cause_grants: Levels[str] = Levels()
        self.waiting: Levels[str] = Levels()
        """People with orphaned access, by what its end waits for."""
        self.orphaned_grants: Levels[int] = Levels()
        """How often each grant is orphaned, by its number."""
        self.cause_persons: dict[str, dict[int, None]] = {}
        """Who has had orphaned access of a cause for any time at all, as far as that is over."""
        self.ever_missing: dict[int, None] = {}
        """Who has waited for access for any time at all, as far as that is over."""
        self.person_sink: Callable[[PersonRow], None] | None = None
        self.grant_sink: Callable[[GrantRow], None] | None = None

    def person(self, state: str) -> Level:
        """People in a state."""
        return self.people[state]

    def grant(self, state: str) -> Level:
        """Grants in a state."""
        return self.grants[state]

    # --- orphaned people, in pieces of one cause and one thing waited for ---------------------------------

    def begin_orphan_piece(self, cause: str, waiting: str) -> None:
        """From now on a person's orphaned access has this cause and waits for this."""
        now = self.clock.now
        self.people["orphaned"].begin(now)
        self.cause_people[cause].begin(now)
        self.waiting[waiting].begin(now)

    def end_orphan_piece(self, person: int, cause: str, waiting: str, since: int) -> None:
        """A stretch of one cause and one thing waited for is over."""
        until = self.clock.now
        self.people["orphaned"].end(until)
        self.cause_people[cause].end(until)
        self.waiting[waiting].end(until)
        if until > since:
            self._keep_piece(person, cause, waiting, since, until)

    def wait_for_other(self, person: int, cause: str, waiting: str, since: int, other: str) -> None:
        """A stretch is over, and another of the same cause begins that waits for something else."""
        until = self.clock.now
        self.waiting[waiting].end(until)
        self.waiting[other].begin(until)
        if until > since:
            self._keep_piece(person, cause, waiting, since, until)

    def _keep_piece(self, person: int, cause: str, waiting: str, since: int, until: int) -> None:
        persons = self.cause_persons.get(cause)
        if persons is None:
            persons = self.cause_persons[cause] = {}
        persons[person] = None
        if self.person_sink is not None:
            self.person_sink((person, "orphaned", cause, waiting, since, until))

    # --- orphaned grants ---------------------------------------------------------------------------------

    def begin_orphan_grant(self, grant: int, cause: str) -> None:
        """A grant became orphaned."""
        now = self.clock.now
        self.grants["orphaned"].begin(now)
        self.cause_grants[cause].begin(now)
        self.orphaned_grants[grant].begin(now)

    def end_orphan_grant(self, person: int, grant: int, cause: str, since: int) -> None:
        """A grant is orphaned no longer, or from now on with another cause."""
        until = self.clock.now
        self.grants["orphaned"].end(until)
        self.cause_grants[cause].end(until)
        self.orphaned_grants[grant].end(until)
        if until > since and self.grant_sink is not None:
            self.grant_sink((person, grant, "orphaned", cause, since, until))

    # --- everything else ---------------------------------------------------------------------------------

    def end_person(self, person: int, state: str, since: int) -> None:
        """A person leaves a state that has no cause (missing, suspended, privileged)."""
        until = self.clock.now
        self.people[state].end(until)
        if until > since:
            if state == "missing":
                self.ever_missing[person] = None
            if self.person_sink is not None:
                self.person_sink((person, state, None, None, since, until))

    def grants_were(self, person: int, grants: frozenset[int], state: str, since: int) -> None:
        """A person's set of grants in a state changed; ``grants`` is what it was."""
        sink = self.grant_sink
        until = self.clock.now
        if sink is not None and until > since:
            for grant in sorted(grants):
                sink((person, grant, state, None, since, until))
