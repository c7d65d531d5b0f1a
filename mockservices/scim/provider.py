"""The SCIM service provider's core: users, groups, memberships and their rules.

Invariant: no HTTP, no clock of its own, no chance; a refused call leaves everything as it was. Attributes of an object
are replaced, never altered: whoever was handed them keeps what they saw. Members live in an index, never in a group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.ids import IdSpace
from mockservices.population import NoPopulation, Population
from mockservices.scim.errors import duplicate, invalid, no_group, no_user
from mockservices.scim.operations import MANAGER, Operation, Value
from mockservices.scim.outcome import group_after, user_after
from mockservices.scim.profiles import Profile
from mockservices.scim.records import (
    CONSOLE,
    SCIM,
    Group,
    ProviderListener,
    Silent,
    UniqueIndex,
    User,
)

__all__ = [
    "CONSOLE",
    "SCIM",
    "Group",
    "ProviderListener",
    "ServiceProvider",
    "Silent",
    "User",
]


class ServiceProvider:
    """Users and groups of one identity store."""

    def __init__(
        self,
        *,
        seed: int,
        clock: Clock,
        trace: Trace,
        profile: Profile,
        population: Population[Value] | None = None,
    ) -> None:
        self.clock = clock
        self.trace = trace
        self.profile = profile
        self.listener: ProviderListener = Silent()
        self.group_created: Callable[[Group], None] | None = None
        """Told of a new group when everything about it is done: whoever sets the target up may act on it."""
        self.base_origin = SCIM
        """Who made the users that were there at the start."""
        self.groups: list[Group] = []
        self._population: Population[Value] = population or NoPopulation()
        self._base = self._population.size
        self._user_ids = IdSpace(seed, "scim.user")
        self._group_ids = IdSpace(seed, "scim.group")
        self._users: dict[int, User] = {}
        self._rows: dict[str, int] = {}  # of users that have an object: saves the arithmetic
        self._group_rows: dict[str, int] = {}
        self._unique = UniqueIndex("userName", "externalId", "emails")
        self._group_unique = UniqueIndex("displayName", "externalId")
        self.users_made = self._base  # rows ever made: the next creation ordinal
        self.users_count = self._base
        self.active_count = self._base
        self.groups_count = 0
        self.former_names: dict[int, list[tuple[Millis, str]]] = {}
        """Of users that were renamed: until when they had which userName, the oldest first."""
        self.groups_at_deletion: dict[int, tuple[int, ...]] = {}
        """Of deleted users: rows of the groups that they were members of until then."""

    @property
    def base_size(self) -> int:
        """How many users were there at the start; they are rows 0 to this - 1."""
        return self._base

    # --- finding -----------------------------------------------------------------------------------------

    def user(self, row: int) -> User:
        """The object of a row, made from the population's columns when nothing has touched it before."""
        user = self._users.get(row)
        if user is None:
            user = self._users[row] = self._from_population(row)
            self._rows[user.id] = row
            for group in user.groups:
                self.groups[group].touched[row] = None
        return user

    def peek(self, row: int) -> User:
        """The same for a reader who changes nothing: an object made for it is not kept."""
        user = self._users.get(row)
        return user if user is not None else self._from_population(row)

    def _from_population(self, row: int) -> User:
        if not 0 <= row < self._base:
            raise IndexError(row)
        user = User(row, self._user_ids.of(row), self._population.attributes(row), Millis(0))
        user.groups = self._population.groups(row)
        user.origin = self.base_origin
        return user

    def user_id(self, row: int) -> str:
        """The id of a row, without making an object."""
        user = self._users.get(row)
        return user.id if user is not None else self._user_ids.of(row)

    def user_row(self, identifier: str) -> int | None:
        """The row of an id, whether or not its user still exists."""
        row = self._rows.get(identifier)
        if row is None:
            row = self._user_ids.ordinal(identifier)
        return row if row is not None and row < self.users_made else None

    def group_row(self, identifier: str) -> int | None:
        """The row of a group's id, whether or not the group still exists."""
        row = self._group_rows.get(identifier)
        return row if row is not None else self._group_rows.get(identifier.lower())

    def find_user(self, identifier: str) -> User:
        """An existing user by id; 404 otherwise."""
        row = self.user_row(identifier)
        user = None if row is None else self.user(row)
        if user is None or not user.exists:
            raise no_user()
        return user

    def find_group(self, identifier: str) -> Group:
        """An existing group by id; 404 otherwise."""
        row = self.group_row(identifier)
        if row is None or not self.groups[row].exists:
            raise no_group()
        return self.groups[row]

    def user_by(self, name: str, value: str) -> User | None:
        """The user whose ``userName``, primary ``emails`` value or ``externalId`` this is."""
        row = self.user_row_by(name, value)
        return None if row is None else self.user(row)

    def user_row_by(self, name: str, value: str) -> int | None:
        """The row of the user with this unique value; makes no object."""
        row = self._unique.row(name, value)
        if row is None:
            row = self._population.find(name, value)
            user = None if row is None else self._users.get(row)
            if user is not None and not (user.exists and self._unique.holds(user.attributes, name, value)):
                return None  # renamed or deleted since
        return row

    def group_by(self, name: str, value: str) -> Group | None:
        """The group whose ``displayName`` (letter case ignored) or ``externalId`` has this value."""
        row = self._group_unique.row(name, value)
        return None if row is None else self.groups[row]

    def user_rows(self, start: int = 0) -> Iterator[int]:
        """Rows of the users that exist, ascending from ``start``; makes no object."""
        return (row for row in range(start, self.users_made) if self.exists(row))

    def exists(self, row: int) -> bool:
        """Whether the row's user has not been deleted; makes no object."""
        user = self._users.get(row)
        return user.exists if user is not None else 0 <= row < self._base

    def is_active(self, row: int) -> bool:
        """Whether the row's user exists and is active; makes no object."""
        user = self._users.get(row)
        return (user.exists and user.active) if user is not None else 0 <= row < self._base

    def touched_users(self) -> Iterator[int]:
        """Rows of the users that are no longer what the population's columns say."""
        return iter(self._users)

    def groups_of(self, row: int) -> tuple[int, ...]:
        """Rows of the groups that a user is a member of, active or not, ascending; makes no object."""
        user = self._users.get(row)
        return user.groups if user is not None else self._population.groups(row)

    def has_manager(self, row: int, manager: str) -> bool:
        """Whether the user of a row has the user with this id as manager; makes no object that stays."""
        return self.peek(row).attributes.get(MANAGER) == manager

    def members(self, group: int) -> list[int]:
        """Rows of the members of a group, ascending; costs as much as the group is large."""
        rows = [row for row in self._population.members(group) if row not in self._users]
        rows.extend(self.groups[group].touched)
        rows.sort()
        return rows

    # --- users -------------------------------------------------------------------------------------------

    def create_user(self, attributes: Mapping[str, Value], *, active: bool = True, origin: str = SCIM) -> User:
        """Create a user; 400 for what the profile refuses, 409 for a userName, e-mail or externalId in use."""
        attributes = dict(attributes)
        self.profile.check_user(attributes)
        unique = self._unique.of(attributes)
        self._check_unique(unique, None)
        if self.users_count >= self.profile.users_quota:
            raise invalid(f"The quota of {self.profile.users_quota} users is used up")
        row = self.users_made
        user = User(row, self._user_ids.of(row), attributes, self.clock.now)
        user.active = active
        user.origin = origin
        self.users_made += 1
        self.users_count += 1
        self.active_count += active
        self._users[row] = user
        self._rows[user.id] = row
        self._unique.add(unique, row)
        self.trace.record("scim", "user.create", user.id, {**attributes, "active": active})
        self.listener.target_user_changed(row, access=True)
        return user

    def _check_unique(self, values: Sequence[tuple[str, str]], row: int | None) -> None:
        for name, text in values:
            holder = self.user_row_by(name, text)
            if holder is not None and holder != row:
                raise duplicate(f"Duplicate {name}")

    def apply_to_user(self, row: int, operations: Sequence[Operation]) -> bool:
        """Apply typed operations to an existing user, all or none; whether anything differed."""
        user = self.user(row)
        after = user_after(self.profile, user.attributes, user.active, operations)
        return self._commit(user, after.attributes, after.active, after.different)

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
        self, user: User, attributes: dict[str, Value], active: bool, different: dict[str, Value | None]
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
        self.listener.target_user_changed(user.row, access=access)
        if access and not active and self.profile.inactive_leave_groups:
            for group in user.groups:
                self._remove_member(self.groups[group], user.row)
        return True

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
        user = self.user(row)
        if group.row in user.groups:
            return False
        user.groups = tuple(sorted((*user.groups, group.row)))
        group.touched[row] = None
        group.modified = self.clock.now
        self.trace.record("scim", "member.add", f"{group.id}/{user.id}")
        self.listener.target_membership_changed(group.row, row, member=True)
        return True

    def _remove_member(self, group: Group, row: int) -> bool:
        user = self.user(row)
        if group.row not in user.groups:
            return False
        user.groups = tuple(g for g in user.groups if g != group.row)
        del group.touched[row]
        group.modified = self.clock.now
        self.trace.record("scim", "member.remove", f"{group.id}/{user.id}")
        self.listener.target_membership_changed(group.row, row, member=False)
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
