"""The tables of a journal, and the number of their format.

Invariant: rows are facts and are never rewritten, but for when HR acts on an event and for how a person is called.
Times are whole milliseconds since the scenario's start; an interval without an end was open when the run ended.
"""

from __future__ import annotations

from typing import Final

from sim.places import JOURNAL as FILE_NAME
from sim.provisioning.job import Tally

__all__ = ["APPLICATION", "FILE_NAME", "FORMAT", "TABLES", "TALLY", "column_count", "creation", "insertion"]

FORMAT: Final = 5
"""Goes up whenever a reader of the old tables could misread the new ones."""
APPLICATION: Final = 0x6A6D6C62
""""jmlb": what SQLite's application_id of a journal is (https://www.sqlite.org/fileformat2.html)."""

TALLY: Final = tuple(Tally.__slots__)
_TALLY: Final = ", ".join(f"{name} INTEGER NOT NULL" for name in TALLY)
_LATENCY: Final = (
    "kind TEXT NOT NULL, event INTEGER NOT NULL, person INTEGER NOT NULL, start_ms INTEGER NOT NULL, "
    "end_ms INTEGER, duration_ms INTEGER NOT NULL, hr_ms INTEGER NOT NULL, wait_ms INTEGER NOT NULL, "
    "processing_ms INTEGER NOT NULL, retry_ms INTEGER NOT NULL, ticket_ms INTEGER NOT NULL"
)

TABLES: Final = {
    # scenario, seed, versions, what the run began with; at the end, how it ended
    "meta": "key TEXT PRIMARY KEY, value TEXT NOT NULL",
    # a scenario's own file as it took effect, names hashed or not: compressed CSV, and the digest of the file itself
    "own_data": "name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, rows BLOB NOT NULL",
    # what came in from outside; arguments are JSON
    "commands": "seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, origin TEXT NOT NULL, action TEXT NOT NULL, "
    "arguments TEXT NOT NULL",
    # every state change of every service: the lines that trace_sha256 hashes
    "changes": "at_ms INTEGER NOT NULL, seq INTEGER PRIMARY KEY, service TEXT NOT NULL, verb TEXT NOT NULL, "
    "key TEXT NOT NULL, fields TEXT NOT NULL",
    # lifecycle events; directory_ms: when the directory was changed, NULL while it has not been; reason: why, NULL
    # where nobody says; known_ms: when HR knows; headcount: 1 where the person began to be employed with it, -1 where
    # they ceased to be
    "events": "event INTEGER PRIMARY KEY, kind TEXT NOT NULL, person INTEGER NOT NULL, at_ms INTEGER NOT NULL, "
    "directory_ms INTEGER, scripted INTEGER NOT NULL, reason TEXT, known_ms INTEGER NOT NULL, department TEXT, "
    "employment TEXT, headcount INTEGER NOT NULL",
    # events that ended without a latency: superseded, no_change, nothing_to_remove; not_measured: it never has one
    "outcomes": "event INTEGER NOT NULL, outcome TEXT NOT NULL, at_ms INTEGER NOT NULL",
    # how far those of the following table had come that were under way when their event was overtaken; end_ms: then
    "overtaken": _LATENCY,
    # latencies with their hops; for overlap and gap of a move the duration is theirs
    "latencies": _LATENCY,
    # orphaned (by cause and what was waited for), missing, suspended, privileged; where there are sessions, usable and
    # usable_at_worst (by cause) and usable_privileged
    "person_intervals": "person INTEGER NOT NULL, state TEXT NOT NULL, cause TEXT, waiting_for TEXT, "
    "since_ms INTEGER NOT NULL, until_ms INTEGER",
    # entitled and effective, of everybody whom something touched; orphaned, of everybody
    "grant_intervals": "person INTEGER NOT NULL, grant_number INTEGER NOT NULL, state TEXT NOT NULL, cause TEXT, "
    "since_ms INTEGER NOT NULL, until_ms INTEGER",
    # toxic combinations held; entitled: 1 while the person is entitled to both sides
    "toxic": "person INTEGER NOT NULL, pair TEXT NOT NULL, entitled INTEGER NOT NULL, since_ms INTEGER NOT NULL, "
    "until_ms INTEGER",
    # sessions that gave access after its grant had ended; kind: portal or role; grant_number: of a role session;
    # until_ms: NULL while it was alive when the run ended
    "residual_sessions": "person INTEGER NOT NULL, kind TEXT NOT NULL, session TEXT NOT NULL, grant_number INTEGER, "
    "since_ms INTEGER NOT NULL, until_ms INTEGER",
    # how long after they left the doors of people closed, NULL while one was open when the run ended; at_worst: the
    # last session if they had used the last moment
    "closings": "event INTEGER PRIMARY KEY, kind TEXT NOT NULL, person INTEGER NOT NULL, at_ms INTEGER NOT NULL, "
    "sign_in_blocked_ms INTEGER, last_usable_ms INTEGER, last_session_ended_ms INTEGER, "
    "last_session_at_worst_ms INTEGER",
    # access that was asked for; what: given, extended, ended, forgotten
    "access_requests": "at_ms INTEGER NOT NULL, person INTEGER NOT NULL, access_group TEXT NOT NULL, "
    "what TEXT NOT NULL",
    # what the orphaned grants waited for that were open when the run ended, and whether they could be used then, NULL
    # where there are no sessions
    "open_orphans": "person INTEGER NOT NULL, grant_number INTEGER NOT NULL, waiting_for TEXT NOT NULL, usable INTEGER",
    # who began (1) or ceased (-1) to be employed without an event: somebody without access
    "employment": "person INTEGER NOT NULL, employment TEXT NOT NULL, at_ms INTEGER NOT NULL, change INTEGER NOT NULL",
    # initial, incremental and idle cycles, and those that were stopped altogether (failed)
    "cycles": "number INTEGER PRIMARY KEY, kind TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER, "
    f"divergence_before INTEGER NOT NULL, divergence_after INTEGER, {_TALLY}",
    "on_demand": f"at_ms INTEGER NOT NULL, {_TALLY}",
    # the provisioning log; cycle: below 0 for runs outside any cycle; change: the same for all rows of one go at an
    # object; extra_ms: what answers took beyond the usual; http: status of the answer that made it a failure, 0 for
    # none; modified: JSON, a list of [attribute path, old value, new value]; scope: JSON, what each clause came to
    "log": "at_ms INTEGER NOT NULL, cycle INTEGER NOT NULL, kind TEXT NOT NULL, source_id TEXT NOT NULL, "
    "target_id TEXT NOT NULL, action TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, "
    "requests INTEGER NOT NULL, change INTEGER NOT NULL, extra_ms INTEGER NOT NULL, http INTEGER, "
    "detail TEXT NOT NULL, tries INTEGER NOT NULL, retry_ms INTEGER, modified TEXT NOT NULL, scope TEXT",
    # when the job was in quarantine, and for which reason
    "quarantines": "reason TEXT NOT NULL, since_ms INTEGER NOT NULL, until_ms INTEGER",
    # mails that the provisioning service would have sent
    "notifications": "at_ms INTEGER NOT NULL, kind TEXT NOT NULL, sender TEXT NOT NULL, recipient TEXT NOT NULL, "
    "subject TEXT NOT NULL, text TEXT NOT NULL",
    # what went wrong between the job and its target, once for every request that a fault struck; attempt: which one of
    # this operation on this object it was under this fault, from 1
    "faults": "at_ms INTEGER NOT NULL, fault TEXT NOT NULL, kind TEXT NOT NULL, operation TEXT NOT NULL, "
    "object TEXT NOT NULL, attempt INTEGER NOT NULL",
    # actions of the timeline that a service refused
    "refusals": "at_ms INTEGER NOT NULL, action TEXT NOT NULL, reason TEXT NOT NULL",
    # what somebody did in the target's console; kind: manual, set_up, audit or clean_up
    "console_acts": "at_ms INTEGER NOT NULL, action TEXT NOT NULL, kind TEXT NOT NULL",
    # tickets, those that nobody raised included; kind: joiner, mover, leaver, contractor or review; at_ms: when the
    # directory was changed, or the review was; outcome: worked, nothing_to_do, refused, forgotten or open; acts: how
    # many acts in the console it took
    "tickets": "ticket INTEGER PRIMARY KEY, person INTEGER NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL, "
    "closed_ms INTEGER, outcome TEXT NOT NULL, acts INTEGER NOT NULL",
    # grants of people who had been disabled for long: found by an audit, usable when it was, removed by a
    # clean-up
    "stale": "at_ms INTEGER NOT NULL, person INTEGER NOT NULL, grant_number INTEGER NOT NULL, what TEXT NOT NULL",
    # whose account was disabled or deleted when the run ended, since when, and how many of their grants could be used
    # then, NULL where there are no sessions
    "disabled": "person INTEGER PRIMARY KEY, since_ms INTEGER NOT NULL, usable INTEGER",
    # how the people of the other tables are called
    "people": "person INTEGER PRIMARY KEY, label TEXT NOT NULL",
    # what the grants of the other tables are
    "grants": "grant_number INTEGER PRIMARY KEY, account TEXT NOT NULL, permission_set TEXT NOT NULL, "
    "privileged INTEGER NOT NULL",
    # users of the target that somebody made by hand
    "console_users": "id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL",
    # differences between directory and target when the run ended
    "divergence": "kind TEXT PRIMARY KEY, count INTEGER NOT NULL",
}


def creation() -> str:
    """SQL that makes an empty journal."""
    statements = [f"CREATE TABLE {name} ({columns});" for name, columns in TABLES.items()]
    return "\n".join((f"PRAGMA application_id = {APPLICATION};", f"PRAGMA user_version = {FORMAT};", *statements))


def insertion(table: str) -> str:
    """SQL that adds a row with a value for every column, in their order."""
    return f"INSERT INTO {table} VALUES ({', '.join('?' * column_count(table))})"  # noqa: S608 - a table of this module


def column_count(table: str) -> int:
    """How many columns a table has."""
    return TABLES[table].count(",") + 1
