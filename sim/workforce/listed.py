"""People with the names and addresses that somebody's own file gives them.

Invariant: the same questions as to :class:`sim.workforce.people.People`; nothing ever changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.randomness import Ints
from sim.workforce.people import quick

_GIVEN: Final = (
    "size", "domain", "domains", "combinations", "givens", "families", "given", "family", "upns", "nicknames",
    "employee_ids", "facts", "joined_at",
)  # fmt: skip


class ListedPeople:
    """Everybody of a file; every method takes a row number."""

    __slots__ = ("_by_address", "_by_nickname", "_facts", "_family", "_given", *_GIVEN)

    def __init__(
        self,
        *,
        size: int,
        domain: str,
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
    ) -> None:
        """``nicknames`` are empty where they are what stands before the @."""
        self.size = size
        self.domain = domain.lower()
        self.domains = domains
        self.combinations = combinations
        self.givens, self.families = tuple(givens), tuple(families)
        self.given, self.family = given.astype("<i4"), family.astype("<i4")
        self.facts = facts.astype("<i4")
        self.joined_at = joined_at.astype("<i8")
        for column in self._columns():
            if len(column) != len(upns):
                raise ValueError("the columns of people are equally long")
            column.setflags(write=False)
        self.upns, self.nicknames, self.employee_ids = upns, nicknames, employee_ids
        self._given, self._family, self._facts = quick(self.given), quick(self.family), quick(self.facts)
        self._by_address: dict[str, int] | None = None
        self._by_nickname: dict[str, int] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """A way into another process; memory views have none."""
        return partial(ListedPeople, **{name: getattr(self, name) for name in _GIVEN}), ()

    def __len__(self) -> int:
        """Everybody, future joiners included; `size` counts those who are there at the start."""
        return len(self.upns)

    def given_name(self, row: int) -> str:
        """Their given name."""
        return self.givens[self._given[row]]

    def family_name(self, row: int) -> str:
        """Their family name."""
        return self.families[self._family[row]]

    def display_name(self, row: int) -> str:
        """Given and family name."""
        return f"{self.given_name(row)} {self.family_name(row)}"

    def mail_nickname(self, row: int) -> str:
        """As the file has it, or what stands before the @."""
        return self.nicknames[row] or self.upns[row].partition("@")[0]

    def user_principal_name(self, row: int) -> str:
        """As the file has it."""
        return self.upns[row]

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
        digest = sha256(f"listed/1\n{self.domain}\n{self.size}\n{len(self)}\n".encode())
        facts = ("\t".join(part or "" for part in each) for each in self.combinations)
        for texts in (self.domains, facts, self.givens, self.families, self.upns, self.nicknames, self.employee_ids):
            digest.update("\n".join(texts).encode() + b"\0")
        for column in self._columns():
            digest.update(column.tobytes())
        return digest.hexdigest()

    @property
    def nbytes(self) -> int:
        """The size of the columns in bytes, without the texts."""
        return sum(column.nbytes for column in self._columns())

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return (self.given, self.family, self.facts, self.joined_at)


def _under(row: int | None, below: int | None) -> int | None:
    return row if row is not None and (below is None or row < below) else None
