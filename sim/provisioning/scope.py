"""By what a job decides whom it provisions: scope, filters, and what is done about those who leave it.

Invariant: frozen from one gate to the next; the job and everybody who observes it go by the same object.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.provisioning.options import Options
from sim.provisioning.plan import STANDARD, Treatment
from sim.provisioning.rules import Mappings, Rules
from sim.provisioning.source_scope import SourceScope


@dataclass(frozen=True, slots=True)
class Standards:
    """What counts."""

    treatment: Treatment = STANDARD
    everything: bool = False
    """Whether users and groups are in scope without being assigned: as it is set, if not yet in effect."""
    users: SourceScope | None = None
    groups: SourceScope | None = None
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
        same = skip == before.treatment.skip_out_of_scope and everything == before.everything
        if same and rules is self._rules:
            return False
        self._rules = rules
        filters = self._mappings.user_scope, self._mappings.group_scope
        users, groups = (None if each.everybody else each for each in filters)
        treatment = replace(
            self._base,
            users=frozenset(rules.users.actions if rules.users.enabled else ()),
            groups=frozenset(rules.groups.actions if rules.groups.enabled else ()),
            skip_out_of_scope=skip,
        )
        self.current = Standards(treatment, everything, users, groups, self._mappings.users.switches_active)
        return True
