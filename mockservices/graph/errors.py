"""Graph's refusals, in the service's own codes and sentences.

Sources: https://learn.microsoft.com/en-us/graph/errors and the threads named beside each sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockservices.errors import ServiceError

INVALID_CREDENTIALS = "SystemForCrossDomainIdentityManagementInvalidCredentials"
"""https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""


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


def not_implemented(message: str = "This operation target is not yet supported.") -> GraphError:
    """501 for what this service does not have: github.com/microsoftgraph/microsoft-graph-docs#7555."""
    return GraphError(501, "NotImplemented", message)


def bad_credentials(reason: str) -> GraphError:
    """400 with the provisioning service's code.
    https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api"""
    return GraphError(400, INVALID_CREDENTIALS, reason)


def job_exists(identifier: str) -> GraphError:
    """409 for a second job of an application. Graph's own sentence is not published.
    https://learn.microsoft.com/en-us/graph/errors"""
    return GraphError(
        409, "Conflict", f"The service principal already has a synchronization job of this template: '{identifier}'."
    )


def missing(name: str, kind: str) -> GraphError:
    """400 for a property that a new object needs.
    https://learn.microsoft.com/previous-versions/azure/ad/graph/howto/azure-ad-graph-api-error-codes-and-error-handling
    """
    return bad_request(f"A value is required for property '{name}' of resource '{kind}'.")


def invalid(name: str, kind: str) -> GraphError:
    """400 for a value of the wrong type or length."""
    return bad_request(f"Invalid value specified for property '{name}' of resource '{kind}'.")


def unknown_property(name: str) -> GraphError:
    """400 for a name that is no property: github.com/pnp/PnP-Sites-Core/issues/1807."""
    return bad_request(f"Invalid property '{name}'.")


def invalid_page_token() -> GraphError:
    """400 for a skip token that was not made here, with the empty code of the one report there is:
    https://github.com/microsoftgraph/microsoft-graph-docs/issues/8612"""
    return GraphError(400, "", "Invalid Skip Token")


def expired_page_token() -> GraphError:
    """400 for a skip token whose time is over: https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/2254"""
    return GraphError(
        400,
        "Directory_ExpiredPageToken",
        "The specified page token value has expired and can no longer be included in your request.",
    )


def too_many_requests(seconds: int) -> GraphError:
    """429 with the seconds to wait. https://learn.microsoft.com/en-us/graph/throttling"""
    return GraphError(
        429,
        "TooManyRequests",
        f"Too many requests: this action may be called again in {seconds} seconds.",
        headers={"Retry-After": str(seconds)},
    )


def active_job(identifier: str) -> GraphError:
    """409 for dropping a link while cycles run. Graph's own sentence is not published.
    https://learn.microsoft.com/en-us/entra/identity/app-provisioning/manage-object-connections"""
    return GraphError(
        409, "Conflict", f"The synchronization job '{identifier}' is active. Pause or disable it and try again."
    )
