"""The attributes of the target that can be mapped: their paths as a mapping writes them, and how they compare.

Invariant: a path that cannot be read here cannot be mapped; what is read prints as it was written.
https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mockservices.graph.source_attributes import REFERENCE
from mockservices.scim.operations import ENTERPRISE, Path

TEXT, FLAG = "String", "Boolean"
MANAGER: Final = Path(f"{ENTERPRISE}:manager")
ACTIVE: Final = Path("active")
MEMBERS: Final = Path("members")


@dataclass(frozen=True, slots=True)
class TargetAttribute:
    """An attribute of the target as the synchronization schema defines it."""

    path: Path
    type: str = TEXT
    case_exact: bool = False
    """Whether values that differ in letter case only are different. The schema's default is that they are not:
    https://learn.microsoft.com/entra/identity/app-provisioning/functions-for-customizing-application-data#tolower"""
    required: bool = False
    multivalued: bool = False
    findable: bool = False
    """Whether the target can be asked for an object by it, so that it can be the matching attribute.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/listusers.html and /listgroups.html"""


_SIMPLE: Final = ("nickName", "profileUrl", "title", "userType", "preferredLanguage", "locale", "timezone")
_NAME: Final = ("formatted", "middleName", "honorificPrefix", "honorificSuffix")
_ENTERPRISE: Final = ("employeeNumber", "costCenter", "organization", "division", "department")
_ADDRESS: Final = ("formatted", "streetAddress", "locality", "region", "postalCode", "country")
_LISTS: Final = {"emails": ("value",), "phoneNumbers": ("value",), "addresses": _ADDRESS, "roles": ("value",)}
_TYPES: Final = {"emails": ("work",), "phoneNumbers": ("work", "mobile", "fax"), "addresses": ("work",), "roles": ()}
_ENTRY: Final = re.compile(r'(?P<list>\w+)\[type eq "(?P<type>[^"\\]{1,64})"\]\.(?P<sub>\w+)')


def _table(*attributes: TargetAttribute) -> dict[str, TargetAttribute]:
    return {str(attribute.path): attribute for attribute in attributes}


USER_TARGETS: Final[Mapping[str, TargetAttribute]] = _table(
    TargetAttribute(Path("userName"), required=True, findable=True),
    TargetAttribute(ACTIVE, FLAG),
    TargetAttribute(Path("displayName"), required=True),
    TargetAttribute(Path("externalId"), case_exact=True, findable=True),  # RFC 7643 §3.1: caseExact
    TargetAttribute(Path("name.givenName"), required=True),
    TargetAttribute(Path("name.familyName"), required=True),
    *(TargetAttribute(Path(f"name.{sub}")) for sub in _NAME),
    *(TargetAttribute(Path(name)) for name in _SIMPLE),
    *(TargetAttribute(Path(name, kind, sub)) for name in _LISTS for kind in _TYPES[name] for sub in _LISTS[name]),
    *(TargetAttribute(Path(f"{ENTERPRISE}:{sub}")) for sub in _ENTERPRISE),
    TargetAttribute(MANAGER, REFERENCE),
)
"""What stands in the table of AWS's application, and what else AWS can store; entries of lists can be of any type."""

GROUP_TARGETS: Final[Mapping[str, TargetAttribute]] = _table(
    TargetAttribute(Path("displayName"), required=True, findable=True),
    TargetAttribute(Path("externalId"), case_exact=True, findable=True),
    TargetAttribute(MEMBERS, REFERENCE, multivalued=True),
)


def target_attribute(table: Mapping[str, TargetAttribute], text: str) -> TargetAttribute | None:
    """The attribute that a path means, be it an entry of a list of a type that no table names; None: there is none."""
    known = table.get(text)
    if known is not None or table is GROUP_TARGETS:
        return known
    entry = _ENTRY.fullmatch(text)
    if entry is None or entry["sub"] not in _LISTS.get(entry["list"], ()):
        return None
    return TargetAttribute(Path(entry["list"], entry["type"], entry["sub"]))
