"""Toxic combinations and requested access worked out from a journal alone, by SQL."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from sim.observation.statistics import hours, ratio
from sim.scenario import Scenario

if TYPE_CHECKING:
    from tests.sim.observation.recompute import Recomputed

FIGURES = ("now", "peak", "mean", "people", "person_hours", "retained_person_hours")


def _any(of: Recomputed, where: str) -> list[tuple[int, int]]:
    """Edges (time, change) of the number of people with at least one such stretch, each counted once.

    A person's stretches overlap where several pairs are held: what is covered begins where nothing was, and ends
    where nothing is left.
    """
    edges = (
        f"SELECT person, since_ms AS t, 1 AS d FROM toxic WHERE {where} "
        f"UNION ALL SELECT person, until_ms, -1 FROM toxic WHERE {where} AND until_ms IS NOT NULL"
    )
    found = of.db.execute(
        f"SELECT t, (n > 0) - (n - d > 0) AS change FROM (SELECT person, t, sum(d) AS d, "
        f"sum(sum(d)) OVER (PARTITION BY person ORDER BY t) AS n FROM ({edges}) GROUP BY person, t) "
        f"WHERE change <> 0 ORDER BY t"
    )
    return [(int(at), int(change)) for at, change in found]


def _ms(of: Recomputed, where: str) -> int:
    return sum(change * (of.end - at) for at, change in _any(of, where))


def toxic_figures(of: Recomputed, scenario: Scenario) -> dict[str, Any]:
    """``toxic``."""
    pairs = [pair.name for pair in scenario.organisation.access.toxic]
    if not pairs:
        return {**dict.fromkeys(FIGURES, None), "pairs": {}, "open": []}
    level, peak, count = _any(of, "TRUE"), 0, 0
    for position, (at, change) in enumerate(level):
        count += change
        if position + 1 == len(level) or level[position + 1][0] > at:
            peak = max(peak, count)

    def figures(where: str) -> dict[str, Any]:
        return {
            "people": of.one(f"SELECT count(DISTINCT person) FROM toxic WHERE {where}"),
            "person_hours": hours(_ms(of, where)),
            "retained_person_hours": hours(_ms(of, f"{where} AND entitled = 0")),
        }

    standing = "SELECT count(DISTINCT person) FROM toxic WHERE until_ms IS NULL"
    return {
        "now": of.one(standing),
        "peak": peak,
        "mean": ratio(_ms(of, "TRUE"), of.end),
        **figures("TRUE"),
        "pairs": {
            name: {"now": of.one(f"{standing} AND pair = ?", name), **figures(f"pair = '{name}'")} for name in pairs
        },
        "open": [
            {"principal": who, "pair": pair, "since": of.iso(since), "entitled": bool(entitled)}
            for who, pair, since, entitled in of.db.execute(
                "SELECT label, pair, since_ms, entitled FROM toxic JOIN people USING (person) WHERE until_ms IS NULL "
                "ORDER BY since_ms, person, pair LIMIT 100"
            )
        ],
    }


def requested_figures(of: Recomputed) -> dict[str, Any]:
    """``requested_access``."""
    counts = dict(of.db.execute("SELECT what, count(*) FROM access_requests GROUP BY what"))
    acts = {what: counts.get(what, 0) for what in ("given", "extended", "ended", "forgotten")}
    return {**acts, "now": acts["given"] - acts["ended"] - acts["forgotten"]}


SLA_ROWS = ("leaver", "mover", "joiner", "privileged_leaver", "contractor_expiry", "rehire")
PROMISED = {
    "leaver": "leaver",
    "mover_grant": "mover",
    "mover_revoke": "mover",
    "joiner": "joiner",
    "contractor_expiry": "contractor_expiry",
    "rehire": "rehire",
}
PRIVILEGED = """
SELECT EXISTS (SELECT 1 FROM grant_intervals JOIN grants USING (grant_number) WHERE privileged AND person = ?1
    AND ((state = 'effective' AND since_ms <= ?2 AND coalesce(until_ms, ?2 + 1) > ?2)
        OR (state = 'entitled' AND until_ms = ?2)))
"""
"""Whether somebody held a privileged grant at an instant, or was entitled to one until then."""


def sla_figures(of: Recomputed, scenario: Scenario) -> dict[str, Any]:
    """``sla``: every event by itself, from its finished, open and overtaken latencies."""
    sla, clock = scenario.organisation.sla, scenario.organisation.sla_clock
    targets = {} if sla is None else {kind: target for kind, target in sla if target is not None}
    cases: dict[str, list[dict[str, Any]]] = {name: [] for name in SLA_ROWS}
    rows = of.db.execute(
        "SELECT event, measured.kind, start_ms, coalesce(end_ms, ?), state, known_ms, label, person, hr_ms, wait_ms, "
        "processing_ms, retry_ms, ticket_ms FROM (SELECT *, iif(end_ms IS NULL, 'open', 'through') AS state "
        "FROM latencies UNION ALL SELECT *, 'overtaken' FROM overtaken) AS measured "
        "JOIN events USING (event, person) JOIN people USING (person) ORDER BY event",
        (of.end,),
    ).fetchall()
    for event, group in groupby(rows, key=lambda row: row[0]):
        parts = [row[1:] for row in group]
        parts = [part for part in parts if part[0] in PROMISED]
        if not parts:
            continue
        name = PROMISED[parts[0][0]]
        names = [name]
        if name == "leaver" and any(of.one(PRIVILEGED, part[6], part[1]) for part in parts):
            names.append("privileged_leaver")
        took = []
        for kind, start, end, state, known, label, _, *hops in parts:
            begins = max(start, known) if clock == "notified" and targets.get(name) != "at_start" else start
            took.append((max(end - begins, 0), kind, start, label, longest(hops, begins - start), state, end - start))
        worst = min(took, key=lambda case: (-case[0], case[2], case[4] or ""))
        state = next((s for s in ("open", "overtaken") if any(t[5] == s for t in took)), "through")
        for promise in names:
            cases[promise].append({"case": worst, "event": event, "state": state})
    return {
        "clock": None if sla is None else clock,
        "targets": None
        if sla is None
        else {kind: target if target == "at_start" else target / 1000 for kind, target in targets.items()},
        **{name: sla_row(of, name, targets.get(name), sla is None, cases[name]) for name in SLA_ROWS},
    }


def longest(hops: list[int], before: int) -> str | None:
    """The hop that took longest after the first ``before`` ms."""
    ends, left = 0, []
    for lasted in hops:
        left.append(max(ends + lasted - max(ends, before), 0))
        ends += lasted
    return ("hr", "wait", "processing", "retry", "ticket")[left.index(max(left))] if any(left) else None


def sla_row(of: Recomputed, name: str, target: Any, silent: bool, cases: list[dict[str, Any]]) -> dict[str, Any]:
    """One promise."""
    row: dict[str, Any] = dict.fromkeys(("n", "within", "breached", "undecided"))
    worst = None
    if target is not None:
        limit = 0 if target == "at_start" else target
        broken = [c for c in cases if c["case"][0] > limit]
        kept = [c for c in cases if c["case"][0] <= limit and c["state"] == "through"]
        n = len(broken) + len(kept)
        undecided = sum(c["state"] == "open" and c["case"][0] <= limit for c in cases)
        row = {"n": n, "within": ratio(len(kept), n), "breached": len(broken) if n else None, "undecided": undecided}
        ordered = sorted(broken + kept, key=lambda c: (-c["case"][0], c["case"][2], c["event"]))
        worst = [
            {"person": label, "at": of.iso(start), "duration_s": lasted / 1000, "longest_hop": hop}
            for lasted, _, start, label, hop, *_ in (c["case"] for c in ordered[:5] if c["case"][0])
        ]
    if name in ("joiner", "rehire"):
        waited = [c["case"][6] for c in cases if c["state"] == "through" or c["case"][6]]
        row["ready_at_start"] = None if silent else ratio(waited.count(0), len(waited))
    return {**row, "worst": worst}
