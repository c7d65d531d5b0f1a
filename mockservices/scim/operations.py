"""Typed changes to a SCIM resource: what a PATCH means once its grammar is behind it.

Invariant: an operation holds plain frozen values; the core applies it without parsing anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring as _quote
from typing import TypeAlias

Scalar: TypeAlias = str | bool
Entry: TypeAlias = tuple[tuple[str, Scalar], ...]
"""One value of a multi-valued attribute: (sub-attribute, value) pairs sorted by name."""
Value: TypeAlias = Scalar | tuple[Entry, ...]

USER_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
"""The names of RFC 7643, sections 4.1 to 4.3, and of RFC 7644, section 3.5.2."""
MANAGER = f"{ENTERPRISE}:manager"
MULTI_VALUED = frozenset({"emails", "phoneNumbers", "addresses", "roles"})
_LABELS = frozenset({"type", "primary"})


@dataclass(frozen=True, slots=True)
class Path:
    """Where a value lives.

    ``attribute`` is a flat name: ``userName``, ``name.givenName``, ``urn:…:User:department``, ``emails``.
    For a multi-valued attribute ``type`` picks the entry and ``sub`` the sub-attribute of it:
    ``emails[type eq "work"].value``. Both None: the whole attribute. A ``sub`` needs a ``type``.
    """

    attribute: str
    type: str | None = None
    sub: str | None = None

    def __str__(self) -> str:
        where = self.attribute if self.type is None else f"{self.attribute}[type eq {_quote(self.type)}]"
        return where if self.sub is None else f"{where}.{self.sub}"


@dataclass(frozen=True, slots=True)
class SetAttribute:
    """Give an attribute, an entry or a sub-attribute a value (RFC 7644 §3.5.2.1, §3.5.2.3).

    An entry that is not there yet is made. The value for a whole entry is a tuple of that one entry.
    """

    path: Path
    value: Value


@dataclass(frozen=True, slots=True)
class RemoveAttribute:
    """Take an attribute, an entry or a sub-attribute away (RFC 7644 §3.5.2.2)."""

    path: Path


@dataclass(frozen=True, slots=True)
class AddMembers:
    """Make users members of a group; those who are stay so."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RemoveMembers:
    """End memberships; those who are none stay so."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClearMembers:
    """End every membership of a group: how a strict server reads a removal of ``members`` with a list of values."""


Operation: TypeAlias = SetAttribute | RemoveAttribute | AddMembers | RemoveMembers | ClearMembers


def merged(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The same operations, neighbouring membership changes of one kind put together."""
    result: list[Operation] = []
    for operation in operations:
        last = result[-1] if result else None
        if isinstance(operation, AddMembers) and isinstance(last, AddMembers):
            result[-1] = AddMembers(last.ids + operation.ids)
        elif isinstance(operation, RemoveMembers) and isinstance(last, RemoveMembers):
            result[-1] = RemoveMembers(last.ids + operation.ids)
        else:
            result.append(operation)
    return tuple(result)


def value_at(attributes: Mapping[str, Value], path: Path) -> Value | None:
    """What a resource holds at a path, or None."""
    value = attributes.get(path.attribute)
    if path.type is None or not isinstance(value, tuple):
        return value
    wanted = ("type", path.type)
    for entry in value:
        if wanted in entry:
            return entry_value(dict(entry), path)
    return None


def entry_value(fields: dict[str, Scalar], path: Path) -> Value | None:
    """The part of one entry that a path means."""
    if path.sub is None:
        return (tuple(sorted(fields.items())),)
    return fields.get(path.sub)


def with_value(current: Value | None, path: Path, value: Value) -> Value:
    """The attribute's new value once ``value`` is set at ``path``."""
    if path.type is None:
        return value
    entries = current if isinstance(current, tuple) else ()
    for i, entry in enumerate(entries):
        fields = dict(entry)
        if fields.get("type") == path.type:
            return (*entries[:i], *_entry_with(fields, path, value), *entries[i + 1 :])
    made: dict[str, Scalar] = {"type": path.type}
    if path.attribute == "emails" and path.sub is not None:
        made["primary"] = True
    return (*entries, *_entry_with(made, path, value))


def _entry_with(fields: dict[str, Scalar], path: Path, value: Value) -> tuple[Entry, ...]:
    if isinstance(value, tuple):
        return value
    if path.sub is None:
        raise TypeError(f"{path} is an entry, not {value!r}")
    return (tuple(sorted({**fields, path.sub: value}.items())),)


def without_value(current: Value | None, path: Path) -> Value | None:
    """The attribute's new value once ``path`` is removed; None when nothing is left.

    An entry that would only say of what type it is goes too (RFC 7644 §3.5.2.2: no values remain).
    """
    if path.type is None or not isinstance(current, tuple):
        return None
    entries: list[Entry] = []
    for entry in current:
        fields = dict(entry)
        if fields.get("type") == path.type:
            if path.sub is None:
                continue
            fields.pop(path.sub, None)
            if fields.keys() <= _LABELS:
                continue
        entries.append(tuple(sorted(fields.items())))
    return tuple(entries) or None
