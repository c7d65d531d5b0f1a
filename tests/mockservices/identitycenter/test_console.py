"""The console's set-up: one step stands on the one before, and what it issues has a date."""

from __future__ import annotations

import pytest

from mockservices.clock import Millis
from mockservices.identitycenter.actions import ACTIONS
from mockservices.identitycenter.console import TOKEN_LIFE, Console
from mockservices.identitycenter.errors import AwsError
from mockservices.scim.credentials import base_path, bearer_token
from mockservices.services import Services
from mockservices.testing import make_services


def fresh() -> tuple[Services, Console]:
    services = make_services()
    console = services.instance.console
    console.begin(enabled=False, external=False, provisioning=False)
    return services, console


def test_an_instance_begins_set_up_with_one_token_and_no_access_key() -> None:
    console = make_services().instance.console
    assert (console.region, console.identity_source, console.provisioning) == ("us-east-1", "external", True)
    assert [(token.created, token.expires) for token in console.tokens] == [(0, TOKEN_LIFE)]
    assert console.long_lived == 0


def test_what_lies_on_a_step_not_yet_taken_is_not_taken_either() -> None:
    console = make_services().instance.console
    console.begin(enabled=False, external=True, provisioning=True)
    assert (console.region, console.identity_source, console.provisioning) == (None, "local", False)
    assert console.credentials == []


def test_the_three_steps_in_their_order_end_with_a_token_for_a_year() -> None:
    services, console = fresh()
    services.clock.now = Millis(5_000)
    console.enable("us-east-1")
    console.set_identity_source("external")
    token = console.enable_provisioning()
    assert console.credentials == [token]
    assert (token.created, token.expires) == (5_000, 5_000 + TOKEN_LIFE)
    assert console.long_lived == 0


def test_the_token_is_shown_to_whoever_turns_provisioning_on_and_kept_nowhere() -> None:
    services, console = fresh()
    console.enable("us-east-1")
    console.set_identity_source("external")
    shown = ACTIONS["sso.provisioning.enable"](services, {})
    assert shown["token"] == bearer_token(services)
    assert shown["path"] == base_path(services)
    assert shown["expires"] == "2027-03-02T08:00:00Z"
    assert shown["token"] not in repr(console.credentials)
    with pytest.raises(AwsError):
        ACTIONS["sso.provisioning.enable"](services, {})


def test_no_step_can_be_taken_before_the_one_below_it() -> None:
    services, console = fresh()
    before = services.trace.digest()
    with pytest.raises(AwsError, match="not enabled"):
        console.set_identity_source("external")
    with pytest.raises(AwsError, match="external identity provider"):
        console.enable_provisioning()
    assert services.trace.digest() == before


def test_no_step_can_be_taken_twice() -> None:
    _, console = fresh()
    console.enable("us-east-1")
    with pytest.raises(AwsError, match="already enabled in us-east-1"):
        console.enable("us-east-1")
    console.set_identity_source("external")
    with pytest.raises(AwsError, match="already external"):
        console.set_identity_source("external")


def test_the_source_cannot_be_changed_under_automatic_provisioning() -> None:
    with pytest.raises(AwsError, match="Automatic provisioning is on"):
        make_services().instance.console.set_identity_source("local")


def test_a_planned_permission_set_can_be_spoken_of_and_not_yet_used() -> None:
    services = make_services()
    instance = services.instance
    account = instance.add_account("dev")
    planned = instance.plan_permission_set("ReadOnly")
    grant = instance.grant(account.row, planned.row)
    assert instance.grant_parts(grant)[1].name == "ReadOnly"
    assert instance.permission_sets == []
    assert instance.permission_set_named("ReadOnly") is None
    user = services.provider.create_user(
        {"userName": "ana", "displayName": "Ana", "name.givenName": "A", "name.familyName": "L"}
    )
    with pytest.raises(AwsError, match="Could not find PermissionSet"):
        instance.create_assignment("USER", user.id, "dev", planned.arn)
    services.clock.now = Millis(7_000)
    made = instance.create_permission_set("ReadOnly")
    assert made is planned
    assert (made.arn, made.created) == (planned.arn, 7_000)
    assert instance.permission_sets == [made]
    with pytest.raises(AwsError, match="already exists"):
        instance.create_permission_set("ReadOnly")
