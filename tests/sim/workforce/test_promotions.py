"""Promotions that change no fact, counted by hand."""

from __future__ import annotations

import numpy as np

from sim.access.policy import Facts
from sim.workforce.plan import EventKind, Reason
from sim.workforce.promotions import Promotions

KITCHEN, HALL, COOK, CHEF = range(4)
COMBINATIONS = (Facts("Kitchen"), Facts("Hall"), Facts("Bar", role="Cook"), Facts("Bar", role="Chef"))


def promotions(begin: int, *events: tuple[int, Reason, int]) -> Promotions:
    """Of person 1, who begins with these facts: (when, why, facts after it) of each mover."""
    at, reason, facts = (np.array(column) for column in zip(*events, strict=True))
    kind, person = np.full(len(at), EventKind.MOVER), np.ones(len(at), np.int64)
    return Promotions(COMBINATIONS, np.array([HALL, begin]), kind, reason, person, at, facts)


def test_without_roles_every_promotion_counts_wherever_somebody_goes() -> None:
    found = promotions(
        KITCHEN, (10, Reason.PROMOTION, KITCHEN), (20, Reason.DEPARTMENT, HALL), (30, Reason.PROMOTION, HALL)
    )
    asked = ((KITCHEN, 9), (KITCHEN, 10), (HALL, 20), (HALL, 30))
    assert [found.by(1, facts, at) for facts, at in asked] == [0, 1, 1, 2]
    assert found.by(0, HALL, 30) == 0


def test_the_next_role_is_no_step_of_a_title_and_after_the_last_one_each_is() -> None:
    found = promotions(
        COOK,
        (10, Reason.PROMOTION, CHEF),
        (20, Reason.PROMOTION, CHEF),
        (30, Reason.SECONDMENT, KITCHEN),
        (40, Reason.SECONDMENT_ENDS, CHEF),
        (50, Reason.PROMOTION, CHEF),
    )
    asked = ((CHEF, 10), (CHEF, 20), (KITCHEN, 30), (CHEF, 40), (CHEF, 50))
    assert [found.by(1, facts, at) for facts, at in asked] == [0, 1, 0, 1, 2]


def test_events_may_come_in_any_order() -> None:
    late, early = (30, Reason.PROMOTION, CHEF), (10, Reason.PROMOTION, CHEF)
    assert promotions(COOK, late, early).by(1, CHEF, 30) == promotions(COOK, early, late).by(1, CHEF, 30) == 1
