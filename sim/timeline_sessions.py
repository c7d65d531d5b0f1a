"""Carries out what the timeline says is done at the doors: signing in, starting roles, ending sessions, denying.

Invariant: everything goes through the named actions of the services, which refuse as they would refuse anybody.
"""

from __future__ import annotations

from mockservices.errors import ServiceError
from mockservices.identitycenter.console import EXTERNAL
from mockservices.identitycenter.errors import no_such
from mockservices.identitycenter.sessions.records import PortalSession
from mockservices.identitycenter.sessions.rules import SessionRules
from sim.parts import Parts, target_principal
from sim.ports import USER
from sim.scenario import Scenario
from sim.scenario.action import Action
from sim.scenario.sessions import (
    AwsAllow,
    AwsDeny,
    AwsEndSessions,
    AwsPortalLength,
    Sessions,
    SignIn,
    SignOut,
    StartRole,
)


def session_rules(scenario: Scenario) -> SessionRules:
    """The rules of the doors as a scenario sets them; a scenario without sessions has AWS's defaults."""
    given = scenario.target.sessions or Sessions()
    return SessionRules(
        rule_set=given.rules,
        sign_in=scenario.target.sign_in,
        portal=given.portal,
        group_change=given.group_change,
        cached_sign_in=given.cached_sign_in,
        command_line=given.command_line,
        directory_token=given.directory_token,
    )


class SessionScript:
    """The doors' part of one world's timeline."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def in_console(self, action: Action) -> None:
        """What an administrator does in the target's console."""
        services = self._parts.services
        if isinstance(action, AwsEndSessions):
            services.perform("sso.sessions.delete", {"user": self._user(action.user)})
        elif isinstance(action, AwsDeny | AwsAllow):
            arguments = {"user": self._user(action.user)}
            if action.permission_set is not None:
                found = services.instance.permission_set_named(action.permission_set)
                arguments["permission_set"] = action.permission_set if found is None else found.arn
            services.perform("sso.user.deny" if isinstance(action, AwsDeny) else "sso.user.allow", arguments)
        elif isinstance(action, AwsPortalLength):
            services.perform("sso.sessions.configure", {"portal": action.length})

    def at_the_portal(self, action: Action, name: str, number: int | None) -> None:
        """What somebody does at the portal: the name of their account, and which person it is."""
        person = None if number is None else self._parts.ledger.known(number)
        users = () if person is None else person.targets
        if isinstance(action, SignIn):
            self._sign_in(name, users)
        elif isinstance(action, SignOut):
            for session in self._open(name, users):
                self._parts.services.doors.sign_out(session.id)
        elif isinstance(action, StartRole):
            sessions = self._open(name, users) or [self._sign_in(name, users)]
            arguments = {"account": action.account, "role": action.permission_set}
            for position, session in enumerate(sessions, 1):
                try:
                    self._parts.services.perform("sso.role.start", {"session": session.id, **arguments})
                except ServiceError:
                    if position == len(sessions):
                        raise
                else:
                    return

    def _sign_in(self, name: str, users: tuple[int, ...]) -> PortalSession:
        """By the account's name, except where the target knows the person by one of its own and decides by itself on
        who is let in."""
        services = self._parts.services
        federated = (
            services.instance.console.identity_source == EXTERNAL and services.doors.rules.sign_in == "federated"
        )
        if not federated and services.provider.user_row_by("userName", name) is None:
            there = [row for row in users if services.provider.exists(row)]
            name = str(services.provider.peek(there[0]).attributes["userName"]) if there else name
        return services.doors.sign_in(name)

    def _open(self, name: str, users: tuple[int, ...]) -> list[PortalSession]:
        """Their open sessions, the one that was opened last first."""
        services = self._parts.services
        row = services.provider.user_row_by("userName", name)
        rows = dict.fromkeys(users if row is None else (row, *users))
        started = [session for row in rows for session in services.doors.started(row)]
        started.sort(key=lambda session: -session.opened)
        return [session for session in started if services.doors.is_open(session)]

    def _user(self, name: str) -> str:
        identifier = target_principal(self._parts, USER, name)
        if identifier is None:
            raise no_such("USER", name)
        return identifier
