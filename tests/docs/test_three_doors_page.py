"""``docs/three-doors.md`` is true: its commands are run, and its table of runbooks is measured again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sim.scenario import load
from sim.world import World
from tests.contract.test_three_doors import RUNBOOKS, figures, friday
from tests.docs.test_howtos import blocks
from tui.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "three-doors.md"
TEXT = PAGE.read_text(encoding="utf-8")
TIMES = re.compile(r"(?m)^\| `([a-z_]+)` \| [^|]{10,} \| (.+) \|$")
MINUTES = re.compile(r"(?m)^\| `([a-z_]+)` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$")
ROWS = [(name, tuple(cells.split(" | "))) for name, cells in TIMES.findall(TEXT)]
SUMMARY = {name: tuple(map(int, cells)) for name, *cells in MINUTES.findall(TEXT)}

COMMAND = re.compile(r"jmlab (.+?)(?: > figures\.txt| \| tail -(\d+))?")


def test_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command, in this process; what goes to a file or through ``tail`` is shown as far as a shell would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    shown = ""
    told = 0
    for language, text in blocks(PAGE):
        if language == "text":
            assert text == shown
            told += 1
            continue
        shown = ""
        for line in text.splitlines():
            command = COMMAND.fullmatch(line)
            assert command is not None, line
            capsys.readouterr()
            assert main(shlex.split(command[1])) == 0, line
            printed = capsys.readouterr().out
            if " > " not in line:
                shown += "".join(printed.splitlines(keepends=True)[-int(command[2] or 0) :])
    assert told == 6


def test_the_table_has_every_runbook_in_the_order_of_the_file() -> None:
    assert [name for name, _ in ROWS] == list(RUNBOOKS) == list(load("friday-1003").scenario.runbooks)
    assert list(SUMMARY) == list(RUNBOOKS)


@pytest.mark.parametrize(("runbook", "minutes"), ROWS, ids=[name for name, _ in ROWS])
def test_the_minutes_of_the_table_are_measured(runbook: str, minutes: tuple[str, ...]) -> None:
    world = World(load("friday-1003", [f"runbook={runbook}"]).scenario)
    world.run()
    assert friday(world) == minutes
    assert figures(world) == SUMMARY[runbook]
