"""Changes that reach Identity Center from outside, by name: console, scripts, timeline, replay.

Invariant: arguments are plain JSON values, and an action checks everything before it changes anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mockservices.clock import Clock, Millis
from mockservices.identitycenter.console import EXTERNAL, LOCAL
from mockservices.identitycenter.entities import OperationStatus, PermissionSet
from mockservices.identitycenter.errors import conflict, invalid, no_membership, not_unique, of_store
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.render import revision
from mockservices.ports import AuditControl, StaleGrant
from mockservices.scim.credentials import base_path, bearer_token
from mockservices.scim.errors import ScimError
from mockservices.scim.operations import AddMembers, RemoveMembers, Value
from mockservices.scim.provider import CONSOLE, Group, User
from mockservices.services import Action, Arguments, Services


@contextmanager
def _in_words_of_the_store() -> Iterator[None]:
    """Let the store's own rules refuse in the words of its AWS API."""
    try:
        yield
    except ScimError as error:
        raise of_store(error) from None


# --- sso-admin -------------------------------------------------------------------------------------------


def _create_permission_set(services: Services, arguments: Arguments) -> PermissionSet:
    """``name``, and optionally ``description``, ``relay_state``, ``session_ms``, ``privileged``."""
    return services.instance.create_permission_set(
        arguments["name"],
        session=Millis(arguments.get("session_ms", 3_600_000)),
        privileged=arguments.get("privileged", False),
        description=arguments.get("description"),
        relay_state=arguments.get("relay_state"),
    )


def _attach_policy(services: Services, arguments: Arguments) -> None:
    """``permission_set`` (ARN), ``policy`` (ARN)."""
    services.instance.attach_managed_policy(arguments["permission_set"], arguments["policy"])


def _create_assignment(services: Services, arguments: Arguments) -> OperationStatus:
    """``principal_type``, ``principal_id``, ``account`` (id or name), ``permission_set`` (ARN)."""
    return services.instance.create_assignment(
        arguments["principal_type"], arguments["principal_id"], arguments["account"], arguments["permission_set"]
    )


def _delete_assignment(services: Services, arguments: Arguments) -> OperationStatus:
    """The same arguments as for the creation."""
    return services.instance.delete_assignment(
        arguments["principal_type"], arguments["principal_id"], arguments["account"], arguments["permission_set"]
    )


# --- the console ------------------------------------------------------------------------------------------


def _enable(services: Services, arguments: Arguments) -> None:
    """``region``."""
    services.instance.console.enable(arguments["region"])


def _set_identity_source(services: Services, arguments: Arguments) -> None:
    """``source``: ``local`` or ``external``."""
    if arguments["source"] not in (LOCAL, EXTERNAL):
        raise invalid(f"source must be {LOCAL} or {EXTERNAL}")
    services.instance.console.set_identity_source(arguments["source"])


def _enable_provisioning(services: Services, arguments: Arguments) -> Mapping[str, str]:
    """No arguments. The answer is the only place where the token's text stands."""
    token = services.instance.console.enable_provisioning()
    return {
        "id": token.id,
        "path": base_path(services),
        "token": bearer_token(services),
        "expires": services.clock.iso(token.expires),
    }


# --- the audit ---------------------------------------------------------------------------------------------


def _audit(services: Services, arguments: Arguments) -> Sequence[StaleGrant]:
    """No arguments."""
    return _auditor(services).audit()


def _clean_up(services: Services, arguments: Arguments) -> int:
    """No arguments; how many grants were taken away."""
    return _auditor(services).clean_up()


def _auditor(services: Services) -> AuditControl:
    if services.auditor is None:
        raise conflict("Nobody in this world can compare the target with the directory.")
    return services.auditor


# --- identitystore ---------------------------------------------------------------------------------------


def _value(given: Any) -> Value:
    """A text, or a list of objects as the store keeps the values of a multi-valued attribute."""
    if isinstance(given, list):
        return tuple(tuple(sorted(entry.items())) for entry in given)
    return str(given)


def _create_user(services: Services, arguments: Arguments) -> User:
    """``attributes``: flat SCIM names (``name.givenName``) to texts, or to lists of objects (``emails``)."""
    attributes = {name: _value(given) for name, given in arguments["attributes"].items()}
    with _in_words_of_the_store():
        return services.provider.create_user(attributes, origin=CONSOLE)


def _delete_user(services: Services, arguments: Arguments) -> None:
    """``id``, and ``revision`` if the user must not have changed since."""
    user = services.instance.find_user(arguments["id"])
    _check_revision(services.clock, user, arguments)
    services.provider.delete_user(user.row)


def _create_group(services: Services, arguments: Arguments) -> Group:
    """``display_name``, and optionally ``description``."""
    attributes: dict[str, Value] = {"displayName": arguments["display_name"]} if "display_name" in arguments else {}
    with _in_words_of_the_store():
        group = services.provider.create_group(attributes, origin=CONSOLE)
    if "description" in arguments:
        services.instance.describe_group(group.row, arguments["description"])
    return group


def _delete_group(services: Services, arguments: Arguments) -> None:
    """``id``, and ``revision`` if the group must not have changed since."""
    group = services.instance.find_group(arguments["id"])
    _check_revision(services.clock, group, arguments)
    services.provider.delete_group(group.row)


def _check_revision(clock: Clock, it: User | Group, arguments: Arguments) -> None:
    if arguments.get("revision") not in (None, revision(clock, it.modified)):
        raise conflict("The resource has changed since that revision.", Reason="CONCURRENT_MODIFICATION")


def _create_membership(services: Services, arguments: Arguments) -> tuple[int, int]:
    """``group`` and ``user`` (ids); the rows of both."""
    group, user = _ends(services.instance, arguments)
    if group.row in user.groups:
        # the sentence that public clients look for
        raise not_unique("Member and Group relationship already exists.")
    with _in_words_of_the_store():
        services.provider.apply_to_group(group.row, [AddMembers((user.id,))])
    return group.row, user.row


def _ends(instance: Instance, arguments: Arguments) -> tuple[Group, User]:
    return instance.find_group(arguments["group"]), instance.find_user(arguments["user"])


def _delete_membership(services: Services, arguments: Arguments) -> None:
    """``id`` of the membership."""
    ends = services.instance.membership(arguments["id"])
    if ends is None:
        raise no_membership(arguments["id"])
    group, user = ends
    services.provider.apply_to_group(group, [RemoveMembers((services.provider.user_id(user),))])


ACTIONS: Mapping[str, Action] = {
    "sso.permissionSet.create": _create_permission_set,
    "sso.policy.attach": _attach_policy,
    "sso.assignment.create": _create_assignment,
    "sso.assignment.delete": _delete_assignment,
    "sso.instance.enable": _enable,
    "sso.identitySource.set": _set_identity_source,
    "sso.provisioning.enable": _enable_provisioning,
    "sso.audit": _audit,
    "sso.cleanUp": _clean_up,
    "identitystore.user.create": _create_user,
    "identitystore.user.delete": _delete_user,
    "identitystore.group.create": _create_group,
    "identitystore.group.delete": _delete_group,
    "identitystore.membership.create": _create_membership,
    "identitystore.membership.delete": _delete_membership,
}
