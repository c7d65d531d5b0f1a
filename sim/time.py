"""Durations and instants as people write them, and as the world counts them: whole milliseconds.

Invariant: nothing is rounded; a text that does not name its unit, or an instant without a time zone, is refused.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from mockservices.clock import Millis
from sim.errors import JmlabError

SECOND: Final = Millis(1_000)
MINUTE: Final = Millis(60_000)
HOUR: Final = Millis(3_600_000)
DAY: Final = Millis(86_400_000)
WEEK: Final = Millis(604_800_000)

LONGEST: Final = Millis(36_525 * DAY)
"""The longest duration that can be written: 100 years of 365.25 days."""

FORMS: Final = "100ms, 40m, 24h, 90d, 2w, 1h30m, PT40M or P1DT2H"
"""The forms of a duration, for error sentences."""

_SHORT: Final = r"(?=[0-9])(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?"
_ISO: Final = r"P(?=[0-9T])(?:[0-9]+W)?(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?"
DURATION_PATTERN: Final = f"^(?:{_SHORT}|{_ISO})$"
"""What a duration looks like, for the JSON Schema of the scenario file."""

SIGNED_DURATION_PATTERN: Final = f"^-?(?:{_SHORT}|{_ISO})$"
"""The same where negative durations are allowed."""

_DURATION: Final = re.compile(SIGNED_DURATION_PATTERN)
_PART: Final = re.compile(r"([0-9]+)(ms|[wdhmsWDHMS])")
_UNITS: Final = {"w": WEEK, "d": DAY, "h": HOUR, "m": MINUTE, "s": SECOND, "ms": Millis(1)}
_NUMBER: Final = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[Tt ].*)?")
_YEARS: Final = range(1970, 2201)


class TimeError(JmlabError, ValueError):
    """A duration or an instant is not written in an allowed form; exit code 2."""


def parse_duration(text: str | int, *, allow_negative: bool = False) -> Millis:
    """The milliseconds that a text such as ``40m``, ``1h30m`` or ``P1DT2H`` stands for.

    Units go from long to short, each at most once. Raises TimeError for a number without a unit, for an unknown form,
    for anything longer than 100 years, and for a negative duration unless those are allowed.
    """
    written = str(text)
    if isinstance(text, int) or _NUMBER.fullmatch(written):
        raise TimeError(f"{clipped(written)} has no unit; write a duration such as {FORMS}")
    if not _DURATION.match(written) or written.endswith("\n"):
        raise TimeError(f"'{clipped(written)}' is not a duration; write one such as {FORMS}")
    negative = written.startswith("-")
    if negative and not allow_negative:
        raise TimeError(f"{clipped(written)} is negative; write it without a minus sign, for example 40m")
    total = 0
    for digits, unit in _PART.findall(written):
        # More digits than any allowed duration has, and more than int() would read: capped, and so refused below.
        total += (int(digits) if len(digits) <= 16 else LONGEST + 1) * _UNITS[unit.lower()]
    if total > LONGEST:
        raise TimeError(f"{clipped(written)} is too long; the longest duration is {format_duration(LONGEST)}")
    return Millis(-total if negative else total)


def format_duration(duration: int) -> str:
    """The shortest exact form in days and smaller units: ``90d``, ``1h30m``, ``100ms``, ``0m``."""
    if duration == 0:
        return "0m"
    parts = ["-"] if duration < 0 else []
    rest = abs(duration)
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)


def counted(number: int, noun: str) -> str:
    """``1 request``, ``2 requests``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def span_text(ms: int) -> str:
    """A duration in its two largest units: ``2d 4h``, ``12m 30s``."""
    seconds = max(ms, 0) // 1000
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count}{unit}")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if not part.startswith("0")) or "0s"


def looks_like_instant(text: str) -> bool:
    """Whether a text is meant as a date (and time) rather than as a duration."""
    return _INSTANT.fullmatch(text) is not None


def parse_instant(text: str) -> datetime:
    """The aware UTC instant of an ISO 8601 text such as ``2026-03-02T08:00:00Z``; raises TimeError for others."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise TimeError(f"'{clipped(text)}' is not a date and time; write one such as 2026-03-02T08:00:00Z") from None
    if instant.tzinfo is None:
        raise TimeError(f"{clipped(text)} has no time zone; write one such as 2026-03-02T08:00:00Z")
    if instant.year not in _YEARS:
        raise TimeError(f"{clipped(text)} is out of range; the year must lie between {_YEARS[0]} and {_YEARS[-1]}")
    return instant.astimezone(UTC)


def clipped(text: str, width: int = 40) -> str:
    """A text short enough to quote in a sentence."""
    return text if len(text) <= width else text[: width - 1] + "…"
