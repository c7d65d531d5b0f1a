"""Carries out what a scenario's timeline says: HR's acts, administrators' acts, acts in the target's console.

Invariant: an action that a service refuses is a record, not a fault: it changes nothing and the story goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mockservices.errors import ServiceError
from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL
from mockservices.graph.directory import DELETED, LIVE, Attribute
from mockservices.graph.errors import not_found
from mockservices.identitycenter.instance import GROUP, USER
from mockservices.scim.operations import AddMembers, Path, RemoveMembers, SetAttribute, Value
from mockservices.scim.provider import CONSOLE
from sim.access.policy import Facts
from sim.kernel import Order
from sim.observation.person import LEFT
from sim.observation.words import ABSENCE, CONTRACTOR_EXPIRY, JOINER, LEAVER, REHIRE, RETURN
from sim.parts import Parts, call, target_principal
from sim.provisioning.driver import Driver
from sim.scenario.timeline import (
    Absent,
    Action,
    AddMember,
    Assign,
    AwsAddMember,
    AwsAssign,
    AwsCreateUser,
    AwsDeleteUser,
    AwsDisableUser,
    AwsEnableUser,
    AwsRemoveMember,
    AwsUnassign,
    Back,
    CreateGroup,
    CreateUser,
    Delete,
    DeleteGroup,
    Disable,
    Enable,
    Expire,
    Extend,
    HrAction,
    Join,
    Leave,
    Move,
    PauseJob,
    ProvisionOnDemand,
    Purge,
    Rehire,
    RemoveMember,
    Rename,
    RenameGroup,
    RestartJob,
    Restore,
    StartJob,
    Unassign,
)
from sim.workforce.named import account_of, facts_of, group_attributes

_GOING = {Leave: LEAVER, Expire: CONTRACTOR_EXPIRY, Absent: ABSENCE}

Later = Callable[[int, Order, Callable[[], None]], None]
"""Do something at a time."""


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
    refused: list[Refused] = field(default_factory=list)
    _groups: dict[str, int] = field(default_factory=dict)

    def schedule(self) -> None:
        """Put every action of the scenario on the world's queue; what lies at or after its end does not happen."""
        self._groups.update(self.parts.group_rows)
        for spec in self.parts.scenario.before.people:
            if spec.contract_end is not None and spec.contract_end >= 0:
                self._contract(self.parts.register.names[spec.id], spec.contract_end)
        for action in self.parts.scenario.timeline:
            if action.at >= self.parts.scenario.duration:
                continue
            if isinstance(action, HrAction):
                self._schedule_hr(action)
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

    # --- HR ----------------------------------------------------------------------------------------------

    def _schedule_hr(self, action: HrAction) -> None:
        """What becomes true at its time, and what is done in the directory then, later or beforehand."""
        told: list[int | None] = []
        accepted: list[bool] = []

        def begin() -> None:
            told.append(self._begin(action, beforehand=accepted == [True]))

        def finish() -> None:
            self._finish(action, told[0])

        def announce() -> None:
            accepted.append(self._announced(action))

        def both() -> None:
            begin()
            finish()

        if action.hr_lag < 0:
            self.later(action.at + action.hr_lag, Order.DIRECTORY, announce)
            self.later(action.at, Order.SCENARIO, begin)
        elif action.hr_lag == 0:
            self.later(action.at, Order.SCENARIO, both)
        else:
            self.later(action.at, Order.SCENARIO, begin)
            self.later(action.at + action.hr_lag, Order.DIRECTORY, finish)

    def _begin(self, action: HrAction, *, beforehand: bool = False) -> int | None:
        """It is true from now on; the event's number."""
        try:
            return self._true(action, beforehand=beforehand)
        except ServiceError as error:
            self._refuse(action, error)
            return None

    def _finish(self, action: HrAction, event: int | None) -> None:
        """HR does it in the directory; when it is refused there, the event goes on waiting for HR."""
        if event is not None and self._act(action):
            self.parts.hr.done(self._number(action), event)

    def _announced(self, action: HrAction) -> bool:
        """HR does it in the directory before the day; whether that was accepted."""
        try:
            number = self._number(action)
            facts = self._facts(action, number)
        except ServiceError as error:
            self._refuse(action, error)
            return False
        if facts is not None:
            self.parts.hr.announce(number, facts, begins=not isinstance(action, Move))
        return self._act(action, beforehand=True)

    def _facts(self, action: HrAction, number: int) -> Facts | None:
        """What HR will say about somebody from the action's day on; None: nothing new is given."""
        facts = facts_of(action.person) if isinstance(action, Join) else self.parts.register.facts(number)
        if isinstance(action, Join | Back):
            return facts
        if isinstance(action, Move):
            return Facts(
                action.department or facts.department,
                facts.employment,
                action.role or facts.role,
                action.location or facts.location,
            )
        if isinstance(action, Rehire):
            return facts._replace(department=action.department or facts.department)
        return None

    def _number(self, action: HrAction) -> int:
        name = action.person.id if isinstance(action, Join) else str(getattr(action, "person"))  # noqa: B009 - the union of HR actions has it
        register = self.parts.register
        number = register.names.get(name)
        if number is None and not isinstance(action, Join):
            owner = register.who_bore(name)
            if owner is None:
                owner = register.account_owner(self.parts.services.directory.live_row(name))
            if owner is not None:
                return owner
        if number is None:
            number = register.new_person(hr=True)
            call(self.parts, name, number)
        return number

    def _true(self, action: HrAction, *, beforehand: bool) -> int | None:
        hr = self.parts.hr
        number = self._number(action)
        facts = self._facts(action, number)
        if isinstance(action, Move) and facts is not None:
            return hr.moves(number, facts, done=beforehand, scripted=True)
        if isinstance(action, Join | Rehire | Back) and facts is not None:
            kind = JOINER if isinstance(action, Join) else REHIRE if isinstance(action, Rehire) else RETURN
            return hr.joins(number, facts, done=beforehand, scripted=True, kind=kind)
        if isinstance(action, Leave | Expire | Absent):
            kind = _GOING[type(action)]
            return hr.leaves(number, kind, done=beforehand, scripted=True, beforehand=beforehand)
        if isinstance(action, Extend):
            self._contract(number, action.until)
        return None

    def _act(self, action: HrAction, *, beforehand: bool = False) -> bool:
        """Do in the directory what HR's act asks for; whether it was accepted."""
        try:
            self._act_in_directory(action, beforehand=beforehand)
        except ServiceError as error:
            self._refuse(action, error)
            return False
        return True

    def _act_in_directory(self, action: HrAction, *, beforehand: bool) -> None:
        hr, domain = self.parts.hr, self.parts.scenario.organisation.domain
        number = self._number(action)
        # HR does what is true by the time it acts; beforehand, what will be
        facts = self._facts(action, number) if beforehand else self.parts.register.facts(number)
        if isinstance(action, Leave | Expire | Absent):
            hr.end_account(number, _GOING[type(action)], beforehand=beforehand)
        elif facts is None:
            return
        elif isinstance(action, Join):
            hr.begin_account(number, account_of(action.person, domain), facts)
            if action.person.contract_end is not None:
                self._contract(number, action.person.contract_end)
        elif isinstance(action, Move):
            hr.regroup(number, facts)
        elif isinstance(action, Rehire) and action.identity == "new":
            hr.begin_account(number, self._new_identity(action, number, facts), facts)
        else:
            hr.reopen_account(number, facts)

    def _new_identity(self, action: Rehire, number: int, facts: Facts) -> dict[str, Attribute]:
        """The properties of the old account under a new object, with the old name unless another is given."""
        directory = self.parts.services.directory
        old = directory.user(self.parts.ledger.person(number).row)
        attributes = dict(old.attributes)
        upn = action.user_principal_name or self.parts.register.label(number)
        attributes.update(userPrincipalName=upn, mail=upn, department=facts.department)
        return attributes

    def _contract(self, number: int, end: int) -> None:
        """A contract ends then, unless it is extended before."""
        register = self.parts.register
        register.contract_ends[number] = end

        def expire() -> None:
            person = self.parts.ledger.person(number)
            if register.contract_ends.get(number) == end and person.standing != LEFT:
                event = self.parts.hr.leaves(number, CONTRACTOR_EXPIRY, done=False, scripted=True)
                self.parts.hr.end_account(number, CONTRACTOR_EXPIRY)
                self.parts.hr.done(number, event)

        if end < self.parts.scenario.duration:
            self.later(end, Order.DIRECTORY, expire)

    # --- everybody else ----------------------------------------------------------------------------------

    def _perform(self, action: Action) -> None:
        job = self.parts.services.job
        if job is not None and isinstance(action, StartJob):
            job.start()
        elif job is not None and isinstance(action, PauseJob):
            job.pause()
        elif job is not None and isinstance(action, RestartJob):
            job.restart()
        elif isinstance(action, ProvisionOnDemand):
            identifier = self.parts.services.directory.user_id(self._row(action.person))
            self.driver.at_once(self.driver.job.on_demand(identifier))
        elif str(getattr(action, "do", "")).startswith("aws_"):
            self._in_console(action)
        else:
            self._in_directory(action)

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
        row = self._groups[name]
        if self.parts.services.directory.groups[row].state != LIVE:
            raise not_found(self.parts.services.directory.groups[row].id)
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
        elif isinstance(action, AddMember):
            directory.add_member(self._group(action.group), self._row(action.person))
        elif isinstance(action, RemoveMember):
            directory.remove_member(self._group(action.group), self._row(action.person))
        elif isinstance(action, Assign | Unassign):
            kind = GROUP_PRINCIPAL if action.group is not None else USER_PRINCIPAL
            row = self._group(action.group) if action.group is not None else self._row(str(action.person))
            if isinstance(action, Assign):
                applications.assign(application, kind, row)
            else:
                assignment = applications.assignment_of(application, kind, row)
                applications.unassign(application, assignment.id if assignment is not None else "")

    def _create_user(self, action: CreateUser) -> None:
        """An account for somebody whom HR does not know; nobody is left over when it is refused."""
        directory, register, spec = self.parts.services.directory, self.parts.register, action.person
        number, row = register.new_person(hr=False), directory.users_count
        register.own_account(row, number)
        try:
            directory.create_user(account_of(spec, self.parts.scenario.organisation.domain), enabled=spec.enabled)
        except ServiceError:
            register.disown_account(row)
            raise
        finally:
            call(self.parts, spec.id, number)

    def _purge(self, action: Purge) -> None:
        directory = self.parts.services.directory
        try:
            row = self._row(action.person)
        except ServiceError:
            row = self._row(action.person, DELETED)
        directory.purge_user(row)

    def _in_console(self, action: Action) -> None:
        provider, instance = self.parts.services.provider, self.parts.services.instance
        if isinstance(action, AwsCreateUser):
            attributes: dict[str, Value] = {
                "userName": action.user_name,
                "displayName": f"{action.given_name} {action.family_name}",
                "name.givenName": action.given_name,
                "name.familyName": action.family_name,
            }
            self._create_target_user(action, attributes)
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
        elif isinstance(action, AwsAssign | AwsUnassign):
            kind, name = (USER, action.user) if action.user is not None else (GROUP, action.group)
            found = instance.permission_set_named(action.permission_set)
            arn = found.arn if found is not None else action.permission_set
            change_assignment = (
                instance.create_assignment if isinstance(action, AwsAssign) else instance.delete_assignment
            )
            status = change_assignment(kind, self._principal(kind, str(name)), action.account, arn)
            if status.failure is not None:
                raise ServiceError(status.failure)

    def _create_target_user(self, action: AwsCreateUser, attributes: dict[str, Value]) -> None:
        provider, register = self.parts.services.provider, self.parts.register
        row = provider.users_made
        if action.owner is not None:
            register.own_target(row, register.names[action.owner])
        try:
            provider.create_user(attributes, origin=CONSOLE)
        except ServiceError:
            register.disown_target(row)
            raise

    def _principal(self, kind: str, name: str) -> str:
        return target_principal(self.parts, kind, name) or name
