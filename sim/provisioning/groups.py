"""What is sent about one group and about its members.

Invariant: additions come before removals, in requests of the set size. A user without a link is left out and not
looked at again: a documented blind spot.
https://learn.microsoft.com/entra/identity/app-provisioning/known-issues
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mockservices.scim.operations import AddMembers, RemoveMembers
from sim.ports import GROUP, USER, SourceGroup, SourceValue, TargetGroup, TargetUser
from sim.provisioning import log, requests
from sim.provisioning.expressions import ExpressionError
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.plan import NOT_IMPORTED, REDUNDANT, code_of_error, not_evaluated
from sim.provisioning.progress import Progress, Work


class Groups:
    """The groups' part of one job."""

    __slots__ = ("_map", "_members_per_patch", "_progress", "_read", "_state")

    def __init__(self, progress: Progress, group_map: AttributeMap, members_per_patch: int) -> None:
        self._progress = progress
        self._state = progress.state
        self._map = group_map
        self._members_per_patch = members_per_patch
        self._read: dict[str, None] = {}  # groups that this cycle has read in the target

    def begin_cycle(self) -> None:
        """What an earlier cycle has read counts no more."""
        self._read.clear()

    # --- the group itself --------------------------------------------------------------------------------

    def provision(self, group: SourceGroup) -> Work:
        """Match or create an assigned group, or bring its attributes up to date."""
        progress = self._progress
        progress.begin(group)
        if group.removed is not None:
            return (yield from self.delete(group.id))
        link = self._state.groups.get(group.id)
        attributes = {**group.attributes, "id": group.id}
        if link is None:
            return (yield from self._match_or_create(group.id, attributes))
        answer = yield requests.get_group(link)
        if not answer.ok:
            return progress.fail(GROUP, group.id, link, log.UPDATE, answer)
        return (yield from self._align(group.id, attributes, answer.found[0]))

    def _match_or_create(self, identifier: str, attributes: Mapping[str, SourceValue]) -> Work:
        progress = self._progress
        try:
            lookups, wanted = self._map.matching(attributes), self._map.apply(attributes)
        except ExpressionError as error:
            return progress.fail(GROUP, identifier, "", log.CREATE, not_evaluated(error), code_of_error(error))
        if not lookups:
            progress.settle(GROUP, identifier)
            progress.note(GROUP, identifier, "", log.OTHER, log.SKIPPED, NOT_IMPORTED)
            return True
        found: tuple[TargetUser | TargetGroup, ...] = ()
        for attribute, value in () if progress.reposts(GROUP, identifier) else lookups:
            answer = yield requests.find_group(value, attribute)
            if not answer.ok:
                return progress.fail(GROUP, identifier, "", log.CREATE, answer)
            if len(answer.found) > 1:
                return progress.fail(GROUP, identifier, "", log.CREATE, answer, "DuplicateTargetEntries")
            found = answer.found
            if found:
                break
        if found:
            self._state.groups.set(identifier, found[0].id)
            return (yield from self._align(identifier, attributes, found[0]))
        answer = yield requests.create(GROUP, wanted)
        if not answer.ok:
            return progress.fail(GROUP, identifier, "", log.CREATE, answer, posted=True)
        target = answer.found[0].id
        self._read[identifier] = None
        self._state.groups.set(identifier, target)
        progress.tally.groups_created += 1
        return progress.through(GROUP, identifier, target, log.CREATE)

    def _align(self, identifier: str, attributes: Mapping[str, SourceValue], target: TargetUser | TargetGroup) -> Work:
        progress = self._progress
        self._read[identifier] = None
        try:
            operations = self._map.differences(attributes, target.attributes)
        except ExpressionError as error:
            return progress.fail(GROUP, identifier, target.id, log.UPDATE, not_evaluated(error), code_of_error(error))
        if not operations:
            progress.note(GROUP, identifier, target.id, log.UPDATE, log.SKIPPED, REDUNDANT)
            return True
        answer = yield requests.patch(GROUP, target.id, operations)
        if not answer.ok:
            return progress.fail(GROUP, identifier, target.id, log.UPDATE, answer)
        progress.tally.groups_updated += 1
        return progress.through(GROUP, identifier, target.id, log.UPDATE)

    def delete(self, identifier: str) -> Work:
        """A group that was unassigned or deleted: groups have no ``active``, so the target's is deleted."""
        progress = self._progress
        progress.begin()
        link = self._state.groups.get(identifier)
        if link is None:
            return True
        answer = yield requests.delete(GROUP, link)
        if not answer.ok and answer.status != 404:
            return progress.fail(GROUP, identifier, link, log.DELETE, answer)
        self._state.groups.drop(identifier)
        progress.tally.groups_deleted += answer.ok
        return progress.through(GROUP, identifier, link, log.DELETE)

    # --- its members -------------------------------------------------------------------------------------

    def memberships(self, group: str, members: Mapping[str, bool], *, initial: bool) -> Work:
        """Send the memberships that changed: user id to whether the user is to be a member.

        Where the group or the user could not be created in this cycle, the membership is tried again with it.
        """
        progress, users, escrows = self._progress, self._state.users, self._state.escrows
        link = self._state.groups.get(group)
        linked: list[tuple[str, str, bool]] = []
        for user, member in members.items():
            target = users.get(user)
            if target is not None and link is not None:
                linked.append((user, target, member))
            elif member and (
                (link is None and target is not None and (GROUP, group) in escrows) or (USER, user) in escrows
            ):
                progress.hold(user, group, member=True)
        if link is None or not linked:
            return True
        progress.begin()
        if not initial and group not in self._read:
            answer = yield requests.get_group(link)
            if not answer.ok:
                for user, _, member in linked:
                    progress.hold(user, group, member=member, answer=answer)
                return progress.fail(GROUP, group, link, log.UPDATE, answer)
        ok = True
        size = self._members_per_patch
        for member in (True, False):
            chosen = [(user, target) for user, target, wanted in linked if wanted is member]
            for i in range(0, len(chosen), size):
                ok &= yield from self._change_members(group, link, chosen[i : i + size], member)
        return ok

    def _change_members(self, group: str, link: str, part: Sequence[tuple[str, str]], member: bool) -> Work:
        progress, tally = self._progress, self._progress.tally
        ids = tuple([target for _, target in part])
        tally.objects += len(ids)
        answer = yield requests.patch(GROUP, link, (AddMembers(ids) if member else RemoveMembers(ids),))
        if not answer.ok:
            users = [user for user, _ in part]
            return progress.fail_members(group, link, users, member=member, answer=answer)
        if member:
            tally.memberships_added += len(ids)
        else:
            tally.memberships_removed += len(ids)
        progress.note(GROUP, group, link, log.UPDATE, log.SUCCESS, "")
        return True
