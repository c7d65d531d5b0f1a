"""A phase by ticket that a phase by cycle follows: the job meets users that were made by hand."""

from __future__ import annotations

from typing import Any

from sim.observation.summary import summarize
from tests.semantics.story import MINUTE, Seen, act, join, run, told

SWITCH = 80 * MINUTE
PHASES = [{"name": "by hand", "until": "80m", "strategy": "ticket"}, {"name": "pipeline"}]


def by_turns(*timeline: dict[str, Any], **ticket: Any) -> Seen:
    """By ticket, worked after 30 minutes, until 80m, which is a gate; by cycles after that."""
    settings = {"delay": "30m", "leavers": {"forgotten": 0}, "movers": {"keeps": 0}, **ticket}
    return run(told(*timeline, phases=PHASES, provisioning__ticket=settings))


def initial(seen: Seen) -> tuple[int, int]:
    """How many users the first cycle created and matched."""
    row = seen.world.driver.sums.initial
    assert row is not None
    assert row.start == SWITCH
    return row.tally.users_created, row.tally.users_matched


def test_the_first_cycle_finds_users_by_their_names() -> None:
    """Ann, Bob and Cyd from before, Dee by a ticket."""
    assert initial(by_turns(join("5m", "dee"))) == (0, 4)


def test_it_finds_nobody_who_was_made_with_another_name() -> None:
    seen = by_turns(user_names="mail_nickname")
    assert initial(seen) == (3, 0)
    assert seen.world.services.provider.users_count == 6


def test_what_was_assigned_by_hand_stays_when_the_group_is_left() -> None:
    """In sync by cycle, but the assignment made by hand is not the job's: nobody will end it."""
    seen = by_turns(act("2h", "move", "ann", department="Operations"))
    assert seen.held("ann") == ["PowerUser@dev", "ReadOnly@dev"]
    assert [(piece.who, piece.cause, piece.waiting) for piece in seen.pieces] == [("ann", "mover", "nobody")]


def test_a_leaver_is_through_with_the_cycle_all_the_same() -> None:
    """The matched user is disabled: what is assigned to it works no longer."""
    seen = by_turns(act("2h", "leave", "ann"))
    assert seen.held("ann") == []
    assert [row[0] for row in seen.latency_rows] == ["leaver"]


def test_a_forgotten_leaver_is_found_by_the_initial_cycle_of_nobody() -> None:
    """Disabled before the job came and never linked: a job creates nobody for them, and ends nothing."""
    seen = by_turns(act("5m", "leave", "ann"), leavers={"forgotten": 1})
    assert seen.held("ann") == ["ReadOnly@dev"]
    assert seen.pieces[-1].waiting == "nobody"


def test_an_open_ticket_is_worked_although_no_new_one_is_raised() -> None:
    """Left at 70m, due at 100m; the switch is at 80m."""
    seen = by_turns(act("70m", "leave", "ann"), act("2h", "leave", "bob"))
    (first, _) = seen.latency_rows
    assert first[4] == 100 * MINUTE
    rows = summarize(seen.world)["phases"]
    assert [row["provisioning"]["tickets"]["raised"] for row in rows] == [1, 0]
    assert [row["provisioning"]["manual_steps"] for row in rows] == [0, 1]


def test_from_the_switch_on_what_is_not_through_waits_for_the_cycle() -> None:
    """Joined at 70m with a ticket that would be worked at 100m: ten minutes at the desk, then the cycle at 80m gives
    access before anybody has worked the ticket."""
    seen = by_turns(join("70m", "dee"))
    (row,) = seen.latency_rows
    hr, wait, processing, retry, ticket = row[6:]
    assert (hr, wait, retry, ticket) == (0, 0, 0, 10 * MINUTE)
    assert processing > 0
    desk = seen.world.carried.desk
    assert desk is not None
    assert [ticket[5] for ticket in desk.rows()] == ["nothing_to_do"]
