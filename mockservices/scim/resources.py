"""What AWS's SCIM answers look like: users, groups, lists and refusals.

Invariant: an answer's bytes are made once, in AWS's order of keys; what a resource does not have is left out.
Samples: https://docs.aws.amazon.com/singlesignon/latest/developerguide/listusers.html; refusals as captured in
https://github.com/slashdevops/idp-scim-sync/issues/57 and https://github.com/mitodl/keycloak-scim/issues/73.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mockservices.clock import Clock
from mockservices.scim.errors import ScimError
from mockservices.scim.operations import ENTERPRISE, GROUP_SCHEMA, MANAGER, USER_SCHEMA, Entry, Scalar, Value
from mockservices.scim.records import Group, User

LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

_NAME = (
    ("name.formatted", "formatted"),
    ("name.familyName", "familyName"),
    ("name.givenName", "givenName"),
    ("name.middleName", "middleName"),
    ("name.honorificPrefix", "honorificPrefix"),
    ("name.honorificSuffix", "honorificSuffix"),
)
_SIMPLE = (
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
)
_LISTS = ("emails", "addresses", "phoneNumbers", "roles")
_PARTS = (
    "value",
    "display",
    "formatted",
    "streetAddress",
    "locality",
    "region",
    "postalCode",
    "country",
    "type",
    "primary",
)
_ENTERPRISE = tuple(
    (f"{ENTERPRISE}:{name}", name)
    for name in ("employeeNumber", "costCenter", "organization", "division", "department")
)


def to_bytes(body: object) -> bytes:
    """JSON without blanks, in UTF-8."""
    return _encode(body).encode()


def user_resource(user: User, clock: Clock) -> dict[str, Any]:
    """A user as GET shows it; groups are never in it."""
    attributes = user.attributes
    resource: dict[str, Any] = {"id": user.id}
    if "externalId" in attributes:
        resource["externalId"] = attributes["externalId"]
    resource["meta"] = _meta("User", user, clock)
    schemas = [USER_SCHEMA]
    resource["schemas"] = schemas
    resource["userName"] = attributes["userName"]
    name = {sub: attributes[flat] for flat, sub in _NAME if flat in attributes}
    if name:
        resource["name"] = name
    for simple in _SIMPLE:
        if simple in attributes:
            resource[simple] = attributes[simple]
    resource["active"] = user.active
    for several in _LISTS:
        if several in attributes:
            resource[several] = _entries(attributes[several])
    enterprise: dict[str, Any] = {sub: attributes[flat] for flat, sub in _ENTERPRISE if flat in attributes}
    if MANAGER in attributes:
        enterprise["manager"] = {"value": attributes[MANAGER]}
    if enterprise:
        schemas.append(ENTERPRISE)
        resource[ENTERPRISE] = enterprise
    return resource


def group_resource(group: Group, clock: Clock, *, members: bool = True) -> dict[str, Any]:
    """A group as GET shows it: its members never are (``[]``), and the answer to POST leaves the key out.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/limitations.html"""
    resource: dict[str, Any] = {"id": group.id}
    if "externalId" in group.attributes:
        resource["externalId"] = group.attributes["externalId"]
    resource["meta"] = _meta("Group", group, clock)
    resource["schemas"] = [GROUP_SCHEMA]
    resource["displayName"] = group.attributes["displayName"]
    if members:
        resource["members"] = []
    return resource


def _meta(kind: str, record: User | Group, clock: Clock) -> dict[str, str]:
    return {
        "resourceType": kind,
        "created": clock.iso(record.created),
        "lastModified": clock.iso(record.modified),
    }


def _entries(value: Value) -> list[dict[str, Scalar]]:
    assert isinstance(value, tuple)
    return [_entry(item) for item in value]


def _entry(item: Entry) -> dict[str, Scalar]:
    fields = dict(item)
    return {part: fields[part] for part in _PARTS if part in fields}


def first_page(resources: Sequence[dict[str, Any]], total: int) -> dict[str, Any]:
    """A list without a cursor: the first page, and no way to the rest; ``total`` counts every match."""
    return {
        "totalResults": total,
        "itemsPerPage": len(resources),
        "startIndex": 1,
        "schemas": [LIST_SCHEMA],
        "Resources": list(resources),
    }


def cursor_page(resources: Sequence[dict[str, Any]], next_cursor: str | None) -> dict[str, Any]:
    """A page of a list that was asked for with a cursor; the last one names no next."""
    body: dict[str, Any] = {"itemsPerPage": len(resources)}
    if next_cursor is not None:
        body["nextCursor"] = next_cursor
    body["schemas"] = [LIST_SCHEMA]
    body["Resources"] = list(resources)
    return body


def refusal(error: ScimError, request_id: str, at: datetime) -> dict[str, Any]:
    """The body of a refusal: both ``schema`` and ``schemas``, no ``scimType``."""
    return {
        "schema": [ERROR_SCHEMA],
        "schemas": [ERROR_SCHEMA],
        "detail": error.message,
        "status": str(error.status),
        "exceptionRequestId": request_id,
        "timeStamp": _time_stamp(at),
    }


def _time_stamp(at: datetime) -> str:
    """``2026-05-27 00:37:52.16``: the fraction has as many digits as it needs, one at least."""
    fraction = f"{at.microsecond // 1000:03d}".rstrip("0") or "0"
    return f"{at:%Y-%m-%d %H:%M:%S}.{fraction}"
