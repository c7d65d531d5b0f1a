"""What the job and its observers ask of a scoping filter.

Invariant: a filter is compiled once and judges one object by its own attributes, nothing else.
https://learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sim.ports import SourceValue


class ScopingFilter(Protocol):
    """A compiled scoping filter."""

    @property
    def properties(self) -> tuple[str, ...]:
        """The attributes that it reads, by the names that the provisioning service has for them."""

    def judge(self, attributes: Mapping[str, SourceValue]) -> bool:
        """Whether an object passes."""
