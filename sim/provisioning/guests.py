"""Guests: what the provisioning service makes of their userPrincipalName.

Invariant: a guest's userPrincipalName, as a source, is the address of the invitation; in full it is another attribute.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works (``bob_fabrikam.example#EXT#@…``)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sim.ports import SourceValue

MARK: Final = "#EXT#"
UPN: Final = "userPrincipalName"
ORIGINAL: Final = "originalUserPrincipalName"


def address_of(upn: str) -> str:
    """The address that somebody was invited by, from the userPrincipalName that the invitation made of it."""
    local = upn.partition(MARK)[0]
    name, _, domain = local.rpartition("_")
    return f"{name}@{domain}" if name and domain else local


def invited(address: str, domain: str) -> str:
    """The userPrincipalName that an invitation makes of an address.
    https://learn.microsoft.com/entra/external-id/user-properties"""
    return f"{address.replace('@', '_')}{MARK}@{domain}"


def told_apart(attributes: Mapping[str, SourceValue]) -> dict[str, SourceValue]:
    """The same properties with both forms of the name; of somebody who is no guest both are the same."""
    upn = attributes.get(UPN)
    if not isinstance(upn, str):
        return dict(attributes)
    return {**attributes, UPN: address_of(upn) if MARK in upn else upn, ORIGINAL: upn}
