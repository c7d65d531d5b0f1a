"""YAML 1.2 read into plain values, with places, in bounded work."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import ScenarioError
from sim.scenario.document import MAX_ALIASES, MAX_NODES, Plain, compose


def value_of(written: str) -> Plain:
    root = compose(f"key: {written}\n", "x.yaml").root
    assert isinstance(root, dict)
    return root["key"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("7", 7),
        ("-7", -7),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        (".inf", math.inf),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-03-02", "2026-03-02"),
        ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00Z"),
        ("1" + "0" * 30, 1e30),
        ("'7'", "7"),
        ('"true"', "true"),
        ("<<", "<<"),
        ("[1, {a: b}]", [1, {"a": "b"}]),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(written: str, expected: Plain) -> None:
    read = value_of(written)
    if isinstance(expected, float):
        assert read == pytest.approx(expected)
    else:
        assert read == expected
        assert type(read) is type(expected)


def test_not_a_number_is_a_number_of_that_kind() -> None:
    read = value_of(".nan")
    assert isinstance(read, float)
    assert math.isnan(read)


def test_keys_and_entries_know_their_places() -> None:
    document = compose("# comment\na: 1\nb:\n  - c: 2\n  - d\n", "x.yaml")
    assert dict(document.places) == {
        (): (2, 1),
        ("a",): (2, 1),
        ("b",): (3, 1),
        ("b", 0): (4, 5),
        ("b", 0, "c"): (4, 5),
        ("b", 1): (5, 5),
    }


def test_what_is_not_there_has_the_place_of_what_is_around_it() -> None:
    document = compose("a: 1\nb:\n  c: 2\n", "x.yaml")
    assert document.place(("b", "missing", 3)) == (2, 1)
    assert document.place(("missing",)) == (1, 1)


def test_byte_order_mark_and_windows_line_ends_are_no_obstacle() -> None:
    assert compose("a: 1\r\nb: 2\r\n", "x.yaml").root == {"a": 1, "b": 2}


def test_version_1_2_may_be_said() -> None:
    assert compose("%YAML 1.2\n---\na: 1\n...\n", "x.yaml").root == {"a": 1}


def test_aliases_are_written_out() -> None:
    root = compose("a: &x {k: [1, 2]}\nb: *x\nc: [*x]\n", "x.yaml").root
    assert root == {"a": {"k": [1, 2]}, "b": {"k": [1, 2]}, "c": [{"k": [1, 2]}]}


def test_alias_may_be_a_key() -> None:
    assert compose("a: &x name\n*x : 1\n", "x.yaml").root == {"a": "name", "name": 1}


def test_aliases_are_capped_by_number_and_by_what_they_come_to() -> None:
    enough = ", ".join(["*x"] * MAX_ALIASES)
    assert compose(f"a: &x 1\nb: [{enough}]\n", "x.yaml").root is not None
    with pytest.raises(ScenarioError, match="too many aliases"):
        compose(f"a: &x 1\nb: [{enough}, *x]\n", "x.yaml")
    wide = ", ".join(["1"] * (MAX_NODES // 50))
    with pytest.raises(ScenarioError, match="too many values"):
        compose(f"a: &x [{wide}]\nb: [{enough}]\n", "x.yaml")


@pytest.mark.parametrize("text", ["[" * 400_000, "{a: " * 200_000, "- " * 400_000, "? " * 400_000, "a: &a [*a, *a]"])
def test_depth_costs_nothing(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(ScenarioError):
        compose(text, "x.yaml")
    assert time.perf_counter() - began < 5


@given(st.text(alphabet="ab:-[]{}&*!?|>'\"#%@,.~ \n\t\\0xU\u2028\x85é😀", max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    said = ""
    try:
        compose(text, "x.yaml")
    except ScenarioError as error:
        said = str(error)
    assert not said or said.startswith("x.yaml")
    assert said.isprintable()
