"""What a summary's page says of tickets, and of those whom the job failed on or passed over.

Invariant: shows figures of the summary and computes none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockservices.graph.reasons import short
from sim.wording import WIDTH, counted, duration, number, paragraph, rows_of

CODES_SHOWN: Final = 8
AGREED: Final = "RedundantExport"
"""Passed over because there was nothing to send: the rule and no news."""


def tickets_told(tickets: Mapping[str, int], acts: int) -> Iterator[str]:
    """What became of tickets, and what that took."""
    parts = [
        f"{number(tickets[key])} {words}"
        for key, words in (
            ("worked", "worked"),
            ("nothing_to_do", "closed with nothing left to do"),
            ("refused", "refused by the console"),
            ("open", "still open"),
        )
        if tickets[key]
    ]
    word = "ticket was" if tickets["raised"] == 1 else "tickets were"
    raised = f"{number(tickets['raised'])} {word} raised" + (f": {', '.join(parts)}" if parts else "")
    forgotten = (
        f" {number(tickets['forgotten'])} that should have been raised were forgotten." if tickets["forgotten"] else ""
    )
    yield from paragraph(f"{raised}.{forgotten} {counted(acts, 'act')} by hand in the console.")


def troubles(summary: Mapping[str, Any]) -> Iterator[str]:
    """What the log says of those whom the job failed on or passed over, and what came of it; nothing when all went
    well."""
    job, shown = summary["provisioning"], False
    for title, codes in (
        ("Failures in the provisioning log", job["failures"]),
        ("Passed over in the provisioning log", {code: n for code, n in job["skipped"].items() if code != AGREED}),
    ):
        rows = sorted(((code, n) for code, n in codes.items() if n), key=lambda row: (-row[1], row[0]))
        if not rows:
            continue
        width = max(len(title), WIDTH - 2 - max(len("times"), len(number(rows[0][1]))))
        lines = [(words, n) for code, n in rows[:CODES_SHOWN] for words, n in _code(code, number(n), width)]
        if len(rows) > CODES_SHOWN:
            lines.append(
                (f"{number(len(rows) - CODES_SHOWN)} more codes", number(sum(n for _, n in rows[CODES_SHOWN:])))
            )
        if shown:
            yield ""
        yield from rows_of((title, "times"), lines)
        shown = True
    told = [
        words
        for words in (
            f"{counted(job['retries'], 'new attempt')} at what had failed" if job["retries"] else "",
            f"{counted(job['given_up'], 'object')} given up for good" if job["given_up"] else "",
            f"{duration(job['quarantined_s'])} in quarantine" if job["quarantined_s"] else "",
            f"{counted(job['notifications'], 'mail')} to the administrator" if job["notifications"] else "",
        )
        if words
    ]
    if told:
        yield from paragraph(f"{', '.join(told)}.")


def _code(code: str, times: str, width: int) -> Iterator[tuple[str, str]]:
    """A code and what it means, on one line where they fit."""
    words = short(code)
    if words == code:
        yield code, times
    elif len(code) + 2 + len(words) <= width:
        yield f"{code}: {words}", times
    else:
        yield f"{code}:", times
        yield f"  {words}", ""
