"""Sign-in and sessions in a story: Cyd is dismissed at 20m with an open portal session, the next cycle comes at 40m.

Its only request takes 100 ms, and after it she is inactive in the target.
"""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.access import Access, Verdict
from tests.semantics.story import CYCLE, HOUR, MINUTE, Seen, act, run, told

SIGNED_IN = act("10m", "sign_in", "cyd")
ROLE = {"permission_set": "Audit", "account": "prod"}
DISMISSED = act("20m", "disable", "cyd")
ON: dict[str, Any] = {"target__sessions": {}}


def story(*timeline: dict[str, Any], **more: Any) -> Seen:
    return run(told(SIGNED_IN, *timeline, **{**ON, **more}))


def access(seen: Seen) -> tuple[Access, int]:
    """What is known of Cyd's user at the end, and the number of her grant."""
    services = seen.world.services
    row = services.provider.user_row_by("userName", "cyd.example@contoso.example")
    assert row is not None
    instance = services.instance
    permission_set = instance.permission_set_named("Audit")
    assert permission_set is not None
    return services.doors.access(row, Millis(0)), instance.grant(instance.find_account("prod").row, permission_set.row)


def spans(seen: Seen) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """(usable, residual) from the sign-in on, in minutes, as far as the story goes."""
    deduced, grant = access(seen)
    both = (deduced.usable(grant), deduced.residual(grant))
    end = seen.world.now
    usable, residual = (
        [(max(a, 10 * MINUTE) / MINUTE, min(b, end) / MINUTE) for a, b in part if b > 10 * MINUTE] for part in both
    )
    return usable, residual


def refusals(seen: Seen) -> list[tuple[float, str]]:
    return [(refused.at / MINUTE, refused.reason) for refused in seen.world.timeline.refused]


INACTIVE = (CYCLE + 100) / MINUTE


def test_whoever_has_a_session_goes_on_until_the_cycle_has_told_aws() -> None:
    seen = story(
        DISMISSED,
        act("30m", "start_role", "cyd", **ROLE),
        act("35m", "sign_in", "cyd"),
        act("41m", "start_role", "cyd", **ROLE),
    )
    assert spans(seen) == ([(10, INACTIVE)], [])
    disabled = "AADSTS50057: The user account is disabled."
    assert refusals(seen) == [(35, disabled), (41, disabled)]


def test_the_old_rules_leave_her_another_hour_that_is_residual() -> None:
    """Inactive at 40m and 100 ms, cached for an hour: until 100m and 100 ms."""
    seen = story(DISMISSED, act("99m", "start_role", "cyd", **ROLE), target__sessions={"rules": "legacy"})
    assert spans(seen) == ([(10, INACTIVE)], [(INACTIVE, INACTIVE + 60)])
    assert refusals(seen) == []


def test_whoever_has_no_session_is_out_at_once() -> None:
    seen = run(told(DISMISSED, **ON))
    deduced, grant = access(seen)
    assert [end / MINUTE for _, end in deduced.usable(grant)] == [20]


@pytest.mark.parametrize(
    ("runbook", "ends"),
    [
        ([act("25m", "aws_end_sessions", user="cyd")], 25),
        ([act("25m", "aws_deny", user="cyd")], 25),
        ([act("25m", "aws_deny", user="cyd", permission_set="Audit")], 25),
        ([act("25m", "aws_disable_user", user="cyd")], 25),
        ([act("25m", "sign_out", "cyd")], 25),
        ([act("25m", "revoke_sessions", "cyd")], INACTIVE),
        ([], INACTIVE),
    ],
)
def test_runbook_for_a_dismissal_closes_the_door_at(runbook: list[dict[str, Any]], ends: float) -> None:
    """Revoking her sessions in the directory ends none at AWS, so it is as good as nothing."""
    seen = story(DISMISSED, *runbook)
    assert spans(seen)[0] == [(10, ends)]
    assert refusals(seen) == []


def test_a_denial_makes_a_role_session_worthless_and_an_ended_session_does_not() -> None:
    """Started at 15m for an hour: to 75m, but for the denial at 25m."""
    started = act("15m", "start_role", "cyd", **ROLE)
    worked = []
    for runbook in (act("25m", "aws_end_sessions", user="cyd"), act("25m", "aws_deny", user="cyd")):
        deduced, _ = access(seen := story(started, DISMISSED, runbook, duration="70m"))
        (role,) = seen.world.services.doors.role_sessions(deduced.facts.user)
        worked.append([(start / MINUTE, end / MINUTE) for start, end in deduced.works(role)])
    assert worked == [[(15, 75)], [(15, 25)]]


def test_a_mover_keeps_the_door() -> None:
    """Cyd moves at 20m to Engineering; her sign-in stays open, her membership ends in the cycle of 40m, and with an
    open session she starts the role for another hour."""
    seen = story(act("20m", "move", "cyd", department="Engineering"), act("90m", "start_role", "cyd", **ROLE))
    (usable,), (residual,) = spans(seen)
    assert usable[0] == 10
    assert INACTIVE <= usable[1] < 41
    assert residual == (usable[1], usable[1] + 60)
    assert refusals(seen) == []


def test_portal_sessions_of_ninety_days_are_for_those_who_sign_in_from_then_on() -> None:
    seen = story(act("20m", "aws_portal_length", length="90d"), act("30m", "sign_in", "cyd"))
    deduced, grant = access(seen)
    assert [portal.session.expires - portal.session.opened for portal in deduced.portals] == [8 * HOUR, 90 * 24 * HOUR]
    assert deduced.attempt(grant, seen.world.now).verdict is Verdict.USABLE


def test_local_users_go_on_signing_in() -> None:
    """With passwords of the target's own the directory closes nothing: usable until the cycle."""
    seen = run(told(DISMISSED, act("30m", "sign_in", "cyd"), target__sign_in="local", **ON))
    assert refusals(seen) == []
    assert spans(seen)[0] == [(10, INACTIVE)]


def test_sessions_change_nothing_else() -> None:
    """The same story with and without the key has the same digests."""
    with_sessions, without = run(told(DISMISSED, **ON)), run(told(DISMISSED))
    assert with_sessions.world.trace_sha256 == without.world.trace_sha256
    assert with_sessions.world.traffic_sha256 == without.world.traffic_sha256
