"""PATCH bodies into typed operations, in the dialects that Entra speaks and AWS takes.

Invariant: grammar only. Nothing here knows the resource; what an operation may do is decided by the core with its
profile. Rules: RFC 7644 §3.5.2, https://docs.aws.amazon.com/singlesignon/latest/developerguide/patchuser.html,
.../patchgroup.html; Entra: https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mockservices.scim.bodies import boolean, check_schemas, entries, entry, lowered, manager, member_ids, text
from mockservices.scim.errors import PATHLESS, REPLACING_MEMBERS, invalid
from mockservices.scim.operations import (
    MANAGER,
    MULTI_VALUED,
    PATCH_SCHEMA,
    AddMembers,
    ClearMembers,
    Operation,
    Path,
    RemoveAttribute,
    RemoveMembers,
    SetAttribute,
    Value,
    merged,
)
from mockservices.scim.paths import COMPLEX, group_path, user_path
from mockservices.scim.profiles import Profile

ADD, REPLACE, REMOVE = "add", "replace", "remove"

_ABSENT: Final = object()
_NOT_ATTRIBUTES = frozenset({"id", "schemas", "meta"})
"""What a pathless value may repeat of the resource; AWS's own sample for renaming a group holds its id."""


@dataclass(frozen=True, slots=True)
class _Written:
    """One operation as written; ``value`` is ``_ABSENT`` when the key is missing."""

    op: str
    path: str
    value: object


def user_operations(body: Mapping[str, Any], profile: Profile) -> tuple[Operation, ...]:
    """What a PATCH on a user means; ``body`` as :func:`~mockservices.scim.bodies.read_json` gives it."""
    return tuple(operation for written in _written(body, profile) for operation in _of_user(written, profile))


def group_operations(body: Mapping[str, Any], profile: Profile) -> tuple[Operation, ...]:
    """What a PATCH on a group means; neighbouring membership changes come back as one operation."""
    return merged(_of_group(written, profile) for written in _written(body, profile))


def _written(body: Mapping[str, Any], profile: Profile) -> Iterator[_Written]:
    """Every operation with a path, those without one taken apart."""
    check_schemas(body, PATCH_SCHEMA)
    operations = body.get("operations")
    if not isinstance(operations, list) or not operations:
        raise invalid("Operations has to be a list with something in it")
    for item in operations:
        fields = lowered(item) if isinstance(item, dict) else {}
        op = str(fields.get("op")).lower()
        if op not in (ADD, REPLACE, REMOVE):
            raise invalid("op has to be add, replace or remove")
        value = fields.get("value", _ABSENT)
        if op != REMOVE and (value is _ABSENT or (op == ADD and value is None)):
            raise invalid(f"Missing value in {op}")
        path = fields.get("path")
        if path:
            yield _Written(op, text("path", path), value)
            continue
        if op == REMOVE:
            raise invalid("Missing path in PATCH request")
        attributes = _attributes(value)
        if profile.single_pathless and len(attributes) > 1:
            raise invalid(PATHLESS, PATHLESS)
        for name, part in attributes.items():
            if op == REPLACE or part is not None:
                yield _Written(op, name, part)


def _attributes(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid("The value of an operation without a path has to be an object")
    attributes = {name: part for name, part in value.items() if name.lower() not in _NOT_ATTRIBUTES}
    if not attributes:
        raise invalid("The operation changes nothing")
    return attributes


def _of_user(written: _Written, profile: Profile) -> Iterator[Operation]:
    path = user_path(written.path)
    prefix = COMPLEX.get(path.attribute)
    if prefix is not None:
        yield from _of_complex(written, prefix, profile)
    elif written.op == REMOVE:
        if path in _WHOLE_LISTS and written.value not in (_ABSENT, None):
            raise invalid(f"Removing {path} takes no value")
        yield RemoveAttribute(path)
    elif written.value is None:
        yield RemoveAttribute(path)  # null unassigns (RFC 7643 §2.5)
    elif path in _WHOLE_LISTS:
        yield from _of_list(written, path)
    else:
        yield SetAttribute(path, _value(path, written.value, profile))


def _of_complex(written: _Written, prefix: str, profile: Profile) -> Iterator[Operation]:
    """A complex attribute as a whole: the parts that are given, or on removal every one there is."""
    if written.op == REMOVE or written.value is None:
        for name in sorted(profile.supported):
            if name.startswith(prefix):
                yield RemoveAttribute(Path(name))
        return
    if not isinstance(written.value, dict):
        raise invalid(f"{written.path} has to be an object")
    for sub, part in written.value.items():
        if written.op == REPLACE or part is not None:
            yield from _of_user(_Written(written.op, prefix + sub, part), profile)


def _of_list(written: _Written, path: Path) -> Iterator[Operation]:
    """All values of a multi-valued attribute: replaced together, added one by one under their types."""
    values = entries(path.attribute, written.value)
    if written.op == REPLACE:
        yield SetAttribute(path, values) if values else RemoveAttribute(path)
        return
    for item in values:
        kind = dict(item).get("type")
        yield SetAttribute(Path(path.attribute, kind if isinstance(kind, str) else None), (item,))


def _value(path: Path, raw: object, profile: Profile) -> Value:
    if path.attribute == "active" or path.sub == "primary":
        return boolean(str(path), raw, profile)
    if path.attribute == MANAGER:
        return manager(raw)
    if path.type is None or path.sub is not None:
        return text(str(path), raw)
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    return (tuple(sorted({"type": path.type, **dict(entry(path.attribute, raw))}.items())),)


def _of_group(written: _Written, profile: Profile) -> Operation:
    name, member = group_path(written.path)
    if name == "members":
        return _of_members(written, member, profile)
    if written.op == REMOVE or written.value is None:
        return RemoveAttribute(Path(name))
    return SetAttribute(Path(name), text(name, written.value))


def _of_members(written: _Written, member: str | None, profile: Profile) -> Operation:
    if member is not None:
        if written.op != REMOVE or not profile.removes_members_by_filter:
            raise invalid("A member cannot be chosen by a filter here")
        return RemoveMembers((member,))
    if written.op == REPLACE or (written.op == REMOVE and written.value in (_ABSENT, None, [])):
        raise invalid(REPLACING_MEMBERS, REPLACING_MEMBERS)
    if written.op == REMOVE and profile.removal_empties_group:
        return ClearMembers()
    ids = member_ids(written.value)
    return AddMembers(ids) if written.op == ADD else RemoveMembers(ids)


_WHOLE_LISTS = frozenset(Path(name) for name in MULTI_VALUED)
