"""Pseudonyms in place of names: the same value gives the same word, and no word leads back without the key.

Invariant: a run with hashed names holds no name anywhere, not in its journal, its trace or an error. Who knows the
scenario's name and seed and has a list of people can find out which word is whose: it is pseudonymous, not anonymous.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

_ADDRESS_BYTES: Final = 10
"""80 bits: of a million people two get one address with a probability of 4 in 10^13."""
_NAME_BYTES: Final = 5


class Pseudonyms:
    """Keyed hashes (BLAKE2b, RFC 7693) of names and addresses, spelt as hexadecimal digits."""

    def __init__(self, scenario: str, seed: int, domain: str) -> None:
        """``domain``: what the company's own domain is called; it is the first that is met."""
        self._key = blake2b(f"jmlab names\n{scenario}\n{seed}".encode(), digest_size=32).digest()
        self._domains: dict[str, str] = {}
        self._domain = domain
        self._names: dict[str, str] = {}

    def name(self, text: str) -> str:
        """What stands for a given or family name, such as ``N3f09a2c41e``."""
        known = self._names.get(text)
        if known is None:
            known = self._names[text] = "N" + self._word("name", text, _NAME_BYTES)
        return known

    def address(self, text: str) -> str:
        """What stands for a userPrincipalName; capitals make no difference."""
        local, at, domain = text.lower().rpartition("@")
        return f"{self.nickname(local)}@{self.domain(domain)}" if at else self.nickname(domain)

    def nickname(self, text: str) -> str:
        """What stands for a mailNickname, or for the part of an address before the @."""
        return "p" + self._word("address", text.lower(), _ADDRESS_BYTES)

    def domain(self, text: str) -> str:
        """What stands for a domain: the company's own for the first, a word in ``.example`` for any other."""
        known = self._domains.get(text)
        if known is None:
            known = f"{self._word('domain', text, _NAME_BYTES)}.example" if self._domains else self._domain
            self._domains[text] = known
        return known

    def employee_id(self, text: str) -> str:
        """What stands for HR's number of a person: at most 16 characters."""
        return "H" + self._word("employee", text, _NAME_BYTES)

    def _word(self, kind: str, text: str, size: int) -> str:
        return blake2b(text.encode(), digest_size=size, key=self._key, person=kind.encode()).hexdigest()
