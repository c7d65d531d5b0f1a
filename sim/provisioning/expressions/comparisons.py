"""Comparisons in conditions: = <> > >= < <=.

Invariant: two values compare as numbers when both are, as dates when both are in the form that the date functions
give, and else as text, case-sensitively and without any culture. Microsoft documents the operators and not these
readings; they are what makes its own samples come out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final

from sim.provisioning.expressions.datetimes import read_rendered
from sim.provisioning.expressions.errors import ExpressionError
from sim.provisioning.expressions.values import Code, Context, Source, Value, text_of

_TESTS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def comparing(left: Code, sign: str, right: Code, position: int) -> Code:
    """The closure of a comparison."""
    test = _TESTS[sign]
    equality = sign in ("=", "<>")

    def compare(source: Source, context: Context) -> Value:
        one, other = left(source, context), right(source, context)
        try:
            return test(*(_alike(one, other) if equality else _ordered(one, other)))
        except ExpressionError as error:
            raise error.within(sign, position) from None

    return compare


def _alike(one: Value, other: Value) -> tuple[Any, Any]:
    """Both as text; as numbers where one is a number and the other reads as one."""
    if _is_number(one) or _is_number(other):
        numbers = _whole(one), _whole(other)
        if None not in numbers:
            return numbers
    return text_of(one), text_of(other)


def _ordered(one: Value, other: Value) -> tuple[Any, Any]:
    numbers = _whole(one), _whole(other)
    if None not in numbers:
        return numbers
    first, second = text_of(one), text_of(other)
    if first is None or second is None:
        raise ExpressionError("null is neither more nor less than anything")
    dates = read_rendered(first), read_rendered(second)
    return (first, second) if None in dates else dates


def _is_number(given: Value) -> bool:
    return isinstance(given, int) and not isinstance(given, bool)


def _whole(given: Value) -> int | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, int):
        return given
    text = text_of(given)
    digits = (text or "").strip()
    unsigned = digits[1:] if digits[:1] in ("+", "-") else digits
    return int(digits) if unsigned.isascii() and unsigned.isdigit() and len(unsigned) <= 19 else None
