"""What the job did, counted: for one cycle, for one act on demand, and for all of them together.

Invariant: counts only grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter


@dataclass(slots=True)
class Tally:
    """What a cycle did."""

    users_created: int = 0
    users_matched: int = 0
    users_updated: int = 0
    users_disabled: int = 0
    users_deleted: int = 0
    groups_created: int = 0
    groups_updated: int = 0
    groups_deleted: int = 0
    memberships_added: int = 0
    memberships_removed: int = 0
    skipped: int = 0
    errors: int = 0
    reference_errors: int = 0
    """Of the errors those about memberships."""
    retries: int = 0
    given_up: int = 0
    """Objects that failed for so long that they are not tried any more."""
    staged: int = 0
    """Disablings and deletions that were held back."""
    requests: int = 0
    objects: int = 0

    def add(self, other: Tally) -> None:
        """Count what another tally counted."""
        for name, more in zip(Tally.__slots__, _counts(other), strict=True):
            if more:
                setattr(self, name, getattr(self, name) + more)


_counts = attrgetter(*Tally.__slots__)
