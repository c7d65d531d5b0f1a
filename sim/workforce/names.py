"""Names of people: Faker's pools for a locale with their weights, drawn by numpy, and their form in an address.

Invariant: of Faker only the tables are used, never its drawing; `NamePools.version` says which tables they were.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from sim.errors import JmlabError
from sim.randomness import WeightedChoice

DEFAULT_LOCALE: Final = "en_US"

LONGEST_PART: Final = 28
"""Two of them, a dot and seven digits make 64 characters: the limit of mailNickname and of a UPN's local part
(https://learn.microsoft.com/graph/api/resources/user)."""

_LOCALE: Final = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2})?")
_OUTSIDE: Final = re.compile(r"[^a-z0-9]+")
# Letters that Unicode does not decompose into a Latin letter and an accent.
_LETTERS: Final = str.maketrans(
    {"æ": "ae", "ð": "d", "đ": "d", "ə": "e", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ø": "o", "œ": "oe", "ß": "ss"}
    | {"þ": "th", "ŧ": "t"}
)


class LocaleError(JmlabError, ValueError):
    """There are no names for this locale; exit code 2."""


class NamePools:
    """Given and family names of one locale, with the form that each takes in an address."""

    __slots__ = (
        "family",
        "family_choice",
        "family_folded",
        "given",
        "given_choice",
        "given_folded",
        "locale",
        "version",
    )

    def __init__(self, locale: str, version: str, given: Mapping[str, float], family: Mapping[str, float]) -> None:
        self.locale = locale
        self.version = version
        self.given = tuple(given)
        self.family = tuple(family)
        self.given_folded = tuple(map(fold, self.given))
        # A row number follows the family name in an address: digits before it would run into it.
        self.family_folded = tuple(fold(name).rstrip("0123456789") or "x" for name in self.family)
        self.given_choice = WeightedChoice(list(given.values()))
        self.family_choice = WeightedChoice(list(family.values()))
        if max(len(self.given), len(self.family)) > 1 << 16:
            raise ValueError("a pool of names has at most 65,536")


def fold(name: str) -> str:
    """The name as lower-case letters and digits of ASCII, at most 28; ``x`` when nothing of it is left."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return _OUTSIDE.sub("", plain)[:LONGEST_PART] or "x"


@cache
def load_pools(locale: str = DEFAULT_LOCALE) -> NamePools:
    """Faker's names for a locale such as ``en_US``; raises LocaleError when Faker has none of its own for it."""
    module = f"faker.providers.person.{locale}"
    if not _LOCALE.fullmatch(locale) or find_spec(module) is None:
        raise LocaleError(f"there are no names for the locale '{locale[:20]}'; write one such as {DEFAULT_LOCALE}")
    import faker  # not at the top: only a world with a generated population pays the 50 ms

    provider = import_module(module).Provider
    given = _pool(provider, ("first_names",), ("first_names_female", "first_names_male"))
    family = _pool(provider, ("last_names",), ("unisex_last_names",))
    if not given or not family:
        raise LocaleError(f"Faker has no names of its own for '{locale}'; write a locale such as {DEFAULT_LOCALE}")
    return NamePools(locale, f"faker {faker.VERSION} {locale}", given, family)


def _pool(provider: type[Any], *alternatives: tuple[str, ...]) -> dict[str, float]:
    """The first of these alternative sets of tables that the locale itself has; without weights each entry counts 1."""
    # The last three classes are the base of all locales, whose tables are two stand-ins, and what is below it.
    own = {name: table for kind in reversed(provider.__mro__[:-3]) for name, table in vars(kind).items()}
    for names in alternatives:
        tables = [own[name] for name in names if isinstance(own.get(name), Mapping | Sequence)]
        pool: dict[str, float] = {}
        for table in tables:
            entries = table.items() if isinstance(table, Mapping) else ((name, 1.0) for name in table)
            for name, weight in entries:
                pool[name.strip()] = pool.get(name.strip(), 0.0) + weight
        if pool:
            return pool
    return {}
