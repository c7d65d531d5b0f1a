"""Synchronization jobs as resources: their shape, their template, and jobs that were created but are not run here.

Invariant: nothing here provisions anything. What a running job has done comes in as numbers.
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationjob
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from mockservices.clock import Clock, Millis
from mockservices.graph.errors import not_implemented
from mockservices.ports import Connection, Notification, ProvisioningRecord, SchemaControl

TEMPLATE_ID = "aWSSingleSignon"
"""Template id, factory tag and prefix of job ids of the gallery application.
https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""

RULE_ID = "03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8"
"""The gallery application's one rule, for users and groups; the same in every tenant. Same source."""

TEMPLATE_SCHEMA_ID = f"{TEMPLATE_ID}.{'0' * 32}"
SOURCE_DIRECTORY, TARGET_DIRECTORY = "Azure Active Directory", "AWSSingleSignon"
"""The two directories of the schema, by name. Same source."""

UNSET = "0001-01-01T00:00:00Z"
INTERVAL = Millis(2_400_000)
"""What a new job of this template has; it cannot be changed."""

DISABLED, ACTIVE, PAUSED, QUARANTINE = "Disabled", "Active", "Paused", "Quarantine"
NOT_RUN = "NotRun"
TROUBLESHOOTING = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status"
)

PORTAL_RESET = frozenset({"QuarantineState", "Watermark", "Escrows"})
"""What the portal's button resets, and a restart that names nothing."""
FULL_RESET = PORTAL_RESET | {"ConnectorDataStore"}
RESETS = FULL_RESET | {"ForceDeletes"}
"""``Full`` stands for :data:`FULL_RESET`, ``None`` for nothing but a start.
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationjobrestartcriteria"""


def resets(scopes: Iterable[str]) -> frozenset[str]:
    """The single scopes that the named ones stand for."""
    named = frozenset(scopes)
    return (named | FULL_RESET if "Full" in named else named) & RESETS


def job_id(tenant_id: str, app_id: str) -> str:
    """``<templateId>.<tenant id without dashes>.<guid>``, the guid being the application's id."""
    return f"{TEMPLATE_ID}.{tenant_id.replace('-', '')}.{app_id}"


@dataclass(frozen=True, slots=True)
class Execution:
    """One cycle in numbers.
    https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationtaskexecution"""

    id: str
    began: Millis
    ended: Millis
    imported: int
    deltas: int
    references: int
    entitled: int
    exported: int
    failed: int
    escrowed: int
    error: tuple[str, str] | None = None
    """(code, message) of what stopped the whole cycle."""


@dataclass(frozen=True, slots=True)
class QuarantineFigures:
    """A job's quarantine.
    https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationquarantine"""

    reason: str
    series_began: Millis
    current_began: Millis
    next_attempt: Millis
    series_count: int
    code: str
    message: str
    tenant_actionable: bool = True


@dataclass(frozen=True, slots=True)
class JobFigures:
    """What there is to know about a job."""

    id: str
    interval: Millis = INTERVAL
    schedule: str = DISABLED
    last: Execution | None = None
    last_successful: Execution | None = None
    last_with_exports: Execution | None = None
    steady_first: Millis | None = None
    steady_last: Millis | None = None
    users: int = 0
    """Users that have been linked; the count only grows."""
    groups: int = 0
    progress: tuple[int, int] | None = None
    """Objects done and objects in all, while a cycle runs."""
    quarantine: QuarantineFigures | None = None
    successive_failures: int = 0
    """Cycles in a row that were stopped altogether."""
    escrows_pruned: bool = False
    """Whether an initial cycle met so many failures that they were forgotten."""
    deletion_threshold: int | None = None
    """How many users and groups one cycle may disable or delete, where that is limited."""


def job_resource(job: JobFigures, clock: Clock) -> dict[str, Any]:
    """The ``synchronizationJob`` resource, as Graph shows it after its creation and later."""
    counts = {
        "User to urn:ietf:params:scim:schemas:core:2.0:User": job.users,
        "Group to urn:ietf:params:scim:schemas:core:2.0:Group": job.groups,
    }
    not_run = job.schedule == ACTIVE and job.last is None and not any(counts.values())
    return {
        "id": job.id,
        "templateId": TEMPLATE_ID,
        "schedule": {"expiration": None, "interval": iso_duration(job.interval), "state": job.schedule},
        "status": {
            "countSuccessiveCompleteFailures": job.successive_failures,
            "escrowsPruned": job.escrows_pruned,
            "code": NOT_RUN if not_run and job.quarantine is None else _code(job),
            "lastExecution": _never() if not_run else _execution(job.last, clock),
            "lastSuccessfulExecution": _execution(job.last_successful, clock),
            "lastSuccessfulExecutionWithExports": _execution(job.last_with_exports, clock),
            "quarantine": None if job.quarantine is None else _quarantine(job.quarantine, clock),
            "steadyStateFirstAchievedTime": UNSET if job.steady_first is None else clock.iso(job.steady_first),
            "steadyStateLastAchievedTime": UNSET if job.steady_last is None else clock.iso(job.steady_last),
            "troubleshootingUrl": None if job.quarantine is None else TROUBLESHOOTING,
            "progress": [] if job.progress is None else [_progress(*job.progress, clock)],
            "synchronizedEntryCountByType": [{"key": key, "value": value} for key, value in counts.items() if value],
        },
        "synchronizationJobSettings": [{"name": name, "value": value} for name, value in _settings(job).items()],
    }


def _code(job: JobFigures) -> str:
    if job.quarantine is not None and job.schedule != PAUSED:
        return QUARANTINE
    return ACTIVE if job.schedule == ACTIVE else PAUSED


def _settings(job: JobFigures) -> dict[str, str]:
    settings = {"AzureIngestionAttributeOptimization": "False"}
    if job.deletion_threshold is not None:
        settings["QuarantineTooManyDeletesThreshold"] = str(job.deletion_threshold)
    return settings


def _quarantine(found: QuarantineFigures, clock: Clock) -> dict[str, Any]:
    return {
        "reason": found.reason,
        "seriesBegan": clock.iso(found.series_began),
        "currentBegan": clock.iso(found.current_began),
        "nextAttempt": clock.iso(found.next_attempt),
        "seriesCount": found.series_count,
        "error": _error(found.code, found.message, actionable=found.tenant_actionable),
    }


def _error(code: str, message: str, *, actionable: bool) -> dict[str, Any]:
    return {"code": code, "message": message, "tenantActionable": actionable}


_COUNTS = (
    "countEntitled",
    "countEntitledForProvisioning",
    "countEscrowed",
    "countEscrowedRaw",
    "countExported",
    "countExports",
    "countImported",
    "countImportedDeltas",
    "countImportedReferenceDeltas",
)


def _never() -> dict[str, Any]:
    """The last execution of a job that was started and has had no cycle yet.
    https://learn.microsoft.com/entra/identity/multi-tenant-organizations/cross-tenant-synchronization-configure-graph
    """
    return {
        "activityIdentifier": None,
        **dict.fromkeys(_COUNTS, 0),
        "state": "Failed",
        "timeBegan": UNSET,
        "timeEnded": UNSET,
        "error": {"code": "None", "message": "", "tenantActionable": False},
    }


def _execution(done: Execution | None, clock: Clock) -> dict[str, Any] | None:
    if done is None:
        return None
    return {
        "activityIdentifier": done.id,
        "countEntitled": done.entitled,
        "countEntitledForProvisioning": done.entitled,
        "countEscrowed": done.escrowed,
        "countEscrowedRaw": done.escrowed,
        "countExported": done.exported,
        "countExports": done.exported + done.failed,
        "countImported": done.imported,
        "countImportedDeltas": done.deltas,
        "countImportedReferenceDeltas": done.references,
        "state": "Failed" if done.error is not None else "EntryLevelErrors" if done.failed else "Succeeded",
        "timeBegan": clock.iso(done.began),
        "timeEnded": clock.iso(done.ended),
        "error": None if done.error is None else _error(*done.error, actionable=True),
    }


def _progress(done: int, total: int, clock: Clock) -> dict[str, Any]:
    """How far a cycle is, in pages and not in objects: in a small company the bar stands at the beginning to the end.
    https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-when-will-provisioning-finish-specific-user
    """
    return {
        "completedUnits": min(done, total) // PAGE,
        "totalUnits": -(-total // PAGE),
        "units": "Pages",
        "progressObservationDateTime": clock.iso(clock.now),
    }


PAGE = 100
"""Objects on a page of Graph that is asked for without ``$top``.
https://learn.microsoft.com/graph/api/directory-deleteditems-list"""


def iso_duration(ms: int) -> str:
    """``PT40M``: the shortest ISO 8601 form of a whole number of seconds."""
    hours, rest = divmod(ms // 1000, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if n)
    return f"PT{parts or '0S'}"


class CreatedJob:
    """A job of an application whose provisioning this world does not run; implements ``ports.JobControl``."""

    def __init__(self, identifier: str, clock: Clock) -> None:
        self._id = identifier
        self._clock = clock

    @property
    def id(self) -> str:
        """See :class:`mockservices.ports.JobControl`."""
        return self._id

    def validate_credentials(self, base_address: str, token_hash: str) -> str | None:
        """501."""
        self._not_run()

    def provision_on_demand(self, object_id: str, object_type: str, members: Sequence[str] = ()) -> Mapping[str, Any]:
        """501."""
        self._not_run()

    def connection(self, object_id: str) -> Connection | None:
        """It has linked nothing."""
        return None

    def drop_connection(self, object_id: str) -> None:
        """There is nothing to drop."""

    def start(self) -> None:
        """501."""
        self._not_run()

    def pause(self) -> None:
        """It does not run anyway."""

    def restart(self, scopes: frozenset[str]) -> None:
        """501."""
        self._not_run()

    def notifications(self) -> Sequence[Notification]:
        """There is nothing to tell."""
        return ()

    def records(
        self, *, newest_first: bool = True, beyond: int | None = None, brief: bool = False
    ) -> Iterator[ProvisioningRecord]:
        """It has done nothing."""
        return iter(())

    @property
    def schema(self) -> SchemaControl | None:
        """None: its rules are those of the template."""
        return None

    def resource(self) -> Mapping[str, Any]:
        """As it was created."""
        return job_resource(JobFigures(self._id), self._clock)

    def _not_run(self) -> NoReturn:
        raise not_implemented(
            "This service runs one synchronization job, that of the application which is in the tenant from the "
            f"start. The job '{self._id}' can be configured, but not run."
        )


def template(context: str) -> dict[str, Any]:
    """The gallery application's ``synchronizationTemplate``: its rule and what it maps, not every attribute.

    ``context``: the schema's ``@odata.context``.
    https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api
    """
    metadata = {
        "galleryApplicationIdentifier": "21ed01d2-ec13-4e9e-86c1-cd546719ebc4",
        "galleryApplicationKey": "awssinglesignon",
        "configurationFields": '[{"name":"baseaddress"},{"name":"secrettoken","secret":true}]',
    }
    rule = rule_resource([_mapping("Users", "User"), _mapping("Groups", "Group")])
    return {
        "id": TEMPLATE_ID,
        "applicationId": metadata["galleryApplicationIdentifier"],
        "default": True,
        "description": None,
        "discoverable": True,
        "factoryTag": TEMPLATE_ID,
        "metadata": [{"key": key, "value": value} for key, value in metadata.items()],
        "schema@odata.context": context,
        "schema": {"id": TEMPLATE_SCHEMA_ID, "version": "6.0", "synchronizationRules": [rule]},
    }


def rule_resource(object_mappings: list[dict[str, Any]]) -> dict[str, Any]:
    """The one ``synchronizationRule``, for users and groups.
    https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""
    return {
        "editable": True,
        "id": RULE_ID,
        "name": "USERGROUP_OUTBOUND_USERGROUP",
        "priority": 1,
        "sourceDirectoryName": SOURCE_DIRECTORY,
        "targetDirectoryName": TARGET_DIRECTORY,
        "metadata": [{"key": "supportsProvisionOnDemand", "value": "true"}],
        "objectMappings": object_mappings,
    }


def _mapping(plural: str, kind: str) -> dict[str, Any]:
    return {
        "enabled": True,
        "flowTypes": "Add,Update,Delete",
        "name": f"Provision Azure Active Directory {plural}",
        "scope": None,
        "sourceObjectName": kind,
        "targetObjectName": f"urn:ietf:params:scim:schemas:core:2.0:{kind}",
    }
