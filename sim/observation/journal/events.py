"""A run's lifecycle events as CSV, in the columns in which a scenario's ``workforce.from`` reads them.

Invariant: read back, the rows of origin ``workforce`` are the same people and events as those of the run. What a
timeline or somebody by hand did has the origin ``timeline``: it is shown, and not read back, for it happens again when
the timeline does.
"""

from __future__ import annotations

import csv
import io
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from heapq import merge
from typing import Any, Final

import numpy as np

from sim.errors import JournalError
from sim.owndata import columns as named
from sim.owndata.writing import Cells, cells_of, event_rows, instant_texts, people_rows
from sim.scenario import Scenario, loads
from sim.scenario.owndata import KeptFile
from sim.workforce.persons import PeopleAccounts, Persons
from sim.workforce.plan import EventKind
from sim.workforce.schedule import Schedule

Everybody = tuple[Persons, PeopleAccounts, Schedule]
OVERTAKEN: Final = "overtaken"
"""What became of an event of the workforce that did not happen, because somebody's act came first."""

_EVENTS: Final = """
WITH ended AS (SELECT event, min(outcome) AS outcome FROM outcomes GROUP BY event),
     measured AS (SELECT event, count(*) = count(end_ms) AS through FROM latencies GROUP BY event)
SELECT person, people.label, kind, events.at_ms, directory_ms, department, employment, scripted,
       coalesce(ended.outcome, CASE WHEN measured.through THEN 'finished' ELSE 'open' END)
FROM events JOIN people USING (person) LEFT JOIN ended USING (event) LEFT JOIN measured USING (event)
ORDER BY events.at_ms, event
"""


def own_file(everybody: Everybody, start: datetime, sha256: str) -> tuple[str, str, bytes]:
    """The row of a journal that keeps what a scenario's own file said: its name, its digest, and its rows."""
    people, accounts, schedule = everybody
    happening = (cells for _, cells in event_rows(people, accounts, schedule, start))
    text = _text((*people_rows(people, accounts, start), *happening))
    return named.WORKFORCE, sha256, zlib.compress(text.encode(), 3)


def recorded_scenario(db: sqlite3.Connection) -> Scenario:
    """The scenario of a run as it was; no file that it names is needed any more."""
    text = db.execute("SELECT value FROM meta WHERE key = 'scenario'").fetchone()[0]
    row = db.execute("SELECT sha256, rows FROM own_data WHERE name = ?", (named.WORKFORCE,)).fetchone()
    kept = None if row is None else KeptFile(row[0], zlib.decompress(row[1]))
    return loads(str(text), "journal", kept=kept, recorded=True).scenario


def events_csv(db: sqlite3.Connection, everybody: Everybody | None = None) -> str:
    """Who was there at the start, and the lifecycle events: who, what, when, known when, and what became of it.

    ``everybody``: the people and the schedule of the run where they are at hand; they are made again if not.
    """
    meta = dict(db.execute("SELECT key, value FROM meta"))
    start = datetime.fromisoformat(meta["start"])
    end = int(meta.get("end_ms", 0))
    if everybody is None and meta["population.sha256"]:
        everybody = _made_again(db, meta)
    with closing(db.execute(_EVENTS)) as rows:
        events = rows.fetchall()
    if everybody is None:
        return _text(cells for _, cells in _of_timeline(events, start))
    people, accounts, schedule = everybody
    became = {(person, kind, at): outcome for person, _, kind, at, _, _, _, by_hand, outcome in events if not by_hand}

    def outcome(person: int, kind: int, at: int) -> str:
        return str(became.get((person, EventKind(kind).name.lower(), at), OVERTAKEN if at < end else ""))

    happened = merge(
        event_rows(people, accounts, schedule, start, outcome), _of_timeline(events, start), key=lambda event: event[0]
    )
    return _text((*people_rows(people, accounts, start), *(cells for _, cells in happened)))


def _made_again(db: sqlite3.Connection, meta: dict[str, str]) -> Everybody | None:
    from sim.setup import (
        accounts_of,
        everybody,
    )  # not at the top: a world, which those who only read figures do not need

    scenario = recorded_scenario(db)
    made = everybody(scenario, int(meta["seed"]), int(meta["replication"]))
    if made is None:
        return None
    people, schedule = made
    if people.digest() != meta["population.sha256"]:
        raise JournalError(
            "the people of this run cannot be made again: they were drawn with "
            f"Faker {meta['version.faker']} and numpy {meta['version.numpy']}"
        )
    return people, accounts_of(scenario, people), schedule


def _of_timeline(events: list[Any], start: datetime) -> Iterator[tuple[int, Cells]]:
    for _, label, kind, at, directory, department, employment, by_hand, outcome in events:
        if not by_hand:
            continue
        done = "" if directory is None else _instant(start, int(directory))
        row = {
            "person": str(label),
            "kind": str(kind),
            "effective_at": _instant(start, int(at)),
            "known_at": done,
            "directory_at": done,
            "department": str(department or ""),
            "employment": str(employment or ""),
            "origin": named.TIMELINE,
            "outcome": str(outcome),
        }
        yield int(at), cells_of(row)


def _instant(start: datetime, at: int) -> str:
    return instant_texts(start, np.array([at]))[0]


def _text(rows: Iterator[Cells] | tuple[Cells, ...]) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(named.COLUMNS)
    writer.writerows(rows)
    return out.getvalue()
