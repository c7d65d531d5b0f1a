"""HR: what becomes true of people, and what is then done in the directory, which need not be the same moment.

Invariant: truth changes at an event's effective time whether or not HR has noticed; the directory changes when HR
acts. Both are done here and nowhere else, for the generated workforce and for scripted people alike.
"""

from __future__ import annotations

from typing import Literal

from mockservices.graph.directory import LIVE, Attribute, Directory
from sim.access.policy import AccessPolicy, Facts
from sim.observation.ledger import NOTHING, Ledger
from sim.observation.person import ABSENT, FUTURE, LEFT, PRESENT, Person
from sim.observation.words import ABSENCE, JOINER, LEAVER, MOVER, REHIRE, RETURN
from sim.workforce.register import Register
from sim.workforce.truth import Truth

OnLeave = Literal["disable", "delete"]


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
        self._policy = policy
        self._group_rows = group_rows
        self._on_leave = on_leave
        self._policy_rows = {
            group_rows[name] for rule_groups in policy.all_groups() for name in rule_groups if name in group_rows
        }
        self.acting = False
        """True while HR itself changes the directory: such a change is no manual act."""

    # --- what becomes true -------------------------------------------------------------------------------

    def joins(self, number: int, facts: Facts, *, done: bool, scripted: bool, kind: str = JOINER) -> int:
        """Somebody works here from now on (``kind``: joiner, rehire or return); the event's number.

        ``done``: the directory has been changed already.
        """
        person = self._ledger.person(number)
        self._register.set_facts(number, facts)
        person.hr = True
        person.standing = PRESENT
        self._ledger.headcount.begins(number, facts.employment)
        if kind == REHIRE:
            person.lost = dict.fromkeys(person.lost, REHIRE)
        self._wait(person, done)
        self._ledger.entitle(person, self._truth.of_facts(number, facts), MOVER)
        return self._ledger.events.granting(person, kind, in_directory=done, scripted=scripted)

    def moves(self, number: int, facts: Facts, *, done: bool, scripted: bool) -> int:
        """Somebody has other facts from now on; the event's number."""
        person = self._ledger.person(number)
        before = person.entitled
        self._register.set_facts(number, facts)
        self._wait(person, done)
        if person.standing == PRESENT:
            self._ledger.entitle(person, self._truth.of_facts(number, facts), MOVER)
        return self._ledger.events.moving(person, before, in_directory=done, scripted=scripted)

    def leaves(self, number: int, kind: str, *, done: bool, scripted: bool) -> int:
        """Somebody is gone (``kind``: leaver, contractor_expiry or absence); the event's number."""
        person = self._ledger.person(number)
        person.standing = ABSENT if kind == ABSENCE else LEFT
        person.gone_cause = kind
        if kind != ABSENCE:
            self._ledger.headcount.ends(number)
        self._wait(person, done)
        self._ledger.entitle(person, NOTHING, kind)
        self._ledger.blame(person, kind)
        return self._ledger.events.revoking(person, kind, in_directory=done, scripted=scripted)

    def returns(self, number: int, *, done: bool, scripted: bool) -> int:
        """Somebody is back from leave; the event's number."""
        return self.joins(number, self._register.facts(number), done=done, scripted=scripted, kind=RETURN)

    def _wait(self, person: Person, done: bool) -> None:
        person.hr_pending += not done

    # --- what HR does ------------------------------------------------------------------------------------

    def begin_account(self, number: int, attributes: dict[str, Attribute], facts: Facts, *, future: bool) -> None:
        """Create a joiner's account with the groups of the policy."""
        if future:
            person = self._ledger.person(number)
            person.hr = True
            person.standing = FUTURE
        self.acting = True
        try:
            self._register.own_account(self._directory.users_count, number)
            user = self._directory.create_user(attributes)
            for name in self._policy.groups(facts):
                self._directory.add_member(self._group_rows[name], user.row)
        finally:
            self.acting = False

    def regroup(self, number: int, facts: Facts) -> None:
        """Give a person's account the department and the groups that the facts ask for."""
        row = self._ledger.person(number).row
        if row < 0 or not self._directory.is_live(row):
            return
        self.acting = True
        try:
            self._directory.update_user(row, {"department": facts.department})
            self._set_groups(row, facts)
        finally:
            self.acting = False

    def _set_groups(self, row: int, facts: Facts) -> None:
        directory = self._directory
        wanted = [self._group_rows[name] for name in self._policy.groups(facts)]
        held = directory.groups_of(row)
        for group in held:
            if group in self._policy_rows and group not in wanted:
                directory.remove_member(group, row)
        for group in wanted:
            if group not in held and directory.groups[group].state == LIVE:
                directory.add_member(group, row)

    def end_account(self, number: int, kind: str) -> None:
        """Do with the account of somebody who is gone what the company does; a leave of absence only blocks it."""
        row = self._ledger.person(number).row
        if row < 0 or not self._directory.is_live(row):
            return
        self.acting = True
        try:
            if self._on_leave == "delete" and kind != ABSENCE:
                self._directory.purge_user(row)
            else:
                self._directory.update_user(row, {"accountEnabled": False})
        finally:
            self.acting = False

    def reopen_account(self, number: int, facts: Facts) -> None:
        """Bring the old account of somebody who is back to life, with the groups that the facts ask for."""
        row = self._ledger.person(number).row
        if row < 0:
            return
        self.acting = True
        try:
            if not self._directory.is_live(row):
                self._directory.restore_user(row)
            self._directory.update_user(row, {"accountEnabled": True, "department": facts.department})
            self._set_groups(row, facts)
        finally:
            self.acting = False

    def done(self, number: int, event: int) -> None:
        """The directory now says what the event asks for."""
        person = self._ledger.person(number)
        person.hr_pending -= 1
        self._ledger.events.in_directory(person, event)
        self._ledger.reconsider(person)
