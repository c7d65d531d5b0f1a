"""A summary for people: as a page of text, and as CSV.

Invariant: shows figures of the summary and computes none; what is null is shown as "-", and the page says that what it
shows is SIMULATED.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sim.observation.words import (
    ABSENCE,
    ACCESS_EXPIRY,
    CONTRACTOR_EXPIRY,
    CYCLE,
    DRIFT,
    EARLY,
    HR,
    LEAVER,
    MISCONFIGURATION,
    MOVER,
    NOBODY,
    PROCESSING,
    QUARANTINE,
    REHIRE,
    RETRY,
    TICKET,
    UNMANAGED,
)
from sim.policy_tables import requested_lines, toxic_lines
from sim.tables_job import tickets_told, troubles
from sim.tables_promises import promise_lines
from sim.wording import NOTHING, counted, duration, level, number, paragraph, quantity, result_text, rows_of

OPEN_SHOWN: Final = 5

_LATENCIES: Final = (
    ("joiner", "joiner, until all access is there"),
    ("rehire", "rehire, until all access is there"),
    ("return", "back from leave, until all is there"),
    ("contract_restored", "extended too late, until all is there"),
    ("mover_grant", "mover, until the new access is there"),
    ("mover_revoke", "mover, until the old access is gone"),
    ("mover_overlap", "  old and new held together"),
    ("mover_gap", "  neither held"),
    ("leaver", "leaver, until no access is left"),
    ("contractor_expiry", "end of contract, until none is left"),
    ("sign_in_blocked", "who is gone, until no new sign-in"),
    ("last_usable", "  until nothing is usable"),
    ("last_session_ended", "  until the last session ended"),
    ("absence", "leave of absence, until none is left"),
)
_HOPS: Final = (
    ("hr", "HR"),
    ("wait", "cycle"),
    ("processing", "job"),
    ("retry", "retries"),
    ("ticket", "tickets"),
)
_CAUSES: Final = {
    LEAVER: "left the company",
    CONTRACTOR_EXPIRY: "contract ended",
    MOVER: "moved on",
    REHIRE: "came back with them",
    EARLY: "there before the first day",
    ABSENCE: "on leave of absence",
    UNMANAGED: "unknown to the job",
    DRIFT: "assigned by hand",
    MISCONFIGURATION: "not what the policy gives",
    ACCESS_EXPIRY: "requested access has ended",
}
_WAITING: Final = {
    HR: "HR to tell the directory",
    CYCLE: "the next cycle",
    PROCESSING: "a running cycle",
    RETRY: "another attempt",
    QUARANTINE: "the end of quarantine",
    TICKET: "a ticket",
    NOBODY: "nobody: it stays",
}


def summary_table(summary: Mapping[str, Any]) -> str:
    """A run's result as text, at most 80 columns wide where names allow it."""
    parts = (
        _head,
        _findings,
        _latencies,
        _hops,
        promise_lines,
        _orphaned,
        _open,
        toxic_lines,
        requested_lines,
        _missing,
        _services,
        troubles,
        _phases,
        _results,
        _foot,
    )
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part(summary)))) + "\n"


def summary_csv(summary: Mapping[str, Any]) -> str:
    """A run's result as CSV: a line for every key, with dots; the places of a list count from 0."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("key", "value"))
    writer.writerows(_leaves(summary, ""))
    return out.getvalue()


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    inner = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else None
    if inner is None:
        yield path, "" if value is None else str(value).lower() if isinstance(value, bool) else value
        return
    for name, below in inner:
        yield from _leaves(below, f"{path}.{name}" if path else str(name))


# --- the parts of the page -------------------------------------------------------------------------------


def _head(summary: Mapping[str, Any]) -> Iterator[str]:
    population, events = summary["population"], summary["events"]
    yield f"SIMULATED: {summary['scenario']}, {duration(summary['duration_s'])} from {summary['from']}"
    names = (
        ("joiner", "joined"), ("mover", "moved"), ("leaver", "left"), ("contractor_expiry", "contract{s} ended"),
        ("rehire", "rehired"), ("absence", "went on leave"), ("return", "came back from leave"),
    )  # fmt: skip
    counts = [(events[kind], word) for kind, word in names if events.get(kind)]
    happened = [f"{number(count)} {word.format(s='' if count == 1 else 's')}" for count, word in counts]
    people = population["employees"] + population["contractors"]
    word = "person" if people == 1 else "people"
    yield from paragraph(
        f"{number(people)} {word} at the end ({number(population['contractors'])} on a contract), "
        f"{number(population['peak'])} at most. " + (f"{', '.join(happened)}." if happened else "Nothing happened.")
    )
    without = [
        f"{number(summary[key])} {words}"
        for key, words in (
            ("superseded", "overtaken by a later event"),
            ("nothing_to_remove", "with nothing to remove"),
            ("no_change", "that changed nothing"),
        )
        if summary[key]
    ]
    if without:
        yield from paragraph(f"Without a latency: {', '.join(without)}.")


def _findings(summary: Mapping[str, Any]) -> Iterator[str]:
    for sentence in summary["finding"]:
        yield from paragraph(sentence)


def _latencies(summary: Mapping[str, Any]) -> Iterator[str]:
    latency = summary["latency"]
    rows = [(words, latency[kind]) for kind, words in _LATENCIES if latency[kind]["n"] or latency[kind]["censored"]]
    if not rows:
        return
    yield from rows_of(
        ("Time until the target agreed", "n", "open", "mean", "p95", "longest"),
        (
            (
                words,
                number(row["n"]),
                number(row["censored"]),
                duration(row["mean_s"]) + ("*" if row["n"] and row.get("biased") else ""),
                duration(row["p95_s"]),
                duration(row["max_s"]),
            )
            for words, row in rows
        ),
    )
    if any(row["n"] < 20 for _, row in rows):
        yield "No percentiles below n = 20."
    if any(row["n"] and row.get("biased") for _, row in rows):
        yield from paragraph(
            "* More than 1 % were still open when the run ended: the figures are those of the finished ones, "
            "and so too short."
        )


def _hops(summary: Mapping[str, Any]) -> Iterator[str]:
    latency = summary["latency"]
    rows = [
        (words.partition(",")[0] if kind not in ("mover_grant", "mover_revoke") else words, latency[kind]["hops"])
        for kind, words in _LATENCIES
        if latency[kind]["n"] and latency[kind]["hops"]["hr_s"] is not None
    ]
    if rows:
        yield from rows_of(
            ("Of that mean, waiting for", *(name for _, name in _HOPS)),
            ((words, *(duration(hops[f"{hop}_s"]) for hop, _ in _HOPS)) for words, hops in rows),
        )


def _orphaned(summary: Mapping[str, Any]) -> Iterator[str]:
    orphaned = summary["orphaned_access"]
    people, grants, privileged = orphaned["people"], orphaned["grants"], orphaned["privileged"]
    usable, residual = orphaned["usable"], summary["residual_sessions"]
    simulated = usable["person_hours"] is not None  # whether there are sessions at all
    yield from rows_of(
        ("Orphaned access: held, not entitled", "now", "at most", "on average", "hours"),
        (
            ("people", *level(people), quantity(people["person_hours"])),
            *([("  who could have used it", *level(usable), quantity(usable["person_hours"]))] if simulated else []),
            ("  of these with privileged access", number(privileged["now"]), NOTHING, NOTHING,
             quantity(privileged["person_hours"])),
            ("grants (person, account, permission set)", *level(grants), quantity(grants["grant_hours"])),
        ),
    )  # fmt: skip
    if simulated:
        yield from paragraph(
            f"Sessions outlived their grants by {quantity(residual['session_hours'])} session-hours, "
            f"{number(residual['peak'])} at a time at most."
        )
    if not people["person_hours"]:
        return
    causes = [(_CAUSES[name], row) for name, row in orphaned["by_cause"].items() if row["person_hours"]]
    waits = [(_WAITING[name], hours) for name, hours in orphaned["by_waiting_for"].items() if hours]
    yield ""
    yield from rows_of(
        ("Why, and how many people", "people", "person-hours"),
        ((words, number(row["people"]), quantity(row["person_hours"])) for words, row in causes),
    )
    yield ""
    yield from rows_of(
        ("What its end waited for", "person-hours"),
        ((words, quantity(hours)) for words, hours in waits),
    )


def _open(summary: Mapping[str, Any]) -> Iterator[str]:
    grants = summary["orphaned_access"]["open"]
    if not grants:
        return
    yield "Still open, the oldest first:"
    for grant in grants[:OPEN_SHOWN]:
        waiting = grant["waiting_for"]
        end = "nobody will end it" if waiting == NOBODY else f"waits for {_WAITING[waiting]}"
        yield f"  {grant['principal']}: {grant['permission_set']} on {grant['account']}"
        yield from paragraph(f"since {grant['since']}, {_CAUSES[grant['cause']]}; {end}", "    ")
    more = summary["orphaned_access"]["grants"]["now"] - OPEN_SHOWN
    if more > 0:
        yield f"  and {number(more)} more"


def _missing(summary: Mapping[str, Any]) -> Iterator[str]:
    missing = summary["missing_access"]
    yield from rows_of(
        ("Missing access: entitled, not yet there", "now", "at most", "on average", "hours"),
        (("people", *level(missing), quantity(missing["person_hours"])),),
    )
    suspended = summary["suspended_access"]["now"]
    if suspended:
        whose = "One person's user is" if suspended == 1 else f"The users of {number(suspended)} people are"
        yield from paragraph(
            f"{whose} switched off with all that was assigned: it works again the moment it is switched on."
        )


def _services(summary: Mapping[str, Any]) -> Iterator[str]:
    job, target, divergence = summary["provisioning"], summary["target"], summary["divergence"]
    if job["strategy"] in ("cycle", "event") or job["cycles"]:
        every = "each after a push" if job["strategy"] == "event" else f"one every {duration(job['interval_s'])}"
        yield from paragraph(
            f"The job ran {counted(job['cycles'], 'cycle')}, {every}, and sent "
            f"{counted(job['requests'], 'request')}: {counted(job['users_created'], 'user')} created, "
            f"{number(job['users_updated'])} updated, {number(job['users_disabled'])} disabled, "
            f"{number(job['users_deleted'])} deleted, {counted(job['membership_changes'], 'membership')} changed, "
            f"{counted(job['errors'], 'error')}."
        )
        initial = job["initial_cycle"]
        if initial is not None:
            yield from paragraph(
                f"Its initial cycle took {duration(initial['duration_s'])}: "
                f"{counted(initial['users_created'], 'user')} created, {number(initial['users_matched'])} matched."
            )
    elif not job["tickets"]:
        yield "No job ran."
    if job["tickets"]:
        yield from tickets_told(job["tickets"], job["manual_steps"])
    yield from paragraph(
        f"In the target: {counted(target['users'], 'user')}, {number(target['active_users'])} of them active, "
        f"{counted(target['groups'], 'group')}, {counted(target['assignments'], 'assignment')}"
        + (
            f", {number(target['leftover_assignments'])} of them of somebody deleted"
            if target["leftover_assignments"]
            else ""
        )
        + "."
    )
    if divergence["now"] is None:
        return
    yield from paragraph(
        f"Differences from what the directory says: {number(divergence['now'])} now, "
        f"{quantity(divergence['mean_before_cycle'])} on average before a cycle and "
        f"{quantity(divergence['mean_after_cycle'])} after it"
        + (
            f"; {counted(divergence['unmanaged'], 'object')} that the job does not know"
            if divergence["unmanaged"]
            else ""
        )
        + "."
    )


def _phases(summary: Mapping[str, Any]) -> Iterator[str]:
    rows = summary["phases"]
    if not rows:
        return
    yield from rows_of(
        ("Phases", "from", "cycles", "latency", "at end", "hours"),
        (
            (
                row["name"],
                _day(row["from"]),
                number(row["provisioning"]["cycles"]),
                duration(row["latency"]["all"]["mean_s"]),
                number(row["orphaned_access"]["people"]["now"]),
                quantity(row["orphaned_access"]["people"]["person_hours"]),
            )
            for row in rows
        ),
    )
    yield from paragraph("latency: the mean of what began in the phase. at end, hours: people with orphaned access.")


def _day(instant: str) -> str:
    """``02 Mar 09:00`` of an instant."""
    return f"{datetime.fromisoformat(instant):%d %b %H:%M}"


def _results(summary: Mapping[str, Any]) -> Iterator[str]:
    rows = summary["results"]
    if not rows:
        return
    yield from rows_of(
        ("Results, held against what was reported", "reported", "measured", "agrees"),
        ((row["label"], _plain(row["reported"]), _plain(row["measured"]), "yes" if row["agrees"] else "NO")
         for row in rows),
    )  # fmt: skip
    expires = summary["target"]["scim_token_expires"]
    if expires is not None:
        yield from paragraph(f"The bearer token of automatic provisioning expires at {expires}.")


def _plain(value: Any) -> str:
    return NOTHING if value is None else result_text(value)


def _foot(summary: Mapping[str, Any]) -> Iterator[str]:
    wall = "" if summary["wall_s"] is None else f", {summary['wall_s']} s on the clock"
    yield f"{NOTHING}: nothing of the kind, or not measured. hours: added up over people or grants."
    yield f"seed {summary['seed']}, {summary['transport']}, jmlab {summary['version']}{wall}"
    yield f"trace_sha256 {summary['trace_sha256']}"
