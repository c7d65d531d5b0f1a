"""The part of the summary about the company, the provisioning job and the services.

Invariant: reads the services and touches none of their objects; costs as much as has been made since the start.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mockservices.graph.reasons import REASONS
from mockservices.scim.provider import CONSOLE
from sim.expressions import Counts
from sim.observation.level import Level
from sim.observation.statistics import ratio, seconds
from sim.provisioning.job import Tally
from sim.provisioning.log import FAILURE, SKIPPED
from sim.provisioning.ticketing.ticket import FORGOTTEN, NOTHING_TO_DO, OPEN, REFUSED, WORKED, TicketRow

if TYPE_CHECKING:
    from sim.provisioning.driver import CycleRow
    from sim.world import World


def population_block(world: World) -> dict[str, int]:
    """Whom the company employs now, and how many it employed at most."""
    headcount = world.parts.ledger.headcount
    return population_figures(headcount.everybody, headcount.contractors)


def population_figures(everybody: Level, contractors: Level) -> dict[str, int]:
    """``population``."""
    return {
        "employees": everybody.now - contractors.now,
        "contractors": contractors.now,
        "peak": everybody.peak,
    }


def provisioning_block(world: World) -> dict[str, Any]:
    """What the job has done, the cycle that is under way included."""
    driver, settings = world.driver, world.scenario.provisioning
    tally = Tally()
    for part in (driver.sums.tally, driver.running.tally) if driver.running.active else (driver.sums.tally,):
        for name in Tally.__slots__:
            setattr(tally, name, getattr(tally, name) + getattr(part, name))
    return provisioning_figures(
        settings.strategy,
        settings.interval,
        tally,
        cycles=driver.sums.cycles,
        initial=driver.sums.initial,
        quarantined_ms=driver.ward.lasted(world.now),
        manual_steps=world.timeline.console.manual_steps,
        notifications=len(driver.notifications),
        failures=world.log.reasons[FAILURE],
        skipped=world.log.reasons[SKIPPED],
        tickets=tickets_of(world),
    )


def provisioning_figures(
    strategy: str,
    interval: int,
    tally: Tally,
    *,
    cycles: int,
    initial: CycleRow | None,
    quarantined_ms: int,
    manual_steps: int,
    notifications: int,
    failures: Mapping[str, int],
    skipped: Mapping[str, int],
    tickets: Sequence[TicketRow] | None,
) -> dict[str, Any]:
    """``provisioning``, of a whole run or of a stretch of it; ``initial``: its first initial cycle that has ended."""
    return {
        "strategy": strategy,
        "interval_s": seconds(interval),
        "cycles": cycles,
        "initial_cycle": None
        if initial is None
        else {
            "duration_s": seconds(initial.end - initial.start),
            "users_created": initial.tally.users_created,
            "users_matched": initial.tally.users_matched,
            "groups_created": initial.tally.groups_created,
            "memberships_added": initial.tally.memberships_added,
            "errors": initial.tally.errors,
        },
        "requests": tally.requests,
        "errors": tally.errors,
        "retries": tally.retries,
        "quarantined_s": seconds(quarantined_ms),
        "manual_steps": manual_steps,
        "users_created": tally.users_created,
        "users_updated": tally.users_updated,
        "users_disabled": tally.users_disabled,
        "users_deleted": tally.users_deleted,
        "groups_created": tally.groups_created,
        "membership_changes": tally.memberships_added + tally.memberships_removed,
        "given_up": tally.given_up,
        "notifications": notifications,
        "failures": Counts(failures, REASONS),
        "skipped": Counts(skipped, REASONS),
        "tickets": None if tickets is None else ticket_figures(tickets),
    }


def tickets_of(world: World) -> list[TicketRow] | None:
    """Every ticket of a world; None where nothing is ever done by ticket."""
    return None if world.carried.desk is None else world.carried.desk.rows()


def ticket_figures(rows: Sequence[TicketRow]) -> dict[str, int]:
    """How many tickets were raised, what became of them, and how many were not raised that should have been."""
    outcomes = Counter(row[5] for row in rows)
    ended = {outcome: outcomes[outcome] for outcome in (WORKED, NOTHING_TO_DO, REFUSED, OPEN)}
    return {"raised": sum(ended.values()), **ended, FORGOTTEN: outcomes[FORGOTTEN]}


def target_block(world: World) -> dict[str, Any]:
    """What stands in the target now."""
    provider, instance = world.services.provider, world.services.instance
    # users that were there at the start came from a job that ran before it, unless tickets came before any job
    base = provider.base_size
    by_hand = sum(
        provider.exists(row) and provider.peek(row).origin == CONSOLE for row in range(base, provider.users_made)
    )
    if provider.base_origin == CONSOLE:
        by_hand += sum(provider.exists(row) for row in range(base))
    return {
        "protocol": "SCIM 2.0",
        "users": provider.users_count,
        "active_users": provider.active_count,
        "groups": provider.groups_count,
        "permission_sets": len(instance.permission_sets),
        "permission_sets_created": sum(made.created >= 0 for made in instance.permission_sets),
        "accounts": len(instance.accounts),
        "assignments": len(instance.assignments()),
        "leftover_assignments": instance.leftovers(),
        "created_by_scim": provider.users_count - by_hand,
        "long_lived_credentials": instance.console.long_lived,
        "identity_source": instance.console.identity_source,
        "faults": world.services.faults.hits(),
        "scim_token_expires": next((world.clock.iso(token.expires) for token in instance.console.tokens), None),
    }


def divergence_block(world: World) -> dict[str, Any]:
    """How far the target is from what the directory says it should hold: now, and around the cycles."""
    divergence, running = world.parts.divergence, world.driver.running
    if not world.carried.by_job:  # no job knows what the target should hold
        unmanaged = world.services.provider.users_count + world.services.provider.groups_count
        unknown = dict.fromkeys(("max_after_cycle", "mean_before_cycle", "mean_after_cycle", "by_kind"))
        return {"now": None, "unmanaged": unmanaged, **unknown}
    now = divergence.peek()
    around = Around(
        divergence.cycles, running.active, divergence.sum_before, divergence.sum_after, divergence.max_after
    )
    return divergence_figures(now, divergence.unmanaged, around, divergence.by_kind)


class Around(NamedTuple):
    """Differences just before and just after cycles, added up."""

    begun: int
    under_way: bool
    before: int
    after: int
    most_after: int


def divergence_figures(now: int, unmanaged: int, around: Around, by_kind: Mapping[str, int]) -> dict[str, Any]:
    """``divergence`` of a world in which a job knows what the target should hold."""
    ended = around.begun - around.under_way
    return {
        "now": now,
        "unmanaged": unmanaged,
        "max_after_cycle": around.most_after if ended else None,
        "mean_before_cycle": ratio(around.before, around.begun),
        "mean_after_cycle": ratio(around.after, ended),
        "by_kind": dict(by_kind),
    }
