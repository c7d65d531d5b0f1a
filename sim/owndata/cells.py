"""Cells as numbers: each distinct text of a column is read once.

Invariant: whatever is wrong is a :class:`CellError` with a sentence that quotes nothing but near misses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final, Generic, TypeVar

import numpy as np

from sim.owndata.refusals import Origin, no_such

Read = TypeVar("Read")

_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YEARS: Final = range(1900, 2201)
_KEPT: Final = 200_000
_WRITTEN: Final = "0000-00-00T00:00:00.000Z"


class CellError(ValueError):
    """What is wrong with a cell, without where it stands."""


class Column(Generic[Read]):
    """One column on its way to values."""

    def __init__(self, origin: Origin, name: str, read: Callable[[str], Read]) -> None:
        self._origin = origin
        self._name = name
        self._read = read
        self._known: dict[str, Read] = {}

    def values(self, cells: Sequence[str], lines: Sequence[int]) -> list[Read]:
        """The values of cells."""
        distinct = dict.fromkeys(cells)
        if 2 * len(distinct) > len(cells) > 100:  # nothing is gained by keeping them
            return self._every(cells, lines)
        known = self._known
        if len(known) > _KEPT:
            known.clear()
        for cell in distinct:
            if cell not in known:
                known[cell] = self._one(cell, cells, lines)
        if len(distinct) == 1:
            return [known[cells[0]]] * len(cells)
        return list(map(known.__getitem__, cells))

    def _every(self, cells: Sequence[str], lines: Sequence[int]) -> list[Read]:
        """The values of cells nearly all of which are different."""
        try:
            return list(map(self._read, cells))
        except CellError:
            return [self._one(cell, (cell,), (line,)) for cell, line in zip(cells, lines, strict=True)]

    def _one(self, cell: str, cells: Sequence[str], lines: Sequence[int]) -> Read:
        try:
            return self._read(cell.strip())
        except CellError as error:
            raise self._origin.refusal(str(error), lines[cells.index(cell)], self._name) from None


class Instants(Column[int]):
    """A column of instants; those in the form in which a run writes them are read all at once."""

    def __init__(self, origin: Origin, name: str, read: Callable[[str], int], start: datetime) -> None:
        super().__init__(origin, name, read)
        self._start = np.datetime64(start.astimezone(UTC).replace(tzinfo=None), "ms")

    def _every(self, cells: Sequence[str], lines: Sequence[int]) -> list[int]:
        together, count = "".join(cells), len(cells)
        if not together.isascii() or len(together) != count * len(_WRITTEN):
            return super()._every(cells, lines)
        letters = np.frombuffer(together.encode(), np.uint8).reshape(count, len(_WRITTEN))
        like = np.frombuffer(_WRITTEN.encode(), np.uint8)
        fixed = like != ord("0")
        digits = letters[:, ~fixed]
        if set(map(len, cells)) != {len(_WRITTEN)} or not (letters[:, fixed] == like[fixed]).all():
            return super()._every(cells, lines)
        if not ((digits >= ord("0")) & (digits <= ord("9"))).all() or letters[:, 0].min() < ord("1"):
            return super()._every(cells, lines)
        try:
            moments = np.ascontiguousarray(letters[:, :-1]).view(f"S{len(_WRITTEN) - 1}").astype("datetime64[ms]")
        except ValueError:  # no such day
            return super()._every(cells, lines)
        since: list[int] = (moments.reshape(count) - self._start).astype(np.int64).tolist()
        return since


def word(what: str, words: dict[str, int], empty: int | None = None) -> Callable[[str], int]:
    """Reads one of some words; an empty cell is ``empty``, if that is allowed."""

    def read(cell: str) -> int:
        if not cell and empty is not None:
            return empty
        if not cell:
            raise CellError(f"the cell is empty; a row has its {what}")
        found = words.get(re.sub(r"[\s-]+", "_", cell.lower()))
        if found is None:
            raise CellError(no_such(what, cell, words))
        return found

    return read


def numbered(words: Iterable[str]) -> dict[str, int]:
    """Words with their positions."""
    return {each: number for number, each in enumerate(words)}


def instant(start: datetime, zone: tzinfo = UTC) -> Callable[[str], int | None]:
    """Reads an instant as ms from the start; what names no zone is a time of ``zone``, a mere date its midnight."""

    def read(cell: str) -> int | None:
        if not cell:
            return None
        try:
            if not _INSTANT.fullmatch(cell):
                raise ValueError
            when = datetime.fromisoformat(cell)
        except ValueError:
            raise CellError("this is no instant; write 2026-03-02T08:00:00Z, or a date such as 2026-03-02") from None
        if when.year not in _YEARS:
            raise CellError(f"the year is out of range; it lies between {_YEARS[0]} and {_YEARS[-1]}")
        since = (when if when.tzinfo is not None else when.replace(tzinfo=zone)) - start
        if since.microseconds % 1000:
            raise CellError("this is finer than a millisecond; write at most three digits after the point")
        return since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000

    return read


def text(what: str, longest: int, pattern: str | None = None) -> Callable[[str], str]:
    """Reads a text of at most so many characters, of a certain form; an empty cell is an empty text."""
    form = re.compile(pattern) if pattern is not None else None

    def read(cell: str) -> str:
        if len(cell) > longest:
            raise CellError(f"this has {len(cell)} characters; {what} has at most {longest}")
        if "\n" in cell or "\r" in cell:
            raise CellError(f"this has several lines; {what} is one line")
        if cell and form is not None and not form.fullmatch(cell):
            raise CellError(f"this is no {what}; {_FORMS[what]}")
        return cell

    return read


_FORMS: Final = {
    "user_principal_name": "write one such as t.chen@contoso.example",
    "mail_nickname": "write letters, digits or . _ -",
    "domain": "write one such as contoso.example",
}
