"""The Identity Center core: accounts, permission sets, assignments, and what they let a user do.

Invariant: an assignment outlives its principal; only existing principals get access through one. A grant is a
small integer that stands for (account, permission set); sets of grants are interned, so equal sets are one object.
"""

from __future__ import annotations

from dataclasses import dataclass

from mockservices.changes import Trace, fields_text
from mockservices.clock import Clock, Millis
from mockservices.identitycenter.errors import conflict, invalid, not_found
from mockservices.ids import IdSpace
from mockservices.scim.provider import ServiceProvider

USER, GROUP = "USER", "GROUP"
Grants = frozenset[int]
NOTHING: Grants = frozenset()


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account of the organisation."""

    row: int
    id: str
    name: str


class PermissionSet:
    """A permission set and the managed policies attached to it."""

    __slots__ = ("arn", "created", "managed_policies", "name", "privileged", "row", "session")

    def __init__(self, row: int, arn: str, name: str, session: Millis, created: Millis) -> None:
        self.row = row
        self.arn = arn
        self.name = name
        self.session = session
        self.created = created
        self.privileged = False
        self.managed_policies: list[str] = []


@dataclass(frozen=True, slots=True)
class Assignment:
    """(principal, account, permission set), as the console lists it."""

    kind: str
    principal_id: str
    account: int
    permission_set: int


@dataclass(frozen=True, slots=True)
class OperationStatus:
    """How an asynchronous assignment operation ended; ``failure`` is None when it succeeded."""

    request_id: str
    operation: str
    assignment: Assignment
    created: Millis
    failure: str | None


class Instance:
    """One organisation instance of IAM Identity Center over one identity store."""

    def __init__(self, *, seed: int, clock: Clock, trace: Trace, store: ServiceProvider, region: str) -> None:
        self.clock = clock
        self.trace = trace
        self.store = store
        self.region = region
        ids = IdSpace(seed, "sso.instance")
        self._instance_name = f"ssoins-{ids.hex16(0)}"
        self.arn = f"arn:aws:sso:::instance/{self._instance_name}"
        self.identity_store_id = f"d-{ids.hex16(1)[:10]}"
        self._set_ids = IdSpace(seed, "sso.permissionSet")
        self._account_ids = IdSpace(seed, "sso.account")
        self._request_ids = IdSpace(seed, "sso.request")
        self.accounts: list[Account] = []
        self.permission_sets: list[PermissionSet] = []
        self.operations: list[OperationStatus] = []
        self._assignments: dict[Assignment, Millis] = {}
        self._grants: list[tuple[int, int]] = []
        self._grant_numbers: dict[tuple[int, int], int] = {}
        self._by_principal: dict[str, dict[int, None]] = {}
        self._interned: dict[Grants, Grants] = {NOTHING: NOTHING}
        self._of_groups: dict[tuple[int, ...], Grants] = {(): NOTHING}
        self._direct_users: dict[int, None] = {}

    # --- accounts and permission sets --------------------------------------------------------------------

    def add_account(self, name: str) -> Account:
        """Add an account to the organisation."""
        row = len(self.accounts)
        account = Account(row, self._account_ids.digits(row, 12), name)
        self.accounts.append(account)
        self.trace.record("sso", "account.create", account.id, fields_text({"name": name}))
        return account

    def create_permission_set(
        self, name: str, *, session: Millis = Millis(3_600_000), privileged: bool = False
    ) -> PermissionSet:
        """Create a permission set (session: 1 h by default, 1 to 12 h allowed); ConflictException if the name is taken.
        https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html"""
        if not 3_600_000 <= session <= 43_200_000:
            raise invalid("SessionDuration must be between PT1H and PT12H")
        if any(s.name == name for s in self.permission_sets):
            raise conflict(f"PermissionSet with name {name} already exists.")
        row = len(self.permission_sets)
        arn = f"arn:aws:sso:::permissionSet/{self._instance_name}/ps-{self._set_ids.hex16(row)}"
        permission_set = PermissionSet(row, arn, name, session, self.clock.now)
        permission_set.privileged = privileged
        self.permission_sets.append(permission_set)
        self.trace.record("sso", "permissionSet.create", arn, fields_text({"name": name, "session_ms": session}))
        return permission_set

    def attach_managed_policy(self, arn: str, policy: str) -> None:
        """Attach an AWS managed policy; ConflictException when it is attached already."""
        permission_set = self.find_permission_set(arn)
        if policy in permission_set.managed_policies:
            raise conflict(f"Policy {policy} is already attached to the permission set.")
        permission_set.managed_policies.append(policy)
        self.trace.record("sso", "policy.attach", arn, fields_text({"policy": policy}))

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
        failure = None
        if not self.principal_exists(kind, principal_id):
            failure = (
                f"Received a 404 status error: the {kind} assignee {principal_id} was not found "
                f"in directory {self.identity_store_id}"
            )
        elif assignment not in self._assignments:
            self._assignments[assignment] = self.clock.now
            self._by_principal.setdefault(principal_id, {})[self._grant_of(assignment)] = None
            self._record("assignment.create", assignment)
            self._forget_cached(assignment)
        return self._operation("CREATE", assignment, failure)

    def delete_assignment(self, kind: str, principal_id: str, account: str, permission_set: str) -> OperationStatus:
        """Take an assignment back (``DeleteAccountAssignment``); FAILED when there is none."""
        assignment = self._named(kind, principal_id, account, permission_set)
        failure = None
        if assignment not in self._assignments:
            failure = (
                "Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key "
                f"EntitlementKey{{accessorId={principal_id}}}"
            )
        else:
            del self._assignments[assignment]
            del self._by_principal[principal_id][self._grant_of(assignment)]
            self._record("assignment.delete", assignment)
            self._forget_cached(assignment)
        return self._operation("DELETE", assignment, failure)

    def _named(self, kind: str, principal_id: str, account: str, permission_set: str) -> Assignment:
        if kind not in (USER, GROUP):
            raise invalid(f"PrincipalType must be {USER} or {GROUP}")
        return Assignment(
            kind, principal_id, self.find_account(account).row, self.find_permission_set(permission_set).row
        )

    def _record(self, verb: str, assignment: Assignment) -> None:
        account, permission_set = self.accounts[assignment.account], self.permission_sets[assignment.permission_set]
        fields = {"account": account.id, "permissionSet": permission_set.arn, "principalType": assignment.kind}
        self.trace.record("sso", verb, assignment.principal_id, fields_text(fields))

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

    def assignments(self) -> tuple[Assignment, ...]:
        """Every assignment, those of deleted principals too, in the order of creation."""
        return tuple(self._assignments)

    def _forget_cached(self, assignment: Assignment) -> None:
        if assignment.kind == GROUP:
            self._of_groups = {(): NOTHING}
        else:
            row = self.store.user_row(assignment.principal_id)
            if row is not None:
                self._direct_users[row] = None

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
        return self.accounts[account], self.permission_sets[permission_set]

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
        if row not in self._direct_users:
            return NOTHING
        return self.intern(frozenset(self._by_principal.get(self.store.user_id(row), {})))

    def held(self, row: int) -> Grants:
        """What a user is assigned, directly or through groups, whether or not it is active."""
        if not self.store.exists(row):
            return NOTHING
        grants = self.of_groups(self.store.groups_of(row))
        if row in self._direct_users:
            return self.intern(grants | self.direct(row))
        return grants

    def effective(self, row: int) -> Grants:
        """What the target honours for a user now: held, and the user is active."""
        return self.held(row) if self.store.is_active(row) else NOTHING

    def leftovers(self) -> int:
        """Assignments whose principal is gone."""
        return sum(not self.principal_exists(a.kind, a.principal_id) for a in self._assignments)
