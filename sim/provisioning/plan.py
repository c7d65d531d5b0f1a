"""What should be done about one object: pure decisions, with Microsoft's reasons for doing nothing.

Invariant: no client, no clock. https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from enum import Enum

from sim.ports import Answer, SourceUser
from sim.provisioning.expressions import ExpressionError
from sim.provisioning.mapping_rows import SeveralValuesError


class Verdict(Enum):
    """What the job does about a user."""

    PROVISION = "provision"
    """In scope and active: match or create, then keep up to date and active."""
    DISABLE = "disable"
    """Linked and managed, but no longer active or in scope: ``active`` becomes false."""
    DELETE = "delete"
    """Hard-deleted while still managed."""
    SKIP = "skip"


NOT_ENTITLED = "NotEffectivelyEntitled"
NOT_ACTIVE = "NotActiveInSource"
NOT_LINKED = "NotProvisioned"
RELEASED = "NoLongerManaged"
REDUNDANT = "RedundantExport"
NOT_IMPORTED = "ImportSkipped"
"""The object has no value for any matching attribute.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""
NOT_EVALUATED = "EntrySynchronizationError"
"""An expression cannot be evaluated for the object; the service's own code for it is not published (grade D)."""


SEVERAL_VALUES = "SchemaPropertyCanOnlyAcceptValue"
"""https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""


def code_of_error(error: ExpressionError) -> str:
    """The log's word for an object that a mapping has no value for."""
    return SEVERAL_VALUES if isinstance(error, SeveralValuesError) else NOT_EVALUATED


def not_evaluated(error: Exception) -> Answer:
    """In place of an answer: nothing was sent, because an expression has no value for the object."""
    return Answer(400, (), str(error))


def judge(user: SourceUser, *, assigned: bool, linked: bool, released: bool) -> tuple[Verdict, str]:
    """The decision table for one user, and the reason where it is to do nothing.

    ``assigned``: directly or as a direct member of an assigned group. ``released``: disabled earlier because it
    fell out of scope; such a user is not managed until it is assigned again.
    """
    if user.removed is None and user.enabled and assigned:
        return Verdict.PROVISION, ""
    if not linked:
        return Verdict.SKIP, NOT_LINKED if user.removed else (NOT_ENTITLED if not assigned else NOT_ACTIVE)
    if released:
        return Verdict.SKIP, RELEASED
    if user.removed == "deleted":
        return Verdict.DELETE, ""
    return Verdict.DISABLE, ""
