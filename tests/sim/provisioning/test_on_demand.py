"""On-demand provisioning: its stages, its limits, and what it does not do. Everything here is the same over both
transports, since it begins at the job's control; the contract tests send it over HTTP as well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mockservices.clock import Millis
from mockservices.errors import ServiceError
from mockservices.graph.synchronization import on_demand as worded
from mockservices.ports import JobControl
from sim.ports import GROUP, USER, Answer, Request
from sim.scenario import scenario_from
from sim.world import World
from tests.contract.stories import person, story

MINUTE = 60_000


def world_of(*timeline: Mapping[str, Any], **more: Any) -> World:
    world = World(scenario_from(story("demand", [dict(each) for each in timeline], **more)))
    world.run_until(world.now + 1)
    return world


def control(world: World) -> JobControl:
    assert world.services.job is not None
    return world.services.job


def user(world: World, name: str) -> str:
    register = world.parts.register
    return world.services.directory.user_id(world.parts.ledger.person(register.names[name]).row)


def group(world: World, name: str) -> str:
    return next(g.id for g in world.services.directory.groups if g.attributes["displayName"] == name)


def ask(world: World, name: str) -> Mapping[str, Any]:
    return control(world).provision_on_demand(user(world, name), USER)


def ask_group(world: World, name: str, *members: str) -> Mapping[str, Any]:
    return control(world).provision_on_demand(group(world, name), GROUP, [user(world, each) for each in members])


def stages(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(each["type"], each["status"]) for each in told["provisioningSteps"]]


def requests(world: World) -> int:
    return world.driver.sums.tally.requests


def members(world: World, name: str) -> set[str]:
    provider = world.services.provider
    found = provider.group_by("displayName", name)
    assert found is not None
    return {str(provider.peek(row).attributes["userName"]).partition(".")[0] for row in provider.members(found.row)}


JOIN = {"at": "1m", "do": "join", "person": person("eve", "Operations")}


def test_a_new_user_goes_through_import_scope_match_and_action() -> None:
    world = world_of(JOIN)
    world.run_until(2 * MINUTE)
    told = ask(world, "eve")
    assert stages(told) == [
        ("Import", "Success"),
        ("Scoping", "Success"),
        ("Matching", "Success"),
        ("Export", "Success"),
    ]
    assert (told["action"], told["statusInfo"]["status"]) == ("Create", "Success")
    assert told["reportableIdentifier"] == "eve.example@contoso.example"
    changed = {each["displayName"]: (each["oldValue"], each["newValue"]) for each in told["modifiedProperties"]}
    assert changed["userName"] == (None, "eve.example@contoso.example")
    assert changed["active"] == (None, "True")
    assert changed["name.givenName"] == (None, "Eve")
    assert told["provisioningSteps"][0]["details"]["userPrincipalName"] == "eve.example@contoso.example"


def test_a_run_has_a_cycle_and_a_change_of_its_own_and_takes_as_long_as_its_requests() -> None:
    """Test, find and POST at 100 ms each."""
    world = world_of(JOIN)
    world.run_until(2 * MINUTE)
    told = ask(world, "eve")
    ask(world, "ann")
    second, first = list(control(world).records())[:2]
    assert first.change_id == told["changeId"]
    assert len({first.cycle_id, second.cycle_id}) == 2
    assert len({first.change_id, second.change_id}) == 2
    assert (first.demand, first.requests, first.lasted) == (True, 3, 300)


def test_who_agrees_already_is_skipped_with_the_services_own_answer() -> None:
    world = world_of()
    told = ask(world, "ann")
    assert told["action"] == "Other"
    assert told["provisioningSteps"][-1]["name"] == "EntrySynchronizationSkip"
    assert told["provisioningSteps"][2]["details"]["userName"] == "ann.example@contoso.example"
    assert told["statusInfo"] == {
        "status": "Skipped",
        "errorCode": None,
        "reason": None,
        "additionalDetails": None,
        "errorCategory": None,
        "recommendedAction": None,
    }
    key = json.loads(worded(told)["key"])
    assert (key["result"], key["details"]["errorCode"]) == ("Skipped", "RedundantExport")
    assert {"displayName": "accountEnabled", "oldValue": None, "newValue": "True"} in told["modifiedProperties"]


def test_a_user_who_was_unassigned_is_disabled() -> None:
    world = world_of({"at": "1m", "do": "remove_member", "group": "Engineers", "person": "ann"})
    world.run_until(2 * MINUTE)
    told = ask(world, "ann")
    assert (told["action"], stages(told)[1]) == ("Disable", ("Scoping", "Skipped"))
    assert told["modifiedProperties"] == [{"displayName": "active", "oldValue": "True", "newValue": "False"}]
    assert told["provisioningSteps"][1]["details"]["Assigned"] == "False"


def test_who_is_disabled_in_the_directory_is_not_disabled_in_the_target_until_unassigned_and_enabled_for_it() -> None:
    """The documented limit, and the way round it: whoever is to lose access at once is unassigned first, then
    provisioned on demand, and only then blocked."""
    blocked = world_of({"at": "1m", "do": "disable", "person": "ann"})
    blocked.run_until(2 * MINUTE)
    told = ask(blocked, "ann")
    assert stages(told) == [("Import", "Success"), ("Scoping", "Skipped"), ("Processing", "Skipped")]
    assert requests(blocked) == 0
    runbook = world_of(
        {"at": "1m", "do": "remove_member", "group": "Engineers", "person": "ann"},
        {"at": "2m", "do": "provision_on_demand", "person": "ann"},
        {"at": "3m", "do": "disable", "person": "ann"},
    )
    runbook.run_until(4 * MINUTE)
    ann = runbook.services.provider.user_by("userName", "ann.example@contoso.example")
    assert ann is not None
    assert not ann.active


def test_who_was_deleted_cannot_be_found() -> None:
    world = world_of(
        {"at": "1m", "do": "delete", "person": "ann"}, {"at": "2m", "do": "provision_on_demand", "person": "ann"}
    )
    world.run_until(3 * MINUTE)
    assert [refused.action for refused in world.timeline.refused] == ["provision_on_demand"]
    assert requests(world) == 0


# --- groups ------------------------------------------------------------------------------------------------


def test_a_group_is_provisioned_with_the_chosen_members_and_no_others() -> None:
    world = world_of(JOIN, {"at": "1m", "do": "join", "person": person("fay", "Operations")})
    world.run_until(2 * MINUTE)
    before = members(world, "Operators")
    told = ask_group(world, "Operators", "eve")
    assert members(world, "Operators") == before | {"eve"}
    assert told["reportableIdentifier"] == "Operators"
    assert (told["action"], told["statusInfo"]["status"]) == ("Update", "Success")
    kinds = [kind for kind, _ in stages(told)]
    assert kinds.count("ReferenceResolution") == 2
    assert kinds[-1] == "Export"
    (membership,) = [each for each in told["modifiedProperties"] if each["displayName"] == "members"]
    assert membership["oldValue"] is None


def test_a_chosen_user_who_is_no_member_any_more_is_taken_out() -> None:
    world = world_of({"at": "1m", "do": "remove_member", "group": "Operators", "person": "bob"})
    world.run_until(2 * MINUTE)
    assert "bob" in members(world, "Operators")
    ask_group(world, "Operators", "bob")
    assert "bob" not in members(world, "Operators")


def test_a_group_that_is_not_assigned_itself_is_passed_over() -> None:
    world = world_of({"at": "1m", "do": "create_group", "group": "Outsiders"})
    world.run_until(2 * MINUTE)
    told = ask_group(world, "Outsiders")
    assert stages(told)[-1] == ("Processing", "Skipped")
    assert told["provisioningSteps"][-1]["details"]["SkipReason"] == "NotEffectivelyEntitled"


def test_a_member_who_cannot_be_provisioned_makes_it_a_warning() -> None:
    """Dan is disabled and was never provisioned: the group cannot hold him."""
    world = world_of({"at": "1m", "do": "add_member", "group": "Operators", "person": "dan"})
    world.run_until(2 * MINUTE)
    told = ask_group(world, "Operators", "dan")
    assert told["statusInfo"]["status"] == "Warning"
    assert told["statusInfo"]["errorCode"] == "ReferenceNotProvisioned"
    assert ("ReferenceResolution", "Skipped") in stages(told)
    assert "dan" not in members(world, "Operators")


# --- limits and the job's state ----------------------------------------------------------------------------


def test_the_sixth_call_within_ten_seconds_is_refused_and_a_replay_refuses_it_again() -> None:
    """Five at 0 s; there is room again ten seconds after the first of them."""
    scenario = scenario_from(story("limit", []))
    world = World(scenario)
    arguments = {"object_id": user(world, "ann"), "object_type": USER}
    for _ in range(5):
        world.command("graph.job.provision_on_demand", arguments, wanted=Millis(MINUTE))
    for wait, seconds in ((0, "10"), (2_500, "8")):
        with pytest.raises(ServiceError) as refused:
            world.command("graph.job.provision_on_demand", arguments, wanted=Millis(MINUTE + wait))
        assert refused.value.status == 429
        assert getattr(refused.value, "headers", {}) == {"Retry-After": seconds}
    world.command("graph.job.provision_on_demand", arguments, wanted=Millis(MINUTE + 10_000))
    world.run_until(5 * MINUTE)
    again = World(scenario)
    again.replay(world.commands, world.now)
    assert (again.trace_sha256, again.traffic_sha256) == (world.trace_sha256, world.traffic_sha256)
    assert [r.id for r in control(again).records()] == [r.id for r in control(world).records()]
    assert len(list(control(world).records())) == 6


def test_it_works_while_the_job_is_paused_and_leaves_it_paused() -> None:
    world = world_of(JOIN, {"at": "30s", "do": "pause_job"})
    world.run_until(2 * MINUTE)
    assert ask(world, "eve")["action"] == "Create"
    assert control(world).resource()["schedule"]["state"] == "Disabled"


def test_an_assignment_that_has_not_been_replicated_does_not_count_yet() -> None:
    lag = {"on_demand": {"assignment_lag": "3m"}, "phase": "30m"}
    gus = {"at": "30s", "do": "create_user", "person": person("gus", "Kitchen")}
    world = world_of(gus, {"at": "1m", "do": "assign", "person": "gus"}, provisioning=lag)
    world.run_until(2 * MINUTE)
    assert ask(world, "gus")["provisioningSteps"][-1]["details"] == {"SkipReason": "NotEffectivelyEntitled"}
    world.run_until(4 * MINUTE)
    assert ask(world, "gus")["action"] == "Create"


def test_a_link_that_was_dropped_is_made_anew_by_matching() -> None:
    world = world_of({"at": "30s", "do": "pause_job"})
    ann = user(world, "ann")
    with pytest.raises(ServiceError) as refused:
        control(world).drop_connection(ann)
    assert refused.value.status == 409
    world.run_until(MINUTE)
    found = control(world).connection(ann)
    assert found is not None
    assert control(world).connection(found.target_id) == found
    control(world).drop_connection(ann)
    control(world).drop_connection(ann)  # is gone: nothing more to do
    assert control(world).connection(ann) is None
    told = ask(world, "ann")
    assert control(world).connection(ann) == found
    matched = told["provisioningSteps"][2]
    assert (matched["type"], matched["details"]["id"]) == ("Matching", found.target_id)


def test_credentials_that_open_nothing_fail_the_first_stage_which_is_shown_only_then() -> None:
    world = world_of()
    world.services.perform(
        "graph.secrets.set",
        {"servicePrincipal": world.services.application.id, "values": {"BaseAddress": "https://elsewhere.example"}},
    )
    told = ask(world, "ann")
    assert stages(told) == [("TestConnection", "Failure")]
    assert told["statusInfo"]["errorCode"] == "SystemForCrossDomainIdentityManagementInvalidCredentials"
    assert requests(world) == 0
    key = json.loads(worded(told)["key"])
    assert key["result"] == "Failure"
    assert key["details"]["errorMessage"] == "Please provide a valid tenant URL for your application."


# --- what had failed before, and the job in trouble --------------------------------------------------------


class Refusing:
    """A target that gives one answer to every request of a kind, as long as it is set."""

    def __init__(self, world: World) -> None:
        self._target = world.driver.target
        self.answer: Answer | None = None
        self.method = "POST"
        world.driver.target = self

    def send(self, request: Request) -> Answer:
        """See :class:`sim.ports.Target`."""
        if self.answer is not None and request.method == self.method:
            return self.answer
        return self._target.send(request)

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """See :class:`sim.ports.Target`."""
        return self._target.check(base_address, secret_token, probe)


def test_a_success_on_demand_ends_the_wait_for_another_try() -> None:
    """Eve's creation is refused with 409 in the cycle at 10m, and would be tried again six hours later. On demand she
    is created at 20m; her membership, which had failed with her, goes with the cycle at 50m."""
    world = world_of(JOIN)
    target = Refusing(world)
    target.answer = Answer(409, (), "duplicate")
    world.run_until(20 * MINUTE)
    eve = user(world, "eve")
    assert world.parts.state.escrows[USER, eve].due > 6 * 60 * MINUTE
    failed = next(each for each in control(world).records() if each.status == "failure")
    assert (failed.reason, failed.http, failed.detail, failed.tries) == ("EntryConflict", 409, "duplicate", 1)
    assert failed.retry_at is not None
    assert failed.retry_at > 6 * 60 * MINUTE
    assert [name for name, _, _ in failed.modified][:1] == ["userName"]
    target.answer = None
    assert ask(world, "eve")["action"] == "Create"
    world.run_until(52 * MINUTE)
    assert "eve" in members(world, "Operators")
    assert world.parts.state.escrows == {}


def test_a_failure_on_demand_says_what_the_target_said() -> None:
    world = world_of(JOIN)
    target = Refusing(world)
    target.answer = Answer(409, (), "duplicate")
    world.run_until(2 * MINUTE)
    told = ask(world, "eve")
    assert stages(told)[-1] == ("Export", "Failure")
    assert told["statusInfo"]["errorCode"] == "EntryConflict"
    assert told["statusInfo"]["additionalDetails"] == "The target answered with HTTP status 409: duplicate"
    assert "retried 0 times" in told["statusInfo"]["reason"]
    assert json.loads(worded(told)["key"])["details"]["errorCode"] == "EntryConflict"


def test_a_target_that_does_not_answer_fails_the_test_of_the_connection_and_puts_nobody_into_escrow() -> None:
    world = world_of(JOIN)
    target = Refusing(world)
    target.answer, target.method = Answer(401), "GET"
    world.run_until(2 * MINUTE)
    told = ask(world, "eve")
    assert stages(told) == [("TestConnection", "Failure")]
    assert told["statusInfo"]["errorCode"] == "SystemForCrossDomainIdentityManagementCredentialValidationFailure"
    assert world.parts.state.escrows == {}
    (record,) = control(world).records()
    assert (record.status, record.requests, record.http) == ("failure", 1, 401)


def test_it_works_while_the_job_is_in_quarantine() -> None:
    """The cycle at 10m meets a 401; at 12m the target takes the token again, and nobody waits for the next attempt."""
    world = world_of(JOIN)
    target = Refusing(world)
    target.answer, target.method = Answer(401), "GET"
    world.run_until(12 * MINUTE)
    assert control(world).resource()["status"]["code"] == "Quarantine"
    target.answer = None
    assert ask(world, "eve")["action"] == "Create"
    assert control(world).resource()["status"]["code"] == "Quarantine"


def test_what_the_mapping_redacts_is_sent_and_not_shown() -> None:
    mappings = {
        "users": [
            {"source": "userPrincipalName", "target": "userName", "match": 1},
            {"expression": "Redact([displayName])", "target": "displayName"},
            {"source": "givenName", "target": "name.givenName"},
            {"source": "surname", "target": "name.familyName"},
        ]
    }
    world = world_of(JOIN, provisioning={"phase": "30m", "mappings": mappings})
    world.run_until(2 * MINUTE)
    told = ask(world, "eve")
    changed = {each["displayName"]: each["newValue"] for each in told["modifiedProperties"]}
    assert (changed["displayName"], changed["name.givenName"]) == ("[Redact]", "Eve")
    made = world.services.provider.user_by("userName", "eve.example@contoso.example")
    assert made is not None
    assert made.attributes["displayName"] == "Eve Example"
