"""What keeps cycles from carrying everything, and what a wait is then: failing changes, outages, refused credentials.

Invariant: conservative. A fault whose course no form has, or that may end in something else (a quarantine of too many
failures, an object given up, a run that is over before everybody has been carried), is not covered, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final, TypeAlias

from sim.provisioning.quarantine import Limits, attempt_after
from sim.provisioning.terms import limits, retry_policy
from sim.scenario import Scenario
from sim.scenario.faults import Fault
from sim.scenario.workforce import Workforce
from sim.whatif import forms
from sim.whatif.carriage import failing_share
from sim.whatif.sequence import BUSY, rates_of, sequence_of
from sim.whatif.wait import Wait

_SERIES: Final = 100
"""Attempts of one quarantine, at most: there is one a day, and after four weeks there are none."""


_Spans: TypeAlias = list[tuple[float, float]]
"""(begin, length) in seconds of every fault of the run, by time."""


def hindered(scenario: Scenario, workforce: Workforce, plain: Wait, kind: str) -> Wait | str:
    """What becomes of a wait for regular cycles by the scenario's faults; or why that is not covered."""
    faults = scenario.faults
    if not faults:
        return plain
    fault = failing_share(scenario)
    if fault is not None:
        return _retried(plain, fault, scenario.provisioning.interval / 1000, kind)
    kinds = {each.kind for each in faults}
    if len(faults) > 1 and len(kinds) > 1:
        return f"faults of several kinds ({', '.join(sorted(kinds))}), which may meet"
    if workforce.calendar != "uniform":
        return "faults at set times, and events that come more often at some hours than at others"
    course = _COURSES.get(faults[0].kind)
    if course is None:
        return f"a fault ({faults[0].kind}) that no form has"
    spans = _spans(scenario)
    if isinstance(spans, str):
        return spans
    return course(scenario, workforce, plain, spans) if spans else plain


def _retried(plain: Wait, fault: Fault, interval: float, kind: str) -> Wait:
    """A share of changes to users fails: whoever goes is tried again; others wait for memberships, which come through.

    A joiner is created, which is no change, and a mover's memberships are changes to groups.
    """
    if kind not in {"leaver", "contractor_expiry"}:
        return replace(plain, why=f"{plain.why}; what fails is no part of it")
    law = forms.retried_wait(interval, fault.share)
    return replace(
        plain,
        held=law.mean - plain.mean,
        form="§3.5",
        why=f"a share of {fault.share:g} fails and is tried in the next cycle: T/2 + T p/(1-p)",
        quantile=lambda share: forms.retried_wait_quantile(interval, fault.share, share),
        uniform=0.0,
    )


def _spans(scenario: Scenario) -> _Spans | str:
    """When the faults are; or why that cannot be told."""
    spans: _Spans = []
    for fault in scenario.faults:
        if fault.at >= scenario.duration + scenario.drain:
            continue
        if not fault.started or fault.lasts is None:
            return "a fault that somebody starts, or that does not end by itself"
        if fault.service != "scim" or fault.share < 1 or fault.times is not None or fault.person or fault.group:
            return "a fault that strikes some requests and not others"
        if fault.operation != "any":
            return "a fault that strikes some requests and not others"
        spans.append((fault.at / 1000, fault.lasts / 1000))
    return sorted(spans)


def _in_outages(scenario: Scenario, workforce: Workforce, plain: Wait, spans: _Spans) -> Wait | str:
    """Everything fails and is tried in every cycle: whoever is met by an outage waits for the first gate after it."""
    if any(fault.status is None for fault in scenario.faults):
        return "an outage without an answer: the job waits for every single one, and its cycles overrun"
    interval, duration = scenario.provisioning.interval / 1000, scenario.duration / 1000
    longest = max(length for _, length in spans)
    why = _beyond_outages(scenario, workforce, longest)
    if why is None:
        why = _room([(begin, length, interval) for begin, length in spans], duration)
    if why is not None:
        return why
    extra = sum(forms.outage_exposure(1.0, length, interval) for _, length in spans) / duration
    even = longest % interval == 0 and all(length == longest for _, length in spans)
    share = len(spans) * (longest + interval) / duration
    return replace(
        plain,
        held=extra,
        form="§3.6",
        why="an event of an outage waits for the first gate after it: V (V + T) / 2 H more for each, H the run",
        quantile=_of_two(interval, longest + interval, share) if even else None,
        no_quantile="" if even else "outages that miss different numbers of gates",
        uniform=0.0,
    )


def _of_two(usual: float, missed: float, share: float) -> Callable[[float], float]:
    """The quantile where a share of all waits lies anywhere up to ``missed``, and the others up to ``usual``."""
    edge = 1 - share * (1 - usual / missed)  # of all, those who wait no longer than usual

    def quantile(at: float) -> float:
        if at > edge:
            return missed * (1 - (1 - at) / share)
        return at / ((1 - share) / usual + share / missed)

    return quantile


def _beyond_outages(scenario: Scenario, workforce: Workforce, longest: float) -> str | None:
    settings, quarantine = retry_policy(scenario.provisioning), limits(scenario.provisioning)
    if not settings.transient_next_cycle:
        return "what fails in an outage is tried by the ladder and not in the next cycle"
    if longest * 1000 >= settings.give_up:
        return "an outage after which objects have been given up"
    found = sequence_of(scenario)
    rates = rates_of(workforce)
    if 2 * longest * sum(rates.values()) >= quarantine.floor:
        return "an outage in which so much fails that the job may be put into quarantine"
    waiting = longest * found.spacing * sum(rate * found.requests[kind] for kind, rate in rates.items())
    if waiting > BUSY * scenario.provisioning.interval / 1000:
        return "an outage after which the job is busy for long with what has waited"
    return None


def _in_quarantine(scenario: Scenario, workforce: Workforce, plain: Wait, spans: _Spans) -> Wait | str:
    """Nothing is accepted: the job is tried at times of its own, and the first attempt carries whatever has waited."""
    interval, duration = scenario.provisioning.interval, scenario.duration / 1000
    policy = limits(scenario.provisioning)
    attempts = _attempts(policy, interval)
    if any(length * 1000 >= policy.disabled_after - policy.slowest for _, length in spans):
        return "a quarantine in which the job is switched off"
    why = _room([(begin, length, (policy.slowest + interval) / 1000) for begin, length in spans], duration)
    if why is not None:
        return why
    rate = sum(rates_of(workforce).values())
    sums = sum(forms.quarantine_exposure(rate, interval / 1000, length, attempts) for _, length in spans)
    return replace(
        plain,
        held=sums / duration,
        hop=False,
        form="§3.6",
        why="in quarantine everybody waits for the first attempt after the cause has ended: attempts double up to Q",
        quantile=None,
        uniform=0.0,
        no_quantile="a quarantine: how long it lasts is chance",
    )


def _attempts(policy: Limits, interval: int) -> list[float]:
    """How long after the job was put into quarantine each attempt comes, in seconds."""
    gaps = (attempt_after(count, interval, policy) / 1000 for count in range(1, _SERIES + 1))
    return [each for each in accumulate(gaps) if each * 1000 <= policy.disabled_after]


def _room(spans: Iterable[tuple[float, float, float]], duration: float) -> str | None:
    """Whether each of them, (begin, length, how long it may take to be over), is over before the next and the end."""
    begins = [*spans, (duration, 0.0, 0.0)]
    if any(begin + length + after > following for (begin, length, after), (following, _, _) in pairwise(begins)):
        return "faults that run into each other or beyond the end: who waits then is missing from the mean"
    return None


_COURSES: Final = {"outage": _in_outages, "expired_credentials": _in_quarantine}


def needs_regular_cycles(scenario: Scenario) -> str | None:
    """Why faults are not covered under what carries changes in this scenario; None: they are, or there are none."""
    provisioning = scenario.provisioning
    if not scenario.faults:
        return None
    if provisioning.strategy != "cycle":
        return "faults, where something else than regular cycles carries changes"
    if provisioning.hours or provisioning.overrun == "after_end":
        return "faults, and cycles that do not come at equal intervals"
    if provisioning.phase != "random" and any(fault.kind in _COURSES for fault in scenario.faults):
        return "faults at set times and cycles at set times: how they meet is no matter of chance"
    return None
