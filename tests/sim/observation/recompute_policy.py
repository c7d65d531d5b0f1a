"""Toxic combinations and requested access worked out from a journal alone, by SQL."""

from __future__ import annotations

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


def sla_targets(scenario: Scenario) -> dict[str, Any] | None:
    """What is promised, in seconds."""
    if scenario.organisation.sla is None:
        return None
    written = {kind: target for kind, target in scenario.organisation.sla if target is not None}
    return {kind: target if target == "at_start" else target / 1000 for kind, target in written.items()}
