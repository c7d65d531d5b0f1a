"""E10: hard-deleted principal whose assignments stay: neither effective nor suspended; ``leftover_assignments``."""

from __future__ import annotations

from tests.semantics.story import CYCLE, Grant, Latency, act, run, told

DIRECT = act("10m", "aws_assign", user="ann", permission_set="Audit", account="prod")


def test_the_assignment_outlives_its_principal() -> None:
    """Drift from 10m on. Purged at 20m (truth is the directory's: Ann has left), deleted in the target by the first
    request of the cycle at 40m, DELETE @0: wait 1,200,000, processing 0. What she was assigned herself stands in the
    console for ever and gives nobody anything."""
    seen = run(told(DIRECT, act("20m", "purge", "ann")))
    assert seen.requests == [(CYCLE, "DELETE Users"), (CYCLE + 100, "GET Groups")]
    assert seen.latencies == [Latency("leaver", "ann", 1_200_000, CYCLE, 0, 1_200_000, 0, 0)]
    assert seen.orphans == [
        Grant("ann", "Audit@prod", "drift", 600_000, 1_200_000),
        Grant("ann", "Audit@prod", "leaver", 1_200_000, CYCLE),
        Grant("ann", "ReadOnly@dev", "leaver", 1_200_000, CYCLE),
    ]
    ann = seen.person("ann")
    assert (ann.effective, ann.suspended) == (frozenset(), frozenset())
    assert seen.world.services.instance.leftovers() == 1


def test_a_disabled_principal_has_no_leftovers_but_suspended_access() -> None:
    seen = run(told(DIRECT, act("20m", "disable", "ann")))
    assert seen.grants(seen.person("ann").suspended) == ["Audit@prod", "ReadOnly@dev"]
    assert seen.world.services.instance.leftovers() == 0


def test_where_leavers_are_deleted_they_leave_such_assignments_behind() -> None:
    """``on_leave: delete``: HR purges the account at 20m."""
    seen = run(told(DIRECT, act("20m", "leave", "ann"), provisioning__on_leave="delete"))
    assert seen.done("leaver") == [1_200_000]
    assert seen.world.driver.sums.tally.users_deleted == 1
    assert seen.world.services.instance.leftovers() == 1
    assert seen.by_kind() == {}


def test_a_group_that_is_unassigned_leaves_its_assignment_behind() -> None:
    """The cycle at 40m deletes the group in the target: Bob, whose only group it was, is disabled first (GET @0, PATCH
    @100, DELETE group @200). He is entitled to PowerUser and misses it from 2,400,100 to the end."""
    seen = run(told(act("10m", "unassign", group="Operators")))
    assert seen.requests == [(CYCLE, "GET Users"), (CYCLE + 100, "PATCH Users"), (CYCLE + 200, "DELETE Groups")]
    assert seen.world.services.instance.leftovers() == 1
    assert seen.missing == [("bob", CYCLE + 100, None)]
    assert seen.person("bob").suspended == frozenset()
