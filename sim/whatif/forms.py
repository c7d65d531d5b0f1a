"""Closed forms for what a provisioning service, tickets and HR leave open; times in seconds unless a name says else.

Invariant: pure arithmetic on the parameters, with no knowledge of scenarios or runs. Notation: T the cycle's interval,
s the service time of one event, rho the share of time in which the service is busy, d0 a cycle's fixed time, p the
probability that an attempt fails. A cycle takes what has changed before its beginning (gated).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

_PHASES: Final = 400
"""Phases of the cycle over which what a quarantine costs is averaged."""
_NEVER: Final = 1e-12
"""A chance that counts no more."""


@dataclass(frozen=True, slots=True)
class Law:
    """Mean and variance of a time; either may be infinite."""

    mean: float
    variance: float

    @property
    def sd(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.variance)


def uniform(low: float, high: float) -> Law:
    """Equally likely between two bounds."""
    return Law((low + high) / 2, (high - low) ** 2 / 12)


def triangular(low: float, mode: float, high: float) -> Law:
    """A triangle between two bounds with its top at the mode."""
    a, b, c = low, high, mode
    return Law((a + b + c) / 3, (a * a + b * b + c * c - a * b - a * c - b * c) / 18)


# --- the cycle ---------------------------------------------------------------------------------------------


def cycle_wait(interval: float, service: float = 0.0, busy: float = 0.0, fixed: float = 0.0, *,
               order: Literal["arrival", "random"] = "arrival") -> Law:  # fmt: skip
    """Latency at a fixed rate without overrun: E L = d0 + s + T/2 (1 + rho).

    The order in which a cycle works changes the spread and not the mean: in that of arrival who came last waits least
    and is served last, so that the two cancel.
    """
    mean = fixed + service + interval / 2 * (1 + busy)
    share = (1 - busy) ** 2 if order == "arrival" else 1 + busy**2
    return Law(mean, share * interval**2 / 12 + busy * service * interval / 2)


def cycle_wait_quantile(interval: float, share: float) -> float:
    """The quantile of the wait for the next cycle, which is uniform: q T."""
    return share * interval


def overrun_probability(rate: float, interval: float, service: float, fixed: float = 0.0) -> float:
    """How often a cycle takes longer than its interval: P(N > (T - d0)/s) with N Poisson of mean lambda T."""
    from scipy.stats import poisson

    return float(poisson.sf(math.floor((interval - fixed) / service), rate * interval))


def fixed_delay(rate: float, pause: float, service: float, fixed: float = 0.0) -> Law:
    """The interval between beginnings of cycles when the next begins a fixed time after the end of the last."""
    busy = rate * service
    mean = (pause + fixed) / (1 - busy)
    return Law(mean, service**2 * rate * mean / (1 - busy**2))


def fixed_delay_latency(rate: float, pause: float, service: float, fixed: float = 0.0) -> float:
    """The mean latency under :func:`fixed_delay`: d0 + s + (1 + rho) E X^2 / (2 E X), globally gated polling."""
    law = fixed_delay(rate, pause, service, fixed)
    return fixed + service + (1 + rate * service) * (law.variance + law.mean**2) / (2 * law.mean)


def locks_at(busy: float, missed: int) -> bool:
    """Whether, with missed gates skipped, one overrun locks a busy service at ``missed`` + 1 intervals for good."""
    return busy > missed / (missed + 1)


def bulk_latency(interval: float, size: int, service: float, fixed: float = 0.0) -> float:
    """The mean latency of changes that all come at one random instant: T/2 + d0 + s (B + 1)/2."""
    return interval / 2 + fixed + service * (size + 1) / 2


# --- failures ----------------------------------------------------------------------------------------------


def retried_wait(interval: float, failing: float) -> Law:
    """Latency when an attempt fails with probability p and the next cycle tries again."""
    p = failing
    return Law(interval / 2 + interval * p / (1 - p), interval**2 / 12 + interval**2 * p / (1 - p) ** 2)


def retried_wait_quantile(interval: float, failing: float, share: float) -> float:
    """The quantile of :func:`retried_wait`."""
    if failing <= 0:
        return cycle_wait_quantile(interval, share)
    missed = math.floor(math.log(1 - share) / math.log(failing))
    return missed * interval + interval * (1 - (1 - share) / failing**missed) / (1 - failing)


def backed_off_wait(interval: float, failing: float) -> float:
    """The mean latency when the pause doubles after each failure; infinite from p = 1/2 on."""
    return math.inf if failing >= 0.5 else interval / 2 + interval * failing / (1 - 2 * failing)


def outage_exposure(rate: float, length: float, interval: float = 0.0) -> float:
    """Person-time that an outage of this length adds: lambda V^2 / 2, with the square of its length.

    With cycles every T the wait to the next attempt comes on top. With V = (m + f) T and a random phase, an outage
    meets m gates, or m + 1 with probability f; n missed gates add T^2 n (n + 1) / 2. On average that is
    T^2 (m + 1)(m + 2 f) / 2, which is V (V + T) / 2 where the interval divides the outage.
    """
    if not interval:
        return rate * length**2 / 2
    missed = math.floor(length / interval)
    rest = length / interval - missed
    return rate * interval**2 / 2 * (missed + 1) * (missed + 2 * rest)


def quarantine_wait(slowest: float) -> float:
    """The mean further wait in quarantine whose cause has been mended: half of the slowest interval."""
    return slowest / 2


def quarantine_exposure(rate: float, interval: float, length: float, attempts: Sequence[float]) -> float:
    """What nothing being accepted for this length adds to the sum of the waits, for one event of each second.

    Times lambda of a kind it is that kind's person-time. ``rate``: of all events, for the job is put into quarantine by
    the first cycle that has something to send: with probability exp(-k lambda T) by none of the first k gates.
    ``attempts``: how long after that it is tried again each time, ascending. Whoever made that cycle necessary waits
    for the first attempt after the end, whoever comes later too, and then cycles begin at their gates as before.
    """
    total, many = 0.0, rate * interval
    none = math.exp(-many)
    for number in range(_PHASES):
        gate, chance = (number + 0.5) * interval / _PHASES, 1.0
        while gate < length and chance > _NEVER:
            wait = next((each for each in attempts if gate + each >= length), math.inf)
            ahead = math.ceil(wait / interval) * interval if wait < math.inf else math.inf
            blocked = (wait**2 + (ahead - wait) ** 2) / 2 - ahead * interval / 2
            total += chance * (interval * wait + (1 - none) * blocked)
            gate, chance = gate + interval, chance * none
    return total / _PHASES


# --- people ------------------------------------------------------------------------------------------------


def little(rate: float, latency: float) -> float:
    """People with orphaned access on average: lambda E L (Little 1961)."""
    return rate * latency


def orphans_sd(rate: float, interval: float, horizon: float) -> float:
    """The standard deviation of the time average of orphaned people over a horizon: sqrt(lambda T^2 / (3 H))."""
    return math.sqrt(rate * interval**2 / (3 * horizon))


def forgotten(rate: float, missed: float, time: float) -> float:
    """How many are never cleaned up after a time when a share of tickets is forgotten: lambda p t, a Poisson count."""
    return rate * missed * time


def reviewed(rate: float, missed: float, period: float, caught: float) -> float:
    """How many forgotten ones there are on average with a review every period: lambda p Pi (1/c - 1/2)."""
    return rate * missed * period * (1 / caught - 0.5)


def kept_by_movers(moves: float, grants: float, kept: float, leaves: float, years: float = math.inf) -> float:
    """Excess entitlements a head when movers keep a share of what they had: (mu k p / a)(1 - exp(-a t)).

    ``moves`` and ``leaves`` are rates a head and year.
    """
    return moves * grants * kept / leaves * (1 - math.exp(-leaves * years))


def attested(period: float, manual: float) -> float:
    """The mean delay after a contract's end when only an attestation every period finds it: Pi/2 + manual."""
    return period / 2 + manual


def scheduled_expiry(period: float, interval: float) -> Law:
    """A scheduled check every period and then a cycle, with independent phases."""
    return Law(period / 2 + interval / 2, (period**2 + interval**2) / 12)


def pushed(rate: float, service: float) -> float:
    """The mean latency when every change is pushed at once: M/D/1, s + rho s / (2 (1 - rho))."""
    busy = rate * service
    return service + busy * service / (2 * (1 - busy))


def gathered_wait(rate: float, delay: float) -> Law:
    """The wait when the first change begins a delay d, and whatever comes within it goes along.

    One batch is that change and lambda d more, which wait d/2 on average: d (1 + lambda d / 2) / (1 + lambda d).
    """
    along = rate * delay
    mean = delay * (1 + along / 2) / (1 + along)
    return Law(mean, delay**2 * (1 + along / 3) / (1 + along) - mean**2)


def gathered_wait_quantile(rate: float, delay: float, share: float) -> float:
    """The quantile of :func:`gathered_wait`: of all, lambda d / (1 + lambda d) wait anything up to d, the others d."""
    along = rate * delay / (1 + rate * delay)
    return delay if share >= along else delay * share / along


def sum_quantile(one: float, other: float, share: float) -> float:
    """The quantile of the sum of two independent times, uniform on (0, one) and (0, other): a trapezoid."""
    short, long = sorted((one, other))
    if not short:
        return share * long
    edge = short / (2 * long)  # the share below the flat part
    if share <= edge:
        return math.sqrt(2 * share * short * long)
    if share >= 1 - edge:
        return short + long - math.sqrt(2 * (1 - share) * short * long)
    return share * long + short / 2


PAIRED_VARIANCE_RATIO = 0.3
"""Of person-time under T and 2T with aligned phases and the same events: (T^2/2) / (T^2/3 + 4T^2/3)."""
