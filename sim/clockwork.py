"""How fast simulated time passes: paced against the wall, told as a story, paused, or as fast as possible to a goal.

Invariant: the wall's clock decides when something happens on the wall, never what happens. Paced time is simulated
time at the last resume + floor(wall time since x speed), so it never goes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from mockservices.clock import Millis
from sim.errors import JmlabError
from sim.goals import STRIDE, Goal, step_of_carrier, through_cycles, to_time
from sim.kernel import Order
from sim.mailbox import Entering, Mailbox, Read
from sim.pacing import Moment, Stretch, plan
from sim.time import TimeError, looks_like_instant, parse_duration, parse_instant

if TYPE_CHECKING:
    from sim.scenario.timeline import AnyAction
    from sim.world import Transport, World

LONGEST_NAP = 0.05
"""Seconds; the world looks at its stop signal at least this often."""
STORY: Final = "story"
Speed: TypeAlias = float | Literal["story"] | None
"""Times as fast as the wall's clock, at story pace, or None: as fast as possible."""
STORY_NAP = 0.03
SPEEDS = (0.25, 1_000_000.0)
FACTORS = (1 / 8, 64.0)
"""The slowest and the fastest that faster and slower lead to: times the wall's speed, times the story's pace."""

LISTED = 30
"""Words that the list of an audit's find amounts to."""
ENDED = 18
"""Words with which the end of an initial cycle is told."""


def _words(action: AnyAction) -> int:
    """How much there is to read about a step of the timeline."""
    listed = LISTED if action.do == "aws_audit" else 0
    return listed + len((action.caption or "").split())


class BeingAdvancedError(ValueError):
    """Time is to be moved, and is being moved already."""


class Clockwork:
    """Moves one world's time; implements :class:`mockservices.ports.WorldControl`."""

    def __init__(self, mailbox: Mailbox, speed: Speed, wall: Callable[[], float] = perf_counter) -> None:
        self._mailbox = mailbox
        self._wall = wall
        self.speed: Speed = speed
        self.factor = 1.0
        """How many times as fast as the story's own pace a story is told."""
        self.until: Millis | None = None
        """Where time ends, if it does."""
        self.paused = False
        self.transport: Transport = "direct"
        """How the job reaches the services, as the summary is to say."""
        self._world: World
        self._resumed_at = Millis(0)
        self._resumed_wall = 0.0
        self._goal: Goal | None = None
        self._goal_future: Future[Any] | None = None
        self._stretch: Stretch | None = None
        self._stretch_wall = 0.0
        self._cycles_seen = 0
        self._opened = False

    def begin(self, world: World) -> None:
        """Time starts to pass."""
        self._world = world
        self._rebase()

    def _rebase(self) -> None:
        self._resumed_at = self._world.now
        self._resumed_wall = self._wall()
        self._stretch = None

    # --- on the world thread -----------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether time passes by the wall's clock."""
        return self.speed is not None and not self.paused and self._goal is None

    @property
    def advancing(self) -> bool:
        """Whether time runs to a goal as fast as possible."""
        return self._goal is not None

    def look_again(self) -> None:
        """Something came from outside: what the story was about to pass over may be worth seeing."""
        self._stretch = None

    def now(self) -> Millis:
        """The simulated time of this moment on the wall, as a command's wish; paused or unpaced: the world's own."""
        if not self.running or self.speed is None:
            return self._world.now
        if self.speed == STORY:
            stretch = self._stretch
            now = self._world.now if stretch is None else stretch.at(self._wall() - self._stretch_wall)
        else:
            now = self._resumed_at + int((self._wall() - self._resumed_wall) * self.speed * 1000)
        if self.until is not None:
            now = min(now, self.until)
        return Millis(max(self._world.now, now))

    def turn(self, until: Millis | None = None) -> None:
        """Let a little time pass, or wait for it to pass."""
        world = self._world
        self.until = until
        if self._goal is not None:
            self._towards_goal()
        elif self.paused:
            self._mailbox.wait(LONGEST_NAP)
        elif self.speed == STORY:
            self._tell()
        elif self.speed is None:
            target = Millis(world.now + STRIDE)
            world.run_until(target if until is None else min(target, until))
        else:
            now = self.now() if until is None else min(self.now(), until)
            target = Millis(min(now, world.now + STRIDE))  # a world that lags behind still looks up now and then
            world.run_until(target)
            if target == now and now != until:
                self._mailbox.wait(self._nap())

    # --- story pace --------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Let the story go on by as much as the wall says, and look up soon."""
        self._world.run_until(self.now())  # a stretch whose time is over is gone to its very end
        wall = self._wall()
        if self._stretch is None or self._stretch.over(wall - self._stretch_wall):
            self._stretch = plan(self.moment(), self.factor)
            self._opened = True
            self._stretch_wall = wall
            if not self._world.driver.running.active:
                self._cycles_seen = len(self._world.cycles)
        self._mailbox.wait(STORY_NAP)

    def moment(self) -> Moment:
        """What the story pace has to know of the world."""
        world = self._world
        parts, driver, running = world.parts, world.driver, world.driver.running
        event = world.kernel.next_before(Order.CYCLE)
        by_ticket = world.carried.at_the_desk is not None
        waits = driver.active and (parts.state.watermark is None or parts.observer.backlog.waits)
        end = world.end if self.until is None else self.until
        over = not running.active and len(world.cycles) > self._cycles_seen
        words = sum(_words(action) for action in world.scenario.timeline if action.at == event)
        if over:
            words = ENDED if world.cycles[-1].initial else 0
        return Moment(
            now=world.now,
            end=end,
            event=int(event) if event < end else None,
            gate=driver.next_cycle(world.now - 1) if waits else None,
            interval=driver.pace.interval,
            under_way=any(person.measures and not (by_ticket and person.stuck) for person in parts.ledger.touched()),
            events=len(world.scenario.timeline) + (len(parts.schedule) if parts.schedule is not None else 0),
            cycle_since=running.start if running.active else None,
            cycle_end=driver.pace.begin_object(running.start, running.total)
            if running.active and running.initial
            else None,
            cycle_over=over,
            words=words,
            opening=not self._opened and world.now == 0,
        )

    # --- by the wall's clock, and to a goal --------------------------------------------------------------

    def _nap(self) -> float:
        speed = self.speed if isinstance(self.speed, int | float) else 1.0
        ahead = self._world.kernel.peek() - self._resumed_at
        due = self._resumed_wall + ahead / 1000 / speed - self._wall()
        return min(max(due, 0.0005), LONGEST_NAP)

    def _towards_goal(self) -> None:
        """Run a stride towards what ``advance`` asked for; tell whoever asked when it is reached."""
        goal, future = self._goal, self._goal_future
        if goal is None or future is None:
            return
        target = goal()
        if target is not None and self.until is not None:
            target = None if self._world.now >= self.until else Millis(min(target, self.until))
        if target is None:
            self._goal = self._goal_future = None
            self._rebase()
            future.set_result(self._world.clock.iso(self._world.now))
            return
        self._world.run_until(target)

    def obey(self, action: str, arguments: Mapping[str, Any], future: Future[Any]) -> None:
        """Carry out a command about time."""
        world = self._world
        if action == "clock.pause":
            self.paused = True
            future.set_result(None)
        elif action == "clock.resume":
            speed = arguments.get("speed")
            if speed is not None:
                self.speed = float(speed)
            self.paused = False
            self._rebase()
            future.set_result(None)
        elif action == "clock.pace":
            self._pace(arguments)
            future.set_result(None)
        else:
            if self._goal is not None:
                raise BeingAdvancedError("the clock is being advanced already; ask again when that is done")
            if action == "clock.step":
                self._goal = self._goal_of_step(str(arguments["to"]))
                self.paused = self.paused or arguments["to"] != "chapter"
            else:
                self._goal = self._goal_of(arguments, world)
            self._goal_future = future

    def _pace(self, arguments: Mapping[str, Any]) -> None:
        """Story pace or times the wall's speed; or so many times as fast as until now."""
        factor = float(arguments.get("factor", 1.0))
        if "speed" in arguments:
            speed = arguments["speed"]
            self.speed, self.factor = (STORY if speed == STORY else float(speed)), 1.0
        elif self.speed == STORY:
            self.factor = min(max(self.factor * factor, FACTORS[0]), FACTORS[1])
        elif self.speed is not None:
            self.speed = min(max(self.speed * factor, SPEEDS[0]), SPEEDS[1])
        self._rebase()

    def _goal_of_step(self, to: str) -> Goal:
        """Until just after the next event, cycle or ticket, or the next thing that the scenario's timeline says."""
        world, moment = self._world, self.moment()
        if to == "cycle":
            return step_of_carrier(world)
        if to == "chapter":
            later: list[int] = [action.at for action in world.scenario.timeline if action.at > world.now]
            if world.phases is not None:
                later = [phase.start for phase in world.phases.phases if phase.start > world.now] or [moment.end]
            if later:
                return to_time(world, Millis(min(later) + 1))
        elif world.driver.running.active:
            return through_cycles(world, 0)
        ahead = [time for time in (moment.event, moment.gate) if time is not None]
        return to_time(world, Millis(min([time + 1 for time in ahead], default=moment.end)))

    @staticmethod
    def _goal_of(arguments: Mapping[str, Any], world: World) -> Goal:
        cycles = arguments.get("cycles")
        if cycles is not None:
            return through_cycles(world, int(cycles))
        return to_time(world, Millis(int(arguments["to"]) if "to" in arguments else world.now + int(arguments["by"])))

    # --- from the handlers' threads ----------------------------------------------------------------------

    async def status(self) -> Mapping[str, Any]:
        """See :class:`mockservices.ports.WorldControl`."""
        future: Future[dict[str, Any]] = Future()
        self._mailbox.post(Read(self._status, future))
        return await asyncio.wrap_future(future)

    async def summary(self) -> Mapping[str, Any]:
        """See :class:`mockservices.ports.WorldControl`."""
        from sim.observation.summary import summarize

        future: Future[Mapping[str, Any]] = Future()
        self._mailbox.post(Read(lambda: summarize(self._world, transport=self.transport), future))
        return await asyncio.wrap_future(future)

    async def attempt(self, person: str, account: str, permission_set: str | None = None) -> Mapping[str, Any]:
        """See :class:`mockservices.ports.WorldControl`."""
        from sim.trying import attempt, tried_json

        def work() -> Mapping[str, Any]:
            try:
                return tried_json(self._world, attempt(self._world, person, account, permission_set))
            except JmlabError as error:
                raise ValueError(str(error)) from None

        future: Future[Mapping[str, Any]] = Future()
        self._mailbox.post(Read(work, future))
        return await asyncio.wrap_future(future)

    def _status(self) -> dict[str, Any]:
        world = self._world
        driver, provider = world.driver, world.services.provider
        exposure = world.parts.ledger.exposure
        following, quarantine = driver.next_cycle(world.now), driver.ward.current
        return {
            "scenario": world.scenario.scenario,
            "seed": world.seed,
            "simulated": True,
            "now": world.clock.iso(world.now),
            "now_ms": world.now,
            "speed": self.speed,
            "paused": self.paused,
            "advancing": self._goal is not None,
            "cycles": driver.sums.cycles,
            "cycle_running": driver.running.active,
            "next_cycle": None if following is None else world.clock.iso(following),
            "quarantine": None if quarantine is None else quarantine.reason,
            "users": provider.users_count,
            "active_users": provider.active_count,
            "groups": provider.groups_count,
            "orphaned_people": exposure.person("orphaned").now,
            "people_waiting": exposure.person("missing").now,
            "commands": len(world.commands),
            "faults": world.services.faults.in_force(),
        }

    async def advance(self, *, to: str | None = None, by: str | None = None, cycles: int | None = None) -> str:
        """See :class:`mockservices.ports.WorldControl`."""
        if cycles is not None:
            if not self._world.driver.active:
                raise ValueError("no cycles run: the job is paused")
            return str(await self._send("clock.advance", {"cycles": cycles}))
        try:
            if to is None:
                arguments = {"by": parse_duration(str(by))}
            elif looks_like_instant(to):
                arguments = {"to": self._world.clock.millis(parse_instant(to))}
            else:
                raise ValueError(f"{to!r} is no instant; write it like 2026-03-02T12:00:00Z")
        except TimeError as error:
            raise ValueError(str(error)) from error
        return str(await self._send("clock.advance", arguments))

    def read_fault(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """See :class:`mockservices.ports.WorldControl`."""
        from sim.faults import read_fault

        return read_fault(self._world.scenario, values)

    async def pause(self) -> None:
        """See :class:`mockservices.ports.WorldControl`."""
        await self._send("clock.pause", {})

    async def resume(self, speed: float | None = None) -> None:
        """See :class:`mockservices.ports.WorldControl`."""
        await self._send("clock.resume", {} if speed is None else {"speed": speed})

    async def _send(self, action: str, arguments: Mapping[str, Any]) -> Any:
        future: Future[Any] = Future()
        self._mailbox.post(Entering(action, arguments, lambda result: result, future))
        return await asyncio.wrap_future(future)
