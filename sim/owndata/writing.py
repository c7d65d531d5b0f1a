"""People and events as CSV, in the columns in which they can be read back.

Invariant: what is read back has the same people with the same numbers, and the same events to the millisecond.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.owndata import columns as named
from sim.workforce.persons import PeopleAccounts, Persons
from sim.workforce.plan import NEVER, EventKind, Reason
from sim.workforce.promotions import promotions_of
from sim.workforce.schedule import Schedule

Cells = tuple[str, ...]
_CONTRACTS: Final = frozenset({EventKind.JOINER, EventKind.CONTRACT_EXTENSION, EventKind.CONTRACT_RESTORED})
_MANAGED: Final = frozenset({EventKind.MOVER, EventKind.MANAGER_CHANGE})
_PLACING: Final = frozenset(
    {EventKind.MOVER, EventKind.CONVERSION, EventKind.REHIRE, EventKind.CONTRACT_RESTORED, EventKind.RETURN}
)
_EMPTY: Final = dict.fromkeys(named.COLUMNS, "")
_IN_ORDER: Final = itemgetter(*named.COLUMNS)
_BLOCK: Final = 50_000


def instant_texts(start: datetime, at: NDArray[np.int64]) -> list[str]:
    """Instants as they stand in a file."""
    never = np.flatnonzero(at == NEVER).tolist()
    first = np.datetime64(start.astimezone(UTC).replace(tzinfo=None), "ms")
    moments = first + np.where(at == NEVER, 0, at).astype("timedelta64[ms]")
    texts: list[str] = np.datetime_as_string(moments, unit="ms", timezone="UTC").tolist()
    for row in never:
        texts[row] = named.NEVER
    return texts


def instant_text(start: datetime, at: int) -> str:
    """One instant as it stands in a file."""
    if at == NEVER:
        return named.NEVER
    moment = start.astimezone(UTC).replace(tzinfo=None) + timedelta(milliseconds=at)
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def cells_of(row: dict[str, str]) -> Cells:
    """The cells of a row, in the order of the columns."""
    cells: Cells = _IN_ORDER({**_EMPTY, **row})
    return cells


def people_rows(people: Persons, accounts: PeopleAccounts, start: datetime) -> Iterator[Cells]:
    """A row for everybody who is there at the start."""
    facts = [_facts(people, number) for number in range(len(people.combinations))]
    for begin in range(0, people.size, _BLOCK):
        rows = range(begin, min(begin + _BLOCK, people.size))
        since = instant_texts(start, people.joined_at[rows.start : rows.stop])
        numbers = people.facts[rows.start : rows.stop].tolist()
        for row, at, number in zip(rows, since, numbers, strict=True):
            yield _IN_ORDER(
                {
                    **_EMPTY,
                    "kind": named.PRESENT,
                    "effective_at": at,
                    **_called(people, accounts, start, row),
                    **facts[number],
                }
            )


def event_rows(
    people: Persons,
    accounts: PeopleAccounts,
    schedule: Schedule,
    start: datetime,
    outcome: Callable[[int, int, int], str] = lambda person, kind, at: "",
) -> Iterator[tuple[int, Cells]]:
    """(when, cells) for every event, in order of time, and at one time in the order of the people's numbers.

    ``outcome``: what became of the event of a person, of a kind, at a time.
    """
    facts = [_facts(people, number) for number in range(len(people.combinations))]
    promotions = promotions_of(schedule, people)
    every = np.lexsort((schedule.kind, schedule.person, schedule.at))
    for begin in range(0, len(every), _BLOCK):
        order = every[begin : begin + _BLOCK]
        times = (schedule.at, schedule.known_at, schedule.directory_at)
        numbers = (schedule.at, schedule.kind, schedule.person, schedule.facts, schedule.reason, schedule.value)
        texts = [instant_texts(start, column[order]) for column in times]
        columns = [column[order].tolist() for column in numbers]
        for effective, known, told, at, kind, person, fact, reason, value in zip(*texts, *columns, strict=True):
            row = {
                **_EMPTY,
                "person": people.user_principal_name(person),
                "kind": EventKind(kind).name.lower(),
                "effective_at": effective,
                "known_at": known,
                "directory_at": told,
                **facts[fact],
                "reason": Reason(reason).name.lower() if reason else "",
                "origin": named.WORKFORCE,
                "outcome": outcome(person, kind, at),
            }
            if kind in named.BEGINNINGS:
                row.update(_called(people, accounts, start, person))
            elif kind in _PLACING:
                placed = accounts.placed(person, people.combinations[fact], promotions.by(person, fact, at))
                row["title"] = str(placed.get("jobTitle") or "")
            row.update(_value(people, kind, reason, value, start))
            yield at, _IN_ORDER(row)


def _called(people: Persons, accounts: PeopleAccounts, start: datetime, row: int) -> dict[str, str]:
    upn, manager, ends = people.user_principal_name(row), people.manager_of(row), people.contract_end(row)
    return {
        "person": upn,
        "title": str(accounts.attributes(row).get("jobTitle") or ""),
        "groups": named.listed_in_a_cell(people.beside[row]) if row in people.beside else "",
        "manager": "" if manager is None else people.user_principal_name(manager),
        "contract_end": "" if ends is None else instant_text(start, ends),
        "given_name": people.given_name(row),
        "family_name": people.family_name(row),
        "user_principal_name": upn,
        "mail_nickname": people.mail_nickname(row),
        "employee_id": people.employee_id(row),
        "origin": named.WORKFORCE,
    }


def _facts(people: Persons, number: int) -> dict[str, str]:
    facts = people.combinations[number]
    return {
        "department": facts.department,
        "employment": facts.employment,
        "role": facts.role or named.NONE,
        "location": facts.location or named.NONE,
    }


def _value(people: Persons, kind: int, reason: int, value: int, start: datetime) -> dict[str, str]:
    """What the schedule's column `value` says, in the column that has it in a file."""
    if kind in _CONTRACTS and value:
        return {"contract_end": instant_text(start, value)}
    if kind in _MANAGED and value >= 0:
        return {"manager": people.user_principal_name(value)}
    if kind == EventKind.NO_SHOW and value:
        return {"account_at": instant_text(start, value)}
    if kind == EventKind.NAME_CHANGE:
        if reason == Reason.ACQUISITION:
            return {"domain": people.domains[value]}
        return {"family_name": people.family_called(value)}
    if kind == EventKind.REHIRE:
        return {"identity": named.IDENTITIES[value]}
    return {}
