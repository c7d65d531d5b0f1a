"""The journal of a run: its facts, in one SQLite file, from which everything else can be made again."""

from __future__ import annotations

from sim.observation.journal.events import events_csv, recorded_scenario
from sim.observation.journal.reader import meta, open_journal, recorded_commands, write_results
from sim.observation.journal.recorder import Recorder, attach
from sim.observation.journal.schema import FILE_NAME, FORMAT
from sim.observation.journal.writer import Journal

__all__ = [
    "FILE_NAME",
    "FORMAT",
    "Journal",
    "Recorder",
    "attach",
    "events_csv",
    "meta",
    "open_journal",
    "recorded_commands",
    "recorded_scenario",
    "write_results",
]
