"""From frames to lines: pure, for any width."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockservices.clock import Millis
from sim.observation.stop import Stop
from sim.observation.watch import Happening
from sim.time import HOUR
from tests.tui.screen import frame_at, three
from tui import figures, presenters
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
        *figures.chart(frame, frame.orphaned_points, width, 6, presenters.BAD),
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
