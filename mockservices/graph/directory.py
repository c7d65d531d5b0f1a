"""The directory core: users, groups, memberships, recycle bin and app role assignments, with their rules.

Invariant: no HTTP, no clock of its own, no chance. Attributes of an object are replaced, never altered: whoever was
handed them keeps what they saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockservices.graph.contents import Contents
from mockservices.graph.errors import bad_request, conflict, not_found, reference_exists, reference_twice
from mockservices.graph.feed import GROUP, USER
from mockservices.graph.records import (
    DELETED,
    GONE,
    LIVE,
    Attribute,
    DirectoryListener,
    Group,
    Silent,
    User,
)
from mockservices.population import Look
from mockservices.values import folded

__all__ = ["DELETED", "GONE", "LIVE", "Attribute", "Directory", "Group", "User"]
__all__ += ["DirectoryListener", "Silent"]


class Directory(Contents):
    """Users and groups of one tenant, and what can be done to them."""

    # --- users -------------------------------------------------------------------------------------------

    def create_user(self, attributes: dict[str, Attribute], *, enabled: bool = True) -> User:
        """Create a user from checked Graph properties; 400 for a taken or foreign userPrincipalName."""
        upn = str(attributes["userPrincipalName"])
        self._check_upn(upn)
        row = self.users_count
        user = self.made(upn, attributes)
        user.enabled = enabled
        self.trace.record("graph", "user.create", user.id, {**attributes, "accountEnabled": enabled})
        self.feed.append(USER, row)
        self.listener.user_changed(row)
        return user

    def made(self, name: str, attributes: dict[str, Attribute] | Look[Attribute], groups: tuple[int, ...] = ()) -> User:
        """A new user of the next row, whose name is free, as it is kept; who makes it records it and tells of it."""
        row = self.users_count
        user = User(row, self._user_ids.of(row), attributes, self.clock.now)
        user.groups = groups
        for group in groups:
            self.groups[group].touched[row] = None
        self.users_count += 1
        self._users[row] = user
        self._upns[folded(name)] = row
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
            former = str(user.attributes["userPrincipalName"])
            old = former.lower()
            if str(upn).lower() != old:
                self._check_upn(str(upn))
                self.former_names.setdefault(row, []).append((self.clock.now, former))
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
        self.bin.put(USER, row, self.clock.now)
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

    def revoke_sessions(self, row: int) -> None:
        """Invalidate the refresh tokens and browser sessions of a live user: they have to sign in again, and can while
        the account is enabled. No session at AWS hears of it, and access tokens that are issued live on.
        https://learn.microsoft.com/graph/api/user-revokesigninsessions"""
        self.sessions_valid_from[row] = self.clock.now
        self.trace.record("graph", "user.revokeSessions", self.user_id(row))

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
        if state == DELETED:
            self.bin.put(GROUP, row, self.clock.now)
        self.trace.record("graph", verb, group.id)
        self.feed.append(GROUP, row)
        self.listener.group_changed(row)

    # --- the recycle bin ---------------------------------------------------------------------------------

    def empty_bin(self) -> None:
        """Delete for good what has lain in the recycle bin for 30 days and is there still, in the order of deletion.
        https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""
        for kind, row, deleted in self.bin.due(self.clock.now):
            held: User | Group = self.user(row) if kind == USER else self.groups[row]
            if (held.state, held.deleted) != (DELETED, deleted):
                continue  # restored since, or purged by hand
            if kind == USER:
                self.purge_user(row)
            else:
                self.purge_group(row)

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

    # --- groups in groups --------------------------------------------------------------------------------

    def nest(self, group: int, inner: int) -> None:
        """Make a live group a direct member of another one; 400 when it is one already or is that group itself.

        An assignment of the outer group does not reach the inner one's members.
        https://learn.microsoft.com/graph/api/resources/approleassignment
        """
        outer, member = self.groups[group], self.groups[inner]
        if member.state != LIVE:
            raise not_found(member.id)
        if inner == group:
            raise bad_request("A group cannot be added as a member of itself.")
        if inner in outer.nested:
            raise reference_exists("members")
        outer.nested[inner] = None
        self.trace.record("graph", "member.add", f"{outer.id}/{member.id}")
        self.feed.nested(group, inner)
        self.listener.group_changed(group)

    def unnest(self, group: int, inner: int) -> None:
        """End a group's membership of another one; 404 when there is none."""
        outer, member = self.groups[group], self.groups[inner]
        if inner not in outer.nested or member.state != LIVE:
            raise not_found(member.id)
        del outer.nested[inner]
        self.trace.record("graph", "member.remove", f"{outer.id}/{member.id}")
        self.feed.nested(group, inner)
        self.listener.group_changed(group)
