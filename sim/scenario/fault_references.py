"""Whether the faults of a scenario are about somebody, and whether its timeline names faults that there are.

Invariant: a fault may be about somebody who comes later; until then it strikes nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario.errors import Path, Problem, listed, nearest
from sim.scenario.faults import EndFault, Fault, StartFault
from sim.scenario.hr_actions import Join, Rehire
from sim.scenario.models import Scenario
from sim.scenario.timeline import CreateGroup, CreateUser, Rename, RenameGroup
from sim.time import clipped


def fault_name(fault: Fault, position: int) -> str:
    """What a fault is called: by its name, or by where it stands in the file, from 1."""
    return fault.name if fault.name is not None else f"fault-{position + 1}"


def names_of_person(scenario: Scenario, person: str) -> frozenset[str]:
    """Every userPrincipalName that a person of the file bears at some time; of others, the name itself."""
    domain = scenario.organisation.domain
    specs = [*scenario.before.people]
    named = [spec.upn(domain) for spec in specs if spec.id == person]
    for action in scenario.timeline:
        if isinstance(action, Join | CreateUser) and action.person.id == person:
            named.append(action.person.upn(domain))
        elif isinstance(action, Rename | Rehire) and action.person == person and action.user_principal_name is not None:
            named.append(action.user_principal_name)
    if "@" in person:
        named.append(person)
    return frozenset(name.casefold() for name in named)


def names_of_group(scenario: Scenario, group: str) -> frozenset[str]:
    """Every name that a group bears at some time."""
    names = [group]
    names += [each.to for each in scenario.timeline if isinstance(each, RenameGroup) and each.group in names]
    return frozenset(name.casefold() for name in names)


def unknown_in(scenario: Scenario, fault: Fault, groups: list[str]) -> tuple[str, str] | None:
    """The key and the sentence where a fault is about somebody or something that there never is."""
    if fault.person is not None and not names_of_person(scenario, fault.person):
        people = [spec.id for spec in scenario.before.people]
        people += [each.person.id for each in scenario.timeline if isinstance(each, Join | CreateUser)]
        hint = nearest(fault.person, people)
        return (
            "person",
            f"unknown person '{clipped(fault.person)}'; name an id of the file or a userPrincipalName{hint}",
        )
    known = [*groups, *(each.group for each in scenario.timeline if isinstance(each, CreateGroup))]
    if fault.group is not None and fault.group not in known:
        choice = f"allowed: {listed(known)}" if known else "this scenario declares no group"
        return "group", f"unknown group '{clipped(fault.group)}'; {choice}{nearest(fault.group, known)}"
    return None


def fault_problems(scenario: Scenario, groups: list[str]) -> Iterator[Problem]:
    """Everything in `faults`, and in the actions that start and end them, that stands for nothing."""
    names: list[str] = []
    for position, fault in enumerate(scenario.faults):
        here: Path = ("faults", position)
        name = fault_name(fault, position)
        if name in names:
            yield Problem((*here, "name"), f"the fault '{name}' stands here twice; keep one")
        if name == "limits":
            yield Problem((*here, "name"), "limits is what target.limits counts as; choose another name")
        names.append(name)
        unknown = unknown_in(scenario, fault, groups)
        if unknown is not None:
            yield Problem((*here, unknown[0]), unknown[1])
    for position, action in enumerate(scenario.timeline):
        if isinstance(action, StartFault | EndFault) and action.fault not in names:
            choice = f"allowed: {listed(names)}" if names else "this scenario declares no fault"
            yield Problem(
                ("timeline", position, "fault"),
                f"unknown fault '{clipped(action.fault)}'; {choice}{nearest(action.fault, names)}",
            )
