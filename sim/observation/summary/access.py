"""The part of the summary about access that people have and should not, or should have and lack.

Invariant: people and grants are counted apart. Person-hours by cause, and by what was waited for, add up to the total
in whole milliseconds, because a person is in one piece at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from mockservices.clock import Millis
from sim.observation.level import Level
from sim.observation.statistics import hours, ratio
from sim.observation.summary.doors import usable_by_cause, usable_figures
from sim.observation.words import CAUSES, MISSING, ORPHANED, PRIVILEGED, SUSPENDED, WAITING
from sim.time import DAY

if TYPE_CHECKING:
    from mockservices.identitycenter.instance import Instance
    from sim.observation.exposure import Exposure
    from sim.observation.reach.reach import Picture
    from sim.observation.reach.rows import UsableRow
    from sim.world import World

LISTED: Final = 100
"""How many open grants are listed, the oldest first."""
_NEVER: Final = Level()


def orphaned_block(world: World, doors: Picture | None) -> dict[str, Any]:
    """``orphaned_access``."""
    ledger, now = world.parts.ledger, world.now
    exposure = ledger.exposure
    persons = {cause: set(exposure.cause_persons.get(cause, ())) for cause in CAUSES}
    for number, state, cause, *_ in ledger.open_people():
        if state == ORPHANED and cause is not None:
            persons[cause].add(number)
    active = world.parts.observer.active_users.sum_ms(now)
    figures = orphaned_figures(
        exposure, now, active, persons, world.services.instance, None if doors is None else doors.usable
    )
    return {**figures, "open": _open(world)}


def orphaned_figures(
    exposure: Exposure,
    now: int,
    active_ms: int,
    persons: Mapping[str, set[int]],
    instance: Instance,
    usable: Sequence[UsableRow] | None,
    begin: int | None = None,
) -> dict[str, Any]:
    """Everything of ``orphaned_access`` but the list of what is open, from 0 to ``now`` of the exposure's own time.

    ``active_ms``: the integral of the target's active users; ``persons``: who had access of a cause for any time;
    ``usable``: what of it could be used, where there are sessions, in the run's time, in which the exposure's own
    begins at ``begin``.
    """
    people = exposure.people.get(ORPHANED, _NEVER)
    grants = exposure.grants.get(ORPHANED, _NEVER)
    privileged = exposure.people.get(PRIVILEGED, _NEVER)
    by_cause = usable_by_cause(usable, (begin or 0) + now, begin or 0)
    return {
        "people": {**_level(people, now), "person_hours": hours(people.sum_ms(now))},
        "grants": {**_level(grants, now), "grant_hours": hours(grants.sum_ms(now))},
        "usable": usable_figures(usable, (begin or 0) + now, begin),
        "privileged": {"now": privileged.now, "person_hours": hours(privileged.sum_ms(now))},
        "rate": ratio(people.sum_ms(now), active_ms),
        "by_cause": {
            cause: {
                "now": exposure.cause_people.get(cause, _NEVER).now,
                "people": len(persons[cause]),
                "person_hours": hours(exposure.cause_people.get(cause, _NEVER).sum_ms(now)),
                "grant_hours": hours(exposure.cause_grants.get(cause, _NEVER).sum_ms(now)),
                "usable_person_hours": by_cause[cause],
            }
            for cause in CAUSES
        },
        "by_waiting_for": {word: hours(exposure.waiting.get(word, _NEVER).sum_ms(now)) for word in WAITING},
        "by_account": _by_part(exposure, now, instance, 0, "account"),
        "by_permission_set": _by_part(exposure, now, instance, 1, "permission_set"),
    }


def missing_block(world: World) -> dict[str, Any]:
    """``missing_access``."""
    ledger, now = world.parts.ledger, world.now
    missing = ledger.exposure.people.get(MISSING, _NEVER)
    waiting = set(ledger.exposure.ever_missing)
    waiting.update(row[0] for row in ledger.open_people() if row[1] == MISSING)
    return missing_figures(missing, len(waiting), now)


def missing_figures(missing: Level, waiting: int, now: int) -> dict[str, Any]:
    """``missing_access`` from 0 to ``now``; ``waiting``: how many people have ever waited."""
    return {**_level(missing, now), "people_waiting": waiting, "person_hours": hours(missing.sum_ms(now))}


def suspended_block(world: World) -> dict[str, Any]:
    """``suspended_access``: people whose users are switched off and would hold access again when switched on."""
    return {"now": world.parts.ledger.exposure.people.get(SUSPENDED, _NEVER).now}


def stale_block(world: World) -> dict[str, Any]:
    """``stale``: what an auditor asks for."""
    stale = world.parts.stale
    return {
        "found": stale.found,
        "removed": stale.removed,
        "usable": stale.usable,
        "threshold_d": stale.threshold / DAY,
    }


def _level(level: Level, now: int) -> dict[str, Any]:
    return {"now": level.now, "peak": level.peak, "mean": ratio(level.sum_ms(now), now)}


def _by_part(exposure: Exposure, now: int, instance: Instance, part: int, name: str) -> list[dict[str, Any]]:
    """Orphaned grants by their account or their permission set, those with the most grant-hours first."""
    sums: dict[str, tuple[int, int]] = {}
    for grant, level in exposure.orphaned_grants.items():
        key = instance.grant_parts(grant)[part].name
        held, total = sums.get(key, (0, 0))
        sums[key] = held + level.now, total + level.sum_ms(now)
    return ranked(name, ((key, held, total) for key, (held, total) in sums.items()))


def ranked(name: str, rows: Iterable[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """(key, how many now, ms) of everything that was orphaned for any time, the longest first."""
    shown = sorted(((key, held, total) for key, held, total in rows if held or total), key=lambda r: (-r[2], r[0]))
    return [{name: key, "now": held, "grant_hours": hours(total)} for key, held, total in shown]


def _open(world: World) -> list[dict[str, Any]]:
    """Orphaned grants that are open now, the oldest first."""
    parts, clock = world.parts, world.clock
    rows = sorted(parts.ledger.open_orphans(), key=lambda found: (found[0][4], found[0][0], found[0][1]))
    listed = []
    for (person, grant, _, cause, since, _), waiting in rows[:LISTED]:
        account, permission_set = parts.services.instance.grant_parts(grant)
        listed.append(
            {
                "principal": parts.register.label(person),
                "account": account.name,
                "permission_set": permission_set.name,
                "since": clock.iso(Millis(since)),
                "cause": cause,
                "waiting_for": waiting,
                "usable": None if world.reach is None else world.reach.usable_now(person, grant),
                "privileged": grant in parts.ledger.privileged,
            }
        )
    return listed
