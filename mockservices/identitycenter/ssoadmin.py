"""The operations of ``sso-admin``: instances, permission sets, account assignments.

Invariant: an assignment is accepted first (``IN_PROGRESS``) and its outcome told when asked for, as on AWS, although
here it is decided at once. What is attached to a permission set is provisioned in the same instant.
https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mockservices.clock import Millis
from mockservices.identitycenter import render
from mockservices.identitycenter import ssoadmin_shapes as shapes
from mockservices.identitycenter.entities import USER, Assignment, OperationStatus
from mockservices.identitycenter.errors import not_found
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.operations import Read, Write, nothing
from mockservices.identitycenter.paging import Key, page
from mockservices.identitycenter.render import Members
from mockservices.services import Services

PREFIX = "SWBExternalService."
_PART = re.compile(r"([0-9]+)([DHMS])")
_UNITS = {"D": 86_400_000, "H": 3_600_000, "M": 60_000, "S": 1_000}


def _milliseconds(text: str) -> Millis:
    """The length of an ISO 8601 duration of days, hours, minutes and seconds."""
    return Millis(sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text)))


def _list_instances(services: Services, body: shapes.ListInstances) -> Members:
    instance = services.instance
    members = {
        "InstanceArn": instance.arn,
        "IdentityStoreId": instance.identity_store_id,
        "IdentityStoreArn": render.store_arn(instance),
        "OwnerAccountId": instance.owner_account_id,
        "CreatedDate": render.epoch(services.clock, Millis(0)),
        "Status": "ACTIVE",
        "PrimaryRegion": instance.region,
    }
    instances, more = page("ListInstances", body.next_token, body.max_results, [((0,), members)])
    return {"Instances": instances, **more}


# --- permission sets -------------------------------------------------------------------------------------


def _permission_set_arguments(body: shapes.CreatePermissionSet) -> dict[str, Any]:
    arguments = {
        "name": body.name,
        "description": body.description,
        "relay_state": body.relay_state,
        "session_ms": None if body.session_duration is None else _milliseconds(body.session_duration),
    }
    return {name: value for name, value in arguments.items() if value is not None}


def _describe_permission_set(services: Services, body: shapes.OfPermissionSet) -> Members:
    found = services.instance.find_permission_set(body.permission_set_arn)
    return {"PermissionSet": render.permission_set(services.clock, found)}


def _list_permission_sets(services: Services, body: shapes.ListPermissionSets) -> Members:
    items = (((it.row,), it.arn) for it in services.instance.permission_sets)
    arns, more = page("ListPermissionSets", body.next_token, body.max_results, items)
    return {"PermissionSets": arns, **more}


def _list_managed_policies(services: Services, body: shapes.ListManagedPolicies) -> Members:
    attached = services.instance.find_permission_set(body.permission_set_arn).managed_policies
    items = (((i,), {"Name": arn.rpartition("/")[2], "Arn": arn}) for i, arn in enumerate(attached))
    policies, more = page("ListManagedPoliciesInPermissionSet", body.next_token, body.max_results, items)
    return {"AttachedManagedPolicies": policies, **more}


def _get_inline_policy(services: Services, body: shapes.OfPermissionSet) -> Members:
    """An empty text when there is none, as the model has it."""
    found = services.instance.find_permission_set(body.permission_set_arn)
    return {"InlinePolicy": services.doors.inline_policy(found) or ""}


# --- assignments -----------------------------------------------------------------------------------------


def _assignment_arguments(body: shapes.AccountAssignment) -> dict[str, Any]:
    return {
        "principal_type": body.principal_type,
        "principal_id": body.principal_id,
        "account": body.target_id,
        "permission_set": body.permission_set_arn,
    }


def _creation_accepted(services: Services, it: OperationStatus) -> Members:
    return {"AccountAssignmentCreationStatus": render.operation(services.instance, it, accepted=True)}


def _deletion_accepted(services: Services, it: OperationStatus) -> Members:
    return {"AccountAssignmentDeletionStatus": render.operation(services.instance, it, accepted=True)}


def _outcome(services: Services, operation: str, request_id: str) -> Members:
    found = services.instance.operation(request_id)
    if found is None or found.operation != operation:
        raise not_found(f"Could not find request with id {request_id}")
    return render.operation(services.instance, found)


def _describe_creation(services: Services, body: shapes.DescribeCreation) -> Members:
    outcome = _outcome(services, "CREATE", body.account_assignment_creation_request_id)
    return {"AccountAssignmentCreationStatus": outcome}


def _describe_deletion(services: Services, body: shapes.DescribeDeletion) -> Members:
    outcome = _outcome(services, "DELETE", body.account_assignment_deletion_request_id)
    return {"AccountAssignmentDeletionStatus": outcome}


def _sorted(instance: Instance, assignments: Iterable[Assignment]) -> list[tuple[Key, Members]]:
    """By account, permission set, groups before users, and who came to the store first."""

    def key(it: Assignment) -> Key:
        is_user = it.kind == USER
        row = instance.store.user_row(it.principal_id) if is_user else instance.store.group_row(it.principal_id)
        return it.account, it.permission_set, int(is_user), -1 if row is None else row

    return [(key(it), render.assignment(instance, it)) for it in sorted(assignments, key=key)]


def _list_assignments(services: Services, body: shapes.ListAccountAssignments) -> Members:
    instance = services.instance
    account = instance.find_account(body.account_id).row
    permission_set = instance.find_permission_set(body.permission_set_arn).row
    there = [it for it in instance.assignments() if (it.account, it.permission_set) == (account, permission_set)]
    rows, more = page("ListAccountAssignments", body.next_token, body.max_results, _sorted(instance, there))
    return {"AccountAssignments": rows, **more}


def _list_for_principal(services: Services, body: shapes.ListForPrincipal) -> Members:
    """For a user also what its groups have, under the group's own id: "accounts that the principal has access to"
    (https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListAccountAssignmentsForPrincipal.html).
    A principal that is gone still shows what was assigned to itself."""
    instance = services.instance
    held = list(instance.assignments_of(body.principal_type, body.principal_id))
    if body.principal_type == USER:
        row = instance.store.user_row(body.principal_id)
        for group in () if row is None else instance.store.groups_of(row):
            held += instance.assignments_of("GROUP", instance.store.groups[group].id)
    if body.filter is not None and body.filter.account_id is not None:
        held = [it for it in held if instance.accounts[it.account].id == body.filter.account_id]
    rows, more = page("ListAccountAssignmentsForPrincipal", body.next_token, body.max_results, _sorted(instance, held))
    return {"AccountAssignments": rows, **more}


# --- where permission sets are provisioned: where anybody is assigned -----------------------------------


def _is_outdated(status: shapes.ProvisioningStatus | None) -> bool:
    """Whether only outdated permission sets are asked for; there are none, as every change is provisioned at once."""
    return status == "LATEST_PERMISSION_SET_NOT_PROVISIONED"


def _list_provisioned_to_account(services: Services, body: shapes.ListProvisionedToAccount) -> Members:
    instance = services.instance
    account = instance.find_account(body.account_id).row
    rows = {it.permission_set for it in instance.assignments() if it.account == account}
    items = () if _is_outdated(body.provisioning_status) else sorted(rows)
    arns, more = page(
        "ListPermissionSetsProvisionedToAccount",
        body.next_token,
        body.max_results,
        (((row,), instance.permission_set_at(row).arn) for row in items),
    )
    return {"PermissionSets": arns, **more}


def _list_accounts(services: Services, body: shapes.ListAccountsOfPermissionSet) -> Members:
    instance = services.instance
    permission_set = instance.find_permission_set(body.permission_set_arn).row
    rows = {it.account for it in instance.assignments() if it.permission_set == permission_set}
    items = () if _is_outdated(body.provisioning_status) else sorted(rows)
    ids, more = page(
        "ListAccountsForProvisionedPermissionSet",
        body.next_token,
        body.max_results,
        (((row,), instance.accounts[row].id) for row in items),
    )
    return {"AccountIds": ids, **more}


OPERATIONS: Mapping[str, Read[Any] | Write[Any]] = {
    "ListInstances": Read(shapes.ListInstances, _list_instances),
    "CreatePermissionSet": Write(
        shapes.CreatePermissionSet,
        "sso.permissionSet.create",
        _permission_set_arguments,
        lambda services, it: {"PermissionSet": render.permission_set(services.clock, it)},
    ),
    "DescribePermissionSet": Read(shapes.OfPermissionSet, _describe_permission_set),
    "ListPermissionSets": Read(shapes.ListPermissionSets, _list_permission_sets),
    "AttachManagedPolicyToPermissionSet": Write(
        shapes.AttachManagedPolicy,
        "sso.policy.attach",
        lambda body: {"permission_set": body.permission_set_arn, "policy": body.managed_policy_arn},
        nothing,
    ),
    "ListManagedPoliciesInPermissionSet": Read(shapes.ListManagedPolicies, _list_managed_policies),
    "PutInlinePolicyToPermissionSet": Write(
        shapes.PutInlinePolicy,
        "sso.inlinePolicy.put",
        lambda body: {"permission_set": body.permission_set_arn, "policy": body.inline_policy},
        nothing,
    ),
    "GetInlinePolicyForPermissionSet": Read(shapes.OfPermissionSet, _get_inline_policy),
    "DeleteInlinePolicyFromPermissionSet": Write(
        shapes.OfPermissionSet,
        "sso.inlinePolicy.delete",
        lambda body: {"permission_set": body.permission_set_arn},
        nothing,
    ),
    "CreateAccountAssignment": Write(
        shapes.AccountAssignment, "sso.assignment.create", _assignment_arguments, _creation_accepted
    ),
    "DeleteAccountAssignment": Write(
        shapes.AccountAssignment, "sso.assignment.delete", _assignment_arguments, _deletion_accepted
    ),
    "DescribeAccountAssignmentCreationStatus": Read(shapes.DescribeCreation, _describe_creation),
    "DescribeAccountAssignmentDeletionStatus": Read(shapes.DescribeDeletion, _describe_deletion),
    "ListAccountAssignments": Read(shapes.ListAccountAssignments, _list_assignments),
    "ListAccountAssignmentsForPrincipal": Read(shapes.ListForPrincipal, _list_for_principal),
    "ListPermissionSetsProvisionedToAccount": Read(shapes.ListProvisionedToAccount, _list_provisioned_to_account),
    "ListAccountsForProvisionedPermissionSet": Read(shapes.ListAccountsOfPermissionSet, _list_accounts),
}
