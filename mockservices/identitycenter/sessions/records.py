"""Portal sessions and role sessions, whether somebody has started them or they are drawn when somebody asks.

Invariant: a session says when it began, when it expires by itself and what ended it by name. Whether it still lives is
never stored: that follows from what has happened to its user since (:mod:`.facts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.rules import Closing


@dataclass(frozen=True, slots=True)
class PortalSession:
    """Somebody has signed in: a *user interactive session*, as AWS calls it."""

    id: str
    user: int
    """The row of the user in the identity store."""
    opened: Millis
    expires: Millis
    """As the setting was when it was opened; a later change of the setting does not move it."""
    command_line: bool = False
    """Whether a command line has got a token from it."""
    ended: Millis | None = None
    how: Closing | None = None
    """``SESSION_ENDED`` or ``SIGNED_OUT``, when it was ended itself."""


@dataclass(frozen=True, slots=True)
class RoleSession:
    """Temporary credentials of a permission set on an account; nothing ends them before they expire."""

    id: str
    user: int
    grant: int
    """The number that the instance gives to (account, permission set)."""
    portal: str
    """The id of the portal session from which it was started."""
    started: Millis
    expires: Millis


class SessionSource(Protocol):
    """Who else has sessions: drawn by whoever simulates people, and only when somebody asks about one of them.

    What is returned are wishes: that this person goes to the portal at such a time, and starts a role then. A wish for
    which the doors are closed at its time comes to nothing, which the doors find out by themselves. The same question
    must have the same answer for ever, also when ``until`` grows.
    """

    def portal_sessions(self, user: int, since: Millis, until: Millis) -> Sequence[PortalSession]:
        """Of the row of a user: those that are opened before ``until`` and expire after ``since``, by opening."""

    def role_sessions(self, user: int, since: Millis, until: Millis) -> Sequence[RoleSession]:
        """The same for role sessions; ``portal`` names one of the portal sessions above."""


class NoSessions:
    """A source for worlds in which nobody draws any."""

    def portal_sessions(self, user: int, since: Millis, until: Millis) -> Sequence[PortalSession]:
        """None."""
        return ()

    def role_sessions(self, user: int, since: Millis, until: Millis) -> Sequence[RoleSession]:
        """None."""
        return ()
