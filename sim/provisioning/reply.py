"""What is answered to a run on demand: the five stages, in the words of Graph's inner value.

Invariant: derived from the rows that the run left in the log; nothing is told that the log does not hold.
https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-provisionondemand
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mockservices.clock import Millis
from mockservices.graph.jobs import SOURCE_DIRECTORY
from mockservices.graph.provisioning_log import SCHEMAS, additional_details, summary, told_reason
from mockservices.graph.provisioning_steps import capitalised, step, steps
from mockservices.graph.reasons import EXPORT, PROCESSING, SCOPING, SERVICE, reason
from mockservices.ports import ProvisioningRecord
from mockservices.services import Services

TEST: Final = "TestConnection"
_RANK: Final = ("success", "warning", "failure")


def reply(services: Services, subject: str, records: Sequence[ProvisioningRecord]) -> dict[str, Any]:
    """The inner value, from all rows of one run; ``subject`` is the id of the user or group that was asked for."""
    own = [record for record in records if record.source_id == subject]
    others = [record for record in records if record.source_id != subject]
    main = _main(own)
    told = summary(services, main)
    name = _name(told, main)
    application = services.application.display_name
    when = services.clock.iso(main.at)
    stages = _stages(own, others, name, application)
    ended = Millis(main.at + sum(record.lasted for record in records))
    return {
        "action": _capital(_action(main)),
        "changeId": main.change_id,
        "startTime": when,
        "endTime": services.clock.iso(ended),
        "jobId": "" if services.job is None else services.job.id,
        "modifiedProperties": _modified(own, main),
        "provisioningSteps": capitalised(stages, when),
        "reportableIdentifier": name,
        "statusInfo": _status(services, main),
        "sourceIdentity": _identity(told["sourceIdentity"]),
        "sourceSystem": {"id": told["sourceSystem"]["id"], "name": SOURCE_DIRECTORY, "details": None},
        "targetIdentity": _identity(told["targetIdentity"]),
        "targetSystem": {"id": told["targetSystem"]["id"], "name": application, "details": None},
    }


def refused(services: Services, subject: str, kind: str, code: str, sentence: str) -> dict[str, Any]:
    """The inner value when already the saved credentials lead nowhere: only the first stage, which failed."""
    now, application = services.clock.iso(services.clock.now), services.application
    stage = step(TEST, TEST, "failure", sentence, {"ErrorCode": code})
    return {
        "action": "Other",
        "changeId": None,
        "startTime": now,
        "endTime": now,
        "jobId": "" if services.job is None else services.job.id,
        "modifiedProperties": [],
        "provisioningSteps": capitalised([stage], now),
        "reportableIdentifier": None,
        "statusInfo": {
            "status": "Failure",
            "errorCode": code,
            "reason": sentence,
            "additionalDetails": None,
            "errorCategory": "NonServiceFailure",
            "recommendedAction": reason(code).next,
        },
        "sourceIdentity": {"id": subject, "type": kind, "displayName": None, "details": None},
        "sourceSystem": {"id": services.directory.tenant_id, "name": SOURCE_DIRECTORY, "details": None},
        "targetIdentity": {"id": "", "type": SCHEMAS[kind], "displayName": None, "details": None},
        "targetSystem": {"id": application.id, "name": application.display_name, "details": None},
    }


def _main(own: Sequence[ProvisioningRecord]) -> ProvisioningRecord:
    """The row that says how it ended: the worst of them, and of skipped ones only if there are no others."""
    acted = [record for record in own if record.status in _RANK]
    return max(acted, key=lambda record: _RANK.index(record.status)) if acted else own[0]


def _action(main: ProvisioningRecord) -> str:
    return "other" if main.status == "skipped" else main.action


def _stages(
    own: Sequence[ProvisioningRecord], others: Sequence[ProvisioningRecord], name: str, application: str
) -> list[dict[str, Any]]:
    first = own[0]
    if is_test(first):
        code = reason(first.reason)
        details = {"ErrorCode": first.reason, "HttpStatus": str(first.http)}
        return [step(TEST, TEST, "failure", code.sentence, details)]
    stages = steps(first, name, application, older=True)
    if len(own) > 1 and first.status == "skipped":
        stages = stages[:-1]  # the group itself agreed, but members followed
    members = [_member(record) for record in others]
    later = [
        each
        for record in own[1:]
        for each in steps(record, name, application, older=True)
        if each["provisioningStepType"] in {"referenceResolution", EXPORT}
    ]
    return [*stages, *members, *later]


def is_test(record: ProvisioningRecord) -> bool:
    """Whether this row is the failed test of a connection, which has no other action."""
    return record.action == "other" and record.status == "failure"


def _member(record: ProvisioningRecord) -> dict[str, Any]:
    """What became of a chosen member itself, which has to be in the target before it can be a member."""
    imported = record.imported or {}
    who = imported.get("userPrincipalName", record.source_id)
    details = {"objectId": record.source_id}
    if record.status == "success" or record.reason == "RedundantExport":
        sentence, status = f"User '{who}' is in the target", "success"
    else:
        sentence = f"User '{who}' cannot be a member: {reason(record.reason).sentence}"
        status = "failure" if record.status == "failure" else "skipped"
        details["ErrorCode" if status == "failure" else "SkipReason"] = record.reason
    return step("EntryReferenceResolution", "referenceResolution", status, sentence, details)


def _modified(own: Sequence[ProvisioningRecord], main: ProvisioningRecord) -> list[dict[str, Any]]:
    """What was changed; of an object that was left alone, what was read, as the service's own sample has it."""
    if main.status == "skipped":
        return [{"displayName": key, "oldValue": None, "newValue": text} for key, text in (main.imported or {}).items()]
    return [
        {"displayName": path, "oldValue": old, "newValue": new} for record in own for path, old, new in record.modified
    ]


def _status(services: Services, main: ProvisioningRecord) -> dict[str, Any]:
    told: dict[str, Any] = dict.fromkeys(
        ("errorCode", "reason", "additionalDetails", "errorCategory", "recommendedAction")
    )
    why = reason(main.reason)
    if main.status in {"failure", "warning"}:
        told = {
            "errorCode": main.reason,
            "reason": told_reason(main, services.clock),
            "additionalDetails": additional_details(main),
            "errorCategory": "Failure" if why.category == SERVICE else "NonServiceFailure",
            "recommendedAction": why.next,
        }
    elif main.status == "skipped" and why.stops in {SCOPING, PROCESSING}:
        told["recommendedAction"] = why.next
    return {"status": _capital(main.status), **told}


def _name(told: Mapping[str, Any], main: ProvisioningRecord) -> str:
    imported = main.imported or {}
    source = told["sourceIdentity"]
    named = imported.get("userPrincipalName") or source["details"].get("UserPrincipalName")
    return str(named or imported.get("displayName") or source["displayName"])


def _identity(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": told["id"],
        "type": told["identityType"],
        "displayName": told["displayName"] or None,
        "details": told["details"] or None,
    }


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
