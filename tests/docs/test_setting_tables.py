"""The tables of settings in the documentation name keys that exist, with the defaults that these have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.scenario import load
from sim.scenario.sessions import Sessions
from sim.scenario.sources import assumptions

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


WORKFORCE = re.findall(
    r"(?m)^\| `(workforce\.[a-z_.]+)` \| `([^`]+)` \| ([A-D]) \|", (DOCS / "workforce.md").read_text("utf-8")
)
CORPORATE = ["workforce.profile=corporate", "workforce.hr.outside.share=1.0"]


@pytest.mark.parametrize(("key", "default", "grade"), WORKFORCE, ids=[key for key, _, _ in WORKFORCE])
def test_a_key_of_the_workforce_has_its_default_and_its_grade(key: str, default: str, grade: str) -> None:
    assert load("plain", [*CORPORATE, f"{key}={default}"]).text == load("plain", CORPORATE).text
    profile = [setting for setting in CORPORATE if not key.startswith("workforce.hr.outside")] or [CORPORATE[0]]
    settings = [*profile, "workforce.hr.outside={}"] if key.startswith("workforce.hr.outside") else profile
    assert {each.key: each.grade for each in assumptions(load("plain", settings).scenario)}[key] == grade


def test_the_workforces_page_has_every_assumption_about_it() -> None:
    """Weights of months that are all alike say nothing."""
    used = assumptions(load("plain", [CORPORATE[0], "workforce.hr.outside={}"]).scenario)
    keys = {each.key for each in used if each.key.startswith("workforce.") and each.grade is not None}
    elsewhere = {"workforce.days.moving.months", "workforce.span_of_control", "workforce.nickname_collisions"}
    assert keys - elsewhere == {key for key, _, _ in WORKFORCE}


DOORS = [
    row
    for page in ("sessions.md", "usage.md")
    for row in re.findall(r"(?m)^\| `([a-z_]+)` \| ([a-z0-9_.]+) \| ([A-D]) \|", (DOCS / page).read_text("utf-8"))
]


def test_the_settings_of_the_doors_are_those_of_the_pages() -> None:
    """Keys, defaults and grades, in the same order."""
    written = Sessions().model_dump(mode="json")
    found = []
    for key, field in Sessions.model_fields.items():
        assert isinstance(field.json_schema_extra, dict)
        default = "null" if written[key] is None else str(written[key])
        found.append((key, default, field.json_schema_extra["grade"]))
    assert found == DOORS
