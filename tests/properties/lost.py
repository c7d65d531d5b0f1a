"""A story in which every kind of request occurs, and the ways in which one of its requests can come to grief.

Invariant: the story leaves a cycle's time between what happens to the same person twice, so that it can be said in
which cycle everything has to be right again, whatever happens to one request.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal

from mockservices.clock import Millis
from sim.ports import NO_ANSWER, Answer, Request, Target
from sim.scenario import Scenario, scenario_from
from sim.world import World
from tests.semantics.story import CYCLE, MINUTE, act, join, person, told

Loss = Literal["request", "answer"]
"""Nothing was carried out, or it was and nobody heard of it."""
LOSSES: Final[tuple[Loss, ...]] = ("request", "answer")
TIME_OUT = Millis(60_000)
"""How long the job waits for an answer. https://learn.microsoft.com/en-us/answers/questions/1151866"""

MOVES: Final[list[dict[str, Any]]] = [
    join("50m", "dan"),
    act("51m", "move", "ann", department="Operations"),
    act("52m", "leave", "bob"),
    act("53m", "rename", "cyd", display_name="Cyd Other", user_principal_name="cyd.other@contoso.example"),
    act("90m", "delete", "bob"),
    act("91m", "rename_group", group="Auditors", to="Reviewers"),
    act("93m", "purge", "eve"),
    act("130m", "leave", "dan"),
    act("131m", "unassign", group="Operators"),
    act("210m", "rehire", "dan", department="Security"),
]
"""Every kind of request, in cycles that leave time for another try before the next thing happens to the same person."""
LENGTH: Final = 320 * MINUTE
"""The last gate with news is at 240 minutes."""


def scenario(**more: Any) -> Scenario:
    """An initial cycle at 0 and what :data:`MOVES` says, with four people at the start."""
    people = [person("ann"), person("bob", "Operations"), person("cyd", "Security"), person("eve")]
    return scenario_from(told(*MOVES, start_state="empty", before={"people": people}, duration="320m", **more))


# --- what may come of one request ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one request."""

    fault: dict[str, Any]
    """As the section ``faults`` of a scenario has it."""
    settings: dict[str, Any] = field(default_factory=dict)
    cycles: int = 1
    """How many cycles after its own everything is right again; 0: before the next one begins."""
    errors: int = 1
    """How many requests fail in all, at most."""


FATES: Final[dict[str, Fate]] = {
    "the request is lost": Fate({"kind": "fail_before"}, errors=3),
    "the answer is lost": Fate({"kind": "lost_answer"}, errors=3),
    "500": Fate({"kind": "server_error", "status": 500}, errors=3),
    "503 with Retry-After": Fate({"kind": "server_error", "status": 503, "retry_after": "30s"}, errors=3),
    "429": Fate({"kind": "throttled"}, errors=3),
    "429 with Retry-After": Fate({"kind": "throttled", "retry_after": "30s"}, cycles=0, errors=0),
    "429 with Retry-After, not honoured": Fate(
        {"kind": "throttled", "retry_after": "30s"}, {"provisioning__retry_after": "next_cycle"}, errors=3
    ),
    # the job comes into quarantine, and its first attempt there is five minutes later
    "401": Fate({"kind": "expired_credentials"}, cycles=0, errors=3),
    "a web page": Fate({"kind": "not_scim", "status": 503}, cycles=0, errors=3),
}
"""Whatever passes by itself is tried again in the next cycle.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""


def struck(fate: Fate, number: int) -> Scenario:
    """The story in which this becomes of the request of one number, counted from 0.

    No other request is sent in the same millisecond, and up to it nothing has gone wrong: the rule strikes it alone.
    """
    at = undisturbed().times[number]
    return scenario(faults=[{"name": "one", "at": f"{at}ms", "for": "1ms", **fate.fault}], **fate.settings)


# --- what comes of the whole -----------------------------------------------------------------------------


def state(world: World) -> tuple[Any, ...]:
    """Everything that the target holds, ids left out: another order of creation gives other ids."""
    provider, instance = world.services.provider, world.services.instance
    users = [provider.peek(row) for row in range(provider.users_made) if provider.exists(row)]
    named = {group.row: str(group.attributes["displayName"]) for group in provider.groups if group.exists}
    return (
        sorted(
            (
                sorted((name, str(value)) for name, value in user.attributes.items()),
                user.active,
                sorted(named[group] for group in user.groups),
                sorted(
                    "@".join((permission_set.name, account.name))
                    for account, permission_set in map(instance.grant_parts, instance.effective(user.row))
                ),
            )
            for user in users
        ),
        sorted(named.values()),
    )


def at_gates(world: World) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Runs a world to its end: the number of every cycle, and what the target holds just before the next one."""
    for cycle in range(LENGTH // CYCLE):
        world.run_until((cycle + 1) * CYCLE - 1)
        yield cycle, state(world)


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The story when nothing goes wrong."""

    times: tuple[int, ...]
    """When each request is sent."""
    states: tuple[tuple[Any, ...], ...]
    """By cycle: what the target holds just before the next one."""

    def cycle(self, number: int) -> int:
        """The cycle of a request, counted from 0."""
        return self.times[number] // CYCLE


@cache
def undisturbed() -> Undisturbed:
    """What comes of it."""
    world = World(scenario())
    target = lossy(world)
    states = tuple(each for _, each in at_gates(world))
    assert world.driver.sums.tally.errors == 0
    return Undisturbed(tuple(target.times), states)


# --- a target that loses one request ---------------------------------------------------------------------


@dataclass(slots=True)
class LossyTarget:
    """Loses the request of one number, counted from 0."""

    world: World
    target: Target
    number: int = -1
    loss: Loss = "request"
    sent: list[Request] = field(default_factory=list)
    times: list[int] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        """See :class:`sim.ports.Target`."""
        lost = len(self.sent) == self.number
        self.sent.append(request)
        self.times.append(self.world.now)
        if not lost:
            return self.target.send(request)
        if self.loss == "answer":
            self.target.send(request)
        return Answer(NO_ANSWER, lasted=TIME_OUT)

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """See :class:`sim.ports.Target`."""
        return self.target.check(base_address, secret_token, probe)


def lossy(world: World, number: int = -1, loss: Loss = "request") -> LossyTarget:
    """Put such a target between a world's job and its target, before anything happens; it also counts requests."""
    target = LossyTarget(world, world.driver.target, number, loss)
    world.driver.target = target
    return target
