"""What a directory is made of: the records of users and groups, the population behind them, who listens.

Invariant: objects of a generated population live in columns until something touches them; a row number is an
object's creation ordinal and never changes its meaning.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

from mockservices.clock import Millis
from mockservices.population import Look, looked_up

Attribute: TypeAlias = str | bool | None | tuple[str, ...]

LIVE, DELETED, GONE = 0, 1, 2
"""States of an object: usable, in the recycle bin (30 days), or gone for good."""


class DirectoryListener(Protocol):
    """Told of every change, after it has happened; observes and changes nothing."""

    def user_changed(self, row: int) -> None:
        """A user was created, altered, disabled, deleted, restored or purged."""

    def membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """A user became a member of a group, or ceased to be one."""

    def group_changed(self, row: int) -> None:
        """A group was created, altered, deleted, restored or purged."""

    def assignment_changed(self, kind: str, row: int, resource: str) -> None:
        """A user or group (``kind``) was assigned to the application ``resource``, or unassigned."""


class Silent:
    """A listener for directories that nobody observes."""

    def user_changed(self, row: int) -> None:
        """Heard and ignored."""

    def membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """Heard and ignored."""

    def group_changed(self, row: int) -> None:
        """Heard and ignored."""

    def assignment_changed(self, kind: str, row: int, resource: str) -> None:
        """Heard and ignored."""


class User:
    """A user that something has touched."""

    __slots__ = ("_attributes", "_look", "created", "deleted", "enabled", "groups", "id", "manager", "row", "state")

    def __init__(
        self, row: int, identifier: str, attributes: dict[str, Attribute] | Look[Attribute], created: Millis
    ) -> None:
        """``attributes``: what they are, or what tells them by the row when somebody asks."""
        self.row = row
        self.id = identifier
        self._attributes: dict[str, Attribute] | None = attributes if isinstance(attributes, dict) else None
        self._look: Look[Attribute] | None = None if isinstance(attributes, dict) else attributes
        self.enabled = True
        self.state = LIVE
        self.created = created
        self.deleted: Millis | None = None
        self.manager: int | None = None
        self.groups: tuple[int, ...] = ()

    @property
    def attributes(self) -> dict[str, Attribute]:
        """Its properties; replaced as a whole, never altered."""
        attributes = self._attributes
        if attributes is None:
            attributes = self._attributes = looked_up(self._look, self.row)
        return attributes

    @attributes.setter
    def attributes(self, attributes: dict[str, Attribute]) -> None:
        self._attributes = attributes
        self._look = None

    @property
    def untouched(self) -> bool:
        """Whether its properties are those that it had from the beginning."""
        return self._look is not None


class Group:
    """A group; its members live in the directory's index, never here."""

    __slots__ = ("attributes", "created", "deleted", "id", "nested", "row", "state", "touched")

    def __init__(self, row: int, identifier: str, attributes: dict[str, Attribute], created: Millis) -> None:
        self.row = row
        self.id = identifier
        self.attributes = attributes
        self.state = LIVE
        self.created = created
        self.deleted: Millis | None = None
        self.touched: dict[int, None] = {}  # members among the users that have an object
        self.nested: dict[int, None] = {}  # rows of the groups that are members, whatever their state
