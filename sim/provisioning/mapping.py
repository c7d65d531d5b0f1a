"""Attribute maps: what a directory object says the target object should hold.

Invariant: a map is compiled once for a list of mappings; applying it reads nothing but the object given. A source value
that is null is not sent, so the target keeps what it has.
https://learn.microsoft.com/entra/identity/app-provisioning/known-issues
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mockservices.graph.source_attributes import GROUP_ATTRIBUTES, SOFT_DELETED, USER_ATTRIBUTES, SourceAttribute
from mockservices.scim.operations import SetAttribute, Value, value_at, with_value
from sim.ports import SourceValue
from sim.provisioning.attribute_mapping import AttributeMapping
from sim.provisioning.attributes import ACTIVE, MANAGER, MEMBERS
from sim.provisioning.default_mappings import GROUP_MAPPINGS, MINIMAL_USER_MAPPINGS, USER_MAPPINGS
from sim.provisioning.expressions import Context, ExpressionError
from sim.provisioning.guests import MARK, ORIGINAL, UPN, told_apart
from sim.provisioning.mapping_rows import Attributes, Row, Source, Surroundings
from sim.provisioning.mapping_shapes import Shape, sent, wanted

__all__ = [
    "GROUP_MAPPINGS",
    "GROUP_MATCH",
    "MINIMAL_USER_MAPPINGS",
    "USER_MAPPINGS",
    "USER_MATCH",
    "AttributeMap",
    "AttributeMapping",
    "Attributes",
    "Surroundings",
]

USER_MATCH = "userName"
GROUP_MATCH = "displayName"

_REFERENCES = (MANAGER, MEMBERS)
_NO_COLUMN = frozenset({"id", "accountEnabled", ""})
_SHAPES = 512
"""How many combinations of properties are remembered; people of one company have a few dozen."""


class Account(Protocol):
    """A user of the directory as its core keeps it."""

    @property
    def id(self) -> str:
        """Its object id."""

    @property
    def enabled(self) -> bool:
        """Whether it may sign in."""

    @property
    def attributes(self) -> Mapping[str, SourceValue]:
        """Its properties, by Graph's names."""


class AttributeMap:
    """A compiled list of mappings, which an administrator can replace while everybody holds the map itself."""

    __slots__ = (
        "_active",
        "_active_alone",
        "_also",
        "_computed",
        "_create",
        "_created",
        "_fills",
        "_flow",
        "_flowing",
        "_matching",
        "_matching_alone",
        "_surroundings",
        "_switched",
        "columns",
        "mappings",
        "properties",
        "references",
        "refers_to_managers",
        "refers_to_members",
        "revision",
    )

    mappings: tuple[AttributeMapping, ...]
    """Every row, in the order in which it was written."""
    properties: tuple[str, ...]
    """What has to be asked for in Graph, by Graph's names, beside ``id`` and ``accountEnabled``."""
    columns: frozenset[str]
    """Everything that is read of an object, ``id`` and ``accountEnabled`` among it where they are mapped."""
    references: tuple[AttributeMapping, ...]
    """The mapped references (``manager``, ``members``), which are no values: they are sent in a second pass."""
    refers_to_managers: bool
    refers_to_members: bool
    """Whether they are among those."""

    def __init__(
        self,
        mappings: Sequence[AttributeMapping],
        surroundings: Surroundings | None = None,
        also: Sequence[str] = (),
    ) -> None:
        """``also``: properties by Graph's names that are to be shown although nothing maps them."""
        self._surroundings = surroundings or Surroundings()
        self.revision = 0
        self._also = tuple(also)
        self._compile(tuple(mappings))

    def replace(self, mappings: Sequence[AttributeMapping], also: Sequence[str] = ()) -> None:
        """Map otherwise from now on. Raises ExpressionSyntaxError, and changes nothing, for what is no expression."""
        before = self.mappings, self._also
        self._also = tuple(also)
        try:
            self._compile(tuple(mappings))
        except ValueError:
            self._also = before[1]
            self._compile(before[0])
            raise
        self.revision += 1

    def _compile(self, mappings: tuple[AttributeMapping, ...]) -> None:
        rows = [Row(m, self._surroundings) for m in mappings if m.target not in _REFERENCES and not m.unmapped]
        self.mappings = mappings
        self.references = tuple(m for m in mappings if m.target in _REFERENCES and m.source is not None)
        self.refers_to_managers = any(m.target == MANAGER for m in self.references)
        self.refers_to_members = any(m.target == MEMBERS for m in self.references)
        self._active = active = next((row for row in rows if row.path == ACTIVE), None)
        # what has nothing to do with anything else of the object is worked out once
        self._active_alone = active is not None and not active.varies and {SOFT_DELETED}.issuperset(active.properties)
        self._switched: dict[bool, bool | None] = {}
        values = tuple(row for row in rows if row.path != ACTIVE)
        self._flow = tuple(row for row in values if row.always)
        empty = [m for m in mappings if m.unmapped and m.default is not None and m.target not in (ACTIVE, *_REFERENCES)]
        self._fills = tuple(Row(m, self._surroundings) for m in empty)
        self._create = (*values, *self._fills)
        matching = sorted((row for row in values if row.match), key=lambda row: row.match)
        self._matching = tuple((str(row.path), row.read) for row in matching)
        alone = matching[0].plain if len(matching) == 1 else None
        self._matching_alone = None if alone is None else (self._matching[0][0], alone)
        read = dict.fromkeys([*(name for row in rows for name in row.properties), *self._also])
        self._computed = bool(_NO_COLUMN & read.keys() or "userType" in read or ORIGINAL in read)
        self.columns = frozenset(read) - {SOFT_DELETED}
        named = dict.fromkeys(UPN if name == ORIGINAL else name for name in read)
        self.properties = tuple(name for name in named if name not in _NO_COLUMN and name != SOFT_DELETED)
        self._created: dict[tuple[str, ...], Shape] = {}
        self._flowing: dict[tuple[str, ...], Shape] = {}

    # --- what the source says ----------------------------------------------------------------------------

    def seen(self, account: Account) -> Source:
        """What a port shows of a user's account: its columns and, where they are mapped, what no column holds."""
        if not self._computed:
            name = account.attributes.get(UPN)
            if name is not None and MARK in str(name):
                return told_apart(account.attributes)
            return account.attributes
        facts: dict[str, SourceValue] = {"id": account.id, "accountEnabled": account.enabled, "userType": "Member"}
        return {**facts, **told_apart(account.attributes)}

    def context(self) -> Context:
        """What an expression may know that is tried outside any mapping."""
        return self._surroundings.context("tried")

    def matching(self, source: Source) -> tuple[tuple[str, str], ...]:
        """(attribute of the target, value) to look an object up by, one after the other until something is found.

        Empty: the object has no value for any of them, and its import is skipped.
        https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes
        """
        if self._matching_alone is not None:  # what is usual: one property, just as it is
            path, column = self._matching_alone
            value = source.get(column)
            return ((path, str(value)),) if value else ()
        found = [(path, sent(read(source))) for path, read in self._matching]
        return tuple([(path, str(value)) for path, value in found if value])

    @property
    def steady(self) -> bool:
        """Whether equal objects always map alike, ``active`` is mapped as usual, and nothing is filled in."""
        return (
            self._active_alone
            and (self.active(True), self.active(False)) == (False, True)
            and self._matching_alone is not None
            and not self._fills
            and not any(row.varies for row in self._create)
        )

    @property
    def switches_active(self) -> bool:
        """Whether ``active`` is mapped; if not, no user is ever disabled or enabled in the target."""
        return self._active is not None

    def active(self, soft_deleted: bool, source: Source | None = None) -> bool | None:
        """What ``active`` is to be for a user who is (not) soft-deleted in Entra's sense; None: it is left alone."""
        row = self._active
        if row is None:
            return None
        if self._active_alone:
            if soft_deleted not in self._switched:
                self._switched[soft_deleted] = _switch(row, {SOFT_DELETED: soft_deleted})
            return self._switched[soft_deleted]
        return _switch(row, {**(source or {}), SOFT_DELETED: soft_deleted})

    # --- what the target should hold ---------------------------------------------------------------------

    def apply(self, source: Source) -> Attributes:
        """The attributes that a new target object gets, ``active`` and references aside.

        Raises ExpressionError where an expression cannot be evaluated for this object.
        """
        shape = self._shape(source, self._created, self._create)
        result = shape.made(source)
        return self._one_by_one(source) if result is None else result

    def _one_by_one(self, source: Source) -> Attributes:
        result: Attributes = {}
        for row in self._create:
            value = wanted(row, row.read(source))
            if value is not None:
                result[row.attribute] = with_value(result.get(row.attribute), row.path, value)
        return result

    def differences(self, source: Source, target: Mapping[str, Value]) -> tuple[SetAttribute, ...]:
        """The operations that make an existing object agree with the source; none when it does.

        Raises ExpressionError where an expression cannot be evaluated for this object.
        """
        shape = self._shape(source, self._flowing, self._flow)
        if shape.agrees(source, target) and not self._fills:
            return ()
        operations: list[SetAttribute] = []
        for row in shape.unlike(source, target):
            value = sent(row.read(source))
            if value is not None and row.differs(value, value_at(target, row.path)):
                operations.append(SetAttribute(row.path, value))
        empty = [row for row in self._fills if value_at(target, row.path) is None]
        return (*operations, *(SetAttribute(row.path, str(row.default)) for row in empty))

    def count_differences(self, source: Source, target: Mapping[str, Value]) -> int:
        """How many mapped attributes differ; one whose expression is never the same twice is not among them, one that
        cannot be evaluated is."""
        shape = self._shape(source, self._flowing, self._flow)
        try:
            if shape.agrees(source, target) and not self._fills:
                return 0
        except ExpressionError:
            pass
        count = 0
        for row in shape.unlike(source, target):
            if not row.varies:
                try:
                    value = sent(row.read(source))
                except ExpressionError:
                    count += 1
                    continue
                count += value is not None and row.differs(value, value_at(target, row.path))
        return count + sum(value_at(target, row.path) is None for row in self._fills)

    def _shape(self, source: Source, known: dict[tuple[str, ...], Shape], rows: tuple[Row, ...]) -> Shape:
        """What is to be done for objects that have just these properties."""
        names = tuple(source)
        shape = known.get(names)
        if shape is None:
            if len(known) >= _SHAPES:
                known.clear()
            shape = known[names] = Shape(rows, names)
        return shape


def _switch(row: Row, source: Source) -> bool | None:
    value = sent(row.read(source))
    return None if value is None else str(value).lower() == "true"


def source_attributes(kind: str) -> Mapping[str, SourceAttribute]:
    """The attributes of the source that can be mapped: of users, or of groups."""
    return GROUP_ATTRIBUTES if kind == "Group" else USER_ATTRIBUTES
