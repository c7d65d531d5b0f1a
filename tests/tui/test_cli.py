"""The command line as a whole: what it offers, how it refuses, what it loads."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from sim.errors import JournalError, UnreachableError
from sim.versions import jmlab_version
from tests.tui.conftest import Call
from tui import streams
from tui.cli import app

HEAVY = ("numpy", "simpy", "pydantic", "faker", "fastapi", "starlette", "uvicorn", "httpx", "textual", "ruamel", "rich")

OPTIONS = {
    "": {"--version"},
    "run": {"--seed", "--until", "--set", "--transport", "--out", "--format", "--fail-on", "--quiet"},
    "tui": {"--seed", "--set", "--speed", "--serve", "--out"},
    "serve": {"--seed", "--set", "--port-graph", "--port-scim", "--port-aws", "--speed", "--out"},
    "env": {"--shell"},
    "preview": {"--at", "--format"},
    "try": {"--account", "--permission-set", "--at", "--format"},
    "provision": {"--member", "--format"},
    "whatif": {
        "--seed",
        "--until",
        "--set",
        "--vary",
        "--replications",
        "--precision",
        "--variants",
        "--preset",
        "--screen",
        "--simulate-all",
        "--target",
        "--rerun",
        "--workers",
        "--scheduler",
        "--out",
        "--format",
        "--design",
        "--warmup",
        "--sensitivity",
        "--quiet",
    },
    "scenario": set(),
    "scenario list": set(),
    "scenario show": {"--set", "--sources"},
    "scenario check": set(),
    "scenario schema": set(),
    "bench": {"--full", "--only", "--format"},
    "locate": set(),
}
"""Every command with every option: what is not in here is refused."""


SEEDS = "write a whole number from 0 to 9223372036854775807, for example 7"
FORMATS = "write table, json or csv"


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command below one, and itself, by its path."""
    yield " ".join(path), command
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*path, name))


def loaded_by(python: Call, *arguments: str) -> set[str]:
    """Which of the heavy packages, and of those that a test names, a command line loads."""
    code = (
        "import sys\n"
        "from tui.cli import main\n"
        f"code = main({list(arguments)!r})\n"
        "print(code, *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    outcome = python("-c", code)
    code_and_modules = outcome.err.splitlines()[-1].split()
    assert code_and_modules[0] == "0", outcome.err
    return set(code_and_modules) & set(HEAVY)


# --- help ------------------------------------------------------------------------------------------------


def test_there_are_the_commands_that_are_announced_and_no_others() -> None:
    assert {path for path, _ in commands(typer.main.get_command(app))} == OPTIONS.keys()


@pytest.mark.parametrize("path", OPTIONS)
def test_help_lists_the_options_that_there_are_and_no_others(path: str, jmlab: Call) -> None:
    outcome = jmlab(*path.split(), "--help")
    assert (outcome.code, outcome.err) == (0, "")
    shown = outcome.out.partition("Examples:")[0]
    assert set(re.findall(r"(?m)^  (--[a-z-]+)", shown)) == OPTIONS[path] | {"--help"}


@pytest.mark.parametrize("path", OPTIONS)
def test_help_ends_with_an_example_of_that_command_that_uses_its_options(path: str, jmlab: Call) -> None:
    found = re.findall(r"(?m)^ {4}(.*)$", jmlab(*path.split(), "--help").out.partition("Examples:\n")[2])
    assert any(re.search(rf"\bjmlab {path}", example) for example in found)
    for example in found:
        for word, *below in re.findall(r"jmlab( [a-z]+)?( [a-z]+)?", example):
            names = {" ".join(f"{word}{''.join(below)}".split()), word.strip(), ""}
            allowed = set[str]().union(*(OPTIONS.get(name, set()) for name in names))
            assert set(re.findall(r"--[a-z-]+", example)) <= allowed


def test_help_fits_the_terminals_width(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    outcome = jmlab("serve", "--help")
    assert max(map(len, outcome.out.partition("Examples:")[0].splitlines())) <= 60


def test_the_first_help_names_every_command_in_a_whole_sentence(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = jmlab("--help").out.partition("Commands:\n")[2].splitlines()
    listed = [line for line in lines[: lines.index("")] if line]
    assert len(listed) == len([path for path in OPTIONS if path and " " not in path])
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


@pytest.mark.parametrize("path", sorted(OPTIONS.keys() - {"whatif"}))  # whose examples need their length
def test_help_fits_80_columns_examples_included(path: str, jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, jmlab(*path.split(), "--help").out.splitlines())) <= 80


def test_version_is_data(jmlab: Call) -> None:
    outcome = jmlab("--version")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"jmlab {jmlab_version()}\n", "")


# --- wrong usage -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("jmlab", ["rnu"], "no such command 'rnu' (did you mean 'run'?)"),
        ("jmlab", ["hello"], "no such command 'hello' (a scenario: jmlab run hello, or on the screen jmlab tui hello)"),
        ("jmlab", ["web"], "no such command 'web'"),
        ("jmlab run", [], "missing argument 'SCENARIO'"),
        ("jmlab run", ["hello", "hello"], "got unexpected extra argument(s) (hello)"),
        ("jmlab scenario", [], "missing command"),
        ("jmlab run", ["hello", "--seed", "one"], f"--seed: 'one' is not allowed; {SEEDS}"),
        ("jmlab run", ["hello", "--seed", "1.5"], f"--seed: '1.5' is not allowed; {SEEDS}"),
        ("jmlab run", ["x", "--format", "jsn"], f"--format: 'jsn' is not allowed; {FORMATS} (did you mean 'json'?)"),
        ("jmlab run", ["x", "--transport", "http"], "--transport: 'http' is not allowed; write direct or wire"),
        ("jmlab env", ["--shell", "zsh"], "--shell: 'zsh' is not allowed; write bash or pwsh"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(
    command: str, arguments: list[str], message: str, jmlab: Call
) -> None:
    outcome = jmlab(*command.split()[1:], *arguments)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"{command}: {message}; see {command} --help\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["web"], ["compare", "a", "b"], ["audit", "last"], ["resume", "last"], ["lab"],
        ["report", "last"], ["evidence", "last"], ["scenario", "new"],
        ["serve", "--tls"], ["serve", "--profile", "aws"], ["serve", "--engine", "builtin"],
        ["tui", "--replay", "last"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_this_version_has_not_is_refused_like_anything_unknown(arguments: list[str], jmlab: Call) -> None:
    outcome = jmlab(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert re.fullmatch(r"jmlab.*: no such (command|option).*\n", outcome.err, re.IGNORECASE)


# --- what goes wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "code"), [(UnreachableError("gone"), 3), (JournalError("torn"), 4)])
def test_error_is_its_sentence_and_its_exit_code(
    error: Exception, code: int, jmlab: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> None:
        raise error

    monkeypatch.setattr("sim.places.last_run", fails)
    outcome = jmlab("locate")
    assert (outcome.code, outcome.out, outcome.err) == (code, "", f"{error}\n")


def test_interruption_is_exit_code_130(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.places.last_run", interrupted)
    outcome = jmlab("locate")
    assert (outcome.code, outcome.out, outcome.err) == (130, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_help_that_cannot_be_written_is_told_in_one_sentence(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        outcome = jmlab("--help")
    assert (outcome.code, outcome.err) == (2, "stdout: No space left on device\n")


def test_reader_who_leaves_during_the_help_is_no_error(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as left:
        monkeypatch.setattr(sys, "stdout", left)
        outcome = jmlab("--help")
        streams.leave_stdout()
    assert (outcome.code, outcome.err) == (0, "")


def test_fault_of_the_program_is_not_hidden(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("sim.places.last_run", broken)
    with pytest.raises(ZeroDivisionError):
        jmlab("locate")


# --- what is loaded --------------------------------------------------------------------------------------


def test_help_loads_nothing_heavy_and_is_there_at_once(python: Call) -> None:
    began = time.perf_counter()
    assert loaded_by(python, "--help") == set()
    assert time.perf_counter() - began < 3  # 0.3 on a quiet machine


def test_headless_run_over_direct_loads_neither_screen_nor_web(python: Call) -> None:
    loaded = loaded_by(python, "run", "hello")
    assert loaded & {"textual", "fastapi", "starlette", "uvicorn", "httpx", "rich"} == set()
    assert {"numpy", "simpy"} <= loaded


# --- small commands --------------------------------------------------------------------------------------


def test_locate_names_every_place_and_makes_none(jmlab: Call, state: Path) -> None:
    outcome = jmlab("locate")
    assert re.findall(r"(?m)^(\w+) +(\S+)$", outcome.out)[1:] == [
        ("state", str(state / "jmlab")), ("runs", str(state / "jmlab" / "runs")), ("last", "-"),
    ]  # fmt: skip
    assert not state.exists()
