"""The provisioning job's controls over HTTP, in front of a job that only notes what it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from mockservices.graph.jobs import RULE_ID
from mockservices.ports import Connection, Notification, ProvisioningRecord
from mockservices.services import Services
from mockservices.tokens import fingerprint

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire

JOB = "aWSSingleSignon.0123456789abcdef0123456789abcdef.11111111-2222-4333-8444-555555555555"
MISSING = "aWSSingleSignon.x.y"
PORTAL = "Escrows, QuarantineState, Watermark"


class Recorder:
    """A job that says what it was asked."""

    id = JOB
    schema = None

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.reason: str | None = None
        self.rows: list[ProvisioningRecord] = []
        self.links: dict[str, Connection] = {}
        self.inner: dict[str, Any] = {"action": "Create", "statusInfo": {"status": "Success"}}

    def validate_credentials(self, base_address: str, token_hash: str) -> str | None:
        self.told.append((base_address, token_hash))
        return self.reason

    def provision_on_demand(self, object_id: str, object_type: str, members: Sequence[str] = ()) -> Mapping[str, Any]:
        self.told.append((object_id, object_type, *members))
        return self.inner

    def connection(self, object_id: str) -> Connection | None:
        return self.links.get(object_id)

    def drop_connection(self, object_id: str) -> None:
        self.told.append(f"drop {object_id}")

    def start(self) -> None:
        self.told.append("start")

    def pause(self) -> None:
        self.told.append("pause")

    def restart(self, scopes: frozenset[str]) -> None:
        self.told.append(", ".join(sorted(scopes)))

    def notifications(self) -> Sequence[Notification]:
        return ()

    def records(
        self, *, newest_first: bool = True, beyond: int | None = None, brief: bool = False
    ) -> Iterator[ProvisioningRecord]:
        side = -1 if newest_first else 1
        rows = [row for row in self.rows if beyond is None or (row.number - beyond) * side > 0]
        return iter(sorted(rows, key=lambda row: row.number, reverse=newest_first))

    def resource(self) -> Mapping[str, Any]:
        return {"id": JOB, "templateId": "aWSSingleSignon", "status": {"code": "Active"}}


@pytest.fixture
def job(wire: Wire) -> Recorder:
    recorder = Recorder()
    wire.services.job = recorder
    return recorder


def path(services: Services, rest: str = "", job: str = JOB) -> str:
    return f"/servicePrincipals/{services.application.id}/synchronization/jobs/{job}{rest}"


def pairs(**values: str) -> dict[str, Any]:
    return {"credentials": [{"key": key, "value": value} for key, value in values.items()]}


def subject(user: str, **changes: Any) -> dict[str, Any]:
    one = {"objectId": user, "objectTypeName": "User"}
    return {"parameters": [{"ruleId": RULE_ID, "subjects": [one], **changes}]}


def group_with(members: Sequence[Any], kind: str = "Group", group: str = "u") -> dict[str, Any]:
    """A request for a group and some of its members."""
    users = [m if isinstance(m, dict) else {"objectId": m, "objectTypeName": "User"} for m in members]
    return subject("u", subjects=[{"objectId": group, "objectTypeName": kind, "links": {"members": users}}])


def test_the_job_is_listed_and_shown(wire: Wire, job: Recorder) -> None:
    every = f"/servicePrincipals/{wire.services.application.id}/synchronization/jobs"
    assert wire.get(every)["value"] == [job.resource()]
    assert wire.get(path(wire.services)).items() >= job.resource().items()
    keyed = f"/servicePrincipals(appId='{wire.services.application.app_id}')/synchronization/jobs/{JOB}"
    assert wire.get(keyed)["id"] == JOB


def test_without_a_job_there_is_none(wire: Wire) -> None:
    every = f"/servicePrincipals/{wire.services.application.id}/synchronization/jobs"
    assert wire.get(every)["value"] == []
    assert wire.error("GET", path(wire.services))[0] == 404
    assert wire.error("POST", path(wire.services, "/start"))[0] == 404


@pytest.mark.parametrize("act", ["start", "pause", "restart"])
def test_another_job_is_not_found_and_not_acted_on(wire: Wire, job: Recorder, act: str) -> None:
    assert wire.error("GET", path(wire.services, job=MISSING))[0] == 404
    assert wire.error("POST", path(wire.services, f"/{act}", job=MISSING))[:2] == (404, "Request_ResourceNotFound")
    assert wire.error("POST", f"/servicePrincipals/ghost/synchronization/jobs/{JOB}/{act}")[0] == 404
    assert job.told == []


@pytest.mark.parametrize("act", ["start", "pause", "restart"])
@pytest.mark.parametrize("prefix", ["", "microsoft.graph."])
def test_the_job_is_started_paused_and_restarted(wire: Wire, job: Recorder, act: str, prefix: str) -> None:
    assert wire.ask("POST", path(wire.services, f"/{prefix}{act}")).status_code == 204
    assert job.told == [PORTAL if act == "restart" else act]
    assert wire.gate.commands[-1][0] == f"graph.job.{act}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, [PORTAL]),
        ({"criteria": {}}, [PORTAL]),
        ({"criteria": {"resetScope": "None"}}, ["start"]),
        ({"criteria": {"resetScope": "None, Watermark"}}, ["Watermark"]),
        ({"criteria": {"resetScope": "Watermark,Escrows"}}, ["Escrows, Watermark"]),
        ({"criteria": {"resetScope": "QuarantineState"}}, ["QuarantineState"]),
        ({"criteria": {"resetScope": "Escrows"}}, ["Escrows"]),
        ({"criteria": {"resetScope": "ConnectorDataStore"}}, ["ConnectorDataStore"]),
        ({"criteria": {"resetScope": "Full"}}, ["ConnectorDataStore, Escrows, QuarantineState, Watermark"]),
        ({"criteria": {"resetScope": "ForceDeletes"}}, ["ForceDeletes"]),
    ],
)
def test_a_restart_resets_what_is_named_and_no_more(
    wire: Wire, job: Recorder, body: dict[str, Any], told: list[str]
) -> None:
    assert wire.ask("POST", path(wire.services, "/restart"), json=body).status_code == 204
    assert job.told == told


@pytest.mark.parametrize(
    "body",
    [{"criteria": {"resetScope": "Everything"}}, {"criteria": {"resetScope": 4}}, {"criteria": "Full"}],
)
def test_a_restart_with_a_scope_that_there_is_not_is_refused(wire: Wire, job: Recorder, body: dict[str, Any]) -> None:
    assert wire.ask("POST", path(wire.services, "/restart"), json=body).status_code == 400
    assert job.told == []


def test_credentials_that_work_are_204(wire: Wire, job: Recorder) -> None:
    body = pairs(BaseAddress="https://scim.example/v2", SecretToken="token")
    assert wire.ask("POST", path(wire.services, "/validateCredentials"), json=body).status_code == 204
    assert job.told == [("https://scim.example/v2", fingerprint("token"))]


def test_credentials_that_do_not_work_are_400_with_the_services_code(wire: Wire, job: Recorder) -> None:
    job.reason = "Unauthorized (401)"
    body = pairs(BaseAddress="https://scim.example/v2", SecretToken="wrong")
    assert wire.error("POST", path(wire.services, "/validateCredentials"), json=body) == (
        400,
        "SystemForCrossDomainIdentityManagementInvalidCredentials",
        "Unauthorized (401)",
    )


def test_credentials_without_an_address_are_400_without_asking_anybody(wire: Wire, job: Recorder) -> None:
    assert wire.error("POST", path(wire.services, "/validateCredentials"), json=pairs(SecretToken="token")) == (
        400,
        "SystemForCrossDomainIdentityManagementInvalidCredentials",
        "Please provide a valid tenant URL for your application.",
    )
    assert wire.error("POST", path(wire.services, "/validateCredentials"), json={})[0] == 400
    assert job.told == []


def test_provisioning_on_demand_answers_with_two_texts_of_json(wire: Wire, job: Recorder) -> None:
    user = wire.user("anna")
    response = wire.ask("POST", path(wire.services, "/provisionOnDemand"), json=subject(user))
    assert response.status_code == 200
    body = response.json()
    assert body["@odata.context"] == "http://graph.test/v1.0/$metadata#microsoft.graph.stringKeyStringValuePair"
    assert body["key"] == '{"result":"Success","details":{}}'
    assert json.loads(body["value"]) == job.inner
    assert job.told == [(user, "User")]


def test_a_skip_and_a_failure_name_their_code(wire: Wire, job: Recorder) -> None:
    user = wire.user("anna")
    job.inner = {
        "statusInfo": {"status": "Skipped", "errorCode": None},
        "provisioningSteps": [
            {"name": "EntryImport", "details": None},
            {"description": "Both match already.", "details": {"SkipReason": "RedundantExport"}},
        ],
    }
    key = wire.ask("POST", path(wire.services, "/provisionOnDemand"), json=subject(user)).json()["key"]
    assert json.loads(key) == {
        "result": "Skipped",
        "details": {"errorCode": "RedundantExport", "errorMessage": "Both match already."},
    }
    job.inner = {"statusInfo": {"status": "failure", "errorCode": "EntryConflict", "reason": "409"}}
    key = wire.ask("POST", path(wire.services, "/provisionOnDemand"), json=subject(user)).json()["key"]
    assert json.loads(key) == {
        "result": "Failure",
        "details": {"errorCode": "EntryConflict", "errorMessage": "409"},
    }
    job.inner = {"statusInfo": {"status": "Skipped"}}
    key = wire.ask("POST", path(wire.services, "/provisionOnDemand"), json=subject(user)).json()["key"]
    assert json.loads(key) == {"result": "Skipped", "details": {}}


def test_somebody_whom_a_search_does_not_find_cannot_be_provisioned(wire: Wire, job: Recorder) -> None:
    user = wire.user("anna")
    wire.ask("DELETE", f"/users/{user}")
    assert wire.error("POST", path(wire.services, "/provisionOnDemand"), json=subject(user))[0] == 404
    assert job.told == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"parameters": []}, 400),
        ({"parameters": ["x"]}, 400),
        (subject("u", ruleId="another"), 400),
        (subject("u", subjects=[]), 400),
        (subject("u", subjects=[{"objectId": "u", "objectTypeName": "User"}] * 2), 400),
        (subject("u", subjects=[{"objectTypeName": "User"}]), 400),
        (subject("u", subjects=[{"objectId": "u"}]), 400),
        (subject("u", subjects=[{"objectId": "u", "objectTypeName": "Device"}]), 400),
        (group_with(["a", "b", "c", "d", "e", "f"]), 400),
        (group_with([{"objectId": "g", "objectTypeName": "Group"}]), 400),
        (group_with(["a"], kind="User"), 400),
        (subject("u", subjects=[{"objectId": "u", "objectTypeName": "Group", "links": {"members": "a"}}]), 400),
        (subject("u", subjects=[{"objectId": "u", "objectTypeName": "Group", "links": "a"}]), 400),
    ],
)
def test_a_request_on_demand_names_one_user_or_group_with_five_members_and_the_rule(
    wire: Wire, job: Recorder, body: dict[str, Any], status: int
) -> None:
    assert wire.error("POST", path(wire.services, "/provisionOnDemand"), json=body)[0] == status
    assert wire.gate.commands == []
    assert job.told == []


def test_actions_of_the_job_can_do_without_addresses(wire: Wire, job: Recorder) -> None:
    wire.services.perform("graph.job.pause", {})
    assert job.told == ["pause"]


def test_a_group_is_provisioned_on_demand_with_up_to_five_members(wire: Wire, job: Recorder) -> None:
    group, users = wire.group("Engineers"), [wire.user(name) for name in ("a", "b", "c", "d", "e")]
    body = group_with([*users, users[0]], group=group)
    body["parameters"][0]["subjects"][0]["links"]["members"].pop()
    assert wire.ask("POST", path(wire.services, "/provisionOnDemand"), json=body).status_code == 200
    assert job.told == [(group, "Group", *users)]
    assert wire.gate.commands[-1][1]["members"] == users


def test_a_member_who_is_not_in_the_directory_is_404_and_nobody_is_provisioned(wire: Wire, job: Recorder) -> None:
    group = wire.group("Engineers")
    body = group_with([MISSING], group=group)
    assert wire.error("POST", path(wire.services, "/provisionOnDemand"), json=body)[0] == 404
    assert wire.error("POST", path(wire.services, "/provisionOnDemand"), json=group_with([], group=MISSING))[0] == 404
    assert job.told == []


# --- links -----------------------------------------------------------------------------------------------------


def beta(wire: Wire, method: str, rest: str) -> Any:
    return wire.ask(method, f"http://graph.test/beta{path(wire.services)}/objectConnections{rest}")


def test_a_link_is_shown_by_the_id_of_either_end(wire: Wire, job: Recorder) -> None:
    anna = wire.user("anna")
    link = Connection(anna, "t-1", "User")
    job.links = {anna: link, "t-1": link}
    for asked in (anna, "t-1"):
        assert beta(wire, "GET", f"('{asked}')").json() == {
            "@odata.context": "http://graph.test/beta/$metadata#objectConnection/$entity",
            "objectId": asked,
            "sourceAnchor": anna,
            "targetAnchor": "t-1",
            "displayName": "Anna",
            "objectTypeName": "user",
        }
    assert beta(wire, "GET", f"/{anna}").status_code == 200
    assert beta(wire, "GET", "('nobody')").status_code == 404


def test_links_cannot_be_listed(wire: Wire, job: Recorder) -> None:
    assert beta(wire, "GET", "").status_code == 400


def test_a_link_is_dropped_by_a_command_and_not_under_v1(wire: Wire, job: Recorder) -> None:
    assert beta(wire, "DELETE", "('x')").status_code == 204
    assert job.told == ["drop x"]
    assert wire.gate.commands[-1][0] == "graph.job.connection.drop"
    assert wire.ask("DELETE", path(wire.services, "/objectConnections('x')")).status_code == 404
