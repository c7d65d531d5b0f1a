"""Credentials and correlation ids: what a trace never reads.

Invariant: issuing or checking one changes no state of a service. An access token is self-contained (its scope
and expiry are signed), so no store of tokens can make two runs differ.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from hashlib import blake2b, sha256
from itertools import count
from typing import Any

from mockservices.clock import Millis


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def fingerprint(secret: str) -> str:
    """The SHA-256 of a secret, in hexadecimal: what is kept of it where it is to be told from others only."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


class Tokens:
    """The secrets of one world and the request ids it hands out."""

    __slots__ = ("_ids", "_key")

    def __init__(self, seed: int) -> None:
        self._key = blake2b(f"jmlab tokens {seed}".encode(), digest_size=32).digest()
        self._ids = count()

    def secret(self, name: str, length: int = 40) -> str:
        """A fixed secret of this world (client secret, SCIM bearer token): URL-safe text."""
        raw = b""
        block = 0
        while len(raw) < length:
            raw += hmac.digest(self._key, f"{name}/{block}".encode(), "sha256")
            block += 1
        return _b64(raw)[:length]

    def request_id(self) -> str:
        """The next request or correlation id, in UUID form."""
        h = hmac.digest(self._key, f"request/{next(self._ids)}".encode(), "sha256").hex()
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"

    def access_token(self, tenant: str, client: str, audience: str, expires: Millis) -> str:
        """A signed bearer token in JWT form that says who asked and when it expires (simulated ms)."""
        head = _b64(b'{"typ":"JWT","alg":"HS256"}')
        claims = {"aud": audience, "iss": f"https://sts.windows.net/{tenant}/", "appid": client, "tid": tenant}
        body = _b64(json.dumps({**claims, "exp_ms": expires}, separators=(",", ":")).encode())
        return f"{head}.{body}.{self._sign(f'{head}.{body}')}"

    def expiry(self, token: str) -> Millis | None:
        """When a token that this world signed expires; None for any other text."""
        head, _, rest = token.partition(".")
        body, _, signature = rest.partition(".")
        if not signature or not hmac.compare_digest(signature.encode(), self._sign(f"{head}.{body}").encode()):
            return None
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return Millis(int(claims["exp_ms"]))

    def sealed(self, purpose: str, claims: Mapping[str, object]) -> str:
        """Claims as a signed text for a purpose, which :meth:`unsealed` reads again."""
        body = _b64(json.dumps(claims, separators=(",", ":")).encode())
        return f"{body}.{self._sign(f'{purpose}/{body}')}"

    def unsealed(self, purpose: str, text: str) -> dict[str, Any] | None:
        """The claims of a text that this world sealed for this purpose; None for any other text."""
        body, _, signature = text.partition(".")
        expected = self._sign(f"{purpose}/{body}").encode()
        if not signature or not hmac.compare_digest(signature.encode("utf-8", "replace"), expected):
            return None
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return claims

    def _sign(self, text: str) -> str:
        return _b64(hmac.new(self._key, text.encode("utf-8", "replace"), sha256).digest())
