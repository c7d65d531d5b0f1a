"""Attribute mappings: what a directory object says the target object should hold.

Invariant: a mapping is compiled once; applying it reads nothing but the object given. A source value that is
null is not sent, so the target keeps what it has.
https://learn.microsoft.com/entra/identity/app-provisioning/known-issues
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockservices.scim.operations import Path, SetAttribute, Value, value_at, with_value
from mockservices.values import values_of
from sim.ports import SourceValue

Attributes = dict[str, Value]


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """One direct mapping: a source property flows to a target path."""

    source: str
    target: Path


USER_MAPPINGS: tuple[AttributeMapping, ...] = (
    AttributeMapping("userPrincipalName", Path("userName")),
    AttributeMapping("displayName", Path("displayName")),
    AttributeMapping("givenName", Path("name.givenName")),
    AttributeMapping("surname", Path("name.familyName")),
    AttributeMapping("mail", Path("emails", "work", "value")),
    AttributeMapping("mailNickname", Path("externalId")),
)
"""The mappings of the deployment that the testbed relives, with the externalId row of every Entra SCIM app.
https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups"""

GROUP_MAPPINGS: tuple[AttributeMapping, ...] = (
    AttributeMapping("displayName", Path("displayName")),
    AttributeMapping("id", Path("externalId")),
)
"""https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial"""

USER_MATCH = "userName"
GROUP_MATCH = "displayName"


class _Part:
    """A mapping to one part of a multi-valued attribute."""

    __slots__ = ("after", "before", "path", "source")

    def __init__(self, mapping: AttributeMapping) -> None:
        self.source = mapping.source
        self.path = mapping.target
        alone = with_value(None, self.path, _MARK)
        if not isinstance(alone, tuple):
            raise TypeError(f"{self.path} is no part of a multi-valued attribute")
        place = [value for _, value in alone[0]].index(_MARK)
        self.before, self.after = alone[0][:place], alone[0][place + 1 :]

    def alone(self, value: str) -> Value:
        """The attribute with nothing but this part."""
        return ((*self.before, (str(self.path.sub), value), *self.after),)


class AttributeMap:
    """A compiled list of mappings."""

    __slots__ = ("_flat", "_held", "_parts", "_read", "_targets", "properties")

    def __init__(self, mappings: tuple[AttributeMapping, ...]) -> None:
        self._flat = tuple((m.source, m.target.attribute, m.target) for m in mappings if m.target.type is None)
        self._parts = tuple(_Part(m) for m in mappings if m.target.type is not None)
        self.properties = tuple(m.source for m in mappings if m.source != "id")
        self._targets = tuple(attribute for _, attribute, _ in self._flat)
        self._read = values_of(tuple(name for name, _, _ in self._flat))
        self._held = values_of(self._targets)

    def apply(self, source: Mapping[str, SourceValue]) -> Attributes:
        """The attributes that a new target object gets."""
        result = self._as_they_are(source)
        for part in self._parts:
            value = source.get(part.source)
            if value is not None:
                attribute = part.path.attribute
                held = result.get(attribute)
                result[attribute] = part.alone(str(value)) if held is None else with_value(held, part.path, str(value))
        return result

    def _as_they_are(self, source: Mapping[str, SourceValue]) -> Attributes:
        try:
            values: tuple[Any, ...] = self._read(source)  # mapped properties are strings
        except KeyError:
            values = tuple(source.get(name) for name, _, _ in self._flat)
        if None in values:
            return {target: value for target, value in zip(self._targets, values, strict=True) if value is not None}
        return dict(zip(self._targets, values, strict=True))

    def differences(self, source: Mapping[str, SourceValue], target: Mapping[str, Value]) -> tuple[SetAttribute, ...]:
        """The operations that make an existing object agree with the source; none when it does."""
        if self._agree(source, target):
            return ()
        operations: list[SetAttribute] = []
        for name, attribute, path in self._flat:
            value = source.get(name)
            if value is not None and target.get(attribute) != value:
                operations.append(SetAttribute(path, str(value)))
        for part in self._parts:
            value = source.get(part.source)
            if value is not None and value_at(target, part.path) != value:
                operations.append(SetAttribute(part.path, str(value)))
        return tuple(operations)

    def _agree(self, source: Mapping[str, SourceValue], target: Mapping[str, Value]) -> bool:
        """Whether both sides have all that is mapped, and the same: what is usual, seen at a glance."""
        try:
            if self._read(source) != self._held(target):
                return False
        except KeyError:
            return False
        for part in self._parts:
            value = source.get(part.source)
            if value is None or target.get(part.path.attribute) != part.alone(str(value)):
                return False
        return True

    def count_differences(self, source: Mapping[str, SourceValue], target: Mapping[str, Value]) -> int:
        """How many mapped attributes differ."""
        return len(self.differences(source, target))


_MARK = "\0"
