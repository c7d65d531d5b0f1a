"""What a company's people are asked to be like: locales, posts, managers, nicknames.

Invariant: settings only; nothing is drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from sim.workforce.names import DEFAULT_LOCALE, Locales
from sim.workforce.offices import Office

SPAN: Final = 7
"""How many people report to one manager where the tree is full: an assumption, no public figure was found."""

Weighted: TypeAlias = tuple[tuple[str, float], ...]
"""Names with their weights."""


@dataclass(frozen=True, slots=True)
class PostPlan:
    """What there is to be in one department; an empty one asks nothing."""

    roles: Weighted = ()
    locations: Weighted = ()


@dataclass(frozen=True, slots=True)
class IdentityPlan:
    """The settings of generated people.

    `nickname_collisions`: of those with a namesake before them, the share who are given the same mailNickname.
    `settled`: the run starts in sync, so that nobody at the start shares one, for AWS would have refused them. `taken`:
    what stands before the @ in the addresses of people whom the scenario names. `posts`: roles and locations by
    department, or none. `contact_details`: whether accounts have telephone numbers and the address of an office.
    """

    locales: Locales = ((DEFAULT_LOCALE, 1.0),)
    nickname_collisions: float = 0.0
    settled: bool = True
    managers: bool = False
    span: int = SPAN
    taken: tuple[str, ...] = ()
    posts: tuple[PostPlan, ...] = ()
    offices: tuple[Office, ...] = ()
    contact_details: bool = True
