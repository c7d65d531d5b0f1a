"""``/auditLogs/provisioning``: items, steps, filters, order and pages, over rows that a test writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockservices.clock import Millis
from mockservices.graph.provisioning_log import on_demand_steps, steps
from mockservices.ports import ProvisioningRecord
from tests.mockservices.graph.test_graph_jobs import JOB, Recorder

if TYPE_CHECKING:
    from tests.mockservices.graph.conftest import Wire

LOG = "/auditLogs/provisioning"
HOUR = 3_600_000


def row(number: int, **more: Any) -> ProvisioningRecord:
    """A user who was created, one hour after the row before."""
    held: dict[str, Any] = {
        "number": number,
        "id": f"row-{number}",
        "cycle_id": f"cycle-{number // 2}",
        "change_id": f"change-{number}",
        "at": Millis(number * HOUR),
        "lasted": Millis(500),
        "kind": "User",
        "source_id": "gone",
        "target_id": "",
        "action": "create",
        "status": "success",
        "reason": "",
        "requests": 2,
        **more,
    }
    return ProvisioningRecord(**held)


@pytest.fixture
def job(wire: Wire) -> Recorder:
    recorder = Recorder()
    wire.services.job = recorder
    return recorder


def ids(wire: Wire, query: str = "") -> list[str]:
    return [item["id"] for item in wire.get(f"{LOG}{query}")["value"]]


def names(record: ProvisioningRecord) -> list[tuple[str, str]]:
    return [(step["name"], step["status"]) for step in steps(record, "Ann", "AWS")]


def test_an_item_has_every_field_of_the_service(wire: Wire, job: Recorder) -> None:
    user = wire.user("anna")
    target = wire.services.provider.create_user(
        {"userName": "anna", "displayName": "Anna T", "name.givenName": "A", "name.familyName": "T"}
    ).id
    job.rows = [row(1, source_id=user, target_id=target)]
    body = wire.get(LOG)
    assert body["@odata.context"].endswith("/v1.0/$metadata#auditLogs/provisioning")
    (item,) = body["value"]
    told = item.pop("provisioningSteps")
    app = wire.services.application
    assert item == {
        "id": "row-1",
        "activityDateTime": "2026-03-02T09:00:00Z",
        "tenantId": wire.services.directory.tenant_id,
        "jobId": JOB,
        "cycleId": "cycle-0",
        "changeId": "change-1",
        "provisioningAction": "create",
        "durationInMilliseconds": 500,
        "initiatedBy": {"id": "", "displayName": "Azure AD Provisioning Service", "initiatorType": "system"},
        "servicePrincipal": {"id": app.id, "displayName": app.display_name},
        "sourceSystem": {
            "id": wire.services.directory.tenant_id,
            "displayName": "Azure Active Directory",
            "details": {},
        },
        "targetSystem": {
            "id": app.id,
            "displayName": app.display_name,
            "details": {
                "ApplicationId": app.app_id,
                "ServicePrincipalId": app.id,
                "ServicePrincipalDisplayName": app.display_name,
            },
        },
        "sourceIdentity": {
            "id": user,
            "displayName": "Anna",
            "identityType": "User",
            "details": {"UserPrincipalName": "anna@contoso.example"},
        },
        "targetIdentity": {
            "id": target,
            "displayName": "Anna T",
            "identityType": "urn:ietf:params:scim:schemas:core:2.0:User",
            "details": {},
        },
        "provisioningStatusInfo": {"status": "success", "errorInformation": None},
        "modifiedProperties": [],
    }
    assert [(step["name"], step["provisioningStepType"]) for step in told] == [
        ("EntryImportAdd", "import"),
        ("EntrySynchronizationScoping", "scoping"),
        ("EntrySynchronizationAdd", "matching"),
        ("EntryExportAdd", "export"),
    ]
    assert all(set(step) == {"name", "provisioningStepType", "status", "description", "details"} for step in told)
    assert told[-1]["details"] == {"ReportableIdentifier": "Anna"}


def test_a_group_and_objects_that_are_gone_are_told_too(wire: Wire, job: Recorder) -> None:
    group, user = wire.group("Engineers"), wire.user("bob")
    wire.ask("DELETE", f"/users/{user}")
    wire.ask("DELETE", f"/directory/deletedItems/{user}")
    job.rows = [row(0, kind="Group", source_id=group), row(1, source_id=user, target_id="nobody", action="delete")]
    gone, found = wire.get(LOG)["value"]
    assert (found["sourceIdentity"]["displayName"], found["sourceIdentity"]["identityType"]) == ("Engineers", "Group")
    assert (gone["sourceIdentity"]["displayName"], gone["targetIdentity"]["displayName"]) == ("", "")


def test_a_disabled_user_shows_the_property_that_was_switched(wire: Wire, job: Recorder) -> None:
    job.rows = [row(0, action="disable", target_id="t")]
    (item,) = wire.get(LOG)["value"]
    assert item["modifiedProperties"] == [{"displayName": "active", "oldValue": "True", "newValue": "False"}]


def test_a_failure_names_its_code_and_whose_fault_it_is(wire: Wire, job: Recorder) -> None:
    job.rows = [
        row(0, status="failure", reason="EntryConflict"),
        row(1, status="failure", reason="InternalServerError"),
    ]
    theirs, ours = (item["provisioningStatusInfo"]["errorInformation"] for item in wire.get(LOG)["value"])
    assert (theirs["errorCode"], theirs["errorCategory"]) == ("InternalServerError", "failure")
    assert (ours["errorCode"], ours["errorCategory"]) == ("EntryConflict", "nonServiceFailure")
    assert ours["reason"]


@pytest.mark.parametrize(
    ("more", "last"),
    [
        ({"status": "failure", "reason": "EntryConflict"}, ("EntryExportAdd", "failure")),
        ({"status": "failure", "reason": "TooManyRequests", "requests": 1}, ("EntrySynchronizationAdd", "failure")),
        ({"status": "failure", "reason": "DuplicateTargetEntries"}, ("EntrySynchronizationAdd", "failure")),
        (
            {"action": "update", "status": "failure", "reason": "InvalidAnchor"},
            ("EntrySynchronizationUpdate", "failure"),
        ),
        ({"action": "delete", "status": "failure", "reason": "InternalServerError"}, ("EntryExportDelete", "failure")),
        ({"action": "disable"}, ("EntryExportUpdate", "success")),
        ({"action": "update", "status": "skipped", "reason": "RedundantExport"}, ("EntryExportUpdate", "skipped")),
        (
            {"action": "other", "status": "skipped", "reason": "NoLongerManaged"},
            ("EntrySynchronizationSkip", "skipped"),
        ),
    ],
)
def test_steps_go_as_far_as_the_object_got(more: dict[str, Any], last: tuple[str, str]) -> None:
    assert names(row(0, **more))[-1] == last
    assert all(status == "success" for name, status in names(row(0, **more))[:1])


@pytest.mark.parametrize(
    ("reason", "details"),
    [
        ("NotEffectivelyEntitled", {"Assigned to the application": "False"}),
        ("NotActiveInSource", {"Active in the source system": "False"}),
        ("NotProvisioned", None),
    ],
)
def test_whoever_is_passed_over_is_told_why(reason: str, details: dict[str, str] | None) -> None:
    told = steps(row(0, action="other", status="skipped", reason=reason), "Ann", "AWS")
    scoping = [step["details"] for step in told if step["provisioningStepType"] == "scoping"]
    assert scoping == ([] if details is None else [details])
    assert told[-1]["details"] == {"SkipReason": reason}


def test_steps_of_an_answer_on_demand_have_a_type_in_capitals() -> None:
    first = on_demand_steps(row(0), "Ann", "AWS")[0]
    assert (first["type"], first["status"]) == ("Import", "Success")
    assert "provisioningStepType" not in first


# --- queries -----------------------------------------------------------------------------------------------


@pytest.fixture
def five(job: Recorder) -> Recorder:
    job.rows = [row(n, status="failure" if n == 3 else "success", reason="E" if n == 3 else "") for n in range(5)]
    return job


def test_the_newest_come_first_unless_it_is_asked_otherwise(wire: Wire, five: Recorder) -> None:
    newest_first = ["row-4", "row-3", "row-2", "row-1", "row-0"]
    assert ids(wire) == newest_first
    assert ids(wire, "?$orderby=activityDateTime desc") == newest_first
    assert ids(wire, "?$orderby=activityDateTime") == newest_first[::-1]
    assert wire.error("GET", f"{LOG}?$orderby=jobId")[0] == 400


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (f"jobId eq '{JOB}'", [4, 3, 2, 1, 0]),
        ("jobId eq 'another'", []),
        ("cycleId eq 'cycle-1'", [3, 2]),
        ("changeId eq 'change-2'", [2]),
        ("activityDateTime ge 2026-03-02T11:00:00Z", [4, 3]),
        ("activityDateTime gt 2026-03-02T11:00:00Z", [4]),
        ("activityDateTime le 2026-03-02T09:00:00Z", [1, 0]),
        ("activityDateTime lt 2026-03-02T09:00:00Z", [0]),
        ("activityDateTime eq 2026-03-02T09:00:00Z", [1]),
        ("provisioningStatusInfo/status eq 'failure'", [3]),
        ("provisioningStatusInfo/status eq 'success' and cycleId eq 'cycle-1'", [2]),
    ],
)
def test_filters_find_what_they_say(wire: Wire, five: Recorder, found: str, expected: list[int]) -> None:
    assert ids(wire, f"?$filter={found}") == [f"row-{n}" for n in expected]


@pytest.mark.parametrize("found", ["tenantId eq 'x'", "jobId ne 'x'", "durationInMilliseconds eq 1", "jobId", "x eq"])
def test_other_filters_are_refused(wire: Wire, five: Recorder, found: str) -> None:
    assert wire.error("GET", f"{LOG}?$filter={found}")[0] == 400


@pytest.mark.parametrize("order", ["", "&$orderby=activityDateTime asc"])
def test_pages_hold_every_row_once_though_rows_come_in_between(wire: Wire, five: Recorder, order: str) -> None:
    newest_first = not order
    first = wire.get(f"{LOG}?$top=2{order}")
    if newest_first:
        five.rows.append(row(5))
    rest = wire.pages(first["@odata.nextLink"])
    found = [item["id"] for page in [first, *rest] for item in page["value"]]
    assert found == [f"row-{n}" for n in (range(4, -1, -1) if newest_first else range(5))]
    assert [len(page["value"]) for page in [first, *rest]] == [2, 2, 1]


def test_a_page_link_keeps_its_filter(wire: Wire, five: Recorder) -> None:
    pages = wire.pages(f"{LOG}?$top=1&$filter=cycleId eq 'cycle-1'")
    assert [item["id"] for page in pages for item in page["value"]] == ["row-3", "row-2"]


def test_a_foreign_page_token_is_refused(wire: Wire, five: Recorder) -> None:
    assert wire.error("GET", f"{LOG}?$skiptoken=abc")[0] == 400


def test_without_a_job_the_log_is_empty(wire: Wire) -> None:
    assert ids(wire) == []
