"""What the compiled default mapping costs, beside what a person would have written for just these attributes.

Invariant: both give the same dict for every person, which is checked before anything is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mockservices.scim.operations import ENTERPRISE
from sim.bench.measure import Samples, alternate, short, timed
from sim.provisioning.mapping import USER_MAPPINGS, AttributeMap

PEOPLE: Final = 20_000
MAPPING_TARGET: Final = 4.0
"""Times the function written by hand."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Seconds for all people."""

    attributes: int
    people: int
    compiled: Samples
    by_hand: Samples


def somebody(number: int) -> dict[str, Any]:
    """The properties of a person, all of them given, as a delta query shows them."""
    given, family = f"Given{number % 997}", f"Family{number}"
    upn = f"{given}.{family}@contoso.example".lower()
    return {
        "userPrincipalName": upn,
        "displayName": f"{given} {family}",
        "jobTitle": "Engineer",
        "mail": upn,
        "preferredLanguage": "en-GB",
        "givenName": given,
        "surname": family,
        "officeLocation": f"Floor {number % 12}",
        "streetAddress": f"{number % 300} High Street",
        "city": "Leeds",
        "state": "West Yorkshire",
        "postalCode": f"LS{number % 20} 1AA",
        "country": "United Kingdom",
        "businessPhones": (f"+44 113 {number:07d}",),
        "mailNickname": upn.partition("@")[0],
        "employeeId": f"E{number:07d}",
        "department": "Engineering",
    }


def by_hand(source: Mapping[str, Any]) -> dict[str, Any]:
    """What the default mapping gives, written for nothing else: nulls are left out here too."""
    result: dict[str, Any] = {}
    for name, target in _SIMPLE:
        value = source.get(name)
        if value is not None:
            result[target] = value
    names = [name for name in (source.get("givenName"), source.get("surname")) if name]
    result["name.formatted"] = " ".join(names)
    mail = source.get("mail")
    if mail is not None:
        result["emails"] = ((("primary", True), ("type", "work"), ("value", mail)),)
    address = []
    for name, part in _ADDRESS:
        value = source.get(name)
        if value is not None:
            address.append((part, value))
    if address:
        result["addresses"] = ((*address, ("type", "work")),)
    phones = source.get("businessPhones")
    if phones:
        result["phoneNumbers"] = ((("type", "work"), ("value", phones[0])),)
    return result


_SIMPLE: Final = (
    ("userPrincipalName", "userName"),
    ("displayName", "displayName"),
    ("jobTitle", "title"),
    ("preferredLanguage", "preferredLanguage"),
    ("givenName", "name.givenName"),
    ("surname", "name.familyName"),
    ("mailNickname", "externalId"),
    ("employeeId", f"{ENTERPRISE}:employeeNumber"),
    ("department", f"{ENTERPRISE}:department"),
)
_ADDRESS: Final = (
    ("country", "country"),
    ("officeLocation", "formatted"),
    ("city", "locality"),
    ("postalCode", "postalCode"),
    ("state", "region"),
    ("streetAddress", "streetAddress"),
)


def _each(function: Callable[[dict[str, Any]], object], everybody: list[dict[str, Any]]) -> None:
    for one in everybody:
        function(one)  # kept by nobody: the cost of keeping is no part of it


def measure_mapping(progress: Callable[[str], None], people: int = PEOPLE) -> Mapped:
    """Map everybody by turns, with the compiled mapping and by hand."""
    everybody = [somebody(number) for number in range(people)]
    mapping = AttributeMap(USER_MAPPINGS)
    for one in everybody[:100]:
        if mapping.apply(one) != by_hand(one):
            raise AssertionError(f"the two mappings differ for {one['userPrincipalName']}")

    def compiled() -> float:
        fresh = AttributeMap(USER_MAPPINGS)  # nothing is remembered from the last time
        return timed(lambda: _each(fresh.apply, everybody))

    def hand() -> float:
        return timed(lambda: _each(by_hand, everybody))

    def note(number: int, thing: float, baseline: float) -> None:
        progress(f"mapping, {number}: {short(thing)} s, by hand {short(baseline)} s")

    return Mapped(len(USER_MAPPINGS), people, *alternate(compiled, hand, note))
