"""Refusals of the portal's two APIs, by the names of the published models.

Invariant: no HTTP; how a refusal is written is for :mod:`.answers` to say.
https://github.com/boto/botocore/tree/develop/botocore/data/sso and .../sso-oidc
"""

from __future__ import annotations

from mockservices.errors import ServiceError


class PortalError(ServiceError):
    """One exception of ``sso``: name, message, HTTP status."""

    def __init__(self, exception: str, message: str, status: int) -> None:
        super().__init__(message, status=status)
        self.exception = exception


def unauthorized() -> PortalError:
    """A token that opens nothing (any more): https://github.com/aws/aws-cli/issues/7340."""
    return PortalError("UnauthorizedException", "Session token not found or invalid", 401)


def forbidden() -> PortalError:
    """A role that is not offered, or does not exist: https://github.com/aws/aws-sam-cli/issues/2129. The model has no
    such exception; clients get it as a ``ClientError`` of this name."""
    return PortalError("ForbiddenException", "No access", 403)


def bad_request(message: str) -> PortalError:
    """A parameter that is missing or cannot be."""
    return PortalError("InvalidRequestException", message, 400)


class OidcError(ServiceError):
    """One exception of ``sso-oidc``: name, OAuth error, description, HTTP status."""

    def __init__(self, exception: str, error: str, description: str, status: int = 400) -> None:
        super().__init__(description, status=status)
        self.exception = exception
        self.error = error


def pending() -> OidcError:
    """Nobody has signed in yet: the client is to ask again."""
    return OidcError("AuthorizationPendingException", "authorization_pending", "Authorization is still pending")


def invalid_request(description: str) -> OidcError:
    """A member that is missing or cannot be read."""
    return OidcError("InvalidRequestException", "invalid_request", description)


def invalid_client() -> OidcError:
    """A client that nobody registered, or whose registration is over."""
    return OidcError("InvalidClientException", "invalid_client", "Invalid client provided", 401)


def invalid_grant() -> OidcError:
    """A code or refresh token that is unknown, used up, another client's, or whose session has ended."""
    return OidcError("InvalidGrantException", "invalid_grant", "Invalid grant provided")


def expired_device() -> OidcError:
    """A device code that nobody keeps any more."""
    return OidcError("ExpiredTokenException", "expired_token", "Device code has expired")


def unsupported_grant() -> OidcError:
    """A grant type that is none of those a command line uses."""
    return OidcError("UnsupportedGrantTypeException", "unsupported_grant_type", "Unsupported grant type")
