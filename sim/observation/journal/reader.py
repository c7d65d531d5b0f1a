"""Reads journals: refuses what is none, is damaged or was written by another version.

Invariant: opened for reading only; a journal that was cut off is as good as one that was finished, as far as it goes.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

from mockservices.clock import Millis
from sim.commands import Command
from sim.errors import JmlabError, JournalError
from sim.observation.journal.events import events_csv
from sim.observation.journal.schema import APPLICATION, FILE_NAME, FORMAT, TABLES
from sim.observation.summary import Summary, summary_text
from sim.places import EVENTS, SUMMARY, write_whole


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
