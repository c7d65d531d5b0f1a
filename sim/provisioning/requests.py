"""The requests that Entra sends to a SCIM target, as values.

Invariant: groups are always asked for without their members.
https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
"""

from __future__ import annotations

from collections.abc import Mapping

from mockservices.scim.operations import Operation, Value
from sim.ports import GROUP, USER, Create, Delete, Find, Get, Patch, Refers

_NOTHING: frozenset[str] = frozenset()


def find_user(attribute: str, value: str) -> Find:
    """``GET /Users?filter=userName eq "…"``."""
    return Find(USER, attribute, value)


def find_group(value: str, attribute: str = "displayName") -> Find:
    """``GET /Groups?excludedAttributes=members&filter=displayName eq "…"``."""
    return Find(GROUP, attribute, value)


def refers_to(identifier: str, attribute: str, value: str) -> Refers:
    """``GET /Users?attributes=id&filter=id eq "…" and manager eq "…"``."""
    return Refers(identifier, attribute, value)


def get_user(identifier: str) -> Get:
    """``GET /Users/{id}``."""
    return Get(USER, identifier)


def get_group(identifier: str) -> Get:
    """``GET /Groups/{id}?excludedAttributes=members``."""
    return Get(GROUP, identifier)


def create(kind: str, attributes: Mapping[str, Value], *, active: bool = True) -> Create:
    """``POST /Users`` or ``POST /Groups``."""
    return Create(kind, attributes, active)


def patch(kind: str, identifier: str, operations: tuple[Operation, ...], added: frozenset[str] = _NOTHING) -> Patch:
    """``PATCH`` on one object."""
    return Patch(kind, identifier, operations, added)


def delete(kind: str, identifier: str) -> Delete:
    """``DELETE`` on one object."""
    return Delete(kind, identifier)
