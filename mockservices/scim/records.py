"""What the SCIM core keeps: users and groups, the columns that most users stay in, and who is told of changes.

Invariant: a record holds state and applies no rule; members live in the core's index, never in a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from mockservices.clock import Millis
from mockservices.population import Look, looked_up
from mockservices.scim.operations import Value
from mockservices.values import folded

SCIM, CONSOLE = "SCIM", "Manual"
"""Who made an object, as the console's "Created by" column has it."""


class ProviderListener(Protocol):
    """Told of every change, after it has happened; observes and changes nothing."""

    def target_user_changed(self, row: int, *, access: bool) -> None:
        """A user was created, altered or deleted; ``access`` when ``active`` or existence changed."""

    def target_membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """A user became a member of a group, or ceased to be one."""

    def target_group_changed(self, row: int) -> None:
        """A group was created, altered or deleted."""


class Silent:
    """A listener for providers that nobody observes."""

    def target_user_changed(self, row: int, *, access: bool) -> None:
        """Heard and ignored."""

    def target_membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """Heard and ignored."""

    def target_group_changed(self, row: int) -> None:
        """Heard and ignored."""


class User:
    """A user that something has touched."""

    __slots__ = ("_attributes", "_look", "active", "created", "exists", "groups", "id", "modified", "origin", "row")

    def __init__(self, row: int, identifier: str, attributes: dict[str, Value] | Look[Value], created: Millis) -> None:
        """``attributes``: what they are, or what tells them by the row when somebody asks."""
        self.row = row
        self.id = identifier
        self._attributes: dict[str, Value] | None = attributes if isinstance(attributes, dict) else None
        self._look: Look[Value] | None = None if isinstance(attributes, dict) else attributes
        self.active = True
        self.exists = True
        self.groups: tuple[int, ...] = ()
        self.created = created
        self.modified = created
        self.origin = SCIM

    @property
    def attributes(self) -> dict[str, Value]:
        """What it holds; replaced as a whole, never altered."""
        attributes = self._attributes
        if attributes is None:
            attributes = self._attributes = looked_up(self._look, self.row)
        return attributes

    @attributes.setter
    def attributes(self, attributes: dict[str, Value]) -> None:
        self._attributes = attributes
        self._look = None

    @property
    def look(self) -> tuple[Look[Value], int]:
        """What tells what it holds now for ever, and the row to ask it about."""
        if self._look is not None:
            return self._look, self.row
        held = self.attributes
        return (lambda row: held), self.row

    @property
    def untouched(self) -> bool:
        """Whether it holds what it held from the beginning."""
        return self._look is not None


class Group:
    """A group; its members live in the provider's index, never here."""

    __slots__ = ("attributes", "created", "exists", "id", "modified", "origin", "row", "touched")

    def __init__(self, row: int, identifier: str, attributes: dict[str, Value], created: Millis) -> None:
        self.row = row
        self.id = identifier
        self.attributes = attributes
        self.exists = True
        self.created = created
        self.modified = created
        self.origin = SCIM
        self.touched: dict[int, None] = {}


_EXACT = frozenset({"externalId"})
"""Names and addresses compare without letter case (``caseExact: false``), externalId with it."""


class UniqueIndex:
    """Rows by the values that nobody else may have."""

    __slots__ = ("_rows", "names")

    def __init__(self, *names: str) -> None:
        self.names = names
        self._rows: dict[str, dict[str, int]] = {name: {} for name in names}

    def row(self, name: str, text: str) -> int | None:
        """Who has this value."""
        return self._rows[name].get(text if name in _EXACT else text.lower())

    def holds(self, attributes: Mapping[str, Value], name: str, text: str) -> bool:
        """Whether these attributes have a value, compared as values of its name are."""
        fold = str if name in _EXACT else str.lower
        return (name, fold(text)) in [(held, fold(value)) for held, value in self.of(attributes)]

    def add(self, values: Iterable[tuple[str, str]], row: int) -> None:
        """Remember values, as :meth:`of` tells them, as a row's."""
        for name, text in values:
            self._rows[name][text if name in _EXACT else folded(text)] = row

    def discard(self, values: Iterable[tuple[str, str]]) -> None:
        """Let these values go."""
        for name, text in values:
            self._rows[name].pop(text if name in _EXACT else text.lower(), None)

    def of(self, attributes: Mapping[str, Value]) -> list[tuple[str, str]]:
        """(name, text) of those attributes that nobody else may have."""
        found = []
        for name in self.names:
            value = attributes.get(name)
            if type(value) is str:
                found.append((name, value))
            elif value is not None:
                text = _unique_text(value)
                if text is not None:
                    found.append((name, text))
        return found


def _unique_text(value: Value) -> str | None:
    """The text that stands for a value that is none itself: of e-mail addresses, the primary one.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/provision-automatically.html"""
    if not isinstance(value, tuple):
        return str(value)
    for entry in value:
        fields = dict(entry)
        if fields.get("primary") and "value" in fields:
            return str(fields["value"])
    return None
