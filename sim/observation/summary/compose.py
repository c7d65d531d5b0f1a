"""The summary of a run: every key, in its public order.

Invariant: it can be asked for at any moment and changes nothing. Figures come from whole milliseconds and are divided
once; what this version cannot measure, and what there was nothing of, is null and never 0.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mockservices.clock import Millis
from sim.observation.finding import finding
from sim.observation.statistics import seconds
from sim.observation.summary.access import missing_block, orphaned_block, stale_block, suspended_block
from sim.observation.summary.doors import door_rows, residual_block
from sim.observation.summary.events import events_block, latency_block
from sim.observation.summary.policy import requested_block, toxic_block
from sim.observation.summary.results import results_block
from sim.observation.summary.services import divergence_block, population_block, provisioning_block, target_block
from sim.observation.summary.sla import sla_block
from sim.scenario import assumptions
from sim.versions import jmlab_version

if TYPE_CHECKING:
    from sim.world import Transport, World

SCHEMA: Final = "jmlab.summary/1"
Summary: TypeAlias = dict[str, Any]


def summarize(world: World, *, transport: Transport = "direct", wall_s: float | None = None) -> Summary:
    """What a world's run has come to by now; ``wall_s``: how long that took on the wall's clock."""
    ledger, clock, now = world.parts.ledger, world.clock, world.now
    open_latencies = list(ledger.open_latencies())
    latencies = ledger.events.latencies
    doors = None if world.reach is None else world.reach.picture()
    summary: Summary = {
        "schema": SCHEMA,
        "simulated": True,
        "scenario": world.scenario.scenario,
        "seed": world.seed,
        "transport": transport,
        "version": jmlab_version(),
        "from": clock.iso(Millis(0)),
        "to": clock.iso(now),
        "duration_s": seconds(now),
        "wall_s": None if wall_s is None else round(wall_s, 3),
        "finding": [],
        "population": population_block(world),
        "events": events_block(ledger.events, open_latencies),
        "superseded": latencies.superseded,
        "nothing_to_remove": latencies.nothing_to_remove,
        "no_change": latencies.no_change,
        "provisioning": provisioning_block(world),
        "target": target_block(world),
        "latency": latency_block(latencies, open_latencies, None if doors is None else door_rows(doors.closings, now)),
        "orphaned_access": orphaned_block(world, doors),
        "missing_access": missing_block(world),
        "suspended_access": suspended_block(world),
        "residual_sessions": residual_block(doors),
        "sla": sla_block(world),
        "divergence": divergence_block(world),
        "stale": stale_block(world),
        "toxic": toxic_block(world),
        "requested_access": requested_block(world),
        "assumptions": [
            {"key": a.key, "value": a.value, "grade": a.grade, "source": a.source} for a in assumptions(world.scenario)
        ],
        "phases": None if world.phases is None else world.phases.block(),
        "results": None,
        "trace_sha256": world.trace_sha256,
        "traffic_sha256": world.traffic_sha256,
    }
    summary["finding"] = finding(summary)
    summary["results"] = results_block(world.scenario.results, summary)
    return summary


def summary_text(summary: Summary) -> str:
    """A summary as JSON: UTF-8, keys in their public order, ended by a line feed; equal summaries give equal texts."""
    return json.dumps(summary, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
