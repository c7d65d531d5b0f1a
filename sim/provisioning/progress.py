"""Where the job is in its work: what it has done so far, what it writes down, what it will try again.

Invariant: an object that failed is in escrow until it comes through; every act on an object leaves one row in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from mockservices.clock import Clock, Millis
from sim.ports import USER, Answer, Find, Get, Request, SourceGroup, SourceUser
from sim.provisioning import log
from sim.provisioning.codes import code_of
from sim.provisioning.log import LogRow, ProvisioningLog
from sim.provisioning.state import Escrow, JobState
from sim.provisioning.tally import Tally

Work: TypeAlias = Generator[Request, Answer, bool]
"""Requests out, answers in; True when the object came through."""


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

    __slots__ = (
        "_answer",
        "_asides",
        "_begun",
        "_change",
        "_changes",
        "_earlier",
        "_lasted",
        "_linked",
        "_looked",
        "_source",
        "_written",
        "clock",
        "cycle",
        "log",
        "retry_at",
        "state",
        "tally",
        "watcher",
    )

    def __init__(self, clock: Clock, state: JobState, watcher: Watcher, log: ProvisioningLog) -> None:
        self.clock = clock
        self.state = state
        self.watcher = watcher
        self.log = log
        self.cycle = 0
        self.tally = Tally()
        self.retry_at: Callable[[Escrow], Millis | None] = lambda escrow: None
        """When an object that has failed is tried again; None: nobody knows."""
        self._begun = 0
        self._asides = 0
        self._change = self._changes = 0  # that of the object in hand, and how many there have been
        # of the object in hand: what the source says of it, what has gone to the target and come back
        self._source: SourceUser | SourceGroup | None = None
        self._looked: Answer | None = None
        self._linked = False
        self._written: Request | None = None
        self._answer: Answer | None = None
        self._lasted = 0
        self._earlier: dict[tuple[str, str], Escrow] = {}  # what the current cycle tries again

    def try_again(self, keys: Iterable[tuple[str, str]]) -> None:
        """Take objects out of escrow, for they are tried now; whatever fails again is put back."""
        escrows = self.state.escrows
        self._earlier = {key: escrows.pop(key) for key in keys if key in escrows}
        self.tally.retries += len(self._earlier)

    def count_anew(self) -> Tally:
        """What is done from now on counts from nothing; the tally that will hold it."""
        self.tally, self._begun = Tally(), 0
        return self.tally

    def begin(self, source: SourceUser | SourceGroup | None = None) -> None:
        """Turn to another object, as the source has it: requests from now on are about it.

        Requests that no row counts yet, such as the test of a connection, count for its first row.
        """
        self._changes += 1
        self._change = self._changes
        self._source = source
        self._looked = self._written = self._answer = None
        self._lasted = 0

    def heard(self, request: Request, answer: Answer) -> None:
        """A request about the object in hand has been answered: what the log will tell of it."""
        kind = type(request)
        if kind is Get or kind is Find:
            self._looked, self._linked = answer, kind is Get
        else:
            self._written = request
        self._answer = answer
        self._lasted += answer.lasted

    def interrupt(self) -> tuple[Any, ...]:
        """Put everything aside for something else and count that from nothing; give the result to :meth:`resume`.

        What is done then is in no cycle: its rows have a number below 0 in place of a cycle's.
        """
        aside = (
            *(self.tally, self._begun, self._change, self._source, self._looked),
            *(self._linked, self._written, self._answer, self._lasted, self.cycle),
        )
        self.tally, self._begun = Tally(), 0
        self._asides += 1
        self.cycle = -self._asides
        self.begin()
        return aside

    def resume(self, aside: tuple[Any, ...]) -> None:
        """Go on with what was put aside."""
        self.tally, self._begun, self._change, self._source, self._looked, *rest = aside
        self._linked, self._written, self._answer, self._lasted, self.cycle = rest

    def note(
        self,
        kind: str,
        source: str,
        target: str,
        action: str,
        status: str,
        reason: str,
        *,
        tries: int = 0,
        retry_at: Millis | None = None,
        scope: Mapping[str, bool] | None = None,
    ) -> None:
        """Write down what was done about the object in hand, with the requests that no earlier row counts."""
        sent = self.tally.requests
        count, self._begun = sent - self._begun, sent
        self.log.add(
            LogRow(
                self.clock.now,
                self.cycle,
                kind,
                source,
                target,
                action,
                status,
                reason,
                count,
                self._change,
                self._lasted,
                self._source,
                self._looked,
                self._linked,
                self._written,
                self._answer if status == log.FAILURE else None,
                tries,
                retry_at,
                scope,
            )
        )
        self._written = self._answer = None
        self._lasted = 0

    def through(self, kind: str, source: str, target: str, action: str) -> bool:
        """The object in hand came through; True."""
        self.settle(kind, source)
        self.note(kind, source, target, action, log.SUCCESS, "")
        return True

    def fail(self, kind: str, source: str, target: str, action: str, answer: Answer, code: str = "") -> bool:
        """The object in hand was refused and is tried again in the next cycle; False."""
        escrow = self._escrow(kind, source)
        self.tally.errors += 1
        if kind == USER:
            self.watcher.failed(source)
        self.note(
            *(kind, source, target, action, log.FAILURE, code or code_of(answer)),
            tries=escrow.tries,
            retry_at=self.retry_at(escrow),
        )
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
