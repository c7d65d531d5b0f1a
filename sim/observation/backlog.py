"""Whose changes in the directory the job has still to carry over, and how far it is with each.

Invariant: a person is in the backlog from a change in the directory until a cycle takes it up, and again from a failure
until it is settled; nothing here reads the target.
"""

from __future__ import annotations

from collections.abc import Iterable

from mockservices.graph.directory import Directory
from sim.observation.causes import Causes
from sim.observation.ledger import Ledger
from sim.observation.person import PENDING, PROCESSING, RETRYING, SYNCED, Person
from sim.provisioning.view import View
from sim.workforce.register import Register


class Backlog:
    """What one world's job has before it; hears every step of the job."""

    def __init__(self, directory: Directory, register: Register, ledger: Ledger, view: View) -> None:
        self._directory = directory
        self._register = register
        self._ledger = ledger
        self._view = view
        self.causes: Causes
        self.pending: dict[int, None] = {}
        """By number: whom no cycle has taken up yet, or whom one has failed with."""

    @property
    def waits(self) -> bool:
        """Whether the directory has changed for somebody whom no cycle has taken up yet."""
        return bool(self.pending)

    def changed(self, person: Person) -> None:
        """The directory has changed for somebody."""
        if person.sync == SYNCED:
            person.sync = PENDING
            self.pending[person.number] = None
        elif person.sync != PENDING:
            person.changed_again = True
            if person.measures:
                self._ledger.events.changed_again(person)
        if person.orphans:
            self._ledger.reconsider(person)

    def picked_up(self, users: Iterable[str], *, cycle: bool) -> None:
        """See :class:`sim.provisioning.progress.Watcher`."""
        for identifier in users:
            person = self._person_of(identifier)
            if person is None:
                continue
            if cycle:
                self.pending.pop(person.number, None)
                person.sync = PROCESSING
                person.changed_again = False
                person.stays = self._directory.is_enabled(person.row) and self._view.in_scope(person.row)
                if person.pending_groups:
                    person.carried.update(self.causes.removals(person))
                    person.pending_groups = {}
            if person.measures:
                self._ledger.events.picked_up(person)
            self._progress(person)
        if cycle and self.pending:
            looked_past, self.pending = self.pending, {}  # by the job: nothing of them is in scope
            for number in looked_past:
                self._through(self._ledger.person(number))

    def failed(self, user: str, *, member: bool | None = None) -> None:
        """See :class:`sim.provisioning.progress.Watcher`."""
        person = self._person_of(user)
        if person is not None:
            person.sync = RETRYING
            self.pending[person.number] = None
            if person.measures:
                self._ledger.events.failed(person, member=member)
            self._progress(person)

    def settled(self, users: Iterable[str], *, cycle: bool) -> None:
        """See :class:`sim.provisioning.progress.Watcher`."""
        for identifier in users:
            person = self._person_of(identifier)
            if person is None:
                continue
            if (cycle and person.sync == PROCESSING) or (
                person.sync == RETRYING and not self._view.retried(person.row)
            ):
                self._through(person)
            elif person.measures:
                self._ledger.events.let_go(person)

    def _through(self, person: Person) -> None:
        """The job has nothing more to do about a person, unless the directory has changed in the meantime."""
        if person.sync == RETRYING and self._view.retried(person.row):
            self.pending[person.number] = None  # it is tried again in a later cycle
            return
        person.carried = {}
        if person.changed_again or (person.sync == RETRYING and person.pending_groups):
            person.sync = PENDING
            person.changed_again = False
            self.pending[person.number] = None
        else:
            self.pending.pop(person.number, None)
            person.sync = SYNCED
            person.pending_groups = {}
            if person.lost and not person.hr_pending:
                self._ledger.forget(person)
        if person.measures:
            self._ledger.events.let_go(person)
        self._progress(person)

    def _person_of(self, identifier: str) -> Person | None:
        row = self._directory.user_row(identifier)
        number = self._register.account_owner(row) if row is not None else None
        return None if number is None else self._ledger.known(number)

    def _progress(self, person: Person) -> None:
        if person.measures:
            self._ledger.events.evaluate(person)
        if person.orphans:
            self._ledger.reconsider(person)
