"""The decision table of deprovisioning, row by row, over both transports: what is sent, logged and left behind.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works

Every story begins in sync: Ann is in Engineers, Bob in Operators, Cyd in Engineers and Leads; all groups are assigned.
Cycles begin at 10m, 50m, 90m and so on, so that each act of a story has a cycle of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from sim.scenario import scenario_from
from sim.world import Transport, World
from tests.contract.conftest import Watch
from tests.contract.stories import person, story

TRANSPORTS: list[Transport] = ["direct", "wire"]
Act = dict[str, Any]


def act(at: str, do: str, who: str | None = None, **more: Any) -> Act:
    action = {"at": at, "do": do, **more}
    return action if who is None else {**action, "person": who}


@dataclass(frozen=True)
class Row:
    """One row of the table."""

    name: str
    timeline: tuple[Act, ...]
    sent: tuple[str, ...]
    """Every request, in order."""
    log: tuple[str, ...]
    """Every row of the log: whom it is about, what was done, and the reason for doing nothing."""
    left: dict[str, str | None] = field(default_factory=dict)
    """Who is in the target at the end: ``on`` or ``off`` and their groups; None: not there."""
    settings: dict[str, Any] = field(default_factory=dict)


GUS = act("1m", "create_user", person=person("gus", "Kitchen"))
ENGINEERING = {"users": [{"clauses": [{"attribute": "department", "operator": "EQUALS", "value": "Engineering"}]}]}
DISABLED = ("get ann", "patch ann active=False")
LOOKED_AT = ("Engineers update skipped RedundantExport", "Engineers update success")
"""A group of which a member changed is itself compared, and then changed."""
NOBODY_IS_SWITCHED = {"users": [{"target": "active", "none": True}]}

ROWS = (
    Row(
        "sign-in blocked and unblocked",
        (act("5m", "disable", "ann"), act("45m", "enable", "ann")),
        (*DISABLED, "get ann", "patch ann active=True"),
        ("ann disable success", "ann update success"),
        {"ann": "on Engineers"},
    ),
    Row(
        "deleted and restored: active again, the memberships are not sent again",
        (act("5m", "delete", "ann"), act("45m", "restore", "ann")),
        (*DISABLED, "get Engineers", "patch Engineers -ann", "get ann", "patch ann active=True"),
        ("ann disable success", *LOOKED_AT, "ann update success"),
        {"ann": "on"},
    ),
    Row(
        "restored, and repaired by a restart",
        (act("5m", "delete", "ann"), act("45m", "restore", "ann"), act("85m", "restart_job")),
        (
            *(*DISABLED, "get Engineers", "patch Engineers -ann", "get ann", "patch ann active=True"),
            *("get ann", "get bob", "get cyd", "get Engineers", "get Operators", "get Leads"),
            *("patch Engineers +ann", "patch Engineers +cyd", "patch Operators +bob", "patch Leads +cyd"),
        ),
        (
            *("ann disable success", *LOOKED_AT, "ann update success"),
            *("ann update skipped RedundantExport", "bob update skipped RedundantExport"),
            *("cyd update skipped RedundantExport", "dan other skipped NotActiveInSource"),
            *(f"{group} update skipped RedundantExport" for group in ("Engineers", "Operators", "Leads")),
            *(f"{group} update success" for group in ("Engineers", "Engineers", "Operators", "Leads")),
        ),
        {"ann": "on Engineers"},
    ),
    Row(
        "deleted for good while in scope",
        (act("5m", "delete", "ann"), act("45m", "purge", "ann")),
        (*DISABLED, "get Engineers", "patch Engineers -ann", "delete ann"),
        ("ann disable success", *LOOKED_AT, "ann delete success"),
        {"ann": None},
    ),
    Row(
        "deleted and purged between two cycles",
        (act("5m", "delete", "ann"), act("6m", "purge", "ann")),
        ("delete ann", "get Engineers"),
        ("ann delete success", "Engineers update skipped RedundantExport"),
        {"ann": None},
    ),
    Row(
        "deleted and purged between two cycles, where that is not seen",
        (act("5m", "delete", "ann"), act("6m", "purge", "ann")),
        ("get Engineers", "patch Engineers -ann"),
        ("ann other skipped PurgedBeforeSeen", *LOOKED_AT),
        {"ann": "on"},
        {"purged_between_cycles": "nothing"},
    ),
    Row(
        "direct assignment removed: disabled once, then let go of",
        (
            *(GUS, act("5m", "assign", "gus"), act("45m", "unassign", "gus")),
            *(act("85m", "delete", "gus"), act("125m", "purge", "gus")),
        ),
        ("find gus", "post gus", "get gus", "patch gus active=False"),
        (
            *("gus create success", "gus disable success"),
            *("gus other skipped NoLongerManaged", "gus other skipped NoLongerManaged"),
        ),
        {"gus": "off"},
    ),
    Row(
        "assigned again while the link is cached",
        (GUS, act("5m", "assign", "gus"), act("45m", "unassign", "gus"), act("85m", "assign", "gus")),
        ("find gus", "post gus", "get gus", "patch gus active=False", "get gus", "patch gus active=True"),
        ("gus create success", "gus disable success", "gus update success"),
        {"gus": "on"},
    ),
    Row(
        "removed from the only assigned group: user first, then the membership; a later deletion is not sent",
        (act("5m", "remove_member", "ann", group="Engineers"), act("45m", "delete", "ann"), act("85m", "purge", "ann")),
        (*DISABLED, "get Engineers", "patch Engineers -ann"),
        (
            *("ann disable success", *LOOKED_AT),
            *("ann other skipped NoLongerManaged", "ann other skipped NoLongerManaged"),
        ),
        {"ann": "off"},
    ),
    Row(
        "removed from one of two assigned groups",
        (act("5m", "remove_member", "cyd", group="Leads"),),
        ("get cyd", "get Leads", "patch Leads -cyd"),
        ("cyd update skipped RedundantExport", "Leads update skipped RedundantExport", "Leads update success"),
        {"cyd": "on Engineers"},
    ),
    Row(
        "assigned group unassigned: who has no other way in is disabled, the group deleted",
        (act("5m", "unassign", group="Engineers"),),
        (*DISABLED, "get cyd", "delete Engineers"),
        ("ann disable success", "cyd update skipped RedundantExport", "Engineers delete success"),
        {"ann": "off", "cyd": "on Leads"},
    ),
    Row(
        "group deleted in the directory",
        (act("5m", "delete_group", group="Engineers"),),
        (*DISABLED, "get cyd", "delete Engineers"),
        ("ann disable success", "cyd update skipped RedundantExport", "Engineers delete success"),
        {"ann": "off", "cyd": "on Leads"},
    ),
    Row(
        "group deleted, where only the deletion for good counts: its other members keep it until then",
        (act("5m", "delete_group", group="Engineers"),),
        (*DISABLED, "get cyd"),
        (
            *("ann disable success", "cyd update skipped RedundantExport"),
            "Engineers other skipped GroupInRecycleBin",
        ),
        {"ann": "off Engineers", "cyd": "on Engineers Leads"},
        {"group_delete": "hard"},
    ),
    Row(
        "fails a scoping filter, then deleted",
        (act("5m", "set_attributes", "ann", attributes={"department": "Sales"}), act("45m", "delete", "ann")),
        (*DISABLED, "get Engineers", "patch Engineers -ann"),
        (
            *("ann disable success", "ann other skipped NoLongerManaged"),
            *("Engineers update skipped RedundantExport", "Engineers update success"),
        ),
        {"ann": "off", "bob": None},
        {"scoping": ENGINEERING},
    ),
    Row(
        "unassigned, where what is out of scope is left alone; deleted later all the same",
        (
            act("5m", "unassign", group="Engineers"),
            *(act("45m", "delete", "ann"), act("85m", "purge", "ann"), act("125m", "delete_group", group="Engineers")),
        ),
        ("get cyd",),
        (
            *("ann other skipped SkipOutOfScopeDeletions", "cyd update skipped RedundantExport"),
            "Engineers other skipped SkipOutOfScopeDeletions",
            *("ann other skipped NoLongerManaged", "ann other skipped NoLongerManaged"),
            "Engineers other skipped NoLongerManaged",
        ),
        {"ann": "on Engineers", "cyd": "on Engineers Leads"},
        {"skip_out_of_scope_deletions": True},
    ),
    Row(
        "blocked or deleted in scope, where only what is out of scope is left alone",
        (act("5m", "disable", "ann"),),
        DISABLED,
        ("ann disable success",),
        {"ann": "off Engineers"},
        {"skip_out_of_scope_deletions": True},
    ),
    Row(
        "the mapping of IsSoftDeleted removed: blocked, deleted, unassigned, and nothing is to be seen",
        (act("5m", "disable", "ann"), act("45m", "unassign", group="Operators"), act("85m", "delete", "cyd")),
        (
            *("get ann", "get bob", "delete Operators", "get cyd"),
            *("get Engineers", "get Leads", "patch Engineers -cyd", "patch Leads -cyd"),
        ),
        (
            *("ann update skipped RedundantExport", "bob update skipped RedundantExport", "Operators delete success"),
            "cyd update skipped RedundantExport",
            *("Engineers update skipped RedundantExport", "Leads update skipped RedundantExport"),
            *("Engineers update success", "Leads update success"),
        ),
        {"ann": "on Engineers", "bob": "on", "cyd": "on"},
        {"mappings": {"preset": "minimal", **NOBODY_IS_SWITCHED}},
    ),
    Row(
        "Update unticked: deprovisioning is dead",
        (act("5m", "disable", "ann"), act("45m", "remove_member", "bob", group="Operators")),
        ("get Operators", "patch Operators -bob"),
        (
            *("ann other skipped ActionDisabled", "bob other skipped ActionDisabled"),
            *("Operators update skipped RedundantExport", "Operators update success"),
        ),
        {"ann": "on Engineers", "bob": "on"},
        {"actions": {"users": ["create", "delete"]}},
    ),
    Row(
        "Update of groups unticked: no membership is sent",
        (act("5m", "remove_member", "cyd", group="Leads"),),
        ("get cyd",),
        ("cyd update skipped RedundantExport", "Leads other skipped ActionDisabled"),
        {"cyd": "on Engineers Leads"},
        {"actions": {"groups": ["create", "delete"]}},
    ),
    Row(
        "Create unticked: looked for, not made",
        (act("5m", "join", person=person("eve", "Operations")),),
        ("find eve", "get Operators"),
        ("eve other skipped ActionDisabled", "Operators update skipped RedundantExport"),
        {"eve": None},
        {"actions": {"users": ["update", "delete"]}},
    ),
    Row(
        "Delete unticked: deleted for good, and it stays",
        (act("5m", "delete", "ann"), act("45m", "purge", "ann"), act("85m", "unassign", group="Leads")),
        (*DISABLED, "get Engineers", "patch Engineers -ann", "get cyd"),
        (
            *("ann disable success", *LOOKED_AT, "ann other skipped ActionDisabled"),
            *("cyd update skipped RedundantExport", "Leads other skipped ActionDisabled"),
        ),
        {"ann": "off", "cyd": "on Engineers Leads"},
        {"actions": {"users": ["create", "update"], "groups": ["create", "update"]}},
    ),
    Row(
        "a target that cannot disable: deleted when blocked, made anew when unblocked",
        (act("5m", "disable", "ann"), act("45m", "enable", "ann")),
        ("delete ann", "find ann", "post ann"),
        ("ann delete success", "ann create success"),
        {"ann": "on"},
        {"soft_delete": False},
    ),
    Row(
        "a target that cannot disable: deleted, unassigned or filtered out comes to the same",
        (act("5m", "delete", "ann"), act("45m", "remove_member", "bob", group="Operators")),
        ("delete ann", "get Engineers", "delete bob", "get Operators"),
        (
            *("ann delete success", "Engineers update skipped RedundantExport"),
            *("bob delete success", "Operators update skipped RedundantExport"),
        ),
        {"ann": None, "bob": None},
        {"soft_delete": False},
    ),
)


def told(row: Row) -> dict[str, Any]:
    settings = {"phase": "10m", "mappings": "minimal", **row.settings}
    return story("decision-table", list(row.timeline), provisioning=settings)


def left(world: World, name: str) -> str | None:
    provider = world.services.provider
    user = provider.user_by("userName", f"{name}.example@contoso.example")
    if user is None:
        return None
    groups = [str(provider.groups[group].attributes["displayName"]) for group in provider.groups_of(user.row)]
    return " ".join(["on" if user.active else "off", *groups])


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_row_of_the_table(watch: Watch, row: Row, transport: Transport) -> None:
    world, sent = watch(scenario_from(told(row)), transport)
    assert (tuple(sent), tuple(watch.log(world))) == (row.sent, row.log)
    assert {name: left(world, name) for name in row.left} == row.left
