"""What a directory holds, found by row, id or name, and read.

Invariant: nothing here changes what anybody can see. Objects of a generated population live in columns until
something touches them; a row number is an object's creation ordinal and never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.graph.errors import not_found
from mockservices.graph.feed import Feed
from mockservices.graph.records import DELETED, LIVE, Attribute, DirectoryListener, Group, Silent, User
from mockservices.graph.recycle_bin import RecycleBin
from mockservices.ids import IdSpace
from mockservices.population import Managed, NoPopulation


class Contents:
    """Users, groups and memberships of one tenant."""

    def __init__(
        self,
        *,
        seed: int,
        clock: Clock,
        trace: Trace,
        population: Managed[Attribute] | None = None,
        domains: tuple[str, ...] = (),
    ) -> None:
        self.clock = clock
        self.trace = trace
        self.feed = Feed()
        self.domains = domains
        self.listener: DirectoryListener = Silent()
        self.bin = RecycleBin()
        self.groups: list[Group] = []
        self._population: Managed[Attribute] = population or NoPopulation()
        self._base = self._population.size
        self._user_ids = IdSpace(seed, "graph.user")
        self._group_ids = IdSpace(seed, "graph.group")
        self.tenant_id = IdSpace(seed, "graph.tenant").of(0)
        self._users: dict[int, User] = {}
        self._upns: dict[str, int] = {}  # names that were not there at the start
        self._group_rows: dict[str, int] = {}
        self._dead_groups = 0
        self.former_names: dict[int, list[tuple[Millis, str]]] = {}
        """Of users that were renamed: until when they had which userPrincipalName, the oldest first."""
        self.sessions_valid_from: dict[int, Millis] = {}
        """Since when sign-in sessions count, of the users whose sessions have been revoked."""
        self.users_count = self._base  # rows ever made: the next creation ordinal
        self.standing = 0
        """How often an object was deleted, restored or purged; while it stays, so does who is live."""

    def user(self, row: int) -> User:
        """The object of a row, made from the population's columns when nothing has touched it before."""
        user = self._users.get(row)
        if user is None:
            if not 0 <= row < self._base:
                raise IndexError(row)
            user = User(row, self._user_ids.of(row), self._population.attributes, Millis(0))
            user.groups = self._population.groups(row)
            user.manager = self._population.manager(row)
            self._users[row] = user
            for group in user.groups:
                self.groups[group].touched[row] = None
        return user

    def peek(self, row: int) -> User:
        """A user for reading only: an untouched one is made from the columns and forgotten again."""
        user = self._users.get(row)
        if user is None:
            if not 0 <= row < self._base:
                raise IndexError(row)
            user = User(row, self._user_ids.of(row), self._population.attributes, Millis(0))
            user.groups = self._population.groups(row)
            user.manager = self._population.manager(row)
        return user

    def attributes_of(self, row: int) -> dict[str, Attribute]:
        """The properties of a row, for reading only; makes no object."""
        user = self._users.get(row)
        if user is not None:
            return user.attributes
        if not 0 <= row < self._base:
            raise IndexError(row)
        return self._population.attributes(row)

    def touched_users(self) -> Iterator[int]:
        """Rows of the users that have an object: the others are what the population's columns say."""
        return iter(self._users)

    def is_untouched(self, row: int) -> bool:
        """Whether a user's properties are those that it had from the beginning, so that it never lost its name; makes
        no object."""
        user = self._users.get(row)
        return user is None or user.untouched

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

    def manager_of(self, row: int) -> str | None:
        """The id of a user's live manager, if any; makes no object."""
        user = self._users.get(row)
        manager = self._population.manager(row) if user is None else user.manager
        return None if manager is None or not self.is_live(manager) else self.user_id(manager)

    def members(self, group: int) -> list[int]:
        """Rows of the live members of a group, ascending; costs as much as the group is large."""
        rows = [row for row in self._population.members(group) if row not in self._users]
        rows.extend(row for row in self.groups[group].touched if self._users[row].state == LIVE)
        rows.sort()
        return rows

    def nested(self, group: int) -> list[int]:
        """Rows of the live groups that are direct members of a group, ascending."""
        return sorted(row for row in self.groups[group].nested if self.groups[row].state == LIVE)

    def nested_deep(self, group: int) -> list[int]:
        """The same with the groups in them, however deep; a circle is walked once."""
        found: dict[int, None] = {}
        waiting = self.nested(group)
        while waiting:
            row = waiting.pop()
            if row != group and row not in found:
                found[row] = None
                waiting.extend(self.nested(row))
        return sorted(found)

    def is_live(self, row: int) -> bool:
        """Whether the row's user is there and not in the recycle bin; makes no object."""
        user = self._users.get(row)
        return user.state == LIVE if user is not None else 0 <= row < self._base

    def is_enabled(self, row: int) -> bool:
        """Whether the account is live and may sign in; makes no object."""
        user = self._users.get(row)
        return user is None or (user.enabled and user.state == LIVE)
