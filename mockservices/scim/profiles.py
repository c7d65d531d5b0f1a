"""Which SCIM a server speaks: every deviation from the RFCs by name, with its source.

Invariant: the core asks a profile and holds no vendor's number or rule itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mockservices.scim.errors import invalid
from mockservices.scim.operations import ENTERPRISE, MULTI_VALUED, Value

_TEXT_BLANKS = str.maketrans("", "", "\t\n\r\u3000")
_REFUSED_CHARACTERS = re.compile(r"[<>;:%]")
_WITHOUT_BLANKS = {"userName": 128, "externalId": 256}
"""How long these may be; everything else may be longer and hold blanks."""
_PLAIN = re.compile(r"[A-Za-z0-9_.@+-]+")
"""What no rule about names has anything against."""
_LONGEST = 1024
_WITH_RULES = MULTI_VALUED | _WITHOUT_BLANKS.keys()
"""What more is asked of than to be a text of that length."""


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
    """Names that neither a user nor a group can have, in lower case.
    https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_CreateUser.html"""
    parts: frozenset[str] = frozenset()
    """Sub-attributes that the entries of multi-valued attributes can have; ``display`` is none of them.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/limitations.html"""
    primary_emails: bool = False
    """An e-mail address comes with ``primary: true`` when a user is created or replaced.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/createuser.html"""
    once_per_patch: frozenset[str] = frozenset()
    """Attributes that one PATCH can name once at most.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/patchuser.html"""
    not_patchable: frozenset[str] = frozenset()
    """Attributes that a user is created with but that PATCH does not list as modifiable (same page)."""
    single_pathless: bool = False
    """An operation without a path changes one attribute at most
    (https://github.com/goauthentik/authentik/issues/12321); so AWS refuses what Entra sends for several
    attributes under ``aadOptscim062020``."""
    removes_members_by_filter: bool = True
    """``members[value eq "…"]`` removes a member. AWS's pages neither allow nor forbid it."""
    strict_booleans: bool = False
    """A boolean written as text is refused, so that Entra's ``"active": "False"`` disables nobody.
    https://github.com/rancher/rancher/issues/52996"""
    removal_empties_group: bool = False
    """``Remove`` with the path ``members`` removes everybody, whatever its value says (RFC 7644 §3.5.2.2, strictly).
    https://github.com/MicrosoftDocs/azure-docs/issues/30826"""
    inactive_leave_groups: bool = False
    """A user who is switched off ceases to be a member of every group, where Entra counts on the target to keep them.
    https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works"""

    def check_user(self, attributes: Mapping[str, Value]) -> None:
        """Refuse attributes that the server would not store; 400 with the reason for the audit log."""
        plain: list[str] = []
        others: list[tuple[str, Value]] = []
        for name, value in attributes.items():
            if type(value) is str and value and name in self.supported and name not in _WITH_RULES:
                plain.append(value)
            else:
                others.append((name, value))
        together = "".join(plain)  # what is usual, seen at a glance
        usual = together.isprintable() and len(together) <= _LONGEST
        for name, value in others if usual else attributes.items():
            self.check_value(name, value)
        for name in self.required:
            if name not in attributes:
                raise invalid(_too_short(name))
        emails = attributes.get("emails")
        if self.primary_emails and isinstance(emails, tuple):
            for entry in emails:
                if ("primary", True) not in entry:
                    raise invalid("The e-mail address must be primary")

    def check_name(self, name: str) -> None:
        """Refuse an attribute that the server does not have."""
        if name not in self.supported:
            raise invalid(f"Attribute {name} is not supported")

    def check_value(self, name: str, value: Value) -> None:
        """Refuse one attribute: unsupported, too long, empty, or with characters of the wrong kind."""
        if name not in self.supported:
            raise invalid(f"Attribute {name} is not supported")
        if type(value) is str and name not in MULTI_VALUED:
            if name in _WITHOUT_BLANKS:
                if not _PLAIN.fullmatch(value) or len(value) > _WITHOUT_BLANKS[name]:
                    self._check_text(name, value)
            elif not (value and len(value) <= _LONGEST and value.isprintable()):
                self._check_text(name, value)
            if name == "userName":
                self._check_reserved(value)
        elif type(value) is tuple and name in MULTI_VALUED:
            if self.single_item_lists and len(value) > 1:
                raise invalid(f"List attribute {name} exceeds allowed limit of 1")
            for entry in value:
                for sub, part in entry:
                    if self.parts and _joined(name, sub) not in self.parts:
                        raise invalid(f"Attribute {name}.{sub} is not supported")
                    if type(part) is str and not (part and len(part) <= _LONGEST and part.isprintable()):
                        self._check_text(f"{name}.{sub}", part)
        else:
            raise invalid(f"Attribute {name} is of another type")

    def check_group(self, attributes: Mapping[str, Value]) -> None:
        """Refuse a group without a displayName or with a value that the server would not store."""
        if "displayName" not in attributes:
            raise invalid(_too_short("displayName"))
        for name, value in attributes.items():
            self.check_group_value(name, value)

    def check_group_value(self, name: str, value: Value) -> None:
        """Refuse one attribute of a group."""
        if name not in ("displayName", "externalId") or type(value) is not str:
            raise invalid(f"Attribute {name} is not supported")
        self._check_text(name, value)
        if name == "displayName":
            self._check_reserved(value)

    def check_membership_changes(self, count: int) -> None:
        """Refuse more membership changes than one request can make."""
        if count > self.members_per_request:
            raise invalid(f"A request can change at most {self.members_per_request} memberships")

    def _check_reserved(self, name: str) -> None:
        if name.lower() in self.reserved_names:
            raise invalid(f"{name} is a reserved name")

    def _check_text(self, name: str, value: str) -> None:
        """Letters, marks, symbols, numbers and punctuation; blanks where the API model allows them.

        ``str.isprintable`` is true for just these and the space.
        https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_User.html
        """
        longest = _WITHOUT_BLANKS.get(name)
        if longest is None:
            longest = _LONGEST
            allowed = value.isprintable() or value.translate(_TEXT_BLANKS).isprintable()
        else:
            allowed = value.isprintable() and " " not in value
        if not value:
            raise invalid(_too_short(name))
        if not allowed:
            raise invalid(_bad_pattern(name))
        if len(value) > longest:
            raise invalid(_too_long(name, longest))
        if name == "externalId" and self.refuse_characters and _REFUSED_CHARACTERS.search(value):
            raise invalid(_bad_pattern(name))


@lru_cache(maxsize=256)
def _joined(name: str, sub: str) -> str:
    return f"{name}.{sub}"


def _too_short(name: str) -> str:
    return (
        f"1 validation errors detected: Value at '{name}' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )


def _too_long(name: str, longest: int) -> str:
    return (
        f"1 validation errors detected: Value at '{name}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {longest}"
    )


def _bad_pattern(name: str) -> str:
    return (
        f"1 validation errors detected: Value at '{name}' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+"
    )


_NAME = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")
_ENTERPRISE = ("employeeNumber", "costCenter", "organization", "division", "department", "manager")
_ADDRESS = ("formatted", "streetAddress", "locality", "region", "postalCode", "country")
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
    parts=frozenset(
        {f"{name}.{sub}" for name in MULTI_VALUED - {"addresses"} for sub in ("value", "type", "primary")}
        | {f"addresses.{sub}" for sub in (*_ADDRESS, "type", "primary")}
    ),
    primary_emails=True,
    once_per_patch=frozenset({"userName", "active"}),
    not_patchable=frozenset({"roles"}),
    single_pathless=True,
)
