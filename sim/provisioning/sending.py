"""Sends the job's requests, each at its own time, and hears the answers: late, never, or with a wish to be left alone.

Invariant: request k of a stretch is stamped start + k * 1000 // rate, never cumulated, plus what answers took beyond
their usual time. Requests run ahead of the event queue only up to the next event, the horizon or a waiting command, so
whatever happens between lands between.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from simpy.events import Event

from mockservices.clock import Clock, Millis
from sim.kernel import Kernel, Order
from sim.ports import NO_ANSWER, Answer, Request, Target
from sim.provisioning.cycles import Running, TrafficDigest
from sim.provisioning.pace import Horizon, Pace, Patience
from sim.provisioning.progress import Work
from sim.provisioning.quarantine import Problem, problem_in
from sim.provisioning.tally import Tally


class Sender:
    """The way from one job to its target."""

    def __init__(
        self,
        *,
        kernel: Kernel,
        clock: Clock,
        target: Target,
        pace: Pace,
        patience: Patience,
        horizon: Horizon,
        heard: Callable[[Request, Answer], None],
    ) -> None:
        self.target = target
        self.traffic = TrafficDigest()
        self._kernel = kernel
        self._clock = clock
        self._pace = pace
        self._patience = patience
        self._slack = patience.timeout - pace.request_time
        self._horizon = horizon
        self._heard = heard

    def pass_time(self, work: Work, running: Running, *, probe: bool) -> Generator[Event, Any, Problem | None]:
        """Send a cycle's requests, each at its own time, the last answer included; why it was stopped, if it was.

        ``probe``: the first request is about nobody.
        """
        problem = yield from self._pass_time(work, running, probe=probe)
        if running.tally.requests:
            # the last answer is in when the target has given it
            end = self._clock.now + self._pace.request_time
            if end >= self._horizon.limit():
                yield self._kernel.at(int(end), Order.CYCLE)
            self._clock.now = Millis(end)
        return problem

    def _pass_time(self, work: Work, running: Running, *, probe: bool) -> Generator[Event, Any, Problem | None]:
        initial, tally, start = running.initial, running.tally, int(running.start)
        kernel, clock, pace, limit = self._kernel, self._clock, self._pace, self._horizon.limit
        send, (spacing, per) = self.send, pace.spacing
        objects, first = -1, 0
        begun = now = start
        late = again = 0
        until: float = limit()
        try:
            request = next(work)
            while True:
                if initial and tally.objects != objects:
                    objects, first = tally.objects, tally.requests
                    before = max(objects - 1, 0)
                    made = min(tally.users_created + tally.groups_created + tally.memberships_added, before)
                    begun = pace.begin_after(start, made, before - made)
                    running.objects = objects
                now = max(now, begun + (tally.requests - first) * spacing // per + late)
                if now >= until or request is not None:
                    # what is done in a place of time alone puts nothing on the queue: the limit stands
                    until = limit()
                    if now >= until:
                        yield kernel.at(now, Order.CYCLE)
                        until = limit()
                clock.now = Millis(now)
                if request is None:  # whoever asked for the time sees to the request
                    again, probe = 0, False
                    request = next(work)
                    continue
                answer = send(request, tally)
                if answer.lasted or not answer.ok:
                    again = again + 1 if self._sends_again(answer, again) else 0
                    pause = self._pause(answer, honoured=again > 0)
                    if pause:
                        late += pause
                        now += pause
                        if now >= limit():
                            yield kernel.at(now, Order.CYCLE)
                        clock.now = Millis(now)
                    if again:
                        continue
                    problem = problem_in(request, answer)
                    if problem is not None:
                        _stop(work, None if probe else answer)
                        return problem
                again, probe = 0, False
                request = work.send(answer)
        except StopIteration:
            return None

    def _sends_again(self, answer: Answer, again: int) -> bool:
        """Whether the job waits as long as a 429 asks for, and sends the same request once more.
        https://learn.microsoft.com/en-us/answers/questions/2284725/"""
        patience = self._patience
        throttled = answer.status == 429 and answer.retry_after is not None
        return throttled and patience.honours_retry_after and again < patience.limit

    def _pause(self, answer: Answer, *, honoured: bool) -> int:
        """For how long an answer holds up everything after it, beyond the usual time."""
        if answer.status == NO_ANSWER:
            return max(self._patience.timeout - self._pace.request_time, 0)
        return answer.lasted + (1000 * answer.retry_after if honoured and answer.retry_after is not None else 0)

    def send(self, request: Request, tally: Tally) -> Answer:
        """Have one request carried out at the clock's time."""
        tally.requests += 1
        answer = self.target.send(request)
        if answer.lasted > self._slack:
            answer = Answer(NO_ANSWER)  # it comes when nobody waits for it any more
        self._heard(request, answer)
        self.traffic.add(self._clock.now, request, answer.status)
        return answer


def _stop(work: Work, answer: Answer | None) -> None:
    """Send nothing more; the object in hand hears of the answer first, if there is one in hand."""
    if answer is not None:
        try:
            work.send(answer)
        except StopIteration:
            return
    work.close()
