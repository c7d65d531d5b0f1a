"""E9: the cause is fixed when the interval opens: the person's own HR event first (leaver, contractor_expiry, mover,
rehire, early), else misconfiguration, drift, unmanaged.

The one exception stands below the table: when the person leaves or the contract expires, an open interval is closed
and a new one with that cause begins at the same instant.
"""

from __future__ import annotations

import pytest

from tests.semantics.story import Grant, Piece, act, person, run, told

DRIFT = act("10m", "aws_assign", user="ann", permission_set="Audit", account="prod")


def test_a_later_event_leaves_an_open_cause_alone() -> None:
    """Drift since 10m; at 20m Ann moves: what she loses is a mover's, the drift stays drift, and as it has been open
    longest it is also the cause of the person interval, before, during and after the mover's 1,200,300 ms."""
    seen = run(told(DRIFT, act("20m", "move", "ann", department="Operations")))
    assert seen.orphans == [
        Grant("ann", "Audit@prod", "drift", 600_000, None),
        Grant("ann", "ReadOnly@dev", "mover", 1_200_000, 2_400_300),
    ]
    assert seen.pieces == [Piece("ann", "drift", "nobody", 600_000, None)]


def test_leaving_closes_what_is_open_and_begins_anew() -> None:
    """Drift from 10m to 20m, then a leaver's, both grants in one person interval, until 2,400,100."""
    seen = run(told(DRIFT, act("20m", "leave", "ann")))
    assert seen.pieces == [
        Piece("ann", "drift", "nobody", 600_000, 1_200_000),
        Piece("ann", "leaver", "cycle", 1_200_000, 2_400_000),
        Piece("ann", "leaver", "processing", 2_400_000, 2_400_100),
    ]
    assert seen.orphans == [
        Grant("ann", "Audit@prod", "drift", 600_000, 1_200_000),
        Grant("ann", "Audit@prod", "leaver", 1_200_000, 2_400_100),
        Grant("ann", "ReadOnly@dev", "leaver", 1_200_000, 2_400_100),
    ]


def test_the_end_of_a_contract_does_so_too() -> None:
    people = [person("ann", employment="contractor", contract_end="20m")]
    seen = run(told(DRIFT, before={"people": people}))
    assert seen.person_ms == {"drift": 600_000, "contractor_expiry": 1_200_100}


def test_what_opens_after_the_leaving_is_a_leavers_whoever_opened_it() -> None:
    """Ann left at 10m; at 20m somebody assigns her Audit by hand."""
    seen = run(
        told(
            act("10m", "leave", "ann"),
            act("20m", "aws_assign", user="ann", permission_set="Audit", account="prod"),
        )
    )
    assert seen.orphans == [
        Grant("ann", "ReadOnly@dev", "leaver", 600_000, 2_400_100),
        Grant("ann", "Audit@prod", "leaver", 1_200_000, 2_400_100),
    ]


@pytest.mark.parametrize("manual", ["follows", "stays"])
def test_a_group_with_too_much_is_misconfiguration_before_it_is_drift(manual: str) -> None:
    """Operators is assigned Audit at 10m, outside the policy; Ann is put into Operators by hand in the target at 20m.
    Audit comes of the group's assignment; PowerUser, which the policy gives to that group, of the hand."""
    seen = run(
        told(
            act("10m", "aws_assign", group="Operators", permission_set="Audit", account="prod"),
            act("20m", "aws_add_member", group="Operators", user="ann"),
            organisation__truth_of_manual_changes=manual,
        )
    )
    assert [each for each in seen.orphans if each.who == "ann"] == [
        Grant("ann", "Audit@prod", "misconfiguration", 1_200_000, None),
        Grant("ann", "PowerUser@dev", "drift", 1_200_000, None),
    ]


def test_what_a_move_took_and_a_hand_gives_back_much_later_is_drift() -> None:
    """The move of 10m is through at 2,400,400; what is assigned at 90m is nothing that was retained."""
    seen = run(
        told(
            act("10m", "move", "ann", department="Operations"),
            act("90m", "aws_assign", user="ann", permission_set="ReadOnly", account="dev"),
        )
    )
    assert [each.cause for each in seen.orphans] == ["mover", "drift"]


def test_a_person_interval_has_the_cause_of_the_grant_that_is_orphaned_longest() -> None:
    """Bob's PowerUser is a mover's from 10m to 2,400,300; Audit, assigned by hand at 20m, outlives it."""
    seen = run(
        told(
            act("10m", "move", "bob", department="Engineering"),
            act("20m", "aws_assign", user="bob", permission_set="Audit", account="prod"),
        )
    )
    assert seen.pieces == [
        Piece("bob", "mover", "cycle", 600_000, 2_400_000),
        Piece("bob", "mover", "processing", 2_400_000, 2_400_300),
        Piece("bob", "drift", "nobody", 2_400_300, None),
    ]
    people = seen.world.parts.ledger.exposure.person("orphaned")
    assert (people.peak, people.now) == (1, 1)
    grants = seen.world.parts.ledger.exposure.grant("orphaned")
    assert (grants.peak, grants.now) == (2, 1)
