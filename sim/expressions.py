"""``--fail-on 'sla.leaver.within < 0.99'``: a condition on a figure of a summary.

Invariant: a condition either holds or does not; where it cannot be judged (no such key, not a number, nothing
measured) that is an error in one sentence, never a silent no.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any, Final

from sim.errors import JmlabError
from sim.time import SECOND, clipped, parse_duration

OPERATORS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
EXAMPLE: Final = "'latency.leaver.p95_s > 7200'"
_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*")
_NUMBER: Final = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_PARTS: Final = re.compile(r"\s*(.*?)\s*(<=|>=|==|=|<|>|!=|~)\s*(.*?)\s*", re.DOTALL)


class Counts(dict[str, int]):
    """How often each of some known words came up; one that is not listed came up never, and can still be asked for."""

    def __init__(self, counts: Mapping[str, int], known: Collection[str]) -> None:
        super().__init__(sorted(counts.items()))
        self.known = known


class ExpressionError(JmlabError, ValueError):
    """A condition is not written in the allowed form, or cannot be judged; exit code 2."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a condition came out."""

    holds: bool
    value: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Condition:
    """KEY OPERATOR NUMBER; of a key that counts seconds the number may be written as a duration, ``15m``."""

    key: str
    operator: str
    number: float
    text: str

    def judge(self, summary: Mapping[str, Any]) -> Verdict:
        """Whether the condition holds for a run; ExpressionError when that cannot be said."""
        value = self.figure(summary)
        if value is None:
            raise ExpressionError(
                f"{self.text}: {self.key} is null; this run had nothing of the kind, or this version cannot measure it"
            )
        holds = OPERATORS[self.operator](value, self.number)
        word = "is" if holds else "is not"
        return Verdict(holds, value, f"{self.key} = {_written(value)} {word} {self.operator} {_written(self.number)}")

    def figure(self, summary: Mapping[str, Any]) -> float | None:
        """The figure that the condition is about; ExpressionError when the key names none.

        Asked of the summary of a world that has not run, this finds misspelt keys before anything is spent on them.
        """
        value = at_path(summary, self.key, self.text)
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
            return value
        if isinstance(value, Mapping):
            inner = ", ".join(f"{self.key}.{name}" for name in value)
            raise ExpressionError(f"{self.text}: {self.key} is no number; name one of {clipped(inner, 200)}")
        kind = "a list" if isinstance(value, list) else f"'{clipped(str(value))}'"
        raise ExpressionError(f"{self.text}: {self.key} is {kind} and no number; name a key of the summary that is one")


def parse_condition(text: str) -> Condition:
    """The condition that a text stands for; ExpressionError for any other form."""
    shown = clipped(text.strip(), 80)
    parts = _PARTS.fullmatch(text)
    if parts is None:
        raise ExpressionError(f"'{shown}' is no condition; write KEY, one of {' '.join(OPERATORS)}, NUMBER: {EXAMPLE}")
    key, sign, number = parts.groups()
    if sign not in OPERATORS:
        hint = " (did you mean ==?)" if sign == "=" else ""
        raise ExpressionError(f"'{shown}': {sign} is not allowed; write one of {' '.join(OPERATORS)}{hint}")
    if not _KEY.fullmatch(key):
        raise ExpressionError(
            f"'{shown}': '{clipped(key)}' is no key; write a key of the summary with dots, for example {EXAMPLE}"
        )
    seconds = _seconds(key, number)
    if seconds is not None:
        return Condition(key, sign, seconds, shown)
    if not _NUMBER.fullmatch(number) or not isfinite(float(number)):
        raise ExpressionError(
            f"'{shown}': '{clipped(number)}' is no number; write one in the unit of the key, for example {EXAMPLE}"
        )
    return Condition(key, sign, float(number), shown)


def _seconds(key: str, written: str) -> float | None:
    """What a duration such as ``15m`` is for a key that counts seconds; None for anything else."""
    if not key.endswith("_s"):
        return None
    try:
        return parse_duration(written) / SECOND
    except JmlabError:
        return None


def comparison(text: str) -> tuple[str, float] | None:
    """The operator and the number of a text such as ``< 2400``; None for any other text."""
    parts = _PARTS.fullmatch(text)
    if parts is None:
        return None
    key, sign, number = parts.groups()
    if key or sign not in OPERATORS or not _NUMBER.fullmatch(number) or not isfinite(float(number)):
        return None
    return sign, float(number)


def at_path(summary: Mapping[str, Any], key: str, told: str) -> Any:
    """What stands at a key with dots; ExpressionError, which begins with ``told``, when nothing does."""
    value: Any = summary
    walked: list[str] = []
    for name in key.split("."):
        if value is None:
            return None
        if not isinstance(value, Mapping):
            kind = "a list" if isinstance(value, list) else "a value"
            raise ExpressionError(f"{told}: {'.'.join(walked)} is {kind} and has no {clipped(name)}")
        if name not in value:
            if isinstance(value, Counts) and name in value.known:
                return 0
            names = [str(known) for known in (value.known if isinstance(value, Counts) else value)]
            near = get_close_matches(name, names, 1, cutoff=0.5)
            before = "".join(f"{part}." for part in walked)
            there = clipped(", ".join(names), 200) or "nothing"
            hint = f"did you mean {before}{near[0]}?" if near else f"there is {there}"
            raise ExpressionError(f"{told}: the summary has no key {clipped(before + name, 80)}; {hint}")
        value = value[name]
        walked.append(name)
    return value


def _written(number: float) -> str:
    return f"{number:.12g}"
