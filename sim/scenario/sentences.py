"""What the validator found, said so that somebody who has never seen its source can mend the file.

Invariant: every sentence says what is wrong and what is allowed; no class name and no validator's own word is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import NoneType
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sim.scenario.errors import Path, Problem, listed, nearest
from sim.scenario.fields import described

_QUOTED = re.compile(r"'([^']*)'")


def problems_of(error: ValidationError, root: type[BaseModel], value: object) -> list[Problem]:
    """The problems in validated plain values, in the validator's order, each with its path in the file."""
    found = [(details["type"], _problem(details, root, value)) for details in error.errors(include_url=False)]
    misspelt = {problem.path[:-1] for kind, problem in found if kind == "extra_forbidden"}
    # A key that is missing because its name is misspelt beside it is one problem, not two.
    return [problem for kind, problem in found if kind != "missing" or problem.path[:-1] not in misspelt]


def _problem(details: ErrorDetails, root: type[BaseModel], value: object) -> Problem:
    context: dict[str, Any] = details.get("ctx", {})
    path = _path_in(value, details["loc"], missing=details["type"] == "missing")
    if details["type"] == "scenario":
        return Problem((*path, *context["path"]), context["sentence"])
    if details["type"] in {"union_tag_not_found", "union_tag_invalid"}:
        path = (*path, "do")
    return Problem(path, _sentence(details, context, path, root, value))


def _sentence(details: ErrorDetails, context: dict[str, Any], path: Path, root: type[BaseModel], value: object) -> str:
    given = described(details["input"])
    match details["type"]:
        case "missing":
            required = [key for key, field in _fields_at(root, path[:-1], value).items() if field.is_required()]
            return f"this key is missing; required here: {listed(required, 'and')}"
        case "extra_forbidden":
            keys = list(_fields_at(root, path[:-1], value))
            return f"unknown key; allowed here: {listed(keys)}{nearest(str(path[-1]), keys)}"
        case "union_tag_not_found":
            return "this key is missing; it names the action, for example do: leave"
        case "union_tag_invalid":
            tags = _QUOTED.findall(context["expected_tags"])
            action = details["input"]["do"]
            return f"{described(action)} is no action; allowed: {listed(tags)}{nearest(str(action), tags)}"
        case "literal_error":
            words = _QUOTED.findall(context["expected"])
            return f"{given} is not allowed; write {listed(words)}{nearest(str(details['input']), words)}"
        case "string_type":
            return f"must be text, not {given}; put it in quotes if it is meant"
        case "bool_type":
            return f"must be true or false, not {given}"
        case "int_type" | "int_from_float" | "int_parsing_size":
            return f"must be a whole number, not {given}; for example 20"
        case "float_type" | "finite_number":
            return f"must be a number, not {given}; for example 0.5"
        case "greater_than_equal":
            return f"must be {_number(context['ge'])} or more, not {given}"
        case "greater_than":
            return f"must be more than {_number(context['gt'])}, not {given}"
        case "less_than_equal":
            return f"must be {_number(context['le'])} or less, not {given}"
        case "tuple_type":
            return f"must be a list, not {given}; each entry begins with a dash"
        case "too_short":
            return f"the list is empty; it needs at least {context['min_length']} entry"
        case "too_long":
            return f"the list has {context['actual_length']} entries; allowed are at most {context['max_length']}"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"must be a mapping, not {given}; write its keys one level deeper, as key: value"
        case _:
            return f"{given} is not allowed here; see `jmlab scenario schema`"


def _number(bound: float) -> str:
    return f"{bound:,}".removesuffix(".0")


def _path_in(value: object, location: tuple[int | str, ...], *, missing: bool) -> Path:
    """The path in the file: the validator's location without its own labels (tags of unions, marks of keys)."""
    path: list[int | str] = []
    for position, step in enumerate(location):
        if isinstance(value, dict):
            if step in value:
                value = value[step]
            elif not missing or position < len(location) - 1:
                continue
        elif isinstance(value, list | tuple) and isinstance(step, int):
            value = value[step]
        else:
            continue
        path.append(step)
    return tuple(path)


def _fields_at(root: type[BaseModel], path: Path, value: object) -> dict[str, Any]:
    """The keys that the file may have at a path, with their definitions."""
    kind: object = root
    for step in path:
        part = _part(kind, value)
        kind = _entry(kind) if part is None else _keys(part)[str(step)].annotation
        value = value[step] if isinstance(value, dict | list | tuple) else None  # type: ignore[index]  # step fits it
    part = _part(kind, value)
    return {} if part is None else _keys(part)


def _keys(part: type[BaseModel]) -> dict[str, Any]:
    """The keys of a mapping as the file writes them; `for` cannot be an attribute's name."""
    return {field.alias or name: field for name, field in part.model_fields.items()}


def _part(kind: object, value: object) -> type[BaseModel] | None:
    """The mapping that a type describes; of several actions, the one that the value names."""
    parts = [each for each in _alternatives(kind) if isinstance(each, type) and issubclass(each, BaseModel)]
    if len(parts) > 1 and isinstance(value, dict):
        if all("do" in part.model_fields for part in parts):
            parts = [part for part in parts if value.get("do") in get_args(part.model_fields["do"].annotation)]
        else:
            parts.sort(key=lambda part: ("from" in _keys(part)) is not ("from" in value))
    return parts[0] if parts else None


def _entry(kind: object) -> object:
    """The type of what a list or a free mapping holds."""
    return [each for each in get_args(kind) if each is not ...][-1]


def _alternatives(kind: object) -> Iterator[object]:
    """A type itself, or the members of a union, whatever it is annotated with."""
    arguments = get_args(kind)
    if hasattr(kind, "__metadata__"):
        yield from _alternatives(arguments[0])
    elif arguments and getattr(kind, "__origin__", None) not in {tuple, dict}:
        for each in arguments:
            yield from _alternatives(each)
    elif kind is not NoneType:
        yield kind
