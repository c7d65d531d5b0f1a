"""What a service refuses it refuses in its own words, in process and over HTTP alike, and leaves nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockservices.errors import ServiceError
from sim.scenario import scenario_from
from sim.serving import Session
from sim.world import World
from tests.contract.stories import story
from tests.outside import Outside
from tests.sim.test_serving import served

NOBODY = "00000000-0000-4000-8000-000000000000"
ANN = "ann.example@contoso.example"


def user_body(upn: str) -> dict[str, Any]:
    return {
        "accountEnabled": True,
        "displayName": "Twice",
        "mailNickname": "twice",
        "userPrincipalName": upn,
        "passwordProfile": {"password": "a-Long-enough-1"},
    }


SCIM_USER = {
    "userName": ANN,
    "displayName": "Twice",
    "name": {"givenName": "Tw", "familyName": "Ice"},
    "active": True,
}

Ask = Callable[[Outside, World], Any]
CASES: dict[str, tuple[Ask, int, str]] = {
    "a userPrincipalName that is taken": (
        lambda o, w: o.graph("POST", "/users", user_body(ANN)),
        400,
        "Another object with the same value for property userPrincipalName already exists.",
    ),
    "a second membership": (
        lambda o, w: o.add_member(w.services.directory.groups[0].id, w.services.directory.user_id(0)),
        400,
        "One or more added object references already exist for the following modified properties: 'members'.",
    ),
    "a member that is not there": (
        lambda o, w: o.add_member(w.services.directory.groups[0].id, NOBODY),
        404,
        f"Resource '{NOBODY}' does not exist or one of its queried reference-property objects are not present.",
    ),
    "deleting a user that is not there": (
        lambda o, w: o.graph("DELETE", f"/users/{NOBODY}"),
        404,
        f"Resource '{NOBODY}' does not exist or one of its queried reference-property objects are not present.",
    ),
    "deleting a group that is not there": (
        lambda o, w: o.graph("DELETE", f"/groups/{NOBODY}"),
        404,
        f"Resource '{NOBODY}' does not exist or one of its queried reference-property objects are not present.",
    ),
    "a userName that is taken": (
        lambda o, w: o.scim("POST", "/Users", SCIM_USER),
        409,
        "Refused to create a new, duplicate resource.",
    ),
    "deleting a target user that is not there": (
        lambda o, w: o.scim("DELETE", f"/Users/{NOBODY}"),
        404,
        "USER does not exist.",
    ),
    "a batch of members of whom one is not there": (
        lambda o, w: o.scim(
            "PATCH",
            f"/Groups/{w.services.provider.groups[1].id}",
            {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [
                    {
                        "op": "Add",
                        "path": "members",
                        "value": [{"value": w.services.provider.user_id(0)}, {"value": NOBODY}],
                    }
                ],
            },
        ),
        404,
        "USER does not exist.",
    ),
}


@pytest.fixture
def session() -> Iterator[Session]:
    with served(scenario_from(story("refusals", [])), speed=1) as opened:
        yield opened


@pytest.mark.parametrize("name", CASES)
def test_a_refusal_has_the_services_words_and_changes_nothing(name: str, session: Session) -> None:
    ask, status, words = CASES[name]
    with Outside(session.addresses()) as outside:
        seq = session.world.services.trace.seq
        answer = ask(outside, session.world)
        assert answer.status_code == status
        body = answer.json()
        assert (body.get("detail") or body["error"]["message"]) == words
        assert session.world.services.trace.seq == seq
        before = [(c.action, c.arguments) for c in session.world.commands][-1:]
    for action, arguments in before:
        with pytest.raises(ServiceError) as refused:
            session.world.services.perform(action, arguments)
        assert (refused.value.status, refused.value.message) == (status, words)


def test_an_assignment_of_a_group_that_is_not_there_is_accepted_and_fails() -> None:
    """Accepted with IN_PROGRESS, then FAILED: the sentence is what CloudFormation users see."""
    world = World(scenario_from(story("unknown-group", [])))
    instance = world.services.instance
    seq, assignments = world.services.trace.seq, instance.assignments()
    status = world.services.perform(
        "sso.assignment.create",
        {
            "principal_type": "GROUP",
            "principal_id": NOBODY,
            "account": "dev",
            "permission_set": instance.permission_sets[0].arn,
        },
    )
    assert status.failure == (
        f"Received a 404 status error: the GROUP assignee {NOBODY} was not found "
        f"in directory {instance.identity_store_id}"
    )
    assert world.services.trace.seq == seq
    assert instance.assignments() == assignments
