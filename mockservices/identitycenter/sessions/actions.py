"""What is done to sessions from outside, by name: the portal, the console, scripts, timeline, replay.

Invariant: arguments are plain JSON values, and an action checks everything before it changes anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockservices.clock import Millis
from mockservices.identitycenter.errors import invalid, no_such, not_found
from mockservices.identitycenter.portal.errors import forbidden, unauthorized
from mockservices.identitycenter.sessions.policies import with_denied, without_denied
from mockservices.identitycenter.sessions.records import PortalSession, RoleSession
from mockservices.services import Action, Arguments, Services


def _user(services: Services, arguments: Arguments) -> int:
    """The row of ``user``: id or userName of a user of the store, deleted ones by id only."""
    given = str(arguments["user"])
    row = services.provider.user_row(given)
    if row is None:
        row = services.provider.user_row_by("userName", given)
    if row is None:
        raise no_such("USER", given)
    return row


def _sign_in(services: Services, arguments: Arguments) -> PortalSession:
    """``user``: the name to sign in with; ``command_line``: whether a command line waits for a token (no)."""
    return services.doors.sign_in(str(arguments["user"]), command_line=bool(arguments.get("command_line", False)))


def _sign_out(services: Services, arguments: Arguments) -> None:
    """``session`` (id), and ``token_expires`` (ms) if a token asks for it."""
    services.doors.sign_out(_open_session(services, arguments).id)


def _open_session(services: Services, arguments: Arguments) -> PortalSession:
    session = services.doors.portal(arguments["session"])
    now = services.clock.now
    if session is None or arguments.get("token_expires", now + 1) <= now or not services.doors.is_open(session):
        raise unauthorized()
    return session


def _end_session(services: Services, arguments: Arguments) -> None:
    """``session`` (id)."""
    services.doors.end_session(arguments["session"])


def _end_sessions(services: Services, arguments: Arguments) -> int:
    """``user`` (id or userName); how many portal sessions were alive."""
    return services.doors.end_sessions(_user(services, arguments))


def _start_role(services: Services, arguments: Arguments) -> RoleSession:
    """``session`` (id), ``account`` (id or name), ``role`` (name of the permission set), and ``token_expires`` (ms) if
    a token asks for it."""
    session = _open_session(services, arguments)
    role = services.doors.start_role(session, arguments["account"], arguments["role"])
    if role is None:
        raise forbidden()
    return role


_LENGTHS = ("portal", "group_change", "cached_sign_in", "command_line", "directory_token")


def _configure(services: Services, arguments: Arguments) -> None:
    """Any of ``rule_set`` (``current`` or ``legacy``) and, in ms, ``portal``, ``group_change``, ``cached_sign_in``,
    ``command_line``, ``directory_token``."""
    changes: dict[str, Any] = {name: Millis(int(arguments[name])) for name in _LENGTHS if name in arguments}
    try:
        rule_set = arguments.get("rule_set", services.doors.rules.rule_set)
        rules = replace(services.doors.rules, rule_set=rule_set, **changes)
    except ValueError as error:
        raise invalid(str(error)) from None
    services.doors.configure(rules)


def _put_inline_policy(services: Services, arguments: Arguments) -> None:
    """``permission_set`` (ARN), ``policy`` (text)."""
    services.doors.put_inline_policy(
        services.instance.find_permission_set(arguments["permission_set"]), arguments["policy"]
    )


def _delete_inline_policy(services: Services, arguments: Arguments) -> None:
    """``permission_set`` (ARN); ResourceNotFoundException when it has none."""
    permission_set = services.instance.find_permission_set(arguments["permission_set"])
    if services.doors.inline_policy(permission_set) is None:
        raise not_found("The permission set has no inline policy.")
    services.doors.put_inline_policy(permission_set, None)


def _put_organisation_policy(services: Services, arguments: Arguments) -> None:
    """``policy`` (text, or null to take it away): a service control policy over all accounts."""
    services.doors.put_organisation_policy(arguments["policy"])


def _deny(services: Services, arguments: Arguments) -> None:
    """``user`` (id or userName), and the ``permission_set`` (ARN) in whose inline policy; without one, in the service
    control policy over all accounts."""
    identifier = services.provider.user_id(_user(services, arguments))
    if "permission_set" in arguments:
        permission_set = services.instance.find_permission_set(arguments["permission_set"])
        text = with_denied(services.doors.inline_policy(permission_set), identifier)
        services.doors.put_inline_policy(permission_set, text)
    else:
        services.doors.put_organisation_policy(with_denied(services.doors.organisation_policy, identifier))


def _allow(services: Services, arguments: Arguments) -> None:
    """The same arguments: takes that denial back."""
    identifier = services.provider.user_id(_user(services, arguments))
    if "permission_set" in arguments:
        permission_set = services.instance.find_permission_set(arguments["permission_set"])
        text = services.doors.inline_policy(permission_set)
        if text is not None:
            services.doors.put_inline_policy(permission_set, without_denied(text, identifier))
    elif services.doors.organisation_policy is not None:
        services.doors.put_organisation_policy(without_denied(services.doors.organisation_policy, identifier))


ACTIONS: Mapping[str, Action] = {
    "sso.portal.signIn": _sign_in,
    "sso.portal.signOut": _sign_out,
    "sso.session.delete": _end_session,
    "sso.sessions.delete": _end_sessions,
    "sso.sessions.configure": _configure,
    "sso.role.start": _start_role,
    "sso.inlinePolicy.put": _put_inline_policy,
    "sso.inlinePolicy.delete": _delete_inline_policy,
    "sso.serviceControlPolicy.put": _put_organisation_policy,
    "sso.user.deny": _deny,
    "sso.user.allow": _allow,
}
