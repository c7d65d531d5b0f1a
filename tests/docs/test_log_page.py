"""The page about the provisioning log tells what happens: its examples are run, its list of codes is complete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from mockservices.graph.reasons import REASONS
from sim.ports import GROUP
from sim.scenario import scenario_from
from sim.world import World

PAGE = Path(__file__).parents[2] / "docs" / "reading-the-provisioning-log.md"
TEXT = PAGE.read_text(encoding="utf-8")
FENCE = re.compile(r"(?ms)^```(\w+)\n(.*?)^```$")


def read(text: str) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return {**found, "start": "2026-03-02T08:00:00Z"} if "start" in found else found


BASE, *REST = FENCE.findall(TEXT)
EXAMPLES = [(read(story), expected.splitlines()) for (_, story), (_, expected) in zip(*[iter(REST)] * 2, strict=True)]


def rows(values: Mapping[str, Any]) -> list[str]:
    """Every row of a run, as the page writes it."""
    world = World(scenario_from({**read(BASE[1]), **values}))
    world.run()
    return [
        f"{world.clock.iso(row.at)[11:16]} {row.kind} {name(world, row.kind, row.source_id)} "
        f"{row.action} {row.status} {row.reason or '-'}"
        for row in world.log.rows
    ]


def name(world: World, kind: str, identifier: str) -> str:
    directory, register = world.services.directory, world.parts.register
    if kind == GROUP:
        row = directory.group_row(identifier)
        return "" if row is None else str(directory.groups[row].attributes["displayName"])
    row = directory.user_row(identifier)
    owner = None if row is None else register.account_owner(row)
    return "" if owner is None else register.label(owner)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_page_happens_as_it_says(number: int) -> None:
    values, expected = EXAMPLES[number]
    told = rows(values)
    assert [line for line in expected if line not in told] == []


def test_the_page_has_an_example_for_what_the_company_can_show() -> None:
    shown = {line.split()[-1] for _, expected in EXAMPLES for line in expected} - {"-"}
    assert len(EXAMPLES) == len(shown) >= 9
    assert shown <= REASONS.keys()


def test_the_page_lists_every_code_in_the_words_of_the_log() -> None:
    listed = dict(re.findall(r"(?m)^\| `(\w+)` \| ([^|]+) \|$", TEXT[TEXT.index("## Every code") :]))
    assert listed == {code: each.short for code, each in REASONS.items()}
