"""Command lines that wait for somebody to sign in: the pending requests of OAuth's device authorization grant.

Invariant: nothing here is state of the world. A request is a note of who waits; the session that ends it is made by a
named action. Only the newest requests are kept, so that nobody can fill the memory.
https://www.rfc-editor.org/rfc/rfc8628
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mockservices.tokens import Tokens

KEPT: Final = 256
LIFETIME: Final = 600
"""Seconds that a client is told, on its own clock; simulated time may pass much faster, so it ends nothing here."""
INTERVAL: Final = 1
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


@dataclass(slots=True)
class Device:
    """One request."""

    code: str
    user_code: str
    client: str
    session: str | None = None
    """The portal session with which somebody approved it."""
    redeemed: bool = False


class Devices:
    """The requests of one app."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._made = 0
        self._by_code: dict[str, Device] = {}
        self._by_user_code: dict[str, Device] = {}

    def begin(self, client: str) -> Device:
        """A new request of a registered client."""
        self._made += 1
        secret = self._tokens.secret(f"sso.device/{self._made}", 200)
        letters = [letter for letter in secret.upper() if letter in _LETTERS][:8]
        device = Device(secret[:43], f"{''.join(letters[:4])}-{''.join(letters[4:])}", client)
        self._by_code[device.code] = self._by_user_code[device.user_code] = device
        if len(self._by_code) > KEPT:
            oldest = self._by_code.pop(next(iter(self._by_code)))
            del self._by_user_code[oldest.user_code]
        return device

    def by_code(self, code: object) -> Device | None:
        """By the code that the client holds."""
        return self._by_code.get(code) if isinstance(code, str) else None

    def by_user_code(self, code: str) -> Device | None:
        """By the code that a person types, in any letter case, with or without its dash."""
        letters = "".join(letter for letter in code.upper() if letter.isalpha())
        return self._by_user_code.get(f"{letters[:4]}-{letters[4:]}")

    def was_made(self, code: object) -> bool:
        """Whether a code that is not kept is one of those that were."""
        forgotten = self._made - len(self._by_code)
        return any(self._tokens.secret(f"sso.device/{i}", 43) == code for i in range(1, forgotten + 1))
