"""Bodies of requests, checked and turned into what an action takes.

Invariant: nothing here touches a core. What comes out is plain JSON with known names, types and lengths; a password
is checked and forgotten. https://learn.microsoft.com/graph/api/user-post-users
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.requests import Request

from mockservices.graph.errors import GraphError, bad_request, invalid, missing, not_implemented
from mockservices.graph.properties import GROUP, USER, Kind
from mockservices.graph.property_values import checked

MOST_REFERENCES = 20
"""Members and owners that one request can bind. https://learn.microsoft.com/graph/api/group-post-groups"""

_UPN = re.compile(r"[A-Za-z0-9'._!#^~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{1,63}")
_CLASSES = (str.islower, str.isupper, str.isdigit, lambda character: not character.isalnum())


async def json_body(request: Request) -> dict[str, Any]:
    """The JSON object in a request; 400 for anything else."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise GraphError(
            400,
            "BadRequest",
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid "
            "JSON format.",
        )
    return body


def user_properties(body: Mapping[str, Any], *, creating: bool) -> dict[str, Any]:
    """The properties that a body sets on a user; null clears one."""
    body = dict(body)
    if creating:
        _require(body, USER)
    if "passwordProfile" in body:
        _check_password(body.pop("passwordProfile"))
    properties = checked(body, USER, creating=creating)
    upn = properties.get("userPrincipalName")
    if "userPrincipalName" in properties and (upn is None or not _UPN.fullmatch(upn)):
        # github.com/microsoftgraph/microsoft-graph-docs/issues/6967
        raise bad_request("One or more properties contains invalid values.")
    for name in ("accountEnabled", "displayName", "mailNickname"):
        if name in properties and properties[name] is None:
            raise invalid(name, "User")
    if len(properties.get("businessPhones") or ()) > 1:
        raise invalid("businessPhones", "User")  # a list, but it holds one number
    return properties


def group_properties(body: Mapping[str, Any], *, creating: bool) -> tuple[dict[str, Any], list[str]]:
    """The properties that a body sets on a group, and the ids of the members that it binds."""
    body = dict(body)
    members = body.pop("members@odata.bind", [])
    if "owners@odata.bind" in body:
        raise not_implemented()
    if not isinstance(members, list):
        raise invalid("members", "Group")
    if len(members) > MOST_REFERENCES:
        raise bad_request(f"No more than {MOST_REFERENCES} references can be bound in one request.")
    if creating:
        _require(body, GROUP)
    properties = checked(body, GROUP, creating=creating)
    for name in GROUP.required:
        if name in properties and properties[name] is None:
            raise invalid(name, "Group")
    if creating:
        _check_group_type(properties)
    return properties, [reference(member) for member in members]


def _check_group_type(properties: Mapping[str, Any]) -> None:
    types = properties.get("groupTypes") or []
    if "DynamicMembership" in types:
        raise not_implemented()  # there is no engine for membership rules here
    if any(name != "Unified" for name in types):
        raise invalid("groupTypes", "Group")
    if properties["mailEnabled"] and not types:
        # only Exchange makes those; the sentence is Graph's: https://learn.microsoft.com/graph/api/group-post-groups
        raise bad_request("Cannot Create a mail-enabled security groups and or distribution list.")
    if types and not properties["mailEnabled"]:
        raise invalid("mailEnabled", "Group")


def reference(url: object) -> str:
    """The object id in a reference such as ``https://graph.microsoft.com/v1.0/directoryObjects/{id}``."""
    if isinstance(url, str):
        try:
            path = urlsplit(url).path
        except ValueError:
            path = ""
        parts = [unquote(part) for part in path.split("/") if part]
        if len(parts) >= 2 and parts[-2] in {"directoryObjects", "users", "groups"}:
            return parts[-1]
    raise bad_request("Invalid URL format specified in payload.")


def odata_id(body: Mapping[str, Any]) -> str:
    """The object id that the body of a ``$ref`` request names."""
    if "@odata.id" not in body:
        raise bad_request("Invalid URL format specified in payload.")
    return reference(body["@odata.id"])


def _require(body: Mapping[str, Any], kind: Kind) -> None:
    for name in kind.required:
        if body.get(name) is None or body[name] == "":
            raise missing(name, kind.name)


def _check_password(profile: object) -> None:
    password = profile.get("password") if isinstance(profile, dict) else None
    if profile is None or (isinstance(profile, dict) and password is None):
        return
    if not isinstance(password, str):
        raise invalid("passwordProfile", "User")
    kinds = sum(any(test(character) for character in password) for test in _CLASSES)
    if not 8 <= len(password) <= 256 or kinds < 3:
        # github.com/microsoftgraph/msgraph-sdk-java-auth/issues/36
        raise bad_request(
            "The specified password does not comply with password complexity requirements. "
            "Please provide a different password."
        )
