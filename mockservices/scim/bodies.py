"""Request bodies: JSON into the flat attributes that the core keeps.

Invariant: what comes out has only strings, booleans and tuples of entries; whether a value is acceptable is the
profile's word. Null and absent are the same (RFC 7643 §2.5): AWS's pages do not say, client authors disagree, and
Entra has been seen to send null for what it does not map. scim2-models is not used for bodies: its models refuse
addresses such as ``ann@contoso.example``, which AWS takes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from mockservices.scim.errors import invalid
from mockservices.scim.operations import ENTERPRISE, GROUP_SCHEMA, MANAGER, MULTI_VALUED, USER_SCHEMA, Entry, Value
from mockservices.scim.profiles import Profile

_IGNORED = frozenset({"schemas", "id", "meta"})
_BOOLEANS = {"true": True, "false": False}
_CONTAINERS = {"name": "name.", ENTERPRISE.lower(): f"{ENTERPRISE}:"}


@dataclass(frozen=True, slots=True)
class UserBody:
    """A user as POST and PUT carry it; ``active`` None: not said."""

    id: str | None
    attributes: dict[str, Value]
    active: bool | None


@dataclass(frozen=True, slots=True)
class GroupBody:
    """A group as POST carries it."""

    attributes: dict[str, Value]
    members: tuple[str, ...]


def read_json(raw: bytes) -> dict[str, Any]:
    """A JSON object, keys in lower case at the top; 400 for anything else."""
    try:
        body = json.loads(raw.decode(), parse_constant=_no_constant)
        if b"\\u" in raw:
            json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise invalid("Invalid JSON from RequestBody") from error
    if not isinstance(body, dict):
        raise invalid("Invalid JSON from RequestBody")
    return lowered(body)


def _no_constant(text: str) -> None:
    raise ValueError(text)


def lowered(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The same object with names in lower case (RFC 7643 §2.1); 400 when two of them are one."""
    result = {name.lower(): value for name, value in fields.items()}
    if len(result) != len(fields):
        raise invalid("An attribute is given twice")
    return result


def check_schemas(body: Mapping[str, Any], needed: str) -> None:
    """Refuse a body whose ``schemas`` leave out its own; AWS's samples show bodies without any.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/createuser.html"""
    schemas = body.get("schemas")
    if schemas is None:
        return
    if not isinstance(schemas, list) or needed.lower() not in [str(schema).lower() for schema in schemas]:
        raise invalid(f"schemas has to hold {needed}")


def read_user(body: Mapping[str, Any], profile: Profile) -> UserBody:
    """The attributes of a user from the object that :func:`read_json` gives."""
    check_schemas(body, USER_SCHEMA)
    attributes: dict[str, Value] = {}
    active: bool | None = None
    for name, raw in _flat(body):
        if name == "active":
            active = boolean(name, raw, profile)
            continue
        canonical = _canonical(profile).get(name)
        if canonical is None:
            raise invalid(f"Attribute {name} is not supported")
        if canonical in MULTI_VALUED:
            values = entries(canonical, raw)
            if values:
                attributes[canonical] = values
        else:
            attributes[canonical] = manager(raw) if canonical == MANAGER else text(canonical, raw)
    return UserBody(_id(body), attributes, active)


def read_group(body: Mapping[str, Any]) -> GroupBody:
    """The attributes and members of a group from the object that :func:`read_json` gives."""
    check_schemas(body, GROUP_SCHEMA)
    attributes: dict[str, Value] = {}
    members: tuple[str, ...] = ()
    for name, raw in body.items():
        if name in _IGNORED or raw is None:
            continue
        if name == "members":
            members = member_ids(raw)
        elif name in ("displayname", "externalid"):
            canonical = "displayName" if name == "displayname" else "externalId"
            attributes[canonical] = text(canonical, raw)
        else:
            raise invalid(f"Attribute {name} is not supported")
    return GroupBody(attributes, members)


def _flat(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(name in lower case, value) of everything that is given, complex attributes taken apart."""
    for name, raw in body.items():
        if name in _IGNORED or raw is None:
            continue
        prefix = _CONTAINERS.get(name)
        if prefix is None:
            yield name, raw
            continue
        if not isinstance(raw, dict):
            raise invalid(f"{name} has to be an object")
        for sub, part in lowered(raw).items():
            if part is not None:
                yield f"{prefix.lower()}{sub}", part


def _id(body: Mapping[str, Any]) -> str | None:
    identifier = body.get("id")
    return None if identifier is None else text("id", identifier)


@lru_cache(maxsize=8)
def _canonical(profile: Profile) -> dict[str, str]:
    return {name.lower(): name for name in profile.supported}


# --- values, for PATCH too -----------------------------------------------------------------------------------


def text(name: str, raw: object) -> str:
    """A string; 400 for any other type."""
    if type(raw) is not str:
        raise invalid(f"{name} has to be a string")
    return raw


def boolean(name: str, raw: object, profile: Profile | None = None) -> bool:
    """A boolean, or one written as text in any letter case, as Entra and AWS's own PATCH sample send it; a strict
    profile takes no text. https://docs.aws.amazon.com/singlesignon/latest/developerguide/patchuser.html"""
    lenient = profile is None or not profile.strict_booleans
    value = _BOOLEANS.get(raw.lower()) if type(raw) is str and lenient else raw
    if type(value) is not bool:
        raise invalid(f"{name} has to be true or false")
    return value


def manager(raw: object) -> str:
    """The manager's id: from ``{"value": …}``, from a list of one such (Entra) or as it is."""
    if isinstance(raw, list) and len(raw) == 1:
        raw = raw[0]
    if isinstance(raw, dict):
        fields = {name: value for name, value in lowered(raw).items() if value is not None and name != "$ref"}
        if fields.keys() != {"value"}:
            raise invalid("manager has a value, and nothing else can be set")
        raw = fields["value"]
    return text("manager", raw)


def entry(name: str, raw: object) -> Entry:
    """One value of a multi-valued attribute."""
    if not isinstance(raw, dict):
        raise invalid(f"A value of {name} has to be an object")
    fields: dict[str, str | bool] = {}
    for sub, part in lowered(raw).items():
        if part is not None:
            canonical = _SUBS.get(sub, sub)
            fields[canonical] = boolean(sub, part) if canonical == "primary" else text(f"{name}.{sub}", part)
    if not fields:
        raise invalid(f"A value of {name} is empty")
    return tuple(sorted(fields.items()))


def entries(name: str, raw: object) -> tuple[Entry, ...]:
    """All values of a multi-valued attribute; one object stands for a list of one."""
    if isinstance(raw, dict):
        raw = [raw]
    if not isinstance(raw, list):
        raise invalid(f"{name} has to be a list")
    return tuple(entry(name, item) for item in raw)


def member_ids(raw: object) -> tuple[str, ...]:
    """The ids in ``[{"value": …}]``; groups cannot be members.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/users-groups-provisioning.html"""
    if isinstance(raw, dict):
        raw = [raw]
    if not isinstance(raw, list):
        raise invalid("members has to be a list")
    ids = []
    for item in raw:
        fields = lowered(item) if isinstance(item, dict) else {}
        identifier = fields.get("value")
        if type(identifier) is not str or not identifier:
            raise invalid("A member has to have a value")
        if str(fields.get("type") or "User").lower() != "user":
            raise invalid("Only users can be members")
        ids.append(identifier)
    return tuple(ids)


_SUBS = {
    sub.lower(): sub
    for sub in (
        "value",
        "type",
        "primary",
        "display",
        "formatted",
        "streetAddress",
        "locality",
        "region",
        "postalCode",
        "country",
    )
}
