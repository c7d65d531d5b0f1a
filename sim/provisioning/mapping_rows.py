"""One mapping compiled: how its value is read from an object of the source, and when it differs from the target's.

Invariant: reading is pure but for the clock and chance, which are the world's: the same object at the same instant
gives the same value, however often it is read and whoever reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from mockservices.graph.source_attributes import FLAG, GROUP_ATTRIBUTES, USER_ATTRIBUTES, SourceAttribute
from mockservices.scim.operations import Value
from mockservices.values import values_of
from sim.ports import SourceValue
from sim.provisioning.attribute_mapping import ALWAYS, AttributeMapping
from sim.provisioning.expressions import NO_FLOW, Context, Expression, ExpressionError, compile_expression, keyed_draws

Attributes: TypeAlias = dict[str, Value]
Source: TypeAlias = Mapping[str, SourceValue]
Read: TypeAlias = Callable[[Source], Any]
"""What gives a text, None for null, or ``NO_FLOW``."""
_MEMORY: Final = 4096
"""How many results of one expression are remembered."""
_UNKNOWN: Final = object()
_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class SeveralValuesError(ExpressionError):
    """The source has several values where the target takes one."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What expressions may ask for beside the object: the world's time and the world's chance."""

    now: Callable[[], datetime] = lambda: _NEVER
    seed: int = 0

    def context(self, *key: object) -> Context:
        """What one evaluation may know; equal keys at the same instant draw the same."""
        return Context(self.now, keyed_draws(self.seed, self.now().isoformat(), *key))


class Row:
    """One mapping that gives a value."""

    __slots__ = (
        "always",
        "attribute",
        "default",
        "exact",
        "match",
        "only",
        "path",
        "plain",
        "properties",
        "read",
        "varies",
    )

    def __init__(self, mapping: AttributeMapping, surroundings: Surroundings) -> None:
        self.path = mapping.target
        self.attribute = mapping.target.attribute
        self.match = mapping.match
        self.always = mapping.apply == ALWAYS
        self.default = mapping.default
        self.exact = mapping.case_exact
        self.varies = False
        """Whether two readings can differ although the object does not: ``Now`` or ``Guid`` is in it."""
        self.plain: str | None = None
        """The one property that is the value just as it is; None where something has to be worked out."""
        self.only: str | None = None
        """The one property without which the value is null."""
        self.properties: tuple[str, ...] = ()
        """What is read, by Graph's names."""
        self.read = self._reading(mapping, surroundings)

    def _reading(self, mapping: AttributeMapping, surroundings: Surroundings) -> Read:
        if mapping.expression is not None:
            return self._expression(compile_expression(mapping.expression), surroundings)
        if mapping.source is not None:
            return self._direct(_attribute(mapping.source))
        constant = mapping.constant
        return lambda source: constant

    def _direct(self, attribute: SourceAttribute) -> Read:
        column = self.only = _column(attribute)
        self.properties = (column,)
        if attribute.first:
            return lambda source: held[0] if isinstance(held := source.get(column), tuple) and held else None
        if attribute.type == FLAG or attribute.multivalued:
            return lambda source: _text(source.get(column))
        self.plain = column
        return lambda source: source.get(column)

    def _expression(self, expression: Expression, surroundings: Surroundings) -> Read:
        names, evaluate = expression.properties, expression.evaluate
        attributes = [_attribute(name) for name in names]
        columns = tuple(_column(attribute) for attribute in attributes)
        firsts = any(attribute.first for attribute in attributes)
        as_it_is = not firsts and tuple(names) == columns  # then the object itself can be read
        calm = surroundings.context()

        def worked_out(values: Sequence[SourceValue], context: Context) -> Any:
            if firsts:
                values = [_first(v) if a.first else v for a, v in zip(attributes, values, strict=True)]
            return _text(evaluate(dict(zip(names, values)), context))  # noqa: B905 - equally long, and often done

        self.varies = expression.varies
        if expression.varies:
            self.properties = (*columns, "id")  # by which one object's chance is not another's
            key = (str(self.path), expression.text)

            def anew(source: Source) -> Any:
                values = [source.get(column) for column in columns]
                return worked_out(values, surroundings.context(*key, source.get("id"), *values))

            return anew
        self.properties = columns
        memory: dict[tuple[SourceValue, ...], Any] = {}
        at_once = values_of(columns)

        def remembered(source: Source) -> Any:
            try:
                values = at_once(source)
            except KeyError:
                values = tuple([source.get(column) for column in columns])
            result = memory.get(values, _UNKNOWN)
            if result is _UNKNOWN:
                if len(memory) >= _MEMORY:
                    memory.clear()
                result = _text(evaluate(source, calm)) if as_it_is else worked_out(values, calm)
                memory[values] = result
            return result

        return remembered

    def differs(self, value: Value, held: Value | None) -> bool:
        """Whether a value has to be sent to a target that holds another, or none."""
        if value == held:
            return False
        return self.exact or not (isinstance(value, str) and isinstance(held, str) and _same(value, held))


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _attribute(name: str) -> SourceAttribute:
    return USER_ATTRIBUTES.get(name) or GROUP_ATTRIBUTES.get(name) or SourceAttribute(name, name)


def _column(attribute: SourceAttribute) -> str:
    return attribute.property or attribute.name


def _first(value: SourceValue) -> SourceValue:
    return (value[0] if value else None) if isinstance(value, tuple) else value


def _text(value: Any) -> Any:
    """A value as it is sent, one text; null and ``NO_FLOW`` as they are.

    Raises SeveralValuesError: the service refuses several values for an attribute that takes one.
    https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs
    """
    if type(value) is str or value is None or value is NO_FLOW:
        return value
    if isinstance(value, tuple):
        if len(value) > 1:
            raise SeveralValuesError(f"the attribute takes one value, and the source has {len(value)}")
        return value[0] if value else None
    return str(value)
