"""The parts of the summary about the policy: toxic combinations held, access that was asked for.

Invariant: a scenario that names no toxic pair measures none, so its figures are null; sums are whole milliseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mockservices.clock import Millis
from sim.observation.statistics import hours, ratio
from sim.observation.toxic import Sums, ToxicHoldings

if TYPE_CHECKING:
    from sim.world import World

LISTED: Final = 100
"""How many toxic combinations held are listed, the oldest first."""


def toxic_block(world: World) -> dict[str, Any]:
    """``toxic``: people who hold both sides of a pair in the target, and how much of it is *retained*."""
    toxic, now = world.parts.ledger.toxic, world.now
    if toxic is None:
        figures = dict.fromkeys(("now", "peak", "mean", "people", "person_hours", "retained_person_hours"), None)
        return {**figures, "pairs": {}, "open": []}
    people = toxic.any.people
    return {
        "now": people.now,
        "peak": people.peak,
        "mean": ratio(people.sum_ms(now), now),
        **_figures(toxic.any, set(toxic.held), now),
        "pairs": {
            pair.name: {
                "now": sums.people.now,
                **_figures(sums, {number for number, holds in toxic.held.items() if place in holds}, now),
            }
            for place, (pair, sums) in enumerate(zip(toxic.rules.pairs, toxic.pairs, strict=True))
        },
        "open": _open(world, toxic),
    }


def _figures(sums: Sums, holding: set[int], now: int) -> dict[str, Any]:
    return {
        "people": len(holding.union(sums.ever)),
        "person_hours": hours(sums.people.sum_ms(now)),
        "retained_person_hours": hours(sums.retained.sum_ms(now)),
    }


def _open(world: World, toxic: ToxicHoldings) -> list[dict[str, Any]]:
    rows = sorted(toxic.open_rows(), key=lambda row: (row[3], row[0], row[1]))
    return [
        {
            "principal": world.parts.register.label(person),
            "pair": pair,
            "since": world.clock.iso(Millis(since)),
            "entitled": bool(entitled),
        }
        for person, pair, entitled, since, _ in rows[:LISTED]
    ]


def requested_block(world: World) -> dict[str, Any]:
    """``requested_access``: how often access was given that was asked for, and what became of it."""
    requested = world.parts.requested
    return {**requested.counts, "now": requested.now}
