"""The access policy of a scenario as a world needs it: rules, requests drawn beforehand, toxic pairs as sets of grants.

Invariant: what a pair means is settled before anything happens; a permission set that appears later is part of it.
"""

from __future__ import annotations

from datetime import datetime

from mockservices.identitycenter.instance import Instance
from sim.access.policy import AccessPolicy
from sim.access.toxic import Pair, Side, ToxicPairs
from sim.observation.ledger import Ledger
from sim.observation.toxic import ToxicHoldings
from sim.population import StartingPeople
from sim.randomness import Streams
from sim.scenario import Scenario
from sim.scenario.access import ToxicPair
from sim.workforce.persons import Persons
from sim.workforce.requests import RequestSchedule, draw_requests
from sim.workforce.schedule import Schedule
from sim.workforce.truth import Truth


def access_policy(scenario: Scenario) -> AccessPolicy:
    """Birthright and catalogue."""
    access = scenario.organisation.access
    return AccessPolicy(
        access.birthright,
        {name: tuple((e.permission_set, e.account) for e in entries) for name, entries in access.catalogue.items()},
    )


def drawn_requests(
    scenario: Scenario, people: Persons | None, schedule: Schedule | None, start: datetime, streams: Streams
) -> RequestSchedule | None:
    """What the generated workforce asks for; None where it asks for nothing."""
    rules = scenario.organisation.access.requests
    if people is None or schedule is None or not rules:
        return None
    return draw_requests(rules, people, schedule, start, scenario.duration, streams)


def watch_toxic_pairs(scenario: Scenario, instance: Instance, truth: Truth, ledger: Ledger) -> None:
    """Let the ledger look out for what nobody should hold together; nothing where no pair is named."""
    named = scenario.organisation.access.toxic
    if named:
        pairs = [Pair(pair.name, *_sides(pair, scenario, instance, truth)) for pair in named]
        ledger.toxic = ToxicHoldings(ledger.clock, ToxicPairs(pairs))


def _sides(pair: ToxicPair, scenario: Scenario, instance: Instance, truth: Truth) -> tuple[Side, Side]:
    if pair.groups is not None:
        one, other = ((truth.of_names((group,)),) for group in pair.groups)
        return one, other
    accounts = scenario.target.accounts if pair.account is None else (pair.account,)

    def anywhere(permission_set: str) -> Side:
        row = instance.plan_permission_set(permission_set).row
        return tuple(
            instance.intern(frozenset({instance.grant(instance.find_account(name).row, row)})) for name in accounts
        )

    first, second = pair.permission_sets or ("", "")
    return anywhere(first), anywhere(second)


def note_toxic_beginnings(start: StartingPeople, ledger: Ledger) -> None:
    """Of the generated people those are looked at whose facts alone give them a toxic combination."""
    if ledger.toxic is not None:
        for row in start.holding(ledger.toxic.rules.held):
            ledger.settle(ledger.person(row))
