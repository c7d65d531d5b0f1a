"""What is kept of the doors: stretches of usable access, sessions that outlived their grants, and closed doors.

Invariant: plain facts in simulated milliseconds; what is open ends after the moment at which it was asked.
"""

from __future__ import annotations

from typing import Final, NamedTuple

USABLE: Final = "usable"
USABLE_PRIVILEGED: Final = "usable_privileged"
USABLE_AT_WORST: Final = "usable_at_worst"
PORTAL: Final = "portal"
ROLE: Final = "role"


class UsableRow(NamedTuple):
    """Somebody's orphaned access could be used."""

    person: int
    state: str
    cause: str | None
    since: int
    until: int


class ResidualRow(NamedTuple):
    """A session went on giving access after its grant had ended."""

    person: int
    kind: str
    session: str
    grant: int | None
    """Of a role session; a portal session may start several."""
    since: int
    until: int
    """It may lie in the future: sessions end when they have to."""


class ClosingRow(NamedTuple):
    """Somebody left, and the doors closed: how long after it, in ms; None: still open."""

    event: int
    kind: str
    person: int
    start: int
    sign_in_blocked: int | None
    last_usable: int | None
    last_session_ended: int | None
    last_session_at_worst: int | None
    """If they had signed in, and then started a role, in the last moment in which each was possible."""
