"""E7: leave of absence: entitlement paused; its own kind, not leaver."""

from __future__ import annotations

from tests.semantics.story import Latency, Piece, act, run, told


def test_away_and_back() -> None:
    """Ann is absent from 10m to 50m: disabled by the cycle at 40m (GET, PATCH @100), active again by the cycle at 80m.
    While she is away her membership is suspended."""
    seen = run(told(act("10m", "absent", "ann"), act("50m", "back", "ann")))
    assert seen.counts == {"absence": 1, "return": 1}
    assert seen.latencies == [
        Latency("absence", "ann", 600_000, 2_400_100, 0, 1_800_000, 100, 0),
        Latency("return", "ann", 3_000_000, 4_800_100, 0, 1_800_000, 100, 0),
    ]
    assert seen.person_ms == {"absence": 1_800_100}
    assert seen.missing == [("ann", 3_000_000, 4_800_100)]
    suspended = seen.world.parts.ledger.exposure.person("suspended")
    assert suspended.sum_ms(seen.world.now) == 2_400_000
    assert seen.done("leaver") == []


def test_somebody_on_leave_is_still_employed() -> None:
    seen = run(told(act("10m", "absent", "ann")))
    assert seen.world.parts.ledger.headcount.everybody.now == 3


def test_away_and_back_before_the_cycle_changes_nothing() -> None:
    seen = run(told(act("10m", "absent", "ann"), act("20m", "back", "ann")))
    assert (seen.outcomes, seen.latencies) == ({"no_change": 2}, [])


def test_whoever_leaves_while_on_leave_has_nothing_to_remove() -> None:
    """The absence has been carried over at 2,400,100; at 50m there is nothing left that works."""
    seen = run(told(act("10m", "absent", "ann"), act("50m", "leave", "ann")))
    assert seen.counts == {"absence": 1, "leaver": 1}
    assert seen.outcomes == {"nothing_to_remove": 1}
    assert seen.done("absence") == [1_800_100]


def test_whoever_leaves_before_the_leave_of_absence_is_carried_over_is_a_leaver() -> None:
    """The absence of 10m is overtaken at 20m; from then on what is retained is a leaver's."""
    seen = run(told(act("10m", "absent", "ann"), act("20m", "leave", "ann")))
    assert seen.outcomes == {"superseded": 1}
    assert seen.latencies == [Latency("leaver", "ann", 1_200_000, 2_400_100, 0, 1_200_000, 100, 0)]
    assert seen.person_ms == {"absence": 600_000, "leaver": 1_200_100}


def test_on_leave_the_account_is_only_blocked_even_where_leavers_are_deleted() -> None:
    seen = run(told(act("10m", "absent", "ann"), provisioning__on_leave="delete"))
    assert seen.world.services.directory.is_live(seen.person("ann").row)
    assert seen.held("ann") == []


def test_a_leave_of_absence_does_not_rename_what_was_orphaned_before() -> None:
    """Only leaving and the end of a contract do. The direct assignment of 5m is drift, and the interval that has been
    open longest gives the person interval its cause; both end when the user is disabled at 2,400,100."""
    seen = run(
        told(
            act("5m", "aws_assign", user="ann", permission_set="Audit", account="prod"),
            act("10m", "absent", "ann"),
        )
    )
    assert seen.pieces == [
        Piece("ann", "drift", "nobody", 300_000, 600_000),
        Piece("ann", "drift", "cycle", 600_000, 2_400_000),
        Piece("ann", "drift", "processing", 2_400_000, 2_400_100),
    ]
    assert [(each.grant, each.cause) for each in seen.orphans] == [("Audit@prod", "drift"), ("ReadOnly@dev", "absence")]


def test_what_a_move_during_the_leave_took_away_works_again_as_a_movers() -> None:
    """Bob is absent from 10m, moves to Engineering at 50m, is back at 90m. The cycle at 80m has taken his disabled user
    out of Operators and put it into Engineers, so that nothing of the old place comes back at 120m."""
    seen = run(
        told(
            act("10m", "absent", "bob"),
            act("50m", "move", "bob", department="Engineering", hr_lag="45m"),
            act("90m", "back", "bob"),
        )
    )
    # HR regroups at 95m only: the cycle at 120m activates the user @100 while it is still in Operators, and takes it
    # out @400 after GET of both groups @200 and @300
    assert [(each.cause, each.since, each.until) for each in seen.orphans] == [
        ("absence", 600_000, 2_400_100),
        ("mover", 7_200_100, 7_200_400),
    ]


def test_a_move_announced_for_somebody_who_has_left_gives_them_nothing() -> None:
    """Bob leaves at 31m; his move of 61m is done in the directory at 31m too. His access waits for the cycle at 40m,
    and not for a day that will not make it his."""
    seen = run(told(act("31m", "leave", "bob"), act("61m", "move", "bob", department="Operations", hr_lag="-30m")))
    assert [(piece.cause, piece.waiting) for piece in seen.pieces] == [("leaver", "cycle"), ("leaver", "processing")]
