"""The synchronization job's requests and answers: Graph's words around what the job itself does.

Invariant: nothing here provisions anything; whether and how is the job's business.
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationjob
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockservices.graph.errors import GraphError, bad_request, invalid, missing, not_found, not_implemented
from mockservices.graph.resources import Json, find_principal
from mockservices.ports import JobControl
from mockservices.services import Services

RULE_ID = "03f7d90d-bf71-41b1-bda6-aaf0ddbee5d8"
"""The gallery application's one rule, for users and groups; the same in every tenant.
https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""

INVALID_CREDENTIALS = "SystemForCrossDomainIdentityManagementInvalidCredentials"
NO_ADDRESS = "Please provide a valid tenant URL for your application."
"""Code and sentence of a job without working credentials; same source."""

_SCOPES = {"None", "ConnectorDataStore", "Escrows", "Watermark", "QuarantineState", "Full", "ForceDeletes"}
_RESTART = {"Escrows", "Watermark", "QuarantineState"}


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom to provision on demand."""

    object_id: str
    object_type: str


def find_jobs(services: Services, principal: str) -> list[JobControl]:
    """The jobs of a service principal: one or none; 404 for a service principal that is not there."""
    found = find_principal(services.applications, principal)
    return [services.job] if services.job is not None and found.id == services.application.id else []


def find_job(services: Services, principal: str, identifier: str) -> JobControl:
    """A job by its id; 404 when there is none."""
    for job in find_jobs(services, principal):
        if job.id == identifier:
            return job
    raise not_found(identifier)


def credentials_in(body: Mapping[str, Any]) -> tuple[str, str]:
    """``BaseAddress`` and ``SecretToken`` of a request to validate them.
    https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-validatecredentials"""
    if body.get("useSavedCredentials") is True:
        raise not_implemented()
    pairs = body.get("credentials")
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise missing("credentials", "synchronizationJob")
    values = {pair.get("key"): pair.get("value") for pair in pairs if isinstance(pair.get("key"), str)}
    address, token = values.get("BaseAddress"), values.get("SecretToken")
    if not isinstance(address, str) or not address:
        raise bad_credentials(NO_ADDRESS)
    return address, token if isinstance(token, str) else ""


def bad_credentials(reason: str) -> GraphError:
    """400 with the provisioning service's code."""
    return GraphError(400, INVALID_CREDENTIALS, reason)


def subject_in(body: Mapping[str, Any]) -> Subject:
    """The one user that a request to provision on demand names.
    https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-provisionondemand"""
    parameters = body.get("parameters")
    if not isinstance(parameters, list) or len(parameters) != 1 or not isinstance(parameters[0], dict):
        raise missing("parameters", "synchronizationJob")
    subjects = parameters[0].get("subjects")
    if parameters[0].get("ruleId") != RULE_ID:
        raise invalid("ruleId", "synchronizationJobApplicationParameters")
    if not isinstance(subjects, list) or not subjects or not isinstance(subjects[0], dict):
        raise missing("subjects", "synchronizationJobApplicationParameters")
    if len(subjects) > 1:
        raise bad_request("Only one subject can be provisioned on demand in one request.")
    object_id, object_type = subjects[0].get("objectId"), subjects[0].get("objectTypeName")
    if not isinstance(object_id, str):
        raise missing("objectId", "synchronizationJobSubject")
    if not isinstance(object_type, str):
        raise missing("objectTypeName", "synchronizationJobSubject")
    if object_type.lower() == "group":
        raise not_implemented()
    if object_type.lower() != "user":
        raise invalid("objectTypeName", "synchronizationJobSubject")
    return Subject(object_id, "User")


def check_restart(body: Mapping[str, Any]) -> None:
    """400 or 501 for a restart other than the portal's, which keeps the links.
    https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-restart"""
    criteria = body.get("criteria") or {}
    scope = criteria.get("resetScope") if isinstance(criteria, dict) else ""
    if scope is None:
        return
    scopes = {part.strip() for part in scope.split(",")} if isinstance(scope, str) else set()
    if not scopes or not scopes <= _SCOPES:
        raise invalid("resetScope", "synchronizationJobRestartCriteria")
    if not scopes <= _RESTART or "Watermark" not in scopes:
        raise not_implemented()


def on_demand(inner: Mapping[str, Any]) -> Json:
    """Graph's answer to a request on demand: two texts of JSON, the result and the whole story."""
    status = inner.get("statusInfo") or {}
    result = str(status.get("status") or "Success")
    details: Json = {}
    if status.get("errorCode") is not None:
        details = {"errorCode": status["errorCode"], "errorMessage": status.get("reason")}
    elif result == "Skipped":
        details = _skipped(inner)
    return {
        "key": json.dumps({"result": result[:1].upper() + result[1:], "details": details}, separators=(",", ":")),
        "value": json.dumps(inner, separators=(",", ":")),
    }


def _skipped(inner: Mapping[str, Any]) -> Json:
    for step in inner.get("provisioningSteps") or ():
        reason = (step.get("details") or {}).get("SkipReason")
        if reason is not None:
            return {"errorCode": reason, "errorMessage": step.get("description")}
    return {}
