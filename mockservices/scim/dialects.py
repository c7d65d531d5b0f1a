"""SCIM as Entra writes and reads it: bodies out of flat attributes and typed operations, and answers back.

Invariant: both dialects of a PATCH mean the same operations; a server that reads them gets what was put in.
https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from json.encoder import encode_basestring as _quote
from typing import Any, Literal, TypeAlias

from mockservices.scim.errors import invalid
from mockservices.scim.operations import (
    ENTERPRISE,
    GROUP_SCHEMA,
    MANAGER,
    MULTI_VALUED,
    PATCH_SCHEMA,
    USER_SCHEMA,
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
from mockservices.scim.profiles import Profile

Dialect: TypeAlias = Literal["legacy", "compliant"]
"""``legacy`` is what Entra sends unless the tenant URL carries ``aadOptscim062020``; ``compliant`` is then."""

USER_SCHEMAS = (USER_SCHEMA, ENTERPRISE)
GROUP_SCHEMAS = (
    GROUP_SCHEMA,
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
)

_NOT_ATTRIBUTES = frozenset({"id", "meta", "schemas", "active", "members", "groups"})


# --- out -----------------------------------------------------------------------------------------------------


def encode_user(attributes: Mapping[str, Value], active: bool) -> dict[str, Any]:
    """The body of ``POST /Users``; ``active`` is a JSON boolean here, whatever the dialect."""
    body: dict[str, Any] = {"schemas": list(USER_SCHEMAS)}
    name: dict[str, Any] = {}
    enterprise: dict[str, Any] = {}
    for attribute, value in attributes.items():
        if attribute.startswith("name."):
            name[attribute.removeprefix("name.")] = value
        elif attribute == MANAGER:
            enterprise["manager"] = {"value": value}
        elif attribute.startswith(ENTERPRISE):
            enterprise[attribute.removeprefix(f"{ENTERPRISE}:")] = value
        else:
            body[attribute] = _json(value)
    body["active"] = active
    body["meta"] = {"resourceType": "User"}
    if name:
        body["name"] = name
    if enterprise:
        body[ENTERPRISE] = enterprise
    body.setdefault("roles", [])
    return body


def encode_group(attributes: Mapping[str, Value]) -> dict[str, Any]:
    """The body of ``POST /Groups``: members come later, by PATCH."""
    simple = {name: _json(value) for name, value in attributes.items()}
    return {"schemas": list(GROUP_SCHEMAS), **simple, "meta": {"resourceType": "Group"}}


def encode_patch(
    operations: Iterable[Operation], dialect: Dialect, added: Collection[str] = (), base: str = ""
) -> dict[str, Any]:
    """The body of a PATCH; ``added`` holds the paths (as text) that had no value before: they get the op ``Add``.

    A whole list is always replaced, because adding to it means something else. ``base``: the SCIM base URL, with which
    the legacy dialect refers to a manager.
    """
    changes = merged(operations)
    written = _legacy(changes, added, base) if dialect == "legacy" else _compliant(changes, added)
    return {"schemas": [PATCH_SCHEMA], "Operations": list(written)}


def as_read(operations: Sequence[Operation], dialect: Dialect, profile: Profile) -> Sequence[Operation]:
    """What a server of this profile makes of a body in this dialect: a strict one reads the legacy dialect otherwise.

    400 where it refuses ``"False"`` as text; a removal of members by value empties the group where it reads it so.
    """
    if dialect == "compliant" or not (profile.strict_booleans or profile.removal_empties_group):
        return operations
    if profile.strict_booleans and any(
        isinstance(operation, SetAttribute) and isinstance(operation.value, bool) for operation in operations
    ):
        raise invalid("A boolean is written as text")
    if profile.removal_empties_group:
        return [ClearMembers() if isinstance(operation, RemoveMembers) else operation for operation in operations]
    return operations


def lacks_path(operations: Iterable[Operation], added: Collection[str] = ()) -> bool:
    """Whether the compliant body merges several attributes into an operation without a path."""
    return any("path" not in operation for operation in _compliant(merged(operations), added))


def _legacy(operations: Iterable[Operation], added: Collection[str], base: str) -> Iterator[dict[str, Any]]:
    """One operation per attribute, capitalised, booleans as text."""
    for operation in operations:
        if isinstance(operation, AddMembers):
            members = [{"$ref": None, "value": identifier} for identifier in operation.ids]
            yield {"op": "Add", "path": "members", "value": members}
        elif isinstance(operation, RemoveMembers):
            yield {"op": "Remove", "path": "members", "value": [{"value": i} for i in operation.ids]}
        elif isinstance(operation, SetAttribute):
            path, value = operation.path, _value(operation)
            if path.attribute == MANAGER:
                referred = {"$ref": f"{base}/Users/{value}", "value": value}
                yield {"op": _op(path, added).capitalize(), "path": "manager", "value": [referred]}
            else:
                yield {
                    "op": _op(path, added).capitalize(),
                    "path": str(path),
                    "value": str(value) if isinstance(value, bool) else value,
                }
        elif isinstance(operation, RemoveAttribute):
            yield {"op": "Remove", "path": str(operation.path)}


def _compliant(operations: Iterable[Operation], added: Collection[str]) -> Iterator[dict[str, Any]]:
    """Simple attributes side by side become one operation without a path; members go one by one, by filter."""
    run: dict[str, Any] = {}
    run_op = ""
    for operation in operations:
        if isinstance(operation, SetAttribute) and _is_simple(operation):
            key, op = str(operation.path), _op(operation.path, added)
            if op != run_op or key in run:
                yield from _run(run_op, run)
                run, run_op = {}, op
            run[key] = operation.value
            continue
        yield from _run(run_op, run)
        run, run_op = {}, ""
        if isinstance(operation, AddMembers):
            yield {"op": "add", "path": "members", "value": [{"value": i} for i in operation.ids]}
        elif isinstance(operation, RemoveMembers):
            for identifier in operation.ids:
                yield {"op": "remove", "path": f"members[value eq {_quote(identifier)}]"}
        elif isinstance(operation, SetAttribute):
            yield {"op": _op(operation.path, added), "path": str(operation.path), "value": _value(operation)}
        elif isinstance(operation, RemoveAttribute):
            yield {"op": "remove", "path": str(operation.path)}
    yield from _run(run_op, run)


def _run(op: str, run: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if len(run) == 1:
        path, value = next(iter(run.items()))
        yield {"op": op, "path": path, "value": value}
    elif run:
        yield {"op": op, "value": dict(run)}


def _is_simple(operation: SetAttribute) -> bool:
    path = operation.path
    return path.type is None and path.attribute != MANAGER and path.attribute not in MULTI_VALUED


def _op(path: Path, added: Collection[str]) -> str:
    whole_list = path.type is None and path.attribute in MULTI_VALUED
    return "add" if str(path) in added and not whole_list else "replace"


def _value(operation: SetAttribute) -> Any:
    value = _json(operation.value)
    if isinstance(value, list) and operation.path.type is not None:
        return value[0]
    return value


def _json(value: Value) -> Any:
    return [dict(entry) for entry in value] if isinstance(value, tuple) else value


# --- back ----------------------------------------------------------------------------------------------------


def decode_user(resource: Mapping[str, Any]) -> tuple[str, dict[str, Value], bool]:
    """(id, attributes, active) of a user as GET, POST or a list show it."""
    attributes: dict[str, Value] = {}
    for key, value in resource.items():
        if key in _NOT_ATTRIBUTES:
            continue
        if key == "name":
            attributes.update({f"name.{sub}": part for sub, part in value.items()})
        elif key == ENTERPRISE:
            for sub, part in value.items():
                attributes[f"{ENTERPRISE}:{sub}"] = part["value"] if sub == "manager" else part
        elif isinstance(value, list):
            attributes[key] = tuple(tuple(sorted(entry.items())) for entry in value)
        else:
            attributes[key] = value
    return resource["id"], attributes, resource["active"]


def decode_group(resource: Mapping[str, Any]) -> tuple[str, dict[str, Value]]:
    """(id, attributes) of a group as GET, POST or a list show it."""
    attributes = {key: value for key, value in resource.items() if key not in _NOT_ATTRIBUTES}
    return resource["id"], attributes
