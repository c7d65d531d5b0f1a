"""How far the target is from what the directory, through scope and mappings, says it should hold.

Invariant: only objects that changed since the last look are looked at again; a look reads the cores and changes
nothing. Units: one per object missing or extra, per differing attribute, per membership.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from mockservices.graph.directory import GONE, LIVE, Directory
from mockservices.scim.provider import ServiceProvider
from sim.provisioning.attributes import MANAGER
from sim.provisioning.mapping import AttributeMap

MISSING_USER = "missing_user"
EXTRA_USER = "extra_user"
ACTIVE = "active"
ATTRIBUTE = "attribute"
MISSING_MEMBERSHIP = "missing_membership"
EXTRA_MEMBERSHIP = "extra_membership"
MISSING_GROUP = "missing_group"
EXTRA_GROUP = "extra_group"
KINDS = (
    MISSING_USER, EXTRA_USER, ACTIVE, ATTRIBUTE, MISSING_MEMBERSHIP, EXTRA_MEMBERSHIP, MISSING_GROUP, EXTRA_GROUP,
)  # fmt: skip
Found: TypeAlias = dict[str, int]


class LinkView(Protocol):
    """What divergence needs to know of the job."""

    def in_scope(self, row: int) -> bool:
        """Whether a directory user is in scope: assigned, directly or through a group, and passed by the filter."""

    def target_of(self, row: int) -> int:
        """The target row that a directory user is linked to; -1: none."""

    def source_of(self, target: int) -> int:
        """The directory row that a target user is linked to; -1: none."""

    def released(self, row: int) -> bool:
        """Whether the job has let go of a linked user: what is left of it is a leftover, not a difference."""

    def group_in_scope(self, row: int) -> bool:
        """Whether a directory group is live, assigned, and passed by the filter."""

    def target_group_of(self, row: int) -> int:
        """The target group that a directory group is linked to; -1: none."""

    def source_group(self, target_group: int) -> int:
        """The directory group that a target group is linked to; -1: none."""


class Divergence:
    """The differences of one world, kept up to date object by object."""

    def __init__(
        self,
        directory: Directory,
        provider: ServiceProvider,
        links: LinkView,
        user_map: AttributeMap,
        group_map: AttributeMap,
    ) -> None:
        self._directory = directory
        self._provider = provider
        self._links = links
        self._user_map = user_map
        self._group_map = group_map
        self._users: dict[int, None] = {}
        self._groups: dict[int, None] = {}
        self._targets: dict[int, None] = {}
        self._target_groups: dict[int, None] = {}
        self._found: dict[tuple[str, int], Found] = {}
        self._unmanaged: dict[tuple[str, int], None] = {}
        self._reports: dict[int, dict[int, None]] = {}  # of managers that have been looked at
        self.told: Callable[[int], Found | None] | None = None
        """Who knows about a directory user without looking; None: nobody does."""
        self.by_kind: dict[str, int] = dict.fromkeys(KINDS, 0)
        self.total = 0
        self.cycles = 0
        self.sum_before = 0
        self.sum_after = 0
        self.max_after = 0

    @property
    def unmanaged(self) -> int:
        """Objects of the target without a link: listed apart, not counted."""
        return len(self._unmanaged)

    def user(self, row: int) -> None:
        """A directory user may have diverged, and those whose manager it is."""
        self._users[row] = None
        if self._reports:
            self._users.update(self._reports.get(row, ()))

    def agrees(self, row: int) -> None:
        """A directory user and the target's are known to agree."""
        self._users.pop(row, None)
        self._keep(("user", row), None)

    def group(self, row: int) -> None:
        """A directory group may have diverged."""
        self._groups[row] = None

    def everything(self) -> None:
        """The rules have changed: anything may have diverged."""
        self._users.update(dict.fromkeys(range(self._directory.users_count)))
        self._groups.update(dict.fromkeys(range(len(self._directory.groups))))

    def every_target(self) -> None:
        """Users and groups of the target are there that nothing has looked at: any of them may be without a link."""
        self._targets.update(dict.fromkeys(range(self._provider.users_made)))
        self._target_groups.update(dict.fromkeys(range(len(self._provider.groups))))

    def target_user(self, row: int) -> None:
        """A target user may have diverged."""
        self._targets[row] = None

    def target_group(self, row: int) -> None:
        """A target group may have diverged."""
        self._target_groups[row] = None

    def before_cycle(self) -> None:
        """Look just before a cycle."""
        self.cycles += 1
        self.sum_before += self.look()

    def after_cycle(self) -> None:
        """Look just after the same cycle."""
        total = self.look()
        self.sum_after += total
        self.max_after = max(self.max_after, total)

    def peek(self) -> int:
        """Bring the count up to date in the middle of whatever goes on; what is under way is looked at again later."""
        marked = (self._users, self._groups, self._targets, self._target_groups)
        kept = [dict(rows) for rows in marked]
        total = self.look()
        for rows, before in zip(marked, kept, strict=True):
            rows.update(before)
        return total

    def look(self) -> int:
        """Bring the count up to date and return it."""
        links = self._links
        if self._targets:
            for row in self._targets:
                source = links.source_of(row)
                if source >= 0:
                    self._users[source] = None
                self._note_unmanaged("user", row, source < 0 and self._provider.exists(row))
            self._targets.clear()
        if self._target_groups:
            for row in self._target_groups:
                source = links.source_group(row)
                if source >= 0:
                    self._groups[source] = None
                self._note_unmanaged("group", row, source < 0 and self._provider.groups[row].exists)
            self._target_groups.clear()
        if self._users:
            told = self.told
            for row in self._users:
                found = told(row) if told is not None else None
                self._keep(("user", row), self._user(row) if found is None else found)
            self._users.clear()
        if self._groups:
            for row in self._groups:
                self._keep(("group", row), self._group(row))
            self._groups.clear()
        return self.total

    def _note_unmanaged(self, kind: str, row: int, unmanaged: bool) -> None:
        if unmanaged:
            self._unmanaged[kind, row] = None
        else:
            self._unmanaged.pop((kind, row), None)

    def _keep(self, key: tuple[str, int], found: Found | None) -> None:
        old = self._found.pop(key, None)
        if old is not None:
            for kind, count in old.items():
                self.by_kind[kind] -= count
                self.total -= count
        if found:
            self._found[key] = found
            for kind, count in found.items():
                self.by_kind[kind] += count
                self.total += count

    # --- one object --------------------------------------------------------------------------------------

    def _user(self, row: int) -> Found | None:
        """The differences of one user.

        In scope and active: attributes and memberships; linked and not so: there, inactive, memberships ignored; gone
        for good, or never linked and not so: not there. A membership counts whether or not its user is there yet.
        """
        user = self._directory.peek(row)  # new rules make everybody be looked at, and that must not keep an object each
        target_row = self._links.target_of(row)
        provider = self._provider
        exists = target_row >= 0 and provider.exists(target_row)
        if user.enabled and user.state == LIVE and self._links.in_scope(row):
            if not exists:
                found: Found = {MISSING_USER: 1}
            else:
                found = {} if provider.is_active(target_row) else {ACTIVE: 1}
                seen = self._user_map.seen(user)
                attributes = self._user_map.count_differences(seen, provider.peek(target_row).attributes)
                if user.manager is not None and not self._has_manager(row, user.manager, target_row):
                    attributes += 1
                if attributes:
                    found[ATTRIBUTE] = attributes
            self._memberships(row, target_row, found)
            return found
        if target_row < 0:
            return None
        if user.state == GONE:
            if not exists or self._links.released(row):
                return None
            found = {EXTRA_USER: 1}
            self._memberships(row, target_row, found)
            return found
        if not exists:
            return {MISSING_USER: 1}
        return {ACTIVE: 1} if provider.is_active(target_row) else None

    def _has_manager(self, row: int, manager: int, target_row: int) -> bool:
        """Whether the target's user has the manager, if it should: one that is mapped, in scope and there."""
        if not self._user_map.refers_to_managers:
            return True
        self._reports.setdefault(manager, {})[row] = None
        above = self._links.target_of(manager)
        if above < 0 or not self._provider.exists(above) or not self._links.in_scope(manager):
            return True
        held = self._provider.peek(target_row).attributes.get(MANAGER.attribute)
        return held == self._provider.user_id(above) or not self._directory.is_live(manager)

    def _memberships(self, row: int, target_row: int, found: Found) -> None:
        links = self._links
        held = self._provider.groups_of(target_row) if target_row >= 0 else ()
        wanted = [links.target_group_of(g) for g in self._directory.groups_of(row) if links.group_in_scope(g)]
        if wanted == [*held]:
            return
        missing = sum(group not in held for group in wanted)
        extra = sum(group not in wanted and links.source_group(group) >= 0 for group in held)
        if missing:
            found[MISSING_MEMBERSHIP] = missing
        if extra:
            found[EXTRA_MEMBERSHIP] = extra

    def _group(self, row: int) -> Found | None:
        links = self._links
        wanted = links.group_in_scope(row)
        target_row = links.target_group_of(row)
        if target_row < 0:
            return {MISSING_GROUP: 1} if wanted else None
        target = self._provider.groups[target_row]
        if not target.exists:
            return {MISSING_GROUP: 1} if wanted else None
        if not wanted:
            return {EXTRA_GROUP: 1}
        group = self._directory.groups[row]
        seen = {**group.attributes, "id": group.id}
        different = self._group_map.count_differences(seen, target.attributes)
        return {ATTRIBUTE: different} if different else None
