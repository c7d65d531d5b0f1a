"""The job as Graph's synchronization resources see and control it.

Invariant: called on the world thread only; what it changes, it changes through the driver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockservices.clock import Millis
from mockservices.graph.errors import active_job
from mockservices.graph.jobs import (
    ACTIVE,
    DISABLED,
    PAUSED,
    PORTAL_RESET,
    JobFigures,
    QuarantineFigures,
    job_id,
    job_resource,
)
from mockservices.graph.jobs import Execution as Shown
from mockservices.graph.limits import CallLimit
from mockservices.ids import IdSpace
from mockservices.ports import Connection, Notification, ProvisioningRecord
from mockservices.scim.credentials import token_with
from mockservices.services import Services
from sim.ports import GROUP, USER, Target
from sim.provisioning.driver import Driver
from sim.provisioning.executions import Execution
from sim.provisioning.log import LogRow
from sim.provisioning.quarantine import Quarantine
from sim.provisioning.records import held_texts, imported, matching, memberships, modified
from sim.provisioning.reply import refused, reply
from sim.provisioning.schema_control import JobSchema

CALLS, WINDOW = 5, Millis(10_000)
"""How often can be provisioned on demand.
https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-provisionondemand"""
_NO_TOKEN = "none"  # what is sent in place of a token of which only a foreign fingerprint is known


class Control:
    """Implements :class:`mockservices.ports.JobControl`."""

    def __init__(
        self,
        services: Services,
        driver: Driver,
        target: Target,
        seed: int,
        switched: Callable[[bool], None],
        limit: CallLimit | None = None,
    ) -> None:
        self._services = services
        self._driver = driver
        self._target = target
        self._switched = switched
        self._limit = limit or CallLimit(services.clock, CALLS, WINDOW)
        self._probes = 0
        self._probe_ids = IdSpace(seed, "job.probe")
        self._cycle_ids = IdSpace(seed, "job.cycle")
        self._demand_ids = IdSpace(seed, "job.demand")
        self._change_ids = IdSpace(seed, "job.change")
        self._row_ids = IdSpace(seed, "job.log")
        self._id = job_id(services.directory.tenant_id, services.application.app_id)
        self.schema = JobSchema(driver, self._id)

    @property
    def id(self) -> str:
        """See :class:`mockservices.ports.JobControl`."""
        return self._id

    def validate_credentials(self, base_address: str, token_hash: str) -> str | None:
        """Look a random userName up, as the portal's Test Connection does."""
        self._probes += 1
        token = token_with(self._services, token_hash)
        return self._target.check(base_address, token or _NO_TOKEN, self._probe_ids.of(self._probes))

    def provision_on_demand(self, object_id: str, object_type: str, members: Sequence[str] = ()) -> Mapping[str, Any]:
        """Provision one user, or a group with some of its members, now; in the words of the provisioning log.

        429 when it has been asked for too often.
        """
        self._limit.take()
        problem = self._driver.configuration.problem()
        if problem is not None:
            return refused(self._services, object_id, object_type, problem.code, problem.message)
        demand, log = self._driver.job.demand, self._driver.job.log
        first = log.first + len(log.rows)
        group = object_type == GROUP
        self._driver.at_once(demand.group(object_id, members) if group else demand.user(object_id))
        rows, redacted = range(first, log.first + len(log.rows)), self._driver.job.settings.redacted
        records = [self._record(row, log.rows[row - log.first], redacted) for row in rows]
        return reply(self._services, object_id, records)

    # --- links -------------------------------------------------------------------------------------------

    def connection(self, object_id: str) -> Connection | None:
        """See :class:`mockservices.ports.JobControl`."""
        state = self._driver.job.state
        for kind, links in ((USER, state.users), (GROUP, state.groups)):
            target = links.get(object_id)
            if target is not None:
                return Connection(object_id, target, kind)
        for kind, links in ((USER, state.users), (GROUP, state.groups)):
            source = links.source(object_id)
            if source is not None:
                return Connection(source, object_id, kind)
        return None

    def drop_connection(self, object_id: str) -> None:
        """See :class:`mockservices.ports.JobControl`."""
        if self._driver.active:
            raise active_job(self._id)
        found, state = self.connection(object_id), self._driver.job.state
        if found is not None:
            (state.users if found.kind == USER else state.groups).drop(found.source_id)
            state.released.pop(found.source_id, None)

    def start(self) -> None:
        """See :class:`mockservices.ports.JobControl`."""
        self._driver.start()
        self._switched(True)

    def pause(self) -> None:
        """See :class:`mockservices.ports.JobControl`."""
        self._driver.pause()
        self._switched(False)

    def restart(self, scopes: frozenset[str] = PORTAL_RESET) -> None:
        """See :class:`mockservices.ports.JobControl`."""
        self._driver.restart(scopes)
        self._switched(self._driver.active)

    def notifications(self) -> Sequence[Notification]:
        """See :class:`mockservices.ports.JobControl`."""
        return tuple(self._driver.notifications)

    # --- what it has done --------------------------------------------------------------------------------

    def resource(self) -> Mapping[str, Any]:
        """The ``synchronizationJob`` resource."""
        driver = self._driver
        initial, running, links = driver.sums.initial, driver.running, driver.job.state
        done = driver.executions
        paused = PAUSED if driver.sums.cycles and not driver.disabled else DISABLED
        threshold = driver.configuration.deletion_threshold()
        figures = JobFigures(
            self._id,
            driver.pace.interval,
            ACTIVE if driver.active else paused,
            self._shown(done.last),
            self._shown(done.last_successful),
            self._shown(done.last_with_exports),
            # where the job has run before the start, a restart makes its first initial cycle a later one
            min((each.end for each in (initial, done.first_successful) if each is not None), default=None),
            None if done.last_successful is None else done.last_successful.end,
            links.users.total,
            links.groups.total,
            (running.tally.objects, running.total) if running.active else None,
            quarantine=_quarantine(driver.ward.current),
            successive_failures=driver.successive_failures,
            escrows_pruned=driver.escrows_pruned,
            deletion_threshold=None if threshold is None else threshold.count,
        )
        return job_resource(figures, self._services.clock)

    def _shown(self, done: Execution | None) -> Shown | None:
        if done is None:
            return None
        return Shown(
            id=self._cycle_ids.of(done.number),
            began=done.start,
            ended=done.end,
            imported=done.imported,
            deltas=0 if done.initial else done.imported,
            references=0 if done.initial else done.references,
            entitled=done.entitled,
            exported=done.exported,
            failed=done.tally.errors,
            escrowed=done.escrowed,
            error=done.error,
        )

    def records(
        self, *, newest_first: bool = True, beyond: int | None = None, brief: bool = False
    ) -> Iterator[ProvisioningRecord]:
        """See :class:`mockservices.ports.JobControl`."""
        log, redacted = self._driver.job.log, self._driver.job.settings.redacted
        first, end = log.first, log.first + len(log.rows)
        if newest_first:
            numbers = range((end if beyond is None else min(beyond, end)) - 1, first - 1, -1)
        else:
            numbers = range(first if beyond is None else max(beyond + 1, first), end)
        for number in numbers:
            row = log.rows[number - first]
            yield self._brief(number, row) if brief else self._record(number, row, redacted)

    def _record(self, number: int, row: LogRow, redacted: frozenset[str]) -> ProvisioningRecord:
        said, job = row.answer, self._driver.job
        return replace(
            self._brief(number, row),
            imported=imported(row),
            matching=matching(row),
            held=held_texts(row, redacted),
            written=row.written is not None,
            modified=modified(row, redacted),
            members=memberships(row, job.state.users.source),
            http=None if said is None or (row.looked is None and row.written is None) else said.status,
            detail="" if said is None else said.detail,
            tries=row.tries,
            retry_at=self._tried_again(row),
            scope=row.scope,
        )

    def _brief(self, number: int, row: LogRow) -> ProvisioningRecord:
        on_demand = row.cycle < 0
        return ProvisioningRecord(
            number=number,
            id=self._row_ids.of(number),
            cycle_id=self._demand_ids.of(-row.cycle) if on_demand else self._cycle_ids.of(row.cycle),
            change_id=self._change_ids.of(row.change),
            at=row.at,
            lasted=Millis(row.requests * self._driver.pace.request_time + row.lasted),
            kind=row.kind,
            source_id=row.source_id,
            target_id=row.target_id,
            action=row.action,
            status=row.status,
            reason=row.reason,
            requests=row.requests,
            demand=on_demand,
        )

    def _tried_again(self, row: LogRow) -> Millis | None:
        """The cycle that tries an object again: what is due at once waits for the next gate."""
        return None if row.retry_at is None else Millis(self._driver.gate_after(max(row.at, row.retry_at - 1)))


def _quarantine(found: Quarantine | None) -> QuarantineFigures | None:
    if found is None:
        return None
    return QuarantineFigures(
        found.reason,
        found.series_began,
        found.current_began,
        found.next_attempt,
        found.series_count,
        found.code,
        found.message,
    )
