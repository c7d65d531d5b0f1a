"""The mappings that a job has unless a scenario or an administrator says otherwise.

Invariant: data only. Which target attributes the AWS application maps is documented; the source column of its table is
not printed any more, so each row says how well it is known.
https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial (targets)
https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups (sources)
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mockservices.scim.operations import ENTERPRISE, Path
from sim.provisioning.attribute_mapping import AttributeMapping
from sim.provisioning.attributes import ACTIVE, GROUP_TARGETS, MANAGER, MEMBERS, USER_TARGETS, TargetAttribute

SWITCH: Final = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
"""https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes; other applications have
``Not([IsSoftDeleted])``, which gives the same."""


def _work(sub: str) -> Path:
    return Path("addresses", "work", sub)


def _row(
    source: str | None, target: Path, basis: str, expression: str | None = None, match: int = 0
) -> AttributeMapping:
    return AttributeMapping(source, target, expression=expression, match=match, basis=basis)


def _with_case(rows: tuple[AttributeMapping, ...], table: dict[str, TargetAttribute]) -> tuple[AttributeMapping, ...]:
    return tuple(replace(row, case_exact=table[str(row.target)].case_exact) for row in rows)


USER_MAPPINGS: Final = _with_case(
    (
        _row("userPrincipalName", Path("userName"), "D", match=1),
        _row(None, ACTIVE, "E", SWITCH),
        _row("displayName", Path("displayName"), "D"),
        _row("jobTitle", Path("title"), "D"),
        _row("mail", Path("emails", "work", "value"), "D"),
        _row("preferredLanguage", Path("preferredLanguage"), "I"),
        _row("givenName", Path("name.givenName"), "D"),
        _row("surname", Path("name.familyName"), "D"),
        _row(None, Path("name.formatted"), "I", 'Join(" ", [givenName], [surname])'),
        _row("physicalDeliveryOfficeName", _work("formatted"), "I"),
        _row("streetAddress", _work("streetAddress"), "D"),
        _row("city", _work("locality"), "I"),
        _row("state", _work("region"), "I"),
        _row("postalCode", _work("postalCode"), "D"),
        _row("country", _work("country"), "I"),
        _row("telephoneNumber", Path("phoneNumbers", "work", "value"), "D"),
        _row("mailNickname", Path("externalId"), "D"),
        _row(None, Path("locale"), "I"),
        _row(None, Path("timezone"), "I"),
        _row("employeeId", Path(f"{ENTERPRISE}:employeeNumber"), "D"),
        _row("department", Path(f"{ENTERPRISE}:department"), "D"),
        _row(None, Path(f"{ENTERPRISE}:division"), "I"),
        _row(None, Path(f"{ENTERPRISE}:costCenter"), "I"),
        _row(None, Path(f"{ENTERPRISE}:organization"), "I"),
        _row("manager", MANAGER, "D"),
    ),
    dict(USER_TARGETS),
)
"""The 25 attributes of the AWS application's table."""

_RELIVED: Final = (
    "userName",
    "active",
    "displayName",
    'emails[type eq "work"].value',
    "name.givenName",
    "name.familyName",
    "externalId",
)
MINIMAL_USER_MAPPINGS: Final = tuple(row for row in USER_MAPPINGS if str(row.target) in _RELIVED)
"""Names, address, active and externalId: what every SCIM application of Entra has, and nothing else."""

GROUP_MAPPINGS: Final = _with_case(
    (
        _row("displayName", Path("displayName"), "D", match=1),
        _row("objectId", Path("externalId"), "D"),
        _row("members", MEMBERS, "D"),
    ),
    dict(GROUP_TARGETS),
)
