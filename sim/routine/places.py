"""Places in the company: what everybody of one combination of facts is given, worked out once.

Invariant: a place is ordinary if its groups are alive, in scope, linked, and give in the target just what the policy
says; only then are its people. Whatever could change that makes all places be forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mockservices.identitycenter.entities import Grants
from sim.access.policy import Facts

if TYPE_CHECKING:
    from sim.parts import Parts


@dataclass(frozen=True, slots=True, eq=False)
class Membership:
    """A group of the directory and the one of the target that it is linked to."""

    row: int
    id: str
    target_row: int
    target_id: str


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What its people are given."""

    facts: Facts
    memberships: tuple[Membership, ...]
    """In the order of the policy's rules, in which HR makes them."""
    groups: tuple[int, ...]
    targets: tuple[int, ...]
    grants: Grants
    ordered: tuple[int, ...]
    privileged: bool
    moves: dict[Facts, Step] = field(default_factory=dict)
    """From here to other places, as far as anybody has gone there."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """From one place to another."""

    place: Place
    leaves: tuple[Membership, ...]
    """In the order of their rows, in which HR ends them."""
    enters: tuple[Membership, ...]
    lost: Grants
    lost_ordered: tuple[int, ...]
    gained: Grants
    privileged: bool
    """Whether what is lost is privileged access."""


class Places:
    """The ordinary places of one world."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: dict[Facts, Place | None] = {}

    def forget(self) -> None:
        """Groups, assignments, links or rules have changed."""
        self._known.clear()

    def of(self, facts: Facts) -> Place | None:
        """The place of these facts; None where it is out of the ordinary."""
        try:
            return self._known[facts]
        except KeyError:
            place = self._known[facts] = self._look(facts)
            return place

    def _look(self, facts: Facts) -> Place | None:
        parts = self._parts
        services, view = parts.services, parts.view
        directory, instance = services.directory, services.instance
        memberships = []
        for name in parts.policy.groups(facts):
            row = parts.group_rows[name]
            if not view.group_in_scope(row):
                return None
            target = view.target_group_of(row)
            if target < 0 or not services.provider.groups[target].exists:
                return None
            group = directory.groups[row]
            memberships.append(Membership(row, group.id, target, services.provider.groups[target].id))
        targets = tuple(sorted(each.target_row for each in memberships))
        grants = parts.truth.of_names(parts.policy.groups(facts))
        if not grants or instance.of_groups(targets) is not grants or len(set(targets)) < len(targets):
            return None
        groups = tuple(sorted(each.row for each in memberships))
        privileged = not parts.ledger.privileged.isdisjoint(grants)
        return Place(facts, tuple(memberships), groups, targets, grants, tuple(sorted(grants)), privileged)

    def step(self, before: Place, facts: Facts) -> Step | None:
        """The step to where these facts lead; None where that is out of the ordinary."""
        step = before.moves.get(facts)
        if step is None:
            place = self.of(facts)
            if place is None:
                return None
            step = self._look_at_step(before, place)
            if step is not None:
                before.moves[facts] = step
        return step

    def _look_at_step(self, before: Place, place: Place) -> Step | None:
        """Every lost grant must go with the groups that are left, and none must be given by another group as well."""
        instance, ledger = self._parts.services.instance, self._parts.ledger
        wanted, held = set(place.groups), set(before.groups)
        leaves = tuple(sorted((m for m in before.memberships if m.row not in wanted), key=lambda m: m.row))
        enters = tuple(m for m in place.memberships if m.row not in held)
        lost, gained = ledger.difference(before.grants, place.grants), ledger.difference(place.grants, before.grants)
        if not (lost and gained):
            return None  # no move to observation, or half of one
        leaving = {m.target_row for m in leaves}
        for grant in lost:
            if any(grant in instance.of_groups((t,)) for t in before.targets if t not in leaving):
                return None
        privileged = not ledger.privileged.isdisjoint(lost)
        return Step(place, leaves, enters, lost, tuple(sorted(lost)), gained, privileged)
