"""The named actions: plain JSON in, one change out, the same again in a replay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockservices.identitycenter.actions import ACTIONS
from mockservices.identitycenter.errors import AwsError
from mockservices.testing import make_services


def story() -> list[tuple[str, dict[str, Any]]]:
    """One of every action; ids are those that the seed gives."""
    first = make_services()
    account = first.instance.add_account("payments").id
    permission_set = first.instance.create_permission_set("Audit", description="Looks").arn
    attributes = {
        "userName": "ana",
        "name.givenName": "Ana",
        "name.familyName": "Lopez",
        "displayName": "Ana Lopez",
        "emails": [{"value": "ana@contoso.example", "type": "work", "primary": True}],
    }
    user = ACTIONS["identitystore.user.create"](first, {"attributes": attributes}).id
    group = ACTIONS["identitystore.group.create"](first, {"display_name": "auditors", "description": "They look"}).id
    membership = first.instance.membership_id(0, 0)
    assignment = {
        "principal_type": "GROUP",
        "principal_id": group,
        "account": account,
        "permission_set": permission_set,
    }
    return [
        ("sso.instance.enable", {"region": "us-east-1"}),
        ("sso.identitySource.set", {"source": "external"}),
        ("sso.provisioning.enable", {}),
        ("sso.permissionSet.create", {"name": "Audit", "description": "Looks"}),
        ("sso.policy.attach", {"permission_set": permission_set, "policy": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        ("identitystore.user.create", {"attributes": attributes}),
        ("identitystore.group.create", {"display_name": "auditors", "description": "They look"}),
        ("sso.assignment.create", assignment),
        ("identitystore.membership.create", {"group": group, "user": user}),
        ("identitystore.membership.delete", {"id": membership}),
        ("sso.assignment.delete", assignment),
        ("identitystore.group.delete", {"id": group}),
        ("identitystore.user.delete", {"id": user}),
    ]


def told(commands: list[tuple[str, dict[str, Any]]]) -> str:
    services = make_services()
    services.instance.console.begin(enabled=False, external=False, provisioning=False)
    services.instance.add_account("payments")
    for action, arguments in commands:
        before = services.trace.seq
        ACTIONS[action](services, arguments)
        assert services.trace.seq > before
    return services.trace.digest()


def test_the_story_has_every_action() -> None:
    of_the_auditor = ["sso.audit", "sso.cleanUp"]  # who knows the directory, too: see the case study by hand
    assert sorted([*(action for action, _ in story()), *of_the_auditor]) == sorted(ACTIONS)


def test_commands_kept_as_json_give_the_same_trace_again() -> None:
    kept = [(action, json.loads(json.dumps(arguments))) for action, arguments in story()]
    assert told(kept) == told(story())


def test_an_account_can_be_named_by_its_name() -> None:
    services = make_services()
    services.instance.add_account("payments")
    permission_set = services.instance.create_permission_set("Audit").arn
    group = services.provider.create_group({"displayName": "auditors"}).id
    arguments = {"principal_type": "GROUP", "principal_id": group, "permission_set": permission_set}
    status = ACTIONS["sso.assignment.create"](services, {**arguments, "account": "payments"})
    assert status.failure is None


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("identitystore.user.create", {"attributes": {"userName": "ana"}}),
        ("identitystore.user.delete", {"id": "11111111-1111-4111-8111-111111111111"}),
        ("identitystore.group.create", {"description": "No name"}),
        ("identitystore.group.delete", {"id": "11111111-1111-4111-8111-111111111111"}),
        ("identitystore.membership.delete", {"id": "11111111-1111-4111-8111-111111111111"}),
        ("sso.permissionSet.create", {"name": "Audit", "session_ms": 1}),
        ("sso.instance.enable", {"region": "us-east-1"}),
        ("sso.identitySource.set", {"source": "elsewhere"}),
        ("sso.provisioning.enable", {}),
    ],
)
def test_a_refused_action_leaves_nothing_behind(action: str, arguments: dict[str, Any]) -> None:
    services = make_services()
    before = services.trace.digest()
    with pytest.raises(AwsError):
        ACTIONS[action](services, arguments)
    assert services.trace.digest() == before
    assert services.provider.users_made == 0
    assert services.provider.groups == []
