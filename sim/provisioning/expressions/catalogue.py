"""What a function of the expression language is: its parameters, what it is for, and how a call of it is compiled.

Invariant: parameters have the names that Microsoft documents, in the order of the arguments.
https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, islice
from typing import Any, Literal, TypeAlias

from mockservices.values import value
from sim.provisioning.expressions.errors import ExpressionError, ExpressionSyntaxError
from sim.provisioning.expressions.tree import Call, Node, Omitted
from sim.provisioning.expressions.values import Code, Context, Source, Value

Kind: TypeAlias = Literal["String", "Integer", "Boolean", "Reference", "DateTime"]


@value
class Parameter:
    """One parameter, or (``repeats``) any number of arguments from here on."""

    name: str
    kind: Kind = "String"
    required: bool = True
    repeats: bool = False
    condition: bool = False
    """Whether a comparison may stand here."""
    keywords: tuple[str, ...] = ()
    """The bare words that may stand here."""


@value
class Arguments:
    """The arguments of one call: as they stand in the text, and compiled; None for one left out."""

    call: Call
    nodes: tuple[Node | None, ...]
    codes: tuple[Code | None, ...]

    def wrong(self, cause: str, at: int | None = None) -> ExpressionSyntaxError:
        """What is wrong with the call, at its name or at one of its arguments."""
        node = None if at is None else self.nodes[at]
        return ExpressionSyntaxError((node or self.call).position, f"{self.call.name}: {cause}")


Build: TypeAlias = Callable[[Arguments], Code]


@value
class Function:
    """A function of the language."""

    name: str
    parameters: tuple[Parameter, ...]
    description: str
    build: Build
    least: int = 0
    """Arguments needed where the parameters repeat."""

    @property
    def repeating(self) -> tuple[Parameter, ...]:
        """The parameters at the end that can be given any number of times: source1, source2; key1, value1, ..."""
        return tuple(each for each in self.parameters if each.repeats)

    def check_count(self, call: Call) -> None:
        """Refuse a call with too few or too many arguments, or with a needed one left empty."""
        given = len(call.arguments)
        needed = max(self.least, sum(each.required for each in self.parameters if not each.repeats))
        most = len(self.parameters)
        if given < needed or (given > most and not self.repeating):
            raise ExpressionSyntaxError(call.position, f"{self.name} takes {self._takes(needed)}, {given} given")
        fixed = len(self.parameters) - len(self.repeating)
        if len(self.repeating) > 1 and (given - fixed) % len(self.repeating):
            each = " and ".join(one.name for one in self.repeating)
            raise ExpressionSyntaxError(
                call.position, f"{self.name} takes {each} in pairs after its first {fixed} arguments, {given} given"
            )
        for parameter, argument in zip(self.parameters, call.arguments, strict=False):
            if parameter.required and not parameter.repeats and isinstance(argument, Omitted):
                raise ExpressionSyntaxError(argument.position, f"{self.name} needs its {parameter.name}")

    def _takes(self, needed: int) -> str:
        most = len(self.parameters)
        if self.repeating:
            return f"at least {needed} arguments"
        amount = f"{needed}" if needed == most else f"{needed} to {most}"
        return f"{amount} argument{'' if amount == '1' else 's'}" if most else "no arguments"

    def parameter(self, index: int) -> Parameter:
        """The parameter that the argument at this index belongs to."""
        if index < len(self.parameters):
            return self.parameters[index]
        repeating = self.repeating
        return repeating[(index - len(self.parameters)) % len(repeating)]

    def keys(self, arguments: int) -> tuple[str, ...]:
        """The names of so many arguments; repeated ones are numbered from 1."""
        repeating = self.repeating
        fixed = [each.name for each in self.parameters if not each.repeats]
        numbered = (f"{each.name}{number}" for number in count(1) for each in repeating)
        return tuple(fixed[:arguments]) + tuple(islice(numbered, max(0, arguments - len(fixed)) if repeating else 0))


def eager(work: Callable[..., Value]) -> Build:
    """Compile a call of a function that needs all its arguments and nothing else; what is left out is null."""

    def build(arguments: Arguments) -> Code:
        codes = tuple(code or _null for code in arguments.codes)
        name, position = arguments.call.name, arguments.call.position
        first = codes[0] if codes else _null
        if len(codes) == 1:

            def alone(source: Source, context: Context) -> Value:
                try:
                    return work(first(source, context))
                except ExpressionError as error:
                    raise error.within(name, position) from None

            return alone

        def together(source: Source, context: Context) -> Value:
            try:
                return work(*[code(source, context) for code in codes])
            except ExpressionError as error:
                raise error.within(name, position) from None

        return together

    return build


def lazy(work: Callable[[tuple[Code, ...], Source, Context], Value]) -> Build:
    """Compile a call of a function that evaluates what it needs of its arguments; what is left out is null."""

    def build(arguments: Arguments) -> Code:
        codes = tuple(code or _null for code in arguments.codes)
        name, position = arguments.call.name, arguments.call.position

        def run(source: Source, context: Context) -> Value:
            try:
                return work(codes, source, context)
            except ExpressionError as error:
                raise error.within(name, position) from None

        return run

    return build


def _null(source: Source, context: Context) -> Value:
    del source, context
    return None


def schema(function: Function) -> dict[str, Any]:
    """The function as Graph's ``schema/functions`` lists it (attributeMappingFunctionSchema).
    https://learn.microsoft.com/graph/api/synchronization-synchronizationschema-functions"""
    return {
        "name": function.name,
        "parameters": [
            {
                "allowMultipleOccurrences": each.repeats,
                "name": each.name,
                "required": each.required,
                "type": each.kind,
            }
            for each in function.parameters
        ],
    }
