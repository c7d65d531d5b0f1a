"""What each kind of event of the generated workforce does: what becomes true, and what HR then does in the directory.

Invariant: rows are rows of one schedule. Whether, when and in what order anything happens is the schedule's and the
feeders' affair (``lifecycle.py``); here is only what.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mockservices.graph.directory import Attribute
from sim.access.policy import Facts
from sim.observation.notice import Notice
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
from sim.population import StartingPeople
from sim.workforce.hr import Hr
from sim.workforce.people import quick
from sim.workforce.plan import NEVER, EventKind, Reason
from sim.workforce.promotions import promotions_of
from sim.workforce.register import Register
from sim.workforce.schedule import Schedule

WORDS: Final = {
    EventKind.JOINER: JOINER,
    EventKind.MOVER: MOVER,
    EventKind.LEAVER: LEAVER,
    EventKind.CONTRACTOR_EXPIRY: CONTRACTOR_EXPIRY,
    EventKind.CONTRACT_EXTENSION: CONTRACT_EXTENSION,
    EventKind.CONTRACT_RESTORED: CONTRACT_RESTORED,
    EventKind.CONVERSION: CONVERSION,
    EventKind.REHIRE: REHIRE,
    EventKind.ABSENCE: ABSENCE,
    EventKind.RETURN: RETURN,
    EventKind.NAME_CHANGE: NAME_CHANGE,
    EventKind.MANAGER_CHANGE: MANAGER_CHANGE,
    EventKind.NO_SHOW: NO_SHOW,
}
"""What observation calls each kind."""

_WORDS: Final = tuple(WORDS[kind] for kind in EventKind)
_REASONS: Final = tuple(reason.name.lower() if reason else None for reason in Reason)
_GOING: Final = frozenset({EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY, EventKind.ABSENCE})
_COMING_BACK: Final = frozenset({EventKind.CONTRACT_RESTORED, EventKind.REHIRE, EventKind.RETURN})
_CHANGING: Final = frozenset({EventKind.MOVER, EventKind.CONVERSION})
NOTED: Final = frozenset({EventKind.CONTRACT_EXTENSION, EventKind.NAME_CHANGE, EventKind.MANAGER_CHANGE})
"""Kinds that change nobody's entitlement: nothing about the person waits for HR."""
_ORDINARY: Final = frozenset({EventKind.JOINER, EventKind.MOVER, EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY})
_NEW_IDENTITY: Final = 1
_UNCHANGED: Final = -1


class ShortWay(Protocol):
    """Takes up what is usual: an event, and HR's act with it; each answers whether it did."""

    open: bool
    """Whether it takes up anything at all."""

    def joins(self, number: int, facts: Facts, attributes: dict[str, Attribute], notice: Notice) -> bool:
        """Somebody is here from now on."""

    def moves(self, number: int, facts: Facts, placed: Mapping[str, Attribute], notice: Notice) -> bool:
        """Somebody is elsewhere from now on."""

    def leaves(self, number: int, kind: str, notice: Notice) -> bool:
        """Somebody is gone."""


class Acts:
    """The events of one schedule, row by row."""

    def __init__(self, schedule: Schedule, start: StartingPeople, register: Register, hr: Hr) -> None:
        self._kind, self._person, self._facts = map(quick, (schedule.kind, schedule.person, schedule.facts))
        self._reason, self._value, self._known = map(quick, (schedule.reason, schedule.value, schedule.known_at))
        self._at, self._directory_at = quick(schedule.at), quick(schedule.directory_at)
        self._promotions = promotions_of(schedule, start.people)
        self._start = start
        self._register = register
        self._hr = hr
        shows = (schedule.kind == EventKind.NO_SHOW).nonzero()[0]
        self._no_shows = {(self._person[row], self._at[row]) for row in shows.tolist()}
        joining = schedule.person[schedule.kind == EventKind.JOINER] if len(shows) else ()
        self.unannounced: NDArray[np.intp] = shows[~np.isin(schedule.person[shows], joining)]
        """No-shows without a joiner's row of their own, whose `value` is when the account was made for them."""

    # --- what becomes true -------------------------------------------------------------------------------

    def true(self, row: int, *, done: bool, beforehand: bool) -> int | None:
        """An event becomes true; its number, or None where somebody's act has overtaken the schedule."""
        hr, kind, person = self._hr, self._kind[row], self._person[row]
        if self.overtaken(row, announced=beforehand):
            return None
        silent = self._directory_at[row] == NEVER
        notice = Notice(done, False, _REASONS[self._reason[row]], self._known[row], beforehand, silent)
        if kind == EventKind.JOINER:
            if self._is_expected(row):
                return hr.was_expected(person, notice)
            return hr.joins(person, self._facts_of(row), notice)
        if kind in _CHANGING:
            return hr.moves(person, self._facts_of(row), notice, _WORDS[kind])
        if kind in _GOING:
            return hr.leaves(person, _WORDS[kind], notice)
        if kind in _COMING_BACK:
            return hr.joins(person, self._facts_of(row), notice, _WORDS[kind])
        if kind == EventKind.NO_SHOW:
            return hr.no_show(person, notice)
        return hr.notes(person, _WORDS[kind], notice)

    def ordinary(self, row: int, lives: ShortWay) -> bool:
        """Whether an event went the short way, and all of it is done; see :mod:`sim.routine`."""
        kind, person = self._kind[row], self._person[row]
        if not lives.open or kind not in _ORDINARY:
            return False
        notice = Notice(True, False, _REASONS[self._reason[row]], self._known[row])
        facts, start = self._facts_of(row), self._start
        if kind == EventKind.JOINER:
            if self._is_expected(row) or start.people.manager_of(person) is not None:
                return False
            return lives.joins(person, facts, start.attributes_of(person), notice)
        if kind == EventKind.MOVER:
            return self._value[row] == _UNCHANGED and lives.moves(person, facts, self._placed(row), notice)
        return person not in self._register.contract_ends and lives.leaves(person, _WORDS[kind], notice)

    def overtaken(self, row: int, *, announced: bool = False) -> bool:
        """Whether the person is not, or no longer, where the schedule has them; ``announced``: they are expected."""
        hr, kind, person = self._hr, self._kind[row], self._person[row]
        if kind == EventKind.JOINER or (announced and kind in _COMING_BACK):
            return False
        if kind in {EventKind.REHIRE, EventKind.CONTRACT_RESTORED}:
            return not hr.has_left(person)
        if kind == EventKind.RETURN:
            return not hr.is_away(person)
        if kind == EventKind.CONTRACTOR_EXPIRY and person in self._register.contract_ends:
            return True  # a scenario's own words have set another end
        return hr.has_left(person) or (kind == EventKind.ABSENCE and hr.is_away(person))

    def waits(self, row: int) -> bool:
        """Whether something about a person waits for HR until the directory is changed."""
        return self._kind[row] not in NOTED and not self._is_expected(row)

    def _is_expected(self, row: int) -> bool:
        """Whether it is the first day of somebody who does not come."""
        shows = self._no_shows
        return bool(shows) and self._kind[row] == EventKind.JOINER and (self._person[row], self._at[row]) in shows

    def word(self, row: int) -> str:
        """What observation calls the row's kind."""
        return _WORDS[self._kind[row]]

    # --- what HR does ------------------------------------------------------------------------------------

    def in_directory(self, row: int, *, beforehand: bool = False) -> None:
        """HR does in the directory what an event asks for; raises the directory's own error when that is refused."""
        hr, kind, person = self._hr, self._kind[row], self._person[row]
        if kind == EventKind.JOINER:
            hr.begin_account(person, self._start.attributes_of(person), self._facts_of(row))
            self._report_at_first(person)
        elif kind in _CHANGING:
            facts = self._facts_of(row)
            hr.regroup(person, facts, self._placed(row))
            self._contract(row, ends=kind == EventKind.CONVERSION)
            if kind == EventKind.MOVER:
                self._report_to(row)
        elif kind in _GOING:
            hr.end_account(person, _WORDS[kind], beforehand=beforehand)
        elif kind in _COMING_BACK:
            self._bring_back(row)
        elif kind == EventKind.NO_SHOW:
            hr.end_account(person, NO_SHOW)
        elif kind == EventKind.NAME_CHANGE:
            hr.describe(person, self._new_name(row))
        elif kind == EventKind.MANAGER_CHANGE:
            self._report_to(row)
        else:
            self._contract(row)

    def expect(self, row: int) -> None:
        """HR makes the account of somebody who will not come, and has no joiner's row of their own."""
        person, facts = self._person[row], self._facts_of(row)
        self._hr.announce(person, facts, begins=True)
        self._hr.begin_account(person, self._start.attributes_of(person), facts)

    def beforehand(self, row: int) -> None:
        """The same before the day."""
        kind = self._kind[row]
        if kind == EventKind.JOINER or kind in _COMING_BACK:
            self._hr.announce(self._person[row], self._facts_of(row), begins=True)
        elif kind in _CHANGING:
            self._hr.announce(self._person[row], self._facts_of(row), begins=False)
        self.in_directory(row, beforehand=True)

    def _bring_back(self, row: int) -> None:
        """The old account lives again, or somebody hired again gets a new one: where HR makes new identities, and where
        nothing is left of the old one.
        """
        hr, person, facts = self._hr, self._person[row], self._facts_of(row)
        placed = self._placed(row)
        anew = self._kind[row] == EventKind.REHIRE and self._value[row] == _NEW_IDENTITY
        if anew or not hr.can_reopen(person):
            identity = {**hr.new_identity(person, self._start.attributes_of(person)), **placed}
            hr.begin_account(person, {name: v for name, v in identity.items() if v is not None}, facts)
            self._report_at_first(person)
            return
        hr.reopen_account(person, facts, placed)
        self._contract(row, ends=self._kind[row] == EventKind.REHIRE)

    def _contract(self, row: int, *, ends: bool = False) -> None:
        """The directory's last day follows the contract; ``ends``: there is none any more."""
        kind = self._kind[row]
        if ends:
            self._hr.set_contract_end(self._person[row], None)
        elif kind in {EventKind.CONTRACT_EXTENSION, EventKind.CONTRACT_RESTORED}:
            self._hr.set_contract_end(self._person[row], self._value[row] or None)

    def _report_at_first(self, person: int) -> None:
        """Who gets an account reports to the manager meant for them, or to whoever of those above is still here."""
        people = self._start.people
        above = people.manager_of(person)
        while above is not None and self._hr.has_left(above):
            above = people.manager_of(above)
        if above is not None:
            self._hr.set_manager(person, above)

    def _report_to(self, row: int) -> None:
        if self._value[row] != _UNCHANGED:
            self._hr.set_manager(self._person[row], self._value[row])

    def _new_name(self, row: int) -> dict[str, Attribute]:
        person, value = self._person[row], self._value[row]
        if self._reason[row] == Reason.ACQUISITION:
            local, _, _ = self._register.label(person).partition("@")
            name = f"{local}@{self._start.people.domains[value]}"
            return {"userPrincipalName": name, "mail": name}
        return self._start.renamed(person, value, self._register.label(person), self._hr.is_taken)

    def _placed(self, row: int) -> dict[str, Attribute]:
        promotions = self._promotions.by(self._person[row], self._facts[row], self._at[row])
        return self._start.placed(self._person[row], self._facts_of(row), promotions)

    def _facts_of(self, row: int) -> Facts:
        return self._start.people.combinations[self._facts[row]]
