"""What was deleted and can be restored for 30 days, in the order of deletion.

Invariant: no clock. Somebody outside is told when the next thing falls due, and comes back then; what has been restored
or purged in the meantime is for the directory to know.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final

from mockservices.clock import Millis

KEPT: Final = Millis(30 * 86_400_000)
"""How long a deleted user or cloud security group can be restored.
https://learn.microsoft.com/graph/api/directory-deleteditems-restore"""


class RecycleBin:
    """One directory's recycle bin."""

    __slots__ = ("_queue", "filled")

    def __init__(self) -> None:
        self._queue: deque[tuple[int, int, Millis]] = deque()
        self.filled: Callable[[Millis], None] | None = None
        """Told when the first thing falls due, whenever the bin was empty before."""

    def put(self, kind: int, row: int, at: Millis) -> None:
        """A user or group (``kind`` as in the feed) was deleted."""
        self._queue.append((kind, row, at))
        if len(self._queue) == 1 and self.filled is not None:
            self.filled(Millis(at + KEPT))

    def due(self, now: Millis) -> Iterator[tuple[int, int, Millis]]:
        """(kind, row, when it was deleted) of what has lain here for long enough; it is taken out."""
        while self._queue and self._queue[0][2] + KEPT <= now:
            yield self._queue.popleft()

    @property
    def next_due(self) -> Millis | None:
        """When the next thing falls due; None when nothing is in here."""
        return Millis(self._queue[0][2] + KEPT) if self._queue else None
