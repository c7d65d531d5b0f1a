"""What the provisioning service calls the directory's properties, and what Graph calls them.

Invariant: one row for each attribute of the synchronization schema's source directory that this service has; a name
that is in no row cannot be mapped.

Graph's ``user`` and the schema's ``User`` are not spelt alike: the schema has the names of the older directory API.
https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes
https://learn.microsoft.com/graph/api/resources/user
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

TEXT, FLAG, INSTANT, REFERENCE = "String", "Boolean", "DateTime", "Reference"


@dataclass(frozen=True, slots=True)
class SourceAttribute:
    """An attribute of the source directory as mappings name it."""

    name: str
    property: str
    """Graph's name; a part of a complex property as in a query: ``employeeOrgData/division``. Empty: no column."""
    type: str = TEXT
    multivalued: bool = False
    first: bool = False
    """Graph has a list where the schema has one value: the first one counts."""


SOFT_DELETED: Final = "IsSoftDeleted"
"""Computed: unassigned, filtered out, in the recycle bin or blocked.
https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes"""
MANAGER: Final = "manager"
MEMBERS: Final = "members"

# name in the synchronization schema, name in Graph
_SAME: Final = (
    "city",
    "companyName",
    "country",
    "department",
    "displayName",
    "employeeId",
    "employeeType",
    "givenName",
    "jobTitle",
    "mail",
    "mailNickname",
    "originalUserPrincipalName",
    "postalCode",
    "preferredLanguage",
    "state",
    "streetAddress",
    "surname",
    "usageLocation",
    "userPrincipalName",
    "userType",
)
_OTHERWISE: Final = {
    "objectId": "id",
    "physicalDeliveryOfficeName": "officeLocation",
    "mobile": "mobilePhone",
    "facsimileTelephoneNumber": "faxNumber",
    "immutableId": "onPremisesImmutableId",
    "employeeOrgData.costCenter": "employeeOrgData/costCenter",
    "employeeOrgData.division": "employeeOrgData/division",
    **{f"extensionAttribute{i}": f"onPremisesExtensionAttributes/extensionAttribute{i}" for i in range(1, 16)},
}


def _table(*attributes: SourceAttribute) -> dict[str, SourceAttribute]:
    return {attribute.name: attribute for attribute in sorted(attributes, key=lambda a: a.name.lower())}


USER_ATTRIBUTES: Final[Mapping[str, SourceAttribute]] = _table(
    *(SourceAttribute(name, name) for name in _SAME),
    *(SourceAttribute(name, graph) for name, graph in _OTHERWISE.items()),
    SourceAttribute("accountEnabled", "accountEnabled", FLAG),
    SourceAttribute("telephoneNumber", "businessPhones", first=True),
    SourceAttribute("employeeHireDate", "employeeHireDate", INSTANT),
    SourceAttribute("employeeLeaveDateTime", "employeeLeaveDateTime", INSTANT),
    SourceAttribute("otherMails", "otherMails", multivalued=True),
    SourceAttribute("proxyAddresses", "proxyAddresses", multivalued=True),
    SourceAttribute("appRoleAssignments", "", multivalued=True),
    SourceAttribute(SOFT_DELETED, "", FLAG),
    SourceAttribute(MANAGER, "", REFERENCE),
)

GROUP_ATTRIBUTES: Final[Mapping[str, SourceAttribute]] = _table(
    SourceAttribute("objectId", "id"),
    *(SourceAttribute(name, name) for name in ("description", "displayName", "mail", "mailNickname")),
    SourceAttribute("mailEnabled", "mailEnabled", FLAG),
    SourceAttribute("securityEnabled", "securityEnabled", FLAG),
    SourceAttribute(SOFT_DELETED, "", FLAG),
    SourceAttribute(MEMBERS, "", REFERENCE, multivalued=True),
)


def called(table: Mapping[str, SourceAttribute], graph: str) -> str | None:
    """What the schema calls a property of Graph's; None where it has no such attribute, or the same name."""
    for attribute in table.values():
        if graph in {attribute.property, attribute.property.partition("/")[2]} and attribute.name != graph:
            return attribute.name
    return None
