from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sim.bench import NAMES, measure, run, session, sweeps, table
from sim.bench.companies import plain
from sim.bench.cycles import CycleCost
from sim.bench.floor import Instants, Recording
from sim.bench.measure import Samples
from sim.bench.memory import Memory
from sim.bench.rows import cycle_row, growth_row, memory_row, screen_row, sweep_row, year_row
from sim.bench.sweeps import GRIDS, Grid, Sweep
from sim.bench.years import Year
from sim.errors import JmlabError
from sim.scenario import Scenario

KEYS = ["name", "value", "unit", "baseline", "ratio", "target", "met", "note"]
SHORT = [
    "year-10k", "year-100k", "year-10k-rss", "year-100k-rss", "cycle-cost-10k", "cycle-cost-100k", "cycle-cost-1m",
    "mapping", "sessions-10k", "sweep-1k", "screen-1k",
]  # fmt: skip


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sizes of the rows are tiny, a year is five days, and nothing is measured more often than it has to be."""

    def days(size: int, *settings: str) -> Scenario:
        return plain(size, "duration=5d", *settings)

    monkeypatch.setattr(session, "SIZES", {"10k": 200, "100k": 300, "1m": 400})
    monkeypatch.setattr(session, "plain", days)
    monkeypatch.setattr(session, "measure_memory", lambda size: Memory(50.0, 50.0 + size))
    monkeypatch.setattr(session, "measure_sweep", lambda name, chosen, progress: sweep(chosen))
    monkeypatch.setattr(session, "CYCLES", 3)
    monkeypatch.setattr(session, "CYCLES_IN_FULL", 4)
    monkeypatch.setattr(measure, "ENOUGH", 0.0)


def year(run: tuple[float, ...], floor: tuple[float, ...]) -> Year:
    instants = Instants(np.arange(2_000), np.arange(7_000), np.arange(36))
    return Year(Recording(instants, 1.0, 36, "garbage collector off"), Samples(run), Samples(floor))


def sweep(chosen: Grid) -> Sweep:
    return Sweep(chosen, Samples((90.0, 60.0, 75.0)), Samples((2.0, 3.0, 2.5)), Samples((10.0, 11.0, 9.0)), 2)


def test_a_sweep_is_judged_against_its_floors_and_a_screening_against_the_sweep() -> None:
    """75 / 10 floors is 7.5, of at most 8; 2.5 / 75 is a thirtieth, of at most a thirtieth."""
    swept, screened = sweep_row("sweep", sweep(GRIDS[""]), 8.0), screen_row("screen", sweep(GRIDS[""]), 1 / 30)
    assert (swept.value, swept.ratio, swept.met) == (75.0, 7.5, True)
    assert (screened.value, screened.ratio, screened.met) == (2.5, 0.03333, True)
    assert "10 intervals x 30 replications x 10,000 people x 365d" in swept.note


@pytest.mark.slow
def test_a_tiny_sweep_takes_longer_than_its_screening_and_its_floors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "ROUNDS", 1)
    found = sweeps.measure_sweep("tiny", Grid(100, "2d", "1h,2h", 2), lambda told: None)
    assert found.simulated.middle > found.arithmetic.middle > 0
    assert found.simulated.middle > found.floors.middle > 0


@pytest.mark.usefixtures("tiny")
def test_the_rows_are_those_that_take_little_time_unless_all_are_wanted() -> None:
    assert [row["name"] for row in run()["rows"]] == SHORT
    assert [row["name"] for row in run(full=True)["rows"]] == list(NAMES)


@pytest.mark.usefixtures("tiny")
def test_the_result_is_a_json_object_whose_rows_have_every_key() -> None:
    result = json.loads(json.dumps(run(full=True), allow_nan=False))
    assert list(result) == ["machine", "rows"]
    for row in result["rows"]:
        assert list(row) == KEYS
        assert row["value"] != 0
        assert (row["ratio"] is None) == (row["baseline"] is None)
        assert row["met"] is None or row["target"] is not None
        assert row["note"]


@pytest.mark.usefixtures("tiny")
def test_what_two_rows_need_is_measured_once() -> None:
    told: list[str] = []
    run(["growth-100k-1m", "year-1m", "year-1m-rss"], progress=told.append)
    assert len([line for line in told if line.startswith("year-1m: recorded")]) == 1
    assert len([line for line in told if "a process of its own" in line]) == 1
    assert not [line for line in told if line.startswith("year-10k")]


@pytest.mark.usefixtures("tiny")
def test_a_row_measured_alone_still_has_its_baseline() -> None:
    (row,) = run(["cycle-cost-1m"])["rows"]
    assert row["baseline"] > 0
    assert row["ratio"] == pytest.approx(row["value"] / row["baseline"], rel=0.01)


def test_a_name_that_no_row_has_is_told_with_all_that_there_are() -> None:
    with pytest.raises(JmlabError) as told:
        run(["year-10k", "year-10kk"])
    sentence = str(told.value)
    assert sentence.startswith("the bench has no row 'year-10kk'; its rows are year-10k, year-100k, ")
    assert sentence.endswith("; did you mean 'year-10k'?")
    assert all(name in sentence for name in NAMES)
    assert told.value.exit_code == 2


def test_a_year_is_judged_by_how_many_times_its_floor_it_takes() -> None:
    """Medians: 9 s against 1 s, nine times the floor."""
    measured = year((8.0, 9.0, 30.0), (1.0, 1.1, 0.5))
    met = year_row("year", measured, Memory(50, 120), 9.0)
    assert (met.value, met.unit, met.baseline, met.ratio, met.met) == (9, "s", 1, 9, True)
    assert year_row("year", measured, Memory(50, 120), 8.9).met is False


def test_the_note_of_a_year_says_what_was_on_and_how_much_happened() -> None:
    note = year_row("year", year((1.0,), (1.0,)), Memory(50, 120), None).note
    for part in (
        "trace digest", "provisioning log", "causes", "divergence", "latencies", "no journal", "garbage collector off",
        "2,000 events", "7,000 requests", "36 cycles", "run 1.00 s [1.00..1.00], n=1", "peak RSS 120 MB",
    ):  # fmt: skip
        assert part in note


def test_memory_is_judged_in_megabytes() -> None:
    row = memory_row("memory", Memory(50, 300), 400)
    assert (row.value, row.unit, row.baseline, row.ratio, row.target, row.met) == (300, "MB", 50, 6, 400, True)
    assert memory_row("memory", Memory(50, 401), 400).met is False


def test_growth_is_the_power_by_which_the_time_rises() -> None:
    """Ten times the people: 100 times the seconds is the power 2, ten times the floor is the power 1."""
    smaller, larger = year((2.0,), (1.0,)), year((200.0,), (10.0,))
    row = growth_row("growth", smaller, larger, 1.2)
    assert (row.value, row.baseline, row.ratio, row.met) == (2, 1, 2, False)
    assert growth_row("growth", smaller, larger, 2).met is True


def test_a_cycle_is_judged_against_the_smallest_company() -> None:
    small, large = CycleCost(10, 5, 12.0, Samples((0.001,) * 3)), CycleCost(99, 5, 12.0, Samples((0.0019,) * 3))
    alone = cycle_row("small", small, None, 2)
    assert (alone.value, alone.baseline, alone.ratio, alone.target, alone.met) == (0.001, None, None, None, None)
    row = cycle_row("large", large, small, 2)
    assert (row.value, row.baseline, row.ratio, row.target, row.met) == (0.0019, 0.001, 1.9, 2, True)
    assert "5 changes" in row.note


def test_figures_are_rounded_only_after_they_are_judged() -> None:
    row = year_row("year", year((10.0001,), (1.0,)), Memory(50, 120), 10)
    assert (row.ratio, row.met) == (10, False)


# --- the table ---

MACHINE: dict[str, Any] = {
    "python": "3.11.7", "implementation": "CPython", "cpus": 2, "platform": "Linux x86_64", "load_average": [0.5, 0, 0],
}  # fmt: skip


def shown(**changes: Any) -> dict[str, Any]:
    row = {
        "name": "year-10k", "value": 1.5, "unit": "s", "baseline": 0.25, "ratio": 6.0, "target": 10.0, "met": True,
        "note": "so it was measured",
    }  # fmt: skip
    return {"machine": MACHINE, "rows": [row | changes]}


def test_the_table_has_a_line_for_every_row_and_a_note_for_each() -> None:
    assert table(shown(), 80).splitlines() == [
        "CPython 3.11.7 on Linux x86_64, 2 processors, load average 0.50",
        "",
        "row        value  baseline  ratio  target  met",
        "year-10k  1.50 s   0.250 s  6.00×   ≤ 10×  yes",
        "",
        "year-10k: so it was measured",
    ]


@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        ({"met": False}, "year-10k  1.50 s   0.250 s  6.00×   ≤ 10×   no"),
        ({"unit": "MB", "target": 400.0}, "year-10k  1.50 MB  0.250 MB  6.00×  ≤ 400 MB  yes"),
        ({"unit": "", "target": 1.2}, "year-10k   1.50     0.250  6.00×   ≤ 1.2  yes"),
        ({"baseline": None, "ratio": None, "target": None, "met": None}, "year-10k  1.50 s"),
    ],
)
def test_a_target_is_shown_in_the_unit_that_it_limits(changes: dict[str, Any], cells: str) -> None:
    assert table(shown(**changes), 80).splitlines()[3] == cells


def test_notes_are_folded_to_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    result = shown(note="word " * 60)
    assert max(map(len, table(result, 60).splitlines()[4:])) <= 60
    monkeypatch.setenv("COLUMNS", "50")
    assert max(map(len, table(result).splitlines()[4:])) <= 50


def test_a_machine_without_a_load_average_is_shown_without_one() -> None:
    result = shown()
    result["machine"] = MACHINE | {"load_average": None}
    assert table(result, 80).splitlines()[0] == "CPython 3.11.7 on Linux x86_64, 2 processors"
