"""`jmlab tui`: refusals, and the terminal as it was before, however the app ends."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario import default_scenario
from tests.tui.conftest import ROOT, SHIM, Call

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")

NO_TERMINAL = "jmlab tui needs a terminal; for the results as text write: jmlab run SCENARIO\n"
LEAVE_ALTERNATE_SCREEN, SHOW_CURSOR, NO_MOUSE = b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l"
PATIENCE_S = 40.0
BROKEN = (
    sys.executable, "-c",
    ("import sys\n"
    "from tui.app import JmlabApp\n"
    "def broken(self): raise ZeroDivisionError('drawing')\n"
    "JmlabApp.action_theme = broken\n"
    "from tui.cli import main\n"
    "sys.exit(main())\n"),
)  # fmt: skip
"""The command line of a program in which the key t is broken."""


class Terminal:
    """A pseudo-terminal with a program in front of it."""

    def __init__(self, *arguments: str, program: tuple[str, ...] = SHIM, size: tuple[int, int] = (80, 24)) -> None:
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(theirs)
        self._theirs = theirs
        self.output = b""
        self.process = subprocess.Popen(
            [*program, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"},
        )  # fmt: skip

    def read_until(self, reached: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not reached():
            assert time.monotonic() < end, self.output[-3000:]
            if select.select([self.ours], [], [], 0.05)[0]:
                self.output += os.read(self.ours, 65_536)

    def shows(self, words: bytes) -> None:
        self.read_until(lambda: words in self.output)

    def send(self, keys: bytes) -> None:
        os.write(self.ours, keys)

    def ended(self) -> tuple[int, float]:
        """Wait for the end: the exit code, and how many seconds that took."""
        began = time.monotonic()
        self.read_until(lambda: self.process.poll() is not None)
        lasted = time.monotonic() - began
        while select.select([self.ours], [], [], 0.1)[0]:
            self.output += os.read(self.ours, 65_536)
        return int(self.process.returncode), lasted

    def assert_restored(self) -> None:
        assert termios.tcgetattr(self._theirs) == self.before
        for sequence in (LEAVE_ALTERNATE_SCREEN, SHOW_CURSOR, NO_MOUSE):
            assert sequence in self.output
        assert self.output.rindex(LEAVE_ALTERNATE_SCREEN) > self.output.rindex(b"\x1b[?1049h")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self._theirs)


# --- refusals --------------------------------------------------------------------------------------------


def test_without_a_terminal_it_is_one_sentence_and_exit_code_2(jmlab: Call) -> None:
    outcome = jmlab("tui", "hello")
    assert (outcome.code, outcome.out, outcome.err) == (2, "", NO_TERMINAL)


@pytest.mark.parametrize("speed", ["fast", "0", "-1", "nan", "1e9"])
def test_a_pace_that_is_none_is_refused(speed: str, jmlab: Call) -> None:
    outcome = jmlab("tui", "hello", "--speed", speed)
    assert outcome.code == 2
    assert f"'{speed}' is not allowed; write story, or a number above 0" in outcome.err


def test_without_a_terminal_jmlab_alone_prints_the_results(jmlab: Call) -> None:
    outcome = jmlab()
    assert outcome.code == 0
    assert default_scenario() in outcome.out


# --- on a terminal ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "end", "code"),
    [
        (SHIM, lambda terminal: terminal.send(b"q"), 0),
        (SHIM, lambda terminal: terminal.process.send_signal(signal.SIGTERM), 0),
        (BROKEN, lambda terminal: terminal.send(b"t"), 1),
    ],
    ids=["quit", "SIGTERM", "exception"],
)
def test_the_terminal_is_restored_and_the_run_kept(
    program: tuple[str, ...], end: Callable[[Terminal], None], code: int, state: Path
) -> None:
    terminal = Terminal("tui", "hello", program=program)
    try:
        terminal.shows(b"SIMULATED")
        terminal.shows(b"Entra ID")
        end(terminal)
        ended, seconds = terminal.ended()
        assert (ended, seconds < 6) == (code, True)  # 2 on a quiet machine
        terminal.assert_restored()
        assert (b"ZeroDivisionError" in terminal.output) is (code == 1)
        assert b"the run is kept in" in terminal.output
    finally:
        terminal.close()
    (run,) = (state / "jmlab" / "runs").iterdir()
    assert json.loads((run / "summary.json").read_text(encoding="utf-8"))["scenario"] == "hello"


def test_jmlab_alone_opens_the_app_on_a_terminal() -> None:
    terminal = Terminal(size=(120, 40))
    try:
        terminal.shows(b"Entra ID")
        terminal.send(b"q")
        assert terminal.ended()[0] == 0
        terminal.assert_restored()
    finally:
        terminal.close()


def test_the_app_serves_the_world_that_it_shows(jmlab: Call) -> None:
    terminal = Terminal("tui", "hello", "--serve", "--speed", "60")
    try:
        terminal.shows(b"SIMULATED")
        terminal.shows(b"jmlab env")
        assert "JMLAB_GRAPH" in jmlab("env").out
        terminal.send(b"q")
        ended, seconds = terminal.ended()
        assert (ended, seconds < 6) == (0, True)  # 2 on a quiet machine
        terminal.assert_restored()
    finally:
        terminal.close()
    assert jmlab("env").code == 3
