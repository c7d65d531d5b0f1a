"""Small worlds for tests of anything that talks to the services: cores with a clock that the test sets.

Invariant: nothing here is used by a run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from mockservices.changes import Trace
from mockservices.clock import Clock
from mockservices.graph.applications import Applications
from mockservices.graph.directory import Directory
from mockservices.identitycenter.instance import Instance
from mockservices.scim.profiles import AWS, Profile
from mockservices.scim.provider import ServiceProvider
from mockservices.services import Services
from mockservices.tokens import Tokens

T = TypeVar("T")


def make_services(
    *, seed: int = 1, start: datetime = datetime(2026, 3, 2, 8, tzinfo=UTC), profile: Profile = AWS
) -> Services:
    """Empty services at simulated time 0, with the gallery application in the tenant ``contoso.example``."""
    clock = Clock(start)
    trace = Trace(clock)
    directory = Directory(seed=seed, clock=clock, trace=trace, domains=("contoso.example",))
    applications = Applications(directory, seed)
    provider = ServiceProvider(seed=seed, clock=clock, trace=trace, profile=profile)
    instance = Instance(seed=seed, clock=clock, trace=trace, store=provider, region="us-east-1")
    return Services(clock, trace, Tokens(seed), directory, applications, applications.instantiate(), provider, instance)


class ImmediateGate:
    """Runs what a handler asks for at once, on the caller's own thread."""

    job_key = "the-job"

    def __init__(self, services: Services) -> None:
        self.services = services
        self.commands: list[tuple[str, dict[str, Any]]] = []

    async def read(self, work: Callable[[], T]) -> T:
        """Run it here and now."""
        return work()

    async def command(self, action: str, arguments: Mapping[str, Any], respond: Callable[[Any], T]) -> T:
        """Keep the command, run it, answer."""
        self.commands.append((action, dict(arguments)))
        return respond(self.services.perform(action, arguments))
