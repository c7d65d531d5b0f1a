"""Expressions as Graph's schema tells of them: which functions there are, and what one gives for an object.

Invariant: trying an expression touches no object of the directory; what it may ask for is in the request.
https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-parseexpression
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from sim.ports import SourceValue
from sim.provisioning.expressions import (
    FUNCTIONS,
    NO_FLOW,
    Context,
    Expression,
    ExpressionError,
    ExpressionSyntaxError,
    compile_expression,
)
from sim.provisioning.expressions.catalogue import schema
from sim.provisioning.mapping_source import node_json

Json: TypeAlias = dict[str, Any]


def function_schemas() -> list[Json]:
    """Every function as ``attributeMappingFunctionSchema``, by name."""
    return [schema(FUNCTIONS[name]) for name in sorted(FUNCTIONS)]


def tried(text: str, values: Mapping[str, SourceValue] | None, context: Context) -> Json:
    """The ``parseExpressionResponse``; without values the expression is parsed only."""
    try:
        expression = compile_expression(text)
    except ExpressionSyntaxError as error:
        return _response(None, error=_error("InvalidExpression", str(error)))
    parsed = {**node_json(expression.tree), "expression": text}
    if values is None:
        return _response(parsed)
    return _evaluated(parsed, expression, values, context)


def _evaluated(parsed: Json, expression: Expression, values: Mapping[str, SourceValue], context: Context) -> Json:
    try:
        result = expression.evaluate(values, context)
    except ExpressionError as error:
        return _response(parsed, error=_error("ExpressionEvaluationFailed", str(error)))
    return _response(parsed, _texts(expression.shown(result)), evaluated=True)


def _texts(result: object) -> list[str | None]:
    """No value at all where the attribute is left out of the flow; one that is null for null."""
    if result is NO_FLOW:
        return []
    if isinstance(result, tuple):
        return [str(each) for each in result]
    return [None if result is None else str(result)]


def _response(
    parsed: Json | None, result: list[str | None] | None = None, *, evaluated: bool = False, error: Json | None = None
) -> Json:
    return {
        "parsingSucceeded": parsed is not None,
        "evaluationSucceeded": evaluated,
        "evaluationResult": result or [],
        "parsedExpression": parsed,
        "error": error,
    }


def _error(code: str, message: str) -> Json:
    """A ``publicError``; the service's own codes are not published."""
    return {"code": code, "message": message, "target": "expression", "details": [], "innerError": None}
