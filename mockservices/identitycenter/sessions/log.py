"""What happened to whom, in columns: a few bytes for each change, found again by row.

Invariant: it only grows, in the order of time; an entry never changes.
"""

from __future__ import annotations

from array import array

from mockservices.clock import Millis


class Log:
    """Changes of many rows, each a time and a small whole number."""

    __slots__ = ("_heads", "_previous", "_times", "_values")

    def __init__(self) -> None:
        self._times = array("q")
        self._values = array("q")
        self._previous = array("i")
        self._heads = array("i")  # by row: its last entry, or -1

    def append(self, row: int, at: Millis, value: int) -> None:
        """Another change of a row."""
        heads = self._heads
        if row >= len(heads):
            heads.extend([-1] * (max(row + 1, 2 * len(heads)) - len(heads)))
        self._previous.append(heads[row])
        heads[row] = len(self._times)
        self._times.append(at)
        self._values.append(value)

    def last(self, row: int) -> int | None:
        """The value of a row's last change; None when it has none."""
        head = self._heads[row] if row < len(self._heads) else -1
        return None if head < 0 else self._values[head]

    def of(self, row: int) -> list[tuple[Millis, int]]:
        """The changes of a row, the oldest first."""
        found = []
        entry = self._heads[row] if row < len(self._heads) else -1
        while entry >= 0:
            found.append((Millis(self._times[entry]), self._values[entry]))
            entry = self._previous[entry]
        found.reverse()
        return found
