"""The job as Graph's synchronization resources see and control it.

Invariant: called on the world thread only; what it changes, it changes through the driver.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockservices.ids import IdSpace
from mockservices.services import Services
from sim.ports import Target
from sim.provisioning.driver import Driver

TEMPLATE = "aWSSingleSignon"
"""Template id, factory tag and prefix of job ids of the gallery application.
https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""


def iso_duration(ms: int) -> str:
    """``PT40M``: the shortest ISO 8601 form of a whole number of seconds."""
    hours, rest = divmod(ms // 1000, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    return f"PT{parts or '0S'}"


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
        tenant = services.directory.tenant_id.replace("-", "")
        self._id = f"{TEMPLATE}.{tenant}.{services.application.app_id}"

    @property
    def id(self) -> str:
        """See :class:`mockservices.ports.JobControl`."""
        return self._id

    def validate_credentials(self, base_address: str, secret_token: str) -> str | None:
        """Look a random userName up, as the portal's Test Connection does."""
        self._probes += 1
        return self._target.check(base_address, secret_token, self._probe_ids.of(self._probes))

    def provision_on_demand(self, object_id: str, object_type: str) -> Mapping[str, Any]:
        """Provision one user now; what was done, in the words of the provisioning log."""
        job = self._driver.job
        before = job.tally
        done = self._driver.at_once(job.on_demand(object_id))
        row = next(job.log.latest(1))
        clock = self._services.clock
        code = row.reason or "Success"
        return {
            "action": row.action,
            "changeId": f"{row.cycle}-{row.source_id}",
            "startTime": clock.iso(row.at),
            "endTime": clock.iso(clock.now),
            "jobId": self._id,
            "sourceIdentity": {"id": row.source_id, "identityType": object_type},
            "targetIdentity": {"id": row.target_id, "identityType": "urn:ietf:params:scim:schemas:core:2.0:User"},
            "modifiedProperties": [],
            "provisioningSteps": [],
            "statusInfo": {"status": row.status, "errorCode": None if done and job.tally is before else code},
        }

    def start(self) -> None:
        """See :class:`mockservices.ports.JobControl`."""
        self._driver.start()
        self._switched(True)

    def pause(self) -> None:
        """See :class:`mockservices.ports.JobControl`."""
        self._driver.pause()
        self._switched(False)

    def restart(self) -> None:
        """See :class:`mockservices.ports.JobControl`."""
        self._driver.restart()
        self._switched(self._driver.active)

    def resource(self) -> Mapping[str, Any]:
        """The ``synchronizationJob`` resource."""
        active = self._driver.active
        initial = self._driver.sums.initial
        tally = self._driver.sums.tally
        return {
            "id": self._id,
            "templateId": TEMPLATE,
            "schedule": {
                "expiration": None,
                "interval": iso_duration(self._driver.pace.interval),
                "state": "Active" if active else "Paused",
            },
            "status": {
                "code": "Active" if active else "Paused",
                "countSuccessiveCompleteFailures": 0,
                "escrowsPruned": False,
                "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z"
                if initial is None
                else self._services.clock.iso(initial.end),
                "synchronizedEntryCountByType": [
                    {"key": "User to urn:ietf:params:scim:schemas:core:2.0:User", "value": tally.users_created},
                    {"key": "Group to urn:ietf:params:scim:schemas:core:2.0:Group", "value": tally.groups_created},
                ],
                "quarantine": None,
            },
            "synchronizationJobSettings": [{"name": "AzureIngestionAttributeOptimization", "value": "False"}],
        }
