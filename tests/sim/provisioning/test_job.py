"""The job on its own: a scripted source is read, requests come out, scripted answers go in; no world, no time."""

from __future__ import annotations

import pytest

from sim.ports import (
    GROUP,
    USER,
    Answer,
    Delta,
    SourceGroup,
    SourceUser,
    TargetGroup,
    TargetUser,
)
from sim.provisioning.log import FAILURE, SKIPPED, SUCCESS
from tests.sim.provisioning.scripted import Bench, account, changed, company

# --- reading ---------------------------------------------------------------------------------------------


def test_a_cycle_without_changes_sends_nothing_and_moves_the_watermark() -> None:
    bench = Bench(company("ann", G=("ann",)))
    assert bench.cycle() == []
    assert bench.state.watermark == "1"
    assert bench.heard.told == [("picked_up", ())]


def test_users_come_first_then_groups_then_memberships() -> None:
    source = company("ann", "bob", G=("ann",), H=("bob",))
    source.delta = changed(account("ann"), account("bob"), groups={"G": (("ann", True),), "H": (("bob", True),)})
    assert Bench(source, watermark=None).cycle() == [
        "find ann", "create ann", "find bob", "create bob",
        "find G", "create G", "find H", "create H",
        "patch TG +Tann", "patch TH +Tbob",
    ]  # fmt: skip


def test_additions_come_before_removals_in_requests_of_the_set_size() -> None:
    source = company("a", "b", "c", "d", G=("a", "b", "c"))
    source.delta = changed(groups={"G": (("d", False), ("a", True), ("b", True), ("c", True))})
    bench = Bench(source, members_per_patch=2)
    bench.link("a", "b", "c")
    bench.link("d", active=False)
    bench.link_group("G")
    assert bench.cycle() == [
        "get Td", "get Ta", "get Tb", "get Tc",
        "get TG",
        "patch TG +Ta +Tb", "patch TG +Tc", "patch TG -Td",
    ]  # fmt: skip


def test_a_group_is_read_before_its_members_change_and_only_once() -> None:
    """Not when it has just been made: then the job knows it."""
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"), groups={"G": (("ann", True),)})
    assert Bench(source).cycle() == ["find ann", "create ann", "find G", "create G", "patch TG +Tann"]


def test_who_is_out_of_scope_is_passed_over() -> None:
    source = company("ann", "bob", G=("ann",))
    source.delta = changed(account("bob"))
    bench = Bench(source)
    assert bench.cycle() == []
    assert [(row.status, row.reason) for row in bench.log.rows] == [(SKIPPED, "NotEffectivelyEntitled")]
    assert bench.job.tally.objects == 0


def test_a_member_who_is_not_provisioned_is_left_out_and_forgotten() -> None:
    """A documented blind spot: https://learn.microsoft.com/entra/identity/app-provisioning/known-issues"""
    source = company("ann", G=("ann",))
    source.users["ann"] = account("ann", enabled=False)
    source.delta = changed(groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.link_group("G")
    assert bench.cycle() == ["get TG"]
    assert bench.state.escrows == {}


def test_a_principal_that_was_assigned_brings_its_members_along() -> None:
    source = company("ann", G=("ann",))
    bench = Bench(source)
    bench.forget_assignments()
    assert bench.cycle() == ["find ann", "create ann", "find G", "create G", "patch TG +Tann"]
    assert bench.state.assigned == ((GROUP, "G"),)
    assert bench.cycle() == []


def test_an_unassigned_group_is_deleted_and_its_members_looked_at() -> None:
    """Ann has another path into scope, bob has none."""
    source = company("ann", "bob", G=("ann", "bob"), H=("ann",))
    source.delta = changed(groups={"G": (("ann", True), ("bob", True)), "H": (("ann", True),)})
    bench = Bench(source, watermark=None)
    bench.cycle()
    source.delta = Delta((), (), "2")
    source.in_scope = ((GROUP, "H"),)
    assert bench.cycle() == ["get Tann", "get Tbob", "patch Tbob active", "delete TG"]


def test_who_is_assigned_directly_is_in_scope() -> None:
    source = company("ann")
    source.in_scope = ((USER, "ann"),)
    bench = Bench(source)
    bench.state.assigned = ()
    assert bench.cycle() == ["find ann", "create ann"]


def test_a_restart_finds_members_and_groups_that_are_there_no_longer() -> None:
    source = company("ann", "bob", G=("ann", "bob"), H=("ann",))
    source.delta = changed(groups={"G": (("ann", True), ("bob", True)), "H": (("ann", True),)})
    bench = Bench(source, watermark=None)
    bench.cycle()
    bench.job.restart()
    source.groups["G"] = ("ann",)
    source.in_scope = ((GROUP, "G"),)
    source.delta = changed(account("ann"), account("bob"), groups={"G": (("ann", True),)})
    sent = bench.cycle()
    assert sent[-4:] == ["get TG", "delete TH", "patch TG +Tann", "patch TG -Tbob"]
    assert "patch Tbob active" in sent


def test_a_restart_during_a_cycle_outlives_it() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    agenda = bench.job.begin_cycle(1)
    work = bench.job.work(agenda)
    next(work)
    bench.job.restart()
    with pytest.raises(StopIteration):
        work.send(Answer(500))
    assert bench.state.watermark is None


# --- matching --------------------------------------------------------------------------------------------


def test_a_user_with_the_same_name_is_matched_and_brought_up_to_date() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    bench.target["X"] = TargetUser("X", {"userName": "ann@contoso.example", "displayName": "Anna"}, False)
    assert bench.cycle() == ["find ann", "patch X displayName name.formatted externalId active"]
    assert bench.state.users.get("ann") == "X"
    assert (bench.job.tally.users_matched, bench.job.tally.users_created) == (1, 0)


def test_a_group_with_the_same_name_is_matched_and_brought_up_to_date() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.link("ann")
    bench.target["X"] = TargetGroup("X", {"displayName": "G"})
    assert bench.cycle() == ["get Tann", "find G", "patch X externalId", "patch X +Tann"]
    assert (bench.job.tally.groups_created, bench.job.tally.groups_updated) == (0, 1)


def test_two_users_with_the_same_name_are_a_failure() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    for name in ("X", "Y"):
        bench.target[name] = TargetUser(name, {"userName": "ann@contoso.example"}, True)
    bench.cycle()
    assert [(row.status, row.reason) for row in bench.log.rows] == [(FAILURE, "DuplicateTargetEntries")]


def test_nothing_to_change_is_a_skipped_row() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    bench.link("ann")
    assert bench.cycle() == ["get Tann"]
    assert [(row.status, row.reason, row.requests) for row in bench.log.rows] == [(SKIPPED, "RedundantExport", 1)]


def test_an_object_that_belongs_to_somebody_who_is_still_there_is_not_taken_over() -> None:
    """https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""
    source = company("ann", "ben", G=("ann", "ben"))
    bench = Bench(source)
    bench.link("ann")
    source.delta = changed(account("ben", userPrincipalName="ann@contoso.example"))
    assert bench.cycle() == ["find ann"]
    assert [(row.status, row.reason) for row in bench.log.rows] == [(FAILURE, "DuplicateSourceEntries")]
    assert (bench.state.users.get("ann"), bench.state.users.get("ben")) == ("Tann", None)


@pytest.mark.parametrize("left", ["deleted", "unassigned"])
def test_a_leftover_is_adopted_and_activated(left: str) -> None:
    source = company("ann", "ben", G=("ann", "ben"))
    bench = Bench(source)
    bench.link("ann", active=False)
    if left == "deleted":
        source.users["ann"] = account("ann", removed="changed")
    else:
        bench.state.released["ann"] = None
    source.delta = changed(account("ben", userPrincipalName="ann@contoso.example"))
    sent = bench.cycle()
    assert sent[0] == "find ann"
    assert sent[1].startswith("patch Tann")
    assert sent[1].endswith("active")
    assert (bench.state.users.get("ann"), bench.state.users.get("ben")) == (None, "Tann")
    assert bench.state.released == {}


def test_two_groups_of_one_name_do_not_share_an_object() -> None:
    """Entra lets them have one; the target does not."""
    source = company("ann", G=("ann",), H=("ann",))
    told = (SourceGroup("G", {"displayName": "Same"}), SourceGroup("H", {"displayName": "Same"}))
    source.delta = Delta((), told, "1")
    bench = Bench(source)
    assert bench.cycle() == ["find Same", "create Same", "find Same"]
    assert [(row.status, row.reason) for row in bench.log.rows] == [(SUCCESS, ""), (FAILURE, "DuplicateSourceEntries")]


@pytest.mark.parametrize("name", [None, ""])
def test_a_group_without_a_name_is_not_provisioned_nor_its_members_through_it(name: str | None) -> None:
    source = company("ann", G=("ann",))
    source.users["ann"] = account("ann")
    source.delta = Delta((), (SourceGroup("G", {"displayName": name}, (("ann", True),)),), "1")
    bench = Bench(source)
    assert bench.cycle() == ["find ann", "create ann"]
    assert [(row.kind, row.status, row.reason) for row in bench.log.rows] == [
        (USER, SUCCESS, ""),
        (GROUP, SKIPPED, "ImportSkipped"),
    ]


def test_a_user_without_a_value_to_match_by_is_skipped_before_scope_is_looked_at() -> None:
    """She is not assigned either, but that is not what is told."""
    source = company("ann")
    source.delta = changed(account("ann", userPrincipalName=None))
    bench = Bench(source)
    assert bench.cycle() == []
    assert [(row.status, row.reason) for row in bench.log.rows] == [(SKIPPED, "ImportSkipped")]


def test_an_initial_cycle_finds_who_is_in_the_recycle_bin() -> None:
    """An enumeration does not tell of them; whoever has left the bin is found by nothing."""
    source = company("ann", "ben", G=())
    bench = Bench(source, watermark=None)
    bench.link("ann", "ben")
    source.users = {"ann": account("ann", removed="changed")}
    assert bench.cycle() == ["get Tann", "patch Tann active"]


# --- managers --------------------------------------------------------------------------------------------


def test_a_manager_who_fails_in_this_cycle_is_referred_to_when_he_comes_through() -> None:
    source = company("ann", "ben", G=("ann", "ben"))
    ann = SourceUser("ann", True, account("ann").attributes, None, "ben")
    source.users["ann"] = ann
    source.delta = changed(ann, account("ben"))
    bench = Bench(source)
    bench.refuse["create ben"] = 500
    assert bench.cycle() == ["find ann", "create ann", "find ben", "create ben"]
    del bench.refuse["create ben"]
    source.delta = Delta((), (), "2")
    assert bench.cycle()[-4:] == [
        "create ben",
        "get Tann",
        "refers Tann",
        "patch Tann urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    ]


def test_a_manager_whom_the_target_has_already_is_not_sent() -> None:
    source = company("ann", "ben", G=("ann", "ben"))
    bench = Bench(source)
    bench.link("ann", "ben")
    bench.refers = {("Tann", "Tben")}
    source.delta = changed(SourceUser("ann", True, account("ann").attributes, None, "ben"))
    assert bench.cycle() == ["get Tann", "refers Tann"]
    assert bench.cycle() == ["get Tann"]  # nothing new about it


# --- leaving ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("removed", [None, "changed"])
def test_a_disabled_or_soft_deleted_user_is_disabled(removed: str | None) -> None:
    source = company("ann", G=("ann",))
    bench = Bench(source)
    bench.link("ann")
    source.users["ann"] = account("ann", enabled=False, removed=removed)
    source.delta = changed(source.users["ann"])
    assert bench.cycle() == ["get Tann", "patch Tann active"]
    assert bench.job.tally.users_disabled == 1
    assert bench.state.released == {}


def test_who_falls_out_of_scope_is_disabled_and_let_go_until_assigned_again() -> None:
    source = company("ann", G=("ann",))
    bench = Bench(source)
    bench.link("ann")
    bench.link_group("G")
    source.groups["G"] = ()
    source.delta = changed(groups={"G": (("ann", False),)})
    assert bench.cycle() == ["get Tann", "patch Tann active", "get TG", "patch TG -Tann"]
    source.delta = changed(account("ann", removed="deleted"))
    assert bench.cycle() == []  # purged, but not managed any more
    source.groups["G"] = ("ann",)
    source.delta = changed(account("ann"))
    bench.target["Tann"] = TargetUser("Tann", bench.target["Tann"].attributes, False)
    assert bench.cycle() == ["get Tann", "patch Tann active"]
    assert bench.state.released == {}


@pytest.mark.parametrize("status", [204, 404])
def test_a_purged_user_is_deleted_even_if_it_is_gone_already(status: int) -> None:
    source = company(G=())
    source.delta = changed(account("ann", removed="deleted"))
    bench = Bench(source)
    bench.state.users.set("ann", "Tann")
    if status == 404:
        bench.refuse["delete Tann"] = 404
    assert bench.cycle() == ["delete Tann"]
    assert bench.state.users.get("ann") is None
    assert bench.job.tally.users_deleted == (status == 204)
    assert bench.state.escrows == {}
