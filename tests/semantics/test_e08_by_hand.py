"""E8: direct assignment: entitled only if the policy lists it as an exception; else cause ``drift`` (linked principal)
or ``unmanaged`` (not linked); a group assignment outside the policy: ``misconfiguration``."""

from __future__ import annotations

import pytest

from tests.semantics.story import Grant, Piece, act, join, run, told

END = 4 * 3_600_000
EXCEPTION = {"person": "cyd", "permission_set": "PowerUser", "account": "dev"}


def test_four_hands_in_the_console() -> None:
    """At 10m Cyd is assigned what the policy allows her beside the groups, Bob what nobody allows, and a hand-made user
    that belongs to nobody becomes a member of Operators. At 20m Engineers is assigned PowerUser: Ann's orphan, but not
    Cyd's, who may have it. No cycle mends any of that. Three people, to the end of the fourth hour at 14,400,000."""
    seen = run(
        told(
            act("10m", "aws_assign", user="cyd", permission_set="PowerUser", account="dev"),
            act("10m", "aws_assign", user="bob", permission_set="ReadOnly", account="dev"),
            act("10m", "aws_create_user", user_name="old.hand", given_name="Old", family_name="Hand"),
            act("10m", "aws_add_member", group="Operators", user="old.hand"),
            act("20m", "aws_assign", group="Engineers", permission_set="PowerUser", account="dev"),
            organisation__access__exceptions=[EXCEPTION],
        )
    )
    assert seen.pieces == [
        Piece("bob", "drift", "nobody", 600_000, None),
        Piece("old.hand", "unmanaged", "nobody", 600_000, None),
        Piece("ann", "misconfiguration", "nobody", 1_200_000, None),
    ]
    assert seen.person_ms == {
        "drift": END - 600_000,
        "unmanaged": END - 600_000,
        "misconfiguration": END - 1_200_000,
    }
    assert seen.waiting_ms == {"nobody": 40_800_000} == {"nobody": seen.total_ms}
    # what the policy allows Cyd was missing until somebody gave it to her
    assert seen.missing == [("cyd", 0, 600_000)]
    assert seen.world.parts.divergence.unmanaged == 1


@pytest.mark.parametrize("who", ["dan", "cyd"])
def test_an_exception_holds_for_people_at_the_start_and_for_joiners(who: str) -> None:
    """Before the assignment at 90m the exception is missing; after it nothing is orphaned."""
    exception = {"person": who, "permission_set": "PowerUser", "account": "dev"}
    seen = run(
        told(
            join("10m", "dan"),
            act("90m", "aws_assign", user=who, permission_set="PowerUser", account="dev"),
            organisation__access__exceptions=[exception],
        )
    )
    assert "PowerUser@dev" in seen.entitled(who)
    assert "PowerUser@dev" in seen.held(who)
    assert seen.orphans == []
    assert (who, 5_400_000) in [(missed, until) for missed, _, until in seen.missing]


def test_an_exception_ends_with_the_person() -> None:
    """Cyd leaves at 10m: the exception is a leaver's access like everything else until 2,400,100."""
    seen = run(
        told(
            act("10m", "leave", "cyd"),
            before__assignments=[{"user": "cyd", "permission_set": "PowerUser", "account": "dev"}],
            organisation__access__exceptions=[EXCEPTION],
        )
    )
    assert seen.entitled("cyd") == []
    assert [(each.grant, each.cause, each.since, each.until) for each in seen.orphans] == [
        ("Audit@prod", "leaver", 600_000, 2_400_100),
        ("PowerUser@dev", "leaver", 600_000, 2_400_100),
        ("ReadOnly@dev", "leaver", 600_000, 2_400_100),
    ]


def test_a_hand_made_membership_of_a_linked_user_is_drift() -> None:
    seen = run(told(act("10m", "aws_add_member", group="Auditors", user="ann")))
    assert seen.orphans == [Grant("ann", "Audit@prod", "drift", 600_000, None)]


def test_a_hand_made_user_with_an_owner_is_unmanaged_in_the_owners_name() -> None:
    """It is not linked, but the grant's principal is the person."""
    seen = run(
        told(
            act("10m", "aws_create_user", user_name="bob.admin", given_name="B", family_name="A", owner="bob"),
            act("20m", "aws_add_member", group="Auditors", user="bob.admin"),
        )
    )
    assert seen.orphans == [Grant("bob", "Audit@prod", "unmanaged", 1_200_000, None)]
    assert seen.held("bob") == ["Audit@prod", "PowerUser@dev"]


def test_what_the_owner_may_have_anyway_is_no_orphan() -> None:
    seen = run(
        told(
            act("10m", "aws_create_user", user_name="bob.two", given_name="B", family_name="A", owner="bob"),
            act("20m", "aws_add_member", group="Operators", user="bob.two"),
        )
    )
    assert (seen.orphans, seen.held("bob")) == ([], ["PowerUser@dev"])


def test_it_ends_when_a_hand_takes_it_back() -> None:
    seen = run(
        told(
            act("10m", "aws_assign", user="bob", permission_set="ReadOnly", account="dev"),
            act("30m", "aws_unassign", user="bob", permission_set="ReadOnly", account="dev"),
        )
    )
    assert seen.orphans == [Grant("bob", "ReadOnly@dev", "drift", 600_000, 1_800_000)]
    assert seen.total_ms == 1_200_000


def test_what_was_made_by_hand_before_the_start_counts_from_the_start() -> None:
    seen = run(
        told(
            before__target_users=[{"user_name": "old.hand", "given_name": "Old", "family_name": "Hand"}],
            before__assignments=[
                {"user": "old.hand", "permission_set": "Audit", "account": "prod"},
                {"group": "Operators", "permission_set": "ReadOnly", "account": "dev"},
            ],
        )
    )
    assert seen.pieces == [
        Piece("bob", "misconfiguration", "nobody", 0, None),
        Piece("old.hand", "unmanaged", "nobody", 0, None),
    ]


def test_a_membership_in_the_directory_against_hrs_word_is_misconfiguration() -> None:
    """``stays``: Bob is HR's (a move is told of him later); an administrator's membership does not change truth."""
    seen = run(
        told(
            act("10m", "add_member", "bob", group="Auditors"),
            act("230m", "move", "bob", role="Lead"),
            organisation__truth_of_manual_changes="stays",
        )
    )
    assert seen.orphans == [Grant("bob", "Audit@prod", "misconfiguration", 2_400_200, None)]
