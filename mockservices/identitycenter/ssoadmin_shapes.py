"""Request bodies of ``sso-admin``.

Invariant: a body that passes is complete and well-formed; whether what it names exists is for the core to say.
Constraints: https://github.com/boto/botocore/tree/develop/botocore/data/sso-admin
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from mockservices.identitycenter.shapes import ID, INSTANCE, Body, Paged, SsoBody

_POLICY = r"(/[A-Za-z0-9.,+@=_-]+)*/[A-Za-z0-9.,+=@_-]+"
_DURATION = r"P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+S)?)?"

PermissionSetArn: TypeAlias = Annotated[
    str, Field(pattern=f"^arn:aws(-[a-z]{{1,5}}){{0,3}}:sso:::permissionSet/{INSTANCE}/ps-[a-zA-Z0-9-./]{{16}}$")
]
PolicyArn: TypeAlias = Annotated[
    str, Field(pattern=f"^arn:aws(-[a-z]{{1,5}}){{0,3}}:iam::aws:policy{_POLICY}$", min_length=20, max_length=2048)
]
AccountId: TypeAlias = Annotated[str, Field(pattern="^[0-9]{12}$")]
RequestId: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
PrincipalId: TypeAlias = Annotated[str, Field(pattern=f"^{ID}$")]
PrincipalType: TypeAlias = Literal["USER", "GROUP"]
ProvisioningStatus: TypeAlias = Literal["LATEST_PERMISSION_SET_PROVISIONED", "LATEST_PERMISSION_SET_NOT_PROVISIONED"]


class ListInstances(Paged):
    """The instances in reach: one."""

    region_scope: Literal["CURRENT_REGION", "ALL_REGIONS"] | None = None


class CreatePermissionSet(SsoBody):
    """A new permission set; tags are accepted and kept nowhere."""

    name: Annotated[str, Field(pattern="^[A-Za-z0-9_+=,.@-]+$", min_length=1, max_length=32)]
    description: Annotated[str, Field(min_length=1, max_length=700)] | None = None
    session_duration: Annotated[str, Field(pattern=f"^{_DURATION}$", min_length=1, max_length=100)] | None = None
    relay_state: Annotated[str, Field(min_length=1, max_length=240)] | None = None


class OfPermissionSet(SsoBody):
    """Names a permission set."""

    permission_set_arn: PermissionSetArn


class ListPermissionSets(SsoBody, Paged):
    """All permission sets."""


class AttachManagedPolicy(OfPermissionSet):
    """An AWS managed policy for a permission set."""

    managed_policy_arn: PolicyArn


class ListManagedPolicies(OfPermissionSet, Paged):
    """The managed policies of a permission set."""


class PutInlinePolicy(OfPermissionSet):
    """The inline policy of a permission set."""

    inline_policy: Annotated[str, Field(pattern="^[\\t\\n\\r\\x20-\\xff]+$", min_length=1, max_length=32768)]


class AccountAssignment(OfPermissionSet):
    """(principal, account, permission set)."""

    target_id: AccountId
    target_type: Literal["AWS_ACCOUNT"]
    principal_type: PrincipalType
    principal_id: PrincipalId


class DescribeCreation(SsoBody):
    """Names a CreateAccountAssignment request."""

    account_assignment_creation_request_id: RequestId


class DescribeDeletion(SsoBody):
    """Names a DeleteAccountAssignment request."""

    account_assignment_deletion_request_id: RequestId


class ListAccountAssignments(OfPermissionSet, Paged):
    """Who has a permission set on an account."""

    account_id: AccountId


class AssignmentFilter(Body):
    """Only one account."""

    account_id: AccountId | None = None


class ListForPrincipal(SsoBody, Paged):
    """What one principal has."""

    principal_type: PrincipalType
    principal_id: PrincipalId
    filter: AssignmentFilter | None = None


class ListProvisionedToAccount(SsoBody, Paged):
    """The permission sets of an account."""

    account_id: AccountId
    provisioning_status: ProvisioningStatus | None = None


class ListAccountsOfPermissionSet(OfPermissionSet, Paged):
    """The accounts of a permission set."""

    provisioning_status: ProvisioningStatus | None = None
