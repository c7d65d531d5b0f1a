"""How fast simulated time passes: paced against the wall, paused, or as fast as possible to a goal.

Invariant: the wall's clock decides when something happens on the wall, never what happens. Paced time is simulated
time at the last resume + floor(wall time since x speed), so it never goes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from time import perf_counter
from typing import TYPE_CHECKING, Any

from mockservices.clock import Millis
from sim.mailbox import Entering, Mailbox, Read
from sim.time import TimeError, format_duration, looks_like_instant, parse_duration, parse_instant

if TYPE_CHECKING:
    from sim.world import World

LONGEST_NAP = 0.05
"""Seconds; the world looks at its stop signal at least this often."""
STRIDE = Millis(60_000)
"""How far one turn goes when time is not paced, so that commands and the stop signal are seen soon."""


class Clockwork:
    """Moves one world's time; implements :class:`mockservices.ports.WorldControl`."""

    def __init__(self, mailbox: Mailbox, speed: float | None, wall: Callable[[], float] = perf_counter) -> None:
        self._mailbox = mailbox
        self._wall = wall
        self.speed = speed
        self.paused = False
        self._world: World
        self._resumed_at = Millis(0)
        self._resumed_wall = 0.0
        self._goal: Callable[[], Millis | None] | None = None
        self._goal_future: Future[Any] | None = None

    def begin(self, world: World) -> None:
        """Time starts to pass."""
        self._world = world
        self._rebase()

    def _rebase(self) -> None:
        self._resumed_at = self._world.now
        self._resumed_wall = self._wall()

    # --- on the world thread -----------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether time passes by the wall's clock."""
        return self.speed is not None and not self.paused and self._goal is None

    def now(self) -> Millis:
        """The simulated time of this moment on the wall, as a command's wish; paused or unpaced: the world's own."""
        if not self.running or self.speed is None:
            return self._world.now
        passed = int((self._wall() - self._resumed_wall) * self.speed * 1000)
        return Millis(max(self._world.now, self._resumed_at + passed))

    def turn(self, until: Millis | None = None) -> None:
        """Let a little time pass, or wait for it to pass."""
        world = self._world
        if self._goal is not None:
            self._towards_goal()
        elif self.paused:
            self._mailbox.wait(LONGEST_NAP)
        elif self.speed is None:
            target = Millis(world.now + STRIDE)
            world.run_until(target if until is None else min(target, until))
        else:
            now = self.now() if until is None else min(self.now(), until)
            target = Millis(min(now, world.now + STRIDE))  # a world that lags behind still looks up now and then
            world.run_until(target)
            if target == now and now != until:
                self._mailbox.wait(self._nap())

    def _nap(self) -> float:
        speed = self.speed or 1.0
        ahead = self._world.kernel.peek() - self._resumed_at
        due = self._resumed_wall + ahead / 1000 / speed - self._wall()
        return min(max(due, 0.0005), LONGEST_NAP)

    def _towards_goal(self) -> None:
        """Run a stride towards what ``advance`` asked for; tell whoever asked when it is reached."""
        goal, future = self._goal, self._goal_future
        if goal is None or future is None:
            return
        target = goal()
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
        else:
            if self._goal is not None:
                raise ValueError("the clock is being advanced already; ask again when that is done")
            self._goal = self._goal_of(arguments, world)
            self._goal_future = future

    @staticmethod
    def _goal_of(arguments: Mapping[str, Any], world: World) -> Callable[[], Millis | None]:
        cycles = arguments.get("cycles")
        if cycles is not None:
            wanted = world.driver.sums.cycles + int(cycles)

            def through_cycles() -> Millis | None:
                driver = world.driver
                if driver.sums.cycles >= wanted and not driver.running.active:
                    return None
                return Millis(max(int(world.kernel.peek()), world.now) + 1)

            return through_cycles
        target = Millis(int(arguments["to"]) if "to" in arguments else world.now + int(arguments["by"]))
        if target < world.now:
            behind = format_duration(world.now - target)
            raise ValueError(f"time never goes back: {world.clock.iso(target)} lies {behind} in the past")

        def to_time() -> Millis | None:
            return None if world.now >= target else Millis(min(target, world.now + STRIDE))

        return to_time

    # --- from the handlers' threads ----------------------------------------------------------------------

    async def status(self) -> Mapping[str, Any]:
        """See :class:`mockservices.ports.WorldControl`."""
        future: Future[dict[str, Any]] = Future()
        self._mailbox.post(Read(self._status, future))
        return await asyncio.wrap_future(future)

    def _status(self) -> dict[str, Any]:
        world = self._world
        driver, provider = world.driver, world.services.provider
        exposure = world.parts.ledger.exposure
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
            "next_cycle": world.clock.iso(Millis(driver.pace.gate_after(world.now))) if driver.active else None,
            "users": provider.users_count,
            "active_users": provider.active_count,
            "groups": provider.groups_count,
            "orphaned_people": exposure.person("orphaned").now,
            "people_waiting": exposure.person("missing").now,
            "commands": len(world.commands),
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
