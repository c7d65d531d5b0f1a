"""E11: events in [0, H) count; the run ends at H without draining; what is open is listed with its age.

H is 4h = 14,400,000, which is a gate (6 * 40m): without drain that gate is not in the run.
"""

from __future__ import annotations

import pytest

from tests.semantics.story import HOUR, Latency, Piece, act, person, run, told

H = 4 * HOUR


def test_an_open_event_is_listed_with_its_age() -> None:
    """Ann leaves at 230m = 13,800,000, ten minutes before the end: 600,000 ms of waiting so far."""
    seen = run(told(act("230m", "leave", "ann")))
    assert seen.counts == {"leaver": 1}
    assert seen.done("leaver") == []
    assert seen.latencies == [Latency("leaver", "ann", 13_800_000, None, 0, 600_000, 0, 0)]
    assert seen.pieces == [Piece("ann", "leaver", "cycle", 13_800_000, None)]
    assert seen.total_ms == 600_000
    assert seen.held("ann") == ["ReadOnly@dev"]


def test_the_age_of_an_open_event_is_told_in_hops_too() -> None:
    """HR is told at 230m and acts at 235m: 300,000 ms for HR, 300,000 of waiting."""
    seen = run(told(act("230m", "leave", "ann", hr_lag="5m")))
    assert seen.latencies == [Latency("leaver", "ann", 13_800_000, None, 300_000, 300_000, 0, 0)]


@pytest.mark.parametrize("drain", ["0m", "80m"])
def test_an_event_at_the_end_does_not_count_and_one_just_before_does(drain: str) -> None:
    """Neither does one after it, where the run goes on to drain."""
    seen = run(
        told(
            act("14399999ms", "disable", "ann"),
            act("4h", "disable", "bob"),
            act("4h", "leave", "cyd"),
            drain=drain,
        )
    )
    assert seen.counts == {"leaver": 1}
    assert seen.held("bob") == ["PowerUser@dev"]


def test_with_drain_the_job_goes_on_after_the_end() -> None:
    """The gate at 14,400,000 is in the run: wait 600,000, processing 100."""
    seen = run(told(act("230m", "leave", "ann"), drain="80m"))
    assert seen.world.end == H + 80 * 60_000
    assert seen.latencies == [Latency("leaver", "ann", 13_800_000, H + 100, 0, 600_000, 100, 0)]


def test_hr_goes_on_after_the_end_with_what_was_true_before() -> None:
    """True at 230m, done in the directory at 250m, carried over at 280m = 16,800,000."""
    seen = run(told(act("230m", "leave", "ann", hr_lag="20m"), drain="80m"))
    assert seen.latencies == [Latency("leaver", "ann", 13_800_000, 16_800_100, 1_200_000, 1_800_000, 100, 0)]


def test_a_contract_that_ends_after_the_end_is_no_event() -> None:
    people = [person("ann", employment="contractor", contract_end="4h")]
    seen = run(told(before={"people": people}, drain="80m"))
    assert (seen.counts, seen.latencies) == ({}, [])


def test_a_contract_that_ended_before_the_start_is_no_event_either() -> None:
    """It is prehistory: whoever still holds access at 0 holds it because of the contract."""
    people = [person("ann", employment="contractor", contract_end="-10d")]
    seen = run(told(before={"people": people}))
    assert seen.counts == {}
    assert seen.pieces == [Piece("ann", "contractor_expiry", "nobody", 0, None)]
