"""Prevention of accidental deletions: what one cycle would disable or delete is counted before anything of it is sent.

Ann and Bob lose their access at 10m and 11m; more than one in a cycle is held back. The cycle at 40m = 2,400,000 sends
nothing about them and leads into quarantine at 2,400,000; attempts come at 45m and, 40m after that, at 85m.
https://learn.microsoft.com/entra/identity/app-provisioning/accidental-deletions
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.provisioning.log import STAGED_DELETE
from tests.semantics.story import MINUTE, Seen, act, begin, join, run, told

FORCE = frozenset({"ForceDeletes"})
PORTAL = frozenset({"QuarantineState", "Watermark", "Escrows"})


def guarded(*timeline: dict[str, Any], count: int = 1, when: str = "above", **more: Any) -> dict[str, Any]:
    return told(*timeline, provisioning__deletion_threshold={"count": count, "when": when}, **more)


TWO_LEAVE = (act("10m", "leave", "ann"), act("11m", "leave", "bob"))


def staged(seen: Seen) -> list[str]:
    directory = seen.world.services.directory
    rows = [row for row in seen.world.log.rows if row.action == STAGED_DELETE]
    users = [row.source_id for row in rows if row.kind == "User"]
    names = [str(directory.user(directory.user_row(each) or 0).attributes["displayName"]) for each in users]
    return [*names, *(row.kind for row in rows if row.kind == "Group")]


def test_nothing_of_what_is_too_much_is_sent() -> None:
    seen = begin(guarded(*TWO_LEAVE))
    seen.world.run_until(44 * MINUTE)
    assert seen.requests == []
    assert staged(seen) == ["Ann Example", "Bob Example"]
    assert seen.held("ann") == ["ReadOnly@dev"]
    job: Any = seen.world.services.job
    quarantine = job.resource()["status"]["quarantine"]
    assert (quarantine["reason"], quarantine["seriesBegan"]) == ("TooManyDeletes", "2026-03-02T08:40:00Z")
    assert quarantine["error"]["message"] == (
        "2 users and groups were to be disabled or deleted; nothing of that has been sent."
    )
    assert [(p.waiting, p.since) for p in seen.pieces if p.who == "ann"] == [
        ("cycle", 600_000),
        ("quarantine", 2_400_000),
    ]
    (mail,) = seen.world.driver.notifications
    assert (mail.kind, mail.at) == ("deletions_held", 2_400_000)
    assert "2 users and groups" in mail.text


@pytest.mark.parametrize(("count", "when", "held"), [(1, "above", 2), (2, "above", 0), (2, "at", 2), (3, "at", 0)])
def test_above_the_number_or_at_it(count: int, when: str, held: int) -> None:
    seen = begin(guarded(*TWO_LEAVE, count=count, when=when))
    seen.world.run_until(44 * MINUTE)
    assert len(staged(seen)) == held
    assert seen.world.driver.sums.tally.users_disabled == 2 - held


def test_it_is_off_unless_it_is_asked_for() -> None:
    seen = run(told(*TWO_LEAVE))
    assert (staged(seen), seen.world.driver.sums.tally.users_disabled) == ([], 2)


def test_what_takes_nothing_away_goes_out_beside_it() -> None:
    """Dan joins at 12m and is created while Ann and Bob are held back."""
    seen = begin(guarded(*TWO_LEAVE, join("12m", "dan")))
    seen.world.run_until(44 * MINUTE)
    assert [asked for _, asked in seen.requests] == ["GET Users", "POST Users", "GET Groups", "PATCH Groups"]
    assert seen.held("dan") == ["ReadOnly@dev"]


def test_deletions_that_are_allowed_are_carried_out_in_the_next_cycle() -> None:
    """Allowed at 50m: out of quarantine, and the gate at 80m = 4,800,000 sends GET, PATCH for each. Ann: wait from 10m
    to 40m, retry to 80m (and through the attempt at 45m), 100 of processing."""
    seen = begin(guarded(*TWO_LEAVE))
    seen.world.run_until(50 * MINUTE)
    seen.world.driver.restart(FORCE)
    seen.world.run()
    assert seen.requests == [
        (4_800_000, "GET Users"),
        (4_800_100, "PATCH Users"),
        (4_800_200, "GET Users"),
        (4_800_300, "PATCH Users"),
    ]
    ann = seen.latencies[0]
    assert (ann.who, ann.wait, ann.processing, ann.retry) == ("ann", 1_800_000, 100, 2_400_000)
    assert seen.world.parts.state.staged == {}
    assert seen.world.driver.ward.current is None


def test_leave_is_given_for_one_cycle_only() -> None:
    """Two more leave at 90m, after the deletions of the first two were allowed: they are held back at 120m."""
    seen = begin(guarded(*TWO_LEAVE, join("12m", "dan"), act("90m", "leave", "cyd"), act("90m", "leave", "dan")))
    seen.world.run_until(50 * MINUTE)
    seen.world.driver.restart(FORCE)
    seen.world.run_until(121 * MINUTE)
    assert seen.world.driver.sums.tally.users_disabled == 2
    assert staged(seen)[-2:] == ["Cyd Example", "Dan Example"]


def test_a_restart_without_leave_looks_at_them_again_and_holds_them_back_again() -> None:
    seen = begin(guarded(*TWO_LEAVE))
    seen.world.run_until(50 * MINUTE)
    seen.world.driver.restart(PORTAL)
    seen.world.run_until(81 * MINUTE)
    assert seen.world.driver.sums.tally.users_disabled == 0
    current = seen.world.driver.ward.current
    assert current is not None
    assert (current.reason, current.series_count) == ("TooManyDeletes", 1)


def test_when_the_cause_is_mended_nothing_is_taken_away_and_the_job_comes_out_by_itself() -> None:
    """Both are hired again at 50m; the attempt at 85m reads them as enabled: two GETs, and no PATCH."""
    timeline = (*TWO_LEAVE, act("50m", "rehire", "ann"), act("50m", "rehire", "bob"))
    seen = run(guarded(*timeline))
    assert {asked for _, asked in seen.requests} <= {"GET Users", "GET Groups"}
    assert seen.world.driver.ward.current is None
    assert (seen.held("ann"), seen.world.driver.sums.tally.users_disabled) == (["ReadOnly@dev"], 0)


def test_an_unassigned_group_counts_and_holds_its_members_and_their_memberships() -> None:
    """Operators is unassigned: the group would be deleted and Bob disabled."""
    seen = begin(guarded(act("10m", "unassign", group="Operators")))
    seen.world.run_until(44 * MINUTE)
    assert seen.requests == []
    assert staged(seen) == ["Bob Example", "Group"]
    assert seen.held("bob") == ["PowerUser@dev"]
    seen.world.driver.restart(FORCE)
    seen.world.run()
    assert [asked for _, asked in seen.requests] == ["GET Users", "PATCH Users", "DELETE Groups"]


def test_the_memberships_of_who_is_held_back_stay_until_leave_is_given() -> None:
    """Taken out of their only groups, Ann and Bob would be disabled and their memberships ended."""
    timeline = (
        act("10m", "remove_member", "ann", group="Engineers"),
        act("11m", "remove_member", "bob", group="Operators"),
    )
    seen = begin(guarded(*timeline))
    seen.world.run_until(44 * MINUTE)
    assert {asked for _, asked in seen.requests} == {"GET Groups"}
    seen.world.driver.restart(FORCE)
    seen.world.run()
    tally = seen.world.driver.sums.tally
    assert (tally.users_disabled, tally.memberships_removed) == (2, 2)
    assert seen.by_kind() == {}


def test_who_is_disabled_already_is_not_counted_again() -> None:
    """Ann was disabled at 40m. At 50m her account is renamed, and Bob leaves: one disabling."""
    timeline = (
        act("10m", "leave", "ann"),
        act("50m", "rename", "ann", display_name="Ann Other"),
        act("50m", "leave", "bob"),
    )
    seen = run(guarded(*timeline))
    assert (staged(seen), seen.world.driver.sums.tally.users_disabled) == ([], 2)


def test_the_threshold_can_be_saved_through_graph() -> None:
    """https://learn.microsoft.com/entra/identity/multi-tenant-organizations/cross-tenant-synchronization-configure-graph"""
    seen = begin(told(*TWO_LEAVE))
    services = seen.world.services
    job: Any = services.job
    assert "QuarantineTooManyDeletesThreshold" not in str(job.resource())
    told_to = {"DeleteThresholdEnabled": True, "DeleteThresholdValue": 1, "Recipients": "ops@contoso.example"}
    services.applications.save_secrets(
        services.application.id,
        {"SyncNotificationSettings": json.dumps(told_to)},
    )
    settings = {each["name"]: each["value"] for each in job.resource()["synchronizationJobSettings"]}
    assert settings["QuarantineTooManyDeletesThreshold"] == "1"
    seen.world.run_until(44 * MINUTE)
    assert len(staged(seen)) == 2
    assert seen.world.driver.notifications[0].to == "ops@contoso.example"


def test_mails_can_be_switched_off_and_nothing_else_changes() -> None:
    seen = begin(guarded(*TWO_LEAVE))
    services = seen.world.services
    services.applications.save_secrets(
        services.application.id, {"SyncNotificationSettings": json.dumps({"Enabled": False})}
    )
    seen.world.run_until(44 * MINUTE)
    assert len(staged(seen)) == 2
    assert seen.world.driver.notifications == []
