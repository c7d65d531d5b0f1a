"""Carries out what a scenario's timeline says: administrators' acts, acts in the target's console, the job's control.

Invariant: an action that a service refuses is a record, not a fault: it changes nothing and the story goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mockservices.errors import ServiceError
from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL
from mockservices.graph.directory import DELETED, LIVE
from mockservices.graph.errors import bad_credentials, not_found, reference_exists
from mockservices.graph.jobs import resets
from mockservices.graph.synchronization import ADDRESS, TOKEN
from mockservices.ports import JobControl
from mockservices.scim.credentials import bearer_token
from mockservices.tokens import fingerprint
from sim.kernel import Order
from sim.parts import Parts, person_called
from sim.pim import Activations
from sim.ports import GROUP, USER
from sim.provisioning.driver import Driver
from sim.provisioning.options import ALL, SKIP
from sim.provisioning.terms import configured
from sim.randomness import Streams
from sim.scenario.access import EndAccess, RequestAccess
from sim.scenario.action import Action
from sim.scenario.connection import ConnectionTest, SaveCredentials
from sim.scenario.faults import EndFault, StartFault
from sim.scenario.hr_actions import HrAction
from sim.scenario.sessions import AtTheDoors, RevokeSessions
from sim.scenario.timeline import (
    AddMember,
    Assign,
    ConfigureJob,
    CreateGroup,
    CreateUser,
    Delete,
    DeleteGroup,
    Disable,
    Enable,
    PauseJob,
    PimActivate,
    PimDeactivate,
    ProvisionOnDemand,
    Purge,
    RemoveMember,
    Rename,
    RenameGroup,
    RestartJob,
    Restore,
    SetAttributes,
    SetManager,
    StartJob,
    Unassign,
)
from sim.timeline_console import ConsoleScript
from sim.timeline_hr import HrScript, Later
from sim.timeline_sessions import SessionScript
from sim.workforce.named import account_of, facts_of, group_attributes
from sim.workforce.plan import NEVER


@dataclass(slots=True)
class Refused:
    """An action that a service refused."""

    at: int
    action: str
    reason: str


@dataclass(slots=True)
class Timeline:
    """The scripted part of one world."""

    parts: Parts
    driver: Driver
    later: Later
    streams: Streams
    refused: list[Refused] = field(default_factory=list)
    tested_at: int | None = None
    """When the connection was tested and worked."""
    _groups: dict[str, int] = field(default_factory=dict)
    console: ConsoleScript = field(init=False)
    activations: Activations = field(init=False)

    def __post_init__(self) -> None:
        """The console is the same for all of its acts, and what is activated is remembered."""
        self.console = ConsoleScript(self.parts)
        self.activations = Activations(self.parts, self.driver, self.later, self.streams)

    def schedule(self) -> None:
        """Put every action of the scenario on the world's queue; what lies at or after its end does not happen."""
        self._groups.update(self.parts.group_rows)
        hr = HrScript(self.parts, self.later, self._refuse)
        hr.schedule_contracts()
        for action in self.parts.scenario.timeline:
            if action.at >= self.parts.scenario.duration:
                continue
            if isinstance(action, HrAction):
                hr.schedule(action)
            else:
                self.later(action.at, Order.SCENARIO, lambda action=action: self._attempt(action))  # type: ignore[misc] # mypy cannot infer a lambda with defaults

    def _attempt(self, action: Action) -> None:
        self.parts.observer.scripted = True
        try:
            self._perform(action)
        except ServiceError as error:
            self._refuse(action, error)
        finally:
            self.parts.observer.scripted = False

    def _refuse(self, action: Action, error: ServiceError) -> None:
        self.refused.append(Refused(self.parts.services.clock.now, str(getattr(action, "do", "")), error.message))

    def refuse_event(self, kind: str, error: ServiceError) -> None:
        """The directory has refused what HR wanted to do about an event of the generated workforce."""
        self.refused.append(Refused(self.parts.services.clock.now, kind, error.message))

    def _provision(self, action: ProvisionOnDemand, job: JobControl) -> None:
        """What an administrator asks for on demand; a search finds only who is in the directory."""
        directory = self.parts.services.directory
        if action.group is None:
            job.provision_on_demand(directory.user_id(self._row(str(action.person))), USER)
            return
        members = [directory.user_id(self._row(member)) for member in action.members]
        job.provision_on_demand(directory.groups[self._group(action.group)].id, GROUP, members)

    # --- everybody else ----------------------------------------------------------------------------------

    def _perform(self, action: Action) -> None:
        job = self.parts.services.job
        if job is not None and isinstance(action, StartJob):
            job.start()
        elif job is not None and isinstance(action, PauseJob):
            job.pause()
        elif job is not None and isinstance(action, RestartJob):
            job.restart(resets(action.scopes))
        elif isinstance(action, SaveCredentials | ConnectionTest):
            self._connect(action)
        elif isinstance(action, ConfigureJob):
            self._configure(action)
        elif job is not None and isinstance(action, ProvisionOnDemand):
            self._provision(action, job)
        elif isinstance(action, StartFault):
            self.parts.services.faults.start(action.fault)
        elif isinstance(action, EndFault):
            self.parts.services.faults.end(action.fault)
        elif str(getattr(action, "do", "")).startswith("aws_"):
            self.console.perform(action)
        elif isinstance(action, AtTheDoors):
            self._at_the_doors(action)
        else:
            self._in_directory(action)

    def _at_the_doors(self, action: AtTheDoors) -> None:
        """Whoever has an account goes by its name, whatever its state; others by the name that the story gives."""
        directory = self.parts.services.directory
        if isinstance(action, RevokeSessions):
            directory.revoke_sessions(self._row(action.person))
            return
        number = self.parts.register.names.get(action.person, self.parts.register.who_bore(action.person))
        row = -1 if number is None else self.parts.ledger.person(number).row
        name = action.person
        if row >= 0:
            shown = str(directory.attributes_of(row)["userPrincipalName"])
            name = shown if directory.is_live(row) else shown[32:]
        SessionScript(self.parts).at_the_portal(action, name, number)

    def _connect(self, action: SaveCredentials | ConnectionTest) -> None:
        services = self.parts.services
        application = services.application.id
        if isinstance(action, SaveCredentials):
            token = bearer_token(services) if services.instance.console.tokens else ""
            values = {ADDRESS: services.scim_address, TOKEN: fingerprint(token)}
            services.perform("graph.secrets.set", {"servicePrincipal": application, "values": values})
            return
        reason = services.perform("graph.job.validate", {"servicePrincipal": application, "saved": True})
        if reason is not None:
            raise bad_credentials(str(reason))
        self.tested_at = services.clock.now

    def _configure(self, action: ConfigureJob) -> None:
        """What changes who is in scope by attributes makes the job begin anew, as the portal does by itself.
        https://learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts
        """
        mappings, settings = self.parts.mappings, self.parts.judging.options
        if action.scope is not None:
            settings.set(ALL, on=action.scope == "all")
        if action.skip_out_of_scope_deletions is not None:
            settings.set(SKIP, on=action.skip_out_of_scope_deletions)
        rules = configured(mappings.saved, action.scoping, action.actions)
        if rules != mappings.saved:
            mappings.save(rules)
            self.driver.restart(frozenset({"Watermark"}))

    def _row(self, person: str, state: int = LIVE) -> int:
        """The row of somebody's account, which must be in this state; 404 otherwise."""
        directory = self.parts.services.directory
        register = self.parts.register
        number = register.names.get(person, register.who_bore(person))
        row = -1 if number is None else self.parts.ledger.person(number).row
        if row < 0:
            row = directory.live_row(person)
        if directory.state_of(row) != state:
            raise not_found(directory.user_id(row))
        return row

    def _group(self, name: str) -> int:
        """The row of a live group by the name that it has now; 404 otherwise."""
        row = self._groups.get(name)  # None: it was to be renamed to this, and that was refused
        if row is None or self.parts.services.directory.groups[row].state != LIVE:
            raise not_found(name)
        return row

    def _in_directory(self, action: Action) -> None:
        services = self.parts.services
        directory, applications, application = services.directory, services.applications, services.application.id
        if isinstance(action, CreateUser):
            self._create_user(action)
        elif isinstance(action, Disable | Enable):
            directory.update_user(self._row(action.person), {"accountEnabled": isinstance(action, Enable)})
        elif isinstance(action, Delete):
            directory.delete_user(self._row(action.person))
        elif isinstance(action, Purge):
            self._purge(action)
        elif isinstance(action, Restore):
            directory.restore_user(self._row(action.person, DELETED))
        elif isinstance(action, Rename):
            names = {
                "displayName": action.display_name,
                "userPrincipalName": action.user_principal_name,
                "givenName": action.given_name,
                "surname": action.family_name,
            }
            directory.update_user(self._row(action.person), {k: v for k, v in names.items() if v is not None})
        elif isinstance(action, SetAttributes):
            directory.update_user(self._row(action.person), dict(action.attributes))
        elif isinstance(action, CreateGroup):
            group = directory.create_group(group_attributes(action.group))
            self._groups[action.group] = group.row
            if action.assigned:
                applications.assign(application, GROUP_PRINCIPAL, group.row)
        elif isinstance(action, RenameGroup):
            row = self._groups[action.to] = self._group(action.group)
            directory.update_group(row, {"displayName": action.to})
        elif isinstance(action, DeleteGroup):
            directory.delete_group(self._group(action.group))
        elif isinstance(action, AddMember | RemoveMember):
            self._member(action)
        elif isinstance(action, RequestAccess | EndAccess):
            self._requested(action)
        elif isinstance(action, SetManager):
            above = None if action.manager is None else self._row(action.manager)
            directory.set_manager(self._row(action.person), above)
        elif isinstance(action, PimActivate):
            self.activations.begin(self._group(action.group), self._row(action.person), action.lasts)
        elif isinstance(action, PimDeactivate):
            self.activations.end(self._group(action.group), self._row(action.person))
        elif isinstance(action, Assign | Unassign):
            kind = GROUP_PRINCIPAL if action.group is not None else USER_PRINCIPAL
            row = self._group(action.group) if action.group is not None else self._row(str(action.person))
            if isinstance(action, Assign):
                roles = {name: identifier for identifier, name in services.application.app_roles}
                applications.assign(application, kind, row, roles[action.role])
            else:
                assignment = applications.assignment_of(application, kind, row)
                applications.unassign(application, assignment.id if assignment is not None else "")

    def _member(self, action: AddMember | RemoveMember) -> None:
        directory, group, adds = self.parts.services.directory, self._group(action.group), isinstance(action, AddMember)
        if action.member_group is not None:
            (directory.nest if adds else directory.unnest)(group, self._group(action.member_group))
        else:
            (directory.add_member if adds else directory.remove_member)(group, self._row(str(action.person)))

    def _requested(self, action: RequestAccess | EndAccess) -> None:
        """Access that somebody asks for, or that ends early; refused where there is nothing to give or to end."""
        requested, row = self.parts.requested, self._row(action.person)
        number = self.parts.register.account_owner(row)
        if number is None:
            raise not_found(action.person)
        if isinstance(action, EndAccess):
            if not requested.end(number, action.group, None, forgotten=False):
                raise not_found(action.group)
            return
        until = NEVER if action.until is None else action.until
        if not requested.there(number):
            raise not_found(action.person)
        if not requested.ask(number, action.group, until):
            raise reference_exists("members")
        if action.until is not None:

            def over() -> None:
                requested.end(number, action.group, until, forgotten=action.forgotten)

            self.later(until, Order.DIRECTORY, over)

    def _create_user(self, action: CreateUser) -> None:
        """An account for somebody whom HR does not know; nobody is left over when it is refused."""
        directory, register, spec = self.parts.services.directory, self.parts.register, action.person
        number, row = person_called(self.parts, spec.id), directory.users_count
        register.set_facts(number, facts_of(spec))
        register.own_account(row, number)
        try:
            directory.create_user(account_of(spec, self.parts.scenario.organisation.domain), enabled=spec.enabled)
        except ServiceError:
            register.disown_account(row)
            raise

    def _purge(self, action: Purge) -> None:
        directory = self.parts.services.directory
        try:
            row = self._row(action.person)
        except ServiceError:
            row = self._row(action.person, DELETED)
        directory.purge_user(row)
