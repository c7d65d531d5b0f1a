"""How the list of what happened says things: a few words for each kind of event, for how it came out, and for tickets.

Invariant: words only. Every kind of event has some.
"""

from __future__ import annotations

from typing import Final

from sim.observation.words import (
    ABSENCE,
    CONTRACT_EXTENSION,
    CONTRACT_RESTORED,
    CONTRACTOR_EXPIRY,
    CONVERSION,
    JOINER,
    LEAVER,
    MANAGER_CHANGE,
    MOVER,
    MOVER_GRANT,
    MOVER_REVOKE,
    NAME_CHANGE,
    NO_CHANGE,
    NO_SHOW,
    NOTHING_TO_REMOVE,
    REHIRE,
    RETURN,
    SUPERSEDED,
)
from sim.provisioning.ticketing.ticket import FORGOTTEN, NOTHING_TO_DO, OPEN, REFUSED, WORKED

TOLD: Final = {
    JOINER: "joined",
    MOVER: "moved",
    LEAVER: "left",
    CONTRACTOR_EXPIRY: "contract ended",
    REHIRE: "came back",
    ABSENCE: "went on leave",
    RETURN: "is back from leave",
    CONTRACT_EXTENSION: "stays longer",
    CONTRACT_RESTORED: "is back, with a contract extended too late",
    CONVERSION: "became an employee",
    NAME_CHANGE: "has another name",
    MANAGER_CHANGE: "has another manager",
    NO_SHOW: "did not come",
}
EXPECTED: Final = "was expected today"
"""Of the first day of somebody who does not come."""
ASIDE: Final = frozenset({CONTRACT_EXTENSION, NAME_CHANGE, MANAGER_CHANGE})
"""Kinds that are told in passing: nobody's access depends on them."""
THROUGH: Final = {
    JOINER: "has all access",
    REHIRE: "has all access",
    RETURN: "has all access",
    CONTRACT_RESTORED: "has all access",
    MOVER_GRANT: "new access works",
    MOVER_REVOKE: "old access is gone",
    LEAVER: "last access is gone",
    CONTRACTOR_EXPIRY: "last access is gone",
    ABSENCE: "last access is gone",
}
TICKETS: Final = {
    OPEN: "{who} a ticket",
    WORKED: "the ticket is worked: {acts} in the console",
    NOTHING_TO_DO: "the ticket is closed: nothing was left to do",
    REFUSED: "the ticket is closed: the console refused",
    FORGOTTEN: "nobody raises a ticket",
}
OUTCOMES: Final = {
    SUPERSEDED: "was overtaken by a later event",
    NO_CHANGE: "changes nothing",
    NOTHING_TO_REMOVE: "had nothing to remove",
}
