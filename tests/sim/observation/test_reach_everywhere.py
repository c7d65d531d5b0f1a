"""What is reckoned afterwards is what trying at the time would have said, at every instant of random runs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from mockservices.clock import Millis
from mockservices.identitycenter.sessions.access import Verdict
from mockservices.identitycenter.sessions.spans import covering
from sim.observation.reach.rows import PORTAL, USABLE, USABLE_AT_WORST
from sim.randomness import Streams
from sim.scenario import Scenario, scenario_from
from sim.time import HOUR, MINUTE
from sim.usage import Habits, Usage
from sim.workforce.zones import Zone
from sim.world import World
from tests.semantics.random_stories import stories

STEP = 23 * MINUTE + 7
END = 4 * HOUR
DEEDS = ("nothing", "nothing", "deny", "allow", "end")
DOORS = st.fixed_dictionaries(
    {
        "sign_in": st.sampled_from(["federated", "local"]),
        "sessions": st.fixed_dictionaries(
            {
                "rules": st.sampled_from(["current", "legacy"]),
                "portal": st.sampled_from(["15m", "50m", "8h"]),
                "directory_token": st.sampled_from(["0m", "20m"]),
            }
        ),
    }
)


def with_doors(story: Scenario, doors: dict[str, Any]) -> Scenario:
    """The same story in a world with sessions."""
    values = story.model_dump(mode="json", exclude_none=True)
    return scenario_from({**values, "target": {**values["target"], **doors}})


def give_habits(world: World, pattern: Literal["on_call", "always", "none"], seed: int) -> None:
    """Let everybody of a story use the portal, whom a usage model leaves alone otherwise."""
    doors, instance = world.services.doors, world.services.instance
    zone = Zone("UTC", world.scenario.start, world.end)
    doors.source = Usage(
        Habits(pattern, Fraction(1), Fraction(20), Fraction(60)),
        Streams(seed),
        doors,
        owner=world.parts.observer.target_owner,
        zone=lambda number: zone,
        role_length=lambda grant: instance.grant_parts(grant)[1].session,
    )


def tried(world: World) -> tuple[set[int], set[int]]:
    """Who gets into something orphaned at this moment, and who into something that has ended, by really trying."""
    usable, residual = set(), set()
    for person in world.parts.ledger.touched():
        verdicts: dict[int, set[Verdict]] = {}
        for row in person.targets:
            access = world.services.doors.access(row)
            for grant in access.facts.routes:
                verdicts.setdefault(grant, set()).add(access.attempt(grant, world.now).verdict)
        if any(Verdict.USABLE in verdicts.get(grant, ()) for grant in person.orphans):
            usable.add(person.number)
        if any(Verdict.RESIDUAL in found for grant, found in verdicts.items() if grant not in person.effective):
            residual.add(person.number)
    return usable, residual


def act(world: World, deed: str, number: int) -> None:
    """Something that an administrator does to somebody's sessions."""
    provider = world.services.provider
    if deed == "nothing" or not provider.users_made:
        return
    action = {"deny": "sso.user.deny", "allow": "sso.user.allow", "end": "sso.sessions.delete"}[deed]
    row = number % provider.users_made
    if action != "sso.user.allow" or world.services.doors.organisation_policy is not None:
        world.services.perform(action, {"user": provider.user_id(row)})


@settings(max_examples=25, deadline=None)
@given(
    stories(),
    DOORS,
    st.sampled_from(["on_call", "always", "none"]),
    st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 9)), min_size=8, max_size=8),
    st.booleans(),
)
def test_an_attempt_gets_in_exactly_in_usable_and_in_residual_time(
    story: Scenario,
    doors: dict[str, Any],
    pattern: Literal["on_call", "always", "none"],
    deeds: list[tuple[str, int]],
    asked: bool,
) -> None:
    world = World(with_doors(story, doors))
    give_habits(world, pattern, seed=len(deeds))
    assert world.reach is not None
    seen: list[tuple[Millis, set[int], set[int]]] = []
    for number, moment in enumerate(range(STEP, END, STEP)):
        world.run_until(moment)
        seen.append((world.now, *tried(world)))
        world.run_until(moment + 1)  # what is done counts from its own instant on, not from that of the attempt
        act(world, *deeds[number % len(deeds)])
        if asked:  # asking in between changes nothing
            assert world.reach.now()[0] <= len(world.parts.ledger.exposed)
            world.reach.picture()
    world.run_until(END)
    picture = world.reach.picture()
    for at, usable, residual in seen:
        spans = [(row.person, row.state) for row in picture.usable if row.since <= at < row.until]
        assert {person for person, state in spans if state == USABLE} == usable
        assert usable <= {person for person, state in spans if state == USABLE_AT_WORST}
        portals = [row for row in picture.residual if row.kind == PORTAL and covering([(row.since, row.until)], at)]
        assert {row.person for row in portals} == residual
