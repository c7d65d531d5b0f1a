"""`jmlab whatif` that is cut off by ctrl-c, and the same command again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import ROOT, SHIM, Call

PATIENCE_S = 120.0
EXPERIMENT = ("hello", "--vary", "provisioning.interval=20m,40m", "--replications", "12", "--format", "json")
TELLING = """
import sys
from sim.whatif import store
kept = store.Store.add
def add(self, number, replication):
    kept(self, number, replication)
    print("kept", number, file=sys.stderr, flush=True)
store.Store.add = add
from tui.cli import main
sys.exit(main())
"""
"""The command line, which says on stderr whenever a replication is safe."""


def numbers(folder: Path) -> Counter[int]:
    """How often each replication was computed and kept."""
    lines = (folder / "replications.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(json.loads(line)[0] for line in lines)


def digest(outcome: str) -> str:
    result: dict[str, Any] = json.loads(outcome)
    return str(result["result_sha256"])


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_computed_and_the_same_command_goes_on(tmp_path: Path, python: Call) -> None:
    """Ctrl-c goes to the whole group of processes, as a terminal sends it; the workers do not hear it."""
    folder = tmp_path / "out"
    command = ["whatif", *EXPERIMENT, "--workers", "2", "--out", str(folder)]
    with subprocess.Popen(
        [SHIM[0], "-c", TELLING, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as cut:
        assert cut.stderr is not None
        assert cut.stdout is not None
        for line in cut.stderr:
            if line.startswith("kept"):
                break
        os.killpg(cut.pid, signal.SIGINT)
        said = cut.stderr.read()
        assert cut.wait(PATIENCE_S) == 130
        assert cut.stdout.read() == ""
    assert "interrupted; what was computed is kept" in said
    assert "Traceback" not in said
    before = numbers(folder)
    assert 0 < len(before) < 12

    again = python(*SHIM[1:], *command)
    assert again.code == 0, again.err
    assert numbers(folder) == dict.fromkeys(range(12), 1)
    fresh = python(*SHIM[1:], "whatif", *EXPERIMENT, "--workers", "1", "--out", str(tmp_path / "fresh"))
    assert digest(again.out) == digest(fresh.out)
