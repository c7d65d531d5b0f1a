"""Every row of AWS's table of sessions, to the minute, in both rule sets.

Ann signs in at minute 0 and starts a role of 12 h at minute 30. The action comes at minute 60. Her portal session lasts
8 h, so it ends at minute 480 by itself; her role session ends at 30 + 720 = 750 whatever anybody does.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mockservices.identitycenter.sessions.access import Verdict
from mockservices.identitycenter.sessions.records import PortalSession
from mockservices.identitycenter.sessions.rules import Closing
from mockservices.services import Services
from tests.mockservices.identitycenter.sessions.company import UPN, Company

Act = Callable[[Company, PortalSession], object]

ACTS: dict[str, tuple[str, Act]] = {
    "user disabled": ("Operator", lambda it, _: it.set_active(False)),
    "user deleted": ("Operator", lambda it, _: it.delete()),
    "session deleted": ("Operator", lambda it, s: it.perform("sso.session.delete", session=s.id)),
    "all sessions deleted": ("Operator", lambda it, _: it.perform("sso.sessions.delete", user=it.id)),
    "signed out": ("Operator", lambda it, s: it.perform("sso.portal.signOut", session=s.id)),
    "access removed from the user": ("Auditor", lambda it, _: it.unassign("Auditor")),
    "removed from the group": ("Operator", lambda it, _: it.leave()),
    "group deleted": ("Operator", lambda it, _: it.services.provider.delete_group(it.group)),
    "access removed from the group": ("Operator", lambda it, _: it.unassign("Operator", group=True)),
    "account disabled in the directory": ("Operator", lambda it, _: it.disable_in_directory()),
}

CURRENT = {
    "user disabled": (60, 60),
    "user deleted": (60, 60),
    "session deleted": (60, 60),
    "all sessions deleted": (60, 60),
    "signed out": (60, 60),
    "access removed from the user": (480, 60),
    "removed from the group": (480, 120),
    "group deleted": (480, 120),
    "access removed from the group": (480, 60),
    "account disabled in the directory": (480, 480),
}
"""Until which minute the portal session lives, and until which it starts a role."""
LEGACY = {**CURRENT, "user disabled": (120, 120), "user deleted": (120, 120)}
LOOKED_AT = sorted({*range(0, 760, 10), *(end + i for end in (30, 60, 120, 480, 750) for i in (-1, 1))})
ROWS = [
    *(("current", name, *expected) for name, expected in CURRENT.items()),
    *(("legacy", name, *expected) for name, expected in LEGACY.items()),
]


@pytest.mark.parametrize(("rule_set", "name", "portal_ends", "new_roles_end"), ROWS)
def test_row_of_the_table(rule_set: str, name: str, portal_ends: int, new_roles_end: int) -> None:
    role, act = ACTS[name]
    company = Company(rule_set=rule_set)
    session = company.doors.sign_in(UPN)
    open_minutes, offered_minutes, role_minutes = [], [], []
    for minute in LOOKED_AT:
        company.at(minute)
        if minute == 30:
            company.perform("sso.role.start", session=session.id, account="prod", role=role)
        if minute == 60:
            act(company, session)
        if company.is_open(session):
            open_minutes.append(minute)
        if company.offers(session, role):
            offered_minutes.append(minute)
        if company.doors.role_sessions(company.user):
            role_minutes.append(minute)
    assert open_minutes == [minute for minute in LOOKED_AT if minute < portal_ends]
    assert offered_minutes == [minute for minute in LOOKED_AT if minute < new_roles_end]
    assert role_minutes == [minute for minute in LOOKED_AT if 30 <= minute < 750]


@pytest.mark.parametrize(("delete", "ends"), [("session deleted", 120), ("signed out", 60)])
def test_a_command_line_keeps_its_token_for_up_to_an_hour_after_an_administrator_ended_the_session(
    delete: str, ends: int
) -> None:
    """Deleted at 60, revoked by 60 + 60; a user who signs out ends it at once."""
    company = Company()
    session = company.doors.sign_in(UPN, command_line=True)
    company.at(60)
    ACTS[delete][1](company, session)
    for minute in range(60, 130):
        company.at(minute)
        assert company.is_open(session) == (minute < ends)
        assert company.offers(session, "Operator") == (minute < ends)


@pytest.mark.parametrize("name", ["removed from the group", "user disabled"])
def test_nothing_outlives_the_portal_session_itself(name: str) -> None:
    """The action at 450 leaves an hour, until 510; the session is over at 480."""
    company = Company(rule_set="legacy")
    session = company.doors.sign_in(UPN)
    company.at(450)
    ACTS[name][1](company, session)
    assert company.tried("Operator") == (Verdict.RESIDUAL, 480)
    company.at(480)
    assert not company.offers(session, "Operator")


@pytest.mark.parametrize(
    ("rule_set", "name", "until"),
    [("current", "removed from the group", 120), ("legacy", "user disabled", 120), ("legacy", "user deleted", 120)],
)
def test_what_a_session_starts_after_the_grant_has_ended_is_residual(rule_set: str, name: str, until: int) -> None:
    company = Company(rule_set=rule_set)
    session = company.doors.sign_in(UPN)
    assert company.tried("Operator") == (Verdict.USABLE, None)
    company.at(60)
    ACTS[name][1](company, session)
    assert company.tried("Operator") == (Verdict.RESIDUAL, until)
    company.at(until)
    assert company.tried("Operator")[0] is Verdict.CLOSED


def test_a_session_opened_after_leaving_the_group_goes_by_the_new_memberships() -> None:
    company = Company()
    company.at(60)
    company.doors.listen()
    company.leave()
    company.at(70)
    session = company.doors.sign_in(UPN)
    assert not company.offers(session, "Operator")
    assert company.offers(session, "Auditor")
    assert company.tried("Operator") == (Verdict.CLOSED, None)


def test_a_group_that_loses_its_access_ends_what_lingered_for_somebody_who_had_left_it() -> None:
    """Left at 60, lingering until 120; the group's own assignment goes at 90, which takes effect at once."""
    company = Company()
    session = company.doors.sign_in(UPN)
    company.at(60)
    company.leave()
    company.at(90)
    assert company.offers(session, "Operator")
    company.unassign("Operator", group=True)
    assert not company.offers(session, "Operator")


def test_another_route_keeps_the_grant_usable() -> None:
    """Assigned directly as well, leaving the group ends nothing."""
    company = Company()
    company.assign("Operator")
    company.doors.sign_in(UPN)
    company.at(60)
    company.leave()
    assert company.tried("Operator") == (Verdict.USABLE, None)


def test_a_session_that_was_lost_does_not_come_back_with_its_user() -> None:
    company = Company()
    session = company.doors.sign_in(UPN)
    company.at(60)
    company.set_active(False)
    company.at(61)
    company.set_active(True)
    assert not company.is_open(session)
    assert company.tried("Operator") == (Verdict.USABLE, None)  # by signing in again


def test_lags_are_settings() -> None:
    """Left at 60 with a lag of 10 minutes: until 70."""
    company = Company(group_change=10 * 60_000)
    company.doors.sign_in(UPN)
    company.at(60)
    company.leave()
    assert company.tried("Operator") == (Verdict.RESIDUAL, 70)


def test_every_action_has_its_row() -> None:
    table = Company().doors.rules.table
    assert set(table) == set(Closing)


def test_the_table_needs_only_what_every_world_has(services: Services) -> None:
    assert services.doors.rules.rule_set == "current"
    assert services.doors.rules.portal == 8 * 3_600_000
