"""Who is provisioned, and what the job may do: scope, target object actions, and how access is taken away.

Invariant: the defaults are Entra's for the AWS application; what its documentation leaves open is a key with a source.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator

from sim.scenario.fields import Part, wrong

Action: TypeAlias = Literal["create", "update", "delete"]

SCOPE_SOURCE: Final = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works (assigned is recommended)"
)
SKIP_SOURCE: Final = "https://learn.microsoft.com/entra/identity/app-provisioning/skip-out-of-scope-deletions"
SOFT_DELETE_SOURCE: Final = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works; that AWS users remain, disabled: "
    "https://repost.aws/questions/QU3d052OqCQbaABB3xKZG7TQ/removal-of-user-and-permission-sets"
)
GROUP_DELETE_SOURCE: Final = (
    "assumption: no capture was found since cloud security groups are soft-deleted (2026), of which "
    "https://message.cengizyilmaz.net/message/microsoft-entra-soft-deletion-and-restoration-for-cloud-security-groups "
    "says that access is lost at once"
)
PURGED_SOURCE: Final = (
    "https://learn.microsoft.com/answers/questions/552508 (DELETE for whoever is deleted for good while in scope); "
    "nothing was sent in https://github.com/MicrosoftDocs/azure-docs/issues/30269"
)


def _no_action_twice(actions: tuple[Action, ...]) -> tuple[Action, ...]:
    for position, action in enumerate(actions):
        if action in actions[:position]:
            raise wrong(f"'{action}' stands here twice; name it once", position)
    return actions


Actions = Annotated[tuple[Action, ...], AfterValidator(_no_action_twice)]
_ALL: Final[tuple[Action, ...]] = ("create", "update", "delete")


class TargetActions(Part):
    """What the job may do to objects in the target; a disable is an update."""

    users: Actions = _ALL
    groups: Actions = _ALL
