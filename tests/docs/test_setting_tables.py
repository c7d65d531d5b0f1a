"""The tables of settings in the documentation name keys that exist, with the defaults that these have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.scenario import load
from sim.scenario.sessions import Sessions

DOCS = Path(__file__).parents[2] / "docs"
ROW = re.compile(r"(?m)^\| `([a-z_.]+)` \| `?([^|`]+?)`? \|")
KEYS = [
    *((f"provisioning.{key}", default) for key, default in ROW.findall((DOCS / "errors.md").read_text("utf-8"))),
    *ROW.findall((DOCS / "time-and-pace.md").read_text("utf-8")),
]
UNIT = re.compile(r" (objects|requests)/s$|(?<=\d) (?=m?s$)")


@pytest.mark.parametrize(("key", "default"), KEYS, ids=[key for key, _ in KEYS])
def test_a_key_of_a_page_has_the_default_that_stands_beside_it(key: str, default: str) -> None:
    written = UNIT.sub("", default)
    value = f"[{written}]" if "," in written and written[0] != "{" else written
    assert load("plain", [f"{key}={value}"]).text == load("plain").text


def test_the_pages_have_their_tables() -> None:
    assert {"provisioning.retries.ladder", "provisioning.pace.initial", "target.request_time"} <= dict(KEYS).keys()


DOORS = re.findall(r"(?m)^\| `([a-z_]+)` \| ([a-z0-9]+) \| ([A-D]) \|", (DOCS / "sessions.md").read_text("utf-8"))


def test_the_settings_of_the_doors_are_those_of_the_page() -> None:
    """Keys, defaults and grades, in the same order."""
    written = Sessions().model_dump(mode="json")
    found = []
    for key, field in Sessions.model_fields.items():
        assert isinstance(field.json_schema_extra, dict)
        found.append((key, written[key], field.json_schema_extra["grade"]))
    assert found == DOORS
