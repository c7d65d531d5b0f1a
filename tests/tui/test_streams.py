"""Data on stdout, the rest on stderr, and nothing that a terminal or a pipe can do changes more than the look."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from sim.errors import JmlabError
from tui import streams

# Streams are replaced inside the tests: pytest puts its own in place when a test begins.


def latin(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What arrives at a stdout that knows Latin-1 only."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="latin-1", write_through=True))
    return raw


@pytest.fixture
def left() -> Iterator[TextIO]:
    """A stream whose reader has gone; closing it fails when something is still waiting to be written."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as stream:
        yield stream


def test_json_is_utf_8_whatever_the_terminal_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    written = latin(monkeypatch)
    streams.emit_json({"name": "Zoë ≤ 1"})
    assert json.loads(written.getvalue().decode("utf-8")) == {"name": "Zoë ≤ 1"}


def test_json_keeps_the_order_of_its_keys_and_ends_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    written = latin(monkeypatch)
    streams.emit_json({"b": 1, "a": 2}, indent=None)
    assert written.getvalue() == b'{"b": 1, "a": 2}\n'


def test_text_is_put_out_in_what_the_terminal_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    written = latin(monkeypatch)
    streams.emit("Zoë ≤ 1\n")
    assert written.getvalue() == "Zoë ? 1\n".encode("latin-1")


def test_reader_who_has_left_is_no_error(left: TextIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", left)
    streams.emit("one\n")
    streams.emit("two\n")
    left.flush()


def test_closed_stdout_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    streams.emit("gone\n")
    streams.emit_json({})


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_full_disk_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(JmlabError, match=r"^stdout cannot be written \(No space left on device\); "):
            streams.emit("x")


def test_notes_never_get_in_the_way(monkeypatch: pytest.MonkeyPatch, left: TextIO) -> None:
    monkeypatch.setattr(sys, "stderr", left)
    streams.note("nobody hears this")
    monkeypatch.setattr(sys, "stderr", None)
    streams.note("nor this")


# --- the progress bar ------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """What is drawn on a terminal of 40 columns."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    return made


def test_progress_is_wanted_on_a_terminal_that_can_redraw(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal(monkeypatch)
    assert streams.wants_progress()
    monkeypatch.setenv("TERM", "dumb")
    assert not streams.wants_progress()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert not streams.wants_progress()


def test_bar_shows_the_share_within_the_terminals_width() -> None:
    bar = streams.Progress("hello")
    assert bar.line(0.5, 30) == "hello [########........]  50%"
    assert bar.line(1, 80) == f"hello [{'#' * 40}] 100%"
    assert bar.line(0.25, 15) == " 25%"
    assert all(len(bar.line(0.5, columns)) < columns for columns in range(1, 120))


def test_bar_is_redrawn_ten_times_a_second_and_wiped_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch)
    seconds = iter([0.0, 0.05, 0.2])
    with streams.Progress("hello", lambda: next(seconds)) as bar:
        for share in (0.0, 0.25, 0.5):
            bar(share)
    drawn = screen.getvalue().split("\r")
    assert [text[-4:] for text in drawn[1:3]] == ["  0%", " 50%"]
    assert drawn[3:] == [" " * 39, ""]


def test_bar_is_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch)
    with streams.Progress("hello") as bar:
        bar(0.5)
    assert "\x1b" not in screen.getvalue()


def test_bar_that_was_never_shown_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = terminal(monkeypatch)
    with streams.Progress("hello"):
        pass
    assert screen.getvalue() == ""


def test_a_bar_with_time_left_counts_from_the_first_share_it_was_told() -> None:
    """A quarter was there already; the next quarter took 10 s, so the half that is left takes 20 s."""
    seconds = iter([0.0, 10.0, 10.0])
    bar = streams.Progress("hello", lambda: next(seconds), time_left=True)
    bar(0.25)
    assert bar.line(0.5, 80).endswith("]  50%, 20s left")


def test_the_time_left_is_not_guessed() -> None:
    bar = streams.Progress("hello", lambda: 0.0, time_left=True)
    bar(0.25)
    assert bar.line(0.25, 80).endswith("]  25%")
    bar.begin("search")
    assert bar.line(0.5, 80).startswith("search [")
