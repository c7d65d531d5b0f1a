"""Ordinary lives: somebody joins, moves or leaves, and HR tells the directory in the same instant.

Invariant: as in the package. What becomes true, what the directory says and what observation opens is written down in
one go, for somebody whose account, target user and record are just as their place wants them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from mockservices.graph.directory import LIVE, Attribute
from mockservices.graph.records import User as Account
from mockservices.scim.records import User as TargetRecord
from sim.access.policy import Facts
from sim.observation.divergence import ACTIVE, ATTRIBUTE, EXTRA_MEMBERSHIP, MISSING_MEMBERSHIP, MISSING_USER
from sim.observation.latency import WAIT, Measure, Move
from sim.observation.notice import Notice
from sim.observation.person import LEFT, PENDING, PRESENT, SYNCED, Person
from sim.observation.words import (
    CYCLE,
    JOINER,
    MISSING,
    MOVER,
    MOVER_GRANT,
    MOVER_REVOKE,
    ORPHANED,
    PRIVILEGED,
)
from sim.ports import SourceValue
from sim.routine.change import JOINS, LEAVES, MOVES, Change
from sim.routine.places import Place, Places

Show: TypeAlias = "Callable[[Change], Mapping[str, SourceValue]]"

if TYPE_CHECKING:
    from sim.observation.exposure import Exposure
    from sim.parts import Parts
    from sim.population import StartingPeople

NOTHING: Final[frozenset[int]] = frozenset()


class Lives:
    """The short way of HR's acts into directory and observation."""

    def __init__(self, parts: Parts, beginning: StartingPeople, show: Show) -> None:
        services = parts.services
        self._parts = parts
        self._clock = services.clock
        self._directory, self._provider = services.directory, services.provider
        self._instance = services.instance
        self._trace = services.trace
        self._doors = services.doors.history
        self._ledger, self._exposure = parts.ledger, parts.ledger.exposure
        self._people = parts.ledger.people
        self._register, self._truth = parts.register, parts.truth
        self._beginning = beginning
        self._view = parts.view
        self._observer, self._backlog, self._stale = parts.observer, parts.observer.backlog, parts.stale
        self._divergence = parts.divergence
        self._map = parts.user_map
        self._show = show
        self.places = Places(parts)
        self.changes: dict[int, Change] = {}
        """By account: what is on its way."""
        self.open = False
        """Whether the short way can be taken at all."""

    # --- who may take it ---------------------------------------------------------------------------------

    def _settled(self, number: int) -> tuple[Person, Account, TargetRecord, Place] | None:
        """Somebody of whom everything is as their place wants it; None: nobody of whom that is sure."""
        place = self.places.of(self._register.facts(number))
        if place is None or number in self._truth.exceptions or number in self._truth.requested:
            return None
        person = self._people.get(number)
        if person is None:
            person = self._ledger.person(number)
        if (
            person.sync != SYNCED
            or person.measures
            or person.standing != PRESENT
            or person.entitled is not place.grants
            or person.effective is not place.grants
            or len(person.targets) != 1
            or person.row < 0
            or person.orphans
            or person.lost
            or person.suspended
            or person.hr_pending
            or person.coming
            or not person.hr
        ):
            return None
        account, target = self._directory.user(person.row), self._provider.user(person.targets[0])
        if (
            account.groups != place.groups
            or account.state != LIVE
            or not account.enabled
            or account.manager is not None
            or target.groups != place.targets
            or not target.active
            or not target.exists
            or self._view.target_of(account.row) != target.row
            or target.row in self._instance.direct_users
        ):
            return None
        return person, account, target, place

    def place_of(self, number: int) -> Place | None:
        """Where somebody is of whom everything is as their place wants it; None: nobody of whom that is sure."""
        settled = self._settled(number)
        return None if settled is None else settled[3]

    def place_for(self, number: int, facts: Facts, upn: str) -> Place | None:
        """The place of somebody who joins under a userPrincipalName; None: that is out of the ordinary."""
        place = self.places.of(facts)
        if (
            place is None
            or number in self._people
            or number in self._truth.exceptions
            or number in self._truth.requested
            or self._directory.row_by_upn(upn) is not None
            or (self._directory.domains and upn.rpartition("@")[2].lower() not in self._directory.domains)
        ):
            return None
        return place

    # --- the three kinds ---------------------------------------------------------------------------------

    def joins(self, number: int, facts: Facts, attributes: dict[str, Attribute], notice: Notice) -> bool:
        """Somebody is here from now on; False: it has to go the long way, and nothing has been done."""
        upn = str(attributes["userPrincipalName"])
        place = self.place_for(number, facts, upn)
        if place is None:
            return False
        directory = self._directory
        now, ledger, register = self._clock.now, self._ledger, self._register
        person = self._people[number] = Person(number, hr=True)
        if facts is not self._beginning.facts(number):
            register.set_facts(number, facts)
        ledger.headcount.begins(number, facts.employment)
        person.entitled, person.entitled_since, person.joined = place.grants, now, True
        person.missing_since = now
        self._exposure.people[MISSING].begin(now)
        event = ledger.events.happened(person, JOINER, notice)
        person.measures = [Measure(JOINER, event, number, now, WAIT, notice)]
        row = person.row = directory.users_count
        register.own_account(row, number)
        register.note_name(upn, number)
        # who is in the columns anyway needs no properties of their own
        account = directory.made(upn, self._beginning.attributes if row == number else attributes, place.groups)
        if self._doors.listening:
            self._doors.note_account(row, let_in=True)
        say, feed, identifier = self._trace.say, directory.feed, account.id
        self._trace.record("graph", "user.create", identifier, {**attributes, "accountEnabled": True})
        feed.append(0, row)
        for membership in place.memberships:
            say(f"graph\tmember.add\t{membership.id}/{identifier}\t{{}}")
            feed.member(membership.row, row)
        found = {MISSING_USER: 1, MISSING_MEMBERSHIP: len(place.memberships)}
        self._on_its_way(Change(JOINS, person, account, None, place, found, self._show))
        return True

    def moves(self, number: int, facts: Facts, placed: Mapping[str, Attribute], notice: Notice) -> bool:
        """Somebody is elsewhere from now on, with these properties; False as above."""
        settled = self._settled(number)
        if settled is None:
            return False
        person, account, target, place = settled
        step = self.places.step(place, facts)
        if step is None:
            return False
        now, ledger, exposure = self._clock.now, self._ledger, self._exposure
        self._register.set_facts(number, facts)
        self._entitle(person, step.place.grants, now)
        person.lost = dict.fromkeys(step.lost, MOVER)
        self._orphan(person, MOVER, step.lost_ordered, now, privileged=step.privileged)
        person.missing_since = now
        exposure.people[MISSING].begin(now)
        event = ledger.events.happened(person, MOVER, notice)
        move = Move(step.lost, step.gained, person.effective, now)
        move.open = 2
        grant = Measure(MOVER_GRANT, event, number, now, WAIT, notice)
        revoke = Measure(MOVER_REVOKE, event, number, now, WAIT, notice)
        grant.want, revoke.want = step.gained, step.lost
        grant.move = revoke.move = move
        person.measures = [grant, revoke]
        directory = self._directory
        say, feed, row, identifier = self._trace.say, directory.feed, account.row, account.id
        held = account.attributes
        different = {name: value for name, value in placed.items() if held.get(name) != value}
        if different:
            account.attributes = {**held, **different}
            self._trace.record("graph", "user.update", identifier, different)
            feed.append(0, row)
        account.groups = step.place.groups
        for membership in step.leaves:
            del directory.groups[membership.row].touched[row]
            say(f"graph\tmember.remove\t{membership.id}/{identifier}\t{{}}")
            feed.member(membership.row, row)
            person.pending_groups[membership.row] = None
        for membership in step.enters:
            directory.groups[membership.row].touched[row] = None
            say(f"graph\tmember.add\t{membership.id}/{identifier}\t{{}}")
            feed.member(membership.row, row)
            person.pending_groups[membership.row] = None
        found: dict[str, int] = {}
        operations = self._map.differences(self._map.seen(account), target.attributes)
        if operations:
            found[ATTRIBUTE] = len(operations)
        if step.enters:
            found[MISSING_MEMBERSHIP] = len(step.enters)
        if step.leaves:
            found[EXTRA_MEMBERSHIP] = len(step.leaves)
        change = Change(MOVES, person, account, target, step.place, found, self._show)
        change.operations, change.seen = operations, target.attributes
        self._on_its_way(change)
        return True

    def leaves(self, number: int, kind: str, notice: Notice) -> bool:
        """Somebody is gone (leaver or contractor_expiry), and the account is disabled; False as above."""
        settled = self._settled(number)
        if settled is None:
            return False
        person, account, target, place = settled
        now, ledger = self._clock.now, self._ledger
        person.standing, person.gone_cause = LEFT, kind
        ledger.headcount.ends(number)
        self._entitle(person, NOTHING, now)
        person.lost = dict.fromkeys(place.grants, kind)
        self._orphan(person, kind, place.ordered, now, privileged=place.privileged)
        event = ledger.events.happened(person, kind, notice)
        measure = Measure(kind, event, number, now, WAIT, notice)
        measure.seen = True
        if ledger.events.promises is not None:
            ledger.events.promises.opens(measure, person)
        person.measures = [measure]
        account.enabled = False
        row = account.row
        if self._doors.listening:
            self._doors.note_account(row, let_in=False)
        self._trace.say(f'graph\tuser.update\t{account.id}\t{{"accountEnabled":false}}')
        self._directory.feed.append(0, row)
        self._stale.disabled_since.setdefault(row, (number, now))
        self._on_its_way(Change(LEAVES, person, account, target, place, {ACTIVE: 1}, self._show))
        return True

    # --- what they have in common ------------------------------------------------------------------------

    def _entitle(self, person: Person, grants: frozenset[int], now: int) -> None:
        self._exposure.grants_were(person.number, person.entitled, "entitled", person.entitled_since)
        person.entitled, person.entitled_since = grants, now

    def _orphan(self, person: Person, cause: str, grants: tuple[int, ...], now: int, *, privileged: bool) -> None:
        """All of these are orphaned from now on, and wait for the next cycle."""
        exposure: Exposure = self._exposure
        self._ledger.exposed[person.number] = person
        people, of_cause, of_all = exposure.people, exposure.cause_grants[cause], exposure.grants[ORPHANED]
        since = (now, cause)
        for grant in grants:
            person.orphans[grant] = since
            of_all.begin(now)
            of_cause.begin(now)
            exposure.orphaned_grants[grant].begin(now)
        if privileged:
            person.privileged_since = now
            people[PRIVILEGED].begin(now)
        exposure.begin_orphan_piece(cause, CYCLE)
        person.cause, person.waiting, person.piece_since = cause, CYCLE, now

    def _on_its_way(self, change: Change) -> None:
        person, row = change.person, change.account.row
        person.sync, person.change = PENDING, change
        self._backlog.pending[person.number] = None
        self._observer.seen[row] = (change.enabled, change.account.groups)
        self._divergence.user(row)
        self.changes[row] = change

    def forget(self) -> None:
        """What places are, or how the job works, has changed: whoever is on the way goes the long one from here."""
        self.places.forget()
        for change in self.changes.values():
            change.person.change = None
        self.changes.clear()
