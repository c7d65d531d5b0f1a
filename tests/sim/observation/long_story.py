"""One scenario in which everything happens that a summary counts, and in which much is still open at its end."""

from __future__ import annotations

from typing import Any


def person(name: str, department: str, **more: Any) -> dict[str, Any]:
    """Somebody called ``name``."""
    return {"id": name, "given_name": name.capitalize(), "family_name": "Example", "department": department, **more}


LONG_STORY: dict[str, Any] = {
    "scenario": "long-story",
    "title": "Everything that a summary counts",
    "start": "2026-03-02T08:00:00Z",
    "duration": "2d",
    "seed": 3,
    "start_state": "in_sync",
    "organisation": {
        "departments": [{"name": "Engineering", "weight": 2}, {"name": "Operations"}, {"name": "Kitchen"}],
        "sla": {"leaver": "24h", "privileged_leaver": "1h", "joiner": "at_start"},
        "sla_clock": "notified",
        "access": {
            "birthright": [
                {"department": "Engineering", "groups": ["Engineers"]},
                {"department": "Operations", "groups": ["Operators", "Auditors"]},
            ],
            "requests": [
                {
                    "group": "Auditors",
                    "department": "Engineering",
                    "rate": 100,
                    "lasts": {"uniform": ["2h", "20h"]},
                    "forgotten": 0.4,
                },
                {"group": "Sudo", "employment": "employee", "rate": 60, "lasts": "9h", "forgotten": 0.1},
            ],
            "toxic": [
                {"name": "read and rule", "groups": ["Engineers", "Operators"]},
                {"name": "rule and review", "permission_sets": ["Administrator", "Audit"]},
                {"name": "read and review", "permission_sets": ["ReadOnly", "Audit"], "account": "prod"},
            ],
            "catalogue": {
                "Engineers": [
                    {"permission_set": "ReadOnly", "account": "dev"},
                    {"permission_set": "ReadOnly", "account": "prod"},
                ],
                "Operators": [{"permission_set": "Administrator", "account": "prod", "privileged": True}],
                "Auditors": [{"permission_set": "Audit", "account": "prod"}],
                "Sudo": [{"permission_set": "Administrator", "account": "dev", "privileged": True}],
            },
        },
    },
    "workforce": {
        "size": 60,
        "counts": {"joiner": 30, "mover": 25, "leaver": 24, "contractor_expiry": 6},
        "hr_lag": {"uniform": ["0m", "5h"]},
    },
    "before": {
        "people": [
            person("ann", "Engineering"),
            person("bob", "Operations"),
            person("cyd", "Engineering"),
            person("dan", "Operations", employment="contractor", contract_end="10h"),
            person("eve", "Engineering"),
            person("fay", "Operations"),
            person("gus", "Kitchen", enabled=False),
            person("hal", "Engineering"),
        ],
        "members": [{"group": "Auditors", "person": "hal"}],
        "target_users": [
            {"user_name": "ann.by.hand", "owner": "ann", "given_name": "Ann", "family_name": "Hand"},
            {"user_name": "nobody", "given_name": "No", "family_name": "Body"},
        ],
        "assignments": [
            {"user": "ann.by.hand", "permission_set": "Administrator", "account": "prod"},
            {"user": "nobody", "permission_set": "Audit", "account": "prod"},
        ],
    },
    "timeline": [
        {"at": "5m", "do": "join", "person": person("ivy", "Engineering"), "hr_lag": "20m"},
        {"at": "1h", "do": "aws_assign", "user": "bob", "permission_set": "ReadOnly", "account": "dev"},
        {"at": "61m", "do": "aws_assign", "group": "Auditors", "permission_set": "ReadOnly", "account": "dev"},
        {"at": "2h", "do": "leave", "person": "cyd"},
        {"at": "90m", "do": "request_access", "person": "eve", "group": "Auditors", "until": "30h", "forgotten": True},
        {"at": "100m", "do": "request_access", "person": "hal", "group": "Sudo"},
        {"at": "5h", "do": "end_access", "person": "hal", "group": "Sudo"},
        {"at": "4h", "do": "rehire", "person": "cyd", "department": "Operations"},
        {"at": "5h", "do": "rename", "person": "eve", "user_principal_name": "eve.new@contoso.example"},
        {"at": "6h", "do": "absent", "person": "eve"},
        {"at": "9h", "do": "back", "person": "eve"},
        {"at": "7h", "do": "create_user", "person": person("kim", "Kitchen")},
        {"at": "7h", "do": "add_member", "group": "Engineers", "person": "kim"},
        {"at": "7h30m", "do": "provision_on_demand", "person": "kim"},
        {"at": "8h", "do": "aws_create_user", "user_name": "old.hand", "given_name": "O", "family_name": "H"},
        {"at": "8h", "do": "aws_add_member", "group": "Auditors", "user": "old.hand"},
        {"at": "8h", "do": "aws_create_user", "user_name": "short", "given_name": "S", "family_name": "H"},
        {"at": "9h", "do": "aws_assign", "user": "short", "permission_set": "Audit", "account": "prod"},
        {"at": "10h", "do": "aws_delete_user", "user": "short"},
        {"at": "11h", "do": "move", "person": "fay", "department": "Engineering"},
        {"at": "11h1m", "do": "move", "person": "fay", "department": "Operations"},
        {"at": "12h", "do": "aws_remove_member", "group": "Operators", "user": "fay"},
        {"at": "13h", "do": "delete", "person": "hal"},
        {"at": "14h", "do": "restore", "person": "hal"},
        {"at": "15h", "do": "enable", "person": "gus"},
        {"at": "16h", "do": "unassign", "group": "Operators"},
        {"at": "18h", "do": "assign", "group": "Operators"},
        {"at": "20h", "do": "join", "person": person("lea", "Operations"), "hr_lag": "-2h"},
        {"at": "21h", "do": "join", "person": person("max", "Engineering"), "hr_lag": "6h"},
        {"at": "27h1m", "do": "leave", "person": "max"},
        {"at": "23h", "do": "aws_disable_user", "user": "bob"},
        {"at": "23h30m", "do": "rename", "person": "bob", "family_name": "Builder"},
        {"at": "24h", "do": "purge", "person": "ivy"},
        {"at": "30h", "do": "rename_group", "group": "Auditors", "to": "Reviewers"},
        {"at": "47h50m", "do": "leave", "person": "ann", "hr_lag": "2h"},
        {"at": "47h55m", "do": "move", "person": "eve", "department": "Operations", "hr_lag": "1h"},
        {"at": "47h58m", "do": "join", "person": person("ned", "Engineering")},
    ],
}
