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
from sim.whatif.cells import shown_columns, signed, with_half_width
from sim.whatif.chart import bars
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import run_variant, scenario_of
from sim.whatif.report import fitted, page
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


def test_figures_far_apart_are_drawn_on_a_logarithmic_scale() -> None:
    """From 1 (the power of ten below 5) to 50,000 on 70 places: 5 at .1488 of them, 50,000 at the end."""
    small, large = list(bars([("a", interval(5, None), "5"), ("b", interval(50_000, None), "50,000")]))
    assert small.index("o") - small.index("|") - 1 == round(69 * 0.69897 / 4.69897)
    assert large.index("o") - large.index("|") - 1 == 69
    assert "=" not in small
    (_, nothing) = list(bars([("a", interval(5, 1), "5"), ("b", interval(0, 0), "0"), ("c", interval(900, 1), "9")]))[
        :2
    ]
    assert nothing == f"b |{' ' * 75} 0"


def test_a_chart_is_as_wide_as_the_page() -> None:
    for width in (40, 60, 80, 120):
        lines = list(bars([("a", interval(90, 10), "90"), ("b", interval(45, None), "45")], width))
        assert max(map(len, lines)) == width


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
    assert signed("x", {"mean_difference": -0.003, "ci_low": -0.004, "ci_high": -0.002}) == "> -0.01"
    assert signed("x", {"mean_difference": 0.003, "ci_low": -0.1, "ci_high": 0.1}) == "< +0.01 ?"
    assert signed("x", None) == "-"


def test_a_small_interval_is_written_as_a_figure() -> None:
    assert with_half_width("x", interval(0.0946, 0.0042)) == "0.0946 ±0.004"
    assert with_half_width("x", interval(3.0, 0.0)) == "3 ±0"
    assert with_half_width(FIGURE, interval(60.0, 0.015)) == "1m ±0.015s"


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


@pytest.mark.parametrize("width", [40, 60, 120, 200])
def test_the_page_is_as_wide_as_it_is_told(result: dict[str, Any], width: int) -> None:
    """But for a word that is longer, such as a digest."""
    lines = [line for line in page(result, width).splitlines() if not line.startswith("result_sha256")]
    assert max(map(len, lines)) <= width
    assert sum(line.startswith("variant ") for line in lines) <= (5 if width == 200 else 30)


def test_what_counts_and_how_precise_it_was_to_be_is_told(result: dict[str, Any]) -> None:
    def told(**design: Any) -> str:
        return " ".join(page({**result, "design": {"name": "steady", **design}}, 200).splitlines()[1:3])

    assert "Steady state: the first 2d do not count." in told(warmup_s=172_800.0)
    assert "settled from the start by MSER-5, so nothing is left out." in told(warmup_s=1.0, pilot=[{}])
    assert "bring every headline interval within 5.0 % of its mean." in told(precision=0.05)
    many = {**result, "replications": 10_000, "design": {"name": "terminating", "precision": 0.05}}
    assert "Not every headline interval is within 5.0 % of its mean after so many." in page(many, 200)


def test_the_page_says_how_to_get_at_one_world(result: dict[str, Any]) -> None:
    assert "--rerun interval=20m:3" in page(result)
    assert result["result_sha256"] in page(result)


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


def test_what_has_no_interval_is_not_drawn_at_one(result: dict[str, Any]) -> None:
    """A ticket waits for no cycle, whatever the scenario's interval says."""
    ticket = {**result["variants"][1], "budget": {**result["variants"][1]["budget"], "interval_s": None}}
    assert plots.by_interval({**result, "variants": [result["variants"][0], ticket]}, FIGURE) is None


def test_a_grid_of_two_keys_gives_a_line_for_each_value_of_the_other(result: dict[str, Any]) -> None:
    def lagging(lag: str) -> list[dict[str, Any]]:
        return [{**v, "set": {**v["set"], "workforce.hr_lag": lag}} for v in result["variants"]]

    svg = plots.by_interval({**result, "variants": [*lagging("0m"), *lagging("4h")]}, FIGURE)
    assert svg is not None
    assert "hr_lag=0m" in svg
    assert "hr_lag=4h" in svg


def test_plots_take_the_colours_of_their_page(result: dict[str, Any]) -> None:
    svg = plots.by_interval(result, FIGURE)
    assert svg is not None
    assert "var(--c0, #1f5fa8)" in svg
    assert "background" not in svg
    assert "fill: #ffffff" not in svg


def test_a_morris_design_has_a_plot_too() -> None:
    def row(key: str, star: float) -> dict[str, Any]:
        return {"key": key, "effects": {plots.EXPOSURE: {"mu": star, "mu_star": star, "sigma": star / 2}}}

    svg = plots.tornado({"method": "morris", "rows": [row("workforce.rates.movers", 23.0), row("nothing", 0.0)]})
    assert svg is not None
    ElementTree.fromstring(svg)
    assert "workforce.rates.movers" in svg
    assert "nothing" not in svg
    assert plots.tornado({"method": "morris", "rows": [row("nothing", 0.0)]}) is None


def test_far_apart_figures_have_a_logarithmic_axis(hello: Comparison, result: dict[str, Any]) -> None:
    far = {**result["variants"][1], "metrics": {**result["variants"][1]["metrics"], FIGURE: interval(9e5, 1e5)}}
    svg = plots.by_variant({**result, "variants": [result["variants"][0], far]}, FIGURE)
    assert svg is not None
    assert "(logarithmic)" in svg
    assert "(logarithmic)" not in str(plots.by_variant(result, FIGURE))


def test_distributions_and_convergence_come_from_replications(hello: Comparison) -> None:
    for svg in (plots.distributions(hello), plots.convergence(hello)):
        assert svg is not None
        ElementTree.fromstring(svg)


def test_three_replications_have_no_convergence_to_show(hello: Comparison) -> None:
    few = Comparison(hello.experiment, {number: hello.results[number] for number in range(3)})
    assert plots.convergence(few) is None


def test_the_web_page_needs_nothing_else_and_says_simulated(hello: Comparison, result: dict[str, Any]) -> None:
    text = webpage(hello, result)
    assert "SIMULATED" in text
    for sentence in result["finding"]:
        assert sentence in text
    assert not re.search(r"(?:src|href)=\"(?!#)|@import|<script", text)
    assert result["result_sha256"] in text
    for part in ("Benefit, and cost a day", "What it waits for", "Theory beside simulation", "What each takes"):
        assert part in text
    assert "prefers-color-scheme: dark" in text
    assert scenario_of(hello.experiment.baseline).title in text


def test_names_cannot_get_out_of_the_web_page(hello: Comparison, result: dict[str, Any]) -> None:
    evil = "<script>alert(1)</script>"
    renamed = {**result, "baseline": evil, "variants": [{**result["variants"][0], "name": evil}, result["variants"][1]]}
    assert "<script" not in webpage(hello, renamed)
