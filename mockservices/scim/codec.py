"""Attribute values and operations as plain JSON and back, so that a command can be kept and made again.

Invariant: lossless; ``from_json(to_json(x)) == x``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockservices.scim.operations import (
    AddMembers,
    ClearMembers,
    Operation,
    Path,
    RemoveAttribute,
    RemoveMembers,
    SetAttribute,
    Value,
)


def value_to_json(value: Value) -> Any:
    """A string or boolean as it is, entries as a list of objects."""
    return [dict(entry) for entry in value] if isinstance(value, tuple) else value


def value_from_json(value: Any) -> Value:
    """The reverse of :func:`value_to_json`."""
    if isinstance(value, list):
        return tuple(tuple(sorted(entry.items())) for entry in value)
    if not isinstance(value, str | bool):
        raise TypeError(f"not a value: {value!r}")
    return value


def attributes_to_json(attributes: Mapping[str, Value]) -> dict[str, Any]:
    """Flat attributes as a JSON object."""
    return {name: value_to_json(value) for name, value in attributes.items()}


def attributes_from_json(attributes: Mapping[str, Any]) -> dict[str, Value]:
    """The reverse of :func:`attributes_to_json`."""
    return {name: value_from_json(value) for name, value in attributes.items()}


def operations_to_json(operations: Iterable[Operation]) -> list[dict[str, Any]]:
    """Typed operations as JSON objects, each told by its ``do``."""
    return [_operation_to_json(operation) for operation in operations]


def operations_from_json(operations: Iterable[Mapping[str, Any]]) -> tuple[Operation, ...]:
    """The reverse of :func:`operations_to_json`; ``ValueError`` for a ``do`` that is none."""
    return tuple(_operation_from_json(operation) for operation in operations)


def _operation_to_json(operation: Operation) -> dict[str, Any]:
    if isinstance(operation, AddMembers):
        return {"do": "addMembers", "ids": list(operation.ids)}
    if isinstance(operation, RemoveMembers):
        return {"do": "removeMembers", "ids": list(operation.ids)}
    if isinstance(operation, ClearMembers):
        return {"do": "clearMembers"}
    path = operation.path
    where: dict[str, Any] = {"attribute": path.attribute}
    if path.type is not None:
        where["type"] = path.type
    if path.sub is not None:
        where["sub"] = path.sub
    if isinstance(operation, SetAttribute):
        return {"do": "set", **where, "value": value_to_json(operation.value)}
    return {"do": "remove", **where}


def _operation_from_json(operation: Mapping[str, Any]) -> Operation:
    match operation["do"]:
        case "addMembers":
            return AddMembers(tuple(operation["ids"]))
        case "removeMembers":
            return RemoveMembers(tuple(operation["ids"]))
        case "clearMembers":
            return ClearMembers()
        case "set":
            return SetAttribute(_path(operation), value_from_json(operation["value"]))
        case "remove":
            return RemoveAttribute(_path(operation))
        case other:
            raise ValueError(f"no such operation: {other!r}")


def _path(operation: Mapping[str, Any]) -> Path:
    return Path(operation["attribute"], operation.get("type"), operation.get("sub"))
