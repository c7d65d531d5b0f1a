"""Carries out what the timeline, or somebody over HTTP, says is done in the target's console.

Invariant: every act that was done is kept with its kind, because only what a person does there to give or take access
by hand is a manual step: set-up, audit and clean-up are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mockservices.errors import ServiceError
from mockservices.identitycenter.entities import GROUP, USER
from mockservices.ports import StaleGrant
from mockservices.scim.operations import AddMembers, Path, RemoveMembers, SetAttribute, Value
from mockservices.scim.provider import CONSOLE
from sim.parts import Parts, person_called, target_principal
from sim.scenario import Scenario
from sim.scenario.action import Action
from sim.scenario.console import (
    AwsAddMember,
    AwsAssign,
    AwsAudit,
    AwsAutomaticProvisioning,
    AwsCleanUp,
    AwsCreatePermissionSet,
    AwsCreateUser,
    AwsDeleteUser,
    AwsDisableUser,
    AwsEnable,
    AwsEnableUser,
    AwsIdentitySource,
    AwsRemoveMember,
    AwsUnassign,
)
from sim.scenario.sessions import AwsPortalLength, SessionsConsole
from sim.timeline_sessions import SessionScript

MANUAL: Final = "manual"
SET_UP: Final = "set_up"
AUDIT: Final = "audit"
CLEAN_UP: Final = "clean_up"
_SET_UP: Final = AwsEnable | AwsIdentitySource | AwsAutomaticProvisioning | AwsCreatePermissionSet


@dataclass(frozen=True, slots=True)
class ConsoleAct:
    """Something that somebody did in the target's console."""

    at: int
    action: str
    kind: str


def kind_of(action: Action, scenario: Scenario) -> str:
    """Whether an act in the console is set-up (what the catalogue gives to a group is), audit, clean-up, or a step that
    somebody does by hand."""
    if isinstance(action, AwsAudit):
        return AUDIT
    if isinstance(action, AwsCleanUp):
        return CLEAN_UP
    if isinstance(action, _SET_UP | AwsPortalLength):
        return SET_UP
    if isinstance(action, AwsAssign) and action.group is not None:
        given = scenario.organisation.access.catalogue.get(action.group, ())
        if any((e.permission_set, e.account) == (action.permission_set, action.account) for e in given):
            return SET_UP
    return MANUAL


class ConsoleScript:
    """The console's part of one world's timeline."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._sessions = SessionScript(parts)
        self.acts: list[ConsoleAct] = []

    def perform(self, action: Action) -> None:
        """Do it; raises the service's own error when it is refused."""
        if isinstance(action, AwsAudit):
            self.audit()
        elif isinstance(action, AwsCleanUp):
            self.clean_up()
        else:
            self._perform(action)
            self._did(str(getattr(action, "do", "")), kind_of(action, self._parts.scenario))

    def worked(self, action: str) -> None:
        """Whoever works tickets did something there by hand."""
        self._did(action, MANUAL)

    def _did(self, action: str, kind: str) -> None:
        self.acts.append(ConsoleAct(self._parts.services.clock.now, action, kind))

    def _perform(self, action: Action) -> None:
        if isinstance(action, _SET_UP):
            self._set_up(action)
        elif isinstance(action, AwsAssign | AwsUnassign):
            self._assign(action)
        elif isinstance(action, SessionsConsole):
            self._sessions.in_console(action)
        else:
            self._in_store(action)

    @property
    def manual_steps(self) -> int:
        """Acts by which a person gave or took access by hand."""
        return sum(act.kind == MANUAL for act in self.acts)

    def _set_up(self, action: Action) -> None:
        instance = self._parts.services.instance
        if isinstance(action, AwsEnable):
            instance.console.enable(action.region)
        elif isinstance(action, AwsIdentitySource):
            instance.console.set_identity_source(action.source)
        elif isinstance(action, AwsAutomaticProvisioning):
            instance.console.enable_provisioning()
        elif isinstance(action, AwsCreatePermissionSet):
            spec = next(s for s in self._parts.scenario.target.permission_sets if s.name == action.permission_set)
            made = instance.create_permission_set(spec.name, session=spec.session)
            for policy in spec.managed_policies:
                instance.attach_managed_policy(made.arn, policy)

    def audit(self) -> list[StaleGrant]:
        """See :class:`mockservices.ports.AuditControl`."""
        found = [self._stale_grant(number, grant) for number, grant in self._parts.stale.audit()]
        self._did("aws_audit", AUDIT)
        return found

    def _stale_grant(self, number: int, grant: int) -> StaleGrant:
        parts = self._parts
        provider, instance = parts.services.provider, parts.services.instance
        account, permission_set = instance.grant_parts(grant)
        names = [
            str(provider.peek(row).attributes["userName"])
            for row in parts.ledger.person(number).targets
            if provider.exists(row) and grant in instance.effective(row)
        ]
        return StaleGrant(tuple(names), permission_set.name, account.name)

    def clean_up(self) -> int:
        """Take away what the audits have found stale and is stale still: direct assignments and memberships."""
        parts = self._parts
        before = parts.stale.removed
        provider, instance = parts.services.provider, parts.services.instance
        for number, grant in parts.stale.to_remove():
            account, permission_set = instance.grant_parts(grant)
            for row in parts.ledger.person(number).targets:
                if not provider.exists(row):
                    continue
                identifier = provider.user_id(row)
                if grant in instance.direct(row):
                    instance.delete_assignment(USER, identifier, account.id, permission_set.arn)
                for group in provider.groups_of(row):
                    if grant in instance.of_groups((group,)):
                        provider.apply_to_group(group, (RemoveMembers((identifier,)),))
            parts.stale.taken_away(number, grant)
        self._did("aws_clean_up", CLEAN_UP)
        return parts.stale.removed - before

    def _assign(self, action: AwsAssign | AwsUnassign) -> None:
        instance = self._parts.services.instance
        kind, name = (USER, action.user) if action.user is not None else (GROUP, action.group)
        found = instance.permission_set_named(action.permission_set)
        arn = found.arn if found is not None else action.permission_set
        change = instance.create_assignment if isinstance(action, AwsAssign) else instance.delete_assignment
        status = change(kind, self._principal(kind, str(name)), action.account, arn)
        if status.failure is not None:
            raise ServiceError(status.failure)

    def _in_store(self, action: Action) -> None:
        provider = self._parts.services.provider
        if isinstance(action, AwsCreateUser):
            self._create_user(action)
        elif isinstance(action, AwsDisableUser | AwsEnableUser):
            change = SetAttribute(Path("active"), isinstance(action, AwsEnableUser))
            provider.apply_to_user(provider.find_user(self._principal(USER, action.user)).row, (change,))
        elif isinstance(action, AwsDeleteUser):
            provider.delete_user(provider.find_user(self._principal(USER, action.user)).row)
        elif isinstance(action, AwsAddMember | AwsRemoveMember):
            group = provider.find_group(self._principal(GROUP, action.group))
            ids = (self._principal(USER, action.user),)
            operation = AddMembers(ids) if isinstance(action, AwsAddMember) else RemoveMembers(ids)
            provider.apply_to_group(group.row, (operation,))

    def _create_user(self, action: AwsCreateUser) -> None:
        """A user made by hand; it belongs to nobody when it is refused."""
        provider, register = self._parts.services.provider, self._parts.register
        attributes: dict[str, Value] = {
            "userName": action.user_name,
            "displayName": f"{action.given_name} {action.family_name}",
            "name.givenName": action.given_name,
            "name.familyName": action.family_name,
        }
        row = provider.users_made
        if action.owner is not None:
            register.own_target(row, person_called(self._parts, action.owner))
        try:
            provider.create_user(attributes, origin=CONSOLE)
        except ServiceError:
            register.disown_target(row)
            raise

    def _principal(self, kind: str, name: str) -> str:
        return target_principal(self._parts, kind, name) or name
