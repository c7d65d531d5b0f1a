"""Whether everything that a scenario names exists at the moment when it is named.

Invariant: actions are followed in the order of the simulation (simulated time, then the order of the file), so that
"unknown" means unknown then. Generated people cannot be known beforehand: with a workforce, whatever has an @ passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sim.scenario.access import EndAccess, RequestAccess
from sim.scenario.access_references import access_problems
from sim.scenario.console import AwsCreateUser
from sim.scenario.errors import Path, Problem, listed, nearest
from sim.scenario.fault_references import fault_problems
from sim.scenario.hr_actions import ChangeName, Convert, Extend, HrAction, Join, Move, NoShow, Rehire
from sim.scenario.models import Scenario
from sim.scenario.organisation import PersonSpec
from sim.scenario.people import is_nobodys
from sim.scenario.phases import phase_problems
from sim.scenario.timeline import (
    AnyAction,
    CreateGroup,
    CreateUser,
    Delete,
    DeleteGroup,
    ProvisionOnDemand,
    Purge,
    Rename,
    RenameGroup,
)
from sim.scenario.workforce import Workforce
from sim.time import LONGEST, clipped, format_duration

_SHOWN: Final = 12
_ALWAYS: Final = (-LONGEST, -1)
_WHO: Final = "name an id of before.people, or of somebody who joined or was created earlier"


def reference_problems(scenario: Scenario) -> list[Problem]:
    """Every name in the scenario that stands for nothing, or for two things."""
    groups = known_groups(scenario)
    faults, access = fault_problems(scenario, groups), access_problems(scenario, groups, _unknown)
    found = [*_Policy(scenario).problems(), *access, *_Story(scenario).problems(), *faults, *phase_problems(scenario)]
    return [_in_runbook(problem, scenario) for problem in found]


def _in_runbook(problem: Problem, scenario: Scenario) -> Problem:
    """What a runbook adds to the timeline stands in the file under the runbook's name."""
    match problem.path:
        case ("timeline", int() as position, *rest) if position >= scenario.own_actions:
            place: Path = ("runbooks", str(scenario.runbook), "timeline", position - scenario.own_actions, *rest)
            return Problem(place, problem.sentence)
    return problem


def _unknown(kind: str, name: str, allowed: Iterable[str]) -> str:
    words = list(allowed)
    shown = [*words[:_SHOWN], "…"] if len(words) > _SHOWN else words
    choice = f"allowed: {listed(shown)}" if words else f"this scenario declares no {kind}"
    return f"unknown {kind} '{clipped(name)}'; {choice}{nearest(name, words)}"


def _twice(kind: str, path: Path, names: Iterable[str], *key: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name.casefold() in seen:
            yield Problem((*path, position, *key), f"the {kind} '{clipped(name)}' stands here twice; keep one")
        seen.add(name.casefold())


class _Policy:
    """The parts that hold for the whole run: departments, groups, permission sets, accounts."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.departments = [department.name for department in scenario.organisation.departments]
        if scenario.listing is not None:
            facts = scenario.listing.people.combinations
            self.departments = list(dict.fromkeys([*self.departments, *(each.department for each in facts)]))
        self.groups = known_groups(scenario)
        self.permission_sets = [each.name for each in scenario.target.permission_sets]

    def problems(self) -> Iterator[Problem]:
        organisation, before, target = self.scenario.organisation, self.scenario.before, self.scenario.target
        yield from _twice("department", ("organisation", "departments"), self.departments, "name")
        yield from _twice("group", ("before", "groups"), (group.name for group in before.groups), "name")
        yield from _twice("permission set", ("target", "permission_sets"), self.permission_sets, "name")
        yield from _twice("account", ("target", "accounts"), target.accounts)
        if isinstance(self.scenario.workforce, Workforce) and not self.departments:
            yield Problem(
                ("workforce",), "a workforce needs departments; give at least one under organisation.departments"
            )
        yield from self._domains()
        places = [place.name for place in organisation.locations]
        yield from _twice("location", ("organisation", "locations"), places, "name")
        for position, department in enumerate(organisation.departments):
            for name in department.locations if places else ():
                if name not in places:
                    here: Path = ("organisation", "departments", position, "locations", name)
                    yield Problem(here, _unknown("location", name, places))
        for position, rule in enumerate(organisation.access.birthright):
            here = ("organisation", "access", "birthright", position)
            yield from self._department(rule.department, (*here, "department"))
            for place, group in enumerate(rule.groups):
                if group not in self.groups:
                    yield Problem((*here, "groups", place), _unknown("group", group, self.groups))
        for group, entries in organisation.access.catalogue.items():
            for position, entry in enumerate(entries):
                here = ("organisation", "access", "catalogue", group, position)
                yield from self._grant(entry.permission_set, entry.account, here)
                if entry in entries[:position]:
                    yield Problem(here, "this entry stands here twice; keep one")
        for position, exception in enumerate(organisation.access.exceptions):
            here = ("organisation", "access", "exceptions", position)
            yield from self._grant(exception.permission_set, exception.account, here)
        for position, assignment in enumerate(before.assignments):
            yield from self._grant(assignment.permission_set, assignment.account, ("before", "assignments", position))
        for position, person in enumerate(before.people):
            yield from self._department(person.department, ("before", "people", position, "department"))
        for position, action in enumerate(self.scenario.timeline):
            yield from self._action(action, ("timeline", position))

    def _domains(self) -> Iterator[Problem]:
        """Generated people have addresses that cannot be anybody's."""
        workforce = self.scenario.workforce
        if not isinstance(workforce, Workforce):
            return
        domains: list[tuple[Path, str | None]] = [(("organisation", "domain"), self.scenario.organisation.domain)]
        domains += [(("workforce", "bulk", i, "domain"), bulk.domain) for i, bulk in enumerate(workforce.bulk)]
        for path, domain in domains:
            if domain is not None and not is_nobodys(domain):
                sentence = f"'{domain}' may be somebody's, and generated people have addresses there; "
                yield Problem(path, f"{sentence}write a domain that ends in .example")

    def _action(self, action: AnyAction, here: Path) -> Iterator[Problem]:
        if isinstance(action, Join | CreateUser | NoShow):
            yield from self._department(action.person.department, (*here, "person", "department"))
        if isinstance(action, Move | Rehire | Convert):
            yield from self._department(action.department, (*here, "department"))
        permission_set, account = getattr(action, "permission_set", None), getattr(action, "account", None)
        if permission_set is not None and account is not None:
            yield from self._grant(permission_set, account, here)
        elif permission_set is not None and permission_set not in self.permission_sets:
            yield Problem((*here, "permission_set"), _unknown("permission set", permission_set, self.permission_sets))
        if isinstance(action, HrAction) and action.at + action.hr_lag < 0:
            lag = format_duration(action.hr_lag)
            yield Problem(
                (*here, "hr_lag"), f"{lag} puts the directory's change before the start; it may reach back to 0m"
            )
        if isinstance(action, Extend) and action.until <= action.at:
            yield Problem(
                (*here, "until"), f"the contract would end before this action; it must be after {_at(action)}"
            )

    def _department(self, name: str | None, path: Path) -> Iterator[Problem]:
        if name is not None and self.departments and name not in self.departments:
            yield Problem(path, _unknown("department", name, self.departments))

    def _grant(self, permission_set: str, account: str, here: Path) -> Iterator[Problem]:
        if permission_set not in self.permission_sets:
            yield Problem((*here, "permission_set"), _unknown("permission set", permission_set, self.permission_sets))
        if account not in self.scenario.target.accounts:
            yield Problem((*here, "account"), _unknown("account", account, self.scenario.target.accounts))


class _Story:
    """The parts that hold from some moment on: people, their names, groups, users of the target."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.domain = scenario.organisation.domain
        self.groups = dict.fromkeys(known_groups(scenario))
        self.groups_ever = dict(self.groups)
        self.users: dict[str, None] = {}
        self.holders: dict[str, str] = {}
        self.purged: dict[str, AnyAction] = {}
        self.found: list[Problem] = []
        # Since when somebody is known, as (time, position in the file): in the company, and in the directory.
        self.in_company: dict[str, tuple[int, int]] = {}
        self.in_directory: dict[str, tuple[int, int]] = {}
        for position, action in enumerate(scenario.timeline):
            if isinstance(action, Join | CreateUser | NoShow):
                lag = action.hr_lag if isinstance(action, Join | NoShow) else 0
                self.in_company.setdefault(action.person.id, (min(action.at, action.at + lag), position))
                self.in_directory.setdefault(action.person.id, (action.at + lag, position))

    def problems(self) -> list[Problem]:
        self._before()
        ordered = sorted(enumerate(self.scenario.timeline), key=lambda entry: (_directory_time(entry[1]), entry[0]))
        for position, action in ordered:
            self._action(action, position)
        return self.found

    def _say(self, path: Path, sentence: str) -> None:
        self.found.append(Problem(path, sentence))

    def _before(self) -> None:
        before = self.scenario.before
        first: dict[str, int] = {}
        for position, person in enumerate(before.people):
            here: Path = ("before", "people", position)
            if first.setdefault(person.id, position) != position:
                self._say((*here, "id"), f"the id '{person.id}' is taken; give everybody an id of their own")
            self.in_company[person.id] = self.in_directory[person.id] = _ALWAYS
            listing = self.scenario.listing
            if listing is not None and listing.people.row_of_user_principal_name(person.upn(self.domain)) is not None:
                self._say(here, "somebody of workforce.from has this address; it belongs to one person")
            self._claim(person.upn(self.domain), person.id, here)
        for position, exception in enumerate(self.scenario.organisation.access.exceptions):
            self._somebody(exception.person, ("organisation", "access", "exceptions", position, "person"))
        for position, member in enumerate(before.members):
            self._group(member.group, ("before", "members", position, "group"))
            self._somebody(member.person, ("before", "members", position, "person"), first)
        # who starts in sync is in the target; who starts with nothing there may find a user of that name to adopt
        taken = dict(self.users) if self.scenario.start_state == "in_sync" else {}
        for position, user in enumerate(before.target_users):
            if user.user_name.casefold() in taken:
                sentence = f"the userName '{clipped(user.user_name)}' is taken; it is unique in the target"
                self._say(("before", "target_users", position, "user_name"), sentence)
            taken[user.user_name.casefold()] = self.users[user.user_name.casefold()] = None
            if user.owner is not None:
                self._somebody(user.owner, ("before", "target_users", position, "owner"))
        for position, assignment in enumerate(before.assignments):
            if assignment.group is not None:
                self._group(assignment.group, ("before", "assignments", position, "group"))
            if assignment.user is not None:
                self._user(assignment.user, ("before", "assignments", position, "user"))

    def _action(self, action: AnyAction, position: int) -> None:
        here: Path = ("timeline", position)
        if isinstance(action, Join | CreateUser | NoShow):
            self._newcomer(action.person, position)
        elif isinstance(person := getattr(action, "person", None), str):
            self._person(person, action, position)
        if isinstance(action, ProvisionOnDemand):
            for place, member in enumerate(action.members):
                self._somebody(member, (*here, "members", place))
        if isinstance(action, CreateGroup):
            self._new_group(action.group, (*here, "group"))
        elif isinstance(group := getattr(action, "group", None), str) and not isinstance(
            action, RequestAccess | EndAccess
        ):
            console = action.do.startswith("aws_")
            self._group(group, (*here, "group"), self.groups_ever if console else self.groups)
        if isinstance(inner := getattr(action, "member_group", None), str):
            self._group(inner, (*here, "member_group"))
        if isinstance(above := getattr(action, "manager", None), str):
            self._somebody(above, (*here, "manager"))
        if isinstance(action, RenameGroup):
            self._new_group(action.to, (*here, "to"))
        if isinstance(action, RenameGroup | DeleteGroup):
            self.groups.pop(action.group, None)
        if isinstance(user := getattr(action, "user", None), str):
            self._user(user, (*here, "user"))
        if isinstance(action, AwsCreateUser):
            self.users[action.user_name.casefold()] = None
            if action.owner is not None:
                self._somebody(action.owner, (*here, "owner"))
        if isinstance(action, Rename | Rehire | ChangeName) and action.user_principal_name is not None:
            self._release(action.person)
            self._claim(action.user_principal_name, action.person, here)
        if isinstance(action, Delete | Purge):
            self._release(action.person)
        if isinstance(action, Purge):
            self.purged[action.person] = action
        if isinstance(action, Rehire) and action.identity == "new":
            self.purged.pop(action.person, None)

    # --- people

    def _newcomer(self, person: PersonSpec, position: int) -> None:
        if self.in_company[person.id][1] != position:
            sentence = f"the id '{person.id}' is taken; somebody who comes back is a rehire"
            self._say(("timeline", position, "person", "id"), sentence)
        self._claim(person.upn(self.domain), person.id, ("timeline", position, "person"))

    def _person(self, name: str, action: AnyAction, position: int) -> None:
        path: Path = ("timeline", position, "person")
        hr = isinstance(action, HrAction)
        if name not in self.in_company:
            self._somebody(name, path)
        elif hr and self.in_company[name] > (action.at, position):
            self._say(path, f"'{name}' joins only at {_moment(self.in_company[name])}; act on them after that")
        elif self.in_directory[name] > (_directory_time(action), position):
            since = _moment(self.in_directory[name])
            self._say(path, f"'{name}' is in the directory only from {since} on; act on them after that")
        elif not hr and name in self.purged:
            self._say(path, f"'{name}' was purged at {_at(self.purged[name])}; only a rehire brings them back")

    def _somebody(self, name: str, path: Path, known: Iterable[str] | None = None) -> None:
        known = self.in_company if known is None else known
        if name in known or (self.scenario.workforce is not None and "@" in name):
            return
        if (holder := self.holders.get(name.casefold())) is not None:
            self._say(path, f"unknown person '{clipped(name)}'; people are named by id (did you mean '{holder}'?)")
        else:
            self._say(path, f"unknown person '{clipped(name)}'; {_WHO}{nearest(name, known)}")

    def _claim(self, upn: str, person: str, path: Path) -> None:
        holder = self.holders.setdefault(upn.casefold(), person)
        self.users[upn.casefold()] = None
        if holder != person:
            sentence = (
                f"the userPrincipalName '{clipped(upn)}' belongs to '{holder}'; write another user_principal_name"
            )
            self._say(path, sentence)

    def _release(self, person: str) -> None:
        for upn in [upn for upn, holder in self.holders.items() if holder == person]:
            del self.holders[upn]

    # --- groups and users of the target

    def _group(self, name: str, path: Path, known: Iterable[str] | None = None) -> None:
        known = self.groups if known is None else known
        if name not in known:
            self._say(path, _unknown("group", name, known))

    def _new_group(self, name: str, path: Path) -> None:
        if name in self.groups:
            self._say(path, f"the group '{clipped(name)}' exists already; choose another name")
        self.groups[name] = self.groups_ever[name] = None

    def _user(self, name: str, path: Path) -> None:
        if name.casefold() in self.users or name in self.in_company:
            return
        if self.scenario.workforce is None or "@" not in name:
            sentence = f"unknown user '{clipped(name)}'; name a userName of the target or the id of a person"
            self._say(path, f"{sentence}{nearest(name, [*self.users, *self.in_company])}")


def known_groups(scenario: Scenario) -> list[str]:
    """The groups of the directory when the story begins: those of the catalogue, and those of `before.groups`."""
    names = [*scenario.organisation.access.catalogue, *(group.name for group in scenario.before.groups)]
    return list(dict.fromkeys(names))


def _directory_time(action: AnyAction) -> int:
    return action.at + action.hr_lag if isinstance(action, HrAction) else action.at


def _moment(known: tuple[int, int]) -> str:
    return format_duration(known[0])


def _at(action: AnyAction) -> str:
    return format_duration(action.at)
