"""The values that flow through an expression, and how one kind reads as another.

Invariant: what an expression takes and gives are the values of a source object: text, true or false, several texts,
or null. Whole numbers exist between functions only; at the end they are text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Final, Literal, TypeAlias

from mockservices.values import value
from sim.ports import SourceValue
from sim.provisioning.expressions.errors import ExpressionError

Value: TypeAlias = SourceValue | int


class NoFlow(Enum):
    """The type of `NO_FLOW`."""

    NO_FLOW = "no flow"


NO_FLOW: Final = NoFlow.NO_FLOW
"""What IgnoreFlowIfNullOrEmpty gives instead of nothing: leave the target's attribute out of the request."""

ExprValue: TypeAlias = SourceValue | Literal[NoFlow.NO_FLOW]


@value
class Context:
    """What an expression may know beside the object: the time, and chance."""

    now: Callable[[], datetime]
    """The simulated time, an aware datetime in UTC."""
    draw: Callable[[int], int]
    """draw(n): the next whole number from 0 to n - 1. See `chance.keyed_draws`."""


Source: TypeAlias = Mapping[str, SourceValue]
Code: TypeAlias = Callable[[Source, Context], Value]
"""A compiled node."""


class Dropped(Exception):  # noqa: N818 - not an error: it carries NO_FLOW out of the functions around it
    """IgnoreFlowIfNullOrEmpty found nothing, somewhere inside an expression."""


def text_of(given: Value) -> str | None:
    """As text: ``True`` and ``False``, digits, the one value of a multi-valued attribute; null stays null."""
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, bool):
        return "True" if given else "False"
    if isinstance(given, tuple):
        if len(given) > 1:
            raise ExpressionError(f"one value is needed here, and there are {len(given)}")
        return given[0] if given else None
    return str(given)


def number_of(given: Value, what: str) -> int | None:
    """As a whole number; null and empty text are null. Raises ExpressionError for what is no number."""
    if isinstance(given, int):
        return int(given)
    text = text_of(given)
    if text is None or not text.strip():
        return None
    digits = text.strip()
    unsigned = digits[1:] if digits[0] in "+-" else digits
    if len(unsigned) > 19 or not (unsigned.isascii() and unsigned.isdigit()):
        raise ExpressionError(f"{what} is a whole number, not '{text}'")
    return int(digits)


def needed_number(given: Value, what: str) -> int:
    """As a whole number that has to be there."""
    number = number_of(given, what)
    if number is None:
        raise ExpressionError(f"{what} is a whole number, not null")
    return number


def values_in(given: Value) -> tuple[str, ...]:
    """As several values; null is none at all."""
    if isinstance(given, tuple):
        return given
    text = text_of(given)
    return () if text is None else (text,)


def is_empty(given: Value) -> bool:
    """Null, empty text, or no values at all. False is a value."""
    return given is None or (isinstance(given, str | tuple) and not given)


def truth_of(given: Value) -> bool:
    """What CBool and a condition make of a value: zero, ``False``, null and nothing are false, all else is true."""
    if isinstance(given, bool | int):
        return bool(given)
    if isinstance(given, tuple):
        return bool(given)
    return given is not None and given.strip().lower() not in ("0", "false", "")
