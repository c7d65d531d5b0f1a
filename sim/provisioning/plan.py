"""What should be done about one object: pure decisions, with Microsoft's reasons for doing nothing.

Invariant: no client, no clock. https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from enum import Enum

from sim.ports import SourceUser


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
