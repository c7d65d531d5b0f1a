"""What an administrator has told a job about scope, as a test keeps it for itself, and what follows from the directory.

Invariant: nothing here asks the job, its view or its memory whom it provisions: the directory, the assignments and the
rules as they were told are all there is.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL
from mockservices.graph.directory import LIVE
from sim.world import World

FILTERS: Final[dict[str, tuple[list[dict[str, str]], Callable[[Mapping[str, Any]], bool]]]] = {
    "no filter": ([], lambda user: True),
    "department is Engineering": (
        [{"attribute": "department", "operator": "EQUALS", "value": "Engineering"}],
        lambda user: user.get("department") == "Engineering",
    ),
    "department is another than Kitchen": (
        [{"attribute": "department", "operator": "NOT EQUALS", "value": "Kitchen"}],
        lambda user: user.get("department") not in {None, "", "Kitchen"},
    ),
    "has no title": (
        [{"attribute": "jobTitle", "operator": "IS NULL"}],
        lambda user: user.get("jobTitle") in {None, ""},
    ),
}
"""Clauses of one filter, and what they come to: a null passes nothing but IS NULL.
https://learn.microsoft.com/entra/identity/app-provisioning/define-conditional-rules-for-provisioning-user-accounts"""

EVERYTHING_ALLOWED: Final = frozenset({"create", "update", "delete"})


@dataclass(frozen=True, slots=True)
class Told:
    """What the job has been told."""

    everything: bool = False
    """``scope: all``."""
    filtered: str = "no filter"
    skip: bool = False
    """``SkipOutOfScopeDeletions``."""
    users: frozenset[str] = EVERYTHING_ALLOWED
    groups: frozenset[str] = EVERYTHING_ALLOWED
    manager: bool = False
    """Whether the manager is mapped."""
    compliant: bool = False
    """``aadOptscim062020``."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the directory says: who is to be active, and who is to be in which group."""

    active: frozenset[str]
    names: frozenset[str]
    """The userNames of those, in lower case."""
    members: frozenset[tuple[str, str]]
    """(source group id, source user id) of groups that are in scope."""


NOTHING: Final = Snapshot(frozenset(), frozenset(), frozenset())


def user_in_scope(world: World, told: Told, row: int) -> bool:
    """Whether a live user of the directory is assigned, directly or as a direct member, and passes the filter."""
    directory = world.services.directory
    if not directory.is_live(row) or not FILTERS[told.filtered][1](directory.attributes_of(row)):
        return False
    if told.everything or row in _assigned(world, USER_PRINCIPAL):
        return True
    return any(group_in_scope(world, told, group) for group in directory.groups_of(row))


def group_in_scope(world: World, told: Told, row: int) -> bool:
    """Whether a group of the directory is there and assigned."""
    if world.services.directory.groups[row].state != LIVE:
        return False
    return told.everything or row in _assigned(world, GROUP_PRINCIPAL)


def _assigned(world: World, kind: str) -> set[int]:
    services = world.services
    return {each.row for each in services.applications.assignments(services.application.id) if each.kind == kind}


def to_be_active(world: World, told: Told, row: int) -> bool:
    """Whether somebody is to have a user that is switched on."""
    return world.services.directory.is_enabled(row) and user_in_scope(world, told, row)


def user_name(upn: str) -> str:
    """What becomes of a userPrincipalName: of a guest, the address of the invitation."""
    local, mark, _ = upn.partition("#EXT#")
    name, _, domain = local.rpartition("_")
    return f"{name}@{domain}" if mark else upn


def snapshot(world: World, told: Told) -> Snapshot:
    """What the directory of a world says now."""
    directory = world.services.directory
    rows = [row for row in range(directory.users_count) if to_be_active(world, told, row)]
    return Snapshot(
        frozenset(directory.user_id(row) for row in rows),
        frozenset(user_name(str(directory.attributes_of(row)["userPrincipalName"])).lower() for row in rows),
        frozenset(
            (group.id, directory.user_id(row))
            for group in directory.groups
            if group_in_scope(world, told, group.row)
            for row in directory.members(group.row)
        ),
    )
