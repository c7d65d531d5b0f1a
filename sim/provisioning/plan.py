"""What should be done about one object: pure decisions, with Microsoft's reasons for doing nothing.

Invariant: no client, no clock. https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from sim.ports import Answer, SourceUser
from sim.provisioning.expressions import ExpressionError
from sim.provisioning.mapping_rows import SeveralValuesError
from sim.provisioning.rules import ACTIONS, ADD, DELETE, UPDATE

__all__ = ["ADD", "DELETE", "UPDATE", "Treatment", "Verdict", "judge", "judge_group"]


class Verdict(Enum):
    """What the job does about an object."""

    PROVISION = "provision"
    """In scope and active: match or create, then keep up to date and active."""
    DISABLE = "disable"
    """Linked and managed, but no longer active or in scope: ``active`` becomes false."""
    DELETE = "delete"
    """Hard-deleted while still managed, or the target knows no other way to take access away."""
    SKIP = "skip"


NOT_ENTITLED = "NotEffectivelyEntitled"
NOT_ACTIVE = "NotActiveInSource"
NOT_IN_SCOPE = "NotInScope"
NOT_LINKED = "NotProvisioned"
RELEASED = "NoLongerManaged"
LEFT_ALONE = "SkipOutOfScopeDeletions"
SWITCHED_OFF = "ActionDisabled"
PURGED_UNSEEN = "PurgedBeforeSeen"
IN_THE_BIN = "GroupInRecycleBin"
REDUNDANT = "RedundantExport"
NOT_IMPORTED = "ImportSkipped"
"""The object has no value for any matching attribute.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""
NOT_EVALUATED = "EntrySynchronizationError"
"""An expression cannot be evaluated for the object; the service's own code for it is not published (grade D)."""
DUPLICATE_SOURCE = "DuplicateSourceEntries"
DUPLICATE_TARGET = "DuplicateTargetEntries"


@dataclass(frozen=True, slots=True)
class Treatment:
    """What the settings of a job change about the decision table; what stands here is Entra's default."""

    users: frozenset[str] = frozenset(ACTIONS)
    """What may be done to users in the target: ``Add``, ``Update``, ``Delete``."""
    groups: frozenset[str] = frozenset(ACTIONS)
    soft_delete: bool = True
    """Whether the target is taken to be able to disable a user; if not, the user is deleted instead."""
    skip_out_of_scope: bool = False
    """``SkipOutOfScopeDeletions``: what falls out of scope is left as it is."""
    group_delete: Literal["soft", "hard"] = "soft"
    """Which deletion of a group deletes it in the target: to the recycle bin, or for good."""
    purged_unseen: bool = True
    """Whether a user is deleted in the target who came into the recycle bin and left it between two cycles."""


STANDARD: Final = Treatment()


def judge(
    user: SourceUser,
    *,
    assigned: bool,
    linked: bool,
    released: bool,
    passes: bool = True,
    binned: bool = True,
    treatment: Treatment = STANDARD,
) -> tuple[Verdict, str]:
    """The decision table for one user, and the reason where it is to do nothing.

    ``assigned``: directly or as a direct member of an assigned group. ``passes``: the scoping filter. ``released``:
    left alone or disabled earlier because it fell out of scope; such a user is not managed until it is in scope again.
    ``binned``: the job has seen it in the recycle bin.
    """
    removed = user.removed
    if removed is None and user.enabled and assigned and passes:
        return Verdict.PROVISION, ""
    if not linked:
        if removed is not None:
            return Verdict.SKIP, NOT_LINKED
        return Verdict.SKIP, NOT_ENTITLED if not assigned else NOT_ACTIVE if passes else NOT_IN_SCOPE
    return judge_leaver(removed, in_scope=assigned and passes, released=released, binned=binned, treatment=treatment)


def judge_leaver(
    removed: str | None, *, in_scope: bool, released: bool, binned: bool, treatment: Treatment
) -> tuple[Verdict, str]:
    """The rows of the table about a linked user who was deleted (``removed``), is switched off or out of scope."""
    if released:
        return Verdict.SKIP, RELEASED
    if removed is None and treatment.skip_out_of_scope and not in_scope:
        return Verdict.SKIP, LEFT_ALONE
    if removed == "deleted" and not binned and not treatment.purged_unseen:
        return Verdict.SKIP, PURGED_UNSEEN
    verdict = Verdict.DELETE if removed == "deleted" or not treatment.soft_delete else Verdict.DISABLE
    if (DELETE if verdict is Verdict.DELETE else UPDATE) not in treatment.users:
        return Verdict.SKIP, SWITCHED_OFF  # the disable is itself an update
    return verdict, ""


def judge_group(removed: str | None, *, released: bool, treatment: Treatment = STANDARD) -> tuple[Verdict, str]:
    """What is done about a linked group that was deleted (``removed``) or has fallen out of scope (None).

    Groups have no ``active``, so there is nothing between kept and deleted.
    """
    if released:
        return Verdict.SKIP, RELEASED
    if removed is None and treatment.skip_out_of_scope:
        return Verdict.SKIP, LEFT_ALONE
    if removed == "changed" and treatment.group_delete == "hard":
        return Verdict.SKIP, IN_THE_BIN
    if DELETE not in treatment.groups:
        return Verdict.SKIP, SWITCHED_OFF
    return Verdict.DELETE, ""


SEVERAL_VALUES = "SchemaPropertyCanOnlyAcceptValue"
"""https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""


def code_of_error(error: ExpressionError) -> str:
    """The log's word for an object that a mapping has no value for."""
    return SEVERAL_VALUES if isinstance(error, SeveralValuesError) else NOT_EVALUATED


def not_evaluated(error: Exception) -> Answer:
    """In place of an answer: nothing was sent, because an expression has no value for the object."""
    return Answer(400, (), str(error))
