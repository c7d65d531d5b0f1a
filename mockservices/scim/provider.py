"""The SCIM service provider's core: users, groups, memberships and their rules.

Invariant: no HTTP, no clock of its own, no chance; a refused call leaves everything as it was. Attributes of an object
are replaced, never altered: whoever was handed them keeps what they saw. Members live in an index, never in a group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockservices.population import Look
from mockservices.scim.errors import duplicate, invalid, no_user
from mockservices.scim.operations import Operation, Value
from mockservices.scim.outcome import group_after, user_after
from mockservices.scim.records import (
    CONSOLE,
    SCIM,
    Group,
    ProviderListener,
    Silent,
    User,
)
from mockservices.scim.store import Store

__all__ = [
    "CONSOLE",
    "SCIM",
    "Group",
    "ProviderListener",
    "ServiceProvider",
    "Silent",
    "User",
]


class ServiceProvider(Store):
    """The rules by which users and groups of one identity store change."""

    # --- users -------------------------------------------------------------------------------------------

    def create_user(
        self,
        attributes: Mapping[str, Value],
        *,
        active: bool = True,
        origin: str = SCIM,
        tell: bool = True,
        look: Look[Value] | None = None,
    ) -> User:
        """Create a user; 400 for what the profile refuses, 409 for a userName, e-mail or externalId in use.

        ``tell``: the listener; whoever does not want that sees to what it would have done. ``look``: what will always
        tell the same attributes by the user's row, so that they need not be kept.
        """
        attributes = dict(attributes)
        self.profile.check_user(attributes)
        unique = self._unique.of(attributes)
        self._check_unique(unique, None)
        if self.users_count >= self.profile.users_quota:
            raise invalid(f"The quota of {self.profile.users_quota} users is used up")
        row = self.users_made
        user = User(row, self._user_ids.of(row), look or attributes, self.clock.now)
        user.active = active
        user.origin = origin
        self.users_made += 1
        self.users_count += 1
        self.active_count += active
        self._users[row] = user
        self._unique.add(unique, row)
        self.trace.record("scim", "user.create", user.id, {**attributes, "active": active})
        if tell:
            self.listener.target_user_changed(row, access=True)
        return user

    def _check_unique(self, values: Sequence[tuple[str, str]], row: int | None) -> None:
        for name, text in values:
            holder = self.user_row_by(name, text)
            if holder is not None and holder != row:
                raise duplicate(f"Duplicate {name}")

    def apply_to_user(self, row: int, operations: Sequence[Operation], *, tell: bool = True) -> bool:
        """Apply typed operations to an existing user, all or none; whether anything differed. ``tell``: as above."""
        user = self.user(row)
        after = user_after(self.profile, user.attributes, user.active, operations)
        return self._commit(user, after.attributes, after.active, after.different, tell=tell)

    def replace_user(self, row: int, attributes: Mapping[str, Value], *, active: bool) -> bool:
        """Replace the whole resource (PUT); attributes that are absent are cleared."""
        user = self.user(row)
        self.profile.check_user(attributes)
        different: dict[str, Value | None] = {
            name: attributes.get(name)
            for name in {**user.attributes, **attributes}
            if attributes.get(name) != user.attributes.get(name)
        }
        return self._commit(user, dict(attributes), active, different)

    def _commit(
        self,
        user: User,
        attributes: dict[str, Value],
        active: bool,
        different: dict[str, Value | None],
        *,
        tell: bool = True,
    ) -> bool:
        if different:
            new = self._unique.of({name: value for name, value in different.items() if value is not None})
            self._check_unique(new, user.row)
            self._unique.discard(self._unique.of({n: v for n, v in user.attributes.items() if n in different}))
            self._unique.add(new, user.row)
            if "userName" in different:
                former = (self.clock.now, str(user.attributes["userName"]))
                self.former_names.setdefault(user.row, []).append(former)
            user.attributes = attributes
        access = active != user.active
        if not different and not access:
            return False
        if access:
            user.active = active
            self.active_count += 1 if active else -1
        user.modified = self.clock.now
        changed = {**different, "active": active} if access else different
        self.trace.record("scim", "user.update", user.id, changed)
        if tell:
            self.listener.target_user_changed(user.row, access=access)
        if access and not active and self.profile.inactive_leave_groups:
            for group in user.groups:
                self._remove_member(self.groups[group], user.row)
        return True

    def switch_off(self, user: User) -> None:
        """An active user becomes inactive and keeps its groups; nobody is told of it."""
        user.active = False
        self.active_count -= 1
        user.modified = self.clock.now
        self.trace.say(f'scim\tuser.update\t{user.id}\t{{"active":false}}')

    def delete_user(self, row: int) -> None:
        """Delete a user and its memberships; assignments made directly to it stay behind.
        https://docs.aws.amazon.com/singlesignon/latest/userguide/troubleshooting.html"""
        user = self.user(row)
        self._unique.discard(self._unique.of(user.attributes))
        for group in user.groups:
            del self.groups[group].touched[row]
        self.groups_at_deletion[row] = user.groups
        user.groups = ()
        self.active_count -= user.active
        user.exists = user.active = False
        self.users_count -= 1
        self.trace.record("scim", "user.delete", user.id)
        self.listener.target_user_changed(row, access=True)

    # --- groups ------------------------------------------------------------------------------------------

    def create_group(
        self, attributes: Mapping[str, Value], members: Sequence[str] = (), *, origin: str = SCIM
    ) -> Group:
        """Create a group, with members at once if given; 409 for a displayName or externalId in use."""
        attributes = dict(attributes)
        self.profile.check_group(attributes)
        self.profile.check_membership_changes(len(members))
        self._check_group_unique(attributes, None)
        rows = self._member_rows(members)
        if self.groups_count >= self.profile.groups_quota:
            raise invalid(f"The quota of {self.profile.groups_quota} groups is used up")
        row = len(self.groups)
        group = Group(row, self._group_ids.of(row), attributes, self.clock.now)
        group.origin = origin
        self.groups.append(group)
        self._group_rows[group.id] = row
        self.groups_count += 1
        self._group_unique.add(self._group_unique.of(attributes), row)
        self.trace.record("scim", "group.create", group.id, attributes)
        self.listener.target_group_changed(row)
        for member in rows:
            self._add_member(group, member)
        if self.group_created is not None:
            self.group_created(group)
        return group

    def _check_group_unique(self, attributes: dict[str, Value], row: int | None) -> None:
        for name in self._group_unique.names:
            value = attributes.get(name)
            if value is not None:
                holder = self.group_by(name, str(value))
                if holder is not None and holder.row != row:
                    raise duplicate("Duplicate GroupDisplayName" if name == "displayName" else f"Duplicate {name}")

    def _member_rows(self, ids: Sequence[str]) -> list[int]:
        rows = []
        for identifier in ids:
            row = self.user_row(identifier)
            if row is None or not self.exists(row):
                raise no_user()
            rows.append(row)
        return rows

    def apply_to_group(self, row: int, operations: Sequence[Operation]) -> bool:
        """Apply typed operations to an existing group, all or none; whether anything differed."""
        group = self.groups[row]
        after = group_after(self.profile, group.attributes, operations)
        memberships: list[tuple[bool, list[int]]] = []
        for add, ids in after.memberships:
            if ids is None:
                memberships.append((False, self.members(row)))
                continue
            known = self._member_rows(ids) if add else [r for i in ids if (r := self.user_row(i)) is not None]
            memberships.append((add, known))
        if after.different:
            self._check_group_unique(after.different, row)
            old = {name: value for name, value in group.attributes.items() if name in after.different}
            self._group_unique.discard(self._group_unique.of(old))
            self._group_unique.add(self._group_unique.of(after.different), row)
            group.attributes = after.attributes
            group.modified = self.clock.now
            self.trace.record("scim", "group.update", group.id, after.different)
            self.listener.target_group_changed(row)
        changed = bool(after.different)
        for add, rows in memberships:
            for member in rows:
                changed |= self._add_member(group, member) if add else self._remove_member(group, member)
        return changed

    def _add_member(self, group: Group, row: int) -> bool:
        changed = self.join(group, self.user(row), member=True)
        if changed:
            self.listener.target_membership_changed(group.row, row, member=True)
        return changed

    def _remove_member(self, group: Group, row: int) -> bool:
        changed = self.join(group, self.user(row), member=False)
        if changed:
            self.listener.target_membership_changed(group.row, row, member=False)
        return changed

    def join(self, group: Group, user: User, *, member: bool) -> bool:
        """Let a user be a member of a group or be none; whether it was otherwise. Nobody is told of it."""
        groups = user.groups
        if (group.row in groups) is member:
            return False
        if member:
            user.groups = tuple(sorted((*groups, group.row))) if groups else (group.row,)
            group.touched[user.row] = None
        else:
            user.groups = tuple([g for g in groups if g != group.row])
            del group.touched[user.row]
        group.modified = self.clock.now
        verb = "member.add" if member else "member.remove"
        self.trace.say(f"scim\t{verb}\t{group.id}/{user.id}\t{{}}")
        return True

    def delete_group(self, row: int) -> None:
        """Delete a group and its memberships; its assignments stay behind and its members lose access."""
        group = self.groups[row]
        members = self.members(row)
        for member in members:
            user = self.user(member)
            user.groups = tuple(g for g in user.groups if g != row)
        group.touched = {}
        group.exists = False
        self.groups_count -= 1
        self._group_unique.discard(self._group_unique.of(group.attributes))
        self.trace.record("scim", "group.delete", group.id)
        self.listener.target_group_changed(row)
        for member in members:
            self.listener.target_membership_changed(row, member, member=False)
