"""Connects a world with its journal: every fact on its way to a table, a commit at every cycle's end.

Invariant: listens and changes nothing; a run with a journal and one without have the same trace.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from mockservices.ports import Notification
from mockservices.scim.provider import CONSOLE
from sim.commands import Command
from sim.observation.events import EventRow
from sim.observation.headcount import EmploymentRow
from sim.observation.journal.events import own_file
from sim.observation.journal.schema import TALLY
from sim.observation.journal.writer import MANY, Journal
from sim.observation.listeners import both
from sim.observation.reach.reach import Picture
from sim.observation.summary.services import divergence_block
from sim.provisioning.driver import CycleRow
from sim.provisioning.job import Tally
from sim.provisioning.log import LogRow
from sim.provisioning.records import journal_row
from sim.provisioning.ticketing.ticket import OPEN, TicketRow
from sim.scenario import canonical_text
from sim.versions import versions

if TYPE_CHECKING:
    from sim.world import Transport, World

INITIAL, INCREMENTAL, IDLE, FAILED = "initial", "incremental", "idle", "failed"
FEW: Final = 1_000
"""So many rows wait at most where tickets and no cycles are between commits."""
_NO_TALLY: Final = (0,) * len(TALLY)


def attach(world: World, journal: Journal, *, transport: Transport = "direct") -> Recorder:
    """Keep a world's run in a journal from its beginning; to be called before anything happens in it."""
    if world.services.trace.handed:
        raise ValueError("a journal is attached before the world runs, or its changes would lack the first")
    return Recorder(world, journal, transport)


class Recorder:
    """One world's way into one journal."""

    def __init__(self, world: World, journal: Journal, transport: Transport) -> None:
        self.world = world
        self.journal = journal
        self._people: set[int] = set()
        self._grants: set[int] = set()
        provider = world.services.provider
        self._users_seen = 0 if provider.base_origin == CONSOLE else provider.base_size
        self._tickets_seen = 0
        self._refusals_seen = 0
        self._acts_seen = 0
        self._employed: EmploymentRow | None = None  # the latest beginning or end, until it is known whose event it is
        self._note_beginning(transport)
        parts, rows = world.parts, journal.rows
        ledger, driver = parts.ledger, world.driver
        exposure, latencies = ledger.exposure, ledger.events.latencies
        self._before = (exposure.person_sink, exposure.grant_sink, latencies.sink, driver.demand_sink)
        exposure.person_sink = both(exposure.person_sink, rows["person_intervals"].append)
        exposure.grant_sink = both(exposure.grant_sink, rows["grant_intervals"].append)
        latencies.sink = both(latencies.sink, rows["latencies"].append)
        latencies.outcome_sink = rows["outcomes"].append
        latencies.overtaken_sink = rows["overtaken"].append
        ledger.events.sink = self._event
        ledger.events.directory_sink = lambda event, at: journal.reported.append((at, event))
        ledger.headcount.sink = self._headcount
        parts.stale.sink = rows["stale"].append
        parts.requested.sink = both(parts.requested.sink, rows["access_requests"].append)
        if ledger.toxic is not None:
            ledger.toxic.sink = rows["toxic"].append
        world.services.faults.sink = rows["faults"].append
        driver.idle_sink = self._idle
        self._tickets_before = None if world.carried.desk is None else world.carried.desk.listener
        if world.carried.desk is not None:
            world.carried.desk.listener = both(world.carried.desk.listener, self._ticket)
        driver.demand_sink = both(
            driver.demand_sink, lambda at, tally: rows["on_demand"].append((at, *_figures(tally)))
        )
        driver.ward.sink = rows["quarantines"].append
        driver.notification_sink = self._notification
        world.log.sink = self._log
        world.services.trace.sink = self._changes
        world.command_sink = self._command
        world.cycle_sink = self._cycle
        self.commit()

    def _note_beginning(self, transport: Transport) -> None:
        world = self.world
        start, headcount = world.parts.start, world.parts.ledger.headcount
        self.journal.note(
            {
                "scenario": canonical_text(world.scenario),
                "name": world.scenario.scenario,
                "start": world.scenario.start.isoformat(),
                "seed": world.seed,
                "replication": world.replication,
                "transport": transport,
                **{f"version.{name}": version for name, version in versions().items()},
                "population.sha256": start.people.digest() if start is not None else "",
                "population.size": start.size if start is not None else 0,
                "population.employees": headcount.employees,
                "population.contractors": headcount.contractors.now,
                "population.in_target": world.services.provider.base_size,
            }
        )

        listing, everybody = world.scenario.listing, world.parts.everybody
        if listing is not None and everybody is not None:
            self.journal.rows["own_data"].append(own_file(everybody, world.scenario.start, listing.sha256))

    # --- what comes in -----------------------------------------------------------------------------------

    def _changes(self, lines: Sequence[str]) -> None:
        rows = self.journal.rows["changes"]
        rows.extend([line[:-1].split("\t", 5) for line in lines])
        if len(rows) > MANY:
            self._describe()
            self.journal.write()
            if not self.world.driver.running.active:
                self.journal.commit()

    def _log(self, rows: Sequence[LogRow]) -> None:
        redacted = self.world.driver.job.settings.redacted
        self.journal.rows["log"].extend([journal_row(row, redacted) for row in rows])

    def _event(self, row: EventRow) -> None:
        department: str | None = None
        employment: str | None = None
        headcount, change = self._employed, 0
        if headcount is not None and headcount[0] == row[2] and headcount[2] == row[3]:
            _, employment, _, change = headcount
            self._employed = None
        try:
            facts = self.world.parts.register.facts(row[2])
            department, employment = facts.department, employment or facts.employment
        except KeyError:  # somebody whom only the directory knows
            employment = employment or self.world.parts.ledger.headcount.employment(row[2])
        self.journal.rows["events"].append((*row, department, employment, change))

    def _headcount(self, row: EmploymentRow) -> None:
        self._settle_headcount()
        self._employed = row

    def _settle_headcount(self) -> None:
        if self._employed is not None:
            self.journal.rows["employment"].append(self._employed)
            self._employed = None

    def _notification(self, mail: Notification) -> None:
        row = (mail.at, mail.kind, mail.sender, mail.to, mail.subject, mail.text)
        self.journal.rows["notifications"].append(row)

    def _ticket(self, row: TicketRow) -> None:
        """Where no cycle ever ends, tickets say when it is time to commit."""
        if row[5] != OPEN and self.journal.waiting + len(self.world.timeline.console.acts) - self._acts_seen > FEW:
            self.commit()

    def _idle(self, number: int, at: int, before: int, after: int) -> None:
        self.journal.rows["cycles"].append((number, IDLE, at, at, before, after, *_NO_TALLY))
        self._collect()
        if self.journal.waiting or len(self.journal.rows["cycles"]) > MANY:
            self.commit()

    def _cycle(self, row: CycleRow) -> None:
        self.journal.rows["cycles"].append(
            (
                row.number,
                FAILED if row.failed else INITIAL if row.initial else INCREMENTAL,
                row.start,
                row.end,
                row.divergence_before,
                row.divergence_after,
                *_figures(row.tally),
            )
        )
        self.commit()

    def _command(self, command: Command) -> None:
        """Durable before it is carried out; the rest only where that does not cut a cycle in two."""
        if not self.world.driver.running.active:
            self.commit()
        self.journal.commit_command(command)

    # --- on to the file ----------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Fetch what does not come by itself."""
        world, rows = self.world, self.journal.rows
        self._settle_headcount()
        world.services.trace.flush()
        world.log.flush()
        provider, refused = world.services.provider, world.timeline.refused
        for row in range(self._users_seen, provider.users_made):
            if row < provider.base_size:
                rows["console_users"].append((provider.user_id(row), 0))
                continue
            user = provider.peek(row)
            if user.origin == CONSOLE:
                rows["console_users"].append((user.id, user.created))
        self._users_seen = provider.users_made
        rows["refusals"].extend((r.at, r.action, r.reason) for r in refused[self._refusals_seen :])
        self._refusals_seen = len(refused)
        acts = world.timeline.console.acts
        rows["console_acts"].extend((act.at, act.action, act.kind) for act in acts[self._acts_seen :])
        self._acts_seen = len(acts)
        desk = world.carried.desk
        if desk is not None:
            rows["tickets"].extend(desk.closed[self._tickets_seen :])
            self._tickets_seen = len(desk.closed)

    def _describe(self) -> None:
        """Say who the people and what the grants are that appear for the first time."""
        world, rows = self.world, self.journal.rows
        people = {row[0] for row in rows["person_intervals"]}
        people.update(row[0] for row in rows["grant_intervals"])
        people.update(row[0] for row in rows["employment"])
        people.update(row[2] for row in rows["events"])
        people.update(row[2] for row in rows["latencies"])
        people.update(row[1] for row in rows["stale"])
        people.update(row[0] for row in rows["toxic"])
        people.update(row[0] for row in rows["residual_sessions"])
        people.update(row[1] for row in rows["access_requests"])
        people -= self._people
        register = world.parts.register
        rows["people"].extend((number, register.label(number)) for number in sorted(people))
        self._people |= people
        grants = {row[1] for row in rows["grant_intervals"]}
        grants.update(row[2] for row in rows["stale"])
        grants.update(row[3] for row in rows["residual_sessions"] if row[3] is not None)
        grants -= self._grants
        privileged = world.parts.ledger.privileged
        for grant in sorted(grants):
            account, permission_set = world.services.instance.grant_parts(grant)
            rows["grants"].append((grant, account.name, permission_set.name, int(grant in privileged)))
        self._grants |= grants

    def commit(self) -> None:
        """Make everything that has happened so far durable."""
        self._collect()
        self._describe()
        self.journal.commit()

    def finish(self) -> None:
        """Write down what is open, and how the run ended; the world may go on, this journal may not."""
        world, journal = self.world, self.journal
        rows, ledger, driver = journal.rows, world.parts.ledger, world.driver
        rows["person_intervals"].extend(ledger.open_people())
        for row, waiting in ledger.open_orphans():
            rows["grant_intervals"].append(row)
            usable = None if world.reach is None else int(world.reach.usable_now(row[0], row[1]))
            rows["open_orphans"].append((row[0], row[1], waiting, usable))
        rows["grant_intervals"].extend(ledger.open_grants())
        if ledger.toxic is not None:
            rows["toxic"].extend(ledger.toxic.open_rows())
        rows["latencies"].extend(ledger.open_latencies())
        if world.reach is not None:
            self._reach(world.reach.picture())
        running = driver.running
        if running.active:
            rows["cycles"].append(
                (
                    running.number,
                    INITIAL if running.initial else INCREMENTAL,
                    running.start,
                    None,
                    running.divergence_before,
                    None,
                    *_figures(running.tally),
                )
            )
        quarantine = driver.ward.open_row()
        if quarantine is not None:
            rows["quarantines"].append(quarantine)
        if world.carried.desk is not None:
            rows["tickets"].extend(ticket.row(OPEN) for ticket in world.carried.desk.open_tickets())
        rows["disabled"].extend((*row, self._usable(row[0])) for row in world.parts.stale.disabled_people())
        block = divergence_block(world)
        rows["divergence"].extend((block["by_kind"] or {}).items())
        rows["divergence"].append(("unmanaged", block["unmanaged"]))
        self._collect()
        self._describe()
        journal.write()
        labels = world.parts.register.labels
        journal.rename([(label, number) for number, label in labels.items() if number in self._people])
        journal.note(
            {
                "end_ms": world.now,
                "commands": len(world.commands),
                "trace_sha256": world.trace_sha256,
                "traffic_sha256": world.traffic_sha256,
            }
        )
        journal.commit()
        self._detach()
        journal.close()

    def _usable(self, person: int) -> int | None:
        """How many of a person's grants could be used now."""
        reach = self.world.reach
        if reach is None:
            return None
        return sum(reach.usable_now(person, grant) for grant in self.world.parts.ledger.person(person).effective)

    def _reach(self, picture: Picture) -> None:
        """Who could still get in; known in whole at the end."""
        rows, now = self.journal.rows, picture.at

        def known(until: int) -> int | None:
            return None if until > now else until

        rows["person_intervals"].extend(
            (r.person, r.state, r.cause, None, r.since, known(r.until)) for r in picture.usable
        )
        rows["residual_sessions"].extend((*row[:-1], known(row.until)) for row in picture.residual)
        rows["closings"].extend(picture.closings)

    def abandon(self) -> None:
        """End without an ending: what was committed stays, as after a kill."""
        self._detach()
        self.journal.close()

    def _detach(self) -> None:
        world = self.world
        ledger, driver = world.parts.ledger, world.driver
        exposure, latencies = ledger.exposure, ledger.events.latencies
        exposure.person_sink, exposure.grant_sink, latencies.sink, driver.demand_sink = self._before
        ledger.events.sink = ledger.events.directory_sink = None
        latencies.outcome_sink = latencies.overtaken_sink = None
        ledger.headcount.sink = world.parts.stale.sink = driver.idle_sink = None
        if world.carried.desk is not None:
            world.carried.desk.listener = self._tickets_before
        driver.ward.sink = driver.notification_sink = None
        world.services.faults.sink = None
        world.parts.requested.sink = None
        if ledger.toxic is not None:
            ledger.toxic.sink = None
        world.log.sink = world.services.trace.sink = world.command_sink = world.cycle_sink = None


def _figures(tally: Tally) -> list[int]:
    return [getattr(tally, name) for name in TALLY]
