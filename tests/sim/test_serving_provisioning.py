"""Provisioning set up and watched from outside, over HTTP, the way an administrator's script does it."""

from __future__ import annotations

import json

import pytest

from sim.scenario import Scenario, scenario_from
from sim.world import Transport
from tests.contract.stories import story
from tests.outside import Outside
from tests.sim.test_serving import assert_replays, clock, served

AWS = "AWS IAM Identity Center (successor to AWS Single Sign-On)"


def by_hand() -> Scenario:
    """Nothing is in the target, and the job waits until somebody starts it."""
    return scenario_from(story("by-hand", [{"at": "5h", "do": "start_job"}], start_state="empty"))


def secrets(outside: Outside, token: str) -> dict[str, object]:
    values = {"BaseAddress": outside.addresses["scim"]["base_url"], "SecretToken": token, "SyncAll": "false"}
    return {"value": [{"key": key, "value": value} for key, value in values.items()]}


@pytest.mark.parametrize("transport", ["wire", "direct"])
def test_a_job_is_configured_tested_started_and_read_from_outside_and_a_replay_tells_the_same(
    transport: Transport,
) -> None:
    scenario = by_hand()
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        path = outside.job_path()
        root = path.partition("/jobs/")[0]
        token = outside.addresses["scim"]["token"]
        assert outside.graph("GET", path).json()["schedule"]["state"] == "Disabled"

        assert outside.graph("PUT", f"{root}/secrets", secrets(outside, "wrong")).status_code == 204
        saved = {"useSavedCredentials": True}
        assert outside.graph("POST", f"{path}/validateCredentials", saved).status_code == 400
        assert outside.graph("POST", f"{path}/start").status_code == 204
        clock(outside, by="1s")
        quarantine = outside.graph("GET", path).json()["status"]["quarantine"]
        assert (quarantine["reason"], quarantine["seriesCount"]) == ("EncounteredQuarantineException", 1)
        (mail,) = outside.testbed("GET", "/notifications").json()
        assert (mail["kind"], mail["from"]) == ("quarantine", "azure-noreply@microsoft.com")
        assert outside.graph("PUT", f"{root}/secrets", secrets(outside, token)).status_code == 204
        assert outside.graph("POST", f"{path}/validateCredentials", saved).status_code == 204
        assert outside.graph("POST", f"{path}/start").status_code == 204

        clock(outside, by="30m")
        told = outside.graph("GET", path).json()
        assert (told["schedule"]["state"], told["status"]["lastExecution"]["state"]) == ("Active", "Succeeded")
        cycle = told["status"]["lastSuccessfulExecutionWithExports"]["activityIdentifier"]
        found = outside.graph(
            "GET", f"/auditLogs/provisioning?$filter=jobId eq '{told['id']}' and cycleId eq '{cycle}'"
        )
        created = [item for item in found.json()["value"] if item["provisioningAction"] == "create"]
        assert {item["provisioningStatusInfo"]["status"] for item in created} == {"success"}
        assert sum(item["sourceIdentity"]["identityType"] == "User" for item in created) == 3
        restart = {"criteria": {"resetScope": "Watermark"}}
        assert outside.graph("POST", f"{path}/restart", restart).status_code == 204
        clock(outside, cycles=1)
    commands = [command.action for command in session.world.commands]
    assert commands.count("graph.secrets.set") == 2
    assert token not in json.dumps([dict(command.arguments) for command in session.world.commands])
    assert_replays(session, scenario)


def test_an_application_from_the_gallery_gets_a_job_that_leaves_the_worlds_own_alone() -> None:
    scenario = by_hand()
    with served(scenario, speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        (template,) = outside.graph("GET", f"/applicationTemplates?$filter=displayName eq '{AWS}'").json()["value"]
        body = {"displayName": "AWS Contoso"}
        made = outside.graph("POST", f"/applicationTemplates/{template['id']}/instantiate", body).json()
        every = f"/servicePrincipals/{made['servicePrincipal']['id']}/synchronization/jobs"
        assert outside.graph("GET", every).json()["value"] == []
        job = outside.graph("POST", every, {"templateId": "aWSSingleSignon"}).json()
        assert job["status"]["code"] == "Paused"
        own = outside.job_path()
        assert outside.graph("POST", own.rpartition("/")[0], {"templateId": "aWSSingleSignon"}).status_code == 409
        assert outside.graph("POST", f"{every}/{job['id']}/start").status_code == 501
        group = outside.ids("groups")[0]
        role = made["servicePrincipal"]["appRoles"][0]["id"]
        assignment = {"principalId": group, "resourceId": made["servicePrincipal"]["id"], "appRoleId": role}
        assigned = f"/servicePrincipals/{made['servicePrincipal']['id']}/appRoleAssignedTo"
        assert outside.graph("POST", assigned, assignment).status_code == 201
        clock(outside, by="2h")
    assert session.world.driver.sums.cycles == 0
    assert_replays(session, scenario)
