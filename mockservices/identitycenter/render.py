"""From the cores' records to the members of the AWS JSON shapes.

Invariant: only reads; what is unset is left out, times are epoch seconds, ids are the cores' own.
https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_User.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from mockservices.clock import Clock, Millis
from mockservices.identitycenter.entities import Assignment, OperationStatus, PermissionSet
from mockservices.identitycenter.instance import Instance
from mockservices.scim.operations import Value
from mockservices.scim.provider import Group, User

Members: TypeAlias = dict[str, Any]

USER_TEXTS: Mapping[str, str] = {
    "UserName": "userName",
    "DisplayName": "displayName",
    "NickName": "nickName",
    "ProfileUrl": "profileUrl",
    "UserType": "userType",
    "Title": "title",
    "PreferredLanguage": "preferredLanguage",
    "Locale": "locale",
    "Timezone": "timezone",
}
"""Text members of a user, with SCIM's name of each."""
NAME_PARTS = ("Formatted", "FamilyName", "GivenName", "MiddleName", "HonorificPrefix", "HonorificSuffix")
USER_LISTS: Mapping[str, str] = {
    "Emails": "emails",
    "Addresses": "addresses",
    "PhoneNumbers": "phoneNumbers",
    "Roles": "roles",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def lower_first(name: str) -> str:
    """``GivenName`` → ``givenName``: an AWS member in SCIM's spelling."""
    return name[:1].lower() + name[1:]


def epoch_ms(clock: Clock, at: Millis) -> int:
    """Milliseconds from 1970 to a simulated time."""
    return (clock.instant(at) - _EPOCH) // _MILLISECOND


def epoch(clock: Clock, at: Millis) -> float:
    """Seconds from 1970 to a simulated time, as AWS JSON writes a timestamp."""
    return epoch_ms(clock, at) / 1000


def revision(clock: Clock, modified: Millis) -> str:
    """A token that changes when an object does: the instant of its last change, so at most once a millisecond."""
    return str(epoch_ms(clock, modified))


def arn(kind: str, identifier: str) -> str:
    """The ARN of a ``user``, ``group`` or ``membership`` of an identity store."""
    return f"arn:aws:identitystore:::{kind}/{identifier}"


def store_arn(instance: Instance) -> str:
    """The ARN of the identity store itself."""
    return f"arn:aws:identitystore::{instance.owner_account_id}:identitystore/{instance.identity_store_id}"


def duration(length: Millis) -> str:
    """ISO 8601 text of a session duration: ``PT1H``, ``PT1H30M``."""
    seconds = length // 1000
    parts = ((seconds // 3600, "H"), (seconds // 60 % 60, "M"), (seconds % 60, "S"))
    return "PT" + "".join(f"{number}{unit}" for number, unit in parts if number)


# --- sso-admin -------------------------------------------------------------------------------------------


def permission_set(clock: Clock, it: PermissionSet) -> Members:
    """``PermissionSet``."""
    members: Members = {
        "Name": it.name,
        "PermissionSetArn": it.arn,
        "CreatedDate": epoch(clock, it.created),
        "SessionDuration": duration(it.session),
    }
    if it.description is not None:
        members["Description"] = it.description
    if it.relay_state is not None:
        members["RelayState"] = it.relay_state
    return members


def assignment(instance: Instance, it: Assignment) -> Members:
    """``AccountAssignment``."""
    return {
        "AccountId": instance.accounts[it.account].id,
        "PermissionSetArn": instance.permission_set_at(it.permission_set).arn,
        "PrincipalType": it.kind,
        "PrincipalId": it.principal_id,
    }


def operation(instance: Instance, it: OperationStatus, *, accepted: bool = False) -> Members:
    """``AccountAssignmentOperationStatus``; ``accepted``: as the request itself is answered, before the outcome."""
    target = assignment(instance, it.assignment)
    members: Members = {
        "Status": "IN_PROGRESS" if accepted else "SUCCEEDED" if it.failure is None else "FAILED",
        "RequestId": it.request_id,
        "TargetId": target.pop("AccountId"),
        "TargetType": "AWS_ACCOUNT",
        **target,
        "CreatedDate": epoch(instance.clock, it.created),
    }
    if it.failure is not None and not accepted:
        members["FailureReason"] = it.failure
    return members


# --- identitystore ---------------------------------------------------------------------------------------


def user(instance: Instance, it: User) -> Members:
    """``User``. ``UserStatus`` follows ``active``, which the documentation does not say but nothing contradicts."""
    clock, attributes = instance.clock, it.attributes
    members: Members = {
        "IdentityStoreId": instance.identity_store_id,
        "UserId": it.id,
        "UserArn": arn("user", it.id),
        "Revision": revision(clock, it.modified),
    }
    members.update((name, attributes[scim]) for name, scim in USER_TEXTS.items() if scim in attributes)
    names = {part: attributes.get(f"name.{lower_first(part)}") for part in NAME_PARTS}
    if any(names.values()):
        members["Name"] = {part: value for part, value in names.items() if value is not None}
    for name, scim in USER_LISTS.items():
        if scim in attributes:
            members[name] = _entries(attributes[scim])
    members.update(_external_ids(instance, attributes))
    members["UserStatus"] = "ENABLED" if it.active else "DISABLED"
    members.update(_history(clock, it))
    return members


def group(instance: Instance, it: Group) -> Members:
    """``Group``."""
    members: Members = {
        "IdentityStoreId": instance.identity_store_id,
        "GroupId": it.id,
        "GroupArn": arn("group", it.id),
        "Revision": revision(instance.clock, it.modified),
        "DisplayName": it.attributes["displayName"],
    }
    if it.id in instance.group_descriptions:
        members["Description"] = instance.group_descriptions[it.id]
    members.update(_external_ids(instance, it.attributes))
    members.update(_history(instance.clock, it))
    return members


def membership(instance: Instance, group_row: int, user_row: int) -> Members:
    """``GroupMembership``."""
    identifier = instance.membership_id(group_row, user_row)
    return {
        "IdentityStoreId": instance.identity_store_id,
        "MembershipId": identifier,
        "MembershipArn": arn("membership", identifier),
        "GroupId": instance.store.groups[group_row].id,
        "MemberId": {"UserId": instance.store.user_id(user_row)},
    }


def _entries(value: Value) -> list[Members]:
    entries = value if isinstance(value, tuple) else ()
    return [{name[:1].upper() + name[1:]: part for name, part in entry} for entry in entries]


def _external_ids(instance: Instance, attributes: Mapping[str, Value]) -> Members:
    """What SCIM's ``externalId`` has become: an id beside its issuer, whose prefix public code selects on."""
    external = attributes.get("externalId")
    return {} if external is None else {"ExternalIds": [{"Issuer": instance.scim_issuer, "Id": external}]}


def _history(clock: Clock, it: User | Group) -> Members:
    return {
        "CreatedAt": epoch(clock, it.created),
        "CreatedBy": it.origin,
        "UpdatedAt": epoch(clock, it.modified),
    }
