"""Who reports to whom: in each department a tree of employees, as wide as a company's is.

Invariant: whoever has a manager has one who is there at the start, whose place in the tree is above their own, so that
no chain of managers comes back to where it began; contractors manage nobody.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints
from sim.workforce.identity import SPAN
from sim.workforce.plan import Employment

NOBODY: Final = -1


class Rank(IntEnum):
    """Where somebody stands in the tree, as it is in the people's column."""

    STAFF = 0
    MANAGER = 1
    HEAD = 2
    TOP = 3


class Hierarchy(NamedTuple):
    """By row: the manager's row (-1: none), and the rank."""

    manager: NDArray[np.int32]
    rank: NDArray[np.uint8]


def hierarchy(
    department: Ints, employment: NDArray[np.integer], joined_at: Ints, size: int, span: int = SPAN
) -> Hierarchy:
    """The trees of those who are there at the start (rows below ``size``), and a manager for each later joiner.

    In a department employees stand before contractors and the longest-serving first; with a span of 7 place p reports
    to place (p-1) // 7. The first of a department is its head and reports to the longest-serving employee of all.
    Joiners get the department's managers in turn, from those with the fewest levels below them on.
    """
    manager = np.full(len(department), NOBODY, dtype=np.int32)
    rank = np.zeros(len(department), dtype=np.uint8)
    contractor = employment == Employment.CONTRACTOR
    staff = np.flatnonzero(~contractor[:size])
    if not len(staff):
        return Hierarchy(manager, rank)
    top = int(staff[np.argmin(joined_at[staff])])
    order = np.lexsort((joined_at[:size], contractor[:size], department[:size]))
    names = int(department.max()) + 1
    begins = np.searchsorted(department[order], np.arange(names + 1))
    employees = np.bincount(department[staff], minlength=names)
    later = np.arange(size, len(department))
    for number in range(names):
        here = order[begins[number] : begins[number + 1]]
        joining = later[department[size:] == number]
        heads = int(employees[number])
        if not heads:
            manager[here] = manager[joining] = top
            continue
        place = np.arange(len(here))
        above = (place - 1) // span
        above = np.where(above < heads, above, (place - 1) % heads)  # more contractors than the tree has room for
        manager[here[1:]] = here[above[1:]]
        manager[here[0]] = top
        managers = int(above[1:].max()) + 1 if len(here) > 1 else 1
        rank[here[:managers]] = Rank.MANAGER
        rank[here[0]] = Rank.HEAD
        manager[joining] = here[managers - 1 - np.arange(len(joining)) % managers]
    manager[top] = NOBODY
    rank[top] = Rank.TOP
    return Hierarchy(manager, rank)
