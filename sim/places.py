"""Where things live: configuration, state, run directories, the last run, and the worlds that are being served.

Invariant: a file is there whole or not at all, and what cannot be written is told in one sentence. Nothing is created
until something has to be kept.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platformdirs import PlatformDirs

from sim.errors import JmlabError

JOURNAL, SUMMARY, EVENTS = "run.sqlite", "summary.json", "events.csv"
RUN_FILES = (JOURNAL, f"{JOURNAL}-wal", f"{JOURNAL}-shm", f"{JOURNAL}-journal", SUMMARY, EVENTS)
"""What a run leaves in its directory; a directory with a journal is a run."""

ANSWER_S = 1.0
"""Seconds that a served world has to take a connection before it counts as gone."""

_DIRS = PlatformDirs("jmlab", appauthor=False)


def config_folder() -> Path:
    """Where configuration is read from (XDG_CONFIG_HOME)."""
    return Path(_DIRS.user_config_dir)


def state_folder() -> Path:
    """Where progress and state are kept (XDG_STATE_HOME)."""
    return Path(_DIRS.user_state_dir)


def runs_folder() -> Path:
    """Where runs are kept that name no directory of their own."""
    return state_folder() / "runs"


# --- run directories -------------------------------------------------------------------------------------


def check_run(folder: Path) -> None:
    """Refuse a directory that a run could not be kept in; nothing is changed."""
    with _telling(folder, "used"):
        if not folder.exists():
            return
        if not folder.is_dir():
            raise JmlabError(f"{folder}: this is no directory; name an empty or a new one, or that of an earlier run")
        if not (folder / JOURNAL).is_file() and any(folder.iterdir()):
            raise JmlabError(
                f"{folder}: this directory is not empty and no run is in it; "
                "name an empty or a new one, or that of an earlier run"
            )
    for state in _served():
        if Path(str(state.get("run"))) == folder.absolute():
            raise JmlabError(f"{folder}: a served world (process {state['pid']}) keeps its run here; name another one")


def take_run(folder: Path) -> Path:
    """Make a directory ready for a run: there, and without the files of an earlier one. Its absolute path."""
    check_run(folder)
    with _telling(folder, "written"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in RUN_FILES:
            (folder / name).unlink(missing_ok=True)
    return folder.absolute()


def new_run(name: str) -> Path:
    """A fresh directory under :func:`runs_folder`, numbered: ``0001-hello``."""
    folder = runs_folder()
    with _telling(folder, "written"):
        folder.mkdir(parents=True, exist_ok=True)
        taken = (int(path.name[:4]) for path in folder.iterdir() if path.name[:4].isdecimal())
        number = max(taken, default=0) + 1
        while True:
            run = folder / f"{number:04d}-{name}"
            try:
                run.mkdir()
            except FileExistsError:
                number += 1
            else:
                return run


def remember_run(folder: Path) -> None:
    """From now on ``last`` names this run."""
    write_whole(state_folder() / "last", f"{folder}\n")


def last_run() -> Path | None:
    """The run that was begun last, while its directory is there."""
    with suppress(OSError, ValueError):
        run = Path((state_folder() / "last").read_text(encoding="utf-8").removesuffix("\n"))
        if run.is_dir():
            return run
    return None


# --- served worlds ---------------------------------------------------------------------------------------


def announce(state: Mapping[str, Any]) -> Path:
    """Tell other programs of this user which world this process serves; its file, to be removed at the end."""
    folder = state_folder() / "served"
    with suppress(OSError):
        for left in folder.glob("*.json"):  # by processes that were killed
            if left.stem.isdecimal() and not _lives(int(left.stem)):
                left.unlink(missing_ok=True)
    file = folder / f"{os.getpid()}.json"
    write_whole(file, json.dumps(state, ensure_ascii=False) + "\n", private=True)
    return file


def served() -> dict[str, Any] | None:
    """The world that began to be served last, of those that still answer."""
    return next(_served(), None)


def _served() -> Iterator[dict[str, Any]]:
    found: list[tuple[int, Path]] = []
    with suppress(OSError):
        found += [(file.stat().st_mtime_ns, file) for file in (state_folder() / "served").glob("*.json")]
    for _, file in sorted(found, reverse=True):
        with suppress(OSError, ValueError, KeyError, TypeError):
            state = json.loads(file.read_text(encoding="utf-8"))
            if _lives(int(state["pid"])) and _answers(str(state["testbed"]["base_url"])):
                yield state


def _lives(pid: int) -> bool:
    if os.name != "posix":
        return True  # there, signal 0 would end the process; whether it answers is asked anyway
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(url: str) -> bool:
    """Whether somebody listens there: the number of a process that has ended may belong to another one by now."""
    where = urlsplit(url)
    try:
        socket.create_connection((where.hostname or "", where.port or 0), timeout=ANSWER_S).close()
    except OSError:
        return False
    return True


# --- files -----------------------------------------------------------------------------------------------


def write_whole(file: Path, text: str, *, private: bool = False) -> None:
    """Write a file so that nobody ever sees half of it; ``private``: for this user's eyes only."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with _telling(file, "written"):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        try:
            made = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if private else 0o666)
            with os.fdopen(made, "w", encoding="utf-8", newline="") as stream:
                stream.write(text)
            draft.replace(file)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise


@contextmanager
def _telling(path: Path, done: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no such path is possible"
        raise JmlabError(f"{path}: this cannot be {done} ({reason}); name another directory") from None
