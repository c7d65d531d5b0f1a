"""Time zones by name, from the locked tzdata package: the same on every machine.

Invariant: nothing of the machine's own zone files is read, and nothing heavy is
loaded: scenario files are checked with it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from sim.errors import JmlabError


class ZoneError(JmlabError, ValueError):
    """There is no such time zone; exit code 2."""


@cache
def load_zone(name: str) -> ZoneInfo:
    """The zone of this name, from the tzdata package. Raises ZoneError for one that it does not have."""
    parts = name.split("/")
    if not all(part and part[0].isalnum() for part in parts):
        raise ZoneError(f"'{name}' is no time zone; write one such as Europe/London or UTC")
    path = files("tzdata").joinpath("zoneinfo", *parts)
    if not path.is_file():
        raise ZoneError(f"'{name}' is no time zone; write one such as Europe/London or UTC")
    with path.open("rb") as file:
        try:
            return ZoneInfo.from_file(file, key=name)
        except ValueError:
            raise ZoneError(f"'{name}' is no time zone; write one such as Europe/London or UTC") from None
