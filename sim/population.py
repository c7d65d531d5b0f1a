"""The generated people as the services find them at the start: columns read by row, nothing made until touched.

Invariant: answers never change during a run. Account row, person number and row in ``People`` are one number for
those who are there at the start; the target holds those of them who are in a group that is in scope.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mockservices.graph.directory import Attribute
from mockservices.identitycenter.entities import NOTHING, Grants
from mockservices.scim.operations import Path, Value
from mockservices.scim.records import UniqueIndex
from sim.access.policy import AccessPolicy, Facts
from sim.provisioning.attributes import MANAGER
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.source_scope import SourceScope
from sim.workforce.people import quick
from sim.workforce.persons import PeopleAccounts, Persons


class StartingPeople:
    """Who is there at the start, and which groups their facts give them."""

    def __init__(
        self, people: Persons, policy: AccessPolicy, group_rows: dict[str, int], accounts: PeopleAccounts
    ) -> None:
        self.people = people
        self.accounts = accounts
        self.size = people.size
        self._policy = policy
        self._group_rows = group_rows
        self._facts_by_key = list(people.combinations)
        self._names_by_key = [policy.groups(facts) for facts in people.combinations]
        self.beside: dict[int, tuple[str, ...]] = {}
        """By person number, groups that somebody is in and that the facts of their beginning do not give."""
        keys = self._with_groups_beside(people) if people.beside else people.facts
        self.key = keys[: people.size]
        self._key = quick(keys)
        self.groups_by_key = [tuple(sorted(group_rows[name] for name in names)) for names in self._names_by_key]
        self._entitled_by_key: list[Grants] = [NOTHING] * len(self.groups_by_key)
        self._grants_by_key: list[Grants] = [NOTHING] * len(self.groups_by_key)
        self._target_of = quick(np.full(people.size, -1, np.int32))

    def _with_groups_beside(self, people: Persons) -> NDArray[np.int32]:
        """Everybody's combination of facts, with one more for each set of groups that somebody is in beside them."""
        keys, numbers = people.facts.copy(), dict[tuple[int, tuple[str, ...]], int]()
        for row, beside in people.beside.items():
            facts = int(keys[row])
            given = self._names_by_key[facts]
            if further := tuple(name for name in beside if name not in given):
                key = numbers.setdefault((facts, further), len(self._names_by_key))
                if key == len(self._names_by_key):
                    self._names_by_key.append((*given, *further))
                    self._facts_by_key.append(self._facts_by_key[facts])
                keys[row], self.beside[row] = key, further
        return keys

    def key_of(self, number: int) -> int:
        """The combination of facts, and of groups beside them, of a person: as it is at the start or at joining."""
        return self._key[number]

    def facts(self, number: int) -> Facts:
        """What the policy asks about a person, as they are at the start or at joining."""
        return self._facts_by_key[self._key[number]]

    def attributes_of(self, number: int) -> dict[str, Attribute]:
        """The Graph properties of a person's account."""
        return self.accounts.attributes(number)

    def placed(self, number: int, facts: Facts, promotions: int = 0) -> dict[str, Attribute]:
        """The Graph properties that hang on facts, for an account of somebody with these who has had so many promotions
        (None: not set)."""
        return self.accounts.placed(number, facts, promotions)

    def renamed(self, number: int, family: int, upn: str, taken: Callable[[str], bool]) -> dict[str, Attribute]:
        """The Graph properties that change with a family name (row of the pool); mailNickname stays as it was.

        ``upn``: what the person is called now; ``taken``: whether somebody has a userPrincipalName.
        """
        people = self.people
        surname, (_, _, domain) = people.family_called(family), upn.rpartition("@")
        local = people.renamed(number, family, lambda name: taken(f"{name}@{domain}"))
        return {
            "surname": surname,
            "displayName": f"{people.given_name(number)} {surname}",
            "userPrincipalName": f"{local}@{domain}",
            "mail": f"{local}@{domain}",
        }

    # --- what is the case before anything is touched ------------------------------------------------------

    def in_target(self, targets: TargetPeople, grants_by_key: list[Grants]) -> None:
        """The target is in sync: this is who is there, and what each combination of facts gives."""
        self._target_of = quick(targets.target_of)
        self._grants_by_key = grants_by_key

    def present(self, groups: Collection[int] | None, scoping: SourceScope | None = None) -> NDArray[np.bool_]:
        """Who is in scope: in one of these groups (None: everybody is) and passed by the filter."""
        if groups is None:
            found = np.ones(self.size, dtype=bool)
        else:
            held = np.array([not groups_held.isdisjoint(groups) for groups_held in map(frozenset, self.groups_by_key)])
            found = held.astype(bool)[self.key]
        if scoping is not None:
            facts: dict[str, Attribute] = {"accountEnabled": True, "userType": "Member"}
            found &= np.array([scoping.judge({**facts, **self.attributes_of(row)}) for row in range(self.size)], bool)
        return found

    def given(self, catalogue: Callable[[tuple[str, ...]], Grants]) -> list[Grants]:
        """What a catalogue says that groups give, for each combination of facts."""
        return [catalogue(names) for names in self._names_by_key]

    def entitle(self, catalogue: Callable[[tuple[str, ...]], Grants]) -> None:
        """This is what the catalogue says that groups give."""
        self._entitled_by_key = [catalogue(names) for names in self._names_by_key]

    def waiting(self) -> list[int]:
        """Who is entitled to something else than they hold at the start; nobody when all is in sync."""
        pairs = zip(self._entitled_by_key, self._grants_by_key, strict=True)
        keys = [key for key, (entitled, held) in enumerate(pairs) if entitled != held]
        rows: list[int] = np.flatnonzero(np.isin(self.key, keys)).tolist() if keys else []
        return rows

    def holding(self, wanted: Callable[[Grants], object]) -> list[int]:
        """Who holds grants at the start that this is true of."""
        keys = [key for key, held in enumerate(self._grants_by_key) if wanted(held)]
        rows: list[int] = np.flatnonzero(np.isin(self.key, keys)).tolist() if keys else []
        return rows

    def entitled(self, number: int) -> Grants:
        """What the person is entitled to at the start."""
        return self._entitled_by_key[self._key[number]]

    def grants(self, number: int) -> Grants:
        """What the person holds at the start."""
        return self._grants_by_key[self._key[number]]

    def account(self, number: int) -> int:
        """The row of the person's account."""
        return number

    def target(self, number: int) -> int:
        """The row of the person's user in the target; -1: none."""
        return self._target_of[number]

    # --- as the directory asks ---------------------------------------------------------------------------

    def attributes(self, row: int) -> dict[str, Attribute]:
        """See :class:`mockservices.population.Population`."""
        return self.attributes_of(row)

    def groups(self, row: int) -> tuple[int, ...]:
        """See :class:`mockservices.population.Population`."""
        return self.groups_by_key[self._key[row]]

    def manager(self, row: int) -> int | None:
        """See :class:`mockservices.population.Managed`."""
        return self.people.manager_of(row)

    def find(self, name: str, value: str) -> int | None:
        """See :class:`mockservices.population.Population`."""
        return self.people.row_of_user_principal_name(value, self.size) if name == "userPrincipalName" else None

    def members(self, group: int) -> Iterable[int]:
        """See :class:`mockservices.population.Population`."""
        keys = [key for key, groups in enumerate(self.groups_by_key) if group in groups]
        rows: list[int] = np.flatnonzero(np.isin(self.key, keys)).tolist()
        return rows


@dataclass(frozen=True, slots=True)
class Seen:
    """An account that nothing has touched, as mappings see it."""

    id: str
    attributes: Mapping[str, Attribute]
    enabled: bool = True


class _Index:
    """Who holds a value that cannot be told from the value itself: everybody is looked at once, when first asked."""

    def __init__(self, targets: TargetPeople, name: str) -> None:
        self._targets = targets
        self._name = name
        self._rows: UniqueIndex | None = None

    def __call__(self, value: str) -> int | None:
        if self._rows is None:
            self._rows = UniqueIndex(self._name)
            for row in range(self._targets.size):
                self._rows.add(self._rows.of(self._targets.attributes(row)), row)
        return self._rows.row(self._name, value)


class TargetPeople:
    """The same people as the target holds them when a run starts in sync."""

    def __init__(
        self,
        start: StartingPeople,
        user_map: AttributeMap,
        target_groups: dict[int, int],
        present: NDArray[np.bool_] | None = None,
    ) -> None:
        """``target_groups``: directory group row to target group row, of the groups in scope. ``present``: who is in
        scope; None: whoever is in one of those groups."""
        self._start = start
        self._user_map = user_map
        self.user_id: Callable[[int], str] = lambda row: ""
        """The object id of an account by its row; the directory says it, which is made after this."""
        self.target_id: Callable[[int], str] = lambda row: ""
        """The id of a user by its row; the target says it, which is made after this too."""
        self._groups_by_key = [
            tuple(sorted(target_groups[g] for g in groups if g in target_groups)) for groups in start.groups_by_key
        ]
        if present is None:
            present = start.present(frozenset(target_groups))
        self.source_of: NDArray[np.int32] = np.flatnonzero(present).astype(np.int32)
        self.sources = start.size
        self.size = len(self.source_of)
        self.target_of: NDArray[np.int32] = np.full(start.size, -1, np.int32)
        self.target_of[self.source_of] = np.arange(self.size, dtype=np.int32)
        self._source_of, self._target_of = quick(self.source_of), quick(self.target_of)
        # whoever is to be created is looked up several times over, by an address that is userName and e-mail address
        self._by_address = lru_cache(maxsize=64)(self._find_address)
        self._by_external_id = lru_cache(maxsize=64)(self._find_external_id)
        self._finders = {
            name: self._finder(name, Path(name, "work", "value") if name == "emails" else Path(name))
            for name in ("userName", "emails", "externalId")
        }

    def _finder(self, name: str, target: Path) -> Callable[[str], int | None]:
        """How to find somebody by a value: told from the value itself where the mapping allows it."""
        mapped = [m for m in self._user_map.mappings if m.target == target]
        source = mapped[0].source if mapped else None
        if source in ("userPrincipalName", "mail") and name != "externalId":
            return self._by_address
        if source == "mailNickname" and name == "externalId":
            return self._by_external_id
        if not mapped or (mapped[0].unmapped and mapped[0].default is None):
            return lambda value: None
        return _Index(self, name)

    @property
    def groups_by_key(self) -> list[tuple[int, ...]]:
        """Target groups for each combination of facts."""
        return self._groups_by_key

    @property
    def share_names(self) -> bool:
        """Whether everybody's userName is the userPrincipalName of the account."""
        mapped = [m for m in self._user_map.mappings if m.target == Path("userName")]
        return bool(mapped) and mapped[0].source == "userPrincipalName"

    def target(self, source: int) -> int:
        """The row of somebody's user, by the row of the account; -1: none."""
        return self._target_of[source]

    def source(self, target: int) -> int:
        """The row of the account that a user was made for."""
        return self._source_of[target]

    def attributes(self, row: int) -> dict[str, Value]:
        """See :class:`mockservices.population.Population`."""
        source = self._source_of[row]
        held = self._start.attributes_of(source)
        attributes = self._user_map.apply(self._user_map.seen(Seen(self.user_id(source), held)))
        manager = self._start.manager(source)
        if manager is not None and self._user_map.refers_to_managers and self._target_of[manager] >= 0:
            attributes[MANAGER.attribute] = self.target_id(self._target_of[manager])
        return attributes

    def groups(self, row: int) -> tuple[int, ...]:
        """See :class:`mockservices.population.Population`."""
        return self._groups_by_key[self._start.key_of(self._source_of[row])]

    def find(self, name: str, value: str) -> int | None:
        """See :class:`mockservices.population.Population`."""
        return self._finders[name](value)

    def _find_external_id(self, value: str) -> int | None:
        people = self._start.people
        found = people.row_of_mail_nickname(value, self._start.size)
        if found is None or people.mail_nickname(found) != value:
            return None  # externalId compares with letter case
        return self._linked(found)

    def _find_address(self, value: str) -> int | None:
        found = self._start.people.row_of_user_principal_name(value, self._start.size)
        return None if found is None else self._linked(found)

    def _linked(self, source: int) -> int | None:
        target = self._target_of[source]
        return target if target >= 0 else None

    def members(self, group: int) -> Iterable[int]:
        """See :class:`mockservices.population.Population`."""
        keys = [key for key, groups in enumerate(self._groups_by_key) if group in groups]
        chosen = np.isin(self._start.key, keys)
        rows: list[int] = self.target_of[np.flatnonzero(chosen)].tolist()
        return rows
