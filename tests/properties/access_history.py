"""Who can get in, followed from the outside: every way in is one that the directory, or a hand, has opened.

Invariant: this is told from what the target holds, step by step, and not from what was sent or from what the ledger
says; the ledger has to say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mockservices.graph.directory import GONE
from mockservices.identitycenter.entities import GROUP, USER
from sim.world import World
from tests.properties.guarded import GuardedTarget

Member = tuple[int, int]
"""(target user, target group), by row."""


@dataclass(slots=True)
class AccessHistory:
    """What the target has held so far."""

    world: World
    target: GuardedTarget
    members: set[Member] = field(default_factory=set)
    """Every membership there has been: old ones may come to life again on an adopted or re-enabled leftover (E6)."""
    on: set[int] = field(default_factory=set)
    """Users that were switched on when somebody last looked."""
    by_hand: set[Member] = field(default_factory=set)
    """Memberships that somebody has made in the console."""
    switched_by_hand: set[int] = field(default_factory=set)
    """Users that somebody has switched there."""
    owners: dict[int, int] = field(default_factory=dict)
    """The person that each user belonged to when somebody last looked."""
    forgotten: set[str] = field(default_factory=set)
    """Users of the directory about whom a restart has made the job forget that something had failed."""
    begun_anew: bool = False
    """Whether a restart has begun with an enumeration, which tells of nobody who is gone for good."""
    unenumerated: set[str] = field(default_factory=set)
    """Users of the directory, provisioned on demand perhaps, who were gone for good before the first enumeration."""
    links_broken: bool = False
    """Whether a restart has made the job forget to whom anything belongs: then it adopts by name alone."""

    def begin(self) -> None:
        """What is there at the start is there."""
        provider = self.world.services.provider
        for row in self._users():
            self.members.update((row, group) for group in provider.groups_of(row))
            if provider.is_active(row):
                self.on.add(row)
        self._ownership()

    def hand_added(self, row: int, group: int) -> None:
        """Somebody made a membership in the console."""
        self.by_hand.add((row, group))

    def hand_switched(self, row: int) -> None:
        """Somebody switched a user on or off there."""
        self.switched_by_hand.add(row)

    def purged(self, account: int) -> None:
        """Somebody may have been deleted for good: if no cycle has begun yet, no cycle will ever be told of them."""
        directory, driver = self.world.services.directory, self.world.driver
        if self.world.parts.state.watermark is None and not driver.running.active:
            self.unenumerated.update([directory.user_id(account)] if directory.state_of(account) == GONE else [])

    def restarted(self, scopes: frozenset[str]) -> None:
        """A restart is about to make the job forget."""
        full = "Full" in scopes
        self.target.note_links()
        self.links_broken |= full or "ConnectorDataStore" in scopes
        self.begun_anew |= full or "Watermark" in scopes
        if "Escrows" in scopes and "Watermark" not in scopes:
            for (kind, identifier), escrow in self.world.parts.state.escrows.items():
                self.forgotten.update([identifier] if kind == "User" else [])
                self.forgotten.update(user for _, user in escrow.memberships)

    def unexplained(self) -> list[str]:
        """Ways in that have opened since the last call without anybody's word, and where the ledger says otherwise."""
        provider, words, found = self.world.services.provider, self.target.words, list[str]()
        active = frozenset().union(*(word.active for word in words))
        names = frozenset().union(*(word.names for word in words))
        members = frozenset().union(*(word.members for word in words))
        for row in self._users():
            source = self.target.source(provider.user_id(row))
            for group in provider.groups_of(row):
                pair = self.target.source(provider.groups[group].id, "Group"), source
                if (row, group) not in self.members | self.by_hand and pair not in members:
                    found.append(f"user {row} has become a member of group {group}")
                self.members.add((row, group))
            if not provider.is_active(row):
                self.on.discard(row)
            elif row not in self.on:
                # a creation whose answer was lost: the job does not know yet whose it is
                created = source is None and str(provider.peek(row).attributes["userName"]).lower() in names
                if source not in active and not created and row not in self.switched_by_hand:
                    found.append(f"user {row} has been switched on")
                self.on.add(row)
        found += self._ownership()
        found += self._ledger()
        words[:] = [self.target.read]  # a cycle may be under way that goes by it
        return found

    def _users(self) -> list[int]:
        provider = self.world.services.provider
        return [row for row in range(provider.users_made) if provider.exists(row)]

    def _ownership(self) -> list[str]:
        """A user passes from one person to another only when it is a leftover of the first."""
        directory, found = self.world.services.directory, list[str]()
        for person in self.world.parts.ledger.touched():
            for row in person.targets:
                before = self.owners.get(row, person.number)
                if before != person.number and not self.links_broken:
                    former = self.world.parts.ledger.person(before)
                    still = former.row >= 0 and any(
                        directory.user_id(former.row) in word.active for word in self.target.words
                    )
                    if still and directory.is_enabled(former.row):
                        found.append(f"user {row} was taken from {before} and given to {person.number}")
                self.owners[row] = person.number
        return found

    def _ledger(self) -> list[str]:
        """What the ledger has everybody hold, against assignments and memberships counted anew."""
        provider, instance, found = self.world.services.provider, self.world.services.instance, list[str]()
        seen = set[int]()
        for person in self.world.parts.ledger.touched():
            held = set[tuple[int, int]]()
            for row in person.targets:
                if provider.exists(row) and provider.is_active(row):
                    seen.add(row)
                    principals = [(USER, provider.user_id(row))]
                    principals += [(GROUP, provider.groups[group].id) for group in provider.groups_of(row)]
                    for kind, identifier in principals:
                        held.update((a.account, a.permission_set) for a in instance.assignments_of(kind, identifier))
            parts = [instance.grant_parts(grant) for grant in person.effective]
            if held != {(account.row, permission_set.row) for account, permission_set in parts}:
                found.append(f"the ledger is wrong about {person.number}")
        found += [
            f"user {row} belongs to nobody"
            for row in self._users()
            if row not in seen and provider.is_active(row) and instance.effective(row)
        ]
        return found
