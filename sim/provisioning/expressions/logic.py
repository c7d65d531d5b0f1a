"""Functions that choose and test: IIF, Switch, Coalesce, IgnoreFlowIfNullOrEmpty, CBool, Not, IsNull and the like.

Invariant: a branch that is not taken is not evaluated, so it cannot fail.
"""

from __future__ import annotations

from typing import Final

from sim.provisioning.expressions.catalogue import Arguments, Function, Parameter, eager, lazy
from sim.provisioning.expressions.errors import ExpressionError
from sim.provisioning.expressions.tree import Attribute, Constant, attributes_of
from sim.provisioning.expressions.values import Code, Context, Dropped, Source, Value, is_empty, text_of, truth_of


def _coalesce(codes: tuple[Code, ...], source: Source, context: Context) -> Value:
    for code in codes:
        found = code(source, context)
        if found is not None:
            return found
    return None


def _ignore_flow(codes: tuple[Code, ...], source: Source, context: Context) -> Value:
    found = codes[0](source, context)
    if is_empty(found):
        raise Dropped
    return found


def _iif(arguments: Arguments) -> Code:
    """The condition fails when an attribute that it reads is null or empty, even inside IsPresent: as documented."""
    condition, if_true, if_false = arguments.codes
    node = arguments.nodes[0]
    assert condition is not None
    assert node is not None
    read = attributes_of(node)
    position = arguments.call.position

    def run(source: Source, context: Context) -> Value:
        for name in read:
            if is_empty(source.get(name)):
                raise ExpressionError(f"IIF: the condition cannot be decided, [{name}] is null or empty", position)
        branch = if_true if truth_of(condition(source, context)) else if_false
        return None if branch is None else branch(source, context)

    return run


def _switch(arguments: Arguments) -> Code:
    subject = arguments.codes[0]
    assert subject is not None
    if arguments.nodes[0] == Attribute("manager"):
        raise arguments.wrong("manager is a reference, and Switch compares texts", 0)
    fallback = arguments.codes[1]
    keys, results = arguments.nodes[2::2], arguments.codes[3::2]
    if not all(isinstance(key, Constant) for key in keys):
        return _switch_by_trial(arguments, subject)
    table: dict[str, Code | None] = {}
    for key, result in zip(keys, results, strict=True):
        assert isinstance(key, Constant)
        table.setdefault(str(key.value), result)
    name, position = arguments.call.name, arguments.call.position

    def run(source: Source, context: Context) -> Value:
        given = subject(source, context)
        if given is False:
            given = "False"
        elif given is True:
            given = "True"
        elif given.__class__ is not str:
            try:
                given = text_of(given) or ""
            except ExpressionError as error:
                raise error.within(name, position) from None
        chosen = table.get(given, fallback)
        return None if chosen is None else chosen(source, context)

    return run


def _switch_by_trial(arguments: Arguments, subject: Code) -> Code:
    """With keys that are computed: the first that equals the source wins."""
    fallback = arguments.codes[1]
    pairs = tuple(zip(arguments.codes[2::2], arguments.codes[3::2], strict=True))
    name, position = arguments.call.name, arguments.call.position

    def run(source: Source, context: Context) -> Value:
        try:
            given = text_of(subject(source, context)) or ""
            chosen = fallback
            for key, result in pairs:
                if given == (text_of(key(source, context)) or "" if key is not None else ""):
                    chosen = result
                    break
            return None if chosen is None else chosen(source, context)
        except ExpressionError as error:
            raise error.within(name, position) from None

    return run


def _is_string(given: Value) -> Value:
    """Whether it reads as one text; numbers and booleans do, null and several values do not."""
    return given is not None and not (isinstance(given, tuple) and len(given) != 1)


_EXPRESSION: Final = Parameter("Expression", condition=True)

FUNCTIONS: Final = (
    Function("CBool", (_EXPRESSION,), "False for zero, false and null; otherwise True.", eager(truth_of)),
    Function(
        "Coalesce",
        (Parameter("source", repeats=True),),
        "The first argument that is not null. The last one can be a default.",
        lazy(_coalesce),
        least=1,
    ),
    Function(
        "IgnoreFlowIfNullOrEmpty",
        (Parameter("Expression"),),
        "The value itself; when it is null or empty, the attribute is left out of the request.",
        lazy(_ignore_flow),
    ),
    Function(
        "IIF",
        (
            Parameter("condition", "Boolean", condition=True),
            Parameter("valueIfTrue", required=False),
            Parameter("valueIfFalse", required=False),
        ),
        "One of two values, by a condition. Fails when an attribute of the condition is null or empty.",
        _iif,
        least=3,
    ),
    Function("IsNull", (_EXPRESSION,), "Whether the value is null.", eager(lambda given: given is None)),
    Function("IsNullOrEmpty", (_EXPRESSION,), "Whether the value is null or empty.", eager(is_empty)),
    Function(
        "IsPresent", (_EXPRESSION,), "Whether there is a value that is not empty.", eager(lambda v: not is_empty(v))
    ),
    Function("IsString", (_EXPRESSION,), "Whether the value can be read as one text.", eager(_is_string)),
    Function(
        "Not",
        (Parameter("source", "Boolean", condition=True),),
        "False for True; True for everything else.",
        eager(lambda given: text_of(given) not in ("True", "true")),
    ),
    Function(
        "Switch",
        (
            Parameter("source"),
            Parameter("defaultValue", required=False),
            Parameter("key", repeats=True),
            Parameter("value", repeats=True),
        ),
        'The value of the key that equals the source, else the default. The key "" catches null.',
        _switch,
        least=4,
    ),
)
