"""The decision table: all of its 24 rows, and that each has exactly one answer.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works"""

from __future__ import annotations

from itertools import product

import pytest

from sim.ports import SourceUser
from sim.provisioning.plan import NOT_ACTIVE, NOT_ENTITLED, NOT_LINKED, RELEASED, Verdict, judge

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
