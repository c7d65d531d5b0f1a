"""``/auditLogs/provisioning``: items, steps, filters, order and pages, over rows that a test writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockservices.clock import Millis
from mockservices.graph.provisioning_steps import capitalised, steps
from mockservices.graph.reasons import REASONS, reason
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
        "matching": "none",
        "written": True,
        "imported": {"objectId": "gone", "accountEnabled": "True", "IsSoftDeleted": "False"},
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


def test_modified_properties_have_old_and_new_values(wire: Wire, job: Recorder) -> None:
    job.rows = [row(0, action="update", modified=(("displayName", "Ann", "Anna"), ("members", None, "t1")))]
    (item,) = wire.get(LOG)["value"]
    assert item["modifiedProperties"] == [
        {"displayName": "displayName", "oldValue": "Ann", "newValue": "Anna"},
        {"displayName": "members", "oldValue": None, "newValue": "t1"},
    ]


def test_a_failure_says_what_happened_why_and_what_to_do_and_when_it_is_tried_again(wire: Wire, job: Recorder) -> None:
    """The first failure has been retried 0 times; the sentence is the one that administrators quote."""
    job.rows = [
        row(0, status="failure", reason="EntryConflict", http=409, detail="duplicate", tries=1, retry_at=Millis(HOUR)),
        row(1, status="failure", reason="Timeout", http=0, tries=3, retry_at=Millis(2 * HOUR)),
        row(2, status="failure", reason="InternalServerError", http=503),
    ]
    theirs, silent, ours = (item["provisioningStatusInfo"]["errorInformation"] for item in wire.get(LOG)["value"])
    assert ours == {
        "errorCode": "EntryConflict",
        "errorCategory": "nonServiceFailure",
        "reason": reason("EntryConflict").sentence
        + " This operation was retried 0 times. It will be retried again after this date: 2026-03-02T09:00:00Z UTC",
        "additionalDetails": "The target answered with HTTP status 409: duplicate",
        "recommendedAction": reason("EntryConflict").next,
    }
    assert "was retried 2 times" in silent["reason"]
    assert silent["additionalDetails"] == "The target gave no answer in time."
    assert (theirs["errorCategory"], theirs["additionalDetails"]) == (
        "failure",
        "The target answered with HTTP status 503",
    )
    assert "retried" not in theirs["reason"]


def test_whoever_is_out_of_scope_has_the_services_code_for_it_and_what_matches_has_none(
    wire: Wire, job: Recorder
) -> None:
    skipped = {"action": "other", "status": "skipped", "matching": "", "written": False}
    job.rows = [
        row(0, **skipped, reason="NotEffectivelyEntitled"),
        row(1, action="update", status="skipped", reason="RedundantExport", written=False),
    ]
    redundant, unassigned = (item["provisioningStatusInfo"]["errorInformation"] for item in wire.get(LOG)["value"])
    assert redundant is None
    assert unassigned["errorCode"] == "EntrySynchronizationSkipped"
    assert unassigned["recommendedAction"].startswith("Assign the user")


GONE = {"objectId": "gone", "IsSoftDeleted": "True"}
FAILED = {"status": "failure", "written": False}
LINKED = {"action": "update", "matching": "linked"}
CREATED = [("EntryImportAdd", "success"), ("EntrySynchronizationScoping", "success")]
UPDATED = [("EntryImportUpdate", "success"), ("EntrySynchronizationScoping", "success"), ("EntryImport", "success")]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, [*CREATED, ("EntrySynchronizationAdd", "success"), ("EntryExportAdd", "success")]),
        (
            {"status": "failure", "reason": "EntryConflict"},
            [*CREATED, ("EntrySynchronizationAdd", "success"), ("EntryExportAdd", "failure")],
        ),
        ({**FAILED, "reason": "TooManyRequests"}, [*CREATED, ("EntrySynchronizationAdd", "failure")]),
        (
            {**FAILED, "reason": "DuplicateTargetEntries", "matching": "several"},
            [*CREATED, ("EntrySynchronizationAdd", "failure")],
        ),
        (
            {**LINKED, **FAILED, "reason": "InvalidAnchor"},
            [*UPDATED[:2], ("EntrySynchronizationUpdate", "failure")],
        ),
        (LINKED, [*UPDATED, ("EntrySynchronizationUpdate", "success"), ("EntryExportUpdate", "success")]),
        (
            {**LINKED, "status": "skipped", "reason": "RedundantExport", "written": False},
            [*UPDATED, ("EntrySynchronizationSkip", "skipped")],
        ),
        (
            {**LINKED, "members": (("u", "t", True),), "matching": "", "imported": None, "kind": "Group"},
            [
                ("EntryImportUpdate", "success"),
                ("EntryReferenceResolution", "success"),
                ("EntryExportUpdate", "success"),
            ],
        ),
        (
            {
                "action": "delete",
                "status": "failure",
                "reason": "InternalServerError",
                "matching": "",
                "imported": GONE,
            },
            [
                ("EntryImportDelete", "success"),
                ("EntrySynchronizationDelete", "success"),
                ("EntryExportDelete", "failure"),
            ],
        ),
        (
            {"action": "other", "status": "skipped", "reason": "ImportSkipped", "matching": ""},
            [("EntryImport", "skipped")],
        ),
        (
            {"action": "stagedDelete", "status": "skipped", "reason": "TooManyDeletes", "matching": ""},
            [
                ("EntryImportDelete", "success"),
                ("EntrySynchronizationScoping", "skipped"),
                ("EntrySynchronizationSkip", "skipped"),
            ],
        ),
    ],
)
def test_steps_come_in_order_and_go_as_far_as_the_object_got(
    more: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert names(row(0, **more)) == expected
    kinds = [step["provisioningStepType"] for step in steps(row(0, **more), "Ann", "AWS")]
    order = ["import", "scoping", "matching", "processing", "referenceResolution", "export"]
    assert kinds == sorted(kinds, key=order.index)


def judged(**more: Any) -> dict[str, str] | None:
    told = steps(row(0, **more), "Ann", "AWS")
    found = [step["details"] for step in told if step["provisioningStepType"] == "scoping"]
    return found[0] if found else None


def scoping(active: bool = True, assigned: bool = True, passed: bool = True, result: str = "{}") -> dict[str, str]:
    return {
        "Active in the source system": str(active),
        "Assigned to the application": str(assigned),
        "User has the required role": str(assigned),
        "Scoping filter evaluation passed": str(passed),
        "ScopeEvaluationResult": result,
    }


OFF = {"objectId": "gone", "accountEnabled": "False"}
FILTER = "Sales only.department EQUALS 'Sales'"


@pytest.mark.parametrize(
    ("more", "details"),
    [
        ({}, scoping()),
        ({"action": "disable", "matching": "linked"}, scoping(assigned=False)),
        ({"action": "disable", "matching": "linked", "imported": OFF}, scoping(active=False)),
        (
            {"action": "disable", "matching": "linked", "scope": {FILTER: False}},
            scoping(passed=False, result=f'{{"{FILTER}":false}}'),
        ),
        ({"action": "other", "status": "skipped", "reason": "NotInScope"}, scoping(passed=False)),
        ({"scope": {FILTER: True}}, scoping(result=f'{{"{FILTER}":true}}')),
        ({"action": "other", "status": "skipped", "reason": "NotEffectivelyEntitled"}, scoping(assigned=False)),
        (
            {"action": "other", "status": "skipped", "reason": "NotActiveInSource", "imported": OFF},
            scoping(active=False),
        ),
        ({"action": "other", "status": "skipped", "reason": "NotProvisioned"}, None),
    ],
)
def test_the_scoping_step_says_which_condition_failed(more: dict[str, Any], details: dict[str, str] | None) -> None:
    assert judged(**more) == details


@pytest.mark.parametrize("code", [code for code, each in REASONS.items() if each.stops in {"scoping", "processing"}])
def test_whoever_is_passed_over_is_told_why(code: str) -> None:
    told = steps(row(0, action="other", status="skipped", reason=code, matching=""), "Ann", "AWS")
    assert told[-1]["details"] == {"SkipReason": code}
    assert told[-1]["description"] == REASONS[code].sentence


def test_every_code_says_what_happened_and_what_to_do_next() -> None:
    for code, each in REASONS.items():
        assert each.sentence.endswith("."), code
        assert each.next.endswith("."), code
        assert each.short[0].islower()
        assert not each.short.endswith(".")


def test_a_code_that_is_not_known_is_told_as_it_is() -> None:
    assert (reason("Surprise").short, reason("Surprise").next) == ("Surprise", "")


def test_steps_of_an_answer_on_demand_have_a_type_in_capitals_a_time_and_the_older_names() -> None:
    told = capitalised(steps(row(0, demand=True), "Ann", "AWS", older=True), "2026-03-02T09:00:00Z")
    assert [(each["type"], each["status"]) for each in told] == [
        ("Import", "Success"),
        ("Scoping", "Success"),
        ("Matching", "Success"),
        ("Export", "Success"),
    ]
    assert told[0]["name"] == "EntryImport"
    assert set(told[0]) == {"name", "type", "status", "description", "timestamp", "details"}
    assert set(told[1]["details"]) == {
        "IsActive",
        "Assigned",
        "IsEffectivelyEntitledForProvisioning",
        "IsInProvisioningScopeDisplayName",
        "ScopeEvaluationResult",
    }


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
        ("provisioningStatusInfo/status eq 'Failure'", []),
        ("provisioningStatusInfo/errorInformation/errorCode eq 'E'", [3]),
        ("contains(jobId, 'SingleSignon.')", [4, 3, 2, 1, 0]),
        ("contains(jobId, 'singlesignon.')", []),
        ("durationInMilliseconds gt 499", [4, 3, 2, 1, 0]),
        ("durationInMilliseconds lt 500", []),
        ("sourceIdentity/identityType eq 'User'", [4, 3, 2, 1, 0]),
        ("sourceIdentity/identityType eq 'Group'", []),
        ("contains(servicePrincipal/displayName, 'AWS IAM')", [4, 3, 2, 1, 0]),
        ("sourceIdentity/displayName eq 'Anna'", []),
        ("contains(changeId, 'ange-2')", [2]),
        ("contains(cycleId, 'cycle-')", [4, 3, 2, 1, 0]),
        ("contains(id, 'w-4')", [4]),
        ("sourceSystem/displayName eq 'Azure Active Directory'", [4, 3, 2, 1, 0]),
        ("contains(targetSystem/displayName, 'AWS IAM')", [4, 3, 2, 1, 0]),
        ("initiatedBy/displayName eq 'Azure AD Provisioning Service'", [4, 3, 2, 1, 0]),
        ("tenantId eq 'another'", []),
        ("contains(tenantId, '-')", [4, 3, 2, 1, 0]),
    ],
)
def test_filters_find_what_they_say(wire: Wire, five: Recorder, found: str, expected: list[int]) -> None:
    assert ids(wire, f"?$filter={found}") == [f"row-{n}" for n in expected]


@pytest.mark.parametrize("found", ["tenant eq 'x'", "jobId ne 'x'", "durationInMilliseconds eq 'a'", "jobId", "x eq"])
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
