"""Access by event: a change begins a run of the job a little later, five seconds unless a test says otherwise."""

from __future__ import annotations

from typing import Any

from sim.ports import Answer, Request
from tests.semantics.story import MINUTE, Piece, Seen, act, join, run, told

DELAY = 5_000


def pushed(*timeline: dict[str, Any], **more: Any) -> Seen:
    """The three, by push."""
    return run(told(*timeline, provisioning__strategy="event", **more))


def test_a_leaver_is_gone_five_seconds_and_one_look_later() -> None:
    """Left at 10m = 600,000: the run begins at 605,000 with a GET, its PATCH is sent at 605,100."""
    seen = pushed(act("10m", "leave", "ann"))
    (row,) = seen.latency_rows
    assert row[4] == 605_100
    assert row[6:] == (0, DELAY, 100, 0, 0)
    assert seen.pieces == [
        Piece("ann", "leaver", "cycle", 600_000, 605_000), Piece("ann", "leaver", "processing", 605_000, 605_100),
    ]  # fmt: skip


def test_what_changes_before_the_run_begins_is_carried_by_it() -> None:
    """The second leaves three seconds after the first: one run at 605,000 carries both, with a GET and a
    PATCH each: @0 and @100, @200 and @300."""
    seen = pushed(act("10m", "leave", "ann"), act("603s", "leave", "bob"))
    assert seen.world.driver.sums.cycles == 1
    assert [row[4] for row in seen.latency_rows] == [605_100, 605_300]


def test_what_changes_during_a_run_is_carried_by_the_next() -> None:
    """One request a second, no delay: Ann's GET is sent at 600,000, her PATCH at 601,000 and answered at 601,100. Bob
    leaves at 600,500, in the middle of it: his own run begins at 601,100 and sends his PATCH at 602,100."""
    pace = {"initial": 1, "incremental": 1}
    seen = pushed(
        act("10m", "leave", "ann"),
        act("600500ms", "leave", "bob"),
        provisioning__pace=pace,
        provisioning__push={"delay": "0m"},
    )
    assert seen.world.driver.sums.cycles == 2
    assert [row[4] for row in seen.latency_rows] == [601_000, 602_100]
    assert seen.latency_rows[1][6:] == (0, 600, 1_000, 0, 0)


def test_gates_pass_by_while_nothing_has_to_be_tried_again() -> None:
    assert pushed().world.driver.sums.cycles == 0


def test_an_empty_target_is_filled_by_a_first_push() -> None:
    """Nothing has been carried yet at the start: an initial cycle begins after the delay and not at a gate."""
    seen = pushed(start_state="empty", provisioning__phase="30m")
    initial = seen.world.driver.sums.initial
    assert initial is not None
    assert initial.start == DELAY
    assert seen.held("ann") == ["ReadOnly@dev"]


def test_what_failed_is_tried_again_at_the_next_gate() -> None:
    """Joined at 10m; the first POST gets a 500 at 605 s and something; the gate at 40m tries again."""
    failed: list[int] = []

    def answers(request: Request, now: int) -> Answer | None:
        if request.method == "POST" and request.path == "/Users" and not failed:
            failed.append(now)
            return Answer(500)
        return None

    seen = run(told(join("10m", "dee"), provisioning__strategy="event"), answers=answers)
    (row,) = [row for row in seen.latency_rows if row[0] == "joiner"]
    assert failed[0] < 11 * MINUTE
    assert row[4] is not None
    assert 40 * MINUTE < row[4] < 41 * MINUTE


def test_the_next_run_is_told_while_a_push_is_on_its_way() -> None:
    seen = pushed(act("10m", "leave", "ann"), duration="602s")
    assert seen.world.driver.next_cycle(seen.world.now) == 605_000
    assert pushed().world.driver.next_cycle(0) is None
