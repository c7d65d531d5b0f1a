"""By what a job decides whom it provisions: scope, filters, and what is done about those who leave it.

Invariant: frozen from one gate to the next; the job and everybody who observes it go by the same object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mockservices.graph.source_attributes import GROUP_ATTRIBUTES, USER_ATTRIBUTES
from sim.provisioning.filtering import ScopingFilter, filter_of
from sim.provisioning.options import Options
from sim.provisioning.plan import STANDARD, Treatment
from sim.provisioning.rules import Mappings, Rules


@dataclass(frozen=True, slots=True)
class Standards:
    """What counts."""

    treatment: Treatment = STANDARD
    everything: bool = False
    """Whether users and groups are in scope without being assigned: as it is set, if not yet in effect."""
    users: ScopingFilter | None = None
    groups: ScopingFilter | None = None
    """Who passes; None: everybody."""
    switches_active: bool = True
    """Whether ``active`` is mapped; if not, nobody is disabled."""


class Judging:
    """Keeps the standards of one job up to date."""

    __slots__ = ("_base", "_mappings", "_rules", "current", "options")

    def __init__(self, mappings: Mappings, treatment: Treatment, options: Options) -> None:
        self._mappings = mappings
        self._base = treatment
        self.options = options
        self._rules: Rules | None = None
        self.current = Standards()
        self.look()

    def look(self) -> bool:
        """Take up what has been set since; whether anything counts now that did not before."""
        rules, before = self._mappings.rules, self.current
        skip, everything = self.options.skip_out_of_scope(), self.options.sync_all()
        if rules is self._rules and (skip, everything) == (before.treatment.skip_out_of_scope, before.everything):
            return False
        users, groups = before.users, before.groups
        if rules is not self._rules:
            users, groups = self._filters(rules)
            self._rules = rules
        treatment = replace(
            self._base,
            users=frozenset(rules.users.actions if rules.users.enabled else ()),
            groups=frozenset(rules.groups.actions if rules.groups.enabled else ()),
            skip_out_of_scope=skip,
        )
        self.current = Standards(treatment, everything, users, groups, self._mappings.users.switches_active)
        return True

    def _filters(self, rules: Rules) -> tuple[ScopingFilter | None, ScopingFilter | None]:
        """The filters, and the sources show what they read."""
        mappings = self._mappings
        users, groups = filter_of(rules.users.scope, USER_ATTRIBUTES), filter_of(rules.groups.scope, GROUP_ATTRIBUTES)
        mappings.users.watch(() if users is None else users.columns)
        mappings.groups.watch(() if groups is None else groups.columns)
        return users, groups
