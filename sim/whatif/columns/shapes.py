"""What an ordinary event does to somebody's groups and grants, worked out once for everybody to whom the same happens.

Invariant: a shape is ordinary only if which grants come and go hangs on when each of its memberships is carried over,
and on nothing else; where it hangs on more, there is no shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sim.routine.change import JOINS, LEAVES, MOVES
from sim.routine.places import Membership, Place, Step

if TYPE_CHECKING:
    from mockservices.identitycenter.instance import Instance

Givers = tuple[tuple[int, ...], ...]
"""By grant: which of a shape's memberships give it, by their position."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """One way in which an ordinary event changes what somebody has."""

    kind: int
    """Joins, moves or leaves."""
    groups: tuple[int, ...]
    """The groups whose membership changes, in the order in which HR changes them."""
    adds: tuple[bool, ...]
    gained: Givers
    lost: Givers
    """Empty for who leaves: everything goes with the user."""
    lost_privileged: Givers
    goes: int
    """How many grants somebody who leaves loses."""
    privileged: bool
    """Whether privileged access is lost."""

    @property
    def found(self) -> int:
        """How many differences there are until it is carried over, those of attributes left out."""
        return 1 if self.kind == LEAVES else (self.kind == JOINS) + len(self.groups)


class Shapes:
    """The shapes of one world's events."""

    def __init__(self, instance: Instance, privileged: frozenset[int]) -> None:
        self._instance = instance
        self._privileged: Final = privileged
        self._numbers: dict[tuple[int, Place | Step], int] = {}
        self._refused: dict[Step, None] = {}
        self.all: list[Shape] = []

    def _number(self, key: tuple[int, Place | Step], shape: Shape) -> int:
        number = self._numbers[key] = len(self.all)
        self.all.append(shape)
        return number

    def joins(self, place: Place) -> int:
        """The number of the shape of somebody who joins there."""
        key = JOINS, place
        known = self._numbers.get(key)
        if known is not None:
            return known
        memberships = place.memberships
        gained = self._givers(place.ordered, memberships)
        shape = Shape(JOINS, _rows(memberships), (True,) * len(memberships), gained, (), (), 0, privileged=False)
        return self._number(key, shape)

    def leaves(self, place: Place) -> int:
        """The number of the shape of somebody who leaves from there."""
        key = LEAVES, place
        known = self._numbers.get(key)
        if known is not None:
            return known
        return self._number(key, Shape(LEAVES, (), (), (), (), (), len(place.grants), privileged=place.privileged))

    def moves(self, before: Place, step: Step) -> int | None:
        """The number of the shape of somebody who goes that step; None: what they keep may be gone in between."""
        key = MOVES, step
        known = self._numbers.get(key)
        if known is not None:
            return known
        kept = {m.target_row for m in before.memberships} - {m.target_row for m in step.leaves}
        stays = self._instance.of_groups(tuple(sorted(kept)))
        if step in self._refused or not before.grants - step.lost <= stays:
            self._refused[step] = None
            return None
        memberships = (*step.leaves, *step.enters)
        adds = (False,) * len(step.leaves) + (True,) * len(step.enters)
        gained = self._givers(tuple(sorted(step.gained)), memberships)
        lost = self._givers(step.lost_ordered, memberships)
        privileged = tuple(
            givers for grant, givers in zip(step.lost_ordered, lost, strict=True) if grant in self._privileged
        )
        shape = Shape(MOVES, _rows(memberships), adds, gained, lost, privileged, 0, privileged=step.privileged)
        return self._number(key, shape)

    def _givers(self, grants: tuple[int, ...], memberships: tuple[Membership, ...]) -> Givers:
        given = [self._instance.of_groups((m.target_row,)) for m in memberships]
        return tuple(tuple(i for i, held in enumerate(given) if grant in held) for grant in grants)


def _rows(memberships: tuple[Membership, ...]) -> tuple[int, ...]:
    return tuple(membership.row for membership in memberships)
