"""The Identity Center core: who can use what, and what is left when a principal is gone."""

from __future__ import annotations

import re

import pytest

from mockservices.clock import Millis
from mockservices.identitycenter.entities import GROUP, NOTHING, USER, PermissionSet
from mockservices.identitycenter.errors import AwsError
from mockservices.identitycenter.instance import Instance
from mockservices.scim.operations import AddMembers, Path, RemoveMembers, SetAttribute
from mockservices.services import Services
from mockservices.testing import make_services

HOUR = 3_600_000


class Landscape:
    """One account, one permission set and the store under them."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.instance: Instance = services.instance
        self.account = services.instance.add_account("payments").id
        self.developer: PermissionSet = services.instance.create_permission_set("Developer")

    def user(self, name: str) -> str:
        attributes = {"userName": name, "name.givenName": name, "name.familyName": "Test", "displayName": name}
        return self.services.provider.create_user({**attributes}).id

    def group(self, name: str, *members: str) -> str:
        return self.services.provider.create_group({"displayName": name}, members).id

    def assign(self, kind: str, principal: str) -> str | None:
        return self.instance.create_assignment(kind, principal, self.account, self.developer.arn).failure

    def unassign(self, kind: str, principal: str) -> str | None:
        return self.instance.delete_assignment(kind, principal, self.account, self.developer.arn).failure

    def row(self, user: str) -> int:
        row = self.services.provider.user_row(user)
        assert row is not None
        return row

    def effective(self, user: str) -> list[tuple[str, str]]:
        grants = self.instance.effective(self.row(user))
        return sorted((a.name, s.name) for a, s in (self.instance.grant_parts(g) for g in grants))

    def set_active(self, user: str, active: bool) -> None:
        self.services.provider.apply_to_user(self.row(user), [SetAttribute(Path("active"), active)])


@pytest.fixture
def it() -> Landscape:
    return Landscape(make_services())


GRANT = [("payments", "Developer")]

# --- names -----------------------------------------------------------------------------------------------


def test_names_have_the_forms_of_aws(it: Landscape) -> None:
    assert re.fullmatch(r"arn:aws:sso:::instance/ssoins-[0-9a-f]{16}", it.instance.arn)
    assert re.fullmatch(r"arn:aws:sso:::permissionSet/ssoins-[0-9a-f]{16}/ps-[0-9a-f]{16}", it.developer.arn)
    assert it.developer.arn.split("/")[1] == it.instance.arn.split("/")[1]
    assert re.fullmatch(r"d-[0-9a-f]{10}", it.instance.identity_store_id)
    assert re.fullmatch(r"[1-9][0-9]{11}", it.account)
    assert it.instance.scim_issuer.startswith("https://scim.aws.com/")


def test_names_come_from_the_seed() -> None:
    def names(seed: int) -> tuple[str, ...]:
        it = Landscape(make_services(seed=seed))
        return it.instance.arn, it.instance.identity_store_id, it.account, it.developer.arn

    assert names(1) == names(1)
    assert not set(names(1)) & set(names(2))


def test_accounts_are_found_by_id_and_by_name(it: Landscape) -> None:
    assert it.instance.find_account(it.account) is it.instance.find_account("payments")
    with pytest.raises(AwsError, match="Could not find account nowhere"):
        it.instance.find_account("nowhere")


# --- permission sets -------------------------------------------------------------------------------------


def test_a_second_permission_set_of_the_same_name_is_a_conflict(it: Landscape) -> None:
    with pytest.raises(AwsError, match=r"PermissionSet with name Developer already exists\.") as refused:
        it.instance.create_permission_set("Developer")
    assert refused.value.exception == "ConflictException"
    assert len(it.instance.permission_sets) == 1


@pytest.mark.parametrize("session", [HOUR - 1, 12 * HOUR + 1])
def test_sessions_last_from_one_to_twelve_hours(it: Landscape, session: int) -> None:
    with pytest.raises(AwsError, match="PT1H and PT12H"):
        it.instance.create_permission_set("Other", session=Millis(session))
    assert it.instance.permission_set_named("Other") is None


def test_the_same_policy_is_attached_once(it: Landscape) -> None:
    policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    it.instance.attach_managed_policy(it.developer.arn, policy)
    with pytest.raises(AwsError, match="already attached"):
        it.instance.attach_managed_policy(it.developer.arn, policy)
    assert it.developer.managed_policies == [policy]


# --- assignments -----------------------------------------------------------------------------------------


def test_members_of_an_assigned_group_get_access(it: Landscape) -> None:
    ana, bo = it.user("ana"), it.user("bo")
    group = it.group("developers", ana)
    assert it.assign(GROUP, group) is None
    assert it.effective(ana) == GRANT
    assert it.effective(bo) == []


def test_access_follows_membership(it: Landscape) -> None:
    ana = it.user("ana")
    group = it.group("developers")
    it.assign(GROUP, group)
    row = it.services.provider.group_row(group)
    assert row is not None
    it.services.provider.apply_to_group(row, [AddMembers((ana,))])
    assert it.effective(ana) == GRANT
    it.services.provider.apply_to_group(row, [RemoveMembers((ana,))])
    assert it.effective(ana) == []


def test_a_user_can_be_assigned_without_a_group(it: Landscape) -> None:
    ana = it.user("ana")
    it.assign(USER, ana)
    assert it.effective(ana) == GRANT
    assert it.unassign(USER, ana) is None
    assert it.effective(ana) == []


def test_access_by_group_and_in_person_adds_up(it: Landscape) -> None:
    ana = it.user("ana")
    it.assign(GROUP, it.group("developers", ana))
    audit = it.instance.create_permission_set("Audit")
    it.instance.create_assignment(USER, ana, it.account, audit.arn)
    assert it.effective(ana) == [("payments", "Audit"), ("payments", "Developer")]
    assert len(it.instance.direct(it.row(ana))) == 1


def test_a_disabled_user_holds_everything_and_can_use_nothing(it: Landscape) -> None:
    ana = it.user("ana")
    it.assign(GROUP, it.group("developers", ana))
    held = it.instance.held(it.row(ana))
    it.set_active(ana, False)
    assert it.effective(ana) == []
    assert it.instance.held(it.row(ana)) == held
    it.set_active(ana, True)
    assert it.effective(ana) == GRANT


def test_a_second_equal_assignment_succeeds_and_changes_nothing(it: Landscape) -> None:
    ana = it.user("ana")
    it.assign(USER, ana)
    before = it.services.trace.seq
    assert it.assign(USER, ana) is None
    assert len(it.instance.assignments()) == 1
    assert it.services.trace.seq == before


def test_an_assignment_to_nobody_is_accepted_and_fails(it: Landscape) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html: the outcome is
    asked for afterwards; the sentence was seen in field reports."""
    nobody = "11111111-1111-4111-8111-111111111111"
    assert it.assign(GROUP, nobody) == (
        f"Received a 404 status error: the GROUP assignee {nobody} was not found in directory "
        f"{it.instance.identity_store_id}"
    )
    assert it.instance.assignments() == ()


def test_a_groups_id_is_no_user(it: Landscape) -> None:
    assert "the USER assignee" in str(it.assign(USER, it.group("developers")))


def test_deleting_an_assignment_that_is_not_there_fails(it: Landscape) -> None:
    ana = it.user("ana")
    before = it.services.trace.seq
    assert it.unassign(USER, ana) == (
        "Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key "
        f"EntitlementKey{{accessorId={ana}}}"
    )
    assert it.services.trace.seq == before


@pytest.mark.parametrize(
    ("kind", "account", "exception"),
    [
        ("ROLE", "payments", "ValidationException"),
        (USER, "nowhere", "ResourceNotFoundException"),
    ],
)
def test_what_names_nothing_is_refused_and_leaves_nothing(
    it: Landscape, kind: str, account: str, exception: str
) -> None:
    ana = it.user("ana")
    before = it.services.trace.digest()
    with pytest.raises(AwsError) as refused:
        it.instance.create_assignment(kind, ana, account, it.developer.arn)
    assert refused.value.exception == exception
    with pytest.raises(AwsError, match="Could not find PermissionSet with id ps-0"):
        it.instance.create_assignment(USER, ana, it.account, "arn:aws:sso:::permissionSet/ssoins-0/ps-0")
    assert it.instance.operations == []
    assert it.services.trace.digest() == before


def test_a_principal_has_one_spelling(it: Landscape) -> None:
    ana = it.user("ana")
    it.assign(USER, ana.upper())
    assert it.assign(USER, ana) is None
    assert [assignment.principal_id for assignment in it.instance.assignments()] == [ana]
    assert it.effective(ana) == GRANT
    assert it.unassign(USER, ana.upper()) is None
    assert it.effective(ana) == []


def test_operations_are_remembered_by_their_request_id(it: Landscape) -> None:
    ana = it.user("ana")
    accepted = it.instance.create_assignment(USER, ana, it.account, it.developer.arn)
    assert it.instance.operation(accepted.request_id) is accepted
    assert it.instance.operation("11111111-1111-4111-8111-111111111111") is None


def test_what_one_principal_is_assigned_needs_no_search(it: Landscape) -> None:
    ana, bo = it.user("ana"), it.user("bo")
    audit = it.instance.create_permission_set("Audit")
    it.assign(USER, ana)
    it.assign(USER, bo)
    it.instance.create_assignment(USER, ana, it.account, audit.arn)
    of_ana = it.instance.assignments_of(USER, ana)
    assert [(a.principal_id, a.permission_set) for a in of_ana] == [(ana, it.developer.row), (ana, audit.row)]
    it.unassign(USER, ana)
    assert [a.permission_set for a in it.instance.assignments_of(USER, ana)] == [audit.row]
    assert it.instance.assignments_of(GROUP, ana) == ()


# --- what is left over -----------------------------------------------------------------------------------


def test_an_assignment_outlives_its_user(it: Landscape) -> None:
    ana = it.user("ana")
    it.assign(USER, ana)
    it.services.provider.delete_user(it.row(ana))
    assert it.effective(ana) == []
    assert it.instance.held(it.row(ana)) is NOTHING
    assert it.instance.leftovers() == 1
    assert it.unassign(USER, ana) is None
    assert it.instance.leftovers() == 0


def test_an_assignment_outlives_its_group_and_does_not_come_back_with_the_name(it: Landscape) -> None:
    ana = it.user("ana")
    group = it.group("developers", ana)
    it.assign(GROUP, group)
    row = it.services.provider.group_row(group)
    assert row is not None
    it.services.provider.delete_group(row)
    assert it.effective(ana) == []
    it.group("developers", ana)
    assert it.effective(ana) == []
    assert it.instance.leftovers() == 1


# --- grants ----------------------------------------------------------------------------------------------


def test_equal_sets_of_grants_are_one_object(it: Landscape) -> None:
    ana, bo = it.user("ana"), it.user("bo")
    it.assign(GROUP, it.group("developers", ana))
    it.assign(USER, bo)
    assert it.instance.effective(it.row(ana)) is it.instance.effective(it.row(bo))


def test_a_new_assignment_reaches_those_whose_groups_were_asked_for_before(it: Landscape) -> None:
    ana = it.user("ana")
    group = it.group("developers", ana)
    assert it.effective(ana) == []
    it.assign(GROUP, group)
    assert it.effective(ana) == GRANT
    it.unassign(GROUP, group)
    assert it.effective(ana) == []


# --- memberships -----------------------------------------------------------------------------------------


def test_a_membership_is_found_by_its_id_while_it_stands(it: Landscape) -> None:
    ana = it.user("ana")
    it.group("empty")
    group = it.group("developers", ana)
    row = it.services.provider.group_row(group)
    assert row == 1
    identifier = it.instance.membership_id(row, it.row(ana))
    assert it.instance.membership(identifier) == (row, it.row(ana))
    it.services.provider.apply_to_group(row, [RemoveMembers((ana,))])
    assert it.instance.membership(identifier) is None


def test_ids_of_memberships_that_cannot_be_are_no_memberships(it: Landscape) -> None:
    made_up = [it.instance.membership_id(group, user) for group, user in ((0, 0), (5, 0), (0, 5))]
    assert [it.instance.membership(identifier) for identifier in [*made_up, it.user("ana")]] == [None] * 4


def test_a_description_is_kept_and_traced(it: Landscape) -> None:
    group = it.group("developers")
    before = it.services.trace.digest()
    it.instance.describe_group(0, "People who build")
    assert it.instance.group_descriptions == {group: "People who build"}
    assert it.services.trace.digest() != before
