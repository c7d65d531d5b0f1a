"""The job as Graph's synchronization resources see and control it.

Invariant: called on the world thread only; what it changes, it changes through the driver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockservices.clock import Millis
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
from mockservices.graph.provisioning_log import on_demand_steps, summary
from mockservices.ids import IdSpace
from mockservices.ports import Notification, ProvisioningRecord
from mockservices.scim.credentials import token_with
from mockservices.services import Services
from sim.ports import Target
from sim.provisioning.driver import Driver
from sim.provisioning.executions import Execution
from sim.provisioning.log import LogRow
from sim.provisioning.quarantine import Quarantine
from sim.provisioning.schema_control import JobSchema

_NO_TOKEN = "none"  # what is sent in place of a token of which only a foreign fingerprint is known


class Control:
    """Implements :class:`mockservices.ports.JobControl`."""

    def __init__(
        self, services: Services, driver: Driver, target: Target, seed: int, switched: Callable[[bool], None]
    ) -> None:
        self._services = services
        self._driver = driver
        self._target = target
        self._switched = switched
        self._probes = 0
        self._probe_ids = IdSpace(seed, "job.probe")
        self._cycle_ids = IdSpace(seed, "job.cycle")
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

    def provision_on_demand(self, object_id: str, object_type: str) -> Mapping[str, Any]:
        """Provision one user now; what was done, in the words of the provisioning log."""
        job = self._driver.job
        before = job.tally
        done = self._driver.at_once(job.on_demand(object_id))
        record = next(self.records())
        told = summary(self._services, record)
        clock = self._services.clock
        code = record.reason or "Success"
        name = str(told["sourceIdentity"]["displayName"])
        return {
            "action": record.action,
            "changeId": record.change_id,
            "startTime": clock.iso(record.at),
            "endTime": clock.iso(clock.now),
            "jobId": self._id,
            "sourceIdentity": told["sourceIdentity"],
            "sourceSystem": told["sourceSystem"],
            "targetIdentity": told["targetIdentity"],
            "targetSystem": told["targetSystem"],
            "reportableIdentifier": name,
            "modifiedProperties": told["modifiedProperties"],
            "provisioningSteps": on_demand_steps(record, name, self._services.application.display_name),
            "statusInfo": {"status": record.status, "errorCode": None if done and job.tally is before else code},
        }

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
            None if initial is None else initial.end,
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

    def records(self, *, newest_first: bool = True, beyond: int | None = None) -> Iterator[ProvisioningRecord]:
        """See :class:`mockservices.ports.JobControl`."""
        log = self._driver.job.log
        first, end = log.first, log.first + len(log.rows)
        if newest_first:
            numbers = range((end if beyond is None else min(beyond, end)) - 1, first - 1, -1)
        else:
            numbers = range(first if beyond is None else max(beyond + 1, first), end)
        for number in numbers:
            yield self._record(number, log.rows[number - first])

    def _record(self, number: int, row: LogRow) -> ProvisioningRecord:
        return ProvisioningRecord(
            number=number,
            id=self._row_ids.of(number),
            cycle_id=self._cycle_ids.of(row.cycle),
            change_id=self._change_ids.of(number),
            at=row.at,
            lasted=Millis(row.requests * self._driver.pace.request_time),
            kind=row.kind,
            source_id=row.source_id,
            target_id=row.target_id,
            action=row.action,
            status=row.status,
            reason=row.reason,
            requests=row.requests,
        )


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
