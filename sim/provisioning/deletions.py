"""Prevention of accidental deletions: what a cycle would take away is counted before anything of it is sent.

Invariant: decides purely; where the number is reached, all of it is held back, whatever comes first on the agenda.
https://learn.microsoft.com/entra/identity/app-provisioning/accidental-deletions
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sim.ports import GROUP, USER, SourceUser
from sim.provisioning.agenda import Agenda
from sim.provisioning.escrow import Key


@dataclass(frozen=True, slots=True)
class Threshold:
    """How many users and groups one cycle may disable or delete."""

    count: int
    at: bool = False
    """Whether they are held back at this number already, and not only above it."""

    def reached(self, number: int) -> bool:
        """Whether so many are too many."""
        return number >= self.count if self.at else number > self.count


class UserJudge(Protocol):
    """Knows what would be done about a user."""

    def takes_away(self, user: SourceUser, *, assigned: bool) -> bool:
        """Whether the user would be disabled or deleted."""


class GroupJudge(Protocol):
    """Knows what would be done about a group."""

    def takes_away(self, identifier: str, removed: str | None) -> bool:
        """Whether a group that was deleted (``removed``) or fell out of scope (None) would be deleted."""


def taken_away(agenda: Agenda, users: UserJudge, groups: GroupJudge) -> list[Key]:
    """The users and groups that a cycle would disable or delete."""
    keys: list[Key] = [
        (USER, identifier)
        for identifier, user in agenda.users.items()
        if users.takes_away(user, assigned=agenda.scoped[identifier])
    ]
    gone = dict(agenda.gone_groups)
    gone.update({group.id: group.removed for group in agenda.groups.values() if group.removed is not None})
    keys.extend((GROUP, identifier) for identifier, removed in gone.items() if groups.takes_away(identifier, removed))
    return keys


def held_back(agenda: Agenda, users: UserJudge, groups: GroupJudge, threshold: Threshold | None) -> frozenset[Key]:
    """What is to be held back: everything that would be taken away, or nothing."""
    if threshold is None:
        return frozenset()
    keys = taken_away(agenda, users, groups)
    return frozenset(keys) if threshold.reached(len(keys)) else frozenset()
