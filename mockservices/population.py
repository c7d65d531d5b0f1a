"""Users that a core has from the start without holding them: columns that answer by row.

Invariant: answers never change during a run; what changes becomes an object of the core's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeAlias, TypeVar

V = TypeVar("V")
Look: TypeAlias = Callable[[int], dict[str, V]]
"""Tells the attributes of a row."""


def looked_up(look: Look[V] | None, row: int) -> dict[str, V]:
    """The attributes of a row that has none of its own yet."""
    if look is None:
        raise TypeError("a user has attributes or something that tells them")
    return look(row)


class Population(Protocol[V]):
    """Users that are there at the start: answers by row, so that none of them needs an object."""

    @property
    def size(self) -> int:
        """How many there are; rows 0 to size - 1."""

    def attributes(self, row: int) -> dict[str, V]:
        """A fresh dict of one user's attributes (without whether it is enabled or active)."""

    def groups(self, row: int) -> tuple[int, ...]:
        """Rows of the groups that the user is a direct member of, ascending."""

    def find(self, name: str, value: str) -> int | None:
        """The row whose unique attribute ``name`` has this value."""

    def members(self, group: int) -> Iterable[int]:
        """Rows of the members of a group, ascending."""


class Managed(Population[V], Protocol[V]):
    """Users some of whom have another one as manager."""

    def manager(self, row: int) -> int | None:
        """The row of a user's manager, if any."""


class NoPopulation(Generic[V]):
    """Nobody is there at the start."""

    size = 0

    def attributes(self, row: int) -> dict[str, V]:
        """There is no row to ask about."""
        raise IndexError(row)

    def groups(self, row: int) -> tuple[int, ...]:
        """There is no row to ask about."""
        raise IndexError(row)

    def manager(self, row: int) -> int | None:
        """There is no row to ask about."""
        raise IndexError(row)

    def find(self, name: str, value: str) -> int | None:
        """Nobody has any value."""
        return None

    def members(self, group: int) -> Iterable[int]:
        """No group has a member."""
        return ()
