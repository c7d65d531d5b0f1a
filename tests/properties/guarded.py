"""A target that answers badly when told to, and checks that whatever gives access is what the directory said.

Invariant of the check: a request that lets somebody in (a user created or switched on, a member added) is right if the
directory said so at the instant at which the job last read it: at a cycle's gate, or when something was provisioned
on demand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from mockservices.scim.operations import AddMembers, SetAttribute
from sim.ports import GROUP, NO_ANSWER, USER, Answer, Create, Patch, Request, Target
from sim.provisioning.agenda import Agenda
from sim.provisioning.progress import Work
from sim.world import World
from tests.properties.told_rules import NOTHING, Snapshot, Told, snapshot, user_in_scope

BADLY: Final[dict[str, Callable[[Callable[[], Answer]], Answer]]] = {
    "nothing comes back": lambda send: Answer(NO_ANSWER, lasted=60_000),
    "the answer is lost": lambda send: (send(), Answer(NO_ANSWER, lasted=60_000))[1],
    "500": lambda send: Answer(500),
    "429": lambda send: Answer(429, retry_after=2),
    "429 without Retry-After": lambda send: Answer(429),
    "503 after it was done": lambda send: (send(), Answer(503))[1],
    "403": lambda send: Answer(403),
    "401": lambda send: Answer(401),
    "a web page": lambda send: Answer(200, scim=False),
    "late": lambda send: replace(send(), lasted=70_000),
}
"""How a target may answer badly, given the way to have the request carried out."""


@dataclass(slots=True)
class GuardedTarget:
    """Stands between a world's job and its target."""

    world: World
    target: Target
    told: Told
    """What the job has been told by now; what it works by is :attr:`standing`."""
    standing: Told
    """What it had been told at its last gate."""
    fault: str | None = None
    share: int = 1
    """Every so many requests are answered badly while there is a fault."""
    count: int = 0
    read: Snapshot = NOTHING
    words: list[Snapshot] = field(default_factory=list)
    """What it has read since somebody last emptied this list."""
    sources: dict[str, str] = field(default_factory=dict)
    """By target id: whose it is, or was until a restart forgot the links in the middle of a cycle."""
    left: set[int] = field(default_factory=set)
    """Accounts that were out of scope at a gate at which such are left alone, and have not been in scope since."""
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
            source = self.source(request.id)
            for operation in request.operations:
                on = isinstance(operation, SetAttribute) and operation.path.attribute == "active" and operation.value
                if on and source not in self.read.active:
                    self.wrong.append(f"switched {source} on")
        elif isinstance(request, Patch) and request.kind == GROUP:
            group = self.source(request.id, GROUP)
            for operation in request.operations:
                for target in operation.ids if isinstance(operation, AddMembers) else ():
                    source = self.source(target)
                    if (group, source) not in self.read.members:
                        self.wrong.append(f"added {source} to {group}")

    def look(self) -> None:
        """The job reads the directory now: note what it says, and which objects belong together."""
        # from all to assigned takes effect with an initial cycle only: a documented blind spot
        everything = self.standing.everything or self.world.parts.state.sync_all
        self.read = snapshot(self.world, replace(self.standing, everything=everything))
        self.words.append(self.read)
        directory = self.world.services.directory
        for row in range(directory.users_count):
            if directory.user_id(row) in self.read.active:
                self.left.discard(row)
            elif self.standing.skip and directory.is_live(row) and not user_in_scope(self.world, self.standing, row):
                self.left.add(row)
        self.note_links()

    def note_links(self) -> None:
        """Note which objects belong together, before a restart may forget it."""
        provider = self.world.services.provider
        for row in range(provider.users_made):
            self.source(provider.user_id(row))
        for group in provider.groups:
            self.source(group.id, GROUP)

    def source(self, target: str, kind: str = USER) -> str | None:
        """Whose a target object is, or was last."""
        state = self.world.parts.state
        source = (state.users if kind == USER else state.groups).source(target)
        if source is not None:
            self.sources[target] = source
        return self.sources.get(target)


def guarded(world: World, told: Told) -> GuardedTarget:
    """Put a guarded target between a world's job and its target; it knows what the job has read."""
    target = GuardedTarget(world, world.driver.target, told, told)
    world.driver.target = target
    job = world.driver.job
    begin_cycle, at_once = job.begin_cycle, world.driver.at_once

    def reading(number: int) -> Agenda:
        target.standing = target.told
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
