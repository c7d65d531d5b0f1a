"""E14: stale are grants whose owner has been disabled for more than the threshold; ``found`` is distinct over all
audits, or at the end when there was none; ``removed`` are those of them that a clean-up took away."""

from __future__ import annotations

from typing import Any

import pytest

from sim.scenario import ScenarioError
from tests.semantics.story import ACCESS, Seen, act, person, run, told

BEFORE: dict[str, Any] = {
    "people": [
        person("ann"),
        person("bob", "Kitchen", disabled_at="-35d"),
        person("cyd", "Kitchen", disabled_at="-29d"),
    ],
    "target_users": [
        {"user_name": "bob.k", "owner": "bob", "given_name": "Bob", "family_name": "K"},
        {"user_name": "cyd.k", "owner": "cyd", "given_name": "Cyd", "family_name": "K"},
    ],
    "assignments": [
        {"user": "bob.k", "permission_set": "Audit", "account": "prod"},
        {"user": "bob.k", "permission_set": "ReadOnly", "account": "dev"},
        {"user": "cyd.k", "permission_set": "PowerUser", "account": "dev"},
    ],
}
"""Bob was disabled 35 days before the start and holds two grants, Cyd 29 days before and holds one."""


def stale(seen: Seen) -> tuple[int, int]:
    return seen.world.parts.stale.found, seen.world.parts.stale.removed


def test_an_audit_finds_what_somebody_disabled_for_longer_than_the_threshold_still_holds() -> None:
    seen = run(told(act("10m", "aws_audit"), before=BEFORE))
    assert stale(seen) == (2, 0)
    assert seen.held("bob") == ["Audit@prod", "ReadOnly@dev"]


def test_without_an_audit_it_is_what_is_stale_at_the_end() -> None:
    """Cyd's account has been disabled for 29 d at the start; after 25 h for more than 30 d."""
    assert stale(run(told(before=BEFORE))) == (2, 0)
    assert stale(run(told(before=BEFORE, duration="25h"))) == (3, 0)
    assert stale(run(told(before=BEFORE, organisation={"access": ACCESS, "stale_after": "36d"}))) == (0, 0)


def test_exactly_the_threshold_is_not_longer_than_it() -> None:
    assert stale(run(told(before=BEFORE, duration="24h"))) == (2, 0)


def test_two_audits_count_a_grant_once_and_a_new_one_too() -> None:
    timeline = (act("10m", "aws_audit"), act("20m", "aws_audit"), act("24h30m", "aws_audit"))
    assert stale(run(told(*timeline, before=BEFORE, duration="25h"))) == (3, 0)


def test_a_clean_up_takes_away_what_was_found_and_nothing_else() -> None:
    """Orphaned until then: Bob's two grants, from 0 to 20m; Cyd's goes on, for nobody has found it."""
    seen = run(told(act("10m", "aws_audit"), act("20m", "aws_clean_up"), before=BEFORE))
    assert stale(seen) == (2, 2)
    assert seen.held("bob") == []
    assert seen.held("cyd") == ["PowerUser@dev"]
    assert [(each.who, each.since, each.until) for each in seen.pieces] == [("bob", 0, 1_200_000), ("cyd", 0, None)]
    assert {each.waiting for each in seen.pieces} == {"nobody"}


def test_a_clean_up_without_an_audit_has_nothing_to_go_by() -> None:
    seen = run(told(act("20m", "aws_clean_up"), before=BEFORE))
    assert stale(seen) == (2, 0)
    assert seen.held("bob") == ["Audit@prod", "ReadOnly@dev"]


def test_what_ended_by_itself_before_the_clean_up_was_not_removed_by_it() -> None:
    taken = act("15m", "aws_unassign", user="bob.k", permission_set="Audit", account="prod")
    seen = run(told(act("10m", "aws_audit"), taken, act("20m", "aws_clean_up"), before=BEFORE))
    assert stale(seen) == (2, 1)


def test_somebody_enabled_again_is_not_stale() -> None:
    seen = run(told(act("10m", "aws_audit"), act("15m", "enable", "bob"), act("20m", "aws_clean_up"), before=BEFORE))
    assert stale(seen) == (2, 0)
    assert seen.held("bob") == ["Audit@prod", "ReadOnly@dev"]


def test_a_membership_made_by_hand_is_cleaned_up_too() -> None:
    joined = act("5m", "aws_add_member", group="Operators", user="bob.k")
    seen = run(told(joined, act("10m", "aws_audit"), act("20m", "aws_clean_up"), before=BEFORE))
    assert stale(seen) == (3, 3)
    assert seen.held("bob") == []


def test_expired_contractors_count_as_such() -> None:
    before = {**BEFORE, "people": [person("ann"), *BEFORE["people"][2:]]}
    bob = person("bob", "Kitchen", employment="contractor", contract_end="-40d", disabled_at="-35d")
    seen = run(told(act("10m", "aws_audit"), before={**before, "people": [bob, *before["people"]]}))
    assert stale(seen) == (2, 0)
    assert {each.who: each.cause for each in seen.pieces} == {"bob": "contractor_expiry", "cyd": "leaver"}


def test_a_day_after_the_start_is_no_prehistory() -> None:
    before = {**BEFORE, "people": [person("bob", disabled_at="1d")]}
    with pytest.raises(ScenarioError, match="must lie before the start"):
        run(told(before=before))
