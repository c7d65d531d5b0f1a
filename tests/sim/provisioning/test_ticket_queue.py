"""When operators work, and in which order tickets are worked; a midnight is at 0 and a Monday unless a test differs."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simpy.events import Event

from mockservices.clock import Millis
from sim.kernel import Kernel, Order
from sim.provisioning.ticketing.due import Due
from sim.provisioning.ticketing.hours import Hours
from sim.provisioning.ticketing.operators import OperatorQueue
from sim.provisioning.ticketing.ticket import LEAVER, Ticket
from sim.time import DAY, HOUR, MINUTE
from sim.workforce.zones import Zone

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def zone(name: str = "UTC", start: datetime = MONDAY) -> Zone:
    return Zone(name, start, 30 * DAY)


OFFICE = Hours(9 * HOUR, 17 * HOUR, zone())
ALWAYS = Hours(0, DAY, zone(), weekends=True)
NONE: frozenset[int] = frozenset()


def ticket(number: int) -> Ticket:
    return Ticket(number, number, 1, LEAVER, NONE, NONE, Millis(0))


# --- hours ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        (0, 9 * HOUR), (10 * HOUR, 10 * HOUR), (17 * HOUR, 33 * HOUR), (18 * HOUR, 33 * HOUR),
        (4 * DAY + 17 * HOUR, 7 * DAY + 9 * HOUR), (5 * DAY + 12 * HOUR, 7 * DAY + 9 * HOUR),
    ],
)  # fmt: skip
def test_work_begins_when_the_office_is_open(now: int, begins: int) -> None:
    """Before it opens, in its hours, at the moment it closes, in the evening, on Friday evening, on Saturday."""
    assert OFFICE.begin(now) == begins


def test_work_that_is_not_done_goes_on_the_next_day() -> None:
    """Two hours from 16:00: one on Monday, one on Tuesday from 9 to 10. On a Friday: until 10 on Monday."""
    assert OFFICE.end(16 * HOUR, 2 * HOUR) == DAY + 10 * HOUR
    assert OFFICE.end(4 * DAY + 16 * HOUR, 2 * HOUR) == 7 * DAY + 10 * HOUR


def test_work_can_be_done_at_the_moment_the_office_closes() -> None:
    assert OFFICE.end(16 * HOUR, HOUR) == 17 * HOUR


def test_a_story_begins_in_the_middle_of_a_week() -> None:
    """At 8 o'clock on a Saturday: the office opens 49 hours later."""
    saturday = datetime(2026, 3, 7, 8, tzinfo=UTC)
    assert Hours(9 * HOUR, 17 * HOUR, zone(start=saturday)).begin(0) == 49 * HOUR


@pytest.mark.parametrize(
    ("name", "begins"), [("America/New_York", 14 * HOUR), ("Asia/Tokyo", 0), ("Asia/Kolkata", 3 * HOUR + 30 * MINUTE)]
)
def test_the_office_opens_by_the_clock_of_its_zone(name: str, begins: int) -> None:
    """Midnight in UTC is 19:00 on Sunday in New York (9:00 is 14:00), 9:00 in Tokyo, 5:30 in Kolkata (9:00 is 3:30)."""
    assert Hours(9 * HOUR, 17 * HOUR, zone(name)).begin(0) == begins


def test_the_weekend_is_that_of_the_zone() -> None:
    """Friday, 22:00 in UTC is 11:00 on Saturday in Auckland; Sunday, 22:00 is 11:00 on Monday there."""
    office = Hours(9 * HOUR, 17 * HOUR, zone("Pacific/Auckland"))
    assert office.begin(4 * DAY + 22 * HOUR) == 6 * DAY + 20 * HOUR
    assert office.begin(6 * DAY + 22 * HOUR) == 6 * DAY + 22 * HOUR


def test_summer_time_moves_the_office_and_takes_an_hour_from_whoever_works_through_the_night() -> None:
    """New York, 8 March 2026: at 2:00 it is 3:00. 9:00 is 14:00 in UTC on Friday the 6th and 13:00 on Monday the 9th.
    On that Sunday a day at work has 23 hours: 48 hours from its midnight (5:00 in UTC) are done at 1:00 on Tuesday."""
    office, always = (
        Hours(*hours, zone("America/New_York"), weekends=every)
        for hours, every in (((9 * HOUR, 17 * HOUR), False), ((0, DAY), True))
    )
    assert office.begin(4 * DAY) == 4 * DAY + 14 * HOUR
    assert office.begin(5 * DAY) == 7 * DAY + 13 * HOUR
    assert always.end(6 * DAY + 5 * HOUR, 48 * HOUR) == 8 * DAY + 5 * HOUR


@given(st.integers(0, 30 * DAY), st.integers(0, 3 * DAY), st.integers(0, 3 * DAY))
def test_more_work_is_never_done_earlier(now: int, short: int, more: int) -> None:
    assert now <= OFFICE.begin(now) <= OFFICE.end(now, short) <= OFFICE.end(now, short + more)
    assert ALWAYS.end(now, short) == now + short


# --- what is due ------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 20), max_size=30))
def test_things_happen_at_their_times_and_those_of_one_instant_in_the_order_they_were_put(times: list[int]) -> None:
    kernel, happened = Kernel(0), []
    due: Due[tuple[int, int]] = Due(kernel, lambda thing: happened.append((int(kernel.env.now), *thing)))
    for number, time in enumerate(times):
        due.put(time, (time, number))
    kernel.env.run()
    assert happened == [(time, time, number) for time, number in sorted((t, n) for n, t in enumerate(times))]


def test_however_much_is_due_few_events_are_pending() -> None:
    kernel = Kernel(0)
    due: Due[int] = Due(kernel, lambda thing: None)
    for number in range(10_000):
        due.put(1_000 + number, number)
    assert len(kernel.env._queue) == 1


def test_what_is_put_in_while_something_happens_is_not_lost() -> None:
    kernel, happened = Kernel(0), []

    def happen(thing: int) -> None:
        happened.append((int(kernel.env.now), thing))
        if thing:
            due.put(int(kernel.env.now) + thing - 1, thing - 1)

    due: Due[int] = Due(kernel, happen)
    due.put(5, 3)
    kernel.env.run()
    assert happened == [(5, 3), (7, 2), (8, 1), (8, 0)]


# --- operators --------------------------------------------------------------------------------------------------


def worked(number: int, arrivals: list[int], handling: int, hours: Hours = ALWAYS) -> list[tuple[int, int]]:
    """(when, which ticket) for tickets that come at these times, in their order."""
    kernel, done = Kernel(0), []
    queue = OperatorQueue(
        kernel, number, hours, lambda _: handling, lambda t: done.append((int(kernel.env.now), t.number))
    )

    def come() -> Generator[Event, Any, None]:
        for i, time in enumerate(arrivals):
            yield kernel.at(time, Order.DIRECTORY)
            queue.put(ticket(i))

    kernel.process(come())
    kernel.env.run()
    return done


def test_one_operator_works_one_ticket_after_the_other() -> None:
    """Ten minutes each; the third comes when nobody is busy."""
    assert worked(1, [0, MINUTE, 30 * MINUTE], 10 * MINUTE) == [
        (10 * MINUTE, 0), (20 * MINUTE, 1), (40 * MINUTE, 2),
    ]  # fmt: skip


def test_two_operators_work_two_at_a_time() -> None:
    assert [at for at, _ in worked(2, [0, 0, 0, 0, 0], 10)] == [10, 10, 20, 20, 30]


@given(st.integers(1, 4), st.lists(st.integers(0, 200), min_size=1, max_size=30), st.integers(0, 40))
def test_every_ticket_is_worked_once_and_in_the_order_in_which_they_came(
    number: int, times: list[int], handling: int
) -> None:
    """The same time for each, so whoever came first is done first, as early as in the textbook: when the ticket so many
    places before it is done."""
    arrivals = sorted(times)
    expected: list[int] = []
    for i, time in enumerate(arrivals):
        free = expected[i - number] if i >= number else 0
        expected.append(max(time, free) + handling)
    assert worked(number, arrivals, handling) == list(zip(expected, range(len(arrivals)), strict=True))
