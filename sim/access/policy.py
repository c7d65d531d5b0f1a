"""The access policy: a person's facts give groups (birthright), groups give permission sets on accounts (catalogue).

Invariant: pure. What somebody holds plays no part in what somebody should hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Facts(NamedTuple):
    """What the policy asks about a person."""

    department: str
    employment: str = "employee"
    role: str | None = None
    location: str | None = None


class Asked(Protocol):
    """Facts that are asked for; None matches everybody."""

    @property
    def department(self) -> str | None:
        """The department asked for."""

    @property
    def role(self) -> str | None:
        """The role asked for."""

    @property
    def location(self) -> str | None:
        """The location asked for."""

    @property
    def employment(self) -> str | None:
        """``employee`` or ``contractor``, if asked for."""


class Rule(Asked, Protocol):
    """People whose facts match get the groups."""

    @property
    def groups(self) -> tuple[str, ...]:
        """What matching people get."""


def matches(asked: Asked, facts: Facts) -> bool:
    """Whether facts are those that are asked for."""
    return (
        (asked.department is None or asked.department == facts.department)
        and (asked.employment is None or asked.employment == facts.employment)
        and (asked.role is None or asked.role == facts.role)
        and (asked.location is None or asked.location == facts.location)
    )


class AccessPolicy:
    """Birthright and catalogue of one company."""

    __slots__ = ("_cache", "_rules", "catalogue")

    def __init__(self, birthright: tuple[Rule, ...], catalogue: Mapping[str, tuple[tuple[str, str], ...]]) -> None:
        self._rules = birthright
        self.catalogue = catalogue
        """Group name to the (permission set, account) pairs that it gives."""
        self._cache: dict[Facts, tuple[str, ...]] = {}

    def groups(self, facts: Facts) -> tuple[str, ...]:
        """Names of the groups that somebody with these facts is to be in, in the order of the rules."""
        cached = self._cache.get(facts)
        if cached is None:
            names: dict[str, None] = {}
            for rule in self._rules:
                if matches(rule, facts):
                    names.update(dict.fromkeys(rule.groups))
            cached = self._cache[facts] = tuple(names)
        return cached

    def all_groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups of every rule."""
        return tuple(rule.groups for rule in self._rules)
