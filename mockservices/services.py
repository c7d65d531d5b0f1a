"""The services of one world, side by side, and the commands that reach them from outside.

Invariant: a state of a service changes only through a core's method; whoever calls it from outside does so by
name, with JSON arguments, so that the call can be kept and made again in a replay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from mockservices.changes import Trace
from mockservices.clock import Clock
from mockservices.faults import Faults
from mockservices.graph.applications import Applications, ServicePrincipal
from mockservices.graph.directory import Directory
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.sessions.doors import Doors
from mockservices.ports import AuditControl, JobControl
from mockservices.scim.provider import ServiceProvider
from mockservices.tokens import Tokens
from mockservices.traffic import Traffic

Arguments: TypeAlias = Mapping[str, Any]
Action: TypeAlias = Callable[["Services", Arguments], Any]


@dataclass(slots=True)
class Services:
    """What the handlers of all the apps work on, always on the world thread."""

    clock: Clock
    trace: Trace
    tokens: Tokens
    directory: Directory
    applications: Applications
    application: ServicePrincipal
    provider: ServiceProvider
    instance: Instance
    traffic: Traffic = field(default_factory=Traffic)
    faults: Faults = field(init=False)
    doors: Doors = field(init=False)
    job: JobControl | None = None
    auditor: AuditControl | None = None
    scim_address: str = ""
    """The tenant URL: where the SCIM endpoint of this world is."""

    def __post_init__(self) -> None:
        """Nothing goes wrong unless somebody says so, and nobody has a session."""
        self.faults = Faults(self.clock, "")
        self.doors = Doors(clock=self.clock, trace=self.trace, directory=self.directory, instance=self.instance)

    def perform(self, action: str, arguments: Arguments) -> Any:
        """Run a named action of a service; ``KeyError`` for a name that no service has."""
        return actions()[action](self, arguments)


@cache
def actions() -> Mapping[str, Action]:
    """Every action of every service, by name (``graph.user.create``)."""
    # the tables import this module's types, so they are read on first use
    from mockservices.fault_actions import ACTIONS as FAULTS
    from mockservices.graph.actions import ACTIONS as GRAPH
    from mockservices.identitycenter.actions import ACTIONS as SSO
    from mockservices.identitycenter.sessions.actions import ACTIONS as SESSIONS
    from mockservices.scim.actions import ACTIONS as SCIM

    return {**GRAPH, **SCIM, **SSO, **SESSIONS, **FAULTS}
