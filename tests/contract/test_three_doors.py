"""The scenarios of the three doors, worked out by hand to the minute, over both transports.

A time is told as on the wall; what a door does in the minute of a cycle, it does in that minute.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.access import Access, Verdict
from mockservices.identitycenter.sessions.spans import NEVER_ENDS, Spans
from sim.observation.summary import summarize
from sim.scenario import Scenario, load, loads
from sim.time import DAY, HOUR, MINUTE
from sim.trying import Tried, attempt
from sim.world import Transport, World
from tests.contract.conftest import Run

TRANSPORTS: tuple[Transport, ...] = ("direct", "wire")


def run(name: str, transport: Transport, run_over: Run, *settings: str) -> World:
    return run_over(load(name, settings).scenario, transport)


def access(world: World, user: str, account: str) -> tuple[Access, int]:
    """The doors of a user and their first grant on an account, with everything that has happened."""
    services = world.services
    row = services.provider.user_row_by("userName", user)
    assert row is not None
    found = services.doors.access(row, Millis(0))
    where = services.instance.find_account(account)
    grants = [grant for grant in found.facts.routes if services.instance.grant_parts(grant)[0] is where]
    return found, grants[0]


def wall(world: World, at: int) -> str:
    """``10:40``, on another day than the first with how many days later: ``+1 08:00``."""
    day, time = divmod(world.clock.start.hour * HOUR + world.clock.start.minute * MINUTE + at, DAY)
    told = f"{time // HOUR:02}:{time % HOUR // MINUTE:02}"
    return f"+{day} {told}" if day else told


def stretches(world: World, spans: Spans) -> list[tuple[str, str]]:
    """From when to when, of what is not over at the start; an end that has not come is empty."""
    return [
        ("" if start < 0 else wall(world, start), "" if end >= NEVER_ENDS else wall(world, end))
        for start, end in spans
        if end > 0
    ]


def tried(world: World, at: int, who: str, account: str) -> Tried:
    """The attempt in the middle of the same story, told anew up to then."""
    again = World(world.scenario)
    again.run_until(Millis(at + 1))
    return attempt(again, who, account, at=Millis(at))


# --- Friday, 10:03 ---------------------------------------------------------------------------------------


class Friday(NamedTuple):
    """What a runbook comes to."""

    sign_in: str
    """The last sign-in is possible before this."""
    assignment: str
    portal: str
    """Her portal session of 08:30 lives until then, of itself until 16:30."""
    usable: str
    """She can start a role that works before this."""
    last_role: str
    """What she has started works until then."""


DANA = "dana.whitfield@northwind-cloud.example"
RUNBOOKS = {
    "wait": Friday("10:03", "10:40", "10:40", "10:40", "11:20"),
    "disable_on_demand": Friday("10:03", "10:40", "10:40", "10:40", "11:20"),
    "unassign_on_demand_disable": Friday("10:04", "10:04", "10:04", "10:04", "10:50"),
    "end_session": Friday("10:03", "10:40", "10:05", "10:05", "10:50"),
    "deny": Friday("10:03", "10:40", "10:40", "10:05", "10:05"),
    "push": Friday("10:03", "10:03", "10:03", "10:03", "10:50"),
}


def friday(world: World) -> Friday:
    doors, grant = access(world, DANA, "production")
    (portal,) = doors.portals
    works = [doors.works(role) for role in world.services.doors.roles(doors, Millis(0), Millis(world.now + 1))]
    return Friday(
        stretches(world, doors.sign_in)[-1][1],
        stretches(world, doors.effective(grant))[-1][1],
        wall(world, portal.lives[1]),
        stretches(world, doors.usable(grant))[-1][1],
        wall(world, max(end for spans in works for _, end in spans)),
    )


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_each_runbook_closes_the_doors_at_these_minutes(runbook: str, transport: Transport, run_over: Run) -> None:
    """Cycles at 10:00 and 10:40. Her role of 09:50 lasts an hour, to 10:50; one that she starts at 10:20 to 11:20.

    wait: the account at 10:03, everything in AWS at 10:40; the role of 10:20 goes on to 11:20.
    disable_on_demand: on demand at 10:05 she is passed over, so it is the same.
    unassign_on_demand_disable: out of the group at 10:03, disabled in AWS at 10:04, her account at 10:05. AWS lets no
    disabled user in, so signing in ends at 10:04 too. No role at 10:20.
    end_session: the portal at 10:05, the assignment at 10:40. No role at 10:20, for she would have to sign in.
    deny: 10:05; the role of 10:20 is handed out and worth nothing, as is that of 09:50.
    push: disabled in AWS within the minute. No role at 10:20.
    """
    world = run("friday-1003", transport, run_over, f"runbook={runbook}")
    assert friday(world) == RUNBOOKS[runbook]


class Minutes(NamedTuple):
    """What the summary says of a runbook, to the nearest minute."""

    sign_in: int
    usable: int
    last_session: int
    residual: int


FIGURES = {
    "wait": Minutes(0, 37, 77, 50),
    "disable_on_demand": Minutes(0, 37, 77, 50),
    "unassign_on_demand_disable": Minutes(1, 1, 47, 46),
    "end_session": Minutes(0, 2, 47, 10),
    "deny": Minutes(0, 2, 2, 0),
    "push": Minutes(0, 0, 47, 47),
}


def figures(world: World) -> Minutes:
    summary = summarize(world)
    after = (summary["latency"][key]["max_s"] for key in ("sign_in_blocked", "last_usable", "last_session_ended"))
    first, usable, last = (round(seconds / 60) for seconds in after)
    assert round(summary["orphaned_access"]["usable"]["person_hours"] * 60) == usable
    return Minutes(first, usable, last, round(summary["residual_sessions"]["session_hours"] * 60))


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("runbook", FIGURES)
def test_the_summary_of_each_runbook_says(runbook: str, transport: Transport, run_over: Run) -> None:
    """Counted from 10:03. Residual is what outlives the assignment: after 10:40 the roles of 09:50 and 10:20, for 10
    and 40 minutes. Where there is only that of 09:50: 46 minutes after 10:04, 46 and 55 seconds after a push, 10 after
    10:40. What is denied is not residual, for it is worth nothing."""
    assert figures(run("friday-1003", transport, run_over, f"runbook={runbook}")) == FIGURES[runbook]


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_what_she_is_refused_at_twenty_past_is_told(runbook: str, run_over: Run) -> None:
    """Who waits, or denies, lets her start it; the others do not, and say that her account is disabled."""
    world = run("friday-1003", "direct", run_over, f"runbook={runbook}")
    told = [(wall(world, refused.at), refused.reason) for refused in world.timeline.refused]
    started = runbook in {"wait", "disable_on_demand", "deny"}
    assert told == ([] if started else [("10:20", "AADSTS50057: The user account is disabled.")])


@pytest.mark.parametrize(
    ("runbook", "sent"),
    [
        ("wait", ["10:40 GET Users", "10:40 PATCH Users"]),
        ("disable_on_demand", ["10:40 GET Users", "10:40 PATCH Users"]),
        ("unassign_on_demand_disable", ["10:04 GET Users", "10:04 GET Users", "10:04 PATCH Users"]),
    ],
)
def test_provisioning_a_disabled_user_on_demand_sends_nothing(runbook: str, sent: list[str]) -> None:
    """To disable her takes looking her up and one PATCH; on demand the connection is tried first. Nothing is left for
    10:40 when she was unassigned in time, but her membership."""
    from tests.semantics.story import run as told

    seen = told(load("friday-1003", [f"runbook={runbook}"]).scenario)
    requests = [f"{wall(seen.world, at)} {what}" for at, what in seen.requests]
    assert requests[: len(sent)] == sent
    assert all(line.split()[2] == "Groups" for line in requests[len(sent) :])


@pytest.mark.parametrize(
    ("runbook", "verdict"),
    [
        ("wait", Verdict.USABLE),
        ("disable_on_demand", Verdict.USABLE),
        ("unassign_on_demand_disable", Verdict.CLOSED),
        ("end_session", Verdict.CLOSED),
        ("deny", Verdict.DENIED),
        ("push", Verdict.CLOSED),
    ],
)
def test_trying_at_twenty_past_says(runbook: str, verdict: Verdict, run_over: Run) -> None:
    world = run("friday-1003", "direct", run_over, f"runbook={runbook}")
    assert tried(world, 2 * HOUR + 20 * MINUTE, "dana", "production").best.attempt.verdict is verdict


def test_the_dismissal_is_the_same_event_in_every_runbook(run_over: Run) -> None:
    """At 10:03; only what is done about it differs. Her access lasts 37 minutes, 1, or the five seconds of a push."""
    minutes = {}
    for runbook in RUNBOOKS:
        world = run("friday-1003", "direct", run_over, f"runbook={runbook}")
        assert world.parts.ledger.events.counts["leaver"] == 1
        (latency,) = world.parts.ledger.events.latencies.done["leaver"]
        minutes[runbook] = latency // MINUTE
    assert minutes == {
        "wait": 37, "disable_on_demand": 37, "unassign_on_demand_disable": 1, "end_session": 37, "deny": 37, "push": 0,
    }  # fmt: skip


def test_a_runbook_is_kept_as_it_was_written() -> None:
    """The text of a run that followed one reads as the same scenario again, with every runbook still in it."""
    loaded = load("friday-1003", ["runbook=push"])
    again = loads(loaded.text, "journal")
    assert again.text == loaded.text
    assert again.scenario.timeline == loaded.scenario.timeline
    assert list(again.scenario.runbooks) == list(RUNBOOKS)
    assert again.scenario.provisioning.strategy == "event"


# --- a mover ---------------------------------------------------------------------------------------------

MILO = "milo.castellano@northwind-cloud.example"


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("settings", "residual", "last_role"),
    [
        ((), [("10:40", "11:40")], "23:39"),
        (("target.permission_sets.0.session=1h",), [("10:40", "11:40")], "12:39"),
        (("target.sessions.group_change=0m",), [], None),
        (("target.sessions.rules=legacy",), [("10:40", "11:40")], "23:39"),
    ],
)
def test_a_mover_keeps_the_door_open_for_an_hour_and_what_he_starts_in_it_for_twelve(
    settings: tuple[str, ...],
    residual: list[tuple[str, str]],
    last_role: str | None,
    transport: Transport,
    run_over: Run,
) -> None:
    """Moved at 10:01, out of the group at 10:40, in effect by 11:40: the role of 11:39 lasts twelve hours, to 23:39.

    With roles of an hour to 12:39; where AWS sees the removal at once, that role is not started. Since the old rules
    speak of disabled users alone, a mover has no other hour under them.
    """
    world = run("mover-keeps-the-door", transport, run_over, *settings)
    doors, grant = access(world, MILO, "production")
    assert stretches(world, doors.sign_in) == [("", "")]
    assert stretches(world, doors.usable(grant)) == [("", "10:40")]
    assert stretches(world, doors.residual(grant)) == residual
    ends = [
        wall(world, end)
        for role in world.services.doors.roles(doors, Millis(0), Millis(world.now + 1))
        for _, end in doors.works(role)
    ]
    assert ends == ([] if last_role is None else [last_role])


def test_a_mover_is_let_in_until_twenty_to_twelve_and_then_to_the_new_account_only(run_over: Run) -> None:
    world = run("mover-keeps-the-door", "direct", run_over)

    def verdict(minutes: int, account: str) -> Verdict:
        return tried(world, minutes * MINUTE, "milo", account).best.attempt.verdict

    assert [verdict(minutes, "production") for minutes in (159, 161, 219, 221)] == [
        Verdict.USABLE, Verdict.RESIDUAL, Verdict.RESIDUAL, Verdict.CLOSED,
    ]  # fmt: skip
    assert [verdict(minutes, "reporting") for minutes in (159, 161)] == [Verdict.CLOSED, Verdict.USABLE]


# --- ninety days -----------------------------------------------------------------------------------------

LENA = "lena.ostrowski@northwind-cloud.example"


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("settings", "usable"),
    [
        ((), "+23 09:00"),
        (("target.sessions.portal=8h",), "+18 16:30"),
        (("target.sessions.portal=7d",), "+23 09:00"),
    ],
)
def test_ninety_days_signed_in_outlast_a_job_that_stands_still(
    settings: tuple[str, ...], usable: str, transport: Transport, run_over: Run
) -> None:
    """Dismissed on day 18 at 14:00, the job starts on day 23 at 09:00: 115 hours. With sessions of eight hours that of
    08:30 ends at 16:30 on the same day; with seven days, as was the longest until 2023, it would last to day 25."""
    fewer = "provisioning.interval=4h"  # cycles of which none does anything
    world = run("long-portal-session", transport, run_over, *settings, fewer)
    doors, grant = access(world, LENA, "production")
    assert stretches(world, doors.sign_in) == [("", "+18 14:00")]
    assert stretches(world, doors.effective(grant)) == [("", "+23 09:00")]
    assert stretches(world, doors.usable(grant))[-1][1] == usable
    refused = [(wall(world, each.at), each.action) for each in world.timeline.refused]
    assert refused == ([("+22 12:00", "start_role")] if usable == "+18 16:30" else [])


# --- before federation -----------------------------------------------------------------------------------

LEAVERS = ["pvance", "msato", "jcrane", "rmenon", "efox", "bholt", "cdumont", "oaziz", "klowell", "gtorres", "aduarte"]


def fourteen(scenario: Scenario) -> list[tuple[str, str, str]]:
    """(person, account, permission set) of what leavers hold."""
    owners = {user.user_name: user.owner or "" for user in scenario.before.target_users}
    return [
        (owners[each.user or ""], each.account, each.permission_set)
        for each in scenario.before.assignments
        if each.user in LEAVERS
    ]


def test_they_are_the_fourteen_of_the_case_study() -> None:
    mine, theirs = fourteen(load("before-federation").scenario), fourteen(load("case-study").scenario)
    assert mine == theirs
    assert len(mine) == 14


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_each_of_the_fourteen_is_an_open_door_until_the_source_is_switched(transport: Transport, run_over: Run) -> None:
    """Every one usable until 10:00 by signing in, and Peter's two until 16:30, the end of his session of 08:30. They
    stay effective, an auditor's export shows them, until the clean-up of the next day at 08:00."""
    world = run("before-federation", transport, run_over)
    usable: dict[str, set[str]] = {}
    for user in LEAVERS:
        services = world.services
        row = services.provider.user_row_by("userName", user)
        assert row is not None
        doors = services.doors.access(row, Millis(0))
        for grant in doors.facts.routes:
            assert stretches(world, doors.effective(grant)) == [("", "+1 08:00")]
            ((start, end),) = stretches(world, doors.usable(grant))
            assert start == ""
            usable.setdefault(end, set()).add(user)
        assert stretches(world, doors.sign_in) == [("", "10:00")]
    assert usable == {"16:30": {"pvance"}, "10:00": set(LEAVERS) - {"pvance"}}
    assert world.timeline.refused == []


def test_trying_all_fourteen_says_yes_before_the_switch_and_two_of_them_after_it(run_over: Run) -> None:
    world = run("before-federation", "direct", run_over)

    def yes(at: int) -> int:
        again = World(world.scenario)
        again.run_until(Millis(at + 1))
        return sum(
            attempt(again, person, account, role, Millis(at)).best.attempt.verdict.is_open
            for person, account, role in fourteen(world.scenario)
        )

    assert [yes(at) for at in (HOUR, 3 * HOUR, 9 * HOUR)] == [14, 2, 0]
