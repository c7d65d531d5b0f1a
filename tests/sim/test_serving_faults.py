"""Faults in served worlds: what outside clients see of them, how they are switched, and that replays agree."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mockservices.errors import ServiceError
from mockservices.scim.credentials import base_path, bearer_token
from sim.faults import read_fault
from sim.scenario import Scenario, scenario_from
from sim.world import Transport, World
from tests.contract.stories import STORIES, person
from tests.outside import Outside
from tests.sim.test_serving import assert_replays, clock, hello, served

NEW = {
    "userName": "new@contoso.example",
    "displayName": "New",
    "name": {"givenName": "Ne", "familyName": "W"},
    "active": True,
}


def told(*faults: dict[str, Any], **more: Any) -> Scenario:
    return scenario_from({**STORIES["hr"], "faults": list(faults), **more})


# --- what outside clients see --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["fail_before", "lost_answer", "outage"])
def test_no_answer_is_a_connection_that_is_cut(kind: str) -> None:
    with served(told({"kind": kind}), speed=1) as session, Outside(session.addresses()) as outside:
        with pytest.raises(httpx.RemoteProtocolError, match="disconnected without sending a response"):
            outside.scim("POST", "/Users", NEW)
        made = session.world.services.provider.user_by("userName", str(NEW["userName"]))
        assert (made is not None) == (kind == "lost_answer")
        assert session.world.services.traffic.counts.get("scim", 0) == (kind == "lost_answer")
        assert outside.graph("GET", "/users").status_code == 200  # the other services go on
    assert [command.action for command in session.world.commands] == ["scim.user.create"] * (kind == "lost_answer")


def test_other_connections_live_on_when_one_is_cut() -> None:
    fault = {"kind": "lost_answer", "operation": "create_user"}
    with served(told(fault), speed=1) as session, Outside(session.addresses()) as a, Outside(session.addresses()) as b:
        assert b.scim("GET", "/Users").status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            a.scim("POST", "/Users", NEW)
        assert a.scim("GET", "/Users").status_code == b.scim("GET", "/Users").status_code == 200


def test_refusals_have_the_shape_of_the_scim_service() -> None:
    faults = (
        {"kind": "throttled", "operation": "find_user", "retry_after": "30s"},
        {"kind": "expired_credentials", "operation": "get_user"},
        {"kind": "not_scim", "operation": "find_group"},
        {"kind": "server_error", "status": 504},
    )
    with served(told(*faults), speed=1) as session, Outside(session.addresses()) as outside:
        throttled, denied = outside.scim("GET", "/Users"), outside.scim("GET", "/Users/x")
        page, broken = outside.scim("GET", "/Groups"), outside.scim("GET", "/ServiceProviderConfig")
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "30")
    assert throttled.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert (throttled.json()["status"], throttled.json()["detail"]) == ("429", "Too many requests.")
    assert (denied.status_code, denied.json()["detail"]) == (401, "The request is not authorized.")
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert (broken.status_code, broken.json()["status"]) == (504, "504")
    assert not any(name.startswith("x-jmlab") for name in throttled.headers)


def test_refusals_have_the_shape_of_graph() -> None:
    faults = (
        {"service": "graph", "kind": "throttled", "operation": "find_user", "retry_after": "7s"},
        {"service": "graph", "kind": "expired_credentials", "operation": "create_group"},
        {"service": "graph", "kind": "server_error", "status": 503, "operation": "update_group"},
    )
    with served(told(*faults), speed=1) as session, Outside(session.addresses()) as outside:
        throttled, denied = outside.graph("GET", "/users"), outside.graph("POST", "/groups", {})
        group = outside.ids("groups")[0]
        broken = outside.add_member(group, group)
        assert outside.graph("GET", f"/groups/{group}").status_code == 200
        clock(outside, cycles=2)  # the job's own reads are never struck
        assert session.world.driver.sums.tally.errors == 0
    assert (throttled.status_code, throttled.headers["retry-after"]) == (429, "7")
    assert throttled.json()["error"]["code"] == "TooManyRequests"
    assert throttled.json()["error"]["innerError"]["request-id"] == throttled.headers["request-id"]
    assert (denied.status_code, denied.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert (broken.status_code, broken.json()["error"]["code"]) == (503, "ServiceNotAvailable")


def test_outside_client_waits_for_a_late_answer() -> None:
    slow = told({"kind": "latency", "delay": "20ms"})
    with served(slow, speed=1) as session, Outside(session.addresses()) as outside:
        answer = outside.scim("GET", "/Users")
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.02


def test_blocked_user_agent_strikes_only_who_sends_none() -> None:
    with served(told({"kind": "blocked_user_agent"}), speed=1) as session, Outside(session.addresses()) as outside:
        user = outside.scim("GET", "/Users").json()["Resources"][0]["id"]
        body = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": "Lead"}],
        }
        assert outside.scim("PATCH", f"/Users/{user}", body).status_code == 200
        del outside.client.headers["user-agent"]
        assert outside.scim("PATCH", f"/Users/{user}", body).status_code == 403


# --- the job is left alone -----------------------------------------------------------------------------------


def test_what_outside_clients_read_and_fail_at_changes_nothing_for_the_job() -> None:
    scenario = told(
        {"kind": "lost_answer", "share": 0.3},
        {"kind": "throttled", "rate": 0.5, "burst": 2},
        target={"limits": "aws"},
    )
    alone = World(scenario)
    alone.run()
    with served(scenario, speed=1) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        for hour in range(1, 7):
            for _ in range(5):
                try:
                    outside.scim("GET", "/Users")
                except httpx.RemoteProtocolError:
                    continue
            clock(outside, to=f"2026-03-02T{8 + hour:02}:00:00Z")
    assert session.world.trace_sha256 == alone.trace_sha256
    assert session.world.traffic_sha256 == alone.traffic_sha256
    assert session.world.services.faults.hits() == alone.services.faults.hits()


# --- a test of the connection ---------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_test_connection_says_what_is_wrong(transport: Transport) -> None:
    reasons = {
        "expired_credentials": "We received this unexpected response from your application: Unauthorized (401).",
        "outage": "We did not receive a response from your application within the time allowed.",
        "not_scim": "We received this unexpected response from your application: 404, and it is not a SCIM response.",
        "server_error": "We received this unexpected response from your application: Service Unavailable (503).",
    }
    with served(told(), speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        job = outside.job_path()
        assert outside.validate(job).status_code == 204
        for kind, reason in reasons.items():
            assert outside.testbed("POST", "/faults", {"name": kind.replace("_", "-"), "kind": kind}).status_code == 201
            answer = outside.validate(job)
            assert (answer.status_code, answer.json()["error"]["message"]) == (400, reason)
            assert outside.testbed("DELETE", "/faults").status_code == 200
        assert outside.validate(job).status_code == 204
    assert set(session.world.services.faults.hits().values()) == {0}


def test_saved_credentials_from_the_start_are_really_tried() -> None:
    with served(told(), speed=1) as session, Outside(session.addresses()) as outside:
        test, saved = f"{outside.job_path()}/validateCredentials", {"useSavedCredentials": True}
        assert outside.graph("POST", test, saved).status_code == 204
        outside.testbed("POST", "/faults", {"kind": "expired_credentials"})
        assert outside.graph("POST", test, saved).status_code == 400


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_test_connection_notices_that_the_token_has_expired(transport: Transport) -> None:
    scenario = told(target={"token_life": "1h"})
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        job = outside.job_path()
        assert outside.validate(job).status_code == 204
        clock(outside, by="1h")
        answer = outside.validate(job)
        assert (answer.status_code, outside.scim("GET", "/Users").status_code) == (400, 401)
        assert "Unauthorized (401)" in answer.json()["error"]["message"]


def test_there_is_no_endpoint_while_automatic_provisioning_is_off() -> None:
    told_by_hand = hello("target.set_up=by_hand", "start_state=empty")
    with served(told_by_hand, speed=1) as session, Outside(session.addresses()) as outside:
        for deed, body in (("enable", {"region": "us-east-1"}), ("identity-source", {"source": "external"})):
            assert outside.testbed("POST", f"/console/{deed}", body).status_code == 200
        services = session.world.services
        url = session._doors.addresses["scim"] + base_path(services) + "/Users"
        headers = {"authorization": f"Bearer {bearer_token(services)}"}
        assert outside.client.get(url, headers=headers).status_code == 401
        assert outside.testbed("POST", "/console/automatic-provisioning").status_code == 200
        assert outside.client.get(url, headers=headers).status_code == 200


# --- switched over HTTP ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("transport", ["direct", "wire"])
def test_faults_that_are_switched_over_http_replay_to_the_same_digests(transport: Transport) -> None:
    scenario = told(
        {"name": "storm", "kind": "server_error", "share": 0.5, "started": False},
        timeline=[
            *STORIES["hr"]["timeline"],
            *({"at": f"{at}m", "do": "join", "person": person(f"p{at}", "Engineering")} for at in range(20, 240, 20)),
        ],
    )
    with served(scenario, speed=1, transport=transport) as session, Outside(session.addresses()) as outside:
        clock(outside, pause=True)
        clock(outside, by="40m")
        assert outside.testbed("POST", "/faults/storm").status_code == 200
        added = outside.testbed("POST", "/faults", {"kind": "lost_answer", "operation": "create_user", "times": 1})
        assert added.status_code == 201
        assert [row["name"] for row in added.json()["faults"]] == ["fault-2"]
        assert outside.testbed("GET", "/status").json()["faults"] == ["storm", "fault-2"]
        clock(outside, by="80m")
        assert outside.testbed("DELETE", "/faults/storm").status_code == 200
        assert outside.testbed("GET", "/status").json()["faults"] == ["fault-2"]
        clock(outside, by="3h")
        rows = outside.testbed("GET", "/faults").json()["faults"]
    assert all(row["job"]["hits"] for row in rows)
    assert [command.action for command in session.world.commands if not command.action.startswith("clock.")] == [
        "faults.start",
        "faults.add",
        "faults.end",
    ]
    assert_replays(session, scenario)


def test_what_a_scenario_must_not_hold_is_refused_with_its_sentence() -> None:
    storm = told({"name": "storm", "kind": "outage", "at": "3h"})
    with served(storm, speed=1) as session, Outside(session.addresses()) as outside:
        for body, status, sentence in (
            ({}, 400, "kind: this key is missing; required here: kind"),
            ({"kind": "latency"}, 400, "kind: latency needs a delay, for example delay: 5s"),
            ({"kind": "outage", "for": "soon"}, 400, "for: 'soon' is not a duration; write one such as "),
            ({"kind": "lost_answer", "person": "nan"}, 400, "person: unknown person 'nan'; name an id of "),
            ({"kind": "outage", "name": "storm"}, 409, 'there is a fault called "storm" already'),
            ([1], 400, "the body is no JSON object; this takes a fault as a scenario file writes it"),
        ):
            answer = outside.testbed("POST", "/faults", body)
            assert answer.status_code == status
            assert answer.json()["error"].startswith(sentence)
        testbed = outside.addresses["testbed"]
        token = {"authorization": f"Bearer {testbed['token']}"}
        broken = outside.client.post(f"{testbed['base_url']}/faults", content=b"{", headers=token)
        assert broken.json()["error"].startswith("the body is not JSON; this takes a fault as a scenario file writes")
        # starting takes no body, so that nobody starts a fault who wrote that it should end
        off = outside.testbed("POST", "/faults/storm", {"on": False})
        assert (off.status_code, off.json()["error"]) == (
            400,
            "this takes no body: it starts the fault; DELETE /_testbed/faults/storm ends it",
        )
        nobody = outside.testbed("POST", "/faults/rain")
        assert (nobody.status_code, nobody.json()["error"]) == (
            404,
            'there is no fault called "rain"; there are storm',
        )
        assert outside.client.get(outside.addresses["testbed"]["base_url"] + "/faults").status_code == 401


def test_fault_over_http_begins_when_it_is_added_unless_it_names_a_time() -> None:
    scenario = told()
    assert read_fault(scenario, {"kind": "outage"})["start"] is True
    later = read_fault(scenario, {"kind": "outage", "at": "2h"})
    assert (later["start"], later["at"]) == (False, 2 * 3_600_000)
    waiting = read_fault(scenario, {"kind": "outage", "started": False})
    assert (waiting["start"], waiting["at"]) == (False, None)


def test_unknown_fault_is_refused_in_a_replay_as_it_was_then() -> None:
    world = World(told())
    with pytest.raises(ServiceError):
        world.command("faults.start", {"name": "rain"})
    again = World(told())
    again.replay(world.commands, world.now)
    assert again.trace_sha256 == world.trace_sha256
