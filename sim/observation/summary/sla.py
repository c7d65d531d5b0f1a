"""The part of the summary about what the company has promised: how each promise was kept.

Invariant: what nobody has promised is null, and so is the share of nothing. What is open is counted as broken once its
time is over, and before that as undecided, in no share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from mockservices.clock import Millis
from sim.observation.promises import PROMISES, READY, Case, Kept
from sim.observation.statistics import ratio, seconds
from sim.scenario.sla import AT_START

if TYPE_CHECKING:
    from sim.world import World

_UNKNOWN: Final = ("n", "within", "breached", "undecided")


def sla_block(world: World) -> dict[str, Any]:
    """``sla``: the clock, the targets in seconds, and a row for every kind of promise."""
    promises = world.parts.ledger.events.promises
    return sla_figures(world, None if promises is None else promises.kept(world.parts.ledger.open_events(), world.now))


def sla_figures(world: World, kept: Mapping[str, Kept] | None) -> dict[str, Any]:
    """The same, of a world in which promises were kept like this; None: nothing was promised."""
    sla = world.scenario.organisation.sla
    if sla is None or kept is None:
        return {"clock": None, "targets": None, **{name: _row(world, name, Kept(None)) for name in PROMISES}}
    return {
        "clock": world.scenario.organisation.sla_clock,
        "targets": {kind: target if target == AT_START else seconds(target) for kind, target in sla.targets().items()},
        **{name: _row(world, name, row) for name, row in kept.items()},
    }


def _row(world: World, name: str, kept: Kept) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(_UNKNOWN)
    if kept.target is not None:
        row["n"] = kept.n
        row["within"] = ratio(kept.n - kept.breached, kept.n)
        row["breached"] = kept.breached if kept.n else None
        row["undecided"] = kept.undecided
    if name in READY:
        row["ready_at_start"] = ratio(kept.ready, kept.begun)
    row["worst"] = None if kept.target is None else [_case(world, case) for case in kept.worst if case[0]]
    return row


def _case(world: World, case: Case) -> dict[str, Any]:
    lasted, at, _, person, hop = case
    return {
        "person": world.parts.register.label(person),
        "at": world.clock.iso(Millis(at)),
        "duration_s": seconds(-lasted),
        "longest_hop": hop,
    }
