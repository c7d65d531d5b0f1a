"""Keeps a world's run in a run directory: the journal as things happen, summary and events at the end.

Invariant: the journal is the truth and is committed as it grows; the other files are whole or not there.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from sim import places
from sim.observation.journal import Journal, attach, events_csv
from sim.observation.summary import Summary, summary_text

if TYPE_CHECKING:
    from sim.world import Transport, World


class Recording:
    """One run on its way into one directory; from here on ``last`` names it."""

    def __init__(self, world: World, folder: Path, transport: Transport) -> None:
        """Begin, before anything happens in the world; the directory is there and holds no journal."""
        self.folder = folder
        self._journal = Journal(folder)
        try:
            self._recorder = attach(world, self._journal, transport=transport)
        except BaseException:
            self._journal.close()
            raise
        places.remember_run(folder)

    def finish(self, summary: Summary) -> None:
        """The run has come to its end, with this summary."""
        self._recorder.finish()
        # opened like this, the last to close it also puts away the files of its write-ahead log
        with closing(sqlite3.connect(self.folder / places.JOURNAL)) as journal:
            events = events_csv(journal, self._recorder.world.parts.everybody)
        places.write_whole(self.folder / places.EVENTS, events)
        places.write_whole(self.folder / places.SUMMARY, summary_text(summary))

    def cut_off(self) -> None:
        """The run has been interrupted: what was committed is kept."""
        self._journal.close()
