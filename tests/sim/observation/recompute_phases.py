"""The rows of ``phases`` worked out from a journal: the SQL of the whole, over tables that hold one stretch only.

SQLite resolves a name to a temporary table first (https://www.sqlite.org/lang_naming.html), so each stretch is cut into
temporary tables that have the journal's names, and the same statements run over them.
"""

from __future__ import annotations

from typing import Any, Final

from sim.observation.statistics import seconds
from sim.scenario import Scenario
from tests.sim.observation.recompute import ACTIVE, Recomputed

BEGUN: Final = {"cycles": "start_ms", "on_demand": "at_ms", "console_acts": "at_ms", "latencies": "start_ms",
         "notifications": "at_ms", "log": "at_ms", "tickets": "at_ms", "closings": "at_ms"}  # fmt: skip
"""What belongs whole to the stretch in which it began, by the column that says when that was."""
STATES: Final = {
    "person_intervals": "person, state, cause, waiting_for",
    "grant_intervals": "person, grant_number, state, cause",
    "quarantines": "reason",
}


def phase_rows(whole: Recomputed, scenario: Scenario) -> list[dict[str, Any]]:
    """A row for every phase that began before the run ended."""
    rows: list[dict[str, Any]] = []
    start = 0
    for phase in scenario.phases:
        if rows and start >= whole.end:
            break
        end = whole.end
        if isinstance(phase.until, str):
            end = min(end, *[a.at for a in scenario.timeline if a.do == phase.until and a.at > start][:1])
        elif phase.until is not None:
            end = min(end, phase.until)
        stretch = Stretch(whole, start, end)
        settings = scenario.provisioning
        orphaned = stretch.orphaned()
        del orphaned["open"]
        rows.append(
            {
                "name": phase.name,
                "from": whole.iso(start),
                "to": whole.iso(end),
                "provisioning": {
                    "strategy": phase.strategy or settings.strategy,
                    "interval_s": seconds(settings.interval),
                    **stretch.provisioning(),
                },
                "latency": stretch.latency(),
                "orphaned_access": orphaned,
            }
        )
        stretch.close()
        start = end
    return rows


class Stretch(Recomputed):
    """One stretch of a journal, its times counted from its beginning."""

    def __init__(self, whole: Recomputed, start: int, end: int) -> None:
        super().__init__(whole.db)
        self.scenario = whole.scenario
        self.start, self.end = start, end - start
        for table, began in BEGUN.items():
            self.db.execute(
                f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} WHERE {began} >= {start} AND {began} < {end}"
            )
        for table, columns in STATES.items():
            self.db.execute(
                f"CREATE TEMP TABLE {table} AS SELECT {columns}, max(since_ms, {start}) - {start} AS since_ms, "
                f"CASE WHEN until_ms < {end} THEN until_ms - {start} END AS until_ms FROM main.{table} "
                f"WHERE since_ms < {end} AND coalesce(until_ms, {end}) > max(since_ms, {start})"
            )

    def close(self) -> None:
        """The next stretch needs the names."""
        for table in (*BEGUN, *STATES):
            self.db.execute(f"DROP TABLE temp.{table}")

    def active_ms(self) -> int:
        """The integral of the active users over the stretch."""
        base, end = int(self.meta["population.in_target"]), self.start + self.end
        changes = self.db.execute(ACTIVE).fetchall()
        return int(base * self.end + sum(n * (end - max(at, self.start)) for at, n in changes if at < end))
