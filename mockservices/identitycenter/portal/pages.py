"""The pages of the portal: where somebody signs in, and approves the command line that waits.

Invariant: nobody has a password here. Whoever names a user is that user, and the doors decide for them: the directory
while the identity source is external, the store alone while it is local.
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer, Desk
from mockservices.errors import ServiceError
from mockservices.identitycenter.portal.answers import route, success
from mockservices.identitycenter.portal.bodies import encoded, members_of
from mockservices.identitycenter.portal.devices import Device, Devices
from mockservices.identitycenter.sessions.records import PortalSession
from mockservices.identitycenter.sessions.signing_in import AWS, SignInRefusedError
from mockservices.services import Services

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>AWS access portal (simulated)</title></head>
<body><h1>AWS access portal (simulated)</h1>
{}
</body></html>
"""
FORM = """<form method="post">{}
<label>User name <input name="user" autocomplete="username" required></label>
<button>Sign in</button></form>
<p>There are no passwords here: whoever you name, you are.</p>"""


class SignInPages:
    """Handlers of one app."""

    def __init__(self, services: Services, desk: Desk, devices: Devices) -> None:
        self._services = services
        self._desk = desk
        self._devices = devices

    async def show_device(self, request: Request) -> Response:
        """The page that ``verificationUriComplete`` leads to."""
        code = escape(request.query_params.get("user_code", ""), quote=True)
        form = FORM.format(f'<label>Code <input name="user_code" value="{code}" required></label>')
        return await self._desk.read(request, lambda: page(f"<p>A command line asks for access.</p>{form}"))

    async def sign_in_device(self, request: Request) -> Response:
        """Somebody signs in and approves: ``user_code`` and ``user``, as a form or as JSON."""
        given, as_json = await given_fields(request)
        device = self._devices.by_user_code(given.get("user_code", ""))
        if device is None or device.session is not None:
            sentence = "That code is unknown or has been used."
            return await self._desk.read(request, lambda: _told(as_json, 400, {"error": sentence}, sentence))
        return await self._signed_in(request, given, as_json, device)

    async def show_start(self, request: Request) -> Response:
        """The portal's own page, before anybody has signed in."""
        return await self._desk.read(request, lambda: page(FORM.format("")))

    async def sign_in(self, request: Request) -> Response:
        """Somebody signs in with a browser: ``user``, as a form or as JSON; the roles that they are offered."""
        given, as_json = await given_fields(request)
        return await self._signed_in(request, given, as_json, None)

    async def _signed_in(
        self, request: Request, given: dict[str, str], as_json: bool, device: Device | None
    ) -> Response:
        def respond(session: PortalSession) -> Answer:
            if device is not None:
                device.session = session.id
            clock = self._services.clock
            roles, expires = self._offered(session), clock.iso(session.expires)
            members = {"session": session.id, "user": given["user"], "expires": expires, "roles": roles}
            lines = "".join(f"<li>{escape(r['account'])}: {escape(r['role'])}</li>" for r in roles)
            done = "The command line has access. You can close this page." if device else "You are signed in."
            return _told(as_json, 200, members, f"{done} Until {expires}.", f"<ul>{lines}</ul>")

        arguments = {"user": given.get("user", ""), "command_line": device is not None}
        try:
            return await self._desk.write(request, "sso.portal.signIn", arguments, respond)
        except ServiceError as error:
            return refused_page(error, as_json).response()

    def _offered(self, session: PortalSession) -> list[dict[str, str]]:
        parts = (self._services.instance.grant_parts(grant) for grant in self._services.doors.startable(session))
        return [{"account": a.name, "accountId": a.id, "role": s.name} for a, s in parts]


def refused_page(error: ServiceError, as_json: bool) -> Answer:
    """Who refuses a sign-in, and in which words."""
    by = error.by if isinstance(error, SignInRefusedError) else AWS
    return _told(as_json, error.status, {"error": error.message, "by": by}, f"{by}: {error.message}")


async def given_fields(request: Request) -> tuple[dict[str, str], bool]:
    """The fields of a form or of a JSON object, and whether it was JSON."""
    raw = await request.body()
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            return {name: str(value) for name, value in members_of(raw).items()}, True
        except ValueError:
            return {}, True
    try:
        fields = parse_qs(raw.decode("utf-8", "replace"), max_num_fields=20)
    except ValueError:
        fields = {}
    return {name: values[0].strip() for name, values in fields.items()}, False


def _told(as_json: bool, status: int, members: dict[str, Any], sentence: str, more: str = "") -> Answer:
    if as_json:
        return success(members) if status == 200 else Answer(status, encoded(members))
    return page(f"<p>{escape(sentence)}</p>{more}", status)


def page(content: str, status: int = 200) -> Answer:
    """A page around what it says."""
    return Answer(status, _PAGE.format(content).encode(), "text/html; charset=utf-8")


def routes(services: Services, desk: Desk, devices: Devices) -> list[Route]:
    """The routes of the pages."""
    pages = SignInPages(services, desk, devices)
    return [
        route(services, "GET", "/start", pages.show_start),
        route(services, "POST", "/start", pages.sign_in),
        route(services, "GET", "/device", pages.show_device),
        route(services, "POST", "/device", pages.sign_in_device),
    ]
