"""``docs/confusions.md`` tells what happens: its commands are run, and what it shows stands in their output."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from sim.scenario import catalogue, scenario_text
from tui.cli import main

PAGE = (Path(__file__).parents[2] / "docs" / "confusions.md").read_text(encoding="utf-8")
FENCE = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
CHAPTERS = re.split(r"(?m)^## ", PAGE)[1:]
EXERCISES = [
    (shlex.split(command), shown.splitlines())
    for chapter in CHAPTERS
    for (language, command), (_, shown) in pairwise(FENCE.findall(chapter))
    if language == "sh"
]


@pytest.mark.parametrize(("command", "shown"), EXERCISES, ids=lambda value: " ".join(value[2:5]))
def test_a_command_of_the_page_prints_what_the_page_shows(
    command: list[str], shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command[:2] == ["jmlab", "run"]
    assert shown
    assert main([*command[1:], "--quiet"]) == 0
    written = capsys.readouterr().out.splitlines()
    assert [line for line in shown if line not in written] == []


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.splitlines()[0])
def test_a_chapter_has_its_scenario_with_a_variation_and_its_sources(chapter: str) -> None:
    number, said = chapter.splitlines()[0].split(". ", 1)
    (_, first), _, (_, second), _ = FENCE.findall(chapter)
    name = first.split()[2]
    assert (first, second.split()[2:4]) == (f"jmlab run {name}\n", [name, "--set"])
    text = scenario_text(name)
    assert text.startswith(f"# Confusion {number}: ")
    head = text.partition("scenario:")[0]
    assert [link for link in re.findall(r"https://\S+", head) if f"({link})" not in chapter] == []
    assert next(item.title for item in catalogue() if item.name == name).startswith(said)


def test_the_chapters_come_in_the_order_of_the_catalogue() -> None:
    section = "What people get wrong about provisioning"
    assert [FENCE.findall(chapter)[0][1].split()[2] for chapter in CHAPTERS] == [
        item.name for item in catalogue() if item.section == section
    ]
