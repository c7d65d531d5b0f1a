"""What a map does for all objects that have the same properties, worked out once: most of a company looks alike.

Invariant: a shape gives what the rows give one by one, or says that it cannot; it is never another answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from mockservices.scim.operations import Entry, Scalar, Value, with_value
from mockservices.values import values_of
from sim.provisioning.expressions import NO_FLOW
from sim.provisioning.mapping_rows import Attributes, Row, Source

_MARK = "\0"
_Pieces: TypeAlias = tuple[tuple[str, Scalar, Row | None], ...]
"""(sub-attribute, fixed value, or the row whose value it is) of one entry."""


def sent(value: Any) -> Any:
    """A value that was read, None where nothing flows."""
    return None if value is NO_FLOW else value


def wanted(row: Row, value: Any) -> Any:
    """What a new object gets: where the source is null, the default."""
    if value is None:
        return row.default
    return None if value is NO_FLOW else value


class _Entry:
    """One entry of a multi-valued attribute whose values are properties just as they are."""

    __slots__ = ("_after", "_before", "_names", "_read")

    def __init__(self, pieces: _Pieces) -> None:
        places = [i for i, (_, _, row) in enumerate(pieces) if row is not None]
        first, last = places[0], places[-1] + 1
        self._names = tuple(name for name, _, _ in pieces[first:last])
        self._before = tuple((name, value) for name, value, _ in pieces[:first])
        self._after = tuple((name, value) for name, value, _ in pieces[last:])
        self._read = values_of(tuple(str(row.plain) for _, _, row in pieces[first:last] if row is not None))

    def value(self, source: Source) -> Entry | None:
        """The entry; None when one of its values is null."""
        values = self._read(source)
        if None in values:
            return None
        return (*self._before, *zip(self._names, values), *self._after)  # type: ignore[arg-type]  # noqa: B905 - equally long; plain ones are texts


class _WorkedOut:
    """One entry of which a value has to be worked out."""

    __slots__ = ("_pieces",)

    def __init__(self, pieces: _Pieces) -> None:
        self._pieces = pieces

    def value(self, source: Source) -> Entry | None:
        """The entry; None when one of its values is null."""
        entry: list[tuple[str, Scalar]] = []
        for name, fixed, row in self._pieces:
            if row is None:
                entry.append((name, fixed))
                continue
            value = row.read(source)
            if value is None or value is NO_FLOW:
                return None
            entry.append((name, value))
        return tuple(entry)


class _List:
    """The entries of a multi-valued attribute."""

    __slots__ = ("_entries", "_only", "attribute")

    def __init__(self, attribute: str, rows: list[Row], present: frozenset[str]) -> None:
        self.attribute = attribute
        held: Value | None = None
        for i, row in enumerate(rows):
            held = with_value(held, row.path, f"{_MARK}{i}")
        assert isinstance(held, tuple)
        entries = [tuple((name, value, _row_of(value, rows)) for name, value in entry) for entry in held]
        self._entries = tuple(_Entry(e) if _is_plain(e, present) else _WorkedOut(e) for e in entries)
        self._only = self._entries[0] if len(entries) == 1 else None

    def value(self, source: Source) -> Value | None:
        """All entries; None when one of their values is null."""
        if self._only is not None:
            entry = self._only.value(source)
            return None if entry is None else (entry,)
        entries = [entry.value(source) for entry in self._entries]
        return None if None in entries else tuple(entries)  # type: ignore[arg-type]  # none is None


def _row_of(value: Scalar, rows: list[Row]) -> Row | None:
    return rows[int(value[1:])] if isinstance(value, str) and value[:1] == _MARK else None


def _is_plain(pieces: _Pieces, present: frozenset[str]) -> bool:
    """Whether its values are properties that are there, with nothing fixed between them."""
    places = [i for i, (_, _, row) in enumerate(pieces) if row is not None]
    together = places == list(range(places[0], places[-1] + 1))
    return together and all(row is None or row.plain in present for _, _, row in pieces)


class Shape:
    """What there is to read and to set for objects with these properties."""

    __slots__ = ("_glances", "_held", "_lists", "_others", "_read", "_targets")

    def __init__(self, rows: tuple[Row, ...], names: tuple[str, ...]) -> None:
        present = frozenset(names)
        plain: list[Row] = []
        others: list[Row] = []
        lists: dict[str, list[Row]] = {}
        for row in rows:
            absent = row.only is not None and row.only not in present
            if absent and row.default is None:
                continue
            if row.path.type is not None:
                lists.setdefault(row.attribute, []).append(row)
            elif row.plain is None or absent:
                others.append(row)
            else:
                plain.append(row)
        self._glances = tuple(
            (row, None if row.path.type is not None else row.plain, row.attribute)
            for row in rows
            if row.only is None or row.only in present  # what the others read is null
        )
        self._targets = tuple(row.attribute for row in plain)
        self._read = values_of(tuple(str(row.plain) for row in plain))
        self._held = values_of(self._targets)
        self._others = tuple((row.attribute, row.read) for row in others)
        self._lists = tuple(_List(attribute, several, present) for attribute, several in lists.items())

    def made(self, source: Source) -> Attributes | None:
        """The attributes of a new object; None when something is null, so that every row has to be asked."""
        values = self._read(source)
        if None in values:
            return None
        result: Attributes = dict(zip(self._targets, values, strict=True))  # type: ignore[arg-type]  # plain ones are texts
        for attribute, read in self._others:
            value = read(source)
            if value is None or value is NO_FLOW:
                return None
            result[attribute] = value
        for several in self._lists:
            entries = several.value(source)
            if entries is None:
                return None
            result[several.attribute] = entries
        return result

    def unlike(self, source: Source, target: Mapping[str, Value]) -> list[Row]:
        """The rows of which a glance does not show that both sides agree, in their order."""
        return [
            row for row, column, attribute in self._glances if column is None or source[column] != target.get(attribute)
        ]

    def agrees(self, source: Source, target: Mapping[str, Value]) -> bool:
        """Whether both sides have all that is mapped, and the same: what is usual, seen at a glance."""
        try:
            if self._read(source) != self._held(target):
                return False
        except KeyError:
            return False
        for attribute, read in self._others:
            value = read(source)
            if value is None or target.get(attribute) != value:
                return False
        for several in self._lists:
            entries = several.value(source)
            if entries is None or target.get(several.attribute) != entries:
                return False
        return True
