"""What the job remembers between cycles: links, what it has let go of, what is to be tried again.

Invariant: a link joins a source id to the id that the target gave; a generated population that starts in sync is
linked by arithmetic, so a million links need no table: only links that were made or asked for are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sim.provisioning.escrow import Escrow, Escrows, Key

__all__ = ["Escrow", "Escrows", "JobState", "Links", "Members", "References"]


class Links:
    """Source id to target id for one kind of object (the connector data store), and back."""

    __slots__ = ("_base", "_base_back", "_made", "_made_back", "listener", "total", "untouched")

    def __init__(
        self,
        base: Callable[[str], str | None] | None = None,
        base_back: Callable[[str], str | None] | None = None,
        size: int = 0,
    ) -> None:
        """``size``: how many links ``base`` knows."""
        self._base = base
        self._base_back = base_back
        self._made: dict[str, str | None] = {}
        self._made_back: dict[str, str | None] = {}
        self.untouched = True
        """Whether links have been added only, so that what was linked at the start still is, and to the same."""
        self.total = size
        """Links that have ever been made; one that is dropped is not taken off.
        https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-when-will-provisioning-finish-specific-user
        """
        self.listener: Callable[[str, str], None] | None = None
        """Told (source, target) of a link that was made or dropped."""

    def get(self, source: str) -> str | None:
        """The target id that a source object is linked to."""
        try:
            return self._made[source]
        except KeyError:
            found = self._made[source] = self._base(source) if self._base is not None else None
            return found

    def source(self, target: str) -> str | None:
        """The source id that a target object is linked to."""
        try:
            return self._made_back[target]
        except KeyError:
            found = self._made_back[target] = self._base_back(target) if self._base_back is not None else None
            return found

    def set(self, source: str, target: str) -> None:
        """Link two objects; a target object that was linked to another source object is taken over from it."""
        before = self.source(target)
        self.total += self.get(source) is None
        if before is not None and before != source:
            self._made[before] = None
        self.untouched = self.untouched and before is None and self.get(source) is None
        self._made[source] = target
        self._made_back[target] = source
        if self.listener is not None:
            if before is not None and before != source:
                self.listener(before, target)
            self.listener(source, target)

    def join(self, source: str, target: str) -> None:
        """Link two objects that have never been linked to anything; nobody is told of it."""
        self._made[source] = target
        self._made_back[target] = source
        self.total += 1

    def forget(self) -> None:
        """Break every link; those that are made afterwards count anew.

        What was linked by arithmetic is not enumerated; the listener is told of the links that had become entries.
        """
        made = [(source, target) for source, target in self._made.items() if target is not None]
        self._base = self._base_back = None
        self._made.clear()
        self._made_back.clear()
        self.untouched = False
        self.total = 0
        if self.listener is not None:
            for source, target in made:
                self.listener(source, target)

    def known(self) -> list[str]:
        """Source ids that are linked and have been made or asked for, in that order: all but untouched ones that are
        linked by arithmetic."""
        return [source for source, target in self._made.items() if target is not None]

    def drop(self, source: str) -> None:
        """Forget a link."""
        target = self.get(source)
        self.untouched = False
        self._made[source] = None
        if target is not None:
            self._made_back[target] = None
            if self.listener is not None:
                self.listener(source, target)


class Members:
    """The memberships that the job has read from the source, as its own store keeps them."""

    __slots__ = ("_base", "_changed")

    def __init__(self, base: Callable[[str], Iterable[str]] | None = None) -> None:
        self._base = base
        self._changed: dict[str, dict[str, bool]] = {}

    def note(self, group: str, changes: Mapping[str, bool]) -> None:
        """A read told of memberships of a group: user id to member or not."""
        if changes:
            known = self._changed.get(group)
            if known is None:
                known = self._changed[group] = {}
            known.update(changes)

    def of(self, group: str) -> list[str]:
        """User ids of the members of a group, as far as the job knows."""
        changed = self._changed.get(group, {})
        known = [user for user in self._base(group) if user not in changed] if self._base is not None else []
        known.extend(user for user, member in changed.items() if member)
        return known


class References:
    """Source user to source user: whom somebody's reference was last sent, found or left out for."""

    __slots__ = ("_base", "_known")

    def __init__(self, base: Callable[[str], str | None] | None = None) -> None:
        """``base``: what was so at the start, for those about whom nothing has been noted since."""
        self._base = base
        self._known: dict[str, str | None] = {}

    def get(self, user: str) -> str | None:
        """Whom the user's reference is for; None: nobody."""
        try:
            return self._known[user]
        except KeyError:
            return self._base(user) if self._base is not None else None

    def note(self, user: str, other: str) -> None:
        """The reference is for this one now."""
        self._known[user] = other

    def drop(self, user: str) -> None:
        """Forget it."""
        if self._base is None:
            self._known.pop(user, None)
        else:
            self._known[user] = None

    def forget(self) -> None:
        """Forget all of them."""
        self._base = None
        self._known.clear()


@dataclass(slots=True)
class JobState:
    """Everything that the job carries from one cycle to the next."""

    users: Links
    groups: Links
    members: Members
    watermark: str | None = None
    assigned: tuple[tuple[str, str], ...] = ()
    released: dict[str, None] = field(default_factory=dict)
    """Source users that fell out of scope, disabled then or left alone: linked, but no longer managed."""
    released_groups: dict[str, None] = field(default_factory=dict)
    """Source groups that fell out of scope and were left alone: the same."""
    binned: dict[str, None] = field(default_factory=dict)
    """Linked source users that have been seen in the recycle bin."""
    managers: References = field(default_factory=References)
    """Source user to the manager that was last sent, found or left out."""
    sync_all: bool = False
    """Whether users and groups are in scope without being assigned."""
    escrows: Escrows = field(default_factory=Escrows)
    """What has failed and is tried again."""
    inactive: dict[str, None] = field(default_factory=dict)
    """Source users whose user in the target the job has disabled, or found so."""
    staged: dict[Key, dict[tuple[str, str], bool]] = field(default_factory=dict)
    """By (kind, source id): what is to be disabled or deleted and is held back, with memberships held back with it."""
    reread: dict[Key, None] = field(default_factory=dict)
    """What a cycle looked at that was stopped: looked at again in the next, whatever has become of it since."""
    interrupted: dict[Key, None] = field(default_factory=dict)
    """What the cycle before did not get to, because it was stopped; its changes are read again."""

    def retried(self, key: Key) -> bool:
        """Whether something about an object has been tried and will be again."""
        return key in self.escrows or key in self.staged or key in self.interrupted
