"""The access policy: facts give groups, in the order of the rules, and nothing else plays a part."""

from __future__ import annotations

import pytest

from sim.access.policy import AccessPolicy, Facts
from sim.scenario.organisation import BirthrightRule

RULES = (
    BirthrightRule(department="Engineering", groups=("Engineers", "Everybody")),
    BirthrightRule(role="Lead", groups=("Leads",)),
    BirthrightRule(department="Engineering", location="Berlin", groups=("Berlin",)),
    BirthrightRule(employment="contractor", groups=("Externals",)),
    BirthrightRule(groups=("Everybody",)),
)
POLICY = AccessPolicy(RULES, {"Engineers": (("ReadOnly", "dev"),)})


@pytest.mark.parametrize(
    ("facts", "groups"),
    [
        (Facts("Sales"), ("Everybody",)),
        (Facts("Engineering"), ("Engineers", "Everybody")),
        (Facts("Engineering", role="Lead"), ("Engineers", "Everybody", "Leads")),
        (Facts("Sales", role="Lead"), ("Leads", "Everybody")),
        (Facts("Engineering", location="Berlin"), ("Engineers", "Everybody", "Berlin")),
        (Facts("Sales", location="Berlin"), ("Everybody",)),
        (Facts("Sales", employment="contractor"), ("Externals", "Everybody")),
        (Facts("engineering"), ("Everybody",)),
    ],
)
def test_every_rule_that_matches_gives_its_groups_once_in_the_order_of_the_rules(
    facts: Facts, groups: tuple[str, ...]
) -> None:
    assert POLICY.groups(facts) == groups


def test_a_rule_asks_for_all_of_its_facts() -> None:
    policy = AccessPolicy((BirthrightRule(department="A", role="B", location="C", groups=("G",)),), {})
    assert policy.groups(Facts("A", role="B", location="C")) == ("G",)
    assert policy.groups(Facts("A", role="B")) == policy.groups(Facts("A", location="C")) == ()


def test_without_rules_nobody_gets_anything() -> None:
    assert AccessPolicy((), {}).groups(Facts("Engineering")) == ()


def test_the_same_facts_give_the_same_object() -> None:
    assert POLICY.groups(Facts("Engineering")) is POLICY.groups(Facts("Engineering"))


def test_it_knows_the_groups_of_every_rule() -> None:
    assert POLICY.all_groups() == tuple(rule.groups for rule in RULES)
