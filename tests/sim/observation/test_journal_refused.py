"""Journals that cannot be trusted are refused in one sentence, and none is ever overwritten."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sim.errors import JmlabError, JournalError
from sim.observation.journal import FILE_NAME, Journal, attach, meta, open_journal
from sim.scenario import load
from sim.world import World


def edited(**pragmas: int) -> Callable[[Path], None]:
    def edit(path: Path) -> None:
        with closing(sqlite3.connect(path)) as db:
            for name, value in pragmas.items():
                db.execute(f"PRAGMA {name} = {value}")
            db.commit()

    return edit


def overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[8192:60_000] = bytes(60_000 - 8192)
    path.write_bytes(content)


def without_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE latencies")
        db.commit()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (edited(user_version=99), "this journal has format 99 and this version of jmlab reads format 5; "),
        (edited(application_id=1), "this is not a journal of jmlab; "),
        (overwritten, "this journal is damaged"),
        (without_a_table, "this journal is damaged; run the scenario again"),
        (lambda path: path.write_bytes(path.read_bytes()[:5000]), "this journal is damaged"),
        (lambda path: path.write_text("not a database, but long enough to be one" * 100), "this journal is damaged"),
        (lambda path: path.write_bytes(b""), "this is not a journal of jmlab; "),
    ],
    ids=["another version", "another program", "overwritten", "without a table", "cut off", "a text", "empty"],
)
def test_a_journal_that_cannot_be_trusted_is_refused_in_one_sentence(
    spoil: Callable[[Path], object], sentence: str, finished: Path, tmp_path: Path
) -> None:
    shutil.copy(finished / FILE_NAME, tmp_path)
    spoil(tmp_path / FILE_NAME)
    with pytest.raises(JournalError) as refused:
        open_journal(tmp_path)
    assert refused.value.exit_code == 4
    assert str(refused.value).startswith(f"{tmp_path / FILE_NAME}: {sentence}")
    assert "\n" not in str(refused.value)


def test_a_directory_without_a_journal_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(JmlabError, match="there is no run here") as refused:
        open_journal(tmp_path)
    assert refused.value.exit_code == 2


def test_a_journal_is_never_overwritten(finished: Path) -> None:
    with pytest.raises(JmlabError, match="there is a journal already"):
        Journal(finished)


def test_a_journal_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="this journal cannot be written"):
        Journal(tmp_path / "missing")


def test_a_journal_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    world = World(load("hello").scenario)
    recorder = attach(world, Journal(tmp_path))
    with closing(open_journal(tmp_path)) as reader:
        assert reader.execute("SELECT count(*) FROM cycles").fetchone() == (0,)
        world.run()
        assert reader.execute("SELECT count(*) > 50 FROM cycles").fetchone() == (1,)
        recorder.finish()
        assert json.loads(meta(reader)["end_ms"]) == world.end
