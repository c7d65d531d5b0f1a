"""Which run a command is about: the one that is named, that of the served world, or the last one.

Invariant: a run that is named is the one that is meant, whatever is being served.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def folder_of(run: str | None, state: Mapping[str, Any] | None) -> Path:
    """The run directory that is meant.

    ``run``: what was named, ``last`` included; ``state``: what :func:`sim.places.served` found, if that may be meant.
    JmlabError when nothing is named, nothing is served and there is no last run.
    """
    from sim import places
    from sim.errors import JmlabError

    if run is not None and run != "last":
        return Path(run)
    if state is not None and "run" in state:
        return Path(str(state["run"]))
    last = places.last_run()
    if last is None:
        raise JmlabError(
            "no world is being served and there is no last run; start one with: jmlab serve hello, or keep one with: "
            "jmlab run hello --out DIR"
        )
    return last
