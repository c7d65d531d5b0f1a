"""E17: manual steps are acts of a person in the target's console; set-up, audit and clean-up are not."""

from __future__ import annotations

from tests.semantics.story import Seen, act, run, told


def acts(seen: Seen) -> list[tuple[str, str]]:
    return [(done.action, done.kind) for done in seen.world.timeline.console.acts]


def test_access_given_and_taken_by_hand_is_a_manual_step() -> None:
    seen = run(
        told(
            act("10m", "aws_assign", user="ann", permission_set="Audit", account="prod"),
            act("20m", "aws_unassign", user="ann", permission_set="Audit", account="prod"),
            act("30m", "aws_disable_user", user="bob"),
        )
    )
    assert acts(seen) == [("aws_assign", "manual"), ("aws_unassign", "manual"), ("aws_disable_user", "manual")]
    assert seen.world.timeline.console.manual_steps == 3


def test_what_a_service_refuses_is_no_step() -> None:
    seen = run(told(act("10m", "aws_unassign", user="ann", permission_set="Audit", account="prod")))
    assert len(seen.world.timeline.refused) == 1
    assert acts(seen) == []


def test_set_up_audit_and_clean_up_are_no_manual_steps() -> None:
    seen = run(
        told(
            act("0m", "aws_audit"),
            act("1m", "aws_enable"),
            act("2m", "aws_identity_source", source="external"),
            act("3m", "aws_automatic_provisioning"),
            act("4m", "aws_create_permission_set", permission_set="ReadOnly"),
            act("5m", "start_job"),
            act("10m", "aws_assign", group="Engineers", permission_set="ReadOnly", account="dev"),
            act("20m", "aws_clean_up"),
            start_state="empty",
        )
    )
    assert seen.world.timeline.refused == []
    assert [kind for _, kind in acts(seen)] == ["audit", *["set_up"] * 5, "clean_up"]
    assert seen.world.timeline.console.manual_steps == 0


def test_a_group_is_not_assigned_before_the_timeline_shows_it() -> None:
    """The job starts at 5m; its initial cycle makes five objects' worth of requests. Ann's group is assigned at 10m."""
    assigned = act("10m", "aws_assign", group="Engineers", permission_set="ReadOnly", account="dev")
    seen = run(told(act("5m", "start_job"), assigned, start_state="empty"))
    assert [(who, until) for who, _, until in seen.missing if who == "ann"] == [("ann", 600_000)]
    assert seen.held("ann") == ["ReadOnly@dev"]


def test_a_group_assigned_for_another_account_is_a_manual_step() -> None:
    seen = run(told(act("10m", "aws_assign", group="Engineers", permission_set="ReadOnly", account="prod")))
    assert seen.world.timeline.console.manual_steps == 1
