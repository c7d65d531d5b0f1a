"""Attribute paths on the wire and the flat names that the core uses.

Invariant: scim2-models reads the grammar and knows the schemas; none of its objects leaves the module that made it.
"""

from __future__ import annotations

from functools import lru_cache

from scim2_models import EnterpriseUser, Group, InvalidPathException, User
from scim2_models import Path as SchemaPath
from scim2_models.path import CompareOperator, Comparison, FilterNode

from mockservices.scim.errors import invalid
from mockservices.scim.operations import ENTERPRISE, GROUP_SCHEMA, MANAGER, MULTI_VALUED, USER_SCHEMA, Path

NAME = "name"
COMPLEX = {NAME: f"{NAME}.", ENTERPRISE: f"{ENTERPRISE}:"}
"""What holds several flat attributes, and how the names of those begin."""

_UserPath = SchemaPath[User[EnterpriseUser]]
_GroupPath = SchemaPath[Group]


@lru_cache(maxsize=1024)
def user_path(text: str) -> Path:
    """Read a PATCH path on a user (RFC 7644 §3.5.2), names in any letter case; 400 for what is none.

    A complex attribute and the enterprise extension as a whole come back as one of ``COMPLEX``. The only filter
    is ``type eq``. ``manager`` may stand without its URN, as Entra sends it.
    https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
    """
    written = text
    if text.lower() in ("manager", "manager.value"):
        text = f"{ENTERPRISE}:{text}"
    try:
        bound = _UserPath(text)
    except InvalidPathException as error:
        raise invalid(f"Invalid path {written}") from error
    if bound.model is EnterpriseUser:
        return Path(ENTERPRISE)
    binding = bound.resolve()
    if binding is None:
        raise invalid(f"Attribute {written} is not supported")
    chosen = bound.value_filter
    if binding.urn.startswith(ENTERPRISE) and chosen is None:
        return Path(MANAGER if binding.urn == f"{MANAGER}.value" else binding.urn)
    name = binding.urn.removeprefix(f"{USER_SCHEMA}:")
    head, _, sub = name.partition(".")
    if head not in MULTI_VALUED:
        if chosen is not None:
            raise invalid(f"Invalid path {written}: {head} has no values to choose from")
        return Path(name)
    if chosen is None:
        if sub:
            raise invalid(f"Invalid path {written}: which of the values is meant?")
        return Path(head)
    return Path(head, _equals(chosen, "type", written), sub or None)


@lru_cache(maxsize=1024)
def group_path(text: str) -> tuple[str, str | None]:
    """Read a PATCH path on a group: the attribute's name, and the id in ``members[value eq "…"]``."""
    try:
        bound = _GroupPath(text)
    except InvalidPathException as error:
        raise invalid(f"Invalid path {text}") from error
    binding = bound.resolve()
    if binding is None:
        raise invalid(f"Attribute {text} is not supported")
    name = binding.urn.removeprefix(f"{GROUP_SCHEMA}:")
    if bound.value_filter is None:
        return name, None
    if name != "members":
        raise invalid(f"Invalid path {text}")
    return name, _equals(bound.value_filter, "value", text)


def _equals(node: FilterNode, name: str, text: str) -> str:
    """The value that a filter of the form ``name eq "value"`` compares with."""
    if (
        isinstance(node, Comparison)
        and node.op is CompareOperator.eq
        and str(node.attr_path).lower() == name
        and type(node.value) is str
        and node.value
    ):
        return node.value
    raise invalid(f"Invalid path {text}: the only filter is {name} eq")
