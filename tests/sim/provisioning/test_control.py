"""The job as Graph's resources see it: status and log of cycles that have run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockservices.clock import Millis
from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL
from mockservices.ports import JobControl
from mockservices.scim.credentials import bearer_token, token_with
from mockservices.tokens import fingerprint
from sim.provisioning.log import LogRow, ProvisioningLog
from sim.provisioning.state import Links
from sim.scenario import scenario_from
from sim.world import World
from tests.contract.stories import person, story

MINUTE = 60_000
UNSET = "0001-01-01T00:00:00Z"
EVE = {"at": "30m", "do": "join", "person": person("eve", "Operations")}


def world_of(*timeline: Mapping[str, Any], **more: Any) -> World:
    return World(scenario_from(story("control", [dict(each) for each in timeline], **more)))


def control(world: World) -> JobControl:
    assert world.services.job is not None
    return world.services.job


def status(world: World) -> Mapping[str, Any]:
    found: Mapping[str, Any] = control(world).resource()["status"]
    return found


def counts(world: World) -> dict[str, int]:
    return {each["key"].split()[0]: each["value"] for each in status(world)["synchronizedEntryCountByType"]}


# --- status ------------------------------------------------------------------------------------------------


def test_before_the_first_cycle_nothing_has_been_executed() -> None:
    world = world_of(start_state="empty")
    told = status(world)
    assert (told["progress"], told["synchronizedEntryCountByType"]) == ([], [])
    assert (told["steadyStateFirstAchievedTime"], told["steadyStateLastAchievedTime"]) == (UNSET, UNSET)
    assert told["code"] == "NotRun"
    last = told["lastExecution"]
    assert (last["state"], last["error"]["code"], last["timeBegan"]) == ("Failed", "None", UNSET)
    assert not any(value for key, value in last.items() if key.startswith("count"))


def test_a_job_that_was_in_step_from_the_start_has_run_before() -> None:
    told = status(world_of())
    assert (told["code"], told["lastExecution"]) == ("Active", None)


def test_the_steady_state_of_a_job_that_has_run_before_begins_with_its_first_cycle_here() -> None:
    """Cycles at 10m and 50m; restarted at 60m, so that the cycle at 90m is an initial one, and a later one."""
    world = world_of({"at": "60m", "do": "restart_job"})
    world.run_until(55 * MINUTE)
    told = status(world)
    assert told["steadyStateFirstAchievedTime"] == "2026-03-02T08:10:00Z"
    assert told["steadyStateLastAchievedTime"] == "2026-03-02T08:50:00Z"
    world.run_until(100 * MINUTE)
    assert world.driver.sums.initial is not None
    assert status(world)["steadyStateFirstAchievedTime"] == "2026-03-02T08:10:00Z"


def test_the_last_execution_counts_what_the_initial_cycle_did() -> None:
    world = world_of(start_state="empty")
    world.run_until(40 * MINUTE)
    told, done = status(world), status(world)["lastExecution"]
    tally = world.cycles[0].tally
    assert (tally.users_created, tally.groups_created) == (3, 3)  # dan is disabled
    assert done["state"] == "Succeeded"
    assert done["timeBegan"] == "2026-03-02T08:10:00Z"
    assert done["timeEnded"] == told["steadyStateFirstAchievedTime"] == told["steadyStateLastAchievedTime"]
    assert done["countImported"] == 4 + 3
    assert done["countEntitled"] == done["countEntitledForProvisioning"] == 4 + 3
    assert done["countExported"] == done["countExports"] == 3 + 3 + tally.memberships_added
    assert (done["countImportedDeltas"], done["countImportedReferenceDeltas"], done["countEscrowed"]) == (0, 0, 0)
    assert told["lastSuccessfulExecution"] == told["lastSuccessfulExecutionWithExports"] == done
    assert counts(world) == {"User": 3, "Group": 3}


def test_a_cycle_with_nothing_to_do_is_the_last_execution_and_exported_nothing() -> None:
    world = world_of(EVE)
    world.run_until(95 * MINUTE)
    told = status(world)
    assert told["lastExecution"]["timeBegan"] == "2026-03-02T09:30:00Z"
    assert told["lastExecution"]["countExports"] == 0
    assert told["lastSuccessfulExecution"] == told["lastExecution"]
    with_exports = told["lastSuccessfulExecutionWithExports"]
    assert with_exports["timeBegan"] == "2026-03-02T08:50:00Z"
    assert with_exports["countImportedDeltas"] > 0
    assert with_exports["countImportedReferenceDeltas"] == 1
    assert with_exports["activityIdentifier"] != told["lastExecution"]["activityIdentifier"]


def test_a_failed_object_makes_it_an_execution_with_entry_level_errors() -> None:
    world = world_of(start_state="empty", target={"users_quota": 2})
    world.run_until(40 * MINUTE)
    done = status(world)["lastExecution"]
    assert (done["state"], done["countEscrowed"] > 0) == ("EntryLevelErrors", True)
    assert done["countExports"] > done["countExported"]
    assert status(world)["lastSuccessfulExecution"] is None


def test_a_cycle_that_is_under_way_shows_how_far_it_is_in_pages() -> None:
    """Of a few people there is one page, and it is not done before the cycle is."""
    world = world_of(start_state="empty", provisioning={"phase": "10m", "pace": {"initial": 0.1}})
    world.run_until(11 * MINUTE)
    (progress,) = status(world)["progress"]
    assert (progress["completedUnits"], progress["totalUnits"], progress["units"]) == (0, 1, "Pages")
    assert progress["progressObservationDateTime"] == "2026-03-02T08:11:00Z"


def test_a_job_is_disabled_until_it_has_run_and_paused_afterwards() -> None:
    world = world_of({"at": "5m", "do": "start_job"}, {"at": "1h", "do": "pause_job"}, start_state="empty")
    states = []
    for minute in (1, 6, 61):
        world.run_until(minute * MINUTE)
        states.append((control(world).resource()["schedule"]["state"], status(world)["code"]))
    assert states == [("Disabled", "Paused"), ("Active", "Active"), ("Paused", "Paused")]


def test_whoever_was_in_step_from_the_start_counts_and_nobody_is_taken_off_the_count() -> None:
    world = world_of({"at": "5m", "do": "purge", "person": "ann"})
    assert counts(world) == {"User": 3, "Group": 3}
    world.run_until(20 * MINUTE)
    assert world.cycles[0].tally.users_deleted == 1
    assert counts(world) == {"User": 3, "Group": 3}


def test_a_link_is_counted_once_however_often_it_is_set() -> None:
    links = Links(size=5)
    links.set("a", "1")
    links.set("a", "2")
    links.drop("a")
    assert links.total == 6


# --- restart -----------------------------------------------------------------------------------------------


def test_a_restart_of_the_watermark_alone_keeps_the_escrows() -> None:
    for escrows in (True, False):
        world = world_of(start_state="empty", target={"users_quota": 2})
        world.run_until(40 * MINUTE)
        assert world.parts.state.escrows
        control(world).restart(frozenset({"Watermark", "Escrows"} if escrows else {"Watermark"}))
        assert world.parts.state.watermark is None
        assert bool(world.parts.state.escrows) is not escrows


def standing(world: World) -> list[Any]:
    """Where everybody is on the way to the target."""
    return [(person.number, person.sync, person.pending_groups) for person in world.parts.ledger.touched()]


# --- other applications ------------------------------------------------------------------------------------


def test_an_assignment_to_another_application_leaves_nobody_waiting_for_a_cycle() -> None:
    touched, untouched = world_of(), world_of()
    applications = touched.services.applications
    other = applications.instantiate("Another")
    held = [applications.assign(other.id, kind, 0) for kind in (GROUP_PRINCIPAL, USER_PRINCIPAL)]
    assert standing(touched) == standing(untouched)
    for each in held:
        applications.unassign(other.id, each.id)
    assert standing(touched) == standing(untouched)
    touched.run_until(20 * MINUTE)
    assert touched.cycles == []


# --- credentials -------------------------------------------------------------------------------------------


def test_a_token_is_known_by_its_fingerprint_only_if_it_opens_the_endpoint() -> None:
    services = world_of().services
    token = bearer_token(services)
    assert token_with(services, fingerprint(token)) == token
    assert token_with(services, fingerprint("another")) is None


# --- the log -----------------------------------------------------------------------------------------------


def test_records_are_the_rows_of_the_log_with_ids_that_a_replay_makes_again() -> None:
    first, again = world_of(EVE), world_of(EVE)
    for world in (first, again):
        world.run_until(60 * MINUTE)
    records = list(control(first).records(newest_first=False))
    assert records == list(control(again).records(newest_first=False))
    assert records == list(control(first).records())[::-1]
    assert [(r.source_id, r.action, r.status) for r in records] == [
        (r.source_id, r.action, r.status) for r in first.log.rows
    ]
    assert len({r.id for r in records} | {r.change_id for r in records}) == 2 * len(records)
    executed = status(first)["lastExecution"]["activityIdentifier"]
    assert {r.cycle_id for r in records} == {executed}
    created = next(r for r in records if r.action == "create")
    assert created.lasted == created.requests * first.driver.pace.request_time


def test_records_go_on_behind_one_that_is_known() -> None:
    world = world_of(start_state="empty")
    world.run_until(40 * MINUTE)
    newest = [r.number for r in control(world).records()]
    assert [r.number for r in control(world).records(beyond=newest[3])] == newest[4:]
    assert [r.number for r in control(world).records(newest_first=False, beyond=newest[3])] == newest[:3][::-1]


def test_rows_keep_their_numbers_when_old_ones_are_forgotten() -> None:
    log = ProvisioningLog(keep=10)
    for i in range(25):
        log.add(LogRow(Millis(i), 1, "User", f"u{i}", "", "create", "success", "", 2))
    assert [log.first + i for i in range(len(log.rows))] == [int(row.source_id[1:]) for row in log.rows]


def test_provisioning_on_demand_tells_its_steps_and_its_record() -> None:
    world = world_of()
    world.run_until(5 * MINUTE)
    ann = world.services.directory.user_id(0)
    told = control(world).provision_on_demand(ann, "User")
    record = next(control(world).records())
    assert (told["changeId"], told["sourceIdentity"]["id"]) == (record.change_id, ann)
    assert told["provisioningSteps"][-1]["details"]["SkipReason"] == "RedundantExport"
    assert [step["type"] for step in told["provisioningSteps"]] == ["Import", "Scoping", "Matching", "Export"]
