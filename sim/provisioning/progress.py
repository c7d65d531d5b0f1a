"""Where the job is in its work: what it has done so far, what it writes down, what it will try again.

Invariant: an object that failed is in escrow until it comes through or is given up; every act on an object leaves one
row in the log.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

from mockservices.clock import Clock, Millis
from sim.ports import GROUP, NO_ANSWER, USER, Answer, Find, Get, Request, SourceGroup, SourceUser
from sim.provisioning import log
from sim.provisioning.codes import TOO_MANY_DELETES, code_of
from sim.provisioning.escrow import Escrow, Key, RetryPolicy
from sim.provisioning.log import LogRow, ProvisioningLog
from sim.provisioning.plan import REDUNDANT
from sim.provisioning.state import JobState
from sim.provisioning.tally import Tally

Work: TypeAlias = Generator[Request | None, Answer, bool]
"""Requests out, answers in; True when the object came through. None out: let it be time for the next request."""


_row = tuple.__new__
"""Makes a row of what all its fields hold."""


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
        "_fresh",
        "_given_up",
        "_lasted",
        "_linked",
        "_looked",
        "_source",
        "_written",
        "clock",
        "cycle",
        "events",
        "log",
        "reached",
        "retries",
        "state",
        "tally",
        "watcher",
    )

    def __init__(
        self,
        clock: Clock,
        state: JobState,
        watcher: Watcher,
        log: ProvisioningLog,
        retries: RetryPolicy | None = None,
    ) -> None:
        self.clock = clock
        self.state = state
        self.watcher = watcher
        self.log = log
        self.retries = retries or RetryPolicy()
        self.cycle = 0
        self.tally = Tally()
        self.events = 0
        """Rows of the log since the current cycle began: what the share of failures is a share of."""
        self.reached = 0
        """How many users of its agenda the current cycle has turned to."""
        self._begun = 0
        self._asides = 0
        self._fresh = False  # nothing has been done about the object in hand
        self._change = self._changes = 0  # that of the object in hand, and how many there have been
        # of the object in hand: what the source says of it, what has gone to the target and come back
        self._source: SourceUser | SourceGroup | None = None
        self._looked: Answer | None = None
        self._linked = False
        self._written: Request | None = None
        self._answer: Answer | None = None
        self._lasted = 0
        self._earlier: dict[Key, Escrow] = {}  # what the current cycle tries again
        self._given_up: dict[Key, None] = {}

    def try_again(self, keys: Iterable[Key]) -> None:
        """Take objects out of escrow, for they are tried now; whatever fails again is put back."""
        escrows = self.state.escrows
        self._given_up.clear()
        self._earlier = {key: escrow for key in keys if (escrow := escrows.take(key)) is not None}
        self.tally.retries += len(self._earlier)

    def put_back(self) -> None:
        """The cycle was stopped: what it was to try again and did not get to waits as before."""
        escrows = self.state.escrows
        for key, escrow in self._earlier.items():
            if key not in escrows and key not in self._given_up:
                escrows.put(key, escrow)
        self._earlier = {}

    def count_anew(self) -> Tally:
        """What is done from now on counts from nothing; the tally that will hold it."""
        self.tally, self._begun = Tally(), 0
        self.events = self.reached = 0
        return self.tally

    def begin(self, source: SourceUser | SourceGroup | None = None) -> None:
        """Turn to another object, as the source has it: requests from now on are about it.

        Requests that no row counts yet, such as the test of a connection on demand, count for its first row. To turn to
        the object in hand once more, before anything was done about it, is no other turn.
        """
        if not (self._fresh and source is not None and source is self._source):
            self._changes += 1
            self._change = self._changes
        self._fresh = True
        self._source = source
        self._looked = self._written = self._answer = None
        self._lasted = 0

    def about_nobody(self) -> None:
        """Requests that no row counts yet stand in none: a cycle's test of the connection is about no object."""
        self._begun = self.tally.requests

    def heard(self, request: Request, answer: Answer) -> None:
        """A request about the object in hand has been answered: what the log will tell of it."""
        kind = type(request)
        if kind is Get or kind is Find:
            self._looked, self._linked = answer, kind is Get
        else:
            self._written = request
        self._answer = answer
        if answer.lasted:
            self._lasted += answer.lasted

    def interrupt(self) -> tuple[Any, ...]:
        """Put everything aside for something else and count that from nothing; give the result to :meth:`resume`.

        What is done then is in no cycle: its rows have a number below 0 in place of a cycle's.
        """
        aside = (
            *(self.tally, self._begun, self.events, self._change, self._source, self._looked),
            *(self._linked, self._written, self._answer, self._lasted, self.cycle, self._fresh),
        )
        self.tally, self._begun = Tally(), 0
        self._asides += 1
        self.cycle = -self._asides
        self.begin()
        return aside

    def resume(self, aside: tuple[Any, ...]) -> None:
        """Go on with what was put aside."""
        self.tally, self._begun, self.events, self._change, self._source, self._looked, *rest = aside
        self._linked, self._written, self._answer, self._lasted, self.cycle, self._fresh = rest

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
        self.events += 1
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
        self._fresh = False

    def straight(
        self,
        source: SourceUser | None,
        kind: str,
        identifier: str,
        target: str,
        action: str,
        looked: Answer | None,
        written: Request,
        *,
        linked: bool = False,
    ) -> None:
        """The object in hand came through without anything in the way: all that :meth:`heard` and :meth:`note` would
        have written down. ``source``: None where it is about members of the group in hand."""
        self._fresh = False
        if kind == USER:
            self.settle(USER, identifier)
            self._switched(identifier, action)
        sent = self.tally.requests
        count, self._begun = sent - self._begun, sent
        self.events += 1
        change, now = self._change, self.clock.now
        told = (now, self.cycle, kind, identifier, target, action, log.SUCCESS, "", count, change, 0)
        self.log.add(_row(LogRow, (*told, source, looked, linked, written, None, 0, None, None)))

    def through(self, kind: str, source: str, target: str, action: str) -> bool:
        """The object in hand came through; True."""
        self.settle(kind, source)
        if kind == USER:
            self._switched(source, action)
        self.note(kind, source, target, action, log.SUCCESS, "")
        return True

    def redundant(self, kind: str, source: str, target: str, action: str) -> bool:
        """The target has the object in hand so already; True."""
        self.settle(kind, source)
        if kind == USER:
            self._switched(source, action)
        self.note(kind, source, target, action, log.SKIPPED, REDUNDANT)
        return True

    def _switched(self, user: str, action: str) -> None:
        if action == log.DISABLE:
            self.state.inactive[user] = None
        else:
            self.state.inactive.pop(user, None)

    def fail(
        self, kind: str, source: str, target: str, action: str, answer: Answer, code: str = "", *, posted: bool = False
    ) -> bool:
        """The object in hand was refused; it is tried again when its time comes, or given up. False.

        ``posted``: the answer is one to its creation.
        """
        code = code or code_of(answer)
        if self._answer is None:
            self._answer = answer  # nothing was sent: what stands in for an answer says why
        escrow = self._escrow((kind, source), code)
        self.tally.errors += 1
        if kind == USER:
            self.watcher.failed(source)
        if escrow is not None:
            lost = posted and answer.status == NO_ANSWER
            self.state.escrows.own_failure((kind, source), code, lost=lost)
            self.note(kind, source, target, action, log.FAILURE, code, tries=escrow.tries, retry_at=escrow.due)
        else:
            tries = self._earlier[kind, source].tries + 1 if (kind, source) in self._earlier else 1
            self.note(kind, source, target, action, log.FAILURE, code, tries=tries)
        return False

    def hold(self, user: str, group: str, *, member: bool, answer: Answer | None = None) -> None:
        """A membership could not be carried over and is tried again.

        ``answer``: the refusal; None: it was not sent, because the user or the group itself has failed.
        """
        if answer is not None:
            code = code_of(answer)
        else:
            cause = self.state.escrows.get((USER, user)) or self.state.escrows.get((GROUP, group))
            code = cause.code if cause is not None else ""
        if self._escrow((USER, user), code) is not None:
            self.state.escrows.membership((USER, user), group, user, member=member)
        self.watcher.failed(user, member=member)

    def fail_members(self, group: str, link: str, users: Iterable[str], *, member: bool, answer: Answer) -> bool:
        """A request to change memberships of a group was refused: a failure of references. False."""
        for user in users:
            self.hold(user, group, member=member, answer=answer)
        self.tally.errors += 1
        self.tally.reference_errors += 1
        self.note(GROUP, group, link, log.UPDATE, log.FAILURE, code_of(answer))
        return False

    def hold_reference(self, user: str, other: str) -> None:
        """A user could not refer to another one, which itself has failed: it is tried again."""
        cause = self.state.escrows.get((USER, other))
        self._escrow((USER, user), cause.code if cause is not None else "")
        self.watcher.failed(user)

    def fail_reference(self, user: str, link: str, answer: Answer) -> bool:
        """A request to let a user refer to another one was refused: a failure of references. False."""
        self._escrow((USER, user), code_of(answer))
        self.watcher.failed(user)
        self.tally.errors += 1
        self.tally.reference_errors += 1
        self.note(USER, user, link, log.UPDATE, log.FAILURE, code_of(answer))
        return False

    def stage(self, kind: str, source: str) -> None:
        """An object that is to be disabled or deleted is held back: nothing is sent about it."""
        self.begin()
        links = self.state.users if kind == USER else self.state.groups
        self.state.staged.setdefault((kind, source), {})
        self.tally.staged += 1
        if kind == USER:
            self.watcher.failed(source)
        self.note(kind, source, links.get(source) or "", log.STAGED_DELETE, log.SKIPPED, TOO_MANY_DELETES)

    def settle(self, kind: str, identifier: str) -> None:
        """Nothing of the object itself is left to be tried again."""
        escrows = self.state.escrows
        if escrows:
            escrow = escrows.get((kind, identifier))
            if escrow is not None and escrow.memberships:
                escrows.own_success((kind, identifier))
            elif escrow is not None:
                escrows.take((kind, identifier))

    def reposts(self, kind: str, identifier: str) -> bool:
        """Whether an object is created once more without looking it up: an earlier creation got no answer."""
        earlier = self._earlier.get((kind, identifier))
        return self.retries.repost and earlier is not None and earlier.lost

    def _escrow(self, key: Key, code: str) -> Escrow | None:
        """The escrow of an object that has failed; None when it is given up."""
        escrows, now = self.state.escrows, self.clock.now
        escrow, earlier = escrows.get(key), self._earlier.get(key)
        if escrow is not None:
            due = self.retries.next_try(escrow.first_failed, now, code)
            if due is not None and due < escrow.due:
                escrows.schedule(key, due)
            return escrow
        first, tries = (now, 1) if earlier is None else (earlier.first_failed, earlier.tries + 1)
        due = self.retries.next_try(first, now, code)
        if due is None:
            if key not in self._given_up:
                self._given_up[key] = None
                self.tally.given_up += 1
            return None
        escrow = Escrow(first, tries, due, code, lost=earlier is not None and earlier.lost)
        escrows.put(key, escrow)
        return escrow
