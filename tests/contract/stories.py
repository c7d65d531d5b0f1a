"""Scripted stories that the contract suite runs over both transports: every kind of act, small enough to read."""

from __future__ import annotations

from typing import Any

ACCESS: dict[str, Any] = {
    "birthright": [
        {"department": "Engineering", "groups": ["Engineers"]},
        {"department": "Operations", "groups": ["Operators"]},
        {"role": "Lead", "groups": ["Leads"]},
    ],
    "catalogue": {
        "Engineers": [{"permission_set": "ReadOnly", "account": "dev"}],
        "Operators": [{"permission_set": "PowerUser", "account": "dev", "privileged": True}],
        "Leads": [{"permission_set": "ReadOnly", "account": "prod"}],
    },
}


WITH_DEPARTMENTS: dict[str, Any] = {
    "departments": [{"name": "Engineering"}, {"name": "Operations"}],
    "access": ACCESS,
}


def person(name: str, department: str, **more: Any) -> dict[str, Any]:
    """Somebody called ``name``."""
    return {"id": name, "given_name": name.capitalize(), "family_name": "Example", "department": department, **more}


def story(name: str, timeline: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A scenario of a few hours with four people at the start."""
    return {
        "scenario": name,
        "title": name,
        "start": "2026-03-02T08:00:00Z",
        "duration": "6h",
        "start_state": "in_sync",
        "organisation": {"access": ACCESS},
        "before": {
            "people": [
                person("ann", "Engineering"),
                person("bob", "Operations"),
                person("cyd", "Engineering", role="Lead"),
                person("dan", "Operations", enabled=False),
            ]
        },
        "provisioning": {"phase": "10m"},
        "timeline": timeline,
        **more,
    }


def _rhythm(name: str, **provisioning: Any) -> dict[str, Any]:
    """From Friday, 8:00 to Monday: a short interval at work, a middling one at noon, the job's own otherwise."""
    return story(
        name,
        [
            {"at": "5m", "do": "leave", "person": "ann"},
            {"at": "250m", "do": "move", "person": "bob", "department": "Engineering"},
            {"at": "11h", "do": "join", "person": person("eve", "Engineering")},
            {"at": "1d", "do": "leave", "person": "cyd"},
            {"at": "49h", "do": "join", "person": person("fay", "Operations"), "hr_lag": "20m"},
        ],
        start="2026-03-06T08:00:00Z",
        duration="3d",
        organisation=WITH_DEPARTMENTS,
        workforce={"size": 30, "counts": {"joiner": 6, "mover": 6, "leaver": 6, "contractor_expiry": 2}},
        provisioning={
            "phase": "7m",
            "interval": "5h",
            "hours": [
                {"days": ["fri", "mon"], "from": "12h", "to": "13h", "interval": "40m"},
                {"from": "8h30m", "to": "18h", "interval": "20m"},
            ],
            **provisioning,
        },
    )


def _runbook(order: str) -> dict[str, Any]:
    """People who go for good are provisioned on demand, one of the first two beyond the limit of calls."""
    return story(
        order.replace("_", "-"),
        [
            {"at": "12m", "do": "leave", "person": "ann"},
            {"at": "12m", "do": "leave", "person": "bob"},
            {"at": "13m", "do": "leave", "person": "cyd", "hr_lag": "20m"},
            {"at": "14m", "do": "absent", "person": "dan"},
            {"at": "2h", "do": "rehire", "person": "ann", "department": "Operations"},
            {"at": "3h", "do": "leave", "person": "ann"},
        ],
        organisation=WITH_DEPARTMENTS,
        workforce={"size": 30, "counts": {"joiner": 2, "mover": 4, "leaver": 8, "contractor_expiry": 4}},
        provisioning={"phase": "10m", "runbook": order, "on_demand": {"calls": 1, "window": "1m"}},
    )


STORIES: dict[str, dict[str, Any]] = {
    "requests": {
        "scenario": "requests",
        "title": "requests",
        "start": "2026-03-02T08:00:00Z",
        "duration": "1d",
        "start_state": "in_sync",
        "organisation": {
            "departments": [{"name": "Engineering"}, {"name": "Operations"}],
            "access": {
                **ACCESS,
                "requests": [
                    {"group": "Leads", "rate": 90, "lasts": {"uniform": ["1h", "9h"]}, "forgotten": 0.3},
                    {"group": "Operators", "department": "Engineering", "rate": 50, "lasts": "3h"},
                ],
                "toxic": [{"name": "both", "permission_sets": ["ReadOnly", "PowerUser"]}],
            },
        },
        "workforce": {"size": 60, "counts": {"joiner": 4, "mover": 6, "leaver": 5}},
        "before": {"people": [person("ann", "Engineering"), person("bob", "Operations")]},
        "provisioning": {"phase": "10m"},
        "timeline": [
            {"at": "1h", "do": "request_access", "person": "ann", "group": "Operators", "until": "5h"},
            {"at": "2h", "do": "request_access", "person": "bob", "group": "Leads"},
            {"at": "4h", "do": "end_access", "person": "bob", "group": "Leads"},
        ],
    },
    "workforce": {
        "scenario": "workforce",
        "title": "workforce",
        "start": "2026-03-02T08:00:00Z",
        "duration": "1d",
        "start_state": "in_sync",
        "organisation": {
            "departments": [{"name": "Engineering"}, {"name": "Operations"}, {"name": "Kitchen"}],
            "access": ACCESS,
        },
        "workforce": {
            "size": 40,
            "hr_lag": {"uniform": ["0m", "3h"]},
            "counts": {"joiner": 8, "mover": 8, "leaver": 8, "contractor_expiry": 4},
        },
    },
    "by ticket": {
        **story(
            "by-ticket",
            [
                {"at": "5m", "do": "join", "person": person("eve", "Engineering"), "hr_lag": "20m"},
                {"at": "70m", "do": "move", "person": "ann", "department": "Operations"},
                {"at": "90m", "do": "leave", "person": "bob"},
                {"at": "2h", "do": "disable", "person": "cyd"},
            ],
        ),
        "organisation": WITH_DEPARTMENTS,
        "workforce": {"size": 30, "counts": {"joiner": 4, "mover": 4, "leaver": 4, "contractor_expiry": 2}},
        "provisioning": {
            "strategy": "ticket",
            "ticket": {"delay": {"uniform": ["20m", "2h"]}, "review": {"every": "2h"}, "leavers": {"forgotten": 0.5}},
        },
    },
    "by push": {
        **story(
            "by-push",
            [
                {"at": "5m", "do": "join", "person": person("eve", "Engineering"), "hr_lag": "20m"},
                {"at": "70m", "do": "move", "person": "ann", "department": "Operations"},
                {"at": "90m", "do": "leave", "person": "bob"},
                {"at": "90m", "do": "restart_job"},
            ],
            start_state="empty",
        ),
        "organisation": WITH_DEPARTMENTS,
        "workforce": {"size": 30, "counts": {"joiner": 4, "mover": 4, "leaver": 4, "contractor_expiry": 2}},
        "provisioning": {"strategy": "event", "phase": "10m"},
    },
    "tickets, then cycles, then pushes": {
        **story(
            "by-turns",
            [{"at": f"{20 * i}m", "do": "disable" if i % 2 else "enable", "person": "ann"} for i in range(1, 18)],
        ),
        "organisation": WITH_DEPARTMENTS,
        "workforce": {"size": 30, "counts": {"joiner": 6, "mover": 6, "leaver": 6, "contractor_expiry": 2}},
        "phases": [
            {"name": "by hand", "until": "2h", "strategy": "ticket"},
            {"name": "by cycle", "until": "4h"},
            {"name": "by push", "strategy": "event"},
        ],
        "provisioning": {
            "phase": "10m",
            "ticket": {"delay": {"uniform": ["20m", "3h"]}, "gives": "memberships"},
        },
    },
    "from nothing": story(
        "from-nothing",
        [{"at": "3h", "do": "restart_job"}, {"at": "2h", "do": "join", "person": person("eve", "Operations")}],
        start_state="empty",
    ),
    "started by hand": story(
        "started-by-hand",
        [
            {"at": "5m", "do": "start_job"},
            {"at": "1h", "do": "pause_job"},
            {"at": "61m", "do": "disable", "person": "ann"},
            {"at": "3h", "do": "start_job"},
        ],
        start_state="empty",
    ),
    "hr": story(
        "hr",
        [
            {"at": "5m", "do": "join", "person": person("eve", "Engineering"), "hr_lag": "20m"},
            {"at": "70m", "do": "move", "person": "eve", "department": "Operations"},
            {"at": "90m", "do": "leave", "person": "bob"},
            {"at": "2h", "do": "rehire", "person": "bob", "department": "Engineering"},
            {"at": "2h", "do": "absent", "person": "cyd"},
            {"at": "4h", "do": "back", "person": "cyd"},
            {"at": "4h", "do": "join", "person": person("fay", "Operations"), "hr_lag": "-1h"},
        ],
    ),
    "a new identity takes the leftover over": story(
        "leftover",
        [
            {"at": "5m", "do": "leave", "person": "ann"},
            {"at": "1h", "do": "unassign", "group": "Engineers"},
            {"at": "90m", "do": "purge", "person": "ann"},
            {"at": "2h", "do": "rehire", "person": "ann", "department": "Operations", "identity": "new"},
        ],
    ),
    "recycle bin": story(
        "recycle-bin",
        [
            {"at": "5m", "do": "delete", "person": "ann"},
            {"at": "1h", "do": "restore", "person": "ann"},
            {"at": "2h", "do": "delete", "person": "bob"},
            {"at": "3h", "do": "purge", "person": "bob"},
            {"at": "4h", "do": "enable", "person": "dan"},
        ],
    ),
    "groups and scope": story(
        "groups",
        [
            {"at": "5m", "do": "rename_group", "group": "Engineers", "to": "Builders"},
            {"at": "1h", "do": "create_group", "group": "Guests", "assigned": True},
            {"at": "61m", "do": "add_member", "group": "Guests", "person": "bob"},
            {"at": "2h", "do": "unassign", "group": "Operators"},
            {"at": "3h", "do": "assign", "group": "Operators"},
            {"at": "4h", "do": "remove_member", "group": "Builders", "person": "ann"},
            {"at": "4h", "do": "delete_group", "group": "Builders"},
            {"at": "5h", "do": "assign", "person": "ann"},
        ],
    ),
    "names": story(
        "names",
        [
            {"at": "5m", "do": "rename", "person": "ann", "display_name": "Ann Ößler", "family_name": "Ößler"},
            {"at": "1h", "do": "rename", "person": "ann", "user_principal_name": "ann.oessler@contoso.example"},
            {"at": "2h", "do": "create_user", "person": person("gus", "Kitchen")},
            {"at": "2h", "do": "add_member", "group": "Engineers", "person": "gus"},
            {"at": "3h", "do": "provision_on_demand", "person": "gus"},
        ],
    ),
    "on demand and activations": story(
        "on-demand",
        [
            {"at": "11m", "do": "join", "person": person("eve", "Operations")},
            {"at": "11m", "do": "remove_member", "group": "Engineers", "person": "ann"},
            {"at": "12m", "do": "provision_on_demand", "group": "Operators", "members": ["eve", "bob"]},
            {"at": "13m", "do": "provision_on_demand", "person": "ann"},
            {"at": "14m", "do": "pim_activate", "group": "Leads", "person": "bob", "for": "1h"},
            {"at": "2h", "do": "pim_activate", "group": "Leads", "person": "eve", "for": "1h"},
            {"at": "125m", "do": "pim_deactivate", "group": "Leads", "person": "eve"},
        ],
        provisioning={"phase": "10m", "pim": {"fast_path": True}},
    ),
    "hands in the console": story(
        "console",
        [
            {"at": "5m", "do": "aws_delete_user", "user": "ann.example@contoso.example"},
            {"at": "15m", "do": "rename", "person": "ann", "display_name": "Ann E."},
            {"at": "1h", "do": "aws_remove_member", "group": "Operators", "user": "bob"},
            {"at": "1h", "do": "aws_assign", "user": "bob", "permission_set": "ReadOnly", "account": "prod"},
            {"at": "2h", "do": "aws_create_user", "user_name": "old.hand", "given_name": "O", "family_name": "H"},
            {"at": "2h", "do": "aws_add_member", "group": "Leads", "user": "old.hand"},
            {"at": "3h", "do": "leave", "person": "bob"},
        ],
    ),
    "deletions held back and allowed": story(
        "deletions",
        [
            {"at": "5m", "do": "leave", "person": "ann"},
            {"at": "6m", "do": "leave", "person": "bob"},
            {"at": "2h", "do": "restart_job", "scopes": ["ForceDeletes"]},
            {"at": "3h", "do": "unassign", "group": "Leads"},
            {"at": "5h", "do": "restart_job", "scopes": ["Full"]},
        ],
        provisioning={"phase": "10m", "deletion_threshold": {"count": 1}},
    ),
    "a full store": story(
        "full",
        [
            {"at": "5m", "do": "join", "person": person("eve", "Operations")},
            {"at": "5m", "do": "join", "person": person("fay", "Operations")},
            {"at": "3h", "do": "aws_delete_user", "user": "ann.example@contoso.example"},
            {"at": "4h", "do": "restart_job", "scopes": ["Watermark", "QuarantineState"]},
        ],
        provisioning={
            "phase": "10m",
            "retries": {"ladder": ["1h"], "then": "1h", "give_up": "3h"},
            "quarantine": {"floor": 2, "share": 10},
        },
        target={"users_quota": 3},
    ),
    "a token that is refused for a while": story(
        "token",
        [
            {"at": "20m", "do": "leave", "person": "ann"},
            {"at": "55m", "do": "leave", "person": "bob"},
            {"at": "70m", "do": "join", "person": person("eve", "Operations")},
        ],
        faults=[{"kind": "expired_credentials", "at": "45m", "for": "30m"}],
    ),
    "patience and lost answers": story(
        "patience",
        [
            {"at": "20m", "do": "join", "person": person("eve", "Operations")},
            {"at": "1h", "do": "leave", "person": "cyd"},
            {"at": "2h", "do": "move", "person": "eve", "department": "Engineering"},
        ],
        start_state="empty",
        faults=[
            {"kind": "throttled", "share": 0.4, "retry_after": "30s"},
            {"kind": "lost_answer", "share": 0.2, "for": "3h"},
        ],
        provisioning={"phase": "10m", "retry_after_limit": 2, "overrun": "next_gate"},
    ),
    "faults": story(
        "faults",
        [
            {"at": "5m", "do": "join", "person": person("eve", "Engineering")},
            {"at": "70m", "do": "move", "person": "eve", "department": "Operations"},
            {"at": "80m", "do": "start_fault", "fault": "storm"},
            {"at": "90m", "do": "leave", "person": "bob"},
            {"at": "140m", "do": "end_fault", "fault": "storm"},
            {"at": "4h", "do": "join", "person": person("fay", "Operations")},
        ],
        start_state="empty",
        faults=[
            {"kind": "latency", "delay": "700ms", "share": 0.5},
            {"name": "storm", "kind": "server_error", "started": False, "share": 0.7},
            {"name": "lost", "kind": "lost_answer", "operation": "create_user", "times": 1},
            {"name": "never", "kind": "outage", "at": "5d"},
        ],
        target={"limits": "aws"},
    ),
    "office hours": _rhythm("office-hours", overrun="next_gate"),
    "office hours, counted from the end of a cycle": _rhythm("office-hours-after-the-end", overrun="after_end"),
    "unassign first": _runbook("unassign_first"),
    "disable first": _runbook("disable_first"),
    "doors": story(
        "doors",
        [
            {"at": "10m", "do": "sign_in", "person": "ann"},
            {"at": "30m", "do": "start_role", "person": "ann", "permission_set": "ReadOnly", "account": "dev"},
            {"at": "40m", "do": "sign_in", "person": "bob"},
            {"at": "41m", "do": "start_role", "person": "bob", "permission_set": "PowerUser", "account": "dev"},
            {"at": "42m", "do": "leave", "person": "ann"},
            {"at": "43m", "do": "leave", "person": "bob"},
            {"at": "44m", "do": "aws_deny", "user": "bob"},
            {"at": "2h", "do": "aws_allow", "user": "bob"},
            {"at": "2h", "do": "move", "person": "cyd", "department": "Operations"},
            {"at": "3h", "do": "revoke_sessions", "person": "cyd"},
            {"at": "4h", "do": "aws_portal_length", "length": "1h"},
        ],
        duration="2d",
        organisation=WITH_DEPARTMENTS,
        workforce={"size": 60, "counts": {"joiner": 6, "mover": 12, "leaver": 12, "contractor_expiry": 4}},
        provisioning={"interval": "3h", "phase": "50m"},
        target={"sessions": {"users": 1, "roles": 5, "usage": "on_call", "directory_token": "30s"}},
    ),
}
