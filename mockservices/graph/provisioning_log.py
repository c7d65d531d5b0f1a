"""Items of the provisioning log: what Graph tells about one row, its sentences made when it is read.

Invariant: names of identities are those of now, for the log keeps ids; an object that is gone has none. What was read
and what was to be changed is as it was then.
https://learn.microsoft.com/graph/api/resources/provisioningobjectsummary
"""

from __future__ import annotations

from mockservices.clock import Clock
from mockservices.errors import ServiceError
from mockservices.graph.directory import GONE
from mockservices.graph.jobs import SOURCE_DIRECTORY
from mockservices.graph.provisioning_steps import steps
from mockservices.graph.reasons import SCOPING, reason
from mockservices.graph.resources import Json
from mockservices.ports import ProvisioningRecord
from mockservices.services import Services

SCHEMAS = {
    "User": "urn:ietf:params:scim:schemas:core:2.0:User",
    "Group": "urn:ietf:params:scim:schemas:core:2.0:Group",
}

INITIATOR = "Azure AD Provisioning Service"


def facts(record: ProvisioningRecord, job_id: str, clock: Clock) -> Json:
    """What a filter can ask of a row, flat."""
    return {
        "id": record.id,
        "activityDateTime": clock.iso(record.at),
        "changeId": record.change_id,
        "cycleId": record.cycle_id,
        "durationInMilliseconds": record.lasted,
        "jobId": job_id,
        "provisioningAction": record.action,
        "provisioningStatusInfo/errorInformation/errorCode": error_code(record),
        "provisioningStatusInfo/status": record.status,
        "sourceIdentity/id": record.source_id,
        "sourceIdentity/identityType": record.kind,
        "targetIdentity/id": record.target_id,
        "targetIdentity/identityType": SCHEMAS[record.kind],
    }


def named_facts(services: Services, record: ProvisioningRecord) -> Json:
    """What a filter can ask besides, and what has to be looked up for that."""
    return {
        "sourceIdentity/displayName": _source(services, record)["displayName"],
        "targetIdentity/displayName": _target(services, record)["displayName"],
        "servicePrincipal/id": services.application.id,
        "servicePrincipal/displayName": services.application.display_name,
        "initiatedBy/displayName": INITIATOR,
        "sourceSystem/displayName": SOURCE_DIRECTORY,
        "targetSystem/displayName": services.application.display_name,
        "tenantId": services.directory.tenant_id,
    }


def summary(services: Services, record: ProvisioningRecord) -> Json:
    """The ``provisioningObjectSummary`` of a row."""
    application = services.application
    target_system = {
        "ApplicationId": application.app_id,
        "ServicePrincipalId": application.id,
        "ServicePrincipalDisplayName": application.display_name,
    }
    source, target = _source(services, record), _target(services, record)
    return {
        "id": record.id,
        "activityDateTime": services.clock.iso(record.at),
        "tenantId": services.directory.tenant_id,
        "jobId": "" if services.job is None else services.job.id,
        "cycleId": record.cycle_id,
        "changeId": record.change_id,
        "provisioningAction": record.action,
        "durationInMilliseconds": record.lasted,
        "initiatedBy": {"id": "", "displayName": INITIATOR, "initiatorType": "system"},
        "servicePrincipal": {"id": application.id, "displayName": application.display_name},
        "sourceSystem": {"id": services.directory.tenant_id, "displayName": SOURCE_DIRECTORY, "details": {}},
        "targetSystem": {"id": application.id, "displayName": application.display_name, "details": target_system},
        "sourceIdentity": source,
        "targetIdentity": target,
        "provisioningStatusInfo": {"status": record.status, "errorInformation": _error(record, services.clock)},
        "provisioningSteps": steps(record, str(source["displayName"]), application.display_name),
        "modifiedProperties": _modified(record),
    }


def _source(services: Services, record: ProvisioningRecord) -> Json:
    directory, held = services.directory, {}
    if record.kind == "User":
        row = directory.user_row(record.source_id)
        if row is not None and directory.state_of(row) != GONE:
            held = dict(directory.attributes_of(row))
        details = {"UserPrincipalName": held["userPrincipalName"]} if "userPrincipalName" in held else {}
    else:
        row = directory.group_row(record.source_id)
        if row is not None and directory.groups[row].state != GONE:
            held = dict(directory.groups[row].attributes)
        details = {}
    return {
        "id": record.source_id,
        "displayName": held.get("displayName") or "",
        "identityType": record.kind,
        "details": details,
    }


def _target(services: Services, record: ProvisioningRecord) -> Json:
    name, provider = "", services.provider
    if record.target_id:
        try:
            found = provider.find_user if record.kind == "User" else provider.find_group
            name = str(found(record.target_id).attributes.get("displayName") or "")
        except ServiceError:
            pass  # gone since
    return {"id": record.target_id, "displayName": name, "identityType": SCHEMAS[record.kind], "details": {}}


def error_code(record: ProvisioningRecord) -> str | None:
    """Entra's code, where something stands in the way: None for a success, and where nothing needed to be done."""
    if record.status in {"failure", "warning"} or record.action == "stagedDelete":
        return record.reason
    if record.status == "skipped" and reason(record.reason).stops == SCOPING:
        return "EntrySynchronizationSkipped"
    return "ImportSkipped" if record.reason == "ImportSkipped" else None


def _error(record: ProvisioningRecord, clock: Clock) -> Json | None:
    code = error_code(record)
    if code is None:
        return None
    why = reason(record.reason)
    return {
        "errorCode": code,
        "errorCategory": why.category,
        "reason": told_reason(record, clock),
        "additionalDetails": additional_details(record),
        "recommendedAction": why.next or None,
    }


def told_reason(record: ProvisioningRecord, clock: Clock) -> str:
    """What happened and why; for what is tried again the service's own sentence about when.
    https://learn.microsoft.com/en-us/answers/questions/1185756/how-to-fix-scim-provisioning-errors"""
    sentence = reason(record.reason).sentence
    if record.status != "failure" or record.retry_at is None:
        return sentence
    times = max(record.tries - 1, 0)
    when = clock.iso(record.retry_at)
    return f"{sentence} This operation was retried {times} times. It will be retried again after this date: {when} UTC"


def additional_details(record: ProvisioningRecord) -> str | None:
    """What the target itself said, or why nothing was sent to it."""
    if record.http is None:
        return record.detail or None
    if record.http == 0:
        return "The target gave no answer in time."
    said = f": {record.detail}" if record.detail else ""
    return f"The target answered with HTTP status {record.http}{said}"


def _modified(record: ProvisioningRecord) -> list[Json]:
    return [{"displayName": name, "oldValue": old, "newValue": new} for name, old, new in record.modified]
