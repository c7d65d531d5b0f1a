"""People with the names and addresses that somebody's own file gives them.

Invariant: the same questions as to :class:`sim.workforce.people.People`; nothing ever changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mockservices.graph.directory import Attribute
from sim.access.policy import Facts
from sim.randomness import Ints
from sim.workforce.letters import fold
from sim.workforce.people import quick

_GIVEN: Final = (
    "size", "domains", "combinations", "givens", "families", "given", "family", "upns", "nicknames", "employee_ids",
    "facts", "joined_at", "ends_at", "manager", "titles", "title", "later_titles", "beside",
)  # fmt: skip
_NOBODY: Final = -1


class ListedPeople:
    """Everybody of a file; every method takes a row number."""

    __slots__ = ("_by_address", "_by_nickname", "_facts", "_family", "_given", *_GIVEN)

    def __init__(
        self,
        *,
        size: int,
        domains: tuple[str, ...],
        combinations: tuple[Facts, ...],
        givens: Sequence[str],
        families: Sequence[str],
        given: Ints,
        family: Ints,
        upns: Sequence[str],
        nicknames: Sequence[str],
        employee_ids: Sequence[str],
        facts: Ints,
        joined_at: Ints,
        ends_at: Ints,
        manager: Ints,
        titles: Sequence[str],
        title: Ints,
        later_titles: Mapping[tuple[int, int, int], int],
        beside: Mapping[int, tuple[str, ...]],
    ) -> None:
        """``nicknames`` are empty where they are what stands before the @; ``ends_at`` is 0 for who has no end.

        ``title``: rows of `titles`, -1 for none; ``later_titles``: the same by person, combination of facts and
        promotions.
        ``beside``: by person, groups that somebody is in beside those that the facts give, in order.
        """
        self.size = size
        self.domains = domains
        self.combinations = combinations
        self.givens, self.families, self.titles = tuple(givens), tuple(families), tuple(titles)
        self.given, self.family = given.astype("<i4"), family.astype("<i4")
        self.facts = facts.astype("<i4")
        self.joined_at, self.ends_at = joined_at.astype("<i8"), ends_at.astype("<i8")
        self.manager, self.title = manager.astype("<i4"), title.astype("<i4")
        for column in self._columns():
            if len(column) != len(upns):
                raise ValueError("the columns of people are equally long")
            column.setflags(write=False)
        self.upns, self.nicknames, self.employee_ids = upns, nicknames, employee_ids
        self.later_titles = dict(later_titles)
        self.beside: Mapping[int, tuple[str, ...]] = dict(sorted(beside.items()))
        self._given, self._family, self._facts = quick(self.given), quick(self.family), quick(self.facts)
        self._by_address: dict[str, int] | None = None
        self._by_nickname: dict[str, int] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """A way into another process; memory views have none."""
        return partial(ListedPeople, **{name: getattr(self, name) for name in _GIVEN}), ()

    def with_groups(self, more: Mapping[int, tuple[str, ...]]) -> ListedPeople:
        """The same people, some of whom are in more groups beside those that the facts give."""
        beside = {row: tuple(sorted({*self.beside.get(row, ()), *more.get(row, ())})) for row in {*self.beside, *more}}
        return ListedPeople(**{name: getattr(self, name) for name in _GIVEN} | {"beside": beside})

    def __len__(self) -> int:
        """Everybody, future joiners included; `size` counts those who are there at the start."""
        return len(self.upns)

    def given_name(self, row: int) -> str:
        """Their given name."""
        return self.givens[self._given[row]]

    def family_name(self, row: int) -> str:
        """Their family name."""
        return self.families[self._family[row]]

    def family_called(self, value: int) -> str:
        """The family name that a name change gives: what its row in the schedule says."""
        return self.families[value]

    def renamed(self, row: int, family: int, taken: Callable[[str], bool]) -> str:
        """What stands before the @ once somebody has this family name: no address of the file, and none in use."""
        base = f"{fold(self.given_name(row))}.{fold(self.families[family])}"
        local, domain, number = base, self.domain(row), 2
        while taken(local) or self.row_of_user_principal_name(f"{local}@{domain}") is not None:
            local, number = f"{base}{number}", number + 1
        return local

    def display_name(self, row: int) -> str:
        """Given and family name."""
        return f"{self.given_name(row)} {self.family_name(row)}"

    def mail_nickname(self, row: int) -> str:
        """As the file has it, or what stands before the @."""
        return self.nicknames[row] or self.upns[row].partition("@")[0]

    def user_principal_name(self, row: int) -> str:
        """As the file has it."""
        return self.upns[row]

    def domain(self, row: int) -> str:
        """The domain of their address."""
        return self.upns[row].rpartition("@")[2].lower()

    def joined(self, row: int) -> int:
        """When they joined, or will: ms from the start."""
        return int(self.joined_at[row])

    def contract_end(self, row: int) -> int | None:
        """When their contract ends, as it stands at the start or at joining: ms from the start."""
        return int(self.ends_at[row]) or None

    def manager_of(self, row: int) -> int | None:
        """The row of their manager at the start or at joining."""
        manager = int(self.manager[row])
        return None if manager == _NOBODY else manager

    def title_of(self, row: int, facts: int | None = None, promotions: int = 0) -> str | None:
        """Their title with these facts (row of `combinations`) after so many promotions, or at the start or at joining;
        a promotion of which the file tells no title changes none."""
        number = int(self.title[row])
        if facts is not None and self.later_titles:
            told = (self.later_titles.get((row, facts, times)) for times in range(promotions, -1, -1))
            number = next((title for title in told if title is not None), number)
        return (
            self.titles[number] if number >= 0 else self.combinations[self._facts[row] if facts is None else facts].role
        )

    def employee_id(self, row: int) -> str:
        """As the file has it, or a number of their own."""
        return self.employee_ids[row]

    def facts_of(self, row: int) -> Facts:
        """What the policy is asked about them at the start, or at joining; what changes later is in the schedule."""
        return self.combinations[self._facts[row]]

    def row_of_mail_nickname(self, text: str, below: int | None = None) -> int | None:
        """Whose mailNickname this is, whatever its case: the first's who has it."""
        if self._by_nickname is None:
            self._by_nickname = {}
            for row in range(len(self)):
                self._by_nickname.setdefault(self.mail_nickname(row).lower(), row)
        return _under(self._by_nickname.get(text.lower()), below)

    def row_of_user_principal_name(self, text: str, below: int | None = None) -> int | None:
        """Whose userPrincipalName this is, whatever its case."""
        if self._by_address is None:
            self._by_address = {upn.lower(): row for row, upn in enumerate(self.upns)}
        return _under(self._by_address.get(text.lower()), below)

    def digest(self) -> str:
        """SHA-256 over everything that these people are made of."""
        digest = sha256(f"listed/2\n{self.size}\n{len(self)}\n".encode())
        facts = ("\t".join(part or "" for part in each) for each in self.combinations)
        later = (f"{who}\t{facts}\t{title}" for (who, facts, _), title in sorted(self.later_titles.items()))
        beside = (f"{who}\t{chr(9).join(groups)}" for who, groups in self.beside.items())
        pools = (self.domains, facts, self.givens, self.families, self.titles, later, beside)
        for texts in (*pools, self.upns, self.nicknames, self.employee_ids):
            digest.update("\n".join(texts).encode() + b"\0")
        for column in self._columns():
            digest.update(column.tobytes())
        return digest.hexdigest()

    @property
    def nbytes(self) -> int:
        """The size of the columns in bytes, without the texts."""
        return sum(column.nbytes for column in self._columns())

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return (self.given, self.family, self.facts, self.joined_at, self.ends_at, self.manager, self.title)


class ListedAccounts:
    """What the directory says of people of a file: Graph's properties, by row."""

    __slots__ = ("_numbers", "_people", "_start")

    def __init__(self, people: ListedPeople, start: datetime) -> None:
        self._people = people
        self._start = start
        self._numbers = {facts: number for number, facts in enumerate(people.combinations)}

    def attributes(self, row: int) -> dict[str, Attribute]:
        """A fresh dict of Graph's properties, as they are at the start or at joining."""
        people = self._people
        upn, facts, end = people.user_principal_name(row), people.facts_of(row), people.contract_end(row)
        found: dict[str, Attribute] = {
            "userPrincipalName": upn,
            "displayName": people.display_name(row),
            "givenName": people.given_name(row),
            "surname": people.family_name(row),
            "mail": upn,
            "mailNickname": people.mail_nickname(row),
            "employeeId": people.employee_id(row),
            "employeeHireDate": self._midnight(people.joined(row)),
        }
        placed = {**self.placed(row, facts), "jobTitle": people.title_of(row)}
        found.update((name, value) for name, value in placed.items() if value is not None)
        if end is not None:
            found["employeeLeaveDateTime"] = self._midnight(end)
        return found

    def placed(self, row: int, facts: Facts, promotions: int = 0) -> dict[str, Attribute]:
        """See :class:`sim.workforce.persons.PeopleAccounts`."""
        return {
            "department": facts.department,
            "employeeType": facts.employment.capitalize(),
            "jobTitle": self._people.title_of(row, self._numbers[facts], promotions),
            "officeLocation": facts.location,
        }

    def _midnight(self, at: int) -> str:
        """The beginning of the day on which an instant lies, in UTC, as Graph writes it."""
        return f"{(self._start + timedelta(milliseconds=at)).date().isoformat()}T00:00:00Z"


def _under(row: int | None, below: int | None) -> int | None:
    return row if row is not None and (below is None or row < below) else None
