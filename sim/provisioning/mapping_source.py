"""The source of a mapping as Graph's ``attributeMappingSource``, there and back.

Invariant: ``expression`` and the parsed form (``type``, ``name``, ``parameters``) say the same; where a client changed
only one of them, it is told so.
https://learn.microsoft.com/graph/api/resources/synchronization-attributemappingsource
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from sim.provisioning.attribute_mapping import AttributeMapping

Json: TypeAlias = dict[str, Any]
Source: TypeAlias = tuple[str | None, str | None, str | None]
"""(attribute, constant, expression), one of them at most."""
_NOTHING: Final[Source] = (None, None, None)


def source_json(mapping: AttributeMapping) -> Json | None:
    """The resource; None where there is no source."""
    if mapping.source is not None:
        return _attribute(mapping.source)
    if mapping.constant is not None:
        return _constant(mapping.constant)
    if mapping.expression is not None:
        return expression_json(mapping.expression)
    return None


def _attribute(name):
    return {"expression": f"[{name}]", "name": name, "type": "Attribute", "parameters": []}


def _constant(v):
    return {"expression": f'"{v}"', "name": v, "type": "Constant", "parameters": []}


def expression_json(t):
    return {"expression": t, "name": "x", "type": "Function", "parameters": []}


def source_of(s, target):
    if s is None:
        return _NOTHING
    if s["type"] == "Attribute":
        return (s["name"], None, None)
    if s["type"] == "Constant":
        return (None, s["name"], None)
    return (None, None, s["expression"])
