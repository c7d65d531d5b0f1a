"""Values of the directory's properties: of which type, how long, and which may be set.

Invariant: pure; what comes out is plain JSON with known names.
https://learn.microsoft.com/graph/api/resources/user
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from mockservices.graph.errors import bad_request, invalid, unknown_property
from mockservices.graph.properties import FLAG, INSTANT, TEXTS, Kind, Property

_NICKNAME = re.compile(r"[!-~]{1,64}")
_NO_NICKNAME = {"User": frozenset('@()\\[]";:<>,'), "Group": frozenset('@()\\[]";:.<>,')}


def checked(body: Mapping[str, Any], kind: Kind, *, creating: bool) -> dict[str, Any]:
    """The properties in a body, complex ones in parts; 400 for what is none, is read-only or has a wrong value."""
    properties: dict[str, Any] = {}
    for name, value in body.items():
        if name.startswith("@odata."):
            continue  # the SDKs send the type along
        if name in kind.complex:
            if value is not None and not isinstance(value, dict):
                raise invalid(name, kind.name)
            parts = value if value is not None else dict.fromkeys(kind.complex[name])
            for part, inner in parts.items():
                if not part.startswith("@odata."):
                    _put(properties, f"{name}/{part}", inner, kind, creating=creating)
        else:
            _put(properties, name, value, kind, creating=creating)
    return properties


def _put(properties: dict[str, Any], name: str, value: object, kind: Kind, *, creating: bool) -> None:
    known = kind.properties.get(name)
    if known is None:
        raise unknown_property(name)
    if not known.writable or (known.fixed and not creating):
        raise bad_request(f"Property '{name}' is read-only and cannot be set.")
    properties[name] = None if value is None else _value(known, value, kind)


def _value(known: Property, value: object, kind: Kind) -> str | bool | list[str]:
    if known.kind == FLAG:
        if isinstance(value, bool):
            return value
    elif known.kind == TEXTS:
        if isinstance(value, list):
            return [_text(known, item, kind) for item in value]
    elif known.kind == INSTANT:
        return _instant(known, value, kind)
    else:
        return _text(known, value, kind)
    raise invalid(known.name, kind.name)


def _text(known: Property, value: object, kind: Kind) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= known.longest:
        _refuse(known, kind)
    try:
        value.encode()
    except UnicodeEncodeError:
        _refuse(known, kind)
    if known.name == "mailNickname" and (not _NICKNAME.fullmatch(value) or _NO_NICKNAME[kind.name] & set(value)):
        _refuse(known, kind)
    return value


def _instant(known: Property, value: object, kind: Kind) -> str:
    text = canonical_instant(value) if isinstance(value, str) else None
    if text is None:
        _refuse(known, kind)
    return text


def _refuse(known: Property, kind: Kind) -> NoReturn:
    raise invalid(known.name, kind.name)


def canonical_instant(text: str) -> str | None:
    """An instant with its offset as ``YYYY-MM-DDThh:mm:ssZ``; None for any other text."""
    if "T" not in text:
        return None
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            return None
        return instant.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    except (ValueError, OverflowError):
        return None
