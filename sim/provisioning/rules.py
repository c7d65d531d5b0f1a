"""What an administrator can set about a job's users and groups: attributes, scope, actions.

Invariant: what a cycle works by stays the same from its gate to its end; what is saved meanwhile counts from the next.
https://learn.microsoft.com/graph/api/resources/synchronization-objectmapping
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mockservices.graph.source_attributes import GROUP_ATTRIBUTES, USER_ATTRIBUTES
from sim.provisioning.attribute_mapping import AttributeMapping
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.scoping import ScopingFilter
from sim.provisioning.source_scope import SourceScope

ADD, UPDATE, DELETE = "Add", "Update", "Delete"
ACTIONS: Final = (ADD, UPDATE, DELETE)
"""``flowTypes``: what the job may do to objects of the target."""


@dataclass(frozen=True, slots=True)
class ObjectRules:
    """What counts for objects of one kind."""

    mappings: tuple[AttributeMapping, ...]
    enabled: bool = True
    actions: tuple[str, ...] = ACTIONS
    filters: tuple[ScopingFilter, ...] = ()
    """The scoping filters; none: everybody who is assigned."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts for users and for groups."""

    users: ObjectRules
    groups: ObjectRules


@dataclass(slots=True)
class Mappings:
    """The rules by which a job works now, and those that have been saved; one for everybody who asks."""

    users: AttributeMap
    groups: AttributeMap
    rules: Rules
    """What the job works by."""
    saved: Rules
    """What it works by from its next cycle on."""
    default: Rules
    """What it had at the start: what `restore default mappings` would bring back."""
    user_scope: SourceScope = field(default_factory=lambda: SourceScope((), USER_ATTRIBUTES))
    """The users' scoping filters, compiled."""
    group_scope: SourceScope = field(default_factory=lambda: SourceScope((), GROUP_ATTRIBUTES))
    listeners: list[Callable[[], None]] = field(default_factory=list)
    """Called when the job begins to work by other rules."""

    @classmethod
    def of(cls, users: AttributeMap, groups: AttributeMap) -> Mappings:
        """The rules that two maps stand for: nobody is filtered out, everything may be done."""
        rules = Rules(ObjectRules(users.mappings), ObjectRules(groups.mappings))
        return cls(users, groups, rules, rules, rules)

    def begin_with(self, rules: Rules) -> None:
        """These are the rules at the start, which nobody has saved."""
        self.saved = self.default = rules
        self.take_over()

    def save(self, rules: Rules) -> None:
        """These rules count from the next cycle on, or from :meth:`take_over`."""
        self.saved = rules

    def take_over(self) -> bool:
        """Work by what has been saved; whether that is something new."""
        new = self.saved
        if new is self.rules:
            return False
        if new == self.rules:
            self.saved = self.rules  # so that they need not be compared again at every gate
            return False
        self.user_scope = SourceScope(new.users.filters, USER_ATTRIBUTES)
        self.group_scope = SourceScope(new.groups.filters, GROUP_ATTRIBUTES)
        self.users.replace(new.users.mappings, self.user_scope.columns)
        self.groups.replace(new.groups.mappings, self.group_scope.columns)
        self.rules = new
        for told in self.listeners:
            told()
        return True
