"""Tables, charts, plots and pages hold the result's figures, and nothing that could harm a reader."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from sim.whatif import plots
from sim.whatif.chart import bars
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import run_variant
from sim.whatif.report import fitted, page, shown_columns, signed
from sim.whatif.tabular import COLUMNS, csv_text, write_parquet
from sim.whatif.webpage import webpage

FIGURE = "latency.leaver.mean_s"


def interval(mean: float, half: float | None) -> dict[str, Any]:
    low, high = (None, None) if half is None else (mean - half, mean + half)
    return {"mean": mean, "ci_low": low, "ci_high": high}


def test_bars_are_to_scale_with_their_intervals() -> None:
    """80 columns: 1 for the name, 3 for signs, 2 for the figure leave 74; 100 ends at the last, 50 at the half."""
    long, short = list(bars([("a", interval(90, 10), "90"), ("b", interval(45, None), "45")]))
    assert long.index("]") - long.index("|") == 74
    assert short.count("=") == round(45 * 73 / 100) + 1
    assert max(len(long), len(short)) <= 80


def test_where_there_is_nothing_to_draw_nothing_is_drawn() -> None:
    assert list(bars([])) == []
    assert list(bars([("a", interval(0, 0), "0")])) == []


def test_a_table_that_is_too_wide_goes_on_below() -> None:
    lines = list(fitted(("variant", "x" * 40, "y" * 40), [("a", "1", "2")]))
    assert max(map(len, lines)) <= 80
    assert [line.split() for line in lines if line[:1] == "a"] == [["a", "1"], ["a", "2"]]


def test_a_difference_says_whether_it_may_be_chance() -> None:
    assert signed("x", {"mean_difference": -2.0, "ci_low": -3.0, "ci_high": -1.0}) == "-2"
    assert signed("x", {"mean_difference": 2.0, "ci_low": -1.0, "ci_high": 5.0}) == "+2 ?"
    assert signed("x", {"mean_difference": 0.0, "ci_low": 0.0, "ci_high": 0.0}) == "0"
    assert signed("x", None) == "-"


def test_columns_of_what_nobody_has_are_left_out(result: dict[str, Any]) -> None:
    assert "provisioning.retries" not in shown_columns(result)
    metrics = {**result["variants"][0]["metrics"], "provisioning.retries": interval(3.0, 1.0)}
    failing = {**result, "variants": [{**result["variants"][0], "metrics": metrics}]}
    assert "provisioning.retries" in shown_columns(failing)


def test_the_page_is_for_a_terminal_of_80_columns(result: dict[str, Any]) -> None:
    text = page(result)
    assert text.startswith("SIMULATED: hello, 2 variants x 4 replications, seed 7\n")
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text


def test_csv_has_a_row_for_every_figure_from_which_its_world_can_be_run_again(hello: Comparison) -> None:
    found = list(csv.DictReader(io.StringIO(csv_text(hello))))
    assert tuple(found[0]) == COLUMNS
    row = next(r for r in found if r["figure"] == FIGURE and r["replication"] == "2" and r["variant"] == "interval=20m")
    variant = next(v for v in hello.experiment.variants if v.name == row["variant"])
    assert float(row["value"]) == run_variant(variant, int(row["seed"]), 2)[FIGURE]


def test_parquet_says_what_csv_says(hello: Comparison, tmp_path: Path) -> None:
    write_parquet(hello, tmp_path / "results.parquet")
    table = pq.read_table(tmp_path / "results.parquet")
    assert tuple(table.column_names) == COLUMNS
    rows = list(csv.DictReader(io.StringIO(csv_text(hello))))
    assert table.num_rows == len(rows)
    assert [float(row["value"]) for row in rows] == table.column("value").to_pylist()


@pytest.mark.parametrize("key", [FIGURE, plots.EXPOSURE, "provisioning.requests"])
def test_plots_are_xml_and_the_same_every_time(result: dict[str, Any], key: str) -> None:
    svg = plots.by_interval(result, key)
    assert svg is not None
    ElementTree.fromstring(svg)
    assert svg == plots.by_interval(result, key)


def test_an_interval_that_nobody_varied_gives_no_plot_over_intervals(result: dict[str, Any]) -> None:
    alone = {**result, "variants": result["variants"][:1]}
    assert plots.by_interval(alone, FIGURE) is None
    assert plots.by_variant(alone, FIGURE) is not None


def test_distributions_and_convergence_come_from_replications(hello: Comparison) -> None:
    for svg in (plots.distributions(hello), plots.convergence(hello)):
        assert svg is not None
        ElementTree.fromstring(svg)


def test_the_web_page_needs_nothing_else_and_says_simulated(hello: Comparison, result: dict[str, Any]) -> None:
    text = webpage(hello, result)
    assert "SIMULATED" in text
    for sentence in result["finding"]:
        assert sentence in text
    assert not re.search(r"(?:src|href)=\"(?!#)|@import|<script", text)
    assert result["result_sha256"] in text


def test_names_cannot_get_out_of_the_web_page(hello: Comparison, result: dict[str, Any]) -> None:
    evil = "<script>alert(1)</script>"
    renamed = {**result, "variants": [{**result["variants"][0], "name": evil}, result["variants"][1]]}
    assert "<script" not in webpage(hello, renamed)
