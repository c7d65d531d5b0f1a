"""What has happened to the users of the identity store since somebody began to look: the facts of the doors.

Invariant: it listens and changes nothing, and hands on what it hears to whoever listened before. What nobody has
touched since then is taken to have been so always, so only what changes costs anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from mockservices.clock import Clock, Millis
from mockservices.graph.directory import Directory
from mockservices.identitycenter.console import EXTERNAL
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.sessions.facts import Route, Stretch
from mockservices.identitycenter.sessions.rules import Closing
from mockservices.identitycenter.sessions.spans import ALWAYS, NEVER_ENDS, Spans, intersection, union
from mockservices.scim.provider import ServiceProvider
from mockservices.values import folded

_Names: TypeAlias = list[tuple[Millis, str | None]]
"""A name from when on; None: nobody could use one."""
_States: TypeAlias = list[tuple[Millis, bool, bool]]
"""From when on a user of the store existed, and was active."""
_Toggles: TypeAlias = list[tuple[Millis, bool]]


class History:
    """Of one directory, identity store and instance."""

    def __init__(self, clock: Clock, directory: Directory, instance: Instance) -> None:
        self._clock = clock
        self._directory = directory
        self._instance = instance
        self._store: ServiceProvider = instance.store
        self.listening = False
        self._known_accounts = 0
        self._known_users = 0
        self._accounts: dict[int, _Names] = {}
        self._holders: dict[str, dict[int, None]] = {}  # rows of the accounts that have had a name since we listen
        self._states: dict[int, _States] = {}
        self._names: dict[int, _Names] = {}
        self._memberships: dict[int, dict[int, _Toggles]] = {}

    # --- listening ---------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Hear of every change from now on, before whoever listens already; once is enough."""
        if self.listening:
            return
        self.listening = True
        self._known_accounts = self._directory.users_count
        self._known_users = self._store.users_made
        for row in self._directory.touched_users():
            self._note_account(row, ALWAYS)
        for row in self._store.touched_users():
            self._note_user(row, ALWAYS)
        self._heard_directory = self._directory.listener
        self._heard_store = self._store.listener
        self._directory.listener = self
        self._store.listener = self

    def user_changed(self, row: int) -> None:
        """A user of the directory was created, altered, disabled, deleted, restored or purged."""
        if row not in self._accounts:
            name = self._directory.name_at_start(row) if row < self._known_accounts else None
            self._accounts[row] = [(ALWAYS, name)]
            if name is not None:
                self._holders.setdefault(folded(name), {})[row] = None
        self._note_account(row, self._clock.now)
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
        if row not in self._states:
            before = row < self._known_users
            self._states[row] = [(ALWAYS, before, before)]
            self._names[row] = [(ALWAYS, self._store.name_at_start(row) if before else None)]
        self._note_user(row, self._clock.now)
        self._heard_store.target_user_changed(row, access=access)

    def target_membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """A user of the store became a member of a group, or ceased to be one."""
        self._memberships.setdefault(user, {}).setdefault(group, []).append((self._clock.now, member))
        self._heard_store.target_membership_changed(group, user, member=member)

    def target_group_changed(self, row: int) -> None:
        """Handed on: the store tells the end of a deleted group's memberships one by one."""
        self._heard_store.target_group_changed(row)

    def _note_account(self, row: int, at: Millis) -> None:
        name: str | None = None
        if self._directory.is_enabled(row):
            name = str(self._directory.attributes_of(row)["userPrincipalName"])
            self._holders.setdefault(folded(name), {})[row] = None
        versions = self._accounts.setdefault(row, [])
        if not versions or versions[-1][1] != name:
            versions.append((at, name))

    def _note_user(self, row: int, at: Millis) -> None:
        user = self._store.peek(row)
        states = self._states.setdefault(row, [])
        if not states or states[-1][1:] != (user.exists, user.active):
            states.append((at, user.exists, user.active))
        names = self._names.setdefault(row, [])
        name = str(user.attributes["userName"])
        if not names or names[-1][1] != name:
            names.append((at, name))

    # --- what is known of one user of the store ------------------------------------------------------------

    def active(self, row: int) -> tuple[Stretch, ...]:
        """When a user was there and active."""
        states = self._states.get(row)
        if states is None:
            return (Stretch(),) if self._store.is_active(row) else ()
        found: list[Stretch] = []
        for i, (at, _, active) in enumerate(states):
            if not active or (i and states[i - 1][2]):
                continue
            ended = next((later for later in states[i + 1 :] if not later[2]), None)
            if ended is None:
                found.append(Stretch(at))
            elif at < ended[0]:
                how = Closing.USER_DISABLED if ended[1] else Closing.USER_DELETED
                found.append(Stretch(at, ended[0], how))
        return tuple(found)

    def account(self, row: int) -> Spans:
        """When the directory had a live and enabled account of the name that the user had then."""
        together: list[tuple[int, int]] = []
        for name, named in self._named(row):
            holders = dict(self._holders.get(folded(name), {}))
            current = self._directory.row_by_upn(name)
            if current is not None:
                holders[current] = None
            for holder in holders:
                together += intersection(named, self._let_in_as(holder, name))
        return union(together)

    def _named(self, row: int) -> Iterator[tuple[str, Spans]]:
        names = self._names.get(row) or [(ALWAYS, str(self._store.peek(row).attributes["userName"]))]
        for name in dict.fromkeys(folded(name) for _, name in names if name is not None):
            yield name, _while(names, name)

    def _let_in_as(self, row: int, name: str) -> Spans:
        versions = self._accounts.get(row)
        if versions is None:  # nobody has touched it: the only name it has is the one by which it was found
            return ((ALWAYS, NEVER_ENDS),) if self._directory.is_enabled(row) else ()
        return _while(versions, folded(name))

    def external(self) -> Spans:
        """When the identity source was external."""
        sources: _Names = list(self._instance.console.sources)
        return _while(sources, EXTERNAL)

    def routes(self, row: int) -> dict[int, tuple[Route, ...]]:
        """By grant: every way in which the user has ever held it since we listen."""
        found: dict[int, list[Route]] = {}
        for grant, assignment in self._instance.tenures.of(self._store.user_id(row)):
            found.setdefault(grant, []).append(Route(_ended_by(assignment, Closing.REMOVED_FROM_USER)))
        for group, memberships in self._memberships_of(row):
            assigned = list(self._instance.tenures.of(self._store.groups[group].id))
            for membership in memberships:
                for grant, assignment in assigned:
                    route = Route(_ended_by(assignment, Closing.REMOVED_FROM_GROUP), membership)
                    found.setdefault(grant, []).append(route)
        return {grant: tuple(routes) for grant, routes in sorted(found.items())}

    def _memberships_of(self, row: int) -> Iterator[tuple[int, list[Stretch]]]:
        changed = self._memberships.get(row, {})
        # a deleted user is a member of nothing, which tells nothing about the time before
        stands = self._store.groups_of(row) or self._store.groups_at_deletion.get(row, ())
        for group in sorted({*stands, *changed}):
            toggles: _Toggles = changed.get(group, [])
            if not toggles or not toggles[0][1]:
                toggles = [(ALWAYS, True), *toggles]
            stretches = []
            for i, (at, member) in enumerate(toggles):
                if member:
                    end = toggles[i + 1][0] if i + 1 < len(toggles) else NEVER_ENDS
                    if at < end:
                        how = None if end == NEVER_ENDS else Closing.LEFT_GROUP
                        stretches.append(Stretch(at, Millis(end), how))
            yield group, stretches


def _ended_by(span: tuple[int, int], how: Closing) -> Stretch:
    start, end = span
    return Stretch(Millis(start), Millis(end), None if end >= NEVER_ENDS else how)


def _while(versions: _Names, name: str) -> Spans:
    """When a name, in lower case, was the one that counted."""
    spans = []
    for i, (at, held) in enumerate(versions):
        if held is not None and folded(held) == name:
            spans.append((at, versions[i + 1][0] if i + 1 < len(versions) else NEVER_ENDS))
    return union(spans)
