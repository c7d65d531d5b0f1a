"""From the text of an expression to something that computes its value for an object.

Invariant: an expression is checked and compiled once, into closures. Evaluating it reads the object and the context
and nothing else, and ends in a value or an `ExpressionError`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from mockservices.values import value
from sim.provisioning.expressions.catalogue import Arguments
from sim.provisioning.expressions.comparisons import comparing
from sim.provisioning.expressions.errors import ExpressionSyntaxError, suggestion
from sim.provisioning.expressions.functions import FUNCTIONS
from sim.provisioning.expressions.parser import parse
from sim.provisioning.expressions.tree import (
    Attribute,
    Call,
    Comparison,
    Constant,
    Keyword,
    Node,
    Omitted,
    attributes_of,
    nodes_of,
    render,
)
from sim.provisioning.expressions.values import NO_FLOW, Code, Context, Dropped, ExprValue, Source, Value

Evaluate: TypeAlias = Callable[[Source, Context], ExprValue]

REDACTED: Final = "[Redact]"
"""What logs show in place of a redacted value."""

_WHOLE: Final = frozenset({"BitAnd", "Count", "DateDiff", "InStr", "NumFromDate"})
"""Functions that give whole numbers."""
_PASSING: Final = frozenset({"Coalesce", "IIF", "IgnoreFlowIfNullOrEmpty", "Redact", "Switch"})
"""Functions that can pass on what an argument gave."""
_ROLES: Final = {"AppRoleAssignmentsComplex": "add", "AssertiveAppRoleAssignmentsComplex": "replace"}


@value
class Expression:
    """A compiled expression."""

    text: str
    """As it was written."""
    tree: Node
    properties: tuple[str, ...]
    """The source attributes that it reads, each once."""
    evaluate: Evaluate
    """evaluate(source, context): the value for an object, None for null, `NO_FLOW` to leave the attribute out.
    Functions that test give true or false; whole numbers come as text. Raises ExpressionError."""
    redacts: bool
    """Whether Redact stands anywhere in it: logs show ``[Redact]`` for the attribute, and the target the value."""
    varies: bool
    """Whether two evaluations for the same object can differ: Now, Guid or RandomString stands in it."""
    roles: Literal["add", "replace"] | None
    """For (Assertive)AppRoleAssignmentsComplex: ``add`` leaves other roles in the target, ``replace`` does not."""

    def shown(self, result: ExprValue) -> ExprValue:
        """The value as logs show it."""
        return REDACTED if self.redacts and result is not None and result is not NO_FLOW else result


def compile_expression(text: str) -> Expression:
    """Check and compile an expression. Raises ExpressionSyntaxError with the position of what is wrong.
    https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data"""
    return compile_tree(parse(text), text)


def compile_tree(tree: Node, text: str | None = None) -> Expression:
    """Check and compile a parsed expression; errors point into the text that it came from."""
    if isinstance(tree, Keyword):
        raise ExpressionSyntaxError(tree.position, _bare(tree.name))
    if isinstance(tree, Comparison | Omitted):
        raise ExpressionSyntaxError(tree.position, "an expression is an [attribute], a constant or a function")
    names = {node.name for node in nodes_of(tree) if isinstance(node, Call)}
    code = compiled(tree)
    if names & {"SelectUniqueValue"}:
        raise _unique(tree)
    roles = next((how for name, how in _ROLES.items() if isinstance(tree, Call) and tree.name == name), None)
    return Expression(
        render(tree) if text is None else text,
        tree,
        attributes_of(tree),
        _finished(code, tree, names),
        "Redact" in names,
        not names.isdisjoint(("Now", "Guid", "RandomString")),
        "add" if roles == "add" else "replace" if roles else None,
    )


def compiled(node: Node) -> Code:
    """The closure of a node that has a value."""
    match node:
        case Attribute(name):
            return _reading(name)
        case Constant(constant):
            return _constant(constant)
        case Comparison(left, operator, right):
            return comparing(compiled(left), operator, compiled(right), node.position)
        case Call():
            return _calling(node)
        case Keyword(name, position):
            raise ExpressionSyntaxError(position, _bare(name))
        case Omitted(position):
            raise ExpressionSyntaxError(position, "something should be compared here")


def _reading(name: str) -> Code:
    def read(source: Source, context: Context) -> Value:
        return source.get(name)

    return read


def _constant(constant: Value) -> Code:
    def same(source: Source, context: Context) -> Value:
        return constant

    return same


def _bare(name: str) -> str:
    if name.upper() in ("AND", "OR", "NOT"):
        return f"there is no operator {name}; nest IIF instead"
    near = "" if name in FUNCTIONS else suggestion(name, FUNCTIONS)
    if near or name in FUNCTIONS:
        return f"{name} is not followed by its arguments in parentheses{near}"
    return f'{name} stands alone; an attribute is written [{name}], a text "{name}"'


def _calling(call: Call) -> Code:
    function = FUNCTIONS.get(call.name)
    if function is None:
        raise ExpressionSyntaxError(
            call.position, f"there is no function {call.name}{suggestion(call.name, FUNCTIONS)}"
        )
    function.check_count(call)
    nodes: list[Node | None] = []
    codes: list[Code | None] = []
    for index, argument in enumerate(call.arguments):
        parameter = function.parameter(index)
        if isinstance(argument, Omitted):
            nodes.append(None)
            codes.append(None)
            continue
        if isinstance(argument, Comparison) and not parameter.condition:
            raise ExpressionSyntaxError(
                argument.position, f"{call.name} compares nothing; a comparison stands inside IIF or CBool"
            )
        if isinstance(argument, Keyword) and parameter.keywords:
            if argument.name not in parameter.keywords:
                allowed = " or ".join(parameter.keywords)
                raise ExpressionSyntaxError(
                    argument.position, f"{call.name}'s {parameter.name} is {allowed}, not {argument.name}"
                )
            codes.append(_constant(argument.name))
        else:
            codes.append(compiled(argument))
        nodes.append(argument)
    missing = len(function.parameters) - len(nodes) if not function.repeating else 0
    return function.build(Arguments(call, (*nodes, *[None] * missing), (*codes, *[None] * missing)))


def _unique(tree: Node) -> ExpressionSyntaxError:
    inside = [node for node in nodes_of(tree) if isinstance(node, Call) and node.name == "SelectUniqueValue"]
    if isinstance(tree, Call) and tree.name == "SelectUniqueValue" and len(inside) == 1:
        cause = (
            "SelectUniqueValue works in jobs from an HR system to Active Directory only, not in those to this target"
        )
    else:
        cause = "SelectUniqueValue stands outermost, never inside a function"
    return ExpressionSyntaxError(inside[-1].position, cause)


def _finished(code: Code, tree: Node, names: set[str]) -> Evaluate:
    """Whole numbers become text, and a dropped attribute becomes NO_FLOW; costs nothing where neither can come up."""
    outermost = tree.name if isinstance(tree, Call) else ""
    numbers = isinstance(tree, Constant) and isinstance(tree.value, int)
    numbers = numbers or outermost in _WHOLE
    if outermost in _PASSING:
        numbers = bool(names & _WHOLE) or any(
            isinstance(n, Constant) and isinstance(n.value, int) for n in nodes_of(tree)
        )
    drops = "IgnoreFlowIfNullOrEmpty" in names
    if not numbers and not drops:
        return code  # type: ignore[return-value] # no whole number can come out

    def finish(source: Source, context: Context) -> ExprValue:
        try:
            result = code(source, context)
        except Dropped:
            return NO_FLOW
        return str(result) if isinstance(result, int) and not isinstance(result, bool) else result

    return finish
