"""Drives the job in simulated time: when cycles begin, when each request happens, how it travels.

Invariant: request k of a stretch is stamped start + k * 1000 // rate, never cumulated. Requests run ahead of the
event queue only up to the next event, the horizon or a waiting command, so whatever happens between lands between.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import Any, Protocol

from simpy.events import Event

from mockservices.clock import Clock, Millis
from mockservices.values import value
from sim.kernel import Kernel, Order
from sim.observation.divergence import Divergence
from sim.ports import Request, Target
from sim.provisioning.agenda import Agenda
from sim.provisioning.executions import Executions
from sim.provisioning.job import Job
from sim.provisioning.progress import Work
from sim.provisioning.tally import Tally

DAY_MS = 86_400_000
_NOTHING = Tally()


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the job works."""

    interval: Millis
    phase: Millis
    """The first gate at or after 0 is at ``phase % interval``."""
    initial: Fraction
    """Objects per second of an initial cycle."""
    incremental: Fraction
    """Requests per second."""
    request_time: Millis
    """How long the target takes to answer."""

    def begin_object(self, start: int, number: int) -> int:
        """When an initial cycle turns to its object of this number, from 0."""
        return start + number * 1000 * self.initial.denominator // self.initial.numerator

    @property
    def spacing(self) -> tuple[int, int]:
        """Request k of a stretch, from 0, happens k * first // second milliseconds after its start."""
        return 1000 * self.incremental.denominator, self.incremental.numerator

    def gate_after(self, now: int) -> int:
        """The first gate later than ``now``."""
        interval = self.interval
        offset = self.phase % interval
        return (now - offset) // interval * interval + interval + offset


class Horizon(Protocol):
    """How far the job may run ahead of the event queue."""

    def limit(self) -> float:
        """Requests stamped at this time or later have to wait."""


@value
class CycleRow:
    """One cycle, as the journal keeps it."""

    number: int
    initial: bool
    start: Millis
    end: Millis
    tally: Tally
    divergence_before: int
    divergence_after: int


class TrafficDigest:
    """SHA-256 over every request of the job, in order, with simulated times."""

    __slots__ = ("_hash", "_sent")

    def __init__(self) -> None:
        self._hash = sha256()
        self._sent: list[tuple[int, Request, int]] = []

    def add(self, at: int, request: Request, status: int) -> None:
        """One request and its status."""
        sent = self._sent
        sent.append((at, request, status))
        if len(sent) >= 2048:
            self._flush()

    def _flush(self) -> None:
        lines = [f"{at}\t{request.method}\t{request.path}\t{status}\n" for at, request, status in self._sent]
        self._hash.update("".join(lines).encode())
        self._sent.clear()

    def digest(self) -> str:
        """The digest so far, in hexadecimal."""
        self._flush()
        return self._hash.hexdigest()


@dataclass(slots=True)
class Running:
    """Where the current cycle is."""

    number: int = 0
    initial: bool = False
    start: Millis = Millis(0)
    objects: int = 0
    total: int = 0
    active: bool = False
    tally: Tally = field(default_factory=Tally)
    divergence_before: int = 0


@dataclass(slots=True)
class Sums:
    """What all cycles did together."""

    tally: Tally = field(default_factory=Tally)
    cycles: int = 0
    initial: CycleRow | None = None


class Driver:
    """One job's life in a world."""

    def __init__(
        self,
        *,
        kernel: Kernel,
        clock: Clock,
        job: Job,
        target: Target,
        pace: Pace,
        divergence: Divergence,
        horizon: Horizon,
        cycle_done: Callable[[CycleRow], None],
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self.job = job
        self.target = target
        self.pace = pace
        self._divergence = divergence
        self._horizon = horizon
        self._cycle_done = cycle_done
        self.traffic = TrafficDigest()
        self.sums = Sums()
        self.executions = Executions()
        self.running = Running()
        self._begun = Millis(-1)
        self._late = False
        self.active = True
        self.idle_sink: Callable[[int, int, int, int], None] | None = None
        """Told (number, when, divergence before, after) of a cycle that had nothing to do."""
        self.demand_sink: Callable[[int, Tally], None] | None = None
        """Told when something was provisioned on demand, and what that took."""

    # --- control -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Let cycles run; the first begins at once, as it does when provisioning is switched on."""
        if not self.active:
            self.active = True
            self._kernel.process(self._begin_now())

    def pause(self) -> None:
        """The running cycle ends, no other begins."""
        self.active = False

    def restart(self, *, escrows: bool = True) -> None:
        """Forget the watermark and, unless told otherwise, the escrows; the next cycle is an initial one."""
        self.job.restart(escrows=escrows)

    def at_once(self, work: Work) -> bool:
        """Carry work out at the clock's time, outside any cycle (on-demand provisioning)."""
        progress = self.job.progress
        aside = progress.interrupt()
        tally = progress.tally
        try:
            request = next(work)
            while True:
                request = work.send(self._send(request, tally))
        except StopIteration as stop:
            return bool(stop.value)
        finally:
            progress.resume(aside)
            self.sums.tally.add(tally)
            if self.demand_sink is not None:
                self.demand_sink(self._clock.now, tally)

    # --- cycles ------------------------------------------------------------------------------------------

    def process(self) -> Generator[Event, Any, None]:
        """The SimPy process that runs a cycle at every gate; late cycles begin at once."""
        kernel, clock = self._kernel, self._clock
        gate = self.pace.gate_after(int(kernel.env.now) - 1)
        while True:
            yield kernel.at(gate, Order.CYCLE)
            if self.running.active:
                self._late = True
            elif self.active:
                yield from self._cycle()
            end = clock.now
            gate = self.pace.gate_after(gate)
            if gate < end:
                gate = int(end)  # late: at once

    def _begin_now(self) -> Generator[Event, Any, None]:
        now = int(self._kernel.env.now)
        yield self._kernel.at(now, Order.CYCLE)
        self._late = self._begun < now  # a gate at this very instant has begun one already
        while self._late and self.active and not self.running.active:
            self._late = False
            yield from self._cycle()  # a gate that passes in the meantime is late: at once

    def _cycle(self) -> Generator[Event, Any, None]:
        clock, job, divergence = self._clock, self.job, self._divergence
        start = self._begun = Millis(clock.now)
        self.sums.cycles += 1
        divergence.before_cycle()
        before = divergence.total
        agenda = job.begin_cycle(self.sums.cycles)
        if agenda.empty:
            job.pass_over(agenda)
            divergence.after_cycle()
            if agenda.initial:
                self._finish(start, agenda, Tally(), before)
                return
            self.executions.note(self.sums.cycles, agenda, start, start, _NOTHING, 0)
            if self.idle_sink is not None:
                self.idle_sink(self.sums.cycles, start, before, divergence.total)
            return
        tally = job.progress.count_anew()
        self.running = Running(self.sums.cycles, agenda.initial, start, 0, agenda.size, True, tally, before)
        yield from self._pass_time(job.work(agenda), tally, start, initial=agenda.initial)
        if tally.requests:
            # the last answer is in when the target has given it
            end = clock.now + self.pace.request_time
            if end >= self._horizon.limit():
                yield self._kernel.at(int(end), Order.CYCLE)
            clock.now = Millis(end)
        divergence.after_cycle()
        self.running.active = False
        self._finish(start, agenda, tally, before)

    def _pass_time(self, work: Work, tally: Tally, start: int, *, initial: bool) -> Generator[Event, Any, None]:
        """Send a cycle's requests, each at its own time."""
        kernel, clock, pace, limit = self._kernel, self._clock, self.pace, self._horizon.limit
        send, (spacing, per) = self._send, pace.spacing
        objects, first = -1, 0
        begun = now = start
        try:
            request = next(work)
            while True:
                if initial and tally.objects != objects:
                    objects, first = tally.objects, tally.requests
                    begun = pace.begin_object(start, max(objects - 1, 0))
                    self.running.objects = objects
                now = max(now, begun + (tally.requests - first) * spacing // per)
                if now >= limit():
                    yield kernel.at(now, Order.CYCLE)
                clock.now = Millis(now)
                request = work.send(send(request, tally))
        except StopIteration:
            return

    def _send(self, request: Request, tally: Tally) -> Any:
        tally.requests += 1
        answer = self.target.send(request)
        self.traffic.add(self._clock.now, request, answer.status)
        return answer

    def _finish(self, start: Millis, agenda: Agenda, tally: Tally, before: int) -> None:
        row = CycleRow(
            self.sums.cycles, agenda.initial, start, Millis(self._clock.now), tally, before, self._divergence.total
        )
        self.sums.tally.add(tally)
        self.executions.note(row.number, agenda, start, row.end, tally, len(self.job.state.escrows))
        if agenda.initial and self.sums.initial is None:
            self.sums.initial = row
        self._cycle_done(row)
