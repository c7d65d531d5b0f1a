"""Carries out what a scenario's timeline says: HR's acts, administrators' acts, acts in the target's console.

Invariant: an action that a service refuses is a record, not a fault: it changes nothing and the story goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mockservices.errors import ServiceError
from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL
from mockservices.graph.directory import Attribute
from mockservices.identitycenter.instance import GROUP, USER
from mockservices.scim.operations import AddMembers, Path, RemoveMembers, SetAttribute, Value
from mockservices.scim.provider import CONSOLE
from sim.access.policy import Facts
from sim.kernel import Order
from sim.observation.person import LEFT
from sim.observation.words import ABSENCE, CONTRACTOR_EXPIRY, JOINER, LEAVER, REHIRE, RETURN
from sim.parts import Parts, target_principal
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
    _contract_ends: dict[int, int] = field(default_factory=dict)

    def schedule(self) -> None:
        """Put every action of the scenario on the world's queue."""
        self._groups.update(self.parts.group_rows)
        for spec in self.parts.scenario.before.people:
            if spec.contract_end is not None:
                self._contract(self.parts.register.names[spec.id], spec.contract_end)
        for action in self.parts.scenario.timeline:
            if isinstance(action, HrAction):
                self._schedule_hr(action)
            else:
                self.later(action.at, Order.SCENARIO, lambda action=action: self._attempt(action))  # type: ignore[misc] # mypy cannot infer a lambda with defaults

    def _attempt(self, action: Action) -> None:
        self.parts.observer.scripted = True
        try:
            self._perform(action)
        except ServiceError as error:
            self.refused.append(Refused(self.parts.services.clock.now, str(getattr(action, "do", "")), error.message))
        finally:
            self.parts.observer.scripted = False

    # --- HR ----------------------------------------------------------------------------------------------

    def _schedule_hr(self, action: HrAction) -> None:
        """What becomes true at its time, and what is done in the directory then, later or beforehand."""
        event: list[int] = []
        done = action.hr_lag < 0

        def truth() -> None:
            number = self._true(action, done=done or action.hr_lag == 0)
            if number is not None:
                event.append(number)

        def act() -> None:
            self._act(action, future=done)
            if event and action.hr_lag > 0:
                self.parts.hr.done(self._number(action), event[0])

        def both() -> None:
            truth()
            act()

        if done:
            self.later(max(0, action.at + action.hr_lag), Order.DIRECTORY, act)
            self.later(action.at, Order.SCENARIO, truth)
        elif action.hr_lag == 0:
            self.later(action.at, Order.SCENARIO, both)
        else:
            self.later(action.at, Order.SCENARIO, truth)
            self.later(action.at + action.hr_lag, Order.DIRECTORY, act)

    def _number(self, action: HrAction) -> int:
        name = action.person.id if isinstance(action, Join) else str(getattr(action, "person"))  # noqa: B009 - the union of HR actions has it
        register = self.parts.register
        number = register.names.get(name)
        if number is None and not isinstance(action, Join):
            row = self.parts.services.directory.find_user(name).row
            owner = register.account_owner(row)
            if owner is not None:
                return owner
        if number is None:
            number = register.names[name] = register.new_person(hr=True)
        return number

    def _true(self, action: HrAction, *, done: bool) -> int | None:
        hr, register = self.parts.hr, self.parts.register
        number = self._number(action)
        if isinstance(action, Join):
            return hr.joins(number, facts_of(action.person), done=done, scripted=True, kind=JOINER)
        if isinstance(action, Move):
            return hr.moves(number, self._moved(action, number), done=done, scripted=True)
        if isinstance(action, Leave):
            return hr.leaves(number, LEAVER, done=done, scripted=True)
        if isinstance(action, Expire):
            return hr.leaves(number, CONTRACTOR_EXPIRY, done=done, scripted=True)
        if isinstance(action, Rehire):
            return hr.joins(number, self._rehired(action, number), done=done, scripted=True, kind=REHIRE)
        if isinstance(action, Absent):
            return hr.leaves(number, ABSENCE, done=done, scripted=True)
        if isinstance(action, Back):
            return hr.joins(number, register.facts(number), done=done, scripted=True, kind=RETURN)
        if isinstance(action, Extend):
            self._contract(number, action.until)
        return None

    def _moved(self, action: Move, number: int) -> Facts:
        facts = self.parts.register.facts(number)
        return Facts(
            action.department or facts.department,
            facts.employment,
            action.role or facts.role,
            action.location or facts.location,
        )

    def _rehired(self, action: Rehire, number: int) -> Facts:
        facts = self.parts.register.facts(number)
        return facts._replace(department=action.department or facts.department)

    def _act(self, action: HrAction, *, future: bool) -> None:
        try:
            self._act_in_directory(action, future=future)
        except ServiceError as error:
            self.refused.append(Refused(self.parts.services.clock.now, str(getattr(action, "do", "")), error.message))

    def _act_in_directory(self, action: HrAction, *, future: bool) -> None:
        hr, register = self.parts.hr, self.parts.register
        domain = self.parts.scenario.organisation.domain
        number = self._number(action)
        if isinstance(action, Join):
            hr.begin_account(number, account_of(action.person, domain), facts_of(action.person), future=future)
            if action.person.contract_end is not None:
                self._contract(number, action.person.contract_end)
        elif isinstance(action, Move):
            hr.regroup(number, self._moved(action, number) if future else register.facts(number))
        elif isinstance(action, Leave):
            hr.end_account(number, LEAVER)
        elif isinstance(action, Expire):
            hr.end_account(number, CONTRACTOR_EXPIRY)
        elif isinstance(action, Absent):
            hr.end_account(number, ABSENCE)
        elif isinstance(action, Back):
            hr.reopen_account(number, register.facts(number))
        elif isinstance(action, Rehire):
            facts = self._rehired(action, number)
            if action.identity == "same":
                hr.reopen_account(number, facts)
            else:
                hr.begin_account(number, self._new_identity(action, number, facts), facts, future=future)

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
        self._contract_ends[number] = end

        def expire() -> None:
            person = self.parts.ledger.person(number)
            if self._contract_ends.get(number) == end and person.standing != LEFT:
                self.parts.hr.leaves(number, CONTRACTOR_EXPIRY, done=True, scripted=True)
                self.parts.hr.end_account(number, CONTRACTOR_EXPIRY)

        self.later(end, Order.DIRECTORY, expire)

    # --- everybody else ----------------------------------------------------------------------------------

    def _perform(self, action: Action) -> None:
        if isinstance(action, StartJob):
            self.driver.start()
        elif isinstance(action, PauseJob):
            self.driver.pause()
        elif isinstance(action, RestartJob):
            self.driver.restart()
        elif isinstance(action, ProvisionOnDemand):
            identifier = self.parts.services.directory.user_id(self._row(action.person))
            self.driver.at_once(self.driver.job.on_demand(identifier))
        elif str(getattr(action, "do", "")).startswith("aws_"):
            self._in_console(action)
        else:
            self._in_directory(action)

    def _row(self, person: str) -> int:
        number = self.parts.register.names.get(person)
        if number is not None:
            row = self.parts.ledger.person(number).row
            if row >= 0:
                return row
        return self.parts.services.directory.find_user(person).row

    def _in_directory(self, action: Action) -> None:
        services = self.parts.services
        directory, applications, application = services.directory, services.applications, services.application.id
        if isinstance(action, CreateUser):
            spec = action.person
            number = self.parts.register.new_person(hr=False)
            self.parts.register.names[spec.id] = number
            self.parts.register.own_account(directory.users_count, number)
            directory.create_user(account_of(spec, self.parts.scenario.organisation.domain), enabled=spec.enabled)
        elif isinstance(action, Disable | Enable):
            directory.update_user(self._row(action.person), {"accountEnabled": isinstance(action, Enable)})
        elif isinstance(action, Delete):
            directory.delete_user(self._row(action.person))
        elif isinstance(action, Purge):
            directory.purge_user(self._row(action.person))
        elif isinstance(action, Restore):
            directory.restore_user(self._row(action.person))
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
            row = self._groups[action.to] = self._groups[action.group]
            directory.update_group(row, {"displayName": action.to})
        elif isinstance(action, DeleteGroup):
            directory.delete_group(self._groups[action.group])
        elif isinstance(action, AddMember):
            directory.add_member(self._groups[action.group], self._row(action.person))
        elif isinstance(action, RemoveMember):
            directory.remove_member(self._groups[action.group], self._row(action.person))
        elif isinstance(action, Assign | Unassign):
            kind = GROUP_PRINCIPAL if action.group is not None else USER_PRINCIPAL
            row = self._groups[action.group] if action.group is not None else self._row(str(action.person))
            if isinstance(action, Assign):
                applications.assign(application, kind, row)
            else:
                assignment = applications.assignment_of(application, kind, row)
                applications.unassign(application, assignment.id if assignment is not None else "")

    def _in_console(self, action: Action) -> None:
        provider, instance = self.parts.services.provider, self.parts.services.instance
        if isinstance(action, AwsCreateUser):
            attributes: dict[str, Value] = {
                "userName": action.user_name,
                "displayName": f"{action.given_name} {action.family_name}",
                "name.givenName": action.given_name,
                "name.familyName": action.family_name,
            }
            if action.owner is not None:
                self.parts.register.own_target(provider.users_made, self.parts.register.names[action.owner])
            provider.create_user(attributes, origin=CONSOLE)
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

    def _principal(self, kind: str, name: str) -> str:
        return target_principal(self.parts, kind, name) or name
