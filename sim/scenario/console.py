"""Scripted acts of somebody in the target's console: users, assignments, set-up, audit and clean-up.

Invariant: a user of the target is named by its userName or by the person whose it is, never by an id.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import model_validator

from sim.scenario.action import Action
from sim.scenario.fields import PermissionSetName, Text, UserName, exactly_one
from sim.scenario.sessions import SessionsConsole


class AwsCreateUser(Action):
    """Somebody creates a user by hand in the target; `owner` is the person it belongs to."""

    do: Literal["aws_create_user"]
    user_name: UserName
    given_name: Text
    family_name: Text
    owner: Text | None = None


class AwsDisableUser(Action):
    """Somebody disables a user in the target."""

    do: Literal["aws_disable_user"]
    user: Text


class AwsEnableUser(Action):
    """Somebody enables a user in the target."""

    do: Literal["aws_enable_user"]
    user: Text


class AwsDeleteUser(Action):
    """Somebody deletes a user in the target."""

    do: Literal["aws_delete_user"]
    user: Text


class AwsAddMember(Action):
    """Somebody adds a user to a group in the target."""

    do: Literal["aws_add_member"]
    group: Text
    user: Text


class AwsRemoveMember(Action):
    """Somebody takes a user out of a group in the target."""

    do: Literal["aws_remove_member"]
    group: Text
    user: Text


class _OfUserOrGroup(Action):
    user: Text | None = None
    group: Text | None = None
    permission_set: PermissionSetName
    account: Text

    @model_validator(mode="after")
    def _one_principal(self) -> _OfUserOrGroup:
        exactly_one(self, "user", "group")
        return self


class AwsAssign(_OfUserOrGroup):
    """Somebody assigns a permission set on an account to a user or a group."""

    do: Literal["aws_assign"]


class AwsUnassign(_OfUserOrGroup):
    """Somebody takes such an assignment away."""

    do: Literal["aws_unassign"]


class AwsEnable(Action):
    """Somebody enables IAM Identity Center for the organisation, in a region."""

    do: Literal["aws_enable"]
    region: Literal["us-east-1"] = "us-east-1"


class AwsIdentitySource(Action):
    """Somebody switches the target's identity source."""

    do: Literal["aws_identity_source"]
    source: Literal["local", "external"]


class AwsAutomaticProvisioning(Action):
    """Somebody turns automatic provisioning on: from now on there is a SCIM endpoint, and a token for a year."""

    do: Literal["aws_automatic_provisioning"]


class AwsCreatePermissionSet(Action):
    """Somebody creates a permission set of `target.permission_sets`, which until then is not there."""

    do: Literal["aws_create_permission_set"]
    permission_set: PermissionSetName


class AwsAudit(Action):
    """Somebody compares the target with the directory: whose grants work although they have long been disabled?"""

    do: Literal["aws_audit"]


class AwsCleanUp(Action):
    """Somebody takes away what the audits so far have found, as far as it is stale still."""

    do: Literal["aws_clean_up"]


Console: TypeAlias = (
    AwsCreateUser
    | AwsDisableUser
    | AwsEnableUser
    | AwsDeleteUser
    | AwsAddMember
    | AwsRemoveMember
    | AwsAssign
    | AwsUnassign
    | AwsEnable
    | AwsIdentitySource
    | AwsAutomaticProvisioning
    | AwsCreatePermissionSet
    | AwsAudit
    | AwsCleanUp
    | SessionsConsole
)
