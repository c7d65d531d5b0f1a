"""The three doors of the person in view: open or closed, since when, until when, and by whom; worked out by hand.

Cycles are due every 40 minutes from 8:00 on, at 10:00 and 10:40; whoever leaves or moves does so at 10:03.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.identitycenter.sessions.access import Verdict
from mockservices.identitycenter.sessions.spans import covering
from sim.clockwork import Clockwork
from sim.mailbox import Mailbox
from sim.observation.doors import Doorway, doorway
from sim.observation.frame import make_frame
from sim.observation.lane import will_send
from sim.observation.watch import Watch
from sim.scenario import Scenario, load, scenario_from
from sim.world import World
from tests.semantics.at_the_doors import dismissal, move
from tests.semantics.story import HOUR, MINUTE, act, told

Row = tuple[bool | None, int | None, int | None, str]


class Seen:
    """A world, and the doors of whoever is in view in it."""

    def __init__(self, scenario: Scenario) -> None:
        self.world = World(scenario)
        self.watch = Watch(self.world)
        self.clockwork = Clockwork(Mailbox(), "story")
        self.clockwork.begin(self.world)

    def at(self, hour: int, minute: int, second: int = 0) -> Doorway:
        """The doors at a time of the first day."""
        self.world.run_until((hour - 8) * HOUR + minute * MINUTE + second * 1000)
        lane = make_frame(self.world, self.watch, self.clockwork).lane
        assert lane is not None
        return lane.doorway

    def of(self, name: str) -> Doorway:
        """The doors of somebody whom the scenario calls so."""
        person = self.world.parts.ledger.person(self.world.parts.register.names[name])
        return doorway(self.world, person, will_send(self.world, person))


def rows(seen: Doorway) -> list[Row]:
    """(open, since, until, why) of every door, times in whole minutes after 8:00."""

    def minutes(at: int | None) -> int | None:
        return None if at is None else at // MINUTE

    return [(door.is_open, minutes(door.since), minutes(door.until), door.why) for door in seen.doors]


# --- somebody who has left -------------------------------------------------------------------------------


def test_the_cycle_that_disables_the_user_closes_assignment_and_session_and_credentials_outlive_it() -> None:
    """Sign-in closes at 10:03 (123 minutes), the other two with the cycle at 10:40 (160); the session would have
    gone on until 17:00. The credentials of 9:55 work until 10:55 (175)."""
    seen = Seen(dismissal())
    before = seen.at(10, 4)
    assert rows(before) == [
        (False, 123, None, "the account in Entra is disabled"),
        (True, None, 160, "the cycle closes it"),
        (True, 60, 160, "disabling the user ends it"),
    ]
    assert (before.state, before.grant) == ("ORPHANED", "PowerUser on dev")
    assert (before.verdict, before.until, before.role_until) == ("usable", 160 * MINUTE, 175 * MINUTE)

    after = seen.at(10, 41)
    assert rows(after) == [
        (False, 123, None, "the account in Entra is disabled"),
        (False, 160, None, "stands, but the user is disabled"),
        (False, 160, None, "the user is disabled in AWS"),
    ]
    assert (after.verdict, after.until, after.role_until) == ("closed", None, 175 * MINUTE)
    assert seen.at(10, 55).role_until is None


def test_while_the_cycle_that_disables_the_user_runs_it_is_what_every_open_door_waits_for() -> None:
    """Begun at 10:40, it sends the PATCH after a tenth of a second: not the cycle of 11:20 closes the session."""
    seen = Seen(dismissal())
    seen.at(10, 4)
    seen.world.run_until(160 * MINUTE + 50)
    now = seen.of("bob")
    assert rows(now)[1:] == [
        (True, None, None, "the cycle that runs now closes it"),
        (True, 60, None, "the cycle that runs now ends it"),
    ]
    assert (now.verdict, now.until, now.role_until) == ("usable", 160 * MINUTE + 50, 175 * MINUTE)


def test_under_the_older_rules_the_session_goes_on_for_an_hour_as_residual() -> None:
    """Cached for up to an hour: from 10:40 until 11:40 (220 minutes)."""
    seen = Seen(dismissal(target__sessions={"rules": "legacy"}))
    assert rows(seen.at(10, 4))[2] == (True, 60, 220, "disabling the user ends it")
    after = seen.at(10, 41)
    assert (after.verdict, (after.until or 0) // MINUTE) == ("residual", 220)
    assert rows(after)[2][:2] == (True, 60)
    assert seen.at(11, 41).verdict == "closed"


def test_a_password_at_aws_keeps_sign_in_open_until_the_cycle() -> None:
    seen = Seen(dismissal(target__sign_in="local", target__sessions=None))
    assert rows(seen.at(10, 4))[0] == (True, None, 160, "the cycle disables the user")
    assert rows(seen.at(10, 41))[0] == (False, 160, None, "the user is disabled in AWS")


def test_without_a_session_a_leaver_gets_in_no_more_from_the_instant_the_account_is_disabled() -> None:
    told_off = [act("123m", "leave", "bob")]
    seen = Seen(scenario_from(told(*told_off, target__sessions={})))
    before = seen.at(10, 4)
    assert (before.verdict, before.state) == ("closed", "ORPHANED")
    assert rows(before)[2] == (False, None, None, "nobody has signed in")


def test_where_sessions_are_not_simulated_nobody_says_that_there_is_none() -> None:
    seen = Seen(scenario_from(told(act("123m", "leave", "bob"))))
    before = seen.at(10, 4)
    assert (before.verdict, (before.until or 0) // MINUTE) == ("session", 160)
    assert rows(before)[2] == (None, None, None, "not simulated in this scenario")
    assert seen.at(10, 41).verdict == "closed"


def test_until_hr_has_told_every_door_waits_for_hr_and_where_nobody_will_tell_for_nobody() -> None:
    late = Seen(scenario_from(told(act("123m", "leave", "bob", hr_lag="5h"), duration="14h")))
    assert [row[3] for row in rows(late.at(10, 41))][:2] == ["until HR tells Entra"] * 2
    assert late.at(10, 41).until is None


def test_an_end_of_a_session_is_told_by_what_ended_it() -> None:
    more = [act("130m", "aws_end_sessions", user="bob.example@contoso.example")]
    seen = Seen(
        scenario_from(told(act("1h", "sign_in", "bob"), act("123m", "leave", "bob"), *more, target__sessions={}))
    )
    assert rows(seen.at(10, 11))[2] == (False, 130, None, "ended by an administrator")
    expired = Seen(dismissal(target__sessions={"portal": "30m"}))
    assert rows(expired.at(10, 4))[2][:2] == (True, 115)  # who starts a role signs in again at 9:55
    assert rows(expired.at(10, 26))[2] == (False, 145, None, "the portal session has expired")


def test_what_is_denied_is_no_way_in() -> None:
    more = [act("130m", "aws_deny", user="bob.example@contoso.example")]
    seen = Seen(
        scenario_from(told(act("1h", "sign_in", "bob"), act("123m", "leave", "bob"), *more, target__sessions={}))
    )
    assert seen.at(10, 11).verdict == "denied"
    assert seen.at(10, 11).role_until is None


# --- somebody who has moved ------------------------------------------------------------------------------


def test_a_mover_keeps_two_doors_and_the_session_goes_by_the_old_group_for_an_hour() -> None:
    """The cycle at 10:40 takes her out of the group; the open session starts the old role until 11:40 (220 minutes)."""
    seen = Seen(move())
    before = seen.at(10, 4)
    assert (before.state, before.verdict, (before.until or 0) // MINUTE) == ("RETAINED", "usable", 160)
    assert rows(before) == [
        (True, None, None, "the account in Entra is enabled"),
        (True, None, 160, "the cycle closes it"),
        (True, 60, 540, "the portal session expires"),
    ]
    assert (before.residual_until or 0) // MINUTE == 220

    after = seen.at(10, 41)
    assert (after.state, after.grant, after.verdict) == ("works", "PowerUser on dev", "usable")
    assert (after.residual_until or 0) // MINUTE == 220
    assert seen.at(11, 41).residual_until is None


def test_a_joiner_waits_for_the_cycle_that_makes_the_user() -> None:
    values = told({"at": "61m", "do": "join", "person": {"id": "eve", "given_name": "Eve", "family_name": "Example",
                                                         "department": "Engineering"}})  # fmt: skip
    seen = Seen(scenario_from(values))
    before = seen.at(9, 2)
    assert (before.state, before.verdict, (before.until or 0) // MINUTE) == ("WAITING", "closed", 80)
    assert before.federated  # though there is no user yet whose sign-in Entra would decide on
    assert rows(before)[:2] == [
        (False, None, None, "there is no user in AWS"), (False, None, 80, "the cycle brings it"),
    ]  # fmt: skip
    after = seen.at(9, 21)
    assert [row[0] for row in rows(after)] == [True, True, None]
    assert (after.verdict, after.until) == ("usable", None)


@pytest.mark.parametrize(
    ("scenario", "name", "after"),
    [
        (
            "deleted-not-deleted",
            "brian",
            2 * 24 * 60 + 41,
        ),  # restored at two days, enabled by the cycle 40 minutes later
        ("deleted-in-aws", "tomasz", 11),  # nothing about him has changed
        ("deleted-in-aws", "tomasz", 181),  # renamed: the request for it goes to a user who is gone
        ("late-in-scope", "samuel", 4 * 60 + 1),  # enabled at four hours: he gets a user and no membership
        ("re-enabled-without-groups", "viktor", 6 * 60),
    ],
)
def test_of_access_that_nothing_will_bring_nobody_says_that_a_cycle_does(scenario: str, name: str, after: int) -> None:
    """What every one of these stories is about: directory and target differ, and the job does not look."""
    seen = Seen(load(scenario).scenario)
    seen.world.run_until(after * MINUTE)
    person = seen.world.parts.ledger.person(seen.world.parts.register.names[name])
    doors = seen.of(name)
    assert (doors.state, doors.verdict, doors.until) == ("WAITING", "closed", None)
    assert rows(doors)[1][2:] == (None, "no cycle brings it")
    assert will_send(seen.world, person) == ()


def test_the_story_of_somebody_who_is_restored_promises_no_cycle() -> None:
    seen = Seen(load("deleted-not-deleted").scenario)
    seen.world.run_until(3 * 24 * HOUR)
    frame = make_frame(seen.world, seen.watch, seen.clockwork)
    assert frame.caption == (
        "Brian Holt came back and is in the directory, but AWS lacks the access, and no cycle has a reason to look."
    )


def test_after_a_full_restart_the_cycle_brings_it() -> None:
    """The links are dropped at nine hours, and the cycle at 9:20 hours looks for everybody anew."""
    seen = Seen(load("deleted-in-aws").scenario)
    seen.world.run_until(9 * HOUR + MINUTE)
    assert rows(seen.of("tomasz"))[1][2:] == (560, "tried again then")


def test_whoever_signs_in_is_in_view_until_something_happens_to_somebody() -> None:
    """Bob signs in at 9:00, with every door open; from 10:01 on Ann's move is told, and he is seen no more."""
    more = [act("1h", "sign_in", "bob"), act("121m", "move", "ann", department="Operations")]
    seen = Seen(scenario_from(told(*more, act("122m", "start_role", "bob", permission_set="PowerUser", account="dev"),
                                   target__sessions={})))  # fmt: skip
    bob = seen.at(9, 1)
    assert (bob.grant, bob.verdict) == ("PowerUser on dev", "usable")
    assert [row[0] for row in rows(bob)] == [True, True, True]
    assert seen.at(10, 3).state == "RETAINED"


def test_f_reaches_people_whose_access_is_not_theirs_though_no_event_is_under_way() -> None:
    world = World(load("case-study").scenario)
    watch = Watch(world)
    world.run_until(15 * MINUTE)
    names = []
    for _ in range(11):
        watch.follow_next()
        names.append(watch.name(watch.focus or 0))
    assert "Peter Vance" in names
    assert len(set(names)) == 11  # as many as the audit finds


# --- other ways of providing access ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"provisioning__strategy": "none"}, "stays open: nobody closes it"),
        ({"provisioning__strategy": "ticket"}, "until somebody works the ticket"),
    ],
)
def test_by_ticket_or_not_at_all_no_cycle_is_named_that_would_close_the_assignment(
    more: dict[str, Any], why: str
) -> None:
    seen = Seen(scenario_from(told(act("123m", "leave", "bob"), **more)))
    before = seen.at(10, 4)
    assert rows(before)[1] == (True, None, None, why)
    assert before.until is None


def test_in_the_case_study_a_local_password_lets_leavers_in_until_the_identity_source_is_switched() -> None:
    """Peter Vance left 412 days ago; at 9:05 the identity source becomes Entra, where his account is disabled."""
    world = World(load("case-study").scenario)
    Watch(world)

    def seen(minutes: float) -> Doorway:
        world.run_until(int(minutes * MINUTE))
        peter = next(person for person in world.parts.ledger.touched() if person.orphans)
        return doorway(world, peter, will_send(world, peter))

    before = seen(15)
    assert rows(before)[:2] == [
        (True, None, None, "with a password at AWS: Entra is not asked"),
        (True, None, None, "stays open: nobody closes it"),
    ]
    assert (before.verdict, before.until, before.federated) == ("usable", None, False)
    assert not before.doors[0].right
    after = seen(97)
    assert rows(after)[:2] == [
        (False, 65, None, "Entra decides now: account disabled"), (True, None, None, "stays open: nobody closes it"),
    ]  # fmt: skip
    assert (after.verdict, after.federated) == ("session", True)


# --- against the services --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["case-study", "hello", "ticket-era", "made-by-hand", "dismissal", "move"])
def test_the_doors_drawn_are_those_of_the_services_and_of_the_ledger_for_everybody_touched(name: str) -> None:
    scenario = {"dismissal": dismissal, "move": move}[name]() if name in ("dismissal", "move") else load(name).scenario
    world = World(scenario)
    Watch(world)
    looked_at = 0
    for step in range(1, 13):
        world.run_until(min(world.end, 3 * 24 * HOUR) * step // 12)
        for person in list(world.parts.ledger.touched()):
            seen = doorway(world, person, will_send(world, person))
            sign_in, assignment, session = seen.doors
            users = [world.services.doors.access(row) for row in person.targets]
            assert sign_in.is_open == any(covering(user.sign_in, world.now) for user in users)
            assert bool(session.is_open) == any(user.portals_at(world.now) for user in users)
            grants = set(person.orphans) or (person.effective if seen.state == "works" else set())
            held = {grant for user in users for grant in grants if covering(user.effective(grant), world.now)}
            assert held == set(grants)
            assert assignment.is_open == bool(grants)
            tries = [user.attempt(grant, world.now).verdict for user in users for grant in grants]
            assert (seen.verdict == "usable") == (Verdict.USABLE in tries)
            looked_at += 1
    assert looked_at > 10


def test_looking_at_the_doors_changes_nothing() -> None:
    seen = Seen(dismissal())
    for minute in range(0, 60, 7):
        seen.at(10, 4 + minute // 2)
    seen.world.run()
    plain = World(dismissal())
    plain.run()
    assert seen.world.trace_sha256 == plain.trace_sha256
