"""A source, a target and a watcher as a test writes them, with one job between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mockservices.clock import Clock
from mockservices.scim.operations import AddMembers, RemoveMembers, SetAttribute
from sim.ports import (
    GROUP,
    USER,
    Answer,
    Create,
    Delta,
    Find,
    Get,
    Patch,
    Refers,
    Request,
    SourceGroup,
    SourceUser,
    TargetGroup,
    TargetUser,
)
from sim.provisioning.job import Job, Settings
from sim.provisioning.log import ProvisioningLog
from sim.provisioning.mapping import GROUP_MAPPINGS, USER_MAPPINGS, AttributeMap
from sim.provisioning.state import JobState, Links, Members
from sim.provisioning.tally import Tally

HOUR = 3_600_000


def account(name: str, *, enabled: bool = True, removed: str | None = None, **more: Any) -> SourceUser:
    attributes = {"userPrincipalName": f"{name}@contoso.example", "displayName": name, "mailNickname": name, **more}
    return SourceUser(name, enabled, {} if removed else attributes, removed)


@dataclass
class ScriptedSource:
    """A directory as the test says it is."""

    users: dict[str, SourceUser] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Group id, which is also its name, to its members."""
    in_scope: tuple[tuple[str, str], ...] = ()
    delta: Delta = field(default_factory=lambda: Delta((), (), "1"))

    def changes(self, watermark: str | None) -> Delta:
        return self.delta

    def latest(self) -> str:
        return self.delta.watermark

    def assigned(self) -> tuple[tuple[str, str], ...]:
        return self.in_scope

    def binned(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, user in self.users.items() if user.removed == "changed"))

    def user(self, identifier: str) -> SourceUser:
        return self.users.get(identifier) or SourceUser(identifier, False, {}, "deleted")

    def group(self, identifier: str) -> SourceGroup:
        if identifier not in self.groups:
            return SourceGroup(identifier, {}, (), "deleted")
        return SourceGroup(identifier, {"displayName": identifier})

    def members(self, group: str) -> tuple[str, ...]:
        return self.groups.get(group, ())

    def groups_of(self, user: str) -> tuple[str, ...]:
        return tuple(group for group, members in self.groups.items() if user in members)


@dataclass
class Heard:
    """What a watcher was told."""

    told: list[tuple[str, Any]] = field(default_factory=list)

    def picked_up(self, users: Iterable[str], *, cycle: bool) -> None:
        self.told.append(("picked_up", tuple(users)))

    def failed(self, user: str, *, member: bool | None = None) -> None:
        self.told.append(("failed", user if member is None else (user, member)))

    def settled(self, users: Iterable[str], *, cycle: bool) -> None:
        self.told.append(("settled", tuple(users)))


class Bench:
    """A job, a source, and a target that answers what it is asked, or what the test says."""

    def __init__(self, source: ScriptedSource, *, watermark: str | None = "0", **settings: Any) -> None:
        self.heard = Heard()
        self.log = ProvisioningLog()
        self.state = JobState(Links(), Links(), Members(), watermark, source.in_scope)
        maps = AttributeMap(USER_MAPPINGS), AttributeMap(GROUP_MAPPINGS)
        self.clock = Clock(datetime(2026, 3, 2, tzinfo=UTC))
        self.job = Job(
            clock=self.clock,
            source=source,
            state=self.state,
            settings=Settings(*maps, **settings),
            watcher=self.heard,
            log=self.log,
        )
        self.source = source
        self.target: dict[str, TargetUser | TargetGroup] = {}
        self.refuse: dict[str, int] = {}
        """A request, as :func:`words` has it, to the status of its refusal."""
        self.refers: set[tuple[str, str]] = set()
        """Who has whom as manager in the target."""
        self.sent: list[str] = []

    def link(self, *names: str, active: bool = True) -> None:
        """These users are provisioned, just as the source has them."""
        for name in names:
            wanted = AttributeMap(USER_MAPPINGS).apply(self.source.user(name).attributes)
            self.target[f"T{name}"] = TargetUser(f"T{name}", wanted, active)
            self.state.users.set(name, f"T{name}")

    def link_group(self, *names: str) -> None:
        for name in names:
            self.target[f"T{name}"] = TargetGroup(f"T{name}", {"displayName": name, "externalId": name})
            self.state.groups.set(name, f"T{name}")

    def forget_assignments(self) -> None:
        """As if nothing had been assigned in the last cycle."""
        self.state.assigned = ()

    def cycle(self) -> list[str]:
        """Run one cycle; what was sent."""
        self.sent = []
        self.job.progress.tally = Tally()
        agenda = self.job.begin_cycle(1)
        if agenda.empty:
            self.job.pass_over(agenda)
            return []
        work = self.job.work(agenda)
        try:
            request = next(work)
            while True:
                self.job.progress.tally.requests += 1
                request = work.send(self.answer(request))
        except StopIteration:
            return self.sent

    def on_demand(self, name: str) -> bool:
        """Provision one user now; whether it came through."""
        work = self.job.on_demand(name)
        try:
            request = next(work)
            while True:
                request = work.send(self.answer(request))
        except StopIteration as stop:
            return bool(stop.value)

    def answer(self, request: Request | None) -> Answer:
        assert request is not None, "nothing is done in a place of time where there is no short way"
        said = words(request)
        self.sent.append(said)
        if said in self.refuse:
            return Answer(self.refuse[said])
        if isinstance(request, Get):
            found = self.target.get(request.id)
            return Answer(404) if found is None else Answer(200, (found,))
        if isinstance(request, Refers):
            found = self.target.get(request.id) if (request.id, request.value) in self.refers else None
            return Answer(200, () if found is None else (found,))
        if isinstance(request, Find):
            matches = [each for each in self.target.values() if each.attributes.get(request.attribute) == request.value]
            return Answer(200, tuple(matches))
        if isinstance(request, Create):
            name = str(request.attributes["displayName"])
            kind = TargetUser if request.kind == USER else TargetGroup
            made = TargetUser(f"T{name}", request.attributes, True) if kind is TargetUser else None
            created: TargetUser | TargetGroup = made or TargetGroup(f"T{name}", request.attributes)
            self.target[created.id] = created
            return Answer(201, (created,))
        return Answer(204)


def words(request: Request) -> str:
    """A request in a few words: ``find ann``, ``patch Tann active displayName``, ``patch TG +Tann -Tbob``."""
    if isinstance(request, Find):
        return f"find {request.value.partition('@')[0]}"
    if isinstance(request, Create):
        return f"create {request.attributes['displayName']}"
    if isinstance(request, Patch):
        said = []
        for operation in request.operations:
            if isinstance(operation, AddMembers | RemoveMembers):
                said += [("+" if isinstance(operation, AddMembers) else "-") + each for each in operation.ids]
            elif isinstance(operation, SetAttribute):
                said.append(str(operation.path))
        return f"patch {request.id} {' '.join(said)}"
    return f"{type(request).__name__.lower()} {getattr(request, 'id', '')}"


def changed(*users: SourceUser, groups: Mapping[str, tuple[tuple[str, bool], ...]] | None = None) -> Delta:
    """What a delta query tells."""
    told = tuple(SourceGroup(name, {"displayName": name}, members) for name, members in (groups or {}).items())
    return Delta(users, told, "1")


def company(*names: str, **groups: tuple[str, ...]) -> ScriptedSource:
    """People by name, and groups that are all in scope."""
    scope = tuple((GROUP, group) for group in groups)
    return ScriptedSource({name: account(name) for name in names}, groups, scope)
