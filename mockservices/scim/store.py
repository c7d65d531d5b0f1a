"""What a SCIM service provider holds: users and groups as objects and columns, and how they are found.

Invariant: reading changes nothing that a later write sees; an object that nothing has touched is made when somebody
asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.ids import IdSpace
from mockservices.population import NoPopulation, Population
from mockservices.scim.errors import no_group, no_user
from mockservices.scim.operations import MANAGER, Value
from mockservices.scim.profiles import Profile
from mockservices.scim.records import SCIM, Group, ProviderListener, Silent, UniqueIndex, User

UNIQUE: Final = ("userName", "externalId", "emails")
"""What no two users have in common."""


class Store:
    """Users and groups of one identity store, as whoever reads them finds them."""

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
        self._group_rows: dict[str, int] = {}
        self._unique = UniqueIndex(*UNIQUE)
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
        user = User(row, self._user_ids.of(row), self._population.attributes, Millis(0))
        user.groups = self._population.groups(row)
        user.origin = self.base_origin
        return user

    def user_id(self, row: int) -> str:
        """The id of a row, without making an object."""
        user = self._users.get(row)
        return user.id if user is not None else self._user_ids.of(row)

    def user_row(self, identifier: str) -> int | None:
        """The row of an id, whether or not its user still exists."""
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
