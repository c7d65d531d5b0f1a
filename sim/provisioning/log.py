"""The provisioning log: one row per object and cycle that the job acted on, failed on or passed over.

Invariant: rows are columns; the words of a row are made when somebody reads it.
https://learn.microsoft.com/graph/api/resources/provisioningobjectsummary
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mockservices.clock import Millis
from sim.ports import Answer, Request, SourceGroup, SourceUser

CREATE, UPDATE, DISABLE, DELETE, OTHER = "create", "update", "disable", "delete", "other"
STAGED_DELETE = "stagedDelete"
"""Held back by the prevention of accidental deletions."""
SUCCESS, FAILURE, SKIPPED, WARNING = "success", "failure", "skipped", "warning"


class LogRow(NamedTuple):
    """What the job did about one object; a tuple, for that is made in a third of the time."""

    at: Millis
    cycle: int
    """Its number; -1 and below: the runs outside any cycle, one after the other."""
    kind: str
    source_id: str
    target_id: str
    action: str
    status: str
    reason: str
    """Empty for a success; Entra's code otherwise (``NotEffectivelyEntitled``, ``EntryConflict``)."""
    requests: int
    change: int = 0
    """Which change of an object this belongs to: all rows of one go at one object have the same number."""
    lasted: int = 0
    """Simulated milliseconds that answers took beyond what they usually take."""
    source: SourceUser | SourceGroup | None = None
    """The object as it was read from the source; None where only a part of it (its members) was."""
    looked: Answer | None = None
    """What the target answered to being asked for the object, by its link or by its matching attribute."""
    linked: bool = False
    """Whether it was asked for by a link that was there before."""
    written: Request | None = None
    """What was to be changed in the target."""
    answer: Answer | None = None
    """The last answer, where it was no success."""
    tries: int = 0
    """In how many tries in a row it has failed, this one included."""
    retry_at: Millis | None = None
    """From when on it is tried again; None after a failure: it is given up, or the row is about memberships."""
    scope: Mapping[str, bool] | None = None
    """Each clause of the scoping filters, and what it came to; None where there are none."""


class ProvisioningLog:
    """The rows of one run: handed to a sink, the latest kept."""

    __slots__ = ("_handed", "_keep", "first", "reasons", "rows", "sink")

    def __init__(self, keep: int = 10_000) -> None:
        self.rows: list[LogRow] = []
        self.first = 0
        """The number of the first row that is kept, counted from the first one ever."""
        self.reasons: dict[str, dict[str, int]] = {FAILURE: {}, SKIPPED: {}}
        """How many rows ever were a failure or a skip, by Entra's word for why."""
        self._keep = keep
        self._handed = 0  # of the rows
        self.sink: Callable[[Sequence[LogRow]], None] | None = None

    def add(self, row: LogRow) -> None:
        """Append a row."""
        counts = self.reasons.get(row.status)
        if counts is not None:
            counts[row.reason] = counts.get(row.reason, 0) + 1
        self.rows.append(row)
        if len(self.rows) >= 2 * self._keep:
            self.flush()

    def flush(self) -> None:
        """Hand what is new to the sink, and forget all but the latest rows."""
        if self.sink is not None and self._handed < len(self.rows):
            self.sink(self.rows[self._handed :])
        if len(self.rows) >= 2 * self._keep:
            self.first += len(self.rows) - self._keep
            self.rows = self.rows[-self._keep :]
        self._handed = len(self.rows)

    def latest(self, count: int) -> Iterator[LogRow]:
        """The newest rows first."""
        return iter(self.rows[: -count - 1 : -1])
