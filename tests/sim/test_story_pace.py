"""Story pace as a whole: a story is told against a wall's clock that the test turns, so nothing is waited for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from sim.clockwork import Clockwork
from sim.mailbox import Mailbox
from sim.observation.frame import Frame, make_frame
from sim.observation.watch import Watch
from sim.scenario import load
from sim.world import World


class Patient(Mailbox):
    """Waits by turning the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.wall = 0.0

    def wait(self, seconds: float | None) -> None:
        """See :class:`sim.mailbox.Mailbox`."""
        self.wall += seconds or 0.0


@dataclass(slots=True)
class Told:
    """A story from its beginning to its end."""

    seconds: float = 0.0
    first_movement: float | None = None
    frames: list[tuple[float, Frame]] = field(default_factory=list)

    def longest_without_news(self) -> float:
        """The longest time in which neither the sentence nor the simulated time changed."""
        longest, since, kept = 0.0, 0.0, None
        for wall, frame in self.frames:
            news = (frame.caption, frame.now)
            if news != kept:
                kept, since = news, wall
            longest = max(longest, wall - since)
        return longest


def tell(name: str) -> Told:
    world = World(load(name).scenario)
    watch, mailbox = Watch(world), Patient()
    clockwork = Clockwork(mailbox, "story", lambda: mailbox.wall)
    clockwork.begin(world)
    told = Told()
    while world.now < world.end:
        clockwork.turn(world.end)
        if told.first_movement is None and world.now > 0:
            told.first_movement = mailbox.wall
        told.frames.append((mailbox.wall, make_frame(world, watch, clockwork)))
    told.seconds = mailbox.wall
    return told


@pytest.mark.slow
def test_the_case_study_takes_about_three_minutes_and_begins_within_ten_seconds() -> None:
    told = tell("case-study")
    assert 150 <= told.seconds <= 200
    assert told.first_movement is not None
    assert told.first_movement < 10
    assert told.longest_without_news() < 12  # the audit's list of fourteen is read in that time
    shown = dict.fromkeys(frame.caption for _, frame in told.frames)
    for action in load("case-study").scenario.timeline:
        if action.caption and action.do != "start_job":  # the initial cycle that it starts is told instead
            assert action.caption in shown
    chapters = dict.fromkeys(frame.chapter.number for _, frame in told.frames if frame.chapter is not None)
    assert list(chapters) == [1, 2, 3, 4, 5, 6]


@pytest.mark.slow
def test_every_caption_of_the_case_study_stands_long_enough_to_be_read() -> None:
    """At 3.5 words a second, which is 210 a minute, at least."""
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for wall, frame in tell("case-study").frames:
        first.setdefault(frame.caption, wall)
        last[frame.caption] = wall
    for action in load("case-study").scenario.timeline:
        if action.caption and action.do != "start_job":
            assert last[action.caption] - first[action.caption] >= len(action.caption.split()) / 3.5, action.caption


def test_a_story_without_a_script_begins_within_ten_seconds_too() -> None:
    world = World(load("hello").scenario)
    mailbox = Patient()
    clockwork = Clockwork(mailbox, "story", lambda: mailbox.wall)
    clockwork.begin(world)
    while world.now == 0:
        clockwork.turn(world.end)
    assert mailbox.wall < 10
