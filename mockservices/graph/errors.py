"""Graph's refusals, in the service's own codes and sentences.

Sources: https://learn.microsoft.com/en-us/graph/errors and the threads named beside each sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockservices.errors import ServiceError


class GraphError(ServiceError):
    """A Graph error envelope in the making: status, ``code``, ``message``, optional ``details`` and headers."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: tuple[dict[str, str], ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, status=status)
        self.code = code
        self.details = details
        self.headers = headers or {}


def not_found(identifier: str) -> GraphError:
    """404 for an object that is not there (or is in the recycle bin)."""
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects are not present.",
    )


def bad_request(message: str, *details: dict[str, str]) -> GraphError:
    """400 ``Request_BadRequest``."""
    return GraphError(400, "Request_BadRequest", message, details)


def conflict(name: str) -> GraphError:
    """400 (not 409) for a value that another object holds: github.com/microsoftgraph/microsoft-graph-docs#1508."""
    message = f"Another object with the same value for property {name} already exists."
    return bad_request(message, {"code": "ObjectConflict", "message": message, "target": name})


def reference_exists(name: str) -> GraphError:
    """400 for adding a member that is one already: github.com/pnp/pnpframework/pull/139."""
    return bad_request(
        f"One or more added object references already exist for the following modified properties: '{name}'."
    )


def reference_twice(user: str, group: str) -> GraphError:
    """400 for naming a member twice in one change (the captured text, without the internals in its brackets):
    https://github.com/microsoftgraph/contoso-airlines-teams-sample/issues/1"""
    return bad_request(
        f"Object '[ResourceType=User,Id={user}]' referenced from '[ResourceType=Group,Id={group}]' "
        "can only be present once as an add/remove change."
    )


def unsupported_query(message: str) -> GraphError:
    """400 ``Request_UnsupportedQuery``. https://learn.microsoft.com/en-us/graph/aad-advanced-queries"""
    return GraphError(400, "Request_UnsupportedQuery", message)


def not_implemented() -> GraphError:
    """501 for what this service does not have: github.com/microsoftgraph/microsoft-graph-docs#7555."""
    return GraphError(501, "NotImplemented", "This operation target is not yet supported.")
