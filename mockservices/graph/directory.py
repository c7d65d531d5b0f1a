"""The directory core: users, groups, memberships, recycle bin and app role assignments, with their rules.

Invariant: no HTTP, no clock of its own, no chance. Objects of a generated population live in columns until
something touches them; a row number is an object's creation ordinal and never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.graph.errors import bad_request, conflict, not_found, reference_exists, reference_twice
from mockservices.graph.feed import GROUP, USER, Feed
from mockservices.graph.records import (
    DELETED,
    GONE,
    LIVE,
    RECYCLE_BIN,
    Attribute,
    DirectoryListener,
    Group,
    Silent,
    User,
)
from mockservices.ids import IdSpace
from mockservices.population import NoPopulation, Population
from mockservices.values import folded

__all__ = ["DELETED", "GONE", "LIVE", "RECYCLE_BIN", "Attribute", "Directory", "Group", "User"]
__all__ += ["DirectoryListener", "Silent"]


class Directory:
    """Users and groups of one tenant."""

    def __init__(
        self,
        *,
        seed: int,
        clock: Clock,
        trace: Trace,
        population: Population[Attribute] | None = None,
        domains: tuple[str, ...] = (),
    ) -> None:
        self.clock = clock
        self.trace = trace
        self.feed = Feed()
        self.domains = domains
        self.listener: DirectoryListener = Silent()
        self.groups: list[Group] = []
        self._population: Population[Attribute] = population or NoPopulation()
        self._base = self._population.size
        self._user_ids = IdSpace(seed, "graph.user")
        self._group_ids = IdSpace(seed, "graph.group")
        self.tenant_id = IdSpace(seed, "graph.tenant").of(0)
        self._users: dict[int, User] = {}
        self._upns: dict[str, int] = {}  # names that were not there at the start
        self._rows: dict[str, int] = {}  # of users that have an object: saves the arithmetic
        self._group_rows: dict[str, int] = {}
        self._dead_groups = 0
        self.users_count = self._base  # rows ever made: the next creation ordinal
        self.standing = 0
        """How often an object was deleted, restored or purged; while it stays, so does who is live."""

    # --- finding -----------------------------------------------------------------------------------------

    def user(self, row: int) -> User:
        """The object of a row, made from the population's columns when nothing has touched it before."""
        user = self._users.get(row)
        if user is None:
            if not 0 <= row < self._base:
                raise IndexError(row)
            user = User(row, self._user_ids.of(row), self._population.attributes(row), Millis(0))
            user.groups = self._population.groups(row)
            self._users[row] = user
            self._rows[user.id] = row
            for group in user.groups:
                self.groups[group].touched[row] = None
        return user

    def peek(self, row: int) -> User:
        """A user for reading only: an untouched one is made from the columns and forgotten again."""
        user = self._users.get(row)
        if user is None:
            user = User(row, self._user_ids.of(row), self.attributes_of(row), Millis(0))
            user.groups = self._population.groups(row)
        return user

    def attributes_of(self, row: int) -> dict[str, Attribute]:
        """The properties of a row, for reading only; makes no object."""
        user = self._users.get(row)
        if user is not None:
            return user.attributes
        if not 0 <= row < self._base:
            raise IndexError(row)
        return self._population.attributes(row)

    def state_of(self, row: int) -> int:
        """Whether a row is live, in the recycle bin or gone; makes no object."""
        user = self._users.get(row)
        return LIVE if user is None else user.state

    @property
    def live_users(self) -> int:
        """How many users are live; costs as much as has been touched."""
        return self.users_count - sum(user.state != LIVE for user in self._users.values())

    def deleted_users(self) -> list[int]:
        """Rows of the users in the recycle bin, ascending; costs as much as has been touched."""
        return sorted(row for row, user in self._users.items() if user.state == DELETED)

    def user_id(self, row: int) -> str:
        """The object id of a row, without making an object."""
        user = self._users.get(row)
        return user.id if user is not None else self._user_ids.of(row)

    def user_row(self, identifier: str) -> int | None:
        """The row of an object id, whatever state its user is in; None for an id this tenant never made."""
        row = self._rows.get(identifier)
        if row is None:
            row = self._user_ids.ordinal(identifier)
        return row if row is not None and row < self.users_count else None

    def row_by_upn(self, upn: str) -> int | None:
        """The row of a live user by userPrincipalName, letter case ignored."""
        row = self._upns.get(upn.lower())
        if row is None:
            row = self._population.find("userPrincipalName", upn)
            user = None if row is None else self._users.get(row)
            if user is not None and str(user.attributes["userPrincipalName"]).lower() != upn.lower():
                return None  # renamed or deleted since
        return row

    def live_row(self, key: str) -> int:
        """The row of a live user by id or userPrincipalName, without making an object; 404 otherwise."""
        row = self.user_row(key)
        if row is None:
            row = self.row_by_upn(key)
        if row is None or not self.is_live(row):
            raise not_found(key)
        return row

    def find_user(self, key: str) -> User:
        """A live user by id or userPrincipalName; 404 otherwise."""
        return self.user(self.live_row(key))

    def find_group(self, identifier: str) -> Group:
        """A live group by id; 404 otherwise."""
        row = self.group_row(identifier)
        if row is None or self.groups[row].state != LIVE:
            raise not_found(identifier)
        return self.groups[row]

    def group_row(self, identifier: str) -> int | None:
        """The row of a group's id, whatever its state."""
        row = self._group_rows.get(identifier)
        return row if row is not None else self._group_rows.get(identifier.lower())

    def groups_of(self, row: int) -> tuple[int, ...]:
        """Rows of the live groups that a live user is a direct member of, ascending; makes no object."""
        user = self._users.get(row)
        if user is None:
            groups = self._population.groups(row)
        elif user.state != LIVE:
            return ()
        else:
            groups = user.groups
        if self._dead_groups:
            return tuple(g for g in groups if self.groups[g].state == LIVE)
        return groups

    def members(self, group: int) -> list[int]:
        """Rows of the live members of a group, ascending; costs as much as the group is large."""
        rows = [row for row in self._population.members(group) if row not in self._users]
        rows.extend(row for row in self.groups[group].touched if self._users[row].state == LIVE)
        rows.sort()
        return rows

    def is_live(self, row: int) -> bool:
        """Whether the row's user is there and not in the recycle bin; makes no object."""
        user = self._users.get(row)
        return user.state == LIVE if user is not None else 0 <= row < self._base

    def is_enabled(self, row: int) -> bool:
        """Whether the account is live and may sign in; makes no object."""
        user = self._users.get(row)
        return user is None or (user.enabled and user.state == LIVE)

    # --- users -------------------------------------------------------------------------------------------

    def create_user(self, attributes: dict[str, Attribute], *, enabled: bool = True) -> User:
        """Create a user from checked Graph properties; 400 for a taken or foreign userPrincipalName."""
        upn = str(attributes["userPrincipalName"])
        self._check_upn(upn)
        row = self.users_count
        user = User(row, self._user_ids.of(row), attributes, self.clock.now)
        user.enabled = enabled
        self.users_count += 1
        self._users[row] = user
        self._rows[user.id] = row
        self._upns[folded(upn)] = row
        self.trace.record("graph", "user.create", user.id, {**attributes, "accountEnabled": enabled})
        self.feed.append(USER, row)
        self.listener.user_changed(row)
        return user

    def _check_upn(self, upn: str) -> None:
        if self.domains and upn.rpartition("@")[2].lower() not in self.domains:
            raise bad_request(
                "The domain portion of the userPrincipalName property is invalid. You must use one of "
                "the verified domain names in your organization."
            )
        if self.row_by_upn(upn) is not None:
            raise conflict("userPrincipalName")

    def update_user(self, row: int, changes: Mapping[str, Attribute]) -> bool:
        """Set properties (``accountEnabled`` among them) of a live user; whether anything differed."""
        user = self.user(row)
        different: dict[str, Attribute] = {}
        for name, value in changes.items():
            if (user.enabled if name == "accountEnabled" else user.attributes.get(name)) != value:
                different[name] = value
        if not different:
            return False
        upn = different.get("userPrincipalName")
        if upn is not None:
            old = str(user.attributes["userPrincipalName"]).lower()
            if str(upn).lower() != old:
                self._check_upn(str(upn))
                self._upns.pop(old, None)
                self._upns[folded(str(upn))] = row
        new = dict(different)
        enabled = new.pop("accountEnabled", None)
        if enabled is not None:
            user.enabled = bool(enabled)
        if new:  # a property that was reset stays, as None: delta queries show it as null
            user.attributes = {**user.attributes, **new}
        self.trace.record("graph", "user.update", user.id, different)
        self.feed.append(USER, row)
        self.listener.user_changed(row)
        return True

    def delete_user(self, row: int) -> None:
        """Move a user to the recycle bin: its name becomes free, its memberships rest with it."""
        user = self.user(row)
        upn = str(user.attributes["userPrincipalName"])
        self._upns.pop(upn.lower(), None)
        # the directory frees the name by putting the id before it; clients cut 32 characters off
        user.attributes = {**user.attributes, "userPrincipalName": user.id.replace("-", "") + upn}
        groups = self.groups_of(row)
        user.state = DELETED
        self.standing += 1
        user.deleted = self.clock.now
        self.trace.record("graph", "user.delete", user.id)
        self.feed.append(USER, row)
        for group in groups:
            self.feed.member(group, row)
        self.listener.user_changed(row)

    def restore_user(self, row: int) -> None:
        """Bring a user back from the recycle bin with its old name and groups; 400 if the name is taken."""
        user = self.user(row)
        upn = str(user.attributes["userPrincipalName"])[32:]
        if self.row_by_upn(upn) is not None:
            raise conflict("userPrincipalName")
        user.attributes = {**user.attributes, "userPrincipalName": upn}
        user.state = LIVE
        self.standing += 1
        user.deleted = None
        self._upns[folded(upn)] = row
        self.trace.record("graph", "user.restore", user.id)
        # no group delta: restored memberships are not sent again
        # https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
        self.feed.append(USER, row)
        self.listener.user_changed(row)

    def purge_user(self, row: int) -> None:
        """Delete for good; a live user goes through the recycle bin in the same instant."""
        user = self.user(row)
        if user.state == LIVE:
            self.delete_user(row)
        user.state = GONE
        self.standing += 1
        for group in user.groups:
            self.groups[group].touched.pop(row, None)
        user.groups = ()
        self.trace.record("graph", "user.purge", user.id)
        self.feed.append(USER, row)
        self.listener.user_changed(row)

    def set_manager(self, row: int, manager: int | None) -> None:
        """Set or clear a user's manager (a reference to another user)."""
        user = self.user(row)
        if user.manager == manager:
            return
        user.manager = manager
        target = None if manager is None else self.user_id(manager)
        self.trace.record("graph", "manager.set", user.id, {"manager": target})
        self.feed.append(USER, row)
        self.listener.user_changed(row)

    # --- groups ------------------------------------------------------------------------------------------

    def create_group(self, attributes: dict[str, Attribute], members: Sequence[int] = ()) -> Group:
        """Create a group from checked Graph properties; display names may repeat, as they may in Entra.

        The rows of its first members are checked as in :meth:`add_members`, before anything is made.
        """
        row = len(self.groups)
        group = Group(row, self._group_ids.of(row), attributes, self.clock.now)
        self._check_new_members(group, members)
        self.groups.append(group)
        self._group_rows[group.id] = row
        self.trace.record("graph", "group.create", group.id, attributes)
        self.feed.append(GROUP, row)
        self.listener.group_changed(row)
        for member in members:
            self.add_member(row, member)
        return group

    def update_group(self, row: int, changes: Mapping[str, Attribute]) -> bool:
        """Set properties of a live group; whether anything differed."""
        group = self.groups[row]
        different = {name: value for name, value in changes.items() if group.attributes.get(name) != value}
        if not different:
            return False
        group.attributes = {**group.attributes, **different}
        self.trace.record("graph", "group.update", group.id, different)
        self.feed.append(GROUP, row)
        self.listener.group_changed(row)
        return True

    def delete_group(self, row: int) -> None:
        """Move a cloud security group to the recycle bin (they are soft-deleted since 2026); access ends at once."""
        self._set_group_state(row, DELETED, "group.delete")

    def restore_group(self, row: int) -> None:
        """Bring a group back with its members; readers of the feed forgot them, so they are in it again."""
        self._set_group_state(row, LIVE, "group.restore")
        for member in self.members(row):
            self.feed.member(row, member)

    def purge_group(self, row: int) -> None:
        """Delete a group for good; a live one goes through the recycle bin in the same instant."""
        if self.groups[row].state == LIVE:
            self.delete_group(row)
        self._set_group_state(row, GONE, "group.purge")

    def _set_group_state(self, row: int, state: int, verb: str) -> None:
        group = self.groups[row]
        self._dead_groups += (state != LIVE) - (group.state != LIVE)
        group.state = state
        self.standing += 1
        group.deleted = None if state == LIVE else self.clock.now
        self.trace.record("graph", verb, group.id)
        self.feed.append(GROUP, row)
        self.listener.group_changed(row)

    # --- memberships -------------------------------------------------------------------------------------

    def add_member(self, group: int, row: int) -> None:
        """Make a live user a direct member; 400 when it is one already, 404 when it is in the recycle bin."""
        user = self.user(row)
        if user.state != LIVE:
            raise not_found(user.id)
        if group in user.groups:
            raise reference_exists("members")
        user.groups = tuple(sorted((*user.groups, group)))
        self.groups[group].touched[row] = None
        self.trace.record("graph", "member.add", f"{self.groups[group].id}/{user.id}")
        self.feed.member(group, row)
        self.listener.membership_changed(group, row, member=True)

    def add_members(self, group: int, rows: Sequence[int]) -> None:
        """Make live users direct members, all or none: 400 for one that is a member or is named twice, 404 for one
        in the recycle bin. https://learn.microsoft.com/graph/api/group-post-members"""
        self._check_new_members(self.groups[group], rows)
        for row in rows:
            self.add_member(group, row)

    def _check_new_members(self, group: Group, rows: Sequence[int]) -> None:
        for position, row in enumerate(rows):
            if row in rows[:position]:
                raise reference_twice(self.user_id(row), group.id)
            if not self.is_live(row):
                raise not_found(self.user_id(row))
            if group.row in self.groups_of(row):
                raise reference_exists("members")

    def remove_member(self, group: int, row: int) -> None:
        """End a direct membership; 404 when there is none."""
        user = self.user(row)
        if group not in user.groups or user.state != LIVE:
            raise not_found(user.id)
        user.groups = tuple(g for g in user.groups if g != group)
        del self.groups[group].touched[row]
        self.trace.record("graph", "member.remove", f"{self.groups[group].id}/{user.id}")
        self.feed.member(group, row)
        self.listener.membership_changed(group, row, member=False)
