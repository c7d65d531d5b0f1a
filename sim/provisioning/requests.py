"""The requests that Entra sends to a SCIM target, as values.

Invariant: a request's path is what a server sees of it, so both transports hash to the same traffic digest.
https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from mockservices.scim.operations import Operation, Value
from sim.ports import GROUP, USER, Create, Delete, Find, Get, Patch

_COLLECTION = {USER: "/Users", GROUP: "/Groups"}
_GROUP_LOOKUP = "excludedAttributes=members&"


def _filter(attribute: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return "filter=" + quote(f'{attribute} eq "{escaped}"', safe="")


def find_user(attribute: str, value: str) -> Find:
    """``GET /Users?filter=userName eq "…"``."""
    return Find("GET", f"/Users?{_filter(attribute, value)}", USER, attribute, value)


def find_group(value: str) -> Find:
    """``GET /Groups?excludedAttributes=members&filter=displayName eq "…"``."""
    return Find("GET", f"/Groups?{_GROUP_LOOKUP}{_filter('displayName', value)}", GROUP, "displayName", value)


def get_user(identifier: str) -> Get:
    """``GET /Users/{id}``."""
    return Get("GET", f"/Users/{identifier}", USER, identifier)


def get_group(identifier: str) -> Get:
    """``GET /Groups/{id}?excludedAttributes=members``."""
    return Get("GET", f"/Groups/{identifier}?excludedAttributes=members", GROUP, identifier)


def create(kind: str, attributes: Mapping[str, Value], *, active: bool = True) -> Create:
    """``POST /Users`` or ``POST /Groups``."""
    return Create("POST", _COLLECTION[kind], kind, attributes, active)


def patch(kind: str, identifier: str, operations: tuple[Operation, ...], added: frozenset[str] = frozenset()) -> Patch:
    """``PATCH`` on one object."""
    return Patch("PATCH", f"{_COLLECTION[kind]}/{identifier}", kind, identifier, operations, added)


def delete(kind: str, identifier: str) -> Delete:
    """``DELETE`` on one object."""
    return Delete("DELETE", f"{_COLLECTION[kind]}/{identifier}", kind, identifier)
