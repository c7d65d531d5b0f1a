"""Dates as .NET's custom format strings read and write them, in the invariant culture.

Invariant: a moment is an aware datetime in UTC. Text without an offset counts as UTC, since the service that Microsoft
runs has no other local time. A format is taken apart once and kept.
https://learn.microsoft.com/dotnet/standard/base-types/custom-date-and-time-format-strings
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from mockservices.values import value

RENDERED: Final = "M/d/yyyy h:mm:ss tt"
"""What CDate, DateAdd, DateFromNum and Now give."""

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_STANDARD: Final = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "m": "MMMM dd",
    "M": "MMMM dd",
    "o": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
    "O": "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
    "r": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
    "R": "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
    "s": "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "u": "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
    "y": "yyyy MMMM",
    "Y": "yyyy MMMM",
}
"""https://learn.microsoft.com/dotnet/standard/base-types/standard-date-and-time-format-strings, invariant culture"""

STYLES: Final = (
    "None",
    "AllowLeadingWhite",
    "AllowTrailingWhite",
    "AllowInnerWhite",
    "AllowWhiteSpaces",
    "NoCurrentDateDefault",
    "AdjustToUniversal",
    "AssumeLocal",
    "AssumeUniversal",
    "RoundtripKind",
)
"""https://learn.microsoft.com/dotnet/api/system.globalization.datetimestyles"""
USUAL_STYLES: Final = ("RoundtripKind", "AllowLeadingWhite", "AllowTrailingWhite")


@value
class Moment:
    """A moment, and whether its text said how far from UTC it was."""

    at: datetime
    zoned: bool = False


@value
class _Piece:
    """A run of one format letter, or (letter ``'``) text that stands for itself."""

    letter: str
    length: int
    text: str = ""


def write(moment: Moment, format_text: str) -> str:
    """The moment in this format. Raises ValueError with the reason when the format is none."""
    return "".join(_written(piece, moment) for piece in _pieces(format_text))


def read(text: str, format_text: str, styles: tuple[str, ...] = USUAL_STYLES) -> Moment:
    """The moment that a text in this format names; parts that the format lacks are 1 January 1, 0:00.
    Raises ValueError with the reason when text and format do not agree."""
    around = "AllowWhiteSpaces" in styles
    if around or "AllowLeadingWhite" in styles:
        text = text.lstrip()
    if around or "AllowTrailingWhite" in styles:
        text = text.rstrip()
    match = _reader(format_text, around or "AllowInnerWhite" in styles).fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not in the form {format_text}")
    try:
        moment = _moment({key: found for key, found in match.groupdict().items() if found is not None})
    except (ValueError, OverflowError):
        raise ValueError(f"'{text}' is no date") from None
    name = next((found for key, found in match.groupdict().items() if key[0] == "w" and found), None)
    zone = timedelta() if not moment.zoned else _offset(_found(match, "z") or _found(match, "K") or "")
    if name and DAYS[(moment.at + zone).weekday()][: len(name)].lower() != name.lower():
        raise ValueError(f"'{text}' names the wrong day of the week")
    return moment


@lru_cache(maxsize=256)
def _pieces(format_text: str) -> tuple[_Piece, ...]:
    if not format_text:
        raise ValueError("the format is empty")
    if len(format_text) == 1:
        if format_text not in _STANDARD:
            raise ValueError(f"there is no date format {format_text}")
        format_text = _STANDARD[format_text]
    pieces: list[_Piece] = []
    at = 0
    while at < len(format_text):
        letter = format_text[at]
        if letter in "dfFghHKmMstyz":
            end = at
            while format_text[end : end + 1] == letter:
                end += 1
            if letter in "fF" and end - at > 7:
                raise ValueError(f"a date format has at most 7 {letter} in a row")
            pieces += [_Piece("K", 1)] * (end - at) if letter == "K" else [_Piece(letter, end - at)]
            at = end
        elif letter in "'\"":
            end = format_text.find(letter, at + 1)
            if end < 0:
                raise ValueError(f"the date format {format_text} has a quotation mark that is not closed")
            pieces.append(_Piece("'", end - at - 1, format_text[at + 1 : end]))
            at = end + 1
        elif letter == "%":
            at += 1
        elif letter == "\\":
            if at + 1 == len(format_text):
                raise ValueError(f"the date format {format_text} ends in a backslash")
            pieces.append(_Piece("'", 1, format_text[at + 1]))
            at += 2
        else:
            pieces.append(_Piece("'", 1, letter))
            at += 1
    return tuple(pieces)


def _written(piece: _Piece, moment: Moment) -> str:
    at, length = moment.at, piece.length
    match piece.letter:
        case "'":
            return piece.text
        case "d":
            name = DAYS[at.weekday()]
            return _padded(at.day, length) if length < 3 else name[:3] if length == 3 else name
        case "M":
            name = MONTHS[at.month - 1]
            return _padded(at.month, length) if length < 3 else name[:3] if length == 3 else name
        case "y":
            return _padded(at.year % 100, length) if length < 3 else str(at.year).zfill(length)
        case "h":
            return _padded(at.hour % 12 or 12, length)
        case "f":
            return f"{at.microsecond:06d}0"[:length]
        case "F":
            return f"{at.microsecond:06d}0"[:length].rstrip("0")
        case "t":
            half = "AM" if at.hour < 12 else "PM"
            return half[:1] if length == 1 else half
        case "z":
            return ("+0", "+00")[length - 1] if length < 3 else "+00:00"
        case "K":
            return "Z" if moment.zoned else ""
        case "g":
            return "A.D."
        case letter:
            return _padded({"H": at.hour, "m": at.minute, "s": at.second}[letter], length)


def _padded(number: int, length: int) -> str:
    return str(number) if length == 1 else f"{number:02d}"


def _any_of(names: tuple[str, ...], short: bool) -> str:
    return "|".join(name[:3] if short else name for name in names)


def _shape(piece: _Piece) -> tuple[str, str]:
    """The group's name (its first letter says what it holds), and the pattern inside it."""
    letter, length = piece.letter, piece.length
    match letter:
        case "d" if length > 2:
            return "w", _any_of(DAYS, length == 3)
        case "M" if length > 2:
            return "N", _any_of(MONTHS, length == 3)
        case "y":
            return "y", "[0-9]{1,2}" if length == 1 else f"[0-9]{{{length}}}"
        case "f":
            return "f", f"[0-9]{{{length}}}"
        case "F":
            return "f", f"[0-9]{{0,{length}}}"
        case "t":
            return "t", "[AP]" if length == 1 else "AM|PM"
        case "z":
            return (
                "z",
                "[+-][0-9]{1,2}" if length == 1 else "[+-][0-9]{2}" if length == 2 else "[+-][0-9]{2}:?[0-9]{2}|Z",
            )
        case "K":
            return "K", "Z|[+-][0-9]{2}:[0-9]{2}|"
        case "g":
            return "g", "A\\.?D\\.?"
        case _:
            return letter, "[0-9]{1,2}" if length == 1 else "[0-9]{2}"


@lru_cache(maxsize=256)
def _reader(format_text: str, inner_white: bool) -> re.Pattern[str]:
    parts: list[str] = []
    seen: set[str] = set()
    for piece in _pieces(format_text):
        if piece.letter == "'":
            parts.append(re.escape(piece.text))
            continue
        name, inside = _shape(piece)
        # Of a part that comes twice, the first counts.
        parts.append(f"(?:{inside})" if name in seen else f"(?P<{name}>{inside})")
        seen.add(name)
    return re.compile(("[ \\t]*" if inner_white else "").join(parts), re.IGNORECASE)


def _found(match: re.Match[str], name: str) -> str | None:
    return match[name] if name in match.re.groupindex else None


def _offset(text: str) -> timedelta:
    if text in ("", "Z", "z"):
        return timedelta()
    digits = text[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 14 or minutes > 59:
        raise ValueError("no place is so far from UTC")
    return (-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def _moment(found: dict[str, str]) -> Moment:
    year = int(found.get("y", "1"))
    if len(found.get("y", "0001")) <= 2:
        year += 2000 if year < 50 else 1900  # Calendar.TwoDigitYearMax is 2049
    month = int(found.get("M", "1"))
    if "N" in found:
        month = next(place for place, name in enumerate(MONTHS, 1) if name[:3].lower() == found["N"][:3].lower())
    hour = int(found.get("H", "0"))
    if "h" in found:
        hour = int(found["h"])
        if not 1 <= hour <= 12:
            raise ValueError("an hour of half a day is 1 to 12")
        hour = hour % 12 + (12 if found.get("t", "A")[0] in "Pp" else 0)
    micro = int((found.get("f", "") + "000000")[:6])
    local = datetime(
        year, month, int(found.get("d", "1")), hour, int(found.get("m", "0")), int(found.get("s", "0")), micro, UTC
    )
    zone = found.get("z") or found.get("K") or ""
    return Moment(local - _offset(zone), bool(zone))
