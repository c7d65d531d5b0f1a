"""E18: a figure that this version cannot measure, or with n = 0, is null, never 0."""

from __future__ import annotations

from typing import Any

import pytest

from sim.observation.summary import summarize
from tests.semantics.story import Seen, act, join, run, told

KINDS = ("joiner", "mover_grant", "mover_revoke", "mover_overlap", "mover_gap", "leaver", "contractor_expiry")


def latency(seen: Seen, kind: str) -> dict[str, Any]:
    block: dict[str, Any] = summarize(seen.world)["latency"][kind]
    return block


@pytest.mark.parametrize("kind", KINDS)
def test_without_an_event_there_is_no_mean_and_no_quantile(kind: str) -> None:
    block = latency(run(told()), kind)
    assert (block["n"], block["censored"]) == (0, 0)
    for figure in ("mean_s", "p50_s", "p95_s", "p99_s", "max_s"):
        assert block[figure] is None
    assert all(hop is None for hop in block["hops"].values())


def test_an_event_that_is_open_at_the_end_has_no_mean_either() -> None:
    """Ann leaves ten minutes before the end: one censored event, none in n."""
    block = latency(run(told(act("230m", "leave", "ann"))), "leaver")
    assert (block["n"], block["censored"], block["mean_s"], block["max_s"]) == (0, 1, None, None)


def test_a_latency_of_0_is_0_and_not_null() -> None:
    """Dan was provisioned before his first day (E5)."""
    block = latency(run(told(join("60m", "dan", hr_lag="-50m"))), "joiner")
    assert (block["n"], block["mean_s"], block["max_s"], block["durations_s"]) == (1, 0, 0, [0])


def test_superseded_and_nothing_to_remove_are_counts_and_not_in_n() -> None:
    """E2: neither the joiner nor the leaver has a latency."""
    seen = run(told(join("10m", "dan"), act("20m", "leave", "dan")))
    summary = summarize(seen.world)
    assert (summary["superseded"], summary["nothing_to_remove"], summary["no_change"]) == (1, 1, 0)
    assert (summary["events"]["joiner"], summary["events"]["leaver"]) == (1, 1)
    assert (latency(seen, "joiner")["mean_s"], latency(seen, "leaver")["mean_s"]) == (None, None)


def test_what_was_counted_and_was_not_there_is_0() -> None:
    """Exposure of nobody is known: it is 0, for everybody was looked at."""
    summary = summarize(run(told()).world)
    assert summary["orphaned_access"]["people"]["person_hours"] == 0
    assert summary["divergence"]["now"] == 0
    assert summary["provisioning"]["errors"] == 0
