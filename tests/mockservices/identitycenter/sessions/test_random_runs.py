"""Random histories of one user: what is deduced, against a model that is told of every change as it happens.

The model pushes (each act ends or shortens what it touches); the doors pull (they deduce from facts when asked).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from mockservices.identitycenter.app import build
from mockservices.identitycenter.portal.sso import TOKEN
from mockservices.identitycenter.sessions.access import Verdict
from mockservices.identitycenter.sessions.records import PortalSession
from mockservices.testing import ImmediateGate
from tests.mockservices.identitycenter.sessions.company import UPN, Company, minutes

HOUR = 60
DEEDS = (
    "disable in the directory",
    "enable in the directory",
    "deactivate",
    "activate",
    "leave",
    "join",
    "unassign the group",
    "assign the group",
    "unassign Ann",
    "assign Ann",
    "sign in",
    "sign in on a command line",
    "sign out",
    "delete the sessions",
    "deny",
    "allow",
    "nothing",
)
RuleSet = Literal["current", "legacy"]


@dataclass
class Model:
    """The doors as somebody would keep them by hand, in minutes."""

    outlived: int
    local: bool
    enabled: bool = True
    active: bool = True
    member: bool = True
    group_assigned: bool = True
    assigned: bool = False
    denied: bool = False
    dead_at: dict[str, int] = field(default_factory=dict)
    lingers: dict[str, int] = field(default_factory=dict)
    command_lines: set[str] = field(default_factory=set)

    @property
    def sign_in(self) -> bool:
        return self.active and (self.local or self.enabled)

    @property
    def effective(self) -> bool:
        return self.active and self.held

    @property
    def held(self) -> bool:
        return self.assigned or (self.member and self.group_assigned)

    def alive(self, now: int) -> list[str]:
        return [session for session, end in self.dead_at.items() if now < end]

    def offers(self, session: str, now: int) -> bool:
        return now < self.dead_at[session] and (self.held or now < self.lingers.get(session, 0))

    def verdict(self, now: int) -> Verdict:
        usable = self.effective and (self.sign_in or bool(self.alive(now)))
        residual = not usable and any(self.offers(session, now) for session in self.alive(now))
        if self.denied and (usable or residual):
            return Verdict.DENIED
        return Verdict.USABLE if usable else Verdict.RESIDUAL if residual else Verdict.CLOSED

    def shorten(self, now: int, lag: int, only: set[str] | None = None) -> None:
        for session in self.alive(now):
            if only is None or session in only:
                self.dead_at[session] = min(self.dead_at[session], now + lag)


def act(company: Company, model: Model, deed: str, now: int) -> None:
    """The same deed on both; what cannot be done now is left."""
    sessions = [session.id for session in company.doors.started(company.user)]
    match deed:
        case "disable in the directory" | "enable in the directory":
            model.enabled = deed.startswith("enable")
            company.disable_in_directory(model.enabled)
        case "deactivate" if model.active:
            model.active = False
            company.set_active(False)
            model.shorten(now, model.outlived)
        case "activate":
            model.active = True
            company.set_active(True)
        case "leave" if model.member:
            model.member = False
            company.leave()
            if model.group_assigned:
                for session in model.alive(now):
                    model.lingers[session] = now + HOUR
        case "join" if not model.member:
            model.member = True
            company.join()
        case "unassign the group" if model.group_assigned:
            model.group_assigned = False
            company.unassign("Operator", group=True)
            model.lingers.clear()
        case "assign the group" if not model.group_assigned:
            model.group_assigned = True
            company.assign("Operator", group=True)
        case "unassign Ann" | "assign Ann":
            model.assigned = deed == "assign Ann"
            (company.assign if model.assigned else company.unassign)("Operator")
        case "sign in" | "sign in on a command line" if model.sign_in:
            opened = company.doors.sign_in(UPN, command_line=deed.endswith("line"))
            model.dead_at[opened.id] = now + 8 * HOUR
            if opened.command_line:
                model.command_lines.add(opened.id)
        case "sign out" if sessions:
            company.perform("sso.portal.signOut", session=sessions[-1]) if sessions[-1] in model.alive(now) else None
            model.shorten(now, 0, {sessions[-1]})
        case "delete the sessions":
            ended = {s.id for s in company.doors.started(company.user) if s.ended is not None}
            company.perform("sso.sessions.delete", user=company.id)
            model.shorten(now, HOUR, model.command_lines - ended)
            model.shorten(now, 0, set(model.dead_at) - model.command_lines)
        case "deny" if not model.denied:
            model.denied = True
            company.perform("sso.user.deny", user=company.id)
        case "allow":
            model.denied = False
            company.perform("sso.user.allow", user=company.id)
        case _:
            pass


def fresh(rule_set: RuleSet, local: bool) -> tuple[Company, Model]:
    company = Company(rule_set=rule_set)
    if local:
        company.instance.console.begin(enabled=True, external=False, provisioning=False)
    company.doors.listen()
    return company, Model(HOUR if rule_set == "legacy" else 0, local)


histories = st.lists(st.tuples(st.sampled_from((1, 7, 59, 60, 61, 200)), st.sampled_from(DEEDS)), max_size=25)


@settings(max_examples=150, deadline=None)
@given(histories, st.sampled_from(("current", "legacy")), st.booleans())
def test_what_is_deduced_is_what_a_hand_kept_model_says(
    history: list[tuple[int, str]], rule_set: RuleSet, local: bool
) -> None:
    """At every instant, when it is now and again from the end of the run."""
    company, model = fresh(rule_set, local)
    grant, now, told = company.grant("Operator"), 0, []
    for pause, deed in history:
        now += pause
        company.at(now)
        act(company, model, deed, now)
        assert company.tried("Operator")[0] is model.verdict(now)
        for session in company.doors.started(company.user):
            assert company.is_open(session) == (session.id in model.alive(now))
            assert company.offers(session, "Operator") == model.offers(session.id, now)
        told.append((now, model.verdict(now)))
    company.at(now + 5000)
    access = company.doors.access(company.user)
    assert [(at, access.attempt(grant, minutes(at)).verdict) for at, _ in told] == told


@settings(max_examples=100, deadline=None)
@given(histories, st.sampled_from(("current", "legacy")), st.booleans())
def test_an_answer_stays_what_it_is_until_the_time_it_names(
    history: list[tuple[int, str]], rule_set: RuleSet, local: bool
) -> None:
    company, model = fresh(rule_set, local)
    now = 0
    for pause, deed in history:
        now += pause
        company.at(now)
        act(company, model, deed, now)
    verdict, until = company.tried("Operator")
    if until is not None:
        company.at(until - 1 / 60_000)
        assert company.tried("Operator")[0] is verdict
        company.at(until)
        assert company.tried("Operator")[0] is not verdict
    else:
        company.at(now + 100_000)
        assert company.tried("Operator")[0] is verdict


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(histories, st.sampled_from(("current", "legacy")), st.booleans())
def test_an_attempt_is_what_the_portal_does_over_http(
    history: list[tuple[int, str]], rule_set: RuleSet, local: bool
) -> None:
    """YES, or denied, exactly when a token of an open session or a new sign-in gets credentials."""
    company, model = fresh(rule_set, local)
    client = TestClient(build(company.services, ImmediateGate(company.services)))
    now = 0
    for pause, deed in history:
        now += pause
        company.at(now)
        act(company, model, deed, now)
        verdict = company.tried("Operator")[0]
        started = list(company.doors.started(company.user))
        gets = [credentials(client, company, session) == 200 for session in started]
        if not any(gets):  # only then does it take another sign-in, which the model is told about
            answer = client.post("/start", json={"user": UPN})
            assert (answer.status_code == 200) == model.sign_in
            if model.sign_in:
                model.dead_at[answer.json()["session"]] = now + 8 * HOUR
                gets = [credentials(client, company, company.doors.started(company.user)[-1]) == 200]
        assert any(gets) == (verdict is not Verdict.CLOSED)


def credentials(client: TestClient, company: Company, session: PortalSession) -> int:
    token = company.services.tokens.sealed("sso.access", {"s": session.id, "e": session.expires})
    asked = {"account_id": company.account, "role_name": "Operator"}
    answer: httpx.Response = client.get("/federation/credentials", params=asked, headers={TOKEN: token})
    return answer.status_code
