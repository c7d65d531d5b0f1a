"""One person as observation sees them: what they are entitled to, what they hold, and what is open.

Invariant: plain state. The rules that change it are in ``ledger.py``, ``causes.py`` and ``events.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sim.observation.latency import Measure
from sim.observation.words import NOBODY

if TYPE_CHECKING:
    from sim.routine.change import Change

Grants: TypeAlias = frozenset[int]
Access: TypeAlias = tuple[bool, tuple[int, ...]]
"""Whether an account is live and enabled, and the groups that it is in."""
NO_ACCESS: Access = (False, ())

_NOTHING: Grants = frozenset()

FUTURE, PRESENT, ABSENT, LEFT = range(4)
"""Where HR has a person: announced, working, on leave, gone. People whom HR does not know are PRESENT."""

SYNCED, PENDING, PROCESSING, RETRYING = range(4)
"""Where the directory's latest change of a person is: carried over, not yet picked up, under way, failed."""


class Person:
    """A person whom some event has touched."""

    __slots__ = (
        "begins",
        "carried",
        "cause",
        "change",
        "changed_again",
        "coming",
        "effective",
        "effective_since",
        "entitled",
        "entitled_since",
        "gone_cause",
        "hr",
        "hr_pending",
        "hr_silent",
        "joined",
        "lost",
        "measures",
        "missing_since",
        "number",
        "orphans",
        "pending_groups",
        "piece_since",
        "privileged_since",
        "provisioned",
        "row",
        "standing",
        "stays",
        "suspended",
        "suspended_since",
        "sync",
        "targets",
        "waiting",
    )

    def __init__(self, number: int, *, hr: bool) -> None:
        self.number = number
        self.hr = hr
        self.row = -1
        """Row of the account in the directory; -1: none."""
        self.targets: tuple[int, ...] = ()
        """Rows of the target's users that belong to this person."""
        self.standing = PRESENT
        self.entitled: Grants = _NOTHING
        self.effective: Grants = _NOTHING
        self.suspended: Grants = _NOTHING
        self.entitled_since = 0
        self.effective_since = 0
        self.suspended_since = 0
        self.lost: dict[int, str] = {}
        """Entitlements that the person's own events took away, and by which kind; kept while they may still work."""
        self.joined = False
        """Whether truth has entitled the person to anything since they came."""
        self.begins = ""
        """What it will be called when somebody who came without entitlement gets the first."""
        self.provisioned = False
        """Whether the target has ever honoured anything for the person."""
        self.coming: Grants = _NOTHING
        """What truth will give: HR has changed the directory before the day."""
        self.gone_cause = ""
        self.orphans: dict[int, tuple[int, str]] = {}
        """Orphaned grants in the order in which they opened: (since, cause)."""
        self.cause = ""
        self.waiting = ""
        self.piece_since = 0
        self.missing_since: int | None = None
        self.privileged_since: int | None = None
        self.hr_pending = 0
        """Events that are true already and not yet done in the directory."""
        self.hr_silent = 0
        """Those of them that nobody will ever tell the directory."""
        self.sync = SYNCED
        self.changed_again = False
        """Whether the directory has changed since the job picked the person up."""
        self.pending_groups: dict[int, None] = {}
        """Groups of the directory of which the membership changed and was not picked up yet."""
        self.carried: dict[int, None] = {}
        """Groups that the job has picked up and from which it will take the person's user."""
        self.stays = True
        """Whether the account was enabled and in scope when the job picked the person up."""
        self.measures: list[Measure] = []
        self.change: Change | None = None
        """What is on its way by the short one; see :mod:`sim.routine`."""

    @property
    def stuck(self) -> bool:
        """Whether all that is open about the person is access that nobody will ever end."""
        return self.waiting == NOBODY and self.entitled <= self.effective
