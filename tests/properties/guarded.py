"""A target that answers badly when told to, and checks that whatever gives access is what the directory said.

Invariant of the check: a request that lets somebody in (a user created or switched on, a member added) is right if the
directory said so at the instant at which the job last read it: at a cycle's gate, or when something was provisioned
on demand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from mockservices.graph.directory import LIVE
from mockservices.scim.operations import AddMembers, SetAttribute
from sim.ports import GROUP, NO_ANSWER, USER, Answer, Create, Patch, Request, Target
from sim.provisioning.agenda import Agenda
from sim.provisioning.progress import Work
from sim.world import World

BADLY: Final[dict[str, Callable[[Callable[[], Answer]], Answer]]] = {
    "nothing comes back": lambda send: Answer(NO_ANSWER, lasted=60_000),
    "the answer is lost": lambda send: (send(), Answer(NO_ANSWER, lasted=60_000))[1],
    "500": lambda send: Answer(500),
    "429": lambda send: Answer(429, retry_after=2),
    "503 after it was done": lambda send: (send(), Answer(503))[1],
}
"""How a target may answer badly, given the way to have the request carried out."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the directory says: who is to be active, and who is to be in which group."""

    active: frozenset[str]
    names: frozenset[str]
    """The userPrincipalNames of those, in lower case."""
    members: frozenset[tuple[str, str]]
    """(source group id, source user id) of groups that are in scope."""


def snapshot(world: World) -> Snapshot:
    """What the directory of a world says now."""
    directory, view = world.services.directory, world.parts.view
    rows = [row for row in range(directory.users_count) if directory.is_enabled(row) and view.in_scope(row)]
    return Snapshot(
        frozenset(directory.user_id(row) for row in rows),
        frozenset(str(directory.attributes_of(row)["userPrincipalName"]).lower() for row in rows),
        frozenset(
            (group.id, directory.user_id(row))
            for group in directory.groups
            if group.state == LIVE and view.group_in_scope(group.row)
            for row in directory.members(group.row)
        ),
    )


@dataclass(slots=True)
class GuardedTarget:
    """Stands between a world's job and its target."""

    world: World
    target: Target
    fault: str | None = None
    share: int = 1
    """Every so many requests are answered badly while there is a fault."""
    count: int = 0
    read: Snapshot = field(default_factory=lambda: Snapshot(frozenset(), frozenset(), frozenset()))
    sources: dict[str, str] = field(default_factory=dict)
    """By target id: whose it is, or was until a restart forgot the links in the middle of a cycle."""
    wrong: list[str] = field(default_factory=list)
    """What would have let somebody in without the directory's word."""

    def send(self, request: Request) -> Answer:
        """See :class:`sim.ports.Target`."""
        self._check(request)
        self.count += 1
        if self.fault is None or self.count % self.share:
            return self.target.send(request)
        return BADLY[self.fault](lambda: self.target.send(request))

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """See :class:`sim.ports.Target`."""
        return self.target.check(base_address, secret_token, probe)

    def _check(self, request: Request) -> None:
        if isinstance(request, Create) and request.kind == USER and request.active:
            if str(request.attributes["userName"]).lower() not in self.read.names:
                self.wrong.append(f"created {request.attributes['userName']}")
        elif isinstance(request, Patch) and request.kind == USER:
            source = self._source(request.id)
            for operation in request.operations:
                on = isinstance(operation, SetAttribute) and operation.path.attribute == "active" and operation.value
                if on and source not in self.read.active:
                    self.wrong.append(f"switched {source} on")
        elif isinstance(request, Patch) and request.kind == GROUP:
            group = self._source(request.id, GROUP)
            for operation in request.operations:
                for target in operation.ids if isinstance(operation, AddMembers) else ():
                    source = self._source(target)
                    if (group, source) not in self.read.members:
                        self.wrong.append(f"added {source} to {group}")

    def look(self) -> None:
        """The job reads the directory now: note what it says, and which objects belong together."""
        self.read = snapshot(self.world)
        self.note_links()

    def note_links(self) -> None:
        """Note which objects belong together, before a restart may forget it."""
        provider = self.world.services.provider
        for row in range(provider.users_made):
            self._source(provider.user_id(row))
        for group in provider.groups:
            self._source(group.id, GROUP)

    def _source(self, target: str, kind: str = USER) -> str | None:
        state = self.world.parts.state
        source = (state.users if kind == USER else state.groups).source(target)
        if source is not None:
            self.sources[target] = source
        return self.sources.get(target)


def guarded(world: World) -> GuardedTarget:
    """Put a guarded target between a world's job and its target; it knows what the job has read."""
    target = GuardedTarget(world, world.driver.target)
    world.driver.target = target
    job = world.driver.job
    begin_cycle, at_once = job.begin_cycle, world.driver.at_once

    def reading(number: int) -> Agenda:
        target.look()
        return begin_cycle(number)

    def demanding(work: Work) -> Any:
        kept = target.read
        target.look()
        try:
            return at_once(work)
        finally:
            target.read = kept

    job.begin_cycle = reading  # type: ignore[method-assign] # the test listens in
    world.driver.at_once = demanding  # type: ignore[method-assign] # the same
    return target
