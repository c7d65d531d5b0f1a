"""What of a scenario the closed forms ask: how long each kind of event waits by theory, or why that cannot be told.

Invariant: conservative. A setting that any form leaves out makes what it touches not covered, in words for the reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from sim.provisioning.terms import pace_of
from sim.randomness import Ints
from sim.scenario import Scenario
from sim.scenario.fields import Distribution
from sim.scenario.ticketing import Delay
from sim.scenario.workforce import Workforce
from sim.time import DAY, HOUR, span_text
from sim.whatif import forms
from sim.whatif.carriage import gates, mean_delay
from sim.whatif.hindrances import hindered, needs_regular_cycles
from sim.whatif.sequence import BUSY, busy_share, rates_of, same_everywhere, sequence_of
from sim.whatif.wait import Wait

GRANTING: Final = ("joiner", "mover_grant")
REVOKING: Final = {"leaver": "leaver", "contractor_expiry": "contractor_expiry", "mover_revoke": "mover"}
"""Kind of latency to the cause of the orphaned access that it ends."""
KINDS: Final = (*GRANTING, *REVOKING)
NOTHING: Final = "nothing of the kind happens in this company"
_PHASES: Final = 97
"""Phases over which the gaps of office hours are averaged; a prime, so that they are spread in every interval."""
_TICK: Final = 1e-3
"""Times are whole milliseconds; a wait that is none of them in almost every case is none."""
_IDLE: Final = 1e-3
"""Below this share of busy time intervals that hang on how long cycles take are as good as equal."""


@dataclass(frozen=True, slots=True)
class Terms:
    """By kind of latency the wait, or why it is not covered; and what else the forms ask."""

    waits: dict[str, Wait | str]
    hr_mean: float = 0.0
    """Seconds."""
    hr_span: tuple[float, float] = (0.0, 0.0)
    """HR's least and longest delay in seconds; anything between is equally likely."""
    forgets: bool = False

    def words(self, wait: Wait) -> str:
        """The form of a whole latency."""
        return f"{wait.why}; HR's delay before it" if self.hr_mean else wait.why


def terms_of(scenario: Scenario) -> Terms | str:
    """The terms of a scenario, or the one reason why nothing of it is covered."""
    workforce = scenario.workforce
    why = _beyond(scenario)
    if why is not None or not isinstance(workforce, Workforce):
        return why or "only generated people come and go at known rates"
    hr = _hr_mean(scenario, workforce)
    if isinstance(hr, str):
        return hr
    wait = _wait(scenario, workforce)
    if isinstance(wait, str):
        return wait
    found = sequence_of(scenario)
    waits: dict[str, Wait | str] = {}
    for kind in KINDS:
        own = wait(kind) if callable(wait) else wait
        if not isinstance(own, str) and scenario.provisioning.strategy in {"cycle", "event"}:
            own = replace(own, service=own.service + found.ahead[kind] * found.spacing)
        waits[kind] = own
    if not workforce.bulk:
        happens = rates_of(workforce)
        happens["mover_revoke"] = happens["mover_grant"]
        waits.update({kind: NOTHING for kind in KINDS if not happens[kind]})
    else:
        waits = {**dict.fromkeys(KINDS, "bulk events beside others"), **_bulk(scenario, workforce, found.spacing)}
    return Terms(waits, *hr, forgets=scenario.provisioning.strategy == "ticket")


def _beyond(scenario: Scenario) -> str | None:
    """What no form knows of."""
    workforce, provisioning = scenario.workforce, scenario.provisioning
    if not isinstance(workforce, Workforce):
        return "no generated workforce: what happens stands in the timeline or in a file, at no known rate"
    if scenario.timeline:
        return "a timeline, whose events happen at times of its own and at no rate"
    if scenario.phases:
        return "phases, each with a strategy of its own"
    if scenario.start_state == "empty":
        return "an initial cycle, for which everybody waits; set start_state: in_sync"
    if workforce.hr is not None:
        return "HR's process (workforce.hr): shares known ahead, on the day and late have no closed form together"
    if any((workforce.rehires, workforce.absences, workforce.contract.renewal, workforce.joining)):
        return "rehires, absences, renewed contracts or pre-hires: people overtake their own events"
    if workforce.counts is not None:
        return "exact numbers of events in place of rates"
    if scenario.organisation.access.requests:
        return "access on request"
    if provisioning.deletion_threshold is not None:
        return "a deletion threshold, behind which cycles are held back"
    if provisioning.runbook == "unassign_first":
        return "a runbook, by which whoever goes is provisioned on demand"
    if provisioning.strategy == "none":
        return "nothing carries any change: there is no steady state"
    return None


def _hr_mean(scenario: Scenario, workforce: Workforce) -> tuple[float, tuple[float, float]] | str:
    lag = workforce.hr_lag
    if not isinstance(lag, Distribution):
        return "an HR delay without an upper end: what is under way at the end is missing from every mean"
    longest = 0 if scenario.provisioning.strategy != "cycle" else scenario.provisioning.interval
    if lag.high and scenario.drain < lag.high + longest:
        return (
            f"HR's delay is up to {span_text(lag.high)} and the run ends without a drain as long as that: whoever "
            "takes long is missing from the mean"
        )
    return (lag.low + lag.high) / 2000, (lag.low / 1000, lag.high / 1000)


def _wait(scenario: Scenario, workforce: Workforce) -> Wait | str | Callable[[str], Wait | str]:
    provisioning = scenario.provisioning
    why = needs_regular_cycles(scenario)
    if why is not None:
        return why
    if scenario.target.limits != "none":
        return "the target's own throttle"
    if provisioning.strategy == "ticket":
        return lambda kind: _ticket(scenario, kind)
    if provisioning.strategy == "event":
        return _push(scenario, workforce)
    busy = busy_share(scenario, workforce)
    if busy > BUSY and provisioning.overrun != "after_end":
        return f"the job is busy for {busy:.0%} of the time: cycles overrun"
    if provisioning.hours:
        return _office(scenario, workforce)
    return _cycle(scenario, workforce, busy)


def _push(scenario: Scenario, workforce: Workforce) -> Wait | str:
    """A run begins a delay after the first change; it is over before the next can be due, unless the delay is short."""
    if not same_everywhere(scenario):
        return "a push takes as long as its requests, and how many those are hangs on whom it is about"
    if workforce.calendar != "uniform":
        return "events at set hours, of which several share a push"
    delay, rates, found = scenario.provisioning.push.delay / 1000, rates_of(workforce), sequence_of(scenario)
    rate = sum(rates.values())
    longest = max(found.requests.values()) * found.spacing
    if delay < longest:
        mean_service = busy_share(scenario, workforce) / rate
        queue = forms.pushed(rate, mean_service) - mean_service
        return Wait(
            queue if queue > _TICK / 2 else 0.0, "§3.12", "M/D/1: hardly a queue, and its own requests",
            no_quantile="a queue", hop=False,
        )  # fmt: skip
    law = forms.gathered_wait(rate, delay)
    return Wait(
        law.mean,
        "§3.12",
        "a push's delay, and what comes within it goes along: d (1 + lambda d / 2) / (1 + lambda d)",
        quantile=lambda share: forms.gathered_wait_quantile(rate, delay, share),
        sd=law.sd,
    )


def _cycle(scenario: Scenario, workforce: Workforce, busy: float) -> Wait | str | Callable[[str], Wait | str]:
    provisioning = scenario.provisioning
    interval = provisioning.interval / 1000
    uniform = workforce.calendar == "uniform"
    if not uniform and (provisioning.phase != "random" or (DAY % provisioning.interval and interval > HOUR / 1000)):
        return (
            "the calendar is not uniform, and the phase does not make up for that: events at set hours meet the same "
            "part of the interval every day"
        )
    if provisioning.overrun == "after_end":
        return _after_end(scenario, workforce, busy)
    law = forms.cycle_wait(interval, busy=busy)
    plain = Wait(
        interval / 2,
        "§3.1",
        "the wait for the next cycle is uniform on (0, T): T/2",
        service=law.mean - interval / 2,
        quantile=(lambda share: forms.cycle_wait_quantile(interval, share)) if uniform else None,
        no_quantile="" if uniform else "events at set hours share a phase: a replication's quantile is not the form's",
        uniform=interval if uniform else 0.0,
    )
    return lambda kind: hindered(scenario, workforce, plain, kind)


def _after_end(scenario: Scenario, workforce: Workforce, busy: float) -> Wait:
    """Cycles an interval after the end of the one before; with one kind of event there is one service time."""
    rates, interval = rates_of(workforce), scenario.provisioning.interval / 1000
    rate = sum(rates.values())
    service = busy / rate if rate else 0.0
    mean = forms.fixed_delay_latency(rate, interval, service) - service
    idle = busy < _IDLE
    return Wait(
        mean,
        "§3.3",
        "the next cycle begins T after the end: (1 + rho) E X^2 / (2 E X)",
        quantile=(lambda share: forms.cycle_wait_quantile(interval, share)) if idle else None,
        no_quantile="" if idle else "intervals that differ",
        hop=False,
    )


def _office(scenario: Scenario, workforce: Workforce) -> Wait | str:
    """The mean residual of gaps of several lengths, E X^2 / (2 E X), over the time that the run lasts and all phases.

    A run of no whole number of weeks has more of some hours than of others.
    """
    if workforce.calendar != "uniform":
        return "events at set hours, and cycles that come more often at some: only a simulation knows both"
    weeks, rest = divmod(int(scenario.duration), 7 * DAY)
    pace, until = pace_of(scenario, 0, 0), 15 * DAY + 2 * scenario.provisioning.interval
    total = 0.0
    for number in range(_PHASES):
        found = gates(replace(pace, phase=type(pace.phase)(number * DAY // _PHASES)), until)
        total += weeks * _residual(found, 7 * DAY, 14 * DAY) + _residual(found, 7 * DAY, 7 * DAY + rest)
    mean = total / (_PHASES * scenario.duration) / 1000
    return Wait(mean, "§3.1", "gaps of several lengths: E X^2 / (2 E X)", no_quantile="gaps of several lengths")


def _residual(found: Ints, begin: int, end: int) -> float:
    """The sum over all instants between two of how long it is from there to the next of these gates, in ms2."""
    inside = found[(found > begin) & (found < end)]
    edges = np.concatenate([[begin], inside, [end]]).astype(np.float64)
    last = float(found[np.searchsorted(found, end)] - end)
    whole = float(np.sum(np.diff(edges) ** 2)) / 2
    return whole + last * float(edges[-1] - edges[-2])


def _ticket(scenario: Scenario, kind: str) -> Wait | str:
    settings = scenario.provisioning.ticket
    if settings.operators is not None:
        return "tickets that wait for operators"
    if settings.review is not None:
        return "a review, which ends what tickets left"
    own: Delay | None = {
        "joiner": settings.joiners.delay, "mover_grant": settings.movers.delay, "mover_revoke": settings.movers.delay,
        "leaver": settings.leavers.delay, "contractor_expiry": settings.contractors.delay,
    }[kind]  # fmt: skip
    delay: Delay = settings.delay if own is None else own
    if not isinstance(delay, Distribution):
        return "the survey's delays have a tail of months: what is under way at the end is missing from the mean"
    if scenario.drain < delay.high:
        return (
            f"tickets take up to {span_text(delay.high)} and the run ends without a drain as long as that: the slow "
            "ones are missing from the mean"
        )
    low, high = delay.low / 1000, delay.high / 1000
    if kind in {"leaver", "contractor_expiry"}:
        little = "assignments that are overlooked" if settings.leavers.overlooked else ""
        little = little or ("" if not settings.contractors.overlooked else "assignments that are overlooked")
    else:
        little = "whoever moves while a ticket is open, and keeps what a ticket left, is in several states"
    return Wait(
        mean_delay(delay) / 1000,
        "§3.8",
        "a ticket's delay, uniform: (a+b)/2",
        quantile=lambda share: low + share * (high - low),
        no_little=little,
    )


def _bulk(scenario: Scenario, workforce: Workforce, spacing: float) -> dict[str, Wait | str]:
    """Layoffs and nothing else: everybody waits for the same cycle, and then in line.

    All share one phase, so that a quantile is on average that of the line behind the mean wait.
    """
    rates = workforce.rates
    alone = not (rates.leavers or rates.joiners or rates.movers or workforce.contractors or scenario.faults)
    bulks = sorted((bulk for bulk in workforce.bulk if bulk.at < scenario.duration), key=lambda bulk: bulk.at)
    at_once = all(bulk.kind == "layoff" and not bulk.over for bulk in bulks)
    if not alone or not at_once or scenario.provisioning.strategy != "cycle" or scenario.provisioning.hours:
        return {}
    if scenario.provisioning.phase != "random" or scenario.provisioning.overrun == "after_end":
        return {}
    if not isinstance(workforce.hr_lag, Distribution) or workforce.hr_lag.high:
        return {}
    interval, each = scenario.provisioning.interval / 1000, 2 * spacing
    when = [*(bulk.at / 1000 for bulk in bulks), scenario.duration / 1000]
    if any(later - sooner < 2 * interval for sooner, later in pairwise(when)):
        return {"leaver": "bulks that meet in one cycle, or with the end"}
    left, sizes = workforce.size, list[int]()
    for bulk in bulks:
        sizes.append(min(bulk.people, left) if bulk.people is not None else round((bulk.share or 0) * left))
        left -= sizes[-1]
    people = sum(sizes)
    if not people:
        return {"leaver": "nobody is laid off"}
    if max(sizes) * each > interval:
        return {"leaver": "a bulk that takes longer than an interval"}
    mean = sum(size * forms.bulk_latency(interval, size, each, -spacing) for size in sizes) / people
    service = mean - interval / 2
    wait = Wait(
        interval / 2,
        "§3.2",
        "bulks at one instant each: T/2 + s (B+1)/2",
        service=service,
        quantile=None if len(sizes) > 1 else lambda share: mean + each * (people + 1) * (share - 0.5) - service,
        no_quantile="several bulks, each with a wait of its own",
    )
    return dict.fromkeys(KINDS, NOTHING) | {"leaver": wait}
