"""What can be done to the directory, its applications and the job, by name and with JSON arguments.

Invariant: an action is called with what stands in the command log, and nothing else; it refuses before it changes
anything.
"""

from __future__ import annotations

from typing import Any

from mockservices.graph.applications import GROUP_PRINCIPAL, USER_PRINCIPAL, Assignment, ServicePrincipal
from mockservices.graph.directory import Attribute, Group, User
from mockservices.graph.errors import job_exists, not_found, not_implemented
from mockservices.graph.jobs import PORTAL_RESET, resets
from mockservices.graph.properties import USER, Kind
from mockservices.graph.resources import find_deleted, find_object, find_principal, find_template
from mockservices.graph.synchronization import ADDRESS, TOKEN, check_saved, find_job, find_jobs
from mockservices.ports import JobControl
from mockservices.services import Action, Arguments, Services


def _columns(properties: dict[str, Any]) -> dict[str, Attribute]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in properties.items()}


def _filled(properties: dict[str, Any]) -> dict[str, Attribute]:
    return {name: value for name, value in _columns(properties).items() if value is not None}


def _member_rows(services: Services, identifiers: list[str]) -> list[int]:
    return [_member_row(services, identifier) for identifier in identifiers]


def _member_row(services: Services, identifier: str) -> int:
    kind, row = find_object(services.directory, identifier)
    if kind is not USER:
        raise not_implemented()  # groups are added one by one, with members/$ref
    return row


# --- users ---------------------------------------------------------------------------------------------------


def create_user(services: Services, arguments: Arguments) -> User:
    """``properties``, with ``accountEnabled`` among them."""
    properties = dict(arguments["properties"])
    enabled = bool(properties.pop("accountEnabled"))
    return services.directory.create_user(_filled(properties), enabled=enabled)


def update_user(services: Services, arguments: Arguments) -> None:
    """``user`` (id or userPrincipalName) and ``properties``; null clears one."""
    row = services.directory.live_row(arguments["user"])
    services.directory.update_user(row, _columns(arguments["properties"]))


def delete_user(services: Services, arguments: Arguments) -> None:
    """``user``: to the recycle bin."""
    services.directory.delete_user(services.directory.live_row(arguments["user"]))


def revoke_sessions(services: Services, arguments: Arguments) -> None:
    """``user``: must sign in again everywhere."""
    services.directory.revoke_sessions(services.directory.live_row(arguments["user"]))


def set_manager(services: Services, arguments: Arguments) -> None:
    """``user`` and the id of its ``manager``."""
    row = services.directory.live_row(arguments["user"])
    kind, manager = find_object(services.directory, arguments["manager"])
    if kind is not USER:
        raise not_found(arguments["manager"])
    services.directory.set_manager(row, manager)


def remove_manager(services: Services, arguments: Arguments) -> None:
    """``user``; 404 when it has no manager."""
    row = services.directory.live_row(arguments["user"])
    if services.directory.peek(row).manager is None:
        raise not_found("manager")
    services.directory.set_manager(row, None)


# --- groups --------------------------------------------------------------------------------------------------


def create_group(services: Services, arguments: Arguments) -> Group:
    """``properties`` and the ids of the first ``members``."""
    members = _member_rows(services, arguments["members"])
    return services.directory.create_group(_filled(arguments["properties"]), members)


def update_group(services: Services, arguments: Arguments) -> None:
    """``group``, ``properties`` and the ids of ``members`` to add, all or none."""
    group = services.directory.find_group(arguments["group"])
    services.directory.add_members(group.row, _member_rows(services, arguments["members"]))
    services.directory.update_group(group.row, _columns(arguments["properties"]))


def delete_group(services: Services, arguments: Arguments) -> None:
    """``group``: to the recycle bin."""
    services.directory.delete_group(services.directory.find_group(arguments["group"]).row)


def add_member(services: Services, arguments: Arguments) -> None:
    """``member``, a user or a group, becomes a member of ``group``."""
    group = services.directory.find_group(arguments["group"])
    kind, row = find_object(services.directory, arguments["member"])
    (services.directory.add_member if kind is USER else services.directory.nest)(group.row, row)


def remove_member(services: Services, arguments: Arguments) -> None:
    """``member`` is a member of ``group`` no longer; 404 when it was none."""
    group = services.directory.find_group(arguments["group"])
    kind, row = find_object(services.directory, arguments["member"])
    (services.directory.remove_member if kind is USER else services.directory.unnest)(group.row, row)


def delete_member(services: Services, arguments: Arguments) -> None:
    """``member`` of ``group`` is itself deleted: what ``DELETE …/members/{id}`` does without ``/$ref``.
    https://learn.microsoft.com/graph/api/group-delete-members"""
    group = services.directory.find_group(arguments["group"])
    row = _member_row(services, arguments["member"])
    if group.row not in services.directory.groups_of(row):
        raise not_found(arguments["member"])
    services.directory.delete_user(row)


# --- recycle bin ---------------------------------------------------------------------------------------------


def restore(services: Services, arguments: Arguments) -> tuple[Kind, int]:
    """``id`` of a deleted user or group, which comes back."""
    kind, row = find_deleted(services.directory, arguments["id"])
    if kind is USER:
        services.directory.restore_user(row)
    else:
        services.directory.restore_group(row)
    return kind, row


def purge(services: Services, arguments: Arguments) -> None:
    """``id`` of a deleted user or group, which goes for good."""
    kind, row = find_deleted(services.directory, arguments["id"])
    if kind is USER:
        services.directory.purge_user(row)
    else:
        services.directory.purge_group(row)


# --- applications --------------------------------------------------------------------------------------------


def instantiate(services: Services, arguments: Arguments) -> ServicePrincipal:
    """An application from the gallery's ``template`` comes into the tenant under a ``displayName``."""
    template = find_template(arguments["template"])
    return services.applications.instantiate(arguments["displayName"], template["id"])


def assign(services: Services, arguments: Arguments) -> Assignment:
    """``principal`` (id of a user or group) gets the app ``role`` of a ``servicePrincipal``."""
    application = find_principal(services.applications, arguments["servicePrincipal"])
    kind, row = find_object(services.directory, arguments["principal"])
    principal = USER_PRINCIPAL if kind is USER else GROUP_PRINCIPAL
    return services.applications.assign(application.id, principal, row, arguments["role"])


def unassign(services: Services, arguments: Arguments) -> None:
    """``id`` of an assignment to a ``servicePrincipal``."""
    application = find_principal(services.applications, arguments["servicePrincipal"])
    services.applications.unassign(application.id, arguments["id"])


# --- the job -------------------------------------------------------------------------------------------------


def _job(services: Services, arguments: Arguments) -> JobControl:
    """The one job; 404 when ``job`` and its ``servicePrincipal`` are named and it is another."""
    if "job" in arguments:
        return find_job(services, arguments["servicePrincipal"], arguments["job"])
    if services.job is None:
        raise not_found("synchronization")
    return services.job


def create_job(services: Services, arguments: Arguments) -> JobControl:
    """A ``servicePrincipal`` gets a job; 409 when it has one."""
    jobs = find_jobs(services, arguments["servicePrincipal"])
    if jobs:
        raise job_exists(jobs[0].id)
    principal = find_principal(services.applications, arguments["servicePrincipal"])
    return services.applications.create_job(principal.id)


def save_secrets(services: Services, arguments: Arguments) -> None:
    """Keep these ``values`` for a ``servicePrincipal``: of secrets, fingerprints.

    Address and token come in place of everything that was kept; settings alone are added to it, as Microsoft has them
    saved one by one: https://learn.microsoft.com/entra/identity/app-provisioning/skip-out-of-scope-deletions
    """
    principal = find_principal(services.applications, arguments["servicePrincipal"])
    values = dict(arguments["values"])
    if ADDRESS not in values and TOKEN not in values:
        values = {**(services.applications.secrets(principal.id) or {}), **values}
    services.applications.save_secrets(principal.id, values)


def validate(services: Services, arguments: Arguments) -> str | None:
    """Try ``base_address`` and the token of ``token_hash``, or what is ``saved``: None, or why they do not work."""
    job = _job(services, arguments)
    if arguments.get("saved"):
        return check_saved(services, arguments.get("servicePrincipal", services.application.id), job)
    return job.validate_credentials(arguments["base_address"], arguments["token_hash"])


def provision_on_demand(services: Services, arguments: Arguments) -> Any:
    """Provision the user or group ``object_id`` now, a group with the users in ``members``.

    404 for what a search in the directory would not find: it is not there, or in the recycle bin.
    """
    job, directory = _job(services, arguments), services.directory
    identifier, kind = arguments["object_id"], arguments["object_type"]
    members = tuple(arguments.get("members", ()))
    if kind == "Group":
        directory.find_group(identifier)
    else:
        directory.live_row(identifier)
    for member in members:
        directory.live_row(member)
    return job.provision_on_demand(identifier, kind, members)


def drop_connection(services: Services, arguments: Arguments) -> None:
    """Forget the link of the object with this ``id``; 409 while cycles run."""
    _job(services, arguments).drop_connection(arguments["id"])


def start(services: Services, arguments: Arguments) -> None:
    """Let cycles run; with credentials that open nothing the job comes into quarantine."""
    _job(services, arguments).start()


def pause(services: Services, arguments: Arguments) -> None:
    """Let no other cycle start."""
    _job(services, arguments).pause()


def restart(services: Services, arguments: Arguments) -> None:
    """Reset what is named in ``scopes`` (without: what the portal resets); with ``None`` only start."""
    scopes = arguments.get("scopes")
    if scopes == ["None"]:
        start(services, arguments)
        return
    _job(services, arguments).restart(PORTAL_RESET if scopes is None else resets(scopes))


def set_schema(services: Services, arguments: Arguments) -> None:
    """The job gets the rules of this ``schema``; where they differ from its own, it begins anew."""
    job = _job(services, arguments)
    if job.schema is None:
        raise not_implemented(f"The job '{job.id}' cannot be run by this service; it keeps the template's schema.")
    job.schema.replace(arguments["schema"])


ACTIONS: dict[str, Action] = {
    "graph.user.create": create_user,
    "graph.user.update": update_user,
    "graph.user.delete": delete_user,
    "graph.user.revokeSessions": revoke_sessions,
    "graph.manager.set": set_manager,
    "graph.manager.remove": remove_manager,
    "graph.group.create": create_group,
    "graph.group.update": update_group,
    "graph.group.delete": delete_group,
    "graph.member.add": add_member,
    "graph.member.remove": remove_member,
    "graph.member.delete": delete_member,
    "graph.deletedItem.restore": restore,
    "graph.deletedItem.purge": purge,
    "graph.applicationTemplate.instantiate": instantiate,
    "graph.appRoleAssignment.create": assign,
    "graph.appRoleAssignment.delete": unassign,
    "graph.secrets.set": save_secrets,
    "graph.job.create": create_job,
    "graph.job.validate": validate,
    "graph.job.provision_on_demand": provision_on_demand,
    "graph.job.connection.drop": drop_connection,
    "graph.job.start": start,
    "graph.job.pause": pause,
    "graph.job.restart": restart,
    "graph.job.schema.set": set_schema,
}
