"""Results on disk, one line for each replication as it comes: what was computed is never computed again.

Invariant: a line is there whole or not at all; a file of another experiment is never added to. Lines may be in any
order, and what is read depends on none.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from sim.errors import JmlabError, JournalError
from sim.places import write_whole
from sim.whatif.experiment import Experiment, Replication

EXPERIMENT: Final = "experiment.json"
RESULTS: Final = "replications.jsonl"


class Store:
    """The directory of one experiment."""

    def __init__(self, folder: Path, experiment: Experiment) -> None:
        """Open or begin it; JmlabError when another experiment is kept there, or something else."""
        self.folder = folder
        self._file = folder / RESULTS
        description = folder / EXPERIMENT
        if folder.exists() and not folder.is_dir():
            raise JmlabError(f"{folder}: this is no directory; name an empty or a new one")
        if description.is_file():
            kept = _read(description)
            if kept["key"] != experiment.key:
                alike = all(kept.get(part) == value for part, value in _asked(experiment).items())
                why = ", of other code or other data" if alike else ""
                raise JmlabError(f"{folder}: another experiment is kept here{why}; name an empty or a new directory")
        elif folder.exists() and any(folder.iterdir()):
            raise JmlabError(f"{folder}: this directory is not empty and no experiment is in it; name another one")
        else:
            text = {"schema": "jmlab.experiment/1", "key": experiment.key, **_asked(experiment)}
            write_whole(description, json.dumps(text, ensure_ascii=False, indent=2) + "\n")

    def read(self) -> dict[int, Replication]:
        """What has been computed already; a last line that was cut off counts as nothing, and is dropped."""
        found: dict[int, Replication] = {}
        try:
            raw = self._file.read_bytes()
        except FileNotFoundError:
            return found
        whole = raw.rfind(b"\n") + 1
        if whole < len(raw):
            os.truncate(self._file, whole)
        for line in raw[:whole].splitlines():
            try:
                number, replication = json.loads(line)
            except ValueError:
                raise JournalError(
                    f"{self._file}: this file is damaged; remove it to compute everything again"
                ) from None
            found[int(number)] = replication
        return found

    def add(self, number: int, replication: Replication) -> None:
        """Keep what a replication measured, at once."""
        line = json.dumps([number, replication], ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        with self._file.open("ab") as stream:
            stream.write(line.encode() + b"\n")
            stream.flush()


def _asked(experiment: Experiment) -> dict[str, Any]:
    """What is kept of an experiment for whoever looks into the directory."""
    return {
        "scenario": experiment.scenario,
        "seed": experiment.seed,
        "variants": [{"name": v.name, "set": v.replaced, "text": v.text} for v in experiment.variants],
    }


def _read(description: Path) -> dict[str, Any]:
    try:
        found = json.loads(description.read_text(encoding="utf-8"))
        return {**found, "key": str(found["key"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise JournalError(f"{description}: this file is damaged; name an empty or a new directory") from None
