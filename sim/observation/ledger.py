"""The ledger: for every person, what truth entitles to, what the target honours, and the difference over time.

Invariant: it listens and never asks the whole population. A person of the generated population who was in sync at
the start and whom nothing has touched has no record, for nothing about them is open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from mockservices.clock import Clock
from mockservices.identitycenter.instance import Instance
from sim.observation.events import REVOKING, Events, by_event
from sim.observation.exposure import Exposure, GrantRow, PersonRow
from sim.observation.headcount import Headcount
from sim.observation.latency import LatencyRow, Measure
from sim.observation.person import Grants, Person
from sim.observation.toxic import ToxicHoldings
from sim.observation.words import EFFECTIVE, ENTITLED, MISSING, ORPHANED, PRIVILEGED, REHIRE, SUSPENDED

NOTHING: Grants = frozenset()


class Beginning(Protocol):
    """What is the case for people of the generated population before anything touches them."""

    def entitled(self, number: int) -> Grants:
        """What the person is entitled to."""

    def grants(self, number: int) -> Grants:
        """What the person holds."""

    def account(self, number: int) -> int:
        """The row of the person's account."""

    def target(self, number: int) -> int:
        """The row of the person's user in the target; -1: none."""


class Judge(Protocol):
    """Says why a grant is orphaned and what its end waits for."""

    def cause(self, person: Person, grant: int) -> str:
        """Why a grant that has just become effective is not entitled."""

    def waiting_for(self, person: Person, grant: int) -> str:
        """What the end of an orphaned grant waits for."""


class Ledger:
    """Everybody's entitled and effective grants."""

    def __init__(
        self, *, clock: Clock, instance: Instance, beginning: Beginning, size: int, headcount: Headcount
    ) -> None:
        self.clock = clock
        self.headcount = headcount
        self.instance = instance
        self.exposure = Exposure(clock)
        self.events = Events(clock)
        self.privileged: Grants = NOTHING
        self.judge: Judge
        self.toxic: ToxicHoldings | None = None
        """Who holds what nobody should hold together; None where the policy names no such pair."""
        self.exposed: dict[int, Person] = {}
        """Who holds anything that is orphaned now."""
        self.loss_sink: Callable[[Person, Grants], None] | None = None
        """Told what somebody held until now and does not hold any more."""
        self._beginning = beginning
        self._size = size
        self.people: dict[int, Person] = {}
        """Records by number; :meth:`person` is how to ask for one."""
        self._differences: dict[tuple[Grants, Grants], Grants] = {}

    # --- people ------------------------------------------------------------------------------------------

    def person(self, number: int) -> Person:
        """A person's record, begun at the state before anything touched them."""
        person = self.people.get(number)
        if person is None:
            person = self.people[number] = Person(number, hr=True)
            if 0 <= number < self._size:
                person.row = self._beginning.account(number)
                target = self._beginning.target(number)
                person.targets = (target,) if target >= 0 else ()
                person.entitled = self._beginning.entitled(number)
                person.effective = self._beginning.grants(number)
                person.joined = bool(person.entitled)
                person.provisioned = bool(person.effective)
        person.change = None  # whoever asks goes by all the rules, and from here on so does whatever is on its way
        return person

    def known(self, number: int) -> Person | None:
        """A person's record if something has touched them."""
        person = self.people.get(number)
        if person is not None:
            person.change = None
        return person

    def touched(self) -> list[Person]:
        """Everybody who has a record, in the order in which they got it."""
        return list(self.people.values())

    # --- changes -----------------------------------------------------------------------------------------

    def entitle(self, person: Person, grants: Grants, cause: str) -> None:
        """Truth changed: from now on these grants are the person's; ``cause`` says which event took the rest.

        What that means for events under way, the event that changed it says.
        """
        old = person.entitled
        if grants != old:
            if old:
                self.exposure.grants_were(person.number, old, ENTITLED, person.entitled_since)
            person.entitled_since = self.clock.now
            person.entitled = grants
            if grants:
                person.joined = True
            for grant in self.difference(old, grants):
                person.lost[grant] = cause
            if person.lost:
                for grant in grants:
                    person.lost.pop(grant, None)
        self.settle(person)

    def refresh(self, person: Person) -> None:
        """The target changed: ask it what this person's users give them now."""
        effective, suspended = NOTHING, NOTHING
        for row in person.targets:
            held = self.instance.held(row)
            if self.instance.store.is_active(row):
                effective = held if not effective else self.instance.intern(effective | held)
            elif held:
                suspended = held if not suspended else self.instance.intern(suspended | held)
        self.holds(person, effective, suspended)

    def holds(self, person: Person, effective: Grants, suspended: Grants = NOTHING) -> None:
        """From now on the target honours these grants, and would honour those if the person were switched on."""
        now = self.clock.now
        if suspended != person.suspended:
            if not person.suspended:
                self.exposure.person(SUSPENDED).begin(now)
                person.suspended_since = now
            elif not suspended:
                self.exposure.end_person(person.number, SUSPENDED, person.suspended_since)
            person.suspended = suspended
        if effective != person.effective:
            if person.effective:
                self.exposure.grants_were(person.number, person.effective, EFFECTIVE, person.effective_since)
            if self.loss_sink is not None and (lost := self.difference(person.effective, effective)):
                self.loss_sink(person, lost)
            person.effective = effective
            person.effective_since = now
            if effective:
                person.provisioned = True
            if person.measures:
                self.events.tick(person)
            self.settle(person)
            if person.measures:
                self.events.evaluate(person)
        elif person.orphans:
            self.reconsider(person)  # held in another way now, which may end by other means

    def blame(self, person: Person, cause: str) -> None:
        """The person is gone: whatever is still orphaned counts for that cause from now on."""
        others = [(grant, since, old) for grant, (since, old) in person.orphans.items() if old != cause]
        for grant, since, old in others:
            self.exposure.end_orphan_grant(person.number, grant, old, since)
            self.exposure.begin_orphan_grant(grant, cause)
            person.orphans[grant] = (self.clock.now, cause)
        if others:
            self.settle(person)

    def comes_back(self, person: Person) -> None:
        """The person is hired again: what works again without entitlement is a leftover of the time before."""
        person.lost = dict.fromkeys((*person.lost, *sorted(person.suspended)), REHIRE)

    def forget(self, person: Person) -> None:
        """Nothing is under way for the person: what was taken away and is gone from the target cannot come back."""
        works = person.effective | person.suspended
        person.lost = {grant: cause for grant, cause in person.lost.items() if grant in works}

    def settle(self, person: Person) -> None:
        """Open and close what the difference between entitled and effective opens and closes."""
        now = self.clock.now
        effective, entitled = person.effective, person.entitled
        if effective is entitled:
            orphaned = missing = NOTHING
        else:
            orphaned = self.difference(effective, entitled)
            missing = self.difference(entitled, effective)
        if orphaned or person.orphans:
            self._settle_orphans(person, orphaned)
        if missing:
            if person.missing_since is None:
                person.missing_since = now
                self.exposure.person(MISSING).begin(now)
        elif person.missing_since is not None:
            self.exposure.end_person(person.number, MISSING, person.missing_since)
            person.missing_since = None
        if self.toxic is not None:
            self.toxic.settle(person)

    def _settle_orphans(self, person: Person, orphaned: Grants) -> None:
        now = self.clock.now
        exposure = self.exposure
        orphans = person.orphans
        for grant in tuple(orphans):
            if grant not in orphaned:
                since, cause = orphans.pop(grant)
                exposure.end_orphan_grant(person.number, grant, cause, since)
        if len(orphans) < len(orphaned):
            for grant in sorted(orphaned):
                if grant not in orphans:
                    cause = self.judge.cause(person, grant)
                    orphans[grant] = (now, cause)
                    exposure.begin_orphan_grant(grant, cause)
        privileged = bool(self.privileged and not self.privileged.isdisjoint(orphaned))
        if orphans:
            self.exposed[person.number] = person
        else:
            self.exposed.pop(person.number, None)
        if privileged:
            if person.privileged_since is None:
                person.privileged_since = now
                exposure.person(PRIVILEGED).begin(now)
        elif person.privileged_since is not None:
            exposure.end_person(person.number, PRIVILEGED, person.privileged_since)
            person.privileged_since = None
        self.reconsider(person)

    def reconsider(self, person: Person) -> None:
        """Find out anew which cause counts for a person and what its end waits for."""
        exposure = self.exposure
        if not person.orphans:
            if person.cause:
                exposure.end_orphan_piece(person.number, person.cause, person.waiting, person.piece_since)
                person.cause = person.waiting = ""
            return
        grant = next(iter(person.orphans))  # the one that has been orphaned longest
        cause = person.orphans[grant][1]
        waiting = self.judge.waiting_for(person, grant)
        if cause == person.cause and waiting == person.waiting:
            return
        if cause == person.cause:
            exposure.wait_for_other(person.number, cause, person.waiting, person.piece_since, waiting)
        else:
            if person.cause:
                exposure.end_orphan_piece(person.number, person.cause, person.waiting, person.piece_since)
            exposure.begin_orphan_piece(cause, waiting)
        person.cause = cause
        person.waiting = waiting
        person.piece_since = self.clock.now

    def reconsider_everybody(self) -> None:
        """What open grants wait for may have changed for anybody."""
        for person in self.people.values():
            if person.orphans:
                self.reconsider(person)

    def difference(self, first: Grants, second: Grants) -> Grants:
        """``first - second``, remembered, since the same few sets meet again and again."""
        if first is second or not first:
            return NOTHING
        if not second:
            return first
        key = (first, second)
        known = self._differences.get(key)
        if known is None:
            known = self._differences[key] = first - second
        return known

    # --- what is open ------------------------------------------------------------------------------------

    def open_people(self) -> Iterator[PersonRow]:
        """States of people that have not ended; costs as much as has been touched, and changes nothing."""
        for person in self.people.values():
            number = person.number
            if person.cause:
                yield (number, ORPHANED, person.cause, person.waiting, person.piece_since, None)
            if person.missing_since is not None:
                yield (number, MISSING, None, None, person.missing_since, None)
            if person.privileged_since is not None:
                yield (number, PRIVILEGED, None, None, person.privileged_since, None)
            if person.suspended:
                yield (number, SUSPENDED, None, None, person.suspended_since, None)

    def open_orphans(self) -> Iterator[tuple[GrantRow, str]]:
        """Grants that are orphaned now, and what the end of each waits for; changes nothing."""
        for person in self.people.values():
            for grant, (since, cause) in person.orphans.items():
                yield (person.number, grant, ORPHANED, cause, since, None), self.judge.waiting_for(person, grant)

    def open_latencies(self) -> Iterator[LatencyRow]:
        """Latencies that have not come to an end, with what has passed so far; changes nothing."""
        now = self.clock.now
        for person in self.people.values():
            moves: dict[int, None] = {}
            for measure in person.measures:
                if measure.kind in REVOKING and not measure.seen:
                    continue  # somebody gone who holds nothing: something may be on its way, and nothing is late
                yield measure.row(now, ended=False)
                move = measure.move
                if move is not None and move.lost and move.gained and id(move) not in moves:
                    moves[id(move)] = None
                    yield from measure.move_rows(now, ended=False)

    def open_events(self) -> Iterator[list[Measure]]:
        """The measures that have not come to an end, those of an event together; changes nothing."""
        for person in self.people.values():
            if person.measures:
                yield from by_event(m for m in person.measures if m.seen or m.kind not in REVOKING).values()

    def open_grants(self) -> Iterator[GrantRow]:
        """Grants that people who have a record are entitled to, and hold, now; changes nothing."""
        for person in self.people.values():
            for state, grants, since in (
                (ENTITLED, person.entitled, person.entitled_since),
                (EFFECTIVE, person.effective, person.effective_since),
            ):
                for grant in sorted(grants):
                    yield (person.number, grant, state, None, since, None)
