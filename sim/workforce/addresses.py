"""What stands before the @ in people's addresses, and whose an address is, without an index entry for each person.

Invariant: no two people ever have the same local part: of those whose names are folded alike the first has
``anna.lopez``, the next ``anna.lopez2``, in the order of their rows, past what ``taken`` names. mailNicknames can be
shared.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints
from sim.workforce.names import NamePools

_DIGITS: Final = "0123456789"
_MOST_DIGITS: Final = 7


class _Lookup(NamedTuple):
    """People in the order of their folded names: 8 bytes for each."""

    keys: memoryview
    rows: memoryview


class Addresses:
    """The local parts and mailNicknames of people by row, and rows by them."""

    __slots__ = (
        "_columns",
        "_families",
        "_family",
        "_family_ids",
        "_given",
        "_given_ids",
        "_givens",
        "_lookup",
        "_number",
        "_pools",
        "_shares",
        "_taken",
        "number",
        "shares",
    )

    def __init__(
        self,
        pools: NamePools,
        given: Ints,
        family: Ints,
        *,
        shares: NDArray[np.bool_] | None = None,
        taken: Iterable[str] = (),
    ) -> None:
        """``shares``: who has the mailNickname of somebody with the same folded name. ``taken``: local parts that other
        people have, from a scenario's file."""
        self._pools = pools
        self._givens = {name: i for i, name in enumerate(dict.fromkeys(pools.given_folded))}
        self._families = {name: i for i, name in enumerate(dict.fromkeys(pools.family_folded))}
        self._given_ids = np.array([self._givens[name] for name in pools.given_folded], dtype=np.uint32)
        self._family_ids = np.array([self._families[name] for name in pools.family_folded], dtype=np.uint32)
        self._columns = given, family
        self._given = np.ascontiguousarray(given, dtype=np.uint16).data
        self._family = np.ascontiguousarray(family, dtype=np.uint16).data
        self._taken: dict[int, list[int]] = {}
        for text in taken:
            found = self._parse(text)
            if found is not None and found[1] not in self._taken.setdefault(found[0], []):
                self._taken[found[0]].append(found[1])
        for numbers in self._taken.values():
            numbers.sort()
        self._lookup: _Lookup | None = None
        self.number = self._numbers()
        """Which of the people with this folded name somebody is; 1: the first, whose address has no number."""
        self._number = self.number.data
        self.shares = shares
        self._shares = None if shares is None else np.ascontiguousarray(shares, dtype=np.uint8).data
        self._lookup = None  # made again when somebody is looked for; most runs of a few people never do

    def local_part(self, row: int) -> str:
        """``anna.lopez`` or ``anna.lopez2``, in lower-case ASCII."""
        number, base = self._number[row], self._base(row)
        return base if number == 1 else f"{base}{number}"

    def nickname(self, row: int) -> str:
        """The mailNickname: the local part, or that of the first with this name where it is shared."""
        return self._base(row) if self._shares is not None and self._shares[row] else self.local_part(row)

    def row_of(self, text: str) -> int | None:
        """Whose local part this is, whatever its case."""
        found = self._parse(text)
        if found is None:
            return None
        key, number = found
        keys, rows = self._lookup or self._index()
        place = bisect_left(keys, key) + number - 1
        if self._taken:
            taken = self._taken.get(key, ())
            if number in taken:
                return None
            place -= bisect_left(taken, number)
        row: int | None = rows[place] if place < len(keys) and keys[place] == key else None
        return row

    def row_of_nickname(self, text: str) -> int | None:
        """Whose mailNickname this is, whatever its case; of those who share it, the first."""
        shares = self._shares
        if shares is None:
            return self.row_of(text)
        found = self._parse(text)
        if found is None:
            return None
        key, number = found
        if number > 1:
            row = self.row_of(text)
            return None if row is None or shares[row] else row
        keys, rows = self._index()
        same = range(bisect_left(keys, key), bisect_right(keys, key))
        return next((rows[place] for place in same if self._number[rows[place]] == 1 or shares[rows[place]]), None)

    def renamed(self, row: int, family: int, taken: Callable[[str], bool]) -> str:
        """The local part that somebody gets with a new family name: their own where both are folded alike, else the
        next number after everybody who ever has that name in this run, joiners yet to come among them.

        ``taken`` says what earlier changes of name have used.
        """
        pools = self._pools
        base = f"{pools.given_folded[self._given[row]]}.{pools.family_folded[family]}"
        if base == self._base(row):
            return self.local_part(row)
        key = int(self._given_ids[self._given[row]]) * len(self._families) + int(self._family_ids[family])
        keys, _ = self._index()
        number = bisect_right(keys, key) - bisect_left(keys, key) + len(self._taken.get(key, ())) + 1
        while taken(text := base if number == 1 else f"{base}{number}"):
            number += 1
        return text

    @property
    def nbytes(self) -> int:
        """The size of the columns in bytes, that of the look-up included once it has been made."""
        columns = self.number.nbytes + (0 if self._shares is None else self._shares.nbytes)
        return columns if self._lookup is None else columns + sum(part.nbytes for part in self._lookup)

    def _base(self, row: int) -> str:
        pools = self._pools
        return f"{pools.given_folded[self._given[row]]}.{pools.family_folded[self._family[row]]}"

    def _parse(self, text: str) -> tuple[int, int] | None:
        """The folded name, as its key, and the number in a local part; None for what no person's can be."""
        if not text.isascii():
            return None
        given, _, rest = text.lower().partition(".")
        family = rest.rstrip(_DIGITS)
        first, second = self._givens.get(given), self._families.get(family)
        if first is None or second is None:
            return None
        digits = rest[len(family) :]
        if digits and (len(digits) > _MOST_DIGITS or digits[0] == "0" or digits == "1"):
            return None
        return first * len(self._families) + second, int(digits or 1)

    def _numbers(self) -> NDArray[np.generic]:
        keys, rows = self._sorted()
        places = np.arange(len(keys), dtype=np.uint32)
        begins = np.ones(len(keys), dtype=bool)
        begins[1:] = keys[1:] != keys[:-1]
        begun = np.maximum.accumulate(np.where(begins, places, np.uint32(0)))
        sorted_numbers = places - begun + np.uint32(1)
        for key, taken in self._taken.items():
            same = slice(*np.searchsorted(keys, np.array([key, key + 1], dtype=np.int64)))
            for number in taken:
                sorted_numbers[same] += sorted_numbers[same] >= number
        numbers = np.empty(len(keys), dtype=np.uint32)
        numbers[rows] = sorted_numbers
        largest = int(numbers.max(initial=0))
        found: NDArray[np.generic] = numbers.astype(np.uint16 if largest < 1 << 16 else np.uint32)
        found.setflags(write=False)
        return found

    def _sorted(self) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
        # below 2**32: there are at most 65,536 of each
        given, family = self._columns
        keys = self._given_ids[given] * np.uint32(len(self._families)) + self._family_ids[family]
        order = np.argsort(keys, kind="stable")
        return keys[order], order.astype(np.int32)

    def _index(self) -> _Lookup:
        found = self._lookup
        if found is None:
            keys, rows = self._sorted()
            found = self._lookup = _Lookup(keys.data, rows.data)
        return found
