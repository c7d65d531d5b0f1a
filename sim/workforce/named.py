"""People and groups that a scenario file names, in the directory's and the policy's words.

Invariant: pure translation; nothing is created here.
"""

from __future__ import annotations

from mockservices.graph.directory import Attribute
from sim.access.policy import Facts
from sim.scenario import Scenario
from sim.scenario.access import RequestAccess
from sim.scenario.hr_actions import HrAction, Join, NoShow
from sim.scenario.organisation import PersonSpec


def hr_people(scenario: Scenario) -> dict[str, None]:
    """People of the scenario file about whom HR has the word: those whom a timeline action of HR names, and who
    ask for access, which the policy then gives them."""
    named: dict[str, None] = {}
    for action in scenario.timeline:
        if isinstance(action, Join | NoShow):
            named[action.person.id] = None
        elif isinstance(action, HrAction | RequestAccess):
            named[str(getattr(action, "person"))] = None  # noqa: B009 - every action of HR has a person
    named.update({person.id: None for person in scenario.before.people if person.contract_end is not None})
    return named


def account_of(spec: PersonSpec, domain: str) -> dict[str, Attribute]:
    """The Graph properties of the account of somebody from the scenario file."""
    upn = spec.upn(domain)
    attributes: dict[str, Attribute] = {
        "userPrincipalName": upn,
        "displayName": spec.display_name,
        "givenName": spec.given_name,
        "surname": spec.family_name,
        "mail": spec.guest or upn,
        "mailNickname": spec.nickname(domain),
        "department": spec.department,
        "employeeType": spec.employment.capitalize(),
    }
    if spec.guest is not None:
        attributes["userType"] = "Guest"
    if spec.role is not None:
        attributes["jobTitle"] = spec.role
    if spec.location is not None:
        attributes["officeLocation"] = spec.location
    attributes.update(spec.attributes)
    return attributes


def facts_of(spec: PersonSpec) -> Facts:
    """What the policy asks about somebody from the scenario file."""
    return Facts(spec.department, spec.employment, spec.role, spec.location)


def group_attributes(name: str) -> dict[str, Attribute]:
    """The Graph properties of a cloud security group."""
    nickname = "".join(c if c.isalnum() and c.isascii() else "-" for c in name)[:64]
    return {"displayName": name, "mailEnabled": False, "mailNickname": nickname, "securityEnabled": True}
