"""What a world asks about its people, whether they are generated or somebody's own.

Invariant: every method takes a row; what it answers never changes during a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mockservices.graph.directory import Attribute
from sim.access.policy import Facts


class Persons(Protocol):
    """Everybody who is ever part of a run; rows 0 to size-1 are there at the start."""

    size: int
    combinations: tuple[Facts, ...]
    """What the policy can be asked about anybody."""
    facts: NDArray[np.int32]
    """Which combination each person has at the start, or at joining."""
    joined_at: NDArray[np.int64]
    """When each person came, in ms from the start; before it for those who are there then."""

    beside: Mapping[int, tuple[str, ...]]
    """By row, groups that somebody is in beside those that the facts give, from the start or joining until they go."""

    def __len__(self) -> int: ...

    domains: tuple[str, ...]
    """The domains of the people's addresses, and those that they will get."""

    def given_name(self, row: int) -> str:
        """Their given name."""

    def family_name(self, row: int) -> str:
        """Their family name."""

    def family_called(self, value: int) -> str:
        """The family name that a name change gives: what its row in the schedule says."""

    def renamed(self, row: int, family: int, taken: Callable[[str], bool]) -> str:
        """What stands before the @ once somebody has this family name; ``taken``: whether an address with it is."""

    def display_name(self, row: int) -> str:
        """Given and family name."""

    def mail_nickname(self, row: int) -> str:
        """Their mailNickname."""

    def user_principal_name(self, row: int) -> str:
        """Their userPrincipalName."""

    def contract_end(self, row: int) -> int | None:
        """When their contract ends, as it stands at the start or at joining: ms from the start."""

    def manager_of(self, row: int) -> int | None:
        """The row of their manager at the start or at joining."""

    def employee_id(self, row: int) -> str:
        """HR's number of the person."""

    def facts_of(self, row: int) -> Facts:
        """What the policy is asked about them at the start, or at joining."""

    def row_of_mail_nickname(self, text: str, below: int | None = None) -> int | None:
        """Whose mailNickname this is; None when it is nobody's, or not of a row under ``below``."""

    def row_of_user_principal_name(self, text: str, below: int | None = None) -> int | None:
        """Whose userPrincipalName this is, likewise."""

    def digest(self) -> str:
        """SHA-256 over everything that these people are made of."""


class PeopleAccounts(Protocol):
    """What the directory says of people, by row."""

    def attributes(self, row: int) -> dict[str, Attribute]:
        """A fresh dict of Graph's properties, as they are at the start or at joining."""

    def placed(self, row: int, facts: Facts, promotions: int = 0) -> dict[str, Attribute]:
        """The properties that HR sets for somebody who moves, None for those that the new place does not have.

        ``promotions``: how many the person has had in the run, this one included.
        """
