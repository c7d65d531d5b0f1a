"""Why a grant is orphaned, and what its end waits for.

Invariant: at every instant an orphaned grant waits for exactly one thing; ``nobody`` means that no rule, retry or
ticket will ever end it.
"""

from __future__ import annotations

from typing import Protocol

from mockservices.graph.directory import Directory
from mockservices.identitycenter.instance import Instance
from sim.observation.person import ABSENT, FUTURE, LEFT, PENDING, PROCESSING, RETRYING, Grants, Person
from sim.observation.words import (
    ABSENCE,
    CYCLE,
    DRIFT,
    EARLY,
    HR,
    LEAVER,
    MISCONFIGURATION,
    NOBODY,
    RETRY,
    UNMANAGED,
)
from sim.observation.words import PROCESSING as IN_PROCESS


class JobView(Protocol):
    """What the rules need to know of the provisioning job."""

    @property
    def active(self) -> bool:
        """Whether cycles run."""

    def in_scope(self, row: int) -> bool:
        """Whether a directory user is assigned, directly or through a group."""

    def target_of(self, row: int) -> int:
        """The target row that a directory user is linked to; -1: none."""

    def source_group(self, target_group: int) -> int:
        """The directory group that a target group is linked to; -1: none."""

    def implied(self, row: int) -> Grants:
        """What the target would give a directory user if everything were carried over."""


class Causes:
    """The rules, over one world's services and job."""

    __slots__ = ("_directory", "_instance", "_job", "policy_grants")

    def __init__(self, directory: Directory, instance: Instance, job: JobView) -> None:
        self._directory = directory
        self._instance = instance
        self._job = job
        self.policy_grants: dict[int, Grants] = {}
        """By target group: what the catalogue says that it gives."""

    def cause(self, person: Person, grant: int) -> str:
        """The cause of a grant that became effective without entitlement; fixed when the interval opens."""
        if person.standing == FUTURE:
            return EARLY
        if person.standing == LEFT:
            return person.gone_cause or LEAVER
        if person.standing == ABSENT:
            return ABSENCE
        linked = self._job.target_of(person.row) if person.row >= 0 else -1
        managed = False
        for row in person.targets:
            for group in self._instance.store.groups_of(row):
                if grant in self._instance.of_groups((group,)):
                    if grant not in self.policy_grants.get(group, frozenset()):
                        return MISCONFIGURATION
                    source = self._job.source_group(group)
                    if row == linked and source >= 0 and source in self._directory.groups_of(person.row):
                        return MISCONFIGURATION  # the directory deviates from the policy
                    managed |= row == linked
            if row == linked and grant in self._instance.direct(row):
                managed = True
        return DRIFT if managed else UNMANAGED

    def waiting_for(self, person: Person, grant: int) -> str:
        """What will end an orphaned grant."""
        row = person.row
        if row < 0:
            return NOBODY
        stays = self._directory.is_enabled(row) and self._job.in_scope(row)
        if stays and grant in self._job.implied(row):
            return HR if person.hr_pending else NOBODY
        if person.sync == RETRYING:
            return RETRY if self._job.active else NOBODY
        if person.sync not in (PENDING, PROCESSING) or not self._will_end(person, grant, stays):
            return NOBODY
        if person.sync == PROCESSING:
            return IN_PROCESS
        return CYCLE if self._job.active else NOBODY

    def _will_end(self, person: Person, grant: int, stays: bool) -> bool:
        """Whether the changes that are pending take this grant away."""
        linked = self._job.target_of(person.row)
        store = self._instance.store
        for row in person.targets:
            if row != linked and store.is_active(row) and grant in self._instance.held(row):
                return False  # held by a user that no cycle touches
        if linked < 0:
            return False
        if not stays:
            return True
        if grant in self._instance.direct(linked):
            return False
        for group in store.groups_of(linked):
            if (
                grant in self._instance.of_groups((group,))
                and self._job.source_group(group) not in person.pending_groups
            ):
                return False
        return True
