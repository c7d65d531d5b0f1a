"""The decision table: all of its 24 rows, and that each has exactly one answer.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works"""

from __future__ import annotations

from itertools import product

import pytest

from sim.ports import SourceUser
from sim.provisioning.plan import (
    ADD,
    IN_THE_BIN,
    LEFT_ALONE,
    NOT_ACTIVE,
    NOT_ENTITLED,
    NOT_IN_SCOPE,
    NOT_LINKED,
    PURGED_UNSEEN,
    RELEASED,
    SWITCHED_OFF,
    UPDATE,
    Treatment,
    Verdict,
    judge,
    judge_group,
)

ENABLED, DISABLED, BIN, GONE = "enabled", "disabled", "in the recycle bin", "gone for good"
USERS = {
    ENABLED: SourceUser("u", True, {}),
    DISABLED: SourceUser("u", False, {}),
    BIN: SourceUser("u", False, {}, "changed"),
    GONE: SourceUser("u", False, {}, "deleted"),
}
SKIP, DISABLE, DELETE, PROVISION = Verdict.SKIP, Verdict.DISABLE, Verdict.DELETE, Verdict.PROVISION


@pytest.mark.parametrize(
    ("user", "assigned", "linked", "released", "expected"),
    [
        # in scope and active: whatever was before
        (ENABLED, True, False, False, (PROVISION, "")),
        (ENABLED, True, True, False, (PROVISION, "")),
        (ENABLED, True, True, True, (PROVISION, "")),
        # never provisioned: nothing to do
        (ENABLED, False, False, False, (SKIP, NOT_ENTITLED)),
        (DISABLED, True, False, False, (SKIP, NOT_ACTIVE)),
        (DISABLED, False, False, False, (SKIP, NOT_ENTITLED)),
        (BIN, False, False, False, (SKIP, NOT_LINKED)),
        (GONE, False, False, False, (SKIP, NOT_LINKED)),
        # provisioned and managed
        (ENABLED, False, True, False, (DISABLE, "")),
        (DISABLED, True, True, False, (DISABLE, "")),
        (DISABLED, False, True, False, (DISABLE, "")),
        (BIN, False, True, False, (DISABLE, "")),
        (BIN, True, True, False, (DISABLE, "")),
        (GONE, False, True, False, (DELETE, "")),
        (GONE, True, True, False, (DELETE, "")),
        # fell out of scope before: no longer managed, not even when it is deleted
        (ENABLED, False, True, True, (SKIP, RELEASED)),
        (DISABLED, False, True, True, (SKIP, RELEASED)),
        (DISABLED, True, True, True, (SKIP, RELEASED)),
        (BIN, False, True, True, (SKIP, RELEASED)),
        (GONE, False, True, True, (SKIP, RELEASED)),
    ],
)
def test_the_decision_table(
    user: str, assigned: bool, linked: bool, released: bool, expected: tuple[Verdict, str]
) -> None:
    assert judge(USERS[user], assigned=assigned, linked=linked, released=released) == expected


def test_a_user_that_is_not_linked_is_never_changed() -> None:
    for user, assigned in product(USERS.values(), (True, False)):
        verdict, _ = judge(user, assigned=assigned, linked=False, released=False)
        assert verdict in {Verdict.PROVISION, Verdict.SKIP}


def test_only_doing_nothing_has_a_reason() -> None:
    for user, assigned, linked, released in product(USERS.values(), (True, False), (True, False), (True, False)):
        verdict, reason = judge(user, assigned=assigned, linked=linked, released=released)
        assert bool(reason) == (verdict is Verdict.SKIP)


NO_UPDATE = Treatment(users=frozenset({ADD, "Delete"}), groups=frozenset({ADD, UPDATE}))
NO_DELETE = Treatment(users=frozenset({ADD, UPDATE}))
LEAVING_ALONE = Treatment(skip_out_of_scope=True)
HARD = Treatment(soft_delete=False)
UNSEEN = Treatment(purged_unseen=False)


@pytest.mark.parametrize(
    ("user", "assigned", "passes", "treatment", "expected"),
    [
        (ENABLED, True, False, Treatment(), (DISABLE, "")),
        # left alone is what is out of scope, and nothing else
        (ENABLED, True, False, LEAVING_ALONE, (SKIP, LEFT_ALONE)),
        (ENABLED, False, True, LEAVING_ALONE, (SKIP, LEFT_ALONE)),
        (DISABLED, False, True, LEAVING_ALONE, (SKIP, LEFT_ALONE)),
        (DISABLED, True, True, LEAVING_ALONE, (DISABLE, "")),
        (BIN, False, True, LEAVING_ALONE, (DISABLE, "")),
        (GONE, False, True, LEAVING_ALONE, (DELETE, "")),
        # a disable is an update
        (DISABLED, True, True, NO_UPDATE, (SKIP, SWITCHED_OFF)),
        (BIN, False, True, NO_UPDATE, (SKIP, SWITCHED_OFF)),
        (GONE, False, True, NO_UPDATE, (DELETE, "")),
        (DISABLED, True, True, NO_DELETE, (DISABLE, "")),
        (GONE, False, True, NO_DELETE, (SKIP, SWITCHED_OFF)),
        # a target that cannot disable
        (DISABLED, True, True, HARD, (DELETE, "")),
        (ENABLED, False, True, HARD, (DELETE, "")),
        (BIN, False, True, HARD, (DELETE, "")),
        # purged before the job had seen it deleted
        (GONE, False, True, UNSEEN, (SKIP, PURGED_UNSEEN)),
        (BIN, False, True, UNSEEN, (DISABLE, "")),
    ],
)
def test_what_settings_change_about_linked_users(
    user: str, assigned: bool, passes: bool, treatment: Treatment, expected: tuple[Verdict, str]
) -> None:
    judged = judge(
        USERS[user], assigned=assigned, linked=True, released=False, passes=passes, binned=False, treatment=treatment
    )
    assert judged == expected


def test_who_fails_the_filter_is_told_so_only_if_assigned() -> None:
    judged = [judge(USERS[ENABLED], assigned=a, linked=False, released=False, passes=False) for a in (True, False)]
    assert judged == [(SKIP, NOT_IN_SCOPE), (SKIP, NOT_ENTITLED)]


@pytest.mark.parametrize(
    ("removed", "released", "treatment", "expected"),
    [
        (None, False, Treatment(), (DELETE, "")),
        ("changed", False, Treatment(), (DELETE, "")),
        ("deleted", False, Treatment(), (DELETE, "")),
        ("deleted", True, Treatment(), (SKIP, RELEASED)),
        (None, False, LEAVING_ALONE, (SKIP, LEFT_ALONE)),
        ("changed", False, LEAVING_ALONE, (DELETE, "")),
        (None, False, Treatment(group_delete="hard"), (DELETE, "")),
        ("changed", False, Treatment(group_delete="hard"), (SKIP, IN_THE_BIN)),
        ("deleted", False, Treatment(group_delete="hard"), (DELETE, "")),
        (None, False, NO_UPDATE, (SKIP, SWITCHED_OFF)),
    ],
)
def test_the_decision_table_for_groups(
    removed: str | None, released: bool, treatment: Treatment, expected: tuple[Verdict, str]
) -> None:
    """Groups have no ``active``: they are kept, or deleted."""
    assert judge_group(removed, released=released, treatment=treatment) == expected
