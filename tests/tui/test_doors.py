"""The doors as they are drawn: at every width, with and without colour, in the story view and on the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from sim.observation.frame import Frame
from sim.scenario import Scenario
from tests.semantics.at_the_doors import dismissal, move
from tests.tui.screen import LARGE, SMALL, Still, frame_at, on_screen, rows, shown, three
from tui import doors, figures, presenters
from tui.app import JmlabApp
from tui.presenters import text_of

HUGE = (200, 60)
LEFT = [
    "Bob Example  ■ still gets in: usable until Mon 10:40  PowerUser on dev",
    "▐█▌ sign-in    CLOSED since Mon 10:03: the account in Entra is disabled",
    "▌ ▐ assignment OPEN   until Mon 10:40: the cycle closes it",
    "▌ ▐ session    OPEN   until Mon 10:40; credentials work until Mon 10:55",
]
"""Bob at 10:04, at the size of a plain terminal."""
THROUGH = [
    "Bob Example  ■ credentials handed out before work until Mon 10:55: residual",
    "▐█▌ sign-in    CLOSED since Mon 10:03: the account in Entra is disabled",
    "▐█▌ assignment CLOSED since Mon 10:40: stands, but the user is disabled",
    "▐█▌ session    CLOSED since Mon 10:40; credentials work until Mon 10:55",
]
"""Bob at 10:41."""
MOVED = [
    "Ann Example  ■ gets in: usable; to old access, residual until Mon 11:40",
    "▌ ▐ sign-in    OPEN   the account in Entra is enabled",
    "▌ ▐ assignment OPEN   since Mon 10:40: as it should be",
    "▌ ▐ session    OPEN   until Mon 17:00; old access residual until Mon 11:40",
]
"""Ann at 10:41."""


def lines(frame: Frame, width: int = 78, height: int = doors.HEIGHT) -> list[str]:
    return [text_of(line).rstrip() for line in doors.doors_lines(frame, width, height)]


def drawn(frame: Frame, size: tuple[int, int], *keys: str) -> list[str]:
    """What is on the screen."""
    found: list[str] = []

    async def test(app: JmlabApp, pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        word = "Time to provision" if keys else "Entra ID"
        await shown(app, pilot, lambda: any(word in row for row in rows(app)) or size[1] < 20)
        found.extend(row[1:] for row in rows(app))

    on_screen(Still(frame), test, size)
    return found


@pytest.mark.parametrize(
    ("scenario", "minutes", "expected"), [(dismissal, 124, LEFT), (dismissal, 161, THROUGH), (move, 161, MOVED)]
)
def test_each_door_says_whether_it_is_open_until_when_and_by_whom(
    scenario: Callable[..., Scenario], minutes: float, expected: list[str]
) -> None:
    assert lines(frame_at(minutes, scenario())) == expected


@pytest.mark.parametrize("size", [SMALL, LARGE, HUGE])
@pytest.mark.parametrize("keys", [(), ("d",)])
def test_story_and_dashboard_draw_the_doors_of_the_person_in_view(size: tuple[int, int], keys: tuple[str, ...]) -> None:
    found = drawn(frame_at(124, dismissal()), size, *keys)
    if size == SMALL:
        at = found.index(LEFT[0])
        assert found[at : at + 4] == LEFT
    else:
        at = next(i for i, row in enumerate(found) if row.startswith(LEFT[0]))
        assert found[at].endswith("PowerUser on dev, ORPHANED")
        assert [row[:22] for row in found[at + 1 : at + 7 : 2]] == [line[:22] for line in LEFT[1:]]
        assert found[at + 2].strip() == doors.DECIDES["sign-in"]
        assert found[at + 5].endswith("disabling the user ends it; credentials work until Mon 10:55")


def test_where_there_is_little_room_the_verdict_stands_alone() -> None:
    found = drawn(frame_at(124, dismissal()), (44, 14))
    assert "Bob Example  ■ usable until Mon 10:40" in found
    assert not any("sign-in" in row for row in found)


@pytest.mark.parametrize("width", [20, 40, 58, 78, 118, 198])
@pytest.mark.parametrize("scenario", [dismissal, move, three])
def test_no_line_is_wider_than_its_room_and_the_state_of_every_door_stays(
    width: int, scenario: Callable[..., Scenario]
) -> None:
    for minutes in (1, 61, 101, 121, 124, 161, 181, 215, 235):
        told = lines(frame_at(minutes, scenario()), width, 7)
        assert max(map(len, told)) <= max(width, 40)
        for line in told[1::2]:
            assert any(word in line for word in doors.WORDS.values())


def test_before_anybodys_story_one_line_says_so() -> None:
    assert lines(frame_at(1)) == [doors.NOBODY]


def test_a_door_open_or_closed_differs_in_its_drawing_and_its_word_and_not_in_colour_alone() -> None:
    assert len(set(doors.LEAVES.values())) == len(set(doors.WORDS.values())) == 3


def test_in_a_run_longer_than_a_week_the_doors_have_dates() -> None:
    told = lines(frame_at(124, dismissal(duration="8d")))
    assert told[1:3] == [
        "▐█▌ sign-in    CLOSED since 02 Mar 10:03: the account in Entra is disabled",
        "▌ ▐ assignment OPEN   until 02 Mar 10:40: the cycle closes it",
    ]


def test_who_is_locked_out_although_the_assignment_stands_is_told_so() -> None:
    frame = frame_at(124, dismissal(target__sessions={"portal": "30m"}))
    assert frame.lane is not None
    closed = replace(frame.lane.doorway, verdict="closed", until=None, role_until=None)
    assert doors.verdict(frame, closed)[2] == "does not get in, though the assignment stands"
    denied = replace(closed, verdict="denied")
    assert doors.verdict(frame, denied)[2] == "gets in to nothing: denied by policy"


def test_an_open_door_that_nobody_closes_is_told_so() -> None:
    frame = frame_at(124, dismissal(provisioning__strategy="none"))
    assert lines(frame)[0] == "Bob Example  ■ still gets in: usable until Mon 17:00  PowerUser on dev"
    assert lines(frame)[2] == "▌ ▐ assignment OPEN   stays open: nobody closes it"


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_by_ticket_no_line_of_the_screen_names_a_next_cycle(size: tuple[int, int]) -> None:
    frame = frame_at(124, three(provisioning__strategy="ticket"))
    for keys in ((), ("d",)):
        text = "\n".join(row for row in drawn(frame, size, *keys)[:-1] if "cycle yet" not in row)
        assert "2 tickets open" in text
        assert "cycle" not in text.replace("a cycle, a ticket or an administrator", "")


def test_usable_stands_beside_orphaned_where_there_are_sessions() -> None:
    """Bob at 10:04 gets in; at 10:41 his portal session is over and the credentials of 9:55 live. Nobody counts what is
    not simulated."""
    before, after = frame_at(124, dismissal()), frame_at(161, dismissal())
    assert text_of(presenters.numbers(before, 78)) == (
        "■ orphaned 1 person · ■ usable 1 · ○ waiting 0 people · ≠ out of step 1"
    )
    assert figures.orphaned_title(before) == "■ Orphaned 1, usable 1, retained 0"
    assert "■ usable 0 · ■ retained 0 · ■ residual sessions 1 · " in text_of(presenters.numbers(after, 198))
    assert len(text_of(presenters.numbers(after, 40))) <= 40
    assert "usable" not in text_of(presenters.numbers(frame_at(215), 198)) + figures.orphaned_title(frame_at(215))


def test_the_page_about_the_screen_shows_what_is_drawn() -> None:
    page = (Path(__file__).parents[2] / "docs" / "screen.md").read_text(encoding="utf-8")
    assert "\n".join(LEFT) in page
