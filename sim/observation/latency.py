"""How long each lifecycle event took to arrive in the target, in hops that add up to it exactly.

Invariant: the hops of a measure sum to (end - start) in ms; an event that was overtaken is counted and has no latency.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TypeAlias

from sim.observation.notice import Notice
from sim.observation.words import HOPS, MOVER_GAP, MOVER_OVERLAP, NO_CHANGE, NOTHING_TO_REMOVE, SUPERSEDED

Grants: TypeAlias = frozenset[int]
HR, WAIT, PROCESSING, RETRY, TICKET = range(5)
"""Hops by number, in the order of ``words.HOPS``."""

LatencyRow = tuple[str, int, int, int, int | None, int, int, int, int, int, int]
"""(kind, event, person, start, end or None while open, duration so far, hr, wait, processing, retry, ticket).

For the overlap and the gap of a move the duration is theirs, and no hop has a part in it.
"""
OutcomeRow = tuple[int, str, int]
"""(event, superseded or no_change or nothing_to_remove or not_measured, when)."""


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

    def so_far(self, now: int) -> tuple[int, int]:
        """For how long old and new were held together, and for how long neither."""
        lasted = now - self.changed_at
        if self.has_old and self.has_new:
            return self.both_ms + lasted, self.neither_ms
        if not self.has_old and not self.has_new:
            return self.both_ms, self.neither_ms + lasted
        return self.both_ms, self.neither_ms

    def tick(self, effective: Grants, now: int) -> None:
        """What is held has changed."""
        self.both_ms, self.neither_ms = self.so_far(now)
        self.changed_at = now
        self.has_old = bool(self.lost & effective)
        self.has_new = bool(self.gained & effective)


class Measure:
    """One latency that is still running."""

    __slots__ = (
        "event", "hop", "hops", "kind", "known_at", "move", "person", "privileged", "scripted", "seen", "since",
        "start", "want",
    )  # fmt: skip

    def __init__(self, kind: str, event: int, person: int, start: int, hop: int, notice: Notice) -> None:
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
        self.privileged = False
        """Whether it is about a leaver's privileged access; noted only where something is promised."""
        self.scripted = notice.scripted
        self.known_at = start if notice.known_at is None else notice.known_at
        """When HR knows of the event: an agreement that counts from the notification begins here."""

    def enter(self, hop: int, now: int) -> None:
        """From now on the time belongs to another hop."""
        self.hops[self.hop] += now - self.since
        self.since = now
        self.hop = hop

    def restart(self, now: int) -> None:
        """There was nothing to wait for until now: somebody gone who held nothing has been given access since."""
        self.start = self.since = now
        self.hops = [0, 0, 0, 0, 0]

    def row(self, now: int, *, ended: bool) -> LatencyRow:
        """The measure as the journal keeps it; changes nothing."""
        hops = list(self.hops)
        hops[self.hop] += now - self.since
        end = now if ended else None
        return (self.kind, self.event, self.person, self.start, end, now - self.start, *hops)  # type: ignore[return-value] # five hops

    def move_rows(self, now: int, *, ended: bool) -> tuple[LatencyRow, LatencyRow]:
        """Overlap and gap of the move that this is a part of, as the journal keeps them; changes nothing."""
        if self.move is None:
            raise ValueError("only a mover's latency has an overlap")
        both, neither = self.move.so_far(now)
        start, end = self.start, now if ended else None
        return (
            (MOVER_OVERLAP, self.event, self.person, start, end, both, 0, 0, 0, 0, 0),
            (MOVER_GAP, self.event, self.person, start, end, neither, 0, 0, 0, 0, 0),
        )


class Latencies:
    """Finished latencies in columns, by kind."""

    __slots__ = (
        "done",
        "hop_sums",
        "no_change",
        "nothing_to_remove",
        "outcome_sink",
        "overtaken_sink",
        "sink",
        "superseded",
        "validated",
    )

    def __init__(self) -> None:
        self.done: dict[str, array[int]] = {}
        self.hop_sums: dict[str, list[int]] = {}
        self.superseded = 0
        self.nothing_to_remove = 0
        self.no_change = 0
        self.validated: dict[int, None] = {}
        """Events that were asked for, of which a latency is finished and that nothing has overtaken."""
        self.sink: Callable[[LatencyRow], None] | None = None
        self.outcome_sink: Callable[[OutcomeRow], None] | None = None
        self.overtaken_sink: Callable[[LatencyRow], None] | None = None
        """Told how far a measure had come whose event was overtaken: it is no latency, and may have been long."""

    def finish(self, measure: Measure, now: int) -> None:
        """The measure's end state is reached."""
        measure.enter(measure.hop, now)
        self.add(measure.kind, now - measure.start, measure.hops)
        if measure.scripted:
            self.validated[measure.event] = None
        if self.sink is not None:
            self.sink(measure.row(now, ended=True))

    def finish_move(self, measure: Measure, now: int) -> None:
        """Everything that a move takes and gives is through: ``measure`` was its last."""
        for row in measure.move_rows(now, ended=True):
            self.add(row[0], row[5], [0, 0, 0, 0, 0])
            if self.sink is not None:
                self.sink(row)

    def overtake(self, measure: Measure, now: int) -> None:
        """A measure ends without an end state, since its event was overtaken."""
        if self.overtaken_sink is not None:
            self.overtaken_sink(measure.row(now, ended=True))

    def end(self, event: int, outcome: str, now: int) -> None:
        """An event has ended without a latency."""
        self.validated.pop(event, None)
        if outcome == SUPERSEDED:
            self.superseded += 1
        elif outcome == NO_CHANGE:
            self.no_change += 1
        elif outcome == NOTHING_TO_REMOVE:
            self.nothing_to_remove += 1
        if self.outcome_sink is not None:
            self.outcome_sink((event, outcome, now))

    def add(self, kind: str, latency_ms: int, hops: list[int]) -> None:
        """One finished latency."""
        values = self.done.get(kind)
        if values is None:
            values = self.column(kind)
        values.append(latency_ms)
        sums = self.hop_sums[kind]
        for hop, lasted in enumerate(hops):
            if lasted:
                sums[hop] += lasted

    def column(self, kind: str) -> array[int]:
        """The finished latencies of a kind, to which more may be added; their hops' sums are there as well."""
        values = self.done.get(kind)
        if values is None:
            values = self.done[kind] = array("q")
            self.hop_sums[kind] = [0] * len(HOPS)
        return values
