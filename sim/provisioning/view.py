"""The job's links and scope by row number, as observation asks for them.

Invariant: reads only. What is asked for again and again (which groups are assigned) is kept until it changes.
"""

from __future__ import annotations

from typing import Protocol

from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL, Applications
from mockservices.graph.directory import DELETED, GONE, LIVE, Directory
from mockservices.identitycenter.instance import Instance
from mockservices.scim.provider import ServiceProvider
from sim.ports import GROUP, USER
from sim.provisioning.plan import Verdict, judge_group, judge_leaver
from sim.provisioning.scope import Standards
from sim.provisioning.state import JobState

_REMOVED = {LIVE: None, DELETED: "changed", GONE: "deleted"}


class Start(Protocol):
    """Who is linked to whom when a run starts in sync, by row."""

    @property
    def sources(self) -> int:
        """How many users the directory has at the start."""

    @property
    def size(self) -> int:
        """How many users the target has at the start."""

    def target(self, source: int) -> int:
        """The target row of a directory row; -1: none."""

    def source(self, target: int) -> int:
        """The directory row of a target row."""


class View:
    """Scope and links of one job."""

    def __init__(
        self,
        directory: Directory,
        applications: Applications,
        application: str,
        provider: ServiceProvider,
        instance: Instance,
        state: JobState,
        start: Start | None = None,
        entitling: frozenset[str] = frozenset(),
    ) -> None:
        self._directory = directory
        self._applications = applications
        self.application = application
        """The id of the service principal that the job provisions for."""
        self._provider = provider
        self._instance = instance
        self._state = state
        self._start = start
        self._entitling = entitling
        self._assigned_groups: frozenset[int] | None = None
        self._assigned_users: frozenset[int] = frozenset()
        self.active = True
        """Whether cycles run."""
        self.quarantined = False
        """Whether the job is in quarantine."""
        self._standards = Standards()

    def work_by(self, standards: Standards) -> None:
        """The job decides by these from now on."""
        self._standards = standards
        self._assigned_groups = None

    def scope_changed(self) -> None:
        """An assignment, or the state of an assigned group, changed."""
        self._assigned_groups = None

    def _groups(self) -> frozenset[int]:
        groups = self._assigned_groups
        if groups is None:
            assigned = self._applications.assignments(self.application)
            current = [a for a in assigned if not self._entitling or a.role in self._entitling]
            groups = self._assigned_groups = frozenset([a.row for a in current if a.kind == GROUP_PRINCIPAL])
            self._assigned_users = frozenset([a.row for a in current if a.kind == USER_PRINCIPAL])
        return groups

    @property
    def begins_anew(self) -> bool:
        """Whether the next cycle is an initial one, which looks at everybody."""
        return self.active and self._state.watermark is None

    @property
    def filters_groups(self) -> bool:
        """Whether a group's own attributes decide whether it is in scope."""
        return self._standards.groups is not None

    def in_scope(self, row: int) -> bool:
        """Whether a directory user is in scope: assigned, directly or through a group, and passed by the filter."""
        if not self._standards.everything:
            groups = self._groups()
            if row not in self._assigned_users and groups.isdisjoint(self._directory.groups_of(row)):
                return False
        scoping = self._standards.users
        return scoping is None or scoping.judge(self._directory.attributes_of(row))

    def group_in_scope(self, row: int) -> bool:
        """Whether a directory group is live, assigned, and passed by the filter."""
        group = self._directory.groups[row]
        if group.state != LIVE or not (self._standards.everything or row in self._groups()):
            return False
        return self._standards.groups is None or self._standards.groups.judge({**group.attributes, "id": group.id})

    def takes_away(self, row: int) -> bool:
        """Whether a linked user who is not active or not in scope would be disabled or deleted by a cycle."""
        directory, state, treatment = self._directory, self._state, self._standards.treatment
        identifier = directory.user_id(row)
        removed = _REMOVED[directory.state_of(row)]
        verdict, _ = judge_leaver(
            removed,
            in_scope=treatment.skip_out_of_scope and removed is None and self.in_scope(row),  # else nobody asks
            released=identifier in state.released,
            binned=identifier in state.binned,
            treatment=treatment,
        )
        return verdict is Verdict.DELETE or (verdict is not Verdict.SKIP and self._standards.switches_active)

    def group_goes(self, row: int) -> bool:
        """Whether a linked group that is out of scope would be deleted by a cycle, now or some day.

        What lies in the recycle bin leaves it after 30 days.
        """
        group = self._directory.groups[row]
        removed = "deleted" if group.state != LIVE else None
        released = group.id in self._state.released_groups
        verdict, _ = judge_group(removed, released=released, treatment=self._standards.treatment)
        return verdict is Verdict.DELETE

    def released(self, row: int) -> bool:
        """Whether the job has let go of a linked user."""
        return self._directory.user_id(row) in self._state.released

    def retried(self, row: int) -> bool:
        """Whether something about a directory user has failed and is tried again."""
        return self._state.retried((USER, self._directory.user_id(row)))

    def retried_group(self, row: int) -> bool:
        """Whether something about a directory group has failed and is tried again."""
        return self._state.retried((GROUP, self._directory.groups[row].id))

    def target_of(self, row: int) -> int:
        """The target row that a directory user is linked to; -1: none."""
        links, start = self._state.users, self._start
        if start is not None and row < start.sources and links.untouched:
            linked = start.target(row)
            if linked >= 0:
                return linked
        target = links.get(self._directory.user_id(row))
        found = None if target is None else self._provider.user_row(target)
        return -1 if found is None else found

    def source_of(self, target: int) -> int:
        """The directory row that a target user is linked to; -1: none."""
        links, start = self._state.users, self._start
        if start is not None and target < start.size and links.untouched:
            return start.source(target)
        source = links.source(self._provider.user_id(target))
        found = None if source is None else self._directory.user_row(source)
        return -1 if found is None else found

    def target_group_of(self, row: int) -> int:
        """The target group that a directory group is linked to; -1: none."""
        target = self._state.groups.get(self._directory.groups[row].id)
        found = None if target is None else self._provider.group_row(target)
        return -1 if found is None else found

    def source_group(self, target_group: int) -> int:
        """The directory group that a target group is linked to; -1: none."""
        source = self._state.groups.source(self._provider.groups[target_group].id)
        found = None if source is None else self._directory.group_row(source)
        return -1 if found is None else found
