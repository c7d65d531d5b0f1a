"""Refusals of the AWS JSON 1.1 services, by exception name (HTTP 400 but for one, ``__type``).

What a service models has a member ``Message``; what is refused before a service is reached has ``message``.
https://docs.aws.amazon.com/singlesignon/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from mockservices.errors import ServiceError
from mockservices.scim.errors import ScimError


class AwsError(ServiceError):
    """One modelled exception: name, message and extra members of its shape."""

    message_member = "Message"

    def __init__(self, exception: str, message: str, **members: str) -> None:
        super().__init__(message, status=400)
        self.exception = exception
        self.members = members


class CommonError(AwsError):
    """A refusal that no service models: it comes from the door that all of AWS shares."""

    message_member = "message"


def not_found(message: str, **members: str) -> AwsError:
    """``ResourceNotFoundException``."""
    return AwsError("ResourceNotFoundException", message, **members)


def conflict(message: str, **members: str) -> AwsError:
    """``ConflictException``."""
    return AwsError("ConflictException", message, **members)


def invalid(message: str) -> AwsError:
    """``ValidationException``."""
    return AwsError("ValidationException", message)


def no_such(kind: str, identifier: str) -> AwsError:
    """``ResourceNotFoundException`` of the identity store for a USER, GROUP or IDENTITY_STORE that is not there.
    https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DescribeUser.html"""
    return not_found(f"{kind} not found.", ResourceType=kind, ResourceId=identifier)


def no_membership(identifier: str) -> AwsError:
    """The sentence in which deleting a membership of a user who is gone fails:
    https://github.com/awslabs/ssosync/pull/219"""
    sentence = "Group membership not found for given Pool/Group/Member."
    return not_found(sentence, ResourceType="GROUP_MEMBERSHIP", ResourceId=identifier)


def not_unique(message: str) -> AwsError:
    """``ConflictException`` of the identity store for a value or membership that exists already."""
    return conflict(message, Reason="UNIQUENESS_CONSTRAINT_VIOLATION")


def of_store(error: ScimError) -> AwsError:
    """What the identity store's API says where SCIM would have said ``error``: the same rules, its own words."""
    if error.exception == "ConflictException":
        return not_unique(error.reason)
    return AwsError(error.exception, error.reason)


def missing_token() -> CommonError:
    """No credential at all: the documented 403.
    https://docs.aws.amazon.com/singlesignon/latest/APIReference/CommonErrors.html"""
    error = CommonError("MissingAuthenticationTokenException", "Missing Authentication Token")
    error.status = 403
    return error


def incomplete_signature() -> CommonError:
    """A credential that is no Signature Version 4."""
    sentence = "The Authorization header is no complete AWS4-HMAC-SHA256 signature."
    return CommonError("IncompleteSignatureException", sentence)


def unknown_key() -> CommonError:
    """An access key that was never issued: 400 in the JSON services, https://github.com/aws/aws-sdk-php/issues/2444."""
    return CommonError("UnrecognizedClientException", "The security token included in the request is invalid.")


def unknown_operation(target: str) -> CommonError:
    """An operation that is not there: 400, https://github.com/aws/aws-sdk-net/issues/1536."""
    name = target or "without X-Amz-Target"
    return CommonError("UnknownOperationException", f"The operation {name} is not known here.")


def unreadable(message: str) -> CommonError:
    """A body that is no JSON, or holds a value of the wrong JSON type."""
    return CommonError("SerializationException", message)
