"""What a world asks about its people, whether they are generated or somebody's own.

Invariant: every method takes a row; what it answers never changes during a run.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

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

    def __len__(self) -> int: ...

    @property
    def domains(self) -> tuple[str, ...]:
        """The domains of the people's addresses, beside the company's own."""

    def given_name(self, row: int) -> str:
        """Their given name."""

    def family_name(self, row: int) -> str:
        """Their family name."""

    def display_name(self, row: int) -> str:
        """Given and family name."""

    def mail_nickname(self, row: int) -> str:
        """Their mailNickname."""

    def user_principal_name(self, row: int) -> str:
        """Their userPrincipalName."""

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
