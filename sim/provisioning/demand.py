"""On-demand provisioning: one user, or one group with a few of its members, now.

Invariant: never more than a cycle would do, and the watermark stays where it is: the next cycle sees the same changes
again. It works while the job is paused or in quarantine: an application with a bearer token need not be stopped.
https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mockservices.clock import Millis
from mockservices.ids import IdSpace
from sim.ports import GROUP, USER, Source, SourceUser
from sim.provisioning import log, requests
from sim.provisioning.agenda import Reader, Scope
from sim.provisioning.codes import code_of
from sim.provisioning.groups import Groups
from sim.provisioning.mapping import USER_MATCH
from sim.provisioning.plan import NOT_ENTITLED, NOT_LINKED
from sim.provisioning.progress import Progress, Work
from sim.provisioning.users import Users

LEFT_OUT = "ReferenceNotProvisioned"
TEST_USER = IdSpace(0, "job.demand.probe")
"""Names that nobody has, to test the connection with."""


class OnDemand:
    """One job's work outside its cycles."""

    def __init__(self, source: Source, progress: Progress, reader: Reader, users: Users, groups: Groups) -> None:
        self._source = source
        self._progress = progress
        self._state = progress.state
        self._reader = reader
        self._users = users
        self._groups = groups
        self._tests = 0
        self.honoured: Callable[[str, str], bool] | None = None
        """Whether the assignment of (kind, id) has reached the provisioning service; None: it always has."""

    def user(self, identifier: str) -> Work:
        """Provision one user.

        One who is disabled or deleted in the directory is passed over, an unassigned one is disabled.
        """
        user = self._source.user(identifier)
        if user.removed is not None or not user.enabled:
            self._users.pass_over(user)
            return False
        if not (yield from self._connects(USER, identifier)):
            return False
        self._progress.watcher.picked_up((identifier,), cycle=False)
        done = yield from self._one(user)
        self._progress.watcher.settled((identifier,), cycle=False)
        return done

    def group(self, identifier: str, members: Iterable[str]) -> Work:
        """Provision a group that is itself assigned, and of its members the chosen ones.

        Whoever of them is a member is provisioned first, so that the membership has two ends; whoever is none any
        more is taken out of the group. A group that is assigned only through another one is passed over.
        """
        progress = self._progress
        group = self._source.group(identifier)
        if not (yield from self._connects(GROUP, identifier)):
            return False
        if group.removed is not None or not self._scope().includes(identifier):
            progress.begin(group)
            link = self._state.groups.get(identifier) or ""
            reason = NOT_ENTITLED if group.removed is None else NOT_LINKED
            progress.note(GROUP, identifier, link, log.OTHER, log.SKIPPED, reason)
            return False
        current = frozenset(self._source.members(identifier))
        chosen = {member: member in current for member in members}
        progress.watcher.picked_up(tuple(chosen), cycle=False)
        done = True
        for member, wanted in chosen.items():
            if wanted:
                done &= yield from self._one(self._source.user(member))
        done &= yield from self._groups.provision(group)
        if self._state.groups.get(identifier) is not None:
            done &= yield from self._carry(identifier, chosen)
        progress.watcher.settled(tuple(chosen), cycle=False)
        return done

    def activation(self, identifier: str, group: str) -> Work:
        """A membership that was activated for a while (PIM): the user, and that one membership.

        https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial
        """
        user = self._source.user(identifier)
        still = user.removed is None and user.enabled and group in self._source.groups_of(identifier)
        if not still or not self._scope().includes(group):
            return False
        self._progress.watcher.picked_up((identifier,), cycle=False)
        done = yield from self._one(user)
        if self._state.groups.get(group) is not None:
            done &= yield from self._carry(group, {identifier: True})
        self._progress.watcher.settled((identifier,), cycle=False)
        return done

    # --- parts -------------------------------------------------------------------------------------------

    def _connects(self, kind: str, identifier: str) -> Work:
        """Whether the target answers a look-up of somebody who is not there, as the test of a connection does."""
        progress = self._progress
        progress.begin()
        self._tests += 1
        answer = yield requests.find_user(USER_MATCH, TEST_USER.of(self._tests))
        if answer.ok:
            return True
        progress.tally.errors += 1
        progress.note(kind, identifier, "", log.OTHER, log.FAILURE, code_of(answer))
        return False

    def _one(self, user: SourceUser) -> Work:
        groups = self._source.groups_of(user.id) if user.removed is None else ()
        done = yield from self._users.provision(user, assigned=self._scope().covers(user.id, groups))
        key, escrows = (USER, user.id), self._state.escrows
        if done and key in escrows:
            # memberships are left: they wait no longer than the next cycle
            # https://learn.microsoft.com/en-us/answers/a/623752
            escrows.schedule(key, Millis(self._progress.clock.now))
        return done

    def _carry(self, group: str, members: dict[str, bool]) -> Work:
        """Send memberships; those that came through are tried again no more."""
        done = yield from self._groups.memberships(group, members, initial=False)
        progress, state = self._progress, self._state
        if done:
            for member in members:
                state.escrows.membership_success((USER, member), group, member)
        if any(wanted and state.users.get(member) is None for member, wanted in members.items()):
            progress.note(GROUP, group, state.groups.get(group) or "", log.UPDATE, log.WARNING, LEFT_OUT)
        return done

    def _scope(self) -> Scope:
        scope, honoured = self._reader.scope(), self.honoured
        if honoured is None:
            return scope
        assigned = tuple((kind, identifier) for kind, identifier in scope.assigned if honoured(kind, identifier))
        return Scope(assigned, everything=scope.everything)
