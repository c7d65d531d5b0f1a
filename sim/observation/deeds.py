"""What the steps of a timeline are, in words: who does it, where, and what.

Invariant: says what is asked for; whether a service refused it is told apart. A step that is not in the list below is
told by its own name, so that a new action is never silent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sim.scenario.action import Action

ENTRA: Final = "Entra admin"
AWS: Final = "AWS admin"
AUDITOR: Final = "auditor"
OWNER: Final = "access owner"
FAULT: Final = "fault"
PORTAL: Final = "at the portal"
SCRIPT: Final = "script"
_PLACES: Final = {
    ENTRA: "In Entra an administrator",
    AWS: "In the AWS console an administrator",
    AUDITOR: "An auditor",
    OWNER: "The owner of the access",
    FAULT: "The services:",
    PORTAL: "At the portal:",
}

_DEEDS: Final = {
    "request_access": (OWNER, "gives {person} the access to {group} that they asked for{end}"),
    "end_access": (OWNER, "ends the access of {person} to {group}"),
    "create_user": (ENTRA, "creates an account for {person}"),
    "disable": (ENTRA, "disables the account of {person}"),
    "enable": (ENTRA, "enables the account of {person}"),
    "delete": (ENTRA, "deletes the account of {person}: it is in the recycle bin"),
    "purge": (ENTRA, "deletes the account of {person} for good"),
    "restore": (ENTRA, "restores the account of {person} from the recycle bin"),
    "rename": (ENTRA, "renames the account of {person}"),
    "set_attributes": (ENTRA, "changes {changed} of {person}"),
    "set_manager": (ENTRA, "changes the manager of {person}"),
    "configure_job": (ENTRA, "changes how provisioning is configured"),
    "pim_activate": (ENTRA, "activates the membership of {person} in {group}, which ends by itself"),
    "pim_deactivate": (ENTRA, "ends the activated membership of {person} in {group}"),
    "create_group": (ENTRA, "creates the group {group}"),
    "rename_group": (ENTRA, "renames the group {group} to {to}"),
    "delete_group": (ENTRA, "deletes the group {group}"),
    "add_member": (ENTRA, "puts {person} into {group}"),
    "remove_member": (ENTRA, "takes {person} out of {group}"),
    "assign": (ENTRA, "brings {principal} into the scope of provisioning"),
    "unassign": (ENTRA, "takes {principal} out of the scope of provisioning"),
    "save_credentials": (ENTRA, "gives the application AWS's address and token"),
    "test_connection": (ENTRA, "tests the connection to AWS"),
    "start_job": (ENTRA, "starts provisioning"),
    "pause_job": (ENTRA, "pauses provisioning"),
    "restart_job": (ENTRA, "restarts provisioning{resets}"),
    "provision_on_demand": (ENTRA, "provisions {principal} on demand, outside any cycle"),
    "start_fault": (FAULT, "something goes wrong from now on: {fault}"),
    "end_fault": (FAULT, "goes wrong no longer: {fault}"),
    "aws_create_user": (AWS, "creates the user {user_name} by hand"),
    "aws_disable_user": (AWS, "disables the user of {user} by hand"),
    "aws_enable_user": (AWS, "enables the user of {user} by hand"),
    "aws_delete_user": (AWS, "deletes the user of {user} by hand"),
    "aws_add_member": (AWS, "puts {user} into {group} by hand"),
    "aws_remove_member": (AWS, "takes {user} out of {group} by hand"),
    "aws_assign": (AWS, "gives {holder} {permission_set} on {account}"),
    "aws_unassign": (AWS, "takes {permission_set} on {account} from {holder}"),
    "sign_in": (PORTAL, "{person} signs in to the AWS access portal"),
    "start_role": (PORTAL, "{person} starts {permission_set} on {account}"),
    "sign_out": (PORTAL, "{person} signs out of the AWS access portal"),
    "revoke_sessions": (ENTRA, "revokes the sign-in sessions of {person}, of which AWS does not hear"),
    "aws_end_sessions": (AWS, "ends the portal sessions of {user}"),
    "aws_deny": (AWS, "denies {user} everything by policy: role sessions are worthless from now on"),
    "aws_allow": (AWS, "takes back that {user} is denied everything"),
    "aws_portal_length": (AWS, "sets how long portal sessions last from now on"),
    "aws_enable": (AWS, "enables IAM Identity Center in {region}"),
    "aws_identity_source": (AWS, "switches the identity source to {source}"),
    "aws_automatic_provisioning": (AWS, "turns automatic provisioning on and is shown a token"),
    "aws_create_permission_set": (AWS, "creates the permission set {permission_set}"),
    "aws_audit": (AUDITOR, "compares AWS with Entra"),
    "aws_clean_up": (AWS, "takes away what the audit found"),
}


_RESETS: Final = (
    (frozenset({"QuarantineState", "Full"}), ", out of quarantine"),
    (frozenset({"ForceDeletes"}), ", and lets the deletions go that were held back"),
    (frozenset({"Watermark", "Full"}), ": the next cycle looks at everybody"),
)
"""What a restart begins anew, in words."""
ORIGINS: Final = {"screen": "you", "http": "over HTTP"}
"""Who lets a command enter."""
_SERVICES: Final = {"graph": "Entra", "scim": "SCIM", "sso": "AWS", "console": "AWS console"}


def entered(action: str, whom: str = "") -> str:
    """A command in words: ``graph.user.update`` is ``Entra: user update``; ``whom`` it is about, if that is known."""
    service, _, rest = action.partition(".")
    words = rest.replace(".", " ").replace("_", " ")
    about = f", {whom}" if whom else ""
    return f"{_SERVICES.get(service, service)}: {words}{about}" if words else action


@dataclass(frozen=True, slots=True)
class Deed:
    """One step in words."""

    who: str
    what: str
    sentence: str
    """What a screen says about it: the scenario's own words, or these."""


def deed(action: Action, named: Callable[[str], str] = str) -> Deed:
    """A step in words; ``named`` turns a scenario's id of a person into a name."""
    words: dict[str, Any] = {key: value for key, value in action if value is not None}
    for key in ("person", "user"):
        whom = words.get(key)
        if isinstance(whom, str):
            words[key] = named(whom)
        elif whom is not None:
            words[key] = f"{whom.given_name} {whom.family_name}"
    words["changed"] = ", ".join(words.get("attributes", ()))
    words["principal"] = words.get("person") or words.get("group", "")
    words["holder"] = words.get("user") or words.get("group", "")
    words["end"] = ", up to a day that is set" if "until" in words else ""
    words["resets"] = "".join(said for scopes, said in _RESETS if not scopes.isdisjoint(words.get("scopes", ())))
    name = str(words.get("do", ""))
    who, form = _DEEDS.get(name, (SCRIPT, name.replace("_", " ")))
    what = form.format_map(words)
    sentence = action.caption or f"{_PLACES.get(who, 'The script:')} {what}."
    return Deed(who, what, sentence)
