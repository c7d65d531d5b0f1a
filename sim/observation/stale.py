"""The auditor's question: which grants still work whose owner's account has been disabled for long?

Invariant: compares the target with the directory and changes neither. A grant is stale when it is effective and its
owner's account has been disabled, or deleted, for longer than the threshold. What an audit found stays found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mockservices.clock import Clock
from sim.observation.ledger import Ledger
from sim.observation.person import Person

PersonGrant = tuple[int, int]
"""Somebody's number, and a grant's."""
FOUND, REMOVED, USABLE = "found", "removed", "usable"


class StaleAccess:
    """Who has been disabled since when, and what audits have found and clean-ups removed."""

    def __init__(self, clock: Clock, ledger: Ledger, threshold: int) -> None:
        self._clock = clock
        self._ledger = ledger
        self.threshold = threshold
        """In milliseconds."""
        self.disabled_since: dict[int, tuple[int, int]] = {}
        """By account: whose it is, and when it was disabled or deleted (before the start: negative)."""
        self.audits = 0
        self._found: dict[PersonGrant, tuple[int, int]] = {}
        """When it was found, and since when the account had been disabled."""
        self._removed: dict[PersonGrant, None] = {}
        self._usable: dict[PersonGrant, None] = {}
        self.usable_now: Callable[[int, int], bool] | None = None
        """Whether a person could use a grant at this moment; None where nobody knows."""
        self.sink: Callable[[tuple[int, int, int, str]], None] | None = None
        """Told (when, person, grant, found, removed or usable)."""

    def account(self, row: int, person: Person, *, enabled: bool, since: int | None = None) -> None:
        """An account was seen to be enabled or not; ``since`` says when that began if it was before now."""
        if enabled:
            self.disabled_since.pop(row, None)
        elif row not in self.disabled_since:
            self.disabled_since[row] = (person.number, self._clock.now if since is None else since)

    def now(self) -> list[PersonGrant]:
        """What is stale at this moment, by person and grant; somebody with another account that works is not gone."""
        latest = self._clock.now - self.threshold
        gone = sorted(number for number, since in self.disabled_people() if since < latest)
        return [(number, grant) for number in gone for grant in sorted(self._ledger.person(number).effective)]

    def disabled_people(self) -> Iterator[tuple[int, int]]:
        """Whose latest account is disabled or deleted, and since when."""
        for row, (number, since) in self.disabled_since.items():
            if self._ledger.person(number).row == row:
                yield number, since

    def audit(self) -> list[PersonGrant]:
        """Look, and note what is there to be cleaned up."""
        self.audits += 1
        stale, since = self.now(), dict(self.disabled_people())
        for number, grant in stale:
            if (number, grant) not in self._found:
                self._found[number, grant] = (self._clock.now, since[number])
                self._tell(number, grant, FOUND)
            if self.usable_now is not None and (number, grant) not in self._usable and self.usable_now(number, grant):
                self._usable[number, grant] = None
                self._tell(number, grant, USABLE)
        return stale

    def finds(self) -> Iterator[tuple[int, int, int, int, bool]]:
        """What audits found: person, grant, when, disabled since when, and whether a clean-up has removed it."""
        for (number, grant), (at, since) in self._found.items():
            yield number, grant, at, since, (number, grant) in self._removed

    def to_remove(self) -> list[PersonGrant]:
        """What an audit found and is stale still."""
        return [key for key in self.now() if key in self._found]

    def taken_away(self, number: int, grant: int) -> None:
        """A clean-up has dealt with a grant; it is removed if it does not work any more."""
        if grant not in self._ledger.person(number).effective and (number, grant) not in self._removed:
            self._removed[number, grant] = None
            self._tell(number, grant, REMOVED)

    @property
    def found(self) -> int:
        """Distinct over all audits, or what is stale now when there was none."""
        return len(self._found) if self.audits else len(self.now())

    @property
    def usable(self) -> int | None:
        """Those that their owners could use, when an audit found them or now when there was none; None where there are
        no sessions."""
        usable_now = self.usable_now
        if usable_now is None:
            return None
        return len(self._usable) if self.audits else sum(usable_now(*stale) for stale in self.now())

    @property
    def removed(self) -> int:
        """Those of them that a clean-up took away."""
        return len(self._removed)

    def _tell(self, number: int, grant: int, what: str) -> None:
        if self.sink is not None:
            self.sink((self._clock.now, number, grant, what))
