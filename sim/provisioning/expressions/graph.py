"""Expressions as Graph's job schema holds them: attributeMappingSource, ``functions`` and ``parseExpression``.

Invariant: a tree goes to Graph's shape and back without a change. Where a source has both an expression and
parameters, the expression counts, since that is what people edit.
https://learn.microsoft.com/graph/api/resources/synchronization-attributemappingsource
"""

from __future__ import annotations

import re
from typing import Any, Final

from sim.ports import SourceValue
from sim.provisioning.expressions.catalogue import Function, schema
from sim.provisioning.expressions.compiler import compile_expression
from sim.provisioning.expressions.errors import ExpressionError, ExpressionSyntaxError
from sim.provisioning.expressions.functions import FUNCTIONS
from sim.provisioning.expressions.parser import parse
from sim.provisioning.expressions.tree import (
    OPERATORS,
    Attribute,
    Call,
    Comparison,
    Constant,
    Keyword,
    Node,
    Omitted,
    render,
)
from sim.provisioning.expressions.values import NO_FLOW, Context, values_in

_OLD_KEYS: Final = {"Find": "oldValue", "Replacement": "replacementValue"}
"""How Graph's own sample spells two parameters of Replace.
https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-parseexpression"""


def function_schemas() -> list[dict[str, Any]]:
    """All functions, as ``schema/functions`` lists them."""
    return [schema(function) for function in FUNCTIONS.values()]


def to_mapping_source(tree: Node, text: str | None = None) -> dict[str, Any]:
    """The tree as an attributeMappingSource. Arguments left out have no parameter, as in Graph's sample. A comparison
    stands as a function named by its operator: Graph has only Attribute, Constant and Function."""
    match tree:
        case Attribute(name):
            return _source(render(tree), name, "Attribute")
        case Constant(constant):
            return _source(render(tree), str(constant), "Constant")
        case Keyword(name):
            return _source(name, name, "Constant")
        case Comparison(left, operator, right):
            return _source(render(tree), operator, "Function", [("left", left), ("right", right)])
        case Call(name, arguments):
            keys = _keys(name, len(arguments))
            given = [pair for pair in zip(keys, arguments, strict=True) if not isinstance(pair[1], Omitted)]
            return _source(render(tree) if text is None else text, name, "Function", given)
        case Omitted():
            raise ValueError("nothing has no source")


def _keys(name: str, arguments: int) -> tuple[str, ...]:
    function = FUNCTIONS.get(name)
    return function.keys(arguments) if function else tuple(f"argument{place}" for place in range(1, arguments + 1))


def _source(expression: str, name: str, kind: str, parameters: list[tuple[str, Node]] | None = None) -> dict[str, Any]:
    return {
        "expression": expression,
        "name": name,
        "type": kind,
        "parameters": [{"key": key, "value": to_mapping_source(node)} for key, node in parameters or []],
    }


def from_mapping_source(source: Any) -> Node:
    """The tree of an attributeMappingSource. Raises ValueError, ExpressionSyntaxError among them, when it is none."""
    if not isinstance(source, dict):
        raise ValueError("a source is an object with type, name and expression")
    kind, name, expression = source.get("type"), source.get("name"), source.get("expression")
    if isinstance(expression, str) and expression.strip() and _reads_as(kind, expression):
        return parse(expression)
    if not isinstance(name, str) or (not name and kind != "Constant"):
        raise ValueError("a source needs a name, or else an expression")
    match kind:
        case "Attribute":
            return Attribute(name)
        case "Constant":
            return Constant(name)
        case "Function":
            return _function(name, source.get("parameters") or [])
        case _:
            raise ValueError(f"a source's type is Attribute, Constant or Function, not {kind}")


def _reads_as(kind: Any, expression: str) -> bool:
    """Whether the expression says what the type says: a constant may also stand there without quotation marks."""
    if kind == "Constant":
        try:
            return isinstance(parse(expression), Constant)
        except ExpressionSyntaxError:
            return False
    return kind in ("Attribute", "Function", None)


def _function(name: str, parameters: Any) -> Node:
    if not isinstance(parameters, list):
        raise ValueError(f"the parameters of {name} are a list")
    given: dict[str, Any] = {}
    for parameter in parameters:
        if not isinstance(parameter, dict) or not isinstance(parameter.get("key"), str):
            raise ValueError(f"a parameter of {name} has a key and a value")
        key: str = parameter["key"]
        given[_OLD_KEYS.get(key, key) if name == "Replace" else key] = parameter.get("value")
    if name in OPERATORS:
        return Comparison(_argument(given.get("left")), name, _argument(given.get("right")))
    if name not in FUNCTIONS:
        return Call(name, tuple(_argument(value) for value in given.values()))
    function = FUNCTIONS[name]
    keys = function.keys(_slots(function, given))
    unknown = next((key for key in given if key not in keys), None)
    if unknown is not None:
        raise ValueError(f"{name} has no parameter {unknown}; its parameters are {', '.join(keys[:6])}")
    last = max((keys.index(key) for key in given), default=-1)
    arguments = tuple(_argument(given[key]) if key in given else Omitted() for key in keys[: last + 1])
    padding = tuple(Omitted() for _ in range(function.least - len(arguments)))
    return Call(name, arguments + padding)


def _slots(function: Function, given: dict[str, Any]) -> int:
    """How many arguments the call has room for: as far as the highest number behind a repeated parameter's name."""
    if not function.repeating:
        return len(function.parameters)
    numbers = (re.fullmatch(r"[^\d]+([0-9]{1,4})", key) for key in given)
    highest = max((int(number[1]) for number in numbers if number), default=0)
    return len(function.parameters) + highest * len(function.repeating)


def _argument(source: Any) -> Node:
    if isinstance(source, dict) and source.get("type") == "Constant":
        expression = source.get("expression")
        for function in FUNCTIONS.values():
            if any(expression in parameter.keywords for parameter in function.parameters):
                return Keyword(str(expression))
    if isinstance(source, dict) and source.get("type") == "Function" and source.get("name") in OPERATORS:
        return _function(str(source["name"]), source.get("parameters") or [])
    return from_mapping_source(source)


def parse_response(text: str, properties: dict[str, SourceValue] | None, context: Context) -> dict[str, Any]:
    """The answer to ``parseExpression`` (parseExpressionResponse); ``properties`` are those of the test object, None
    when there is none to evaluate the expression for."""
    answer: dict[str, Any] = {
        "error": None,
        "evaluationResult": [],
        "evaluationSucceeded": False,
        "parsedExpression": None,
        "parsingSucceeded": False,
    }
    try:
        expression = compile_expression(text)
    except ExpressionSyntaxError as error:
        return answer | {"error": _error("InvalidExpression", str(error))}
    answer |= {"parsingSucceeded": True, "parsedExpression": to_mapping_source(expression.tree, text)}
    if properties is None:
        return answer
    try:
        result = expression.evaluate(properties, context)
    except ExpressionError as error:
        return answer | {"error": _error("EvaluationFailed", str(error))}
    found = () if result is NO_FLOW else values_in(result)
    return answer | {"evaluationSucceeded": True, "evaluationResult": list(found)}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "tenantActionable": True}
