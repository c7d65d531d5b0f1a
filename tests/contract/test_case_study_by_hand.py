"""The case study done by hand over HTTP comes out as it was reported, and its command log tells it again.

https://idsentinelsolutions.com/scenarios/13-scim-provisioning-entra-aws/
"""

from __future__ import annotations

from typing import Any

import pytest

from sim.observation.summary import summarize
from sim.scenario import load
from sim.serving import Session
from sim.world import Transport, World
from tests.outside import Outside
from tests.sim.test_serving import clock, served
from tui.commands.env import variables

NAME = "case-study-by-hand"
PILOT = {
    "GRP-AWS-Engineering": ("IDSentinel-ReadOnly", "ReadOnlyAccess"),
    "GRP-AWS-DevOps": ("IDSentinel-PowerUser", "PowerUserAccess"),
    "GRP-AWS-Security": ("IDSentinel-SecurityAudit", "SecurityAudit"),
}
DOMAIN = "idsentinelsolutions.com"


def done(outside: Outside, name: str, body: Any = None) -> Any:
    """Something done in the console."""
    answer = outside.testbed("POST", f"/console/{name}", body or {})
    assert answer.status_code == 200
    return answer.json()


def sso(outside: Outside, operation: str, **members: Any) -> Any:
    """A call of sso-admin, which any signature opens."""
    aws = outside.addresses["aws"]
    signed = (
        f"AWS4-HMAC-SHA256 Credential={aws['access_key_id']}/20260302/us-east-1/sso/aws4_request, "
        f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}"
    )
    headers = {
        "authorization": signed,
        "x-amz-target": f"SWBExternalService.{operation}",
        "content-type": "application/x-amz-json-1.1",
    }
    body = {"InstanceArn": aws["instance_arn"], **members}
    answer = outside.client.post(aws["endpoint_url"], json=body, headers=headers)
    assert answer.status_code == 200
    return answer.json()


def do_it(session: Session, outside: Outside) -> None:
    """The whole story."""
    assert done(outside, "audit")["found"] == 14
    done(outside, "enable", {"region": "us-east-1"})
    done(outside, "identity-source", {"source": "external"})
    endpoint = done(outside, "automatic-provisioning")
    arns = {}
    for name, policy in PILOT.values():
        arns[name] = sso(outside, "CreatePermissionSet", Name=name)["PermissionSet"]["PermissionSetArn"]
        policy_arn = f"arn:aws:iam::aws:policy/{policy}"
        sso(outside, "AttachManagedPolicyToPermissionSet", PermissionSetArn=arns[name], ManagedPolicyArn=policy_arn)
    job = outside.job_path()
    app = job.partition("/synchronization")[0]
    secrets = {"BaseAddress": endpoint["endpoint"], "SecretToken": endpoint["token"]}
    body = {"value": [{"key": key, "value": value} for key, value in secrets.items()]}
    assert outside.graph("PUT", f"{app}/synchronization/secrets", body).status_code == 204
    assert outside.graph("POST", f"{job}/validateCredentials", {"useSavedCredentials": True}).status_code == 204
    groups = {group["displayName"]: group["id"] for group in outside.graph("GET", "/groups").json()["value"]}
    principal = outside.graph("GET", app).json()
    for name in PILOT:
        ids = {"principalId": groups[name], "resourceId": principal["id"], "appRoleId": principal["appRoles"][0]["id"]}
        assert outside.graph("POST", f"{app}/appRoleAssignedTo", ids).status_code == 201
    assert outside.graph("POST", f"{job}/start").status_code == 204
    clock(outside, cycles=1)
    accounts = outside.testbed("GET", "/console").json()["accounts"]
    for name, (permission_set, _) in PILOT.items():
        target = session.world.services.provider.group_by("displayName", name)
        assert target is not None
        sso(
            outside,
            "CreateAccountAssignment",
            TargetId=accounts["dev"],
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=arns[permission_set],
            PrincipalType="GROUP",
            PrincipalId=target.id,
        )
    clock(outside, by="25m")
    chen = outside.create_user("t.chen", DOMAIN).json()["id"]
    outside.add_member(groups["GRP-AWS-Engineering"], chen)
    clock(outside, cycles=1)
    clock(outside, by="25m")
    outside.graph("DELETE", f"/groups/{groups['GRP-AWS-Engineering']}/members/{chen}/$ref")
    outside.add_member(groups["GRP-AWS-DevOps"], chen)
    clock(outside, cycles=1)
    clock(outside, by="25m")
    outside.graph("PATCH", f"/users/{chen}", {"accountEnabled": False})
    clock(outside, cycles=1)
    assert done(outside, "clean-up") == {"removed": 14}


@pytest.mark.parametrize("transport", ["wire", "direct"])
def test_ten_results_agree_when_it_is_done_by_hand_and_a_replay_tells_the_same(transport: Transport) -> None:
    scenario = load(NAME).scenario
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        do_it(session, outside)
        summary = outside.testbed("GET", "/summary").json()
    assert [row["label"] for row in summary["results"] if not row["agrees"]] == []
    assert len(summary["results"]) == 10
    assert summary["transport"] == transport
    assert summary["provisioning"]["initial_cycle"]["users_matched"] == 0
    assert summary["target"]["created_by_scim"] == 18
    assert summary["stale"]["found"] == 14
    assert summary["orphaned_access"]["people"]["now"] == 0

    replayed = World(scenario)
    replayed.replay(session.world.commands, session.world.now)
    assert replayed.trace_sha256 == session.world.trace_sha256
    assert replayed.traffic_sha256 == session.world.traffic_sha256
    again = summarize(replayed)
    assert (again["results"], again["events"]) == (summary["results"], summary["events"])


def test_nothing_happens_unless_somebody_does_it() -> None:
    world = World(load(NAME).scenario)
    world.run()
    summary = summarize(world)
    assert (summary["provisioning"]["cycles"], summary["provisioning"]["requests"]) == (0, 0)
    assert summary["target"]["permission_sets_created"] == 0
    assert summary["target"]["scim_token_expires"] is None
    assert summary["target"]["identity_source"] == "local"
    assert summary["events"]["validated"] == 0
    assert (summary["stale"]["found"], summary["stale"]["removed"]) == (14, 0)


def test_it_begins_as_the_case_study_does() -> None:
    by_hand, relived = load(NAME).scenario, load("case-study").scenario
    assert by_hand.timeline == ()
    for part in ("start", "duration", "seed", "organisation", "before", "provisioning", "results"):
        assert getattr(by_hand, part) == getattr(relived, part)
    assert by_hand.target == relived.target.model_copy(update={"set_up": "by_hand"})


def test_a_world_without_automatic_provisioning_tells_no_token_beforehand() -> None:
    session = Session(load(NAME).scenario)
    try:
        addresses = session.addresses()
    finally:
        session.close()
    assert addresses["scim"]["token"] is None
    assert addresses["scim"]["base_url"] is None
    told = variables({**addresses, "access_token": "any"})
    assert "JMLAB_SCIM_TOKEN" not in told
    assert "JMLAB_TESTBED_TOKEN" in told
