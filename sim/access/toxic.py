"""Toxic combinations: pairs of access that nobody should hold together (separation of duties).

Invariant: pure. A pair is held by whoever holds both sides, a side by whoever holds all grants of any of its choices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Grants: TypeAlias = frozenset[int]
Side: TypeAlias = tuple[Grants, ...]
"""Each of these, held whole, is enough."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides that nobody should hold together."""

    name: str
    first: Side
    second: Side

    def held(self, grants: Grants) -> bool:
        """Whether somebody with these grants holds both sides."""
        return any(choice <= grants for choice in self.first) and any(choice <= grants for choice in self.second)


class ToxicPairs:
    """All pairs of one company; sets of grants are interned, so an answer is worked out once for each set."""

    __slots__ = ("_cache", "pairs")

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = tuple(pairs)
        self._cache: dict[Grants, tuple[int, ...]] = {}

    def held(self, grants: Grants) -> tuple[int, ...]:
        """The pairs that somebody with these grants holds, by their numbers, in order."""
        known = self._cache.get(grants)
        if known is None:
            known = self._cache[grants] = tuple(i for i, pair in enumerate(self.pairs) if pair.held(grants))
        return known
