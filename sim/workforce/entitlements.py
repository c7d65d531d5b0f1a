"""Requested access: given in the directory when it is asked for, and taken away at its end, unless that is forgotten.

Invariant: truth follows the request and not the membership: at its end the access is not the person's any more, whether
or not anybody takes it away. A schedule is walked by two processes, however many people ask.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Final, TypeAlias

import numpy as np
from simpy.events import Event

from mockservices.graph.directory import LIVE, Directory
from sim.kernel import Kernel, Order
from sim.observation.ledger import Ledger
from sim.observation.person import PRESENT, Person
from sim.observation.words import ACCESS_EXPIRY
from sim.workforce.hr import Hr
from sim.workforce.people import quick
from sim.workforce.register import Register
from sim.workforce.requests import RequestSchedule
from sim.workforce.truth import Truth

GIVEN, EXTENDED, ENDED, FORGOTTEN = "given", "extended", "ended", "forgotten"
ACTS: Final = (GIVEN, EXTENDED, ENDED, FORGOTTEN)
CARRIED: Final = frozenset({GIVEN, ENDED})
"""Acts that change the directory, and so wait to be carried to the target."""
TOLD: Final = {
    GIVEN: "is given the access asked for to {}",
    EXTENDED: "asks again for {}",
    ENDED: "the access to {} ends",
    FORGOTTEN: "the access to {} should end, and nobody takes it away",
}
RequestRow: TypeAlias = tuple[int, int, str, str]
"""(when, person, group, one of ACTS)."""


class RequestedAccess:
    """Who has asked for what, and until when."""

    def __init__(
        self,
        *,
        directory: Directory,
        ledger: Ledger,
        register: Register,
        truth: Truth,
        hr: Hr,
        group_rows: dict[str, int],
    ) -> None:
        self._directory = directory
        self._ledger = ledger
        self._register = register
        self._truth = truth
        self._hr = hr
        self._group_rows = group_rows
        self._until: dict[tuple[int, str], int] = {}
        self.counts = dict.fromkeys(ACTS, 0)
        self.sink: Callable[[RequestRow], None] | None = None

    @property
    def now(self) -> int:
        """How many are running."""
        return len(self._until)

    def there(self, number: int) -> bool:
        """Whether somebody works here and has an account."""
        person = self._ledger.person(number)
        return person.standing == PRESENT and person.row >= 0 and self._directory.is_live(person.row)

    def ask(self, number: int, group: str, until: int) -> bool:
        """Somebody asks for a group up to a time; whether it is given to them.

        It is not to whoever is not there, or is in the group anyhow. What is running already goes on for as long as
        the later of the two.
        """
        if not self.there(number):
            return False
        person = self._ledger.person(number)
        running = self._until.get((number, group))
        if running is not None:
            if until > running:
                self._until[number, group] = until
            self._note(number, group, EXTENDED)
            return True
        row = self._group_rows[group]
        held = self._by_facts(person, group) if person.hr else row in self._directory.groups_of(person.row)
        if held or self._directory.groups[row].state != LIVE:
            return False
        self._until[number, group] = until
        self._note(number, group, GIVEN)
        if person.hr:
            self._truth.requested[number] = (*self._truth.requested.get(number, ()), group)
            self._entitle(person)
        self._acts(person, row, adds=True)
        return True

    def end(self, number: int, group: str, at: int | None, *, forgotten: bool) -> bool:
        """A request comes to its end; ``at``: the one that ends then, and no other. Whether there was one.

        Whoever has gone meanwhile is taken out of the group all the same.
        """
        until = self._until.get((number, group))
        if until is None or (at is not None and until != at):
            return False
        del self._until[number, group]
        person, row = self._ledger.person(number), self._group_rows[group]
        self._note(number, group, FORGOTTEN if forgotten else ENDED)
        left = tuple(name for name in self._truth.requested.get(number, ()) if name != group)
        if left:
            self._truth.requested[number] = left
        else:
            self._truth.requested.pop(number, None)
        if person.hr and person.standing == PRESENT:
            self._entitle(person)
        if not forgotten and not self._by_facts(person, group):
            self._acts(person, row, adds=False)
        return True

    def _entitle(self, person: Person) -> None:
        facts = self._register.facts(person.number)
        self._ledger.entitle(person, self._truth.of_facts(person.number, facts), ACCESS_EXPIRY)
        self._ledger.events.regained(person)

    def _by_facts(self, person: Person, group: str) -> bool:
        """Whether somebody who is there is to be in the group, asked for or not."""
        return (
            person.hr
            and person.standing == PRESENT
            and group in self._truth.names(person.number, self._register.facts(person.number))
        )

    def _acts(self, person: Person, group: int, *, adds: bool) -> None:
        """Change the membership, where there is something to change."""
        directory = self._directory
        if (
            not directory.is_live(person.row)
            or directory.groups[group].state != LIVE
            or (group in directory.groups_of(person.row)) is adds
        ):
            return
        acting, self._hr.acting = self._hr.acting, person.hr
        try:
            (directory.add_member if adds else directory.remove_member)(group, person.row)
        finally:
            self._hr.acting = acting

    def _note(self, number: int, group: str, act: str) -> None:
        self.counts[act] += 1
        if self.sink is not None:
            self.sink((self._ledger.clock.now, number, group, act))


class Requesting:
    """The drawn requests of a workforce as they happen."""

    def __init__(
        self, kernel: Kernel, schedule: RequestSchedule, groups: tuple[str, ...], requested: RequestedAccess
    ) -> None:
        """``groups``: what each rule asks for."""
        self._kernel = kernel
        self._schedule = schedule
        self._groups = groups
        self._requested = requested
        self._person, self._rule = quick(schedule.person), quick(schedule.rule)
        self._until, self._forgotten = quick(schedule.until), quick(schedule.forgotten)
        self._given = bytearray(len(schedule))

    def begin(self) -> None:
        """Start the two processes."""
        schedule = self._schedule
        if len(schedule):
            self._kernel.process(self._feed(np.arange(len(schedule)), quick(schedule.at), self._ask))
            self._kernel.process(self._feed(np.argsort(schedule.until, kind="stable"), self._until, self._end))

    def _feed(self, rows: Any, times: memoryview, happen: Callable[[int], None]) -> Generator[Event, Any, None]:
        for row in rows.tolist():
            yield self._kernel.at(times[row], Order.DIRECTORY)
            happen(row)

    def _ask(self, row: int) -> None:
        asked = self._requested.ask(self._person[row], self._groups[self._rule[row]], self._until[row])
        self._given[row] = asked

    def _end(self, row: int) -> None:
        if self._given[row]:
            group = self._groups[self._rule[row]]
            self._requested.end(self._person[row], group, self._until[row], forgotten=bool(self._forgotten[row]))
