"""What settings of scope and actions mean for waiting and divergence: who waits for nobody, what differs for ever."""

from __future__ import annotations

from typing import Any

import pytest

from tests.semantics.story import Piece, act, join, run, told

OF_ENGINEERS = {"users": [{"clauses": [{"attribute": "department", "operator": "EQUALS", "value": "Engineering"}]}]}


def differences(seen: Any) -> dict[str, int]:
    return {kind: count for kind, count in seen.world.parts.divergence.by_kind.items() if count}


def test_without_update_a_leaver_waits_for_nobody_and_differs_for_ever() -> None:
    """Ann leaves at 10m = 600,000. The disable is an update, and updates are switched off."""
    seen = run(told(act("10m", "leave", "ann"), provisioning__actions={"users": ["create", "delete"]}))
    assert seen.pieces == [Piece("ann", "leaver", "nobody", 600_000, None)]
    assert differences(seen) == {"active": 1}


def test_without_soft_delete_a_leaver_is_deleted_by_the_next_cycle() -> None:
    """The cycle at 40m = 2,400,000 sends one request: DELETE."""
    seen = run(told(act("10m", "leave", "ann"), provisioning__soft_delete=False))
    assert [(piece.waiting, piece.since, piece.until) for piece in seen.pieces] == [("cycle", 600_000, 2_400_000)]
    assert differences(seen) == {}


def test_what_is_left_alone_out_of_scope_differs_for_ever() -> None:
    """Engineers is unassigned at 10m: Ann and the group stay as they are; Cyd has another group."""
    seen = run(
        told(act("10m", "unassign", group="Engineers"), provisioning__skip_out_of_scope_deletions=True),
    )
    assert differences(seen) == {"active": 1, "extra_membership": 1, "extra_group": 1}


@pytest.mark.parametrize("start_state", ["in_sync", "empty"])
@pytest.mark.parametrize(
    ("settings", "users"), [({}, 3), ({"scope": "all"}, 3), ({"scoping": OF_ENGINEERS}, 1), ({"soft_delete": False}, 3)]
)
def test_a_world_at_rest_has_no_differences_whatever_the_scope(
    start_state: str, settings: dict[str, Any], users: int
) -> None:
    """Security (Cyd) and Operations (Bob) fail the filter: they are not there, and that is as it should be."""
    more = {f"provisioning__{key}": value for key, value in settings.items()}
    seen = run(told(start_state=start_state, **more))
    assert differences(seen) == {}
    assert seen.world.services.provider.users_count == users


def test_all_users_are_in_scope_without_a_group() -> None:
    seen = run(told(join("10m", "dan", "Kitchen"), provisioning__scope="all"))
    assert differences(seen) == {}
    assert seen.world.services.provider.users_count == 4


def test_from_all_to_assigned_differs_until_the_restart() -> None:
    """Dan is in no group. The setting changes at 50m and counts for divergence from the gate at 80m on; the restart at
    130m lets the cycle at 160m disable him."""
    timeline = (join("10m", "dan", "Kitchen"), act("50m", "configure_job", scope="assigned"))
    assert differences(run(told(*timeline, provisioning__scope="all"))) == {"active": 1}
    restarted = run(told(*timeline, act("130m", "restart_job"), provisioning__scope="all"))
    assert differences(restarted) == {}


def test_a_generated_company_starts_in_sync_whatever_the_scope() -> None:
    """Of 40 people in four departments, those of the Kitchen are in no group."""
    company = {
        "departments": [{"name": "Engineering"}, {"name": "Operations"}, {"name": "Security"}, {"name": "Kitchen"}]
    }
    counts = []
    for settings in ({}, {"scope": "all"}, {"scoping": OF_ENGINEERS}):
        values = told(
            workforce={"size": 40, "counts": {}}, before={}, **{f"provisioning__{k}": v for k, v in settings.items()}
        )
        values["organisation"]["departments"] = company["departments"]
        seen = run(values)
        assert differences(seen) == {}
        assert seen.world.driver.sums.tally.requests == 0
        counts.append(seen.world.services.provider.users_count)
    assigned, everybody, engineers = counts
    assert 0 < engineers < assigned < everybody == 40


def test_a_renamed_group_that_fails_its_filter_is_deleted_and_its_members_stay() -> None:
    """Auditors becomes Checkers at 10m and passes no longer; the cycle at 40m deletes it. Cyd keeps Engineers. Renamed
    back at 50m, the cycle at 80m makes it anew; of memberships it hears nothing (docs/scope.md)."""
    names = ("Engineers", "Operators", "Auditors")
    scoping = {"groups": [{"clauses": [{"attribute": "displayName", "operator": "EQUALS", "value": n}]} for n in names]}
    away = act("10m", "rename_group", group="Auditors", to="Checkers")
    gone = run(told(away, provisioning__scoping=scoping))
    assert differences(gone) == {}
    assert [group.exists for group in gone.world.services.provider.groups] == [True, True, False]
    back = run(told(away, act("50m", "rename_group", group="Checkers", to="Auditors"), provisioning__scoping=scoping))
    assert differences(back) == {"missing_membership": 1}


def test_who_is_taken_out_of_a_group_that_is_then_unassigned_is_disabled_all_the_same() -> None:
    """Both before the cycle at 40m: Ann is a member no longer, and Engineers is no longer assigned. Only the change of
    the group tells of her; its deletion sends nothing about members, and she has no other way in."""
    timeline = [act("10m", "remove_member", "ann", group="Engineers"), act("11m", "unassign", group="Engineers")]
    seen = run(told(*timeline))
    assert seen.held("ann") == []
    assert not seen.world.services.provider.is_active(seen.person("ann").targets[0])
    assert differences(seen) == {}
