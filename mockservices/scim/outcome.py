"""What a resource would hold after a PATCH: decided before anything is touched, so that a refusal leaves no trace.

Invariant: pure; the state given is never altered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from mockservices.scim.errors import invalid
from mockservices.scim.operations import (
    AddMembers,
    ClearMembers,
    Operation,
    RemoveAttribute,
    RemoveMembers,
    SetAttribute,
    Value,
    with_value,
    without_value,
)
from mockservices.scim.profiles import Profile
from mockservices.values import value

_MEMBERSHIPS: Final = (AddMembers, RemoveMembers)
_OF_GROUPS: Final = (*_MEMBERSHIPS, ClearMembers)


@value
class UserOutcome:
    """A user after a PATCH; ``different`` holds what changed, None for an attribute that is gone."""

    attributes: dict[str, Value]
    active: bool
    different: dict[str, Value | None]


@value
class GroupOutcome:
    """A group after a PATCH: its attributes, and (member or not, user ids) in the order of the operations."""

    attributes: dict[str, Value]
    different: dict[str, Value]
    memberships: tuple[tuple[bool, tuple[str, ...] | None], ...]
    """None in place of ids: everybody's."""


def user_after(
    profile: Profile, attributes: Mapping[str, Value], active: bool, operations: Sequence[Operation]
) -> UserOutcome:
    """Apply operations to a copy of a user's state; 400 for what the profile refuses."""
    after = dict(attributes)
    different: dict[str, Value | None] = {}
    named: list[str] = []
    for operation in operations:
        if isinstance(operation, _OF_GROUPS):
            raise invalid("Members belong to a group")
        path = operation.path
        name = path.attribute
        if name in profile.once_per_patch:
            if name in named:
                raise invalid(f"Only one operation on {name} is allowed in a request")
            named.append(name)
        if name in profile.not_patchable:
            raise invalid(f"Attribute {name} cannot be changed with PATCH")
        if isinstance(operation, RemoveAttribute):
            if name in profile.required or name == "active":
                raise invalid(f"Attribute {name} cannot be removed")
            profile.check_name(name)
            left = without_value(after.get(name), path)
            if after.get(name) != left:
                different[name] = left
                if left is None:
                    del after[name]
                else:
                    after[name] = left
        elif name == "active":
            active = operation.value is True
        else:
            wanted = with_value(after.get(name), path, operation.value)
            if after.get(name) != wanted:
                profile.check_value(name, wanted)
                after[name] = different[name] = wanted
    return UserOutcome(after, active, different)


def group_after(profile: Profile, attributes: Mapping[str, Value], operations: Sequence[Operation]) -> GroupOutcome:
    """Apply operations to a copy of a group's attributes and collect its membership changes.

    Only displayName, externalId and members can change, members at most so many at a time.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/patchgroup.html
    """
    changes: dict[str, Value] = {}
    memberships: list[tuple[bool, tuple[str, ...] | None]] = []
    members = 0
    for operation in operations:
        if isinstance(operation, _MEMBERSHIPS):
            memberships.append((isinstance(operation, AddMembers), operation.ids))
            members += len(operation.ids)
        elif isinstance(operation, ClearMembers):
            memberships.append((False, None))
        elif isinstance(operation, SetAttribute):
            name = operation.path.attribute
            if name not in ("displayName", "externalId"):
                raise invalid(f"Attribute {name} cannot be changed")
            profile.check_group_value(name, operation.value)
            changes[name] = operation.value
        else:
            raise invalid(f"Attribute {operation.path.attribute} cannot be removed")
    profile.check_membership_changes(members)
    different = {name: wanted for name, wanted in changes.items() if attributes.get(name) != wanted}
    return GroupOutcome({**attributes, **different}, different, tuple(memberships))
