"""When each change is carried over: gates, the agenda of every cycle, and the millisecond of every request.

Invariant: requests come in the job's own order (users, then groups, then memberships, additions before removals) and
at its own pace: request k of a cycle at gate + k * spacing. Where a cycle would meet another one, or a person
something else that happens to them, there is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.provisioning.pace import Pace
from sim.randomness import Ints
from sim.whatif.carriage import gates
from sim.whatif.columns.structure import Structure

NOT: Final = -1
"""In place of a time: not before the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Carrying:
    """One interval's cycles; times in ms, by event and by change of a membership as in the structure."""

    gates: Ints
    picked: Ints
    """The gate of the cycle that takes an event up, or NOT."""
    written: Ints
    """When the event's user is created, updated or switched off, or NOT."""
    sent: Ints
    """When a membership is changed, or NOT."""
    before: Ints
    """By gate: the position of the first event that a cycle takes up; one more at the end."""
    ends: Ints
    """By gate: when its cycle is over; the gate itself where there was nothing to do."""
    requests: int
    reads: int
    """Groups that were looked at for their members' sake, each of which was as it should be."""


def carry(structure: Structure, pace: Pace) -> Carrying | None:
    """Everything that an interval does with a company; None where it is out of the ordinary."""
    due = gates(pace, structure.end)
    cycle = np.searchsorted(due, structure.told, side="left")
    open_at_the_end = int(np.searchsorted(cycle, len(due), side="left"))  # events in order of `told`
    cycle = cycle[:open_at_the_end]
    before = np.searchsorted(cycle, np.arange(len(due) + 1), side="left")
    users = np.diff(before)
    spacing, per = pace.spacing

    changes = int(np.searchsorted(structure.event, open_at_the_end, side="left"))
    of_change = cycle[structure.event[:changes]]
    slot, reads, members = _memberships(structure, of_change, len(due))
    total = 2 * users + reads + members
    ends = due + np.where(total > 0, (total - 1) * spacing // per + pace.request_time, 0)
    following = np.append(due[1:], structure.end)
    if bool((total > 0).any()) and bool((ends[total > 0] >= following[total > 0]).any()):
        return None
    over = np.append(ends, structure.end)[np.searchsorted(due, structure.told, side="left")]
    if bool((structure.following <= over).any()):
        return None

    gate = due[cycle]
    place = np.arange(open_at_the_end) - before[cycle]
    picked, written = np.full((2, len(structure.told)), NOT, dtype=np.int64)
    sent = np.full(len(structure.event), NOT, dtype=np.int64)
    picked[:open_at_the_end] = gate
    written[:open_at_the_end] = gate + (2 * place + 1) * spacing // per
    sent[:changes] = due[of_change] + (2 * users[of_change] + reads[of_change] + slot) * spacing // per
    return Carrying(due, picked, written, sent, before, ends, int(total.sum()), int(reads.sum()))


def _memberships(structure: Structure, cycle: Ints, cycles: int) -> tuple[Ints, Ints, Ints]:
    """Of each change of a membership its place among those of its cycle; by cycle the groups, and the changes."""
    n = len(cycle)
    rows = np.arange(n)
    groups = int(structure.group.max(initial=0)) + 1
    _, first, of = np.unique(cycle * groups + structure.group[:n], return_index=True, return_inverse=True)
    # groups in the order in which the feed first tells of them; of each what is added, and then what is taken away
    key = (first[of] * 2 + ~structure.adds[:n]) * max(n, 1) + rows
    order = np.argsort(key)
    members = np.bincount(cycle, minlength=cycles)
    begins = np.cumsum(members) - members
    slot = np.empty(n, dtype=np.int64)
    slot[order] = rows - begins[cycle[order]]
    return slot, np.bincount(cycle[first], minlength=cycles), members


def after_cycle(structure: Structure, carrying: Carrying, found: Ints) -> Ints:
    """By gate: the differences that HR has made since, when its cycle is over."""
    sums = np.append(0, np.cumsum(found))
    since = np.searchsorted(structure.told, carrying.gates, side="right")
    until = np.searchsorted(structure.told, carrying.ends, side="right")
    after: Ints = sums[until] - sums[since]
    return after
