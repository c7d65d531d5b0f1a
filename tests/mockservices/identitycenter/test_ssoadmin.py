"""sso-admin as boto3 sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mockservices.clock import Millis
from mockservices.services import Services
from mockservices.testing import ImmediateGate

NewUser = Callable[..., str]
NewGroup = Callable[..., str]
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def code(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, str, int]:
    response: Any = refused.value.response
    error = response["Error"]
    return error["Code"], error["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.fixture
def arn(services: Services) -> str:
    return services.instance.arn


@pytest.fixture
def account(services: Services) -> str:
    return services.instance.add_account("payments").id


@pytest.fixture
def developer(services: Services) -> str:
    return services.instance.create_permission_set("Developer").arn


class Assign:
    """Assignments on one account with one permission set."""

    def __init__(self, sso: Any, arn: str, account: str, permission_set: str) -> None:
        self._sso = sso
        self._of = {
            "InstanceArn": arn,
            "TargetId": account,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": permission_set,
        }
        self._arn = arn

    def create(self, kind: str, principal: str) -> dict[str, Any]:
        response = self._sso.create_account_assignment(**self._of, PrincipalType=kind, PrincipalId=principal)
        status: dict[str, Any] = response["AccountAssignmentCreationStatus"]
        return status

    def delete(self, kind: str, principal: str) -> dict[str, Any]:
        response = self._sso.delete_account_assignment(**self._of, PrincipalType=kind, PrincipalId=principal)
        status: dict[str, Any] = response["AccountAssignmentDeletionStatus"]
        return status

    def created(self, kind: str, principal: str) -> dict[str, Any]:
        """Create, and ask for the outcome."""
        response = self._sso.describe_account_assignment_creation_status(
            InstanceArn=self._arn, AccountAssignmentCreationRequestId=self.create(kind, principal)["RequestId"]
        )
        status: dict[str, Any] = response["AccountAssignmentCreationStatus"]
        return status

    def deleted(self, kind: str, principal: str) -> dict[str, Any]:
        """Delete, and ask for the outcome."""
        response = self._sso.describe_account_assignment_deletion_status(
            InstanceArn=self._arn, AccountAssignmentDeletionRequestId=self.delete(kind, principal)["RequestId"]
        )
        status: dict[str, Any] = response["AccountAssignmentDeletionStatus"]
        return status


@pytest.fixture
def assign(sso: Any, arn: str, account: str, developer: str) -> Assign:
    return Assign(sso, arn, account, developer)


# --- the instance ----------------------------------------------------------------------------------------


def test_there_is_one_active_instance(sso: Any, services: Services) -> None:
    (instance,) = sso.list_instances()["Instances"]
    assert instance["InstanceArn"] == services.instance.arn
    assert instance["IdentityStoreId"] == services.instance.identity_store_id
    assert instance["Status"] == "ACTIVE"
    assert instance["PrimaryRegion"] == "us-east-1"
    assert instance["CreatedDate"] == START
    assert len(instance["OwnerAccountId"]) == 12


def test_another_instance_is_not_found(sso: Any) -> None:
    with pytest.raises(ClientError) as refused:
        sso.list_permission_sets(InstanceArn="arn:aws:sso:::instance/ssoins-0000000000000000")
    assert code(refused)[0] == "ResourceNotFoundException"


# --- permission sets -------------------------------------------------------------------------------------


def test_a_permission_set_is_created_and_described(sso: Any, arn: str, services: Services) -> None:
    services.clock.now = Millis(1500)
    created = sso.create_permission_set(
        InstanceArn=arn,
        Name="Audit",
        Description="Looks and touches nothing",
        SessionDuration="PT1H30M",
        RelayState="https://console.aws.amazon.com/billing/",
        Tags=[{"Key": "team", "Value": "security"}],
    )["PermissionSet"]
    described = sso.describe_permission_set(InstanceArn=arn, PermissionSetArn=created["PermissionSetArn"])
    assert described["PermissionSet"] == created
    assert created == {
        "Name": "Audit",
        "PermissionSetArn": services.instance.permission_sets[0].arn,
        "Description": "Looks and touches nothing",
        "SessionDuration": "PT1H30M",
        "RelayState": "https://console.aws.amazon.com/billing/",
        "CreatedDate": START + timedelta(milliseconds=1500),
    }


def test_a_permission_set_has_sessions_of_an_hour_unless_told_otherwise(sso: Any, arn: str) -> None:
    created = sso.create_permission_set(InstanceArn=arn, Name="Audit")["PermissionSet"]
    assert created["SessionDuration"] == "PT1H"
    assert "Description" not in created


@pytest.mark.parametrize(("given", "kept"), [("PT12H", "PT12H"), ("PT90M", "PT1H30M"), ("PT3601S", "PT1H1S")])
def test_a_session_duration_is_told_in_hours_minutes_and_seconds(sso: Any, arn: str, given: str, kept: str) -> None:
    created = sso.create_permission_set(InstanceArn=arn, Name="Audit", SessionDuration=given)
    assert created["PermissionSet"]["SessionDuration"] == kept


@pytest.mark.parametrize("duration", ["PT13H", "P1D", "PT5M", "P1Y", "1h", "PT"])
def test_a_session_duration_outside_one_to_twelve_hours_is_refused(sso: Any, arn: str, duration: str) -> None:
    with pytest.raises(ClientError) as refused:
        sso.create_permission_set(InstanceArn=arn, Name="Audit", SessionDuration=duration)
    assert code(refused)[0] == "ValidationException"
    assert sso.list_permission_sets(InstanceArn=arn)["PermissionSets"] == []


def test_a_name_is_taken_once(sso: Any, arn: str, developer: str) -> None:
    with pytest.raises(ClientError) as refused:
        sso.create_permission_set(InstanceArn=arn, Name="Developer")
    assert code(refused) == ("ConflictException", "PermissionSet with name Developer already exists.", 400)
    assert sso.list_permission_sets(InstanceArn=arn)["PermissionSets"] == [developer]


def test_a_name_with_a_space_is_refused_in_the_words_of_aws(sso: Any, arn: str) -> None:
    with pytest.raises(ClientError) as refused:
        sso.create_permission_set(InstanceArn=arn, Name="Power User")
    assert code(refused)[1] == (
        "1 validation error detected: Value 'Power User' at 'name' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[A-Za-z0-9_+=,.@-]+$"
    )


def test_managed_policies_are_attached_and_listed(sso: Any, arn: str, developer: str) -> None:
    of = {"InstanceArn": arn, "PermissionSetArn": developer}
    sso.attach_managed_policy_to_permission_set(**of, ManagedPolicyArn=READ_ONLY)
    listed = sso.list_managed_policies_in_permission_set(**of)["AttachedManagedPolicies"]
    assert listed == [{"Name": "ReadOnlyAccess", "Arn": READ_ONLY}]
    with pytest.raises(ClientError) as refused:
        sso.attach_managed_policy_to_permission_set(**of, ManagedPolicyArn=READ_ONLY)
    assert code(refused)[0] == "ConflictException"


def test_a_policy_of_the_customers_own_is_no_managed_policy(sso: Any, arn: str, developer: str) -> None:
    with pytest.raises(ClientError) as refused:
        sso.attach_managed_policy_to_permission_set(
            InstanceArn=arn, PermissionSetArn=developer, ManagedPolicyArn="arn:aws:iam::111122223333:policy/Own"
        )
    assert code(refused)[0] == "ValidationException"


DENY = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


def test_an_inline_policy_is_put_read_and_deleted(sso: Any, arn: str, developer: str) -> None:
    of = {"InstanceArn": arn, "PermissionSetArn": developer}
    assert sso.get_inline_policy_for_permission_set(**of)["InlinePolicy"] == ""
    sso.put_inline_policy_to_permission_set(**of, InlinePolicy=DENY)
    assert sso.get_inline_policy_for_permission_set(**of)["InlinePolicy"] == DENY
    sso.delete_inline_policy_from_permission_set(**of)
    assert sso.get_inline_policy_for_permission_set(**of)["InlinePolicy"] == ""
    with pytest.raises(sso.exceptions.ResourceNotFoundException):
        sso.delete_inline_policy_from_permission_set(**of)


def test_what_is_no_policy_is_refused(sso: Any, arn: str, developer: str) -> None:
    with pytest.raises(ClientError) as refused:
        sso.put_inline_policy_to_permission_set(InstanceArn=arn, PermissionSetArn=developer, InlinePolicy="{")
    assert code(refused) == ("ValidationException", "The policy is no JSON.", 400)


def test_permission_sets_come_in_pages(sso: Any, arn: str, services: Services) -> None:
    made = [services.instance.create_permission_set(f"Set{i}").arn for i in range(5)]
    pages = list(sso.get_paginator("list_permission_sets").paginate(InstanceArn=arn, PaginationConfig={"PageSize": 2}))
    assert [len(page["PermissionSets"]) for page in pages] == [2, 2, 1]
    assert [one for page in pages for one in page["PermissionSets"]] == made


# --- assignments -----------------------------------------------------------------------------------------


def test_an_assignment_is_accepted_first_and_succeeds_afterwards(
    assign: Assign, account: str, developer: str, new_user: NewUser, services: Services
) -> None:
    ana = new_user("ana")
    accepted = assign.create("USER", ana)
    assert accepted["Status"] == "IN_PROGRESS"
    assert accepted["RequestId"] == services.instance.operations[0].request_id
    assert assign.created("USER", ana) == {
        "Status": "SUCCEEDED",
        "RequestId": services.instance.operations[1].request_id,
        "TargetId": account,
        "TargetType": "AWS_ACCOUNT",
        "PermissionSetArn": developer,
        "PrincipalType": "USER",
        "PrincipalId": ana,
        "CreatedDate": START,
    }


def test_an_assignment_to_nobody_fails_after_it_was_accepted(assign: Assign, services: Services) -> None:
    nobody = "11111111-1111-4111-8111-111111111111"
    assert assign.create("GROUP", nobody)["Status"] == "IN_PROGRESS"
    outcome = assign.created("GROUP", nobody)
    assert outcome["Status"] == "FAILED"
    assert outcome["FailureReason"] == (
        f"Received a 404 status error: the GROUP assignee {nobody} was not found in directory "
        f"{services.instance.identity_store_id}"
    )


def test_a_second_equal_assignment_succeeds(assign: Assign, new_user: NewUser, services: Services) -> None:
    ana = new_user("ana")
    assert assign.created("USER", ana)["Status"] == "SUCCEEDED"
    assert assign.created("USER", ana)["Status"] == "SUCCEEDED"
    assert len(services.instance.assignments()) == 1


def test_deleting_an_assignment_twice_fails_the_second_time(assign: Assign, new_user: NewUser) -> None:
    ana = new_user("ana")
    assign.create("USER", ana)
    assert assign.deleted("USER", ana)["Status"] == "SUCCEEDED"
    outcome = assign.deleted("USER", ana)
    assert outcome["Status"] == "FAILED"
    assert outcome["FailureReason"].startswith("Received a 404 status error: EntitlementItem doesn't exist")


def test_a_creation_is_not_found_among_the_deletions(sso: Any, assign: Assign, arn: str, new_user: NewUser) -> None:
    accepted = assign.create("USER", new_user("ana"))
    with pytest.raises(ClientError) as refused:
        sso.describe_account_assignment_deletion_status(
            InstanceArn=arn, AccountAssignmentDeletionRequestId=accepted["RequestId"]
        )
    assert code(refused)[0] == "ResourceNotFoundException"


def test_an_unknown_account_is_refused_at_once(
    sso: Any, arn: str, developer: str, new_user: NewUser, services: Services
) -> None:
    with pytest.raises(ClientError) as refused:
        Assign(sso, arn, "999999999999", developer).create("USER", new_user("ana"))
    assert code(refused)[0] == "ResourceNotFoundException"
    assert services.instance.operations == []


def test_assignments_are_commands_with_plain_arguments(
    assign: Assign, account: str, developer: str, new_user: NewUser, gate: ImmediateGate
) -> None:
    ana = new_user("ana")
    assign.create("USER", ana)
    arguments = {"principal_type": "USER", "principal_id": ana, "account": account, "permission_set": developer}
    assert gate.commands == [("sso.assignment.create", arguments)]


def test_assignments_of_an_account_name_their_principals(
    sso: Any, assign: Assign, arn: str, account: str, developer: str, new_user: NewUser, new_group: NewGroup
) -> None:
    ana = new_user("ana")
    group = new_group("developers", ana)
    assign.create("USER", ana)
    assign.create("GROUP", group)
    listed = sso.list_account_assignments(InstanceArn=arn, AccountId=account, PermissionSetArn=developer)
    of = {"AccountId": account, "PermissionSetArn": developer}
    assert listed["AccountAssignments"] == [
        {**of, "PrincipalType": "GROUP", "PrincipalId": group},
        {**of, "PrincipalType": "USER", "PrincipalId": ana},
    ]


def test_an_assignment_outlives_its_principal(
    sso: Any, store: Any, assign: Assign, arn: str, account: str, developer: str, new_user: NewUser, services: Services
) -> None:
    """The pair by which an auditor finds a leftover: it is listed, and nobody is behind it."""
    ana = new_user("ana")
    assign.create("USER", ana)
    services.provider.delete_user(0)
    (left,) = sso.list_account_assignments(InstanceArn=arn, AccountId=account, PermissionSetArn=developer)[
        "AccountAssignments"
    ]
    assert left["PrincipalId"] == ana
    (held,) = sso.list_account_assignments_for_principal(InstanceArn=arn, PrincipalId=ana, PrincipalType="USER")[
        "AccountAssignments"
    ]
    assert held == left
    with pytest.raises(ClientError):
        store.describe_user(IdentityStoreId=services.instance.identity_store_id, UserId=ana)
    assert assign.deleted("USER", ana)["Status"] == "SUCCEEDED"


def test_a_users_assignments_include_those_of_its_groups_under_the_groups_id(
    sso: Any, assign: Assign, arn: str, new_user: NewUser, new_group: NewGroup
) -> None:
    ana = new_user("ana")
    group = new_group("developers", ana)
    assign.create("USER", ana)
    assign.create("GROUP", group)
    listed = sso.list_account_assignments_for_principal(InstanceArn=arn, PrincipalId=ana, PrincipalType="USER")
    rows = [(row["PrincipalType"], row["PrincipalId"]) for row in listed["AccountAssignments"]]
    assert rows == [("GROUP", group), ("USER", ana)]
    of_group = sso.list_account_assignments_for_principal(InstanceArn=arn, PrincipalId=group, PrincipalType="GROUP")
    assert [row["PrincipalId"] for row in of_group["AccountAssignments"]] == [group]


def test_assignments_of_a_principal_can_be_asked_for_one_account(
    sso: Any, assign: Assign, arn: str, account: str, developer: str, new_user: NewUser, services: Services
) -> None:
    ana = new_user("ana")
    other = services.instance.add_account("lending").id
    assign.create("USER", ana)
    Assign(sso, arn, other, developer).create("USER", ana)
    asked = {"InstanceArn": arn, "PrincipalId": ana, "PrincipalType": "USER"}
    listed = sso.list_account_assignments_for_principal(**asked, Filter={"AccountId": other})["AccountAssignments"]
    assert [row["AccountId"] for row in listed] == [other]
    everything = sso.list_account_assignments_for_principal(**asked)["AccountAssignments"]
    assert [row["AccountId"] for row in everything] == [account, other]


def test_a_principal_that_never_was_has_nothing(sso: Any, arn: str) -> None:
    nobody = "11111111-1111-4111-8111-111111111111"
    for kind in ("USER", "GROUP"):
        listed = sso.list_account_assignments_for_principal(InstanceArn=arn, PrincipalId=nobody, PrincipalType=kind)
        assert listed["AccountAssignments"] == []


def test_assignments_come_in_pages_that_a_deletion_does_not_shift(
    sso: Any, assign: Assign, arn: str, account: str, developer: str, new_user: NewUser
) -> None:
    users = [new_user(f"user{i}") for i in range(5)]
    for user in users:
        assign.create("USER", user)
    asked = {"InstanceArn": arn, "AccountId": account, "PermissionSetArn": developer, "MaxResults": 2}
    first = sso.list_account_assignments(**asked)
    assign.delete("USER", users[0])
    second = sso.list_account_assignments(**asked, NextToken=first["NextToken"])
    third = sso.list_account_assignments(**asked, NextToken=second["NextToken"])
    pages = [[row["PrincipalId"] for row in page["AccountAssignments"]] for page in (first, second, third)]
    assert pages == [users[:2], users[2:4], users[4:]]
    assert "NextToken" not in third


def test_a_permission_set_is_provisioned_where_somebody_is_assigned(
    sso: Any, assign: Assign, arn: str, account: str, developer: str, new_user: NewUser, services: Services
) -> None:
    ana = new_user("ana")
    services.instance.add_account("lending")
    accounts = {"InstanceArn": arn, "PermissionSetArn": developer}
    sets = {"InstanceArn": arn, "AccountId": account}
    assert sso.list_accounts_for_provisioned_permission_set(**accounts)["AccountIds"] == []
    assign.create("USER", ana)
    assert sso.list_accounts_for_provisioned_permission_set(**accounts)["AccountIds"] == [account]
    assert sso.list_permission_sets_provisioned_to_account(**sets)["PermissionSets"] == [developer]
    outdated = {"ProvisioningStatus": "LATEST_PERMISSION_SET_NOT_PROVISIONED"}
    assert sso.list_accounts_for_provisioned_permission_set(**accounts, **outdated)["AccountIds"] == []
    assert sso.list_permission_sets_provisioned_to_account(**sets, **outdated)["PermissionSets"] == []
    assign.delete("USER", ana)
    assert sso.list_permission_sets_provisioned_to_account(**sets)["PermissionSets"] == []
