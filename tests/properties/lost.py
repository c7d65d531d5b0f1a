"""A target between which and the job one request, or one answer, gets lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from mockservices.clock import Millis
from sim.ports import NO_ANSWER, Answer, Request, Target
from sim.world import World

Loss = Literal["request", "answer"]
"""Nothing was carried out, or it was and nobody heard of it."""
LOSSES: Final[tuple[Loss, ...]] = ("request", "answer")
TIME_OUT = Millis(60_000)
"""How long the job waits for an answer. https://learn.microsoft.com/en-us/answers/questions/1151866"""


@dataclass(slots=True)
class LossyTarget:
    """Loses the request of one number, counted from 0."""

    target: Target
    number: int = -1
    loss: Loss = "request"
    sent: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Answer:
        """See :class:`sim.ports.Target`."""
        lost = len(self.sent) == self.number
        self.sent.append(request)
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
    target = LossyTarget(world.driver.target, number, loss)
    world.driver.target = target
    return target
