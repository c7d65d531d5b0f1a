"""Entra's error codes: what an answer of the target is called in the log, and which errors pass by themselves.

Invariant: every answer that is no success has exactly one code.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs
"""

from __future__ import annotations

from typing import Final

from sim.ports import NO_ANSWER, Answer

TIMEOUT: Final = "Timeout"
THROTTLED: Final = "TooManyRequests"
CREDENTIALS: Final = "SystemForCrossDomainIdentityManagementCredentialValidationFailure"
"""A token that is refused, https://learn.microsoft.com/en-us/answers/questions/4969398/."""
NO_CREDENTIALS: Final = "SystemForCrossDomainIdentityManagementInvalidCredentials"
"""Credentials that are missing, https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api."""
INCOMPATIBLE: Final = "SystemForCrossDomainIdentityManagementServiceIncompatible"
"""An answer that no SCIM service gives, and what administrators report for a plain 400:
https://learn.microsoft.com/en-us/answers/questions/1185756/"""

TOO_MANY_DELETES: Final = "TooManyDeletes"
"""Held back by the prevention of accidental deletions; also the reason of the quarantine that follows."""

CODES: Final = {
    NO_ANSWER: TIMEOUT,
    401: CREDENTIALS,
    402: "LicenseLimitExceeded",
    403: "InsufficientRights",
    404: "InvalidAnchor",
    405: "MethodNotAllowed",
    408: TIMEOUT,
    409: "EntryConflict",
    422: "UnprocessableEntity",
    429: THROTTLED,
    500: "InternalServerError",
    501: "NotImplemented",
    502: "InternalServerError",
    503: "InternalServerError",
    504: "InternalServerError",
}
"""HTTP status to the error code in the log."""

TRANSIENT: Final = frozenset(
    {"InternalServerError", "InternalError", "WebExceptionProtocolError", TIMEOUT, THROTTLED, CREDENTIALS}
)
"""Errors that pass by themselves: the log says that they are tried again in 40 minutes. A refused token is among them
because the object has nothing to do with it."""


_SAID: Final = (
    ("quota", "LicenseLimitExceeded"),
    ("required", "MandatoryFieldsMissing"),
    ("missing", "MandatoryFieldsMissing"),
    ("single item", "SchemaPropertyCanOnlyAcceptValue"),
    ("only one", "SchemaPropertyCanOnlyAcceptValue"),
    ("exceeds allowed limit", "SchemaPropertyCanOnlyAcceptValue"),
    ("unknown attribute", "SchemaAttributeNotFound"),
    ("unsupported attribute", "SchemaAttributeNotFound"),
    ("domain", "InvalidDomain"),
    ("filter", "SystemForCrossDomainIdentityManagementServiceIncompatibleFiltering"),
)
"""Words of a 400's detail, and the code that they stand for; the first that fits counts."""


def code_of(answer: Answer) -> str:
    """The log's word for an answer that is no success."""
    if not answer.scim:
        return INCOMPATIBLE
    status = answer.status
    known = CODES.get(status)
    if known is not None:
        return known
    if status == 400:
        said = answer.detail.lower()
        return next((code for words, code in _SAID if words in said), INCOMPATIBLE)
    if status >= 500:
        return "InternalServerError"
    return "WebExceptionProtocolError" if status < 200 or 300 <= status < 400 else "InternalError"
