"""From the gallery to a job: templates, instances, synchronization templates, secrets and new jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockservices.graph.applications import AWS_APP_NAME, AWS_TEMPLATE_ID
from mockservices.graph.jobs import RULE_ID
from mockservices.scim.credentials import base_path, bearer_token
from mockservices.tokens import fingerprint
from tests.mockservices.graph.test_graph_jobs import Recorder

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire

INVALID = "SystemForCrossDomainIdentityManagementInvalidCredentials"


@pytest.fixture
def job(wire: Wire) -> Recorder:
    recorder = Recorder()
    wire.services.job = recorder
    return recorder


def instance(wire: Wire, name: str = "AWS Contoso") -> dict[str, Any]:
    response = wire.ask("POST", f"/applicationTemplates/{AWS_TEMPLATE_ID}/instantiate", json={"displayName": name})
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


def root(principal: str) -> str:
    return f"/servicePrincipals/{principal}/synchronization"


def secrets(**values: str) -> dict[str, Any]:
    return {"value": [{"key": key, "value": value} for key, value in values.items()]}


def changes(wire: Wire) -> list[str]:
    """The lines of the trace that come from now on."""
    collected: list[str] = []
    wire.services.trace.flush()
    wire.services.trace.sink = collected.extend
    return collected


# --- the gallery -------------------------------------------------------------------------------------------


def test_the_gallery_has_identity_center_under_its_name(wire: Wire) -> None:
    (found,) = wire.get(f"/applicationTemplates?$filter=displayName eq '{AWS_APP_NAME}'")["value"]
    assert found["id"] == AWS_TEMPLATE_ID
    assert found["supportedProvisioningTypes"] == ["sync"]
    assert wire.get("/applicationTemplates?$filter=displayName eq 'Box'")["value"] == []
    assert wire.get("/applicationTemplates?$select=id")["value"] == [{"id": AWS_TEMPLATE_ID}]
    assert wire.get(f"/applicationTemplates/{AWS_TEMPLATE_ID}").items() >= found.items()
    assert wire.get(f"/applicationTemplates('{AWS_TEMPLATE_ID}')")["displayName"] == AWS_APP_NAME


def test_an_instance_can_be_read_at_once_and_is_what_the_gallery_makes(wire: Wire) -> None:
    body = instance(wire)
    principal = body["servicePrincipal"]
    assert body["@odata.context"].endswith("/$metadata#microsoft.graph.applicationServicePrincipal")
    assert body["application"]["appId"] == principal["appId"]
    assert body["application"]["id"] not in {principal["id"], principal["appId"]}
    assert principal["applicationTemplateId"] == AWS_TEMPLATE_ID
    assert {role["displayName"]: role["id"] for role in principal["appRoles"]} == {
        "User": "8774f594-1d59-4279-b9d9-59ef09a23530",
        "msiam_access": "e7f1a7f3-9eda-48e0-9963-bd67bf531afd",
    }
    assert wire.get(f"/servicePrincipals/{principal['id']}").items() >= principal.items()
    (listed,) = wire.get("/servicePrincipals?$filter=displayName eq 'AWS Contoso'")["value"]
    assert listed == principal
    assert len(wire.get("/servicePrincipals")["value"]) == 2


def test_an_instance_is_a_command_and_in_the_trace(wire: Wire) -> None:
    seen = changes(wire)
    instance(wire)
    wire.services.trace.flush()
    assert [line.split("\t")[3] for line in seen] == ["servicePrincipal.create"]
    arguments = {"template": AWS_TEMPLATE_ID, "displayName": "AWS Contoso"}
    assert wire.gate.commands == [("graph.applicationTemplate.instantiate", arguments)]


@pytest.mark.parametrize("name", [None, "", 7, "x" * 121, "\ud800"])
def test_an_instance_needs_a_name(wire: Wire, name: object) -> None:
    path = f"/applicationTemplates/{AWS_TEMPLATE_ID}/instantiate"
    content = json.dumps({"displayName": name})
    assert wire.error("POST", path, content=content)[:2] == (400, "Request_BadRequest")
    assert wire.gate.commands == []


def test_what_is_not_in_the_gallery_is_not_found(wire: Wire) -> None:
    other = "/applicationTemplates/8b1025e4-1dd2-430b-a150-2ef79cd700f5"
    assert wire.error("GET", other)[0] == 404
    assert wire.error("POST", f"{other}/instantiate", json={"displayName": "AWS"})[0] == 404


# --- synchronization templates -----------------------------------------------------------------------------


def test_the_template_says_what_a_job_and_provisioning_on_demand_need(wire: Wire) -> None:
    path = f"{root(wire.services.application.id)}/templates"
    (template,) = wire.get(path)["value"]
    assert (template["id"], template["factoryTag"]) == ("aWSSingleSignon", "aWSSingleSignon")
    (rule,) = template["schema"]["synchronizationRules"]
    assert (rule["id"], rule["targetDirectoryName"]) == (RULE_ID, "AWSSingleSignon")
    assert wire.get(f"{path}/aWSSingleSignon").items() >= template.items()
    assert wire.error("GET", f"{path}/aws")[0] == 404
    assert wire.error("GET", f"{root('ghost')}/templates")[0] == 404


# --- jobs --------------------------------------------------------------------------------------------------


def test_a_new_job_has_the_shape_that_the_service_gives_it(wire: Wire) -> None:
    principal = instance(wire)["servicePrincipal"]
    response = wire.ask("POST", f"{root(principal['id'])}/jobs", json={"templateId": "aWSSingleSignon"})
    assert response.status_code == 201
    tenant = wire.services.directory.tenant_id.replace("-", "")
    expected = {
        "id": f"aWSSingleSignon.{tenant}.{principal['appId']}",
        "templateId": "aWSSingleSignon",
        "schedule": {"expiration": None, "interval": "PT40M", "state": "Disabled"},
        "status": {
            "countSuccessiveCompleteFailures": 0,
            "escrowsPruned": False,
            "code": "Paused",
            "lastExecution": None,
            "lastSuccessfulExecution": None,
            "lastSuccessfulExecutionWithExports": None,
            "quarantine": None,
            "steadyStateFirstAchievedTime": "0001-01-01T00:00:00Z",
            "steadyStateLastAchievedTime": "0001-01-01T00:00:00Z",
            "troubleshootingUrl": None,
            "progress": [],
            "synchronizedEntryCountByType": [],
        },
        "synchronizationJobSettings": [{"name": "AzureIngestionAttributeOptimization", "value": "False"}],
    }
    assert response.json().items() >= expected.items()
    assert wire.get(f"{root(principal['id'])}/jobs")["value"] == [expected]


def test_an_instance_has_no_job_until_one_is_created(wire: Wire, job: Recorder) -> None:
    assert wire.get(f"{root(instance(wire)['servicePrincipal']['id'])}/jobs")["value"] == []


def test_a_second_job_of_an_application_is_a_conflict(wire: Wire, job: Recorder) -> None:
    body = {"templateId": "aWSSingleSignon"}
    seen = changes(wire)
    status, code, message = wire.error("POST", f"{root(wire.services.application.id)}/jobs", json=body)
    assert (status, code) == (409, "Conflict")
    assert job.id in message
    other = f"{root(instance(wire)['servicePrincipal']['id'])}/jobs"
    assert wire.ask("POST", other, json=body).status_code == 201
    assert wire.error("POST", other, json=body)[:2] == (409, "Conflict")
    wire.services.trace.flush()
    assert [line.split("\t")[3] for line in seen] == ["servicePrincipal.create", "synchronizationJob.create"]


@pytest.mark.parametrize("body", [{}, {"templateId": 7}, {"templateId": "scim"}])
def test_a_job_needs_the_template_of_its_application(wire: Wire, body: dict[str, Any]) -> None:
    assert wire.error("POST", f"{root(wire.services.application.id)}/jobs", json=body)[0] == 400
    assert wire.gate.commands == []


def test_a_job_that_was_created_can_be_looked_at_and_not_run(wire: Wire, job: Recorder) -> None:
    every = f"{root(instance(wire)['servicePrincipal']['id'])}/jobs"
    created = wire.ask("POST", every, json={"templateId": "aWSSingleSignon"}).json()["id"]
    assert wire.ask("POST", f"{every}/{created}/pause").status_code == 204
    for act in ("start", "restart"):
        status, code, message = wire.error("POST", f"{every}/{created}/{act}")
        assert (status, code) == (501, "NotImplemented")
        assert created in message
    credentials = {"credentials": [{"key": "BaseAddress", "value": "https://scim.example"}]}
    assert wire.error("POST", f"{every}/{created}/validateCredentials", json=credentials)[0] == 501
    subject = {"objectId": wire.user("anna"), "objectTypeName": "User"}
    parameters = {"parameters": [{"ruleId": RULE_ID, "subjects": [subject]}]}
    assert wire.error("POST", f"{every}/{created}/provisionOnDemand", json=parameters)[0] == 501
    assert job.told == []


# --- secrets -----------------------------------------------------------------------------------------------


def test_secrets_are_saved_and_never_shown_logged_or_traced(wire: Wire) -> None:
    path = f"{root(wire.services.application.id)}/secrets"
    seen = changes(wire)
    body = secrets(BaseAddress="https://scim.example/x/scim/v2", SecretToken="hush", SyncAll="false")
    response = wire.ask("PUT", path, json=body)
    assert (response.status_code, response.content) == (204, b"")
    assert wire.ask("GET", path).status_code == 405
    ((action, arguments),) = wire.gate.commands
    assert action == "graph.secrets.set"
    assert arguments["values"]["BaseAddress"] == "https://scim.example/x/scim/v2"
    assert "hush" not in json.dumps(arguments)
    wire.services.trace.flush()
    (line,) = seen
    assert '{"keys":["BaseAddress","SecretToken","SyncAll"]}' in line
    assert fingerprint("hush") not in line


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"value": "x"}, 400),
        ({"value": ["x"]}, 400),
        ({"value": [{"key": 1, "value": "x"}]}, 400),
        ({"value": [{"key": "BaseAddress", "value": 1}]}, 400),
        (secrets(BaseAddress="http://["), 400),
        (secrets(Secret="x"), 400),
        (secrets(SyncNotificationSettings="DeleteThresholdEnabled"), 400),
        (secrets(SyncNotificationSettings="[500]"), 400),
        (secrets(SyncNotificationSettings='{"DeleteThresholdValue": "many"}'), 400),
        (secrets(SyncNotificationSettings='{"DeleteThresholdValue": 0}'), 400),
        (secrets(SyncAll="perhaps"), 400),
        (secrets(SkipOutOfScopeDeletions="yes"), 400),
        (secrets(HardDeletesEnabled="True"), 501),
    ],
)
def test_secrets_that_make_no_sense_are_refused(wire: Wire, body: dict[str, Any], status: int) -> None:
    assert wire.error("PUT", f"{root(wire.services.application.id)}/secrets", json=body)[0] == status
    assert wire.gate.commands == []


def test_a_setting_that_is_saved_alone_leaves_the_credentials_as_they_are(wire: Wire, job: Recorder) -> None:
    saved = f"{root(wire.services.application.id)}/secrets"
    told = json.dumps({"DeleteThresholdEnabled": True, "DeleteThresholdValue": 20})
    for body in (secrets(BaseAddress="https://scim.example", SecretToken="x"), secrets(SyncNotificationSettings=told)):
        assert wire.ask("PUT", saved, json=body).status_code == 204
    kept = wire.services.applications.secrets(wire.services.application.id)
    assert kept == {
        "BaseAddress": "https://scim.example",
        "SecretToken": fingerprint("x"),
        "SyncNotificationSettings": told,
    }
    wire.ask("PUT", saved, json=secrets(BaseAddress="https://scim.example"))
    kept = wire.services.applications.secrets(wire.services.application.id)
    assert kept == {"BaseAddress": "https://scim.example"}


def test_secrets_of_nobody_are_not_found(wire: Wire) -> None:
    assert wire.error("PUT", f"{root('ghost')}/secrets", json=secrets(SecretToken="x"))[0] == 404


def test_saved_credentials_can_be_tried(wire: Wire, job: Recorder) -> None:
    principal = wire.services.application.id
    test = f"{root(principal)}/jobs/{job.id}/validateCredentials"
    saved = {"useSavedCredentials": True}
    assert wire.ask("POST", test, json=saved).status_code == 204  # those that were there from the start
    assert job.told == [("", fingerprint(bearer_token(wire.services)))]
    wire.ask("PUT", f"{root(principal)}/secrets", json=secrets(BaseAddress="https://scim.example", SecretToken="x"))
    assert wire.ask("POST", test, json=saved).status_code == 204
    assert job.told[1:] == [("https://scim.example", fingerprint("x"))]
    job.reason = "Unauthorized (401)"
    assert wire.error("POST", test, json=saved) == (400, INVALID, "Unauthorized (401)")
    wire.ask("PUT", f"{root(principal)}/secrets", json=secrets(SecretToken="x"))
    assert wire.error("POST", test, json=saved)[:2] == (400, INVALID)
    assert len(job.told) == 3


def test_a_job_with_nothing_saved_has_no_address_to_try(wire: Wire, job: Recorder) -> None:
    every = f"{root(instance(wire)['servicePrincipal']['id'])}/jobs"
    created = wire.ask("POST", every, json={"templateId": "aWSSingleSignon"}).json()["id"]
    path = f"{every}/{created}/validateCredentials"
    assert wire.error("POST", path, json={"useSavedCredentials": True})[:2] == (400, INVALID)


def test_a_job_is_started_whatever_has_been_saved_for_what_is_wrong_leads_into_quarantine(
    wire: Wire, job: Recorder
) -> None:
    services = wire.services
    start = f"{root(services.application.id)}/jobs/{job.id}/start"
    right = {"BaseAddress": f"http://127.0.0.1:1{base_path(services)}/", "SecretToken": bearer_token(services)}
    for wrong in ({"SecretToken": "x"}, {"BaseAddress": "http://127.0.0.1:1/elsewhere"}):
        wire.ask("PUT", f"{root(services.application.id)}/secrets", json=secrets(**{**right, **wrong}))
        assert wire.ask("POST", start).status_code == 204
    assert job.told == ["start", "start"]
