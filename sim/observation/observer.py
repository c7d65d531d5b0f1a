"""Hears every change of the services and of the job's links, and keeps ledger and divergence up to date.

Invariant: observes only; nothing here changes a service. Work done is proportional to what changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from mockservices.graph.applications import GROUP_PRINCIPAL
from mockservices.graph.directory import LIVE, Directory
from mockservices.identitycenter.entities import GROUP
from mockservices.identitycenter.instance import Instance
from mockservices.scim.provider import ServiceProvider
from sim.observation.backlog import Backlog
from sim.observation.divergence import Divergence
from sim.observation.headcount import employment_of
from sim.observation.ledger import NOTHING, Ledger
from sim.observation.level import Level
from sim.observation.notice import Notice
from sim.observation.person import (
    ABSENT,
    LEFT,
    NO_ACCESS,
    PRESENT,
    Access,
    Person,
)
from sim.observation.stale import StaleAccess
from sim.observation.words import CONTRACTOR_EXPIRY, JOINER, LEAVER, MOVER, REHIRE
from sim.provisioning.view import View
from sim.workforce.hr import Hr
from sim.workforce.register import Register
from sim.workforce.truth import Truth


class Observer:
    """The ears of one world."""

    def __init__(
        self,
        *,
        directory: Directory,
        provider: ServiceProvider,
        instance: Instance,
        register: Register,
        ledger: Ledger,
        divergence: Divergence,
        stale: StaleAccess,
        view: View,
        truth: Truth,
        manual_changes: Literal["follows", "stays"],
        source_of: Callable[[int], int | None],
        start_groups: Callable[[int], tuple[int, ...] | None],
    ) -> None:
        """Listen to one world.

        ``source_of``: for a target user that was there at the start, whose it is. ``start_groups``: for an account
        that was there at the start, the groups it was in.
        """
        self._directory = directory
        self._provider = provider
        self._instance = instance
        self._register = register
        self._ledger = ledger
        self._divergence = divergence
        self._stale = stale
        self._view = view
        self._truth = truth
        self._stays = manual_changes == "stays"
        self._source_of = source_of
        self._start_groups = start_groups
        self.hr: Hr
        self.backlog = Backlog(directory, register, ledger, view)
        self.seen: dict[int, Access] = {}
        """By account: what it was like when somebody last looked."""
        self._group_states: dict[int, int] = {}
        self.active_users = Level()
        """Active users of the target."""
        self.unsettled: Callable[[], None] = lambda: None
        """Called when something about groups, assignments or their links has changed."""
        self.scripted = False
        """Whether what happens now is asked for: by the scenario's timeline, or by a command from outside."""

    # --- the beginning -----------------------------------------------------------------------------------

    def begin_group(self, row: int) -> None:
        """A group of the directory is there at the start."""
        self._divergence.group(row)

    def begin_account(self, row: int) -> None:
        """An account of the scenario file is there at the start: no event, no latency."""
        number = self._register.account_owner(row)
        if number is None:
            raise ValueError(f"account {row} belongs to nobody")
        person = self._ledger.person(number)
        person.hr = self._register.is_hr(number)
        person.row = row
        user = self._directory.user(row)
        self._register.note_name(str(user.attributes["userPrincipalName"]), number)
        self.seen[row] = (user.enabled, user.groups)
        self._stale.account(row, person, enabled=user.enabled, since=self._register.disabled_at.get(number))
        self._divergence.user(row)
        expired = self._register.contract_ends.get(number, 0) < 0
        if expired or not user.enabled:
            person.standing, person.gone_cause = LEFT, CONTRACTOR_EXPIRY if expired else LEAVER
        else:
            self._ledger.headcount.begins(number, employment_of(person, self._register, self._directory))
            if person.hr:
                person.entitled = self._truth.of_facts(number, self._register.facts(number))
            else:
                person.entitled = self._truth.of_account(number, row)
            person.joined = bool(person.entitled)
        self._ledger.settle(person)

    def begin_target(self, row: int) -> None:
        """A user of the target is there at the start."""
        self._divergence.target_user(row)
        self._refresh(row)

    # --- the directory -----------------------------------------------------------------------------------

    def user_changed(self, row: int) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._divergence.user(row)
        person = self._account_owner(row)
        self._stale.account(row, person, enabled=self._directory.is_enabled(row))
        self.backlog.changed(person)
        self._follow(person, row)

    def membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._divergence.user(user)
        person = self._account_owner(user)
        person.pending_groups[group] = None
        self.backlog.changed(person)
        self._follow(person, user)

    def group_changed(self, row: int) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self.unsettled()
        self._divergence.group(row)
        self._truth.know_group(row)
        state = self._directory.groups[row].state
        if self._group_states.get(row, LIVE) != state:
            self._group_states[row] = state
            self._view.scope_changed()
            for member in self._directory.members(row):
                self.membership_changed(row, member, member=state == LIVE)
            self._reconsider_members(row)
        elif self._view.filters_groups:
            for member in self._directory.members(row):
                self._divergence.user(member)
            self._reconsider_members(row)

    def assignment_changed(self, kind: str, row: int, resource: str) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self.unsettled()
        if resource != self._view.application:
            return  # no cycle will look at it
        self._view.scope_changed()
        if kind == GROUP_PRINCIPAL:
            self._divergence.group(row)
            for member in self._directory.members(row):
                self._divergence.user(member)
                person = self._account_owner(member)
                person.pending_groups[row] = None
                self.backlog.changed(person)
            self._reconsider_members(row)
        else:
            self._divergence.user(row)
            self.backlog.changed(self._account_owner(row))

    def _reconsider_members(self, group: int) -> None:
        """A group came into scope or fell out of it: what its members in the target hold may end by that."""
        target = self._view.target_group_of(group)
        for row in self._provider.members(target) if target >= 0 else ():
            person = self._ledger.known(self.target_owner(row))
            if person is not None and person.orphans:
                self._ledger.reconsider(person)

    def _account_owner(self, row: int) -> Person:
        number = self._register.account_owner(row)
        if number is None:
            number = self._returning(row)
            if number is None:
                number = self._register.new_person(hr=False)
            self._register.own_account(row, number)
        person = self._ledger.person(number)
        if person.row < row or row not in self.seen:
            person.hr = self._register.is_hr(number)
            person.row = max(person.row, row)
            user = self._directory.user(row)
            if user.state == LIVE:
                self._register.note_name(str(user.attributes["userPrincipalName"]), number)
        return person

    def _returning(self, row: int) -> int | None:
        """Whose new account it is: somebody's who bore this name, when their old account is gone."""
        number = self._register.who_bore(str(self._directory.user(row).attributes["userPrincipalName"]))
        person = None if number is None else self._ledger.known(number)
        return None if person is None or person.row < 0 or self._directory.is_live(person.row) else number

    def access_of(self, row: int) -> Access:
        """Whether an account was live and enabled when it was last seen, and the groups that it was in."""
        seen = self.seen.get(row)
        if seen is None:
            start = self._start_groups(row)
            seen = NO_ACCESS if start is None else (True, start)
        return seen

    def _follow(self, person: Person, row: int) -> None:
        """Let truth follow the directory where the directory has the word."""
        directory = self._directory
        now: Access = (directory.is_enabled(row), directory.groups_of(row))
        old = self.access_of(row)
        self.seen[row] = now
        if now == old or self.hr.acting or row != person.row:
            return
        if person.standing in {LEFT, ABSENT} and person.hr_pending and not now[0]:
            self._ledger.events.left_in_directory(person)
        if person.hr and (self._stays or person.hr_pending):
            return
        entitled = self._truth.of_account(person.number, row)
        events = self._ledger.events
        if now[0] and not old[0]:
            self._begins(person, JOINER if person.standing == PRESENT else REHIRE)
        elif old[0] and not now[0]:
            person.standing = LEFT
            person.gone_cause = LEAVER
            self._ledger.headcount.ends(person.number)
            if person.entitled or person.effective:
                self._ledger.entitle(person, NOTHING, LEAVER)
                self._ledger.blame(person, LEAVER)
                events.revoking(person, LEAVER, self._notice())
        elif now[0]:
            before = person.entitled
            if not person.joined and (person.begins or not person.hr):
                self._begins(person, person.begins or JOINER)
            elif entitled != before:
                self._ledger.entitle(person, entitled, MOVER)
                events.moving(person, before, self._notice(), merge=True)

    def _begins(self, person: Person, kind: str) -> None:
        person.standing = PRESENT
        self._ledger.headcount.begins(person.number, employment_of(person, self._register, self._directory))
        if kind == REHIRE:
            self._ledger.comes_back(person)
        entitled = self._truth.of_account(person.number, person.row)
        self._ledger.entitle(person, entitled, MOVER)
        person.joined, person.begins = bool(entitled), kind
        if entitled:
            self._ledger.events.granting(person, kind, self._notice())

    def _notice(self) -> Notice:
        return Notice(done=True, scripted=self.scripted)

    # --- the target --------------------------------------------------------------------------------------

    def target_user_changed(self, row: int, *, access: bool) -> None:
        """See :class:`mockservices.scim.provider.ProviderListener`."""
        self._divergence.target_user(row)
        if access:
            self.active_users.set(self._ledger.clock.now, self._provider.active_count)
            self._refresh(row)

    def target_membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """See :class:`mockservices.scim.provider.ProviderListener`."""
        self._divergence.target_user(user)
        self._refresh(user)

    def target_group_changed(self, row: int) -> None:
        """See :class:`mockservices.scim.provider.ProviderListener`."""
        self.unsettled()
        self._divergence.target_group(row)

    def target_assignment_changed(self, kind: str, principal_id: str) -> None:
        """See :class:`mockservices.identitycenter.instance.InstanceListener`."""
        self.unsettled()
        store = self._provider
        if kind == GROUP:
            group = store.group_row(principal_id)
            for row in store.members(group) if group is not None else ():
                self._refresh(row)
        else:
            user = store.user_row(principal_id)
            if user is not None:
                self._refresh(user)

    def _refresh(self, row: int) -> None:
        person = self._ledger.person(self.target_owner(row))
        if row not in person.targets:
            person.targets = (*person.targets, row)
        self._ledger.refresh(person)

    def target_owner(self, row: int) -> int:
        """Whose user of the target it is."""
        return self._register.target_owner(row, self._provider, self._directory, self._source_of)

    # --- the job's links -----------------------------------------------------------------------------------------

    def user_linked(self, source: str, target: str) -> None:
        """A link between two users was made or dropped; whoever the source belongs to, the target does."""
        row, target_row = self._directory.user_row(source), self._provider.user_row(target)
        if row is None or target_row is None:
            return
        self._divergence.user(row)
        self._divergence.target_user(target_row)
        owner = self._register.account_owner(row)
        before = self.target_owner(target_row)
        if owner is None or owner == before or self._view.source_of(target_row) != row:
            return
        self._register.own_target(target_row, owner)
        former = self._ledger.person(before)
        former.targets = tuple(t for t in former.targets if t != target_row)
        self._ledger.refresh(former)
        self._refresh(target_row)

    def group_linked(self, source: str, target: str) -> None:
        """A link between two groups was made or dropped."""
        self.unsettled()
        row, target_row = self._directory.group_row(source), self._provider.group_row(target)
        if row is not None and target_row is not None:
            self._divergence.group(row)
            self._divergence.target_group(target_row)
