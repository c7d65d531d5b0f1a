"""Identifiers: a keyed hash of (seed, kind, creation ordinal), in UUID form.

Invariant: the id of an object depends on nothing but those three, so a replay makes the same ids.
The hash is a permutation of the ordinal beside a check word. An id therefore leads back to its ordinal by
arithmetic, and a store of a million unmaterialised objects needs no index to find one by id.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

_BITS = 60
_MASK = (1 << _BITS) - 1
_SHIFT = 31  # more than half of the bits, so that x ^= x >> _SHIFT undoes itself
_LOW = (1 << 62) - 1
_WORD = (1 << 64) - 1
_ODD = 0x9E3779B97F4A7C15
_KEPT = 1 << 12
"""Answers kept in both directions: whoever is touched by a change is asked for many times within it."""


class IdSpace:
    """The ids of one kind of object in one world."""

    __slots__ = ("_add", "_check", "_first", "_first_inverse", "_second", "_second_inverse", "of", "ordinal")

    of: Callable[[int], str]
    """The id of the ``ordinal``-th object of this kind, as a lower-case version 4 UUID."""
    ordinal: Callable[[str], int | None]
    """The ordinal behind an id, or None when this space cannot have made it; letter case is ignored."""

    def __init__(self, seed: int, kind: str) -> None:
        key = blake2b(f"{seed}/{kind}".encode(), digest_size=32).digest()
        words = [int.from_bytes(key[i : i + 8], "big") for i in range(0, 32, 8)]
        self._add = words[0] & _MASK
        self._first = (words[1] | 1) & _MASK
        self._second = (words[2] | 1) & _MASK
        self._check = words[3] | 1
        self._first_inverse = pow(self._first, -1, 1 << _BITS)
        self._second_inverse = pow(self._second, -1, 1 << _BITS)
        self.of = lru_cache(maxsize=_KEPT)(self._of)
        self.ordinal = lru_cache(maxsize=_KEPT)(self._ordinal)

    def _words(self, ordinal: int) -> tuple[int, int]:
        x = (ordinal + self._add) * self._first & _MASK
        x ^= x >> _SHIFT
        x = x * self._second & _MASK
        x ^= x >> _SHIFT
        y = (x ^ self._check) * _ODD & _WORD
        y ^= y >> 29
        return x, y * self._check & _LOW

    def _of(self, ordinal: int) -> str:
        x, y = self._words(ordinal)
        high, last = x >> 12, y & 0xFFFFFFFFFFFF
        return f"{high >> 16:08x}-{high & 0xFFFF:04x}-4{x & 0xFFF:03x}-{y >> 48 | 0x8000:04x}-{last:012x}"

    def hex16(self, ordinal: int) -> str:
        """Sixteen hexadecimal digits for kinds whose ids are not UUIDs (permission sets, instances)."""
        x, y = self._words(ordinal)
        return f"{(x ^ y << 3) & 0xFFFFFFFFFFFFFFFF:016x}"

    def digits(self, ordinal: int, length: int) -> str:
        """A decimal id of exactly ``length`` digits that starts with no zero (AWS account numbers)."""
        x, _ = self._words(ordinal)
        return str(10 ** (length - 1) + x % (9 * 10 ** (length - 1)))

    def _ordinal(self, identifier: str) -> int | None:
        h = identifier.replace("-", "")
        if len(h) != 32 or len(identifier) != 36:
            return None
        try:
            x = int(h[:12], 16) << 12 | int(h[13:16], 16)
        except ValueError:
            return None
        z = x ^ x >> _SHIFT
        z = z * self._second_inverse & _MASK
        z ^= z >> _SHIFT
        ordinal = (z * self._first_inverse - self._add) & _MASK
        return ordinal if self.of(ordinal) == identifier.lower() else None
