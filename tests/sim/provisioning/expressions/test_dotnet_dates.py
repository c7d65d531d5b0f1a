"""Dates in .NET's formats, in the invariant culture."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.provisioning.expressions.dotnet_dates import RENDERED, Moment, read, write

SATURDAY = Moment(datetime(2026, 3, 7, 16, 5, 9, 123456, UTC), zoned=True)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("M/d/yyyy h:mm:ss tt", "3/7/2026 4:05:09 PM"),
        ("MM/dd/yy hh:mm t", "03/07/26 04:05 P"),
        ("dddd, d MMMM yyyy", "Saturday, 7 March 2026"),
        ("ddd d MMM y", "Sat 7 Mar 26"),
        ("HH:mm:ss.fff", "16:05:09.123"),
        ("H:m:s.FFFFFFF", "16:5:9.123456"),
        ("yyyyMMddHHmmss.fZ", "20260307160509.1Z"),
        ("yyyy-MM-ddTHH:mm:sszzz", "2026-03-07T16:05:09+00:00"),
        ("zz z K", "+00 +0 Z"),
        ("'year' yyyy \\d %d g", "year 2026 d 7 A.D."),
        ("o", "2026-03-07T16:05:09.1234560Z"),
        ("s", "2026-03-07T16:05:09"),
        ("u", "2026-03-07 16:05:09Z"),
        ("R", "Sat, 07 Mar 2026 16:05:09 GMT"),
        ("d", "03/07/2026"),
    ],
)
def test_a_moment_is_written_as_dotnet_writes_it(form: str, text: str) -> None:
    assert write(SATURDAY, form) == text


@pytest.mark.parametrize(
    ("text", "form", "moment"),
    [
        ("2020-12-31-08:00", "yyyy-MM-ddzzz", datetime(2020, 12, 31, 8, tzinfo=UTC)),
        ("  3/7/2026  ", "M/d/yyyy", datetime(2026, 3, 7, tzinfo=UTC)),
        ("12:30 AM 1/2/2026", "hh:mm tt M/d/yyyy", datetime(2026, 1, 2, 0, 30, tzinfo=UTC)),
        ("1/2/49", "d/M/yy", datetime(2049, 2, 1, tzinfo=UTC)),
        ("1/2/50", "d/M/yy", datetime(1950, 2, 1, tzinfo=UTC)),
        ("sat 07 mar 2026", "ddd dd MMM yyyy", datetime(2026, 3, 7, tzinfo=UTC)),
        ("2026-03-07T16:05:09.5+02:00", "yyyy-MM-ddTHH:mm:ss.FK", datetime(2026, 3, 7, 14, 5, 9, 500_000, UTC)),
    ],
)
def test_a_text_is_read_as_dotnet_reads_it(text: str, form: str, moment: datetime) -> None:
    assert read(text, form).at == moment


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        ("2026-3-7", "yyyy-MM-dd", "'2026-3-7' is not in the form yyyy-MM-dd"),
        ("2026-02-30", "yyyy-MM-dd", "'2026-02-30' is no date"),
        ("13:00 PM", "hh:mm tt", "'13:00 PM' is no date"),
        ("Mon 07 Mar 2026", "ddd dd MMM yyyy", "'Mon 07 Mar 2026' names the wrong day of the week"),
        ("x", "", "the format is empty"),
        ("x", "Q", "there is no date format Q"),
        ("x", "ffffffff ", "a date format has at most 7 f in a row"),
        ("x", "'x", "the date format 'x has a quotation mark that is not closed"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(text: str, form: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read(text, form)
    assert str(caught.value) == reason


def test_white_space_around_a_date_needs_its_style() -> None:
    with pytest.raises(ValueError, match="is not in the form"):
        read(" 2026", "yyyy", ("None",))


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_form_of_the_date_functions_keeps_every_second(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)
    if whole.year >= 1000:
        assert read(write(Moment(whole), RENDERED), RENDERED).at == whole
