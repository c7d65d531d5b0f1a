"""Everything that a world is made of, wired together by ``setup.py``.

Invariant: a bundle of references and nothing else; what the parts do is theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from mockservices.identitycenter.entities import GROUP
from mockservices.services import Services
from sim.access.policy import AccessPolicy
from sim.observation.divergence import Divergence
from sim.observation.ledger import Ledger
from sim.observation.observer import Observer
from sim.observation.stale import StaleAccess
from sim.population import StartingPeople
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.rules import Mappings
from sim.provisioning.scope import Judging
from sim.provisioning.state import JobState
from sim.provisioning.view import View
from sim.scenario import Scenario
from sim.workforce.entitlements import RequestedAccess
from sim.workforce.hr import Hr
from sim.workforce.named import hr_people
from sim.workforce.persons import PeopleAccounts, Persons
from sim.workforce.register import Register
from sim.workforce.requests import RequestSchedule
from sim.workforce.schedule import Schedule
from sim.workforce.truth import Truth


@dataclass(slots=True)
class Parts:
    """Everything that a world is made of, wired together."""

    scenario: Scenario
    services: Services
    policy: AccessPolicy
    group_rows: dict[str, int]
    start: StartingPeople | None
    schedule: Schedule | None
    register: Register
    truth: Truth
    ledger: Ledger
    divergence: Divergence
    observer: Observer
    stale: StaleAccess
    hr: Hr
    requests: RequestSchedule | None
    """What the generated workforce asks for."""
    requested: RequestedAccess
    view: View
    state: JobState
    user_map: AttributeMap
    group_map: AttributeMap
    mappings: Mappings
    """The same two maps, as an administrator replaces them."""
    judging: Judging
    """By what the job decides whom it provisions."""
    catalogue_setup: dict[str, None]
    """Groups of the catalogue that the target has not had yet: assigned when they appear there."""

    @property
    def everybody(self) -> tuple[Persons, PeopleAccounts, Schedule] | None:
        """The workforce and what happens to it; None when there is none."""
        if self.start is None or self.schedule is None:
            return None
        return self.start.people, self.start.accounts, self.schedule

    def events_digest(self) -> str:
        """SHA-256 over what was drawn to happen to the workforce: its events, and what it asks for; "" without any.

        No interval, strategy or fault changes it.
        """
        drawn = [each.digest() for each in (self.schedule, self.requests) if each is not None]
        return sha256("\n".join(drawn).encode()).hexdigest() if drawn else ""


def call(parts: Parts, name: str, number: int) -> None:
    """The scenario calls a person by a name, in its timeline and among the policy's exceptions."""
    parts.register.names[name] = number
    for exception in parts.scenario.organisation.access.exceptions:
        if exception.person == name:
            parts.truth.allow(number, exception.permission_set, exception.account)


def person_called(parts: Parts, name: str) -> int:
    """The number of somebody whom the scenario names by id or userPrincipalName, be it before they have come."""
    register = parts.register
    number = register.names.get(name)
    if number is None and "@" in name:
        number = register.who_bore(name)
        if number is None and parts.start is not None:
            number = parts.start.people.row_of_user_principal_name(name)
    if number is None:
        number = register.new_person(hr=name in hr_people(parts.scenario))
        call(parts, name, number)
    return number


def target_principal(parts: Parts, kind: str, name: str) -> str | None:
    """The id of a target user (by userName, or the person it belongs to) or group (by displayName)."""
    provider = parts.services.provider
    if kind == GROUP:
        group = provider.group_by("displayName", name)
        return group.id if group is not None else None
    user = provider.user_by("userName", name)
    if user is not None:
        return user.id
    number = parts.register.names.get(name)
    if number is None:
        return None
    targets = parts.ledger.person(number).targets
    return provider.user_id(targets[0]) if targets else None
