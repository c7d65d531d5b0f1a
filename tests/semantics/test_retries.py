"""Failure and retry: ``retry`` is the time between a failed attempt and the next, which is the gate of the next cycle.

What came through is not sent again; what a failed object lacks is sent when it is there. Hops add up (E13). Somebody
leaves, moves or joins at 10m = 600,000; the target refuses until 60m, so that the attempt of the cycle at 40m =
2,400,000 fails and the one of the cycle at 80m = 4,800,000 comes through.
"""

from __future__ import annotations

import pytest

from sim.ports import Answer, Request
from tests.semantics.story import MINUTE, Answers, Latency, Piece, act, begin, join, run, told, what


def refusing(*kinds: str, until: int = 60 * MINUTE, status: int = 500) -> Answers:
    """A target that refuses these kinds of request until then."""
    return lambda request, now: Answer(status) if what(request) in kinds and now < until else None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_leaver_whose_disabling_fails(status: int) -> None:
    """GET @0, PATCH @100 refused; again at 4,800,000: GET, PATCH. Wait 1,800,000, processing 100 before and 100 after,
    retry 4,800,000 - 2,400,100."""
    seen = run(told(act("10m", "leave", "ann")), refusing("PATCH Users", status=status))
    assert seen.latencies == [Latency("leaver", "ann", 600_000, 4_800_100, 0, 1_800_000, 200, 2_399_900)]
    assert seen.pieces == [
        Piece("ann", "leaver", "cycle", 600_000, 2_400_000),
        Piece("ann", "leaver", "processing", 2_400_000, 2_400_100),
        Piece("ann", "leaver", "retry", 2_400_100, 4_800_000),
        Piece("ann", "leaver", "processing", 4_800_000, 4_800_100),
    ]
    tally = seen.world.driver.sums.tally
    assert (tally.errors, tally.retries) == (1, 1)


def test_a_leaver_whose_reading_fails() -> None:
    """The first GET @0 is refused already: no processing before the failure."""
    seen = run(told(act("10m", "leave", "ann")), refusing("GET Users"))
    assert seen.latencies == [Latency("leaver", "ann", 600_000, 4_800_100, 0, 1_800_000, 100, 2_400_000)]


def test_a_failed_removal_does_not_hold_up_the_addition() -> None:
    """Ann moves. GET user @0, GET of both groups @100 and @200, out of Engineers @300 refused, into Operators @400. The
    grant is through. Then only the rest is tried again: GET user @0, GET Engineers @100, out of it @200."""

    def first_patch_fails(request: Request, now: int) -> Answer | None:
        return Answer(500) if now == 2_400_300 else None

    seen = run(told(act("10m", "move", "ann", department="Operations")), first_patch_fails)
    assert seen.latencies == [
        Latency("mover_grant", "ann", 600_000, 2_400_400, 0, 1_800_000, 400, 0),
        Latency("mover_revoke", "ann", 600_000, 4_800_200, 0, 1_800_000, 500, 2_399_700),
    ]
    assert (seen.done("mover_overlap"), seen.done("mover_gap")) == ([2_399_800], [0])
    assert [(at, asked) for at, asked in seen.requests if at >= 4_800_000] == [
        (4_800_000, "GET Users"),
        (4_800_100, "GET Groups"),
        (4_800_200, "PATCH Groups"),
    ]
    tally = seen.world.driver.sums.tally
    assert (tally.memberships_added, tally.memberships_removed, tally.errors) == (1, 1, 1)


def test_a_failed_addition_does_not_hold_up_the_removal() -> None:
    def second_patch_fails(request: Request, now: int) -> Answer | None:
        return Answer(500) if now == 2_400_400 else None

    seen = run(told(act("10m", "move", "ann", department="Operations")), second_patch_fails)
    assert seen.latencies == [
        Latency("mover_revoke", "ann", 600_000, 2_400_300, 0, 1_800_000, 300, 0),
        Latency("mover_grant", "ann", 600_000, 4_800_200, 0, 1_800_000, 600, 2_399_600),
    ]
    assert (seen.done("mover_overlap"), seen.done("mover_gap")) == ([0], [2_399_900])


def test_a_user_that_cannot_be_created_gets_its_memberships_when_it_is() -> None:
    """Find @0, POST @100 refused, GET group @200; nobody can be put into it. At 80m: find, POST @100, GET group @200,
    PATCH @300."""
    seen = run(told(join("10m", "dan")), refusing("POST Users"))
    assert seen.requests == [
        (2_400_000, "GET Users"),
        (2_400_100, "POST Users"),
        (2_400_200, "GET Groups"),
        (4_800_000, "GET Users"),
        (4_800_100, "POST Users"),
        (4_800_200, "GET Groups"),
        (4_800_300, "PATCH Groups"),
    ]
    assert seen.latencies == [Latency("joiner", "dan", 600_000, 4_800_300, 0, 1_800_000, 400, 2_399_900)]
    assert seen.divergence == [(2_400_000, 2, 2), (4_800_000, 2, 0)]


def test_a_group_that_cannot_be_read_holds_its_memberships() -> None:
    """Find @0, POST @100, GET group @200 refused, and once more before the PATCH @300: refused. At 80m: GET user @0,
    GET group @100, PATCH @200."""
    seen = run(told(join("10m", "dan")), refusing("GET Groups"))
    assert seen.latencies == [Latency("joiner", "dan", 600_000, 4_800_200, 0, 1_800_000, 500, 2_399_700)]
    assert seen.world.parts.state.escrows == {}


def test_a_group_that_cannot_be_created_gets_its_members_when_it_is() -> None:
    """An initial cycle at one object a second: POST of the groups at 3,100, 4,100 and 5,100, of which the second fails.
    Bob's membership of it is not sent; the others' are, at 6,000, 7,000 and 8,000. At 40m: GET user @0 (he has
    something to be tried again), find the group @100, POST @200, PATCH @300: he has access, as the group is assigned
    when it appears."""

    def operators_fail(request: Request, now: int) -> Answer | None:
        return Answer(500) if now == 4_100 else None

    seen = run(told(start_state="empty"), operators_fail)
    assert seen.missing == [("ann", 0, 6_000), ("cyd", 0, 8_000), ("bob", 0, 2_400_300)]
    assert [each for each in seen.requests if each[0] >= 2_400_000] == [
        (2_400_000, "GET Users"),
        (2_400_100, "GET Groups"),
        (2_400_200, "POST Groups"),
        (2_400_300, "PATCH Groups"),
    ]
    assert seen.world.driver.sums.tally.memberships_added == 4
    assert seen.divergence == [(0, 10, 2), (2_400_000, 2, 0)]


def test_a_deletion_that_fails_is_tried_again() -> None:
    """DELETE @0 refused, GET group @100, the end of the membership @200 refused too: Graph tells that a deleted user
    is a member no longer. At the next gate DELETE @0: no processing after the failure."""
    seen = run(told(act("10m", "purge", "ann")), refusing("DELETE Users", "PATCH Groups"))
    assert seen.latencies == [Latency("leaver", "ann", 600_000, 4_800_000, 0, 1_800_000, 0, 2_400_000)]
    assert seen.world.driver.sums.tally.users_deleted == 1


def test_a_deletion_that_fails_leaves_a_user_without_memberships() -> None:
    """The membership ends @200: the access is gone, although the user is still there until 80m."""
    seen = run(told(act("10m", "purge", "ann")), refusing("DELETE Users"))
    assert seen.latencies == [Latency("leaver", "ann", 600_000, 2_400_200, 0, 1_800_000, 0, 200)]
    assert seen.divergence == [(2_400_000, 2, 1), (4_800_000, 1, 0)]


def test_an_unassigned_group_that_cannot_be_deleted_is_deleted_later() -> None:
    seen = run(told(act("10m", "unassign", group="Operators")), refusing("DELETE Groups"))
    assert [(at, asked) for at, asked, status in seen.sent if asked == "DELETE Groups"] == [
        (2_400_200, "DELETE Groups"),
        (4_800_000, "DELETE Groups"),
    ]
    assert seen.world.parts.state.escrows == {}


def test_it_is_tried_in_every_cycle_until_it_comes_through() -> None:
    """Refused until 130m: at 40m, 80m and 120m; through at 160m = 9,600,000. Three times from the failure to the next
    gate: 3 * 2,399,900 of retry, 4 * 100 of processing. Afterwards the job has nothing to do."""
    seen = begin(told(act("10m", "leave", "ann")), refusing("PATCH Users", until=130 * MINUTE))
    seen.world.run_until(130 * MINUTE)
    (escrow,) = seen.world.parts.state.escrows.values()
    assert (escrow.first_failed, escrow.tries) == (2_400_100, 3)
    seen.world.run()
    assert seen.latencies == [Latency("leaver", "ann", 600_000, 9_600_100, 0, 1_800_000, 400, 7_199_700)]
    assert seen.requests[-1] == (9_600_100, "PATCH Users")
    assert seen.world.driver.sums.tally.retries == 3


def test_a_request_that_cannot_succeed_is_an_open_event_at_the_end() -> None:
    """Gates at 40m … 200m: five failures. The last at 12,000,100, the end at 14,400,000."""
    seen = run(told(act("10m", "leave", "ann")), refusing("PATCH Users", until=10**9))
    assert seen.latencies == [Latency("leaver", "ann", 600_000, None, 0, 1_800_000, 5 * 100, 4 * 2_399_900 + 2_399_900)]
    assert seen.pieces[-1] == Piece("ann", "leaver", "retry", 12_000_100, None)


def test_while_the_job_is_paused_nobody_tries_again() -> None:
    """Failed at 2,400,100, paused from 50m to 70m = 4,200,000; started, a cycle begins at once, which fails again
    (refused until 75m); the one at 80m comes through."""
    timeline = (act("10m", "leave", "ann"), act("50m", "pause_job"), act("70m", "start_job"))
    seen = run(told(*timeline), refusing("PATCH Users", until=75 * MINUTE))
    assert [(p.waiting, p.since, p.until) for p in seen.pieces] == [
        ("cycle", 600_000, 2_400_000),
        ("processing", 2_400_000, 2_400_100),
        ("retry", 2_400_100, 3_000_000),
        ("nobody", 3_000_000, 4_200_000),
        ("processing", 4_200_000, 4_200_100),
        ("retry", 4_200_100, 4_800_000),
        ("processing", 4_800_000, 4_800_100),
    ]
    assert seen.latencies[0].ms == 4_200_100


def test_a_retry_carries_what_the_directory_says_by_then() -> None:
    """Ann's disabling fails at 40m; at 50m she is hired again. The retry reads her as enabled: nothing to change."""
    seen = run(told(act("10m", "leave", "ann"), act("50m", "rehire", "ann")), refusing("PATCH Users"))
    assert seen.outcomes == {"no_change": 2}
    assert seen.requests[-1] == (4_800_000, "GET Users")
    assert seen.held("ann") == ["ReadOnly@dev"]


def test_a_new_event_while_an_old_one_is_retried_waits_for_its_own_first_attempt() -> None:
    """Ann's removal from Engineers fails at 2,400,300. She leaves at 50m: that waits for the cycle at 80m (GET, PATCH
    @100), and what she retains is no longer a failed attempt's but the leaving's."""
    seen = run(
        told(act("10m", "move", "ann", department="Operations"), act("50m", "leave", "ann")),
        lambda request, now: Answer(500) if now == 2_400_300 else None,
    )
    assert seen.outcomes == {"superseded": 1}
    assert seen.latencies[-1] == Latency("leaver", "ann", 3_000_000, 4_800_100, 0, 1_800_000, 100, 0)
    assert [(p.cause, p.waiting, p.since, p.until) for p in seen.pieces] == [
        ("mover", "cycle", 600_000, 2_400_000),
        ("mover", "processing", 2_400_000, 2_400_300),
        ("mover", "retry", 2_400_300, 3_000_000),
        ("leaver", "cycle", 3_000_000, 4_800_000),
        ("leaver", "processing", 4_800_000, 4_800_100),
    ]


def test_a_restart_forgets_what_was_to_be_tried_again() -> None:
    """Ann is deleted at 10m; her disabling and the end of her membership fail at 40m. Restarted at 50m = 3,000,000, the
    cycle at 80m is an initial one: it reads those who are there, and in the recycle bin those who are not. She has
    waited for it since the restart, and is disabled by its second request about her (the first object's time)."""
    refused = refusing("PATCH Users", "PATCH Groups")
    seen = run(told(act("10m", "delete", "ann"), act("50m", "restart_job")), refused)
    assert [(piece.waiting, piece.since) for piece in seen.pieces[-3:-1]] == [
        ("retry", 2_400_100),
        ("cycle", 3_000_000),
    ]
    assert seen.pieces[-1].waiting == "processing"
    assert seen.latencies[-1].end == seen.pieces[-1].until


def test_a_restart_forgets_nothing_that_the_job_has_not_read_yet() -> None:
    """Ann is deleted at 50m, Bob taken out of his group at 51m, Auditors unassigned at 52m; restarted at 53m. The
    initial cycle at 80m, one object a second, is not told of any of it by a full read, but the job's own store knows
    members and assigned groups that are there no longer: all of it is carried over."""
    seen = run(
        told(
            act("50m", "delete", "ann"),
            act("51m", "remove_member", "bob", group="Operators"),
            act("52m", "unassign", group="Auditors"),
            act("53m", "restart_job"),
        )
    )
    assert seen.divergence == [(4_800_000, 4, 0)]
    assert [piece.until is None for piece in seen.pieces] == [False] * 4
    assert seen.held("cyd") == ["ReadOnly@dev"]
