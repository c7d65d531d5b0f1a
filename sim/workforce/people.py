"""Everybody who is ever part of a run, as columns; texts are made when somebody looks.

Invariant: rows 0 to size-1 are there at the start, later rows join in the order of their numbers; nothing ever changes.
A row number is part of every address, so addresses are unique and an address leads to its row without an index.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.randomness import Ints
from sim.workforce.names import NamePools

_DIGITS: Final = "0123456789"
_MOST_DIGITS: Final = 10


def quick(column: NDArray[np.generic]) -> memoryview:
    """A column read one whole number at a time, at a third of what that costs through numpy; nothing is copied."""
    return np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("=")).data


class People:
    """The people's columns, and what can be told from them; every method takes a row number."""

    __slots__ = (
        "_facts",
        "_family",
        "_given",
        "_length",
        "combinations",
        "domain",
        "facts",
        "family",
        "given",
        "joined_at",
        "pools",
        "size",
    )

    def __init__(
        self,
        *,
        size: int,
        domain: str,
        combinations: tuple[Facts, ...],
        pools: NamePools,
        given: Ints,
        family: Ints,
        facts: Ints,
        joined_at: Ints,
    ) -> None:
        """``combinations``: what the policy can be asked about anybody; ``facts``: which of them each person has."""
        self.size = size
        self.domain = domain.lower()
        self.combinations = combinations
        self.pools = pools
        self.given = given.astype("<u2")
        self.family = family.astype("<u2")
        self.facts = facts.astype("<i4")
        self.joined_at = joined_at.astype("<i8")
        for column in self._columns():
            if len(column) != len(joined_at):
                raise ValueError("the columns of people are equally long")
            column.setflags(write=False)
        self._length = len(self.given)
        self._given, self._family = quick(self.given), quick(self.family)
        self._facts = quick(self.facts)

    def __len__(self) -> int:
        """Everybody, future joiners included; `size` counts those who are there at the start."""
        return self._length

    def given_name(self, row: int) -> str:
        """Their given name, in the locale's own letters."""
        return self.pools.given[self._given[row]]

    def family_name(self, row: int) -> str:
        """Their family name, in the locale's own letters."""
        return self.pools.family[self._family[row]]

    def display_name(self, row: int) -> str:
        """Given and family name."""
        return f"{self.given_name(row)} {self.family_name(row)}"

    def mail_nickname(self, row: int) -> str:
        """``given.family17`` for row 16, in lower-case ASCII."""
        pools = self.pools
        return f"{pools.given_folded[self._given[row]]}.{pools.family_folded[self._family[row]]}{row + 1}"

    def user_principal_name(self, row: int) -> str:
        """``given.family17@domain`` for row 16, in lower case."""
        return f"{self.mail_nickname(row)}@{self.domain}"

    def employee_id(self, row: int) -> str:
        """HR's number of the person, at most 16 characters as Entra demands of employeeId
        (https://learn.microsoft.com/graph/api/resources/user).
        """
        return f"E{row + 1:07d}"

    def facts_of(self, row: int) -> Facts:
        """What the policy is asked about them at the start, or at joining; what changes later is in the schedule."""
        return self.combinations[self._facts[row]]

    def row_of_mail_nickname(self, text: str, below: int | None = None) -> int | None:
        """Whose mailNickname this is, whatever its case; None when it is nobody's, or not of a row under ``below``."""
        digits = text[len(text.rstrip(_DIGITS)) :]
        if not 0 < len(digits) <= _MOST_DIGITS:
            return None
        row = int(digits) - 1
        if not 0 <= row < (self._length if below is None else below):
            return None
        return row if text.isascii() and self.mail_nickname(row) == text.lower() else None

    def row_of_user_principal_name(self, text: str, below: int | None = None) -> int | None:
        """Whose userPrincipalName this is, as :meth:`row_of_mail_nickname` tells it."""
        nickname, _, domain = text.partition("@")
        row = self.row_of_mail_nickname(nickname, below)
        return row if row is not None and domain.isascii() and domain.lower() == self.domain else None

    def digest(self) -> str:
        """SHA-256 over everything that these people are made of."""
        head = ["people/2", self.pools.version, self.domain, str(self.size), str(len(self))]
        head += ["\t".join(part or "" for part in facts) for facts in self.combinations]
        digest = sha256("\n".join(head).encode() + b"\0")
        for column in self._columns():
            digest.update(column.tobytes())
        return digest.hexdigest()

    @property
    def nbytes(self) -> int:
        """The size of the columns in bytes."""
        return sum(column.nbytes for column in self._columns())

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return (self.given, self.family, self.facts, self.joined_at)
