"""From exports to an access policy: groups, what they give, who gets them by where they are, and who beside that.

Invariant: a scenario's own words win over what is learned, and what people are in at the start is what the exports say.

A department's people get a group by birthright when at least a share of them (0.8 unless the scenario says otherwise),
and two or more, are in it: that is how movers lose and gain groups. A membership that no rule explains stays with the
person, as an exception: people hold today what somebody once gave them on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.owndata.exports import Exports, Grant, Member
from sim.owndata.pseudonyms import Pseudonyms
from sim.time import counted
from sim.workforce.letters import fold

SHARE: Final = 0.8
"""Grade D: an assumption. Role mining has no agreed threshold; below 0.8 every fifth person's group is a rule."""
FEWEST: Final = 2
"""People of a department in a group; what one person has is no rule."""
EVERYBODY: Final = "Everybody"
MOST_PEOPLE: Final = 2_000
"""People whom a scenario names one by one."""

_STAY: Final = (
    "that no rule explains stays with the person who has it",
    "that no rule explains stay with who has them",
)

Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Learned:
    """Values for a scenario, and what should be said about them."""

    organisation: Plain
    before: Plain
    notes: tuple[str, ...]
    beside: Mapping[str, tuple[str, ...]]
    """Of the people of a workforce, by userPrincipalName in lower case: groups that no rule of birthright explains."""


class TooManyError(ValueError):
    """More people than a scenario can name one by one."""


def learn(
    exports: Exports,
    *,
    departments_of: Mapping[str, str] | None,
    rules_given: bool,
    share: float = SHARE,
    pseudonyms: Pseudonyms | None = None,
) -> Learned:
    """The policy behind the exports; raises ScenarioError, and TooManyError.

    ``departments_of``: of the people of a workforce by userPrincipalName in lower case; None when there is none, and
    the people are those of the exports. ``rules_given``: the scenario has birthright of its own, and none is learned.
    """
    people = {key: _hidden(member, pseudonyms) for key, member in exports.people.items()}
    catalogue = _catalogue(exports)
    for group in exports.groups:
        catalogue.setdefault(group, [])
    if departments_of is None:
        where = {key: member.department or EVERYBODY for key, member in people.items()}
    else:
        where = {key: departments_of[m.upn.lower()] for key, m in people.items() if m.upn.lower() in departments_of}
    sizes: dict[str, int] = {}
    for department in where.values() if departments_of is None else departments_of.values():
        sizes[department] = sizes.get(department, 0) + 1
    rules: dict[str, list[str]] = {}
    beside: list[tuple[str, str]] = []
    for group, members in exports.groups.items():
        inside: dict[str, int] = {}
        for key in members:
            if key in where:
                inside[where[key]] = inside.get(where[key], 0) + 1
        ruled = set[str]()
        if not rules_given:
            ruled = {d for d, count in inside.items() if count >= max(FEWEST, share * sizes[d])}
        for department in sizes:
            if department in ruled:
                rules.setdefault(department, []).append(group)
        beside += [(group, key) for key in members if where.get(key) not in ruled]
    notes: list[str] = []
    if exports.others:
        notes.append(_told(exports.others, "member", "that is no user was left out", "that are no users were left out"))
    organisation: Plain = {"access": {"catalogue": catalogue}}
    if not rules_given:
        learned = f"learned from {len(where)} {'person' if len(where) == 1 else 'people'}"
        birthright = [{"department": department, "groups": groups} for department, groups in rules.items()]
        organisation["access"]["birthright"] = birthright
        notes.append(_told(len(birthright), "rule", f"of birthright was {learned}", f"of birthright were {learned}"))
    if departments_of is not None:
        strangers = len(people) - len(where)
        if strangers:
            notes.append(
                f"{counted(strangers, 'user')} of the exports stand in no row of the workforce and were left out"
            )
        theirs: dict[str, list[str]] = {}
        for group, key in beside:
            if key in where:
                theirs.setdefault(people[key].upn.lower(), []).append(group)
        if theirs:
            notes.append(_told(sum(map(len, theirs.values())), "membership", *_STAY))
        direct = [(grant, people[name].upn) for grant, name in _direct(exports) if name in where]
        entries = [(upn, _entry(exports, grant)) for grant, upn in direct]
        organisation["access"]["exceptions"] = [{"person": upn, **entry} for upn, entry in entries]
        before: Plain = {"assignments": [{"user": upn, **entry} for upn, entry in entries]}
        return Learned(organisation, before, tuple(notes), {upn: tuple(groups) for upn, groups in theirs.items()})
    if len(people) > MOST_PEOPLE:
        raise TooManyError(
            f"these exports hold {len(people):,} people, and a scenario names at most {MOST_PEOPLE:,} one by one; give "
            "the people as a file, workforce.from"
        )
    ids = _ids(people)
    organisation["departments"] = [{"name": department} for department in sizes] or [{"name": EVERYBODY}]
    direct = [(grant, ids[name]) for grant, name in _direct(exports) if name in ids]
    exceptions = [{"person": ids[key], **entry} for group, key in beside for entry in catalogue[group]]
    exceptions += [{"person": person, **_entry(exports, grant)} for grant, person in direct]
    organisation["access"]["exceptions"] = list({tuple(e.items()): e for e in exceptions}.values())
    if beside:
        notes.append(_told(len(beside), "membership", *_STAY))
    before = {
        "people": [_person(ids[key], member, where[key]) for key, member in people.items()],
        "members": [{"group": group, "person": ids[key]} for group, key in beside],
        "assignments": [{"user": person, **_entry(exports, grant)} for grant, person in direct],
    }
    return Learned(organisation, before, tuple(notes), {})


def _told(number: int, noun: str, one: str, many: str) -> str:
    return f"{counted(number, noun)} {one if number == 1 else many}"


def _hidden(member: Member, pseudonyms: Pseudonyms | None) -> Member:
    if pseudonyms is None:
        return member
    given, _, family = member.display_name.rpartition(" ")
    names = member.given_name or given or member.upn, member.surname or family or member.upn
    upn = pseudonyms.address(member.upn)
    given, family = map(pseudonyms.name, names)
    return Member(upn, f"{given} {family}", given, family, member.department, member.role, member.enabled)


def _catalogue(exports: Exports) -> dict[str, list[Plain]]:
    catalogue: dict[str, list[Plain]] = {}
    for grant in exports.grants:
        if grant.principal_type != "GROUP":
            continue
        name = exports.names.get(grant.principal)
        if name is None:
            raise grant.where.refusal(
                f"nothing says how the group {grant.principal} is called; add the output of aws identitystore "
                "list-groups, or a JSON file that maps its id to its name"
            )
        entry = _entry(exports, grant)
        if entry not in catalogue.setdefault(name, []):
            catalogue[name].append(entry)
    return catalogue


def _entry(exports: Exports, grant: Grant) -> Plain:
    name = exports.names.get(grant.permission_set) or grant.permission_set.rpartition("/")[2]
    return {"permission_set": name, "account": exports.names.get(grant.account, grant.account)}


def _direct(exports: Exports) -> list[tuple[Grant, str]]:
    """Assignments to users, with the person's userPrincipalName in lower case."""
    direct: list[tuple[Grant, str]] = []
    for grant in exports.grants:
        if grant.principal_type == "USER":
            name = exports.names.get(grant.principal)
            if name is None:
                raise grant.where.refusal(
                    "nothing says who a user is to whom something is assigned; add the output of aws identitystore "
                    "list-users, or a JSON file that maps the id to the userName"
                )
            direct.append((grant, name.lower()))
    return direct


def _ids(people: Mapping[str, Member]) -> dict[str, str]:
    """What the scenario calls people: of the address, made unique."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for key, member in people.items():
        local = member.upn.partition("@")[0]
        wanted = ".".join(fold(part) for part in local.split(".")[:2] if part) or "x"
        name, more = wanted, 2
        while name in taken:
            name, more = f"{wanted}-{more}", more + 1
        taken.add(name)
        ids[key] = name
    return ids


def _person(identifier: str, member: Member, department: str) -> Plain:
    given, _, family = member.display_name.rpartition(" ")
    person: Plain = {
        "id": identifier,
        "given_name": member.given_name or given or "Person",
        "family_name": member.surname or family or identifier,
        "department": department,
        "user_principal_name": member.upn,
    }
    if member.role:
        person["role"] = member.role
    if not member.enabled:
        person["enabled"] = False
    return person
