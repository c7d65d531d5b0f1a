"""Enterprise applications: service principals and who is assigned to them.

Invariant: an assignment to a group covers its direct members only and never expands nested groups.
https://learn.microsoft.com/graph/api/resources/approleassignment
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockservices.clock import Millis
from mockservices.graph.directory import LIVE, Directory
from mockservices.graph.errors import bad_request, job_exists, not_found
from mockservices.graph.jobs import CreatedJob, job_id
from mockservices.ids import IdSpace

AWS_TEMPLATE_ID = "21ed01d2-ec13-4e9e-86c1-cd546719ebc4"
"""Gallery template of AWS IAM Identity Center.
https://learn.microsoft.com/en-us/graph/application-saml-sso-configure-api"""

AWS_APP_NAME = "AWS IAM Identity Center (successor to AWS Single Sign-On)"
USER_ROLE = "8774f594-1d59-4279-b9d9-59ef09a23530"
MSIAM_ROLE = "e7f1a7f3-9eda-48e0-9963-bd67bf531afd"
DEFAULT_ROLE = "00000000-0000-0000-0000-000000000000"
USER_PRINCIPAL, GROUP_PRINCIPAL = "User", "Group"


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    """An application's identity in the tenant."""

    id: str
    app_id: str
    object_id: str
    """Of the application that it is the identity of."""
    display_name: str
    template_id: str
    created: Millis
    app_roles: tuple[tuple[str, str], ...]
    """(id, display name) of every app role."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A user or group that may use (and so is provisioned to) an application."""

    id: str
    kind: str
    row: int
    role: str
    resource: str
    created: Millis


class Applications:
    """The service principals of one tenant and their assignments."""

    def __init__(self, directory: Directory, seed: int) -> None:
        self._directory = directory
        self._principals: list[ServicePrincipal] = []
        self._by_name: dict[str, ServicePrincipal] = {}  # by object id and by appId
        self._principal_ids = IdSpace(seed, "graph.servicePrincipal")
        self._app_ids = IdSpace(seed, "graph.application")
        self._object_ids = IdSpace(seed, "graph.applicationObject")
        self._assignment_ids = IdSpace(seed, "graph.appRoleAssignment")
        self._made = 0
        self._changes = 0
        self._assignments: dict[str, dict[tuple[str, int], Assignment]] = {}
        self._secrets: dict[str, dict[str, str]] = {}
        self.secrets_saved = False
        """Whether any have been saved, for any application."""
        self._jobs: dict[str, CreatedJob] = {}
        self._live: dict[str, tuple[tuple[int, int], tuple[Assignment, ...]]] = {}  # and what they were read from

    def instantiate(self, display_name: str = AWS_APP_NAME, template_id: str = AWS_TEMPLATE_ID) -> ServicePrincipal:
        """Add the gallery application to the tenant."""
        ordinal = len(self._principals)
        principal = ServicePrincipal(
            self._principal_ids.of(ordinal),
            self._app_ids.of(ordinal),
            self._object_ids.of(ordinal),
            display_name,
            template_id,
            self._directory.clock.now,
            ((USER_ROLE, "User"), (MSIAM_ROLE, "msiam_access")),
        )
        self._principals.append(principal)
        self._by_name[principal.id] = self._by_name[principal.app_id] = principal
        self._assignments[principal.id] = {}
        fields = {"appId": principal.app_id, "displayName": display_name, "applicationTemplateId": template_id}
        self._directory.trace.record("graph", "servicePrincipal.create", principal.id, fields)
        return principal

    def all(self) -> tuple[ServicePrincipal, ...]:
        """Every service principal, in the order of creation."""
        return tuple(self._principals)

    def find(self, identifier: str) -> ServicePrincipal:
        """By object id or appId; 404 otherwise."""
        principal = self._by_name.get(identifier) or self._by_name.get(identifier.lower())
        if principal is None:
            raise not_found(identifier)
        return principal

    # --- synchronization ---------------------------------------------------------------------------------

    def create_job(self, resource: str) -> CreatedJob:
        """Give an application a job; 409 when it has been given one."""
        principal = self.find(resource)
        identifier = job_id(self._directory.tenant_id, principal.app_id)
        if principal.id in self._jobs:
            raise job_exists(identifier)
        job = self._jobs[principal.id] = CreatedJob(identifier, self._directory.clock)
        self._directory.trace.record("graph", "synchronizationJob.create", identifier)
        return job

    def created_job(self, resource: str) -> CreatedJob | None:
        """The job that an application has been given, if any."""
        return self._jobs.get(self.find(resource).id)

    def save_secrets(self, resource: str, values: Mapping[str, str]) -> None:
        """Keep these in place of all that were kept; the trace tells which there are and nothing more."""
        principal = self.find(resource)
        self._secrets[principal.id] = dict(values)
        self.secrets_saved = True
        self._directory.trace.record("graph", "secrets.set", principal.id, {"keys": sorted(values)})

    def secrets(self, resource: str) -> Mapping[str, str] | None:
        """What has been saved for an application; None when nothing has."""
        principal = self._by_name.get(resource) or self.find(resource)
        return self._secrets.get(principal.id)

    # --- assignments -------------------------------------------------------------------------------------

    def assign(self, resource: str, kind: str, row: int, role: str = USER_ROLE) -> Assignment:
        """Assign a live user or group; 400 for a role the application does not declare, a group that is no security
        group, or a second assignment."""
        principal = self.find(resource)
        if role not in dict(principal.app_roles):
            # the all-zero role is only for applications that declare none
            raise bad_request(f"Permission being assigned was not found on application '{principal.app_id}'.")
        if kind == GROUP_PRINCIPAL and self._directory.groups[row].attributes.get("securityEnabled") is False:
            # https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal
            raise bad_request("Only security-enabled groups can be assigned to an application.")
        current = self._assignments[principal.id]
        if (kind, row) in current:
            raise bad_request("Permission being assigned already exists on the object")
        assignment = Assignment(
            self._assignment_ids.of(self._made), kind, row, role, principal.id, self._directory.clock.now
        )
        self._made += 1
        self._changes += 1
        current[kind, row] = assignment
        fields = {
            "principalId": self.principal_id(kind, row),
            "principalType": kind,
            "appRoleId": role,
            "resourceId": principal.id,
        }
        self._directory.trace.record("graph", "appRoleAssignment.create", assignment.id, fields)
        self._directory.listener.assignment_changed(kind, row, principal.id)
        return assignment

    def unassign(self, resource: str, identifier: str) -> None:
        """Delete an assignment by its id; 404 when there is none."""
        principal = self.find(resource)
        current = self._assignments[principal.id]
        for key, assignment in current.items():
            if assignment.id == identifier:
                del current[key]
                self._changes += 1
                self._directory.trace.record("graph", "appRoleAssignment.delete", identifier)
                self._directory.listener.assignment_changed(*key, principal.id)
                return
        raise not_found(identifier)

    def assignment_of(self, resource: str, kind: str, row: int) -> Assignment | None:
        """The assignment of one user or group, if any."""
        return self._assignments[self.find(resource).id].get((kind, row))

    def assignments(self, resource: str) -> tuple[Assignment, ...]:
        """Assignments whose user or group is live, in the order of creation; the same object until one changes."""
        identifier = self.find(resource).id
        version = (self._changes, self._directory.standing)
        known = self._live.get(identifier)
        if known is None or known[0] != version:
            live = tuple(a for a in self._assignments[identifier].values() if self._is_live(a.kind, a.row))
            known = self._live[identifier] = (version, live)
        return known[1]

    def ordinal(self, assignment: Assignment) -> int:
        """Which assignment of the tenant it was to be made, from 0."""
        ordinal = self._assignment_ids.ordinal(assignment.id)
        if ordinal is None:
            raise ValueError(assignment.id)
        return ordinal

    def _is_live(self, kind: str, row: int) -> bool:
        if kind == GROUP_PRINCIPAL:
            return self._directory.groups[row].state == LIVE
        return self._directory.is_live(row)

    def principal_id(self, kind: str, row: int) -> str:
        """The object id behind an assignment."""
        return self._directory.groups[row].id if kind == GROUP_PRINCIPAL else self._directory.user_id(row)
