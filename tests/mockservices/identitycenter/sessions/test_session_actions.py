"""The named actions on sessions: plain JSON in, one change out, the same again in a replay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockservices.errors import ServiceError
from mockservices.identitycenter.sessions.actions import ACTIONS
from mockservices.services import actions
from tests.mockservices.identitycenter.sessions.company import MINUTE, UPN, Company

SCP = json.dumps({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})


def story() -> list[tuple[str, dict[str, Any]]]:
    """One of every action; ids are those that the seed gives."""
    first = Company()
    session = first.doors.sign_in(UPN).id
    operator = first.sets["Operator"]
    return [
        ("sso.sessions.configure", {"portal": 60 * MINUTE, "rule_set": "legacy"}),
        ("sso.portal.signIn", {"user": UPN, "command_line": True}),
        ("sso.role.start", {"session": session, "account": "prod", "role": "Operator"}),
        ("sso.inlinePolicy.put", {"permission_set": operator, "policy": SCP}),
        ("sso.inlinePolicy.delete", {"permission_set": operator}),
        ("sso.user.deny", {"user": UPN}),
        ("sso.user.allow", {"user": UPN}),
        ("sso.serviceControlPolicy.put", {"policy": SCP}),
        ("sso.session.delete", {"session": session}),
        ("sso.portal.signIn", {"user": UPN}),
        ("sso.sessions.delete", {"user": UPN}),
    ]


def told(commands: list[tuple[str, dict[str, Any]]]) -> str:
    company = Company()
    for action, arguments in commands:
        before = company.services.trace.seq
        company.perform(action, **arguments)
        assert company.services.trace.seq > before
    return company.services.trace.digest()


def test_every_action_is_known_to_the_world_by_its_name() -> None:
    assert ACTIONS.items() <= actions().items()
    assert {*(action for action, _ in story()), "sso.portal.signOut"} == set(ACTIONS)


def test_commands_kept_as_json_give_the_same_trace_again() -> None:
    kept = [(action, json.loads(json.dumps(arguments))) for action, arguments in story()]
    assert told(kept) == told(story())


NOBODY = "11111111-1111-4111-8111-111111111111"


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("sso.portal.signIn", {"user": "nobody"}),
        ("sso.portal.signOut", {"session": NOBODY}),
        ("sso.session.delete", {"session": NOBODY}),
        ("sso.sessions.delete", {"user": "nobody"}),
        ("sso.sessions.configure", {"portal": 1}),
        ("sso.role.start", {"session": NOBODY, "account": "prod", "role": "Operator"}),
        ("sso.inlinePolicy.put", {"permission_set": "x", "policy": SCP}),
        ("sso.serviceControlPolicy.put", {"policy": "{"}),
        ("sso.user.deny", {"user": "nobody"}),
    ],
)
def test_a_refused_action_leaves_nothing_behind(action: str, arguments: dict[str, Any]) -> None:
    company = Company()
    before = company.services.trace.digest()
    with pytest.raises(ServiceError):
        company.perform(action, **arguments)
    assert company.services.trace.digest() == before
