"""Whether requests and toxic pairs name what there is, and mean something.

Invariant: a pair that everybody with one side would hold anyhow is refused, for it would say nothing about anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from sim.scenario.access import EndAccess, RequestAccess, ToxicPair
from sim.scenario.errors import Path, Problem
from sim.scenario.models import Scenario
from sim.time import clipped

Unknown = Callable[[str, str, Collection[str]], str]
"""The sentence about an unknown name: of which kind, which, and what there is."""

_HERE: Path = ("organisation", "access")


def access_problems(scenario: Scenario, groups: Collection[str], unknown: Unknown) -> Iterator[Problem]:
    """What is wrong; ``groups``: those that are there at the start."""
    departments = [department.name for department in scenario.organisation.departments]
    for position, request in enumerate(scenario.organisation.access.requests):
        here: Path = (*_HERE, "requests", position)
        if request.group not in groups:
            yield Problem((*here, "group"), unknown("group", request.group, groups))
        if request.department is not None and departments and request.department not in departments:
            yield Problem((*here, "department"), unknown("department", request.department, departments))
        if scenario.workforce is None:
            sentence = "there is no workforce to ask for it; give one, or write do: request_access in the timeline"
            yield Problem(here, sentence)
    for position, action in enumerate(scenario.timeline):
        if isinstance(action, RequestAccess | EndAccess) and action.group not in groups:
            yield Problem(("timeline", position, "group"), unknown("group", action.group, groups))
    names: set[str] = set()
    for position, pair in enumerate(scenario.organisation.access.toxic):
        here = (*_HERE, "toxic", position)
        if pair.name.casefold() in names:
            sentence = f"the toxic pair '{clipped(pair.name)}' stands here twice; keep one"
            yield Problem((*here, "name"), sentence)
        names.add(pair.name.casefold())
        yield from _groups(pair, scenario, groups, unknown, here)
        yield from _permission_sets(pair, scenario, unknown, here)


def _groups(
    pair: ToxicPair, scenario: Scenario, groups: Collection[str], unknown: Unknown, here: Path
) -> Iterator[Problem]:
    catalogue = scenario.organisation.access.catalogue
    given: list[set[tuple[str, str]]] = []
    for place, group in enumerate(pair.groups or ()):
        if group not in groups:
            yield Problem((*here, "groups", place), unknown("group", group, groups))
            return
        given.append({(entry.permission_set, entry.account) for entry in catalogue.get(group, ())})
        if not given[-1]:
            sentence = f"the catalogue gives '{clipped(group)}' nothing, so nobody can hold it; name a group that does"
            yield Problem((*here, "groups", place), sentence)
            return
    if len(given) == 2 and (given[0] <= given[1] or given[1] <= given[0]):
        less, more = (0, 1) if given[0] <= given[1] else (1, 0)
        names = pair.groups or ("", "")
        sentence = (
            f"whoever has '{clipped(names[more])}' has everything that '{clipped(names[less])}' gives; "
            "name two groups of which each gives something of its own"
        )
        yield Problem((*here, "groups"), sentence)


def _permission_sets(pair: ToxicPair, scenario: Scenario, unknown: Unknown, here: Path) -> Iterator[Problem]:
    names = [each.name for each in scenario.target.permission_sets]
    for place, permission_set in enumerate(pair.permission_sets or ()):
        if permission_set not in names:
            sentence = unknown("permission set", permission_set, names)
            yield Problem((*here, "permission_sets", place), sentence)
    if pair.account is not None and pair.account not in scenario.target.accounts:
        yield Problem((*here, "account"), unknown("account", pair.account, scenario.target.accounts))
