"""The provisioning job: what one cycle reads, decides and sends, in Entra's order.

Invariant: nothing here waits. A cycle is a generator that yields requests and is sent answers; whoever drives it
decides when each request happens and how it travels, so both transports run the same code.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mockservices.clock import Clock
from mockservices.graph.jobs import PORTAL_RESET
from sim.ports import GROUP, USER, Source, SourceUser
from sim.provisioning import requests
from sim.provisioning.agenda import Agenda, Assigned, Reader
from sim.provisioning.deletions import Threshold, held_back
from sim.provisioning.demand import OnDemand
from sim.provisioning.escrow import Key, RetryPolicy
from sim.provisioning.groups import Groups
from sim.provisioning.log import ProvisioningLog
from sim.provisioning.managers import Managers
from sim.provisioning.mapping import USER_MATCH, AttributeMap
from sim.provisioning.options import GivenOptions, Options
from sim.provisioning.plan import STANDARD, Treatment
from sim.provisioning.progress import Progress, Watcher, Work
from sim.provisioning.redaction import redacted_paths
from sim.provisioning.rules import Mappings
from sim.provisioning.scope import Judging, Standards
from sim.provisioning.state import JobState
from sim.provisioning.tally import Tally
from sim.provisioning.users import Users

__all__ = ["Agenda", "Job", "Settings", "Tally", "Watcher", "Work"]


@dataclass(slots=True)
class Settings:
    """What a scenario sets about the job's work."""

    user_map: AttributeMap
    group_map: AttributeMap
    members_per_patch: int = 1
    connection_probe: bool = False
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    mappings: Mappings | None = None
    """The same two maps with scope and actions, and what has been saved for the next cycle."""
    treatment: Treatment = STANDARD
    """What is fixed about whom the job takes away and how."""
    options: Options = field(default_factory=GivenOptions)
    """What can be set about its scope while it runs."""
    judged: Judging | None = None
    """All of it together, where others look at it too."""

    @property
    def rules(self) -> Mappings:
        """What an administrator can set."""
        if self.mappings is None:
            self.mappings = Mappings.of(self.user_map, self.group_map)
        return self.mappings

    @property
    def judging(self) -> Judging:
        """By what the job decides whom it provisions."""
        if self.judged is None:
            self.judged = Judging(self.rules, self.treatment, self.options)
        return self.judged

    @property
    def redacted(self) -> frozenset[str]:
        """Target paths whose values the log does not show, by the mappings of now."""
        return redacted_paths(self.user_map.mappings) | redacted_paths(self.group_map.mappings)


class ShortWay(Protocol):
    """Carries over what is usual, and leaves the rest to the long way."""

    @property
    def open(self) -> bool:
        """Whether it can be taken now."""

    def picked_up(self, users: Mapping[str, SourceUser]) -> Iterable[str]:
        """A cycle takes these users up; the ids of those whom the watcher has to be told of."""

    def carry_over(self, agenda: Agenda, long_way: Callable[[Agenda, SourceUser], Work]) -> Work:
        """Do what there is to do about the users of an agenda."""

    def memberships(self, group: str, members: Mapping[str, bool], users: Mapping[str, SourceUser]) -> Work:
        """Do what there is to do about members of a group; ``users``: those of the agenda."""

    def settled(self, users: Mapping[str, SourceUser]) -> Iterable[str]:
        """The cycle is over; the ids of those whom the watcher has to be told of."""


class Job:
    """One synchronization job."""

    def __init__(
        self,
        *,
        clock: Clock,
        source: Source,
        state: JobState,
        settings: Settings,
        watcher: Watcher,
        log: ProvisioningLog,
    ) -> None:
        self.source = source
        self.state = state
        self.settings = settings
        self.watcher = watcher
        self.log = log
        self.progress = Progress(clock, state, watcher, log, settings.retries)
        self._clock = clock
        self._staged: dict[Key, dict[tuple[str, str], bool]] = {}  # what was held back before the current cycle
        self._before: tuple[str | None, Assigned] = (None, ())  # watermark and assignments before the latest cycle
        self._restarted = False  # since the current cycle began
        self._under_way = False
        self._reader = Reader(source, state)
        self.users = Users(self.progress, settings.user_map, source)
        self.groups = Groups(self.progress, settings.group_map, settings.members_per_patch, source)
        self._managers = Managers(self.progress, settings.user_map)
        self.changed: Callable[[Standards], None] = lambda standards: None
        """Told of other standards at the gate from which on they count."""
        self._take_up(settings.judging.current)
        self.short_way: ShortWay | None = None
        """For what is usual; see :mod:`sim.routine`."""
        self.others_follow = False
        """Whether a cycle is not over with its last request, but where another one would come: requests about people
        who are not in this world."""
        self.demand = OnDemand(source, self.progress, self._reader, self.users, self.groups)

    @property
    def tally(self) -> Tally:
        """What has been done in the current cycle, or on demand."""
        return self.progress.tally

    def begin_cycle(self, number: int) -> Agenda:
        """Read the source at a cycle's gate: which objects have to be looked at."""
        self._restarted = False
        self.look_up_rules()
        self._begin_anew()
        self.progress.cycle = number
        return self._reader.read(self._clock.now)

    def look_up_rules(self) -> None:
        """Go by what has been saved since the last gate; what is done on demand goes by it at once.

        https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand (to try a change out)
        """
        judging = self.settings.judging
        self.settings.rules.take_over()
        if judging.look():
            self._take_up(judging.current)
            self.changed(judging.current)

    def _begin_anew(self) -> None:
        """Another scope, where it takes effect.

        From assigned to all, the job begins anew by itself; from all to assigned, only a restart takes effect.
        https://learn.microsoft.com/entra/identity/app-provisioning/known-issues
        """
        state, everything = self.state, self.settings.judging.current.everything
        if everything != state.sync_all and (everything or state.watermark is None):
            state.sync_all, state.assigned = everything, ()
            state.watermark = None

    def _take_up(self, standards: Standards) -> None:
        self.users.standards = self.groups.standards = self._managers.standards = standards

    def hold_back(self, agenda: Agenda, threshold: Threshold | None) -> None:
        """Look what an agenda would take away, before anything of it is sent, and hold it back if it is too much."""
        agenda.held = held_back(agenda, self.users, self.groups, threshold)

    def pass_over(self, agenda: Agenda) -> None:
        """A cycle without work: all that has changed is out of scope."""
        self.state.interrupted.clear()
        self._remember(agenda)
        self.watcher.picked_up((), cycle=True)

    def work(self, agenda: Agenda, *, probe: bool = False) -> Work:
        """Carry an agenda out: users, then groups, then references (memberships, managers), as Entra orders them.

        ``probe``: ask the target for somebody who is not there first.
        """
        progress, held = self.progress, agenda.held
        self.state.interrupted.clear()
        self._under_way = True
        self._staged, self.state.staged = self.state.staged, {}
        short = self._short_way(agenda)
        self.watcher.picked_up(agenda.users if short is None else short.picked_up(agenda.users), cycle=True)
        progress.try_again(agenda.retried)
        if probe or self.settings.connection_probe:
            yield requests.find_user(USER_MATCH, f"probe-{progress.cycle}")
            progress.about_nobody()
        if short is None:
            for user in agenda.users.values():
                yield from self._provision(agenda, user)
        else:
            yield from short.carry_over(agenda, self._provision)
        self.groups.begin_cycle()
        for group in agenda.groups.values():
            if held and (GROUP, group.id) in held:
                progress.stage(GROUP, group.id)
                continue
            progress.tally.objects += 1
            yield from self.groups.provision(group)
        for identifier, removed in agenda.gone_groups.items():
            if held and (GROUP, identifier) in held:
                progress.stage(GROUP, identifier)
                continue
            yield from self.groups.delete(identifier, removed)
        for identifier, members in agenda.memberships.items():
            left = members if not held else self._not_held(identifier, members, held)
            if short is None:
                yield from self.groups.memberships(identifier, left, initial=agenda.initial)
            else:
                yield from short.memberships(identifier, left, agenda.users)
        if self._managers.flow:
            for identifier, user in agenda.users.items():
                if user.manager is not None and not (held and (USER, identifier) in held):
                    yield from self._managers.refer(user, initial=agenda.initial)
        if self.others_follow:
            yield None
        self._remember(agenda)
        self._staged = {}
        self._under_way = False
        self.watcher.settled(agenda.users if short is None else short.settled(agenda.users), cycle=True)
        return True

    def _short_way(self, agenda: Agenda) -> ShortWay | None:
        if self.short_way is None or agenda.initial or agenda.held or not self.short_way.open:
            return None
        return self.short_way

    def _provision(self, agenda: Agenda, user: SourceUser) -> Work:
        """Do what there is to do about one user of an agenda."""
        progress, held, identifier = self.progress, agenda.held, user.id
        if held and (USER, identifier) in held:
            progress.stage(USER, identifier)
            progress.reached += 1
            return True
        assigned = agenda.scoped[identifier]
        progress.tally.objects += assigned or self.state.users.get(identifier) is not None
        done = yield from self.users.provision(user, assigned=assigned)
        progress.reached += 1
        return done

    def _not_held(self, group: str, members: Mapping[str, bool], held: frozenset[Key]) -> dict[str, bool]:
        """Memberships of which the user is not held back; those of the others are held back with it."""
        left: dict[str, bool] = {}
        for user, member in members.items():
            if (USER, user) in held:
                self.state.staged[USER, user][group, user] = member
            else:
                left[user] = member
        return left

    def abandon(self, agenda: Agenda) -> None:
        """A cycle was stopped: what it did not get to, the next one reads again, for the watermark stays.

        It also looks again at everything that this one looked at, of which the changes since may tell no more: a group
        that was deleted in the meantime does not say whom it had lost before.
        """
        self.state.reread = {
            **{(USER, identifier): None for identifier in agenda.users},
            **{(GROUP, identifier): None for identifier in agenda.groups},
        }
        if not self._under_way:  # by its very last request
            watermark, self.state.assigned = self._before
            if not self._restarted:
                self.state.watermark = watermark
            return
        self._under_way = False
        users = tuple(agenda.users)
        missed = dict.fromkeys(users[self.progress.reached :])
        for members in agenda.memberships.values():
            missed.update(dict.fromkeys(user for user in members if user in agenda.users))
        self.state.interrupted = dict.fromkeys((USER, identifier) for identifier in missed)
        for key, memberships in self._staged.items():
            self.state.staged.setdefault(key, memberships)
        self._staged = {}
        self.progress.put_back()
        for identifier in missed:
            self.watcher.failed(identifier)
        self.watcher.settled(agenda.users, cycle=True)

    def prune(self) -> None:
        """An initial cycle met too many failures: they are forgotten, and the next one is an initial one again.
        https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationstatus (``escrowsPruned``)"""
        state = self.state
        state.interrupted = dict.fromkeys(state.escrows)
        state.escrows.clear()
        state.watermark = None

    def restart(self, scopes: frozenset[str] = PORTAL_RESET) -> None:
        """Reset what is named; links are kept unless ``ConnectorDataStore`` is among it.

        What was held back is held back no longer: it is looked at anew. A cycle that is under way comes to its end.
        """
        state = self.state
        if "ConnectorDataStore" in scopes:
            state.users.forget()
            state.groups.forget()
            for known in (state.released, state.released_groups, state.inactive, state.binned):
                known.clear()
            state.managers.forget()
        if "Escrows" in scopes:
            state.escrows.clear()
        if "Watermark" in scopes:
            state.watermark = None
            self._restarted = True

    def _remember(self, agenda: Agenda) -> None:
        self._before = self.state.watermark, self.state.assigned
        self.state.reread = {}
        if not self._restarted:
            self.state.watermark = agenda.watermark
        self.state.assigned = agenda.assigned

    def on_demand(self, identifier: str) -> Work:
        """Provision one user now; see :class:`sim.provisioning.demand.OnDemand`."""
        return self.demand.user(identifier)
