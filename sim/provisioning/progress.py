"""Where the job is in its work: what it has done so far, what it writes down, what it will try again.

Invariant: an object that failed is in escrow until it comes through; every act on an object leaves one row in the log.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Protocol, TypeAlias

from mockservices.clock import Clock
from sim.ports import NO_ANSWER, USER, Answer, Request
from sim.provisioning import log
from sim.provisioning.log import LogRow, ProvisioningLog
from sim.provisioning.state import Escrow, JobState
from sim.provisioning.tally import Tally

Work: TypeAlias = Generator[Request, Answer, bool]
"""Requests out, answers in; True when the object came through."""

CODES = {
    NO_ANSWER: "Timeout",
    400: "InvalidRequest",
    401: "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
    403: "InsufficientRights",
    404: "InvalidAnchor",
    409: "EntryConflict",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "InternalServerError",
}
"""HTTP status to the error code in the log.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""


class Watcher(Protocol):
    """Told how a cycle goes on; observes and changes nothing."""

    def picked_up(self, users: Iterable[str], *, cycle: bool) -> None:
        """These source users are part of the work that begins now; ``cycle``: and all others are not."""

    def failed(self, user: str, *, member: bool | None = None) -> None:
        """A request about this source user was refused; it will be tried again.

        ``member``: only that the user becomes a member of a group (True), or ceases to be one (False).
        """

    def settled(self, users: Iterable[str], *, cycle: bool) -> None:
        """The work that these users were part of is over; ``cycle``: as above."""


class Progress:
    """One job's progress, shared by everything that does a part of its work."""

    __slots__ = ("_begun", "_earlier", "clock", "cycle", "log", "state", "tally", "watcher")

    def __init__(self, clock: Clock, state: JobState, watcher: Watcher, log: ProvisioningLog) -> None:
        self.clock = clock
        self.state = state
        self.watcher = watcher
        self.log = log
        self.cycle = 0
        self.tally = Tally()
        self._begun = 0
        self._earlier: dict[tuple[str, str], Escrow] = {}  # what the current cycle tries again

    def try_again(self, keys: Iterable[tuple[str, str]]) -> None:
        """Take objects out of escrow, for they are tried now; whatever fails again is put back."""
        escrows = self.state.escrows
        self._earlier = {key: escrows.pop(key) for key in keys if key in escrows}
        self.tally.retries += len(self._earlier)

    def count_anew(self) -> Tally:
        """What is done from now on counts from nothing; the tally that will hold it."""
        self.tally = Tally()
        return self.tally

    def begin(self) -> None:
        """Turn to another object: requests from now on are about it."""
        self._begun = self.tally.requests

    def interrupt(self) -> tuple[Tally, int]:
        """Put everything aside for something else and count that from nothing; give the result to :meth:`resume`."""
        aside = self.tally, self._begun
        self.tally, self._begun = Tally(), 0
        return aside

    def resume(self, aside: tuple[Tally, int]) -> None:
        """Go on with what was put aside."""
        self.tally, self._begun = aside

    def note(self, kind: str, source: str, target: str, action: str, status: str, reason: str) -> None:
        """Write down what was done about the object in hand, with the requests that no earlier row counts."""
        sent = self.tally.requests
        count, self._begun = sent - self._begun, sent
        self.log.add(LogRow(self.clock.now, self.cycle, kind, source, target, action, status, reason, count))

    def through(self, kind: str, source: str, target: str, action: str) -> bool:
        """The object in hand came through; True."""
        self.settle(kind, source)
        self.note(kind, source, target, action, log.SUCCESS, "")
        return True

    def fail(self, kind: str, source: str, target: str, action: str, answer: Answer, code: str = "") -> bool:
        """The object in hand was refused and is tried again in the next cycle; False."""
        self._escrow(kind, source)
        self.tally.errors += 1
        if kind == USER:
            self.watcher.failed(source)
        self.note(kind, source, target, action, log.FAILURE, code or code_of(answer))
        return False

    def hold(self, user: str, group: str, *, member: bool) -> None:
        """A membership could not be carried over and is tried again in the next cycle."""
        self._escrow(USER, user).memberships[group, user] = member
        self.watcher.failed(user, member=member)

    def settle(self, kind: str, identifier: str) -> None:
        """Nothing of the object itself is left to be tried again."""
        escrows = self.state.escrows
        if escrows:
            escrow = escrows.get((kind, identifier))
            if escrow is not None and not escrow.memberships:
                del escrows[kind, identifier]

    def _escrow(self, kind: str, identifier: str) -> Escrow:
        escrow = self.state.escrows.get((kind, identifier))
        if escrow is None:
            earlier = self._earlier.get((kind, identifier))
            escrow = Escrow(self.clock.now) if earlier is None else Escrow(earlier.first_failed, earlier.tries + 1)
            self.state.escrows[kind, identifier] = escrow
        return escrow


def code_of(answer: Answer) -> str:
    """The log's word for a refusal."""
    return CODES.get(answer.status, "InternalError")
