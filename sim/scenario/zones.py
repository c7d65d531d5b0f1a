"""Time zones and holidays in a scenario file.

Invariant: what has been read here can be loaded when the world is made.
"""

from __future__ import annotations

from typing import Annotated

from pydantic.functional_validators import AfterValidator

from sim.scenario.fields import Text, wrong
from sim.workforce.holidays import HolidayError, days_off
from sim.workforce.zone_files import ZoneError, load_zone


def _zone(name: str) -> str:
    try:
        load_zone(name)
    except ZoneError as error:
        raise wrong(str(error)) from None
    return name


def _holidays(words: tuple[str, ...]) -> tuple[str, ...]:
    try:
        days_off(words, [2026])
    except HolidayError as error:
        raise wrong(str(error)) from None
    return words


TimeZone = Annotated[Text, AfterValidator(_zone)]
Holidays = Annotated[tuple[Text, ...], AfterValidator(_holidays)]
