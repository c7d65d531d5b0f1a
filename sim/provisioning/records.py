"""Rows of the provisioning log in the words of the services: what was read, held and changed, as text.

Invariant: made when somebody reads a row; a row itself only refers to what was read and sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from mockservices.scim.operations import (
    AddMembers,
    ClearMembers,
    Operation,
    Path,
    RemoveMembers,
    SetAttribute,
    Value,
    value_at,
)
from sim.ports import Create, Patch, SourceUser, TargetUser
from sim.provisioning import log
from sim.provisioning.log import LogRow

Modified: TypeAlias = tuple[str, str | None, str | None]
"""Attribute path, old value, new value."""
Memberships: TypeAlias = tuple[tuple[str, str, bool], ...]
REDACTED: Final = "[Redact]"
"""What is shown of a value that the mapping marks with Redact().
https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data"""
ACTIVE: Final = "active"
_ACTIVE_PATH: Final = Path(ACTIVE)
_LABELS: Final = ("type", "primary")
_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_NOTHING: Final[frozenset[str]] = frozenset()


def modified(row: LogRow, redacted: frozenset[str] = _NOTHING) -> tuple[Modified, ...]:
    """What a row's request was to change; ``redacted``: attribute paths whose values are not shown."""
    request = row.written
    if isinstance(request, Create):
        made: list[Modified] = [(name, None, text) for name, text in texts(request.attributes)]
        if request.kind == "User":
            made.append((ACTIVE, None, _text(request.active)))
    elif isinstance(request, Patch):
        before = held(row)
        made = [change for operation in request.operations for change in _changes(operation, before)]
    else:
        return ()
    return tuple((name, *_hidden(old, new)) if name in redacted else (name, old, new) for name, old, new in made)


def _hidden(old: str | None, new: str | None) -> tuple[str | None, str | None]:
    return None if old is None else REDACTED, None if new is None else REDACTED


def _changes(operation: Operation, before: Mapping[str, Value]) -> Iterator[Modified]:
    if isinstance(operation, AddMembers):
        for identifier in operation.ids:
            yield ("members", None, identifier)
    elif isinstance(operation, RemoveMembers):
        for identifier in operation.ids:
            yield ("members", identifier, None)
    elif isinstance(operation, ClearMembers):
        yield ("members", "", None)
    elif operation.path == _ACTIVE_PATH and isinstance(operation, SetAttribute):
        yield (ACTIVE, _text(not operation.value), _text(bool(operation.value)))
    else:
        old = value_at(before, operation.path)
        new = operation.value if isinstance(operation, SetAttribute) else None
        yield (str(operation.path), _plain(old), _plain(new))


def held(row: LogRow) -> Mapping[str, Value]:
    """What the target had, as far as it was read."""
    found = row.looked.found if row.looked is not None else ()
    return found[0].attributes if len(found) == 1 else {}


def held_texts(row: LogRow, redacted: frozenset[str] = _NOTHING) -> dict[str, str]:
    """The same as text, with the id and whether it was active."""
    found = row.looked.found if row.looked is not None else ()
    if len(found) != 1:
        return {"id": ", ".join(each.id for each in found)} if found else {}
    told = {"id": found[0].id}
    if isinstance(found[0], TargetUser):
        told[ACTIVE] = _text(found[0].active)
    told.update((name, REDACTED if name in redacted else text) for name, text in texts(found[0].attributes))
    return told


def texts(attributes: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    """Every attribute and part of one, by its path, as text."""
    for name, value in attributes.items():
        if not isinstance(value, tuple):
            yield name, _text(value)
            continue
        for entry in value:
            parts = dict(entry)
            kind = parts.get("type")
            for sub, part in entry:
                if sub not in _LABELS:
                    yield str(Path(name, kind if isinstance(kind, str) else None, sub)), _text(part)


def _plain(value: Value | None) -> str | None:
    if value is None or not isinstance(value, tuple):
        return None if value is None else _text(value)
    return ", ".join(_text(part) for entry in value for sub, part in entry if sub not in _LABELS)


def _text(value: str | bool) -> str:
    if isinstance(value, bool):
        return "True" if value else "False"
    return value


def imported(row: LogRow) -> dict[str, str] | None:
    """The object as it was read from the source, in the words of the log's import step; None where it was not."""
    source = row.source
    if source is None:
        return None
    told = {"objectId": source.id}
    if isinstance(source, SourceUser) and source.removed is None:
        told["accountEnabled"] = _text(source.enabled)
    for name, value in source.attributes.items():
        if value is not None and value != ():
            told[name] = ", ".join(value) if isinstance(value, tuple) else _text(value)
    if isinstance(source, SourceUser):
        leaving = row.action in {log.DISABLE, log.DELETE, log.STAGED_DELETE, log.OTHER}
        told["IsSoftDeleted"] = _text(leaving)
    return told


def matching(row: LogRow) -> str:
    """How the object was looked for in the target; see :class:`mockservices.ports.ProvisioningRecord`."""
    if row.looked is None:
        return ""
    if row.linked:
        return "linked"
    return ("none", "found")[len(row.looked.found)] if len(row.looked.found) < 2 else "several"


def memberships(row: LogRow, source_of: Callable[[str], str | None]) -> Memberships:
    """(source id, target id, member or not) of the memberships that a row's request was to change."""
    if not isinstance(row.written, Patch):
        return ()
    return tuple(
        (source_of(target) or "", target, isinstance(operation, AddMembers))
        for operation in row.written.operations
        if isinstance(operation, AddMembers | RemoveMembers)
        for target in operation.ids
    )


def journal_row(row: LogRow, redacted: frozenset[str] = _NOTHING) -> tuple[object, ...]:
    """A row as the journal's table ``log`` keeps it."""
    answer, changes = row.answer, modified(row, redacted)
    return (
        *(row.at, row.cycle, row.kind, row.source_id, row.target_id, row.action, row.status, row.reason),
        *(row.requests, row.change, row.lasted),
        None if answer is None or (row.looked is None and row.written is None) else answer.status,
        "" if answer is None else answer.detail,
        row.tries,
        row.retry_at,
        _json(changes) if changes else "[]",
        None if row.scope is None else _json(dict(row.scope)),
    )
