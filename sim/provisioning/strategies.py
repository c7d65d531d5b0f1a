"""How changes in the directory are carried to the target: by the job's cycles, by ticket, by push, or not at all.

Invariant: no strategy changes a person, an event or what the directory says; it decides only who hears of it, and when
the target does. A world in which nothing is ever done by ticket or push has no ears for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.observation import latency
from sim.observation.causes import Causes
from sim.provisioning.push import Push
from sim.provisioning.ticketing.desk import Desk
from sim.provisioning.ticketing.draws import Draws
from sim.provisioning.ticketing.due import Due
from sim.provisioning.ticketing.hours import Hours
from sim.provisioning.ticketing.listening import NotedAccess, Pushed
from sim.provisioning.ticketing.operators import OperatorQueue
from sim.provisioning.ticketing.review import reviews
from sim.provisioning.ticketing.start import NAMED_BY
from sim.provisioning.ticketing.worker import Worker
from sim.scenario.phases import strategies_of
from sim.scenario.ticketing import BY_JOB, Operators, Strategy
from sim.workforce.zones import Zone

if TYPE_CHECKING:
    from sim.world import World


@dataclass(slots=True)
class Strategies:
    """What carries one world's changes, by turns."""

    world: World
    current: Strategy
    push: Push | None = None
    desk: Desk | None = None

    @property
    def by_job(self) -> bool:
        """Whether a job carries anything at any time, or nothing does: then the target is held against what a job
        would do."""
        used = strategies_of(self.world.scenario)
        return "ticket" not in used or not BY_JOB.isdisjoint(used)

    @property
    def at_the_desk(self) -> Desk | None:
        """The ticket desk while access is given by ticket."""
        return self.desk if self.current == "ticket" else None

    def prepare(self) -> None:
        """Make what any of the scenario's strategies needs; the world's driver and timeline are there."""
        used = strategies_of(self.world.scenario)
        if "event" in used:
            self._make_push()
        if "ticket" in used:
            self._make_desk()

    def begin(self, *, job: bool) -> None:
        """The first strategy is in force from now on; ``job``: whether the job may run without being started."""
        driver = self.world.driver
        driver.active = self.current in BY_JOB and job
        self._in_force()
        if driver.active and driver.pushed and self.push is not None and driver.job.state.watermark is None:
            self.push.changed()  # nothing has been carried yet
        if self.desk is not None and self.desk.raising and self.world.scenario.start_state == "empty":
            ledger = self.world.parts.ledger
            people = self.world.parts.start
            for number in range(0 if people is None else people.size):
                if ledger.person(number).entitled:
                    self.desk.begin_with(ledger.person(number))
            for person in ledger.touched():
                if (people is None or person.number >= people.size) and person.row >= 0 and person.entitled:
                    self.desk.begin_with(person)

    def switch(self, strategy: Strategy, *, started_by_hand: bool) -> None:
        """Another strategy from now on; ``started_by_hand``: whether somebody else will start the job."""
        job = self.world.services.job
        before, self.current = self.current, strategy
        if job is None or strategy == before:
            return
        self._in_force()
        if strategy not in BY_JOB:
            job.pause()
        elif not started_by_hand:
            job.start()

    def _in_force(self) -> None:
        ledger, tickets = self.world.parts.ledger, self.current == "ticket"
        self.world.driver.pushed = self.current == "event"
        if self.desk is not None:
            self.desk.raising = tickets
            ledger.events.wait_in(latency.TICKET if tickets else latency.WAIT, ledger.touched())
            ledger.reconsider_everybody()

    # --- what a strategy needs ---------------------------------------------------------------------------

    def _make_push(self) -> None:
        world = self.world
        directory = world.services.directory
        delay = world.scenario.provisioning.push.delay
        self.push = Push(world.kernel, world.clock, world.driver, delay)
        directory.listener = Pushed(directory.listener, self.push.changed)

    def _make_desk(self) -> None:
        world = self.world
        parts, services, kernel = world.parts, world.services, world.kernel
        settings, directory = world.scenario.provisioning.ticket, services.directory
        draws = Draws(world.seed, world.replication)
        desk = Desk(
            settings,
            clock=world.clock,
            directory=directory,
            register=parts.register,
            ledger=parts.ledger,
            truth=parts.truth,
            draws=draws,
        )
        desk.worker = Worker(
            directory=directory,
            provider=services.provider,
            instance=services.instance,
            register=parts.register,
            ledger=parts.ledger,
            truth=parts.truth,
            memberships=settings.gives == "memberships",
            ends=settings.ends,
            named_by=NAMED_BY[settings.user_names],
            did=world.timeline.console.worked,
            overlooks=desk.overlooks,
        )
        desk.raised = Due(kernel, lambda _: desk.raise_tickets())
        desk.due = Due(kernel, desk.is_due)
        if settings.operators is not None:
            hours = _hours(world, settings.operators)
            desk.queue = OperatorQueue(kernel, settings.operators.number, hours, desk.handling, desk.work)
        if settings.review is not None:
            kernel.process(reviews(kernel, desk, parts.ledger, draws, settings.review))
        directory.listener = NotedAccess(directory.listener, parts.observer, desk.note, directory.members)
        if isinstance(parts.ledger.judge, Causes):
            parts.ledger.judge.desk = desk
        self.desk = desk


def _hours(world: World, operators: Operators) -> Hours:
    scenario = world.scenario
    zone = Zone(operators.timezone or scenario.home_zone, scenario.start, scenario.duration + scenario.drain)
    return Hours(operators.opens, operators.closes, zone, weekends=operators.weekends)
