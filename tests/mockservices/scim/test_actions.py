from __future__ import annotations

import json
from typing import Any

import pytest

from mockservices.scim.actions import ACTIONS
from mockservices.scim.errors import ScimError
from mockservices.services import Services, actions
from mockservices.testing import make_services

ANN = {
    "userName": "ann@contoso.example",
    "name.givenName": "Ann",
    "name.familyName": "Miller",
    "displayName": "Ann Miller",
    "emails": [{"primary": True, "type": "work", "value": "ann@contoso.example"}],
}


def perform(services: Services, action: str, **arguments: Any) -> Any:
    return services.perform(action, json.loads(json.dumps(arguments)))


def test_every_action_is_known_to_the_world_by_its_name() -> None:
    assert ACTIONS.items() <= actions().items()
    assert all(name.startswith("scim.") for name in ACTIONS)


def test_a_user_lives_through_its_actions() -> None:
    services = make_services()
    user = perform(services, "scim.user.create", attributes=ANN, active=False)
    assert services.provider.active_count == 0
    operations = [
        {"do": "set", "attribute": "active", "value": True},
        {"do": "set", "attribute": "emails", "type": "work", "sub": "value", "value": "miller@contoso.example"},
    ]
    assert perform(services, "scim.user.patch", id=user.id, operations=operations) is user
    assert services.provider.active_count == 1
    assert services.provider.user_row_by("emails", "miller@contoso.example") == user.row
    assert perform(services, "scim.user.replace", id=user.id, attributes={**ANN, "title": "Lead"}, active=None) is user
    assert (user.active, user.attributes["title"]) == (True, "Lead")
    assert perform(services, "scim.user.delete", id=user.id) is None
    assert services.provider.users_count == 0


def test_active_is_true_unless_it_is_said_to_be_false() -> None:
    assert perform(make_services(), "scim.user.create", attributes=ANN).active
    for active in (None, True):
        assert perform(make_services(), "scim.user.create", attributes=ANN, active=active).active


def test_a_group_lives_through_its_actions() -> None:
    services = make_services()
    user = perform(services, "scim.user.create", attributes=ANN)
    group = perform(services, "scim.group.create", attributes={"displayName": "G"}, members=[user.id])
    assert user.groups == (0,)
    operations = [{"do": "removeMembers", "ids": [user.id]}, {"do": "set", "attribute": "displayName", "value": "H"}]
    assert perform(services, "scim.group.patch", id=group.id, operations=operations) is group
    assert (user.groups, group.attributes) == ((), {"displayName": "H"})
    assert perform(services, "scim.group.create", attributes={"displayName": "empty"}).row == 1
    assert perform(services, "scim.group.delete", id=group.id) is None
    assert services.provider.groups_count == 1


@pytest.mark.parametrize("action", ["scim.user.patch", "scim.user.replace", "scim.user.delete"])
def test_an_action_on_a_user_that_is_not_there_is_refused(action: str) -> None:
    with pytest.raises(ScimError, match=r"USER does not exist\."):
        perform(make_services(), action, id="nobody", attributes=ANN, operations=[])


@pytest.mark.parametrize("action", ["scim.group.patch", "scim.group.delete"])
def test_an_action_on_a_group_that_is_not_there_is_refused(action: str) -> None:
    with pytest.raises(ScimError, match=r"GROUP does not exist\."):
        perform(make_services(), action, id="nobody", operations=[])
