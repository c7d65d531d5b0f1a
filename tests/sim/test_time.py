"""Durations and instants as people write them."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockservices.clock import Millis
from sim.time import (
    DAY,
    DURATION_PATTERN,
    HOUR,
    LONGEST,
    MINUTE,
    SECOND,
    SIGNED_DURATION_PATTERN,
    WEEK,
    TimeError,
    format_duration,
    looks_like_instant,
    parse_duration,
    parse_instant,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100ms", 100),
        ("1s", SECOND),
        ("40m", 40 * MINUTE),
        ("24h", DAY),
        ("90d", 90 * DAY),
        ("2w", 2 * WEEK),
        ("1h30m", HOUR + 30 * MINUTE),
        ("1m1ms", MINUTE + 1),
        ("1w2d3h4m5s6ms", WEEK + 2 * DAY + 3 * HOUR + 4 * MINUTE + 5 * SECOND + 6),
        ("0m", 0),
        ("PT40M", 40 * MINUTE),
        ("P1DT2H", DAY + 2 * HOUR),
        ("P2W", 2 * WEEK),
        ("PT1H30M15S", HOUR + 30 * MINUTE + 15 * SECOND),
        ("P1D", DAY),
    ],
)
def test_each_form_has_its_milliseconds(text: str, expected: int) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["40", "1.5", "-3", "+3", "0"])
def test_number_without_a_unit_is_refused(text: str) -> None:
    with pytest.raises(TimeError, match=rf"^{re.escape(text)} has no unit; write a duration such as 100ms, 40m"):
        parse_duration(text)


def test_integer_is_refused_because_it_has_no_unit() -> None:
    with pytest.raises(TimeError, match=r"^40 has no unit; "):
        parse_duration(40)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "PT",
        "P1DT",
        "40min",
        "40 m",
        "m",
        "30m1h",
        "1h1h",
        "1.5h",
        "PT0.5S",
        "P1Y",
        "P1M",
        "40M",
        "h40",
        "1h\n",
    ],
)
def test_any_other_form_is_refused_with_the_allowed_ones(text: str) -> None:
    with pytest.raises(TimeError, match=r"is not a duration; write one such as 100ms, 40m, 24h, 90d, 2w, 1h30m, PT40M"):
        parse_duration(text)


def test_negative_duration_is_refused_unless_allowed() -> None:
    with pytest.raises(TimeError, match=r"^-40m is negative; write it without a minus sign"):
        parse_duration("-40m")
    assert parse_duration("-40m", allow_negative=True) == -40 * MINUTE
    assert parse_duration("-PT40M", allow_negative=True) == -40 * MINUTE


@pytest.mark.parametrize("text", ["36526d", "9" * 5000 + "ms", "-36526d"])
def test_more_than_a_century_is_refused(text: str) -> None:
    with pytest.raises(TimeError, match=r"is too long; the longest duration is 36525d$"):
        parse_duration(text, allow_negative=True)


def test_error_is_a_user_error_with_exit_code_2() -> None:
    assert TimeError.exit_code == 2
    assert issubclass(TimeError, ValueError)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (0, "0m"),
        (100, "100ms"),
        (40 * MINUTE, "40m"),
        (90 * MINUTE, "1h30m"),
        (DAY, "1d"),
        (90 * DAY, "90d"),
        (-2 * DAY - 1, "-2d1ms"),
    ],
)
def test_duration_is_written_in_its_shortest_exact_form(duration: int, expected: str) -> None:
    assert format_duration(duration) == expected


@given(st.integers(-LONGEST, LONGEST))
def test_what_is_written_reads_back(duration: int) -> None:
    assert parse_duration(format_duration(duration), allow_negative=True) == duration


@given(st.from_regex(DURATION_PATTERN).map(str.strip) | st.text(max_size=12))
def test_schema_pattern_and_parser_agree_on_the_form(text: str) -> None:
    try:
        parse_duration(text, allow_negative=True)
        readable = True
    except TimeError as error:
        readable = "is too long" in str(error)
    assert readable == (re.fullmatch(SIGNED_DURATION_PATTERN, text) is not None)


def test_instant_is_read_in_any_time_zone() -> None:
    expected = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert parse_instant("2026-03-02T08:00:00Z") == expected
    assert parse_instant("2026-03-02T09:00:00+01:00") == expected
    assert parse_instant("2026-03-02 08:00Z").tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-03-02T08:00:00", "has no time zone"),
        ("2026-03-02", "has no time zone"),
        ("soon", "is not a date and time"),
        ("2026-13-02T08:00:00Z", "is not a date and time"),
        ("0001-01-01T00:00:00+14:00", "the year must lie between 1970 and 2200"),
        ("9999-12-31T23:59:59Z", "the year must lie between 1970 and 2200"),
    ],
)
def test_unclear_instant_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(TimeError, match=sentence):
        parse_instant(text)


def test_dates_are_told_from_durations() -> None:
    assert looks_like_instant("2026-03-02")
    assert looks_like_instant("2026-03-02 08:00Z")
    assert not looks_like_instant("26h")


def test_units_are_milliseconds() -> None:
    assert Millis(1_000) == SECOND
    assert [MINUTE // SECOND, HOUR // MINUTE, DAY // HOUR, WEEK // DAY] == [60, 60, 24, 7]


def test_importing_it_loads_no_pydantic() -> None:
    code = "import sys, sim.time; sys.exit('pydantic' in sys.modules or 'ruamel.yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
