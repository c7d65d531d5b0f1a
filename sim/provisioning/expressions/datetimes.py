"""Functions on dates: CDate, DateAdd, DateDiff, DateFromNum, FormatDateTime, Now and NumFromDate.

Invariant: between functions a date is text in UTC, in the form ``M/d/yyyy h:mm:ss tt``; whole seconds survive.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import Final

from sim.provisioning.expressions.catalogue import Arguments, Function, Parameter, eager
from sim.provisioning.expressions.dotnet_dates import RENDERED, STYLES, USUAL_STYLES, Moment, read, write
from sim.provisioning.expressions.errors import ExpressionError, suggestion
from sim.provisioning.expressions.tree import Constant
from sim.provisioning.expressions.values import Code, Context, Source, Value, number_of, text_of

_OFFSET: Final = r"\s*(?P<zone>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
_ISO: Final = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"(?:(?:T|\s+)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?)?"
    + _OFFSET
)
_INVARIANT: Final = re.compile(
    r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"
    r"(?:\s+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?:\s*(?P<half>[AaPp][Mm]))?)?" + _OFFSET
)
_SHORT: Final = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M")

_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
"""Where a FILETIME counts from, in units of 100 ns.
https://learn.microsoft.com/windows/win32/api/minwinbase/ns-minwinbase-filetime"""


def read_date(text: str) -> datetime:
    """The moment that a text names, as .NET's DateTime.Parse reads it in the invariant culture: ISO 8601 or
    month/day/year, without an offset in UTC. Raises ExpressionError."""
    stripped = text.strip()
    match = _ISO.fullmatch(stripped) or _INVARIANT.fullmatch(stripped)
    if match is None:
        raise ExpressionError(f"'{text}' is no date; write it like 2026-03-16T07:00:00Z or 3/16/2026 7:00:00 AM")
    found = match.groupdict()
    hour = int(found["hour"] or 0)
    try:
        half = found.get("half")
        if half is not None:
            if not 1 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + (12 if half.upper() == "PM" else 0)
        local = datetime(
            int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            hour,
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int((found["fraction"] or "").ljust(6, "0")[:6]),
            UTC,
        )
        return local - _zone(found["zone"])
    except (ValueError, OverflowError):
        raise ExpressionError(f"'{text}' is no date") from None


def _zone(text: str | None) -> timedelta:
    if text is None or text == "Z":
        return timedelta()
    digits = text[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if hours > 14 or minutes > 59:
        raise ValueError
    return (-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes)


def read_rendered(text: str) -> datetime | None:
    """The moment, if the text is in the form that the date functions give."""
    if _SHORT.fullmatch(text) is None:
        return None
    try:
        return read_date(text)
    except ExpressionError:
        return None


def render_date(moment: datetime) -> str:
    """``3/16/2026 7:00:00 AM``."""
    return write(Moment(moment), RENDERED)


def _date_of(given: Value) -> datetime | None:
    text = text_of(given)
    return None if text is None or not text.strip() else read_date(text)


def _c_date(given: Value) -> Value:
    moment = _date_of(given)
    return None if moment is None else render_date(moment)


_INTERVALS: Final = ("yyyy", "m", "d", "ww", "h", "n", "s")
_LENGTHS: Final = {"d": 86_400, "ww": 604_800, "h": 3_600, "n": 60, "s": 1}


def _interval(given: Value) -> str:
    text = text_of(given)
    if text not in _INTERVALS:
        raise ExpressionError(f"an interval is one of {', '.join(_INTERVALS)} (n is minutes), not {text}")
    return text


def _date_add(interval: Value, amount: Value, date: Value) -> Value:
    unit, count, moment = _interval(interval), number_of(amount, "value"), _date_of(date)
    if moment is None or count is None:
        return None
    try:
        if unit in _LENGTHS:
            return render_date(moment + timedelta(seconds=count * _LENGTHS[unit]))
        months = moment.year * 12 + moment.month - 1 + (count * 12 if unit == "yyyy" else count)
        year, month = divmod(months, 12)
        day = min(moment.day, monthrange(year, month + 1)[1]) if 1 <= year <= 9999 else 0
        return render_date(moment.replace(year=year, month=month + 1, day=day))
    except (ValueError, OverflowError):
        raise ExpressionError("the result is outside the years 1 to 9999") from None


def _date_diff(interval: Value, one: Value, other: Value) -> Value:
    """Years and months count the calendar's, weeks the Sundays in between, the rest whole units of time: as
    Visual Basic's DateDiff does it, which is what Microsoft's samples show.
    https://learn.microsoft.com/dotnet/api/microsoft.visualbasic.dateandtime.datediff"""
    unit, first, second = _interval(interval), _date_of(one), _date_of(other)
    if first is None or second is None:
        return None
    if unit == "yyyy":
        return second.year - first.year
    if unit == "m":
        return (second.year - first.year) * 12 + second.month - first.month
    seconds = (second - first) // timedelta(microseconds=1)
    if unit == "ww":
        # From each date back to the Sunday of its week.
        shift = (first.weekday() + 1) % 7 - (second.weekday() + 1) % 7
        seconds += shift * 86_400 * 1_000_000
    length = _LENGTHS[unit] * 1_000_000
    return seconds // length if seconds >= 0 else -(-seconds // length)


def _date_from_num(given: Value) -> Value:
    number = number_of(given, "value")
    if number is None:
        return None
    if number < 0:
        raise ExpressionError(f"value is a number of 100 ns since 1601, not {number}")
    try:
        return render_date(_EPOCH + timedelta(microseconds=number // 10))
    except OverflowError:
        raise ExpressionError("the result is outside the years 1 to 9999") from None


def _num_from_date(given: Value) -> Value:
    moment = _date_of(given)
    return None if moment is None else (moment - _EPOCH) // timedelta(microseconds=1) * 10


def _styles(given: Value) -> tuple[str, ...]:
    names = tuple(name.strip().removeprefix("DateTimeStyles.") for name in (text_of(given) or "").split(","))
    if names == ("",):
        return USUAL_STYLES
    for name in names:
        if name not in STYLES:
            raise ExpressionError(f"there is no date style {name}{suggestion(name, STYLES)}")
    return names


def _format_date_time(given: Value, styles: Value, read_as: Value, write_as: Value) -> Value:
    text, chosen = text_of(given), _styles(styles)
    if text is None or not text.strip():
        return None
    try:
        return write(read(text, text_of(read_as) or "", chosen), text_of(write_as) or "")
    except ValueError as error:
        raise ExpressionError(str(error)) from None


def _format_build(arguments: Arguments) -> Code:
    """Formats and styles that stand in the expression are looked at when it is compiled."""
    some_day = Moment(datetime(2026, 1, 1, tzinfo=UTC))
    for at in (2, 3):
        node = arguments.nodes[at]
        if isinstance(node, Constant):
            try:
                write(some_day, str(node.value))
            except ValueError as error:
                raise arguments.wrong(str(error), at) from None
    style = arguments.nodes[1]
    if isinstance(style, Constant):
        try:
            _styles(style.value)
        except ExpressionError as error:
            raise arguments.wrong(error.cause, 1) from None
    return eager(_format_date_time)(arguments)


def _interval_checked(arguments: Arguments) -> Code:
    node = arguments.nodes[0]
    if isinstance(node, Constant):
        try:
            _interval(node.value)
        except ExpressionError as error:
            raise arguments.wrong(error.cause, 0) from None
    return eager(_date_add if arguments.call.name == "DateAdd" else _date_diff)(arguments)


def _now(arguments: Arguments) -> Code:
    del arguments

    def run(source: Source, context: Context) -> Value:
        del source
        return render_date(context.now().astimezone(UTC))

    return run


_INTERVAL: Final = Parameter("interval")

FUNCTIONS: Final = (
    Function("CDate", (Parameter("expression"),), "The date that a text names, in UTC.", eager(_c_date)),
    Function(
        "DateAdd",
        (_INTERVAL, Parameter("value", "Integer"), Parameter("dateTime", "DateTime")),
        "The date so many years, months, days, weeks, hours, minutes or seconds later.",
        _interval_checked,
    ),
    Function(
        "DateDiff",
        (_INTERVAL, Parameter("date1", "DateTime"), Parameter("date2", "DateTime")),
        "How many years, months, days, weeks, hours, minutes or seconds date2 is after date1.",
        _interval_checked,
    ),
    Function("DateFromNum", (Parameter("value", "Integer"),), "The date of a Windows FILETIME.", eager(_date_from_num)),
    Function(
        "FormatDateTime",
        (
            Parameter("source"),
            Parameter("dateTimeStyles", required=False),
            Parameter("inputFormat"),
            Parameter("outputFormat"),
        ),
        "A date in one .NET format, written in another.",
        _format_build,
        least=4,
    ),
    Function("Now", (), "The present date and time in UTC.", _now),
    Function("NumFromDate", (Parameter("value"),), "The Windows FILETIME of an ISO 8601 date.", eager(_num_from_date)),
)
