"""Where a stretch of time that somebody asked for ends: at an instant, or once a cycle or a ticket is done.

Invariant: a goal reads the world and changes nothing. Asked again and again, it says up to when to run next, and None
as soon as it is reached or can no longer be.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from mockservices.clock import Millis
from sim.provisioning.ticketing.ticket import FORGOTTEN
from sim.time import format_duration

if TYPE_CHECKING:
    from sim.world import World

Goal: TypeAlias = Callable[[], Millis | None]
Carrier: TypeAlias = Literal["cycle", "push", "ticket", "nothing"]
"""What brings changes to the target at a moment."""
STRIDE: Final = Millis(60_000)
"""How far one turn goes when time is not paced, so that commands and the stop signal are seen soon."""


def carrier(world: World) -> Carrier:
    """What brings changes to the target now."""
    driver = world.driver
    if driver.active or driver.running.active:
        return "push" if driver.pushed else "cycle"
    return "nothing" if world.carried.at_the_desk is None else "ticket"


def step_of_carrier(world: World) -> Goal:
    """Through the next cycle, push or ticket, whichever it is that brings changes; a ValueError where nothing does."""
    carried = carrier(world)
    if carried == "ticket":
        return through_ticket(world)
    if carried == "nothing":
        raise ValueError(
            "no cycles run: nothing carries changes to AWS (provisioning.strategy is none)"
            if world.carried.current == "none"
            else "no cycles run: the job is paused"
        )
    return through_cycles(world, 0 if world.driver.running.active else 1)


def through_cycles(world: World, more: int) -> Goal:
    """Until so many more cycles have ended; 0: the one that runs."""
    wanted = world.driver.sums.cycles + more

    def goal() -> Millis | None:
        driver = world.driver
        through = driver.sums.cycles >= wanted or not driver.active  # switched off on the way: none will come
        return None if through and not driver.running.active else _next(world)

    return goal


def through_ticket(world: World) -> Goal:
    """Until somebody has worked one more ticket, or tickets have had their time."""
    desk = world.carried.at_the_desk
    seen = 0 if desk is None else len(desk.closed)

    def goal() -> Millis | None:
        worked = desk is None or any(row[5] != FORGOTTEN for row in desk.closed[seen:])
        return None if worked or world.carried.at_the_desk is None else _next(world)

    return goal


def to_time(world: World, target: Millis) -> Goal:
    """Until an instant; a ValueError if it lies in the past."""
    if target < world.now:
        behind = format_duration(world.now - target)
        raise ValueError(f"time never goes back: {world.clock.iso(target)} lies {behind} in the past")

    def goal() -> Millis | None:
        return None if world.now >= target else Millis(min(target, world.now + STRIDE))

    return goal


def _next(world: World) -> Millis:
    """Just after whatever happens next."""
    following = world.kernel.peek()
    return Millis(world.now + STRIDE if following == inf else max(int(following), world.now) + 1)
