"""`jmlab scenario`: the catalogue, what a scenario comes to, and a check that says where to look."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.scenario import catalogue, load
from tests.tui.conftest import ROOT, Call

BROKEN = ROOT / "tests" / "samples" / "scenarios" / "broken"
SENTENCES = (BROKEN / "sentences.txt").read_text(encoding="utf-8").splitlines()


def test_list_has_every_scenario_with_its_title(jmlab: Call) -> None:
    lines = [line.split(maxsplit=1) for line in jmlab("scenario", "list").out.splitlines()]
    assert lines == [[item.name, item.title] for item in catalogue()]


def test_list_on_a_terminal_has_headings_and_fits(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.streams.is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    lines = jmlab("scenario", "list").out.splitlines()
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert headings == list(dict.fromkeys(item.section for item in catalogue()))
    assert max(len(line) for line in lines) <= 80
    assert [words[0] for line in lines if line[:3].strip() and line[:2] == "  " for words in [line.split()]] == [
        item.name for item in catalogue()
    ]
    assert " ".join(" ".join(lines).split()) == " ".join(
        word
        for section in headings
        for word in (section, *(f"{item.name} {item.title}" for item in catalogue() if item.section == section))
    )


def test_list_has_one_line_for_each_scenario_at_80_columns(jmlab: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, indented by two, and through a pipe: a title of the catalogue has at most 51 characters."""
    plain = jmlab("scenario", "list").out.splitlines()
    monkeypatch.setattr("tui.streams.is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    below = [line for line in jmlab("scenario", "list").out.splitlines() if line.startswith("  ")]
    assert len(below) == len(plain) == len(catalogue())
    assert max(len(line) for line in [*plain, *below]) <= 80


def test_show_prints_a_scenario_that_can_be_run_again(jmlab: Call, tmp_path: Path) -> None:
    outcome = jmlab("scenario", "show", "hello", "--set", "provisioning.interval=20m")
    assert outcome.code == 0
    assert "\n  interval: 20m\n" in outcome.out
    copy = tmp_path / "copy.yaml"
    copy.write_text(outcome.out, encoding="utf-8")
    assert load(str(copy)).scenario == load("hello", ["provisioning.interval=20m"]).scenario


def test_sources_give_value_grade_and_source_of_every_assumption(jmlab: Call) -> None:
    rows = {line.split()[0]: line for line in jmlab("scenario", "show", "hello", "--sources").out.splitlines()}
    assert rows["key"].split() == ["key", "value", "grade", "source"]
    assert rows["provisioning.interval"].split()[1:3] == ["40m", "A"]
    assert "https://learn.microsoft.com/" in rows["provisioning.interval"]
    assert "set by the scenario" in rows["workforce.contractors"]


def test_schema_is_one_json_object(jmlab: Call) -> None:
    schema = json.loads(jmlab("scenario", "schema").out)
    assert schema["title"] == "jmlab scenario"
    assert "provisioning" in schema["properties"]


@pytest.mark.parametrize("path", [str(item.path) for item in catalogue()], ids=lambda path: Path(path).stem)
def test_every_scenario_of_the_catalogue_is_in_order(jmlab: Call, path: str) -> None:
    outcome = jmlab("scenario", "check", path)
    assert (outcome.code, outcome.err) == (0, "")
    first, *notes = outcome.out.splitlines()
    assert first.startswith(f"{path}: ")
    assert all(note.startswith("  ") for note in notes)  # what its own data came to


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.partition(".yaml")[0])
@pytest.mark.parametrize("command", [("scenario", "check"), ("scenario", "show"), ("run",), ("serve",)], ids=" ".join)
def test_broken_scenario_is_one_sentence_on_stderr_and_exit_code_2(
    command: tuple[str, ...], sentence: str, jmlab: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BROKEN)
    outcome = jmlab(*command, f"{sentence.partition('.yaml')[0]}.yaml")
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"{sentence}\n")


def test_missing_file_and_huge_file_are_one_sentence_too(jmlab: Call, tmp_path: Path) -> None:
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as stream:
        stream.truncate(200_000_000)
    for name, said in (("helo", "there is no such file"), (str(huge), "the file has 200.0 MB")):
        outcome = jmlab("run", name)
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
        assert said in outcome.err
