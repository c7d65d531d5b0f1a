"""Closed forms for what a provisioning service, tickets and HR leave open; times in seconds unless a name says else.

Invariant: pure arithmetic on the parameters, with no knowledge of scenarios or runs. Notation: T the cycle's interval,
s the service time of one event, rho the share of time in which the service is busy, d0 a cycle's fixed time, p the
probability that an attempt fails. A cycle takes what has changed before its beginning (gated).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


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


def outage_exposure(rate: float, length: float) -> float:
    """Person-time that an outage of this length adds: lambda V^2 / 2, with the square of its length."""
    return rate * length**2 / 2


def quarantine_wait(slowest: float) -> float:
    """The mean further wait in quarantine whose cause has been mended: half of the slowest interval."""
    return slowest / 2


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


PAIRED_VARIANCE_RATIO = 0.3
"""Of person-time under T and 2T with aligned phases and the same events: (T^2/2) / (T^2/3 + 4T^2/3)."""
