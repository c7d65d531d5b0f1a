"""What the next cycle will send, to whom, and what it will pass over: seen before anything is sent.

Invariant: the world that is asked about stays as it is. A copy is made of it by replay; in the copy nothing happens any
more but the job, so the preview is what is then sent if nothing happens in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from mockservices.clock import Millis
from mockservices.graph.reasons import REASONS
from sim.kernel import Order
from sim.ports import GROUP, USER, Answer, Create, Find, Request, Target
from sim.provisioning import log
from sim.provisioning.driver import CycleRow
from sim.world import World

SCHEMA: Final = "jmlab.preview/1"
WORDS: Final = {code: each.short for code, each in REASONS.items()}
"""What the reasons mean, as the provisioning log has it."""
ON_DEMAND: Final = 0
"""In place of a cycle's number."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A request that the job will send."""

    at: Millis
    method: str
    path: str
    about: str
    """The userName or the displayName of the object, as it is called at that moment."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An object that the job will look at and leave alone."""

    kind: str
    name: str
    reason: str
    """Entra's word for it: ``NotEffectivelyEntitled``, ``RedundantExport``."""


@dataclass(frozen=True, slots=True)
class Preview:
    """One cycle to come."""

    number: int
    initial: bool
    starts: Millis
    requests: tuple[Planned, ...]
    passed_over: tuple[PassedOver, ...]


def preview(world: World) -> Preview | None:
    """The next cycle of a world to begin, as things are now; None while the job does not run."""
    copy = World(world.scenario, seed=world.seed, replication=world.replication)
    copy.replay(world.commands, world.now)
    when, order = world.kernel.place()
    if when == world.now:
        copy.run_until(world.now, Order(order))
    else:
        copy.run_until(world.now + 1)  # everything of this instant has happened
    return look_ahead(copy)


def look_ahead(world: World) -> Preview | None:
    """The same, of a world that is good for nothing else afterwards."""
    kernel, driver, clock = world.kernel, world.driver, world.clock
    wanted = driver.sums.cycles + 1
    recorder = Recorder(world, driver.target)
    driver.target = recorder
    done: list[tuple[bool, int]] = []

    def ended(row: CycleRow) -> None:
        if row.number == wanted:
            done.append((row.initial, row.start))

    def idle(number: int, at: int, before: int, after: int) -> None:
        if number == wanted:
            done.append((False, at))

    world.cycle_sink, driver.idle_sink = ended, idle
    while not done and (driver.running.active or driver.next_cycle(int(clock.now)) is not None):
        when, order = kernel.place()
        world.horizon = float("inf")
        if Order.SCENARIO <= order < Order.CYCLE:
            kernel.skip()
            continue
        clock.now = Millis(max(clock.now, int(when)))
        kernel.step()
    if not done:
        return None
    initial, starts = done[0]
    planned = tuple(row for number, row in recorder.sent if number == wanted)
    return Preview(wanted, initial, Millis(starts), planned, _passed_over(world, wanted))


class Recorder:
    """A target that keeps what is sent to it."""

    def __init__(self, world: World, target: Target) -> None:
        self._world = world
        self._target = target
        self.sent: list[tuple[int, Planned]] = []
        """With the number of the cycle that it belongs to."""

    def send(self, request: Request) -> Answer:
        """Keep it, and send it."""
        driver, now = self._world.driver, self._world.clock.now
        in_cycle = driver.running.active and driver.running.tally is driver.job.progress.tally
        number = driver.sums.cycles if in_cycle else ON_DEMAND
        self.sent.append((number, Planned(now, request.method, request.path, self._about(request))))
        return self._target.send(request)

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """As the target has it."""
        return self._target.check(base_address, secret_token, probe)

    def _about(self, request: Request) -> str:
        if isinstance(request, Find):
            return request.value
        if isinstance(request, Create):
            return str(request.attributes["userName" if request.kind == USER else "displayName"])
        provider = self._world.services.provider
        kind, identifier = getattr(request, "kind", USER), str(getattr(request, "id", ""))
        row = provider.group_row(identifier) if kind == GROUP else provider.user_row(identifier)
        if row is None:
            return identifier
        attributes = provider.groups[row].attributes if kind == GROUP else provider.peek(row).attributes
        return str(attributes.get("displayName" if kind == GROUP else "userName", identifier))


def _passed_over(world: World, number: int) -> tuple[PassedOver, ...]:
    rows = [row for row in world.log.rows if row.cycle == number and row.status == log.SKIPPED]
    return tuple(PassedOver(row.kind, _name(world, row.kind, row.source_id), row.reason) for row in rows)


def _name(world: World, kind: str, identifier: str) -> str:
    directory, register = world.services.directory, world.parts.register
    if kind == GROUP:
        row = directory.group_row(identifier)
        return identifier if row is None else str(directory.groups[row].attributes["displayName"])
    row = directory.user_row(identifier)
    owner = None if row is None else register.account_owner(row)
    return identifier if owner is None else register.label(owner)


def preview_json(world: World, asked: Millis, found: Preview | None) -> dict[str, Any]:
    """A preview as other programs read it."""
    clock = world.clock
    return {
        "schema": SCHEMA,
        "simulated": True,
        "scenario": world.scenario.scenario,
        "seed": world.seed,
        "at": clock.iso(asked),
        "cycle": None
        if found is None
        else {"number": found.number, "initial": found.initial, "starts": clock.iso(found.starts)},
        "requests": [
            {"at_ms": each.at, "method": each.method, "path": each.path, "about": each.about}
            for each in (found.requests if found is not None else ())
        ],
        "passed_over": [
            {"kind": each.kind, "name": each.name, "reason": each.reason}
            for each in (found.passed_over if found is not None else ())
        ],
    }
