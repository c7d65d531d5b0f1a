"""Objects that failed, and when each is tried again.

Invariant: what is due is found without looking at what is not: a heap by due time, in which an entry counts only while
its escrow still has that time. Counts of failures are kept, never recounted.
https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TypeAlias

from mockservices.clock import Millis
from sim.provisioning.codes import TRANSIENT

Key: TypeAlias = tuple[str, str]
"""(kind, source id)."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When an object that failed is tried again; times in ms."""

    ladder: tuple[int, ...] = (6 * 3_600_000, 12 * 3_600_000, 24 * 3_600_000)
    """After the first failure, ascending."""
    then: int = 24 * 3_600_000
    """How much later each further time is."""
    give_up: int = 28 * 24 * 3_600_000
    """This long after the first failure nothing is tried any more."""
    transient_next_cycle: bool = True
    """Whether errors that pass by themselves are tried in the next cycle, whatever the ladder says."""
    repost: bool = False
    """Whether a creation without an answer is sent again without looking the object up."""

    def next_try(self, first: int, now: int, code: str) -> Millis | None:
        """From when on an object is due again that first failed at ``first`` and again now; None: it is given up."""
        passed = now - first
        if passed >= self.give_up:
            return None
        if self.transient_next_cycle and code in TRANSIENT:
            return Millis(now)
        for step in self.ladder:
            if step > passed:
                break
        else:
            last = self.ladder[-1] if self.ladder else 0
            step = last + ((passed - last) // self.then + 1) * self.then
        return Millis(first + step) if step <= self.give_up else None


@dataclass(slots=True)
class Escrow:
    """An object that failed and is tried again."""

    first_failed: Millis
    tries: int = 1
    """How often it has been tried, all in a row without success."""
    due: Millis = Millis(0)
    """The first cycle that begins at this time or later tries it again."""
    code: str = ""
    """What it failed with the last time."""
    own: bool = False
    """Whether the object itself failed, and not only memberships of it."""
    lost: bool = False
    """Whether it was to be created and no answer came."""
    memberships: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(group id, user id) of memberships that failed, and whether they are to exist."""


class Escrows(dict[Key, Escrow]):
    """All escrows of a job, by (kind, source id); entries come and go through the methods only."""

    __slots__ = ("_due", "_number", "objects", "references")

    def __init__(self) -> None:
        super().__init__()
        self._due: list[tuple[int, int, Key]] = []
        self._number = 0  # keeps entries of one time in the order in which they were made
        self.objects = 0
        """How many objects have failed themselves."""
        self.references = 0
        """How many memberships have failed."""

    def put(self, key: Key, escrow: Escrow) -> None:
        """Keep an escrow; one that was there for the object must have been taken out."""
        self[key] = escrow
        self.objects += escrow.own
        self.references += len(escrow.memberships)
        self.schedule(key, escrow.due)

    def schedule(self, key: Key, due: Millis) -> None:
        """An object that is in escrow is due at this time."""
        self[key].due = due
        self._number += 1
        heappush(self._due, (due, self._number, key))

    def take(self, key: Key) -> Escrow | None:
        """Take an object out, if it is there."""
        escrow = self.pop(key, None)
        if escrow is not None:
            self.objects -= escrow.own
            self.references -= len(escrow.memberships)
        return escrow

    def own_failure(self, key: Key, code: str, *, lost: bool) -> None:
        """The object itself failed."""
        escrow = self[key]
        self.objects += not escrow.own
        escrow.own, escrow.code, escrow.lost = True, code, escrow.lost or lost

    def own_success(self, key: Key) -> None:
        """The object itself came through, and memberships of it have not."""
        escrow = self[key]
        self.objects -= escrow.own
        escrow.own = escrow.lost = False

    def membership(self, key: Key, group: str, user: str, *, member: bool) -> None:
        """A membership of the object could not be carried over."""
        memberships = self[key].memberships
        self.references += (group, user) not in memberships
        memberships[group, user] = member

    def membership_success(self, key: Key, group: str, user: str) -> None:
        """A membership of the object came through; with the last thing that had failed the escrow goes."""
        escrow = self.get(key)
        if escrow is None or escrow.memberships.pop((group, user), None) is None:
            return
        self.references -= 1
        if not escrow.own and not escrow.memberships:
            self.take(key)

    def due(self, now: int, changed: Iterable[Key] = ()) -> list[Key]:
        """Objects to be tried now: those whose time has come, and those that have changed in the source."""
        found: dict[Key, None] = {}
        heap = self._due
        waiting: list[tuple[int, int, Key]] = []
        while heap and heap[0][0] <= now:
            entry = heappop(heap)
            escrow = self.get(entry[2])
            if escrow is not None and escrow.due == entry[0] and entry[2] not in found:
                found[entry[2]] = None
                waiting.append(entry)
        for entry in waiting:
            heappush(heap, entry)  # until it is taken out: what is asked for twice is answered twice
        for key in changed:
            if key in self:
                found[key] = None
        return list(found)

    def clear(self) -> None:
        """Forget everything."""
        super().clear()
        self._due.clear()
        self.objects = self.references = 0
