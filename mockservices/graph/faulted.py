"""Faults in Graph's terms: which operation a request asks for, and how a refusal is worded.

Invariant: only outside clients are struck; what the provisioning service reads of its own directory never fails here.
"""

from __future__ import annotations

from typing import Final

from mockservices.faults import EXPIRED_CREDENTIALS, OTHER, THROTTLED, Verdict
from mockservices.graph.auth import expired
from mockservices.graph.errors import GraphError

_KINDS: Final = {"users": "user", "groups": "group"}
_VERBS: Final = {"GET": "get", "PATCH": "update", "DELETE": "delete", "POST": "update", "PUT": "update"}

_CODES: Final = {
    500: ("InternalServerError", "An internal server error occurred while processing the request."),
    502: ("BadGateway", "The server received an invalid response from an upstream server."),
    503: ("ServiceNotAvailable", "The service is temporarily unavailable. Please try again later."),
    504: ("GatewayTimeout", "The server did not receive a response from an upstream server in time."),
}
"""Only the statuses are documented for the directory: https://learn.microsoft.com/en-us/graph/errors"""


def asked(method: str, path: str) -> tuple[str, str]:
    """The operation of a route; a change of memberships is one of the group. No object is picked out at Graph."""
    collection, _, rest = path.strip("/").partition("/")
    kind = _KINDS.get(collection)
    if kind is None:
        return OTHER, ""
    if rest in {"", "delta", "$count"}:
        return f"{'create' if method == 'POST' else 'find'}_{kind}", ""
    if "/" in rest and method != "GET":
        return f"update_{kind}", ""
    return f"{_VERBS[method]}_{kind}", ""


def refusal_of(verdict: Verdict) -> GraphError:
    """The refusal that a verdict means. https://learn.microsoft.com/en-us/graph/throttling"""
    if verdict.kind == EXPIRED_CREDENTIALS:
        return expired()
    if verdict.kind == THROTTLED:
        return GraphError(429, "TooManyRequests", "Please retry again later.")
    return GraphError(verdict.status, *_CODES[verdict.status])
