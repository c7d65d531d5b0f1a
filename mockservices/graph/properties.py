"""The properties of Graph's objects: their types, limits, and which queries the service answers about them.

Invariant: a property that is not in these tables does not exist, in a body as in ``$select`` or ``$filter``.

Types and limits: https://learn.microsoft.com/graph/api/resources/user and /group. Which operator works by default
and which only in an advanced query: https://learn.microsoft.com/en-us/graph/aad-advanced-queries.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TEXT, FLAG, TEXTS, INSTANT, NUMBER = "text", "flag", "texts", "instant", "number"


@dataclass(frozen=True, slots=True)
class Property:
    """One property; a part of a complex one is written as in a query: ``employeeOrgData/costCenter``."""

    name: str
    kind: str = TEXT
    longest: int = 256
    """How many characters a text may have (each of them, in a list)."""
    writable: bool = True
    fixed: bool = False
    """Can be set on creation only."""
    default: frozenset[str] = frozenset()
    """Operators that ``$filter`` understands as they are."""
    advanced: frozenset[str] = frozenset()
    """Operators that need ``ConsistencyLevel: eventual`` and ``$count=true``."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of directory object."""

    name: str
    """As error messages have it: ``User``."""
    collection: str
    """As paths have it: ``users``."""
    properties: Mapping[str, Property]
    complex: Mapping[str, tuple[str, ...]]
    """Complex properties and their parts."""
    shown: tuple[str, ...]
    """What an answer holds when there is no ``$select``."""
    required: tuple[str, ...] = ()
    elsewhere: frozenset[str] = frozenset()
    """Properties that Graph keeps in another service, which this one does not have."""
    case_sensitive: bool = False
    """Whether filters tell capitals from small letters."""

    @property
    def odata_type(self) -> str:
        """``#microsoft.graph.user``."""
        return f"#microsoft.graph.{self.name[0].lower()}{self.name[1:]}"

    def has(self, name: str) -> bool:
        """Whether objects of this kind have such a property."""
        return name in self.properties or name in self.complex


def _property(name: str, kind: str = TEXT, longest: int = 256, d: str = "", a: str = "", **more: Any) -> Property:
    default, advanced = frozenset(d.split()), frozenset(a.split())
    if "eq" in default | advanced:  # whatever can be equal can also be unequal, in an advanced query
        advanced |= {"ne", "not"}
    return Property(name, kind, longest, default=default, advanced=advanced - default, **more)


def _table(*properties: Property) -> dict[str, Property]:
    return {p.name: p for p in properties}


_ALL = "eq in startswith ge le"
_EXTENSIONS = tuple(f"extensionAttribute{i}" for i in range(1, 16))

USER = Kind(
    "User",
    "users",
    _table(
        _property("id", d="eq in", writable=False),
        _property("accountEnabled", FLAG, d="eq in", a="ge le"),
        _property("ageGroup", d="eq"),
        _property("businessPhones", TEXTS, 64, a="eq startswith"),
        _property("city", longest=128, d=_ALL, a="null"),
        _property("companyName", longest=64, a=f"{_ALL} null"),
        _property("country", longest=128, d=_ALL, a="null"),
        _property("createdDateTime", INSTANT, d="eq ge le", a="in", writable=False),
        _property("deletedDateTime", INSTANT, d="eq ge le", a="in", writable=False),
        _property("department", longest=64, d=_ALL, a="null"),
        _property("displayName", d="eq in startswith", a="null"),
        _property("employeeHireDate", INSTANT, a="eq ge le in"),
        _property("employeeId", longest=16, d="eq startswith", a="le null"),
        _property("employeeLeaveDateTime", INSTANT, a="eq ge le in"),
        _property("employeeOrgData/costCenter", a="eq"),
        _property("employeeOrgData/division", a="eq"),
        _property("employeeType", a=_ALL),
        _property("faxNumber", longest=64, a=f"{_ALL} null"),
        _property("givenName", longest=64, d=_ALL, a="null"),
        _property("jobTitle", longest=128, d=_ALL, a="null"),
        _property("mail", d=_ALL, a="endswith null"),
        _property("mailNickname", longest=64, d=_ALL, a="null"),
        _property("mobilePhone", longest=64, a=f"{_ALL} null"),
        _property("officeLocation", longest=128, a=f"{_ALL} null"),
        *(_property(f"onPremisesExtensionAttributes/{name}", longest=1024, a="eq null") for name in _EXTENSIONS),
        _property("onPremisesImmutableId", d="eq"),
        _property("onPremisesSyncEnabled", FLAG, d="eq", a="null", writable=False),
        _property("otherMails", TEXTS, 250, d=_ALL, a="endswith"),
        _property("postalCode", longest=40, d="eq in startswith", a="null"),
        _property("preferredLanguage", a=_ALL),
        _property("proxyAddresses", TEXTS, d="eq startswith", a="endswith", writable=False),
        _property("signInSessionsValidFromDateTime", INSTANT, writable=False),
        _property("state", longest=128, d=_ALL, a="null"),
        _property("streetAddress", longest=1024),
        _property("surname", longest=64, d=_ALL, a="null"),
        _property("usageLocation", longest=3, d="eq in startswith", a="null"),
        _property("userPrincipalName", longest=113, d="eq in startswith le", a="endswith"),
        _property("userType", d="eq in", a="null"),
    ),
    {
        "employeeOrgData": ("costCenter", "division"),
        "onPremisesExtensionAttributes": _EXTENSIONS,
    },
    (
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ),
    ("accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"),
    frozenset(
        {
            "aboutMe",
            "birthday",
            "hireDate",
            "interests",
            "mailboxSettings",
            "mySite",
            "pastProjects",
            "preferredName",
            "responsibilities",
            "schools",
            "signInActivity",
            "skills",
        }
    ),
)

GROUP = Kind(
    "Group",
    "groups",
    _table(
        _property("id", d="eq in", writable=False),
        _property("classification", d="eq startswith"),
        _property("createdDateTime", INSTANT, d="eq ge le", a="in", writable=False),
        _property("deletedDateTime", INSTANT, d="eq ge le", a="in", writable=False),
        _property("description", longest=1024, a="eq startswith null"),
        _property("displayName", d="eq in startswith", a="null"),
        _property("groupTypes", TEXTS, d="eq", fixed=True),
        _property("isAssignableToRole", FLAG, d="eq", fixed=True),
        _property("mail", d="eq in startswith", a="null", writable=False),
        _property("mailEnabled", FLAG, d="eq", fixed=True),
        _property("mailNickname", longest=64, d="eq in startswith", a="null"),
        _property("membershipRule", writable=False),
        _property("onPremisesSyncEnabled", FLAG, d="eq", a="null", writable=False),
        _property("preferredLanguage", a="eq startswith null"),
        _property("proxyAddresses", TEXTS, d="eq startswith", writable=False),
        _property("securityEnabled", FLAG, d="eq"),
        _property("securityIdentifier", writable=False),
        _property("visibility"),
    ),
    {},
    (
        "id",
        "deletedDateTime",
        "classification",
        "createdDateTime",
        "description",
        "displayName",
        "groupTypes",
        "isAssignableToRole",
        "mail",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "onPremisesSyncEnabled",
        "preferredLanguage",
        "proxyAddresses",
        "securityEnabled",
        "securityIdentifier",
        "visibility",
    ),
    ("displayName", "mailEnabled", "mailNickname", "securityEnabled"),
)

APPLICATION_TEMPLATE = Kind(
    "ApplicationTemplate",
    "applicationTemplates",
    _table(
        _property("id", d="eq"),
        _property("categories", TEXTS),
        _property("description"),
        _property("displayName", d="eq startswith"),
        _property("homePageUrl"),
        _property("logoUrl"),
        _property("publisher"),
        _property("supportedProvisioningTypes", TEXTS, d="eq"),
        _property("supportedSingleSignOnModes", TEXTS, d="eq"),
    ),
    {},
    (),
)

PROVISIONING = Kind(
    "ProvisioningObjectSummary",
    "auditLogs/provisioning",
    _table(
        _property("id", d="eq contains"),
        _property("activityDateTime", INSTANT, d="eq ge gt le lt"),
        _property("changeId", d="eq contains"),
        _property("cycleId", d="eq contains"),
        _property("durationInMilliseconds", NUMBER, d="eq ge gt le lt"),
        _property("initiatedBy/displayName", d="eq contains"),
        _property("jobId", d="eq contains"),
        _property("provisioningAction", d="eq"),
        _property("provisioningStatusInfo/errorInformation/errorCode", d="eq contains"),
        _property("provisioningStatusInfo/status", d="eq"),
        _property("servicePrincipal/displayName", d="eq contains"),
        _property("servicePrincipal/id", d="eq"),
        _property("sourceIdentity/displayName", d="eq contains"),
        _property("sourceIdentity/id", d="eq contains"),
        _property("sourceIdentity/identityType", d="eq contains"),
        _property("sourceSystem/displayName", d="eq contains"),
        _property("targetIdentity/displayName", d="eq contains"),
        _property("targetIdentity/id", d="eq contains"),
        _property("targetIdentity/identityType", d="eq contains"),
        _property("targetSystem/displayName", d="eq contains"),
        _property("tenantId", d="eq contains"),
    ),
    {},
    (),
    case_sensitive=True,
)
"""What can be asked of the provisioning log. https://learn.microsoft.com/graph/api/provisioningobjectsummary-list"""

SERVICE_PRINCIPAL = Kind(
    "ServicePrincipal",
    "servicePrincipals",
    _table(
        _property("id", d="eq in"),
        _property("accountEnabled", FLAG, d="eq"),
        _property("appDisplayName"),
        _property("appId", d="eq in"),
        _property("appRoleAssignmentRequired", FLAG, a="eq"),
        _property("appRoles", TEXTS),
        _property("applicationTemplateId", d="eq"),
        _property("displayName", d="eq in startswith", a="null"),
        _property("homepage", a="eq startswith null"),
        _property("servicePrincipalNames", TEXTS, d="eq startswith"),
        _property("servicePrincipalType", d="eq"),
        _property("tags", TEXTS, d="eq startswith"),
    ),
    {},
    (
        "id",
        "accountEnabled",
        "appDisplayName",
        "appId",
        "appRoleAssignmentRequired",
        "appRoles",
        "applicationTemplateId",
        "displayName",
        "homepage",
        "servicePrincipalNames",
        "servicePrincipalType",
        "tags",
    ),
)
