"""The lines of a run's page about what the company has promised.

Invariant: pure; where nothing is promised there is no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sim.observation.finding import KINDS
from sim.observation.words import (
    CONTRACTOR_EXPIRY,
    HR,
    JOINER,
    LEAVER,
    MOVER,
    PRIVILEGED_LEAVER,
    PROCESSING,
    REHIRE,
    RETRY,
    TICKET,
    WAIT,
)
from sim.scenario.sla import AT_START
from sim.wording import NOTHING, duration, number, paragraph, rows_of, share

_ROWS: Final = {
    LEAVER: "leavers",
    PRIVILEGED_LEAVER: "  with privileged access",
    CONTRACTOR_EXPIRY: "ended contracts",
    MOVER: "movers",
    JOINER: "joiners",
    REHIRE: "rehires",
}
_CLOCKS: Final = {"effective": "from the day itself", "notified": "from when HR knew"}
_HOPS: Final = {HR: "HR", WAIT: "the cycle", PROCESSING: "the job", RETRY: "retries", TICKET: "tickets"}


def promise_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """How each promise was kept, who waited longest, and who could work on the first day."""
    sla = summary["sla"]
    if sla["targets"] is None:
        return
    rows = [(name, words, sla[name]) for name, words in _ROWS.items() if name in sla["targets"]]
    yield from rows_of(
        (f"Promises, {_CLOCKS[sla['clock']]}", "target", "n", "kept", "broken", "open", "slowest"),
        [
            (
                words,
                "at start" if sla["targets"][name] == AT_START else duration(sla["targets"][name]),
                number(row["n"]),
                NOTHING if row["within"] is None else share(row["n"] - row["breached"], row["n"]),
                number(row["breached"]),
                number(row["undecided"]),
                duration(row["worst"][0]["duration_s"]) if row["worst"] else NOTHING,
            )
            for name, words, row in rows
        ],
    )
    for name, _, row in rows:
        if row["breached"]:
            case = row["worst"][0]
            hop = "" if case["longest_hop"] is None else f", {_HOPS[case['longest_hop']]} most of all"
            yield from paragraph(
                f"slowest {KINDS[name]}: {case['person']}, {case['at']}, {duration(case['duration_s'])}{hop}", "  "
            )
    ready = sla[JOINER]["ready_at_start"]
    if ready is not None and sla["targets"].get(JOINER) != AT_START:
        yield f"Everything was there at the start for {share(ready, 1)} of the joiners."
