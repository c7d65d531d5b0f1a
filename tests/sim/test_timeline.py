"""The timeline: an action that a service refuses is a record, changes nothing, and the story goes on."""

from __future__ import annotations

from typing import Any

import pytest

from mockservices.clock import Millis
from sim.scenario import scenario_from
from tests.semantics.story import MINUTE, Latency, act, begin, join, listen, person, run, told

GENERATED: dict[str, Any] = {
    "workforce": {"size": 4, "contractors": 0, "counts": {}},
    "organisation__departments": [{"name": "Engineering"}, {"name": "Operations"}, {"name": "Security"}],
    "before": {},
}
HIRED = {"size": 4, "contractors": 1, "counts": {"contractor_expiry": 1}}


@pytest.mark.parametrize(
    "timeline",
    [
        [act("1m", "delete", "ann"), act("2m", "delete", "ann")],
        [act("1m", "delete", "ann"), act("2m", "disable", "ann")],
        [act("1m", "delete", "ann"), act("2m", "rename", "ann", display_name="A")],
        [act("1m", "delete", "ann"), act("2m", "add_member", "ann", group="Operators")],
        [act("1m", "delete", "ann"), act("2m", "assign", "ann")],
        [act("2m", "restore", "ann")],
        [act("2m", "add_member", "ann", group="Engineers")],
        [act("2m", "remove_member", "ann", group="Operators")],
        [act("2m", "assign", group="Engineers")],
        [act("2m", "unassign", "ann")],
        [act("2m", "rehire", "ann", identity="new")],
        [act("2m", "aws_unassign", user="ann", permission_set="Audit", account="prod")],
        [act("2m", "aws_create_user", user_name="bob.example@contoso.example", given_name="B", family_name="E")],
        [act("1m", "aws_delete_user", user="bob"), act("2m", "aws_disable_user", user="bob")],
        [act("1m", "aws_delete_user", user="bob"), act("2m", "aws_delete_user", user="bob")],
        [act("1m", "aws_delete_user", user="bob"), act("2m", "aws_add_member", user="bob", group="Engineers")],
    ],
)
def test_a_refused_act_changes_nothing_and_the_story_goes_on(timeline: list[dict[str, Any]]) -> None:
    seen = begin(told(*timeline, act("3m", "rename", "cyd", display_name="C")))
    seen.world.run_until(2 * MINUTE)
    lines = listen(seen.world.services.trace)
    seen.world.run_until(3 * MINUTE)
    seen.world.services.trace.flush()
    assert lines == []
    (refused,) = seen.world.timeline.refused
    assert (refused.at, refused.action) == (2 * MINUTE, timeline[-1]["do"])
    assert refused.reason
    seen.world.run()
    assert seen.world.services.directory.user(seen.person("cyd").row).attributes["displayName"] == "C"


def test_what_came_over_http_first_is_refused_to_the_script_without_a_fault() -> None:
    """A client deletes a group that the script renames, fills, unassigns and deletes afterwards."""
    seen = begin(
        told(
            act("10m", "rename_group", group="Engineers", to="Builders"),
            act("11m", "add_member", "bob", group="Builders"),
            act("12m", "unassign", group="Builders"),
            act("13m", "delete_group", group="Builders"),
        )
    )
    group = seen.world.services.directory.groups[seen.world.parts.group_rows["Engineers"]].id
    seen.world.command("graph.group.delete", {"group": group}, wanted=Millis(MINUTE))
    seen.world.run()
    refused = [each.action for each in seen.world.timeline.refused]
    assert refused == ["rename_group", "add_member", "unassign", "delete_group"]


def test_an_account_that_was_refused_belongs_to_nobody() -> None:
    """A client took the name of the account that an administrator wants to make for Gus at 10m. The one that is made
    next, for Eve, is not his."""
    seen = begin(
        told(
            act("10m", "create_user", person=person("gus", "Kitchen")),
            act("11m", "add_member", "gus", group="Engineers"),
            act("12m", "create_user", person=person("eve", "Kitchen")),
        )
    )
    taken = {"userPrincipalName": "gus.example@contoso.example", "displayName": "G", "mailNickname": "g"}
    seen.world.command("graph.user.create", {"properties": {**taken, "accountEnabled": True}}, wanted=Millis(MINUTE))
    seen.world.run()
    assert [each.action for each in seen.world.timeline.refused] == ["create_user", "add_member"]
    assert seen.person("gus").row == -1
    assert seen.person("eve").row >= 0


def test_a_user_of_the_target_that_was_refused_belongs_to_nobody() -> None:
    """Its userName is taken; the one that is made next by hand, without an owner, is not bob's."""
    taken = {"user_name": "ann.example@contoso.example", "given_name": "A", "family_name": "E"}
    seen = run(
        told(
            act("10m", "aws_create_user", owner="bob", **taken),
            act("11m", "aws_create_user", user_name="old.hand", given_name="O", family_name="H"),
            act("12m", "aws_add_member", user="old.hand", group="Auditors"),
        )
    )
    assert [each.action for each in seen.world.timeline.refused] == ["aws_create_user"]
    assert [each.who for each in seen.orphans] == ["old.hand"]


# --- people whom the scenario names in other ways --------------------------------------------------------


def upn_of(row: int) -> str:
    """The userPrincipalName of one of the generated people."""
    return str(begin(told(**GENERATED)).world.services.directory.attributes_of(row)["userPrincipalName"])


def test_generated_people_are_named_by_their_user_principal_name() -> None:
    upn = upn_of(2)
    seen = run(told(act("10m", "leave", upn, hr_lag="5m"), **GENERATED))
    assert [(each.kind, each.hr, each.end) for each in seen.latencies] == [("leaver", 300_000, 2_400_100)]
    assert seen.world.timeline.refused == []


def test_their_names_lead_to_them_after_their_account_was_deleted_too() -> None:
    upn = upn_of(2)
    seen = run(told(act("10m", "delete", upn), act("50m", "restore", upn), act("90m", "leave", upn), **GENERATED))
    assert seen.world.timeline.refused == []
    assert seen.counts == {"leaver": 2, "rehire": 1}


def test_a_name_that_nobody_bears_is_refused() -> None:
    acts = (
        act("10m", "leave", "nobody@contoso.example"),
        act("11m", "move", "no@contoso.example", department="Security"),
    )
    more = act("12m", "disable", "none@contoso.example")
    early = act("50m", "absent", "neither@contoso.example", hr_lag="-5m")
    seen = run(told(*acts, more, early, **GENERATED))
    assert [each.action for each in seen.world.timeline.refused] == ["leave", "move", "disable", "absent", "absent"]


def test_somebody_new_to_hr_is_known_by_what_the_account_says() -> None:
    """A client made the account; HR moves the person at 10m and is rid of them at 50m, half an hour late."""
    name = "eve@contoso.example"
    acts = (act("10m", "move", name, department="Engineering"), act("50m", "leave", name, hr_lag="30m"))
    seen = begin(told(*acts, **GENERATED))
    properties = {"userPrincipalName": name, "displayName": "Eve", "mailNickname": "eve", "department": "Operations"}
    made = {**properties, "givenName": "Eve", "surname": "E", "accountEnabled": True, "employeeType": "Contractor"}
    seen.world.command("graph.user.create", {"properties": made}, wanted=Millis(MINUTE))
    seen.world.run()
    assert seen.counts == {"mover": 1, "leaver": 1}
    assert seen.latencies == [
        Latency("mover_grant", name, 600_000, 2_400_300, 0, 1_800_000, 300, 0),
        Latency("leaver", name, 3_000_000, 4_800_100, 1_800_000, 0, 100, 0),
    ]


def test_an_owner_may_be_somebody_who_has_yet_to_join() -> None:
    hand = {"user_name": "dan.hand", "owner": "dan", "given_name": "D", "family_name": "H"}
    values = told(join("10m", "dan"), act("5m", "aws_add_member", user="dan.hand", group="Engineers"))
    values["before"] = {"target_users": [hand]}
    seen = run(values)
    # unmanaged access of somebody whom nobody knows yet, and from 10m on what Dan is entitled to
    assert [(each.cause, each.since, each.until) for each in seen.orphans] == [("unmanaged", 300_000, 600_000)]
    assert seen.latencies == [Latency("joiner", "dan", 600_000, 600_000, 0, 0, 0, 0)]


def test_an_assignment_by_hand_before_the_start_finds_a_person_by_id() -> None:
    seen = run(told(before__assignments=[{"user": "ann", "permission_set": "Audit", "account": "prod"}]))
    assert seen.held("ann") == ["Audit@prod", "ReadOnly@dev"]


# --- contracts -------------------------------------------------------------------------------------------


def test_a_contract_that_is_extended_ends_then() -> None:
    """From 50m to 90m = 5,400,000; the cycle at 120m carries it over."""
    people = [person("ann", employment="contractor", contract_end="50m")]
    seen = run(told(act("30m", "extend", "ann", until="90m"), before={"people": people}))
    assert seen.counts == {"contract_extension": 1, "contractor_expiry": 1}
    assert seen.latencies == [Latency("contractor_expiry", "ann", 5_400_000, 7_200_100, 0, 1_800_000, 100, 0)]


def test_whoever_left_before_does_not_expire() -> None:
    people = [person("ann", employment="contractor", contract_end="50m")]
    seen = run(told(act("30m", "leave", "ann"), before={"people": people}))
    assert seen.counts == {"leaver": 1}


def test_a_joiner_may_have_a_contract() -> None:
    joiner = act("10m", "join")
    joiner["person"] = person("dan", employment="contractor", contract_end="50m")
    assert run(told(joiner)).counts == {"joiner": 1, "contractor_expiry": 1}


def test_a_generated_contract_can_be_extended_too() -> None:
    values = {**GENERATED, "workforce": HIRED}
    world = begin(told(**values)).world
    assert world.parts.schedule is not None
    number = int(world.parts.schedule.person[0])
    upn = str(world.services.directory.attributes_of(number)["userPrincipalName"])
    assert run(told(**values)).counts == {"contractor_expiry": 1}
    assert run(told(act("0m", "extend", upn, until="5h"), **values)).counts == {"contract_extension": 1}


def test_an_exception_may_be_a_generated_persons() -> None:
    upn = upn_of(1)
    grant = {"permission_set": "Audit", "account": "prod"}
    assigned = act("10m", "aws_assign", user=upn, **grant)
    seen = run(told(assigned, organisation__access__exceptions=[{"person": upn, **grant}], **GENERATED))
    start = seen.world.parts.start
    assert start is not None
    has_it_anyway = "Audit@prod" in seen.grants(start.entitled(1))
    assert seen.orphans == []
    assert [(since, until) for _, since, until in seen.missing] == ([] if has_it_anyway else [(0, 600_000)])


# --- the workforce and the script ------------------------------------------------------------------------


def test_a_generated_event_of_somebody_whom_an_administrator_has_shut_out_does_not_happen() -> None:
    """Everybody is disabled at 0: nobody of them leaves a second time, moves, or expires."""
    values = {**GENERATED, "workforce": {"size": 6, "contractors": 0.5, "counts": {"leaver": 2, "mover": 1}}}
    scenario = scenario_from(told(**values))
    directory = begin(scenario).world.services.directory
    acts = [act("0m", "disable", str(directory.attributes_of(row)["userPrincipalName"])) for row in range(6)]
    seen = run(told(*acts, **values))
    assert seen.counts.keys() == {"leaver"}
    assert seen.counts["leaver"] <= 6


# --- the credentials of the application ------------------------------------------------------------------


def test_a_connection_is_refused_before_credentials_are_saved_and_works_after() -> None:
    timeline = [act("1m", "test_connection"), act("2m", "save_credentials"), act("3m", "test_connection")]
    seen = begin(told(*timeline))
    seen.world.run_until(4 * MINUTE)
    (refused,) = seen.world.timeline.refused
    assert (refused.at, refused.action) == (MINUTE, "test_connection")
    assert "tenant URL" in refused.reason
    assert seen.world.timeline.tested_at == 3 * MINUTE


def test_credentials_saved_before_there_is_a_token_do_not_open_the_target() -> None:
    """AWS issues its token when automatic provisioning is turned on, which here happens too late."""
    console = [act("4m", "aws_automatic_provisioning"), act("5m", "save_credentials"), act("6m", "test_connection")]
    seen = begin(told(act("1m", "save_credentials"), act("2m", "test_connection"), *console))
    seen.world.run_until(7 * MINUTE)
    (refused,) = seen.world.timeline.refused
    assert (refused.at, "401" in refused.reason) == (2 * MINUTE, True)
    assert seen.world.timeline.tested_at == 6 * MINUTE
