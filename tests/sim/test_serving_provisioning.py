"""Provisioning set up and watched from outside, over HTTP, the way an administrator's script does it."""

from __future__ import annotations

import json

import pytest

from sim.scenario import Scenario, scenario_from
from sim.world import Transport
from tests.contract.stories import person, story
from tests.outside import RULE, Outside
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


FLAG = "/?aadOptscim062020"


@pytest.mark.parametrize("transport", ["wire", "direct"])
def test_a_flag_in_the_saved_tenant_url_decides_how_changes_are_written(transport: Transport) -> None:
    """The group is renamed twice and Ann three times over. AWS takes no operation without a path that changes several
    attributes, which is what the flag makes of two at once: refused while it is there, and not before and after."""

    def change(at: str, number: int) -> dict[str, object]:
        attributes = {"jobTitle": f"Lead {number}", "department": f"Team {number}"}
        return {"at": at, "do": "set_attributes", "person": "ann", "attributes": attributes}

    scenario = scenario_from(story("flags", [change("5m", 1), change("45m", 2), change("85m", 3)]))
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        path = outside.job_path()
        root = path.partition("/jobs/")[0]

        def save(flag: str) -> None:
            address = outside.addresses["scim"]["base_url"] + flag
            pairs = {"BaseAddress": address, "SecretToken": outside.addresses["scim"]["token"]}
            body = {"value": [{"key": key, "value": value} for key, value in pairs.items()]}
            assert outside.graph("PUT", f"{root}/secrets", body).status_code == 204
            saved = {"useSavedCredentials": True}
            assert outside.graph("POST", f"{path}/validateCredentials", saved).status_code == 204

        clock(outside, by="40m")
        save(FLAG)
        clock(outside, by="40m")
        save("/?AzureAdScimPatch2017")
        clock(outside, by="40m")
        rows = outside.graph("GET", "/auditLogs/provisioning?$orderby=activityDateTime").json()["value"]
    told = [
        (row["activityDateTime"][11:16], row["provisioningStatusInfo"]["status"])
        for row in rows
        if row["sourceIdentity"]["identityType"] == "User"
    ]
    assert told == [("08:10", "success"), ("08:50", "failure"), ("09:30", "success")]
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


@pytest.mark.parametrize("transport", ["wire", "direct"])
def test_a_group_on_demand_and_a_dropped_link_over_http_and_a_replay_refuses_what_was_refused(
    transport: Transport,
) -> None:
    """Five runs in ten seconds, of which the first makes Eve and her membership; the sixth is refused. A link is
    dropped when the job is paused, and on demand the user is matched and linked to the same as before."""
    eve = {"at": "1m", "do": "join", "person": person("eve", "Operations")}
    scenario = scenario_from(story("demand", [eve], provisioning={"phase": "30m"}))
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        clock(outside, by="2m")
        path = outside.job_path()
        (group,) = outside.graph("GET", "/groups?$filter=displayName eq 'Operators'").json()["value"]
        user = outside.graph("GET", "/users/eve.example@contoso.example").json()["id"]
        asked = {
            "objectId": group["id"],
            "objectTypeName": "Group",
            "links": {"members": [{"objectId": user, "objectTypeName": "User"}]},
        }
        body = {"parameters": [{"ruleId": RULE, "subjects": [asked]}]}
        answer = outside.graph("POST", f"{path}/provisionOnDemand", body)
        assert answer.status_code == 200
        assert json.loads(answer.json()["key"]) == {"result": "Success", "details": {}}
        assert json.loads(answer.json()["value"])["reportableIdentifier"] == "Operators"
        for _ in range(4):
            assert outside.on_demand(path, user).status_code == 200
        refused = outside.on_demand(path, user)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "TooManyRequests")
        assert refused.headers["retry-after"] == "10"

        link = f"{outside.addresses['graph']['base_url'].replace('/v1.0', '/beta')}{path}/objectConnections"
        found = outside.at("GET", f"{link}('{user}')").json()
        assert (found["sourceAnchor"], found["objectTypeName"]) == (user, "user")
        assert outside.at("DELETE", f"{link}('{user}')").status_code == 409
        assert outside.graph("POST", f"{path}/pause").status_code == 204
        assert outside.at("DELETE", f"{link}('{found['targetAnchor']}')").status_code == 204
        assert outside.at("DELETE", f"{link}('{user}')").status_code == 204
        assert outside.at("GET", f"{link}('{user}')").status_code == 404
        assert outside.at("GET", link).status_code == 400
        clock(outside, by="10s")
        assert outside.on_demand(path, user).status_code == 200
        assert outside.at("GET", f"{link}('{user}')").json() == found
    assert_replays(session, scenario)
