"""Items of the provisioning log: what Graph tells about one row, its steps and sentences made when it is read.

Invariant: names are those of now, for the log keeps ids; an object that is gone has none. Nothing is invented:
values that the log does not keep (all but a switched ``active``) are not among the modified properties.
https://learn.microsoft.com/graph/api/resources/provisioningobjectsummary
"""

from __future__ import annotations

from typing import Any

from mockservices.clock import Clock
from mockservices.errors import ServiceError
from mockservices.graph.directory import GONE
from mockservices.graph.resources import Json
from mockservices.ports import ProvisioningRecord
from mockservices.services import Services

SCHEMAS = {
    "User": "urn:ietf:params:scim:schemas:core:2.0:User",
    "Group": "urn:ietf:params:scim:schemas:core:2.0:Group",
}
SOURCE = "Azure Active Directory"
_CHANGES = {"create": "Add", "update": "Update", "disable": "Update", "delete": "Delete", "other": "Update"}
_DONE = {"create": "created", "update": "updated", "disable": "disabled", "delete": "deleted"}
_DO = {"create": "create", "update": "update", "disable": "disable", "delete": "delete"}
_OUT_OF_SCOPE = {"NotEffectivelyEntitled", "NoLongerManaged"}
_BEFORE_EXPORT = {"DuplicateTargetEntries", "InvalidAnchor"}
_SERVICE_FAILURES = {"InternalServerError", "InternalError", "TooManyRequests"}
_REASONS = {
    "DuplicateTargetEntries": "More than one object in the target has the value of the matching attribute.",
    "EntryConflict": "The target already has an object with one of these values (HTTP status 409).",
    "InsufficientRights": "The target refused the request (HTTP status 403).",
    "InternalError": "The target gave an answer that was not expected.",
    "InternalServerError": "The target could not carry the request out (HTTP status 5xx).",
    "InvalidAnchor": "The object to which this one is linked is no longer in the target (HTTP status 404).",
    "InvalidRequest": "The target did not accept the request (HTTP status 400).",
    "NoLongerManaged": "It was disabled when it fell out of scope and has not been managed since.",
    "NotActiveInSource": "It is not active in the source system.",
    "NotEffectivelyEntitled": "It is not assigned to the application.",
    "NotProvisioned": "It is gone from the source system and was never provisioned.",
    "RedundantExport": "Source and target match already.",
    "SystemForCrossDomainIdentityManagementCredentialValidationFailure": "The target did not accept the credentials "
    "(HTTP status 401).",
    "TooManyRequests": "The target asked for fewer requests (HTTP status 429).",
    "UnprocessableEntity": "The target could not make sense of the request (HTTP status 422).",
}
"""Codes: https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""


def facts(record: ProvisioningRecord, job_id: str, clock: Clock) -> Json:
    """What a filter can ask of a row, flat."""
    return {
        "id": record.id,
        "activityDateTime": clock.iso(record.at),
        "changeId": record.change_id,
        "cycleId": record.cycle_id,
        "jobId": job_id,
        "provisioningAction": record.action,
        "provisioningStatusInfo/status": record.status,
        "sourceIdentity/id": record.source_id,
        "targetIdentity/id": record.target_id,
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
        "initiatedBy": {"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"},
        "servicePrincipal": {"id": application.id, "displayName": application.display_name},
        "sourceSystem": {"id": services.directory.tenant_id, "displayName": SOURCE, "details": {}},
        "targetSystem": {"id": application.id, "displayName": application.display_name, "details": target_system},
        "sourceIdentity": source,
        "targetIdentity": target,
        "provisioningStatusInfo": {"status": record.status, "errorInformation": _error(record)},
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


def _error(record: ProvisioningRecord) -> Json | None:
    if record.status != "failure":
        return None
    return {
        "errorCode": record.reason,
        "errorCategory": "failure" if record.reason in _SERVICE_FAILURES else "nonServiceFailure",
        "reason": _REASONS.get(record.reason, ""),
        "additionalDetails": None,
        "recommendedAction": None,
    }


def _modified(record: ProvisioningRecord) -> list[Json]:
    if record.status == "success" and record.action == "disable":
        return [{"displayName": "active", "oldValue": "True", "newValue": "False"}]
    return []


# --- steps ---------------------------------------------------------------------------------------------------


def steps(record: ProvisioningRecord, name: str, application: str) -> list[Json]:
    """How it went: import, scoping, matching, export, as far as it got.
    https://learn.microsoft.com/graph/api/resources/provisioningstep"""
    change = _CHANGES[record.action]
    thing = f"{record.kind} '{name}'"
    taken = [
        _step(
            f"EntryImport{'' if record.action == 'other' else change}",
            "import",
            "success",
            f"Received {thing} change of type ({change}) from {SOURCE}",
            {"objectId": record.source_id},
        )
    ]
    if record.action == "other":
        return [*taken, *_passed_over(record, thing)]
    if record.action in {"create", "update"}:
        taken.append(_scoping(thing, "success", active="True", assigned="True"))
    done, do = _DONE[record.action], _DO[record.action]
    found = ", but nothing that matches was found there" if record.action == "create" else ""
    if _ended_before_export(record):
        sentence = f"{thing} could not be matched with an object in {application}"
        return [*taken, _step(f"EntrySynchronization{change}", "matching", "failure", sentence, {})]
    sentence = f"{thing} is to be {done} in {application}{found}"
    taken.append(_step(f"EntrySynchronization{change}", "matching", "success", sentence, {}))
    details = {"ReportableIdentifier": name}
    if record.status == "skipped":
        sentence, details = _REASONS.get(record.reason, ""), {**details, "SkipReason": record.reason}
    elif record.status == "failure":
        sentence = f"Failed to {do} {thing} in {application}"
    else:
        sentence = f"{thing} was {done} in {application}"
    return [*taken, _step(f"EntryExport{change}", "export", record.status, sentence, details)]


def _ended_before_export(record: ProvisioningRecord) -> bool:
    """Whether already the look-up of the object in the target failed."""
    if record.status != "failure" or record.action == "delete":
        return False
    return record.reason in _BEFORE_EXPORT or (record.action == "create" and record.requests <= 1)


def _passed_over(record: ProvisioningRecord, thing: str) -> list[Json]:
    sentence = _REASONS.get(record.reason, "")
    skip = _step("EntrySynchronizationSkip", "processing", record.status, sentence, {"SkipReason": record.reason})
    if record.reason in _OUT_OF_SCOPE:
        return [_scoping(thing, "skipped", assigned="False"), skip]
    if record.reason == "NotActiveInSource":
        return [_scoping(thing, "skipped", active="False"), skip]
    return [skip]


def _scoping(thing: str, status: str, *, active: str = "", assigned: str = "") -> Json:
    known = {"Active in the source system": active, "Assigned to the application": assigned}
    details = {name: value for name, value in known.items() if value}
    sentence = f"{thing} is {'in' if status == 'success' else 'not in'} scope"
    return _step("EntrySynchronizationScoping", "scoping", status, sentence, details)


def _step(name: str, kind: str, status: str, description: str, details: dict[str, Any]) -> Json:
    return {
        "name": name,
        "provisioningStepType": kind,
        "status": status,
        "description": description,
        "details": details,
    }


def on_demand_steps(record: ProvisioningRecord, name: str, application: str) -> list[Json]:
    """The same in the words of an answer to provisioning on demand: ``type``, and capitals.
    https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-provisionondemand"""
    told = []
    for step in steps(record, name, application):
        kind, status = str(step.pop("provisioningStepType")), str(step["status"])
        told.append({**step, "type": kind[:1].upper() + kind[1:], "status": status[:1].upper() + status[1:]})
    return told
