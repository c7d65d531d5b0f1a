"""Drives the job in simulated time: when cycles begin, what comes of them, and when the job is not to be let run.

Invariant: at most one cycle runs at a time. A gate that passes in the meantime is late; in quarantine the gates pass by
and the job is tried at times of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from simpy.events import Event

from mockservices.clock import Clock, Millis
from mockservices.graph.jobs import PORTAL_RESET
from mockservices.ports import Notification
from sim.kernel import Kernel, Order
from sim.observation.divergence import Divergence
from sim.ports import Patch, Target
from sim.provisioning.agenda import Agenda
from sim.provisioning.codes import TOO_MANY_DELETES
from sim.provisioning.configuration import Configuration
from sim.provisioning.cycles import CycleRow, Running, Sums, TrafficDigest
from sim.provisioning.executions import Executions
from sim.provisioning.job import Job
from sim.provisioning.notifications import QUARANTINED, REASON_CHANGED, disabled_mail, quarantine_mail
from sim.provisioning.pace import Horizon, Pace, Patience
from sim.provisioning.progress import Work
from sim.provisioning.quarantine import (
    EXCEPTION,
    THRESHOLDS,
    Failures,
    Problem,
    Ward,
)
from sim.provisioning.sending import Sender
from sim.provisioning.tally import Tally

__all__ = ["DAY_MS", "CycleRow", "Driver", "Horizon", "Pace", "Running", "Sums"]

DAY_MS = 86_400_000
_NOTHING = Tally()


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
        patience: Patience,
        ward: Ward,
        configuration: Configuration,
        divergence: Divergence,
        horizon: Horizon,
        cycle_done: Callable[[CycleRow], None],
    ) -> None:
        self._kernel = kernel
        self._clock = clock
        self.job = job
        self.pace = pace
        self.ward = ward
        self.configuration = configuration
        self._divergence = divergence
        self._cycle_done = cycle_done
        self._sender = Sender(
            kernel=kernel,
            clock=clock,
            target=target,
            pace=pace,
            patience=patience,
            horizon=horizon,
            heard=job.progress.heard,
        )
        self.sums = Sums()
        self.executions = Executions()
        self.running = Running()
        self._begun = Millis(-1)
        self._gate = -1
        self._late = False
        self._asleep: Event | None = None  # what the gates wait for while the job is switched off
        self._forced = False  # the next cycle carries out what is held back
        self.active = True
        self.pushed = False
        """Whether runs begin by a push for every change; the gates are then for what has to be tried again."""
        self.push_due: Millis | None = None
        """When the job will begin because of a push that is on its way."""
        self.disabled = False
        """Whether the job was switched off because it had been in quarantine for too long."""
        self.escrows_pruned = False
        self.successive_failures = 0
        """Cycles in a row that were stopped altogether."""
        self.notifications: list[Notification] = []
        self.changed: Callable[[], None] = lambda: None
        """Called when the job is switched on or off, or goes into quarantine or out of it."""
        self.notification_sink: Callable[[Notification], None] | None = None
        self.idle_sink: Callable[[int, int, int, int], None] | None = None
        """Told (number, when, divergence before, after) of a cycle that had nothing to do."""
        self.demand_sink: Callable[[int, Tally], None] | None = None
        """Told when something was provisioned on demand, and what that took."""

    @property
    def target(self) -> Target:
        """What the job writes to."""
        return self._sender.target

    @target.setter
    def target(self, target: Target) -> None:
        self._sender.target = target

    @property
    def traffic(self) -> TrafficDigest:
        """Every request of the job."""
        return self._sender.traffic

    # --- control -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Let cycles run; the first begins at once. A job in quarantine is let out of it.
        https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-start"""
        lifted = self.ward.lift(self._clock.now)
        if lifted or not self.active:
            self._switch_on()
            self.changed()

    def _switch_on(self) -> None:
        self.active, self.disabled = True, False
        self._kernel.process(self._begin_now(int(self._clock.now)))
        asleep, self._asleep = self._asleep, None
        if asleep is not None:
            asleep.succeed()

    def pause(self) -> None:
        """The running cycle ends, no other begins."""
        self.active = False
        self.changed()

    def restart(self, scopes: frozenset[str] = PORTAL_RESET) -> None:
        """Reset what is named (see :class:`mockservices.ports.JobControl`).

        The next cycle begins when it would have begun anyway; a job that was switched off begins at once.
        """
        self.job.restart(scopes)
        current = self.ward.current
        if "ForceDeletes" in scopes:
            self._forced = True
        if "Watermark" in scopes:
            self.escrows_pruned = False
        held = current is not None and current.reason == TOO_MANY_DELETES
        if "QuarantineState" in scopes or (held and "ForceDeletes" in scopes):
            self.ward.lift(self._clock.now)
        if self.disabled:
            self._switch_on()
        self.changed()

    def next_cycle(self, now: int) -> Millis | None:
        """When the next cycle is to begin, in quarantine the next attempt; None: no cycle begins."""
        if not self.active:
            return None
        current = self.ward.current
        if current is None:
            return self.push_due if self._gate_is_idle() else Millis(self.gate_after(now))
        return Millis(max(current.next_attempt, now))

    def gate_after(self, now: int) -> int:
        """The first gate later than ``now``; where gates hang on ends of cycles, the earliest that it can be."""
        if self.pace.overrun != "after_end":
            return self.pace.gate_after(now)
        return self._gate if self._gate > now else self.pace.pause_after(now)

    def at_once(self, work: Work) -> bool:
        """Carry work out at the clock's time, outside any cycle (on-demand provisioning).

        By what is saved now, unless a cycle runs, which goes on as it began.
        """
        if not self.running.active:
            self.job.look_up_rules()
        progress = self.job.progress
        aside = progress.interrupt()
        tally = progress.tally
        try:
            request = next(work)
            while True:
                if request is None:  # all of it happens at one instant
                    request = next(work)
                    continue
                if isinstance(request, Patch):
                    request = replace(request, legacy=True)
                request = work.send(self._sender.send(request, tally))
        except StopIteration as stop:
            return bool(stop.value)
        finally:
            progress.resume(aside)
            self.sums.tally.add(tally)
            if self.demand_sink is not None:
                self.demand_sink(self._clock.now, tally)

    def begun_since(self, time: int) -> bool:
        """Whether a cycle has begun at or after this time: then it has read what the directory said at that time."""
        return self._begun >= time

    # --- when cycles begin -------------------------------------------------------------------------------

    def process(self) -> Generator[Event, Any, None]:
        """The SimPy process that runs a cycle at every gate; late cycles begin at once, or at the next gate.

        While the job is switched off no gate passes: nobody waits for one.
        """
        kernel, clock, pace = self._kernel, self._clock, self.pace
        gate = pace.gate_after(int(kernel.env.now) - 1)
        while True:
            if not self.active:
                self._asleep = kernel.env.event()
                yield self._asleep
                gate = pace.gate_after(int(kernel.env.now))  # whoever starts the job begins a cycle of this instant
            self._gate = gate
            yield kernel.at(gate, Order.CYCLE)
            if self.running.active:
                self._late = self._late or not self._gate_is_idle()
            elif self.active and self.ward.current is None and not self._gate_is_idle():
                self._late = False
                yield from self._cycle()
                if self.pushed and self._late:
                    yield from self._run()
            end = clock.now
            if pace.overrun == "after_end":
                gate = pace.pause_after(int(end))
                continue
            gate = pace.gate_after(gate)
            if gate < end:
                gate = int(end) if pace.overrun == "at_once" else pace.gate_after(int(end) - 1)

    def _gate_is_idle(self) -> bool:
        """Whether a gate passes by because whatever changed has been pushed, and nothing has to be tried again."""
        state = self.job.state
        to_try = state.escrows or state.staged or state.reread or state.interrupted
        return self.pushed and state.watermark is not None and not to_try

    def run_pushed(self) -> Generator[Event, Any, None]:
        """A change was pushed: a run begins now, or at the end of the one that is under way."""
        if self.running.active:
            self._late = True
        elif self.active and self.ward.current is None:
            yield from self._run()

    def _begin_now(self, now: int) -> Generator[Event, Any, None]:
        yield self._kernel.at(now, Order.CYCLE)
        if self._begun < now:  # else a gate at this very instant has begun one already
            yield from self._run()

    def _attempt(self, due: int) -> Generator[Event, Any, None]:
        """In quarantine the gates pass by; the job is tried at times of its own."""
        yield self._kernel.at(due, Order.CYCLE)
        current = self.ward.current
        if current is not None and current.next_attempt == due:
            yield from self._run()

    def _run(self) -> Generator[Event, Any, None]:
        """A cycle outside the gates, and another if a gate passes in the meantime: that one is late."""
        self._late = True
        while self._late and self.active and not self.running.active:
            self._late = False
            yield from self._cycle()
            if self.ward.current is not None or not (self.pushed or self.pace.overrun == "at_once"):
                return

    def _switch_off(self, series_began: Millis) -> Generator[Event, Any, None]:
        after = self.ward.limits.disabled_after
        yield self._kernel.at(series_began + after, Order.CYCLE)
        current = self.ward.current
        if current is None or current.series_began != series_began or self.disabled:
            return
        self.active, self.disabled = False, True
        told = self.configuration
        self._notify(disabled_mail(told.application, told.recipient, after // DAY_MS, self._clock))
        self.changed()

    # --- cycles ------------------------------------------------------------------------------------------

    def _cycle(self) -> Generator[Event, Any, None]:
        clock, job, divergence = self._clock, self.job, self._divergence
        start = self._begun = Millis(clock.now)
        number = self.sums.cycles = self.sums.cycles + 1
        divergence.before_cycle()
        before = divergence.total
        problem = self.configuration.problem()
        if problem is not None:
            divergence.after_cycle()
            self._stopped(start, None, Tally(), before, problem)
            return
        agenda = job.begin_cycle(number)
        quarantine = self.ward.current
        probe = quarantine is not None and quarantine.reason == EXCEPTION
        if agenda.empty and not probe:
            job.pass_over(agenda)
            divergence.after_cycle()
            if agenda.initial:
                self._finish(start, agenda, Tally(), before)
            else:
                self.executions.note(number, agenda, start, start, _NOTHING, len(job.state.escrows))
                if self.idle_sink is not None:
                    self.idle_sink(number, start, before, divergence.total)
            if quarantine is not None:
                self._judge(agenda, _NOTHING)
            return
        forced, self._forced = self._forced, False
        job.hold_back(agenda, None if forced else self.configuration.deletion_threshold())
        tally = job.progress.count_anew()
        self.running = Running(number, agenda.initial, start, 0, agenda.size, True, tally, before)
        work = job.work(agenda, probe=probe)
        problem = yield from self._sender.pass_time(work, self.running, probe=probe)
        if problem is not None:
            self._forced = self._forced or forced
            job.abandon(agenda)
        divergence.after_cycle()
        self.running.active = False
        if problem is not None:
            self._stopped(start, agenda, tally, before, problem)
            return
        self._finish(start, agenda, tally, before)
        if quarantine is not None or agenda.held or tally.errors:
            self._judge(agenda, tally)

    # --- what comes of a cycle ---------------------------------------------------------------------------

    def _finish(self, start: Millis, agenda: Agenda, tally: Tally, before: int) -> None:
        self.successive_failures = 0
        row = CycleRow(
            self.sums.cycles, agenda.initial, start, Millis(self._clock.now), tally, before, self._divergence.total
        )
        self.sums.tally.add(tally)
        self.executions.note(row.number, agenda, start, row.end, tally, len(self.job.state.escrows))
        if agenda.initial and self.sums.initial is None:
            self.sums.initial = row
        self._cycle_done(row)

    def _stopped(self, start: Millis, agenda: Agenda | None, tally: Tally, before: int, problem: Problem) -> None:
        """A cycle that could not go on: the job goes into quarantine, or stays there."""
        self.successive_failures += 1
        initial = self.job.state.watermark is None if agenda is None else agenda.initial
        row = CycleRow(
            *(self.sums.cycles, initial, start, Millis(self._clock.now), tally, before, self._divergence.total),
            failed=problem.code,
        )
        self.sums.tally.add(tally)
        self.executions.stopped(row, problem, len(self.job.state.escrows))
        self._cycle_done(row)
        self._impose(EXCEPTION, problem.code, problem.message)

    def _judge(self, agenda: Agenda, tally: Tally) -> None:
        """A cycle has ended: into quarantine, on in it, or out of it."""
        escrows, events = self.job.state.escrows, self.job.progress.events
        reason: str | None = TOO_MANY_DELETES if agenda.held else None
        if reason is None:
            failed = tally.errors - tally.reference_errors
            reason = self.ward.evaluate(Failures(escrows.objects, escrows.references, failed, events))
        if reason is None:
            self.escrows_pruned = self.escrows_pruned and not agenda.initial
            if self.ward.lift(self._clock.now):
                self.changed()
            return
        if agenda.initial and reason in THRESHOLDS:
            self.escrows_pruned = True
            self.job.prune()
        if reason == TOO_MANY_DELETES:
            held = len(self.job.state.staged)
            message = f"{held} users and groups were to be disabled or deleted; nothing of that has been sent."
        else:
            message = f"{tally.errors} of the latest cycle's operations failed."
        self._impose(reason, reason, message, events)

    def _impose(self, reason: str, code: str, message: str, events: int = 0) -> None:
        now, told = Millis(self._clock.now), self.configuration
        known = self.ward.current
        new = self.ward.impose(now, reason, code, message, events)
        current = self.ward.current
        if current is None:
            raise RuntimeError("a job is in quarantine once that has been imposed")
        self._kernel.process(self._attempt(current.next_attempt))
        if known is None:
            self._kernel.process(self._switch_off(current.series_began))
        if new:
            kind = QUARANTINED if known is None else REASON_CHANGED
            held = len(self.job.state.staged)
            self._notify(quarantine_mail(kind, told.application, told.recipient, current, self._clock, held))
        self.changed()

    def _notify(self, mail: Notification) -> None:
        if not self.configuration.mails:
            return
        self.notifications.append(mail)
        if self.notification_sink is not None:
            self.notification_sink(mail)
