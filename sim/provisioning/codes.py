"""From what the target answered to the code in the log.

Invariant: an answer alone decides; the same answer always has the same code.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs
"""

from __future__ import annotations

from typing import Final

from sim.ports import NO_ANSWER, Answer

INCOMPATIBLE: Final = "SystemForCrossDomainIdentityManagementServiceIncompatible"
"""What administrators report for a plain 400: https://learn.microsoft.com/en-us/answers/questions/1185756/"""

CODES: Final = {
    NO_ANSWER: "Timeout",
    401: "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
    402: "LicenseLimitExceeded",
    403: "InsufficientRights",
    404: "InvalidAnchor",
    405: "MethodNotAllowed",
    408: "Timeout",
    409: "EntryConflict",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    501: "NotImplemented",
}

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
    """The log's word for a refusal."""
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
