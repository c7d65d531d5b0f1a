"""How long each lifecycle event took to arrive in the target, in hops that add up to it exactly.

Invariant: the hops of a measure sum to (end - start) in ms; an event that was overtaken is counted and has no latency.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TypeAlias

from sim.observation.words import HOPS

Grants: TypeAlias = frozenset[int]
HR, WAIT, PROCESSING, RETRY, TICKET = range(5)
"""Hops by number, in the order of ``words.HOPS``."""

LatencyRow = tuple[str, int, int, int, int | None, int, int, int, int, int]
"""(kind, event, person, start, end or None while open, hr, wait, processing, retry, ticket)."""


class Move:
    """What a mover loses and gains, and how long both or neither were held."""

    __slots__ = ("both_ms", "changed_at", "gained", "has_new", "has_old", "lost", "neither_ms", "open")

    def __init__(self, lost: Grants, gained: Grants, effective: Grants, now: int) -> None:
        self.lost = lost
        self.gained = gained
        self.both_ms = 0
        self.neither_ms = 0
        self.changed_at = now
        self.has_old = bool(lost & effective)
        self.has_new = bool(gained & effective)
        self.open = 0

    def tick(self, effective: Grants, now: int) -> None:
        """What is held has changed."""
        lasted = now - self.changed_at
        if self.has_old and self.has_new:
            self.both_ms += lasted
        elif not self.has_old and not self.has_new:
            self.neither_ms += lasted
        self.changed_at = now
        self.has_old = bool(self.lost & effective)
        self.has_new = bool(self.gained & effective)


class Measure:
    """One latency that is still running."""

    __slots__ = ("event", "hop", "hops", "kind", "move", "person", "scripted", "seen", "since", "start", "want")

    def __init__(self, kind: str, event: int, person: int, start: int, hop: int, *, scripted: bool) -> None:
        self.kind = kind
        self.event = event
        self.person = person
        self.start = start
        self.since = start
        self.hop = hop
        self.hops = [0, 0, 0, 0, 0]
        self.want: Grants = frozenset()
        self.move: Move | None = None
        self.seen = False
        self.scripted = scripted

    def enter(self, hop: int, now: int) -> None:
        """From now on the time belongs to another hop."""
        self.hops[self.hop] += now - self.since
        self.since = now
        self.hop = hop

    def row(self, end: int | None) -> LatencyRow:
        """The measure as the journal keeps it; call :meth:`enter` first so that its hops are up to date."""
        return (self.kind, self.event, self.person, self.start, end, *self.hops)  # type: ignore[return-value] # five hops


class Latencies:
    """Finished latencies in columns, by kind."""

    __slots__ = ("done", "hop_sums", "no_change", "nothing_to_remove", "sink", "superseded", "validated")

    def __init__(self) -> None:
        self.done: dict[str, array[int]] = {}
        self.hop_sums: dict[str, list[int]] = {}
        self.superseded = 0
        self.nothing_to_remove = 0
        self.no_change = 0
        self.validated: dict[int, None] = {}
        self.sink: Callable[[LatencyRow], None] | None = None

    def finish(self, measure: Measure, now: int) -> None:
        """The measure's end state is reached."""
        measure.enter(measure.hop, now)
        self.add(measure.kind, now - measure.start, measure.hops)
        if measure.scripted:
            self.validated[measure.event] = None
        if self.sink is not None:
            self.sink(measure.row(now))

    def add(self, kind: str, latency_ms: int, hops: list[int]) -> None:
        """One finished latency."""
        values = self.done.get(kind)
        if values is None:
            values = self.done[kind] = array("q")
            self.hop_sums[kind] = [0] * len(HOPS)
        values.append(latency_ms)
        sums = self.hop_sums[kind]
        for i in range(5):
            sums[i] += hops[i]
