"""What of a scenario the closed forms ask: how long each kind of event waits by theory, or why that cannot be told.

Invariant: conservative. A setting that any form leaves out makes what it touches not covered, in words for the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from sim.provisioning.terms import pace_of
from sim.scenario import Scenario
from sim.scenario.faults import Fault
from sim.scenario.fields import Distribution
from sim.scenario.ticketing import Delay
from sim.scenario.workforce import Workforce
from sim.time import DAY, span_text
from sim.whatif import forms
from sim.whatif.carriage import failing_share, gates, mean_delay
from sim.whatif.figures import Figures

GRANTING: Final = ("joiner", "mover_grant")
REVOKING: Final = {"leaver": "leaver", "contractor_expiry": "contractor_expiry", "mover_revoke": "mover"}
"""Kind of latency to the cause of the orphaned access that it ends."""
KINDS: Final = (*GRANTING, *REVOKING)
_AHEAD: Final = {"joiner": 3, "mover_grant": 5, "mover_revoke": 4, "leaver": 1, "contractor_expiry": 1}
"""How many requests of its own come before the one that does it: the look at the user, and at the groups."""
_REQUESTS: Final = 3
"""Requests for each event, roughly; only for how busy the job is."""
_PHASES: Final = 96
"""Phases over which the gaps of office hours are averaged."""
BUSY: Final = 0.2
"""From this share of busy time on a cycle may overrun, and forms without overrun are not asked."""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one kind of event waits between the directory and the request that carries it, in seconds."""

    mean: float
    form: str
    why: str
    service: float = 0.0
    """The time of its own requests, on top."""
    quantile: Callable[[float], float] | None = None
    no_quantile: str = ""
    no_little: str = ""
    """Why the people in this state cannot be told; empty: they can."""
    hop: bool = True
    """Whether the wait is one hop of the latency."""

    def words(self, terms: Terms) -> str:
        """The form of the whole latency."""
        return f"{self.why}; HR's delay before it" if terms.hr_mean else self.why


@dataclass(frozen=True, slots=True)
class Terms:
    """By kind of latency the wait, or why it is not covered; and what else the forms ask."""

    waits: dict[str, Wait | str]
    hr_mean: float = 0.0
    """Seconds."""
    forgets: bool = False
    outage: float = 0.0
    """Seconds for which everything fails, once."""
    duration: float = 0.0

    @property
    def outage_mean(self) -> float:
        """Seconds that an outage adds to the mean of a latency, over all events of the run."""
        return self.outage**2 / 2 / self.duration if self.outage else 0.0

    def outage_hours(self, figures: Figures, kinds: Iterable[str]) -> float:
        """Person-hours that an outage adds to those of some kinds: lambda V^2 / 2."""
        if not self.outage:
            return 0.0
        rate = sum(figures.get(f"latency.{kind}.n", 0) for kind in kinds) / self.duration
        return forms.outage_exposure(rate, self.outage) / 3600


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
    spacing = _spacing(scenario)
    waits: dict[str, Wait | str] = {}
    for kind in KINDS:
        own = wait(kind) if callable(wait) else wait
        if not isinstance(own, str) and scenario.provisioning.strategy in {"cycle", "event"}:
            own = replace(own, service=own.service + _AHEAD[kind] * spacing)
        waits[kind] = own
    if workforce.bulk:
        waits = {**dict.fromkeys(KINDS, "bulk events beside others"), **_bulk(scenario, workforce, spacing)}
    outage = _outage(scenario)
    if outage:
        waits = {kind: each if isinstance(each, str) else _in_outage(kind, each) for kind, each in waits.items()}
    return Terms(
        waits,
        hr,
        forgets=scenario.provisioning.strategy == "ticket",
        outage=outage,
        duration=scenario.duration / 1000,
    )


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


def _hr_mean(scenario: Scenario, workforce: Workforce) -> float | str:
    lag = workforce.hr_lag
    if not isinstance(lag, Distribution):
        return "an HR delay without an upper end: what is under way at the end is missing from every mean"
    longest = 0 if scenario.provisioning.strategy != "cycle" else scenario.provisioning.interval
    if lag.high and scenario.drain < lag.high + longest:
        return (
            f"HR's delay is up to {span_text(lag.high)} and the run ends without a drain as long as that: whoever "
            "takes long is missing from the mean"
        )
    return (lag.low + lag.high) / 2000


def _wait(scenario: Scenario, workforce: Workforce) -> Wait | str | Callable[[str], Wait | str]:
    provisioning = scenario.provisioning
    strange = [fault for fault in scenario.faults if fault.kind != "outage"]
    if strange and failing_share(scenario) is None:
        kind = strange[0].kind
        if kind == "expired_credentials":
            return (
                "a quarantine: its form is about a cause that is mended at a random moment, and is held against worlds "
                "in tests/statistics/test_theory.py"
            )
        return f"a fault ({kind}) that no form has"
    if scenario.target.limits != "none":
        return "the target's own throttle"
    if provisioning.strategy == "ticket":
        return lambda kind: _ticket(scenario, kind)
    spacing = _spacing(scenario)
    rate = _rate(workforce)
    busy = rate * _REQUESTS * spacing
    if provisioning.strategy == "event":
        queue = forms.pushed(rate, _REQUESTS * spacing) - _REQUESTS * spacing
        mean = provisioning.push.delay / 1000 + queue
        return Wait(mean, "§3.12", "M/D/1: a push's delay, and hardly a queue", no_quantile="a push", hop=False)
    if busy > BUSY and provisioning.overrun != "after_end":
        return f"the job is busy for {busy:.0%} of the time: cycles overrun"
    if provisioning.hours:
        return _office(scenario, workforce)
    return _cycle(scenario, workforce, rate, busy)


def _cycle(
    scenario: Scenario, workforce: Workforce, rate: float, busy: float
) -> Wait | str | Callable[[str], Wait | str]:
    provisioning = scenario.provisioning
    interval = provisioning.interval / 1000
    uniform = workforce.calendar == "uniform"
    if not uniform and (provisioning.phase != "random" or DAY % provisioning.interval):
        return (
            "the calendar is not uniform, and the phase does not make up for that: events at set hours meet the same "
            "part of the interval every day"
        )
    if provisioning.overrun == "after_end":
        service = _REQUESTS * _spacing(scenario)
        mean = forms.fixed_delay_latency(rate, interval, service) - service
        why = "the next cycle begins T after the end: (1 + rho) E X^2 / (2 E X)"
        return Wait(mean, "§3.3", why, no_quantile="intervals that differ", hop=False)
    law = forms.cycle_wait(interval, busy=busy)
    plain = Wait(
        interval / 2,
        "§3.1",
        "the wait for the next cycle is uniform on (0, T): T/2",
        service=law.mean - interval / 2,
        quantile=(lambda share: forms.cycle_wait_quantile(interval, share)) if uniform else None,
        no_quantile="" if uniform else "events at set hours share a phase: a replication's quantile is not the form's",
    )
    fault = failing_share(scenario)
    return plain if fault is None else lambda kind: _retried(plain, fault, interval, kind)


def _retried(plain: Wait, fault: Fault, interval: float, kind: str) -> Wait | str:
    """A share of changes to users fails: whoever goes waits for more cycles, whoever comes does not."""
    if kind == "joiner":
        return plain
    if kind not in {"leaver", "contractor_expiry"}:
        return "of a move some changes fail and others do not"
    law = forms.retried_wait(interval, fault.share)
    return Wait(
        law.mean,
        "§3.5",
        f"a share of {fault.share:g} fails and is tried in the next cycle: T/2 + T p/(1-p)",
        service=plain.service,
        quantile=lambda share: forms.retried_wait_quantile(interval, fault.share, share),
        hop=False,
    )


def _office(scenario: Scenario, workforce: Workforce) -> Wait | str:
    """The mean residual of gaps of several lengths: E X^2 / (2 E X), over a week and all phases."""
    if workforce.calendar != "uniform":
        return "events at set hours, and cycles that come more often at some: only a simulation knows both"
    if failing_share(scenario) is not None:
        return "failures, and cycles that come more often at some hours"
    week = 7 * DAY
    pace = pace_of(scenario, 0, 0)
    total = Fraction(0)
    for number in range(_PHASES):
        found = gates(replace(pace, phase=type(pace.phase)(number * DAY // _PHASES)), 2 * week)
        first = int(found[found >= week][0]) - week  # by then the week repeats itself
        ends = found[(found > first) & (found <= first + week)]
        gaps = [int(ends[0]) - first, *(ends[1:] - ends[:-1]).tolist()]
        total += Fraction(sum(gap * gap for gap in gaps), 2 * sum(gaps))
    mean = float(total / _PHASES) / 1000
    return Wait(mean, "§3.1", "gaps of several lengths: E X^2 / (2 E X)", no_quantile="gaps of several lengths")


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
    """One layoff and nothing else: everybody waits for the same cycle, and then in line."""
    rates = workforce.rates
    alone = len(workforce.bulk) == 1 and not (rates.leavers or rates.joiners or rates.movers or workforce.contractors)
    bulk = workforce.bulk[0]
    if not alone or bulk.kind != "layoff" or bulk.over or scenario.provisioning.strategy != "cycle":
        return {}
    size = bulk.people or round((bulk.share or 0) * workforce.size)
    interval, each = scenario.provisioning.interval / 1000, 2 * spacing
    if size * each > interval:
        return {"leaver": "a bulk that takes longer than an interval"}
    mean = forms.bulk_latency(interval, size, each, -spacing)
    return {"leaver": Wait(mean, "§3.2", "a bulk at one instant: T/2 + s (B+1)/2", no_quantile="a bulk", hop=False)}


def _in_outage(kind: str, wait: Wait) -> Wait | str:
    if kind not in {"leaver", "contractor_expiry"}:
        return "of somebody who comes or moves several requests fail in an outage, one after the other"
    why = "an event at any time of an outage waits for its end as well: V^2 / 2 H more"
    return replace(wait, form="§3.6", why=why, quantile=None, no_quantile="an outage", hop=False)


def _outage(scenario: Scenario) -> float:
    """How long everything fails, in seconds; 0: never."""
    found = [fault for fault in scenario.faults if fault.kind == "outage"]
    return sum((fault.lasts or 0) / 1000 for fault in found)


def _spacing(scenario: Scenario) -> float:
    pace = pace_of(scenario, 0, 0)
    return float(1 / pace.incremental)


def _rate(workforce: Workforce) -> float:
    """Events a second, as many as the rates bring about in the beginning."""
    rates, size, year = workforce.rates, workforce.size, 365 * 86_400
    employees, contractors = size * (1 - workforce.contractors), size * workforce.contractors
    ending = contractors / (workforce.contract.mean / 1000)
    return (size * rates.joiners + employees * (rates.leavers + rates.movers)) / year + 2 * ending
