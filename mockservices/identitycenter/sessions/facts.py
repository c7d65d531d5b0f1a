"""What is known of one user of the identity store: since when, until when, and how it ended.

Invariant: facts only, as they happened; no rule is applied to them. Whatever stands at the time of asking ends at
``NEVER_ENDS``, which is to say that nobody has ended it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.rules import Closing
from mockservices.identitycenter.sessions.spans import ALWAYS, EMPTY, EVERYTHING, NEVER_ENDS, Spans


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something that was the case in ``[start, end)``, and the action that ended it; None while it stands."""

    start: Millis = ALWAYS
    end: Millis = NEVER_ENDS
    how: Closing | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One way in which a user holds a grant: an assignment, and for one through a group the membership of it."""

    assignment: Stretch
    membership: Stretch | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one user of the identity store."""

    user: int
    """Its row."""
    active: tuple[Stretch, ...] = (Stretch(),)
    """When it was there and active, in order."""
    account: Spans = EVERYTHING
    """When the directory had a live and enabled account whose userPrincipalName is this user's userName."""
    external: Spans = EVERYTHING
    """When the identity source was external, so that the directory decides on a sign-in."""
    routes: Mapping[int, tuple[Route, ...]] = field(default_factory=dict)
    """By grant; a grant that the user never held is not there."""
    denied: Mapping[int, Spans] = field(default_factory=dict)
    """By grant: when an explicit Deny of a policy took everything away from sessions of this user."""

    def denied_of(self, grant: int) -> Spans:
        """When everything was denied under this grant."""
        return self.denied.get(grant, EMPTY)
