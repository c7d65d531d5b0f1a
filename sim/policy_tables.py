"""The lines of a run's page about the access policy: toxic combinations, and access that was asked for.

Invariant: pure; a part of which the scenario says nothing takes no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sim.wording import number, paragraph, quantity, rows_of

OPEN_SHOWN: Final = 5


def toxic_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """Pairs that were held, by how many people and for how long; then who holds one still."""
    toxic = summary["toxic"]
    if not toxic["pairs"]:
        return
    rows = [(name, row) for name, row in toxic["pairs"].items() if row["people"]]
    everybody = [("people with any of them", toxic)] if len(rows) > 1 else []
    yield from rows_of(
        ("Toxic combinations: both held in the target", "now", "people", "hours", "retained"),
        [
            (
                words,
                number(row["now"]),
                number(row["people"]),
                quantity(row["person_hours"]),
                quantity(row["retained_person_hours"]),
            )
            for words, row in (*rows, *everybody)
        ]
        or [("none was held", "0", "0", "0", "0")],
    )
    if toxic["retained_person_hours"]:
        yield "Retained: hours in which the person was not entitled to both."
    for held in toxic["open"][:OPEN_SHOWN]:
        why = "entitled to both" if held["entitled"] else "not entitled to both"
        yield from paragraph(f"{held['principal']} since {held['since']}: {held['pair']}, {why}", "  ")
    if len(toxic["open"]) > OPEN_SHOWN:
        yield f"  and {number(toxic['now'] - OPEN_SHOWN)} more" if toxic["now"] > OPEN_SHOWN else "  and more"


def requested_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """How much access was given on request, and what became of it."""
    requested = summary["requested_access"]
    if not requested["given"]:
        return
    yield from paragraph(
        f"Requested access: given {number(requested['given'])} times, extended {number(requested['extended'])}, "
        f"ended {number(requested['ended'])}, forgotten {number(requested['forgotten'])}; "
        f"{number(requested['now'])} running."
    )
