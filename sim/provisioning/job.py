"""The provisioning job: what one cycle reads, decides and sends, in Entra's order.

Invariant: this module waits for nothing. A cycle is a generator that yields requests and is sent answers; whoever
drives it decides when each request happens and how it travels, so both transports run the same code.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from mockservices.clock import Clock, Millis
from mockservices.scim.operations import AddMembers, Operation, Path, RemoveMembers, SetAttribute
from sim.ports import GROUP, USER, Answer, Delta, Request, Source, SourceGroup, SourceUser, TargetGroup, TargetUser
from sim.provisioning import log, requests
from sim.provisioning.log import LogRow, ProvisioningLog
from sim.provisioning.mapping import GROUP_MATCH, USER_MATCH, AttributeMap, Attributes
from sim.provisioning.plan import NOT_ACTIVE, REDUNDANT, Verdict, judge
from sim.provisioning.state import Escrow, JobState

Work: TypeAlias = Generator[Request, Answer, bool]
"""Requests out, answers in; True when the object came through."""

ACTIVE = Path("active")
CODES = {
    400: "InvalidRequest",
    401: "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
    403: "InsufficientRights",
    404: "InvalidAnchor",
    409: "EntryConflict",
    422: "UnprocessableEntity",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "InternalServerError",
}
"""HTTP status to the error code in the log.
https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs"""


class Watcher(Protocol):
    """Told how a cycle goes on; observes and changes nothing."""

    def picked_up(self, users: Iterable[str], *, cycle: bool) -> None:
        """These source users are part of the work that begins now; ``cycle``: and all others are not."""

    def failed(self, user: str) -> None:
        """A request about this source user was refused; it will be tried again."""

    def settled(self, users: Iterable[str], *, cycle: bool) -> None:
        """The work that these users were part of is over; ``cycle``: as above."""


@dataclass(slots=True)
class Tally:
    """What a cycle did."""

    users_created: int = 0
    users_matched: int = 0
    users_updated: int = 0
    users_disabled: int = 0
    users_deleted: int = 0
    groups_created: int = 0
    groups_updated: int = 0
    groups_deleted: int = 0
    memberships_added: int = 0
    memberships_removed: int = 0
    skipped: int = 0
    errors: int = 0
    retries: int = 0
    requests: int = 0
    objects: int = 0


@dataclass(slots=True)
class Agenda:
    """What a cycle will visit, read at its gate."""

    users: dict[str, SourceUser]
    scoped: dict[str, bool]
    """Whether each of those users is assigned, directly or through a group."""
    groups: dict[str, SourceGroup]
    memberships: dict[str, dict[str, bool]]
    """Group id to user id to whether the user is to be a member."""
    watermark: str
    assigned: tuple[tuple[str, str], ...]
    initial: bool
    retried: tuple[tuple[str, str], ...] = ()
    gone_groups: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.users or self.groups or self.memberships or self.gone_groups)


@dataclass(slots=True)
class Settings:
    """What a scenario sets about the job's work."""

    user_map: AttributeMap
    group_map: AttributeMap
    members_per_patch: int = 1
    connection_probe: bool = False


class Job:
    """One synchronization job."""

    def __init__(
        self,
        *,
        clock: Clock,
        source: Source,
        state: JobState,
        settings: Settings,
        watcher: Watcher,
        log: ProvisioningLog,
    ) -> None:
        self.clock = clock
        self.source = source
        self.state = state
        self.settings = settings
        self.watcher = watcher
        self.log = log
        self.cycle = 0
        self.tally = Tally()
        self.row_requests = 0
        self._groups_read: dict[str, None] = {}

    # --- reading -----------------------------------------------------------------------------------------

    def agenda(self) -> Agenda:
        """Read the source at the cycle's gate: which objects have to be looked at."""
        state = self.state
        delta = self.source.changes(state.watermark)
        assigned = self.source.assigned()
        initial = state.watermark is None
        if not initial and not delta.users and not delta.groups and assigned == state.assigned and not state.escrows:
            return Agenda({}, {}, {}, {}, delta.watermark, assigned, False)
        return self._full_agenda(delta, assigned, initial)

    def _full_agenda(self, delta: Delta, assigned: tuple[tuple[str, str], ...], initial: bool) -> Agenda:
        state = self.state
        principals = dict.fromkeys(assigned)
        scope_groups = {i for kind, i in assigned if kind == GROUP}
        users: dict[str, SourceUser] = {user.id: user for user in delta.users}
        groups: dict[str, SourceGroup] = {}
        gone: dict[str, None] = {}
        memberships: dict[str, dict[str, bool]] = {}
        visit: dict[str, None] = {}
        for group in delta.groups:
            for member, present in group.members:
                state.members.note(group.id, member, member=present)
            if group.id in scope_groups:
                groups[group.id] = group
                if group.members:
                    memberships[group.id] = dict(group.members)
                    visit.update(dict.fromkeys(member for member, _ in group.members))
        if not initial:
            self._follow_assignments(assigned, groups, gone, memberships, visit)
        for (kind, identifier), escrow in state.escrows.items():
            if kind == USER:
                visit[identifier] = None
            elif identifier not in scope_groups:
                gone[identifier] = None
            elif identifier not in groups or not groups[identifier].attributes:
                groups[identifier] = self.source.group(identifier)
            for (group_id, user_id), wanted in escrow.memberships.items():
                if group_id in scope_groups:
                    memberships.setdefault(group_id, {}).setdefault(user_id, wanted)
        for identifier in visit:
            if identifier not in users:
                users[identifier] = self.source.user(identifier)
        scoped: dict[str, bool] = {}
        for identifier, user in users.items():
            scoped[identifier] = (USER, identifier) in principals or (
                user.removed is None and any(g in scope_groups for g in self.source.groups_of(identifier))
            )
        return Agenda(
            users, scoped, groups, memberships, delta.watermark, assigned, initial, tuple(state.escrows), tuple(gone)
        )

    def _follow_assignments(
        self,
        assigned: tuple[tuple[str, str], ...],
        groups: dict[str, SourceGroup],
        gone: dict[str, None],
        memberships: dict[str, dict[str, bool]],
        visit: dict[str, None],
    ) -> None:
        """Principals that were assigned or unassigned since the last cycle bring their members along."""
        if assigned == self.state.assigned:
            return
        old, new = dict.fromkeys(self.state.assigned), dict.fromkeys(assigned)
        for kind, identifier in (*new, *old):
            if (kind, identifier) in old and (kind, identifier) in new:
                continue
            if kind == USER:
                visit[identifier] = None
                continue
            if (kind, identifier) in new:
                members = self.source.members(identifier)
                groups[identifier] = self.source.group(identifier)
                memberships[identifier] = dict.fromkeys(members, True)
                for member in members:
                    self.state.members.note(identifier, member, member=True)
                visit.update(dict.fromkeys(members))
            else:
                gone[identifier] = None
                visit.update(dict.fromkeys(self.state.members.of(identifier)))

    # --- a cycle -----------------------------------------------------------------------------------------

    def work(self, agenda: Agenda) -> Work:
        """Carry an agenda out: users, then groups, then memberships, as Entra orders them."""
        if self.settings.connection_probe:
            yield requests.find_user(USER_MATCH, f"probe-{self.cycle}")
        self.watcher.picked_up(agenda.users, cycle=True)
        self.tally.retries += len(agenda.retried)
        for key in agenda.retried:
            escrow = self.state.escrows.get(key)
            if escrow is not None:
                escrow.memberships.clear()  # tried now; whatever fails again puts itself back
        for identifier, user in agenda.users.items():
            self.tally.objects += 1
            yield from self.user(user, assigned=agenda.scoped[identifier])
        self._groups_read.clear()
        for group in agenda.groups.values():
            self.tally.objects += 1
            yield from self.group(group)
        for identifier in agenda.gone_groups:
            yield from self.gone_group(identifier)
        for identifier, members in agenda.memberships.items():
            yield from self.memberships(identifier, members, initial=agenda.initial)
        self.state.watermark = agenda.watermark
        self.state.assigned = agenda.assigned
        self.watcher.settled(agenda.users, cycle=True)
        return True

    def on_demand(self, identifier: str) -> Work:
        """Provision one user now; never more than a cycle would do.

        A user who is disabled or deleted in the directory is passed over, an unassigned one is disabled.
        https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand
        """
        user = self.source.user(identifier)
        scope = dict.fromkeys(self.source.assigned())
        assigned = (USER, identifier) in scope or any((GROUP, g) in scope for g in self.source.groups_of(identifier))
        if user.removed is not None or not user.enabled:
            self.row_requests = self.tally.requests
            self._note(USER, user.id, self.state.users.get(user.id) or "", log.OTHER, log.SKIPPED, NOT_ACTIVE)
            return False
        self.watcher.picked_up((identifier,), cycle=False)
        done = yield from self.user(user, assigned=assigned)
        self.watcher.settled((identifier,), cycle=False)
        return done

    # --- users -------------------------------------------------------------------------------------------

    def user(self, user: SourceUser, *, assigned: bool) -> Work:
        """Do what the decision table says about one user."""
        state = self.state
        link = state.users.get(user.id)
        verdict, reason = judge(user, assigned=assigned, linked=link is not None, released=user.id in state.released)
        self.row_requests = self.tally.requests
        if verdict is Verdict.PROVISION:
            if link is None:
                return (yield from self._match_or_create(user))
            return (yield from self._update(user, link, active=True))
        if verdict is Verdict.DISABLE and link is not None:
            return (yield from self._update(user, link, active=False, release=not assigned and not user.removed))
        if verdict is Verdict.DELETE and link is not None:
            return (yield from self._delete(user, link))
        self.tally.skipped += 1
        self._settle(USER, user.id)
        self._note(USER, user.id, link or "", log.OTHER, log.SKIPPED, reason)
        return True

    def _match_or_create(self, user: SourceUser) -> Work:
        wanted = self.settings.user_map.apply(user.attributes)
        answer = yield requests.find_user(USER_MATCH, str(wanted[USER_MATCH]))
        if not answer.ok:
            return self._fail(USER, user.id, "", log.CREATE, answer)
        if len(answer.found) > 1:
            return self._fail(USER, user.id, "", log.CREATE, answer, "DuplicateTargetEntries")
        if answer.found:
            found = answer.found[0]
            self.state.users.set(user.id, found.id)
            self.tally.users_matched += 1
            return (yield from self._align(user, found, active=True, release=False))
        answer = yield requests.create(USER, wanted)
        if not answer.ok:
            return self._fail(USER, user.id, "", log.CREATE, answer)
        target = answer.found[0].id
        self.state.users.set(user.id, target)
        self.state.released.pop(user.id, None)
        self.tally.users_created += 1
        self._settle(USER, user.id)
        self._note(USER, user.id, target, log.CREATE, log.SUCCESS, "")
        return True

    def _update(self, user: SourceUser, link: str, *, active: bool, release: bool = False) -> Work:
        answer = yield requests.get_user(link)
        if not answer.ok:
            return self._fail(USER, user.id, link, log.UPDATE if active else log.DISABLE, answer)
        return (yield from self._align(user, answer.found[0], active=active, release=release))

    def _align(self, user: SourceUser, target: TargetUser | TargetGroup, *, active: bool, release: bool) -> Work:
        action = log.UPDATE if active else log.DISABLE
        changes: tuple[SetAttribute, ...] = ()
        if user.removed is None:
            changes = self.settings.user_map.differences(user.attributes, target.attributes)
        added = frozenset(str(c.path) for c in changes if c.path.attribute not in target.attributes)
        operations: tuple[Operation, ...] = changes
        switch = isinstance(target, TargetUser) and target.active != active
        if switch:
            operations = (*operations, SetAttribute(ACTIVE, active))
        if not operations:
            self._let_go(user.id, active=active, release=release)
            self._note(USER, user.id, target.id, action, log.SKIPPED, REDUNDANT)
            return True
        answer = yield requests.patch(USER, target.id, operations, added)
        if not answer.ok:
            return self._fail(USER, user.id, target.id, action, answer)
        if switch and not active:
            self.tally.users_disabled += 1
        else:
            self.tally.users_updated += 1
        self._let_go(user.id, active=active, release=release)
        self._note(USER, user.id, target.id, action, log.SUCCESS, "")
        return True

    def _let_go(self, identifier: str, *, active: bool, release: bool) -> None:
        if release:
            self.state.released[identifier] = None
        elif active:
            self.state.released.pop(identifier, None)
        self._settle(USER, identifier)

    def _delete(self, user: SourceUser, link: str) -> Work:
        answer = yield requests.delete(USER, link)
        if not answer.ok and answer.status != 404:
            return self._fail(USER, user.id, link, log.DELETE, answer)
        self.state.users.drop(user.id)
        self.tally.users_deleted += answer.ok
        self._settle(USER, user.id)
        self._note(USER, user.id, link, log.DELETE, log.SUCCESS, "")
        return True

    # --- groups ------------------------------------------------------------------------------------------

    def group(self, group: SourceGroup) -> Work:
        """Match or create an assigned group, or bring its attributes up to date."""
        self.row_requests = self.tally.requests
        if group.removed is not None:
            return (yield from self.gone_group(group.id))
        link = self.state.groups.get(group.id)
        attributes = {**group.attributes, "id": group.id}
        wanted = self.settings.group_map.apply(attributes)
        if link is None:
            return (yield from self._match_or_create_group(group.id, wanted))
        answer = yield requests.get_group(link)
        if not answer.ok:
            return self._fail(GROUP, group.id, link, log.UPDATE, answer)
        self._groups_read[group.id] = None
        operations = self.settings.group_map.differences(attributes, answer.found[0].attributes)
        if not operations:
            self._note(GROUP, group.id, link, log.UPDATE, log.SKIPPED, REDUNDANT)
            return True
        answer = yield requests.patch(GROUP, link, operations)
        if not answer.ok:
            return self._fail(GROUP, group.id, link, log.UPDATE, answer)
        self.tally.groups_updated += 1
        self._settle(GROUP, group.id)
        self._note(GROUP, group.id, link, log.UPDATE, log.SUCCESS, "")
        return True

    def _match_or_create_group(self, identifier: str, wanted: Attributes) -> Work:
        answer = yield requests.find_group(str(wanted[GROUP_MATCH]))
        if not answer.ok:
            return self._fail(GROUP, identifier, "", log.CREATE, answer)
        if answer.found:
            target = answer.found[0].id
        else:
            answer = yield requests.create(GROUP, wanted)
            if not answer.ok:
                return self._fail(GROUP, identifier, "", log.CREATE, answer)
            target = answer.found[0].id
            self.tally.groups_created += 1
        self.state.groups.set(identifier, target)
        self._settle(GROUP, identifier)
        self._note(GROUP, identifier, target, log.CREATE, log.SUCCESS, "")
        return True

    def gone_group(self, identifier: str) -> Work:
        """A group that was unassigned or deleted: groups have no ``active``, so the target's is deleted."""
        self.row_requests = self.tally.requests
        link = self.state.groups.get(identifier)
        if link is None:
            return True
        answer = yield requests.delete(GROUP, link)
        if not answer.ok and answer.status != 404:
            return self._fail(GROUP, identifier, link, log.DELETE, answer)
        self.state.groups.drop(identifier)
        self.tally.groups_deleted += answer.ok
        self._settle(GROUP, identifier)
        self._note(GROUP, identifier, link, log.DELETE, log.SUCCESS, "")
        return True

    # --- memberships -------------------------------------------------------------------------------------

    def memberships(self, group: str, members: dict[str, bool], *, initial: bool = False) -> Work:
        """Send the memberships that changed: additions first, in requests of the set size.

        A user without a link is left out and not looked at again: a documented blind spot.
        https://learn.microsoft.com/entra/identity/app-provisioning/known-issues
        """
        link = self.state.groups.get(group)
        if link is None:
            return True
        self.row_requests = self.tally.requests
        linked = [(user, target, member) for user, member in members.items() if (target := self.state.users.get(user))]
        if not linked:
            return True
        if not initial and group not in self._groups_read:
            answer = yield requests.get_group(link)
            if not answer.ok:
                for user, _, member in linked:
                    self._hold(user, group, member)
                return self._fail(GROUP, group, link, log.UPDATE, answer)
        ok = True
        for member in (True, False):
            chosen = [(user, target) for user, target, wanted in linked if wanted is member]
            for i in range(0, len(chosen), self.settings.members_per_patch):
                part = chosen[i : i + self.settings.members_per_patch]
                self.tally.objects += len(part)
                ok &= yield from self._change_members(group, link, part, member)
        return ok

    def _change_members(self, group: str, link: str, part: list[tuple[str, str]], member: bool) -> Work:
        ids = tuple(target for _, target in part)
        operation: Operation = AddMembers(ids) if member else RemoveMembers(ids)
        answer = yield requests.patch(GROUP, link, (operation,))
        if not answer.ok:
            for user, _ in part:
                self._hold(user, group, member)
                self.watcher.failed(user)
            self.tally.errors += 1
            self._note(GROUP, group, link, log.UPDATE, log.FAILURE, _code(answer))
            return False
        if member:
            self.tally.memberships_added += len(ids)
        else:
            self.tally.memberships_removed += len(ids)
        self._note(GROUP, group, link, log.UPDATE, log.SUCCESS, "")
        return True

    # --- what is remembered ------------------------------------------------------------------------------

    def _hold(self, user: str, group: str, member: bool) -> None:
        self._escrow(USER, user).memberships[group, user] = member

    def _escrow(self, kind: str, identifier: str) -> Escrow:
        escrow = self.state.escrows.get((kind, identifier))
        if escrow is None:
            escrow = self.state.escrows[kind, identifier] = Escrow(self.clock.now, 0)
        escrow.tries += 1
        return escrow

    def _fail(self, kind: str, source: str, target: str, action: str, answer: Answer, code: str = "") -> bool:
        self._escrow(kind, source)
        self.tally.errors += 1
        if kind == USER:
            self.watcher.failed(source)
        self._note(kind, source, target, action, log.FAILURE, code or _code(answer))
        return False

    def _settle(self, kind: str, identifier: str) -> None:
        if self.state.escrows:
            escrow = self.state.escrows.get((kind, identifier))
            if escrow is not None and not escrow.memberships:
                del self.state.escrows[kind, identifier]

    def _note(self, kind: str, source: str, target: str, action: str, status: str, reason: str) -> None:
        count = self.tally.requests - self.row_requests
        self.log.add(LogRow(Millis(self.clock.now), self.cycle, kind, source, target, action, status, reason, count))


def _code(answer: Answer) -> str:
    return CODES.get(answer.status, "InternalError")
