"""Names of people: Faker's pools for one or several locales with their weights, drawn by numpy.

Invariant: of Faker only the tables are used, never its drawing; `NamePools.version` says which tables they were. A
given name and the family name beside it are always of one locale.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate
from typing import Any, Final, TypeAlias

import numpy as np

from sim.errors import JmlabError
from sim.randomness import Ints, Streams, WeightedChoice
from sim.workforce.letters import fold

DEFAULT_LOCALE: Final = "en_US"
_MOST: Final = 1 << 16
_LOCALE: Final = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2})?")

Locales: TypeAlias = tuple[tuple[str, float], ...]
"""Locales with their weights."""


class LocaleError(JmlabError, ValueError):
    """There are no names for this locale; exit code 2."""


class NamePool:
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

    def __init__(
        self,
        locale: str,
        version: str,
        given: Mapping[str, float],
        family: Mapping[str, float],
        readings: Mapping[str, str] | None = None,
    ) -> None:
        """``readings``: names in Latin letters, for those that no table of letters can write."""
        read = readings or {}
        self.locale = locale
        self.version = version
        self.given = tuple(given)
        self.family = tuple(family)
        self.given_folded = tuple(fold(read.get(name, name)) for name in self.given)
        # A number may follow the family name in an address: digits before it would run into it.
        folded = (fold(read.get(name, name)) for name in self.family)
        self.family_folded = tuple(name.rstrip("0123456789") or "x" for name in folded)
        self.given_choice = WeightedChoice(list(given.values()))
        self.family_choice = WeightedChoice(list(family.values()))
        if max(len(self.given), len(self.family)) > _MOST:
            raise ValueError("a pool of names has at most 65,536")


class NamePools:
    """The names of a company's people: one pool behind the other, so that an index says its locale too."""

    __slots__ = (
        "_choice",
        "_family_starts",
        "_given_starts",
        "family",
        "family_folded",
        "given",
        "given_folded",
        "locales",
        "parts",
        "version",
    )

    def __init__(self, parts: Sequence[tuple[NamePool, float]]) -> None:
        """Pools with their weights. Raises ValueError when two bytes cannot number all the names."""
        self.parts = tuple(pool for pool, _ in parts)
        self.locales = tuple(pool.locale for pool in self.parts)
        versions = [pool.version for pool in self.parts]
        self.version = ", ".join(dict.fromkeys(versions))
        self.given: tuple[str, ...] = sum((pool.given for pool in self.parts), ())
        self.family: tuple[str, ...] = sum((pool.family for pool in self.parts), ())
        self.given_folded: tuple[str, ...] = sum((pool.given_folded for pool in self.parts), ())
        self.family_folded: tuple[str, ...] = sum((pool.family_folded for pool in self.parts), ())
        self._given_starts = list(accumulate((len(pool.given) for pool in self.parts), initial=0))
        self._family_starts = list(accumulate((len(pool.family) for pool in self.parts), initial=0))
        self._choice = WeightedChoice([weight for _, weight in parts])
        if max(len(self.given), len(self.family)) > _MOST:
            raise ValueError("the pools of names have at most 65,536 names together")

    def draw(self, streams: Streams, count: int) -> tuple[Ints, Ints]:
        """The given and family names of so many people, as indices into ``given`` and ``family``.

        A company of one locale draws none; its people have the same names as in a company of several who are of it.
        """
        given = self.parts[0].given_choice.draws(streams.stream("workforce/names/given"), count)
        family = self.parts[0].family_choice.draws(streams.stream("workforce/names/family"), count)
        if len(self.parts) == 1:
            return self.parts[0].given_choice.indices(given), self.parts[0].family_choice.indices(family)
        which = self._choice.draw(streams.stream("workforce/names/locale"), count)
        for part, pool in enumerate(self.parts):
            of_it = which == part
            given[of_it] = pool.given_choice.indices(given[of_it]) + self._given_starts[part]
            family[of_it] = pool.family_choice.indices(family[of_it]) + self._family_starts[part]
        return given, family

    def other_family(self, given: Ints, draws: Ints) -> Ints:
        """Family names for people with these given names, of the same locales; draws are in [0, 2**31)."""
        which = np.searchsorted(np.array(self._given_starts), given, side="right") - 1
        found = np.empty(len(draws), dtype=np.int64)
        for part, pool in enumerate(self.parts):
            of_it = which == part
            found[of_it] = pool.family_choice.indices(draws[of_it]) + self._family_starts[part]
        return found

    def part_of(self, given: int) -> int:
        """Which locale a given name is of, as an index into ``locales``."""
        return bisect_right(self._given_starts, given) - 1 if len(self.parts) > 1 else 0

    def parts_of(self, given: Ints) -> Ints:
        """The same for many."""
        return np.searchsorted(np.array(self._given_starts[1:]), given, side="right").astype(np.int64, copy=False)

    def family_names(self, part: int) -> range:
        """The indices of one locale's family names."""
        return range(self._family_starts[part], self._family_starts[part + 1])


def load_pools(locales: str | Locales = DEFAULT_LOCALE) -> NamePools:
    """Faker's names for a locale such as ``en_US``, or for several with their weights; raises LocaleError when Faker
    has none of its own for one of them."""
    wanted = ((locales, 1.0),) if isinstance(locales, str) else locales
    return NamePools([(load_pool(locale), weight) for locale, weight in wanted])


@cache
def load_pool(locale: str) -> NamePool:
    """Faker's names for one locale."""
    module = f"faker.providers.person.{locale}"
    if not _LOCALE.fullmatch(locale) or find_spec(module) is None:
        raise LocaleError(f"there are no names for the locale '{locale[:20]}'; write one such as {DEFAULT_LOCALE}")
    import faker  # not at the top: only a world with a generated population pays the 50 ms

    provider = import_module(module).Provider
    given = _pool(provider, ("first_names",), ("first_names_female", "first_names_male"))
    family = _pool(provider, ("last_names",), ("unisex_last_names",))
    if not given or not family:
        raise LocaleError(f"Faker has no names of its own for '{locale}'; write a locale such as {DEFAULT_LOCALE}")
    return NamePool(locale, f"faker {faker.VERSION} {locale}", given, family, _readings(provider))


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


def _readings(provider: type[Any]) -> dict[str, str]:
    """How names are read, where Faker says so (Japanese: characters, syllables, Latin letters)."""
    found: dict[str, str] = {}
    for table in ("first_name_pairs", "last_name_pairs"):
        for written, *_, latin in getattr(provider, table, ()):
            found.setdefault(written.strip(), latin)
    return found
