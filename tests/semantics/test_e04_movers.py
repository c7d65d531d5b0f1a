"""E4: a mover has a grant latency only if an entitled grant was missing, a revoke latency only if one was lost;
overlap is the time with at least one old and one new, gap the time with neither.

HR's regrouping takes the old group away and then gives the new one; the cycle at 40m = 2,400,000 sends GET user @0,
GET of both groups @100 and @200, out of the old one @300, into the new one @400.
"""

from __future__ import annotations

from tests.semantics.story import Latency, act, run, told


def test_a_move_between_departments_has_both() -> None:
    """Ann moves at 10m. Without the old grant from @300 on, with the new one from @400 on: a gap of 100 ms."""
    seen = run(told(act("10m", "move", "ann", department="Operations")))
    assert seen.latencies == [
        Latency("mover_revoke", "ann", 600_000, 2_400_300, 0, 1_800_000, 300, 0),
        Latency("mover_grant", "ann", 600_000, 2_400_400, 0, 1_800_000, 400, 0),
    ]
    assert (seen.done("mover_overlap"), seen.done("mover_gap")) == ([0], [100])
    assert seen.person_ms == {"mover": 1_800_300}
    assert seen.missing == [("ann", 600_000, 2_400_400)]


def test_a_move_that_only_gives_has_no_revoke() -> None:
    """Security has what Engineering has, and Audit: GET user @0, GET Auditors @100, into Auditors @200. Neither
    overlap nor gap: there is no old grant."""
    seen = run(told(act("10m", "move", "ann", department="Security")))
    assert seen.latencies == [Latency("mover_grant", "ann", 600_000, 2_400_200, 0, 1_800_000, 200, 0)]
    assert (seen.done("mover_overlap"), seen.done("mover_gap")) == ([], [])
    assert seen.total_ms == 0


def test_a_move_that_only_takes_has_no_grant() -> None:
    seen = run(told(act("10m", "move", "cyd", department="Engineering")))
    assert seen.latencies == [Latency("mover_revoke", "cyd", 600_000, 2_400_200, 0, 1_800_000, 200, 0)]
    assert seen.missing == []
    privileged = seen.world.parts.ledger.exposure.person("privileged")
    assert privileged.sum_ms(seen.world.now) == 1_800_200


def test_a_move_that_gives_and_takes_nothing_is_no_change() -> None:
    """Within Engineering, to another role that no rule asks for."""
    seen = run(told(act("10m", "move", "ann", role="Lead")))
    assert (seen.counts, seen.outcomes, seen.latencies) == ({"mover": 1}, {"no_change": 1}, [])


def test_a_move_of_which_hr_is_silent_waits_for_hr_first() -> None:
    """HR acts at 40m - 1 ms: 1,799,999 ms for HR, 1 ms for the cycle, 300 and 400 ms of processing."""
    seen = run(told(act("10m", "move", "ann", department="Operations", hr_lag="1799999ms")))
    assert seen.latencies == [
        Latency("mover_revoke", "ann", 600_000, 2_400_300, 1_799_999, 1, 300, 0),
        Latency("mover_grant", "ann", 600_000, 2_400_400, 1_799_999, 1, 400, 0),
    ]
    assert seen.waiting_ms == {"hr": 1_799_999, "cycle": 1, "processing": 300}


def test_an_administrator_who_gives_before_taking_makes_an_overlap() -> None:
    """Truth is the directory's. Ann is put into Operators at 10m and taken out of Engineers at 12m: one move, of
    which the grant counts from 600,000 and the revoke from 720,000, when the directory ceased to give ReadOnly.
    Groups are sent in the order in which they changed: into Operators @300, out of Engineers @400: overlap 100 ms."""
    seen = run(
        told(
            act("10m", "add_member", "ann", group="Operators"),
            act("12m", "remove_member", "ann", group="Engineers"),
        )
    )
    assert seen.counts == {"mover": 1}
    assert seen.latencies == [
        Latency("mover_grant", "ann", 600_000, 2_400_300, 0, 1_800_000, 300, 0),
        Latency("mover_revoke", "ann", 720_000, 2_400_400, 0, 1_680_000, 400, 0),
    ]
    assert (seen.done("mover_overlap"), seen.done("mover_gap")) == ([100], [0])
    assert seen.person_ms == {"mover": 1_680_400}


def test_steps_with_a_cycle_between_are_two_moves() -> None:
    """Into Operators at 10m, out of Engineers at 50m: by then the first is through (GET user, GET group, PATCH:
    @200), and the second is a move of its own."""
    seen = run(
        told(
            act("10m", "add_member", "ann", group="Operators"),
            act("50m", "remove_member", "ann", group="Engineers"),
        )
    )
    assert seen.counts == {"mover": 2}
    assert (seen.done("mover_grant"), seen.done("mover_revoke")) == ([1_800_200], [1_800_200])


def test_a_change_while_the_job_is_at_work_waits_for_the_next_cycle() -> None:
    """One request a second. Ann moves to Operations at 10m: picked up at 40m, out of Engineers at 2,403,000, into
    Operators at 2,404,000. At 2,403,500 she moves on to Security; that is not part of the cycle. The first move's
    grant was not through: superseded. The membership of Operators still arrives at 2,404,000, when she is no longer
    entitled to it: retained as a mover's. The cycle at 80m: GET user @0, GET Operators, Engineers, Auditors @1,000 to
    @3,000, out of Operators @4,000, into Engineers @5,000, into Auditors @6,000."""
    seen = run(
        told(
            act("10m", "move", "ann", department="Operations"),
            act("2403500ms", "move", "ann", department="Security"),
            provisioning__pace={"initial": 1, "incremental": 1},
        )
    )
    assert seen.outcomes == {"superseded": 1}
    assert seen.latencies == [
        Latency("mover_revoke", "ann", 600_000, 2_403_000, 0, 1_800_000, 3_000, 0),
        Latency("mover_grant", "ann", 2_403_500, 4_806_000, 0, 2_396_500, 6_000, 0),
    ]
    assert [(p.cause, p.waiting, p.since, p.until) for p in seen.pieces] == [
        ("mover", "cycle", 600_000, 2_400_000),
        ("mover", "processing", 2_400_000, 2_403_000),
        ("mover", "cycle", 2_404_000, 4_800_000),
        ("mover", "processing", 4_800_000, 4_804_000),
    ]


def test_what_was_missing_all_along_is_no_part_of_a_move() -> None:
    """The policy allows Ann Audit beside her groups, and nobody has assigned it: missing from 0 to the end. The move of
    10m is through at @400 all the same."""
    exceptions = [{"person": "ann", "permission_set": "Audit", "account": "prod"}]
    seen = run(told(act("10m", "move", "ann", department="Operations"), organisation__access__exceptions=exceptions))
    assert (seen.done("mover_revoke"), seen.done("mover_grant")) == ([1_800_300], [1_800_400])
    assert seen.missing == [("ann", 0, None)]
