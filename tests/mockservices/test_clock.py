"""Simulated time against aware instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mockservices.clock import Clock, Millis

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_time_zero_is_the_scenarios_start() -> None:
    assert Clock(START).instant(Millis(0)) == START


def test_milliseconds_lead_to_an_instant_and_back() -> None:
    clock = Clock(START)
    assert clock.instant(Millis(86_400_001)) == START + timedelta(days=1, milliseconds=1)
    assert clock.millis(clock.instant(Millis(86_400_001))) == 86_400_001


def test_what_was_before_the_start_has_negative_time() -> None:
    assert Clock(START).millis(START - timedelta(milliseconds=1)) == -1


def test_a_part_of_a_millisecond_is_cut_towards_the_past() -> None:
    clock = Clock(START)
    assert clock.millis(START + timedelta(microseconds=1999)) == 1
    assert clock.millis(START - timedelta(microseconds=1)) == -1


def test_the_wire_text_is_cut_to_the_second() -> None:
    clock = Clock(START)
    assert clock.iso(Millis(1999)) == "2026-03-02T08:00:01Z"
    assert clock.iso(Millis(-1)) == "2026-03-02T07:59:59Z"


def test_a_start_in_another_zone_is_kept_in_utc() -> None:
    clock = Clock(datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=1))))
    assert clock.start == START
    assert clock.iso(Millis(0)) == "2026-03-02T08:00:00Z"


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock(datetime(2026, 3, 2, 8))  # noqa: DTZ001 - the naive start is what is refused
