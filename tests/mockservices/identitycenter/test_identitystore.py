"""identitystore as boto3 sees it: what SCIM has filled, and what an administrator changes by hand."""

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
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
NOBODY = "11111111-1111-4111-8111-111111111111"
EMAIL = (("primary", True), ("type", "work"), ("value", "ana@contoso.example"))


def body(refused: pytest.ExceptionInfo[ClientError]) -> Any:
    return refused.value.response


def code(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    error = body(refused)["Error"]
    return error["Code"], error["Message"]


@pytest.fixture
def of(services: Services) -> dict[str, str]:
    return {"IdentityStoreId": services.instance.identity_store_id}


# --- users -----------------------------------------------------------------------------------------------


def test_a_provisioned_user_is_described_in_full(
    store: Any, of: dict[str, str], new_user: NewUser, services: Services
) -> None:
    services.clock.now = Millis(250)
    ana = new_user("ana", externalId="e-1", title="Engineer", emails=(EMAIL,))
    described = store.describe_user(**of, UserId=ana)
    del described["ResponseMetadata"]
    created = START + timedelta(milliseconds=250)
    assert described == {
        **of,
        "UserId": ana,
        "UserArn": f"arn:aws:identitystore:::user/{ana}",
        "Revision": str(int(created.timestamp() * 1000)),
        "UserName": "ana",
        "DisplayName": "ana Test",
        "Title": "Engineer",
        "Name": {"GivenName": "ana", "FamilyName": "Test"},
        "Emails": [{"Value": "ana@contoso.example", "Type": "work", "Primary": True}],
        "ExternalIds": [{"Issuer": services.instance.scim_issuer, "Id": "e-1"}],
        "UserStatus": "ENABLED",
        "CreatedAt": created,
        "CreatedBy": "SCIM",
        "UpdatedAt": created,
    }


def test_a_disabled_user_keeps_its_id_and_shows_its_status(
    store: Any, of: dict[str, str], new_user: NewUser, disable: Callable[[str], None], services: Services
) -> None:
    ana = new_user("ana")
    before = store.describe_user(**of, UserId=ana)
    services.clock.now = Millis(60_000)
    disable(ana)
    after = store.describe_user(**of, UserId=ana)
    assert (before["UserStatus"], after["UserStatus"]) == ("ENABLED", "DISABLED")
    assert after["Revision"] != before["Revision"]
    assert after["UpdatedAt"] - after["CreatedAt"] == timedelta(minutes=1)


def test_an_arn_is_as_good_as_an_id(store: Any, new_user: NewUser, services: Services) -> None:
    ana = new_user("ana")
    instance = services.instance
    arn = f"arn:aws:identitystore::{instance.owner_account_id}:identitystore/{instance.identity_store_id}"
    described = store.describe_user(IdentityStoreId=arn, UserId=f"arn:aws:identitystore:::user/{ana}")
    assert described["UserId"] == ana


def test_a_user_who_is_not_there_is_not_found(
    store: Any, of: dict[str, str], new_user: NewUser, services: Services
) -> None:
    ana = new_user("ana")
    services.provider.delete_user(0)
    for identifier in (ana, NOBODY):
        with pytest.raises(ClientError) as refused:
            store.describe_user(**of, UserId=identifier)
        assert code(refused) == ("ResourceNotFoundException", "USER not found.")
        assert body(refused)["ResourceType"] == "USER"
        assert body(refused)["ResourceId"] == identifier
        assert body(refused)["RequestId"] == body(refused)["ResponseMetadata"]["RequestId"]
        assert body(refused)["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_another_identity_store_is_not_found(store: Any) -> None:
    with pytest.raises(ClientError) as refused:
        store.list_users(IdentityStoreId="d-0000000000")
    assert code(refused)[0] == "ResourceNotFoundException"
    assert body(refused)["ResourceType"] == "IDENTITY_STORE"


def test_users_come_in_pages_in_the_order_of_creation(
    store: Any, of: dict[str, str], new_user: NewUser, services: Services
) -> None:
    users = [new_user(f"user{i}") for i in range(7)]
    services.provider.delete_user(3)
    pages = list(store.get_paginator("list_users").paginate(**of, PaginationConfig={"PageSize": 3}))
    assert [len(page["Users"]) for page in pages] == [3, 3]
    assert [user["UserId"] for page in pages for user in page["Users"]] == users[:3] + users[4:]


def test_a_page_holds_a_hundred_users_at_most(store: Any, of: dict[str, str], new_user: NewUser) -> None:
    for i in range(101):
        new_user(f"user{i}")
    first = store.list_users(**of)
    assert len(first["Users"]) == 100
    assert len(store.list_users(**of, NextToken=first["NextToken"])["Users"]) == 1
    with pytest.raises(ClientError) as refused:
        store.list_users(**of, MaxResults=101)
    assert code(refused)[0] == "ValidationException"
    assert code(refused)[1] == (
        "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 100"
    )


def test_users_can_be_listed_by_name_only(store: Any, of: dict[str, str], new_user: NewUser) -> None:
    new_user("bo")
    ana = new_user("ana")

    def named(path: str, value: str) -> list[str]:
        found = store.list_users(**of, Filters=[{"AttributePath": path, "AttributeValue": value}])["Users"]
        return [user["UserId"] for user in found]

    assert named("UserName", "ANA") == [ana]
    assert named("UserName", "nobody") == []
    with pytest.raises(ClientError) as refused:
        named("Title", "Engineer")
    assert code(refused)[0] == "ValidationException"


@pytest.mark.parametrize("path", ["userName", "emails.value"])
def test_a_user_is_found_by_what_is_unique(store: Any, of: dict[str, str], new_user: NewUser, path: str) -> None:
    ana = new_user("ana@contoso.example", emails=(EMAIL,))
    sought = {"UniqueAttribute": {"AttributePath": path, "AttributeValue": "Ana@Contoso.example"}}
    assert store.get_user_id(**of, AlternateIdentifier=sought)["UserId"] == ana


def test_a_user_is_found_by_its_external_id_and_the_issuer(
    store: Any, of: dict[str, str], new_user: NewUser, services: Services
) -> None:
    ana = new_user("ana", externalId="e-1")

    def found(issuer: str, identifier: str) -> str:
        external = {"ExternalId": {"Issuer": issuer, "Id": identifier}}
        user: str = store.get_user_id(**of, AlternateIdentifier=external)["UserId"]
        return user

    assert found(services.instance.scim_issuer, "e-1") == ana
    for issuer, identifier in ((services.instance.scim_issuer, "e-2"), ("https://scim.aws.com/other", "e-1")):
        with pytest.raises(ClientError) as refused:
            found(issuer, identifier)
        assert code(refused) == ("ResourceNotFoundException", "USER not found.")


@pytest.mark.parametrize("value", ["x", 5, ["ana"], {"a": 1}])
def test_an_attribute_that_is_not_unique_finds_nobody(store: Any, of: dict[str, str], value: object) -> None:
    path = "title" if value == "x" else "userName"
    with pytest.raises(ClientError) as refused:
        store.get_user_id(
            **of, AlternateIdentifier={"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}
        )
    assert code(refused)[0] == "ValidationException"


# --- groups ----------------------------------------------------------------------------------------------


def test_a_provisioned_group_is_described(
    store: Any, of: dict[str, str], new_group: NewGroup, services: Services
) -> None:
    group = new_group("developers", externalId="g-1")
    described = store.describe_group(**of, GroupId=group)
    assert described["GroupArn"] == f"arn:aws:identitystore:::group/{group}"
    assert described["DisplayName"] == "developers"
    assert described["ExternalIds"] == [{"Issuer": services.instance.scim_issuer, "Id": "g-1"}]
    assert described["CreatedBy"] == "SCIM"


def test_groups_are_listed_and_found_by_name(store: Any, of: dict[str, str], new_group: NewGroup) -> None:
    groups = [new_group(name) for name in ("developers", "auditors", "readers")]
    pages = list(store.get_paginator("list_groups").paginate(**of, PaginationConfig={"PageSize": 2}))
    assert [group["GroupId"] for page in pages for group in page["Groups"]] == groups
    sought = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "Auditors"}}
    assert store.get_group_id(**of, AlternateIdentifier=sought)["GroupId"] == groups[1]
    by_filter = store.list_groups(**of, Filters=[{"AttributePath": "DisplayName", "AttributeValue": "readers"}])
    assert [group["GroupId"] for group in by_filter["Groups"]] == [groups[2]]
    nothing = store.list_groups(**of, Filters=[{"AttributePath": "DisplayName", "AttributeValue": "none"}])
    assert nothing["Groups"] == []


def test_a_group_that_is_not_there_is_not_found(store: Any, of: dict[str, str]) -> None:
    sought = {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "none"}}
    for call, arguments in (
        (store.describe_group, {"GroupId": NOBODY}),
        (store.list_group_memberships, {"GroupId": NOBODY}),
        (store.delete_group, {"GroupId": NOBODY}),
        (store.get_group_id, {"AlternateIdentifier": sought}),
    ):
        with pytest.raises(ClientError) as refused:
            call(**of, **arguments)
        assert code(refused) == ("ResourceNotFoundException", "GROUP not found.")


# --- memberships -----------------------------------------------------------------------------------------


def test_memberships_are_the_same_from_both_ends(
    store: Any, of: dict[str, str], new_user: NewUser, new_group: NewGroup
) -> None:
    ana, bo = new_user("ana"), new_user("bo")
    group, other = new_group("developers", ana, bo), new_group("auditors", ana)
    of_group = store.list_group_memberships(**of, GroupId=group)["GroupMemberships"]
    assert [membership["MemberId"]["UserId"] for membership in of_group] == [ana, bo]
    of_ana = store.list_group_memberships_for_member(**of, MemberId={"UserId": ana})["GroupMemberships"]
    assert [membership["GroupId"] for membership in of_ana] == [group, other]
    assert of_ana[0] == of_group[0]
    assert of_group[0]["MembershipArn"].endswith(f":::membership/{of_group[0]['MembershipId']}")


def test_memberships_come_in_pages(store: Any, of: dict[str, str], new_user: NewUser, new_group: NewGroup) -> None:
    users = [new_user(f"user{i}") for i in range(5)]
    group = new_group("developers", *users)
    pages = store.get_paginator("list_group_memberships").paginate(
        **of, GroupId=group, PaginationConfig={"PageSize": 2}
    )
    assert [m["MemberId"]["UserId"] for page in pages for m in page["GroupMemberships"]] == users


def test_membership_is_asked_of_many_groups_at_once(
    store: Any, of: dict[str, str], new_user: NewUser, new_group: NewGroup
) -> None:
    ana = new_user("ana")
    groups = [new_group("developers", ana), new_group("auditors")]
    results = store.is_member_in_groups(**of, MemberId={"UserId": ana}, GroupIds=groups)["Results"]
    assert [(result["GroupId"], result["MembershipExists"]) for result in results] == [
        (groups[0], True),
        (groups[1], False),
    ]
    assert results[0]["MemberId"] == {"UserId": ana}


# --- writes: allowed although users come by SCIM ---------------------------------------------------------


def test_a_user_made_by_hand_is_told_apart_from_a_provisioned_one(
    store: Any, of: dict[str, str], gate: ImmediateGate
) -> None:
    created = store.create_user(
        **of,
        UserName="local.admin",
        Name={"GivenName": "Local", "FamilyName": "Admin"},
        DisplayName="Local Admin",
        Title="Administrator of things",
        Emails=[{"Value": "local@contoso.example", "Type": "work", "Primary": True}],
        Addresses=[{"StreetAddress": "1 Main Street", "PostalCode": "10115"}],
    )
    described = store.describe_user(**of, UserId=created["UserId"])
    assert described["CreatedBy"] == "Manual"
    assert described["Revision"] == created["Revision"]
    assert described["Name"] == {"GivenName": "Local", "FamilyName": "Admin"}
    assert described["Emails"] == [{"Value": "local@contoso.example", "Type": "work", "Primary": True}]
    assert described["Addresses"] == [{"StreetAddress": "1 Main Street", "PostalCode": "10115"}]
    assert "ExternalIds" not in described
    assert gate.commands == [
        (
            "identitystore.user.create",
            {
                "attributes": {
                    "userName": "local.admin",
                    "displayName": "Local Admin",
                    "title": "Administrator of things",
                    "name.familyName": "Admin",
                    "name.givenName": "Local",
                    "emails": [{"value": "local@contoso.example", "type": "work", "primary": True}],
                    "addresses": [{"streetAddress": "1 Main Street", "postalCode": "10115"}],
                }
            },
        )
    ]


ANA = {"UserName": "ana", "Name": {"GivenName": "Ana", "FamilyName": "Lopez"}, "DisplayName": "Ana Lopez"}


def test_a_user_name_is_taken_once(store: Any, of: dict[str, str], new_user: NewUser, services: Services) -> None:
    new_user("ANA")
    before = services.trace.digest()
    with pytest.raises(ClientError) as refused:
        store.create_user(**of, **ANA)
    assert code(refused)[0] == "ConflictException"
    assert body(refused)["Reason"] == "UNIQUENESS_CONSTRAINT_VIOLATION"
    assert services.trace.digest() == before


@pytest.mark.parametrize("lacking", ["UserName", "DisplayName", "Name"])
def test_a_user_without_a_name_is_refused(store: Any, of: dict[str, str], lacking: str) -> None:
    with pytest.raises(ClientError) as refused:
        store.create_user(**of, **{name: value for name, value in ANA.items() if name != lacking})
    assert code(refused)[0] == "ValidationException"
    assert store.list_users(**of)["Users"] == []


@pytest.mark.parametrize(
    "more", [{"Website": "https://contoso.example"}, {"Photos": [{"Value": "https://contoso.example/ana.png"}]}]
)
def test_what_the_store_cannot_keep_is_refused_and_not_dropped(store: Any, of: dict[str, str], more: Any) -> None:
    with pytest.raises(ClientError) as refused:
        store.create_user(**of, **ANA, **more)
    assert code(refused) == ("ValidationException", f"{next(iter(more))} is not kept by this identity store.")


def test_a_user_is_deleted_once(store: Any, of: dict[str, str], new_user: NewUser) -> None:
    ana = new_user("ana")
    store.delete_user(**of, UserId=ana)
    assert store.list_users(**of)["Users"] == []
    with pytest.raises(ClientError) as refused:
        store.delete_user(**of, UserId=ana)
    assert code(refused) == ("ResourceNotFoundException", "USER not found.")


def test_a_deletion_can_depend_on_the_revision(
    store: Any, of: dict[str, str], new_user: NewUser, new_group: NewGroup
) -> None:
    ana, group = new_user("ana"), new_group("developers")
    with pytest.raises(ClientError) as refused:
        store.delete_user(**of, UserId=ana, Revision="1")
    assert code(refused)[0] == "ConflictException"
    assert body(refused)["Reason"] == "CONCURRENT_MODIFICATION"
    store.delete_user(**of, UserId=ana, Revision=store.describe_user(**of, UserId=ana)["Revision"])
    store.delete_group(**of, GroupId=group, Revision=store.describe_group(**of, GroupId=group)["Revision"])
    assert store.list_users(**of)["Users"] == []
    assert store.list_groups(**of)["Groups"] == []


def test_a_group_made_by_hand_has_a_description(store: Any, of: dict[str, str]) -> None:
    group = store.create_group(**of, DisplayName="break-glass", Description="For the worst day")["GroupId"]
    described = store.describe_group(**of, GroupId=group)
    assert (described["Description"], described["CreatedBy"]) == ("For the worst day", "Manual")


def test_a_group_name_is_taken_once(store: Any, of: dict[str, str], new_group: NewGroup) -> None:
    new_group("developers")
    with pytest.raises(ClientError) as refused:
        store.create_group(**of, DisplayName="Developers")
    assert code(refused) == ("ConflictException", "Duplicate GroupDisplayName")
    with pytest.raises(ClientError) as refused:
        store.create_group(**of)
    assert code(refused)[0] == "ValidationException"


def test_a_membership_made_by_hand_gives_access_until_it_is_taken_back(
    store: Any, of: dict[str, str], new_user: NewUser, new_group: NewGroup, services: Services
) -> None:
    ana, group = new_user("ana"), new_group("developers")
    account = services.instance.add_account("payments")
    developer = services.instance.create_permission_set("Developer")
    services.instance.create_assignment("GROUP", group, account.id, developer.arn)
    created = store.create_group_membership(**of, GroupId=group, MemberId={"UserId": ana})
    (listed,) = store.list_group_memberships(**of, GroupId=group)["GroupMemberships"]
    assert listed["MembershipId"] == created["MembershipId"]
    assert len(services.instance.effective(0)) == 1
    store.delete_group_membership(**of, MembershipId=created["MembershipId"])
    assert store.list_group_memberships(**of, GroupId=group)["GroupMemberships"] == []
    assert len(services.instance.effective(0)) == 0


def test_a_second_equal_membership_is_a_conflict(
    store: Any, of: dict[str, str], new_user: NewUser, new_group: NewGroup, services: Services
) -> None:
    ana = new_user("ana")
    group = new_group("developers", ana)
    before = services.trace.digest()
    with pytest.raises(ClientError) as refused:
        store.create_group_membership(**of, GroupId=group, MemberId={"UserId": ana})
    assert code(refused) == ("ConflictException", "Member and Group relationship already exists.")
    assert services.trace.digest() == before


def test_a_membership_needs_both_its_ends(
    store: Any, of: dict[str, str], new_user: NewUser, new_group: NewGroup
) -> None:
    ana, group = new_user("ana"), new_group("developers")
    for group_id, user_id, missing in ((group, NOBODY, "USER"), (NOBODY, ana, "GROUP")):
        with pytest.raises(ClientError) as refused:
            store.create_group_membership(**of, GroupId=group_id, MemberId={"UserId": user_id})
        assert code(refused) == ("ResourceNotFoundException", f"{missing} not found.")
    assert store.list_group_memberships(**of, GroupId=group)["GroupMemberships"] == []


def test_a_membership_goes_with_its_user(
    store: Any, of: dict[str, str], new_user: NewUser, new_group: NewGroup
) -> None:
    """The sentence is the one in https://github.com/awslabs/ssosync/pull/219."""
    ana = new_user("ana")
    group = new_group("developers", ana)
    (membership,) = store.list_group_memberships(**of, GroupId=group)["GroupMemberships"]
    store.delete_user(**of, UserId=ana)
    assert store.list_group_memberships(**of, GroupId=group)["GroupMemberships"] == []
    with pytest.raises(ClientError) as refused:
        store.delete_group_membership(**of, MembershipId=membership["MembershipId"])
    assert code(refused) == (
        "ResourceNotFoundException",
        "Group membership not found for given Pool/Group/Member.",
    )
