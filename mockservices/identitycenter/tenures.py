"""Since when and until when something was assigned to a principal.

Invariant: it only grows; what is assigned now is for the instance to say, and the two never disagree.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.spans import NEVER_ENDS, Span


class Tenures:
    """Of all principals of one instance, by grant."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: dict[str, dict[int, list[Millis]]] = {}

    def turn(self, principal_id: str, grant: int, now: Millis) -> None:
        """Assigned from now on, or no longer if it was."""
        self._times.setdefault(principal_id, {}).setdefault(grant, []).append(now)

    def of(self, principal_id: str) -> Iterator[tuple[int, Span]]:
        """(grant, [start, end)) of every assignment that a principal has ever had; ``NEVER_ENDS`` while it stands."""
        for grant, times in self._times.get(principal_id, {}).items():
            for start, end in zip(times[::2], [*times[1::2], NEVER_ENDS], strict=False):
                if start < end:
                    yield grant, (start, end)
