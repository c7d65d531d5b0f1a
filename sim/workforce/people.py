"""Everybody who is ever part of a run, as columns; texts are made when somebody looks.

Invariant: rows 0 to size-1 are there at the start, later rows join in the order of their numbers; nothing ever changes.
Addresses are unique, and lead to their rows by searching sorted columns: nothing is kept for each person in a dict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.randomness import Ints
from sim.workforce.addresses import Addresses
from sim.workforce.hierarchy import NOBODY, Hierarchy, Rank
from sim.workforce.names import NamePools


def quick(column: NDArray[np.generic]) -> memoryview:
    """A column read one whole number at a time, at a third of what that costs through numpy; nothing is copied."""
    return np.ascontiguousarray(column, dtype=column.dtype.newbyteorder("=")).data


class People:
    """The people's columns, and what can be told from them; every method takes a row number.

    ================ ===== ====================================================================================
    `given`          u2    row of `pools.given`
    `family`         u2    row of `pools.family`, of the same locale
    `facts`          i4    row of `combinations`
    `joined_at`      i8    when they joined, in ms from the start
    `grade`          u1    a draw that decides between junior and senior titles
    `domain_of`      u1    row of `domains`; None: everybody has the first
    `ends_at`        i8    when their contract ends, in ms from the start (0: it has no end); None: nobody's does
    `manager`        i4    the manager's row (-1: none); None: there are no managers
    `rank`           u1    :class:`Rank`; None with the same meaning
    `addresses`      u2    which of the people of one folded name somebody is, and who shares a mailNickname
    ================ ===== ====================================================================================
    """

    __slots__ = (
        "_domain_of",
        "_ends_at",
        "_facts",
        "_family",
        "_given",
        "_grade",
        "_joined_at",
        "_length",
        "_manager",
        "_rank",
        "addresses",
        "combinations",
        "domain_of",
        "domains",
        "ends_at",
        "facts",
        "family",
        "given",
        "grade",
        "joined_at",
        "manager",
        "pools",
        "rank",
        "size",
        "taken",
    )

    beside: Mapping[int, tuple[str, ...]] = MappingProxyType({})
    """Nobody has a group beside those that the facts give."""

    def __init__(
        self,
        *,
        size: int,
        domains: Sequence[str],
        combinations: tuple[Facts, ...],
        pools: NamePools,
        given: Ints,
        family: Ints,
        facts: Ints,
        joined_at: Ints,
        grade: Ints | None = None,
        domain_of: Ints | None = None,
        ends_at: Ints | None = None,
        hierarchy: Hierarchy | None = None,
        shares: NDArray[np.bool_] | None = None,
        taken: Sequence[str] = (),
    ) -> None:
        """``combinations``: what the policy can be asked about anybody. ``shares`` and ``taken`` as in Addresses."""
        self.size = size
        self.domains = tuple(domain.lower() for domain in domains)
        self.combinations = combinations
        self.pools = pools
        self.given = given.astype("<u2")
        self.family = family.astype("<u2")
        self.facts = facts.astype("<i4")
        self.joined_at = joined_at.astype("<i8")
        self.grade = (np.full(len(given), 128) if grade is None else grade).astype("u1")
        self.domain_of = None if domain_of is None else domain_of.astype("u1")
        self.ends_at = None if ends_at is None else ends_at.astype("<i8")
        self.manager = None if hierarchy is None else hierarchy.manager.astype("<i4")
        self.rank = None if hierarchy is None else hierarchy.rank.astype("u1")
        for column in self._columns():
            if len(column) != len(joined_at):
                raise ValueError("the columns of people are equally long")
            column.setflags(write=False)
        self._length = len(self.given)
        self.taken = tuple(sorted(set(taken)))
        self.addresses = Addresses(pools, self.given, self.family, shares=shares, taken=self.taken)
        self._given, self._family = quick(self.given), quick(self.family)
        self._facts, self._joined_at, self._grade = quick(self.facts), quick(self.joined_at), quick(self.grade)
        self._domain_of = None if self.domain_of is None else quick(self.domain_of)
        self._ends_at = None if self.ends_at is None else quick(self.ends_at)
        self._manager = None if self.manager is None else quick(self.manager)
        self._rank = None if self.rank is None else quick(self.rank)

    def __len__(self) -> int:
        """Everybody, future joiners included; `size` counts those who are there at the start."""
        return self._length

    # --- names -------------------------------------------------------------------------------------------

    def given_name(self, row: int) -> str:
        """Their given name, in the locale's own letters."""
        return self.pools.given[self._given[row]]

    def family_name(self, row: int) -> str:
        """Their family name, in the locale's own letters."""
        return self.pools.family[self._family[row]]

    def family_called(self, value: int) -> str:
        """The family name that a name change gives: what its row in the schedule says."""
        return self.pools.family[value]

    def renamed(self, row: int, family: int, taken: Callable[[str], bool]) -> str:
        """What stands before the @ once somebody has this family name; see :meth:`Addresses.renamed`."""
        return self.addresses.renamed(row, family, taken)

    def display_name(self, row: int) -> str:
        """Given and family name."""
        return f"{self.given_name(row)} {self.family_name(row)}"

    def locale_of(self, row: int) -> int:
        """Which of `pools.locales` their names are of."""
        return self.pools.part_of(self._given[row])

    def mail_nickname(self, row: int) -> str:
        """What stands before the @ of their address, or the same as a namesake's where they share one."""
        return self.addresses.nickname(row)

    def user_principal_name(self, row: int) -> str:
        """``given.family@domain``, or ``given.family2@domain`` for the next of that name; in lower case."""
        return f"{self.addresses.local_part(row)}@{self.domain(row)}"

    def domain(self, row: int) -> str:
        """The domain of their address, at the start or at joining."""
        return self.domains[0 if self._domain_of is None else self._domain_of[row]]

    # --- the rest ----------------------------------------------------------------------------------------

    def employee_id(self, row: int) -> str:
        """HR's number of the person, at most 16 characters as Entra demands of employeeId
        (https://learn.microsoft.com/graph/api/resources/user).
        """
        return f"E{row + 1:07d}"

    def facts_of(self, row: int) -> Facts:
        """What the policy is asked about them at the start, or at joining; what changes later is in the schedule."""
        return self.combinations[self._facts[row]]

    def joined(self, row: int) -> int:
        """When they joined, or will: ms from the start."""
        at: int = self._joined_at[row]
        return at

    def contract_end(self, row: int) -> int | None:
        """When their contract ends, as it stands at the start or at joining: ms from the start."""
        return (self._ends_at[row] or None) if self._ends_at is not None else None

    def manager_of(self, row: int) -> int | None:
        """The row of their manager at the start or at joining."""
        if self._manager is None:
            return None
        manager: int = self._manager[row]
        return None if manager == NOBODY else manager

    def rank_of(self, row: int) -> int:
        """Their place in the hierarchy at the start; without one everybody is staff."""
        rank: int = Rank.STAFF if self._rank is None else self._rank[row]
        return rank

    def grade_of(self, row: int) -> int:
        """A draw from 0 to 255 that decides between junior and senior titles."""
        grade: int = self._grade[row]
        return grade

    # --- whose it is -------------------------------------------------------------------------------------

    def row_of_mail_nickname(self, text: str, below: int | None = None) -> int | None:
        """Whose mailNickname this is, whatever its case; None when it is nobody's, or not of a row under ``below``.

        Of those who share one, the first.
        """
        row = self.addresses.row_of_nickname(text)
        return row if row is not None and row < (self._length if below is None else below) else None

    def row_of_user_principal_name(self, text: str, below: int | None = None) -> int | None:
        """Whose userPrincipalName this is, as :meth:`row_of_mail_nickname` tells it."""
        local, _, domain = text.partition("@")
        row = self.addresses.row_of(local)
        if row is None or row >= (self._length if below is None else below):
            return None
        return row if domain.isascii() and domain.lower() == self.domain(row) else None

    def digest(self) -> str:
        """SHA-256 over everything that these people are made of."""
        head = ["people/3", self.pools.version, *self.domains, str(self.size), str(len(self)), *self.taken]
        head += ["\t".join(part or "" for part in facts) for facts in self.combinations]
        head += [name for name in ("domain_of", "ends_at", "manager") if getattr(self, name) is not None]
        digest = sha256("\n".join(head).encode() + b"\0")
        for column in self._columns():
            digest.update(column.tobytes())
        if self.addresses.shares is not None:
            digest.update(self.addresses.shares.tobytes())
        return digest.hexdigest()

    @property
    def nbytes(self) -> int:
        """The size of the columns in bytes, that of the look-up by address included once somebody was looked for."""
        return sum(column.nbytes for column in self._columns()) + self.addresses.nbytes

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        always = (self.given, self.family, self.facts, self.joined_at, self.grade)
        optional = (self.domain_of, self.ends_at, self.manager, self.rank)
        return (*always, *(column for column in optional if column is not None))
