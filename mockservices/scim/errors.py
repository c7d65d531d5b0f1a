"""SCIM refusals as AWS IAM Identity Center words them.

The body never says which attribute was wrong; the reason goes to the audit log, as it goes to CloudTrail.
Captured bodies: https://github.com/slashdevops/idp-scim-sync/issues/57 and /61,
https://github.com/goauthentik/authentik/issues/12321, https://github.com/mitodl/keycloak-scim/issues/73.
"""

from __future__ import annotations

from mockservices.errors import ServiceError

UNPARSABLE = "Request is unparsable, syntactically incorrect, or violates schema."
DUPLICATE = "Refused to create a new, duplicate resource."


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
