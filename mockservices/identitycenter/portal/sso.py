"""The ``sso`` API: what a command line asks the portal for with a token.

Invariant: the token is looked at every time, and so is the session behind it.
https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer, Desk
from mockservices.identitycenter.entities import Account, PermissionSet
from mockservices.identitycenter.errors import AwsError
from mockservices.identitycenter.paging import LARGEST_PAGE, Key, page
from mockservices.identitycenter.portal.answers import refused, route, success
from mockservices.identitycenter.portal.errors import PortalError, bad_request, forbidden, unauthorized
from mockservices.identitycenter.portal.tokens import Bearer, bearer_of, role_credentials
from mockservices.identitycenter.sessions.records import PortalSession
from mockservices.services import Services

TOKEN = "x-amz-sso_bearer_token"


class PortalRoutes:
    """Handlers of one app."""

    def __init__(self, services: Services, desk: Desk) -> None:
        self._services = services
        self._desk = desk

    async def accounts(self, request: Request) -> Response:
        """``ListAccounts``: those in which a role is offered."""

        def work() -> Answer:
            found = {account.row: account for account, _ in self._offered(self._session(request))}
            items = [((row,), _account(account)) for row, account in sorted(found.items())]
            return success(_listed("accountList", "ListAccounts", request, items))

        return await self._desk.read(request, work)

    async def roles(self, request: Request) -> Response:
        """``ListAccountRoles``: the roles that are offered in one account."""

        def work() -> Answer:
            session = self._session(request)
            wanted = _parameter(request, "account_id")
            found = {s.row: s for account, s in self._offered(session) if account.id == wanted}
            if not found:
                raise forbidden()
            items = [((row,), {"roleName": s.name, "accountId": wanted}) for row, s in sorted(found.items())]
            return success(_listed("roleList", "ListAccountRoles", request, items))

        return await self._desk.read(request, work)

    async def credentials(self, request: Request) -> Response:
        """``GetRoleCredentials``: starts a role session."""
        try:
            bearer = self._bearer(request)
            account, role = _parameter(request, "account_id"), _parameter(request, "role_name")
        except PortalError as error:
            return await refused(self._desk, request, error)
        return await self._desk.write(
            request,
            "sso.role.start",
            {"session": bearer.session, "token_expires": bearer.expires, "account": account, "role": role},
            lambda started: success({"roleCredentials": role_credentials(self._services, started)}),
        )

    async def logout(self, request: Request) -> Response:
        """``Logout``: ends the portal session behind the token."""
        try:
            bearer = self._bearer(request)
        except PortalError as error:
            return await refused(self._desk, request, error)
        arguments = {"session": bearer.session, "token_expires": bearer.expires}
        return await self._desk.write(request, "sso.portal.signOut", arguments, lambda _: Answer(200))

    def _bearer(self, request: Request) -> Bearer:
        text = request.headers.get(TOKEN, "")
        bearer = bearer_of(self._services, text) if text.isascii() else None
        if bearer is None:
            raise unauthorized()
        return bearer

    def _session(self, request: Request) -> PortalSession:
        bearer = self._bearer(request)
        session = self._services.doors.portal(bearer.session)
        if session is None or bearer.expires <= self._services.clock.now or not self._services.doors.is_open(session):
            raise unauthorized()
        return session

    def _offered(self, session: PortalSession) -> list[tuple[Account, PermissionSet]]:
        instance = self._services.instance
        return [instance.grant_parts(grant) for grant in self._services.doors.startable(session)]


def _account(account: Account) -> dict[str, Any]:
    # the address of an account's root user is nowhere in this world, and a name that cannot exist says so
    return {"accountId": account.id, "accountName": account.name, "emailAddress": f"aws+{account.id}@accounts.invalid"}


def _parameter(request: Request, name: str) -> str:
    value = request.query_params.get(name, "")
    if not value:
        raise bad_request(f"Missing required parameter {name}")
    return value


def _listed(
    member: str, operation: str, request: Request, items: Sequence[tuple[Key, dict[str, Any]]]
) -> dict[str, Any]:
    text = request.query_params.get("max_result")
    if text is not None and not (text.isdecimal() and text.isascii() and 1 <= int(text[:4]) <= LARGEST_PAGE):
        raise bad_request(f"max_result must be between 1 and {LARGEST_PAGE}")
    try:
        found, more = page(operation, request.query_params.get("next_token"), (text and int(text)) or None, items)
    except AwsError as error:
        raise bad_request(error.message) from None
    return {member: found, **({"nextToken": more["NextToken"]} if more else {})}


def routes(services: Services, desk: Desk) -> list[Route]:
    """The routes of ``sso``."""
    portal = PortalRoutes(services, desk)
    return [
        route(services, "GET", "/assignment/accounts", portal.accounts),
        route(services, "GET", "/assignment/roles", portal.roles),
        route(services, "GET", "/federation/credentials", portal.credentials),
        route(services, "POST", "/logout", portal.logout),
    ]
