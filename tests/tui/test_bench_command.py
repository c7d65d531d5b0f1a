"""`jmlab bench`: hands on what is asked for and prints what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.tui.conftest import Call

ROW = {
    "name": "year-10k", "value": 1.5, "unit": "s", "baseline": 0.5, "ratio": 3.0, "target": 10.0, "met": True,
    "note": "made up",
}  # fmt: skip
MACHINE = {"implementation": "CPython", "python": "3.11", "platform": "x", "cpus": 2, "load_average": None}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], bool]]:
    """What the bench was asked for; it measures nothing."""
    calls: list[tuple[list[str], bool]] = []

    def run(only: Sequence[str], full: bool, progress: Callable[[str], None] | None) -> dict[str, Any]:
        calls.append((list(only), full))
        return {"machine": MACHINE, "rows": [ROW]}

    monkeypatch.setattr("sim.bench.run", run)
    return calls


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], ([], False)),
        (["--full"], ([], True)),
        (["--only", "a"], (["a"], False)),
        (["--only", "a", "--only", "b"], (["a", "b"], False)),
        (["--only", "a", "b", "--format", "json"], (["a", "b"], False)),
    ],
)
def test_rows_are_chosen_by_name(
    asked: list[tuple[list[str], bool]], jmlab: Call, arguments: list[str], wanted: tuple[list[str], bool]
) -> None:
    assert jmlab("bench", *arguments).code == 0
    assert asked == [wanted]


def test_json_is_what_was_measured(asked: list[tuple[list[str], bool]], jmlab: Call) -> None:
    outcome = jmlab("bench", "--format", "json")
    assert (json.loads(outcome.out), outcome.err) == ({"machine": MACHINE, "rows": [ROW]}, "")


def test_table_has_a_line_for_every_row(asked: list[tuple[list[str], bool]], jmlab: Call) -> None:
    outcome = jmlab("bench")
    assert any(line.startswith("year-10k ") for line in outcome.out.splitlines())


def test_unknown_row_is_refused_before_anything_is_measured(jmlab: Call) -> None:
    outcome = jmlab("bench", "--only", "year-10")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (2, "", 1)
    assert "year-10k" in outcome.err


def test_row_without_the_option_is_refused_with_what_to_write(asked: list[tuple[list[str], bool]], jmlab: Call) -> None:
    outcome = jmlab("bench", "year-10k")
    assert (outcome.code, asked) == (2, [])
    assert outcome.err.startswith("jmlab bench: 'year-10k' is not expected here; write --only year-10k ")
