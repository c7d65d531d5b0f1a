"""Ordinary changes in a cycle: read, picked up, carried over by calls, and settled.

Invariant: as in the package. Every request has its time from the sender and stands in traffic, tally and log; only the
protocol's objects between the job and the core of the target are left out, and only while nothing can go wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from mockservices.errors import ServiceError
from mockservices.scim.operations import AddMembers, Operation, RemoveMembers, SetAttribute, Value, value_at
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
    from sim.provisioning.agenda import Agenda
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
        self.id = user.id
        self.active = user.active
        self._look, self._row = user.look

    @property
    def attributes(self) -> Mapping[str, Value]:  # type: ignore[override]  # worked out when somebody reads it
        """As in :class:`sim.ports.TargetUser`."""
        return self._look(self._row)


class Ways:
    """The short way of one job's cycles."""

    def __init__(self, parts: Parts, lives: Lives, job: Job, sent: Callable[[int, Request, int], None]) -> None:
        """``sent``: told (when, request, status) of every request."""
        services = parts.services
        self._clock, self._trace = services.clock, services.trace
        self._provider, self._faults, self._console = services.provider, services.faults, services.instance.console
        self._observer, self._backlog, self._ledger = parts.observer, parts.observer.backlog, parts.ledger
        self._divergence = parts.divergence
        self._register = parts.register
        self._map = parts.user_map
        self._state = parts.state
        self._lives = lives
        self._job = job
        self._links = parts.state.users
        self._progress: Progress = job.progress
        self._sent = sent

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
            person.carried = {}
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
        yield None
        if not self._free(change):
            return (yield from self._job.users.provision(change, assigned=True))
        shown = Shown(target)
        progress.begin(change)
        self._done(Get(USER, target.id), Answer(200, (shown,)), 200)
        leaves = change.kind == LEAVES
        operations: tuple[Operation, ...] = self._operations(change, target)
        if leaves:
            operations = (*operations, *_OFF) if operations else _OFF
        if not operations:
            return progress.redundant(USER, change.id, target.id, log.UPDATE)
        yield None
        if not self._free(change):
            return (yield from self._job.users.align(change, shown, active=not leaves))
        now = self._clock.now
        added = _NONE
        if operations is not _OFF:
            held = shown.attributes
            added = frozenset(str(o.path) for o in operations if o not in _OFF and value_at(held, o.path) is None)
        self._done(Patch(USER, target.id, operations, added), _NOT_THERE, 200)
        change.found = None
        person = change.person
        if leaves:
            if operations is _OFF:
                self._provider.switch_off(target)
            else:
                self._provider.apply_to_user(target.row, operations, tell=False)
            self._observer.active_users.set(now, self._provider.active_count)
            self._ledger.holds(person, NOTHING, person.effective)
            progress.tally.users_disabled += 1
            action = log.DISABLE
        else:
            self._provider.apply_to_user(target.row, operations)
            progress.tally.users_updated += 1
            action = log.UPDATE
        self._divergence.user(change.account.row)
        return progress.through(USER, change.id, target.id, action)

    def _operations(self, change: Change, target: TargetRecord) -> tuple[SetAttribute, ...]:
        """What has to be set besides ``active``."""
        if change.held is None and target.untouched and not self._map.revision:
            return ()  # both are as they were in sync
        if change.seen is target.attributes:
            return change.operations
        return self._map.differences(change.attributes, target.attributes)

    def _create(self, change: Change) -> Work:
        progress, provider = self._progress, self._provider
        attributes = change.attributes
        lookups = self._map.matching(attributes)
        yield None
        if (
            not self._free(change)
            or len(lookups) != 1
            or provider.user_row_by(*lookups[0]) is not None
            or self._state.users.get(change.id) is not None
        ):
            return (yield from self._job.users.provision(change, assigned=True))
        progress.begin(change)
        self._done(Find(USER, *lookups[0]), _NOT_THERE, 200)
        yield None
        if not self._free(change):
            return (yield from self._job.users.create(change))
        wanted = self._map.apply(attributes)
        request = Create(USER, wanted, True)
        try:
            target = provider.create_user(wanted, tell=False)
        except ServiceError as error:
            self._done(request, Answer(error.status, (), error.message), error.status)
            return progress.fail(USER, change.id, "", log.CREATE, Answer(error.status, (), error.message), posted=True)
        self._done(request, _NOT_THERE, 201)
        change.target, change.found = target, None
        person = change.person
        person.targets = (target.row,)
        self._register.own_target(target.row, person.number)
        self._observer.active_users.set(self._clock.now, provider.active_count)
        self._state.users.join(change.id, target.id)
        self._divergence.user(change.account.row)
        progress.tally.users_created += 1
        return progress.through(USER, change.id, target.id, log.CREATE)

    def _done(self, request: Request, answer: Answer, status: int) -> None:
        """A request has been carried out."""
        progress = self._progress
        progress.tally.requests += 1
        progress.heard(request, answer)
        self._sent(self._clock.now, request, status)

    # --- memberships -------------------------------------------------------------------------------------

    def memberships(self, group: str, members: Mapping[str, bool], users: Mapping[str, SourceUser]) -> Work:
        """See :class:`sim.provisioning.job.ShortWay`."""

        def one(group: str, link: str, part: Sequence[tuple[str, str]], member: bool) -> Work:
            change = users.get(part[0][0])
            if type(change) is not Change or not self._free(change):
                return self._job.groups.change_members(group, link, part, member)
            return self._membership(change, group, link, part, member=member)

        return self._job.groups.memberships(group, members, initial=False, short=one)

    def _membership(
        self, change: Change, group: str, link: str, part: Sequence[tuple[str, str]], *, member: bool
    ) -> Work:
        yield None
        target, provider = change.target, self._provider
        row = provider.group_row(link)
        if target is None or row is None or not self._free(change) or not provider.groups[row].exists:
            return (yield from self._job.groups.change_members(group, link, part, member))
        progress, ids = self._progress, (target.id,)
        self._done(Patch(GROUP, link, (AddMembers(ids) if member else RemoveMembers(ids),)), _NOT_THERE, 204)
        change.found = None
        tally = progress.tally
        tally.objects += 1
        if provider.join(provider.groups[row], target, member=member):
            self._ledger.holds(change.person, self._ledger.instance.of_groups(target.groups))
            self._divergence.user(change.account.row)
        if member:
            tally.memberships_added += 1
        else:
            tally.memberships_removed += 1
        progress.note(GROUP, group, link, log.UPDATE, log.SUCCESS, "")
        return True
