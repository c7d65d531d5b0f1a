"""The job's two ports, called in process.

Invariant: gives the same values, and refuses in the same cases, as the services do over HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from mockservices.errors import ServiceError
from mockservices.faults import JOB, PASSED, PROBE, SCIM, Verdict
from mockservices.graph.applications import USER_PRINCIPAL, Applications, Assignment, ServicePrincipal
from mockservices.graph.directory import DELETED, GONE, LIVE, Directory
from mockservices.graph.directory import Group as DirectoryGroup
from mockservices.graph.synchronization import NO_ADDRESS
from mockservices.scim.asked import matched, named, refusal_of
from mockservices.scim.dialects import as_read, lacks_path
from mockservices.scim.errors import PATHLESS, invalid, unauthorized
from mockservices.scim.provider import Group, ServiceProvider, User
from mockservices.services import Services
from mockservices.values import values_of
from sim.ports import (
    GROUP,
    NO_ANSWER,
    USER,
    Answer,
    Create,
    Delete,
    Delta,
    Find,
    Get,
    Patch,
    Refers,
    Request,
    SourceGroup,
    SourceUser,
    SourceValue,
    TargetGroup,
    TargetUser,
)
from sim.provisioning.mapping import Account, AttributeMap
from sim.transport.tenant_url import Spoken, without_flags
from sim.transport.words import NO_SCIM, unexpected

_REASONS = {DELETED: "changed", GONE: "deleted"}
_NOTHING: dict[str, SourceValue] = {}
_Values: TypeAlias = Callable[[Mapping[str, SourceValue]], tuple[SourceValue, ...]]


class DirectSource:
    """The directory core as the job reads it."""

    def __init__(
        self,
        directory: Directory,
        applications: Applications,
        application: ServicePrincipal,
        user_map: AttributeMap,
        group_map: AttributeMap,
        entitling: frozenset[str] = frozenset(),
    ) -> None:
        """``entitling``: ids of the app roles that count; none: all do."""
        self._directory = directory
        self._applications = applications
        self._application = application.id
        self._entitling = entitling
        self._user_map = user_map
        self._group_map = group_map
        self._revision = -1
        self._picks: dict[tuple[str, ...], tuple[tuple[str, ...], _Values]] = {}
        self._assignments: tuple[Assignment, ...] = ()
        self._assigned: tuple[tuple[str, str], ...] = ()
        self.short_way: Callable[[int], SourceUser | None] | None = None
        """Who may have read a user already; see :mod:`sim.routine`."""
        self.first: Callable[[int], int] | None = None
        """By which number of each group a delta tells of groups; None: of those first that changed first."""

    def changes(self, watermark: str | None) -> Delta:
        """See :meth:`sim.ports.Source.changes`."""
        directory = self._directory
        if watermark is None:
            users = tuple(self._user(row) for row in range(directory.users_count) if directory.is_live(row))
            groups = tuple(
                self._group(group, tuple((directory.user_id(row), True) for row in directory.members(group.row)))
                for group in directory.groups
                if group.state == LIVE
            )
            return Delta(users, groups, str(directory.feed.position))
        since = int(watermark)
        if since == directory.feed.position:
            return Delta((), (), watermark)
        changed = directory.feed.since(since)
        read = self._user if self.short_way is None else self._by_short_way
        rows = changed.groups if self.first is None else sorted(changed.groups, key=self.first)
        return Delta(
            tuple([read(row) for row in changed.users]),
            tuple([self._changed_group(row, changed.groups[row]) for row in rows]),
            str(changed.position),
        )

    def _changed_group(self, row: int, members: tuple[int, ...]) -> SourceGroup:
        directory = self._directory
        told = [(directory.user_id(member), row in directory.groups_of(member)) for member in members]
        return self._group(directory.groups[row], tuple(told))

    def latest(self) -> str:
        """See :meth:`sim.ports.Source.latest`."""
        return str(self._directory.feed.position)

    def assigned(self) -> tuple[tuple[str, str], ...]:
        """See :meth:`sim.ports.Source.assigned`."""
        applications = self._applications
        assignments = applications.assignments(self._application)
        if assignments is not self._assignments:
            self._assignments = assignments
            self._assigned = tuple(
                [
                    (USER if a.kind == USER_PRINCIPAL else GROUP, applications.principal_id(a.kind, a.row))
                    for a in assignments
                    if not self._entitling or a.role in self._entitling
                ]
            )
        return self._assigned

    def binned(self) -> tuple[str, ...]:
        """See :meth:`sim.ports.Source.binned`."""
        return tuple(sorted(self._directory.user_id(row) for row in self._directory.deleted_users()))

    def user(self, identifier: str) -> SourceUser:
        """See :meth:`sim.ports.Source.user`."""
        row = self._directory.user_row(identifier)
        if row is None:
            return SourceUser(identifier, False, _NOTHING, "deleted")
        return self._user(row)

    def group(self, identifier: str) -> SourceGroup:
        """See :meth:`sim.ports.Source.group`."""
        row = self._directory.group_row(identifier)
        if row is None:
            return SourceGroup(identifier, _NOTHING, (), "deleted")
        return self._group(self._directory.groups[row], ())

    def members(self, group: str) -> tuple[str, ...]:
        """See :meth:`sim.ports.Source.members`."""
        row = self._directory.group_row(group)
        if row is None or self._directory.groups[row].state != LIVE:
            return ()
        return tuple(self._directory.user_id(member) for member in self._directory.members(row))

    def groups_of(self, user: str) -> tuple[str, ...]:
        """See :meth:`sim.ports.Source.groups_of`."""
        directory = self._directory
        row = directory.user_row(user)
        if row is None:
            return ()
        return tuple([directory.groups[group].id for group in directory.groups_of(row)])

    def _by_short_way(self, row: int) -> SourceUser:
        found = None if self.short_way is None else self.short_way(row)
        return self._user(row) if found is None else found

    def _user(self, row: int) -> SourceUser:
        user = self._directory.user(row)
        if user.state != LIVE:
            return SourceUser(user.id, False, _NOTHING, _REASONS[user.state])
        mapped = user.manager is not None and self._user_map.references
        manager = self._directory.manager_of(row) if mapped else None
        return SourceUser(user.id, user.enabled, self.shown(user), None, manager)

    def shown(self, user: Account) -> dict[str, SourceValue]:
        """What the job sees of the properties of an account."""
        if self._revision != self._user_map.revision:
            self._revision = self._user_map.revision
            self._picks.clear()
        held = self._user_map.seen(user)
        names, values = self._picks.get(tuple(held)) or self._pick(tuple(held))
        return dict(zip(names, values(held), strict=True))

    def _pick(self, held: tuple[str, ...]) -> tuple[tuple[str, ...], _Values]:
        """What is shown of users who have just these properties; remembered until the mappings change."""
        names = tuple([name for name in held if name in self._user_map.columns])
        picked = self._picks[held] = names, values_of(names)
        return picked

    def _group(self, group: DirectoryGroup, members: tuple[tuple[str, bool], ...]) -> SourceGroup:
        if group.state != LIVE:
            return SourceGroup(group.id, _NOTHING, (), _REASONS[group.state])  # as a delta query tells it
        held = group.attributes
        names = self._group_map.properties
        return SourceGroup(group.id, {name: held[name] for name in names if name in held}, members)


class DirectTarget:
    """The provider core as the job writes to it."""

    def __init__(self, services: Services, base_address: str, secret_token: str, dialect: Spoken) -> None:
        provider = services.provider
        self._provider = provider
        self._faults = services.faults
        self._clock = services.clock
        self._console = services.instance.console
        self._dialect = dialect
        self._credentials = (base_address.rstrip("/"), secret_token)

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """See :meth:`sim.ports.Target.check`."""
        if without_flags(base_address) not in {"", self._credentials[0]}:
            return NO_ADDRESS
        verdict = PASSED if self._faults.idle else self._faults.decide(PROBE, SCIM, "find_user", probe)
        if verdict.kind:
            return unexpected(_faulted(verdict))
        if secret_token != self._credentials[1] or self._clock.now >= self._console.open_until:
            return unexpected(Answer(401))
        return None

    def send(self, request: Request) -> Answer:
        """See :meth:`sim.ports.Target.send`."""
        if self._faults.idle:
            return self._carried_out(request)
        verdict = self._faults.decide(JOB, SCIM, *_asked(self._provider, request))
        if verdict.dropped or verdict.refused:
            return _faulted(verdict)
        answer = self._carried_out(request)
        if verdict.lost:
            return _faulted(verdict)
        if verdict.delay:
            return Answer(answer.status, answer.found, answer.detail, answer.retry_after, verdict.delay)
        return answer

    def _carried_out(self, request: Request) -> Answer:
        if self._clock.now >= self._console.open_until:
            return _CLOSED
        provider = self._provider
        try:
            if isinstance(request, Patch):
                dialect = "legacy" if request.legacy else self._dialect()
                if request.kind == USER:
                    # in the compliant dialect several simple attributes travel in one operation without a path
                    if (
                        dialect == "compliant"
                        and provider.profile.single_pathless
                        and lacks_path(request.operations, request.added)
                    ):
                        raise invalid(PATHLESS, PATHLESS)
                    operations = as_read(request.operations, dialect, provider.profile)
                    provider.apply_to_user(provider.find_user(request.id).row, operations)
                    return _OK
                operations = as_read(request.operations, dialect, provider.profile)
                provider.apply_to_group(provider.find_group(request.id).row, operations)
                return _DONE
            if isinstance(request, Get):
                if request.kind == USER:
                    return Answer(200, (_shown_user(provider.find_user(request.id)),))
                return Answer(200, (_shown_group(provider.find_group(request.id)),))
            if isinstance(request, Refers):
                row = provider.user_row(request.id)
                refers = row is not None and provider.exists(row) and provider.has_manager(row, request.value)
                return Answer(200, (_shown_user(provider.find_user(request.id)),) if refers else ())
            if isinstance(request, Find):
                if request.kind == USER:
                    user = provider.user_by(request.attribute, request.value)
                    return Answer(200, () if user is None else (_shown_user(user),))
                group = provider.group_by(request.attribute, request.value)
                return Answer(200, () if group is None else (_shown_group(group),))
            if isinstance(request, Create):
                if request.kind == USER:
                    return Answer(201, (_shown_user(provider.create_user(request.attributes, active=request.active)),))
                return Answer(201, (_shown_group(provider.create_group(request.attributes)),))
            if isinstance(request, Delete):
                if request.kind == USER:
                    provider.delete_user(provider.find_user(request.id).row)
                else:
                    provider.delete_group(provider.find_group(request.id).row)
                return _DONE
            raise TypeError(f"no such request: {request!r}")
        except ServiceError as error:
            return Answer(error.status, (), error.message)


def _shown_user(user: User) -> TargetUser:
    return TargetUser(user.id, user.attributes, user.active)  # the core replaces attributes and never alters them


def _shown_group(group: Group) -> TargetGroup:
    return TargetGroup(group.id, group.attributes)


def _asked(provider: ServiceProvider, request: Request) -> tuple[str, str]:
    """The operation, and what the object is called that it is about."""
    kind = "user" if getattr(request, "kind", USER) == USER else "group"
    if isinstance(request, Create):
        return f"create_{kind}", str(request.attributes.get("userName" if kind == "user" else "displayName", ""))
    if isinstance(request, Find):
        return f"find_{kind}", matched(provider, kind, request.attribute, request.value)
    if isinstance(request, Refers):
        return "find_user", named(provider, "user", request.id)
    if isinstance(request, Get | Patch | Delete):
        verb = "get" if isinstance(request, Get) else "update" if isinstance(request, Patch) else "delete"
        return f"{verb}_{kind}", named(provider, kind, request.id)
    raise TypeError(f"no such request: {request!r}")


def _faulted(verdict: Verdict) -> Answer:
    """What the job hears of a request that a fault has struck."""
    if verdict.dropped or verdict.lost:
        return Answer(NO_ANSWER, lasted=verdict.delay)
    refused = refusal_of(verdict)
    if refused is None:
        return Answer(verdict.status, (), NO_SCIM, lasted=verdict.delay, scim=False)
    return Answer(refused.status, (), refused.message, verdict.retry_after, verdict.delay)


_CLOSED = Answer(401, (), unauthorized("").message)
_OK = Answer(200)
_DONE = Answer(204)
