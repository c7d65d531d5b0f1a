"""``$filter``: from OData's text to a test of one object.

Invariant: parsing touches no core. odata-query reads a text that has been normalised first (it knows functions in
lower case only, wants a space after ``not`` and a comma in a list of one); nothing else of it is used.

What works by default, and what in advanced queries only: https://learn.microsoft.com/en-us/graph/aad-advanced-queries
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from mockservices.graph.directory import Directory
from mockservices.graph.errors import GraphError, bad_request, unsupported_query
from mockservices.graph.properties import FLAG, INSTANT, NUMBER, TEXTS, Kind, Property
from mockservices.graph.property_values import canonical_instant
from mockservices.graph.resources import COMPUTED

Test: TypeAlias = Callable[[int, Mapping[str, Any]], bool]
"""(row, properties) to whether the object is in the answer."""

LONGEST, DEEPEST = 8000, 50
"""Characters in a filter, and negations and brackets inside each other; Graph's own limits are not published."""
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_REWRITES = (
    (re.compile(r"\s+"), " "),
    (re.compile(r"\b(startswith|endswith|contains)\b", re.IGNORECASE), lambda found: found[0].lower()),
    (re.compile(r"\bnot\b ?", re.IGNORECASE), "not "),
    (re.compile(r"\bin ?\( ?('\d+'|[\w.:+-]+) ?\)", re.IGNORECASE), r"in (\1,)"),
    (re.compile(r"\bin ?\(", re.IGNORECASE), "in ("),
)
_OPERATORS = {"Eq": "eq", "NotEq": "ne", "GtE": "ge", "LtE": "le", "In": "in", "Gt": "gt", "Lt": "lt"}


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter."""

    test: Test
    advanced: bool
    """Whether only an advanced query may ask this."""
    keys: tuple[tuple[str, str], ...] | None
    """(``id`` or ``userPrincipalName``, value): no other object can be in the answer."""


def parse_filter(text: str, kind: Kind, directory: Directory) -> Filter:
    """Compile a filter on objects of a kind; 400 for one that is malformed or not supported."""
    parsed, literals = _parsed(text)
    compiler = _Compiler(kind, directory, literals)
    try:
        test = compiler.test(parsed)
    except RecursionError:
        raise _malformed() from None
    return Filter(test, compiler.advanced, compiler.keys(parsed))


def check_filter(found: Filter, *, advanced: bool) -> None:
    """400 for a filter that needs the parameters of an advanced query and came without them."""
    if found.advanced and not advanced:
        raise unsupported_query(
            "This filter is not supported because the required parameters might be missing. Try adding $count=true "
            "query parameter and ConsistencyLevel:eventual header. Refer to "
            "https://aka.ms/graph-docs/advanced-queries for more information"
        )


def _malformed() -> GraphError:
    return bad_request("Invalid filter clause")


@cache
def _grammar() -> Any:
    from odata_query import grammar  # takes a moment: only who filters pays

    return grammar


def _parsed(text: str) -> tuple[Any, list[str]]:
    """The syntax tree, its strings replaced by their numbers in the list."""
    if len(text) > LONGEST:
        raise _malformed()
    literals: list[str] = []

    def number(found: re.Match[str]) -> str:
        literals.append(found[0][1:-1].replace("''", "'"))
        return f"'{len(literals) - 1}'"

    normal = _LITERAL.sub(number, text.strip())
    for pattern, replacement in _REWRITES:
        normal = pattern.sub(replacement, normal)
    grammar = _grammar()
    try:
        tree = grammar.ODataParser().parse(grammar.ODataLexer().tokenize(normal))
    except (grammar.exceptions.ODataException, RecursionError):
        raise _malformed() from None
    if tree is None:
        raise _malformed()
    return tree, literals


class _Compiler:
    def __init__(self, kind: Kind, directory: Directory, literals: list[str]) -> None:
        self.kind = kind
        self.directory = directory
        self.literals = literals
        self.advanced = False
        self._depth = 0

    # --- the tree ----------------------------------------------------------------------------------------

    def test(self, node: Any) -> Test:
        """The test that a node stands for."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise _malformed()
        test = self._node(node)
        self._depth -= 1
        return test

    def _node(self, node: Any) -> Test:
        name = type(node).__name__
        if name == "BoolOp":
            return self._all_or_any(node)
        if name == "UnaryOp" and type(node.op).__name__ == "Not":
            self.advanced = True
            inner = self.test(node.operand)
            return lambda row, properties: not inner(row, properties)
        if name == "Compare":
            return self._comparison(node)
        if name == "Call":
            return self._function(node)
        if name == "CollectionLambda":
            return self._any_of_list(node)
        raise _malformed()

    def _all_or_any(self, node: Any) -> Test:
        tests = [self.test(operand) for operand in _operands(node)]
        if type(node.op).__name__ == "And":
            return lambda row, properties: all(test(row, properties) for test in tests)
        return lambda row, properties: any(test(row, properties) for test in tests)

    def _comparison(self, node: Any) -> Test:
        known = self._property(node.left)
        operator = _OPERATORS[type(node.comparator).__name__]
        if known.kind == TEXTS:
            raise self._unsupported(known.name)
        if operator == "in":
            if type(node.right).__name__ != "List":
                raise _malformed()
            self._need(known, "in")
            return self._compare(known, "in", tuple(self._value(known, item) for item in node.right.val))
        if type(node.right).__name__ == "Null":
            if operator not in {"eq", "ne"}:
                raise self._unsupported(known.name)
            self._need(known, "null")
            self.advanced |= operator == "ne"
            return self._compare(known, operator, None)
        self._need(known, operator)
        return self._compare(known, operator, self._value(known, node.right))

    def _function(self, node: Any) -> Test:
        name = node.func.name
        if name not in {"startswith", "endswith"} and not (name == "contains" and self.kind.case_sensitive):
            raise unsupported_query(f"The function '{name}' is not supported in filters on this resource.")
        known = self._property(node.args[0])
        if known.kind == TEXTS:
            raise self._unsupported(known.name)
        self._need(known, name)
        return self._compare(known, name, self._value(known, node.args[1]))

    def _any_of_list(self, node: Any) -> Test:
        """``groupTypes/any(c:c eq 'Unified')``."""
        known = self._property(node.owner)
        inner = node.lambda_
        if known.kind != TEXTS or type(node.operator).__name__ != "Any" or inner is None:
            raise self._unsupported(known.name)
        expression = inner.expression
        if type(expression).__name__ == "Call" and expression.func.name in {"startswith", "endswith"}:
            operator, (subject, value) = expression.func.name, expression.args
        elif type(expression).__name__ == "Compare":
            operator = _OPERATORS[type(expression.comparator).__name__]
            subject, value = expression.left, expression.right
        else:
            raise self._unsupported(known.name)
        if subject != inner.identifier:
            raise _malformed()
        self._need(known, operator)
        wanted = self._string(value)
        get, matches = self._getter(known.name), _MATCHES[operator]
        return lambda row, properties: any(
            matches(item.lower(), wanted) for item in get(row, properties) or () if isinstance(item, str)
        )

    # --- properties and values ---------------------------------------------------------------------------

    def _property(self, node: Any) -> Property:
        name = _path(node)
        known = None if name is None else self.kind.properties.get(name)
        if known is None:
            if name is None:
                raise _malformed()
            raise bad_request(
                f"Invalid filter clause: Could not find a property named '{name}' on type "
                f"'{self.kind.odata_type.removeprefix('#')}'."
            )
        return known

    def _need(self, known: Property, operator: str) -> None:
        if operator in known.default:
            return
        if operator not in known.advanced:
            raise self._unsupported(known.name)
        self.advanced = True

    def _unsupported(self, name: str) -> GraphError:
        return unsupported_query(
            f"Unsupported or invalid query filter clause specified for property '{name}' of resource "
            f"'{self.kind.name}'."
        )

    def _string(self, node: Any) -> str:
        if type(node).__name__ == "GUID":
            return str(node.val) if self.kind.case_sensitive else str(node.val).lower()
        if type(node).__name__ != "String":
            raise _malformed()
        text = self.literals[int(node.val)]
        return text if self.kind.case_sensitive else text.lower()

    def _value(self, known: Property, node: Any) -> Any:
        if known.kind == FLAG:
            if type(node).__name__ != "Boolean":
                raise _malformed()
            return node.val.lower() == "true"
        if known.kind == INSTANT:
            instant = canonical_instant(node.val) if type(node).__name__ == "DateTime" else None
            if instant is None:
                raise _malformed()
            return instant
        if known.kind == NUMBER:
            if type(node).__name__ != "Integer":
                raise _malformed()
            return int(node.val)
        return self._string(node)

    def _getter(self, name: str) -> Callable[[int, Mapping[str, Any]], Any]:
        compute = COMPUTED[self.kind.name].get(name)
        if compute is None:
            return lambda row, properties: properties.get(name)
        directory = self.directory
        return lambda row, properties: compute(directory, row, properties)

    def _compare(self, known: Property, operator: str, wanted: Any) -> Test:
        get, matches = self._getter(known.name), _MATCHES[operator]
        if known.kind in {FLAG, INSTANT, NUMBER} or self.kind.case_sensitive:

            def plain(row: int, properties: Mapping[str, Any]) -> bool:
                return bool(matches(get(row, properties), wanted))

            return plain

        def folded(row: int, properties: Mapping[str, Any]) -> bool:
            held = get(row, properties)
            return bool(matches(held.lower() if isinstance(held, str) else held, wanted))

        return folded

    # --- what an index can answer ------------------------------------------------------------------------

    def keys(self, node: Any) -> tuple[tuple[str, str], ...] | None:
        """The ids and names to which a node limits the answer; None when it does not."""
        name = type(node).__name__
        if name == "BoolOp":
            limits = [self.keys(operand) for operand in _operands(node)]
            if type(node.op).__name__ == "And":
                return next((limit for limit in limits if limit is not None), None)
            known = [limit for limit in limits if limit is not None]
            return tuple(key for limit in known for key in limit) if len(known) == len(limits) else None
        if name != "Compare" or _path(node.left) not in {"id", "userPrincipalName"}:
            return None
        operator = type(node.comparator).__name__
        if operator == "Eq" and type(node.right).__name__ != "Null":
            return ((str(_path(node.left)), self._string(node.right)),)
        if operator == "In":
            return tuple((str(_path(node.left)), self._string(item)) for item in node.right.val)
        return None


def _operands(node: Any) -> list[Any]:
    """The operands of a chain of the same operator, however long, without recursion."""
    operands: list[Any] = []
    operator = type(node.op)
    while type(node).__name__ == "BoolOp" and type(node.op) is operator:
        operands.append(node.right)
        node = node.left
    operands.append(node)
    return operands[::-1]


def _path(node: Any) -> str | None:
    name = type(node).__name__
    if name == "Identifier":
        return str(node.full_name())
    if name == "Attribute":
        owner = _path(node.owner)
        return None if owner is None else f"{owner}/{node.attr}"
    return None


_MATCHES: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda held, wanted: held == wanted,
    "ne": lambda held, wanted: held != wanted,
    "ge": lambda held, wanted: held is not None and held >= wanted,
    "le": lambda held, wanted: held is not None and held <= wanted,
    "gt": lambda held, wanted: held is not None and held > wanted,
    "lt": lambda held, wanted: held is not None and held < wanted,
    "in": lambda held, wanted: held in wanted,
    "startswith": lambda held, wanted: held is not None and held.startswith(wanted),
    "endswith": lambda held, wanted: held is not None and held.endswith(wanted),
    "contains": lambda held, wanted: held is not None and wanted in held,
}
