"""The source of a mapping as Graph's ``attributeMappingSource``, there and back.

Invariant: ``expression`` and the parsed form (``type``, ``name``, ``parameters``) say the same; a client that changed
only one of them is told so. An expression that is nothing but an attribute or a text is a direct or a constant mapping.
https://learn.microsoft.com/graph/api/resources/synchronization-attributemappingsource
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from mockservices.graph.errors import GraphError, bad_request, invalid
from sim.provisioning.attribute_mapping import AttributeMapping
from sim.provisioning.expressions import FUNCTIONS, ExpressionSyntaxError
from sim.provisioning.expressions.parser import parse
from sim.provisioning.expressions.tree import (
    Attribute,
    Call,
    Comparison,
    Constant,
    Keyword,
    Node,
    Omitted,
    render,
)

Json: TypeAlias = dict[str, Any]
Source: TypeAlias = tuple[str | None, str | None, str | None]
"""(attribute, constant, expression), one of them at most."""

_RESOURCE: Final = "attributeMappingSource"
_ATTRIBUTE, _CONSTANT, _FUNCTION = "Attribute", "Constant", "Function"


def source_of_expression(text: str) -> Source:
    """What an expression is: an attribute, a constant, or something to be worked out. Raises ExpressionSyntaxError."""
    match parse(text):
        case Attribute(name):
            return name, None, None
        case Constant(value):
            return None, str(value), None
    return None, None, text


# --- out -----------------------------------------------------------------------------------------------------


def source_json(mapping: AttributeMapping) -> Json | None:
    """The resource; None where there is no source."""
    if mapping.source is not None:
        return node_json(Attribute(mapping.source))
    if mapping.constant is not None:
        return node_json(Constant(mapping.constant))
    if mapping.expression is not None:
        return {**node_json(parse(mapping.expression)), "expression": mapping.expression}
    return None


def node_json(node: Node) -> Json:
    """A part of an expression as the resource has it."""
    match node:
        case Attribute(name):
            return _resource(node, name, _ATTRIBUTE)
        case Call(name, arguments):
            function = FUNCTIONS.get(name)
            keys = () if function is None else function.keys(len(arguments))
            return _resource(node, name, _FUNCTION, _keyed(keys, arguments))
        case Comparison(left, operator, right):
            return _resource(node, operator, _FUNCTION, _keyed(("left", "right"), (left, right)))
        case Constant(value):
            return _resource(node, str(value), _CONSTANT)
        case Keyword(name):
            return _resource(node, name, _CONSTANT)
    return _resource(node, "", _CONSTANT)


def _resource(node: Node, name: str, kind: str, parameters: Sequence[Json] = ()) -> Json:
    return {"expression": render(node), "name": name, "type": kind, "parameters": list(parameters)}


def _keyed(names: Sequence[str], arguments: Sequence[Node]) -> list[Json]:
    """Arguments under the names of their parameters; where there is none of such a name, numbered."""
    keys = [*names, *(f"argument{i + 1}" for i in range(len(names), len(arguments)))]
    return [{"key": key, "value": node_json(argument)} for key, argument in zip(keys, arguments, strict=False)]


# --- back ----------------------------------------------------------------------------------------------------


def source_of(resource: object, target: str) -> Source:
    """What a resource says; 400 for one that is none, or whose parts disagree. ``target``: for which attribute."""
    if resource is None:
        return None, None, None
    if not isinstance(resource, dict):
        raise invalid("source", "attributeMapping")
    text = resource.get("expression")
    if not isinstance(text, str | None):
        raise invalid("expression", _RESOURCE)
    told = None if resource.get("type") is None else _node(resource, target)
    if not text:
        if told is None or told == Omitted():
            return None, None, None
        text = render(told)
    read = _parsed(text, target)
    if told is not None and not _same(told, read):
        raise bad_request(
            f"The source of the attribute '{target}' contradicts itself: its expression is '{text}', but type, name and "
            f"parameters say '{render(told)}'."
        )
    return source_of_expression(text)


def _parsed(text: str, target: str) -> Node:
    try:
        return parse(text)
    except ExpressionSyntaxError as error:
        raise not_valid(target, error) from None


def not_valid(target: str, error: Exception) -> GraphError:
    """400 for an expression that is none."""
    return bad_request(f"The expression of the attribute '{target}' is not valid: {error}.")


def _same(told: Node, read: Node) -> bool:
    """Whether two trees mean the same: a number and the text of it do, in a resource."""
    return node_json(told) == node_json(read) or (
        isinstance(told, Constant) and isinstance(read, Constant) and str(told.value) == str(read.value)
    )


def _node(resource: Json, target: str) -> Node:
    """The tree that type, name and parameters stand for; of a function without parameters, its expression's."""
    kind, name = resource.get("type"), resource.get("name")
    if kind not in (_ATTRIBUTE, _CONSTANT, _FUNCTION):
        raise invalid("type", _RESOURCE)
    if not isinstance(name, str):
        raise invalid("name", _RESOURCE)
    if kind == _ATTRIBUTE:
        return Attribute(name)
    text = resource.get("expression")
    if kind == _CONSTANT:
        return _constant(name, text if isinstance(text, str) else None, target)
    parameters = resource.get("parameters") or []
    if not isinstance(parameters, list) or not all(
        isinstance(each, dict) and isinstance(each.get("value"), dict) for each in parameters
    ):
        raise invalid("parameters", _RESOURCE)
    if not parameters and isinstance(text, str) and text:
        return _parsed(text, target)
    arguments = tuple(_node(each["value"], target) for each in parameters)
    if name in _OPERATORS and len(arguments) == 2:
        return Comparison(arguments[0], name, arguments[1])
    return Call(name, arguments)


def _constant(name: str, text: str | None, target: str) -> Node:
    """A text, number, keyword or nothing: which, the expression says."""
    if not name and not text:
        return Omitted()
    if text:
        try:
            read = parse(text)
        except ExpressionSyntaxError:
            return Constant(name)
        if isinstance(read, Constant | Keyword) and name in (
            str(getattr(read, "value", "")),
            getattr(read, "name", ""),
        ):
            return read
    return Constant(name)


_OPERATORS: Final = frozenset({"=", "<>", ">", ">=", "<", "<="})
