"""Signing in, settings, explicit denial, and sessions that somebody else draws."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from mockservices.clock import Millis
from mockservices.errors import ServiceError
from mockservices.identitycenter.errors import AwsError
from mockservices.identitycenter.sessions.access import Verdict
from mockservices.identitycenter.sessions.records import PortalSession, RoleSession
from mockservices.identitycenter.sessions.rules import SessionRules
from mockservices.identitycenter.sessions.signing_in import AWS, ENTRA, SignInRefusedError
from mockservices.identitycenter.sessions.spans import ALWAYS, NEVER_ENDS
from tests.mockservices.identitycenter.sessions.company import MINUTE, UPN, Company, minutes


def refused(company: Company, name: str = UPN) -> SignInRefusedError:
    with pytest.raises(SignInRefusedError) as caught:
        company.doors.sign_in(name)
    return caught.value


# --- signing in ------------------------------------------------------------------------------------------


def test_a_disabled_account_signs_in_no_more_at_once_and_its_open_session_goes_on() -> None:
    """The heart of it: disabled in Entra at 60, she starts roles until her portal session ends at 480."""
    company = Company()
    session = company.doors.sign_in(UPN)
    company.at(60)
    company.disable_in_directory()
    told = refused(company)
    assert (told.by, told.message) == (ENTRA, "AADSTS50057: The user account is disabled.")
    assert company.tried("Operator") == (Verdict.USABLE, 480)
    company.at(480)
    assert company.tried("Operator")[0] is Verdict.CLOSED
    assert not company.is_open(session)


def test_a_disabled_account_without_a_session_is_out_at_once() -> None:
    company = Company()
    company.at(60)
    company.disable_in_directory()
    assert company.tried("Operator") == (Verdict.CLOSED, None)


def test_a_deleted_account_is_unknown_to_the_directory() -> None:
    company = Company()
    company.services.directory.delete_user(company.directory_row)
    assert refused(company).message.startswith(f"AADSTS50034: The user account {UPN} does not exist")
    company.services.directory.restore_user(company.directory_row)
    assert company.doors.sign_in(UPN).user == company.user


def test_the_life_of_the_directorys_tokens_is_a_setting() -> None:
    """Disabled at 60 with tokens of 30 minutes: signs in until 90."""
    company = Company(directory_token=30 * MINUTE)
    company.doors.listen()
    company.at(60)
    company.disable_in_directory()
    company.at(89)
    assert company.tried("Operator") == (Verdict.USABLE, 90)
    company.at(90)
    assert refused(company).by == ENTRA


def test_somebody_whom_the_store_does_not_know_or_holds_inactive_is_turned_away_by_aws() -> None:
    company = Company()
    properties: dict[str, Any] = {"userPrincipalName": "bob@contoso.example", "displayName": "Bob"}
    company.services.directory.create_user(properties)
    assert refused(company, "bob@contoso.example").by == AWS
    company.set_active(False)
    told = refused(company)
    assert (told.by, told.message) == (AWS, f"No access: the user {UPN} is disabled.")


def test_a_new_name_that_has_not_been_provisioned_cannot_sign_in() -> None:
    """The directory vouches for the new name, the store knows the old one, until the cycle has sent it."""
    company = Company()
    company.doors.listen()
    company.at(60)
    company.services.directory.update_user(company.directory_row, {"userPrincipalName": "ann.new@contoso.example"})
    assert refused(company).message.startswith("AADSTS50034")
    assert refused(company, "ann.new@contoso.example").by == AWS
    company.at(100)
    company.rename("ann.new@contoso.example")
    company.doors.sign_in("ann.new@contoso.example")
    assert company.doors.access(company.user).sign_in == ((ALWAYS, minutes(60)), (minutes(100), NEVER_ENDS))


def test_whoever_was_deleted_had_an_account_until_then() -> None:
    """Renamed at 30 and back at 40, in the store as well; deleted at 60, restored at 90, purged at 120."""
    company = Company()
    company.doors.listen()
    for minute, name in ((30, "ann.new@contoso.example"), (40, UPN)):
        company.at(minute)
        company.services.directory.update_user(company.directory_row, {"userPrincipalName": name})
        company.rename(name)
    for minute, act in ((60, "delete_user"), (90, "restore_user"), (120, "purge_user")):
        company.at(minute)
        getattr(company.services.directory, act)(company.directory_row)
    company.at(200)
    sign_in = company.doors.access(company.user).sign_in
    assert sign_in == ((ALWAYS, minutes(60)), (minutes(90), minutes(120)))


def test_a_name_that_was_refused_was_never_borne() -> None:
    company = Company()
    company.doors.listen()
    company.at(30)
    with pytest.raises(ServiceError):
        company.services.directory.update_user(company.directory_row, {"userPrincipalName": "ann@elsewhere.example"})
    assert company.services.directory.former_names == {}
    assert company.doors.sign_in(UPN).user == company.user


def test_local_users_sign_in_until_the_identity_source_is_switched() -> None:
    """Local from the start, switched at 60: a user without an account in the directory is out from then on."""
    company = Company()
    company.instance.console.begin(enabled=True, external=False, provisioning=False)
    local = company.new_user("ann.local")
    company.assign("Breakglass")
    company.disable_in_directory()
    assert company.doors.sign_in("ann.local").user == local
    assert company.tried("Operator") == (Verdict.USABLE, None)  # nobody asks the directory
    company.at(60)
    company.instance.console.set_identity_source("external")
    assert refused(company, "ann.local").by == ENTRA
    assert company.tried("Operator") == (Verdict.CLOSED, None)
    assert company.doors.access(local).sign_in[-1][1] == minutes(60)


def test_a_local_user_who_is_not_there_is_turned_away_by_aws() -> None:
    company = Company()
    company.instance.console.begin(enabled=True, external=False, provisioning=False)
    assert refused(company, "nobody").by == AWS


def test_revoking_the_directorys_sessions_ends_no_session_at_aws() -> None:
    company = Company()
    session = company.doors.sign_in(UPN)
    company.at(60)
    company.perform("graph.user.revokeSessions", user=UPN)
    assert company.is_open(session)
    assert company.doors.sign_in(UPN).opened == minutes(60)


def test_each_door_tells_since_when_and_until_when() -> None:
    """Signed in at 30 for 8 h; disabled in the directory at 60, in the store at 100."""
    company = Company()
    company.at(30)
    company.doors.sign_in(UPN)
    operator = company.grant("Operator")

    def minute(time: Millis | None) -> float | None:
        return None if time is None else time / MINUTE

    def doors(at: float) -> list[tuple[bool, float | None, float | None]]:
        states = company.doors.access(company.user).doors(operator, minutes(at))
        three = (states.sign_in, states.assignment, states.session)
        return [(door.is_open, minute(door.since), minute(door.until)) for door in three]

    assert doors(20) == [(True, None, None), (True, 0, None), (False, None, 30)]
    company.at(60)
    company.disable_in_directory()
    assert doors(60) == [(False, 60, None), (True, 0, None), (True, 30, 510)]
    company.at(100)
    company.set_active(False)
    assert doors(100) == [(False, 60, None), (False, 100, None), (False, 100, None)]


# --- settings --------------------------------------------------------------------------------------------


def test_a_setting_is_for_new_sessions_only() -> None:
    """8 h from 0, so 480; set to 15 min at 60, the next one ends at 75."""
    company = Company()
    old = company.doors.sign_in(UPN)
    company.at(60)
    company.perform("sso.sessions.configure", portal=15 * MINUTE)
    new = company.doors.sign_in(UPN)
    assert (old.expires, new.expires) == (minutes(480), minutes(75))
    company.at(75)
    assert (company.is_open(old), company.is_open(new)) == (True, False)


@pytest.mark.parametrize("length", [15 * MINUTE, 90 * 1440 * MINUTE])
def test_a_portal_session_lasts_from_15_minutes_to_90_days(length: int) -> None:
    company = Company()
    company.perform("sso.sessions.configure", portal=length)
    assert company.doors.sign_in(UPN).expires == length


@pytest.mark.parametrize(
    "settings",
    [{"portal": 15 * MINUTE - 1}, {"portal": 90 * 1440 * MINUTE + 1}, {"group_change": -1}, {"rule_set": "x"}],
)
def test_other_settings_are_refused(settings: dict[str, Any]) -> None:
    company = Company()
    with pytest.raises(AwsError, match=r"must be|lasts between|cannot be"):
        company.perform("sso.sessions.configure", **settings)
    assert company.doors.rules == SessionRules()


# --- explicit denial -------------------------------------------------------------------------------------


@pytest.mark.parametrize("everywhere", [True, False])
def test_an_explicit_deny_makes_role_sessions_worthless_at_once(everywhere: bool) -> None:
    """Started at 30, good for 12 h; denied at 60, worth nothing from then on, and again something from 90 on."""
    company = Company()
    company.doors.sign_in(UPN)
    company.at(30)
    session = company.doors.started(company.user)[0]
    role = company.perform("sso.role.start", session=session.id, account="prod", role="Operator")
    company.at(60)
    where = {} if everywhere else {"permission_set": company.sets["Operator"]}
    company.perform("sso.user.deny", user=UPN, **where)
    assert company.tried("Operator")[0] is Verdict.DENIED
    assert company.tried("Auditor")[0] is (Verdict.DENIED if everywhere else Verdict.USABLE)
    assert company.offers(session, "Operator")  # credentials are handed out all the same
    assert company.doors.access(company.user).works(role) == ((minutes(30), minutes(60)),)
    company.at(90)
    company.perform("sso.user.allow", user=company.id, **where)
    assert company.tried("Operator") == (Verdict.USABLE, None)
    worked = company.doors.access(company.user).works(role)
    assert worked == ((minutes(30), minutes(60)), (minutes(90), minutes(750)))


def test_denying_somebody_leaves_the_rest_of_a_policy_as_it_was() -> None:
    company = Company()
    arn = company.sets["Operator"]
    theirs = {"Sid": "Mine", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    company.perform("sso.inlinePolicy.put", permission_set=arn, policy=json.dumps({"Statement": [theirs]}))
    company.perform("sso.user.deny", user=UPN, permission_set=arn)
    permission_set = company.instance.find_permission_set(arn)
    text = company.doors.inline_policy(permission_set)
    assert text is not None
    assert json.loads(text)["Statement"][0] == theirs
    company.perform("sso.user.allow", user=UPN, permission_set=arn)
    text = company.doors.inline_policy(permission_set)
    assert text is not None
    assert json.loads(text) == {"Statement": [theirs]}


def test_taking_back_the_only_denial_takes_the_policy_away() -> None:
    company = Company()
    company.perform("sso.user.deny", user=UPN)
    company.perform("sso.user.allow", user=UPN)
    assert company.doors.organisation_policy is None


# --- residual role sessions --------------------------------------------------------------------------------


def test_a_role_session_outlives_its_grant() -> None:
    """Started at 30 for 12 h, the assignment taken back at 60: residual from 60 to 750."""
    company = Company()
    session = company.doors.sign_in(UPN)
    company.at(30)
    role = company.perform("sso.role.start", session=session.id, account="prod", role="Auditor")
    company.at(60)
    company.unassign("Auditor")
    assert company.doors.access(company.user).outlives(role) == ((minutes(60), minutes(750)),)


# --- drawn sessions --------------------------------------------------------------------------------------


class Drawn:
    """At 0, 100 and 200 somebody goes to the portal, and starts a role ten minutes later."""

    def __init__(self, company: Company) -> None:
        self._grant = company.grant("Operator")
        self.asked = 0

    def portal_sessions(self, user: int, since: Millis, until: Millis) -> Sequence[PortalSession]:
        self.asked += 1
        wished = [PortalSession(f"drawn-{m}", user, minutes(m), minutes(m + 480)) for m in (0, 100, 200)]
        return [session for session in wished if session.opened < until and session.expires > since]

    def role_sessions(self, user: int, since: Millis, until: Millis) -> Sequence[RoleSession]:
        wished = [
            RoleSession(f"role-{m}", user, self._grant, f"drawn-{m}", minutes(m + 10), minutes(m + 70))
            for m in (0, 100, 200)
        ]
        return [session for session in wished if session.started < until and session.expires > since]


def test_a_drawn_session_counts_only_if_its_doors_were_open() -> None:
    """Disabled in the directory at 50, in the store at 90: the session of 0 is the only one, and it ends at 90."""
    company = Company()
    company.doors.source = Drawn(company)
    company.doors.listen()
    company.at(50)
    company.disable_in_directory()
    assert [p.session.id for p in company.doors.access(company.user).portals] == ["drawn-0"]
    assert company.tried("Operator") == (Verdict.USABLE, 480)
    assert [role.id for role in company.doors.role_sessions(company.user)] == ["role-0"]
    company.at(90)
    company.set_active(False)
    company.at(210)
    (portal,) = company.doors.access(company.user).portals
    assert portal.lives == (0, minutes(90))
    assert company.doors.role_sessions(company.user) == ()


def test_an_administrator_ends_drawn_sessions_too() -> None:
    """At 110 two are open; the one of 200 comes later and lives."""
    company = Company()
    company.doors.source = Drawn(company)
    company.doors.listen()
    company.at(110)
    assert company.perform("sso.sessions.delete", user=UPN) == 2
    company.at(210)
    lives = [(p.lives[0] // MINUTE, p.lives[1] // MINUTE) for p in company.doors.access(company.user).portals]
    assert lives == [(0, 110), (100, 110), (200, 680)]


def test_nobody_is_asked_about_people_of_whom_nobody_asks() -> None:
    company = Company()
    source = company.doors.source = Drawn(company)
    company.doors.listen()
    for minute in range(50, 60):
        company.at(minute)
        company.set_active(minute % 2 == 0)
    assert source.asked == 0


# --- listening -------------------------------------------------------------------------------------------


def test_whoever_listened_before_goes_on_hearing() -> None:
    heard: list[str] = []

    class Ear:
        def target_user_changed(self, row: int, *, access: bool) -> None:
            heard.append(f"user {row} {access}")

        def target_membership_changed(self, group: int, user: int, *, member: bool) -> None:
            heard.append(f"member {group} {user} {member}")

        def target_group_changed(self, row: int) -> None:
            heard.append(f"group {row}")

    company = Company()
    company.services.provider.listener = Ear()
    company.doors.listen()
    company.doors.listen()
    company.set_active(False)
    company.leave()
    company.services.provider.delete_group(company.group)
    assert heard == ["user 0 True", "member 0 0 False", "group 0"]


def test_a_user_that_comes_later_was_not_there_before() -> None:
    company = Company()
    company.doors.listen()
    company.at(60)
    user = company.new_user("zoe@contoso.example")
    company.services.directory.create_user({"userPrincipalName": "zoe@contoso.example", "displayName": "Zoe"})
    assert company.doors.access(user).active[0][0] == minutes(60)
    assert company.doors.access(user).sign_in[0][0] == minutes(60)
