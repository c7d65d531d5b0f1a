"""E5: of a future-dated joiner the clock starts at the start of entitlement; provisioned before it: latency 0, and the
time until then is orphaned, cause ``early``.

What is early waits for ``hr``: the day that HR has set ends it, and nothing in the directory or the job does. The
same holds for the other acts of HR that are done before their day.
"""

from __future__ import annotations

from tests.semantics.story import Grant, Latency, Piece, act, join, run, told


def test_provisioned_before_the_first_day() -> None:
    """Dan's first day is at 60m = 3,600,000; HR made the account at 10m. The cycle at 40m: find @0, POST @100, GET
    group @200, PATCH members @300: from 2,400,300 on he holds what he is entitled to from 3,600,000 on."""
    seen = run(told(join("60m", "dan", hr_lag="-50m")))
    assert seen.counts == {"joiner": 1}
    assert seen.latencies == [Latency("joiner", "dan", 3_600_000, 3_600_000, 0, 0, 0, 0)]
    assert seen.pieces == [Piece("dan", "early", "hr", 2_400_300, 3_600_000)]
    assert seen.person_ms == {"early": 1_199_700}
    assert seen.missing == []


def test_announced_but_not_provisioned_on_the_first_day() -> None:
    """First day at 30m = 1,800,000, account at 10m, gate at 40m: wait 600,000, processing 300, nothing for HR."""
    seen = run(told(join("30m", "dan", hr_lag="-20m")))
    assert seen.latencies == [Latency("joiner", "dan", 1_800_000, 2_400_300, 0, 600_000, 300, 0)]
    assert seen.total_ms == 0


def test_the_first_day_falls_into_the_cycle_that_provisions() -> None:
    """First day at 2,400,250, between the GET of the group and the PATCH: all 50 ms are processing."""
    seen = run(told(join("2400250ms", "dan", hr_lag="-20m")))
    assert seen.latencies == [Latency("joiner", "dan", 2_400_250, 2_400_300, 0, 0, 50, 0)]
    assert seen.total_ms == 0


def test_a_move_done_before_its_day_is_early_too() -> None:
    """Ann moves at 60m, in the directory at 10m: without ReadOnly from 2,400,300 on, with PowerUser from 2,400,400 on,
    which is truth only at 3,600,000. At its day the move gives nothing and takes nothing (E4): no change."""
    seen = run(told(act("60m", "move", "ann", department="Operations", hr_lag="-50m")))
    assert seen.outcomes == {"no_change": 1}
    assert seen.orphans == [Grant("ann", "PowerUser@dev", "early", 2_400_400, 3_600_000)]
    assert seen.missing == [("ann", 2_400_300, 3_600_000)]
    assert seen.waiting_ms == {"hr": 1_199_600}


def test_leaving_done_before_its_day_has_latency_0() -> None:
    """Ann's last day ends at 60m, the account is closed at 10m: without access from 2,400,100 on. At 60m there is
    nothing left to wait for; she did have access, so this is not a leaver with nothing to remove."""
    seen = run(told(act("60m", "leave", "ann", hr_lag="-50m")))
    assert seen.outcomes == {}
    assert seen.latencies == [Latency("leaver", "ann", 3_600_000, 3_600_000, 0, 0, 0, 0)]
    assert seen.missing == [("ann", 2_400_100, 3_600_000)]
    assert seen.total_ms == 0


def test_leaving_announced_too_late_for_the_cycle_waits_for_the_next_one() -> None:
    """Closed at 50m, last day until 60m, gate at 80m: 1,200,000 of waiting, 100 of processing."""
    seen = run(told(act("60m", "leave", "ann", hr_lag="-10m")))
    assert seen.latencies == [Latency("leaver", "ann", 3_600_000, 4_800_100, 0, 1_200_000, 100, 0)]


def test_a_rehire_before_its_day_is_early_and_not_a_leavers() -> None:
    """Ann left at 10m and is disabled at 2,400,100. Her account is opened again at 50m for a first day at 100m =
    6,000,000; the cycle at 80m activates her at 4,800,100."""
    seen = run(told(act("10m", "leave", "ann"), act("100m", "rehire", "ann", hr_lag="-50m")))
    assert seen.latencies == [
        Latency("leaver", "ann", 600_000, 2_400_100, 0, 1_800_000, 100, 0),
        Latency("rehire", "ann", 6_000_000, 6_000_000, 0, 0, 0, 0),
    ]
    assert seen.orphans == [
        Grant("ann", "ReadOnly@dev", "leaver", 600_000, 2_400_100),
        Grant("ann", "ReadOnly@dev", "early", 4_800_100, 6_000_000),
    ]


def test_what_the_first_day_will_not_give_is_early_too_and_waits_for_nobody() -> None:
    """Dan's first day is at 100m, his account was made at 10m, and he is provisioned at 40m. At 50m a hand puts his
    user into Auditors: it comes before his day as the rest does, but the day will not make it his."""
    seen = run(
        told(join("100m", "dan", hr_lag="-90m"), act("50m", "aws_add_member", user="dan", group="Auditors")),
    )
    assert seen.orphans == [
        Grant("dan", "ReadOnly@dev", "early", 2_400_300, 6_000_000),
        Grant("dan", "Audit@prod", "early", 3_000_000, None),
    ]
    assert [(piece.waiting, piece.since, piece.until) for piece in seen.pieces] == [
        ("hr", 2_400_300, 6_000_000),
        ("nobody", 6_000_000, None),
    ]
