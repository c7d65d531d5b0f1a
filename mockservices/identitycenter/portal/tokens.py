"""The portal's bearer tokens, and role credentials: what a client holds.

Invariant: tokens are self-contained and signed, so issuing one changes no state; whether the session behind one still
lives is asked every time. Role credentials open nothing anywhere, and say so.
"""

from __future__ import annotations

from base64 import b32encode
from dataclasses import dataclass
from typing import Any

from mockservices.clock import Millis
from mockservices.identitycenter import render
from mockservices.identitycenter.sessions.records import PortalSession, RoleSession
from mockservices.identitycenter.sessions.rules import HOUR
from mockservices.services import Services

_ACCESS, _REFRESH, _CLIENT = "sso.access", "sso.refresh", "sso.client"


@dataclass(frozen=True, slots=True)
class Bearer:
    """What an access token says."""

    session: str
    expires: Millis


@dataclass(frozen=True, slots=True)
class Client:
    """What the secret of a registered client says."""

    id: str
    refreshes: bool
    """Whether it registered with scopes, as configurations with an ``sso-session`` do: then tokens last an hour and are
    refreshed; otherwise a token lasts as long as its session.
    https://docs.aws.amazon.com/cli/latest/userguide/sso-configure-profile-token.html"""


def register(services: Services, *, refreshes: bool) -> tuple[Client, str]:
    """A new client and its secret."""
    client = Client(services.tokens.request_id(), refreshes)
    return client, services.tokens.sealed(_CLIENT, {"c": client.id, "r": refreshes})


def client_of(services: Services, identifier: object, secret: object) -> Client | None:
    """The client with this id and secret; None for any other pair."""
    claims = services.tokens.unsealed(_CLIENT, secret) if isinstance(secret, str) else None
    if claims is None or claims["c"] != identifier:
        return None
    return Client(claims["c"], claims["r"])


def bearer_of(services: Services, text: str) -> Bearer | None:
    """What an access token of this world says; None for any other text."""
    claims = services.tokens.unsealed(_ACCESS, text)
    return None if claims is None else Bearer(claims["s"], Millis(claims["e"]))


def refreshed_by(services: Services, client: Client, text: object) -> str | None:
    """The session for which a refresh token of this client stands."""
    claims = services.tokens.unsealed(_REFRESH, text) if isinstance(text, str) else None
    return claims["s"] if claims is not None and claims["c"] == client.id else None


def token_members(services: Services, client: Client, session: PortalSession) -> dict[str, Any]:
    """The members of a ``CreateToken`` response for a session that is alive."""
    now = services.clock.now
    expires = min(session.expires, now + HOUR) if client.refreshes else session.expires
    members = {
        "accessToken": services.tokens.sealed(_ACCESS, {"s": session.id, "e": expires}),
        "tokenType": "Bearer",
        "expiresIn": (expires - now) // 1000,
    }
    if client.refreshes:
        members["refreshToken"] = services.tokens.sealed(_REFRESH, {"s": session.id, "c": client.id})
    return members


def role_credentials(services: Services, role: RoleSession) -> dict[str, Any]:
    """The members of ``RoleCredentials``; the expiry is in milliseconds from 1970, in simulated time."""
    letters = b32encode(bytes.fromhex(role.id.replace("-", ""))).decode()
    return {
        "accessKeyId": f"ASIA{letters[:11]}JMLAB",
        "secretAccessKey": f"jmlab/worthless/{letters[:24]}",
        "sessionToken": f"jmlab/worthless/simulated/{role.id}",
        "expiration": render.epoch_ms(services.clock, role.expires),
    }
