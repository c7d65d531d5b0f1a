"""Which operation a SCIM request asks for, and on which object: what faults go by.

Invariant: an object is called by what it is called in the target at that moment (``userName``, ``displayName``), never
by its id, so that which of its requests fail does not hang on when it was created.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final

from mockservices.faults import BLOCKED_USER_AGENT, EXPIRED_CREDENTIALS, NOT_SCIM, OTHER, THROTTLED, Verdict
from mockservices.scim.errors import ScimError, unauthorized
from mockservices.scim.provider import ServiceProvider

USER, GROUP = "user", "group"
Asked = tuple[str, str]
"""(operation, object's name)"""

_KINDS: Final = {"Users": USER, "Groups": GROUP}
_VERBS: Final = {"GET": "get", "HEAD": "get", "PATCH": "update", "PUT": "update", "DELETE": "delete"}
_EQUALS: Final = re.compile(r'\s*(\S+)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*', re.IGNORECASE)
_REFERENCE: Final = re.compile(r'\s*id\s+eq\s+"([^"]*)"\s+and\s.*', re.IGNORECASE)
"""Whether one object refers to another."""
_NAMES: Final = {USER: "userName", GROUP: "displayName"}


def named(provider: ServiceProvider, kind: str, identifier: str) -> str:
    """What the object with this id is called; the id itself where there is none."""
    if kind == USER:
        row = provider.user_row(identifier)
        held: Mapping[str, object] = provider.peek(row).attributes if row is not None and provider.exists(row) else {}
    else:
        group = provider.group_row(identifier)
        held = provider.groups[group].attributes if group is not None and provider.groups[group].exists else {}
    return str(held.get(_NAMES[kind], identifier))


def matched(provider: ServiceProvider, kind: str, attribute: str, value: str) -> str:
    """What the object is called that a look-up finds; the value itself where there is none."""
    if attribute != "externalId":
        return value
    if kind == USER:
        row = provider.user_row_by(attribute, value)
        held: Mapping[str, object] = {} if row is None else provider.peek(row).attributes
    else:
        group = provider.group_by(attribute, value)
        held = {} if group is None else group.attributes
    return str(held.get(_NAMES[kind], value))


def asked(provider: ServiceProvider, method: str, path: str, wanted: str | None, body: bytes) -> Asked:
    """What an HTTP request asks for; ``path`` comes after ``/scim/v2``, ``wanted`` is its filter."""
    collection, _, identifier = path.strip("/").partition("/")
    kind = _KINDS.get(collection)
    if kind is None:
        return OTHER, ""
    if identifier:
        verb = _VERBS.get(method)
        return (OTHER if verb is None else f"{verb}_{kind}"), named(provider, kind, identifier)
    if method == "POST":
        return f"create_{kind}", _name_in(body, kind)
    reference = None if wanted is None else _REFERENCE.fullmatch(wanted)
    if reference is not None:
        return f"find_{kind}", named(provider, kind, reference[1])
    found = None if wanted is None else _EQUALS.fullmatch(wanted)
    if found is None:
        return f"find_{kind}", wanted or ""
    return f"find_{kind}", matched(provider, kind, found[1], re.sub(r"\\(.)", r"\1", found[2]))


def _name_in(body: bytes, kind: str) -> str:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(read.get(_NAMES[kind], "")) if isinstance(read, dict) else ""


# --- what the service says -------------------------------------------------------------------------------

NO_SCIM: Final = b"<!DOCTYPE html>\n<html><head><title>Not found</title></head><body><h1>Not found</h1></body></html>\n"
"""What answers where something else than the SCIM endpoint stands behind the address."""

_SENTENCES: Final = {
    500: "The server encountered an internal error.",
    502: "The server received an invalid response from an upstream server.",
    503: "The service is unavailable.",
    504: "The server did not receive an answer from an upstream server in time.",
}


def refusal_of(verdict: Verdict) -> ScimError | None:
    """The refusal that a verdict means, in the service's words; None: a page that is no SCIM.

    No bodies of 401, 403, 429 and 5xx were ever captured, so the sentences are neutral; their statuses:
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/createuser.html
    """
    if verdict.kind == NOT_SCIM:
        return None
    if verdict.kind == EXPIRED_CREDENTIALS:
        return unauthorized("The bearer token has expired")
    if verdict.kind == BLOCKED_USER_AGENT:
        reason = "A PATCH request without a User-Agent"
        return ScimError(403, "The operation is not permitted.", "AccessDeniedException", reason)
    if verdict.kind == THROTTLED:
        return ScimError(429, "Too many requests.", "ThrottlingException")
    return ScimError(verdict.status, _SENTENCES[verdict.status], "InternalServerException")
