"""What truth entitles people to: the policy applied to HR's facts, or the catalogue to the directory's groups.

Invariant: what somebody holds plays no part. Sets of grants are interned, so equal entitlements are one object.
"""

from __future__ import annotations

from mockservices.graph.directory import Directory
from mockservices.identitycenter.entities import NOTHING, Grants
from mockservices.identitycenter.instance import Instance
from sim.access.policy import AccessPolicy, Facts
from sim.observation.person import Access


class Truth:
    """Entitlements of one company."""

    def __init__(self, policy: AccessPolicy, instance: Instance, directory: Directory) -> None:
        self._policy = policy
        self._instance = instance
        self._directory = directory
        self._of_names: dict[tuple[str, ...], Grants] = {}
        self._of_rows: dict[tuple[int, ...], Grants] = {}
        self._group_names: dict[int, str] = {}
        self.exceptions: dict[int, Grants] = {}
        """By person number: grants that the policy allows beside the groups."""
        self.requested: dict[int, tuple[str, ...]] = {}
        """By person number: groups that are theirs beside those of the facts, for now or until they go: asked for, or
        theirs since before the start."""

    def allow(self, number: int, permission_set: str, account: str) -> None:
        """The policy allows one person a grant beside the groups."""
        instance = self._instance
        planned = instance.plan_permission_set(permission_set)
        grant = instance.grant(instance.find_account(account).row, planned.row)
        self.exceptions[number] = instance.intern(self.exceptions.get(number, NOTHING) | {grant})

    def know_group(self, row: int) -> None:
        """A group is there: the policy goes on knowing it by the name that it has now, whatever it is renamed to."""
        if row not in self._group_names:
            self._group_names[row] = str(self._directory.groups[row].attributes["displayName"])

    def group_name(self, row: int) -> str:
        """The name by which the policy knows a group."""
        return self._group_names[row]

    def of_names(self, names: tuple[str, ...]) -> Grants:
        """What the catalogue says that these groups give."""
        known = self._of_names.get(names)
        if known is None:
            instance = self._instance
            grants: dict[int, None] = {}
            for name in names:
                for permission_set, account in self._policy.catalogue.get(name, ()):
                    planned = instance.plan_permission_set(permission_set)
                    grants[instance.grant(instance.find_account(account).row, planned.row)] = None
            known = self._of_names[names] = instance.intern(frozenset(grants))
        return known

    def names(self, number: int, facts: Facts) -> tuple[str, ...]:
        """The groups that a person whom HR knows is to be in: those of the facts, and those that were asked for."""
        groups, asked = self._policy.groups(facts), self.requested.get(number)
        return groups if asked is None else (*groups, *(name for name in asked if name not in groups))

    def of_facts(self, number: int, facts: Facts) -> Grants:
        """What a person whom HR knows should have."""
        return self._with_exceptions(number, self.of_names(self.names(number, facts)))

    def of_account(self, number: int, row: int) -> Grants:
        """What a person whom only the directory knows should have: the catalogue of an enabled account's groups."""
        if row < 0:
            return NOTHING
        return self.of_access(number, (self._directory.is_enabled(row), self._directory.groups_of(row)))

    def of_access(self, number: int, access: Access) -> Grants:
        """What an account that is like this gives its owner by the catalogue: whether it is enabled, and its groups."""
        enabled, rows = access
        if not enabled:
            return NOTHING
        known = self._of_rows.get(rows)
        if known is None:
            known = self.of_names(tuple(self._group_names[group] for group in rows))
            self._of_rows[rows] = known
        return self._with_exceptions(number, known)

    def _with_exceptions(self, number: int, grants: Grants) -> Grants:
        extra = self.exceptions.get(number)
        return grants if extra is None else self._instance.intern(grants | extra)
