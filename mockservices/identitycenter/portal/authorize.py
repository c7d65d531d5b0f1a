"""OAuth's authorization code with PKCE: how a command line signs somebody in whose browser is on the same machine.

Invariant: a code is sealed and says for whom, for which client, address and challenge it was made, so it is no state;
only its use is kept. A browser is sent to an address of this machine and to no other.
https://www.rfc-editor.org/rfc/rfc7636 and https://www.rfc-editor.org/rfc/rfc8252#section-7.3
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer, Desk
from mockservices.errors import ServiceError
from mockservices.identitycenter.portal.answers import refused, route
from mockservices.identitycenter.portal.errors import invalid_grant, invalid_request
from mockservices.identitycenter.portal.pages import FORM, given_fields, page, refused_page
from mockservices.identitycenter.portal.tokens import Client
from mockservices.identitycenter.sessions.records import PortalSession
from mockservices.services import Services

_CODE = "sso.code"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_NAMES = ("client_id", "redirect_uri", "state", "code_challenge")


class Codes:
    """The authorization codes of one app."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._used: dict[str, None] = {}

    def issue(self, asked: dict[str, str], session: PortalSession) -> str:
        """A code for what a client has asked for."""
        claims = {"s": session.id, "c": asked["client_id"], "r": asked["redirect_uri"], "p": asked["code_challenge"]}
        return self._services.tokens.sealed(_CODE, claims)

    def redeem(self, client: Client, body: dict[str, Any]) -> str:
        """The session behind a code, once; InvalidGrantException for what does not belong together."""
        code = body["code"]
        claims = self._services.tokens.unsealed(_CODE, code)
        digest = urlsafe_b64encode(sha256(body["codeVerifier"].encode()).digest()).rstrip(b"=").decode()
        if claims is None or code in self._used:
            raise invalid_grant()
        if (claims["c"], claims["r"], claims["p"]) != (client.id, body["redirectUri"], digest):
            raise invalid_grant()
        self._used[code] = None
        session: str = claims["s"]
        return session


class AuthorizeRoutes:
    """Handlers of one app."""

    def __init__(self, services: Services, desk: Desk, codes: Codes) -> None:
        self._services = services
        self._desk = desk
        self._codes = codes

    async def show(self, request: Request) -> Response:
        """The page to which the command line sends the browser."""
        try:
            _asked(request)
        except ServiceError as error:
            return await refused(self._desk, request, error)
        shown = f"<p>A command line asks for access.</p>{FORM.format('')}"
        return await self._desk.read(request, lambda: page(shown))

    async def sign_in(self, request: Request) -> Response:
        """Somebody signs in (``user``); the browser goes back to the command line with a code."""
        try:
            asked = _asked(request)
        except ServiceError as error:
            return await refused(self._desk, request, error)
        given, as_json = await given_fields(request)

        def respond(session: PortalSession) -> Answer:
            back = urlencode({"code": self._codes.issue(asked, session), "state": asked["state"]})
            return Answer(302, headers={"location": f"{asked['redirect_uri']}?{back}"})

        arguments = {"user": given.get("user", ""), "command_line": True}
        try:
            return await self._desk.write(request, "sso.portal.signIn", arguments, respond)
        except ServiceError as error:
            return refused_page(error, as_json).response()


def _asked(request: Request) -> dict[str, str]:
    asked = {name: request.query_params.get(name, "") for name in _NAMES}
    missing = next((name for name, value in asked.items() if not value), None)
    if missing is not None:
        raise invalid_request(f"Missing required parameter: {missing}")
    if request.query_params.get("response_type") != "code":
        raise invalid_request("response_type must be code")
    if request.query_params.get("code_challenge_method") != "S256":
        raise invalid_request("code_challenge_method must be S256")
    try:
        address = urlsplit(asked["redirect_uri"])
    except ValueError:
        address = urlsplit("")
    if address.scheme != "http" or address.hostname not in _LOOPBACK or address.query or address.fragment:
        raise invalid_request("redirect_uri must be an http address of this machine")
    return asked


def routes(services: Services, desk: Desk, codes: Codes) -> list[Route]:
    """The routes of the authorization page."""
    authorize = AuthorizeRoutes(services, desk, codes)
    return [
        route(services, "GET", "/authorize", authorize.show),
        route(services, "POST", "/authorize", authorize.sign_in),
    ]
