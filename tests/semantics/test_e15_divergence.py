"""E15: divergence. In scope and active → the mapped attributes; linked but disabled, soft-deleted or out of scope →
exists with ``active: false``, memberships ignored; never linked and not both in scope and active → absent; in the
target without a link → kind ``unmanaged``, not counted. Unit: one per object missing or extra, per differing
attribute, per membership.

Each act is at 10m, seen at 20m, before the cycle at 40m = 2,400,000 has done anything about it. A missing user counts
once and each of the memberships that it should have counts once, for each is a request of its own.
"""

from __future__ import annotations

from typing import Any

import pytest

from sim.ports import Answer, Request
from tests.semantics.story import CYCLE, MINUTE, act, begin, join, person, run, told, what


def seen_at(minutes: int, *timeline: dict[str, Any], **more: Any) -> dict[str, int]:
    """What differs then."""
    seen = begin(told(*timeline, **more))
    seen.world.run_until(minutes * MINUTE)
    return seen.by_kind()


AUDIT = {"permission_set": "Audit", "account": "prod"}
LATER = act("50m", "rename", "ann", display_name="A")
"""Something for the second cycle to do."""


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        # in scope and active: the mapped attributes
        (act("10m", "rename", "ann", display_name="A"), {"attribute": 1}),
        (act("10m", "rename", "ann", display_name="A", family_name="B"), {"attribute": 2}),
        (act("10m", "rename", "ann", user_principal_name="a.b@contoso.example"), {"attribute": 1}),
        (join("10m", "dan"), {"missing_user": 1, "missing_membership": 1}),
        (join("10m", "dan", "Security"), {"missing_user": 1, "missing_membership": 2}),
        (act("10m", "add_member", "ann", group="Auditors"), {"missing_membership": 1}),
        (act("10m", "remove_member", "cyd", group="Auditors"), {"extra_membership": 1}),
        (act("10m", "aws_disable_user", user="ann"), {"active": 1}),
        (act("10m", "aws_remove_member", user="cyd", group="Auditors"), {"missing_membership": 1}),
        (act("10m", "aws_add_member", user="ann", group="Auditors"), {"extra_membership": 1}),
        (act("10m", "aws_delete_user", user="ann"), {"missing_user": 1, "missing_membership": 1}),
        # linked, but disabled, soft-deleted or out of scope: exists with active false, memberships ignored
        (act("10m", "disable", "cyd"), {"active": 1}),
        (act("10m", "delete", "cyd"), {"active": 1}),
        (act("10m", "remove_member", "ann", group="Engineers"), {"active": 1}),
        # hard-deleted: absent, and its memberships with it
        (act("10m", "purge", "cyd"), {"extra_user": 1, "extra_membership": 2}),
        # never linked and not both in scope and active: absent
        (act("10m", "create_user", person=person("dan", enabled=False)), {}),
        (act("10m", "create_user", person=person("dan")), {}),
        # groups
        (act("10m", "create_group", group="Guests"), {}),
        (act("10m", "create_group", group="Guests", assigned=True), {"missing_group": 1}),
        (act("10m", "rename_group", group="Engineers", to="Builders"), {"attribute": 1}),
        (act("10m", "unassign", group="Operators"), {"extra_group": 1, "active": 1}),
        (act("10m", "delete_group", group="Auditors"), {"extra_group": 1, "extra_membership": 1}),
        # what somebody is assigned is not the job's
        (act("10m", "aws_assign", user="ann", **AUDIT), {}),
        (act("10m", "assign", "ann"), {}),
    ],
)
def test_one_act_makes_this_difference_and_the_cycles_mend_it(action: dict[str, Any], expected: dict[str, int]) -> None:
    assert seen_at(20, action) == expected


@pytest.mark.parametrize(
    "action",
    [
        act("10m", "rename", "ann", display_name="A", user_principal_name="a.b@contoso.example"),
        join("10m", "dan", "Security"),
        act("10m", "add_member", "ann", group="Auditors"),
        act("10m", "remove_member", "cyd", group="Auditors"),
        act("10m", "disable", "cyd"),
        act("10m", "delete", "cyd"),
        act("10m", "purge", "cyd"),
        act("10m", "remove_member", "ann", group="Engineers"),
        act("10m", "create_group", group="Guests", assigned=True),
        act("10m", "unassign", group="Operators"),
        act("10m", "delete_group", group="Auditors"),
    ],
)
def test_what_happens_in_the_directory_is_mended_by_one_cycle(action: dict[str, Any]) -> None:
    """Taken just before and just after the cycle: something, and nothing."""
    seen = begin(told(action))
    seen.world.run_until(20 * MINUTE)
    before = sum(seen.by_kind().values())
    seen.world.run()
    assert seen.divergence == [(CYCLE, before, 0)]
    assert before > 0


def test_everything_is_missing_before_the_initial_cycle() -> None:
    """Three users, three groups, four memberships."""
    seen = run(told(act("2h", "start_job"), start_state="empty"))
    assert seen.divergence == [(7_200_000, 10, 0)]
    begun = begin(told(start_state="empty"))
    assert begun.by_kind() == {"missing_user": 3, "missing_group": 3, "missing_membership": 4}


def test_what_is_in_the_target_without_a_link_is_listed_apart() -> None:
    """A hand-made user and its membership are nobody's difference; deleted, they are gone from the list."""
    made = act("10m", "aws_create_user", user_name="old.hand", given_name="O", family_name="H")
    member = act("11m", "aws_add_member", group="Engineers", user="old.hand")
    seen = begin(told(made, member, act("30m", "aws_delete_user", user="old.hand")))
    seen.world.run_until(20 * MINUTE)
    assert (seen.by_kind(), seen.world.parts.divergence.unmanaged) == ({}, 1)
    seen.world.run_until(31 * MINUTE)
    assert (seen.by_kind(), seen.world.parts.divergence.unmanaged) == ({}, 0)


def test_memberships_of_a_disabled_user_are_ignored() -> None:
    """Disabled by the cycle at 40m; taken out of one group in the directory and put into another in the target."""
    acts = (
        act("10m", "disable", "cyd"),
        act("45m", "aws_add_member", user="cyd", group="Operators"),
        act("45m", "remove_member", "cyd", group="Auditors"),
    )
    assert seen_at(60, *acts) == {}


def test_a_linked_user_that_is_missing_while_disabled_should_exist() -> None:
    acts = (act("10m", "disable", "ann"), act("50m", "aws_delete_user", user="ann"))
    assert seen_at(60, *acts) == {"missing_user": 1}


def test_a_disabled_user_that_a_hand_activates_differs() -> None:
    acts = (act("10m", "disable", "ann"), act("50m", "aws_enable_user", user="ann"))
    assert seen_at(60, *acts) == {"active": 1}


def test_a_leftover_of_a_released_user_is_no_difference() -> None:
    """Out of scope since 10m (disabled by the cycle at 40m, and let go), purged at 50m: nothing will be sent, and
    nothing should be."""
    acts = (act("10m", "remove_member", "ann", group="Engineers"), act("50m", "purge", "ann"))
    seen = begin(told(*acts))
    seen.world.run_until(60 * MINUTE)
    assert seen.by_kind() == {}
    seen.world.run()
    assert seen.world.services.provider.users_count == 3


def test_before_and_after_are_summed_over_all_cycles() -> None:
    """Gates at 0, 40m, … 200m: six in four hours. Before the one at 40m two things differ, before the one at 80m
    one, after each none."""
    seen = run(told(join("10m", "dan"), LATER))
    divergence = seen.world.parts.divergence
    assert (divergence.cycles, divergence.sum_before, divergence.sum_after, divergence.max_after) == (6, 3, 0, 0)


def test_what_the_target_refuses_still_differs_after_the_cycle() -> None:
    """The target takes no memberships until 60m: Dan is created at 40m, his membership is missing until 80m."""

    def refuse(request: Request, now: int) -> Answer | None:
        return Answer(500) if what(request) == "PATCH Groups" and now < 60 * MINUTE else None

    seen = run(told(join("10m", "dan")), refuse)
    assert seen.divergence == [(CYCLE, 2, 1), (2 * CYCLE, 1, 0)]
