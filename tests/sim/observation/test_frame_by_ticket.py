"""What the screen is told where access is given by ticket or pushed: no cycle is promised that never comes."""

from __future__ import annotations

from typing import Any

from sim.observation.frame import Frame
from sim.scenario import scenario_from
from tests.semantics.story import HOUR, MINUTE, act, join, told
from tests.sim.observation.test_frame import Watched
from tui import presenters


def by_ticket(*timeline: dict[str, Any], **ticket: Any) -> Watched:
    """The three, a ticket worked after 45 minutes; nothing is forgotten or kept unless a test says so."""
    settings = {"delay": "45m", "leavers": {"forgotten": 0}, "movers": {"keeps": 0}, **ticket}
    return Watched(scenario_from(told(*timeline, provisioning__strategy="ticket", provisioning__ticket=settings)))


def third(frame: Frame) -> tuple[str, str, str]:
    """The station between the directory and AWS."""
    stop = presenters.stops(frame)[2]
    return stop.title, stop.state, stop.word


def told_of(frame: Frame) -> list[tuple[str, str]]:
    """(what, waiting for) of the feed."""
    return [(row.what, row.waiting_for) for row in frame.feed]


def test_an_open_ticket_takes_the_place_of_the_next_cycle() -> None:
    watched = by_ticket(act("1h", "leave", "cyd"))
    frame = watched.at(HOUR + 10 * MINUTE)
    assert third(frame) == ("Tickets", "waiting", "1 ticket open")
    assert frame.lane is not None
    assert frame.lane.stops[2].lines == ("raised 10m ago", "take everything away")
    assert frame.caption == (
        "Cyd Example left and the directory knows, but in AWS the access stands until somebody works the ticket."
    )
    assert presenters.cycle_text(frame) == "1 ticket open"
    assert frame.out_of_step is None
    assert "out of step" not in presenters.text_of(presenters.numbers(frame, 160))


def test_the_feed_tells_of_tickets() -> None:
    watched = by_ticket(act("1h", "leave", "cyd"))
    assert told_of(watched.at(2 * HOUR)) == [
        ("left", "ticket"),
        ("somebody raises a ticket", "ticket"),
        ("last access is gone after 45m", ""),
        ("the ticket is worked: 2 acts in the console", ""),
    ]


def test_a_forgotten_ticket_is_told_as_one_and_waits_for_nobody() -> None:
    watched = by_ticket(act("1h", "leave", "cyd"), leavers={"forgotten": 1})
    frame = watched.at(HOUR + 1)
    assert told_of(frame)[-1] == ("nobody raises a ticket", "nobody")
    assert third(frame) == ("Tickets", "trouble", "no ticket")
    assert frame.caption == "Cyd Example left, and nobody has raised a ticket: the access stands."


def test_whoever_is_stuck_does_not_hold_the_story() -> None:
    """Ann keeps what she had for ever; when Dee joins, the story goes on with her."""
    watched = by_ticket(act("10m", "move", "ann", department="Operations"), join("2h", "dee"), movers={"keeps": 1})
    frame = watched.at(2 * HOUR + 5 * MINUTE)
    assert frame.lane is not None
    assert frame.lane.person == "Dee Example"
    assert frame.lane.stops[2].lines[1:] == ("give ReadOnly on dev",)


def test_before_anything_happens_the_desk_is_there() -> None:
    frame = by_ticket().at(0)
    assert third(frame) == ("Tickets", "idle", "0 open")


def test_a_review_that_will_see_it_is_told() -> None:
    watched = by_ticket(act("1h", "leave", "cyd"), leavers={"forgotten": 1}, review={"every": "3h", "catches": 1})
    frame = watched.at(2 * HOUR)
    assert frame.caption == (
        "Cyd Example left, and no ticket is open: the access stands until an access review sees it."
    )
    assert ("an access review raises a ticket", "ticket") in told_of(watched.at(3 * HOUR + 1))


def test_by_push_no_cycle_is_promised_while_nothing_changes() -> None:
    watched = Watched(scenario_from(told(act("1h", "leave", "ann"), provisioning__strategy="event")))
    frame = watched.at(30 * MINUTE)
    assert third(frame) == ("Next push", "idle", "at a change")
    assert presenters.cycle_text(frame) == "waits for a change"
    on_its_way = watched.at(HOUR + 1_000)
    assert third(on_its_way) == ("Next push", "waiting", "in 4s")
    assert presenters.cycle_text(on_its_way) == "cycle 1 in 4s"
