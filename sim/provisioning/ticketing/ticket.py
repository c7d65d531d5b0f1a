"""One ticket: what it asks for, and what can be said about it before anybody works it.

Invariant: a ticket says what it said when it was raised. Whoever works it looks the person up again, so that an older
ticket never undoes what a newer change asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from mockservices.clock import Millis

Grants: TypeAlias = frozenset[int]

JOINER: Final = "joiner"
MOVER: Final = "mover"
LEAVER: Final = "leaver"
CONTRACTOR: Final = "contractor"
REVIEW: Final = "review"
KINDS: Final = (JOINER, MOVER, LEAVER, CONTRACTOR, REVIEW)
GOING: Final = frozenset({LEAVER, CONTRACTOR})

OPEN: Final = "open"
WORKED: Final = "worked"
NOTHING_TO_DO: Final = "nothing_to_do"
REFUSED: Final = "refused"
FORGOTTEN: Final = "forgotten"
OUTCOMES: Final = (OPEN, WORKED, NOTHING_TO_DO, REFUSED, FORGOTTEN)

TicketRow: TypeAlias = tuple[int, int, str, int, int | None, str, int]
"""(number, person, kind, when the directory changed, when it was closed or None, outcome, acts in the console)."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What somebody is asked to do about a person in the target."""

    number: int
    """In the order in which they were raised, forgotten ones included."""
    person: int
    change: int
    """Which of the person's changes it is about, from 1: the key of what is drawn about it."""
    kind: str
    gained: Grants
    lost: Grants
    raised: Millis
    keeps: bool = False
    """Whether the worker will leave what the person had."""

    def row(self, outcome: str, closed: int | None = None, acts: int = 0) -> TicketRow:
        """The ticket as the journal keeps it."""
        return (self.number, self.person, self.kind, self.raised, closed, outcome, acts)


def kind_of(before: Grants, after: Grants, *, enabled: bool, contractor: bool) -> str:
    """What a change of what the directory gives somebody is called at the desk."""
    if not enabled:
        return CONTRACTOR if contractor else LEAVER
    return MOVER if before else JOINER
