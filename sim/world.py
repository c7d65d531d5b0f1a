"""The world: where services, workforce, job and observation meet, and the only thing that moves its clock.

Invariant: a run is a pure function of (scenario, seed, replication, command log). One thread, the world thread,
calls anything in here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from typing import Any, Literal, Protocol

from simpy.events import Event

from mockservices.clock import Millis
from mockservices.errors import ServiceError
from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL
from mockservices.graph.limits import CallLimit
from mockservices.scim.credentials import base_path, bearer_token
from mockservices.scim.records import Group
from sim.collector import calm_collector
from sim.commands import HTTP, PACING, Command
from sim.kernel import Kernel, Order
from sim.observation.causes import Causes
from sim.observation.phases import Phases
from sim.parts import Parts
from sim.ports import USER, Source, Target
from sim.provisioning.control import Control
from sim.provisioning.driver import CycleRow, Driver
from sim.provisioning.job import Job, Settings
from sim.provisioning.log import ProvisioningLog
from sim.provisioning.quarantine import Ward
from sim.provisioning.runbook import Runbook
from sim.provisioning.scope import Standards
from sim.provisioning.strategies import Strategies
from sim.provisioning.terms import configuration, entitling_roles, limits, pace_of, patience, retry_policy
from sim.provisioning.ticketing.start import made_by_hand
from sim.randomness import Streams
from sim.routine.routine import Routine
from sim.scenario import Scenario
from sim.scenario.phases import Phase, strategies_of
from sim.setup import set_up
from sim.setup_doors import reach_of
from sim.setup_target import set_up_target_group
from sim.timeline import Timeline
from sim.transport.direct import DirectSource, DirectTarget
from sim.transport.tenant_url import spoken
from sim.workforce.entitlements import Requesting
from sim.workforce.lifecycle import Lifecycle

Transport = Literal["direct", "wire"]


class Ports(Protocol):
    """Makes the job's two ports for a world that is being built."""

    def open(self, parts: Parts) -> tuple[Source, Target]:
        """The source and the target that the job is to use."""


class DirectPorts:
    """The cores, called in process."""

    def open(self, parts: Parts) -> tuple[Source, Target]:
        """See :class:`Ports`."""
        services = parts.services
        source = DirectSource(
            services.directory,
            services.applications,
            services.application,
            parts.user_map,
            parts.group_map,
            entitling_roles(parts.scenario.provisioning, services.application),
        )
        services.scim_address = "https://scim.us-east-1.amazonaws.com" + base_path(services)
        dialect = spoken(services, parts.scenario.provisioning.patch_dialect)
        return source, DirectTarget(services, services.scim_address, bearer_token(services), dialect)


class World:
    """One run of one scenario."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        replication: int = 0,
        ports: Ports | None = None,
        only: Collection[int] | None = None,
    ) -> None:
        """``only``: people of the workforce to whom anything happens, by number; None: to all."""
        self.scenario = scenario
        self.seed = scenario.seed if seed is None else seed
        self.replication = replication
        self.parts = set_up(scenario, self.seed, replication, only)
        self.services = self.parts.services
        self.clock = self.services.clock
        self.kernel = Kernel(0)
        self.end = Millis(scenario.duration + scenario.drain)
        self.horizon: float = 0
        self.log = ProvisioningLog()
        self.commands: list[Command] = []
        self.cycles: list[CycleRow] = []
        self.cycle_sink: Callable[[CycleRow], None] | None = None
        self.command_sink: Callable[[Command], None] | None = None
        self.waiting: Callable[[], bool] = lambda: False
        """Whether a command from outside is waiting to enter."""
        self._floor = 0  # no command can be placed before this: something later in the order has happened already
        self._causes = self.parts.ledger.judge
        source, target = (ports or DirectPorts()).open(self.parts)
        self.driver = self._make_driver(source, target)
        self.reach = reach_of(self.parts, Streams(self.seed, replication))
        """Who could still get in; None in a world without sessions."""
        self.routine = Routine(self.parts, self.driver, source, target)
        """The short way for what is usual."""
        self.phases = Phases(self) if scenario.phases else None
        """What its phases come to; None when it names none."""
        on_demand = scenario.provisioning.on_demand
        limit = CallLimit(self.clock, on_demand.calls, on_demand.window)
        self.services.job = Control(self.services, self.driver, target, self.seed, self._job_switched, limit)
        self.timeline = Timeline(self.parts, self.driver, self.later, Streams(self.seed, replication))
        self.services.auditor = self.timeline.console
        Runbook(self.parts).install(scenario.provisioning.runbook)
        self.carried = Strategies(self, strategies_of(scenario)[0])
        self.carried.prepare()
        if self.parts.start is not None and self.parts.schedule is not None:
            parts, refuse, lives = self.parts, self.timeline.refuse_event, self.routine.lives
            lifecycle = Lifecycle(
                self.kernel, self.parts.schedule, self.parts.start, parts.register, parts.hr, refuse, lives
            )
            lifecycle.begin()
            if parts.requests is not None:
                groups = tuple(rule.group for rule in scenario.organisation.access.requests)
                Requesting(self.kernel, parts.requests, groups, parts.requested).begin()
        self.services.provider.group_created = self._created_group
        if self.phases is not None:
            self._schedule_phases(self.phases)
        self.timeline.schedule()
        self.services.directory.bin.filled = lambda due: self.later(due, Order.DIRECTORY, self._empty_bin)
        self.kernel.process(self.driver.process())
        switches = sorted(
            (each.at, i) for i, each in enumerate(scenario.timeline) if each.do in {"start_job", "pause_job"}
        )
        by_hand = bool(switches) and scenario.timeline[switches[0][1]].do == "start_job"
        by_hand = by_hand or scenario.target.set_up == "by_hand"
        self.carried.begin(job=not by_hand)  # else it runs when somebody starts it
        self._job_switched(self.driver.active)
        while self.kernel.place() < (0, Order.SCENARIO):
            self.kernel.step()  # every process up to its first event

    def _make_driver(self, source: Source, target: Target) -> Driver:
        parts, settings = self.parts, self.scenario.provisioning
        job = Job(
            clock=self.clock,
            source=source,
            state=parts.state,
            settings=Settings(
                *(parts.user_map, parts.group_map, settings.members_per_patch, settings.connection_probe),
                retries=retry_policy(settings),
                mappings=parts.mappings,
                judged=parts.judging,
            ),
            watcher=parts.observer.backlog,
            log=self.log,
        )
        parts.state.sync_all = settings.scope == "all"
        if settings.on_demand.assignment_lag:
            job.demand.honoured = self._honoured
        if self.scenario.start_state == "in_sync" and not made_by_hand(self.scenario):
            parts.state.watermark = source.latest()
            parts.state.assigned = () if parts.state.sync_all else source.assigned()
        driver = Driver(
            kernel=self.kernel,
            clock=self.clock,
            job=job,
            target=target,
            pace=pace_of(self.scenario, self.seed, self.replication),
            patience=patience(settings),
            ward=Ward(limits(settings), settings.interval),
            configuration=configuration(self.services, self.scenario),
            divergence=parts.divergence,
            horizon=self,
            cycle_done=self._cycle_done,
        )
        driver.changed = lambda: self._job_switched(driver.active)
        job.changed = self._standards_changed
        return driver

    # --- what the parts ask of the world -----------------------------------------------------------------

    def limit(self) -> float:
        """How far the job may run ahead: to the next event, to the horizon, or not at all."""
        if self.waiting():
            return -1
        return min(self.kernel.peek(), self.horizon)

    def _honoured(self, kind: str, identifier: str) -> bool:
        """Whether an assignment is old enough for a run on demand to know of it."""
        directory, applications = self.services.directory, self.services.applications
        principal = USER_PRINCIPAL if kind == USER else GROUP_PRINCIPAL
        row = directory.user_row(identifier) if kind == USER else directory.group_row(identifier)
        found = None if row is None else applications.assignment_of(self.services.application.id, principal, row)
        lag = self.scenario.provisioning.on_demand.assignment_lag
        return found is None or found.created + lag <= self.clock.now

    def later(self, time: int, order: Order, happen: Callable[[], None]) -> None:
        """Do something at a time."""

        def process() -> Generator[Event, Any, None]:
            yield self.kernel.at(max(time, int(self.kernel.env.now)), order)
            happen()

        self.kernel.process(process())

    def _empty_bin(self) -> None:
        """What was deleted 30 days ago is gone for good; one event waits, however much lies in the bin."""
        directory = self.services.directory
        directory.empty_bin()
        due = directory.bin.next_due
        if due is not None:
            self.later(due, Order.DIRECTORY, self._empty_bin)

    def _schedule_phases(self, phases: Phases) -> None:
        """At every border between phases note the sums, and switch the job where the strategies differ."""
        for phase in phases.phases[1:]:

            def begin(phase: Phase = phase) -> None:
                phases.begins()
                by_hand = phase.started_by_hand or self.scenario.target.set_up == "by_hand"
                self.carried.switch(phase.strategy, started_by_hand=by_hand)

            if phase.start < self.end:
                self.later(phase.start, Order.SCENARIO, begin)
        last = phases.phases[-1].end
        if last is not None and last < self.end:
            self.later(last, Order.SCENARIO, phases.begins)

    def _created_group(self, group: Group) -> None:
        if isinstance(self._causes, Causes):
            set_up_target_group(self.parts, self._causes, group.id)

    def _cycle_done(self, row: CycleRow) -> None:
        self.cycles.append(row)
        if self.cycle_sink is not None:
            self.cycle_sink(row)

    def _standards_changed(self, standards: Standards) -> None:
        """The job decides by something else from now on: anybody may have come into scope or fallen out of it."""
        self.parts.view.work_by(standards)
        self.parts.divergence.everything()
        self.parts.ledger.reconsider_everybody()
        self.routine.look()

    def _job_switched(self, active: bool) -> None:
        self.parts.view.active = active
        self.parts.view.quarantined = self.driver.ward.current is not None
        self.parts.ledger.reconsider_everybody()
        self.routine.look()

    # --- time --------------------------------------------------------------------------------------------

    @property
    def now(self) -> Millis:
        """Simulated time."""
        return self.clock.now

    def run_until(self, time: int, order: Order = Order.SCENARIO) -> None:
        """Let everything happen that comes before a time (and before ``order`` at that time)."""
        kernel, clock = self.kernel, self.clock
        self.horizon = time
        end = (time, order)
        while (place := kernel.place()) < end:
            happening = int(place[0])
            if happening > clock.now:
                clock.now = Millis(happening)
            kernel.step()
            # what happened at this instant after the place of outside commands cannot be preceded any more
            preceded = clock.now == happening and place[1] < Order.OUTSIDE
            self._floor = max(self._floor, clock.now if preceded else clock.now + 1)
            if self.waiting():
                return
        if time > clock.now:
            clock.now = Millis(time)
            self._floor = time

    def run(self, progress: Callable[[float], None] | None = None) -> None:
        """Run to the end as fast as possible; ``progress`` is told the share that is done."""
        slices = 100 if progress is not None else 1
        with calm_collector():
            for i in range(1, slices + 1):
                self.run_until(self.end * i // slices)
                if progress is not None:
                    progress(i / slices)

    # --- commands ----------------------------------------------------------------------------------------

    def command(
        self, action: str, arguments: Mapping[str, Any], *, origin: str = HTTP, wanted: Millis = Millis(0)
    ) -> Any:
        """Let a command enter: at the wanted time, or as soon after it as nothing has to be undone.

        Everything before its place happens first. Raises the service's own error when it is refused.
        """
        at = Millis(max(wanted, self._floor))
        kept, self.waiting = self.waiting, lambda: False
        try:
            self.run_until(at, Order.OUTSIDE)
        finally:
            self.waiting = kept
        command = Command(len(self.commands) + 1, at, origin, action, arguments)
        self.commands.append(command)
        if self.command_sink is not None:
            self.command_sink(command)
        if action in PACING:
            return None
        return self._perform(command)

    def _perform(self, command: Command) -> Any:
        """What happens by it is somebody's doing, as what a timeline says is."""
        self.parts.observer.scripted = True
        try:
            return self.services.perform(command.action, command.arguments)
        finally:
            self.parts.observer.scripted = False

    def replay(self, commands: Iterable[Command], until: Millis) -> None:
        """Let logged commands enter again, each at its own time, and run to ``until``."""
        for command in commands:
            if command.action in PACING:
                continue
            self.run_until(command.at, Order.OUTSIDE)
            self.commands.append(command)
            try:
                self._perform(command)
            except ServiceError:
                continue  # refused then, refused now
        self.run_until(until)

    # --- digests -----------------------------------------------------------------------------------------

    @property
    def trace_sha256(self) -> str:
        """The digest over every state change so far."""
        return self.services.trace.digest()

    @property
    def traffic_sha256(self) -> str:
        """The digest over every request of the job so far."""
        return self.driver.traffic.digest()
