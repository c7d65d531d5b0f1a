"""What an interval comes to for everybody: latencies with their hops, orphaned and missing access, promises.

Invariant: everything is whole milliseconds, and every event is measured once, open ones up to the end of the run.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.observation.latency import Latencies
from sim.observation.words import (
    CYCLE,
    HR,
    LEAVER,
    MOVER,
    MOVER_GAP,
    MOVER_GRANT,
    MOVER_OVERLAP,
    MOVER_REVOKE,
    PRIVILEGED_LEAVER,
    PROCESSING,
)
from sim.randomness import Ints
from sim.routine.change import JOINS, LEAVES
from sim.whatif.columns.carrying import NOT, Carrying
from sim.whatif.columns.lasting import OPEN, Lasting
from sim.whatif.columns.promised import Promised
from sim.whatif.columns.shapes import Givers, Shape
from sim.whatif.columns.structure import KINDS, Structure


@dataclass(slots=True)
class Measured:
    """One interval's measures of one company."""

    finished: Latencies = field(default_factory=Latencies)
    waiting: list[tuple[str, int]] = field(default_factory=list)
    """(kind, ms so far) of what is not through at the end."""
    orphaned: dict[str, Lasting] = field(default_factory=dict)
    """People by cause."""
    orphaned_grants: dict[str, Lasting] = field(default_factory=dict)
    orphans: dict[str, list[Ints]] = field(default_factory=dict)
    """Who was in it, by cause."""
    waits: dict[str, Lasting] = field(default_factory=dict)
    """People with orphaned access, by what its end waits for."""
    privileged: Lasting = field(default_factory=Lasting)
    missing: Lasting = field(default_factory=Lasting)
    missed: list[Ints] = field(default_factory=list)
    suspended: int = 0


class Measuring:
    """Goes through the events of a company, all of one shape and kind at a time."""

    def __init__(self, structure: Structure, carrying: Carrying, promised: Promised) -> None:
        self._structure, self._carrying, self._promised = structure, carrying, promised
        self.measured = Measured()

    def measure(self, chosen: NDArray[np.bool_]) -> Measured:
        """Measure the chosen events."""
        structure = self._structure
        key = structure.shape * len(KINDS) + structure.kind
        order = np.argsort(key, kind="stable")
        order = order[chosen[order]]
        borders = np.flatnonzero(np.diff(key[order])) + 1
        for rows in np.split(order, borders):
            if len(rows):
                self._alike(rows, structure.shapes[structure.shape[rows[0]]], KINDS[structure.kind[rows[0]]])
        return self.measured

    def _alike(self, rows: Ints, shape: Shape, kind: str) -> None:
        at, written = self._structure.at[rows], self._carrying.written[rows]
        measured = self.measured
        if shape.kind == LEAVES:
            self._orphaned(kind, rows, written, [written] * shape.goes)
            if shape.privileged:
                measured.privileged.add(at, written)
            measured.suspended += int(np.count_nonzero(written != NOT))
            self._latency(kind, rows, written)
            self._promised.judge(kind, rows, written)
            if kind == LEAVER and shape.privileged:
                self._promised.judge(PRIVILEGED_LEAVER, rows, written)
            return
        first = self._structure.first[rows]
        sent = self._carrying.sent[first[:, None] + np.arange(len(shape.groups))]
        granted = _all_of(sent, shape.gained, earliest=True)
        measured.missing.add(at, granted)
        measured.missed.append(self._structure.person[rows[(granted > at) | (granted == NOT)]])
        if shape.kind == JOINS:
            self._latency(kind, rows, granted)
            self._promised.judge(kind, rows, granted)
            return
        self._latency(MOVER_GRANT, rows, granted)
        each = [_all_of(sent, (givers,), earliest=False) for givers in shape.lost]
        revoked = _latest(each)
        self._latency(MOVER_REVOKE, rows, revoked)
        self._orphaned(MOVER, rows, revoked, each)
        if shape.privileged:
            measured.privileged.add(at, _all_of(sent, shape.lost_privileged, earliest=False))
        self._both_and_neither(rows, _first_of(sent, shape.gained), revoked)
        self._promised.judge(MOVER, rows, np.where(granted == NOT, NOT, np.maximum(granted, revoked)))

    def _latency(self, kind: str, rows: Ints, end: Ints) -> None:
        structure, finished = self._structure, self.measured.finished
        at, told = structure.at[rows], structure.told[rows]
        done = end != NOT
        self.measured.waiting += [(kind, age) for age in (structure.end - at[~done]).tolist()]
        if not done.any():
            return
        picked = self._carrying.picked[rows][done]
        finished.column(kind).frombytes((end[done] - at[done]).tobytes())
        sums = finished.hop_sums[kind]
        for hop, lasted in enumerate((told[done] - at[done], picked - told[done], end[done] - picked)):
            sums[hop] += int(lasted.sum())

    def _both_and_neither(self, rows: Ints, first: Ints, revoked: Ints) -> None:
        """For how long movers held old and new together, and for how long neither."""
        finished = self.measured.finished
        done = revoked != NOT
        both, neither = np.maximum(revoked - first, 0)[done], np.maximum(first - revoked, 0)[done]
        for kind, values in ((MOVER_OVERLAP, both), (MOVER_GAP, neither)):
            self.measured.waiting += [(kind, 0)] * int(np.count_nonzero(~done))
            if len(values):
                finished.column(kind).frombytes(values.tobytes())

    def _orphaned(self, cause: str, rows: Ints, until: Ints, each: list[Ints]) -> None:
        """People whose access is orphaned from their event on, and each of the grants."""
        structure, measured = self._structure, self.measured
        at, told, picked = structure.at[rows], structure.told[rows], self._carrying.picked[rows]
        measured.orphaned.setdefault(cause, Lasting()).add(at, until)
        measured.orphans.setdefault(cause, []).append(structure.person[rows])
        grants = measured.orphaned_grants.setdefault(cause, Lasting())
        for ends in each:
            grants.add(at, ends)
        heard = np.where(told < structure.end, told, OPEN)
        measured.waits.setdefault(HR, Lasting()).add(at, heard)
        measured.waits.setdefault(CYCLE, Lasting()).add(told[heard != OPEN], picked[heard != OPEN])
        taken = picked != NOT
        measured.waits.setdefault(PROCESSING, Lasting()).add(picked[taken], until[taken])


def _all_of(sent: NDArray[np.int64], givers: Givers, *, earliest: bool) -> Ints:
    """When all of these grants have come (with the earliest membership that gives each) or gone (with the latest)."""
    pick = np.min if earliest else np.max
    return _latest([pick(sent[:, positions], axis=1) for positions in givers])


def _first_of(sent: NDArray[np.int64], givers: Givers) -> Ints:
    """When the first of these grants has come."""
    found: Ints = np.min(sent[:, sorted({position for positions in givers for position in positions})], axis=1)
    return found


def _latest(times: list[Ints]) -> Ints:
    found = times[0]
    for each in times[1:]:
        found = np.maximum(found, each)
    return found
