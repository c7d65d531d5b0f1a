"""Ordinary changes in a cycle: read, picked up, carried over by calls, and settled.

Invariant: as in the package. Every request has its time from the sender and stands in traffic, tally and log; only the
protocol's objects between the job and the core of the target are left out, and only while nothing can go wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from mockservices.errors import ServiceError
from mockservices.population import Look
from mockservices.scim.operations import AddMembers, Operation, RemoveMembers, SetAttribute, Value, value_at
from mockservices.scim.records import SCIM
from mockservices.scim.records import User as TargetRecord
from sim.observation.latency import PROCESSING as IN_PROCESS
from sim.observation.latency import WAIT
from sim.observation.person import PROCESSING, SYNCED
from sim.observation.words import CYCLE
from sim.observation.words import PROCESSING as PROCESSED
from sim.ports import GROUP, USER, Answer, Create, Find, Get, Patch, Request, SourceUser, TargetUser
from sim.provisioning import log
from sim.provisioning.attributes import ACTIVE
from sim.routine.change import JOINS, LEAVES, MOVES, Change

if TYPE_CHECKING:
    from sim.parts import Parts
    from sim.population import Seen
    from sim.provisioning.agenda import Agenda
    from sim.provisioning.cycles import TrafficDigest
    from sim.provisioning.job import Job
    from sim.provisioning.progress import Progress, Work
    from sim.routine.lives import Lives

_OFF: Final = (SetAttribute(ACTIVE, False),)
_NOT_THERE: Final = Answer(200)
_NONE: Final[frozenset[str]] = frozenset()
NOTHING: Final[frozenset[int]] = frozenset()


class Shown(TargetUser):
    """A user of the target as a GET shows it, of which nobody may ever read more than the id."""

    __slots__ = ("_look", "_row")

    def __init__(self, user: TargetRecord) -> None:
        self.id = user.id  # type: ignore[misc]  # a value is made here
        self.active = user.active  # type: ignore[misc]  # a value is made here
        self._look, self._row = user.look

    @property
    def attributes(self) -> Mapping[str, Value]:
        """As in :class:`sim.ports.TargetUser`."""
        return self._look(self._row)


class Ways:
    """The short way of one job's cycles."""

    def __init__(
        self,
        parts: Parts,
        lives: Lives,
        job: Job,
        traffic: TrafficDigest,
        account: Callable[[Change], Seen],
        mapped: Look[Value],
    ) -> None:
        """``traffic``: told of every request. ``account``: as it was when it was changed. ``mapped``: tells what a user
        was created with whose account was as it had been from the beginning."""
        services = parts.services
        self._clock, self._trace = services.clock, services.trace
        self._provider, self._faults, self._console = services.provider, services.faults, services.instance.console
        self._observer, self._backlog, self._ledger = parts.observer, parts.observer.backlog, parts.ledger
        self._divergence = parts.divergence
        self._doors = services.doors.history
        self._register = parts.register
        self._map = parts.user_map
        self._state = parts.state
        self._lives = lives
        self._account = account
        self._mapped = mapped
        self._in_sync = services.provider.base_origin == SCIM
        self._job = job
        self._progress: Progress = job.progress
        self._sent, self._say = traffic.add, traffic.say

    def _free(self, change: Change) -> bool:
        """Whether it can still go the short way."""
        return change.person.change is change and self._faults.idle and self._clock.now < self._console.open_until

    @property
    def open(self) -> bool:
        """See :class:`sim.provisioning.job.ShortWay`."""
        return self._lives.open

    # --- before and after --------------------------------------------------------------------------------

    def picked_up(self, users: Mapping[str, SourceUser]) -> list[str]:
        """The cycle takes changes up; the ids of the others."""
        others: list[str] = []
        now, pending, exposure = self._clock.now, self._backlog.pending, self._ledger.exposure
        for identifier, user in users.items():
            if type(user) is not Change or user.person.change is not user:
                others.append(identifier)
                continue
            person = user.person
            pending.pop(person.number, None)
            person.sync = PROCESSING
            person.stays = user.enabled
            if person.pending_groups:
                if user.kind == MOVES:
                    person.carried.update({g: None for g in person.pending_groups if g not in user.place.groups})
                person.pending_groups = {}
            for measure in person.measures:
                measure.hops[WAIT] += now - measure.since
                measure.since, measure.hop = now, IN_PROCESS
            if person.cause:
                exposure.wait_for_other(person.number, person.cause, CYCLE, person.piece_since, PROCESSED)
                person.waiting, person.piece_since = PROCESSED, now
        return others

    def settled(self, users: Mapping[str, SourceUser]) -> list[str]:
        """The cycle is over; the ids of the others."""
        others: list[str] = []
        changes, divergence = self._lives.changes, self._divergence
        for identifier, user in users.items():
            if type(user) is not Change:
                others.append(identifier)
                continue
            person, row = user.person, user.account.row
            if changes.get(row) is user:
                del changes[row]
            if person.change is not user or person.measures or person.sync != PROCESSING or person.orphans:
                person.change = None
                others.append(identifier)
                continue
            person.change = None
            if person.carried:
                person.carried = {}
            person.orphans = {}  # one that was emptied keeps its size
            person.sync = SYNCED
            if person.lost:
                self._ledger.forget(person)
            divergence.agrees(row)
        return others

    # --- users -------------------------------------------------------------------------------------------

    def carry_over(self, agenda: Agenda, long_way: Callable[[Agenda, SourceUser], Work]) -> Work:
        """See :class:`sim.provisioning.job.ShortWay`."""
        progress = self._progress
        tally = progress.tally
        for user in agenda.users.values():
            if type(user) is not Change or not self._free(user):
                yield from long_way(agenda, user)
                continue
            tally.objects += 1
            if user.kind == JOINS:
                yield from self._create(user)
            else:
                yield from self._update(user)
            progress.reached += 1
        return True

    def _update(self, change: Change) -> Work:
        target, progress = change.target, self._progress
        if target is None:
            raise TypeError("only who joins has no user in the target")
        self._state.users.get(change.id)  # asked for, so that the job can tell of the link when it forgets all of them
        progress.begin(change)
        yield None
        if not self._free(change):
            return (yield from self._job.users.provision(change, assigned=True))
        identifier, tally = target.id, progress.tally
        looked = Answer(200, (Shown(target),))
        self._say(f"{self._clock.now}\tGET\t/Users/{identifier}\t200\n")
        tally.requests += 1
        leaves = change.kind == LEAVES
        settings, added = self._operations(change, target), _NONE
        if settings:
            held = target.attributes
            added = frozenset([str(o.path) for o in settings if value_at(held, o.path) is None])
        operations: tuple[Operation, ...] = settings
        if leaves:
            operations = (*settings, *_OFF) if settings else _OFF
        if operations:
            yield None
        if not operations or not self._free(change):
            progress.heard(Get(USER, identifier), looked)
            return (yield from self._job.users.align(change, looked.found[0], active=not leaves, release=False))
        now = self._clock.now
        request = Patch(USER, identifier, operations, added)
        try:
            if operations is _OFF:
                self._provider.switch_off(target)
            else:
                self._provider.apply_to_user(target.row, operations, tell=False)
        except ServiceError as error:
            progress.heard(Get(USER, identifier), looked)
            refused = self._refused(request, error)
            return progress.fail(USER, change.id, identifier, log.DISABLE if leaves else log.UPDATE, refused)
        self._say(f"{now}\tPATCH\t/Users/{identifier}\t200\n")
        tally.requests += 1
        if change.found is not None:
            change.found = None
            self._divergence.user(change.account.row)
        if leaves:
            if self._doors.listening:
                self._doors.note_user(target.row)
            self._observer.active_users.set(now, self._provider.active_count)
            self._ledger.holds(change.person, NOTHING, change.person.effective)
            tally.users_disabled += 1
        else:
            tally.users_updated += 1
        action = log.DISABLE if leaves else log.UPDATE
        progress.straight(change, USER, change.id, identifier, action, looked, request, linked=True)
        return True

    def _operations(self, change: Change, target: TargetRecord) -> tuple[SetAttribute, ...]:
        """What has to be set besides ``active``."""
        in_sync = self._in_sync or target.row >= self._provider.base_size
        if in_sync and change.held is None and target.untouched and not self._map.revision:
            return ()  # both are as they were from the beginning, when they agreed
        if change.seen is target.attributes:
            return change.operations
        return self._map.differences(change.attributes, target.attributes)

    def _look(self, change: Change) -> Look[Value] | None:
        """What tells the attributes of a user who is created as the account was from the beginning."""
        return None if change.held is not None or self._map.revision else self._mapped

    def _create(self, change: Change) -> Work:
        progress, provider = self._progress, self._provider
        attributes = self._map.seen(self._account(change))
        lookups = self._map.matching(attributes)
        progress.begin(change)
        yield None
        if (
            not self._free(change)
            or len(lookups) != 1
            or provider.user_row_by(*lookups[0]) is not None
            or self._state.users.get(change.id) is not None
        ):
            return (yield from self._job.users.provision(change, assigned=True))
        tally, find = progress.tally, Find(USER, *lookups[0])
        self._sent(self._clock.now, find, 200)
        tally.requests += 1
        yield None
        if not self._free(change):
            progress.heard(find, _NOT_THERE)
            return (yield from self._job.users.create(change))
        wanted = self._map.apply(attributes)
        request = Create(USER, wanted, True)
        try:
            target = provider.create_user(wanted, tell=False, look=self._look(change))
        except ServiceError as error:
            progress.heard(find, _NOT_THERE)
            refused = self._refused(request, error)
            return progress.fail(USER, change.id, "", log.CREATE, refused, posted=True)
        now = self._clock.now
        self._say(f"{now}\tPOST\t/Users\t201\n")
        tally.requests += 1
        change.target, change.found = target, None
        if self._doors.listening:
            self._doors.note_user(target.row)
        person = change.person
        person.targets = (target.row,)
        self._register.own_target(target.row, person.number)
        self._observer.active_users.set(now, provider.active_count)
        self._state.users.join(change.id, target.id)
        self._divergence.user(change.account.row)
        tally.users_created += 1
        progress.straight(change, USER, change.id, target.id, log.CREATE, _NOT_THERE, request)
        return True

    def _refused(self, request: Request, error: ServiceError) -> Answer:
        """The target has refused a request after all."""
        answer = Answer(error.status, (), error.message)
        self._progress.tally.requests += 1
        self._progress.heard(request, answer)
        self._sent(self._clock.now, request, error.status)
        return answer

    # --- memberships -------------------------------------------------------------------------------------

    def memberships(self, group: str, members: Mapping[str, bool], users: Mapping[str, SourceUser]) -> Work:
        """See :class:`sim.provisioning.job.ShortWay`."""
        groups, provider, clock, progress = self._job.groups, self._provider, self._clock, self._progress
        tally, instance, divergence = progress.tally, self._ledger.instance, self._divergence
        if groups.members_per_patch > 1 or not groups.has_read(group):
            return (yield from groups.memberships(group, members, initial=False))
        link, linked = groups.to_send(group, members)
        row = None if link is None else provider.group_row(link)
        if link is None or row is None or not linked:
            return True
        progress.begin()
        held = provider.groups[row]
        for member in (True, False):
            for user, there, wanted in linked:
                if wanted is not member:
                    continue
                change = users.get(user)
                yield None
                if type(change) is not Change or not self._free(change) or change.target is None or not held.exists:
                    yield from groups.change_members(group, link, ((user, there),), member)
                    continue
                target, ids = change.target, (there,)
                self._say(f"{clock.now}\tPATCH\t/Groups/{link}\t204\n")
                tally.requests += 1
                tally.objects += 1
                if provider.join(held, target, member=member):
                    if self._doors.listening:
                        self._doors.note_membership(row, target.row, member=member)
                    self._ledger.holds(change.person, instance.of_groups(target.groups))
                    if change.found is not None:
                        change.found = None
                        divergence.user(change.account.row)
                if member:
                    tally.memberships_added += 1
                    request = Patch(GROUP, link, (AddMembers(ids),))
                else:
                    tally.memberships_removed += 1
                    request = Patch(GROUP, link, (RemoveMembers(ids),))
                progress.straight(None, GROUP, group, link, log.UPDATE, None, request)
        return True
