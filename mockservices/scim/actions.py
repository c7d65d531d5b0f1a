"""What can be done to the SCIM core by name, with plain JSON arguments: the commands that a replay makes again.

Invariant: an action parses nothing but its own arguments and refuses only through the core.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockservices.scim.codec import attributes_from_json, operations_from_json
from mockservices.scim.records import Group, User
from mockservices.services import Action, Arguments, Services


def create_user(services: Services, arguments: Arguments) -> User:
    """``attributes``, ``active`` (true if it is absent or null)."""
    return services.provider.create_user(
        attributes_from_json(arguments["attributes"]), active=arguments.get("active") is not False
    )


def patch_user(services: Services, arguments: Arguments) -> User:
    """``id``, ``operations``."""
    user = services.provider.find_user(arguments["id"])
    services.provider.apply_to_user(user.row, operations_from_json(arguments["operations"]))
    return user


def replace_user(services: Services, arguments: Arguments) -> User:
    """``id``, ``attributes``, ``active``: absent or null leaves it, so that no leaver comes back by omission."""
    user = services.provider.find_user(arguments["id"])
    active = arguments.get("active")
    services.provider.replace_user(
        user.row,
        attributes_from_json(arguments["attributes"]),
        active=user.active if active is None else active,
    )
    return user


def delete_user(services: Services, arguments: Arguments) -> None:
    """``id``."""
    services.provider.delete_user(services.provider.find_user(arguments["id"]).row)


def create_group(services: Services, arguments: Arguments) -> Group:
    """``attributes``, ``members`` (ids; none if it is absent)."""
    return services.provider.create_group(
        attributes_from_json(arguments["attributes"]), tuple(arguments.get("members", ()))
    )


def patch_group(services: Services, arguments: Arguments) -> Group:
    """``id``, ``operations``."""
    group = services.provider.find_group(arguments["id"])
    services.provider.apply_to_group(group.row, operations_from_json(arguments["operations"]))
    return group


def delete_group(services: Services, arguments: Arguments) -> None:
    """``id``."""
    services.provider.delete_group(services.provider.find_group(arguments["id"]).row)


ACTIONS: Mapping[str, Action] = {
    "scim.user.create": create_user,
    "scim.user.patch": patch_user,
    "scim.user.replace": replace_user,
    "scim.user.delete": delete_user,
    "scim.group.create": create_group,
    "scim.group.patch": patch_group,
    "scim.group.delete": delete_group,
}
