"""The steps of a row of the provisioning log: import, scoping, matching, processing, references, export.

Invariant: derived from what the row holds and from nothing else; steps come in this order and end where the object did.
https://learn.microsoft.com/graph/api/resources/provisioningstep
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from mockservices.graph.jobs import SOURCE_DIRECTORY
from mockservices.graph.reasons import EXPORT, IMPORT, MATCHING, PROCESSING, SCOPING, reason
from mockservices.graph.resources import Json
from mockservices.ports import ProvisioningRecord

CHANGES: Final = {"create": "Add", "update": "Update", "disable": "Update", "delete": "Delete", "other": "Update",
                  "stagedDelete": "Delete"}  # fmt: skip
_DONE: Final = {"create": "created", "update": "updated", "disable": "disabled", "delete": "deleted",
                "stagedDelete": "deleted"}  # fmt: skip
_DO: Final = {"create": "create", "update": "update", "disable": "disable", "delete": "delete",
              "stagedDelete": "delete"}  # fmt: skip
_LEAVING: Final = {"disable", "delete", "stagedDelete"}
_UNASSIGNED: Final = {"NotEffectivelyEntitled", "NoLongerManaged"}


def steps(record: ProvisioningRecord, name: str, application: str, *, older: bool = False) -> list[Json]:
    """How it went, as far as it got. ``older``: with the names that answers on demand use in the scoping step."""
    return list(_steps(record, f"{record.kind} '{name}'", name, application, older))


def _steps(record: ProvisioningRecord, thing: str, name: str, application: str, older: bool) -> Iterator[Json]:
    change, action = CHANGES[record.action], record.action
    why = reason(record.reason)
    stops = _stops(record)
    yield _import(record, thing, change, stops == IMPORT)
    if stops == IMPORT:
        return
    if _is_scoped(record):
        yield _scoping(record, thing, older)
    if record.matching and stops != SCOPING:
        yield _matching(record, thing, application, change, stops == MATCHING)
        if stops == MATCHING:
            return
    elif record.status == "failure" and stops == MATCHING:
        sentence = f"{thing} could not be matched with an object in {application}"
        yield step(f"EntrySynchronization{change}", MATCHING, "failure", sentence, {})
        return
    skipped = {"SkipReason": record.reason}
    if action == "other" or stops == PROCESSING or (stops == SCOPING and record.status == "skipped"):
        status = "warning" if record.status == "warning" else "skipped"
        yield step("EntrySynchronizationSkip", PROCESSING, status, why.sentence, skipped)
        return
    if record.members or record.reason == "ReferenceNotProvisioned":
        yield _references(record, thing)
    elif record.matching != "none":
        sentence = f"{thing} is to be {_DONE[action]} in {application}"
        if record.status != "skipped" and not record.demand:  # on demand there are five stages, and this is none
            yield step(f"EntrySynchronization{change}", PROCESSING, "success", sentence, {})
    if record.status == "skipped":
        sentence = f"{why.sentence} No change to the {thing} currently needs to be made."
        yield step("EntrySynchronizationSkip", EXPORT, "skipped", sentence, {"ReportableIdentifier": name, **skipped})
        return
    done = f"{thing} was {_DONE[action]} in {application}"
    if record.status == "failure":
        done = f"Failed to {_DO[action]} {thing} in {application}"
    status = "failure" if record.status == "failure" else "success"
    yield step(f"EntryExport{change}", EXPORT, status, done, {"ReportableIdentifier": name})


def _stops(record: ProvisioningRecord) -> str:
    """The step at which the object came no further; export for one that came through."""
    if record.status == "skipped":
        return reason(record.reason).stops
    if record.action == "stagedDelete":
        return PROCESSING
    if record.status != "failure":
        return EXPORT
    if record.written:
        return EXPORT
    if record.matching or record.action in {"create", "update", "disable"}:
        return MATCHING
    return EXPORT


def _import(record: ProvisioningRecord, thing: str, change: str, skipped: bool) -> Json:
    if record.demand:
        name, sentence = "EntryImport", f"Retrieved {thing} from {SOURCE_DIRECTORY}"
    else:
        name = "EntryImport" if record.action == "other" else f"EntryImport{change}"
        sentence = f"Received {thing} change of type ({change}) from {SOURCE_DIRECTORY}"
    details = {"objectId": record.source_id} if record.imported is None else dict(record.imported)
    if skipped:
        return step(name, IMPORT, "skipped", reason(record.reason).sentence, {**details, "SkipReason": record.reason})
    return step(name, IMPORT, "success", sentence, details)


# --- scoping -------------------------------------------------------------------------------------------------


def _is_scoped(record: ProvisioningRecord) -> bool:
    """Whether scope was judged: not for what is gone from the source, nor for a change of members alone."""
    if record.action == "other":
        return record.reason != "NotProvisioned"
    gone = record.imported is not None and len(record.imported) <= 2 and record.action == "delete"
    return not gone and not record.members


def _scoping(record: ProvisioningRecord, thing: str, older: bool) -> Json:
    active, assigned, passed = judged(record)
    if older:
        told: dict[str, Any] = {
            "IsActive": word(active),
            "Assigned": word(assigned),
            "IsEffectivelyEntitledForProvisioning": word(assigned),
            "IsInProvisioningScopeDisplayName": word(passed),
        }
    else:
        told = {
            "Active in the source system": word(active),
            "Assigned to the application": word(assigned),
            "User has the required role": word(assigned),
            "Scoping filter evaluation passed": word(passed),
        }
    told["ScopeEvaluationResult"] = json.dumps(dict(record.scope or {}), separators=(",", ":"), ensure_ascii=False)
    inside = active and assigned and passed
    sentence = f"{thing} is {'' if inside else 'not '}in scope"
    return step("EntrySynchronizationScoping", SCOPING, "success" if inside else "skipped", sentence, told)


def judged(record: ProvisioningRecord) -> tuple[bool, bool, bool]:
    """Whether the object was active in the source, assigned to the application, and passed by the scoping filters."""
    out = record.action in _LEAVING or (record.status == "skipped" and reason(record.reason).stops == SCOPING)
    passed = record.reason != "NotInScope" and not (out and record.scope and not all(record.scope.values()))
    if record.imported is not None and record.kind == "User":
        active = record.imported.get("accountEnabled") == "True"
    else:
        active = record.reason != "NotActiveInSource" and not (record.kind == "User" and record.action in _LEAVING)
    if record.reason in _UNASSIGNED:
        return active, not passed, passed
    return active, not (out and active and passed), passed


# --- matching and references ---------------------------------------------------------------------------------


def _matching(record: ProvisioningRecord, thing: str, application: str, change: str, failed: bool) -> Json:
    if failed:
        sentence = f"{thing} could not be matched with an object in {application}: {reason(record.reason).sentence}"
        return step(f"EntrySynchronization{change}", MATCHING, "failure", sentence, dict(record.held))
    if record.matching == "none":
        sentence = (
            f"{thing} will be created in {application} ({record.kind} is active and assigned in {SOURCE_DIRECTORY}, "
            f"but no matching {record.kind} was found in {application})"
        )
        return step("EntrySynchronizationAdd", MATCHING, "success", sentence, {})
    how = "through the link made earlier" if record.matching == "linked" else "by the matching attribute"
    sentence = f"Retrieved {thing} from {application} {how}"
    return step("EntryImport", MATCHING, "success", sentence, dict(record.held))


def _references(record: ProvisioningRecord, thing: str) -> Json:
    """Memberships; the step's own name is not published."""
    added = [source or target for source, target, member in record.members if member]
    removed = [source or target for source, target, member in record.members if not member]
    details = {}
    if added:
        details["members added"] = ", ".join(added)
    if removed:
        details["members removed"] = ", ".join(removed)
    status, sentence = "success", f"Resolved {_counted(len(record.members))} of {thing}"
    if record.reason == "ReferenceNotProvisioned":
        status, sentence = "warning", reason(record.reason).sentence
        details["SkipReason"] = record.reason
    return step("EntryReferenceResolution", "referenceResolution", status, sentence, details)


def _counted(members: int) -> str:
    return "1 member" if members == 1 else f"{members} members"


def word(flag: bool) -> str:
    """As the service writes it."""
    return "True" if flag else "False"


def step(name: str, kind: str, status: str, description: str, details: dict[str, Any]) -> Json:
    """One step."""
    return {
        "name": name,
        "provisioningStepType": kind,
        "status": status,
        "description": description,
        "details": details,
    }


def capitalised(told: list[Json], when: str) -> list[Json]:
    """Steps in the words of an answer to provisioning on demand: ``type``, capitals, a time stamp.
    https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-provisionondemand"""
    found = []
    for each in told:
        kind, status = str(each["provisioningStepType"]), str(each["status"])
        found.append(
            {
                "name": each["name"],
                "type": kind[:1].upper() + kind[1:],
                "status": status[:1].upper() + status[1:],
                "description": each["description"],
                "timestamp": when,
                "details": each["details"],
            }
        )
    return found
