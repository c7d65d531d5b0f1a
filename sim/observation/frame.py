"""One picture of a world at one moment, whole and immutable, for whoever draws it.

Invariant: made on the world thread from the world's state; changes nothing. Every number in it stands in the summary
at that moment or in the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from mockservices.clock import Millis
from sim.clockwork import Clockwork, Speed
from sim.goals import Carrier, carrier
from sim.observation.lane import Lane, caption, lane_of, told_now
from sim.observation.level import Level
from sim.observation.scenes import (
    SHOWS,
    Chapter,
    ChapterRow,
    Find,
    ResultRow,
    Scene,
    Step,
    chapter,
    chapters,
    pipeline,
    results,
)
from sim.observation.summary.events import latency_block
from sim.observation.watch import CyclePoint, Happening, Points, Watch
from sim.observation.words import LATENCIES, MISSING, MOVER, ORPHANED
from sim.scenario.hr_actions import HrAction

if TYPE_CHECKING:
    from sim.world import World

_NEVER = Level()
Phase: TypeAlias = Literal["initial", "running", "waiting", "quarantine", "off"]


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, and how many there were at most."""

    now: int
    peak: int


@dataclass(frozen=True, slots=True)
class CycleView:
    """Where the provisioning job is."""

    phase: Phase
    number: int
    """How many cycles have begun."""
    done: int
    total: int
    """Objects of an initial cycle: done, all."""
    next_at: Millis | None
    interval: Millis
    tickets: int | None = None
    """Open tickets, while access is given by ticket and no job runs."""
    carrier: Carrier = "cycle"
    """What brings changes to the target."""


@dataclass(frozen=True, slots=True)
class Durations:
    """How long events of one kind took: each duration while they are few, percentiles after."""

    kind: str
    n: int
    open: int
    values_s: tuple[float, ...] | None
    p50_s: float | None
    p95_s: float | None
    max_s: float | None


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that a screen shows of a world."""

    scenario: str
    title: str
    seed: int
    start: datetime
    now: Millis
    end: Millis
    speed: Speed
    factor: float
    paused: bool
    ended: bool
    cycle: CycleView
    orphaned: Count
    retained: int
    """People of them who hold what a move has taken from them."""
    usable: int | None
    """People of the orphaned who could get in and use it; None where there are no sessions."""
    residual_sessions: int | None
    """Sessions that are alive and give access that has ended; None where there are none."""
    toxic: int | None
    """People who hold a toxic combination; None where the policy names none."""
    waiting: Count
    out_of_step: int | None
    """None: no job knows what the target should hold."""
    users: int
    active_users: int
    divergence: tuple[CyclePoint, ...]
    orphaned_points: Points
    waiting_points: Points
    durations: tuple[Durations, ...]
    feed: tuple[Happening, ...]
    """The latest last."""
    lane: Lane | None
    caption: str
    brief: str
    """What the scenario is about."""
    chapter: Chapter | None
    scene: Scene
    """What is looked at; the four below are there when it is theirs."""
    chosen: bool
    """Whether somebody chose it; else it is what the story is about."""
    pipeline: tuple[Step, ...] = ()
    find: Find | None = None
    results: tuple[ResultRow, ...] = ()
    finding: tuple[str, ...] = ()
    """What the figures say, beside the results."""
    chapters: tuple[ChapterRow, ...] = ()
    banner: str = ""
    """What has to be seen until it is over."""


def make_frame(world: World, watch: Watch, clockwork: Clockwork, end: Millis | None = None) -> Frame:
    """The picture of this moment; on the world thread."""
    until = world.end if end is None else end
    watch.look()
    exposure, toxic = world.parts.ledger.exposure, world.parts.ledger.toxic
    orphaned, waiting = exposure.people.get(ORPHANED, _NEVER), exposure.people.get(MISSING, _NEVER)
    provider = world.services.provider
    ended = world.now >= until
    cycle = _cycle(world)
    lane = lane_of(world, watch)
    reached = (None, None) if world.reach is None else world.reach.now()
    scene = watch.scene or _scene(world, watch, lane, ended=ended)
    rows, told = results(world) if scene == "results" else ((), ())
    return Frame(
        scenario=world.scenario.scenario,
        title=world.scenario.title,
        seed=world.seed,
        start=world.scenario.start,
        now=world.now,
        end=until,
        speed=clockwork.speed,
        factor=clockwork.factor,
        paused=clockwork.paused,
        ended=ended,
        cycle=cycle,
        orphaned=Count(orphaned.now, orphaned.peak),
        retained=exposure.cause_people.get(MOVER, _NEVER).now,
        usable=reached[0],
        residual_sessions=reached[1],
        toxic=None if toxic is None else toxic.any.people.now,
        waiting=Count(waiting.now, waiting.peak),
        out_of_step=world.parts.divergence.peek() if world.carried.by_job else None,
        users=provider.users_count,
        active_users=provider.active_count,
        divergence=tuple(watch.cycles),
        orphaned_points=watch.points(ORPHANED),
        waiting_points=watch.points(MISSING),
        durations=_durations(world),
        feed=watch.happenings(),
        lane=lane,
        caption=caption(world, watch, ended=ended),
        brief=world.scenario.brief,
        chapter=chapter(world),
        scene=scene,
        chosen=watch.scene is not None,
        pipeline=pipeline(world) if scene == "pipeline" else (),
        find=watch.find() if scene == "audit" else None,
        results=rows,
        finding=told,
        chapters=chapters(world) if scene == "chapters" else (),
        banner=watch.banner,
    )


def _scene(world: World, watch: Watch, lane: Lane | None, *, ended: bool) -> Scene:
    """What the story is about at this moment."""
    if ended and world.scenario.results:
        return "results"
    told_first = bool(world.scenario.phases or world.scenario.brief)
    if world.now == 0 and told_first:
        return "chapters"
    running, step, story = world.driver.running, watch.latest, watch.told_story()
    if running.active and running.initial:
        return "pipeline"
    if step is not None and not isinstance(step, HrAction) and told_now(world, step, story):
        return SHOWS.get(step.do, "person")
    if lane is None and told_first and watch.latest is None:
        return "chapters"
    return "person"


def _cycle(world: World) -> CycleView:
    driver, desk = world.driver, world.carried.at_the_desk
    running = driver.running
    held = driver.ward.current
    due = held is None and not driver.begun_since(world.now)  # at this very instant
    phase: Phase = "off" if not driver.active else "waiting" if held is None else "quarantine"
    if running.active:
        phase = "initial" if running.initial else "running"
    return CycleView(
        phase=phase,
        number=driver.sums.cycles,
        done=running.objects if running.active else 0,
        total=running.total if running.active else 0,
        next_at=driver.next_cycle(world.now - 1 if due else world.now),
        interval=driver.pace.interval,
        tickets=None if desk is None or driver.active or running.active else len(desk.open_tickets()),
        carrier=carrier(world),
    )


def _durations(world: World) -> tuple[Durations, ...]:
    ledger = world.parts.ledger
    block = latency_block(ledger.events.latencies, list(ledger.open_latencies()))
    rows = []
    for kind in LATENCIES:
        row = block[kind]
        if row["n"] or row["censored"]:
            values = row.get("durations_s")
            rows.append(
                Durations(
                    kind,
                    row["n"],
                    row["censored"],
                    None if values is None else tuple(values),
                    row["p50_s"],
                    row["p95_s"],
                    row["max_s"],
                )
            )
    return tuple(rows)
