"""The provisioning job: what one cycle reads, decides and sends, in Entra's order.

Invariant: nothing here waits. A cycle is a generator that yields requests and is sent answers; whoever drives it
decides when each request happens and how it travels, so both transports run the same code.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from dataclasses import dataclass

from mockservices.clock import Clock
from sim.ports import Source
from sim.provisioning import requests
from sim.provisioning.agenda import Agenda, Reader
from sim.provisioning.groups import Groups
from sim.provisioning.log import ProvisioningLog
from sim.provisioning.mapping import USER_MATCH, AttributeMap
from sim.provisioning.progress import Progress, Watcher, Work
from sim.provisioning.rules import Mappings
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
    mappings: Mappings | None = None
    """The same two maps with scope and actions, and what has been saved for the next cycle."""

    @property
    def rules(self) -> Mappings:
        """What an administrator can set."""
        if self.mappings is None:
            self.mappings = Mappings.of(self.user_map, self.group_map)
        return self.mappings


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
        self.progress = Progress(clock, state, watcher, log)
        self._restarted = False  # since the current cycle began
        self._reader = Reader(source, state)
        self._users = Users(self.progress, settings.user_map)
        self._groups = Groups(self.progress, settings.group_map, settings.members_per_patch)

    @property
    def tally(self) -> Tally:
        """What has been done in the current cycle, or on demand."""
        return self.progress.tally

    def begin_cycle(self, number: int) -> Agenda:
        """Read the source at a cycle's gate: which objects have to be looked at."""
        self._restarted = False
        self.settings.rules.take_over()
        self.progress.cycle = number
        return self._reader.read()

    def pass_over(self, agenda: Agenda) -> None:
        """A cycle without work: all that has changed is out of scope."""
        self._remember(agenda)
        self.watcher.picked_up((), cycle=True)

    def work(self, agenda: Agenda) -> Work:
        """Carry an agenda out: users, then groups, then memberships, as Entra orders them."""
        progress = self.progress
        self.watcher.picked_up(agenda.users, cycle=True)
        progress.try_again(agenda.retried)
        if self.settings.connection_probe:
            yield requests.find_user(USER_MATCH, f"probe-{progress.cycle}")
        for identifier, user in agenda.users.items():
            assigned = agenda.scoped[identifier]
            progress.tally.objects += assigned or self.state.users.get(identifier) is not None
            yield from self._users.provision(user, assigned=assigned)
        self._groups.begin_cycle()
        for group in agenda.groups.values():
            progress.tally.objects += 1
            yield from self._groups.provision(group)
        for identifier in agenda.gone_groups:
            yield from self._groups.delete(identifier)
        for identifier, members in agenda.memberships.items():
            yield from self._groups.memberships(identifier, members, initial=agenda.initial)
        self._remember(agenda)
        self.watcher.settled(agenda.users, cycle=True)
        return True

    def restart(self, *, escrows: bool = True) -> None:
        """Forget the watermark and, unless told otherwise, the escrows; keep the links.

        A cycle that is under way comes to its end.
        """
        self.state.watermark = None
        if escrows:
            self.state.escrows.clear()
        self._restarted = True

    def _remember(self, agenda: Agenda) -> None:
        if not self._restarted:
            self.state.watermark = agenda.watermark
        self.state.assigned = agenda.assigned

    def on_demand(self, identifier: str) -> Work:
        """Provision one user now; never more than a cycle would do.

        A user who is disabled or deleted in the directory is passed over, an unassigned one is disabled.
        https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand
        """
        user = self.source.user(identifier)
        if user.removed is not None or not user.enabled:
            self._users.pass_over(user)
            return False
        assigned = self._reader.scope().covers(identifier, self.source.groups_of(identifier))
        self.watcher.picked_up((identifier,), cycle=False)
        done = yield from self._users.provision(user, assigned=assigned)
        self.watcher.settled((identifier,), cycle=False)
        return done
