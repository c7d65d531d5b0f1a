"""What theory takes from a scenario where gaps, bulks and pushes are not those of regular cycles."""

from __future__ import annotations

import pytest

from sim.scenario import load
from sim.whatif.terms import Terms, terms_of
from sim.whatif.theory import Expected, NotCovered, theory_of
from sim.whatif.wait import Wait

OFFICE = "provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]"
NOBODY = ("workforce.rates={joiners: 0.0, leavers: 0.0, movers: 0.0}", "workforce.contractors=0.0")


def _wait(kind: str, *settings: str) -> Wait:
    terms = terms_of(load("plain", settings).scenario)
    assert isinstance(terms, Terms)
    wait = terms.waits[kind]
    assert isinstance(wait, Wait), wait
    return wait


def test_hours_of_the_same_interval_are_regular_cycles() -> None:
    told = ("provisioning.interval=2h", "provisioning.hours=[{from: 8h, to: 18h, interval: 2h}]")
    assert _wait("leaver", *told).mean == pytest.approx(3600)


def test_office_hours_are_as_many_as_the_run_has() -> None:
    """Seven days from a Monday have 50 h of 5 min and 118 h of 60 min on average, five days 50 of 120.

    It is a little less: a wait of the night that reaches into the morning ends with the morning's first gate.
    """
    week, days = (_wait("leaver", "provisioning.interval=2h", OFFICE, f"duration={d}d").mean for d in (7, 5))
    assert week == pytest.approx((50 * 300 + 118 * 3600) / 168, rel=0.03)
    assert days == pytest.approx((50 * 300 + 70 * 3600) / 120, rel=0.03)


def test_layoffs_wait_for_their_gates_and_in_line() -> None:
    """20 minutes for the gate; 100 people at 0.2 s each wait 10.1 s in line, less the 0.1 s after the last request."""
    layoffs = ", ".join(f"{{kind: layoff, at: {day}d, people: 100, over: 0m}}" for day in (10, 20))
    bulk = f"workforce.bulk=[{layoffs}]"
    assert _wait("leaver", *NOBODY, bulk).whole == pytest.approx(1210)


def test_layoffs_that_meet_in_one_cycle_are_not_covered() -> None:
    bulk = (
        "workforce.bulk=[{kind: layoff, at: 10d, people: 9, over: 0m}, {kind: layoff, at: 240h, people: 9, over: 0m}]"
    )
    found = theory_of(load("plain", (*NOBODY, bulk)).scenario)["latency.leaver.mean_s"]
    assert isinstance(found, NotCovered)
    assert "meet in one cycle" in found.why


def test_a_push_at_once_has_no_queue_to_speak_of() -> None:
    wait = _wait("joiner", "provisioning.strategy=event", "provisioning.push.delay=0m")
    assert wait.mean == 0
    assert wait.service == pytest.approx(0.3)


def test_what_never_happens_is_not_covered() -> None:
    found = theory_of(load("plain", ("workforce.rates={joiners: 0.1, leavers: 0.1, movers: 0.0}",)).scenario)
    told, whole = found["latency.mover_grant.mean_s"], found["orphaned_access.people.mean"]
    assert isinstance(told, NotCovered)
    assert told.why == "nothing of the kind happens in this company"
    assert isinstance(whole, Expected)
