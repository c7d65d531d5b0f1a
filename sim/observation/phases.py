"""What a scenario's phases came to: the figures of the whole, restricted to a stretch.

Invariant: nothing is sampled. Intervals are cut at a phase's borders, so the hours of the phases add up to those of the
whole; a cycle, and a lifecycle event with its whole latency, belongs to the phase in which it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mockservices.clock import Millis
from sim.observation.exposure import Exposure, GrantRow, PersonRow
from sim.observation.latency import Latencies, LatencyRow
from sim.observation.level import Level
from sim.observation.listeners import both
from sim.observation.reach.reach import Picture
from sim.observation.summary.access import orphaned_figures
from sim.observation.summary.doors import door_rows
from sim.observation.summary.events import latency_block
from sim.observation.summary.services import provisioning_figures, tickets_of
from sim.observation.words import CAUSES, ORPHANED, PRIVILEGED
from sim.provisioning.log import FAILURE, SKIPPED
from sim.provisioning.tally import Tally
from sim.scenario.phases import Phase, phases_of

if TYPE_CHECKING:
    from sim.world import World


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the sums stood when a phase began."""

    cycles: int
    active_ms: int
    """The integral of the target's active users."""
    quarantined_ms: int
    notifications: int
    failures: Mapping[str, int]
    """Rows of the provisioning log, by Entra's word for why."""
    skipped: Mapping[str, int]


def _more(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """What has been added, by word."""
    return {word: count - before.get(word, 0) for word, count in after.items() if count > before.get(word, 0)}


class Phases:
    """Hears a world that has phases, and keeps what only intervals can tell."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.phases = phases_of(world.scenario)
        self.marks = [Mark(0, 0, 0, 0, {}, {})]
        self._people: list[PersonRow] = []
        self._grants: list[GrantRow] = []
        self._latencies: list[LatencyRow] = []
        self._on_demand: list[tuple[int, Tally]] = []
        exposure, latencies = world.parts.ledger.exposure, world.parts.ledger.events.latencies
        exposure.person_sink = both(exposure.person_sink, self._person)
        exposure.grant_sink = both(exposure.grant_sink, self._grant)
        latencies.sink = both(latencies.sink, self._latencies.append)
        world.driver.demand_sink = both(world.driver.demand_sink, lambda at, tally: self._on_demand.append((at, tally)))

    def _person(self, row: PersonRow) -> None:
        if row[1] in (ORPHANED, PRIVILEGED):
            self._people.append(row)

    def _grant(self, row: GrantRow) -> None:
        if row[2] == ORPHANED:
            self._grants.append(row)

    def begins(self) -> None:
        """A phase has ended, before anything else happens at this instant."""
        self.marks.append(self._now())

    def at(self, now: int) -> int:
        """Which phase a moment lies in, from 0; the number of phases when it lies behind them all."""
        ended = sum(phase.end is not None and phase.end <= now for phase in self.phases)
        return min(ended, len(self.phases))

    # --- the summary's rows ------------------------------------------------------------------------------

    def block(self) -> list[dict[str, Any]]:
        """``phases``: a row for each that has begun."""
        world = self._world
        begun = [p for p in self.phases if p.start < world.now or p.start == 0]
        doors = None if world.reach is None else world.reach.picture()
        return [self._row(number, phase, doors) for number, phase in enumerate(begun)]

    def _row(self, number: int, phase: Phase, doors: Picture | None) -> dict[str, Any]:
        world = self._world
        start, end = phase.start, Millis(world.now if phase.end is None else min(phase.end, world.now))
        return {
            "name": phase.name,
            "from": world.clock.iso(start),
            "to": world.clock.iso(end),
            "provisioning": self._provisioning(number, phase, end),
            "latency": self._latency(start, end, doors),
            "orphaned_access": self._orphaned(number, start, end, doors),
        }

    def _mark(self, number: int) -> Mark:
        """Where the sums stood at a phase's beginning, or stand now."""
        if number < len(self.marks):
            return self.marks[number]
        return self._now()

    def _now(self) -> Mark:
        world, driver = self._world, self._world.driver
        active = world.parts.observer.active_users.sum_ms(world.now)
        reasons = world.log.reasons
        return Mark(
            driver.sums.cycles,
            active,
            driver.ward.lasted(world.now),
            len(driver.notifications),
            dict(reasons[FAILURE]),
            dict(reasons[SKIPPED]),
        )

    def _provisioning(self, number: int, phase: Phase, end: int) -> dict[str, Any]:
        world, start = self._world, phase.start
        driver = world.driver
        rows = [row for row in world.cycles if start <= row.start < end]
        tally = Tally()
        for row in rows:
            tally.add(row.tally)
        for at, done in self._on_demand:
            if start <= at < end:
                tally.add(done)
        if driver.running.active and start <= driver.running.start < end:
            tally.add(driver.running.tally)
        initial = next((row for row in rows if row.initial), None)
        before, after = self._mark(number), self._mark(number + 1)
        acts, tickets = world.timeline.console.acts, tickets_of(world)
        return provisioning_figures(
            phase.strategy,
            driver.pace.interval,
            tally,
            cycles=after.cycles - before.cycles,
            initial=initial,
            quarantined_ms=after.quarantined_ms - before.quarantined_ms,
            manual_steps=sum(act.kind == "manual" and start <= act.at < end for act in acts),
            notifications=after.notifications - before.notifications,
            failures=_more(before.failures, after.failures),
            skipped=_more(before.skipped, after.skipped),
            tickets=None if tickets is None else [row for row in tickets if start <= row[3] < end],
        )

    def _latency(self, start: int, end: int, doors: Picture | None) -> dict[str, Any]:
        within = Latencies()
        for kind, _, _, began, _, lasted, *hops in self._latencies:
            if start <= began < end:
                within.add(kind, lasted, hops)
        still = [row for row in self._world.parts.ledger.open_latencies() if start <= row[3] < end]
        if doors is None:
            return latency_block(within, still)
        closings = [row for row in doors.closings if start <= row.start < end]
        return latency_block(within, still, door_rows(closings, doors.at))

    def _orphaned(self, number: int, start: int, end: int, doors: Picture | None) -> dict[str, Any]:
        ledger = self._world.parts.ledger
        exposure = Exposure(self._world.clock)
        persons: dict[str, set[int]] = {cause: set() for cause in CAUSES}
        edges: list[tuple[int, bool, Level]] = []

        def cut(since: int, until: int | None, *levels: Level) -> bool:
            """Put the part of an interval that lies in the stretch on levels; whether there is any."""
            if since >= end or (until is not None and until <= max(since, start)):
                return False
            edges.extend((max(since - start, 0), True, level) for level in levels)
            if until is not None and until < end:
                edges.extend((until - start, False, level) for level in levels)
            return True

        people: Iterable[PersonRow] = (*self._people, *ledger.open_people())
        for person, state, cause, waiting, since, until in people:
            if state == PRIVILEGED:
                cut(since, until, exposure.people[PRIVILEGED])
            elif state == ORPHANED and cause is not None and waiting is not None:
                levels = (exposure.people[ORPHANED], exposure.cause_people[cause], exposure.waiting[waiting])
                if cut(since, until, *levels):
                    persons[cause].add(person)
        for _, grant, _, cause, since, until in (*self._grants, *(row for row, _ in ledger.open_orphans())):
            if cause is not None:
                levels = (exposure.grants[ORPHANED], exposure.cause_grants[cause], exposure.orphaned_grants[grant])
                cut(since, until, *levels)
        for at, begins, level in sorted(edges, key=lambda edge: edge[0]):
            (level.begin if begins else level.end)(at)
        active = self._mark(number + 1).active_ms - self._mark(number).active_ms
        usable = None if doors is None else doors.usable
        return orphaned_figures(
            exposure, end - start, active, persons, self._world.services.instance, usable, begin=start
        )
