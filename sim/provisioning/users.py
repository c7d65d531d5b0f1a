"""What is sent about one user: match or create, bring up to date, disable, delete.

Invariant: the decision is ``plan.judge``'s; this module only carries it out.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from typing import TypeAlias

from mockservices.scim.operations import Operation, SetAttribute, value_at
from sim.ports import USER, Answer, Source, SourceUser, TargetGroup, TargetUser
from sim.provisioning import log, requests
from sim.provisioning.attributes import ACTIVE
from sim.provisioning.expressions import ExpressionError
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.plan import (
    ADD,
    DUPLICATE_SOURCE,
    DUPLICATE_TARGET,
    NOT_ACTIVE,
    NOT_IMPORTED,
    NOT_IN_SCOPE,
    SWITCHED_OFF,
    UPDATE,
    Verdict,
    code_of_error,
    judge,
    not_evaluated,
)
from sim.provisioning.progress import Progress, Work
from sim.provisioning.scope import Standards

_SWITCH = {active: SetAttribute(ACTIVE, active) for active in (True, False)}
_NOTHING: frozenset[str] = frozenset()
_UNSEEN = Answer(200)
"""In place of the answer to a look-up that is left out."""
_Lookups: TypeAlias = tuple[tuple[str, str], ...]


class Users:
    """The users' part of one job."""

    __slots__ = ("_map", "_progress", "_source", "_state", "standards")

    def __init__(self, progress: Progress, user_map: AttributeMap, source: Source) -> None:
        self._progress = progress
        self._state = progress.state
        self._map = user_map
        self._source = source
        self.standards = Standards()
        """By what is decided, as things were set at the last gate."""

    def provision(self, user: SourceUser, *, assigned: bool) -> Work:
        """Do what the decision table says about one user."""
        state, progress = self._state, self._progress
        link = state.users.get(user.id)
        progress.begin(user)
        lookups: _Lookups = ()
        if user.removed is None:
            state.binned.pop(user.id, None)
            try:
                lookups = self._map.matching(user.attributes)
            except ExpressionError as error:
                return progress.fail(USER, user.id, link or "", log.CREATE, not_evaluated(error), code_of_error(error))
            if not lookups:
                return self._skip(user, link, NOT_IMPORTED)  # before its scope is even looked at
        passes = self.standards.users is None or self._passes(user)
        verdict, reason = self._judge(user, link, assigned=assigned, passes=passes)
        if user.removed == "changed" and link is not None:
            state.binned[user.id] = None
        out_of_scope = user.removed is None and not (assigned and passes)
        if verdict is Verdict.PROVISION:
            if link is None:
                return (yield from self._match_or_create(user, lookups))
            if UPDATE not in self.standards.treatment.users:
                state.released.pop(user.id, None)
                return self._skip(user, link, SWITCHED_OFF)
            return (yield from self._update(user, link, active=True))
        if link is not None:
            if verdict is Verdict.DISABLE:
                return (yield from self._update(user, link, active=False, release=out_of_scope))
            if verdict is Verdict.DELETE:
                return (yield from self._delete(user, link))
            if out_of_scope:
                state.released[user.id] = None
        return self._skip(user, link, reason)

    def _passes(self, user: SourceUser) -> bool:
        return self.standards.users is None or user.removed is not None or self.standards.users.judge(user.attributes)

    def _judge(self, user: SourceUser, link: str | None, *, assigned: bool, passes: bool) -> tuple[Verdict, str]:
        state = self._state
        return judge(
            user,
            assigned=assigned,
            linked=link is not None,
            released=user.id in state.released,
            passes=passes,
            binned=user.id in state.binned,
            treatment=self.standards.treatment,
        )

    def _skip(self, user: SourceUser, link: str | None, reason: str) -> bool:
        """Nothing is sent about the user; True."""
        progress = self._progress
        progress.tally.skipped += 1
        progress.settle(USER, user.id)
        scope = None
        if reason == NOT_IN_SCOPE and self.standards.users is not None:
            scope = self.standards.users.explain(user.attributes)
        progress.note(USER, user.id, link or "", log.OTHER, log.SKIPPED, reason, scope=scope)
        return True

    def takes_away(self, user: SourceUser, *, assigned: bool) -> bool:
        """Whether the user would be disabled or deleted, as far as the job knows without asking the target."""
        link = self._state.users.get(user.id)
        verdict, _ = self._judge(user, link, assigned=assigned, passes=self._passes(user))
        if verdict is Verdict.DISABLE:
            return self._map.switches_active and user.id not in self._state.inactive
        return verdict is Verdict.DELETE

    def pass_over(self, user: SourceUser) -> None:
        """Note that a user who is not active in the source was left alone."""
        self._progress.begin(user)
        link = self._state.users.get(user.id)
        self._progress.note(USER, user.id, link or "", log.OTHER, log.SKIPPED, NOT_ACTIVE)

    def _match_or_create(self, user: SourceUser, lookups: _Lookups) -> Work:
        progress = self._progress
        answer = _UNSEEN
        for attribute, value in lookups if not progress.reposts(USER, user.id) else ():
            answer = yield requests.find_user(attribute, value)
            if not answer.ok:
                return progress.fail(USER, user.id, "", log.CREATE, answer)
            if len(answer.found) > 1:
                return progress.fail(USER, user.id, "", log.CREATE, answer, DUPLICATE_TARGET)
            if answer.found:
                break
        if answer.found:
            found = answer.found[0]
            if self._is_taken(user.id, found.id):
                return progress.fail(USER, user.id, "", log.CREATE, answer, DUPLICATE_SOURCE)
            self._link(user.id, found.id)
            progress.tally.users_matched += 1
            if UPDATE not in self.standards.treatment.users:
                return self._skip(user, found.id, SWITCHED_OFF)
            return (yield from self.align(user, found, active=True, release=False))
        if ADD not in self.standards.treatment.users:
            return self._skip(user, None, SWITCHED_OFF)
        return (yield from self.create(user))

    def create(self, user: SourceUser) -> Work:
        """Create a user of whom there is nothing in the target yet."""
        progress = self._progress
        try:
            wanted = self._map.apply(user.attributes)
            active = self._map.active(soft_deleted=False, source=user.attributes)
        except ExpressionError as error:
            return progress.fail(USER, user.id, "", log.CREATE, not_evaluated(error), code_of_error(error))
        answer = yield requests.create(USER, wanted, active=active is not False)
        if not answer.ok:
            return progress.fail(USER, user.id, "", log.CREATE, answer, posted=True)
        target = answer.found[0].id
        self._link(user.id, target)
        progress.tally.users_created += 1
        return progress.through(USER, user.id, target, log.CREATE)

    def _is_taken(self, source: str, target: str) -> bool:
        """Whether a found object belongs to another user who is still there and managed.

        A leftover, of an account that was deleted or of one that is managed no more, is adopted.
        https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs
        """
        other = self._state.users.source(target)
        if other is None or other == source or other in self._state.released:
            return False
        return self._source.user(other).removed is None

    def _link(self, source: str, target: str) -> None:
        """Link a user to an object; whoever was linked to it before is so no longer."""
        state = self._state
        other = state.users.source(target)
        if other is not None and other != source:
            self._forget(other)
        self._forget(source)
        state.users.set(source, target)

    def _forget(self, source: str) -> None:
        state = self._state
        state.released.pop(source, None)
        state.inactive.pop(source, None)
        state.binned.pop(source, None)
        state.managers.drop(source)

    def _update(self, user: SourceUser, link: str, *, active: bool, release: bool = False) -> Work:
        answer = yield requests.get_user(link)
        if not answer.ok:
            return self._progress.fail(USER, user.id, link, log.UPDATE if active else log.DISABLE, answer)
        return (yield from self.align(user, answer.found[0], active=active, release=release))

    def align(self, user: SourceUser, target: TargetUser | TargetGroup, *, active: bool, release: bool) -> Work:
        """Bring the object that was read up to date; ``release``: and let go of it."""
        progress = self._progress
        operations: tuple[Operation, ...] = ()
        added = _NOTHING
        try:
            wanted = self._map.active(not active, user.attributes)
            changes = self._map.differences(user.attributes, target.attributes) if user.removed is None else ()
        except ExpressionError as error:
            action = log.UPDATE if active else log.DISABLE
            return progress.fail(USER, user.id, target.id, action, not_evaluated(error), code_of_error(error))
        action = log.UPDATE if active or wanted is None else log.DISABLE
        if changes:
            operations = changes
            added = frozenset(str(c.path) for c in changes if value_at(target.attributes, c.path) is None)
        switch = isinstance(target, TargetUser) and wanted is not None and target.active != wanted
        if switch:
            operations = (*operations, _SWITCH[wanted is True])
        if not operations:
            self._let_go(user.id, active=active, release=release)
            return progress.redundant(USER, user.id, target.id, action)
        answer = yield requests.patch(USER, target.id, operations, added)
        if not answer.ok:
            return progress.fail(USER, user.id, target.id, action, answer)
        if switch and not active:
            progress.tally.users_disabled += 1
        else:
            progress.tally.users_updated += 1
        self._let_go(user.id, active=active, release=release)
        return progress.through(USER, user.id, target.id, action)

    def _let_go(self, identifier: str, *, active: bool, release: bool) -> None:
        if release:
            self._state.released[identifier] = None
        elif active:
            self._state.released.pop(identifier, None)

    def _delete(self, user: SourceUser, link: str) -> Work:
        """An object that is not there any more is as good as deleted: there is nothing to be tried again."""
        progress = self._progress
        answer = yield requests.delete(USER, link)
        if not answer.ok and answer.status != 404:
            return progress.fail(USER, user.id, link, log.DELETE, answer)
        self._state.users.drop(user.id)
        self._forget(user.id)
        progress.tally.users_deleted += answer.ok
        return progress.through(USER, user.id, link, log.DELETE)
