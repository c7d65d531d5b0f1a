"""The two streams: data on stdout, everything that is said along the way on stderr.

Invariant: stdout gets data and nothing else. A reader who has left early is no error and changes no exit code.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from types import TracebackType
from typing import Any, Self, TextIO

from sim.errors import JmlabError
from sim.wording import WIDTH, duration

REDRAW_S = 0.1
WIDEST_BAR = 40
NARROWEST, WIDEST = 40, 200


def emit(text: str) -> None:
    """Put text for people out, at once, in what the terminal can show."""
    _write(text.encode(getattr(sys.stdout, "encoding", None) or "utf-8", "replace"))


def emit_data(text: str) -> None:
    """Put text for programs out, at once: UTF-8, wherever it goes."""
    _write(text.encode("utf-8", "backslashreplace"))


def emit_json(value: Any, *, indent: int | None = 2) -> None:
    """Put one JSON value out, its keys in the order in which they were made."""
    emit_data(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent) + "\n")


def note(text: str) -> None:
    """Say a line on stderr; whoever does not listen misses it."""
    _say(f"{text}\n")


def _say(text: str) -> None:
    stream: TextIO | None = sys.stderr
    if stream is None or stream.closed:
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        _leave(stream)


def _write(data: bytes) -> None:
    stream: TextIO | None = sys.stdout
    if stream is None or stream.closed:
        return
    try:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()
    except BrokenPipeError:
        _leave(stream)
    except OSError as error:
        _leave(stream)
        raise JmlabError(f"stdout cannot be written ({error.strerror}); write to another place") from None


def leave_stdout() -> None:
    """Whatever is still to be put out goes nowhere."""
    if sys.stdout is not None:
        _leave(sys.stdout)


def _leave(stream: TextIO) -> None:
    """Let what is still buffered, and all that follows, go nowhere, so that the end of the program is quiet."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def is_terminal() -> bool:
    """Whether somebody reads stdout on a terminal; otherwise a program may."""
    return sys.stdout is not None and sys.stdout.isatty()


def page_width() -> int:
    """Columns of a page on stdout: what COLUMNS says, or the terminal; 80 where nobody says anything."""
    told = os.environ.get("COLUMNS", "")
    if not (told.isascii() and told.isdecimal()) and not is_terminal():
        return WIDTH
    return min(max(shutil.get_terminal_size((WIDTH, 24)).columns, NARROWEST), WIDEST)


def wants_progress() -> bool:
    """Whether somebody watches stderr on a terminal that can redraw a line."""
    return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class Progress:
    """A bar on stderr, redrawn at most ten times a second and wiped at the end; in plain characters, no colour.

    With ``time_left`` it also says how long the rest takes, if it goes on as since the first share it was told.
    """

    def __init__(self, label: str, clock: Callable[[], float] = perf_counter, *, time_left: bool = False) -> None:
        self._label = label
        self._clock = clock
        self._drawn_at: float | None = None
        self._time_left = time_left
        self._begun: tuple[float, float] | None = None

    def begin(self, label: str) -> None:
        """Something else is under way from now on."""
        self._label, self._begun, self._drawn_at = label, None, None

    def __call__(self, share: float) -> None:
        """Show the share that is done, from 0 to 1."""
        now = self._clock()
        if self._begun is None:
            self._begun = now, share
        if self._drawn_at is None or now - self._drawn_at >= REDRAW_S:
            self._drawn_at = now
            columns = shutil.get_terminal_size().columns
            _say(f"\r{self.line(share, columns):<{max(columns - 1, 0) if self._time_left else 0}}")

    def line(self, share: float, columns: int) -> str:
        """The bar as a line that fits the terminal's width."""
        share = min(max(share, 0.0), 1.0)
        head, tail = f"{self._label} [", f"] {share:4.0%}{self._left(share)}"
        room = min(WIDEST_BAR, columns - 1 - len(head) - len(tail))
        if room < 4:
            return f"{share:4.0%}"[: max(columns - 1, 0)]
        done = int(room * share)
        return f"{head}{'#' * done}{'.' * (room - done)}{tail}"

    def _left(self, share: float) -> str:
        """The time left in words; nothing as long as it cannot be told."""
        if not self._time_left or self._begun is None or share >= 1:
            return ""
        began, first = self._begun
        if share <= first:
            return ""
        return f", {duration(round((self._clock() - began) * (1 - share) / (share - first)))} left"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn_at is not None:
            _say("\r" + " " * max(shutil.get_terminal_size().columns - 1, 0) + "\r")
