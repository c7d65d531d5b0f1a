"""Figures about doors, worked out from a journal alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.observation.statistics import hours, seconds
from sim.observation.words import HOPS

if TYPE_CHECKING:
    from tests.sim.observation.recompute import Recomputed

DOORS = ("sign_in_blocked", "last_usable", "last_session_ended", "last_session_at_worst")
USABLE = (
    "now", "peak", "mean", "person_hours", "person_hours_at_worst", "privileged_now", "privileged_person_hours",
)  # fmt: skip


def usable_figures(journal: Recomputed, *, sessions: bool) -> dict[str, Any]:
    """``orphaned_access.usable``."""
    if not sessions:
        return dict.fromkeys(USABLE)
    return {
        **journal.people("usable"),
        "person_hours": hours(journal.person_ms("state = 'usable'")),
        "person_hours_at_worst": hours(journal.person_ms("state = 'usable_at_worst'")),
        "privileged_now": journal.people("usable_privileged")["now"],
        "privileged_person_hours": hours(journal.person_ms("state = 'usable_privileged'")),
    }


def residual_figures(journal: Recomputed, *, sessions: bool) -> dict[str, Any]:
    """``residual_sessions``."""
    if not sessions:
        return dict.fromkeys(("now", "peak", "session_hours"))
    edges = (
        "SELECT since_ms AS t, 1 AS d FROM residual_sessions "
        "UNION ALL SELECT until_ms, -1 FROM residual_sessions WHERE until_ms IS NOT NULL"
    )
    peak = journal.one(f"SELECT max(n) FROM (SELECT sum(sum(d)) OVER (ORDER BY t) AS n FROM ({edges}) GROUP BY t)")
    return {
        "now": journal.one("SELECT count(*) FROM residual_sessions WHERE until_ms IS NULL"),
        "peak": peak or 0,
        "session_hours": hours(
            journal.one("SELECT sum(coalesce(until_ms, ?) - since_ms) FROM residual_sessions", journal.end) or 0
        ),
    }


def door_row(journal: Recomputed, name: str, *, sessions: bool) -> dict[str, Any]:
    """A row of ``latency`` about those who left."""
    hops = dict.fromkeys((f"{hop}_s" for hop in HOPS), None)
    if not sessions:
        figures = ("n", "censored", "mean_s", "p50_s", "p95_s", "p99_s", "max_s")
        return {**dict.fromkeys(figures, None), "hops": hops}
    column = f"{name}_ms"
    query = f"SELECT {column} FROM closings WHERE {column} IS NOT NULL ORDER BY {column}"
    values = [value for (value,) in journal.db.execute(query)]
    query = f"SELECT ? - at_ms AS age FROM closings WHERE {column} IS NULL ORDER BY age DESC"
    ages = [age for (age,) in journal.db.execute(query, (int(journal.meta["end_ms"]),))]
    n = len(values)
    row: dict[str, Any] = {"n": n, "censored": len(ages), "mean_s": sum(values) / (n * 1000) if n else None}
    for percent in (50, 95, 99):
        row[f"p{percent}_s"] = seconds(values[-(-n * percent // 100) - 1]) if n >= 20 else None
    row["max_s"] = seconds(values[-1]) if n else None
    row["hops"] = hops
    if n < 20:
        row["durations_s"] = [value / 1000 for value in values]
    if ages:
        row["censored_s"] = [age / 1000 for age in ages[:100]]
        if len(ages) * 100 > n + len(ages):
            row["biased"] = True
    return row
