"""Which SCIM a server speaks: every deviation from the RFCs by name, with its source.

Invariant: the core asks a profile and holds no vendor's number or rule itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mockservices.scim.errors import invalid
from mockservices.scim.operations import ENTERPRISE, MULTI_VALUED, Value

_TEXT_BLANKS = str.maketrans("", "", "\t\n\r\u3000")
_REFUSED_CHARACTERS = re.compile(r"[<>;:%]")


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one vendor's SCIM server."""

    name: str
    required: tuple[str, ...]
    """Attributes without which no user is created.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/createuser.html"""
    supported: frozenset[str]
    """Flat attribute names that can be stored.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/limitations.html"""
    single_item_lists: bool
    """Multi-valued attributes hold one entry at most (same page)."""
    members_per_request: int
    """Membership changes in one request.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/patchgroup.html"""
    page_size: int
    """Results in one answer.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/listusers.html"""
    users_quota: int
    """https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html"""
    groups_quota: int
    refuse_characters: bool = True
    """Refuse ``< > ; : %`` in externalId, as Microsoft lists them and one field report confirms for the colon
    (https://github.com/suvera/keycloak-scim2-storage/issues/3); the API model alone would let them pass."""
    reserved_names: frozenset[str] = frozenset()

    def check_user(self, attributes: dict[str, Value]) -> None:
        """Refuse attributes that the server would not store; 400 with the reason for the audit log."""
        for name, value in attributes.items():
            self.check_value(name, value)
        for name in self.required:
            if name not in attributes:
                raise invalid(_too_short(name))
        if str(attributes["userName"]).lower() in self.reserved_names:
            raise invalid(f"{attributes['userName']} is a reserved name")

    def check_value(self, name: str, value: Value) -> None:
        """Refuse one attribute: unsupported, too long, empty, or with characters of the wrong kind."""
        if name not in self.supported:
            raise invalid(f"Attribute {name} is not supported")
        if type(value) is str:
            self._check_text(name, value)
        elif isinstance(value, tuple):
            if self.single_item_lists and len(value) > 1:
                raise invalid(f"List attribute {name} exceeds allowed limit of 1")
            for entry in value:
                for sub, part in entry:
                    if type(part) is str:
                        self._check_text(f"{name}.{sub}", part)

    def _check_text(self, name: str, value: str) -> None:
        if not value:
            raise invalid(_too_short(name))
        if not value.isprintable() and not value.translate(_TEXT_BLANKS).isprintable():
            raise invalid(_bad_pattern(name))
        if name == "userName":
            if len(value) > 128 or " " in value:
                raise invalid(_bad_pattern(name))
        elif name == "externalId":
            if len(value) > 256 or (self.refuse_characters and _REFUSED_CHARACTERS.search(value)):
                raise invalid(_bad_pattern(name))
        elif len(value) > 1024:
            raise invalid(
                f"Value at '{name}' failed to satisfy constraint: Member must have length less than or equal to 1024"
            )


def _too_short(name: str) -> str:
    return (
        f"1 validation errors detected: Value at '{name}' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )


def _bad_pattern(name: str) -> str:
    return (
        f"1 validation errors detected: Value at '{name}' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+"
    )


_NAME = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")
_ENTERPRISE = ("employeeNumber", "costCenter", "organization", "division", "department", "manager")
_CORE = (
    "userName",
    "externalId",
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
)

AWS = Profile(
    name="aws",
    required=("userName", "name.givenName", "name.familyName", "displayName"),
    supported=frozenset(_CORE)
    | MULTI_VALUED
    | {f"name.{sub}" for sub in _NAME}
    | {f"{ENTERPRISE}:{sub}" for sub in _ENTERPRISE},
    single_item_lists=True,
    members_per_request=100,
    page_size=100,
    users_quota=100_000,
    groups_quota=100_000,
    reserved_names=frozenset({"administrator", "awsadministrators"}),
)
