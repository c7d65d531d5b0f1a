"""The operations of ``identitystore``: what there is in the store, and the writes by which an administrator drifts.

Invariant: the store is the one that SCIM fills; nothing done here flows back to the identity provider, and nothing
forbids it (https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/welcome.html).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockservices.identitycenter import identitystore_shapes as shapes
from mockservices.identitycenter import render
from mockservices.identitycenter.errors import invalid, no_such
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.operations import Read, Write, nothing
from mockservices.identitycenter.paging import Key, after, page
from mockservices.identitycenter.render import NAME_PARTS, USER_LISTS, USER_TEXTS, Members, arn, lower_first
from mockservices.scim.provider import Group, User
from mockservices.services import Services

PREFIX = "AWSIdentityStore."


# --- users and groups ------------------------------------------------------------------------------------


def _wanted(body: shapes.ListObjects, attribute: str) -> str | None:
    """The value that the one filter asks for; ValidationException for a filter by anything but ``attribute``."""
    if not body.filters:
        return None
    if body.filters[0].attribute_path.lower() != attribute.lower():
        raise invalid(f"The attribute path {body.filters[0].attribute_path} is not supported as a filter.")
    return body.filters[0].attribute_value


def _list_users(services: Services, body: shapes.ListObjects) -> Members:
    instance = services.instance
    store = instance.store
    name = _wanted(body, "UserName")
    last = after("ListUsers", body.next_token)

    def users() -> Iterator[tuple[Key, User]]:
        for row in range(last[0] + 1 if last else 0, store.users_made):
            if store.exists(row):
                yield (row,), store.user(row)

    if name is None:
        found, more = page("ListUsers", body.next_token, body.max_results, users())
    else:
        named, more = store.user_by("userName", name), {}
        found = [] if named is None else [named]
    return {"Users": [render.user(instance, it) for it in found], **more}


def _list_groups(services: Services, body: shapes.ListObjects) -> Members:
    instance = services.instance
    name = _wanted(body, "DisplayName")
    named = None if name is None else instance.store.group_by("displayName", name)
    wanted = instance.store.groups if name is None else [] if named is None else [named]
    groups = (((it.row,), it) for it in wanted if it.exists)
    found, more = page("ListGroups", body.next_token, body.max_results, groups)
    return {"Groups": [render.group(instance, it) for it in found], **more}


def _describe_user(services: Services, body: shapes.OfUser) -> Members:
    return render.user(services.instance, services.instance.find_user(body.user_id))


def _describe_group(services: Services, body: shapes.OfGroup) -> Members:
    return render.group(services.instance, services.instance.find_group(body.group_id))


def _asked_for(body: shapes.GetId, instance: Instance, paths: Mapping[str, str]) -> tuple[str, str] | None:
    """The SCIM attribute and value that an object is sought by; None when nothing can have them."""
    external, unique = body.alternate_identifier.external_id, body.alternate_identifier.unique_attribute
    if (external is None) == (unique is None):
        raise invalid("AlternateIdentifier must hold exactly one of ExternalId and UniqueAttribute.")
    if external is not None:
        return ("externalId", external.id) if external.issuer == instance.scim_issuer else None
    assert unique is not None
    attribute = paths.get(unique.attribute_path.lower())
    if attribute is None or not isinstance(unique.attribute_value, str):
        raise invalid(f"The attribute path {unique.attribute_path} is not supported, or its value is no text.")
    return attribute, unique.attribute_value


def _get_user_id(services: Services, body: shapes.GetId) -> Members:
    instance = services.instance
    sought = _asked_for(body, instance, {"username": "userName", "emails.value": "emails"})
    found = None if sought is None else instance.store.user_by(*sought)
    if found is None:
        raise no_such("USER", "" if sought is None else sought[1])
    return _user_reference(services, found)


def _get_group_id(services: Services, body: shapes.GetId) -> Members:
    instance = services.instance
    sought = _asked_for(body, instance, {"displayname": "displayName"})
    found = None if sought is None else instance.store.group_by(*sought)
    if found is None:
        raise no_such("GROUP", "" if sought is None else sought[1])
    return _group_reference(services, found)


def _user_reference(services: Services, it: User) -> Members:
    return {
        "IdentityStoreId": services.instance.identity_store_id,
        "UserId": it.id,
        "UserArn": arn("user", it.id),
    }


def _group_reference(services: Services, it: Group) -> Members:
    return {
        "IdentityStoreId": services.instance.identity_store_id,
        "GroupId": it.id,
        "GroupArn": arn("group", it.id),
    }


# --- memberships -----------------------------------------------------------------------------------------


def _list_memberships(services: Services, body: shapes.ListMemberships) -> Members:
    instance = services.instance
    group = instance.find_group(body.group_id).row
    rows = (((user,), user) for user in instance.store.members(group))
    found, more = page("ListGroupMemberships", body.next_token, body.max_results, rows)
    return {"GroupMemberships": [render.membership(instance, group, user) for user in found], **more}


def _list_memberships_for_member(services: Services, body: shapes.ListMembershipsForMember) -> Members:
    instance = services.instance
    user = instance.find_user(body.member_id.user_id)
    rows = (((group,), group) for group in user.groups)
    found, more = page("ListGroupMembershipsForMember", body.next_token, body.max_results, rows)
    return {"GroupMemberships": [render.membership(instance, group, user.row) for group in found], **more}


def _is_member_in_groups(services: Services, body: shapes.IsMemberInGroups) -> Members:
    instance = services.instance
    user = instance.find_user(body.member_id.user_id)
    groups = [instance.find_group(identifier) for identifier in body.group_ids]
    member = {"UserId": user.id}
    results = [{"GroupId": it.id, "MemberId": member, "MembershipExists": it.row in user.groups} for it in groups]
    return {"Results": results}


def _created_membership(services: Services, ends: tuple[int, int]) -> Members:
    members = render.membership(services.instance, *ends)
    return {name: members[name] for name in ("IdentityStoreId", "MembershipId", "MembershipArn")}


# --- creation --------------------------------------------------------------------------------------------


def _user_arguments(body: shapes.CreateUser) -> dict[str, Any]:
    """The new user's attributes by their SCIM names; ValidationException for what the store does not hold."""
    sent = body.model_dump(by_alias=True, exclude_none=True)
    for name in ("Photos", "Website", "Birthdate", "Extensions"):
        if name in sent:
            raise invalid(f"{name} is not kept by this identity store.")
    attributes: dict[str, Any] = {scim: sent[name] for name, scim in USER_TEXTS.items() if name in sent}
    parts = sent.get("Name", {})
    attributes.update((f"name.{lower_first(part)}", parts[part]) for part in NAME_PARTS if part in parts)
    for name, scim in USER_LISTS.items():
        if name in sent:
            attributes[scim] = [{lower_first(sub): value for sub, value in entry.items()} for entry in sent[name]]
    return {"attributes": attributes}


def _group_arguments(body: shapes.CreateGroup) -> dict[str, Any]:
    arguments = {"display_name": body.display_name, "description": body.description}
    return {name: value for name, value in arguments.items() if value is not None}


def _deletion_arguments(identifier: str, revision: str | None) -> dict[str, Any]:
    return {"id": identifier} if revision is None else {"id": identifier, "revision": revision}


OPERATIONS: Mapping[str, Read[Any] | Write[Any]] = {
    "ListUsers": Read(shapes.ListObjects, _list_users),
    "DescribeUser": Read(shapes.OfUser, _describe_user),
    "GetUserId": Read(shapes.GetId, _get_user_id),
    "CreateUser": Write(
        shapes.CreateUser,
        "identitystore.user.create",
        _user_arguments,
        lambda services, it: {
            **_user_reference(services, it),
            "Revision": render.revision(services.clock, it.modified),
        },
    ),
    "DeleteUser": Write(
        shapes.DeleteUser,
        "identitystore.user.delete",
        lambda body: _deletion_arguments(body.user_id, body.revision),
        nothing,
    ),
    "ListGroups": Read(shapes.ListObjects, _list_groups),
    "DescribeGroup": Read(shapes.OfGroup, _describe_group),
    "GetGroupId": Read(shapes.GetId, _get_group_id),
    "CreateGroup": Write(
        shapes.CreateGroup,
        "identitystore.group.create",
        _group_arguments,
        lambda services, it: {
            **_group_reference(services, it),
            "Revision": render.revision(services.clock, it.modified),
        },
    ),
    "DeleteGroup": Write(
        shapes.DeleteGroup,
        "identitystore.group.delete",
        lambda body: _deletion_arguments(body.group_id, body.revision),
        nothing,
    ),
    "ListGroupMemberships": Read(shapes.ListMemberships, _list_memberships),
    "ListGroupMembershipsForMember": Read(shapes.ListMembershipsForMember, _list_memberships_for_member),
    "IsMemberInGroups": Read(shapes.IsMemberInGroups, _is_member_in_groups),
    "CreateGroupMembership": Write(
        shapes.CreateMembership,
        "identitystore.membership.create",
        lambda body: {"group": body.group_id, "user": body.member_id.user_id},
        _created_membership,
    ),
    "DeleteGroupMembership": Write(
        shapes.DeleteMembership,
        "identitystore.membership.delete",
        lambda body: {"id": body.membership_id},
        nothing,
    ),
}
