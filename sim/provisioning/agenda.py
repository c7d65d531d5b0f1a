"""What a cycle will visit, read from the source at the cycle's gate.

Invariant: reading sends nothing to the target; the same source and the same memory give the same agenda.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sim.ports import GROUP, USER, Delta, Source, SourceGroup, SourceUser
from sim.provisioning.escrow import Key
from sim.provisioning.state import JobState

Assigned: TypeAlias = tuple[tuple[str, str], ...]
"""(kind, id) of the users and groups assigned to the application."""


@dataclass(slots=True)
class Agenda:
    """The objects that one cycle has to look at."""

    watermark: str
    assigned: Assigned
    initial: bool
    users: dict[str, SourceUser] = field(default_factory=dict)
    scoped: dict[str, bool] = field(default_factory=dict)
    """Whether each of those users is assigned, directly or through a group; everybody where all are synchronized."""
    groups: dict[str, SourceGroup] = field(default_factory=dict)
    gone_groups: dict[str, str | None] = field(default_factory=dict)
    """Group id to ``changed`` (in the recycle bin), ``deleted`` (gone for good) or None (assigned no more)."""
    memberships: dict[str, dict[str, bool]] = field(default_factory=dict)
    """Group id to user id to whether the user is to be a member."""
    retried: tuple[tuple[str, str], ...] = ()
    """(kind, id) of the objects that failed before."""
    held: frozenset[tuple[str, str]] = frozenset()
    """(kind, id) of what is to be disabled or deleted and is held back."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.users or self.groups or self.memberships or self.gone_groups)

    @property
    def size(self) -> int:
        """How many objects there are: assigned users, groups and memberships."""
        return sum(self.scoped.values()) + len(self.groups) + sum(map(len, self.memberships.values()))


class Scope:
    """Who is assigned to the application; ``everything``: assignments do not matter.

    A group covers its direct members: a group in it is no path for that group's own members.
    https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
    """

    __slots__ = ("assigned", "everything", "groups", "users")

    def __init__(self, assigned: Assigned, *, everything: bool = False) -> None:
        self.assigned = assigned
        self.everything = everything
        self.users = frozenset([identifier for kind, identifier in assigned if kind == USER])
        self.groups = frozenset([identifier for kind, identifier in assigned if kind == GROUP])

    def covers(self, user: str, groups: tuple[str, ...]) -> bool:
        """Whether a user is assigned, directly or as a direct member of one of these groups."""
        return self.everything or user in self.users or not self.groups.isdisjoint(groups)

    def includes(self, group: str) -> bool:
        """Whether a group is itself assigned."""
        return self.everything or group in self.groups


class Reader:
    """Reads the source for one job."""

    __slots__ = ("_scope", "_source", "_state")

    def __init__(self, source: Source, state: JobState) -> None:
        self._source = source
        self._state = state
        self._scope = Scope(())

    def scope(self) -> Scope:
        """Who is assigned now."""
        everything = self._state.sync_all
        assigned: Assigned = () if everything else self._source.assigned()
        if assigned != self._scope.assigned or everything != self._scope.everything:
            self._scope = Scope(assigned, everything=everything)
        return self._scope

    def read(self, now: int) -> Agenda:
        """What has changed since the last cycle, what was held back, and what failed and is due now."""
        state = self._state
        delta = self._source.changes(state.watermark)
        scope = self.scope()
        agenda = Agenda(delta.watermark, scope.assigned, state.watermark is None)
        due = state.escrows.due(now) if state.escrows else []
        held = due or state.staged or state.reread
        if agenda.initial or delta.users or delta.groups or held or scope.assigned != state.assigned:
            self._fill(agenda, delta, scope, due)
        return agenda

    def _fill(self, agenda: Agenda, delta: Delta, scope: Scope, due: list[Key]) -> None:
        users, source = agenda.users, self._source
        for user in delta.users:
            users[user.id] = user
        if agenda.initial:
            self._follow_removals(agenda)
        visit: dict[str, None] = {}
        if delta.groups:
            self._follow_groups(agenda, delta, scope, visit)
        if agenda.assigned != self._state.assigned:
            self._follow_assignments(agenda, visit)
        for kind, identifier in self._state.reread:
            self._take_up(agenda, scope, visit, kind, identifier, {})
        for (kind, identifier), memberships in self._state.staged.items():
            self._take_up(agenda, scope, visit, kind, identifier, memberships)
        if self._state.escrows:
            self._retry(agenda, scope, visit, due)
        for identifier in visit:
            if identifier not in users:
                users[identifier] = source.user(identifier)
        for identifier, user in users.items():
            if user.ordinary:
                agenda.scoped[identifier] = True
                continue
            groups = source.groups_of(identifier) if user.removed is None and not scope.everything else ()
            agenda.scoped[identifier] = user.removed is None and scope.covers(identifier, groups)

    def _follow_removals(self, agenda: Agenda) -> None:
        """An enumeration tells of nothing that is deleted: the links and the recycle bin do.

        A user who has left the bin since the last cycle is found by neither, and stays as it is in the target.
        """
        state, source = self._state, self._source
        for identifier in source.binned():
            if state.users.get(identifier) is not None and identifier not in agenda.users:
                agenda.users[identifier] = source.user(identifier)
        for identifier in state.groups.known():
            group = source.group(identifier)
            if group.removed is not None:
                agenda.gone_groups[identifier] = group.removed

    def _follow_groups(self, agenda: Agenda, delta: Delta, scope: Scope, visit: dict[str, None]) -> None:
        """Groups of the delta query, and the members whose membership changed.

        An initial cycle is told of the members that there are; who is one no longer, the job's own store knows.
        """
        state = self._state
        for group in delta.groups:
            if group.removed is not None:
                if state.groups.get(group.id) is not None:
                    agenda.gone_groups[group.id] = group.removed
                continue
            members = dict(group.members)
            if agenda.initial:
                for member in state.members.of(group.id):
                    members.setdefault(member, False)
            state.members.note(group.id, members)
            if scope.includes(group.id):
                agenda.groups[group.id] = group
                if members:
                    agenda.memberships[group.id] = members
                    visit.update(dict.fromkeys(members))
                continue
            if agenda.initial and state.groups.get(group.id) is not None:
                agenda.gone_groups[group.id] = None  # as after a change from all to assigned
            if members and agenda.assigned != state.assigned and (GROUP, group.id) in state.assigned:
                visit.update(dict.fromkeys(members))  # who left the group before it was unassigned goes with it

    def _follow_assignments(self, agenda: Agenda, visit: dict[str, None]) -> None:
        """Principals that were assigned or unassigned since the last cycle bring their members along."""
        old, new = dict.fromkeys(self._state.assigned), dict.fromkeys(agenda.assigned)
        for kind, identifier in (*new, *old):
            if (kind, identifier) in old and (kind, identifier) in new:
                continue
            if kind == USER:
                visit[identifier] = None
            elif (kind, identifier) in new:
                if agenda.initial:
                    continue  # read with all its members anyway
                members = dict.fromkeys(self._source.members(identifier), True)
                agenda.groups[identifier] = self._source.group(identifier)
                agenda.memberships[identifier] = members
                self._state.members.note(identifier, members)
                visit.update(dict.fromkeys(members))
            else:
                self._gone(agenda, identifier)
                visit.update(dict.fromkeys(self._state.members.of(identifier)))

    def _gone(self, agenda: Agenda, group: str) -> None:
        """A group is assigned no more: its assignment was taken away, or the group itself was deleted."""
        if group not in agenda.gone_groups:
            agenda.gone_groups[group] = self._source.group(group).removed

    def _retry(self, agenda: Agenda, scope: Scope, visit: dict[str, None], due: list[Key]) -> None:
        """What failed before and is due, or has changed in the meantime, is looked at again."""
        escrows = self._state.escrows
        again = dict.fromkeys(due)
        for identifier in (*agenda.users, *visit):
            if (USER, identifier) in escrows:
                again[USER, identifier] = None
        for identifier in (*agenda.groups, *agenda.gone_groups):
            if (GROUP, identifier) in escrows:
                again[GROUP, identifier] = None
        agenda.retried = tuple(again)
        for kind, identifier in agenda.retried:
            self._take_up(agenda, scope, visit, kind, identifier, escrows[kind, identifier].memberships)

    def _take_up(
        self,
        agenda: Agenda,
        scope: Scope,
        visit: dict[str, None],
        kind: str,
        identifier: str,
        memberships: Mapping[tuple[str, str], bool],
    ) -> None:
        if kind == USER:
            visit[identifier] = None
        elif not scope.includes(identifier):
            self._gone(agenda, identifier)
        elif identifier not in agenda.groups or not agenda.groups[identifier].attributes:
            group = self._source.group(identifier)
            if group.removed is not None:
                agenda.gone_groups[identifier] = group.removed
            else:
                agenda.groups[identifier] = group
        for (group_id, user_id), wanted in memberships.items():
            if scope.includes(group_id):
                # what began and ended between two reads, such as an activation, no read tells of
                member = wanted and self._is_member(user_id, group_id)
                agenda.memberships.setdefault(group_id, {}).setdefault(user_id, member)

    def _is_member(self, user: str, group: str) -> bool:
        """Whether the source has a membership now."""
        return self._source.user(user).removed is None and group in self._source.groups_of(user)
