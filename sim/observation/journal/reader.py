"""Reads journals: refuses what is none, is damaged or was written by another version.

Invariant: opened for reading only; a journal that was cut off is as good as one that was finished, as far as it goes.
"""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import ExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from mockservices.clock import Millis
from sim.commands import Command
from sim.errors import JmlabError, JournalError
from sim.observation.journal.schema import APPLICATION, FILE_NAME, FORMAT, TABLES
from sim.observation.summary import Summary, summary_text
from sim.places import EVENTS, SUMMARY, write_whole

EVENT_COLUMNS: Final = ("person", "kind", "effective_at", "known_at", "department", "employment", "scripted", "outcome")


def open_journal(folder: Path) -> sqlite3.Connection:
    """The journal of a run directory.

    JmlabError when there is none; JournalError when it is damaged, or of another version.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise JmlabError(f"{folder}: there is no run here ({FILE_NAME} is missing); name a run directory, or last")
    with ExitStack() as undone:
        try:
            db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            undone.callback(db.close)
            _check(path, db)
        except sqlite3.Error as error:
            raise JournalError(f"{path}: this journal is damaged ({error}); run the scenario again") from error
        undone.pop_all()
    return db


def _check(path: Path, db: sqlite3.Connection) -> None:
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION:
        raise JournalError(f"{path}: this is not a journal of jmlab; name a run directory, or last")
    if version != FORMAT:
        raise JournalError(
            f"{path}: this journal has format {version} and this version of jmlab reads format {FORMAT}; "
            "read it with the version that wrote it, or run the scenario again"
        )
    (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if verdict != "ok" or not tables.issuperset(TABLES):
        raise JournalError(f"{path}: this journal is damaged; run the scenario again")


def write_results(folder: Path, summary: Summary) -> None:
    """Put a finished run's summary, and its lifecycle events as CSV, beside its journal."""
    with closing(open_journal(folder)) as db:
        write_whole(folder / EVENTS, events_csv(db))
    write_whole(folder / SUMMARY, summary_text(summary))


def meta(db: sqlite3.Connection) -> dict[str, str]:
    """What the journal says about the run itself."""
    return dict(db.execute("SELECT key, value FROM meta"))


def recorded_commands(db: sqlite3.Connection) -> list[Command]:
    """Everything that came in from outside, in order."""
    rows = db.execute("SELECT seq, at_ms, origin, action, arguments FROM commands ORDER BY seq")
    return [Command(seq, Millis(at), origin, action, json.loads(text)) for seq, at, origin, action, text in rows]


def events_csv(db: sqlite3.Connection) -> str:
    """The lifecycle events as CSV: who, what, true from when on, known to the directory when, and what became of it."""
    start = datetime.fromisoformat(meta(db)["start"])

    def instant(at: int | None) -> str:
        if at is None:
            return ""
        return (start + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(EVENT_COLUMNS)
    with closing(db.execute(_EVENTS)) as rows:
        for person, kind, at, known, department, employment, scripted, outcome in rows:
            writer.writerow(
                (person, kind, instant(at), instant(known), department, employment, bool(scripted), outcome)
            )
    return out.getvalue()


_EVENTS: Final = """
WITH ended AS (SELECT event, min(outcome) AS outcome FROM outcomes GROUP BY event),
     measured AS (SELECT event, count(*) = count(end_ms) AS through FROM latencies GROUP BY event)
SELECT people.label, kind, events.at_ms, directory_ms, department, employment, scripted,
       coalesce(ended.outcome, CASE WHEN measured.through THEN 'finished' ELSE 'open' END)
FROM events JOIN people USING (person) LEFT JOIN ended USING (event) LEFT JOIN measured USING (event)
ORDER BY events.at_ms, event
"""
