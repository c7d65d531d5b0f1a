"""HR: what becomes true of people, and what is then done in the directory, which need not be the same moment.

Invariant: truth changes at an event's effective time whether or not HR has noticed; the directory changes when HR
acts. Both are done here and nowhere else, for the generated workforce and for scripted people alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from mockservices.clock import Millis
from mockservices.errors import ServiceError
from mockservices.graph.directory import GONE, LIVE, Attribute, Directory
from mockservices.graph.errors import not_found
from sim.access.policy import AccessPolicy, Facts
from sim.observation.ledger import NOTHING, Ledger
from sim.observation.notice import Notice
from sim.observation.person import ABSENT, FUTURE, LEFT, PRESENT, Person
from sim.observation.words import (
    ABSENCE,
    CONTRACT_RESTORED,
    CONVERSION,
    EARLY,
    JOINER,
    MOVER,
    NO_SHOW,
    REHIRE,
    RETURN,
    SUPERSEDED,
)
from sim.workforce.register import Register
from sim.workforce.truth import Truth

OnLeave = Literal["disable", "delete"]
COMING_BACK: Final = (REHIRE, CONTRACT_RESTORED)
"""Kinds of event by which somebody is here again who was gone."""
LAST_DAY: Final = "employeeLeaveDateTime"
"""https://learn.microsoft.com/graph/api/resources/user."""


class Hr:
    """The company's HR."""

    def __init__(
        self,
        *,
        directory: Directory,
        ledger: Ledger,
        register: Register,
        truth: Truth,
        policy: AccessPolicy,
        group_rows: dict[str, int],
        on_leave: OnLeave,
    ) -> None:
        self._directory = directory
        self._ledger = ledger
        self._register = register
        self._truth = truth
        self._group_rows = group_rows
        self._on_leave = on_leave
        self._policy_rows = {
            group_rows[name] for rule_groups in policy.all_groups() for name in rule_groups if name in group_rows
        }
        self.acting = False
        """True while HR itself changes the directory: such a change is no manual act."""
        self.before_end: Callable[[int], None] | None = None
        """Told of an account that is about to be ended for good, where a runbook says what comes before that."""
        self.after_end: Callable[[int], None] | None = None
        """The same, once it is ended."""

    # --- what becomes true -------------------------------------------------------------------------------

    def joins(self, number: int, facts: Facts, notice: Notice, kind: str = JOINER) -> int:
        """Somebody works here from now on (``kind``: joiner, rehire, return or contract_restored); the event's number.

        What was left of the time before, and nobody was going to tell the directory, is forgotten.
        """
        person = self._ledger.person(number)
        self._register.set_facts(number, facts)
        self._take_the_word(person)
        person.standing = PRESENT
        person.coming = NOTHING
        person.hr_pending -= person.hr_silent
        person.hr_silent = 0
        self._ledger.headcount.begins(number, facts.employment)
        if kind in COMING_BACK:
            self._ledger.comes_back(person)
        self._wait(person, notice)
        self._ledger.entitle(person, self._truth.of_facts(number, facts), MOVER)
        return self._ledger.events.granting(person, kind, notice)

    def moves(self, number: int, facts: Facts, notice: Notice, kind: str = MOVER) -> int:
        """Somebody has other facts from now on (``kind``: mover or conversion); the event's number."""
        person = self._ledger.person(number)
        person.coming = NOTHING
        self._take_the_word(person)
        self._register.set_facts(number, facts)
        if kind == CONVERSION:
            self._ledger.headcount.becomes(number, facts.employment)
        self._wait(person, notice)
        before, grants = person.entitled, self._truth.of_facts(number, facts)
        if person.standing == PRESENT:
            self._ledger.entitle(person, grants, MOVER)
        else:  # what the new place does not give will have been taken by the move, not by the leave
            person.lost.update({grant: MOVER for grant in person.lost if grant not in grants})
            self._ledger.reconsider(person)
        return self._ledger.events.moving(person, before, notice, kind=kind)

    def leaves(self, number: int, kind: str, notice: Notice) -> int:
        """Somebody is gone (``kind``: leaver, contractor_expiry or absence); the event's number."""
        person = self._ledger.person(number)
        self._take_the_word(person)
        person.standing = ABSENT if kind == ABSENCE else LEFT
        person.coming = NOTHING
        if kind != ABSENCE:
            person.gone_cause = kind
            self._truth.requested.pop(number, None)  # what was asked for is not theirs again when they come back
            self._ledger.headcount.ends(number)
        self._wait(person, notice)
        self._ledger.entitle(person, NOTHING, kind)
        if kind != ABSENCE:
            self._ledger.blame(person, kind)
        return self._ledger.events.revoking(person, kind, notice)

    def returns(self, number: int, notice: Notice) -> int:
        """Somebody is back from leave; the event's number."""
        return self.joins(number, self._register.facts(number), notice, RETURN)

    def was_expected(self, number: int, notice: Notice) -> int:
        """It is the first day of somebody who does not come: a joiner, overtaken at once; the event's number."""
        return self._ledger.events.noting(self._ledger.person(number), JOINER, notice, SUPERSEDED)

    def no_show(self, number: int, notice: Notice) -> int:
        """Somebody was to come by now, and never will; the event's number.

        What the account that was made for them can use was early, and stays so until HR ends it.
        """
        person = self._ledger.person(number)
        self._take_the_word(person)
        person.standing, person.gone_cause, person.coming = LEFT, EARLY, NOTHING
        self._wait(person, notice)
        self._ledger.reconsider(person)
        return self._ledger.events.noting(person, NO_SHOW, notice)

    def notes(self, number: int, kind: str, notice: Notice) -> int:
        """Something is true of somebody that changes no entitlement (a name, a manager, the end of a contract)."""
        person = self._ledger.person(number)
        self._take_the_word(person)
        return self._ledger.events.noting(person, kind, notice)

    def _take_the_word(self, person: Person) -> None:
        """From now on truth about the person is HR's."""
        if not person.hr:
            person.hr = True
            self._register.hr_numbers[person.number] = None

    def _wait(self, person: Person, notice: Notice) -> None:
        person.hr_pending += not notice.done
        person.hr_silent += notice.silent

    def has_left(self, number: int) -> bool:
        """Whether somebody whom an event has touched is gone."""
        person = self._ledger.known(number)
        return person is not None and person.standing == LEFT

    def is_away(self, number: int) -> bool:
        """Whether somebody whom an event has touched is on leave."""
        person = self._ledger.known(number)
        return person is not None and person.standing == ABSENT

    # --- what HR does ------------------------------------------------------------------------------------

    def announce(self, number: int, facts: Facts, *, begins: bool) -> None:
        """Facts become true on a later day, and the directory is about to be changed beforehand.

        ``begins``: the person is not here until that day.
        """
        person = self._ledger.person(number)
        self._take_the_word(person)
        if begins and (person.standing != PRESENT or self._ledger.headcount.employment(number) is None):
            person.standing = FUTURE
        if begins or person.standing not in {ABSENT, LEFT}:  # who is away is given nothing by other facts
            person.coming = self._ledger.difference(self._truth.of_facts(number, facts), person.entitled)

    def begin_account(self, number: int, attributes: dict[str, Attribute], facts: Facts) -> None:
        """Create a joiner's account with the groups of the policy; nothing is left of it when it is refused.

        HR does not do it for somebody who is gone by the time it gets to it.
        """
        if self._ledger.person(number).standing in {ABSENT, LEFT}:
            return
        row = self._directory.users_count
        self.acting = True
        try:
            self._register.own_account(row, number)
            self._directory.create_user(attributes)
            for name in self._truth.names(number, facts):
                group = self._group_rows[name]
                if self._directory.groups[group].state == LIVE:
                    self._directory.add_member(group, row)
        except ServiceError:
            self._register.disown_account(row)
            raise
        finally:
            self.acting = False

    def regroup(self, number: int, facts: Facts, attributes: Mapping[str, Attribute] | None = None) -> None:
        """Give a person's account the groups that the facts ask for, and these properties (None: what they ask for)."""
        row = self._live_row(number)
        if row < 0:
            return
        self.acting = True
        try:
            self._directory.update_user(row, self._attributes_of(row, facts) if attributes is None else attributes)
            self._set_groups(row, number, facts)
        finally:
            self.acting = False

    def _attributes_of(self, row: int, facts: Facts) -> dict[str, Attribute]:
        """What the facts say of an account; what they say nothing about stays as it is."""
        attributes: dict[str, Attribute] = {"department": facts.department}
        if facts.role is not None:
            attributes["jobTitle"] = facts.role
        if facts.location is not None:
            attributes["officeLocation"] = facts.location
        held = self._directory.attributes_of(row).get("employeeType")
        if held is not None and str(held).lower() != facts.employment:
            attributes["employeeType"] = facts.employment.capitalize()
        return attributes

    def _set_groups(self, row: int, number: int, facts: Facts) -> None:
        directory = self._directory
        wanted = [self._group_rows[name] for name in self._truth.names(number, facts)]
        held = directory.groups_of(row)
        for group in held:
            if group in self._policy_rows and group not in wanted:
                directory.remove_member(group, row)
        for group in wanted:
            if group not in held and directory.groups[group].state == LIVE:
                directory.add_member(group, row)

    def end_account(self, number: int, kind: str, *, beforehand: bool = False) -> None:
        """Do with the account of somebody who is gone what the company does; a leave of absence only blocks it.

        Nothing is done to somebody who is back by the time HR gets to it. ``beforehand``: before the day.
        """
        person = self._ledger.person(number)
        row = person.row
        if row < 0 or not self._directory.is_live(row) or (person.standing == PRESENT and not beforehand):
            return
        self.acting = True
        try:
            if self.before_end is not None and kind != ABSENCE:
                self.before_end(row)
            if self._on_leave == "delete" and kind != ABSENCE:
                self._directory.purge_user(row)
            else:
                self._directory.update_user(row, {"accountEnabled": False})
            if self.after_end is not None and kind != ABSENCE:
                self.after_end(row)
        finally:
            self.acting = False

    def can_reopen(self, number: int) -> bool:
        """Whether something is left of the account that a person had last."""
        row = self._ledger.person(number).row
        return row >= 0 and self._directory.state_of(row) != GONE

    def new_identity(self, number: int, attributes: dict[str, Attribute]) -> dict[str, Attribute]:
        """The properties of a new account for somebody who has had one: those of the old one (of one that never was:
        ``attributes``), with the old name where it is free, and else with the next number behind it.
        """
        row = self._ledger.person(number).row
        if row >= 0:
            held = self._directory.attributes_of(row)
            attributes = {name: value for name, value in held.items() if value is not None and name != LAST_DAY}
        name = self._register.label(number)
        local, _, domain = name.partition("@")
        nickname, further = attributes["mailNickname"], 1
        while self.is_taken(name):
            further += 1
            name, attributes["mailNickname"] = f"{local}-{further}@{domain}", f"{nickname}-{further}"
        attributes.update(userPrincipalName=name, mail=name)
        return attributes

    def is_taken(self, upn: str) -> bool:
        """Whether a live account has this name."""
        return self._directory.row_by_upn(upn) is not None

    def reopen_account(self, number: int, facts: Facts, attributes: Mapping[str, Attribute] | None = None) -> None:
        """Bring the old account of somebody who is back to life, with the groups that the facts ask for.

        ``attributes``: the properties that it is given; None: what the facts ask for.
        """
        person = self._ledger.person(number)
        row = person.row
        if person.standing in {ABSENT, LEFT}:
            return
        if row < 0:
            raise not_found(self._register.label(number))
        state = self._directory.state_of(row)
        if state == GONE:
            raise not_found(self._directory.user_id(row))
        self.acting = True
        try:
            if state != LIVE:
                self._directory.restore_user(row)
            given = self._attributes_of(row, facts) if attributes is None else attributes
            self._directory.update_user(row, {"accountEnabled": True, **given})
            self._set_groups(row, number, facts)
        finally:
            self.acting = False

    def describe(self, number: int, attributes: Mapping[str, Attribute]) -> None:
        """Change properties of a person's account that no group hangs on; nothing where there is none."""
        row = self._live_row(number)
        if row >= 0:
            self._directory.update_user(row, attributes)

    def set_manager(self, number: int, manager: int) -> None:
        """A person reports to another from now on; nothing where one of them has no account."""
        row, above = self._live_row(number), self._live_row(manager)
        if row >= 0 and above >= 0 and row != above:
            self._directory.set_manager(row, above)

    def set_contract_end(self, number: int, end: int | None) -> None:
        """The directory has another last day; nothing where it has never had one. None: it has none any more."""
        row = self._live_row(number)
        if row >= 0 and self._directory.attributes_of(row).get(LAST_DAY) is not None:
            clock = self._ledger.clock
            self._directory.update_user(row, {LAST_DAY: None if end is None else clock.iso(Millis(end))})

    def _live_row(self, number: int) -> int:
        """The row of a person's live account; -1: there is none."""
        row = self._ledger.person(number).row
        return row if row >= 0 and self._directory.is_live(row) else -1

    def takes(self, person: Person) -> list[int]:
        """Groups from which the facts take a person's account, whether or not HR has done it."""
        if person.row < 0 or not person.hr:
            return []
        names = self._truth.names(person.number, self._register.facts(person.number))
        wanted = [self._group_rows[name] for name in names]
        return [g for g in self._directory.groups_of(person.row) if g in self._policy_rows and g not in wanted]

    def done(self, number: int, event: int) -> None:
        """The directory now says what the event asks for."""
        person = self._ledger.person(number)
        person.hr_pending -= 1
        self._ledger.events.in_directory(person, event)
        self._ledger.reconsider(person)

    def noted(self, number: int, event: int) -> None:
        """The directory now says what an event asks for that changes no entitlement."""
        self._ledger.events.in_directory(self._ledger.person(number), event)

    def not_done(self, number: int, event: int) -> None:
        """The directory refused what the event asks for: it goes on waiting for HR."""
        person = self._ledger.person(number)
        person.hr_pending += 1
        self._ledger.events.refused(person, event)
        self._ledger.reconsider(person)
