"""The ``synchronizationJob`` resource from figures that a test writes: codes, errors, quarantine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mockservices.clock import Clock, Millis
from mockservices.graph.jobs import (
    ACTIVE,
    DISABLED,
    PAUSED,
    UNSET,
    CreatedJob,
    Execution,
    JobFigures,
    QuarantineFigures,
    job_resource,
)

CLOCK = Clock(datetime(2026, 3, 2, 8, tzinfo=UTC))
MINUTE = 60_000
BAD = (
    "SystemForCrossDomainIdentityManagementInvalidCredentials",
    "Please provide a valid tenant URL for your application.",
)
HELD = QuarantineFigures("EncounteredQuarantineException", Millis(0), Millis(MINUTE), Millis(6 * MINUTE), 2, *BAD)


def execution(**more: Any) -> Execution:
    numbers: dict[str, Any] = {
        "id": "run",
        "began": Millis(0),
        "ended": Millis(MINUTE),
        "imported": 9,
        "deltas": 8,
        "references": 7,
        "entitled": 6,
        "exported": 5,
        "failed": 0,
        "escrowed": 3,
        **more,
    }
    return Execution(**numbers)


def status(**more: Any) -> dict[str, Any]:
    figures: dict[str, Any] = {"schedule": ACTIVE, "last": execution(), "users": 4, **more}
    told: dict[str, Any] = job_resource(JobFigures("job", **figures), CLOCK)["status"]
    return told


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, "Active"),
        ({"schedule": PAUSED}, "Paused"),
        ({"schedule": DISABLED, "last": None, "users": 0}, "Paused"),
        ({"last": None, "users": 0}, "NotRun"),
        ({"last": None}, "Active"),
        ({"quarantine": HELD}, "Quarantine"),
        ({"quarantine": HELD, "last": None, "users": 0}, "Quarantine"),
        ({"quarantine": HELD, "schedule": PAUSED}, "Paused"),
    ],
)
def test_the_code_says_what_the_job_is_in(more: dict[str, Any], code: str) -> None:
    assert status(**more)["code"] == code


def test_a_quarantine_says_why_since_when_and_when_it_is_tried_again() -> None:
    told = status(quarantine=HELD, successive_failures=2)
    assert told["quarantine"] == {
        "reason": "EncounteredQuarantineException",
        "seriesBegan": "2026-03-02T08:00:00Z",
        "currentBegan": "2026-03-02T08:01:00Z",
        "nextAttempt": "2026-03-02T08:06:00Z",
        "seriesCount": 2,
        "error": {"code": BAD[0], "message": BAD[1], "tenantActionable": True},
    }
    assert told["countSuccessiveCompleteFailures"] == 2
    assert str(told["troubleshootingUrl"]).endswith("application-provisioning-quarantine-status")


@pytest.mark.parametrize(
    ("more", "state"),
    [({}, "Succeeded"), ({"failed": 1}, "EntryLevelErrors"), ({"failed": 1, "error": BAD}, "Failed")],
)
def test_an_execution_succeeded_failed_or_had_errors_at_its_entries(more: dict[str, Any], state: str) -> None:
    told = status(last=execution(**more))["lastExecution"]
    assert told["state"] == state
    assert (told["error"] is None) == ("error" not in more)


def test_every_count_of_an_execution_has_its_place() -> None:
    told = status(last=execution(failed=2))["lastExecution"]
    assert {key: value for key, value in told.items() if key.startswith("count")} == {
        "countEntitled": 6,
        "countEntitledForProvisioning": 6,
        "countEscrowed": 3,
        "countEscrowedRaw": 3,
        "countExported": 5,
        "countExports": 7,
        "countImported": 9,
        "countImportedDeltas": 8,
        "countImportedReferenceDeltas": 7,
    }


def test_settings_of_the_job_stand_behind_those_of_every_job() -> None:
    figures = JobFigures("job", deletion_threshold=500)
    assert job_resource(figures, CLOCK)["synchronizationJobSettings"] == [
        {"name": "AzureIngestionAttributeOptimization", "value": "False"},
        {"name": "QuarantineTooManyDeletesThreshold", "value": "500"},
    ]


def test_a_job_that_was_only_created_is_as_the_service_shows_it() -> None:
    told = CreatedJob("job", CLOCK).resource()
    assert (told["schedule"]["state"], told["schedule"]["interval"]) == ("Disabled", "PT40M")
    status = told["status"]
    assert (status["code"], status["lastExecution"], status["quarantine"]) == ("Paused", None, None)
    assert (status["progress"], status["synchronizedEntryCountByType"]) == ([], [])
    assert status["steadyStateFirstAchievedTime"] == UNSET


@pytest.mark.parametrize(
    ("objects", "pages"), [((0, 17), (0, 1)), ((17, 17), (0, 1)), ((250, 1010), (2, 11)), ((1010, 1000), (10, 10))]
)
def test_progress_counts_pages_and_not_objects(objects: tuple[int, int], pages: tuple[int, int]) -> None:
    (told,) = job_resource(JobFigures("job", progress=objects), CLOCK)["status"]["progress"]
    assert (told["completedUnits"], told["totalUnits"]) == pages
