"""How many requests each event gives rise to, and which memberships are told of: usual ones, and those of the few.

Invariant: a cycle turns to everybody once, where their first change stands; it tells of each membership once, as it is
at the gate.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.randomness import Ints
from sim.whatif.columns.few import Few
from sim.whatif.columns.structure import Structure

USUAL = 2
"""A look and a change."""


@dataclass(slots=True, eq=False)
class Visits:
    """What cycles turn to; by event, and by change of a membership as in the structure."""

    requests: Ints
    """About the event's user; 0 where the cycle turns to them at another event."""
    adds: NDArray[np.bool_]
    sends: NDArray[np.bool_]
    """Whether a request is sent about the membership at this change of it."""
    made: NDArray[np.bool_]
    """Whether HR makes the change: it does nothing for those of whose coming it hears when they are gone."""
    first: dict[tuple[int, int], int] = field(default_factory=dict)
    """By gate and person of the few, the event at which a cycle turns to them."""


def usual(structure: Structure) -> Visits:
    """Everybody is in nobody's way."""
    requests = np.full(len(structure.at), USUAL, dtype=np.int64)
    every = np.ones(len(structure.adds), dtype=np.bool_)
    return Visits(requests, structure.adds, every, every)


def with_few(structure: Structure, cycle: Ints, few: Few, chosen: NDArray[np.bool_]) -> Visits | None:
    """The same with those who live by themselves; ``cycle``: by event, the number of the gate that takes it up. None
    where their world does not say."""
    visits = usual(structure)
    visits.adds, visits.sends, visits.made = visits.adds.copy(), visits.sends.copy(), visits.made.copy()
    gates = len(few.before)
    turns = {(turn.gate, turn.person): turn for turn in few.users}
    sends: dict[tuple[int, int], bool] = {}
    for i in np.flatnonzero(chosen).tolist():
        key = int(cycle[i]), int(structure.person[i])
        if key[0] >= gates:
            continue  # no cycle takes it up
        turn = turns.get(key)
        if turn is None:  # nothing about them is in the directory
            visits.requests[i] = 0
            continue
        again = key in visits.first
        visits.requests[i] = 0 if again else turn.requests
        visits.first.setdefault(key, i)
        sends[key] = turn.requests > 0
    told: dict[tuple[int, int, int], int] = {}
    for row in np.flatnonzero(chosen[structure.event]).tolist():
        i = int(structure.event[row])
        gate, person = int(cycle[i]), int(structure.person[i])
        if gate >= gates:
            continue
        if (gate, person) not in sends:
            visits.made[row] = visits.sends[row] = False
            continue
        at_first = told.setdefault((gate, int(structure.group[row]), person), row)
        visits.adds[at_first] = structure.adds[row]
        visits.sends[row] = at_first == row and sends[gate, person]
    groups = {(gate, group) for gate, group, _ in told}
    return visits if groups == few.reads else None
