"""SCIM refusals as AWS IAM Identity Center words them.

The body never says which attribute was wrong; the reason goes to the audit log, as it goes to CloudTrail.
Captured bodies: https://github.com/slashdevops/idp-scim-sync/issues/57 and /61,
https://github.com/goauthentik/authentik/issues/12321, https://github.com/mitodl/keycloak-scim/issues/73.
"""

from __future__ import annotations

from mockservices.errors import ServiceError

UNPARSABLE = "Request is unparsable, syntactically incorrect, or violates schema."
DUPLICATE = "Refused to create a new, duplicate resource."
PATHLESS = (
    'Current PATCH support allows omitting "path" attribute only for Add and Replace operations '
    "modifying a single attribute."
)
REPLACING_MEMBERS = "Replacing group memberships is not supported."


class ScimError(ServiceError):
    """A refusal: HTTP status, ``detail`` for the body, exception name and reason for the audit log."""

    def __init__(self, status: int, detail: str, exception: str, reason: str | None = None) -> None:
        super().__init__(detail, status=status)
        self.exception = exception
        self.reason = reason or detail


def invalid(reason: str, detail: str = UNPARSABLE) -> ScimError:
    """400 ``ValidationException``; ``reason`` is what CloudTrail says."""
    return ScimError(400, detail, "ValidationException", reason)


def duplicate(reason: str) -> ScimError:
    """409 ``ConflictException``."""
    return ScimError(409, DUPLICATE, "ConflictException", reason)


def no_user() -> ScimError:
    """404 with the captured sentence."""
    return ScimError(404, "USER does not exist.", "ResourceNotFoundException")


def no_group() -> ScimError:
    """404 by analogy with users."""
    return ScimError(404, "GROUP does not exist.", "ResourceNotFoundException")


def unauthorized(reason: str) -> ScimError:
    """401 for a missing or wrong token and for a tenant that is not this one.

    No body was ever captured, so the sentence is neutral, as it is for the refusals below.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/createuser.html
    """
    return ScimError(401, "The request is not authorized.", "UnauthorizedException", reason)


def no_endpoint() -> ScimError:
    """404 for a URL that names nothing, such as ``/scim/v2Groups``."""
    return ScimError(404, "The requested endpoint does not exist.", "ResourceNotFoundException")


def wrong_method() -> ScimError:
    """405 for a method that an existing URL does not know."""
    return ScimError(405, "The method is not allowed for this endpoint.", "ValidationException")


def not_implemented(operation: str) -> ScimError:
    """501, as a client author reports it for ``PUT /Groups/{id}``, which is not among the operations.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/supported-apis.html"""
    return ScimError(501, f"{operation} is not implemented.", "ValidationException")
