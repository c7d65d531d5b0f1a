"""Days on which nobody works: written out in the scenario, or a country's by its code.

Invariant: the package that knows the countries is loaded only when a code is used; dates need nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

from sim.errors import JmlabError


class HolidayError(JmlabError, ValueError):
    """There are no such holidays; exit code 2."""


def days_off(words: Iterable[str], years: Iterable[int]) -> frozenset[date]:
    """The days that these words stand for: dates such as ``2026-12-25``, or ``US``, ``GB``, ``DE-BY``.

    Raises HolidayError for a word that is neither.
    """
    years = tuple(years)
    days: set[date] = set()
    for word in words:
        try:
            days.add(date.fromisoformat(word))
        except ValueError:
            days |= _of_country(word, years)
    return frozenset(days)


@cache
def _of_country(code: str, years: tuple[int, ...]) -> frozenset[date]:
    from holidays import country_holidays  # not at the top: only a calendar with holidays pays for it

    country, _, part = code.partition("-")
    try:
        return frozenset(country_holidays(country, subdiv=part or None, years=list(years)))
    except (NotImplementedError, ValueError, KeyError):
        raise HolidayError(
            f"'{code}' has no holidays; write a country's code such as US or DE-BY, or dates such as 2026-12-25"
        ) from None
