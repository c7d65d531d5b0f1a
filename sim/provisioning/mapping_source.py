"""The source of a mapping as Graph's ``attributeMappingSource``, there and back.

Invariant: ``expression`` and the parsed form (``type``, ``name``, ``parameters``) say the same; a client that changed
only one of them is told so. An expression that is nothing but an attribute or a text is a direct or a constant mapping.
https://learn.microsoft.com/graph/api/resources/synchronization-attributemappingsource
"""

from __future__ import annotations

from typing import Any, TypeAlias

from mockservices.graph.errors import GraphError, bad_request, invalid
from sim.provisioning.attribute_mapping import AttributeMapping
from sim.provisioning.expressions import parse, render
from sim.provisioning.expressions.graph import from_mapping_source, to_mapping_source
from sim.provisioning.expressions.tree import Attribute, Call, Constant

Json: TypeAlias = dict[str, Any]
Source: TypeAlias = tuple[str | None, str | None, str | None]
"""(attribute, constant, expression), one of them at most."""
_NOTHING: Source = (None, None, None)


def source_of_expression(text: str) -> Source:
    """What an expression is: an attribute, a constant, or something to be worked out. Raises ExpressionSyntaxError."""
    match parse(text):
        case Attribute(name):
            return name, None, None
        case Constant(value):
            return None, str(value), None
    return None, None, text


def source_json(mapping: AttributeMapping) -> Json | None:
    """The resource; None where there is no source."""
    if mapping.source is not None:
        return to_mapping_source(Attribute(mapping.source))
    if mapping.constant is not None:
        return to_mapping_source(Constant(mapping.constant))
    if mapping.expression is not None:
        return to_mapping_source(parse(mapping.expression), mapping.expression)
    return None


def source_of(resource: object, target: str) -> Source:
    """What a resource says; 400 for one that is none, or whose parts disagree. ``target``: for which attribute."""
    if resource is None:
        return _NOTHING
    if not isinstance(resource, dict):
        raise invalid("source", "attributeMapping")
    text = resource.get("expression") or ""
    if not isinstance(text, str):
        raise invalid("expression", "attributeMappingSource")
    if not text and not resource.get("name"):
        return _NOTHING
    try:
        tree = from_mapping_source(resource)
        told = from_mapping_source({**resource, "expression": ""}) if _says_more(resource) else tree
        found = source_of_expression(text if isinstance(tree, Call) and text else render(tree))
    except ValueError as error:
        raise not_valid(target, error) from None
    if to_mapping_source(told) != to_mapping_source(tree):
        raise bad_request(
            f"The source of the attribute '{target}' contradicts itself: its expression is '{text}', but type, name "
            f"and parameters say '{render(told)}'."
        )
    return found


def _says_more(resource: Json) -> bool:
    """Whether type, name and parameters say what the expression says as well."""
    if not resource.get("expression") or not isinstance(resource.get("name"), str):
        return False
    return resource.get("type") == "Attribute" or bool(resource.get("parameters"))


def not_valid(target: str, error: Exception) -> GraphError:
    """400 for an expression that is none."""
    return bad_request(f"The expression of the attribute '{target}' is not valid: {error}.")
