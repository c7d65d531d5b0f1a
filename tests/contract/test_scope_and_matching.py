"""Who is in scope, whom an object of the target is taken for, and what no cycle notices; over both transports.
https://learn.microsoft.com/entra/identity/app-provisioning/known-issues

As in the decision table: Ann is in Engineers, Bob in Operators, Cyd in Engineers and Leads; cycles at 10m, 50m, 90m ...
"""

from __future__ import annotations

import pytest

from sim.scenario import scenario_from
from sim.world import Transport, World
from tests.contract.conftest import Tape, Watch
from tests.contract.stories import person
from tests.contract.test_decision_table import GUS, TRANSPORTS, Row, act, left, told
from tests.contract.test_decision_table import ROWS as TABLE

OF_KITCHEN = {"users": [{"clauses": [{"attribute": "department", "operator": "not_equals", "value": "Kitchen"}]}]}
MANAGERS = {
    "mappings": {
        "preset": "minimal",
        "users": [
            {"target": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "source": "manager"}
        ],
    }
}
FULL = act("85m", "restart_job", scopes=["Full"])
ANEW = ("ann", "bob", "cyd")
AGAIN = (
    *("ann update skipped RedundantExport", "bob update skipped RedundantExport"),
    *("cyd update skipped RedundantExport", "dan other skipped NotActiveInSource"),
)
GROUPS = tuple(f"{group} update skipped RedundantExport" for group in ("Engineers", "Operators", "Leads"))
READ_GROUPS = ("get Engineers", "get Operators", "get Leads")
MEMBERS = ("patch Engineers +ann", "patch Engineers +cyd", "patch Operators +bob", "patch Leads +cyd")
SENT_MEMBERS = tuple(f"{group} update success" for group in ("Engineers", "Engineers", "Operators", "Leads"))
INITIAL = (*(f"get {name}" for name in ANEW), *READ_GROUPS, *MEMBERS)
"""An initial cycle in which nothing has changed, and what it logs."""

ROWS = (
    Row(
        "a nested group is neither read nor expanded",
        (act("5m", "add_member", group="Leads", member_group="Operators"),),
        ("get Leads",),
        ("Leads update skipped RedundantExport",),
        {"bob": "on Operators"},
    ),
    Row(
        "a disabled account is not provisioned for the first time, an enabled one is",
        (
            *(act("1m", "create_user", person=person("gus", "Kitchen", enabled=False)), act("2m", "assign", "gus")),
            act("45m", "enable", "gus"),
        ),
        ("find gus", "post gus"),
        ("gus other skipped NotActiveInSource", "gus create success"),
        {"gus": "on"},
    ),
    Row(
        "assigned with a role that does not entitle, and again with one that does",
        (
            *(GUS, act("2m", "assign", "gus", role="msiam_access")),
            *(act("45m", "unassign", "gus"), act("46m", "assign", "gus")),
        ),
        ("find gus", "post gus"),
        ("gus other skipped NotEffectivelyEntitled", "gus create success"),
        {"gus": "on"},
        {"entitling_roles": ["User"]},
    ),
    Row(
        "all users and groups: an account needs no assignment, and what is unassigned stays",
        (GUS, act("45m", "unassign", group="Operators"), act("85m", "delete_group", group="Operators")),
        ("find gus", "post gus", "delete Operators"),
        ("gus create success", "Operators delete success"),
        {"gus": "on", "bob": "on"},
        {"scope": "all"},
    ),
    Row(
        "from all to assigned: nothing happens until a restart",
        (GUS, act("45m", "configure_job", scope="assigned"), act("85m", "restart_job")),
        (
            *("find gus", "post gus", *(f"get {name}" for name in (*ANEW, "gus")), "patch gus active=False"),
            *(*READ_GROUPS, *MEMBERS),
        ),
        ("gus create success", *AGAIN, "gus disable success", *GROUPS, *SENT_MEMBERS),
        {"gus": "off"},
        {"scope": "all"},
    ),
    Row(
        "from assigned to all: the job begins anew by itself",
        (GUS, act("45m", "configure_job", scope="all")),
        (*(f"get {name}" for name in ANEW), "find gus", "post gus", *READ_GROUPS, *MEMBERS),
        ("gus other skipped NotEffectivelyEntitled", *AGAIN, "gus create success", *GROUPS, *SENT_MEMBERS),
        {"gus": "on"},
    ),
    Row(
        "another scoping filter: the job begins anew, and who falls out is disabled",
        (
            act(
                "5m",
                "configure_job",
                scoping={"users": [{"clauses": [{"attribute": "givenName", "operator": "EQUALS", "value": "Bob"}]}]},
            ),
        ),
        (
            *("get ann", "patch ann active=False", "get bob", "get cyd", "patch cyd active=False", *READ_GROUPS),
            "patch Operators +bob",
        ),
        (
            *("ann disable success", "bob update skipped RedundantExport", "cyd disable success"),
            *("dan other skipped NotInScope", *GROUPS, "Operators update success"),
        ),
        {"ann": "off Engineers", "bob": "on Operators"},
    ),
    Row(
        "a member who comes into scope late is provisioned, and no member until a restart",
        (
            *(GUS, act("2m", "add_member", "gus", group="Engineers")),
            act("45m", "set_attributes", "gus", attributes={"department": "Engineering"}),
        ),
        ("get Engineers", "find gus", "post gus"),
        ("gus other skipped NotInScope", "Engineers update skipped RedundantExport", "gus create success"),
        {"gus": "on"},
        {"scoping": OF_KITCHEN},
    ),
    Row(
        "the same with a restart",
        (
            *(GUS, act("2m", "add_member", "gus", group="Engineers")),
            *(act("45m", "set_attributes", "gus", attributes={"department": "Engineering"}), act("85m", "restart_job")),
        ),
        (
            *("get Engineers", "find gus", "post gus", *(f"get {name}" for name in (*ANEW, "gus")), *READ_GROUPS),
            *("patch Engineers +ann", "patch Engineers +cyd", "patch Engineers +gus", *MEMBERS[2:]),
        ),
        (
            *("gus other skipped NotInScope", "Engineers update skipped RedundantExport", "gus create success"),
            *(*AGAIN, "gus update skipped RedundantExport", *GROUPS, "Engineers update success", *SENT_MEMBERS),
        ),
        {"gus": "on Engineers"},
        {"scoping": OF_KITCHEN},
    ),
    Row(
        "a manager is sent in a second pass, a change flows, and a cleared one does not",
        (
            *(act("5m", "set_manager", "ann", manager="cyd"), act("45m", "set_manager", "ann", manager="bob")),
            act("85m", "set_manager", "ann"),
        ),
        (
            *("get ann", "refers ann manager=cyd", "patch ann manager"),
            *("get ann", "refers ann manager=bob", "patch ann manager", "get ann"),
        ),
        (
            *("ann update skipped RedundantExport", "ann update success"),
            *("ann update skipped RedundantExport", "ann update success", "ann update skipped RedundantExport"),
        ),
        {"ann": "on Engineers"},
        MANAGERS,
    ),
    Row(
        "a manager out of scope is left out, and not added when in scope, until a restart",
        (
            *(GUS, act("5m", "set_manager", "ann", manager="gus"), act("45m", "assign", "gus")),
            act("85m", "restart_job"),
        ),
        (
            *("get ann", "find gus", "post gus", *(f"get {name}" for name in (*ANEW, "gus")), *READ_GROUPS, *MEMBERS),
            *("refers ann manager=gus", "patch ann manager"),
        ),
        (
            *("gus other skipped NotEffectivelyEntitled", "ann update skipped RedundantExport", "gus create success"),
            *(*AGAIN, "gus update skipped RedundantExport", *GROUPS, *SENT_MEMBERS, "ann update success"),
        ),
        {"gus": "on"},
        MANAGERS,
    ),
    Row(
        "another userPrincipalName goes through the cached link",
        (act("5m", "rename", "ann", user_principal_name="anna@contoso.example"),),
        ("get ann", "patch ann userName"),
        ("ann update success",),
        {"ann": None},
    ),
    Row(
        "a renamed group goes through the cached link",
        (act("5m", "rename_group", group="Leads", to="Chiefs"),),
        ("get Leads", "patch Leads displayName"),
        ("Chiefs update success",),
        {"cyd": "on Engineers Chiefs"},
    ),
    Row(
        "after a full restart everything is matched anew, a renamed group by its new name",
        (act("5m", "rename_group", group="Leads", to="Chiefs"), act("45m", "restart_job", scopes=["Full"])),
        (
            *("get Leads", "patch Leads displayName"),
            *(f"find {name}" for name in (*ANEW, "Engineers", "Operators", "Chiefs")),
            *(*MEMBERS[:3], "patch Chiefs +cyd"),
        ),
        (
            *("Chiefs update success", *AGAIN, *GROUPS[:2], "Chiefs update skipped RedundantExport"),
            *(*SENT_MEMBERS[:3], "Chiefs update success"),
        ),
        {"cyd": "on Engineers Chiefs"},
    ),
    Row(
        "somebody deleted the user in the target: nothing is made anew while the link stands",
        (
            act("5m", "aws_delete_user", user="ann"),
            *(act("6m", "rename", "ann", display_name="Ann E."), act("45m", "rename", "ann", display_name="Ann Ex.")),
            FULL,
        ),
        (
            *("get ann", "get ann", "find ann", "post ann"),
            *("find bob", "find cyd", "find Engineers", "find Operators", "find Leads", *MEMBERS),
        ),
        (
            *("ann update failure InvalidAnchor", "ann update failure InvalidAnchor", "ann create success"),
            *(*AGAIN[1:], *GROUPS, *SENT_MEMBERS),
        ),
        {"ann": "on Engineers"},
    ),
    Row(
        "deleted in the target before the directory: the disable fails, the deletion has nothing left to do",
        (*(act("5m", "aws_delete_user", user="ann"), act("6m", "delete", "ann"), act("45m", "purge", "ann")),),
        ("get ann", "get Engineers", "patch Engineers -ann", "delete ann"),
        (
            *("ann disable failure InvalidAnchor", "Engineers update skipped RedundantExport"),
            *("Engineers update success", "ann delete success"),
        ),
        {"ann": None},
    ),
)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_rule_of_scope_or_matching(watch: Watch, row: Row, transport: Transport) -> None:
    world, sent = watch(scenario_from(told(row)), transport)
    assert (tuple(sent), tuple(watch.log(world))) == (row.sent, row.log)
    assert {name: left(world, name) for name in row.left} == row.left


@pytest.mark.parametrize("row", [*TABLE, *ROWS], ids=lambda row: row.name)
def test_both_transports_tell_the_same_story(watch: Watch, row: Row) -> None:
    scenario = scenario_from(told(row))
    (direct, _), (wire, _) = watch(scenario, "direct"), watch(scenario, "wire")
    assert direct.trace_sha256 == wire.trace_sha256
    assert direct.traffic_sha256 == wire.traffic_sha256
    assert direct.parts.divergence.by_kind == wire.parts.divergence.by_kind


# --- guests ----------------------------------------------------------------------------------------------

INVITED = (
    act("1m", "create_user", person=person("pat", "Kitchen", guest="pat_b@fabrikam.example")),
    act("2m", "assign", "pat"),
    act("45m", "set_attributes", "pat", attributes={"surname": "Black"}),
)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("mappings", "name"),
    [
        ("minimal", "pat_b@fabrikam.example"),
        (
            {
                "preset": "minimal",
                "users": [{"target": "userName", "source": "originalUserPrincipalName", "match": 1}],
            },
            "pat_b_fabrikam.example#EXT#@contoso.example",
        ),
    ],
)
def test_a_guest_bears_the_address_of_the_invitation_unless_the_full_name_is_mapped(
    watch: Watch, transport: Transport, mappings: object, name: str
) -> None:
    """https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works"""
    world, sent = watch(scenario_from(told(Row("", INVITED, (), (), {}, {"mappings": mappings}))), transport)
    user = world.services.provider.user_by("userName", name)
    assert user is not None
    assert user.attributes["name.familyName"] == "Black"
    assert [each.partition(" ")[0] for each in sent] == ["find", "post", "get", "patch"]
    assert world.parts.divergence.total == 0


# --- groups in the recycle bin ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act_at_45m", "group_delete", "expected"),
    [
        ("purge", "hard", ["delete Engineers"]),
        ("purge", "soft", []),
        # back before anything was sent about it: through the link, with its members, who are enabled again
        (
            "restore",
            "hard",
            [
                *("get ann", "patch ann active=True", "get cyd", "get Engineers"),
                *("patch Engineers +ann", "patch Engineers +cyd"),
            ],
        ),
        # deleted in the target already: made anew
        (
            "restore",
            "soft",
            [
                *("get ann", "patch ann active=True", "get cyd", "find Engineers", "post Engineers"),
                *("patch Engineers +ann", "patch Engineers +cyd"),
            ],
        ),
    ],
)
def test_what_becomes_of_a_group_in_the_recycle_bin(act_at_45m: str, group_delete: str, expected: list[str]) -> None:
    """Deleted at 5m; the cycle at 10m looks after its members, that at 50m sees what has become of it."""
    timeline = (act("5m", "delete_group", group="Engineers"),)
    world = World(scenario_from(told(Row("", timeline, (), (), {}, {"group_delete": group_delete}))))
    tape = Tape(world)
    world.run_until(45 * 60_000)
    engineers = world.services.directory.groups[world.parts.group_rows["Engineers"]].id
    tape.sent.clear()
    world.command(f"graph.deletedItem.{act_at_45m}", {"id": engineers})
    world.run()
    assert tape.sent == expected
    assert world.parts.divergence.total == 0


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("dialect", ["legacy", "compliant"])
def test_a_manager_arrives_in_both_dialects(watch: Watch, transport: Transport, dialect: str) -> None:
    timeline = (act("5m", "set_manager", "ann", manager="cyd"),)
    settings = {**MANAGERS, "patch_dialect": dialect}
    world, _ = watch(scenario_from(told(Row("", timeline, (), (), {}, settings))), transport)
    provider = world.services.provider
    ann, cyd = (provider.user_by("userName", f"{name}.example@contoso.example") for name in ("ann", "cyd"))
    assert ann is not None
    assert cyd is not None
    assert ann.attributes["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"] == cyd.id
    assert world.parts.divergence.total == 0
