"""Lifecycle events: counted when they become true, measured until the target agrees.

Invariant: an event is counted once; it ends measured, superseded, without change, with nothing to remove, or open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from mockservices.clock import Clock
from sim.observation import latency
from sim.observation.latency import Latencies, Measure, Move
from sim.observation.notice import Notice
from sim.observation.person import PRESENT, PROCESSING, RETRYING, Person
from sim.observation.promises import Promises
from sim.observation.words import (
    ABSENCE,
    CONTRACT_RESTORED,
    CONTRACTOR_EXPIRY,
    JOINER,
    LEAVER,
    MOVER,
    MOVER_GRANT,
    MOVER_REVOKE,
    NO_CHANGE,
    NOT_MEASURED,
    NOTHING_TO_REMOVE,
    REHIRE,
    RETURN,
    SUPERSEDED,
)

Grants: TypeAlias = frozenset[int]
EventRow: TypeAlias = tuple[int, str, int, int, int | None, int, str | None, int]
"""(number, kind, person, when it is true, when the directory says so or None, 1 for a scripted one, why or None, when
HR knows)."""
GRANTING = frozenset({JOINER, REHIRE, RETURN, CONTRACT_RESTORED})
REVOKING = frozenset({LEAVER, CONTRACTOR_EXPIRY, ABSENCE})
_WAITING = (latency.WAIT, latency.RETRY, latency.TICKET)
_UNDER_WAY = (latency.PROCESSING,)


class Events:
    """All lifecycle events of a run."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.latencies = Latencies()
        self.counts: dict[str, int] = {}
        self.made = 0
        self.waits_in = latency.WAIT
        """The hop in which a change in the directory waits to be carried: for a cycle, or for a ticket."""
        self.sink: Callable[[EventRow], None] | None = None
        self.directory_sink: Callable[[int, int], None] | None = None
        """Told (event, when) of what is done in the directory later than it is true."""
        self.promises: Promises | None = None
        """What the company has promised; None where it has promised nothing."""

    # --- beginning ---------------------------------------------------------------------------------------

    def happened(self, person: Person, kind: str, notice: Notice) -> int:
        """Count an event; its number."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.made += 1
        if self.sink is not None:
            now = self.clock.now
            told = now if notice.done else None
            known = now if notice.known_at is None else notice.known_at
            self.sink((self.made, kind, person.number, now, told, int(notice.scripted), notice.reason, known))
        return self.made

    def noting(self, person: Person, kind: str, notice: Notice, outcome: str = NOT_MEASURED) -> int:
        """Something became true that no latency is measured of: it is counted, and it is over."""
        event = self.happened(person, kind, notice)
        self.latencies.end(event, outcome, self.clock.now)
        return event

    def granting(self, person: Person, kind: str, notice: Notice) -> int:
        """A joiner, rehire, return or restored contract became true; entitlement is already the new one.

        It overtakes the event that took access away, if that is not through; where it leads back to how things
        stand, neither has changed anything.
        """
        event = self.happened(person, kind, notice)
        overtaken = [m for m in person.measures if m.kind in REVOKING]
        if overtaken:
            person.measures = [m for m in person.measures if m.kind not in REVOKING]
            outcome = NO_CHANGE if person.entitled == person.effective else SUPERSEDED
            self._overtake(overtaken, outcome)
            if outcome == NO_CHANGE:
                self.latencies.end(event, NO_CHANGE, self.clock.now)
                return event
        if not person.entitled:
            self.latencies.end(event, NO_CHANGE, self.clock.now)
            return event
        self._open(person, kind, event, notice)
        self.evaluate(person)
        return event

    def revoking(self, person: Person, kind: str, notice: Notice) -> int:
        """A leaver, expiry or absence became true; entitlement is already empty.

        Where the directory was changed beforehand, access may have been removed by now.
        """
        event = self.happened(person, kind, notice)
        self._supersede(person)
        measure = self._open(person, kind, event, notice)
        measure.seen = bool(person.effective) or (notice.beforehand and person.provisioned)
        if self.promises is not None:
            self.promises.opens(measure, person)
        self.evaluate(person)
        return event

    def moving(self, person: Person, before: Grants, notice: Notice, *, kind: str = MOVER, merge: bool = False) -> int:
        """A move became true; ``before`` is what the person was entitled to, entitlement is already the new one.

        ``kind``: mover, or conversion, which is measured as a move is.

        A second move supersedes the first; one that leads back to where things stand changes nothing, and neither
        did the first. ``merge``: another step of the same move (an administrator changes one group after the other)
        or of the same joining, as long as no cycle has picked the first up.
        """
        if person.standing != PRESENT:  # facts of somebody who is away: nothing to give and nothing to take
            return self.noting(person, kind, notice, NO_CHANGE)
        joining = next((m for m in person.measures if m.kind in GRANTING), None)
        if joining is not None and not person.entitled:
            person.measures.remove(joining)
            self._overtake([joining], NO_CHANGE if merge and joining.hop == self.waits_in else SUPERSEDED)
        if merge and joining is not None and joining.hop == self.waits_in and not person.effective:
            self.evaluate(person)
            return joining.event
        moves = [m for m in person.measures if m.move is not None]
        person.measures = [m for m in person.measures if m.move is None]
        earlier = moves
        starts: dict[str, int] = {}
        if merge and len({m.event for m in moves}) == 1 and all(m.hop == self.waits_in for m in moves):
            event = moves[0].event
            starts = {m.kind: m.start for m in moves}  # what a later step adds begins with that step
            earlier = []
        else:
            event = self.happened(person, kind, notice)
        lost = frozenset(g for g, (_, cause) in person.orphans.items() if cause == MOVER)
        # what was missing before and does not come of a move is no part of one
        asked = (person.entitled - before).union(*(m.want for m in moves if m.kind == MOVER_GRANT))
        gained = asked & (person.entitled - person.effective)
        if not lost and not gained:
            self._overtake(moves, NO_CHANGE)
            if all(m.event != event for m in moves):
                self.latencies.end(event, NO_CHANGE, self.clock.now)
            self.evaluate(person)
            return event
        self._overtake(earlier, SUPERSEDED)
        move = Move(lost, gained, person.effective, self.clock.now)
        for part, grants in ((MOVER_GRANT, gained), (MOVER_REVOKE, lost)):
            if grants:
                measure = self._open(person, part, event, notice)
                measure.start = measure.since = starts.get(part, measure.start)
                measure.want = grants
                measure.move = move
                move.open += 1
        self.evaluate(person)
        return event

    def _open(self, person: Person, kind: str, event: int, notice: Notice) -> Measure:
        hop = self.hop_of(person) if notice.done else latency.HR
        measure = Measure(kind, event, person.number, self.clock.now, hop, notice)
        person.measures.append(measure)
        return measure

    def _supersede(self, person: Person) -> None:
        if person.measures:
            self._overtake(person.measures, SUPERSEDED)
            person.measures = []

    def _overtake(self, measures: Iterable[Measure], outcome: str) -> None:
        """End events without a latency, of which these measures are under way."""
        now = self.clock.now
        for event, parts in by_event(measures).items():
            parts = [m for m in parts if m.seen or m.kind not in REVOKING]  # who holds nothing, waits for nothing
            for measure in parts:
                self.latencies.overtake(measure, now)
            if self.promises is not None:
                self.promises.overtaken(parts, now)
            self.latencies.end(event, outcome, now)

    # --- going on ----------------------------------------------------------------------------------------

    def in_directory(self, person: Person, event: int) -> None:
        """What an event asks for has been done in the directory."""
        if self.directory_sink is not None:
            self.directory_sink(event, self.clock.now)
        hop = self.hop_of(person)
        for measure in person.measures:
            if measure.event == event and measure.hop == latency.HR:
                measure.enter(hop, self.clock.now)
        self.evaluate(person)

    def refused(self, person: Person, event: int) -> None:
        """What an event asks for was refused by the directory: only HR can go on."""
        for measure in person.measures:
            if measure.event == event:
                measure.enter(latency.HR, self.clock.now)

    def left_in_directory(self, person: Person) -> None:
        """The account was closed by somebody else before HR got to it."""
        for measure in person.measures:
            if measure.kind in REVOKING and measure.hop == latency.HR:
                measure.enter(self.waits_in, self.clock.now)

    def picked_up(self, person: Person) -> None:
        """The job takes up what the directory says of a person; what HR has not done yet is not in it."""
        self._shift(person, _WAITING, latency.PROCESSING)

    def failed(self, person: Person, *, member: bool | None = None) -> None:
        """A request about the person was refused; ``member``: one that gives access (True) or takes it (False)."""
        now = self.clock.now
        for measure in person.measures:
            gives = measure.kind == MOVER_GRANT or measure.kind in GRANTING
            if measure.hop == latency.PROCESSING and (member is None or member is gives):
                measure.enter(latency.RETRY, now)

    def let_go(self, person: Person) -> None:
        """The job's work on the person is over: what is not through waits again."""
        self._shift(person, _UNDER_WAY, self.hop_of(person))

    def changed_again(self, person: Person) -> None:
        """The directory changed while the job was at work: an event of this instant is not part of that work."""
        now = self.clock.now
        for measure in person.measures:
            if measure.start == now and measure.hop in (latency.PROCESSING, latency.RETRY):
                measure.enter(self.waits_in, now)

    def _shift(self, person: Person, hops: tuple[int, ...], hop: int) -> None:
        now = self.clock.now
        for measure in person.measures:
            if measure.hop in hops:
                measure.enter(hop, now)

    def tick(self, person: Person) -> None:
        """What the person holds has changed."""
        ticked: Move | None = None
        for measure in person.measures:
            move = measure.move
            if move is not None and move is not ticked:  # a person's measures with a move have it in common
                move.tick(person.effective, self.clock.now)
                ticked = move
            if person.effective and not measure.seen:
                measure.seen = True
                if measure.kind in REVOKING:
                    measure.restart(self.clock.now)
                    if self.promises is not None:
                        self.promises.opens(measure, person)

    def regained(self, person: Person) -> None:
        """Entitlement has changed without an event: what a move took and is given back is waited for no longer."""
        for measure in person.measures:
            if measure.kind == MOVER_REVOKE:
                measure.want -= person.entitled
            elif measure.kind == MOVER_GRANT:
                measure.want &= person.entitled
        self.evaluate(person)

    def hop_of(self, person: Person) -> int:
        """The hop that the latest directory change of this person is in."""
        if person.changed_again:
            return self.waits_in
        if person.sync == PROCESSING:
            return latency.PROCESSING
        if person.sync == RETRYING:
            return latency.RETRY
        return self.waits_in

    def wait_in(self, hop: int, people: Iterable[Person]) -> None:
        """Changes are carried in another way from now on: whoever waits for that waits in this hop."""
        before, self.waits_in = self.waits_in, hop
        for person in people:
            self._shift(person, (before,), hop)

    # --- ending ------------------------------------------------------------------------------------------

    def evaluate(self, person: Person) -> None:
        """Finish the measures whose end state is reached."""
        left = [measure for measure in person.measures if not self._ended(person, measure)]
        if len(left) < len(person.measures):
            person.measures = left

    def _ended(self, person: Person, measure: Measure) -> bool:
        kind = measure.kind
        if kind in GRANTING:
            if person.entitled is not person.effective and person.entitled - person.effective:
                return False
        elif kind in REVOKING:
            if person.effective:
                return False
            if not measure.seen:
                if measure.hop == latency.HR or person.sync == PROCESSING:
                    return False  # something may still be on its way
                self.latencies.end(measure.event, NOTHING_TO_REMOVE, self.clock.now)
                return True
        elif kind == MOVER_GRANT:
            if measure.want - person.effective:
                return False
        elif measure.want & person.effective:
            return False
        self.latencies.finish(measure, self.clock.now)
        if self.promises is not None:
            others = any(m.event == measure.event and m is not measure for m in person.measures)
            self.promises.finished(measure, self.clock.now, last=not others)
        if measure.move is not None:
            measure.move.open -= 1
            if measure.move.open == 0 and measure.move.lost and measure.move.gained:
                self.latencies.finish_move(measure, self.clock.now)
        return True


def by_event(measures: Iterable[Measure]) -> dict[int, list[Measure]]:
    """Measures by the event that they are parts of, in their order."""
    events: dict[int, list[Measure]] = {}
    for measure in measures:
        events.setdefault(measure.event, []).append(measure)
    return events
