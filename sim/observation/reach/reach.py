"""Who could still use what is not theirs, and what outlived its grant: worked out when somebody asks, from what has
happened by then.

Invariant: while a run goes on it only notes what has ended; nothing is drawn and nothing is polled. Asking changes no
figure: what has ended is reckoned once, what has not is reckoned anew each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from mockservices.clock import Clock, Millis
from mockservices.identitycenter.sessions.doors import LONGEST_ROLE
from mockservices.identitycenter.sessions.spans import EMPTY, Span, covering, intersection, union
from sim.collector import calm_collector
from sim.observation.exposure import GrantRow, PersonRow
from sim.observation.latency import LatencyRow
from sim.observation.ledger import Ledger
from sim.observation.listeners import both
from sim.observation.person import Grants, Person
from sim.observation.reach.reckoning import Reached, Reckoning, last_end
from sim.observation.reach.rows import (
    PORTAL,
    USABLE,
    USABLE_AT_WORST,
    USABLE_PRIVILEGED,
    ClosingRow,
    ResidualRow,
    UsableRow,
)
from sim.observation.words import CONTRACTOR_EXPIRY, LEAVER, ORPHANED, PRIVILEGED
from sim.time import DAY

Piece: TypeAlias = tuple[str, int, int]
"""(cause, since, until)."""
Loss: TypeAlias = tuple[Millis, Grants]
GONE = frozenset({LEAVER, CONTRACTOR_EXPIRY})
"""Events after which somebody should not get in at all."""
_MANY = 1_000
"""People about whom so much is made in one go that a look for garbage would only cost time."""
_LONGEST = LONGEST_ROLE + 2 * DAY
"""No session gives access for longer after its grant has ended: a lag of a day at the most, and a role from it."""


@dataclass(slots=True)
class _Ended:
    """What has ended for one person and nobody has asked about yet."""

    pieces: list[Piece] = field(default_factory=list)
    privileged: list[Span] = field(default_factory=list)


@dataclass(slots=True)
class Picture:
    """Everything that is known at one moment."""

    at: Millis
    usable: list[UsableRow]
    residual: list[ResidualRow]
    closings: list[ClosingRow]


class Reach:
    """The ears and the memory of one world's figures about doors."""

    def __init__(self, ledger: Ledger, reckoning: Reckoning) -> None:
        self._ledger = ledger
        self._clock: Clock = ledger.clock
        self._reckoning = reckoning
        self._ended: dict[int, _Ended] = {}
        self._grants: dict[int, list[GrantRow]] = {}
        self._losses: dict[int, list[Loss]] = {}
        self._waiting: list[tuple[int, Loss]] = []  # losses that a session may outlive still
        self._events: list[LatencyRow] = []  # those of which not every door was closed when somebody asked last
        self._reached: dict[int, list[Reached]] = {}  # of people whose events are in that list, or to come
        self._over: dict[int, list[tuple[int, int]]] = {}  # when grants ended that a session outlived, and until when
        self._usable: list[UsableRow] = []
        self._residual: list[ResidualRow] = []
        self._closings: list[ClosingRow] = []
        self._untold: list[ResidualRow] = []
        self._told = 0  # of the residual sessions about which nothing changes any more
        exposure, latencies = ledger.exposure, ledger.events.latencies
        exposure.person_sink = both(exposure.person_sink, self._person)
        exposure.grant_sink = both(exposure.grant_sink, self._grant)
        latencies.sink = both(latencies.sink, self._latency)
        ledger.loss_sink = self._loss

    # --- noting ------------------------------------------------------------------------------------------

    def _person(self, row: PersonRow) -> None:
        number, state, cause, _, since, until = row
        if until is None or state not in (ORPHANED, PRIVILEGED):
            return
        ended = self._ended.get(number)
        if ended is None:
            ended = self._ended[number] = _Ended()
        if cause is None:
            ended.privileged.append((since, until))
        else:
            ended.pieces.append((cause, since, until))

    def _grant(self, row: GrantRow) -> None:
        if row[2] == ORPHANED:
            self._grants.setdefault(row[0], []).append(row)

    def _loss(self, person: Person, lost: Grants) -> None:
        loss = (self._clock.now, lost)
        self._losses.setdefault(person.number, []).append(loss)
        self._waiting.append((person.number, loss))

    def _latency(self, row: LatencyRow) -> None:
        if row[0] in GONE:
            self._events.append(row)

    # --- asking ------------------------------------------------------------------------------------------

    def usable_now(self, number: int, grant: int) -> bool:
        """Whether a person could use a grant at this moment."""
        return self._reckoning.usable_at(self._ledger.person(number).targets, grant, self._clock.now)

    def now(self) -> tuple[int, int]:
        """How many people could use what is not theirs at this moment, and how many sessions have outlived their
        grants and are alive; costs as much as has ended since somebody asked last, and is open."""
        now = self._clock.now
        self._settle()
        residual, _ = self._outlived(now)
        people = (self._open(person) for person in self._ledger.exposed.values())
        usable = sum(covering(reached.usable, now) is not None for reached in people)
        return usable, sum(row.until > now for row in merged(residual))

    def over(self, since: int, until: int) -> list[ResidualRow]:
        """Sessions that outlived their grants and ended in ``[since, until)``; to be asked for times that follow one
        another and do not lie ahead."""
        self._settle()
        open_rows, _ = self._outlived(self._clock.now)
        settled = [*self._untold, *self._residual[self._told :]]
        self._told = len(self._residual)
        self._untold = [row for row in settled if row.until >= until]
        return [row for row in merged([*settled, *open_rows]) if since <= row.until < until]

    def picture(self) -> Picture:
        """Everything that is known at this moment."""
        if len(self._ended) < _MANY:
            return self._drawn()
        with calm_collector():
            return self._drawn()

    def _drawn(self) -> Picture:
        now = self._clock.now
        self._settle()
        residual, over = self._outlived(now)
        usable: list[UsableRow] = []
        still: dict[int, Reached] = {}
        for number, person in self._ledger.exposed.items():
            reached = still[number] = self._open(person)
            privileged = [] if person.privileged_since is None else [(person.privileged_since, now + 1)]
            usable += _rows(number, reached, [(person.cause, person.piece_since, now + 1)], privileged)
        closings = self._closed(now, over, still)
        return Picture(
            now,
            [*self._usable, *usable],
            merged([*self._residual, *residual]),
            [*self._closings, *closings],
        )

    def _open(self, person: Person) -> Reached:
        number = person.number
        grants = [(number, grant, ORPHANED, cause, since, None) for grant, (since, cause) in person.orphans.items()]
        window = (Millis(person.piece_since), Millis(self._clock.now + 1))
        return self._ask(person, window, [*self._grants.get(number, ()), *grants])

    def _ask(self, person: Person, window: tuple[Millis, Millis], grants: list[GrantRow]) -> Reached:
        return self._reckoning.reached(person.targets, window, grants, self._ledger.privileged)

    # --- usable ------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Reckon the stretches that have ended since somebody asked last."""
        self._reckoning.begin()
        ended, self._ended = self._ended, {}
        exposed = self._ledger.exposed
        for number, new in ended.items():
            person = self._ledger.person(number)
            grants = self._grants.get(number, [])
            if number in exposed:
                grants = [
                    *grants,
                    *(
                        (number, grant, ORPHANED, cause, since, None)
                        for grant, (since, cause) in person.orphans.items()
                    ),
                ]
            for block in blocks(new.pieces):
                window = (Millis(block[0][1]), Millis(block[-1][2]))
                reached = self._ask(person, window, grants)
                self._reached.setdefault(number, []).append(reached)
                self._usable += _rows(number, reached, block, new.privileged)
            if number not in exposed:
                self._grants.pop(number, None)

    # --- residual ----------------------------------------------------------------------------------------

    def _outlived(self, now: Millis) -> tuple[list[ResidualRow], dict[int, list[tuple[int, int]]]]:
        """The residual sessions that may change still, and by person when grants ended and until when a session of
        these outlived them."""
        waiting: list[tuple[int, Loss]] = []
        residual: list[ResidualRow] = []
        over: dict[int, list[tuple[int, int]]] = {}
        for number, (at, lost) in self._waiting:
            rows = self._reckoning.residual(number, self._ledger.person(number).targets, at, lost)
            final = at + self._reckoning.horizon(lost) <= now
            if final:
                self._residual += rows
            else:
                waiting.append((number, (at, lost)))
                residual += (row for row in rows if row.since < now)
            if rows:
                kept = self._over if final else over
                kept.setdefault(number, []).extend((at, row.until) for row in rows)
        self._waiting = waiting
        return residual, over

    # --- the doors of those who left ------------------------------------------------------------------------

    def _closed(
        self, now: Millis, over: dict[int, list[tuple[int, int]]], still: dict[int, Reached]
    ) -> list[ClosingRow]:
        """The closings that may change still."""
        closings: list[ClosingRow] = []
        events: list[LatencyRow] = []
        for row in self._events:
            number = row[2]
            ends = [*self._over.get(number, ()), *over.get(number, ())]
            closing = self._closing(row, self._reached.get(number, []), ends, now)
            if None in closing or (row[4] or now) + _LONGEST > now:
                events.append(row)
                closings.append(closing)
            else:
                self._closings.append(closing)
        self._events = events
        for number, reached in still.items():
            known = [*self._reached.get(number, ()), reached]
            ends = [*self._over.get(number, ()), *over.get(number, ())]
            rows = (m.row(now, ended=False) for m in self._ledger.person(number).measures if m.kind in GONE)
            closings += [self._closing(row, known, ends, now) for row in rows]
        kept = {row[2] for row in events}
        self._reached = {n: known for n, known in self._reached.items() if n in still or n in kept}
        return closings

    def _closing(self, row: LatencyRow, known: list[Reached], ends: list[tuple[int, int]], now: Millis) -> ClosingRow:
        kind, event, number, start, end, *_ = row
        person = self._ledger.person(number)
        until = Millis(now + 1 if end is None else end)
        sign_in = known[-1].sign_in if known else EMPTY
        if not known or last_end(sign_in, until) > now:
            sign_in = self._reckoning.sign_in(person.targets)
        losses = [loss for loss in self._losses.get(number, ()) if start - _LONGEST < loss[0] <= until]
        lost = losses[0][1] if len(losses) == 1 else frozenset[int]().union(*(grants for _, grants in losses))
        if end is None:
            lost |= person.effective
            over_at = until
        else:
            over_at = max((at for at, _ in losses), default=until)
        window = ((start, until),)
        usable = max((stop for reached in known for _, stop in intersection(reached.usable, window)), default=start)
        session = max((usable, *(stop for at, stop in ends if at <= until)))
        worst = max(session, self._reckoning.at_worst(person.targets, sign_in, lost, over_at))

        def lasted(stop: int) -> int | None:
            return None if stop > now else max(0, stop - start)

        blocked = lasted(last_end(sign_in, until))
        return ClosingRow(event, kind, number, start, blocked, lasted(usable), lasted(session), lasted(worst))


def merged(rows: Iterable[ResidualRow]) -> list[ResidualRow]:
    """A portal session that outlived several grants counts once."""
    portals: dict[tuple[int, str], list[Span]] = {}
    found: list[ResidualRow] = []
    for row in rows:
        if row.kind == PORTAL:
            portals.setdefault((row.person, row.session), []).append((row.since, row.until))
        else:
            found.append(row)
    for (person, session), spans in portals.items():
        found += (ResidualRow(person, PORTAL, session, None, *span) for span in union(spans))
    return found


def blocks(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Pieces that follow one another without a gap, together."""
    block: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: piece[1]):
        if block and block[-1][2] != piece[1]:
            yield block
            block = []
        block.append(piece)
    if block:
        yield block


def _rows(person: int, reached: Reached, block: list[Piece], privileged: list[Span]) -> Iterator[UsableRow]:
    """What of these pieces could be used, cut where the cause changes and nowhere else."""
    for cause, since, until in _by_cause(block):
        window = ((since, until),)
        for state, spans in ((USABLE, reached.usable), (USABLE_AT_WORST, reached.at_worst)):
            yield from (UsableRow(person, state, cause, *span) for span in intersection(spans, window))
    if not privileged:
        return
    of_privileged = reached.usable if reached.privileged is None else reached.privileged
    for span in intersection(intersection(of_privileged, (reached.window,)), union(privileged)):
        yield UsableRow(person, USABLE_PRIVILEGED, None, *span)


def _by_cause(block: list[Piece]) -> Iterator[Piece]:
    cause, since, until = block[0]
    for other, start, end in block[1:]:
        if other != cause:
            yield cause, since, until
            cause, since = other, start
        until = end
    yield cause, since, until
