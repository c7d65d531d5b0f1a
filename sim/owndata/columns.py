"""The columns of a file of people and events, and the words that stand in them.

Invariant: a run's own ``events.csv`` has exactly these columns, so what is written is what can be read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Final

from sim.workforce.plan import Employment, EventKind, Reason

COLUMNS: Final = (
    "person",
    "kind",
    "effective_at",
    "known_at",
    "directory_at",
    "department",
    "employment",
    "role",
    "location",
    "title",
    "groups",
    "reason",
    "contract_end",
    "manager",
    "account_at",
    "identity",
    "domain",
    "given_name",
    "family_name",
    "user_principal_name",
    "mail_nickname",
    "employee_id",
    "origin",
    "outcome",
)
REQUIRED: Final = ("person", "kind", "department")
ALIASES: Final = {"employment_type": "employment", "upn": "user_principal_name", "employee_number": "employee_id"}

PRESENT: Final = "present"
"""The kind of a row that is no event: somebody is there at the start."""
HERE: Final = 255
"""Its number, which no kind of event has."""
KINDS: Final = {PRESENT: HERE, **{kind.name.lower(): int(kind) for kind in EventKind}}
REASONS: Final = {reason.name.lower(): int(reason) for reason in Reason if reason}
EMPLOYMENTS: Final = tuple(employment.name.lower() for employment in Employment)
IDENTITIES: Final = ("old", "new")
NEVER: Final = "never"
"""In ``directory_at``: nobody tells the directory."""
NONE: Final = "-"
"""In ``role`` and ``location``: from now on none; an empty cell leaves it as it was."""
WORKFORCE: Final = "workforce"
TIMELINE: Final = "timeline"
ORIGINS: Final = (WORKFORCE, TIMELINE)
"""Where an event comes from: the workforce, or what the scenario's timeline or somebody by hand did."""

BEGINNINGS: Final = frozenset({HERE, int(EventKind.JOINER), int(EventKind.NO_SHOW)})
"""Kinds of row with which somebody first appears."""


def listed_in_a_cell(names: Iterable[str]) -> str:
    """Names as they stand in one cell: with semicolons between them, in quotes where one has a semicolon itself."""
    text = StringIO()
    csv.writer(text, delimiter=";", lineterminator="").writerow(names)
    return text.getvalue()


def names_in_a_cell(cell: str) -> tuple[str, ...]:
    """The names of such a cell, each once, in order."""
    read = next(csv.reader([cell], delimiter=";", skipinitialspace=True), [])
    return tuple(sorted({name.strip() for name in read} - {""}))
