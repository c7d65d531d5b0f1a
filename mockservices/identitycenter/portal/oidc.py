"""The ``sso-oidc`` API: how a command line comes by a token, while somebody signs in on a page.

Invariant: a token stands for a portal session that was alive when it was issued. The grant types are those
of command lines: the device code, the authorization code with PKCE, and the refresh token.
https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockservices.desk import Answer, Desk
from mockservices.identitycenter import render
from mockservices.identitycenter.portal.answers import refused, route, success
from mockservices.identitycenter.portal.authorize import Codes
from mockservices.identitycenter.portal.bodies import members_of
from mockservices.identitycenter.portal.devices import INTERVAL, LIFETIME, Devices
from mockservices.identitycenter.portal.errors import (
    OidcError,
    expired_device,
    invalid_client,
    invalid_grant,
    invalid_request,
    pending,
    unsupported_grant,
)
from mockservices.identitycenter.portal.tokens import Client, client_of, refreshed_by, register, token_members
from mockservices.services import Services

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"
_REGISTRATION = 90 * 86_400
"""Seconds for which AWS keeps a client."""

Members = dict[str, Any]


class OidcRoutes:
    """Handlers of one app."""

    def __init__(self, services: Services, desk: Desk, devices: Devices, codes: Codes) -> None:
        self._services = services
        self._desk = desk
        self._devices = devices
        self._codes = codes

    async def register(self, request: Request) -> Response:
        """``RegisterClient``."""

        def work(body: Members) -> Members:
            _required(body, "clientName", "clientType")
            if body["clientType"] != "public":
                raise OidcError("InvalidClientMetadataException", "invalid_client_metadata", "Invalid client type")
            client, secret = register(self._services, refreshes=bool(body.get("scopes")))
            issued = render.epoch_ms(self._services.clock, self._services.clock.now) // 1000
            return {
                "clientId": client.id,
                "clientSecret": secret,
                "clientIdIssuedAt": issued,
                "clientSecretExpiresAt": issued + _REGISTRATION,
            }

        return await self._answered(request, work)

    async def authorize_device(self, request: Request) -> Response:
        """``StartDeviceAuthorization``; any start URL is this one portal's."""

        def work(body: Members) -> Members:
            _required(body, "startUrl")
            device = self._devices.begin(self._client(body).id)
            page = f"{str(request.base_url).rstrip('/')}/device"
            return {
                "deviceCode": device.code,
                "userCode": device.user_code,
                "verificationUri": page,
                "verificationUriComplete": f"{page}?user_code={device.user_code}",
                "expiresIn": LIFETIME,
                "interval": INTERVAL,
            }

        return await self._answered(request, work)

    async def token(self, request: Request) -> Response:
        """``CreateToken``."""

        def work(body: Members) -> Members:
            _required(body, "grantType")
            client = self._client(body)
            if body["grantType"] == DEVICE_CODE:
                return self._of_device(client, body)
            if body["grantType"] == AUTHORIZATION_CODE:
                _required(body, "code", "codeVerifier", "redirectUri")
                return self._of_session(client, self._codes.redeem(client, body))
            if body["grantType"] == REFRESH_TOKEN:
                _required(body, "refreshToken")
                return self._of_session(client, refreshed_by(self._services, client, body["refreshToken"]))
            raise unsupported_grant()

        return await self._answered(request, work)

    def _client(self, body: Members) -> Client:
        _required(body, "clientId", "clientSecret")
        client = client_of(self._services, body["clientId"], body["clientSecret"])
        if client is None:
            raise invalid_client()
        return client

    def _of_device(self, client: Client, body: Members) -> Members:
        _required(body, "deviceCode")
        device = self._devices.by_code(body["deviceCode"])
        if device is None:
            raise expired_device() if self._devices.was_made(body["deviceCode"]) else invalid_grant()
        if device.client != client.id or device.redeemed:
            raise invalid_grant()
        if device.session is None:
            raise pending()
        members = self._of_session(client, device.session)
        device.redeemed = True
        return members

    def _of_session(self, client: Client, identifier: str | None) -> Members:
        session = None if identifier is None else self._services.doors.portal(identifier)
        if session is None or not self._services.doors.is_open(session):
            raise invalid_grant()
        return token_members(self._services, client, session)

    async def _answered(self, request: Request, work: Callable[[Members], Members]) -> Response:
        try:
            body = members_of(await request.body())
        except ValueError as error:
            return await refused(self._desk, request, invalid_request(str(error)))

        def answer() -> Answer:
            return success(work(body))

        return await self._desk.read(request, answer)


def _required(body: Members, *names: str) -> None:
    for name in names:
        if not isinstance(body.get(name), str) or not body[name]:
            raise invalid_request(f"Missing or invalid parameter: {name}")


def routes(services: Services, desk: Desk, devices: Devices, codes: Codes) -> list[Route]:
    """The routes of ``sso-oidc``."""
    oidc = OidcRoutes(services, desk, devices, codes)
    return [
        route(services, "POST", "/client/register", oidc.register),
        route(services, "POST", "/device_authorization", oidc.authorize_device),
        route(services, "POST", "/token", oidc.token),
    ]
