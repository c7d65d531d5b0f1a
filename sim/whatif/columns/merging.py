"""Takes what the few have come to into the columns, each instant of theirs at its place among everybody's requests.

Invariant: only instants at which one of their requests is carried out move; what is true, what HR does and when a cycle
begins is the same in both worlds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.observation.latency import LatencyRow
from sim.observation.words import MISSING, MOVER_GAP, MOVER_OVERLAP, MOVER_REVOKE, ORPHANED, PRIVILEGED, SUSPENDED
from sim.provisioning.pace import Pace
from sim.randomness import Ints
from sim.whatif.columns.carrying import NOT, Carrying
from sim.whatif.columns.few import Few
from sim.whatif.columns.lasting import OPEN, Lasting
from sim.whatif.columns.measuring import Measured
from sim.whatif.columns.structure import Structure
from sim.whatif.columns.visits import Visits

_BOTH: Final = (MOVER_OVERLAP, MOVER_GAP)


@dataclass(frozen=True, slots=True)
class Instants:
    """When things happen among everybody's that happen at a time of the few's own world."""

    moved: dict[int, int]
    """By bare milliseconds, which is safe because nothing happens to the few while a cycle is at work: a time that is
    here is that of one of their requests."""
    turns: Mapping[int, Sequence[tuple[int, int]]]
    """By person, (gate, when its cycle is over in the few's own world) of every cycle that turns to them."""

    def put_off(self, person: int, told: int, end: int) -> int:
        """How much longer cycles last among everybody that leave something about a person undone.

        ``told``: when HR has acted; ``end``: when it is done, in the few's own time.
        """
        turns = self.turns.get(person, ())
        return sum(self.of(over) - over for gate, over in turns if told <= gate and over < end)

    def of(self, time: int) -> int:
        """The time of everybody."""
        return self.moved.get(time, time)

    def end(self, until: int | None) -> int:
        """The same of an end that may be open."""
        return OPEN if until is None else self.of(until)


def instants(
    structure: Structure, carrying: Carrying, visits: Visits, few: Few, chosen: NDArray[np.bool_], pace: Pace
) -> Instants | None:
    """Where each request of the few's world comes; None where both do not send the same, or where something happens to
    one of them while a cycle is at work."""
    if _while_at_work(structure, carrying, chosen):
        return None
    spacing, per = pace.spacing
    moved: dict[int, int] = {}
    latest: dict[tuple[int, int], int] = {}
    in_order = True

    def move(gate: int, person: int, own: int, slot: int) -> None:
        nonlocal in_order
        in_order &= latest.get((gate, person), -1) < slot
        latest[gate, person] = slot
        begin = int(carrying.gates[gate])
        if own:  # the first request of a cycle changes nothing: it is a look
            moved[begin + own * spacing // per] = begin + slot * spacing // per

    for turn in few.users:
        i = visits.first.get((turn.gate, turn.person))
        if i is None:
            return None
        for k in range(turn.requests):
            move(turn.gate, turn.person, turn.begins + k, int(carrying.slot[i]) + k)
    slots: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    rows = np.flatnonzero(chosen[structure.event] & (carrying.sent_slot != NOT))
    for row in rows[np.argsort(carrying.sent_slot[rows])].tolist():
        i = int(structure.event[row])
        sent = int(structure.person[i]), int(carrying.sent_slot[row])
        slots[int(carrying.cycle[i]), int(structure.group[row])].append(sent)
    own: dict[tuple[int, int], list[int]] = defaultdict(list)
    for member in few.members:
        own[member.gate, member.group].append(member.begins)
    if {key: len(found) for key, found in own.items()} != {key: len(found) for key, found in slots.items()}:
        return None
    for (gate, group), begins in own.items():  # in the order of the few's own requests
        for begin, (person, slot) in zip(begins, slots[gate, group], strict=True):
            move(gate, person, begin, slot)
    if not in_order:
        return None  # among everybody another group comes first
    over: dict[int, int] = {}
    for gate, total in few.sent.items():  # the cycle is over with the last request about anybody
        begin, end = int(carrying.gates[gate]), int(carrying.ends[gate])
        over[gate] = begin + total * spacing // per
        moved[over[gate]] = end - pace.request_time
    turns: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for turn in few.users:
        turns[turn.person].append((int(carrying.gates[turn.gate]), over[turn.gate]))
    return Instants(moved, turns)


def _while_at_work(structure: Structure, carrying: Carrying, chosen: NDArray[np.bool_]) -> bool:
    for times in (structure.at[chosen], structure.told[chosen]):
        latest = np.searchsorted(carrying.gates, times, side="right") - 1
        known = latest >= 0
        begun, ended = carrying.gates[latest[known]], carrying.ends[latest[known]]
        if bool(((times[known] > begun) & (times[known] <= ended)).any()):
            return True
    return False


def merge(measured: Measured, few: Few, at: Instants) -> bool:
    """Add what the few have come to; whether it could be done."""
    ledger = few.world.parts.ledger
    if not _latencies(measured, few.latencies, at):
        return False
    measured.waiting += [(row[0], row[5]) for row in ledger.open_latencies()]
    finished, own = measured.finished, ledger.events.latencies
    finished.superseded += own.superseded
    finished.nothing_to_remove += own.nothing_to_remove
    finished.no_change += own.no_change
    for person, state, cause, waiting, since, until in few.states:
        begins, ends = _one(at.of(since)), _one(at.end(until))
        if state == ORPHANED and cause is not None and waiting is not None:
            measured.orphaned.setdefault(cause, Lasting()).add(begins, ends)
            measured.waits.setdefault(waiting, Lasting()).add(begins, ends)
            measured.orphans.setdefault(cause, []).append(_one(person))
        elif state == MISSING:
            measured.missing.add(begins, ends)
            measured.missed.append(_one(person))
        elif state == PRIVILEGED:
            measured.privileged.add(begins, ends)
    for _, _, state, cause, since, until in few.grants:
        if state == ORPHANED and cause is not None:
            grants = measured.orphaned_grants.setdefault(cause, Lasting())
            grants.add(_one(at.of(since)), _one(at.end(until)))
    measured.suspended += ledger.exposure.people[SUSPENDED].now
    return True


def _one(value: int) -> Ints:
    return np.array([value], dtype=np.int64)


def _latencies(measured: Measured, rows: Iterable[LatencyRow], at: Instants) -> bool:
    """Finished latencies; their processing lasts as long as it does among everybody's requests."""
    revoked: dict[int, int] = {}
    both: dict[int, dict[str, int]] = defaultdict(dict)
    for kind, event, person, start, end, lasted, *hops in rows:
        if end is None or start in at.moved or hops[3] or hops[4]:
            return False
        if kind in _BOTH:
            both[event][kind] = lasted
            continue
        longer = at.of(end) - end
        if kind == MOVER_REVOKE:
            revoked[event] = end
        hr, wait, processing = hops[:3]
        if wait or processing:
            later = at.put_off(person, start + hr, end)
            wait, processing = wait - later, processing + later + longer
        else:  # an earlier change took everything away before HR had acted on this one
            hr += longer
        measured.finished.add(kind, lasted + longer, [hr, wait, processing, 0, 0])
    for event, found in both.items():
        gone = revoked[event]
        come = gone - found[MOVER_OVERLAP] + found[MOVER_GAP]
        overlap = at.of(gone) - at.of(come)
        measured.finished.add(MOVER_OVERLAP, max(overlap, 0), [0] * 5)
        measured.finished.add(MOVER_GAP, max(-overlap, 0), [0] * 5)
    return True


def steps(few: Few | None, at: Instants | None) -> tuple[Ints, Ints]:
    """When users of the few begin to be active in the target, and when they end."""
    switched = [] if few is None or at is None else [(at.of(time), step) for time, step in few.switched]
    up, down = ([time for time, step in switched if step == wanted] for wanted in (1, -1))
    return np.array(up, dtype=np.int64), np.array(down, dtype=np.int64)
