"""Gives a world's doors somebody who uses them, and its figures about doors somebody who listens.

Invariant: nothing of it is there in a world without sessions, and nothing of it changes a service.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sim.observation.reach.reach import Reach
from sim.observation.reach.reckoning import Reckoning
from sim.parts import Parts
from sim.population import StartingPeople
from sim.randomness import Streams
from sim.scenario import Scenario
from sim.scenario.sessions import Sessions
from sim.spread import table
from sim.usage import Habits, Usage
from sim.workforce.zones import Zone


def habits(sessions: Sessions) -> Habits:
    """How a scenario's workforce uses the portal."""
    return Habits(
        sessions.usage,
        Fraction(str(sessions.users)),
        Fraction(str(sessions.sign_ins)),
        Fraction(str(sessions.roles)),
        None if sessions.sign_out is None else table(sessions.sign_out),
    )


def reach_of(parts: Parts, streams: Streams) -> Reach | None:
    """Who could still get in; None in a world without sessions."""
    sessions = parts.scenario.target.sessions
    if sessions is None:
        return None
    doors, instance, start = parts.services.doors, parts.services.instance, parts.start
    if start is not None and sessions.usage != "none":
        people = len(start.people)

        def owner(row: int) -> int | None:
            number = parts.observer.target_owner(row)
            return number if number < people else None

        doors.source = Usage(
            habits(sessions),
            streams,
            doors,
            owner=owner,
            zone=_clocks(parts.scenario, start),
            role_length=lambda grant: instance.grant_parts(grant)[1].session,
        )
    reach = Reach(parts.ledger, Reckoning(doors, instance))
    parts.stale.usable_now = reach.usable_now
    return reach


def _clocks(scenario: Scenario, start: StartingPeople) -> Callable[[int], Zone]:
    """By which clock somebody works: that of their first place of work, or of the company."""
    home = scenario.home_zone
    names = {place.name: place.timezone or home for place in scenario.organisation.locations}
    zones = {
        name: Zone(name, scenario.start, scenario.duration + scenario.drain)
        for name in dict.fromkeys((home, *names.values()))
    }
    places = {place: zones[name] for place, name in names.items()}
    facts_of, company = start.people.facts_of, zones[home]
    if not places:
        return lambda number: company
    return lambda number: places.get(facts_of(number).location or "", company)
