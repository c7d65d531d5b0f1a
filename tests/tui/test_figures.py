"""The dashboard's figures in lines of text: what does not fit is left out whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockservices.clock import Millis
from sim.observation.frame import Durations
from tests.tui.screen import frame_at, three
from tui import figures
from tui.presenters import BAD, Line, text_of


def texts(lines: list[Line]) -> list[str]:
    return [text_of(line) for line in lines]


def test_columns_keep_a_spike_that_is_shorter_than_they_are() -> None:
    points = ((0, 0), (510, 3), (511, 0), (900, 1))
    assert figures.columns(points, 1000, 1000, 10) == [0, 0, 0, 0, 0, 3, 0, 0, 0, 1]


def test_columns_end_where_time_has_come_to() -> None:
    assert figures.columns(((0, 2),), 1000, 450, 10) == [2, 2, 2, 2, 2, None, None, None, None, None]


def test_bars_reach_the_top_for_the_most_and_show_the_least() -> None:
    assert figures.bars([0, 1, 64, 32, None], 2, 64) == ["  █  ", "·▁██ "]


def test_chart_has_a_scale_and_the_time_below() -> None:
    lines = texts(figures.chart(frame_at(240), ((0, 0), (3_600_000, 2), (7_200_000, 0)), 42, 4, BAD))
    assert [line[:2] for line in lines] == ["2 ", "  ", "0 ", "  "]
    assert lines[-1].split() == ["Mon", "08:00", "Mon", "12:00"]
    assert lines[0].index("█") == lines[2].index("█") == 12


def test_the_time_axis_of_a_year_has_the_years_at_its_ends() -> None:
    """From 2 March 2026 on, 365 days and 30."""

    def axis(days: int) -> str:
        lines = figures.chart(replace(frame_at(0), end=Millis(days * 86_400_000)), (), 60, 4, "bad")
        return " ".join(text_of(lines[-1]).split())

    assert axis(365) == "02 Mar 2026 02 Mar 2027"
    assert axis(30) == "02 Mar 08:00 01 Apr 08:00"


def test_where_tickets_carry_the_dashboard_waits_for_no_cycle() -> None:
    by_ticket = figures.out_of_step_lines(frame_at(61, three(provisioning__strategy="ticket")), 40, 6)
    assert texts(by_ticket) == ["1 ticket open"]
    assert texts(figures.out_of_step_lines(frame_at(0), 40, 6)) == ["no cycle yet"]
    none = figures.out_of_step_lines(frame_at(61, three(provisioning__strategy="none")), 40, 6)
    assert texts(none) == ["no cycles run"]


def test_out_of_step_is_told_for_the_last_cycle() -> None:
    assert texts(figures.divergence_lines((), 40, 6)) == ["no cycle yet"]
    lines = texts(figures.divergence_lines(frame_at(121).divergence, 40, 6))
    assert lines[-2:] == ["cycles 1 to 4, just before each", "the last: 2 before, 0 after"]


def test_durations_are_listed_while_few_and_summed_up_after() -> None:
    few = Durations("leaver", 2, 1, (60.0, 3600.0), None, None, 3600.0)
    many = Durations("joiner", 25, 0, None, 60.0, 120.0, 180.0)
    assert texts(figures.duration_lines((few, many), 60, 5)) == [
        "leavers (2) 1m, 1h ○ 1 open", "joiners (25) p50 1m, p95 2m, max 3m",
    ]  # fmt: skip
    assert texts(figures.duration_lines((), 60, 5)) == ["nothing has arrived yet"]


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (60, "joiners (25) p50 1m, p95 2m, max 3m"),
        (34, "joiners (25) p50 1m, max 3m"),
        (26, "joiners (25) p50 1m"),
    ],
)
def test_percentiles_that_do_not_fit_are_left_out_whole(width: int, told: str) -> None:
    many = Durations("joiner", 25, 0, None, 60.0, 120.0, 180.0)
    assert texts(figures.duration_lines((many,), width, 5)) == [told]


def test_of_durations_that_do_not_fit_the_first_are_told_and_none_is_cut() -> None:
    few = Durations("leaver", 3, 1, (60.0, 3600.0, 7200.0), None, None, 7200.0)
    assert texts(figures.duration_lines((few,), 28, 5)) == ["leavers (3) 1m, … ○ 1 open"]


def test_a_title_that_does_not_fit_leaves_out_what_stands_on_the_scale() -> None:
    frame = replace(frame_at(215), toxic=0)
    told = "■ Orphaned 1, retained 0, peak 1, toxic 0"
    assert figures.orphaned_title(frame) == figures.orphaned_title(frame, len(told)) == told
    assert figures.orphaned_title(frame, 34) == "■ Orphaned 1, retained 0, toxic 0"
    assert figures.orphaned_title(frame, 26) == "■ Orphaned 1, retained 0"
    assert figures.waiting_title(frame, 30) == "○ Waiting for access 0, peak 1"
    assert figures.waiting_title(frame, 29) == "○ Waiting for access 0"
