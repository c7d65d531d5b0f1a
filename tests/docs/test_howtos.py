"""The guides and the README do what they say: their commands are run, their outputs compared."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs").glob("howto-*.md"))
FENCE = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
SECONDS = 60


def blocks(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: language and text."""
    return FENCE.findall(page.read_text(encoding="utf-8"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with `jmlab` on the PATH and state of its own."""
    shims = tmp_path / "bin"
    shims.mkdir()
    shim = shims / "jmlab"
    code = "import sys; from tui.cli import main; sys.exit(main())"
    shim.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{code}' \"$@\"\n", encoding="utf-8")
    shim.chmod(0o755)
    for name in [name for name in os.environ if name.lower().endswith("_proxy") or name.startswith(("AWS_", "JMLAB_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", os.pathsep.join([str(shims), str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    work = tmp_path / "work"
    work.mkdir()
    return work


@contextmanager
def serving(command: str, folder: Path) -> Iterator[None]:
    """A block that serves runs beside the others, from its first line on."""
    server = subprocess.Popen(["sh", "-c", f"exec {command}"], cwd=folder, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    with server.stdout as stdout:
        try:
            assert stdout.readline().startswith('{"graph": ')
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            code = server.wait(SECONDS)
    assert code == 0


def outputs(commands: list[str], folder: Path) -> list[str]:
    """Run blocks one after the other in one shell; what each has written to stdout."""
    script = "".join(f"exec >'{folder}/.out{i}'\n{block}\n" for i, block in enumerate(commands))
    ran = subprocess.run(
        ["sh", "-eu"], input=script, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return [(folder / f".out{i}").read_text(encoding="utf-8") for i in range(len(commands))]


def follow(page: Path, folder: Path) -> list[str]:
    """Run what a page says and compare what it says with what comes out, which is returned block by block."""
    commands: list[str] = []
    expected: dict[int, str] = {}
    server: str | None = None
    for language, text in blocks(page):
        if language == "sh" and text.startswith("jmlab serve"):
            assert server is None
            server = text.strip()
        elif language == "sh":
            commands.append(text)
        elif language == "text":
            expected[len(commands) - 1] = text
    assert commands
    if server is None:
        written = outputs(commands, folder)
    else:
        with serving(server, folder):
            written = outputs(commands, folder)
    assert {i: written[i] for i in expected} == expected
    return written


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guides use curl")
@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_a_guide_does_what_it_says(guide: Path, home: Path) -> None:
    follow(guide, home)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the README uses curl")
def test_the_readme_does_what_it_says(home: Path) -> None:
    written = follow(ROOT / "README.md", home)
    assert written[-1].endswith("True\n")
    assert any("\nIt will send 4 requests:\n" in each for each in written)  # the preview has something to show
