"""When each change is carried over: gates, the agenda of every cycle, and the millisecond of every request.

Invariant: requests come in the job's own order (users, then groups, then memberships, additions before removals) and
at its own pace: request k of a cycle at gate + k * spacing. Where a cycle would meet another one there is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.provisioning.pace import Pace
from sim.randomness import Ints
from sim.whatif.columns.structure import Structure
from sim.whatif.columns.visits import Visits

NOT: Final = -1
"""In place of a time: not before the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Carrying:
    """One interval's cycles; times in ms, by event and by change of a membership as in the structure."""

    gates: Ints
    cycle: Ints
    """By event, the number of the gate that takes it up; one more than there are where none does."""
    picked: Ints
    """That gate, or NOT."""
    slot: Ints
    """The number of the first request about the event's user in its cycle."""
    written: Ints
    """When the event's user is created, updated or switched off, or NOT."""
    sent_slot: Ints
    """The number of the request about a membership in its cycle, or NOT."""
    sent: Ints
    """When a membership is changed, or NOT."""
    before: Ints
    """By gate: the position of the first event that a cycle takes up; one more at the end."""
    ends: Ints
    """By gate: when its cycle is over; the gate itself where there was nothing to do."""
    requests: int
    reads: int
    """Groups that were looked at for their members' sake, each of which was as it should be."""


def latest_ends(structure: Structure, gates: Ints, cycle: Ints, pace: Pace) -> Ints:
    """By gate, when its cycle is over at the latest, whoever is in whose way; ``cycle``: see :class:`Carrying`."""
    events = np.bincount(cycle, minlength=len(gates) + 1)[:-1]
    changes = np.bincount(cycle[structure.event], minlength=len(gates) + 1)[:-1]
    spacing, per = pace.spacing
    ends: Ints = gates + np.where(events > 0, 2 * (events + changes) * spacing // per + pace.request_time, 0)
    return ends


def carry(structure: Structure, gates: Ints, cycle: Ints, pace: Pace, visits: Visits) -> Carrying | None:
    """Everything that an interval does with a company; None where cycles run into each other."""
    over = int(np.searchsorted(cycle, len(gates), side="left"))  # events in order of `told`: the rest is not taken up
    before = np.searchsorted(cycle, np.arange(len(gates) + 1), side="left")
    sums = np.append(0, np.cumsum(visits.requests[:over]))
    users = np.diff(sums[before])
    spacing, per = pace.spacing

    changes = int(np.searchsorted(structure.event, over, side="left"))
    of_change = cycle[structure.event[:changes]]
    place, reads, members = _memberships(structure, visits, of_change, len(gates))
    total = users + reads + members
    busy = total > 0
    ends = gates + np.where(busy, (total - 1) * spacing // per + pace.request_time, 0)
    if bool((ends[busy] >= np.append(gates[1:], structure.end)[busy]).any()):
        return None

    slot, picked, written = np.full((3, len(structure.told)), NOT, dtype=np.int64)
    sent_slot, sent = np.full((2, len(structure.event)), NOT, dtype=np.int64)
    gate = gates[cycle[:over]]
    picked[:over] = gate
    slot[:over] = sums[:-1] - sums[before[cycle[:over]]]
    written[:over] = gate + (slot[:over] + 1) * spacing // per
    sends = np.flatnonzero(visits.sends[:changes])
    in_cycle = of_change[sends]
    sent_slot[sends] = users[in_cycle] + reads[in_cycle] + place
    sent[sends] = gates[in_cycle] + sent_slot[sends] * spacing // per
    requests = int(total.sum())
    return Carrying(
        gates, cycle, picked, slot, written, sent_slot, sent, before, ends, requests, int(reads.sum())
    )  # fmt: skip


def _memberships(structure: Structure, visits: Visits, cycle: Ints, cycles: int) -> tuple[Ints, Ints, Ints]:
    """Of each request about a membership its place among its cycle's; by cycle the groups, and those requests."""
    n = len(cycle)
    rows = np.arange(n)
    groups = int(structure.group.max(initial=0)) + 1
    made = np.flatnonzero(visits.made[:n])
    _, which, of = np.unique((cycle * groups + structure.group[:n])[made], return_index=True, return_inverse=True)
    first, begins_at = made[which], np.zeros(n, dtype=np.int64)
    begins_at[made] = first[of]
    sends = np.flatnonzero(visits.sends[:n])
    # groups in the order in which the feed first tells of them; of each what is added, and then what is taken away
    key = ((begins_at * 2 + ~visits.adds[:n]) * max(n, 1) + rows)[sends]
    order = np.argsort(key)
    members = np.bincount(cycle[sends], minlength=cycles)
    begins = np.cumsum(members) - members
    place = np.empty(len(sends), dtype=np.int64)
    place[order] = np.arange(len(sends)) - begins[cycle[sends[order]]]
    return place, np.bincount(cycle[first], minlength=cycles), members


def after_cycle(structure: Structure, carrying: Carrying, found: Ints) -> Ints:
    """By gate: the differences that HR has made since, when its cycle is over."""
    sums = np.append(0, np.cumsum(found))
    since = np.searchsorted(structure.told, carrying.gates, side="right")
    until = np.searchsorted(structure.told, carrying.ends, side="right")
    after: Ints = sums[until] - sums[since]
    return after
