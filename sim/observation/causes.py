"""Why a grant is orphaned, and what its end waits for.

Invariant: at every instant an orphaned grant waits for exactly one thing; ``nobody`` means that no rule, retry or
ticket will ever end it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from mockservices.graph.directory import Directory
from mockservices.identitycenter.instance import Instance
from sim.observation.person import FUTURE, LEFT, PENDING, PRESENT, PROCESSING, RETRYING, Grants, Person
from sim.observation.words import (
    CYCLE,
    DRIFT,
    EARLY,
    HR,
    LEAVER,
    MISCONFIGURATION,
    NOBODY,
    QUARANTINE,
    RETRY,
    UNMANAGED,
)
from sim.observation.words import PROCESSING as IN_PROCESS


class JobView(Protocol):
    """What the rules need to know of the provisioning job."""

    @property
    def active(self) -> bool:
        """Whether cycles run."""

    @property
    def quarantined(self) -> bool:
        """Whether the job is in quarantine."""

    @property
    def begins_anew(self) -> bool:
        """Whether the next cycle is an initial one, which looks at everybody."""

    def in_scope(self, row: int) -> bool:
        """Whether a directory user is in scope: assigned, directly or through a group, and passed by the filter."""

    def takes_away(self, row: int) -> bool:
        """Whether a linked user who is not active or not in scope would be disabled or deleted by a cycle."""

    def group_goes(self, row: int) -> bool:
        """Whether a linked group that is out of scope would be deleted by a cycle, now or some day."""

    def group_in_scope(self, row: int) -> bool:
        """Whether a directory group is live and assigned."""

    def released(self, row: int) -> bool:
        """Whether the job has let go of a linked user, and does nothing about it any more."""

    def target_of(self, row: int) -> int:
        """The target row that a directory user is linked to; -1: none."""

    def source_group(self, target_group: int) -> int:
        """The directory group that a target group is linked to; -1: none."""

    def retried(self, row: int) -> bool:
        """Whether something about a directory user has failed and is tried again."""

    def retried_group(self, row: int) -> bool:
        """Whether something about a directory group has failed and is tried again."""


class Intent(Protocol):
    """What the rules need to know of HR."""

    def takes(self, person: Person) -> Collection[int]:
        """Groups of the directory from which HR's pending act will take the person's account."""


class TicketView(Protocol):
    """What the rules need to know of the ticket desk."""

    def waiting_for(self, person: Person, grant: int) -> str | None:
        """What the end of an orphaned grant waits for as far as tickets go; None: no ticket will end it."""


class Causes:
    """The rules, over one world's services, job and HR."""

    __slots__ = ("_directory", "_hr", "_instance", "_job", "desk", "policy_grants")

    def __init__(self, directory: Directory, instance: Instance, job: JobView, hr: Intent) -> None:
        self._directory = directory
        self._instance = instance
        self._job = job
        self._hr = hr
        self.desk: TicketView | None = None
        """Where tickets are raised, if access is ever given by ticket."""
        self.policy_grants: dict[int, Grants] = {}
        """By target group: what the catalogue says that it gives."""

    def cause(self, person: Person, grant: int) -> str:
        """The cause of a grant that became effective without entitlement; fixed when the interval opens.

        The person's own events come first, then what somebody did in the directory or in the target.
        """
        if person.standing == FUTURE or grant in person.coming:
            return EARLY
        if person.standing == LEFT:
            return person.gone_cause or LEAVER
        lost = person.lost.get(grant)
        if lost is not None:
            return lost
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
        """What must come next for an orphaned grant to end; in quarantine that comes before any cycle or retry."""
        if self.desk is not None and grant not in person.coming:
            ticket = self.desk.waiting_for(person, grant)
            if ticket is not None:
                return ticket
        waiting = self._waiting_for(person, grant)
        return QUARANTINE if self._job.quarantined and waiting in {CYCLE, RETRY} else waiting

    def _waiting_for(self, person: Person, grant: int) -> str:
        if grant in person.coming:
            return HR  # for the day that HR has set
        job, row = self._job, person.row
        linked = job.target_of(row) if row >= 0 else -1
        if linked < 0 or self._held_elsewhere(person, linked, grant):
            return NOBODY
        if person.sync == PROCESSING and self._ends(row, linked, grant, stays=person.stays, without=person.carried):
            return IN_PROCESS
        if not job.active:
            return NOBODY
        stays = self._directory.is_enabled(row) and job.in_scope(row)
        goes = person.changed_again and person.stays and not stays  # which ends everything, and was not tried yet
        if (
            person.sync == RETRYING
            and job.retried(row)
            and not goes
            and self._ends(row, linked, grant, stays=person.stays, without=person.carried)
        ):
            return RETRY
        without = dict.fromkeys(person.carried)
        if person.sync == PENDING or person.changed_again or job.begins_anew:
            without.update(self.removals(person))
            if job.begins_anew:
                without.update(self._left(row, linked))
            if self._ends(row, linked, grant, stays=stays, without=without):
                return CYCLE
        if person.hr_pending > person.hr_silent:
            without.update(dict.fromkeys(self._hr.takes(person)))
            if self._ends(row, linked, grant, stays=stays and person.standing == PRESENT, without=without):
                return HR
        dying = self._dying(linked)
        if dying and self._ends(row, linked, grant, stays=stays, without={**without, **dying}):
            return RETRY if all(job.retried_group(group) for group in dying) else CYCLE
        return NOBODY

    def _dying(self, linked: int) -> dict[int, None]:
        """Groups that the linked user is in and that the job will delete: they are out of scope."""
        sources = [self._job.source_group(group) for group in self._instance.store.groups_of(linked)]
        job = self._job
        return {row: None for row in sources if row >= 0 and not job.group_in_scope(row) and job.group_goes(row)}

    def _left(self, row: int, linked: int) -> dict[int, None]:
        """Groups that the linked user is in and the account is not: an initial cycle reads all members."""
        held = self._directory.groups_of(row)
        sources = [self._job.source_group(group) for group in self._instance.store.groups_of(linked)]
        return {source: None for source in sources if source >= 0 and source not in held}

    def removals(self, person: Person) -> dict[int, None]:
        """Groups among the pending ones from which a cycle would take the person's user now."""
        if not person.pending_groups:
            return {}
        held = self._directory.groups_of(person.row)
        return {g: None for g in person.pending_groups if g not in held or not self._job.group_in_scope(g)}

    def _held_elsewhere(self, person: Person, linked: int, grant: int) -> bool:
        """Whether a user that no cycle touches holds the grant too."""
        if person.targets == (linked,):
            return False
        store, instance = self._instance.store, self._instance
        return any(row != linked and store.is_active(row) and grant in instance.held(row) for row in person.targets)

    def _ends(self, row: int, linked: int, grant: int, *, stays: bool, without: Collection[int]) -> bool:
        """Whether the linked user loses the grant when it becomes what ``stays`` says and leaves these groups."""
        if not stays:
            return self._job.takes_away(row)
        if grant in self._instance.direct(linked):
            return False
        for group in self._instance.store.groups_of(linked):
            if grant in self._instance.of_groups((group,)) and self._job.source_group(group) not in without:
                return False
        return True
