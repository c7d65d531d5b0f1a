"""What ``/_testbed/console`` offers: what is done in AWS's console, as named actions with JSON arguments.

Invariant: nothing is done here; a deed names the action that enters the world as a command, what it may be given, and
how its result is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mockservices.identitycenter.console import EXTERNAL, LOCAL
from mockservices.services import Services
from mockservices.testbed_body import json_object

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that can be done in the console."""

    action: str
    answer: Callable[[Services, Any, str], Json]
    """From the services, the action's result and the SCIM base URL."""
    argument: str | None = None
    values: tuple[str, ...] = ()
    """What the argument can be; without any, it is some text."""


def read_arguments(deed: Deed, raw: bytes) -> Mapping[str, str]:
    """The arguments of a deed from a request's body; ``ValueError`` with a sentence for the caller."""
    takes = "this takes no arguments: an empty body or {}"
    if deed.argument is not None:
        values = " or ".join(json.dumps(value) for value in deed.values) or "TEXT"
        takes = f'this takes {{"{deed.argument}": {values}}}'
    body = json_object(raw, takes) if raw.strip() or deed.argument is not None else {}
    if set(body) != ({deed.argument} if deed.argument is not None else set()):
        raise ValueError(takes)
    if deed.argument is not None:
        given = body[deed.argument]
        if given not in deed.values if deed.values else not (isinstance(given, str) and given):
            raise ValueError(takes)
    return body


def settings(services: Services) -> Json:
    """How far the set-up has come, and the organisation's accounts by name: what the console's first pages show."""
    console = services.instance.console
    return {
        "region": console.region,
        "identity_source": console.identity_source,
        "automatic_provisioning": console.provisioning,
        "accounts": {account.name: account.id for account in services.instance.accounts},
    }


def _set_up(services: Services, done: Any, scim_base: str) -> Json:
    return settings(services)


def _endpoint(services: Services, done: Any, scim_base: str) -> Json:
    """The only place where the token's text is ever shown."""
    return {"endpoint": scim_base, "token": done["token"], "expires": done["expires"]}


def _stale(services: Services, done: Any, scim_base: str) -> Json:
    grants = [{"users": list(g.users), "permission_set": g.permission_set, "account": g.account} for g in done]
    return {"found": len(grants), "stale": grants}


def _removed(services: Services, done: Any, scim_base: str) -> Json:
    return {"removed": done}


def _ended(services: Services, done: Any, scim_base: str) -> Json:
    return {"ended": done}


def _denied(services: Services, done: Any, scim_base: str) -> Json:
    return {"service_control_policy": services.doors.organisation_policy}


DEEDS: Final[Mapping[str, Deed]] = {
    "enable": Deed("sso.instance.enable", _set_up, "region", ("us-east-1",)),
    "identity-source": Deed("sso.identitySource.set", _set_up, "source", (LOCAL, EXTERNAL)),
    "automatic-provisioning": Deed("sso.provisioning.enable", _endpoint),
    "audit": Deed("sso.audit", _stale),
    "clean-up": Deed("sso.cleanUp", _removed),
    "delete-sessions": Deed("sso.sessions.delete", _ended, "user"),
    "deny": Deed("sso.user.deny", _denied, "user"),
    "allow": Deed("sso.user.allow", _denied, "user"),
}
"""By their names in the path."""
