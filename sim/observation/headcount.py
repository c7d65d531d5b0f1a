"""Whom the company employs: how many there are, and how many there were at most.

Invariant: somebody counts from joining (or being rehired) until they leave or their contract ends; a leave of absence
changes nothing. People whom only the directory knows count while their account is enabled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mockservices.clock import Clock
from mockservices.graph.directory import Directory
from sim.observation.level import Level
from sim.observation.person import Person
from sim.workforce.persons import Persons
from sim.workforce.register import Register

EMPLOYEE, CONTRACTOR = "employee", "contractor"
EmploymentRow = tuple[int, str, int, int]
"""(person, employee or contractor, when, 1 for a beginning and -1 for an end)."""


class Headcount:
    """The size of the company over time."""

    def __init__(self, clock: Clock, people: Persons | None) -> None:
        """Begin with everybody of a generated population who is there at the start."""
        self._clock = clock
        self._people = people
        self._size = people.size if people is not None else 0
        contractors = 0
        if people is not None:
            by_contract = [row for row, facts in enumerate(people.combinations) if facts.employment == CONTRACTOR]
            contractors = int(np.count_nonzero(np.isin(people.facts[: people.size], by_contract)))
        self.everybody = Level(self._size)
        self.contractors = Level(contractors)
        self.sink: Callable[[EmploymentRow], None] | None = None
        self._changed: dict[int, str | None] = {}  # as what somebody is employed who was touched; None: not at all

    @property
    def employees(self) -> int:
        """How many employees there are now."""
        return self.everybody.now - self.contractors.now

    def employment(self, number: int) -> str | None:
        """As what a person is employed now; None: not at all."""
        if number in self._changed:
            return self._changed[number]
        return self._people.facts_of(number).employment if self._people is not None and number < self._size else None

    def begins(self, number: int, employment: str) -> None:
        """Somebody is employed from now on; nothing happens if they are already."""
        if self.employment(number) is not None:
            return
        now = self._clock.now
        self._changed[number] = employment
        self.everybody.begin(now)
        if employment == CONTRACTOR:
            self.contractors.begin(now)
        if self.sink is not None:
            self.sink((number, employment, now, 1))

    def becomes(self, number: int, employment: str) -> None:
        """Somebody who is employed is employed as something else from now on."""
        before = self.employment(number)
        if before is None or before == employment:
            return
        now = self._clock.now
        self._changed[number] = employment
        (self.contractors.begin if employment == CONTRACTOR else self.contractors.end)(now)
        if self.sink is not None:
            self.sink((number, before, now, -1))
            self.sink((number, employment, now, 1))

    def ends(self, number: int) -> None:
        """Somebody is employed no longer; nothing happens if they are not."""
        employment = self.employment(number)
        if employment is None:
            return
        now = self._clock.now
        self._changed[number] = None
        self.everybody.end(now)
        if employment == CONTRACTOR:
            self.contractors.end(now)
        if self.sink is not None:
            self.sink((number, employment, now, -1))


def employment_of(person: Person, register: Register, directory: Directory) -> str:
    """What HR says that somebody is, or else the account's ``employeeType``."""
    try:
        return register.facts(person.number).employment
    except KeyError:
        kind = directory.attributes_of(person.row).get("employeeType")
        return CONTRACTOR if str(kind).lower() == CONTRACTOR else EMPLOYEE
