"""The Identity Center core: accounts, permission sets, assignments, and what they let a user do.

Invariant: an assignment outlives its principal; only existing principals get access through one. A grant is a
small integer that stands for (account, permission set); sets of grants are interned, so equal sets are one object.
"""

from __future__ import annotations

from typing import Protocol

from mockservices.changes import Trace
from mockservices.clock import Clock, Millis
from mockservices.identitycenter.console import Console
from mockservices.identitycenter.entities import (
    GROUP,
    NOTHING,
    USER,
    Account,
    Assignment,
    Grants,
    OperationStatus,
    PermissionSet,
)
from mockservices.identitycenter.errors import conflict, invalid, no_such, not_found
from mockservices.identitycenter.tenures import Tenures
from mockservices.ids import IdSpace
from mockservices.scim.provider import Group, ServiceProvider, User

_USER_BITS = 32  # of a membership's number; what is above them is the group


class InstanceListener(Protocol):
    """Told of every assignment made or taken back, after it has happened; observes and changes nothing."""

    def target_assignment_changed(self, kind: str, principal_id: str) -> None:
        """What a user or group is assigned has changed."""


class Silent:
    """A listener for instances that nobody observes."""

    def target_assignment_changed(self, kind: str, principal_id: str) -> None:
        """Heard and ignored."""


class Instance:
    """One organisation instance of IAM Identity Center over one identity store."""

    def __init__(self, *, seed: int, clock: Clock, trace: Trace, store: ServiceProvider, region: str) -> None:
        self.clock = clock
        self.trace = trace
        self.store = store
        self.region = region
        self.listener: InstanceListener = Silent()
        ids = IdSpace(seed, "sso.instance")
        self._instance_name = f"ssoins-{ids.hex16(0)}"
        self.arn = f"arn:aws:sso:::instance/{self._instance_name}"
        self.identity_store_id = f"d-{ids.hex16(1)[:10]}"
        self.owner_account_id = IdSpace(seed, "sso.managementAccount").digits(0, 12)
        self.scim_issuer = f"https://scim.aws.com/{ids.hex16(2)}"
        """Who issued the external ids: the prefix is AWS's, what follows it differs from directory to directory."""
        self.console = Console(seed=seed, clock=clock, trace=trace, arn=self.arn, region=region)
        self._set_ids = IdSpace(seed, "sso.permissionSet")
        self._account_ids = IdSpace(seed, "sso.account")
        self._request_ids = IdSpace(seed, "sso.request")
        self._membership_ids = IdSpace(seed, "identitystore.membership")
        self.accounts: list[Account] = []
        self.permission_sets: list[PermissionSet] = []
        self._sets: list[PermissionSet] = []  # by row: those that exist, and those that are only planned
        self.operations: list[OperationStatus] = []
        self.group_descriptions: dict[str, str] = {}
        self._assignments: dict[Assignment, Millis] = {}
        self.tenures = Tenures()
        self._grants: list[tuple[int, int]] = []
        self._grant_numbers: dict[tuple[int, int], int] = {}
        self._by_principal: dict[str, dict[int, None]] = {}
        self._interned: dict[Grants, Grants] = {NOTHING: NOTHING}
        self._of_groups: dict[tuple[int, ...], Grants] = {(): NOTHING}
        self.direct_users: dict[int, None] = {}
        """Rows of users to whom something has been assigned without a group."""

    # --- accounts and permission sets --------------------------------------------------------------------

    def add_account(self, name: str) -> Account:
        """Add an account to the organisation."""
        row = len(self.accounts)
        account = Account(row, self._account_ids.digits(row, 12), name)
        self.accounts.append(account)
        self.trace.record("sso", "account.create", account.id, {"name": name})
        return account

    def create_permission_set(
        self,
        name: str,
        *,
        session: Millis = Millis(3_600_000),
        privileged: bool = False,
        description: str | None = None,
        relay_state: str | None = None,
    ) -> PermissionSet:
        """Create a permission set (session: 1 h by default, 1 to 12 h allowed); ConflictException if the name is taken.
        https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html"""
        if not 3_600_000 <= session <= 43_200_000:
            raise invalid("SessionDuration must be between PT1H and PT12H")
        if any(s.name == name for s in self.permission_sets):
            raise conflict(f"PermissionSet with name {name} already exists.")
        permission_set = self.plan_permission_set(name)
        permission_set.session = session
        permission_set.created = self.clock.now
        permission_set.privileged = privileged
        permission_set.description = description
        permission_set.relay_state = relay_state
        self.permission_sets.append(permission_set)
        fields = {"name": name, "session_ms": session, "description": description, "relayState": relay_state}
        given = {n: v for n, v in fields.items() if v is not None}
        self.trace.record("sso", "permissionSet.create", permission_set.arn, given)
        return permission_set

    def plan_permission_set(self, name: str) -> PermissionSet:
        """The permission set of this name, or the place that is kept for it until somebody creates it: what a policy
        says can be said before the console knows it."""
        for permission_set in self._sets:
            if permission_set.name == name:
                return permission_set
        row = len(self._sets)
        arn = f"arn:aws:sso:::permissionSet/{self._instance_name}/ps-{self._set_ids.hex16(row)}"
        self._sets.append(PermissionSet(row, arn, name, Millis(3_600_000), self.clock.now))
        return self._sets[row]

    def permission_set_at(self, row: int) -> PermissionSet:
        """By row, planned ones included."""
        return self._sets[row]

    def attach_managed_policy(self, arn: str, policy: str) -> None:
        """Attach an AWS managed policy; ConflictException when it is attached already."""
        permission_set = self.find_permission_set(arn)
        if policy in permission_set.managed_policies:
            raise conflict(f"Policy {policy} is already attached to the permission set.")
        permission_set.managed_policies.append(policy)
        self.trace.record("sso", "policy.attach", arn, {"policy": policy})

    def find_permission_set(self, arn: str) -> PermissionSet:
        """By ARN; ResourceNotFoundException otherwise."""
        for permission_set in self.permission_sets:
            if permission_set.arn == arn:
                return permission_set
        raise not_found(f"Could not find PermissionSet with id {arn.rpartition('/')[2]}")

    def permission_set_named(self, name: str) -> PermissionSet | None:
        """By name."""
        return next((s for s in self.permission_sets if s.name == name), None)

    def find_account(self, identifier: str) -> Account:
        """By 12-digit id or name; ResourceNotFoundException otherwise."""
        for account in self.accounts:
            if identifier in (account.id, account.name):
                return account
        raise not_found(f"Could not find account {identifier}")

    # --- assignments -------------------------------------------------------------------------------------

    def create_assignment(self, kind: str, principal_id: str, account: str, permission_set: str) -> OperationStatus:
        """Assign (``CreateAccountAssignment``): accepted at once, FAILED when the principal is not in the store.

        A second equal assignment succeeds and changes nothing. ResourceNotFoundException for an unknown account
        or permission set.
        """
        assignment = self._named(kind, principal_id, account, permission_set)
        principal_id = assignment.principal_id
        failure = None
        if not self.principal_exists(kind, principal_id):
            failure = (
                f"Received a 404 status error: the {kind} assignee {principal_id} was not found "
                f"in directory {self.identity_store_id}"
            )
        elif assignment not in self._assignments:
            self._assignments[assignment] = self.clock.now
            self._by_principal.setdefault(principal_id, {})[self._grant_of(assignment)] = None
            self.tenures.turn(principal_id, self._grant_of(assignment), self.clock.now)
            self._record("assignment.create", assignment)
            self._forget_cached(assignment)
            self.listener.target_assignment_changed(assignment.kind, principal_id)
        return self._operation("CREATE", assignment, failure)

    def delete_assignment(self, kind: str, principal_id: str, account: str, permission_set: str) -> OperationStatus:
        """Take an assignment back (``DeleteAccountAssignment``); FAILED when there is none."""
        assignment = self._named(kind, principal_id, account, permission_set)
        principal_id = assignment.principal_id
        failure = None
        if assignment not in self._assignments:
            failure = (
                "Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key "
                f"EntitlementKey{{accessorId={principal_id}}}"
            )
        else:
            del self._assignments[assignment]
            del self._by_principal[principal_id][self._grant_of(assignment)]
            self.tenures.turn(principal_id, self._grant_of(assignment), self.clock.now)
            self._record("assignment.delete", assignment)
            self._forget_cached(assignment)
            self.listener.target_assignment_changed(assignment.kind, principal_id)
        return self._operation("DELETE", assignment, failure)

    def _named(self, kind: str, principal_id: str, account: str, permission_set: str) -> Assignment:
        if kind not in (USER, GROUP):
            raise invalid(f"PrincipalType must be {USER} or {GROUP}")
        # ids are found whatever their letter case, so one principal must have one spelling here
        return Assignment(
            kind, principal_id.lower(), self.find_account(account).row, self.find_permission_set(permission_set).row
        )

    def _record(self, verb: str, assignment: Assignment) -> None:
        account, permission_set = self.accounts[assignment.account], self._sets[assignment.permission_set]
        fields = {"account": account.id, "permissionSet": permission_set.arn, "principalType": assignment.kind}
        self.trace.record("sso", verb, assignment.principal_id, fields)

    def _operation(self, operation: str, assignment: Assignment, failure: str | None) -> OperationStatus:
        identifier = self._request_ids.of(len(self.operations))
        status = OperationStatus(identifier, operation, assignment, self.clock.now, failure)
        self.operations.append(status)
        return status

    def principal_exists(self, kind: str, principal_id: str) -> bool:
        """Whether the store still has this user or group."""
        if kind == USER:
            row = self.store.user_row(principal_id)
            return row is not None and self.store.exists(row)
        row = self.store.group_row(principal_id)
        return row is not None and self.store.groups[row].exists

    def operation(self, request_id: str) -> OperationStatus | None:
        """The assignment operation that was given this request id."""
        number = self._request_ids.ordinal(request_id)
        return None if number is None or number >= len(self.operations) else self.operations[number]

    def assignments(self) -> tuple[Assignment, ...]:
        """Every assignment, those of deleted principals too, in the order of creation."""
        return tuple(self._assignments)

    def assignments_of(self, kind: str, principal_id: str) -> tuple[Assignment, ...]:
        """What is assigned to one principal itself, in the order of creation; costs as much as it holds."""
        principal_id = principal_id.lower()
        of_principal = (
            Assignment(kind, principal_id, *self._grants[grant]) for grant in self._by_principal.get(principal_id, {})
        )
        return tuple(assignment for assignment in of_principal if assignment in self._assignments)

    # --- the identity store as its own API has it ---------------------------------------------------------

    def find_user(self, identifier: str) -> User:
        """An existing user by id; ResourceNotFoundException otherwise."""
        row = self.store.user_row(identifier)
        if row is None or not self.store.exists(row):
            raise no_such(USER, identifier)
        return self.store.user(row)

    def find_group(self, identifier: str) -> Group:
        """An existing group by id; ResourceNotFoundException otherwise."""
        row = self.store.group_row(identifier)
        if row is None or not self.store.groups[row].exists:
            raise no_such(GROUP, identifier)
        return self.store.groups[row]

    def membership_id(self, group: int, user: int) -> str:
        """The id of a membership, from the rows of its two ends; the same again when it ends and comes back."""
        return self._membership_ids.of(group << _USER_BITS | user)

    def membership(self, identifier: str) -> tuple[int, int] | None:
        """The rows (group, user) of a membership that stands; None for any other id."""
        ordinal = self._membership_ids.ordinal(identifier)
        if ordinal is None:
            return None
        group, user = ordinal >> _USER_BITS, ordinal & (1 << _USER_BITS) - 1
        # whoever was never made is a member of nothing, and has no row to ask about
        stands = group < len(self.store.groups) and self.store.exists(user) and group in self.store.groups_of(user)
        return (group, user) if stands else None

    def describe_group(self, group: int, description: str) -> None:
        """Keep the description of a group, which SCIM does not know."""
        identifier = self.store.groups[group].id
        self.group_descriptions[identifier] = description
        self.trace.record("sso", "group.describe", identifier, {"description": description})

    def _forget_cached(self, assignment: Assignment) -> None:
        if assignment.kind == GROUP:
            self._of_groups = {(): NOTHING}
        else:
            row = self.store.user_row(assignment.principal_id)
            if row is not None:
                self.direct_users[row] = None

    # --- effective access --------------------------------------------------------------------------------

    def _grant_of(self, assignment: Assignment) -> int:
        return self.grant(assignment.account, assignment.permission_set)

    def grant(self, account: int, permission_set: int) -> int:
        """The number that stands for a permission set on an account."""
        key = (account, permission_set)
        number = self._grant_numbers.get(key)
        if number is None:
            number = self._grant_numbers[key] = len(self._grants)
            self._grants.append(key)
        return number

    def grant_parts(self, grant: int) -> tuple[Account, PermissionSet]:
        """The account and permission set behind a grant's number."""
        account, permission_set = self._grants[grant]
        return self.accounts[account], self._sets[permission_set]

    def intern(self, grants: Grants) -> Grants:
        """The one object that stands for this set of grants."""
        return self._interned.setdefault(grants, grants)

    def of_groups(self, groups: tuple[int, ...]) -> Grants:
        """What being a member of these groups of the store gives."""
        cached = self._of_groups.get(groups)
        if cached is None:
            grants: dict[int, None] = {}
            for row in groups:
                group = self.store.groups[row]
                if group.exists:
                    grants.update(self._by_principal.get(group.id, {}))
            cached = self._of_groups[groups] = self.intern(frozenset(grants))
        return cached

    def direct(self, row: int) -> Grants:
        """What is assigned to a user of the store without a group."""
        if row not in self.direct_users:
            return NOTHING
        return self.intern(frozenset(self._by_principal.get(self.store.user_id(row), {})))

    def held(self, row: int) -> Grants:
        """What a user is assigned, directly or through groups, whether or not it is active."""
        if not self.store.exists(row):
            return NOTHING
        grants = self.of_groups(self.store.groups_of(row))
        if row in self.direct_users:
            return self.intern(grants | self.direct(row))
        return grants

    def effective(self, row: int) -> Grants:
        """What the target honours for a user now: held, and the user is active."""
        return self.held(row) if self.store.is_active(row) else NOTHING

    def leftovers(self) -> int:
        """Assignments whose principal is gone."""
        return sum(not self.principal_exists(a.kind, a.principal_id) for a in self._assignments)
