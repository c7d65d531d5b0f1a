"""Every kind of event of the generated workforce, worked out by hand: what it does to truth, directory and target.

The rules E2 to E9 hold for generated people as they do for scripted ones. Gates are at 0, 40m, 80m, 120m …; request k
of a cycle is sent 100 ms * k later. People 0, 1, 2 … are there at the start, called aaron.smith, aaron.smith2 …
"""

from __future__ import annotations

from typing import Any

import pytest

from sim.observation.events import EventRow
from sim.observation.summary import summarize
from sim.workforce.plan import NEVER, EventKind, Reason
from tests.semantics.hand_made import (
    AUDITOR,
    BOUGHT,
    CONTRACTOR,
    COOK,
    DOMAIN,
    ENGINEER,
    LEAD,
    OPERATOR,
    Row,
    company,
    happened,
    minutes,
)
from tests.semantics.story import Latency, Seen, act

FIRST, SECOND, THIRD = (f"aaron.smith{number}@{DOMAIN}" for number in ("", 2, 3))
HIRED = ENGINEER + CONTRACTOR


def population(seen: Seen) -> tuple[int, int, int]:
    """Employees, contractors, and how many there were at most."""
    block = summarize(seen.world)["population"]
    return block["employees"], block["contractors"], block["peak"]


def waits(seen: Seen) -> list[tuple[str, str, int, int | None]]:
    """(cause, waiting for, since, until) of each stretch of orphaned access."""
    return [(piece.cause, piece.waiting, piece.since, piece.until) for piece in seen.pieces]


def account(seen: Seen, number: int) -> dict[str, Any]:
    """The properties of somebody's account."""
    row = seen.world.parts.ledger.person(number).row
    return dict(seen.world.services.directory.attributes_of(row))


def user_name(seen: Seen, number: int) -> str:
    """What the target calls somebody."""
    provider = seen.world.services.provider
    return str(provider.user(seen.world.parts.ledger.person(number).targets[-1]).attributes["userName"])


# --- before the day, at once, late, never ----------------------------------------------------------------


def test_a_pre_hire_is_early_until_the_first_day() -> None:
    """E5: account at 10m, provisioned at 2,400,300, first day at 60m."""
    seen = happened([COOK], [Row(minutes(60), EventKind.JOINER, 1, ENGINEER, minutes(10))], later=[ENGINEER])
    assert seen.latencies == [Latency("joiner", SECOND, 3_600_000, 3_600_000, 0, 0, 0, 0)]
    assert waits(seen) == [("early", "hr", 2_400_300, 3_600_000)]
    assert population(seen) == (2, 0, 2)


def test_a_pre_hire_of_before_the_start_has_an_account_from_the_first_instant_on() -> None:
    """The account is there at 0, so the cycle of that instant carries it: POST @100, members @300."""
    seen = happened([COOK], [Row(minutes(60), EventKind.JOINER, 1, ENGINEER, -minutes(999))], later=[ENGINEER])
    assert waits(seen) == [("early", "hr", 300, 3_600_000)]


def test_a_leave_that_was_dated_ahead_is_done_when_the_day_comes() -> None:
    """Closed at 10m, last day at 60m: without access from 2,400,100 on, and latency 0."""
    seen = happened([ENGINEER], [Row(minutes(60), EventKind.LEAVER, 0, ENGINEER, minutes(10))])
    assert seen.latencies == [Latency("leaver", FIRST, 3_600_000, 3_600_000, 0, 0, 0, 0)]
    assert seen.missing == [(FIRST, 2_400_100, 3_600_000)]
    assert (seen.total_ms, seen.outcomes) == (0, {})


@pytest.mark.parametrize("kind", [EventKind.LEAVER, EventKind.CONTRACTOR_EXPIRY])
def test_late_hr_keeps_the_access_waiting_for_hr(kind: EventKind) -> None:
    """True at 10m, told at 50m, carried at 80m: 2,400,000 for HR, 1,800,000 for the cycle."""
    seen = happened([HIRED], [Row(minutes(10), kind, 0, HIRED, minutes(50))])
    word = kind.name.lower()
    assert seen.latencies == [Latency(word, FIRST, 600_000, 4_800_100, 2_400_000, 1_800_000, 100, 0)]
    assert waits(seen) == [
        (word, "hr", 600_000, 3_000_000),
        (word, "cycle", 3_000_000, 4_800_000),
        (word, "processing", 4_800_000, 4_800_100),
    ]


def test_what_nobody_tells_the_directory_waits_for_nobody() -> None:
    """The contractor whose end of contract no one tells Entra: open until the end at 4h, all of it in the hop of HR."""
    seen = happened([HIRED], [Row(minutes(20), EventKind.CONTRACTOR_EXPIRY, 0, HIRED, NEVER)])
    assert seen.latencies == [Latency("contractor_expiry", FIRST, 1_200_000, None, 13_200_000, 0, 0, 0)]
    assert waits(seen) == [("contractor_expiry", "nobody", 1_200_000, None)]
    assert seen.requests == []
    assert population(seen) == (0, 0, 1)


def test_an_administrator_may_end_what_nobody_told() -> None:
    """Disabled by hand at 60m: from then on it waits for the cycle at 80m. It stays one event."""
    seen = happened(
        [HIRED],
        [Row(minutes(20), EventKind.CONTRACTOR_EXPIRY, 0, HIRED, NEVER)],
        act("60m", "disable", FIRST),
    )
    assert seen.counts == {"contractor_expiry": 1}
    assert seen.latencies == [Latency("contractor_expiry", FIRST, 1_200_000, 4_800_100, 2_400_000, 1_200_000, 100, 0)]
    assert [waiting for _, waiting, _, _ in waits(seen)] == ["nobody", "cycle", "processing"]


def test_what_the_directory_refuses_goes_on_waiting_for_hr() -> None:
    """Somebody has taken the joiner's address: a record, not a fault, and the joiner stays open."""
    taken = act("1m", "create_user")
    taken["person"] = {"id": "x", "given_name": "X", "family_name": "Y", "department": "Kitchen"}
    taken["person"]["user_principal_name"] = SECOND
    seen = happened([COOK], [Row(minutes(10), EventKind.JOINER, 1, ENGINEER)], taken, later=[ENGINEER])
    assert [(each.at, each.action) for each in seen.world.timeline.refused] == [(600_000, "joiner")]
    assert [(each.kind, each.end, each.hr) for each in seen.latencies] == [("joiner", None, 13_800_000)]


# --- no-shows --------------------------------------------------------------------------------------------


def no_show(account_at: int, ended_at: int) -> Seen:
    """Expected at 60m."""
    rows = [
        Row(minutes(60), EventKind.JOINER, 1, ENGINEER, account_at),
        Row(minutes(60), EventKind.NO_SHOW, 1, ENGINEER, ended_at),
    ]
    return happened([COOK], rows, later=[ENGINEER])


def test_a_no_show_leaves_early_access_until_hr_ends_it() -> None:
    """Account at 10m, usable from 2,400,300 on, HR closes it at 100m, the cycle at 120m carries it."""
    seen = no_show(minutes(10), minutes(100))
    assert (seen.counts, seen.outcomes) == ({"joiner": 1, "no_show": 1}, {"superseded": 1})
    assert waits(seen) == [
        ("early", "hr", 2_400_300, 6_000_000),
        ("early", "cycle", 6_000_000, 7_200_000),
        ("early", "processing", 7_200_000, 7_200_100),
    ]
    assert (seen.latencies, seen.missing) == ([], [])
    assert population(seen) == (1, 0, 1)


def test_a_no_show_that_nobody_notices_waits_for_nobody_from_the_day_on() -> None:
    assert waits(no_show(minutes(10), NEVER)) == [
        ("early", "hr", 2_400_300, 3_600_000),
        ("early", "nobody", 3_600_000, None),
    ]


def test_a_no_show_may_have_a_row_of_its_own_that_says_when_the_account_was_made() -> None:
    """Without a joiner's row there is no joiner to count."""
    row = Row(minutes(60), EventKind.NO_SHOW, 1, ENGINEER, minutes(100), value=minutes(10))
    seen = happened([COOK], [row], later=[ENGINEER])
    assert (seen.counts, seen.outcomes) == ({"no_show": 1}, {})
    assert [each[2:] for each in waits(seen)] == [
        (2_400_300, 6_000_000),
        (6_000_000, 7_200_000),
        (7_200_000, 7_200_100),
    ]


def test_a_no_show_without_an_account_leaves_nothing() -> None:
    """HR would have made it at 70m, and hears before that day is over."""
    seen = no_show(minutes(70), minutes(80))
    assert (seen.total_ms, seen.requests) == (0, [])


# --- movers ----------------------------------------------------------------------------------------------


def test_a_secondment_goes_there_and_comes_back() -> None:
    rows = [
        Row(minutes(10), EventKind.MOVER, 0, OPERATOR, reason=Reason.SECONDMENT, value=-1),
        Row(minutes(100), EventKind.MOVER, 0, ENGINEER, reason=Reason.SECONDMENT_ENDS, value=-1),
    ]
    seen = company([ENGINEER], rows)
    seen.world.run_until(minutes(90))
    assert account(seen, 0)["department"] == "Operations"
    seen.world.run()
    assert account(seen, 0)["department"] == "Engineering"
    assert (seen.done("mover_revoke"), seen.done("mover_grant")) == ([1_800_300, 1_200_300], [1_800_400, 1_200_400])


def test_a_promotion_changes_title_and_office_and_no_access() -> None:
    """A lead of Operations has what everybody in Operations has; the new manager is set with it."""
    row = Row(minutes(10), EventKind.MOVER, 0, LEAD, reason=Reason.PROMOTION, value=1)
    seen = happened([OPERATOR, OPERATOR], [row])
    held = account(seen, 0)
    assert (held["jobTitle"], held["officeLocation"], held["department"]) == ("Lead", "Oslo", "Operations")
    assert seen.world.services.directory.user(0).manager == 1
    assert (seen.counts, seen.outcomes) == ({"mover": 1}, {"no_change": 1})


def test_a_promotion_without_roles_is_a_title_that_reaches_the_target() -> None:
    """The first of Operations without a word for seniority; what two promotions change, two cycles carry. Moved to
    another department in between, they keep what they have climbed. Access is what Operations and Security give."""
    rows = [
        Row(minutes(10), EventKind.MOVER, 0, OPERATOR, reason=Reason.PROMOTION, value=-1),
        Row(minutes(50), EventKind.MOVER, 0, AUDITOR, reason=Reason.DEPARTMENT, value=-1),
        Row(minutes(90), EventKind.MOVER, 0, AUDITOR, reason=Reason.PROMOTION, value=-1),
    ]
    seen = company([OPERATOR], rows, provisioning__mappings="default")
    titles = []
    for at in (9, 39, 41, 81, 121):
        seen.world.run_until(minutes(at))
        there = seen.world.services.provider.user(seen.world.parts.ledger.person(0).targets[-1]).attributes.get("title")
        titles.append((account(seen, 0)["jobTitle"], there))
    first, second = "Operations Specialist", "Senior Operations Specialist"
    moved, third = "Senior Security Engineer", "Principal Security Engineer"
    assert titles == [(first, first), (second, first), (second, second), (moved, moved), (third, third)]
    assert seen.counts == {"mover": 3}


def test_a_conversion_is_measured_as_a_move_and_counted_as_itself() -> None:
    """A contractor of Engineering becomes an employee of Operations."""
    seen = happened([HIRED], [Row(minutes(10), EventKind.CONVERSION, 0, OPERATOR)])
    assert seen.counts == {"conversion": 1}
    assert (seen.done("mover_revoke"), seen.done("mover_grant")) == ([1_800_300], [1_800_400])
    assert population(seen) == (1, 0, 1)
    assert account(seen, 0)["employeeType"] == "Employee"
    assert [each.cause for each in seen.orphans] == ["mover"]


# --- contracts -------------------------------------------------------------------------------------------


def test_an_extension_before_the_end_changes_no_access() -> None:
    rows = [
        Row(minutes(10), EventKind.CONTRACT_EXTENSION, 0, HIRED, value=minutes(100)),
        Row(minutes(100), EventKind.CONTRACTOR_EXPIRY, 0, HIRED),
    ]
    seen = happened([HIRED], rows)
    assert (seen.counts, seen.outcomes) == ({"contract_extension": 1, "contractor_expiry": 1}, {})
    assert [(each.kind, each.start) for each in seen.latencies] == [("contractor_expiry", 6_000_000)]


def test_an_extension_after_the_end_restores_what_had_lapsed() -> None:
    """Ended at 10m, disabled at 2,400,100; extended at 60m, enabled at 4,800,100: access is missing."""
    rows = [
        Row(minutes(10), EventKind.CONTRACTOR_EXPIRY, 0, HIRED),
        Row(minutes(60), EventKind.CONTRACT_RESTORED, 0, HIRED, value=minutes(9_999)),
    ]
    seen = happened([HIRED], rows)
    assert seen.latencies == [
        Latency("contractor_expiry", FIRST, 600_000, 2_400_100, 0, 1_800_000, 100, 0),
        Latency("contract_restored", FIRST, 3_600_000, 4_800_100, 0, 1_200_000, 100, 0),
    ]
    assert seen.missing == [(FIRST, 3_600_000, 4_800_100)]
    assert summarize(seen.world)["latency"]["contract_restored"]["n"] == 1
    assert population(seen) == (0, 1, 1)


def test_a_contract_restored_before_anybody_was_told_has_changed_nothing() -> None:
    """Nobody told Entra of the end, and at 60m there is none any more: the access was orphaned for 50m."""
    rows = [
        Row(minutes(10), EventKind.CONTRACTOR_EXPIRY, 0, HIRED, NEVER),
        Row(minutes(60), EventKind.CONTRACT_RESTORED, 0, HIRED, value=minutes(9_999)),
        Row(minutes(70), EventKind.LEAVER, 0, HIRED),
    ]
    seen = happened([HIRED], rows)
    assert seen.outcomes == {"no_change": 2}
    assert seen.person_ms["contractor_expiry"] == 3_000_000
    assert [each.kind for each in seen.latencies] == ["leaver"]
    assert [waiting for cause, waiting, _, _ in waits(seen) if cause == "leaver"] == ["cycle", "processing"]


# --- rehires ---------------------------------------------------------------------------------------------


def rehired(value: int, *timeline: dict[str, Any], **more: Any) -> Seen:
    """Left Engineering at 10m, hired again for Operations at 60m."""
    rows = [
        Row(minutes(10), EventKind.LEAVER, 0, ENGINEER),
        Row(minutes(60), EventKind.REHIRE, 0, OPERATOR, value=value),
    ]
    return happened([ENGINEER], rows, *timeline, **more)


def test_a_rehire_to_the_old_identity() -> None:
    """E6: enabled @4,800,100, out of Engineers @400, into Operators @500: what came back is theirs no more."""
    seen = rehired(0)
    assert seen.latencies[1] == Latency("rehire", FIRST, 3_600_000, 4_800_500, 0, 1_200_000, 500, 0)
    assert [(each.cause, each.since, each.until) for each in seen.orphans[1:]] == [("rehire", 4_800_100, 4_800_400)]
    assert account(seen, 0)["department"] == "Operations"


def test_a_rehire_to_the_old_identity_out_of_the_recycle_bin() -> None:
    """An administrator deleted the account at 30m: it is restored, with the name that it had."""
    seen = rehired(0, act("30m", "delete", FIRST))
    assert seen.world.services.directory.users_count == 1
    assert account(seen, 0)["userPrincipalName"] == FIRST
    assert seen.latencies[1].end == 4_800_500


def test_a_rehire_to_a_new_identity_beside_the_old_account_has_another_name() -> None:
    """The old account is disabled and keeps its name and its mailNickname, so that nothing collides in the target."""
    seen = rehired(1)
    assert account(seen, 0)["userPrincipalName"] == f"aaron.smith-2@{DOMAIN}"
    assert account(seen, 0)["mailNickname"] == "aaron.smith-2"
    assert seen.latencies[1].ms == 1_200_300
    assert list(map(seen.world.services.provider.is_active, range(2))) == [False, True]


def test_a_rehire_to_a_new_identity_adopts_the_leftover_of_a_deleted_account() -> None:
    """E6: the old account is in the recycle bin, the new one bears its name and is matched by it."""
    seen = rehired(1, act("50m", "delete", FIRST))
    assert account(seen, 0)["userPrincipalName"] == FIRST
    assert seen.world.services.provider.users_count == 1
    assert [each.cause for each in seen.orphans] == ["leaver", "rehire"]


def test_where_nothing_is_left_of_the_old_identity_there_is_a_new_one() -> None:
    seen = rehired(0, provisioning__on_leave="delete")
    assert (seen.world.timeline.refused, account(seen, 0)["userPrincipalName"]) == ([], FIRST)
    assert seen.latencies[1].end == 4_800_300
    assert population(seen) == (1, 0, 1)


# --- leave of absence, names, managers -------------------------------------------------------------------


def test_a_leave_of_absence_and_the_return() -> None:
    """E7."""
    rows = [Row(minutes(10), EventKind.ABSENCE, 0, ENGINEER), Row(minutes(60), EventKind.RETURN, 0, ENGINEER)]
    seen = happened([ENGINEER], rows)
    assert [(each.kind, each.ms) for each in seen.latencies] == [("absence", 1_800_100), ("return", 1_200_100)]
    assert population(seen) == (1, 0, 1)


def test_another_family_name_is_patched_in_the_target_and_orphans_nothing() -> None:
    """As with E16: no latency, no orphan, one PATCH; the mailNickname stays, and so does the link."""
    family = 5
    seen = company([ENGINEER], [Row(minutes(10), EventKind.NAME_CHANGE, 0, ENGINEER, value=family)])
    seen.world.run_until(minutes(20))
    assert seen.by_kind() == {"attribute": 4}
    seen.world.run()
    start = seen.world.parts.start
    assert start is not None
    surname = start.people.family_called(family)
    held = account(seen, 0)
    assert (held["surname"], held["displayName"]) == (surname, f"Aaron {surname}")
    assert user_name(seen, 0) == held["userPrincipalName"] == held["mail"] != FIRST
    assert held["mailNickname"] == "aaron.smith"
    assert [asked for _, asked in seen.requests] == ["GET Users", "PATCH Users"]
    assert (seen.total_ms, seen.latencies, seen.outcomes, seen.by_kind()) == (0, [], {}, {})


def test_an_acquisition_changes_the_domain() -> None:
    row = Row(minutes(10), EventKind.NAME_CHANGE, 0, ENGINEER, minutes(50), Reason.ACQUISITION, value=1)
    seen = happened([ENGINEER], [row])
    assert user_name(seen, 0) == account(seen, 0)["mail"] == f"aaron.smith@{BOUGHT}"
    assert [at for at, _ in seen.requests] == [4_800_000, 4_800_100]


def test_a_cascade_of_managers_is_many_changes_and_no_access() -> None:
    """Forty reports get another manager at one instant: forty events, forty objects that the next cycle looks at."""
    rows = [
        Row(minutes(10), EventKind.MANAGER_CHANGE, number, ENGINEER, reason=Reason.CASCADE, value=40)
        for number in range(40)
    ]
    seen = happened([ENGINEER] * 41, rows)
    directory = seen.world.services.directory
    assert [directory.user(number).manager for number in range(40)] == [40] * 40
    assert (seen.counts, seen.outcomes, seen.total_ms) == ({"manager_change": 40}, {}, 0)


# --- many at once, and what is noted ---------------------------------------------------------------------


def test_a_layoff_is_many_leavers_at_one_instant() -> None:
    rows = [Row(minutes(10), EventKind.LEAVER, number, AUDITOR, reason=Reason.LAYOFF) for number in range(30)]
    seen = happened([AUDITOR] * 40, rows)
    assert len(seen.done("leaver")) == 30
    assert seen.person_ms["leaver"] == sum(seen.done("leaver"))
    assert population(seen) == (10, 0, 40)


def test_why_and_when_hr_knows_are_told_with_the_event() -> None:
    rows = [
        Row(minutes(10), EventKind.LEAVER, 0, ENGINEER, minutes(30), Reason.DEATH, known_at=minutes(25)),
        Row(minutes(20), EventKind.MOVER, 1, OPERATOR, value=-1),
    ]
    seen = company([ENGINEER, ENGINEER], rows)
    told: list[EventRow] = []
    seen.world.parts.ledger.events.sink = told.append
    seen.world.run()
    assert told == [
        (1, "leaver", 0, 600_000, None, 0, "death", 1_500_000),
        (2, "mover", 1, 1_200_000, 1_200_000, 0, None, 1_200_000),
    ]


def test_who_is_gone_has_no_further_events() -> None:
    """A script took them away before the schedule could."""
    rows = [
        Row(minutes(20), EventKind.NAME_CHANGE, 0, ENGINEER, value=3),
        Row(minutes(30), EventKind.ABSENCE, 0, ENGINEER),
        Row(minutes(40), EventKind.RETURN, 0, ENGINEER),
        Row(minutes(50), EventKind.LEAVER, 0, ENGINEER),
    ]
    seen = happened([ENGINEER], rows, act("10m", "leave", FIRST))
    assert seen.counts == {"leaver": 1}
