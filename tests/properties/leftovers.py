"""What is found different between the directory and the target, and is not documented to stay so.

Invariant: found by looking at everything, by rules as the test was told them. Every exception has its documented source
beside it; what is not named here is a defect.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works (HPW)
https://learn.microsoft.com/entra/identity/app-provisioning/known-issues (KI)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockservices.graph.directory import GONE
from mockservices.scim.operations import Value
from sim.provisioning.attributes import MANAGER
from sim.world import World
from tests.properties.access_history import AccessHistory
from tests.properties.told_rules import Told, group_in_scope, to_be_active, user_in_scope


def unexplained(world: World, told: Told, access: AccessHistory) -> list[str]:
    """What differs after a full restart has run.

    A full restart forgets every link: what the job no longer knows is a leftover, and matches are made anew by name. So
    it cannot come by its object again where somebody has been renamed since the last cycle: the old object still has
    the externalId, and the target refuses another one with it (409). What was matched may still hold memberships from
    before, which the job never sees.
    """
    blocked, found = _groups(world, told)
    directory, provider, view = world.services.directory, world.services.provider, world.parts.view
    for account in range(directory.users_count):
        row, name = view.target_of(account), directory.user(account).id
        there = row >= 0 and provider.exists(row)
        if not to_be_active(world, told, account):
            # a disable is an update: unticked, nobody is disabled (HPW)
            if there and provider.is_active(row) and "update" in told.users:
                found.append(f"{name} is active")
            continue
        if _user_clashes(world, account, row):
            continue  # 409: https://repost.aws/knowledge-center/iam-identity-center-provision
        if not there:
            if "create" in told.users:  # else nobody is created (HPW)
                found.append(f"{name} is missing")
            continue
        if "update" in told.users:  # else what was matched stays as it was (HPW)
            found += _differences(world, told, account, row)
        if "update" in told.groups:  # memberships are updates of their group (HPW)
            found += [
                f"{name} is not in {directory.groups[group].attributes['displayName']}"
                for group in directory.groups_of(account)
                if group_in_scope(world, told, group) and group not in blocked
                if view.target_group_of(group) not in provider.groups_of(row)
            ]
    return found


def _groups(world: World, told: Told) -> tuple[set[int], list[str]]:
    """Groups that cannot be there, and what is wrong about the others."""
    parts, directory, provider = world.parts, world.services.directory, world.services.provider
    blocked, found = set[int](), list[str]()
    for group in directory.groups:
        if not group_in_scope(world, told, group.row):
            continue
        row = parts.view.target_group_of(group.row)
        seen = {**group.attributes, "id": group.id}
        wanted = parts.group_map.apply(seen)
        rivals = [other.attributes for other in provider.groups if other.exists and other.row != row]
        there = row >= 0 and provider.groups[row].exists
        if any(_clash(wanted, rival, ("displayName", "externalId")) for rival in rivals):
            blocked.add(group.row)
        elif not there:
            blocked.add(group.row)
            if "create" in told.groups:
                found.append(f"group {group.attributes['displayName']} is missing")
        elif "update" in told.groups and parts.group_map.differences(seen, provider.groups[row].attributes):
            found.append(f"group {group.attributes['displayName']} differs")
    return blocked, found


def _user_clashes(world: World, account: int, row: int) -> bool:
    """Whether the target would refuse the user beside the others that are there."""
    provider, user_map = world.services.provider, world.parts.user_map
    wanted = user_map.apply(user_map.seen(world.services.directory.user(account)))
    others = (other for other in range(provider.users_made) if provider.exists(other) and other != row)
    unique = ("userName", "externalId", "emails")
    return any(_clash(wanted, provider.peek(other).attributes, unique) for other in others)


def _differences(world: World, told: Told, account: int, row: int) -> list[str]:
    """A user who should be there, and is: nulls do not flow (KI), so what is cleared is no difference."""
    parts, directory, provider = world.parts, world.services.directory, world.services.provider
    user, found = directory.user(account), list[str]()
    if told.compliant and _changes(world, account, row, active=True) > 1:
        return []
    if not provider.is_active(row):
        found.append(f"{user.id} is not active")
    if parts.user_map.differences(parts.user_map.seen(user), provider.user(row).attributes):
        found.append(f"{user.id} differs")
    if told.manager and user.manager is not None and to_be_active(world, told, user.manager):
        above = parts.view.target_of(user.manager)
        held = provider.peek(row).attributes.get(MANAGER.attribute)
        if above >= 0 and provider.exists(above) and held != provider.user_id(above):
            found.append(f"{user.id} has another manager")
    return found


def _changes(world: World, account: int, row: int, *, active: bool) -> int:
    """How many attributes of a user would have to be changed.

    With ``aadOptscim062020`` several travel in one operation without a path, which AWS refuses with 400.
    https://docs.aws.amazon.com/singlesignon/latest/developerguide/limitations.html
    """
    user_map, provider = world.parts.user_map, world.services.provider
    seen = user_map.seen(world.services.directory.user(account))
    changes = user_map.differences(seen, provider.user(row).attributes)
    return len(changes) + (provider.is_active(row) is not active)


def still_in(world: World, told: Told, access: AccessHistory) -> list[str]:
    """Users that are linked and switched on, and should have been switched off or deleted by now.

    Nothing has gone wrong for longer than the longest step between two tries.
    """
    directory, provider, view = world.services.directory, world.services.provider, world.parts.view
    found = []
    for account in range(directory.users_count):
        row = view.target_of(account)
        if row < 0 or not provider.exists(row) or not provider.is_active(row) or to_be_active(world, told, account):
            continue
        gone = directory.state_of(account) == GONE
        live = directory.is_live(account)
        if ("delete" if gone else "update") not in told.users:
            continue  # what is not ticked is not done (HPW)
        if told.compliant and live and _changes(world, account, row, active=False) > 1:
            continue
        if row in access.switched_by_hand:
            continue  # what changes in the target is never seen (KI)
        if directory.user_id(account) in access.forgotten:
            continue  # a restart with Escrows alone: what had failed is no longer retried
        if gone and (access.begun_anew or directory.user_id(account) in access.unenumerated):
            continue  # an enumeration tells of nobody who is gone for good
        in_scope = live and user_in_scope(world, told, account)
        if account in access.target.left:
            # https://learn.microsoft.com/entra/identity/app-provisioning/skip-out-of-scope-deletions
            continue  # left alone once, and not managed since
        if live and not in_scope and world.parts.state.sync_all and not told.everything:
            continue  # from all to assigned takes effect with a restart (KI)
        found.append(f"{directory.user_id(account)} can still get in")
    return found


def _clash(wanted: Mapping[str, Value], held: Mapping[str, Value], names: Sequence[str]) -> bool:
    """Whether the target would refuse an object beside one that is there, for a value that has to be unique."""
    return any(name in wanted and name in held and _folded(wanted[name]) == _folded(held[name]) for name in names)


def _folded(value: Value) -> str:
    return str(value).lower()
