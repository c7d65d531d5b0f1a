"""What has happened to the users of the identity store since somebody began to look: the facts of the doors.

Invariant: it listens and changes nothing, and hands on what it hears to whoever listened before. What nobody has
touched since then is taken to have been so always, so only what changes costs anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mockservices.clock import Clock, Millis
from mockservices.graph.directory import LIVE, Directory
from mockservices.identitycenter.console import EXTERNAL
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.sessions.facts import Route, Stretch
from mockservices.identitycenter.sessions.log import Log
from mockservices.identitycenter.sessions.rules import Closing
from mockservices.identitycenter.sessions.spans import ALWAYS, EVERYTHING, NEVER_ENDS, Spans, intersection, union
from mockservices.scim.provider import ServiceProvider
from mockservices.values import folded

_GONE, _INACTIVE, _ACTIVE = 0, 1, 2
"""What a user of the store can be."""
_ID_LENGTH = 32
"""Hexadecimal digits that the directory puts before the name of a deleted account."""


class History:
    """Of one directory, identity store and instance."""

    def __init__(self, clock: Clock, directory: Directory, instance: Instance) -> None:
        self._clock = clock
        self._directory = directory
        self._instance = instance
        self._store: ServiceProvider = instance.store
        self.namesake: Callable[[int], int | None] = lambda row: None
        """For a user of the store that holds what it held from the beginning: the row of the account whose
        userPrincipalName, as it was from the beginning, is its userName. Whoever knows it spares the names being made
        and looked for; None: not known."""
        self.listening = False
        self._known_accounts = 0
        self._known_users = 0
        self._accounts = Log()  # by row of the directory: whether the account may sign in
        self._states = Log()
        self._memberships = Log()  # by row of the store: the group's row, doubled, and whether the user became a member
        self._holders: dict[str, dict[int, None]] = {}  # rows of the accounts that had a name and have it no longer

    # --- listening ---------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Hear of every change from now on, before whoever listens already; once is enough."""
        if self.listening:
            return
        self.listening = True
        self._known_accounts = self._directory.users_count
        self._known_users = self._store.users_made
        for row in self._directory.touched_users():
            self._accounts.append(row, ALWAYS, self._directory.is_enabled(row))
            self._keep_names(row)
        for row in self._store.touched_users():
            self._states.append(row, ALWAYS, self._state(row))
        self._heard_directory = self._directory.listener
        self._heard_store = self._store.listener
        self._directory.listener = self
        self._store.listener = self

    def user_changed(self, row: int) -> None:
        """A user of the directory was created, altered, disabled, deleted, restored or purged."""
        self.note_account(row, let_in=self._directory.is_enabled(row))
        self._keep_names(row)
        self._heard_directory.user_changed(row)

    def membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """Handed on: what counts for the doors is what the store has been told."""
        self._heard_directory.membership_changed(group, user, member=member)

    def group_changed(self, row: int) -> None:
        """Handed on."""
        self._heard_directory.group_changed(row)

    def assignment_changed(self, kind: str, row: int, resource: str) -> None:
        """Handed on."""
        self._heard_directory.assignment_changed(kind, row, resource)

    def target_user_changed(self, row: int, *, access: bool) -> None:
        """A user of the store was created, altered or deleted."""
        if access:
            self.note_user(row)
        self._heard_store.target_user_changed(row, access=access)

    def target_membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """A user of the store became a member of a group, or ceased to be one."""
        self.note_membership(group, user, member=member)
        self._heard_store.target_membership_changed(group, user, member=member)

    def target_group_changed(self, row: int) -> None:
        """Handed on: the store tells the end of a deleted group's memberships one by one."""
        self._heard_store.target_group_changed(row)

    # --- noting: by whoever changes something and tells no listener ------------------------------------------

    def hands_on_to(self, listener: object) -> bool:
        """Whether it listens to the directory in place of this listener, which hears everything from it."""
        return self.listening and self._directory.listener is self and self._heard_directory is listener

    def note_account(self, row: int, *, let_in: bool) -> None:
        """An account of the directory, never renamed or deleted by it, may sign in from now on, or no longer."""
        before = self._accounts.last(row)
        if let_in != (row < self._known_accounts if before is None else before):
            self._accounts.append(row, self._clock.now, let_in)

    def note_user(self, row: int) -> None:
        """A user of the store is there, active, or neither, from now on."""
        self._states.append(row, self._clock.now, self._state(row))

    def note_membership(self, group: int, user: int, *, member: bool) -> None:
        """A user of the store became a member of a group, or ceased to be one."""
        self._memberships.append(user, self._clock.now, group << 1 | member)

    def _state(self, row: int) -> int:
        if self._store.is_active(row):
            return _ACTIVE
        return _INACTIVE if self._store.exists(row) else _GONE

    def _keep_names(self, row: int) -> None:
        """An account that is deleted or renamed is not found by its name any more, except here."""
        if self._directory.state_of(row) != LIVE:
            self._holders.setdefault(folded(self._account_name(row)), {})[row] = None
        for _, name in self._directory.former_names.get(row, ()):
            self._holders.setdefault(folded(name), {})[row] = None

    def _account_name(self, row: int) -> str:
        name = str(self._directory.attributes_of(row)["userPrincipalName"])
        return name if self._directory.state_of(row) == LIVE else name[_ID_LENGTH:]

    # --- what is known of one user of the store ------------------------------------------------------------

    def active(self, row: int) -> tuple[Stretch, ...]:
        """When a user was there and active."""
        changes = self._states.of(row)
        if not changes:
            return (Stretch(),) if self._store.is_active(row) else ()
        if changes[0][0] != ALWAYS:
            changes.insert(0, (ALWAYS, _ACTIVE if row < self._known_users else _GONE))
        found: list[Stretch] = []
        since: Millis | None = None
        for at, state in changes:
            if state == _ACTIVE:
                since = at if since is None else since
            elif since is not None:
                if since < at:
                    how = Closing.USER_DELETED if state == _GONE else Closing.USER_DISABLED
                    found.append(Stretch(since, at, how))
                since = None
        if since is not None:
            found.append(Stretch(since))
        return tuple(found)

    def account(self, row: int) -> Spans:
        """When the directory had a live and enabled account of the name that the user had then."""
        user = self._store.peek(row)
        if user.untouched and (row < self._store.base_size or not self._holders):  # nobody had the name before them
            account = self.namesake(row)
            if account is not None and self._directory.is_untouched(account):
                return self._let_in(account)
        current = str(user.attributes["userName"])
        former = self._store.former_names.get(row, ())
        together: list[tuple[int, int]] = []
        for name in dict.fromkeys(folded(name) for name in (current, *(name for _, name in former))):
            named = _while(current, former, name)
            holders = dict(self._holders.get(name, {}))
            holder = self._directory.row_by_upn(name)
            if holder is not None:
                holders[holder] = None
            if not former and holder is not None and len(holders) == 1 and holder not in self._directory.former_names:
                return self._let_in(holder)  # nobody was ever called otherwise
            for account in holders:
                called = _while(self._account_name(account), self._directory.former_names.get(account, ()), name)
                together += intersection(named, intersection(called, self._let_in(account)))
        return union(together)

    def _let_in(self, row: int) -> Spans:
        """When an account was live and enabled."""
        changes = self._accounts.of(row)
        if not changes:
            return ((ALWAYS, NEVER_ENDS),) if self._directory.is_enabled(row) else ()
        if changes[0][0] != ALWAYS:
            changes.insert(0, (ALWAYS, row < self._known_accounts))
        ends = [at for at, _ in changes[1:]] + [NEVER_ENDS]
        return union((at, end) for (at, let_in), end in zip(changes, ends, strict=True) if let_in)

    def external(self) -> Spans:
        """When the identity source was external."""
        sources = self._instance.console.sources
        if len(sources) == 1 and sources[0] == (ALWAYS, EXTERNAL):
            return EVERYTHING  # as in most worlds
        ends = [at for at, _ in sources[1:]] + [NEVER_ENDS]
        return union((at, end) for (at, source), end in zip(sources, ends, strict=True) if source == EXTERNAL)

    def routes(self, row: int) -> Mapping[int, tuple[Route, ...]]:
        """By grant: every way in which the user has ever held it since we listen."""
        found: dict[int, list[Route]] = {}
        for grant, assignment in self._instance.tenures.of(self._store.user_id(row)):
            found.setdefault(grant, []).append(Route(_ended_by(assignment, Closing.REMOVED_FROM_USER)))
        for group, memberships in self._memberships_of(row):
            for grant, assignment in self._instance.tenures.of(self._store.groups[group].id):
                given = _ended_by(assignment, Closing.REMOVED_FROM_GROUP)
                found.setdefault(grant, []).extend(Route(given, membership) for membership in memberships)
        return {grant: tuple(routes) for grant, routes in sorted(found.items())}

    def _memberships_of(self, row: int) -> Iterator[tuple[int, list[Stretch]]]:
        changed: dict[int, list[tuple[Millis, bool]]] = {}
        for at, value in self._memberships.of(row):
            changed.setdefault(value >> 1, []).append((at, bool(value & 1)))
        # a deleted user is a member of nothing, which tells nothing about the time before
        stands = self._store.groups_of(row) or self._store.groups_at_deletion.get(row, ())
        for group in sorted({*stands, *changed}):
            toggles = changed.get(group, [])
            if not toggles or not toggles[0][1]:
                toggles = [(ALWAYS, True), *toggles]
            ends = [at for at, _ in toggles[1:]] + [NEVER_ENDS]
            yield (
                group,
                [
                    _ended_by((at, end), Closing.LEFT_GROUP)
                    for (at, member), end in zip(toggles, ends, strict=True)
                    if member and at < end
                ],
            )


def _ended_by(span: tuple[int, int], how: Closing) -> Stretch:
    start, end = span
    return Stretch(Millis(start), Millis(end), None if end >= NEVER_ENDS else how)


def _while(current: str, former: Sequence[tuple[Millis, str]], name: str) -> Spans:
    """When a name, in lower case, was the one that counted; ``former``: until when which other names did."""
    spans, since = [], ALWAYS
    for until, held in (*former, (NEVER_ENDS, current)):
        if folded(held) == name:
            spans.append((since, until))
        since = until
    return union(spans)
