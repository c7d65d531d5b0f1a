"""What is sent about one user: match or create, bring up to date, disable, delete.

Invariant: the decision is ``plan.judge``'s; this module only carries it out.
https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works
"""

from __future__ import annotations

from mockservices.scim.operations import Operation, Path, SetAttribute, value_at
from sim.ports import USER, SourceUser, TargetGroup, TargetUser
from sim.provisioning import log, requests
from sim.provisioning.expressions import ExpressionError
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.plan import NOT_ACTIVE, NOT_IMPORTED, Verdict, code_of_error, judge, not_evaluated
from sim.provisioning.progress import Progress, Work

ACTIVE = Path("active")
_SWITCH = {active: SetAttribute(ACTIVE, active) for active in (True, False)}
_NOTHING: frozenset[str] = frozenset()


class Users:
    """The users' part of one job."""

    __slots__ = ("_map", "_progress", "_state")

    def __init__(self, progress: Progress, user_map: AttributeMap) -> None:
        self._progress = progress
        self._state = progress.state
        self._map = user_map

    def provision(self, user: SourceUser, *, assigned: bool) -> Work:
        """Do what the decision table says about one user."""
        state, progress = self._state, self._progress
        link = state.users.get(user.id)
        verdict, reason = self._judge(user, assigned=assigned)
        progress.begin(user)
        if verdict is Verdict.PROVISION:
            if link is None:
                return (yield from self._match_or_create(user))
            return (yield from self._update(user, link, active=True))
        if verdict is Verdict.DISABLE and link is not None:
            return (yield from self._update(user, link, active=False, release=not assigned and not user.removed))
        if verdict is Verdict.DELETE and link is not None:
            return (yield from self._delete(user, link))
        progress.tally.skipped += 1
        progress.settle(USER, user.id)
        progress.note(USER, user.id, link or "", log.OTHER, log.SKIPPED, reason)
        return True

    def _judge(self, user: SourceUser, *, assigned: bool) -> tuple[Verdict, str]:
        linked = self._state.users.get(user.id) is not None
        return judge(user, assigned=assigned, linked=linked, released=user.id in self._state.released)

    def takes_away(self, user: SourceUser, *, assigned: bool) -> bool:
        """Whether the user would be disabled or deleted, as far as the job knows without asking the target."""
        verdict, _ = self._judge(user, assigned=assigned)
        return verdict is Verdict.DELETE or (verdict is Verdict.DISABLE and user.id not in self._state.inactive)

    def pass_over(self, user: SourceUser) -> None:
        """Note that a user who is not active in the source was left alone."""
        self._progress.begin(user)
        link = self._state.users.get(user.id)
        self._progress.note(USER, user.id, link or "", log.OTHER, log.SKIPPED, NOT_ACTIVE)

    def _match_or_create(self, user: SourceUser) -> Work:
        progress, state = self._progress, self._state
        try:
            lookups, wanted = self._map.matching(user.attributes), self._map.apply(user.attributes)
            active = self._map.active(soft_deleted=False, source=user.attributes)
        except ExpressionError as error:
            return progress.fail(USER, user.id, "", log.CREATE, not_evaluated(error), code_of_error(error))
        if not lookups:
            progress.tally.skipped += 1
            progress.settle(USER, user.id)
            progress.note(USER, user.id, "", log.OTHER, log.SKIPPED, NOT_IMPORTED)
            return True
        found: tuple[TargetUser | TargetGroup, ...] = ()
        for attribute, value in () if progress.reposts(USER, user.id) else lookups:
            answer = yield requests.find_user(attribute, value)
            if not answer.ok:
                return progress.fail(USER, user.id, "", log.CREATE, answer)
            if len(answer.found) > 1:
                return progress.fail(USER, user.id, "", log.CREATE, answer, "DuplicateTargetEntries")
            found = answer.found
            if found:
                break
        if found:
            state.users.set(user.id, found[0].id)
            progress.tally.users_matched += 1
            return (yield from self._align(user, found[0], active=True, release=False))
        answer = yield requests.create(USER, wanted, active=active is not False)
        if not answer.ok:
            return progress.fail(USER, user.id, "", log.CREATE, answer, posted=True)
        target = answer.found[0].id
        state.users.set(user.id, target)
        state.released.pop(user.id, None)
        progress.tally.users_created += 1
        return progress.through(USER, user.id, target, log.CREATE)

    def _update(self, user: SourceUser, link: str, *, active: bool, release: bool = False) -> Work:
        answer = yield requests.get_user(link)
        if not answer.ok:
            return self._progress.fail(USER, user.id, link, log.UPDATE if active else log.DISABLE, answer)
        return (yield from self._align(user, answer.found[0], active=active, release=release))

    def _align(self, user: SourceUser, target: TargetUser | TargetGroup, *, active: bool, release: bool) -> Work:
        progress = self._progress
        action = log.UPDATE if active else log.DISABLE
        operations: tuple[Operation, ...] = ()
        added = _NOTHING
        try:
            wanted = self._map.active(not active, user.attributes)
            changes = self._map.differences(user.attributes, target.attributes) if user.removed is None else ()
        except ExpressionError as error:
            return progress.fail(USER, user.id, target.id, action, not_evaluated(error), code_of_error(error))
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
        progress = self._progress
        answer = yield requests.delete(USER, link)
        if not answer.ok and answer.status != 404:
            return progress.fail(USER, user.id, link, log.DELETE, answer)
        self._state.users.drop(user.id)
        progress.tally.users_deleted += answer.ok
        return progress.through(USER, user.id, link, log.DELETE)
