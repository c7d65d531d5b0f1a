"""What a scenario file asks of generated people, as a plan.

Invariant: pure translation; whoever the file names keeps the address that it gives them, and generated people make way.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.scenario import Scenario
from sim.scenario.organisation import Department, PersonSpec
from sim.scenario.workforce import Workforce
from sim.workforce.identity import IdentityPlan, PostPlan, Weighted
from sim.workforce.offices import Office


def identity_plan(scenario: Scenario) -> IdentityPlan:
    """The identities of the scenario's workforce; without one, the defaults."""
    workforce, organisation = scenario.workforce, scenario.organisation
    if not isinstance(workforce, Workforce):
        return IdentityPlan()
    locales = workforce.locales or {workforce.locale: 1}
    everywhere: Weighted = tuple((place.name, float(place.weight)) for place in organisation.locations)
    posts = tuple(_post(department, everywhere) for department in organisation.departments)
    return IdentityPlan(
        locales=tuple((locale, float(weight)) for locale, weight in locales.items()),
        nickname_collisions=workforce.nickname_collisions,
        settled=scenario.start_state == "in_sync",
        managers=workforce.managers,
        contact_details=workforce.contact_details,
        span=workforce.span_of_control,
        taken=tuple(_taken(scenario)),
        posts=posts if any(post.roles or post.locations for post in posts) else (),
        offices=tuple(
            Office(place.name, place.country, place.city, place.street, place.postal_code, place.state)
            for place in organisation.locations
        ),
    )


def _post(department: Department, everywhere: Weighted) -> PostPlan:
    return PostPlan(
        roles=tuple((name, float(weight)) for name, weight in department.roles.items()),
        locations=tuple((name, float(weight)) for name, weight in department.locations.items()) or everywhere,
    )


def _taken(scenario: Scenario) -> Iterator[str]:
    """What stands before the @ in the addresses of people whom the file names, at the company's domain."""
    domain = scenario.organisation.domain
    for address in _addresses(scenario, domain):
        local, _, of = address.partition("@")
        if of.lower() == domain:
            yield local.lower()


def _addresses(scenario: Scenario, domain: str) -> Iterator[str]:
    for spec in scenario.before.people:
        yield spec.upn(domain)
    for action in scenario.timeline:
        person = getattr(action, "person", None)
        if isinstance(person, PersonSpec):
            yield person.upn(domain)
        address = getattr(action, "user_principal_name", None)
        if isinstance(address, str):
            yield address
