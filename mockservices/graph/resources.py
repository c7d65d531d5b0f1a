"""Wire shapes: what Graph shows of a user, a group, an application or an assignment.

Invariant: showing an object makes none. Values come straight from the directory's columns; a complex property is
kept in parts and put together here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

from mockservices.graph.applications import (
    AWS_APP_NAME,
    AWS_TEMPLATE_ID,
    USER_PRINCIPAL,
    Applications,
    Assignment,
    ServicePrincipal,
)
from mockservices.graph.directory import DELETED, LIVE, Directory
from mockservices.graph.errors import not_found
from mockservices.graph.properties import GROUP, TEXTS, USER, Kind

Json: TypeAlias = dict[str, Any]
Computed: TypeAlias = Callable[[Directory, int, Mapping[str, Any]], Any]
"""(directory, row, the row's properties) to a value that no column holds."""


def _parts(kind: Kind, name: str) -> Computed:
    keys = [(part, f"{name}/{part}") for part in kind.complex[name]]

    def joined(directory: Directory, row: int, properties: Mapping[str, Any]) -> Json | None:
        values = {part: properties.get(key) for part, key in keys}
        return None if all(value is None for value in values.values()) else values

    return joined


def _empty(kind: Kind) -> dict[str, Computed]:
    """Lists are never null on the wire."""
    return {name: _or(name, ()) for name, known in kind.properties.items() if known.kind == TEXTS}


def _or(name: str, value: object) -> Computed:
    def column(directory: Directory, row: int, properties: Mapping[str, Any]) -> Any:
        held = properties.get(name)
        return value if held is None else held

    return column


def security_identifier(identifier: str) -> str:
    """A group's SID: ``S-1-12-1-`` and its id as four little-endian numbers.
    https://learn.microsoft.com/graph/api/resources/group"""
    raw = UUID(identifier).bytes_le
    return "S-1-12-1-" + "-".join(str(int.from_bytes(raw[i : i + 4], "little")) for i in range(0, 16, 4))


def _group_deleted(directory: Directory, row: int, properties: Mapping[str, Any]) -> str | None:
    at = directory.groups[row].deleted
    return None if at is None else directory.clock.iso(at)


def _user_deleted(directory: Directory, row: int, properties: Mapping[str, Any]) -> str | None:
    if directory.state_of(row) == LIVE:
        return None
    at = directory.peek(row).deleted
    return None if at is None else directory.clock.iso(at)


def _sessions_valid_from(directory: Directory, row: int, properties: Mapping[str, Any]) -> str:
    """Since the account was created, unless its sessions were revoked later."""
    revoked = directory.sessions_valid_from.get(row)
    return directory.clock.iso(directory.peek(row).created if revoked is None else revoked)


COMPUTED: dict[str, dict[str, Computed]] = {
    "User": {
        **_empty(USER),
        "id": lambda directory, row, _: directory.user_id(row),
        "accountEnabled": lambda directory, row, _: directory.is_enabled(row),
        "createdDateTime": lambda directory, row, _: directory.clock.iso(directory.peek(row).created),
        "deletedDateTime": _user_deleted,
        "signInSessionsValidFromDateTime": _sessions_valid_from,
        "employeeOrgData": _parts(USER, "employeeOrgData"),
        "onPremisesExtensionAttributes": _parts(USER, "onPremisesExtensionAttributes"),
        "userType": _or("userType", "Member"),
    },
    "Group": {
        **_empty(GROUP),
        "id": lambda directory, row, _: directory.groups[row].id,
        "createdDateTime": lambda directory, row, _: directory.clock.iso(directory.groups[row].created),
        "deletedDateTime": _group_deleted,
        "mailEnabled": _or("mailEnabled", False),
        "securityEnabled": _or("securityEnabled", True),
        "securityIdentifier": lambda directory, row, _: security_identifier(directory.groups[row].id),
    },
    "ServicePrincipal": {},
    "ApplicationTemplate": {},
    "ProvisioningObjectSummary": {},
}


def properties_of(directory: Directory, kind: Kind, row: int) -> Mapping[str, Any]:
    """The columns of a user or group, for reading only."""
    return directory.attributes_of(row) if kind is USER else directory.groups[row].attributes


def shown(directory: Directory, kind: Kind, row: int, names: Iterable[str]) -> Json:
    """A user or group with these properties; one without a value is null."""
    properties = properties_of(directory, kind, row)
    computed = COMPUTED[kind.name]
    result: Json = {}
    for name in names:
        compute = computed.get(name)
        result[name] = properties.get(name) if compute is None else compute(directory, row, properties)
    return result


def tracked(directory: Directory, kind: Kind, row: int, names: Iterable[str]) -> Json:
    """The same for a delta query: a property that never had a value is left out."""
    properties = properties_of(directory, kind, row)
    computed = COMPUTED[kind.name]
    result: Json = {}
    for name in names:
        if name in properties:
            result[name] = properties[name]
        elif name in computed and (value := computed[name](directory, row, properties)) not in (None, ()):
            result[name] = value
    result.pop("id", None)
    return result


def directory_object(directory: Directory, kind: Kind, row: int, names: Iterable[str] | None = None) -> Json:
    """A user or group among objects of several types."""
    return {"@odata.type": kind.odata_type, **shown(directory, kind, row, kind.shown if names is None else names)}


def find_object(directory: Directory, identifier: str, state: int = LIVE) -> tuple[Kind, int]:
    """The user or group in this state that has an id; 404 otherwise."""
    row = directory.user_row(identifier)
    if row is not None and directory.state_of(row) == state:
        return USER, row
    row = directory.group_row(identifier)
    if row is not None and directory.groups[row].state == state:
        return GROUP, row
    raise not_found(identifier)


def find_deleted(directory: Directory, identifier: str) -> tuple[Kind, int]:
    """The user or group in the recycle bin that has an id; 404 otherwise."""
    return find_object(directory, identifier, DELETED)


def find_principal(applications: Applications, key: str) -> ServicePrincipal:
    """A service principal by its id, or by ``appId=`` and its application's id; 404 otherwise."""
    if key.startswith("appId="):
        app_id = key.removeprefix("appId=")
        for principal in applications.all():
            if principal.app_id == app_id.lower():
                return principal
        raise not_found(app_id)
    principal = applications.find(key)
    if principal.id != key.lower():
        raise not_found(key)
    return principal


TEMPLATES: tuple[Json, ...] = (
    {
        "id": AWS_TEMPLATE_ID,
        "displayName": AWS_APP_NAME,
        "homePageUrl": "https://aws.amazon.com/",
        "supportedSingleSignOnModes": ["saml", "external"],
        "supportedProvisioningTypes": ["sync"],
        "logoUrl": None,
        "categories": ["developerServices", "itInfrastructure", "security", "New"],
        "publisher": "Amazon Web Services, Inc.",
        "description": "Access to several AWS accounts from one place; users and groups are provisioned over SCIM.",
    },
)
"""The gallery. https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""


def find_template(identifier: str) -> Json:
    """An application template of the gallery by its id; 404 otherwise."""
    for template in TEMPLATES:
        if template["id"] == identifier.lower():
            return template
    raise not_found(identifier)


_HOME = "https://*.signin.aws.amazon.com/platform/saml/acs/*?metadata=awssinglesignon|ISV9.1|primary|z"


def application(directory: Directory, principal: ServicePrincipal) -> Json:
    """The application behind a service principal, as the gallery makes it. Same source."""
    return {
        "id": principal.object_id,
        "appId": principal.app_id,
        "applicationTemplateId": principal.template_id,
        "createdDateTime": directory.clock.iso(principal.created),
        "deletedDateTime": None,
        "displayName": principal.display_name,
        "groupMembershipClaims": None,
        "identifierUris": [],
        "isFallbackPublicClient": False,
        "signInAudience": "AzureADMyOrg",
        "tags": [],
        "appRoles": _roles(principal),
        "web": {"homePageUrl": _HOME, "redirectUris": []},
    }


def service_principal(principal: ServicePrincipal) -> Json:
    """A service principal as the gallery makes it.
    https://learn.microsoft.com/en-us/graph/application-saml-sso-configure-api"""
    return {
        "id": principal.id,
        "accountEnabled": True,
        "appDisplayName": principal.display_name,
        "appId": principal.app_id,
        "appRoleAssignmentRequired": True,
        "appRoles": _roles(principal),
        "applicationTemplateId": principal.template_id,
        "displayName": principal.display_name,
        "homepage": _HOME,
        "servicePrincipalNames": [principal.app_id],
        "servicePrincipalType": "Application",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
    }


def _roles(principal: ServicePrincipal) -> list[Json]:
    return [
        {
            "allowedMemberTypes": ["User"],
            "description": name,
            "displayName": name,
            "id": identifier,
            "isEnabled": True,
            "origin": "Application",
            "value": None,
        }
        for identifier, name in principal.app_roles
    ]


def assignment(directory: Directory, principal: ServicePrincipal, held: Assignment) -> Json:
    """An app role assignment. https://learn.microsoft.com/graph/api/resources/approleassignment"""
    kind = USER if held.kind == USER_PRINCIPAL else GROUP
    named = shown(directory, kind, held.row, ("id", "displayName"))
    return {
        "id": held.id,
        "deletedDateTime": None,
        "appRoleId": held.role,
        "createdDateTime": directory.clock.iso(held.created),
        "principalDisplayName": named["displayName"],
        "principalId": named["id"],
        "principalType": held.kind,
        "resourceDisplayName": principal.display_name,
        "resourceId": principal.id,
    }
