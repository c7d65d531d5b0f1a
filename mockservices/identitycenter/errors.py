"""Refusals of the AWS JSON 1.1 services, by exception name (HTTP 400, ``__type``)."""

from __future__ import annotations

from mockservices.errors import ServiceError


class AwsError(ServiceError):
    """One modelled exception: name, message and extra members of its shape."""

    def __init__(self, exception: str, message: str, **members: str) -> None:
        super().__init__(message, status=400)
        self.exception = exception
        self.members = members


def not_found(message: str, **members: str) -> AwsError:
    """``ResourceNotFoundException``."""
    return AwsError("ResourceNotFoundException", message, **members)


def conflict(message: str) -> AwsError:
    """``ConflictException``."""
    return AwsError("ConflictException", message)


def invalid(message: str) -> AwsError:
    """``ValidationException``."""
    return AwsError("ValidationException", message)
