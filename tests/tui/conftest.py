"""The command line, called in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tui.cli import main

ROOT = Path(__file__).parents[2]
SHIM = (sys.executable, "-c", "import sys; from tui.cli import main; sys.exit(main())")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left: exit code, data, everything else."""

    code: int
    out: str
    err: str


Call = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """State of its own for every test; the folder does not exist yet."""
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    monkeypatch.setenv("COLUMNS", "100")
    return folder


@pytest.fixture
def jmlab(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls a command in this process."""

    def call(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = main(arguments)
        written = capsys.readouterr()
        return Outcome(code, written.out, written.err)

    return call


@pytest.fixture
def python() -> Call:
    """Runs Python code in a process of its own that finds this checkout."""

    def call(*arguments: str) -> Outcome:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ran = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        return Outcome(ran.returncode, ran.stdout, ran.stderr)

    return call
