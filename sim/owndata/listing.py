"""From a file of people and events to the people and the schedule of a world.

Invariant: persons are numbered in the order in which they appear: first those who are there at the start, then, by the
time of their coming, those who come. The same file gives the same numbers, and so the same ids of objects.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.access.policy import Facts
from sim.collector import calm_collector
from sim.owndata import columns as named
from sim.owndata.lives import FactNumbers, live
from sim.owndata.pseudonyms import Pseudonyms
from sim.owndata.refusals import Origin, no_such
from sim.owndata.rows import IS_ADDRESS, UNCHANGED, UNKNOWN, Firsts, Rows
from sim.owndata.sheet import digest
from sim.randomness import Ints, Streams, draw_instants
from sim.workforce.letters import fold
from sim.workforce.listed import ListedPeople
from sim.workforce.plan import EventKind, LagPlan, Reason
from sim.workforce.promotions import Promotions
from sim.workforce.schedule import Schedule

_STREAM: Final = "workforce/own/hr-lag"


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """What a file says: people, and their events by column; ``sha256`` is that of the file."""

    people: ListedPeople
    sha256: str
    at: Ints
    kind: Ints
    person: Ints
    facts: Ints
    reason: Ints
    value: Ints
    known_at: Ints
    directory_at: Ints
    origin: Origin
    group_lines: Mapping[str, int]
    """The first line in which each group of the column `groups` stands."""

    def __eq__(self, other: object) -> bool:
        """Whether both say the same; that of a file and that of a journal may have it from other bytes."""
        if not isinstance(other, Listing):
            return NotImplemented
        mine, theirs = (
            (each.at, each.kind, each.person, each.facts, each.reason, each.value, each.known_at, each.directory_at)
            for each in (self, other)
        )
        alike = all(np.array_equal(one, another) for one, another in zip(mine, theirs, strict=True))
        return alike and self.people.digest() == other.people.digest()

    def __hash__(self) -> int:
        return hash(self.sha256)

    def know_groups(self, groups: Collection[str]) -> None:
        """Refuse a name in the column `groups` that is none of these; ScenarioError with file and line."""
        for name, line in self.group_lines.items():
            if name not in groups:
                raise self.origin.refusal(no_such("group of this scenario", name, groups), line, "groups")

    def schedule(self, lag: LagPlan, streams: Streams) -> Schedule:
        """The events in order of time.

        An event of which the file says neither when HR knows it nor when the directory is changed is done after
        ``lag``; one of which it says only what HR knows, at that moment or at the event's own, if that is later.
        """
        known, told = self.known_at, self.directory_at
        delay = np.full(len(self.at), lag.low, dtype=np.int64)
        if lag.low != lag.high:
            delay += draw_instants(streams.stream(_STREAM), lag.high - lag.low + 1, len(self.at))
        done = np.where(known == UNKNOWN, self.at + delay, np.maximum(self.at, known))
        told = np.where(told == UNKNOWN, done, told)
        return Schedule(
            at=self.at,
            kind=self.kind,
            person=self.person,
            facts=self.facts,
            reason=self.reason,
            value=self.value,
            known_at=np.where(known == UNKNOWN, told, known),
            directory_at=told,
        )


def read_listing(
    origin: Origin,
    *,
    start: datetime,
    duration: int,
    domain: str,
    departments: Sequence[str] = (),
    pseudonyms: Pseudonyms | None = None,
    zone: tzinfo = UTC,
) -> Listing:
    """The people and events of a file; raises ScenarioError with file, line and column.

    ``domain``: that of addresses which the file does not give. ``pseudonyms``: None keeps the names. ``zone``: where
    instants that name none are.
    """
    with calm_collector():
        return _listing(Rows(origin, start, duration, zone, departments), domain, pseudonyms)


def _listing(rows: Rows, domain: str, pseudonyms: Pseudonyms | None) -> Listing:
    first, events = rows.first, rows.events
    if not first.label:
        raise rows.origin.refusal("there is nobody in this file; a row of kind present or joiner is somebody")
    facts_of, numbers = _beginnings(first)
    about = set(events.label)
    began = {label: facts for label, facts in zip(first.label, facts_of, strict=True) if label in about}
    present = {label for label, kind in zip(first.label, first.kind, strict=True) if kind == named.HERE} & about
    facts = live(rows, began, present, numbers)

    here, since = np.array(first.kind) == named.HERE, np.array(first.at, np.int64)
    order = np.lexsort((np.where(here, -1, since), ~here))
    number = np.full(len(rows.labels.numbers), -1, dtype=np.int64)
    number[np.array(first.label)[order]] = np.arange(len(order))
    combinations, place = _combinations(rows, numbers)
    kind, reason = np.array(events.kind, np.int64), np.array(events.reason, np.int64)
    people, value = _people(
        rows,
        order,
        _values(rows, number),
        kind == EventKind.NAME_CHANGE,
        reason == Reason.ACQUISITION,
        size=int(np.count_nonzero(here)),
        combinations=combinations,
        facts=place[np.array([numbers[each] for each in facts_of], np.int64)[order]],
        joined_at=np.where(here & (since == UNKNOWN), 0, since)[order],
        number=number,
        event_facts=place[facts],
        domain=domain.lower(),
        hidden=pseudonyms,
    )
    return Listing(
        people=people,
        sha256=digest(rows.origin),
        at=np.array(events.at, np.int64),
        kind=kind,
        person=number[np.array(events.label, np.int64)],
        facts=place[facts],
        reason=reason,
        value=value,
        known_at=np.array(events.known_at, np.int64),
        directory_at=np.array(events.directory_at, np.int64),
        origin=rows.origin,
        group_lines=rows.group_lines,
    )


def _combinations(rows: Rows, numbers: dict[FactNumbers, int]) -> tuple[tuple[Facts, ...], Ints]:
    """The combinations in the order of their texts, and where in it each number is.

    Nothing of the order of the file is left in it: what a run wrote has the combinations that the run had.
    """
    departments, roles, places = rows.departments.all(), rows.roles.all(), rows.places.all()
    facts = [Facts(departments[d], named.EMPLOYMENTS[e], roles[r] or None, places[p] or None) for d, e, r, p in numbers]
    in_order = sorted(range(len(facts)), key=lambda number: [part or "" for part in facts[number]])
    place = np.empty(len(facts), np.int64)
    place[in_order] = np.arange(len(facts))
    return tuple(facts[number] for number in in_order), place


def _pool(texts: Sequence[str], *columns: Ints) -> tuple[tuple[str, ...], tuple[Ints, ...]]:
    """The texts that these columns use, in order, and the columns with their places in it."""
    used = np.unique(np.concatenate(columns)).tolist()
    pool = sorted({texts[number] for number in used})
    where = {text: number for number, text in enumerate(pool)}
    place = np.zeros(len(texts) or 1, np.int64)
    for number in used:
        place[number] = where[texts[number]]
    return tuple(pool), tuple(place[column] for column in columns)


def _beginnings(first: Firsts) -> tuple[list[FactNumbers], dict[FactNumbers, int]]:
    """What everybody begins with, and a number for each combination; what the file does not say has the number 0."""
    columns = (first.department, first.employment, first.role, first.location)
    facts = list(zip(*(np.maximum(np.array(column, np.int64), 0).tolist() for column in columns), strict=True))
    return facts, {each: number for number, each in enumerate(dict.fromkeys(facts))}


def _values(rows: Rows, number: Ints) -> Ints:
    """The column `value`, with managers by their numbers."""
    events = rows.events
    kind, value = np.array(events.kind, np.int64), np.array(events.value, np.int64)
    managed = (kind == EventKind.MOVER) | (kind == EventKind.MANAGER_CHANGE)
    value[managed] = _managers(rows, number, events.manager, events.line, events.label)[managed]
    return value


def _managers(rows: Rows, number: Ints, labels: list[int], lines: list[int], whose: list[int]) -> Ints:
    """Managers by their numbers, -1 for none; ``labels``: theirs, ``whose``: of those whose managers they are."""
    manager = np.array(labels, np.int64)
    named_ = np.flatnonzero(manager != UNCHANGED)
    manager[named_] = number[manager[named_]]
    if len(unknown := named_[manager[named_] < 0]):
        raise rows.origin.refusal("this is nobody of the file; name a person", lines[int(unknown[0])], "manager")
    if len(own := np.flatnonzero((manager >= 0) & (manager == number[np.array(whose, np.int64)]))):
        raise rows.origin.refusal("nobody is their own manager; leave the cell empty", lines[int(own[0])], "manager")
    return manager


def _people(
    rows: Rows,
    order: NDArray[np.intp],
    value: Ints,
    renamed: NDArray[np.bool_],
    acquired: NDArray[np.bool_],
    *,
    size: int,
    combinations: tuple[Facts, ...],
    facts: Ints,
    joined_at: Ints,
    number: Ints,
    event_facts: Ints,
    domain: str,
    hidden: Pseudonyms | None,
) -> tuple[ListedPeople, Ints]:
    """The people in their order, and the events' `value` with the rows of new names and domains."""
    first, labels = rows.first, rows.labels.all()
    given, family = np.array(first.given_name, np.int64), np.array(first.family_name, np.int64)
    unnamed = (given == UNCHANGED) | (family == UNCHANGED)
    given[given == UNCHANGED] = rows.givens.number("Person")
    for i in np.flatnonzero(family == UNCHANGED).tolist():
        family[i] = rows.families.number(labels[first.label[i]])
    in_order = order.tolist()
    givens, families, domains = rows.givens.all(), rows.families.all(), rows.domains.all()
    upns = _addresses(rows, in_order, domain, unnamed, given, family)
    nicknames = [first.mail_nickname[i] for i in in_order]
    for place, (upn, nickname) in enumerate(zip(upns, nicknames, strict=True)):
        if nickname and upn.startswith(nickname) and upn[len(nickname)] == "@":
            nicknames[place] = ""  # as it would be without
    employee_ids = [first.employee_id[i] or f"E{place + 1:07d}" for place, i in enumerate(in_order)]
    if hidden is not None:
        upns = [hidden.address(upn) for upn in upns]
        domains = tuple(hidden.domain(each) for each in domains)
        givens, families = tuple(map(hidden.name, givens)), tuple(map(hidden.name, families))
        nicknames = [each and hidden.nickname(each) for each in nicknames]
        employee_ids = [hidden.employee_id(each) for each in employee_ids]
    new_family, new_domain = renamed & ~acquired, renamed & acquired
    givens, (given,) = _pool(givens, given[order])
    families, (family, value[new_family]) = _pool(families, family[order], value[new_family])
    domains, (value[new_domain],) = _pool(domains, value[new_domain])
    titles, title, later = _titles(rows, order, number, facts, event_facts, combinations)
    ends = np.array(first.contract_end, np.int64)[order]
    others = dict.fromkeys(upn.rpartition("@")[2].lower() for upn in upns)
    people = ListedPeople(
        size=size,
        domains=(*domains, *sorted(others.keys() - set(domains))),
        combinations=combinations,
        givens=givens,
        families=families,
        given=given,
        family=family,
        upns=upns,
        nicknames=nicknames,
        employee_ids=employee_ids,
        facts=facts,
        joined_at=joined_at,
        ends_at=np.where(ends == UNKNOWN, 0, ends),
        manager=_managers(rows, number, first.manager, first.line, first.label)[order],
        titles=titles,
        title=title,
        later_titles=later,
        beside=_beside(rows, in_order),
    )
    return people, value


def _beside(rows: Rows, in_order: list[int]) -> dict[int, tuple[str, ...]]:
    """Groups beside those that the facts give, by row."""
    named_, numbers = tuple(rows.beside), rows.first.groups
    if not named_:
        return {}
    return {place: named_[numbers[i]] for place, i in enumerate(in_order) if numbers[i] != UNCHANGED}


def _titles(
    rows: Rows, order: NDArray[np.intp], number: Ints, begin: Ints, facts: Ints, combinations: tuple[Facts, ...]
) -> tuple[tuple[str, ...], Ints, dict[tuple[int, int, int], int]]:
    """The titles in order, everybody's at first, and by person, facts and promotions those that come with an event."""
    events = rows.events
    first, later = np.array(rows.first.title, np.int64)[order], np.array(events.title, np.int64)
    texts, told, held = rows.titles.all(), np.flatnonzero(later != UNCHANGED), first != UNCHANGED
    if not len(told) and not held.any():
        return (), first, {}
    titles, (first[held], later[told]) = _pool(texts, first[held], later[told])
    who = number[np.array(events.label, np.int64)]
    at = np.array(events.at, np.int64)
    kind, reason = np.array(events.kind, np.int64), np.array(events.reason, np.int64)
    promotions = Promotions(combinations, begin, kind, reason, who, at, facts)
    found = {}
    for person, fact, title, when in zip(*(column[told].tolist() for column in (who, facts, later, at)), strict=True):
        times = promotions.by(person, fact, when)
        if times or first[person] != title:
            found[person, fact, times] = title
    return titles, first, found


def _addresses(
    rows: Rows, order: list[int], domain: str, unnamed: NDArray[np.bool_], given: Ints, family: Ints
) -> list[str]:
    """Everybody's userPrincipalName: as written, or what the person is called where that is one, or of the name."""
    first, labels = rows.first, rows.labels.all()
    upns = [first.user_principal_name[i] for i in order]
    if not all(upns):
        called = (labels[first.label[i]] for i in order)
        upns = [upn or (label if IS_ADDRESS(label) else "") for upn, label in zip(upns, called, strict=True)]
    taken = set(map(str.lower, upns)) - {""}
    if len(taken) + upns.count("") < len(upns):
        _refuse_the_second(rows, order, upns)
    givens, families = rows.givens.all(), rows.families.all()
    more: dict[str, int] = {}
    for place, upn in enumerate(upns):
        if upn:
            continue
        i = order[place]
        local = fold(labels[first.label[i]]) if unnamed[i] else f"{fold(givens[given[i]])}.{fold(families[family[i]])}"
        address = f"{local}@{domain}"
        while address in taken:
            more[local] = more.get(local, 1) + 1
            address = f"{local}{more[local]}@{domain}"
        taken.add(address)
        upns[place] = address
    return upns


def _refuse_the_second(rows: Rows, order: list[int], upns: list[str]) -> None:
    seen: dict[str, int] = {}
    for i, upn in sorted(zip(order, upns, strict=True)):
        line = rows.first.line[i]
        before = seen.setdefault(upn.lower(), line) if upn else line
        if before != line:
            column = "user_principal_name" if rows.first.user_principal_name[i] else "person"
            raise rows.origin.refusal(f"line {before} has this one already; it belongs to one person", line, column)
