"""Properties of an account that a scenario gives or clears, by Graph's names.

Invariant: what is accepted here Graph accepts; the sentence says what it would have been refused for.
https://learn.microsoft.com/graph/api/resources/user
"""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from mockservices.errors import ServiceError
from mockservices.graph.properties import FLAG, TEXTS, USER, Property
from mockservices.graph.property_values import checked
from mockservices.graph.source_attributes import USER_ATTRIBUTES
from sim.scenario.errors import nearest
from sim.scenario.fields import described, wrong
from sim.time import clipped

Given: TypeAlias = dict[str, str | bool | tuple[str, ...] | None]

_ELSEWHERE: Final = {
    "userPrincipalName": "user_principal_name in a person, or do: rename",
    "accountEnabled": "enabled in a person, or do: disable and do: enable",
}
_NEVER_EMPTY: Final = frozenset({"displayName", "mailNickname"})
_WRITABLE: Final = {name: known for name, known in USER.properties.items() if known.writable and name not in _ELSEWHERE}


def _read(value: object, *, clearing: bool) -> Given:
    if not isinstance(value, dict):
        raise wrong(f"must be a mapping of Graph's properties, not {described(value)}; for example {{jobTitle: Lead}}")
    given: Given = {}
    for name, inner in value.items():
        known = _name(name)
        given[known] = _value(known, inner, clearing=clearing)
    return given


def _name(name: object) -> str:
    if name in _ELSEWHERE:
        raise wrong(f"'{name}' is set otherwise: {_ELSEWHERE[str(name)]}", str(name))
    if name not in _WRITABLE:
        schema = USER_ATTRIBUTES.get(str(name))
        if schema is not None and schema.property in _WRITABLE:
            raise wrong(f"Graph calls the property '{name}' '{schema.property}'", str(name))
        near = nearest(str(name), _WRITABLE) or "; allowed: the writable properties of a user in Graph"
        raise wrong(f"unknown property '{clipped(str(name))}'{near}", str(name))
    return str(name)


def _value(name: str, value: object, *, clearing: bool) -> str | bool | tuple[str, ...] | None:
    known = _WRITABLE[name]
    if value is None:
        if not clearing:
            raise wrong("null clears a property, and there is nothing to clear yet; leave it out", name)
        if name in _NEVER_EMPTY:
            raise wrong(f"{name} cannot be cleared; every account has one", name)
        return None
    if known.kind == TEXTS and isinstance(value, str):
        value = [value]  # one text stands for a list of one
    try:
        accepted = checked(_nested(name, list(value) if isinstance(value, tuple) else value), USER, creating=True)[name]
    except ServiceError:
        raise wrong(f"{_form(known)}, not {described(value)}", name) from None
    if name == "businessPhones" and len(accepted) > 1:
        raise wrong("Graph keeps one number in businessPhones; write the others as mobilePhone or faxNumber", name)
    return tuple(accepted) if isinstance(accepted, list) else accepted


def _nested(name: str, value: object) -> dict[str, Any]:
    whole, _, part = name.partition("/")
    return {whole: {part: value}} if part else {whole: value}


def _form(known: Property) -> str:
    if known.kind == FLAG:
        return "must be true or false"
    if known.kind == TEXTS:
        return f"must be a list of texts of 1 to {known.longest} characters"
    if known.kind == "instant":
        return "must be a date and time such as 2026-03-02T08:00:00Z, in quotes"
    if known.name == "mailNickname":
        return 'must be 1 to 64 ASCII characters without blanks and without @ ( ) \\ [ ] " ; : < > ,'
    return f"must be a text of 1 to {known.longest} characters, in quotes if it is a number"


def _plain(given: Given) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}


def _schema(*, clearing: bool) -> WithJsonSchema:
    kinds: dict[str, dict[str, Any]] = {}
    for name, known in _WRITABLE.items():
        text: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": known.longest}
        several: dict[str, Any] = {"anyOf": [text, {"type": "array", "items": text}]}
        kind = {FLAG: {"type": "boolean"}, TEXTS: several}.get(known.kind, text)
        kinds[name] = {"anyOf": [kind, {"type": "null"}]} if clearing else kind
    return WithJsonSchema({"type": "object", "properties": kinds, "additionalProperties": False})


GivenAttributes = Annotated[
    Given,
    PlainValidator(lambda value: _read(value, clearing=False)),
    PlainSerializer(_plain, return_type=Any),
    _schema(clearing=False),
]
"""Properties of a new account."""
ChangedAttributes = Annotated[
    Given,
    PlainValidator(lambda value: _read(value, clearing=True)),
    PlainSerializer(_plain, return_type=Any),
    _schema(clearing=True),
]
"""Properties of an account that change; null clears one."""
