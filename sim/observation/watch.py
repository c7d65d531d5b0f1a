"""What a screen needs beyond a world's present state: what happened lately, and how counts went over time.

Invariant: hears what the journal hears and changes nothing; a run that is watched and one that is not are the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sim.commands import PACING, Command
from sim.observation.deeds import ORIGINS, deed, entered
from sim.observation.events import EventRow
from sim.observation.expiries import Expiries
from sim.observation.exposure import PersonRow
from sim.observation.feed_words import ASIDE, EXPECTED, OUTCOMES, THROUGH, TICKETS, TOLD
from sim.observation.latency import LatencyRow, OutcomeRow
from sim.observation.listeners import both
from sim.observation.person import Person
from sim.observation.scenes import Find, Scene, find
from sim.observation.words import (
    CYCLE,
    HR,
    JOINER,
    MISSING,
    MOVER_GAP,
    MOVER_OVERLAP,
    NOBODY,
    NOT_MEASURED,
    ORPHANED,
    SUPERSEDED,
    TICKET,
)
from sim.provisioning.driver import CycleRow
from sim.provisioning.ticketing.ticket import FORGOTTEN, OPEN, REVIEW, TicketRow
from sim.scenario.hr_actions import HrAction
from sim.scenario.sessions import AtTheDoors
from sim.scenario.timeline import AnyAction
from sim.time import HOUR, counted, span_text
from sim.workforce.entitlements import CARRIED, RequestRow
from sim.workforce.entitlements import TOLD as REQUESTED

if TYPE_CHECKING:
    from sim.world import World

KEPT: Final = 200
"""Happenings, and cycles, that are kept."""
FRESH_MS: Final = 60_000
"""For so long in simulated time a story that has ended stays in view."""
Points: TypeAlias = tuple[tuple[int, int], ...]
"""(time in ms, how many from then on), from 0 on."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the feed."""

    at: int
    kind: str
    who: str
    what: str
    waiting_for: str


@dataclass(frozen=True, slots=True)
class CyclePoint:
    """How far out of step the target was around one cycle."""

    number: int
    at: int
    before: int
    after: int


@dataclass(slots=True)
class Story:
    """The latest lifecycle event of one person."""

    kind: str
    at: int
    told_at: int | None
    """When the directory said so."""
    through_at: int | None = None


class Watch:
    """Hears one world; to be attached after its journal, before anything happens."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._feed: deque[tuple[int, str, int | str, str, str]] = deque(maxlen=KEPT)
        self.cycles: deque[CyclePoint] = deque(maxlen=KEPT)
        self.stories: dict[int, Story] = {}
        self._events: dict[int, int] = {}  # an event's number to the person's
        self._steps: dict[str, dict[int, int]] = {ORPHANED: {}, MISSING: {}}
        self._names: dict[int, str] = {}
        self.focus: int | None = None
        """The person whose story is told."""
        self.scene: Scene | None = None
        """What somebody wants to look at; None: what the story is about."""
        self.latest: AnyAction | None = None
        """The step of the timeline that happened last."""
        self.banner = ""
        """What has to be seen until it is over."""
        self._script = sorted(world.scenario.timeline, key=lambda action: action.at)
        self._expiries = Expiries(world)
        self._told = self._refused = self._begun = self._mails = 0
        ledger, driver = world.parts.ledger, world.driver
        events, latencies = ledger.events, ledger.events.latencies
        events.sink = both(events.sink, self._event)
        events.directory_sink = both(events.directory_sink, self._in_directory)
        latencies.sink = both(latencies.sink, self._latency)
        latencies.outcome_sink = both(latencies.outcome_sink, self._outcome)
        if world.carried.desk is not None:
            world.carried.desk.listener = both(world.carried.desk.listener, self._ticket)
        ledger.exposure.person_sink = both(ledger.exposure.person_sink, self._stretch)
        if ledger.toxic is not None:
            ledger.toxic.began = self._toxic
        world.parts.requested.sink = both(world.parts.requested.sink, self._requested)
        driver.idle_sink = both(driver.idle_sink, self._idle)
        world.cycle_sink = both(world.cycle_sink, self._cycle)
        world.command_sink = both(world.command_sink, self._command)
        world.services.doors.listen()  # so that a door can say since when it has been open or closed

    # --- what comes in -----------------------------------------------------------------------------------

    def _add(self, kind: str, who: int | str, what: str, waiting_for: str = "", at: int | None = None) -> None:
        self._feed.append((self._world.clock.now if at is None else at, kind, who, what, waiting_for))

    def _event(self, row: EventRow) -> None:
        number, kind, person, at, in_directory = row[:5]
        if kind == JOINER and self._world.parts.ledger.headcount.employment(person) is None:
            self._add(kind, person, EXPECTED)
            return
        self._events[number] = person
        self._add(kind, person, TOLD.get(kind, kind), HR if in_directory is None else self._carrier)
        if kind in ASIDE:
            return
        self.stories[person] = Story(kind, at, in_directory)
        if not self._holds(self.focus):
            self.focus = person

    def _in_directory(self, event: int, at: int) -> None:
        person = self._events.get(event)
        if person is not None:
            self._add("directory", person, "HR has told the directory", self._carrier)
            story = self.stories.get(person)
            if story is not None:
                story.told_at = at

    @property
    def _carrier(self) -> str:
        """What a change in the directory waits for."""
        return CYCLE if self._world.carried.at_the_desk is None else TICKET

    def _ticket(self, row: TicketRow) -> None:
        _, person, kind, _, _, outcome, acts = row
        who = "an access review raises" if kind == REVIEW else "somebody raises"
        what = TICKETS[outcome].format(acts=counted(acts, "act"), who=who)
        self._add("ticket", person, what, {OPEN: TICKET, FORGOTTEN: NOBODY}.get(outcome, ""))

    def _latency(self, row: LatencyRow) -> None:
        kind, person, lasted = row[0], row[2], row[5]
        if kind in (MOVER_OVERLAP, MOVER_GAP):
            return
        self.stories[person].through_at = row[4]
        self._add("target", person, f"{THROUGH[kind]} after {span_text(lasted)}")

    def _outcome(self, row: OutcomeRow) -> None:
        event, outcome, at = row
        person = self._events.get(event)
        if person is not None and outcome != NOT_MEASURED:
            story = self.stories[person]
            if story.through_at is None and outcome != SUPERSEDED:
                story.through_at = at
            self._add("target", person, OUTCOMES[outcome])

    def _stretch(self, row: PersonRow) -> None:
        _, state, _, _, since, until = row
        if state in self._steps and until is not None:
            steps = self._steps[state]
            steps[since] = steps.get(since, 0) + 1
            steps[until] = steps.get(until, 0) - 1

    def _toxic(self, person: int, pair: str, entitled: bool) -> None:
        retained = "" if entitled else ", retained"
        self._add("toxic", person, f"holds a toxic combination{retained}: {pair}")

    def _requested(self, row: RequestRow) -> None:
        _, person, group, act = row
        self._add("request", person, REQUESTED[act].format(group), self._carrier if act in CARRIED else "")

    def _idle(self, number: int, at: int, before: int, after: int) -> None:
        self.cycles.append(CyclePoint(number, at, before, after))

    def _cycle(self, row: CycleRow) -> None:
        self.cycles.append(CyclePoint(row.number, row.start, row.divergence_before, row.divergence_after))
        tally = row.tally
        errors = f", {counted(tally.errors, 'error')}" if tally.errors else ""
        self._add(
            "cycle",
            f"cycle {row.number}",
            f"{counted(tally.requests, 'request')}{errors}; out of step {row.divergence_before} before, "
            f"{row.divergence_after} after",
        )

    def _command(self, command: Command) -> None:
        if command.action not in PACING:
            what = entered(command.action, self._whom(command.arguments))
            self._add("command", ORIGINS.get(command.origin, command.origin), what, at=command.at)

    def _whom(self, arguments: Mapping[str, Any]) -> str:
        """The name of somebody whose account stands among a command's arguments."""
        directory, register = self._world.services.directory, self._world.parts.register
        for value in arguments.values():
            row = directory.user_row(value) if isinstance(value, str) else None
            number = None if row is None else register.account_owner(row)
            if number is not None:
                return self.name(number)
        return ""

    def look(self) -> None:
        """Notice what is not told: scripted acts of administrators, refusals, a cycle that has begun."""
        world = self._world
        while self._told < len(self._script) and self._script[self._told].at < world.now:
            self.latest = action = self._script[self._told]
            self._told += 1
            if not isinstance(action, HrAction):  # those are told as events
                told = deed(action, self.called)
                self._add("script", told.who, told.what, at=action.at)
            if isinstance(action, AtTheDoors):
                self._at_the_doors(action.person)
        for refused in world.timeline.refused[self._refused :]:
            self._add("refused", refused.action.replace("_", " "), refused.reason, at=refused.at)
        self._refused = len(world.timeline.refused)
        for at, person, what in self._expiries.since_last():
            self._add("door", person, what, at=at)
        self._read_mail()
        running = world.driver.running
        if running.active and running.initial and running.number != self._begun:
            self._begun = running.number
            self._add("cycle", f"cycle {running.number}", f"the initial cycle begins: {running.total} objects",
                      at=running.start)  # fmt: skip
        if not self._holds(self.focus) and not self._fresh(self.focus):
            waiting = [person.number for person in world.parts.ledger.touched() if self._holds(person.number)]
            if waiting:
                self.focus = waiting[-1]

    def _at_the_doors(self, name: str) -> None:
        """Somebody signs in or starts a role: as long as nobody's story is under way, that is who is in view."""
        number = self._world.parts.register.names.get(name)
        if number is not None and self._world.parts.ledger.known(number) is not None and not self._holds(self.focus):
            self.focus = number

    def _read_mail(self) -> None:
        """What the provisioning service has written to its administrators: to be seen while it holds."""
        driver = self._world.driver
        mails = driver.notifications
        for mail in mails[self._mails :]:
            self._add("mail", "Entra's mail", mail.subject, at=mail.at)
        self._mails = len(mails)
        fresh = bool(mails) and (
            driver.ward.current is not None or driver.disabled or self._world.now - mails[-1].at < HOUR
        )
        self.banner = str(mails[-1].subject) if fresh else ""

    # --- what is asked -----------------------------------------------------------------------------------

    def happenings(self) -> tuple[Happening, ...]:
        """The feed in order of time, the latest last."""
        return tuple(
            Happening(at, kind, self.name(who) if isinstance(who, int) else who, what, waiting)
            for at, kind, who, what, waiting in sorted(self._feed, key=lambda row: row[0])
        )

    def points(self, state: str) -> Points:
        """How many people were in a state over time, open stretches included."""
        steps = dict(self._steps[state])
        for _, open_state, _, _, since, _ in self._world.parts.ledger.open_people():
            if open_state == state:
                steps[since] = steps.get(since, 0) + 1
        count, points = 0, []
        for at in sorted(steps):
            if steps[at]:
                count += steps[at]
                points.append((at, count))
        if not points or points[0][0] > 0:
            points.insert(0, (0, 0))
        return tuple(points)

    def _open(self, number: int | None) -> Person | None:
        person = None if number is None else self._world.parts.ledger.known(number)
        return person if person is not None and person.measures else None

    def _holds(self, number: int | None) -> bool:
        """Whether a person's story is to be told on: it is open, and something will come of it."""
        person = self._open(number)
        return person is not None and not (self._world.carried.at_the_desk is not None and person.stuck)

    def told_story(self) -> Story | None:
        """The latest event of the person whose story is told, as far as there is something to tell."""
        story = None if self.focus is None else self.stories.get(self.focus)
        under_way = self._open(self.focus) is not None
        return story if story is not None and (under_way or story.through_at is not None) else None

    def _fresh(self, number: int | None) -> bool:
        """Whether a person's story has only just come to its end, so that there is something to read."""
        story = None if number is None else self.stories.get(number)
        return story is not None and story.through_at is not None and self._world.now - story.through_at < FRESH_MS

    def follow_next(self) -> None:
        """Tell the story of the next person who has one: those under way and those whose access is not theirs, or else
        the latest."""
        touched = list(self._world.parts.ledger.touched())
        people = [p.number for p in touched if p.measures] + [p.number for p in touched if p.orphans and not p.measures]
        people = people or list(self.stories)[-9:]
        if people:
            at = people.index(self.focus) + 1 if self.focus in people else 0
            self.focus = people[at % len(people)]

    def name(self, number: int) -> str:
        """What a person is called on a screen: the displayName, or what results call the person."""
        world = self._world
        known = world.parts.ledger.known(number)
        if known is not None and known.row >= 0:
            name = world.services.directory.attributes_of(known.row).get("displayName")
            if name:
                self._names[number] = str(name)
        start = world.parts.start
        if number not in self._names and start is not None and number < len(start.people):
            self._names[number] = start.people.display_name(number)  # somebody who has no account yet
        return self._names.get(number) or self._scripted_name(number) or world.parts.register.label(number)

    def called(self, name: str) -> str:
        """The name of somebody whom the scenario calls so; the word itself for everything else."""
        number = self._world.parts.register.names.get(name)
        return name if number is None else self.name(number)

    def find(self) -> Find | None:
        """What audits have found."""
        return find(self._world, {number: self.name(number) for number, *_ in self._world.parts.stale.finds()})

    def _scripted_name(self, number: int) -> str | None:
        called = [name for name, owner in self._world.parts.register.names.items() if owner == number]
        for action in self._world.scenario.timeline if called else ():
            spec: Any = getattr(action, "person", None)
            if getattr(spec, "id", None) == called[0]:
                self._names[number] = f"{spec.given_name} {spec.family_name}"
                return self._names[number]
        return called[0] if called else None
