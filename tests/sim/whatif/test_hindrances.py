"""What a scenario's faults make of a wait, and what of them no form covers."""

from __future__ import annotations

import pytest

from sim.scenario import load
from sim.whatif.theory import Expected, NotCovered, theory_of

HOUR = 3_600


def _mean(*settings: str) -> float | str:
    """What a leaver's mean latency is expected to be, in seconds, or why that is not covered."""
    found = theory_of(load("plain", ("duration=90d", *settings)).scenario)["latency.leaver.mean_s"]
    if isinstance(found, NotCovered):
        return found.why
    value = found.value({"latency.leaver.n": 100.0})
    assert value is not None
    return value


def _held(*settings: str) -> float:
    """What these settings add to a mean, in seconds."""
    with_, without = _mean(*settings), _mean()
    assert isinstance(with_, float)
    assert isinstance(without, float)
    return with_ - without


def test_an_outage_of_a_day_adds_half_of_itself_and_of_an_interval_for_its_share_of_the_run() -> None:
    """24 h of 2,160 h: V (V + T) / 2 H = 24 x 24.667 / 2 / 2160 h."""
    held = _held("faults=[{kind: outage, status: 503, at: 9d, for: 1d}]")
    assert held == pytest.approx(24 * (24 + 2 / 3) / 2 / 2160 * HOUR)


def test_two_outages_add_twice_as_much() -> None:
    one = _held("faults=[{kind: outage, status: 503, at: 9d, for: 1d}]")
    both = _held("faults=[{kind: outage, status: 503, at: 9d, for: 1d}, {kind: outage, status: 502, at: 20d, for: 1d}]")
    assert both == pytest.approx(2 * one)


def test_a_fault_after_the_end_changes_nothing() -> None:
    assert _held("faults=[{kind: outage, status: 503, at: 95d, for: 1d}]") == 0
    assert _held("faults=[{kind: expired_credentials, at: 95d, for: 1d}]") == 0


def test_a_refused_token_costs_more_than_an_outage_as_long() -> None:
    """Attempts come 5, 45, 125, 285, 605, 1245 and 2525 minutes after the first refusal: for a day, 42 h and not 24."""
    outage = _held("faults=[{kind: outage, status: 503, at: 9d, for: 1d}]")
    token = _held("faults=[{kind: expired_credentials, at: 9d, for: 1d}]", "workforce.size=100000")
    assert token / outage == pytest.approx((2525 + 40) ** 2 / (1440 * 1480), rel=0.02)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("{kind: outage, at: 9d, for: 1d}", "without an answer"),
        ("{kind: outage, status: 503, at: 9d}", "does not end"),
        ("{kind: outage, name: later, status: 503, for: 1d, started: false}", "somebody starts"),
        ("{kind: outage, status: 503, at: 9d, for: 29d}", "given up"),
        ("{kind: outage, status: 503, at: 89d, for: 1d}", "beyond the end"),
        ("{kind: expired_credentials, at: 9d, for: 28d}", "switched off"),
        ("{kind: expired_credentials, at: 87d, for: 2d}", "beyond the end"),
        ("{kind: latency, delay: 5s}", "latency"),
        ("{kind: server_error, operation: get_user, share: 0.1}", "server_error"),
    ],
)
def test_what_no_form_covers_has_its_reason(fault: str, why: str) -> None:
    assert why in str(_mean(f"faults=[{fault}]"))


@pytest.mark.parametrize(
    "settings",
    [
        ("provisioning.strategy=event",),
        ("provisioning.strategy=ticket", "drain=73h"),
        ("provisioning.overrun=after_end",),
        ("provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]",),
        ("provisioning.phase=0m",),
        ("workforce.calendar=working_hours",),
        ("provisioning.retries.transient=ladder",),
        ("provisioning.quarantine.floor=1",),
    ],
    ids=" ".join,
)
def test_an_outage_is_covered_only_where_it_meets_regular_cycles(settings: tuple[str, ...]) -> None:
    assert isinstance(_mean("faults=[{kind: outage, status: 503, at: 9d, for: 1d}]", *settings), str)


def test_what_fails_of_leavers_is_no_part_of_a_joiner_s_latency() -> None:
    """Updates of users fail; a joiner is created, and a mover's groups are changed."""
    fault = "faults=[{kind: server_error, operation: update_user, share: 0.3}]"
    plain, failing = (theory_of(load("plain", told).scenario) for told in ((), (fault,)))
    for key in ("latency.joiner.mean_s", "latency.mover_grant.p95_s"):
        one, other = plain[key], failing[key]
        assert isinstance(one, Expected)
        assert isinstance(other, Expected)
        assert one.value({"latency.joiner.n": 9, "latency.mover_grant.n": 9}) == other.value(
            {"latency.joiner.n": 9, "latency.mover_grant.n": 9}
        )
