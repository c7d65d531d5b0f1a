"""Every broken file is refused with the sentence that stands in `sentences.txt`, one file a line."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO, Any

import pytest

from sim.scenario import ScenarioError, load, loads

BROKEN = Path(__file__).parents[2] / "samples" / "scenarios" / "broken"
SENTENCES = (BROKEN / "sentences.txt").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(path: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value)


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence.partition(".yaml")[0])
def test_broken_file_is_refused_in_one_sentence(sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BROKEN)
    assert refusal(f"{sentence.partition('.yaml')[0]}.yaml") == sentence


def test_every_broken_file_has_its_sentence_and_there_are_many() -> None:
    names = sorted(path.name for path in BROKEN.glob("*.yaml"))
    assert names == sorted(f"{sentence.partition('.yaml')[0]}.yaml" for sentence in SENTENCES)
    assert len(names) >= 40


def test_no_sentence_speaks_of_the_program() -> None:
    for sentence in SENTENCES:
        for word in ("pydantic", "Traceback", "validation", "Input should", "NoneType", "dict", "tuple", "Error"):
            assert word not in sentence


def test_file_of_200_mb_is_refused_unread(here: Path) -> None:
    with (here / "huge.yaml").open("wb") as stream:
        stream.truncate(200_000_000)
    began = time.perf_counter()
    assert refusal("huge.yaml") == "huge.yaml: the file has 200.0 MB; a scenario has at most 1 MB"
    assert time.perf_counter() - began < 0.5


def test_binary_file_is_refused(here: Path) -> None:
    (here / "binary.yaml").write_bytes(b"\x7fELF\x02\x01\x01\n\x00\x00")
    assert refusal("binary.yaml") == "binary.yaml:2: this is a binary file; a scenario is a YAML file"


def test_other_encoding_is_refused_with_its_line(here: Path) -> None:
    (here / "latin.yaml").write_bytes("scenario: x\ntitle: Zoë\n".encode("latin-1"))
    assert refusal("latin.yaml") == "latin.yaml:2: this is not UTF-8 text; a scenario is a YAML file"


def test_bare_control_character_is_refused_with_its_line(here: Path) -> None:
    (here / "bell.yaml").write_text("scenario: x\ntitle: ring\a\n", encoding="utf-8")
    assert refusal("bell.yaml") == (
        "bell.yaml:2: not valid YAML (it holds a control character); a scenario is plain text"
    )


def test_escape_of_no_character_is_refused(here: Path) -> None:
    (here / "escape.yaml").write_text('title: "\\UFFFFFFFF"\n', encoding="utf-8")
    assert refusal("escape.yaml") == (
        "escape.yaml:1: not valid YAML (the parser gives up here); check escapes in quotes, and lines that begin with %"
    )


def test_version_that_there_is_not_is_refused(here: Path) -> None:
    (here / "version.yaml").write_text("%YAML 1.2021\n---\na: 1\n", encoding="utf-8")
    assert refusal("version.yaml").startswith("version.yaml:1: not valid YAML (the parser gives up here); ")


def test_missing_file_names_the_catalogue(here: Path) -> None:
    assert refusal("helo") == (
        "helo: there is no such file, nor such a scenario; "
        "jmlab scenario list names the catalogue (did you mean 'hello'?)"
    )
    assert refusal("no/such.yaml").startswith("no/such.yaml: there is no such file, nor such a scenario; ")
    assert refusal("with\0nul").startswith("with?nul: there is no such file")


def test_directory_is_refused(here: Path) -> None:
    (here / "folder").mkdir()
    assert refusal("folder") == "folder: this is a directory; name a scenario file (YAML)"


def test_pipe_is_refused_instead_of_waited_for(here: Path) -> None:
    os.mkfifo(here / "pipe")
    assert refusal("pipe") == "pipe: this is no regular file; name a scenario file (YAML)"


def test_name_that_is_too_long_for_a_file_is_refused(here: Path) -> None:
    assert refusal("x" * 5000).endswith("the file cannot be read (File name too long); name a scenario file (YAML)")


def test_unreadable_file_is_refused_with_the_reason(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "secret.yaml").write_text("scenario: x\n", encoding="utf-8")

    opened = Path.open

    def denied(path: Path, mode: str = "r") -> IO[Any]:
        if path.name == "secret.yaml":
            raise PermissionError(13, "Permission denied")
        return opened(path, mode)

    monkeypatch.setattr(Path, "open", denied)
    assert refusal("secret.yaml") == (
        "secret.yaml: the file cannot be read (Permission denied); name a scenario file (YAML)"
    )


def test_text_of_more_than_1_mb_is_refused_whatever_its_file_said() -> None:
    with pytest.raises(ScenarioError, match=r"^journal: the text has 1\.1 MB; a scenario has at most 1 MB$"):
        loads("#" * 1_100_000, "journal")


def test_error_says_where_to_look_in_parts_too() -> None:
    with pytest.raises(ScenarioError) as caught:
        load(str(BROKEN / "misspelt-key.yaml"))
    error = caught.value
    assert (error.line, error.key, error.exit_code) == (6, "provisioning.intervall", 2)
    assert error.source.endswith("misspelt-key.yaml")
    assert error.sentence.startswith("unknown key; ")
