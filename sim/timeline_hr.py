"""Carries out what a scenario's timeline says of HR: what becomes true, and what is then done in the directory.

Invariant: truth begins at the action's time; the directory follows after HR's lag, or was changed before the day. What
the directory refuses is a record, not a fault: the event goes on waiting for HR.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from mockservices.errors import ServiceError
from mockservices.graph.directory import Attribute
from mockservices.graph.errors import not_found
from sim.access.policy import Facts
from sim.kernel import Order
from sim.observation.headcount import EMPLOYEE
from sim.observation.notice import Notice
from sim.observation.person import FUTURE, LEFT
from sim.observation.words import (
    ABSENCE,
    CONTRACT_EXTENSION,
    CONTRACT_RESTORED,
    CONTRACTOR_EXPIRY,
    CONVERSION,
    JOINER,
    LEAVER,
    MANAGER_CHANGE,
    MOVER,
    NAME_CHANGE,
    NO_SHOW,
    REHIRE,
    RETURN,
)
from sim.parts import Parts, call
from sim.scenario.action import Action
from sim.scenario.hr_actions import (
    Absent,
    Back,
    ChangeManager,
    ChangeName,
    Convert,
    Expire,
    Extend,
    HrAction,
    Join,
    Leave,
    Move,
    NoShow,
    Rehire,
)
from sim.workforce.named import account_of, facts_of
from sim.workforce.plan import NEVER

Later: TypeAlias = Callable[[int, Order, Callable[[], None]], None]
"""Do something at a time."""
Refuse: TypeAlias = Callable[[Action, ServiceError], None]
"""Note that a service refused an action."""

_GOING = {Leave: LEAVER, Expire: CONTRACTOR_EXPIRY, Absent: ABSENCE}


class HrScript:
    """HR's part of one world's timeline."""

    def __init__(self, parts: Parts, later: Later, refuse: Refuse) -> None:
        self._parts = parts
        self._later = later
        self._refuse = refuse
        self._restoring: dict[int, None] = {}  # extensions (by identity) that came after the contract had ended

    def schedule_contracts(self) -> None:
        """Contracts of people who are there at the start end when the scenario says."""
        for spec in self._parts.scenario.before.people:
            if spec.contract_end is not None and spec.contract_end >= 0:
                self._contract(self._parts.register.names[spec.id], spec.contract_end)

    def schedule(self, action: HrAction) -> None:
        """What becomes true at its time, and what is done in the directory then, later or beforehand."""
        if isinstance(action, NoShow):
            self._schedule_no_show(action)
            return
        told: list[int | None] = []
        accepted: list[bool] = []

        def begin() -> None:
            told.append(self._begin(action, done=accepted == [True], beforehand=accepted == [True]))

        def finish() -> None:
            if told[0] is not None and self._act(action):
                hr = self._parts.hr
                (hr.done if self._waits(action) else hr.noted)(self._number(action), told[0])

        def announce() -> None:
            accepted.append(self._announced(action))

        def both() -> None:
            event = self._begin(action, done=True)
            if event is not None and not self._act(action) and self._waits(action):
                self._parts.hr.not_done(self._number(action), event)

        if action.hr_lag < 0:
            self._later(action.at + action.hr_lag, Order.DIRECTORY, announce)
            self._later(action.at, Order.SCENARIO, begin)
        elif action.hr_lag == 0:
            self._later(action.at, Order.SCENARIO, both)
        else:
            self._later(action.at, Order.SCENARIO, begin)
            self._later(action.at + action.hr_lag, Order.DIRECTORY, finish)

    def _schedule_no_show(self, action: NoShow) -> None:
        """The account is made, the day comes and the person does not, and HR closes the account."""
        hr, told = self._parts.hr, []
        never, known_at = action.noticed_after is None, action.at + action.hr_lag

        def make() -> None:
            number, facts = self._number(action), facts_of(action.person)
            self._parts.register.set_facts(number, facts)
            if action.hr_lag < 0:
                hr.announce(number, facts, begins=True)
            try:
                hr.begin_account(number, account_of(action.person, self._parts.scenario.organisation.domain), facts)
            except ServiceError as error:
                self._refuse(action, error)

        def day() -> None:
            if action.hr_lag == 0:
                make()
            number = self._number(action)
            hr.was_expected(number, Notice(done=True, scripted=True, known_at=known_at))
            notice = Notice(done=False, scripted=True, known_at=None if never else action.at, silent=never)
            told.append(hr.no_show(number, notice))

        def end() -> None:
            number = self._number(action)
            hr.end_account(number, NO_SHOW)
            hr.done(number, told[0])

        if action.hr_lag < 0:
            self._later(action.at + action.hr_lag, Order.DIRECTORY, make)
        self._later(action.at, Order.SCENARIO, day)
        if action.noticed_after is not None:
            self._later(action.at + action.noticed_after, Order.DIRECTORY, end)

    def _waits(self, action: HrAction) -> bool:
        """Whether something about the person waits for HR until the directory is changed."""
        return not isinstance(action, ChangeName | ChangeManager) and (
            not isinstance(action, Extend) or id(action) in self._restoring
        )

    def _begin(self, action: HrAction, *, done: bool, beforehand: bool = False) -> int | None:
        """It is true from now on; the event's number."""
        try:
            return self._true(action, done=done, beforehand=beforehand)
        except ServiceError as error:
            self._refuse(action, error)
            return None

    def _announced(self, action: HrAction) -> bool:
        """HR does it in the directory before the day; whether that was accepted."""
        try:
            number = self._number(action)
            facts = self._facts(action, number)
        except ServiceError as error:
            self._refuse(action, error)
            return False
        if facts is not None:
            self._parts.hr.announce(number, facts, begins=not isinstance(action, Move | Convert))
        return self._act(action, beforehand=True)

    def _facts(self, action: HrAction, number: int) -> Facts | None:
        """What HR will say about somebody from the action's day on; None: nothing new is given."""
        facts = facts_of(action.person) if isinstance(action, Join) else self._known(number)
        if isinstance(action, Join | Back):
            return facts
        if isinstance(action, Extend):
            return facts if self._has_lapsed(number) else None
        if isinstance(action, Move | Convert):
            return Facts(
                action.department or facts.department,
                EMPLOYEE if isinstance(action, Convert) else facts.employment,
                action.role or facts.role,
                action.location or facts.location,
            )
        if isinstance(action, Rehire):
            return facts._replace(department=action.department or facts.department)
        return None

    def _has_lapsed(self, number: int) -> bool:
        """Whether somebody is gone because their contract has ended."""
        person = self._parts.ledger.person(number)
        return person.standing in {LEFT, FUTURE} and person.gone_cause == CONTRACTOR_EXPIRY

    def _known(self, number: int) -> Facts:
        """What HR says about somebody now; of somebody new to HR, what the account says."""
        try:
            return self._parts.register.facts(number)
        except KeyError:
            row = self._parts.ledger.person(number).row
            attributes = self._parts.services.directory.attributes_of(row)
            employment = str(attributes.get("employeeType") or "employee").lower()
            facts = Facts(str(attributes.get("department") or ""), employment)
            self._parts.register.set_facts(number, facts)
            return facts

    def _number(self, action: HrAction) -> int:
        if not isinstance(action, Join | NoShow):
            return self._owner(str(getattr(action, "person")))  # noqa: B009 - the union of HR actions has it
        name, register = action.person.id, self._parts.register
        number = register.names.get(name)
        return self._newcomer(name) if number is None else number

    def _owner(self, name: str) -> int:
        """The number of somebody whom the scenario names by id or userPrincipalName."""
        register = self._parts.register
        number = register.names.get(name)
        if number is None:
            number = register.who_bore(name)
        if number is None:
            number = register.account_owner(self._parts.services.directory.live_row(name))
        return self._newcomer(name) if number is None else number

    def _newcomer(self, name: str) -> int:
        number = self._parts.register.new_person(hr=True)
        call(self._parts, name, number)
        return number

    def _true(self, action: HrAction, *, done: bool, beforehand: bool) -> int | None:
        hr, number = self._parts.hr, self._number(action)
        facts = self._facts(action, number)
        notice = Notice(done=done, scripted=True, known_at=action.at + action.hr_lag, beforehand=beforehand)
        if isinstance(action, Move | Convert) and facts is not None:
            if isinstance(action, Convert):
                self._parts.register.contract_ends[number] = NEVER
            return hr.moves(number, facts, notice, MOVER if isinstance(action, Move) else CONVERSION)
        if isinstance(action, Join | Rehire | Back) and facts is not None:
            if isinstance(action, Join) and action.person.contract_end is not None:
                self._contract(number, action.person.contract_end)
            kind = JOINER if isinstance(action, Join) else REHIRE if isinstance(action, Rehire) else RETURN
            return hr.joins(number, facts, notice, kind)
        if isinstance(action, Leave | Expire | Absent):
            return hr.leaves(number, _GOING[type(action)], notice)
        if isinstance(action, Extend):
            self._contract(number, action.until)
            if facts is not None:
                self._restoring[id(action)] = None
                return hr.joins(number, facts, notice, CONTRACT_RESTORED)
            return hr.notes(number, CONTRACT_EXTENSION, notice)
        return hr.notes(number, NAME_CHANGE if isinstance(action, ChangeName) else MANAGER_CHANGE, notice)

    def _act(self, action: HrAction, *, beforehand: bool = False) -> bool:
        """Do in the directory what HR's act asks for; whether it was accepted."""
        try:
            self._act_in_directory(action, beforehand=beforehand)
        except ServiceError as error:
            self._refuse(action, error)
            return False
        return True

    def _act_in_directory(self, action: HrAction, *, beforehand: bool) -> None:
        hr, domain = self._parts.hr, self._parts.scenario.organisation.domain
        number = self._number(action)
        if isinstance(action, ChangeName):
            hr.describe(number, self._new_name(action, number))
            return
        if isinstance(action, ChangeManager):
            hr.set_manager(number, self._owner(action.manager))
            return
        if isinstance(action, Extend):
            hr.set_contract_end(number, action.until)
            if not beforehand and id(action) not in self._restoring:
                return
        # HR does what is true by the time it acts; beforehand, what will be
        facts = self._facts(action, number) if beforehand else self._known(number)
        if isinstance(action, Leave | Expire | Absent):
            hr.end_account(number, _GOING[type(action)], beforehand=beforehand)
        elif facts is None:
            return
        elif isinstance(action, Join):
            hr.begin_account(number, account_of(action.person, domain), facts)
        elif isinstance(action, Move | Convert):
            hr.regroup(number, facts)
            if isinstance(action, Convert):
                hr.set_contract_end(number, None)
        elif isinstance(action, Rehire) and action.identity == "new":
            hr.begin_account(number, self._new_identity(action, number, facts), facts)
        else:
            hr.reopen_account(number, facts)

    def _new_identity(self, action: Rehire, number: int, facts: Facts) -> dict[str, Attribute]:
        """The properties of the old account under a new object, with the old name unless another is given."""
        row = self._parts.ledger.person(number).row
        if row < 0:
            raise not_found(self._parts.register.label(number))
        attributes = dict(self._parts.services.directory.user(row).attributes)
        upn = action.user_principal_name or self._parts.register.label(number)
        attributes.update(userPrincipalName=upn, mail=upn, department=facts.department)
        return attributes

    def _new_name(self, action: ChangeName, number: int) -> dict[str, Attribute]:
        row = self._parts.ledger.person(number).row
        if row < 0:
            raise not_found(self._parts.register.label(number))
        given = self._parts.services.directory.attributes_of(row).get("givenName")
        attributes: dict[str, Attribute] = {
            "surname": action.family_name,
            "displayName": f"{given} {action.family_name}" if given else action.family_name,
        }
        if action.user_principal_name is not None:
            attributes.update(userPrincipalName=action.user_principal_name, mail=action.user_principal_name)
        return attributes

    def _contract(self, number: int, end: int) -> None:
        """A contract ends then, unless it is extended before."""
        register = self._parts.register
        register.contract_ends[number] = end

        def expire() -> None:
            person = self._parts.ledger.person(number)
            if register.contract_ends.get(number) == end and person.standing != LEFT:
                self._parts.hr.leaves(number, CONTRACTOR_EXPIRY, Notice(done=True, scripted=True))
                self._parts.hr.end_account(number, CONTRACTOR_EXPIRY)

        if end < self._parts.scenario.duration:
            self._later(end, Order.DIRECTORY, expire)
