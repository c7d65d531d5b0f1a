"""The synchronization job's requests and answers: Graph's words around what the job itself does.

Invariant: nothing here provisions anything; whether and how is the job's business.
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationjob
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from mockservices.graph.errors import bad_credentials, bad_request, invalid, missing, not_found, not_implemented
from mockservices.graph.jobs import PORTAL_RESET, RESETS, RULE_ID, TEMPLATE_ID
from mockservices.graph.resources import Json, find_principal
from mockservices.ports import Connection, JobControl
from mockservices.scim.credentials import bearer_token
from mockservices.services import Services
from mockservices.tokens import fingerprint

NO_ADDRESS = "Please provide a valid tenant URL for your application."
"""As captured: see the sample job in https://learn.microsoft.com/graph/application-provisioning-configure-api."""
"""What is said about a job without an address.
https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""

_SCOPES = RESETS | {"None", "Full"}

ADDRESS, TOKEN = "BaseAddress", "SecretToken"
NOTIFICATIONS = "SyncNotificationSettings"
"""A text of JSON: ``Enabled``, ``Recipients``, ``DeleteThresholdEnabled``, ``DeleteThresholdValue``.
https://learn.microsoft.com/entra/identity/multi-tenant-organizations/cross-tenant-synchronization-configure-graph"""
_THRESHOLD = "DeleteThresholdValue"
_SETTINGS = {
    ADDRESS,
    "EnforceDomain",
    "HardDeletesEnabled",
    "SkipOutOfScopeDeletions",
    "SyncAgentADContainer",
    "SyncAgentCompatibilityKey",
    "SyncAll",
    NOTIFICATIONS,
    "SynchronizationSchedule",
    "SystemOfRecord",
    "TestReferences",
    "UpdateKeyOnSoftDelete",
}
_SECRETS = {
    TOKEN,
    "AppKey",
    "ApplicationTemplateIdentifier",
    "AuthenticationType",
    "ClientIdentifier",
    "ClientSecret",
    "CompanyId",
    "ConnectionString",
    "ConsumerKey",
    "ConsumerSecret",
    "Domain",
    "InstanceName",
    "Oauth2AccessToken",
    "Oauth2AccessTokenCreationTime",
    "Oauth2AuthorizationCode",
    "Oauth2AuthorizationUri",
    "Oauth2ClientId",
    "Oauth2ClientSecret",
    "Oauth2RedirectUri",
    "Oauth2RefreshToken",
    "Oauth2TokenExchangeUri",
    "Password",
    "PerformInboundEntitlementGrants",
    "Sandbox",
    "SandboxName",
    "Server",
    "SingleSignOnType",
    "TokenExpiration",
    "TokenKey",
    "Url",
    "UserName",
    "ValidateDomain",
}
"""https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationsecretkeystringvaluepair

Of these only the fingerprints are kept."""
_FLAGS = {"SkipOutOfScopeDeletions", "SyncAll"}
_TRUE_OR_FALSE = {"true", "false", "1", "0"}
"""https://learn.microsoft.com/entra/identity/app-provisioning/skip-out-of-scope-deletions"""
_NOT_BUILT = {"HardDeletesEnabled"}
"""Settings that would make the job do something else than it does."""


MOST_MEMBERS = 5
"""How many members of a group can be provisioned on demand in one request.
https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand"""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom to provision on demand."""

    object_id: str
    object_type: str
    """``User`` or ``Group``."""
    members: tuple[str, ...] = ()
    """Ids of the members of a group that are to be provisioned with it."""


def find_jobs(services: Services, principal: str) -> list[JobControl]:
    """The jobs of a service principal: one or none; 404 for a service principal that is not there."""
    found = find_principal(services.applications, principal)
    own = services.job if found.id == services.application.id else None
    job = own or services.applications.created_job(found.id)
    return [] if job is None else [job]


def find_job(services: Services, principal: str, identifier: str) -> JobControl:
    """A job by its id; 404 when there is none."""
    for job in find_jobs(services, principal):
        if job.id == identifier:
            return job
    raise not_found(identifier)


def credentials_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an action to validate credentials: those of a request, or word that the saved ones are meant.
    https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-validatecredentials"""
    if body.get("useSavedCredentials") is True:
        return {"saved": True}
    values = _pairs(body.get("credentials"), "credentials", "synchronizationJob")
    if not values.get(ADDRESS):
        raise bad_credentials(NO_ADDRESS)
    return {"base_address": values[ADDRESS], "token_hash": fingerprint(values.get(TOKEN, ""))}


def secrets_in(body: Mapping[str, Any]) -> dict[str, str]:
    """What a request wants to have saved: settings as they are, of secrets the fingerprints.
    https://learn.microsoft.com/graph/api/synchronization-synchronization-secrets"""
    values = _pairs(body.get("value"), "value", "synchronizationSecretKeyStringValuePair")
    for key, value in values.items():
        if key not in _SETTINGS and key not in _SECRETS:
            raise invalid("key", "synchronizationSecretKeyStringValuePair")
        if key in _NOT_BUILT and value.lower() != "false":
            raise not_implemented(f"This service does not know a job with '{key}' set to '{value}'.")
        if key in _FLAGS and value and value.lower() not in _TRUE_OR_FALSE:
            raise invalid("value", "synchronizationSecretKeyStringValuePair")
        if key == NOTIFICATIONS and value and not _tells_of_notifications(value):
            raise invalid("value", "synchronizationSecretKeyStringValuePair")
    return {key: value if key in _SETTINGS else fingerprint(value) for key, value in values.items()}


def _tells_of_notifications(text: str) -> bool:
    """Whether a text is a JSON object whose threshold of deletions, if it names one, is a whole number from 1 on."""
    try:
        told = json.loads(text)
        return isinstance(told, dict) and int(str(told.get(_THRESHOLD, 1))) >= 1
    except (ValueError, RecursionError):
        return False


def _pairs(pairs: object, name: str, kind: str) -> dict[str, str]:
    """Keys and values that are texts; later ones win."""
    if not isinstance(pairs, list) or not all(isinstance(pair, dict) for pair in pairs):
        raise missing(name, kind)
    values: dict[str, str] = {}
    for pair in pairs:
        key, value = pair.get("key"), pair.get("value")
        if not isinstance(key, str) or not isinstance(value, str | None):
            raise invalid(name, kind)
        values[key] = value or ""
    try:
        urlsplit(values.get(ADDRESS, ""))
        "".join([*values, *values.values()]).encode()
    except ValueError:
        raise invalid(name, kind) from None
    return values


def no_credentials_saved(saved: Mapping[str, str] | None) -> bool:
    """Whether nothing has been saved about address and token, so that those count that were there before."""
    return saved is None or (ADDRESS not in saved and TOKEN not in saved)


def check_saved(services: Services, principal: str, job: JobControl) -> str | None:
    """Try what is saved for an application: None, or why it does not work.

    The job that runs from the start has been configured before, with this world's own address and token.
    """
    saved = services.applications.secrets(find_principal(services.applications, principal).id)
    if job is services.job and no_credentials_saved(saved):
        return job.validate_credentials("", fingerprint(bearer_token(services)))
    if not saved or not saved.get(ADDRESS):
        return NO_ADDRESS
    return job.validate_credentials(saved[ADDRESS], saved.get(TOKEN, fingerprint("")))


def template_in(body: Mapping[str, Any]) -> str:
    """The template of which a job is to be created; 400 for another than the gallery application's.
    https://learn.microsoft.com/graph/api/synchronization-synchronization-post-jobs"""
    identifier = body.get("templateId")
    if not isinstance(identifier, str):
        raise missing("templateId", "synchronizationJob")
    if identifier != TEMPLATE_ID:
        raise invalid("templateId", "synchronizationJob")
    return identifier


def subject_in(body: Mapping[str, Any]) -> Subject:
    """The one user, or the one group with at most five members, that a request to provision on demand names.
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
    object_id, object_type = _subject(subjects[0])
    links = subjects[0].get("links") or {}
    members = links.get("members") if isinstance(links, dict) else ""
    if members is None:
        members = []
    if not isinstance(members, list) or not all(isinstance(member, dict) for member in members):
        raise invalid("members", "synchronizationLinkedObjects")
    if object_type == "User" and members:
        raise bad_request("Only a group can be provisioned on demand together with members.")
    if len(members) > MOST_MEMBERS:
        raise bad_request(f"At most {MOST_MEMBERS} members can be provisioned on demand together with a group.")
    chosen = [_subject(member) for member in members]
    if any(kind != "User" for _, kind in chosen):
        raise bad_request("Nested groups cannot be provisioned on demand: the members of a group have to be users.")
    return Subject(object_id, object_type, tuple(dict.fromkeys(identifier for identifier, _ in chosen)))


def _subject(value: Mapping[str, Any]) -> tuple[str, str]:
    """Id and kind of one subject."""
    object_id, object_type = value.get("objectId"), value.get("objectTypeName")
    if not isinstance(object_id, str):
        raise missing("objectId", "synchronizationJobSubject")
    if not isinstance(object_type, str):
        raise missing("objectTypeName", "synchronizationJobSubject")
    kind = object_type.lower()
    if kind not in {"user", "group"}:
        raise invalid("objectTypeName", "synchronizationJobSubject")
    return object_id, kind.capitalize()


def connection_resource(services: Services, found: Connection, asked: str) -> Json:
    """The ``objectConnection`` resource; the name is that of now, null for an object that is gone.
    https://learn.microsoft.com/graph/api/resources/synchronization-objectconnection?view=graph-rest-beta"""
    directory, name = services.directory, None
    row = directory.user_row(found.source_id) if found.kind == "User" else directory.group_row(found.source_id)
    if row is not None:
        held = directory.attributes_of(row) if found.kind == "User" else directory.groups[row].attributes
        name = held.get("displayName")
    return {
        "objectId": asked,
        "sourceAnchor": found.source_id,
        "targetAnchor": found.target_id,
        "displayName": name,
        "objectTypeName": found.kind.lower(),
    }


def restart_in(body: Mapping[str, Any]) -> list[str]:
    """What a restart is to reset, by name and in order; without a word about it what the portal resets.

    400 for a scope that there is not.
    https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-restart
    """
    criteria = body.get("criteria") or {}
    scope = criteria.get("resetScope") if isinstance(criteria, dict) else ""
    if scope is None:
        return sorted(PORTAL_RESET)
    scopes = {part.strip() for part in scope.split(",")} if isinstance(scope, str) else set()
    if not scopes or not scopes <= _SCOPES:
        raise invalid("resetScope", "synchronizationJobRestartCriteria")
    return sorted(scopes - {"None"}) or ["None"]


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
