"""Quarantine: when a job is put into it, when it is tried there, and when it is let out.

Invariant: whether failures are too many is decided by a pure function over counts; a series of quarantines begins when
the job is put into it and ends when it is let out.
https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, TypeAlias

from mockservices.clock import Millis
from sim.ports import Answer, Find, Request
from sim.provisioning.codes import CREDENTIALS, INCOMPATIBLE

EXCEPTION: Final = "EncounteredQuarantineException"
BASE: Final = "EncounteredBaseEscrowThreshold"
TOTAL: Final = "EncounteredTotalEscrowThreshold"
PROPORTION: Final = "EncounteredEscrowProportionThreshold"
ON_DEMAND: Final = "QuarantinedOnDemand"
"""The names of https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationquarantine."""

THRESHOLDS: Final = frozenset({BASE, TOTAL, PROPORTION})

QuarantineRow: TypeAlias = tuple[str, int, int | None]
"""(reason, since, until); until None: it has not ended."""

UNAUTHORIZED: Final = "We received this unexpected response from your application: Unauthorized (401)."
NO_SCIM: Final = "The application's answer is not that of a SCIM service: {method} {path} answered {status}."


@dataclass(frozen=True, slots=True)
class Limits:
    """When failures are too many, and how a job in quarantine is tried; times in ms."""

    floor: int = 5_000
    """With fewer failures nothing is evaluated."""
    share: Fraction = Fraction(40, 100)
    """Of a cycle's events; more may not fail."""
    objects: int = 40_000
    """More objects may not have failed."""
    total: int = 60_000
    """More objects and references together may not have failed."""
    first_attempt: int = 300_000
    slowest: int = 86_400_000
    disabled_after: int = 28 * 86_400_000


@dataclass(frozen=True, slots=True)
class Failures:
    """What has failed."""

    objects: int
    """Objects that have failed and wait for another try."""
    references: int
    """Memberships that have."""
    failed: int
    """Of the events counted here those that failed, references left out."""
    events: int
    """The events of the cycle that is evaluated, the failed ones among them."""


def evaluate(failures: Failures, limits: Limits) -> str | None:
    """The reason for a quarantine; None: there is none."""
    total = failures.objects + failures.references
    if total < limits.floor and failures.failed < limits.floor:
        return None
    if failures.objects > limits.objects:
        return BASE
    if total > limits.total:
        return TOTAL
    if failures.failed >= limits.floor and failures.failed > limits.share * failures.events:
        return PROPORTION
    return None


def attempt_after(count: int, interval: int, limits: Limits) -> int:
    """How long after the ``count``-th time that quarantine was imposed in a series the next attempt comes."""
    if count <= 1:
        return limits.first_attempt
    doublings = min(count - 2, 64)
    return min(interval << doublings, limits.slowest)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why nothing can be sent at all."""

    code: str
    message: str


def problem_in(request: Request, answer: Answer) -> Problem | None:
    """Whether an answer says that the whole job cannot go on, and not only about the object in hand.

    A web page is no SCIM service's, and neither is 404 to a look-up: that finds nobody with 200 and an empty list.
    https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
    """
    if answer.status == 401:
        return Problem(CREDENTIALS, UNAUTHORIZED)
    if not answer.scim or (type(request) is Find and answer.status in {404, 405, 410, 501}):
        told = NO_SCIM.format(method=request.method, path=request.path, status=answer.status)
        return Problem(INCOMPATIBLE, told)
    return None


@dataclass(slots=True)
class Quarantine:
    """A job's quarantine while it lasts."""

    reason: str
    series_began: Millis
    current_began: Millis
    """When it was imposed or confirmed last."""
    next_attempt: Millis
    series_count: int
    code: str
    message: str
    events: int
    """The events of the cycle that led to it."""
    since: Millis
    """Since when it has been for this reason."""


class Ward:
    """One job's quarantines."""

    __slots__ = ("_lasted", "current", "interval", "limits", "sink")

    def __init__(self, limits: Limits, interval: int) -> None:
        self.limits = limits
        self.interval = interval
        self.current: Quarantine | None = None
        self.sink: Callable[[QuarantineRow], None] | None = None
        self._lasted = 0

    def impose(self, now: Millis, reason: str, code: str, message: str, events: int = 0) -> bool:
        """Put the job into quarantine, or leave it there; whether it is new, or for another reason than before."""
        before = self.current
        if before is None:
            due = Millis(now + attempt_after(1, self.interval, self.limits))
            self.current = Quarantine(reason, now, now, due, 1, code, message, events, now)
            return True
        before.series_count += 1
        before.current_began = now
        before.next_attempt = Millis(now + attempt_after(before.series_count, self.interval, self.limits))
        changed = before.reason != reason
        if changed:
            self._tell(before, now)
            before.reason, before.since = reason, now
        before.code, before.message = code, message
        before.events = events or before.events
        return changed

    def lift(self, now: Millis) -> bool:
        """Let the job out; whether it was in."""
        before, self.current = self.current, None
        if before is None:
            return False
        self._lasted += now - before.series_began
        self._tell(before, now)
        return True

    def _tell(self, before: Quarantine, now: Millis) -> None:
        if self.sink is not None and now > before.since:
            self.sink((before.reason, before.since, now))

    def evaluate(self, failures: Failures) -> str | None:
        """The reason why a cycle that has just ended leads into quarantine, or leaves the job there; None: none.

        In quarantine the share is that of what has failed and still waits in the events that led to it.
        """
        now = self.current
        if now is not None and now.reason in THRESHOLDS:
            events = max(now.events, failures.events)
            failures = Failures(failures.objects, failures.references, failures.objects, events)
        return evaluate(failures, self.limits)

    def lasted(self, now: int) -> int:
        """For how long the job has been in quarantine, in ms."""
        current = self.current
        return self._lasted + (now - current.series_began if current is not None else 0)

    def open_row(self) -> QuarantineRow | None:
        """The quarantine that has not ended, as the journal keeps it."""
        current = self.current
        return None if current is None else (current.reason, current.since, None)
