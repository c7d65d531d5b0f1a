"""One ordinary change on its way: as the job reads it, and everything that the short way needs at hand.

Invariant: good as long as ``person.change`` is this object. Whoever else looks at the person, by whatever rule, takes
it away there, and from then on it is only what any other user is to the job: a snapshot of the directory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from mockservices.graph.records import User as Account
from mockservices.scim.operations import SetAttribute, Value
from mockservices.scim.records import User as TargetRecord
from sim.ports import SourceUser, SourceValue

if TYPE_CHECKING:
    from sim.observation.person import Person
    from sim.routine.places import Place

JOINS, MOVES, LEAVES = range(3)


class Change(SourceUser):
    """Somebody joins, moves or leaves; to the job a user of the source like any other."""

    __slots__ = ("_show", "account", "found", "held", "kind", "operations", "person", "place", "seen", "target")
    ordinary = True

    def __init__(
        self,
        kind: int,
        person: Person,
        account: Account,
        target: TargetRecord | None,
        place: Place,
        found: dict[str, int],
        show: Callable[[Change], Mapping[str, SourceValue]],
    ) -> None:
        """``found``: by how much the target differs until it is carried over; ``show``: what the job sees of it."""
        self.id = account.id  # type: ignore[misc]  # a value is made here
        self.enabled = account.enabled  # type: ignore[misc]  # a value is made here
        self.removed = self.manager = None  # type: ignore[misc]  # a value is made here
        self.kind = kind
        self.person = person
        self.account = account
        self.target = target
        self.place = place
        """Where the person is from now on; of who leaves, where they were."""
        self.found: dict[str, int] | None = found
        self.held = None if account.untouched else account.attributes
        """The account's properties at the time; None: those from the beginning."""
        self.operations: tuple[SetAttribute, ...] = ()
        """What has to be sent about the user in the target..."""
        self.seen: Mapping[str, Value] | None = None
        """... as long as it holds these attributes."""
        self._show = show

    @property
    def attributes(self) -> Mapping[str, SourceValue]:
        """As in :class:`sim.ports.SourceUser`."""
        return self._show(self)
