"""Access by ticket: what is raised, forgotten, worked and left, and how long that takes.

Ann has ReadOnly, Bob PowerUser, Cyd ReadOnly and Audit, each assigned to a user that was made by hand. A ticket is
worked 45 minutes after the directory changed unless a test says otherwise; forgotten and kept is nothing unless it says
so.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.scim.provider import CONSOLE
from sim.observation.summary import summarize
from tests.semantics.story import HOUR, MINUTE, Piece, Seen, act, join, run, told

WORKED = 45 * MINUTE


def by_ticket(*timeline: dict[str, Any], **ticket: Any) -> Seen:
    """The three, by ticket; ``ticket`` replaces its settings."""
    settings = {
        "delay": "45m",
        "movers": {"keeps": 0},
        "leavers": {"forgotten": 0},
        "contractors": {"forgotten": 0},
        **ticket,
    }
    return run(told(*timeline, provisioning__strategy="ticket", provisioning__ticket=settings))


def hops(seen: Seen, kind: str) -> tuple[int, int]:
    """(hr, ticket) of the one latency of a kind, which has no other hops."""
    (row,) = [row for row in seen.latency_rows if row[0] == kind]
    hr, wait, processing, retry, ticket = row[6:]
    assert (wait, processing, retry) == (0, 0, 0)
    assert hr + ticket == row[5]
    return hr, ticket


def acts(seen: Seen) -> list[str]:
    """What was done by hand in the console."""
    return [act.action for act in seen.world.timeline.console.acts if act.kind == "manual"]


def outcomes(seen: Seen) -> list[tuple[str, str]]:
    """(kind, outcome) of every ticket."""
    desk = seen.world.carried.desk
    assert desk is not None
    return [(row[2], row[5]) for row in desk.rows()]


# --- the start ------------------------------------------------------------------------------------------------


def test_what_is_there_at_the_start_was_made_by_hand_and_is_known_to_no_job() -> None:
    seen = by_ticket()
    provider, state = seen.world.services.provider, seen.world.parts.state
    assert [provider.user(row).origin for row in range(provider.users_made)] == [CONSOLE] * 3
    assert [provider.user(row).attributes["userName"] for row in range(3)] == [
        f"{name}.example@contoso.example" for name in ("ann", "bob", "cyd")
    ]
    assert state.users.known() == []
    assert [seen.held(name) for name in ("ann", "bob", "cyd")] == [
        ["ReadOnly@dev"], ["PowerUser@dev"], ["Audit@prod", "ReadOnly@dev"],
    ]  # fmt: skip
    assert seen.pieces == []
    assert acts(seen) == []


def test_no_job_runs_and_nothing_is_asked_of_it() -> None:
    seen = by_ticket(act("10m", "leave", "ann"))
    assert seen.requests == []
    assert seen.world.driver.sums.cycles == 0


# --- leavers --------------------------------------------------------------------------------------------------


def test_a_leaver_waits_for_hr_then_for_the_ticket() -> None:
    """Left at 10m, told at 30m, worked at 75m = 4,500,000."""
    seen = by_ticket(act("10m", "leave", "ann", hr_lag="20m"))
    assert hops(seen, "leaver") == (20 * MINUTE, WORKED)
    assert seen.pieces == [
        Piece("ann", "leaver", "hr", 600_000, 1_800_000),
        Piece("ann", "leaver", "ticket", 1_800_000, 4_500_000),
    ]
    assert acts(seen) == ["aws_unassign"]
    assert seen.held("ann") == []


def test_two_assignments_are_two_acts() -> None:
    assert acts(by_ticket(act("10m", "leave", "cyd"))) == ["aws_unassign", "aws_unassign"]


def test_what_nobody_raises_a_ticket_about_stays_and_is_said_so_from_the_first_moment() -> None:
    seen = by_ticket(act("10m", "leave", "ann", hr_lag="20m"), leavers={"forgotten": 1})
    assert seen.pieces == [Piece("ann", "leaver", "nobody", 600_000, None)]
    assert outcomes(seen) == [("leaver", "forgotten")]
    assert seen.held("ann") == ["ReadOnly@dev"]


def test_what_is_overlooked_stays_while_the_rest_goes() -> None:
    seen = by_ticket(act("10m", "leave", "cyd"), leavers={"forgotten": 0, "overlooked": 1})
    assert seen.held("cyd") == ["Audit@prod", "ReadOnly@dev"]
    assert outcomes(seen) == [("leaver", "nothing_to_do")]
    assert seen.pieces == [Piece("cyd", "leaver", "nobody", 600_000, None)]


@pytest.mark.parametrize(
    ("ends", "act_done", "users"), [("disable", "aws_disable_user", 3), ("delete", "aws_delete_user", 2)]
)
def test_a_user_can_be_ended_as_a_whole(ends: str, act_done: str, users: int) -> None:
    seen = by_ticket(act("10m", "leave", "cyd"), ends=ends)
    assert acts(seen) == [act_done]
    assert seen.held("cyd") == []
    assert seen.world.services.provider.users_count == users
    assert hops(seen, "leaver") == (0, WORKED)


def test_an_end_of_contract_has_its_own_share_of_forgotten_tickets() -> None:
    timeline = (act("10m", "expire", "bob"), act("20m", "leave", "ann"))
    seen = by_ticket(*timeline, contractors={"forgotten": 1})
    assert outcomes(seen) == [("contractor", "forgotten"), ("leaver", "worked")]
    assert seen.held("bob") == ["PowerUser@dev"]


# --- joiners and movers ---------------------------------------------------------------------------------------


def test_a_joiner_gets_a_user_and_an_assignment_by_hand() -> None:
    """Joined at 10m, in the directory at 30m, worked at 75m."""
    seen = by_ticket(join("10m", "dee", hr_lag="20m"))
    assert hops(seen, "joiner") == (20 * MINUTE, WORKED)
    assert acts(seen) == ["aws_create_user", "aws_assign"]
    assert seen.held("dee") == ["ReadOnly@dev"]
    assert seen.missing == [("dee", 600_000, 600_000 + 20 * MINUTE + WORKED)]


def test_a_mover_is_given_and_taken_by_one_ticket() -> None:
    seen = by_ticket(act("10m", "move", "ann", department="Operations"))
    assert hops(seen, "mover_grant") == hops(seen, "mover_revoke") == (0, WORKED)
    assert acts(seen) == ["aws_assign", "aws_unassign"]


def test_a_mover_who_keeps_is_given_and_not_taken() -> None:
    seen = by_ticket(act("10m", "move", "ann", department="Operations"), movers={"keeps": 1})
    assert hops(seen, "mover_grant") == (0, WORKED)
    assert seen.held("ann") == ["PowerUser@dev", "ReadOnly@dev"]
    assert seen.pieces == [Piece("ann", "mover", "nobody", 600_000, None)]


def test_a_leaver_loses_what_a_move_had_left() -> None:
    """The worker of a leaver's ticket takes away what he finds: ReadOnly kept, PowerUser given."""
    seen = by_ticket(act("10m", "move", "ann", department="Operations"), act("2h", "leave", "ann"), movers={"keeps": 1})
    assert seen.held("ann") == []
    assert acts(seen) == ["aws_assign", "aws_unassign", "aws_unassign"]


def test_a_change_that_gives_and_takes_nothing_is_no_ticket() -> None:
    assert outcomes(by_ticket(act("10m", "rename", "ann", family_name="Other", display_name="Ann Other"))) == []


def test_everything_that_changes_at_one_instant_is_one_ticket() -> None:
    timeline = (
        act("10m", "remove_member", "ann", group="Engineers"),
        act("10m", "add_member", "ann", group="Operators"),
    )
    seen = by_ticket(*timeline)
    assert outcomes(seen) == [("mover", "worked")]
    assert seen.held("ann") == ["PowerUser@dev"]


# --- tickets that cross each other ----------------------------------------------------------------------------


def test_who_left_before_the_joiner_ticket_is_worked_gets_nothing() -> None:
    """Joined at 10m, left at 20m: the first ticket finds a disabled account at 55m, the second no user at 65m."""
    seen = by_ticket(join("10m", "dee"), act("20m", "leave", "dee"))
    assert outcomes(seen) == [("joiner", "nothing_to_do"), ("leaver", "nothing_to_do")]
    assert seen.outcomes == {"superseded": 1, "nothing_to_remove": 1}
    assert acts(seen) == []


def test_an_older_ticket_does_not_undo_a_newer_one() -> None:
    """To Operations at 10m, on to Security at 20m; a mover's ticket takes 2h, so both are open when the first is
    worked at 130m: PowerUser is not given any more. The second gives Audit at 140m; ReadOnly was never taken."""
    timeline = (
        act("10m", "move", "ann", department="Operations"),
        act("20m", "move", "ann", department="Security"),
    )
    seen = by_ticket(*timeline, movers={"keeps": 0, "delay": "2h"})
    assert acts(seen) == ["aws_assign"]
    assert seen.held("ann") == ["Audit@prod", "ReadOnly@dev"]


def test_who_is_back_before_the_leaver_ticket_is_worked_keeps_everything() -> None:
    seen = by_ticket(act("10m", "absent", "ann"), act("30m", "back", "ann"))
    assert outcomes(seen)[0] == ("leaver", "nothing_to_do")
    assert seen.held("ann") == ["ReadOnly@dev"]
    assert acts(seen) == []


def test_somebody_hired_again_gets_the_old_user_back() -> None:
    seen = by_ticket(act("10m", "leave", "ann"), act("2h", "rehire", "ann"), ends="disable")
    assert acts(seen) == ["aws_disable_user", "aws_enable_user"]
    assert seen.held("ann") == ["ReadOnly@dev"]
    assert hops(seen, "rehire") == (0, WORKED)


# --- reviews --------------------------------------------------------------------------------------------------


def test_a_review_finds_what_was_forgotten_and_raises_a_ticket() -> None:
    """Left at 10m and forgotten; reviewed at 60m, worked at 105m = 6,300,000: 95m after it was true."""
    seen = by_ticket(act("10m", "leave", "ann"), leavers={"forgotten": 1}, review={"every": "1h", "catches": 1})
    assert outcomes(seen) == [("leaver", "forgotten"), ("review", "worked")]
    assert hops(seen, "leaver") == (0, 95 * MINUTE)
    assert seen.pieces == [Piece("ann", "leaver", "ticket", 600_000, 6_300_000)]


def test_a_review_that_sees_nothing_ends_nothing() -> None:
    seen = by_ticket(act("10m", "leave", "ann"), leavers={"forgotten": 1}, review={"every": "1h", "catches": 0})
    assert seen.pieces == [Piece("ann", "leaver", "nobody", 600_000, None)]


def test_a_review_raises_no_second_ticket() -> None:
    """Left at 50m, reviewed at 60m while the ticket is open, worked at 95m."""
    seen = by_ticket(act("50m", "leave", "ann"), review={"every": "1h", "catches": 1})
    assert outcomes(seen) == [("leaver", "worked")]


def test_a_review_takes_what_a_mover_has_kept() -> None:
    seen = by_ticket(
        act("10m", "move", "ann", department="Operations"), movers={"keeps": 1}, review={"every": "2h", "catches": 1}
    )
    assert seen.held("ann") == ["PowerUser@dev"]


# --- the queue ------------------------------------------------------------------------------------------------

OFFICE = {"number": 1, "handling": "30m", "opens": "9h", "closes": "17h"}


def queued(*timeline: dict[str, Any], **operators: Any) -> Seen:
    """The same with a queue; the story begins on a Monday at 8 o'clock, the office opens at 9."""
    settings = {
        "operators": {**OFFICE, **operators}, "movers": {"keeps": 0}, "leavers": {"forgotten": 0},
    }  # fmt: skip
    return run(told(*timeline, provisioning__strategy="ticket", provisioning__ticket=settings))


def test_one_operator_works_one_ticket_after_the_other_from_the_hour_at_which_the_office_opens() -> None:
    """Left at 8:10 and 8:20: worked at 9:30 = 90m and 10:00 = 120m after the start."""
    seen = queued(act("10m", "leave", "ann"), act("20m", "leave", "bob"))
    assert [(row[2], row[4]) for row in seen.latency_rows] == [
        (seen.person("ann").number, 90 * MINUTE), (seen.person("bob").number, 120 * MINUTE),
    ]  # fmt: skip


def test_two_operators_work_two_tickets_at_a_time() -> None:
    seen = queued(act("10m", "leave", "ann"), act("20m", "leave", "bob"), number=2)
    assert [row[4] for row in seen.latency_rows] == [90 * MINUTE] * 2


def test_operators_work_by_their_own_clock() -> None:
    """In London it is 8 when the story begins, in Lagos 9: left at 8:10 UTC, worked within half an hour."""
    seen = queued(act("10m", "leave", "ann"), timezone="Africa/Lagos")
    assert [row[4] for row in seen.latency_rows] == [40 * MINUTE]


def test_operators_without_a_clock_work_by_the_companys() -> None:
    """In Cairo 9:00 is 7:00 UTC in winter, before the story begins."""
    company = {"size": 3, "calendar": "corporate", "timezone": "Africa/Cairo", "counts": {}}
    settings = {"operators": OFFICE, "leavers": {"forgotten": 0}}
    scenario = told(
        act("10m", "leave", "ann"), workforce=company, provisioning__strategy="ticket", provisioning__ticket=settings
    )
    scenario["organisation"]["departments"] = [{"name": name} for name in ("Engineering", "Operations", "Security")]
    seen = run(scenario)
    assert [row[4] for row in seen.latency_rows] == [40 * MINUTE]


def test_work_goes_on_the_next_morning() -> None:
    """Half an hour of work and an office that closes at 9:20: 20 minutes on Monday, 10 on Tuesday, until 9:10."""
    seen = run(
        told(
            act("10m", "leave", "ann"),
            duration="2d",
            provisioning__strategy="ticket",
            provisioning__ticket={"operators": {**OFFICE, "closes": "560m"}, "leavers": {"forgotten": 0}},
        )
    )
    assert [row[4] for row in seen.latency_rows] == [25 * HOUR + 10 * MINUTE]


# --- memberships ----------------------------------------------------------------------------------------------


def test_access_can_be_given_by_groups_made_by_hand() -> None:
    seen = by_ticket(act("10m", "move", "ann", department="Operations"), join("20m", "dee"), gives="memberships")
    assert [group.attributes["displayName"] for group in seen.world.services.provider.groups] == [
        "Engineers", "Operators", "Auditors",
    ]  # fmt: skip
    assert acts(seen) == ["aws_add_member", "aws_remove_member", "aws_create_user", "aws_add_member"]
    assert (seen.held("ann"), seen.held("dee")) == (["PowerUser@dev"], ["ReadOnly@dev"])


def test_a_group_is_made_when_somebody_is_to_be_in_it() -> None:
    """Nothing is in the target at the start: tickets for the three are raised at once, and worked at 45m."""
    settings = {"delay": "45m", "gives": "memberships"}
    seen = run(told(start_state="empty", provisioning__strategy="ticket", provisioning__ticket=settings))
    assert [seen.held(name) for name in ("ann", "bob", "cyd")] == [
        ["ReadOnly@dev"], ["PowerUser@dev"], ["Audit@prod", "ReadOnly@dev"],
    ]  # fmt: skip
    assert acts(seen).count("aws_create_group") == 3
    assert [until for _, _, until in seen.missing] == [WORKED] * 3


# --- what is told ---------------------------------------------------------------------------------------------


def test_acts_by_hand_are_manual_steps() -> None:
    seen = by_ticket(act("10m", "leave", "cyd"), join("20m", "dee"))
    block = summarize(seen.world)["provisioning"]
    assert block["strategy"] == "ticket"
    assert block["manual_steps"] == 4
    assert block["tickets"] == {
        "raised": 2, "worked": 2, "nothing_to_do": 0, "refused": 0, "open": 0, "forgotten": 0,
    }  # fmt: skip


def test_where_no_job_ever_runs_there_is_nothing_to_be_out_of_step_with() -> None:
    """Null, never 0; three users, none of whom any job knows."""
    block = summarize(by_ticket(act("10m", "leave", "ann")).world)["divergence"]
    assert (block["now"], block["by_kind"], block["unmanaged"]) == (None, None, 3)


def test_the_same_people_and_events_under_every_strategy() -> None:
    counts = []
    for strategy in ("cycle", "ticket", "event", "none"):
        seen = run(told(act("10m", "leave", "ann"), join("20m", "dee"), provisioning__strategy=strategy))
        counts.append(seen.counts)
    assert counts == [{"leaver": 1, "joiner": 1}] * 4
