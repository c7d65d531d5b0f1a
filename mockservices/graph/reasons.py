"""What the codes of the provisioning log mean, in words for a trainee: what happened, why, and what to do next.

Invariant: the one table of these words. The log, an answer on demand and a preview all take theirs from here, so that
they cannot disagree; a code that is not in it is shown as it is, without a made-up explanation.

Codes: https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SERVICE, OURS = "failure", "nonServiceFailure"
"""``errorCategory``: a fault of a service that may pass by itself, or something that an administrator has to mend."""

SCOPING, MATCHING, PROCESSING, EXPORT, IMPORT = "scoping", "matching", "processing", "export", "import"
"""``provisioningStepType`` of the step at which an object stops."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One code."""

    short: str
    """A few words, for a list: ``not assigned to the application``."""
    sentence: str
    """What happened and why."""
    next: str
    """What to do about it."""
    category: str = OURS
    stops: str = EXPORT
    """The step at which an object with this code stops, where the requests do not tell it."""


_WAIT: Final = "Nothing: it is tried again by itself. If it keeps coming back, look at the target's health and limits."
_CREDENTIALS: Final = "Enter the tenant URL and a valid secret token, test the connection, then restart provisioning."
_DUPLICATE: Final = (
    "Find the other object in the target. If it is the same person, make the matching attribute agree so that it is "
    "matched and not created; otherwise change the value, or remove the other object."
)
_RIGHTS: Final = "Give the token's owner in the target the right to manage users and groups, or issue another token."
_MAPPING: Final = "Compare the attribute mapping with what the target accepts, and correct the mapping or the value."

REASONS: Final = {
    # --- passed over -----------------------------------------------------------------------------------------
    "NotEffectivelyEntitled": Reason(
        "not assigned to the application",
        "It is not assigned to the application, neither directly nor as a direct member of an assigned group, so it "
        "is not in scope.",
        "Assign the user, or a group of which the user is a direct member, to the application; members of nested "
        "groups do not count.",
        stops=SCOPING,
    ),
    "NotActiveInSource": Reason(
        "disabled in the directory and never provisioned",
        "It is disabled in the directory. A disabled user is not provisioned for the first time; one who was is "
        "disabled in the target by the next cycle, not on demand.",
        "Enable the account if the person is to have access. To take access away at once, unassign the person first, "
        "then provision on demand.",
        stops=SCOPING,
    ),
    "NotInScope": Reason(
        "passed by no scoping filter",
        "It does not pass the scoping filters of the mapping.",
        "Look at ScopeEvaluationResult for the clause that failed; change the attribute or the filter.",
        stops=SCOPING,
    ),
    "NotProvisioned": Reason(
        "deleted and never provisioned",
        "It is gone from the directory and had never been provisioned, so there is nothing to remove.",
        "Nothing.",
        stops=PROCESSING,
    ),
    "NoLongerManaged": Reason(
        "let go of when it left the scope",
        "It was disabled when it fell out of scope and has not been managed since: what happens to it in the "
        "directory, a deletion too, changes nothing in the target.",
        "Assign it again to have it managed again, or remove the leftover in the target by hand.",
        stops=SCOPING,
    ),
    "SkipOutOfScopeDeletions": Reason(
        "out of scope, and such are left alone",
        "It fell out of scope, and SkipOutOfScopeDeletions says that such objects are left as they are.",
        "Disable it in the target by hand, or set SkipOutOfScopeDeletions to False.",
        stops=PROCESSING,
    ),
    "PurgedBeforeSeen": Reason(
        "deleted for good between two cycles",
        "It was deleted and purged between two cycles, so the deletion itself was never seen and nothing was sent.",
        "Remove it in the target by hand, and leave deleted users in the recycle bin for at least one cycle.",
        stops=PROCESSING,
    ),
    "GroupInRecycleBin": Reason(
        "in the recycle bin",
        "The group is in the recycle bin of the directory; it is deleted in the target when it is gone for good.",
        "Nothing, or restore the group.",
        stops=PROCESSING,
    ),
    "RedundantExport": Reason(
        "the target has it so already",
        "The state in the source and in the target system already match, so nothing was sent.",
        "Nothing. What was changed in the target by hand beyond the mapped attributes is never looked at.",
    ),
    "ActionDisabled": Reason(
        "this action is switched off in the mapping",
        "The mapping's target object actions do not include this one. A disable is an update: without Update nobody "
        "is disabled.",
        "Tick the action in the mapping, if it is wanted.",
        stops=PROCESSING,
    ),
    "ImportSkipped": Reason(
        "no value for the matching attribute",
        "It has no value in the attribute by which it is matched, so it was not evaluated any further.",
        "Give it a value in that attribute, or match by another attribute.",
        stops=IMPORT,
    ),
    "EntrySynchronizationSkipped": Reason(
        "not in scope",
        "It is not in scope: not assigned, without an entitling role, or passed by no scoping filter.",
        "Look at the scoping step for which of these it is.",
        stops=SCOPING,
    ),
    "TooManyDeletes": Reason(
        "held back: the cycle would disable or delete too many",
        "So many objects were to be disabled or deleted in this cycle that the prevention of accidental deletions "
        "held all of them back. Nothing was sent.",
        "Find out why so many left the scope. If it is intended, allow the deletes; if not, mend the cause first and "
        "then restart.",
        stops=PROCESSING,
    ),
    # --- the target refuses ----------------------------------------------------------------------------------
    "EntryConflict": Reason(
        "the target has another object with this value",
        "The target already has an object with one of these values (HTTP status 409), and the matching attribute did "
        "not find it.",
        _DUPLICATE,
    ),
    "Conflict": Reason(
        "the target has another object with this value", "The target reports a conflict (HTTP status 409).", _DUPLICATE
    ),
    "TooManyRequests": Reason(
        "the target asked for fewer requests",
        "The target asked for fewer requests (HTTP status 429).",
        _WAIT,
        SERVICE,
    ),
    "InternalServerError": Reason(
        "the target failed", "The target could not carry the request out (HTTP status 5xx).", _WAIT, SERVICE
    ),
    "InsufficientRights": Reason(
        "the target refused it", "The target knows the token but refused the request (HTTP status 403).", _RIGHTS
    ),
    "NotPermitted": Reason("the target refused it", "The target does not permit the request.", _RIGHTS),
    "Unauthorized": Reason("the target refused it", "The target did not authorise the request.", _RIGHTS),
    "MethodNotAllowed": Reason(
        "the target does not offer this",
        "The target does not offer this operation at this address (HTTP status 405).",
        "Check the tenant URL, and switch the action off in the mapping if the target cannot do it.",
    ),
    "UnprocessableEntity": Reason(
        "the target could not make sense of it",
        "The target could not make sense of the request (HTTP status 422).",
        _MAPPING,
    ),
    "WebExceptionProtocolError": Reason(
        "no proper HTTP answer", "The target gave no proper HTTP answer.", _WAIT, SERVICE
    ),
    "InvalidAnchor": Reason(
        "the linked object is gone from the target",
        "The object to which this one is linked is no longer in the target (HTTP status 404): somebody deleted it "
        "there. Nothing is created again while the link stands.",
        "Drop this one link (DELETE …/objectConnections) or restart with the scope Full, so that the object is "
        "matched or created anew.",
        stops=MATCHING,
    ),
    "NotImplemented": Reason(
        "the target does not have this", "The target does not have this function (HTTP status 501).", _MAPPING
    ),
    "MandatoryFieldsMissing": Reason(
        "a required value is missing",
        "The target requires a value that was not sent (HTTP status 400).",
        "Fill the attribute in the directory, or map a default value for it.",
    ),
    "MissingValues": Reason(
        "a required value is missing",
        "A value that is required is missing in the source.",
        "Fill the attribute in the directory, or map a default value for it.",
    ),
    "EntrySynchronizationError": Reason(
        "an expression has no value for it",
        "An expression of the mapping cannot be evaluated for this object, so nothing was sent.",
        "Read what the expression says, and correct it or the attribute that it reads.",
        stops=MATCHING,
    ),
    "SchemaAttributeNotFound": Reason(
        "the target has no such attribute",
        "The mapping names an attribute that the target does not have.",
        "Remove the attribute from the mapping or correct its name.",
    ),
    "SchemaPropertyCanOnlyAcceptValue": Reason(
        "more values than the target takes",
        "The target takes a single value here, and the mapping sends several (two telephone numbers, say).",
        "Remove all but one of the mappings to this attribute.",
    ),
    "InvalidDomain": Reason(
        "a domain that the target does not take",
        "The value holds a domain that the target does not accept.",
        "Verify the domain in the target, or map another address.",
    ),
    "InternalError": Reason(
        "an error in the provisioning service",
        "The target gave an answer that was not expected.",
        _WAIT,
        SERVICE,
    ),
    "Timeout": Reason(
        "no answer in time",
        "The target did not answer in time. Whether it carried the request out is not known.",
        f"{_WAIT} A create that was carried out unheard shows as EntryConflict next time.",
        SERVICE,
    ),
    "LicenseLimitExceeded": Reason(
        "the target takes no more",
        "The target takes no more objects: a quota or a licence limit is used up.",
        "Remove objects in the target or have the limit raised, then wait for the next try.",
    ),
    "DuplicateTargetEntries": Reason(
        "matched more than one object",
        "More than one object in the target has the value of the matching attribute.",
        "Make the value unique in the target, or match by another attribute.",
        stops=MATCHING,
    ),
    "DuplicateSourceEntries": Reason(
        "two objects for one in the target",
        "Two objects of the directory lead to the same object in the target.",
        "Make the matching attribute unique in the directory.",
        stops=MATCHING,
    ),
    "SystemForCrossDomainIdentityManagementMultipleEntriesInResponse": Reason(
        "more in the answer than asked for",
        "The target answered with more than was asked for: several objects, or members although they were excluded.",
        "Have the target honour the filter and excludedAttributes.",
        stops=MATCHING,
    ),
    "SystemForCrossDomainIdentityManagementServiceIncompatible": Reason(
        "the target did not accept the request",
        "The target did not accept the request as it was written (HTTP status 400), or its answer is no SCIM.",
        _MAPPING,
    ),
    "SystemForCrossDomainIdentityManagementServiceIncompatibleFiltering": Reason(
        "the target cannot filter by this",
        "The target cannot be asked with the filter that matching needs.",
        "Match by an attribute that the target can filter by.",
        stops=MATCHING,
    ),
    "SystemForCrossDomainIdentityManagementCredentialValidationFailure": Reason(
        "the credentials are not accepted", "The target did not accept the credentials (HTTP status 401).", _CREDENTIALS
    ),
    "SystemForCrossDomainIdentityManagementInvalidCredentials": Reason(
        "the credentials are not accepted", "There is no usable tenant URL and token for the target.", _CREDENTIALS
    ),
    "ReferenceNotProvisioned": Reason(
        "a member is not in the target",
        "A member is not in the target, because it is not in scope or failed, and was left out.",
        "Bring the member into scope and provision it; a membership that was left out before needs a restart, or "
        "the group on demand with this member.",
    ),
}


def reason(code: str) -> Reason:
    """What a code means; for an unknown one only the code itself is told."""
    found = REASONS.get(code)
    return Reason(code, code, "") if found is None else found


def short(code: str) -> str:
    """A code in a few words."""
    return reason(code).short
