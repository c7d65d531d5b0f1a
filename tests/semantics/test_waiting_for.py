"""What the end of orphaned access waits for: exactly one thing at every instant, found anew at every change.

``nobody`` means that no rule, retry or ticket will ever end it: so it is said from the first moment, even while HR or a
cycle has still to do something that will not help.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.semantics.story import Piece, Seen, act, begin, join, run, told


def stretches(seen: Seen, who: str = "ann") -> list[tuple[str, int, int | None]]:
    """(waiting for, since, until) of one person's intervals."""
    return [(piece.waiting, piece.since, piece.until) for piece in seen.pieces if piece.who == who]


def test_hr_then_the_cycle_then_the_work() -> None:
    """Left at 10m, told to the directory at 30m, gate at 40m, PATCH @100."""
    assert stretches(run(told(act("10m", "leave", "ann", hr_lag="20m")))) == [
        ("hr", 600_000, 1_800_000),
        ("cycle", 1_800_000, 2_400_000),
        ("processing", 2_400_000, 2_400_100),
    ]


def test_a_paused_job_ends_nothing() -> None:
    """Paused from 5m to 65m = 3,900,000: with no job HR's act will not end it either. Started, a cycle begins at
    once."""
    timeline = (act("5m", "pause_job"), act("10m", "leave", "ann", hr_lag="20m"), act("65m", "start_job"))
    assert stretches(run(told(*timeline))) == [("nobody", 600_000, 3_900_000), ("processing", 3_900_000, 3_900_100)]


def test_a_job_that_is_paused_at_work_finishes_its_cycle() -> None:
    """One request a second: picked up at 2,400,000, paused at 2,400,500, disabled at 2,401,000."""
    seen = run(
        told(
            act("10m", "leave", "ann"),
            act("2400500ms", "pause_job"),
            provisioning__pace={"initial": 1, "incremental": 1},
        )
    )
    assert stretches(seen) == [("cycle", 600_000, 2_400_000), ("processing", 2_400_000, 2_401_000)]


def test_pausing_and_starting_are_changes_too() -> None:
    timeline = (act("10m", "leave", "ann"), act("20m", "pause_job"), act("30m", "start_job"))
    assert stretches(run(told(*timeline))) == [
        ("cycle", 600_000, 1_200_000),
        ("nobody", 1_200_000, 1_800_000),
        ("processing", 1_800_000, 1_800_100),
    ]


def test_without_a_job_it_waits_for_nobody() -> None:
    seen = run(told(act("10m", "leave", "ann", hr_lag="20m"), provisioning__strategy="none"))
    assert stretches(seen) == [("nobody", 600_000, None)]
    assert (seen.requests, seen.world.driver.sums.cycles) == ([], 0)


def test_before_the_job_is_started_it_waits_for_nobody() -> None:
    seen = run(told(act("10m", "leave", "ann"), act("25m", "start_job")))
    assert stretches(seen) == [("nobody", 600_000, 1_500_000), ("processing", 1_500_000, 1_500_100)]


def test_drift_waits_for_nobody_while_other_things_are_carried_over() -> None:
    """Renamed at 20m: a cycle looks at Ann, GET and PATCH, and leaves the assignment alone."""
    seen = run(
        told(
            act("10m", "aws_assign", user="ann", permission_set="Audit", account="prod"),
            act("20m", "rename", "ann", display_name="A"),
        )
    )
    assert stretches(seen) == [("nobody", 600_000, None)]


def test_what_a_hand_does_can_take_the_hope_away_and_give_it_back() -> None:
    """Ann left at 10m. At 20m a second user of hers gets what she retains: the cycle will not end it. At 30m that is
    taken back."""
    seen = run(
        told(
            act("10m", "leave", "ann"),
            act("15m", "aws_create_user", user_name="ann.two", given_name="A", family_name="E", owner="ann"),
            act("20m", "aws_add_member", group="Engineers", user="ann.two"),
            act("30m", "aws_remove_member", group="Engineers", user="ann.two"),
        )
    )
    assert stretches(seen) == [
        ("cycle", 600_000, 1_200_000),
        ("nobody", 1_200_000, 1_800_000),
        ("cycle", 1_800_000, 2_400_000),
        ("processing", 2_400_000, 2_400_100),
    ]


def test_a_mover_who_was_also_assigned_by_hand_waits_for_nobody() -> None:
    """The group is left, the direct assignment of the same grant is not: the cycle does not end it."""
    seen = run(
        told(
            act("5m", "aws_assign", user="ann", permission_set="ReadOnly", account="dev"),
            act("10m", "move", "ann", department="Operations"),
        )
    )
    assert stretches(seen) == [("nobody", 600_000, None)]
    assert seen.done("mover_revoke") == []


def test_hr_ends_only_what_its_act_will_take_away() -> None:
    """Engineers is assigned PowerUser against the policy: misconfiguration for Ann, whom HR will not take out of it
    (she gets another role) and whom HR will take out of it (she goes to Operations, which gives PowerUser
    rightfully)."""
    wrong = act("5m", "aws_assign", group="Engineers", permission_set="Audit", account="prod")
    staying = run(told(wrong, act("10m", "move", "ann", role="Lead", hr_lag="20m")))
    assert stretches(staying) == [("nobody", 300_000, None)]
    going = run(told(wrong, act("10m", "move", "ann", department="Operations", hr_lag="20m")))
    assert stretches(going) == [
        ("nobody", 300_000, 600_000),
        ("hr", 600_000, 1_800_000),
        ("cycle", 1_800_000, 2_400_000),
        ("processing", 2_400_000, 2_400_300),
    ]


def test_a_change_while_the_job_is_at_work_waits_for_the_next_cycle() -> None:
    """One request a second. Ann's renaming is picked up at 40m (PATCH @1,000); she leaves at 2,400,500, too late for
    this cycle, whose last request is at 2,401,000: from the first moment she waits for the one at 80m."""
    seen = run(
        told(
            act("10m", "rename", "ann", display_name="A"),
            act("2400500ms", "leave", "ann"),
            provisioning__pace={"initial": 1, "incremental": 1},
        )
    )
    assert stretches(seen) == [("cycle", 2_400_500, 4_800_000), ("processing", 4_800_000, 4_801_000)]
    assert seen.latencies[0].wait == 2_399_500


@pytest.mark.parametrize("gone", ["remove_member", "disable"])
def test_whatever_comes_with_the_gate_is_in_it(gone: str) -> None:
    more = {"group": "Engineers"} if gone == "remove_member" else {}
    seen = run(told(act("40m", gone, "ann", **more)))
    assert [waiting for waiting, *_ in stretches(seen)] == ["processing"]


def test_on_demand_disables_nobody_and_leaves_the_waiting_to_the_cycle() -> None:
    """A user who is disabled in the directory is passed over, so that the next cycle carries it over."""
    seen = run(told(act("10m", "leave", "ann"), act("20m", "provision_on_demand", "ann")))
    assert stretches(seen) == [("cycle", 600_000, 2_400_000), ("processing", 2_400_000, 2_400_100)]
    assert seen.requests[0][0] == 2_400_000


def test_on_demand_creates_the_user_and_the_cycle_adds_the_memberships() -> None:
    """Dan joins at 10m, on demand at 20m: test, find and POST at that instant, no membership. The cycle at 40m reads
    the user @0, the group @100, and puts him into it @200. The time on demand takes none, so that all until the gate
    is waiting."""
    seen = run(told(join("10m", "dan"), act("20m", "provision_on_demand", "dan")))
    assert seen.requests[:3] == [(1_200_000, "GET Users"), (1_200_000, "GET Users"), (1_200_000, "POST Users")]
    (latency,) = seen.latencies
    assert (latency.wait, latency.processing, latency.end) == (1_800_000, 200, 2_400_200)


def test_on_demand_moves_nothing_that_is_pending_for_the_cycle() -> None:
    """Ann moves at 10m and is provisioned on demand at 20m (GET, nothing to change): her groups wait for the cycle."""
    seen = run(told(act("10m", "move", "ann", department="Operations"), act("20m", "provision_on_demand", "ann")))
    assert stretches(seen) == [("cycle", 600_000, 2_400_000), ("processing", 2_400_000, 2_400_300)]


@pytest.mark.parametrize(
    "timeline",
    [
        [act("10m", "leave", "ann", hr_lag="30m"), act("20m", "leave", "bob")],
        [act("10m", "move", "ann", department="Security", hr_lag="1h"), act("50m", "leave", "ann")],
        [act("10m", "absent", "cyd"), act("15m", "aws_assign", user="bob", permission_set="Audit", account="prod")],
    ],
)
def test_a_person_has_at_most_one_interval_at_a_time(timeline: list[dict[str, Any]]) -> None:
    seen = begin(told(*timeline))
    seen.world.run()
    last: dict[str, Piece] = {}
    for piece in seen.pieces:
        before = last.get(piece.who)
        assert before is None or (before.until is not None and before.until <= piece.since)
        last[piece.who] = piece
    assert sum(seen.person_ms.values()) == sum(seen.waiting_ms.values()) == seen.total_ms
