"""Where things live: run directories that never hold half a run, and served worlds that are really there."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import places
from sim.errors import JmlabError


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder


@pytest.fixture
def listening() -> Iterator[str]:
    """The address of somebody who takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/_testbed"


def refusal(folder: Path) -> str:
    with pytest.raises(JmlabError) as caught:
        places.check_run(folder)
    assert caught.value.exit_code == 2
    return str(caught.value)


def dead_pid() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def announce(url: str, pid: int, name: str = "") -> dict[str, Any]:
    """Announce a world as if another process did; what was announced."""
    state = {"pid": pid, "testbed": {"base_url": url}, "run": "/no/run", "name": name}
    file = places.announce(state)
    file.rename(file.with_name(f"{pid}{name}.json"))
    return state


# --- run directories -------------------------------------------------------------------------------------


def test_new_directory_can_hold_a_run_and_is_made_with_those_above_it(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    places.check_run(folder)
    assert not folder.exists()
    assert places.take_run(folder) == folder
    assert folder.is_dir()


def test_empty_directory_can_hold_a_run(tmp_path: Path) -> None:
    assert places.take_run(tmp_path) == tmp_path


def test_relative_directory_is_remembered_as_an_absolute_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert places.take_run(Path("mine")) == tmp_path / "mine"


def test_directory_of_an_earlier_run_is_cleared_of_that_run_and_of_nothing_else(tmp_path: Path) -> None:
    for name in ("run.sqlite", "run.sqlite-wal", "summary.json", "events.csv", "notes.txt"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    places.take_run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_directory_with_something_else_in_it_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text("mine", encoding="utf-8")
    assert refusal(tmp_path) == (
        f"{tmp_path}: this directory is not empty and no run is in it; "
        "name an empty or a new one, or that of an earlier run"
    )
    assert (tmp_path / "summary.json").read_text(encoding="utf-8") == "mine"


def test_file_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file").startswith(f"{tmp_path / 'file'}: this is no directory; ")


def test_directory_that_cannot_be_made_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JmlabError, match=r"file/run: this cannot be written \(Not a directory\); name another"):
        places.take_run(tmp_path / "file" / "run")


def test_directory_into_which_a_served_world_writes_is_refused(tmp_path: Path, listening: str) -> None:
    (tmp_path / "run.sqlite").touch()
    places.announce({"pid": os.getpid(), "testbed": {"base_url": listening}, "run": str(tmp_path)})
    assert refusal(tmp_path).endswith(f"a served world (process {os.getpid()}) keeps its run here; name another one")


def test_new_runs_are_numbered_and_never_share_a_directory(state: Path) -> None:
    assert [places.new_run("hello").name for _ in range(3)] == ["0001-hello", "0002-hello", "0003-hello"]
    assert places.new_run("plain").parent == places.runs_folder() == state / "jmlab" / "runs"


def test_last_names_the_run_that_was_begun_last_while_it_is_there(tmp_path: Path) -> None:
    assert places.last_run() is None
    run = places.new_run("hello")
    places.remember_run(run)
    assert places.last_run() == run
    run.rmdir()
    assert places.last_run() is None


# --- served worlds ---------------------------------------------------------------------------------------


def test_no_served_world_is_found_where_there_is_none() -> None:
    assert places.served() is None


def test_served_world_is_found_until_its_announcement_is_taken_back(listening: str) -> None:
    state = {"pid": os.getpid(), "testbed": {"base_url": listening}, "run": "/no/run"}
    file = places.announce(state)
    assert places.served() == state
    file.unlink()
    assert places.served() is None


def test_announcement_is_for_its_owner_alone(listening: str) -> None:
    file = places.announce({"pid": os.getpid(), "testbed": {"base_url": listening}})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_announcement_of_a_process_that_has_ended_is_passed_over(listening: str) -> None:
    announce(listening, dead_pid())
    assert places.served() is None


def test_announcement_of_a_process_that_has_ended_is_cleared_away_by_the_next(state: Path, listening: str) -> None:
    announce(listening, dead_pid())
    file = places.announce({"pid": os.getpid(), "testbed": {"base_url": listening}})
    assert list((state / "jmlab" / "served").iterdir()) == [file]


def test_announcement_whose_port_nobody_answers_is_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = f"http://127.0.0.1:{server.getsockname()[1]}/_testbed"
    announce(closed, os.getpid())
    assert places.served() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1, "testbed": {"base_url": "nowhere"}}'])
def test_damaged_announcement_is_passed_over(text: str, listening: str) -> None:
    file = places.announce({"pid": os.getpid(), "testbed": {"base_url": listening}})
    file.write_text(text, encoding="utf-8")
    assert places.served() is None


def test_of_several_served_worlds_the_youngest_is_found(state: Path, listening: str) -> None:
    for age, name in enumerate(["-young", "-older", "-oldest"]):
        announce(listening, os.getpid(), name)
        os.utime(state / "jmlab" / "served" / f"{os.getpid()}{name}.json", (1000 - age, 1000 - age))
    found = places.served()
    assert found is not None
    assert found["name"] == "-young"


# --- files -----------------------------------------------------------------------------------------------


def test_file_is_replaced_whole(tmp_path: Path) -> None:
    places.write_whole(tmp_path / "file", "old")
    places.write_whole(tmp_path / "file", json.dumps("ü"))
    assert (tmp_path / "file").read_bytes() == b'"\\u00fc"'
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_file_that_cannot_be_written_leaves_the_old_one_and_no_draft(tmp_path: Path) -> None:
    places.write_whole(tmp_path / "file", "old")
    with pytest.raises(JmlabError, match="this cannot be written"):
        places.write_whole(tmp_path / "file", "\ud800")
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [("file", "old")]
