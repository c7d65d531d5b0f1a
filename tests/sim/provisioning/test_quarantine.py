"""When failures are too many, and when a job in quarantine is tried: pure arithmetic, worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from mockservices.clock import Millis
from mockservices.scim.operations import AddMembers
from sim.ports import GROUP, USER, Answer, Create, Delete, Find, Get, Patch, Request
from sim.provisioning.codes import CREDENTIALS, INCOMPATIBLE, TOO_MANY_DELETES
from sim.provisioning.quarantine import (
    BASE,
    PROPORTION,
    TOTAL,
    Failures,
    Limits,
    QuarantineRow,
    Ward,
    attempt_after,
    evaluate,
    problem_in,
)

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
LIMITS = Limits()


def first_cycle(objects: int, through: int, references: int = 0) -> Failures:
    """A job whose first cycle has just ended: everything that failed in it waits for another try."""
    return Failures(objects, references, objects, objects + through + references)


@pytest.mark.parametrize(
    ("failures", "reason"),
    [
        (first_cycle(4_000, 0), None),  # below the floor nothing is evaluated, though all of it failed
        (first_cycle(30_000, 5_000), PROPORTION),  # 30,000 of 35,000 are 86 %
        (first_cycle(45_000, 1_000_000), BASE),  # more than 40,000, however small a part that is
        (first_cycle(20_000, 100_000), None),  # 20,000 of 120,000 are 17 %
        (first_cycle(40_000, 1_000_000, references=21_000), TOTAL),  # 61,000 with the managers
        (first_cycle(40_000, 1_000_000, references=20_000), None),  # 60,000 are not more than 60,000
        (first_cycle(40_000, 1_000_000), None),
        (first_cycle(40_001, 1_000_000), BASE),
        (first_cycle(5_000, 7_500), None),  # 5,000 of 12,500 are 40 %, and not more
        (first_cycle(5_000, 7_499), PROPORTION),
        (first_cycle(4_999, 0), None),
        (first_cycle(0, 0, references=50_000), None),  # references do not count for the share
        (Failures(0, 0, 0, 0), None),
    ],
)
def test_the_worked_cases_and_the_edges_of_each_threshold(failures: Failures, reason: str | None) -> None:
    """https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status"""
    assert evaluate(failures, LIMITS) == reason


def test_what_failed_long_ago_is_not_part_of_todays_share() -> None:
    """6,000 of 100,000 failed in the initial cycle and wait on the ladder; today two of three changes fail."""
    assert evaluate(Failures(6_002, 0, 2, 3), LIMITS) is None


def test_thresholds_are_settings() -> None:
    limits = Limits(floor=2, share=Fraction(1, 2), objects=10, total=12)
    assert evaluate(first_cycle(2, 2), limits) is None
    assert evaluate(first_cycle(2, 1), limits) == PROPORTION


def test_attempts_thin_out_to_one_a_day() -> None:
    """5 minutes, then the interval, then twice as long every time: 40, 80, 160, 320, 640, 1280, and a day for ever."""
    waits = [attempt_after(count, 40 * MINUTE, LIMITS) // MINUTE for count in range(1, 10)]
    assert waits == [5, 40, 80, 160, 320, 640, 1280, 1440, 1440]
    assert attempt_after(10_000, 40 * MINUTE, LIMITS) == DAY


def test_a_job_with_a_long_interval_is_tried_no_more_rarely_than_once_a_day() -> None:
    assert attempt_after(2, 3 * DAY, LIMITS) == DAY


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (Find(USER, "userName", "a"), 401, CREDENTIALS),
        (Create(USER, {}), 401, CREDENTIALS),
        (Patch(GROUP, "1", (AddMembers(("2",)),)), 401, CREDENTIALS),
        (Find(USER, "userName", "a"), 404, INCOMPATIBLE),
        (Find(GROUP, "displayName", "a"), 501, INCOMPATIBLE),
        (Get(USER, "1"), 404, None),
        (Delete(USER, "1"), 404, None),
        (Find(USER, "userName", "a"), 500, None),
        (Find(USER, "userName", "a"), 0, None),
        (Create(USER, {}), 409, None),
        (Create(USER, {}), 403, None),
    ],
)
def test_credentials_and_answers_that_no_scim_service_gives_stop_the_job(
    request_: Request, status: int, code: str | None
) -> None:
    problem = problem_in(request_, Answer(status))
    assert (None if problem is None else problem.code) == code


@pytest.mark.parametrize("status", [200, 404, 503])
def test_a_web_page_stops_the_job_whatever_its_status(status: int) -> None:
    problem = problem_in(Get(USER, "1"), Answer(status, scim=False))
    assert problem is not None
    assert problem.code == INCOMPATIBLE


def test_a_series_counts_how_often_it_was_imposed_and_ends_when_it_is_lifted() -> None:
    """Imposed at 0, confirmed at 5m (its first attempt), for another reason at 45m, lifted at 125m."""
    rows: list[QuarantineRow] = []
    ward = Ward(LIMITS, 40 * MINUTE)
    ward.sink = rows.append
    assert ward.impose(Millis(0), PROPORTION, "c", "m", 9)
    current = ward.current
    assert current is not None
    assert (current.series_count, current.next_attempt) == (1, 5 * MINUTE)
    assert not ward.impose(Millis(5 * MINUTE), PROPORTION, "c", "m")
    assert (current.series_count, current.current_began, current.next_attempt) == (2, 5 * MINUTE, 45 * MINUTE)
    assert ward.impose(Millis(45 * MINUTE), TOO_MANY_DELETES, "c", "m")
    assert (current.series_began, current.series_count, current.next_attempt) == (0, 3, 125 * MINUTE)
    assert ward.lasted(100 * MINUTE) == 100 * MINUTE
    assert ward.lift(Millis(125 * MINUTE))
    assert not ward.lift(Millis(126 * MINUTE))
    assert rows == [(PROPORTION, 0, 45 * MINUTE), (TOO_MANY_DELETES, 45 * MINUTE, 125 * MINUTE)]
    assert ward.lasted(DAY) == 125 * MINUTE
    assert ward.open_row() is None


def test_in_quarantine_the_share_is_that_of_what_still_waits_in_the_events_that_led_to_it() -> None:
    """30,000 of 35,000 failed. An attempt in which nothing is due changes nothing; when 16,000 of them have come
    through, 14,000 of 35,000 are 40 %, and the job comes out."""
    ward = Ward(LIMITS, 40 * MINUTE)
    ward.impose(Millis(0), PROPORTION, "c", "m", 35_000)
    assert ward.evaluate(Failures(30_000, 0, 0, 0)) == PROPORTION
    assert ward.evaluate(Failures(14_001, 0, 14_001, 30_000)) == PROPORTION
    assert ward.evaluate(Failures(14_000, 0, 14_000, 30_000)) is None
