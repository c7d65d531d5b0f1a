"""From frames to lines: pure, for any width."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockservices.clock import Millis
from sim.observation.frame import Durations
from sim.observation.stop import Stop
from sim.observation.watch import Happening
from sim.time import HOUR
from tests.tui.screen import frame_at, three
from tui import presenters
from tui.actions import ACTIONS
from tui.help_text import help_lines
from tui.presenters import Line, text_of

WIDTHS = (20, 40, 58, 78, 118, 198)


def texts(lines: list[Line]) -> list[str]:
    return [text_of(line) for line in lines]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("minutes", [0, 61, 101, 121, 215, 240])
def test_no_line_is_wider_than_its_room(width: int, minutes: int) -> None:
    frame = frame_at(minutes)
    lines = [
        presenters.numbers(frame, width),
        *presenters.feed_lines(frame, max(width, 40), 9),
        *presenters.chart(frame, frame.orphaned_points, width, 6, presenters.BAD),
        *[line for stop in (frame.lane.stops if frame.lane else ()) for line in presenters.stop_lines(stop, width, 6)],
    ]
    assert max(len(text_of(line)) for line in lines) <= max(width, 40)
    if width >= 78:
        assert len(text_of(presenters.header(frame, width))) <= width


def test_header_says_what_runs_when_and_how_fast() -> None:
    text = text_of(presenters.header(frame_at(61), 100))
    assert text.startswith("story  seed 1  SIMULATED")
    assert text.endswith("Mon 09:01  cycle 3 in 19m  [story pace]")
    assert len(text) == 100


def test_days_have_their_date_where_a_run_is_longer_than_a_week() -> None:
    frame = frame_at(61)
    assert presenters.when(frame, frame.now) == "Mon 09:01"
    assert presenters.when(replace(frame, end=Millis(8 * 86_400_000)), frame.now) == "02 Mar 09:01"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"paused": True}, "PAUSED · space"),
        ({"ended": True, "paused": True}, "THE END"),
        ({"factor": 2.0}, "story pace ×2"),
        ({"speed": 600.0}, "×600"),
        ({"speed": None}, "as fast as possible"),
    ],
)
def test_pace_is_told_in_words(more: dict[str, object], words: str) -> None:
    assert presenters.pace_text(replace(frame_at(0), **more)) == words  # type: ignore[arg-type] # plain values by name


def test_an_initial_cycle_is_counted() -> None:
    frame = frame_at(0.05, three(start_state="empty"))
    assert presenters.cycle_text(frame) == f"initial cycle {frame.cycle.done}/{frame.cycle.total}"


def test_before_anybodys_story_the_lane_tells_of_the_cycle_and_of_aws() -> None:
    def words(minutes: float, **more: object) -> list[tuple[str, str]]:
        return [(stop.state, stop.word) for stop in presenters.stops(frame_at(minutes, three(**more)))]

    assert words(1) == [
        ("idle", "nothing yet"), ("idle", "nothing yet"), ("idle", "in 39m"), ("idle", "users: 3"),
    ]  # fmt: skip
    assert words(0.05, start_state="empty")[2] == ("working", "initial cycle")
    assert words(1, provisioning__strategy="none")[2] == ("idle", "not running")


def test_a_cycle_that_is_due_at_this_very_instant_is_not_passed_over() -> None:
    """The phase is 0: it begins with the story, and the one in 40 minutes is the second."""
    frame = frame_at(0)
    assert (presenters.cycle_text(frame), presenters.stops(frame)[2].word) == ("cycle 1 begins", "begins now")
    assert presenters.cycle_text(frame_at(1)) == "cycle 2 in 39m"


@pytest.mark.parametrize("users", [1, 320, 999_999])
def test_the_number_of_users_is_never_clipped_on_the_narrowest_lane(users: int) -> None:
    stop = presenters.stops(replace(frame_at(0), active_users=users))[3]
    assert texts(presenters.stop_lines(stop, 15, 3)) == [f"· users: {users}", "active in AWS"]


def test_the_end_counts_the_cycles() -> None:
    assert presenters.cycle_text(frame_at(240)) == "6 cycles"


def test_numbers_stand_beside_their_words_and_symbols() -> None:
    assert text_of(presenters.numbers(frame_at(101), 140)) == (
        "■ orphaned access 1 person, peak 1 · ■ retained 1 · ○ waiting for access 1 person, peak 1 · ≠ out of step 2 · "
        "active users in AWS 4"
    )
    assert text_of(presenters.numbers(frame_at(101), 78)) == (
        "■ orphaned 1 person · ■ retained 1 · ○ waiting 1 person · ≠ out of step 2"
    )


def test_nothing_is_said_by_style_alone() -> None:
    for state, (symbol, style) in presenters.SYMBOLS.items():
        line = presenters.stop_title(Stop("HR", state, "so it is", ()))  # type: ignore[arg-type] # every state
        assert line == ((f"{symbol} so it is", style),)
    assert len({symbol for symbol, _ in presenters.SYMBOLS.values()}) == len(presenters.SYMBOLS)


def test_a_station_that_has_more_to_say_than_room_says_how_much() -> None:
    stop = Stop("Next cycle", "waiting", "in 3m", tuple(f"add to Group {i}" for i in range(9)))
    lines = texts(presenters.stop_lines(stop, 20, 5))
    assert lines[:2] == ["○ in 3m", "add to Group 0"]
    assert lines[-1] == "and 6 more"
    assert len(lines) == 5


def test_grants_of_a_lane_carry_the_word_for_their_state() -> None:
    lane = frame_at(101).lane
    assert lane is not None
    assert texts(presenters.stop_lines(lane.stops[3], 20, 8)) == [
        "■ active", "■ RETAINED", "  ReadOnly on dev", "○ WAITING", "  PowerUser on dev",
    ]  # fmt: skip


def test_feed_is_the_latest_first_and_says_what_comes_next() -> None:
    frame = frame_at(61)
    assert [" ".join(text.split()) for text in texts(presenters.feed_lines(frame, 80, 5))] == [
        "Mon 09:00 Dan Example joined ○ waits for the cycle"
    ]
    assert texts(presenters.feed_lines(frame_at(1), 80, 5))[0].startswith("Nothing has happened yet")
    assert presenters.feed_lines(frame, 80, 0) == []


def test_what_is_too_long_for_a_line_of_the_feed_goes_on_below_and_loses_no_word() -> None:
    long = "gives GRP-AWS-Security IDSentinel-SecurityAudit on security-audit-and-log-archive in the console, by hand"
    rows = (
        Happening(HOUR, "script", "AWS admin", long, ""),
        Happening(2 * HOUR, "directory", "Christopher Mcdonald", "HR has told the directory", "cycle"),
    )
    frame = replace(frame_at(61), feed=rows)
    assert texts(presenters.feed_lines(frame, 76, 9)) == [
        "Mon 10:00  Christopher Mcdonald  HR has told the directory  ○ the cycle",
        "Mon 09:00  AWS admin             gives GRP-AWS-Security",
        "                                 IDSentinel-SecurityAudit on",
        "                                 security-audit-and-log-archive in the",
        "                                 console, by hand",
    ]
    assert len(presenters.feed_lines(frame, 76, 2)) == 2


def test_columns_keep_a_spike_that_is_shorter_than_they_are() -> None:
    points = ((0, 0), (510, 3), (511, 0), (900, 1))
    assert presenters.columns(points, 1000, 1000, 10) == [0, 0, 0, 0, 0, 3, 0, 0, 0, 1]


def test_columns_end_where_time_has_come_to() -> None:
    assert presenters.columns(((0, 2),), 1000, 450, 10) == [2, 2, 2, 2, 2, None, None, None, None, None]


def test_bars_reach_the_top_for_the_most_and_show_the_least() -> None:
    assert presenters.bars([0, 1, 64, 32, None], 2, 64) == ["  █  ", "·▁██ "]


def test_chart_has_a_scale_and_the_time_below() -> None:
    lines = texts(presenters.chart(frame_at(240), ((0, 0), (3_600_000, 2), (7_200_000, 0)), 42, 4, presenters.BAD))
    assert [line[:2] for line in lines] == ["2 ", "  ", "0 ", "  "]
    assert lines[-1].split() == ["Mon", "08:00", "Mon", "12:00"]
    assert lines[0].index("█") == lines[2].index("█") == 12


def test_the_time_axis_of_a_year_has_the_years_at_its_ends() -> None:
    """From 2 March 2026 on, 365 days and 30."""

    def axis(days: int) -> str:
        lines = presenters.chart(replace(frame_at(0), end=Millis(days * 86_400_000)), (), 60, 4, "bad")
        return " ".join(text_of(lines[-1]).split())

    assert axis(365) == "02 Mar 2026 02 Mar 2027"
    assert axis(30) == "02 Mar 08:00 01 Apr 08:00"


def test_where_tickets_carry_the_dashboard_waits_for_no_cycle() -> None:
    by_ticket = presenters.out_of_step_lines(frame_at(61, three(provisioning__strategy="ticket")), 40, 6)
    assert texts(by_ticket) == ["1 ticket open"]
    assert texts(presenters.out_of_step_lines(frame_at(0), 40, 6)) == ["no cycle yet"]
    none = presenters.out_of_step_lines(frame_at(61, three(provisioning__strategy="none")), 40, 6)
    assert texts(none) == ["no cycles run"]


def test_out_of_step_is_told_for_the_last_cycle() -> None:
    assert texts(presenters.divergence_lines((), 40, 6)) == ["no cycle yet"]
    lines = texts(presenters.divergence_lines(frame_at(121).divergence, 40, 6))
    assert lines[-2:] == ["cycles 1 to 4, just before each", "the last: 2 before, 0 after"]


def test_durations_are_listed_while_few_and_summed_up_after() -> None:
    few = Durations("leaver", 2, 1, (60.0, 3600.0), None, None, 3600.0)
    many = Durations("joiner", 25, 0, None, 60.0, 120.0, 180.0)
    assert texts(presenters.duration_lines((few, many), 60, 5)) == [
        "leavers (2) 1m, 1h ○ 1 open", "joiners (25) p50 1m, p95 2m, max 3m",
    ]  # fmt: skip
    assert texts(presenters.duration_lines((), 60, 5)) == ["nothing has arrived yet"]


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
    assert texts(presenters.duration_lines((many,), width, 5)) == [told]


def test_of_durations_that_do_not_fit_the_first_are_told_and_none_is_cut() -> None:
    few = Durations("leaver", 3, 1, (60.0, 3600.0, 7200.0), None, None, 7200.0)
    assert texts(presenters.duration_lines((few,), 28, 5)) == ["leavers (3) 1m, … ○ 1 open"]


def test_a_title_that_does_not_fit_leaves_out_what_stands_on_the_scale() -> None:
    frame = replace(frame_at(215), toxic=0)
    told = "■ Orphaned 1, retained 0, peak 1, toxic 0"
    assert presenters.orphaned_title(frame) == presenters.orphaned_title(frame, len(told)) == told
    assert presenters.orphaned_title(frame, 34) == "■ Orphaned 1, retained 0, toxic 0"
    assert presenters.orphaned_title(frame, 26) == "■ Orphaned 1, retained 0"
    assert presenters.waiting_title(frame, 30) == "○ Waiting for access 0, peak 1"
    assert presenters.waiting_title(frame, 29) == "○ Waiting for access 0"


def test_several_grants_of_one_state_stand_below_one_word_for_it() -> None:
    stop = Stop("AWS", "trouble", "active", ("WAITING: A on x", "WAITING: B on x", "works: C on x", "WAITING: D on x"))
    assert texts(presenters.stop_lines(stop, 20, 9)) == [
        "■ active", "○ WAITING", "  A on x", "  B on x", "● works", "  C on x", "○ WAITING", "  D on x",
    ]  # fmt: skip


def test_a_long_sentence_is_wrapped_and_a_longer_one_cut() -> None:
    assert presenters.wrapped("one two three four", 9, 2) == ["one two", "three fo…"]


def test_help_lists_every_key_with_its_sentence() -> None:
    text = "\n".join(texts(help_lines()))
    for action in ACTIONS:
        assert f"  {action.shown} " in text
        assert action.help in text
