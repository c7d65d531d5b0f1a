"""Writes a journal: rows wait in memory and enter the file together, whole cycles at a time.

Invariant: what is committed survives the end of the process at any instant, and the file is never half a transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

from sim.commands import Command
from sim.errors import JmlabError, JournalError
from sim.observation.journal.schema import FILE_NAME, TABLES, creation, insertion

Row: TypeAlias = Sequence[Any]

MANY: Final = 100_000
"""So many rows in memory are handed to SQLite in the middle of a cycle, without being committed."""


class Journal:
    """The journal of a run that is under way; one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Make an empty journal in an existing directory; JmlabError when there is one already."""
        self.path = folder / FILE_NAME
        if self.path.exists():
            raise JmlabError(f"{self.path}: there is a journal already; name another directory")
        self.rows: dict[str, list[Row]] = {name: [] for name in TABLES}
        """What waits, by table."""
        self.reported: list[tuple[int, int]] = []
        """(when, event) of what HR did later than it was true."""
        self._insert = {name: insertion(name) for name in TABLES}
        with self._telling():
            self._db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
            # A write-ahead log: commits append to one file and need no sync to survive the end of the process; should
            # the machine itself go down, the latest of them can be lost, and the file is whole.
            # https://www.sqlite.org/wal.html
            self._db.execute("PRAGMA journal_mode = WAL").close()
            self._db.execute("PRAGMA synchronous = NORMAL").close()
            self._db.execute("PRAGMA wal_autocheckpoint = 25000").close()  # pages: at most some 100 MB beside the file
            self._db.executescript(creation())

    @property
    def waiting(self) -> int:
        """How many rows wait; those of idle cycles do not count."""
        return sum(map(len, self.rows.values())) + len(self.reported) - len(self.rows["cycles"])

    def write(self) -> None:
        """Hand all rows to SQLite, as part of a transaction that :meth:`commit` ends."""
        with self._telling():
            if not self._db.in_transaction:
                self._db.execute("BEGIN")
            for name, rows in self.rows.items():
                if rows:
                    self._db.executemany(self._insert[name], rows)
                    rows.clear()
            if self.reported:
                self._db.executemany("UPDATE events SET directory_ms = ? WHERE event = ?", self.reported)
                self.reported.clear()

    def commit(self) -> None:
        """Make everything that is known so far durable."""
        self.write()
        self._end()

    def commit_command(self, command: Command) -> None:
        """Make one command durable at once, whatever else waits for the end of a cycle."""
        arguments = json.dumps(command.arguments, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        with self._telling():
            self._db.execute(
                self._insert["commands"], (command.seq, command.at, command.origin, command.action, arguments)
            )
        self._end()

    def _end(self) -> None:
        if self._db.in_transaction:
            with self._telling():
                self._db.execute("COMMIT")

    def note(self, facts: Mapping[str, object]) -> None:
        """Keep facts about the run itself, in place of earlier ones of the same names."""
        with self._telling():
            if not self._db.in_transaction:
                self._db.execute("BEGIN")
            self._db.executemany(
                "INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, str(value)) for key, value in facts.items()]
            )

    def rename(self, labels: Sequence[tuple[str, int]]) -> None:
        """Set how people are called in the end: (label, person)."""
        with self._telling():
            self._db.executemany("UPDATE people SET label = ? WHERE person = ?", labels)

    def close(self) -> None:
        """Give the file back; what was not committed is gone."""
        with self._telling():
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            self._db.close()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise JournalError(f"{self.path}: this journal cannot be written ({error})") from error
