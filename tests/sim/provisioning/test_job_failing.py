"""What the job does about refusals, when it is asked for somebody at once, and what it writes down."""

from __future__ import annotations

import pytest

from mockservices.clock import Millis
from sim.ports import (
    GROUP,
    USER,
    Delta,
    SourceUser,
    TargetGroup,
)
from sim.provisioning.log import SUCCESS
from sim.provisioning.state import Escrow
from tests.sim.provisioning.scripted import HOUR, Bench, account, changed, company

# --- failing ---------------------------------------------------------------------------------------------


def test_a_user_that_failed_is_in_escrow_and_looked_at_again() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    bench.refuse["create ann"] = 409
    bench.cycle()
    due = Millis(6 * HOUR)
    assert bench.state.escrows == {(USER, "ann"): Escrow(Millis(0), 1, due, "EntryConflict", own=True)}
    row = bench.log.rows[-1]
    assert (row.reason, row.tries, row.retry_at) == ("EntryConflict", 1, due)
    source.delta = Delta((), (), "2")
    bench.clock.now = Millis(6 * HOUR - 1)
    assert bench.cycle() == []
    bench.clock.now = due
    assert bench.cycle() == ["find ann", "create ann"]
    assert (bench.state.escrows[USER, "ann"].tries, bench.state.escrows[USER, "ann"].due) == (2, 12 * HOUR)
    bench.refuse.clear()
    bench.clock.now = Millis(12 * HOUR)
    assert bench.cycle() == ["find ann", "create ann"]
    assert bench.state.escrows == {}
    assert bench.cycle() == []


def test_whoever_watches_is_told_what_failed() -> None:
    source = company("ann", "bob", "cyd", G=("ann", "bob"))
    bench = Bench(source)
    bench.link("ann", "bob", "cyd")
    bench.link_group("G")
    source.delta = changed(account("ann", displayName="Anna"), groups={"G": (("bob", True), ("cyd", False))})
    bench.refuse = {"patch Tann displayName": 500, "patch TG +Tbob": 500, "patch TG -Tcyd": 500}
    bench.cycle()
    assert bench.heard.told == [
        ("picked_up", ("ann", "bob", "cyd")),
        ("failed", "ann"),
        ("failed", ("bob", True)),
        ("failed", ("cyd", False)),
        ("settled", ("ann", "bob", "cyd")),
    ]


def test_memberships_that_failed_are_sent_again_alone() -> None:
    source = company("a", "b", G=("a", "b"))
    source.delta = changed(groups={"G": (("a", True), ("b", True))})
    bench = Bench(source)
    bench.link("a", "b")
    bench.link_group("G")
    bench.refuse["patch TG +Ta"] = 503
    assert bench.cycle()[-2:] == ["patch TG +Ta", "patch TG +Tb"]
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["get Ta", "get TG", "patch TG +Ta"]
    assert bench.cycle() == []


def test_a_newer_word_about_a_membership_overrules_the_one_that_failed() -> None:
    source = company("a", G=("a",))
    source.delta = changed(groups={"G": (("a", True),)})
    bench = Bench(source)
    bench.link("a")
    bench.link_group("G")
    bench.refuse["patch TG +Ta"] = 503
    bench.cycle()
    source.delta = changed(groups={"G": (("a", False),)})
    source.groups["G"] = ()
    assert bench.cycle()[-1] == "patch TG -Ta"
    assert bench.state.escrows == {}


def test_memberships_wait_for_a_group_that_could_not_be_created() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"), groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.refuse["create G"] = 500
    assert bench.cycle() == ["find ann", "create ann", "find G", "create G"]
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["get Tann", "find G", "create G", "patch TG +Tann"]
    assert bench.cycle() == []


def test_memberships_wait_for_a_user_that_could_not_be_created() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"), groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.link_group("G")
    bench.refuse["create ann"] = 500
    assert bench.cycle() == ["find ann", "create ann", "get TG"]
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["find ann", "create ann", "get TG", "patch TG +Tann"]


@pytest.mark.parametrize("refused", ["find G", "create G"])
def test_a_group_in_escrow_that_was_unassigned_meanwhile_is_forgotten(refused: str) -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(groups={"G": ()})
    bench = Bench(source)
    bench.refuse[refused] = 500
    bench.cycle()
    assert (GROUP, "G") in bench.state.escrows
    source.delta = Delta((), (), "2")
    source.in_scope = bench.state.assigned = ()
    assert bench.cycle() == []
    assert bench.state.escrows == {}


def test_a_group_that_could_be_read_again_is_out_of_escrow() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(groups={"G": ()})
    bench = Bench(source)
    bench.link_group("G")
    bench.refuse["get TG"] = 500
    bench.cycle()
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["get TG"]
    assert bench.cycle() == []


def test_a_group_whose_attributes_were_refused_is_patched_again() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(groups={"G": ()})
    bench = Bench(source)
    bench.target["TG"] = TargetGroup("TG", {"displayName": "Old", "externalId": "G"})
    bench.state.groups.set("G", "TG")
    bench.refuse["patch TG displayName"] = 500
    assert bench.cycle() == ["get TG", "patch TG displayName"]
    bench.refuse.clear()
    source.delta = Delta((), (), "2")
    assert bench.cycle() == ["get TG", "patch TG displayName"]
    assert bench.state.escrows == {}


def test_an_unknown_status_has_a_code_too() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    bench = Bench(source)
    bench.refuse["find ann"] = 418
    bench.cycle()
    assert bench.log.rows[-1].reason == "InternalError"


# --- the rest --------------------------------------------------------------------------------------------


def test_the_connection_is_probed_first_when_asked_for() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"))
    assert Bench(source, connection_probe=True).cycle()[0] == "find probe-1"


def test_every_object_acted_on_leaves_one_row_with_its_requests() -> None:
    source = company("ann", G=("ann",))
    source.delta = changed(account("ann"), groups={"G": (("ann", True),)})
    bench = Bench(source)
    bench.cycle()
    rows = [(row.kind, row.action, row.status, row.requests) for row in bench.log.rows]
    assert rows == [(USER, "create", SUCCESS, 2), (GROUP, "create", SUCCESS, 2), (GROUP, "update", SUCCESS, 1)]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (account("ann"), ["find ann", "create ann"]),
        (account("ann", enabled=False), []),
        (account("ann", removed="changed"), []),
    ],
)
def test_on_demand_does_no_more_than_a_cycle_would(user: SourceUser, expected: list[str]) -> None:
    """https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand"""
    source = company(G=("ann",))
    source.users["ann"] = user
    bench = Bench(source)
    assert bench.on_demand("ann") == bool(expected)
    test, *sent = bench.sent or [""]
    assert sent == expected
    assert test.startswith("find ") == bool(expected)  # somebody who is not there
