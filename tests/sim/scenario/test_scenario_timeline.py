"""Scripted events: each action with its keys, and when it happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sim.scenario import Scenario, ScenarioError
from sim.scenario.hr_actions import Join
from sim.time import DAY, HOUR

Build = Callable[..., Scenario]
NEWCOMER = {"id": "cyd", "given_name": "Cyd", "family_name": "Roe", "department": "Security"}

ACTIONS: list[dict[str, Any]] = [
    {"do": "join", "person": NEWCOMER, "hr_lag": "-30m"},
    {"do": "move", "person": "ann", "department": "Security"},
    {"do": "leave", "person": "ann", "hr_lag": "1d"},
    {"do": "expire", "person": "ben"},
    {"do": "extend", "person": "ben", "until": "2d"},
    {"do": "rehire", "person": "ann", "identity": "new", "user_principal_name": "ann2@contoso.example"},
    {"do": "convert", "person": "ben", "department": "Security"},
    {"do": "change_name", "person": "ann", "family_name": "Ode", "user_principal_name": "ann.ode@contoso.example"},
    {"do": "change_manager", "person": "ann", "manager": "ben", "hr_lag": "2d"},
    {"do": "no_show", "person": NEWCOMER, "hr_lag": "-30m", "noticed_after": "2d"},
    {"do": "absent", "person": "ann"},
    {"do": "back", "person": "ann"},
    {"do": "request_access", "person": "ann", "group": "GRP-Security", "until": "2d", "forgotten": True},
    {"do": "end_access", "person": "ann", "group": "GRP-Security"},
    {"do": "create_user", "person": NEWCOMER},
    {"do": "disable", "person": "ann"},
    {"do": "enable", "person": "ann"},
    {"do": "delete", "person": "ann"},
    {"do": "purge", "person": "ann"},
    {"do": "restore", "person": "ann"},
    {"do": "rename", "person": "ann", "family_name": "Lee-Ode", "user_principal_name": "ann.ode@contoso.example"},
    {"do": "set_attributes", "person": "ann", "attributes": {"jobTitle": "Lead", "officeLocation": None}},
    {"do": "create_group", "group": "GRP-New", "assigned": True},
    {"do": "rename_group", "group": "GRP-Security", "to": "GRP-SecOps"},
    {"do": "delete_group", "group": "GRP-Security"},
    {"do": "add_member", "group": "GRP-Security", "person": "ann"},
    {"do": "remove_member", "group": "GRP-Security", "person": "ben"},
    {"do": "set_manager", "person": "ann", "manager": "ben"},
    {"do": "assign", "group": "GRP-Security"},
    {"do": "unassign", "person": "ann"},
    {"do": "aws_create_user", "user_name": "ann-local", "given_name": "Ann", "family_name": "Lee", "owner": "ann"},
    {"do": "aws_disable_user", "user": "ann"},
    {"do": "aws_enable_user", "user": "ann.lee@contoso.example"},
    {"do": "aws_delete_user", "user": "ben"},
    {"do": "aws_add_member", "group": "GRP-Security", "user": "ann"},
    {"do": "aws_remove_member", "group": "GRP-Security", "user": "ben"},
    {"do": "aws_assign", "user": "ann", "permission_set": "SecurityAudit", "account": "prod"},
    {"do": "aws_unassign", "group": "GRP-Security", "permission_set": "SecurityAudit", "account": "prod"},
    {"do": "aws_enable", "region": "us-east-1"},
    {"do": "aws_identity_source", "source": "external"},
    {"do": "aws_automatic_provisioning"},
    {"do": "aws_create_permission_set", "permission_set": "SecurityAudit"},
    {"do": "sign_in", "person": "ann"},
    {"do": "start_role", "person": "ann", "permission_set": "SecurityAudit", "account": "prod"},
    {"do": "sign_out", "person": "ann"},
    {"do": "revoke_sessions", "person": "ann"},
    {"do": "aws_end_sessions", "user": "ann"},
    {"do": "aws_deny", "user": "ann", "permission_set": "SecurityAudit"},
    {"do": "aws_allow", "user": "ann"},
    {"do": "aws_portal_length", "length": "90d"},
    {"do": "aws_audit"},
    {"do": "aws_clean_up"},
    {"do": "save_credentials"},
    {"do": "test_connection", "caption": "It works."},
    {"do": "start_job"},
    {"do": "pause_job"},
    {"do": "restart_job"},
    {"do": "configure_job", "scope": "all", "skip_out_of_scope_deletions": True},
    {"do": "provision_on_demand", "group": "GRP-Security", "members": ["ann", "ben"]},
    {"do": "pim_activate", "group": "GRP-Security", "person": "ann", "for": "2h"},
    {"do": "pim_deactivate", "group": "GRP-Security", "person": "ann"},
    {"do": "start_fault", "fault": "storm"},
    {"do": "end_fault", "fault": "storm"},
]
FAULTS = [{"name": "storm", "kind": "outage", "started": False}]


def refusal(build: Build, *actions: dict[str, Any], **changes: Any) -> str:
    with pytest.raises(ScenarioError) as caught:
        build(timeline=list(actions), **changes)
    return str(caught.value).removeprefix("scenario: ")


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: str(action["do"]))
def test_action_is_read_as_it_is_written(action: dict[str, Any], build: Build) -> None:
    (read,) = build(timeline=[{"at": "1h", **action}], faults=FAULTS).timeline
    assert read.at == HOUR
    assert read.model_dump(mode="json", exclude_unset=True) == {"at": "1h", **action}


def test_list_above_holds_every_action(build: Build) -> None:
    said = refusal(build, {"at": "1h", "do": "?"})
    allowed = said.partition("allowed: ")[2].replace(" or ", ", ").split(", ")
    assert sorted(allowed) == sorted(action["do"] for action in ACTIONS)


def test_date_is_counted_from_the_start(build: Build) -> None:
    (action,) = build(timeline=[{"at": "2026-03-03T09:00:00+01:00", "do": "start_job"}]).timeline
    assert action.at == DAY


def test_action_may_happen_at_the_very_start(build: Build) -> None:
    assert build(timeline=[{"at": "0m", "do": "start_job"}]).timeline[0].at == 0


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        ("-1h", "timeline.0.at: -1h lies before the start; an action happens at 0m or later"),
        ("2026-03-02T07:00:00Z", "timeline.0.at: -1h lies before the start; "),
        ("2026-03-02T07:00:00", "timeline.0.at: 2026-03-02T07:00:00 has no time zone; "),
        ("soon", "timeline.0.at: 'soon' is not a duration; "),
        (3, "timeline.0.at: 3 has no unit; "),
    ],
)
def test_unclear_moment_is_refused(at: object, sentence: str, build: Build) -> None:
    assert refusal(build, {"at": at, "do": "start_job"}).startswith(sentence)


def test_date_needs_a_valid_start(build: Build) -> None:
    with pytest.raises(ScenarioError, match=r"^scenario: start: 'never' is not a date and time; "):
        build(start="never", timeline=[{"at": "2026-03-03T09:00:00Z", "do": "start_job"}])


def test_newcomer_is_a_whole_person(build: Build) -> None:
    (action,) = build(timeline=[{"at": "1h", "do": "join", "person": NEWCOMER}]).timeline
    assert isinstance(action, Join)
    assert action.person.display_name == "Cyd Roe"
    assert action.hr_lag == 0


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ({"do": "move", "person": "ann"}, "timeline.0: nothing changes; give at least one of department, role, loc"),
        ({"do": "rename", "person": "ann"}, "timeline.0: nothing changes; give at least one of display_name, user_pri"),
        ({"do": "assign"}, "timeline.0: give exactly one of group and person"),
        (
            {
                "do": "aws_assign",
                "user": "ann",
                "group": "GRP-Security",
                "permission_set": "ReadOnly",
                "account": "dev",
            },
            "timeline.0: give exactly one of user and group",
        ),
        (
            {"do": "rehire", "person": "ann", "user_principal_name": "a@contoso.example"},
            "timeline.0.user_principal_name: the same identity keeps its name; write identity: new",
        ),
        (
            {"do": "disable", "person": "ann", "hr_lag": "1h"},
            "timeline.0.hr_lag: unknown key; allowed here: at, caption",
        ),
        ({"do": "disable"}, "timeline.0.person: this key is missing; required here: at, do and person"),
        (
            {"do": "rename", "rename": "x"},
            "timeline.0.rename: unknown key; allowed here: at, caption, do",
        ),
        ({"do": "join", "person": "cyd"}, "timeline.0.person: must be a mapping, not 'cyd'; "),
        (
            {"do": "join", "person": {**NEWCOMER, "depatment": "Security"}},
            "timeline.0.person.depatment: unknown key; allowed here: id, given_name, family_name, department, role",
        ),
        ({"do": ["leave"], "person": "ann"}, "timeline.0.do: a list is no action; allowed: "),
        (
            {"do": "rename", "person": "ann", "user_principal_name": "no-at-sign"},
            "timeline.0.user_principal_name: 'no-at-sign' is not allowed; write a userPrincipalName such as",
        ),
    ],
)
def test_action_that_says_too_little_or_too_much_is_refused(
    action: dict[str, Any], sentence: str, build: Build
) -> None:
    assert refusal(build, {"at": "1h", **action}).startswith(sentence)
