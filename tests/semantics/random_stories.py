"""Random small stories: four people, everything that HR, administrators, hands in the console and the job can do."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from sim.ports import NO_ANSWER, Answer, Request
from sim.scenario import Scenario, ScenarioError, scenario_from
from tests.semantics.story import MINUTE, Answers, act, join, person, told, what

WHO = st.sampled_from(["ann", "bob", "cyd", "dan"])
GROUP = st.sampled_from(["Engineers", "Operators", "Auditors"])
DEPARTMENT = st.sampled_from(["Engineering", "Operations", "Security", "Kitchen"])
SCOPES = st.sampled_from(
    ["ConnectorDataStore", "Escrows", "Watermark", "QuarantineState", "Full", "ForceDeletes"],
)
GRANT = st.sampled_from([("ReadOnly", "dev"), ("PowerUser", "dev"), ("Audit", "prod")])
LAG = st.sampled_from(["0m", "0m", "1m", "25m", "90m", "-1m", "-30m"])
# gates, the requests of their cycles, and what lies between
TIMES = st.one_of(
    st.integers(31, 235).map(lambda minute: f"{minute}m"),
    st.tuples(st.integers(1, 5), st.integers(-2, 30)).map(lambda at: f"{at[0] * 40 * MINUTE + at[1] * 50}ms"),
)


@st.composite
def actions(draw: st.DrawFn) -> dict[str, Any]:
    """One action of a timeline."""
    at, who = draw(TIMES), draw(WHO)
    kind = draw(st.sampled_from(["hr", "hr", "directory", "console", "job", "access"]))
    if kind == "access":
        if draw(st.integers(0, 3)) == 0:
            return act(at, "end_access", who, group=draw(GROUP))
        begun = int(at[:-2]) if at.endswith("ms") else int(at[:-1]) * MINUTE
        lasts = draw(st.sampled_from([None, 1, 5 * MINUTE, 45 * MINUTE, 2 * 60 * MINUTE]))
        ending = {} if lasts is None else {"until": f"{begun + lasts}ms", "forgotten": draw(st.booleans())}
        return act(at, "request_access", who, group=draw(GROUP), **ending)
    if kind == "hr":
        do = draw(
            st.sampled_from(["move", "leave", "expire", "rehire", "absent", "back"])
            | st.sampled_from(["extend", "convert", "change_name", "change_manager"])
        )
        more: dict[str, Any] = {"hr_lag": draw(LAG)}
        if do == "move":
            more["department"] = draw(DEPARTMENT)
        if do == "rehire":
            more.update(department=draw(DEPARTMENT), identity=draw(st.sampled_from(["same", "new"])))
        if do == "extend":
            more["until"] = draw(st.sampled_from(["236m", "1d"]))
        if do == "change_name":
            more["family_name"] = f"Name {at}"
        if do == "change_manager":
            more["manager"] = draw(WHO)
            assume(more["manager"] != who)
        return act(at, do, who, **more)
    if kind == "directory":
        do = draw(
            st.sampled_from(
                ["disable", "enable", "delete", "restore", "purge", "rename", "assign", "unassign", "group", "scope"]
            )
            | st.sampled_from(["add_member", "remove_member", "pim_activate", "pim_deactivate"])
        )
        if do.startswith("pim_"):
            lasting = {"for": draw(st.sampled_from(["5m", "1h"]))} if do == "pim_activate" else {}
            return act(at, do, who, group=draw(GROUP), **lasting)
        if do == "group":
            return act(at, draw(st.sampled_from(["rename_group", "delete_group"])), group=draw(GROUP), to="Others")
        if do == "scope":
            return act(at, draw(st.sampled_from(["assign", "unassign"])), group=draw(GROUP))
        more = {"group": draw(GROUP)} if do.endswith("_member") else {}
        if do == "rename":
            more = {"display_name": f"Name {at}"}
        return act(at, do, who, **more)
    if kind == "console":
        do = draw(
            st.sampled_from(["aws_disable_user", "aws_enable_user", "aws_delete_user", "aws_assign", "aws_unassign"])
            | st.sampled_from(["aws_add_member", "aws_remove_member"])
        )
        user = draw(st.sampled_from([who, "old.hand", f"{who}.two"]))
        permission_set, account = draw(GRANT)
        if do.endswith("_member"):
            return {"at": at, "do": do, "user": user, "group": draw(GROUP)}
        if do.endswith("assign"):
            principal = {"user": user} if draw(st.booleans()) else {"group": draw(GROUP)}
            return {"at": at, "do": do, **principal, "permission_set": permission_set, "account": account}
        return {"at": at, "do": do, "user": user}
    do = draw(st.sampled_from(["pause_job", "start_job", "restart_job", "provision_on_demand"]))
    if do == "restart_job":
        return act(at, do, scopes=draw(st.lists(SCOPES, min_size=1, max_size=3, unique=True)))
    if do == "provision_on_demand" and draw(st.booleans()):
        return act(at, do, group=draw(GROUP), members=draw(st.lists(WHO, max_size=3)))
    return act(at, do, who) if do == "provision_on_demand" else act(at, do)


@st.composite
def strictness(draw: st.DrawFn) -> dict[str, Any]:
    """How soon the job gives something up, goes into quarantine, or holds deletions back; mostly as by default."""
    if draw(st.booleans()):
        return {}
    terms: dict[str, Any] = {
        "retries": {
            "ladder": draw(st.sampled_from([["1h", "2h"], [], ["10m"]])),
            "then": "50m",
            "give_up": draw(st.sampled_from(["28d", "100m", "0m"])),
            "transient": draw(st.sampled_from(["next_cycle", "ladder"])),
        },
        "quarantine": {
            "floor": draw(st.sampled_from([1, 2, 5_000])),
            "objects": draw(st.sampled_from([1, 40_000])),
            "disabled_after": draw(st.sampled_from(["28d", "90m"])),
        },
        "overrun": draw(st.sampled_from(["at_once", "next_gate", "after_end"])),
        "lost_create": draw(st.sampled_from(["look_up", "repost"])),
    }
    if draw(st.booleans()):
        terms["deletion_threshold"] = {"count": 1, "when": draw(st.sampled_from(["above", "at"]))}
    return terms


@st.composite
def faults(draw: st.DrawFn) -> dict[str, Any]:
    """Something that goes wrong on the way to the target, from when to when."""
    at = f"{draw(st.integers(0, 150))}m"
    lasts = draw(st.sampled_from(["1m", "45m", "2h"]))
    kind = draw(st.sampled_from(["fail_before", "lost_answer", "throttled", "server_error", "latency", "not_scim"]))
    operation = draw(st.sampled_from(["any", "find_user", "create_user", "update_user", "get_group", "update_group"]))
    more: dict[str, Any] = {"share": draw(st.sampled_from([0.2, 0.5, 1.0])), "operation": operation}
    if kind == "throttled" and draw(st.booleans()):
        more = {"rate": 0.1, "burst": 1, "retry_after": "7s"}
    if kind == "latency":
        more["delay"] = draw(st.sampled_from(["3s", "70s"]))
    if draw(st.integers(0, 4)) == 0:
        kind, more = draw(st.sampled_from(["outage", "expired_credentials"])), {}
    return {"kind": kind, "at": at, "for": lasts, **more}


@st.composite
def stories(draw: st.DrawFn, *, faulty: bool = False) -> Scenario:
    """A scenario that its own checks accept; ``faulty``: with up to three rules of faults."""
    timeline = [join("10m", "dan", draw(DEPARTMENT), hr_lag=draw(st.sampled_from(["0m", "20m", "-5m"])))]
    timeline += draw(st.lists(actions(), min_size=1, max_size=8))
    for action in timeline:
        if action["do"] == "delete_group":
            action.pop("to")
    hands = [{"user_name": "old.hand", "given_name": "Old", "family_name": "Hand"}]
    hands += [
        {"user_name": f"{who}.two", "given_name": who, "family_name": "Two", "owner": who}
        for who in ("ann", "bob", "cyd", "dan")
    ]
    values = told(
        *timeline,
        start_state=draw(st.sampled_from(["in_sync", "in_sync", "empty"])),
        organisation__truth_of_manual_changes=draw(st.sampled_from(["follows", "stays"])),
        organisation__access__exceptions=[{"person": "ann", "permission_set": "Audit", "account": "prod"}],
        organisation__access__toxic=[
            {"name": "read and work", "groups": ["Engineers", "Operators"]},
            {"name": "work and audit", "permission_sets": ["PowerUser", "Audit"]},
        ],
        provisioning__on_leave=draw(st.sampled_from(["disable", "delete"])),
        provisioning__members_per_patch=draw(st.sampled_from([1, 3])),
        provisioning__pim={"fast_path": draw(st.booleans())},
        before={
            "people": [person("ann"), person("bob", "Operations"), person("cyd", "Security", contract_end="150m")],
            "target_users": hands,
        },
    )
    values["provisioning"].update(draw(strictness()))
    if faulty:
        values["faults"] = draw(st.lists(faults(), max_size=3))
    try:
        return scenario_from(values)
    except ScenarioError:
        assume(False)
        raise


@st.composite
def refusals(draw: st.DrawFn) -> Answers | None:
    """What the target refuses, from when to when; None: nothing."""
    kinds = draw(
        st.lists(
            st.sampled_from(["GET Users", "POST Users", "PATCH Users", "DELETE Users"])
            | st.sampled_from(["GET Groups", "POST Groups", "PATCH Groups", "DELETE Groups"]),
            max_size=3,
        )
    )
    start = draw(st.integers(0, 120)) * MINUTE
    end = start + draw(st.sampled_from([MINUTE, 45 * MINUTE, 90 * MINUTE]))
    refusal = draw(
        st.sampled_from(
            [
                Answer(500),
                Answer(500, lasted=7_000),
                Answer(401),
                Answer(404),
                Answer(409),
                Answer(429, retry_after=30),
                Answer(NO_ANSWER),
                Answer(200, lasted=90_000),
            ]
        )
    )

    def answer(request: Request, now: int) -> Answer | None:
        return refusal if what(request) in kinds and start <= now < end else None

    return answer if kinds else None
