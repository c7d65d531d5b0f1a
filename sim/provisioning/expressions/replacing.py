"""The function Replace, which is five functions in one: which of its arguments are given decides what it does.

Invariant: the mode is chosen when the expression is compiled, from the arguments that are written, never from their
values. Matching is case-sensitive.
https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data#replace
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.provisioning.expressions.catalogue import Arguments, Function, Parameter
from sim.provisioning.expressions.dotnet_regex import Regex, compile_regex, expand, replace_group
from sim.provisioning.expressions.errors import ExpressionError
from sim.provisioning.expressions.tree import Constant
from sim.provisioning.expressions.values import Code, Context, Source, Value, is_empty, text_of

_NAMES: Final = (
    "source",
    "oldValue",
    "regexPattern",
    "regexGroupName",
    "replacementValue",
    "replacementAttributeName",
    "template",
)
_MODES: Final = (
    "oldValue with replacementValue or template, or regexPattern with replacementValue, "
    "with regexGroupName and replacementValue, or with regexGroupName and replacementAttributeName"
)
_LONGEST: Final = 100_000


def _build(arguments: Arguments) -> Code:
    codes = dict(zip(_NAMES, arguments.codes, strict=True))
    given = {name for name, code in codes.items() if code is not None and name != "source"}
    work = _WORK.get(frozenset(given))
    if work is None:
        found = ", ".join(name for name in _NAMES if name in given) or "nothing but the source"
        raise arguments.wrong(f"it takes {_MODES}; given is {found}")
    constant = arguments.nodes[2]
    if isinstance(constant, Constant):
        try:
            pattern = compile_regex(str(constant.value))
        except ValueError as error:
            raise arguments.wrong(f"the pattern {error}", 2) from None
        group = arguments.nodes[3]
        if isinstance(group, Constant) and str(group.value) not in pattern.pattern.groupindex:
            raise arguments.wrong(f"the pattern has no group {group.value}", 3)
    read = tuple(codes[name] for name in _NAMES)
    name, position = arguments.call.name, arguments.call.position

    def run(source: Source, context: Context) -> Value:
        try:
            texts = [text_of(code(source, context)) if code is not None else None for code in read]
            result = work(texts)
        except ExpressionError as error:
            raise error.within(name, position) from None
        except ValueError as error:
            raise ExpressionError(f"{name}: the pattern {error}", position) from None
        return result

    return run


_Texts = list[str | None]


def _check_length(length: int) -> None:
    if length > _LONGEST:
        raise ExpressionError(f"the result has more than {_LONGEST} characters")


def _plain(texts: _Texts) -> str | None:
    source, old, replacement = texts[0], texts[1], texts[4]
    if source is None or not old:
        return source
    _check_length(len(source) + source.count(old) * len(replacement or ""))
    return source.replace(old, replacement or "")


def _template(texts: _Texts) -> str | None:
    source, old, template = texts[0], texts[1], texts[6]
    if source is None or template is None:
        return None
    if not old:
        return template
    _check_length(len(template) + template.count(old) * len(source))
    return template.replace(old, source)


def _pattern(texts: _Texts) -> Regex:
    return compile_regex(texts[2] or "")


def _regex(texts: _Texts) -> str | None:
    source, replacement = texts[0], texts[4] or ""
    if source is None:
        return None
    _check_length((len(source) + 1) * max(1, len(replacement)))
    pattern = _pattern(texts)
    return pattern.pattern.sub(lambda match: expand(replacement, match), pattern.check(source))


def _group_of(texts: _Texts, pattern: Regex) -> str:
    group = texts[3] or ""
    if group not in pattern.pattern.groupindex:
        raise ValueError(f"has no group '{group}'")
    return group


def _regex_group(texts: _Texts) -> str | None:
    source, pattern = texts[0], _pattern(texts)
    if source is None:
        return None
    _check_length((len(source) + 1) * max(1, len(texts[4] or "")))
    return replace_group(pattern.pattern, _group_of(texts, pattern), texts[4] or "", pattern.check(source))


def _fallback(texts: _Texts) -> str | None:
    """The source where it has a value; else what the group matches in the other attribute."""
    source, other = texts[0], texts[5]
    if not is_empty(source) or other is None:
        return source
    pattern = _pattern(texts)
    group = _group_of(texts, pattern)
    match = pattern.pattern.search(pattern.check(other))
    return match[group] if match else source


_WORK: Final[dict[frozenset[str], Callable[[_Texts], str | None]]] = {
    frozenset({"oldValue", "replacementValue"}): _plain,
    frozenset({"oldValue", "template"}): _template,
    frozenset({"regexPattern", "replacementValue"}): _regex,
    frozenset({"regexPattern", "regexGroupName", "replacementValue"}): _regex_group,
    frozenset({"regexPattern", "regexGroupName", "replacementAttributeName"}): _fallback,
}

FUNCTIONS: Final = (
    Function(
        "Replace",
        (Parameter("source"), *(Parameter(name, required=False) for name in _NAMES[1:])),
        "Replaces a text or what a pattern matches, fills a template, or takes a part of another attribute.",
        _build,
        least=3,
    ),
)
