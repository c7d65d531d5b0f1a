"""A scenario as text in one fixed form: what the journal keeps, so that a run can be repeated without the file.

Invariant: equal scenarios give equal texts, and reading the text gives an equal scenario. Every default is written out,
so a later version with other defaults repeats the run that was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sim.scenario.document import Plain, resolve
from sim.scenario.models import Scenario

_PLAIN: Final = re.compile(r"[A-Za-z0-9_/](?:[A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?")
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def canonical_text(scenario: Scenario) -> str:
    """The scenario as YAML, one key or list entry a line, in the order of the model."""
    return "\n".join(_lines(scenario.model_dump(mode="json", by_alias=True, exclude_none=True), "")) + "\n"


def _lines(value: Plain, indent: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _headed(f"{indent}{scalar_text(key)}:", inner, indent)
    elif isinstance(value, list) and value:
        for inner in value:
            lines = list(_lines(inner, indent + "  "))
            yield f"{indent}- {lines[0].lstrip(' ')}"
            yield from lines[1:]
    else:
        yield indent + ("{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else scalar_text(value))


def _headed(head: str, inner: Plain, indent: str) -> Iterator[str]:
    if isinstance(inner, dict | list) and inner:
        yield head
        yield from _lines(inner, indent + "  ")
    else:
        yield f"{head} {next(_lines(inner, ''))}"


def scalar_text(value: None | bool | int | float | str) -> str:
    """A single value as YAML: plain where that is unmistakable, in double quotes elsewhere."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if _PLAIN.fullmatch(value) and isinstance(resolve(value), str):
        return value
    return f'"{"".join(_escaped(letter) for letter in value)}"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
