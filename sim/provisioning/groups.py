"""What is sent about one group and about its members.

Invariant: additions come before removals, in requests of the set size. A user without a link is left out and not
looked at again: a documented blind spot.
https://learn.microsoft.com/entra/identity/app-provisioning/known-issues
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from mockservices.scim.operations import AddMembers, RemoveMembers
from sim.ports import GROUP, USER, Answer, Source, SourceGroup, SourceValue, TargetGroup, TargetUser
from sim.provisioning import log, requests
from sim.provisioning.expressions import ExpressionError
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.plan import (
    ADD,
    DUPLICATE_SOURCE,
    DUPLICATE_TARGET,
    NOT_IMPORTED,
    NOT_IN_SCOPE,
    REDUNDANT,
    SWITCHED_OFF,
    UPDATE,
    Verdict,
    code_of_error,
    judge_group,
    not_evaluated,
)
from sim.provisioning.progress import Progress, Work
from sim.provisioning.scope import Standards

Linked: TypeAlias = list[tuple[str, str, bool]]
"""Source id and target id of a user, and whether they are to be a member."""
_UNSEEN = Answer(200)
"""In place of the answer to a look-up that is left out."""


class Groups:
    """The groups' part of one job."""

    __slots__ = (
        "_map",
        "_out",
        "_progress",
        "_read",
        "_source",
        "_state",
        "members_per_patch",
        "standards",
    )

    def __init__(self, progress: Progress, group_map: AttributeMap, members_per_patch: int, source: Source) -> None:
        self._progress = progress
        self._state = progress.state
        self._map = group_map
        self._source = source
        self.members_per_patch = members_per_patch
        self._read: dict[str, None] = {}  # groups that this cycle has read in the target
        self._out: dict[str, None] = {}  # and those about whose members nothing more can be sent in it
        self.standards = Standards()
        """By what is decided, as things were set at the last gate."""

    def begin_cycle(self) -> None:
        """What an earlier cycle has read counts no more."""
        self._read.clear()
        self._out.clear()

    # --- the group itself --------------------------------------------------------------------------------

    def provision(self, group: SourceGroup) -> Work:
        """Match or create an assigned group, or bring its attributes up to date."""
        progress, state = self._progress, self._state
        if group.removed is not None:
            return (yield from self.delete(group.id, group.removed))
        attributes = {**group.attributes, "id": group.id}
        link = state.groups.get(group.id)
        progress.begin(group)
        try:
            lookups = self._map.matching(attributes)
        except ExpressionError as error:
            return progress.fail(GROUP, group.id, link or "", log.CREATE, not_evaluated(error), code_of_error(error))
        if not lookups:
            return self._skip(group.id, link, NOT_IMPORTED)  # before its scope is even looked at
        if self.standards.groups is not None and not self.standards.groups.judge(attributes):
            self._out[group.id] = None
            if link is None:
                return self._skip(group.id, None, NOT_IN_SCOPE)
            return (yield from self.delete(group.id, None))
        state.released_groups.pop(group.id, None)
        if link is None:
            return (yield from self._match_or_create(group.id, attributes, lookups))
        if UPDATE not in self.standards.treatment.groups:
            return self._skip(group.id, link, SWITCHED_OFF)
        answer = yield requests.get_group(link)
        if not answer.ok:
            return progress.fail(GROUP, group.id, link, log.UPDATE, answer)
        return (yield from self._align(group.id, attributes, answer.found[0]))

    def _skip(self, identifier: str, link: str | None, reason: str) -> bool:
        """Nothing is sent about the group; True."""
        progress = self._progress
        progress.tally.skipped += 1
        progress.settle(GROUP, identifier)
        progress.note(GROUP, identifier, link or "", log.OTHER, log.SKIPPED, reason)
        return True

    def _match_or_create(
        self, identifier: str, attributes: Mapping[str, SourceValue], lookups: tuple[tuple[str, str], ...]
    ) -> Work:
        progress = self._progress
        answer = _UNSEEN
        for attribute, value in lookups if not progress.reposts(GROUP, identifier) else ():
            answer = yield requests.find_group(value, attribute)
            if not answer.ok:
                return progress.fail(GROUP, identifier, "", log.CREATE, answer)
            if len(answer.found) > 1:
                return progress.fail(GROUP, identifier, "", log.CREATE, answer, DUPLICATE_TARGET)
            if answer.found:
                break
        if answer.found:
            found = answer.found[0]
            other = self._state.groups.source(found.id)
            if other is not None and other != identifier and self._source.group(other).removed is None:
                return progress.fail(GROUP, identifier, "", log.CREATE, answer, DUPLICATE_SOURCE)
            self._state.groups.set(identifier, found.id)
            if UPDATE not in self.standards.treatment.groups:
                return self._skip(identifier, found.id, SWITCHED_OFF)
            return (yield from self._align(identifier, attributes, found))
        if ADD not in self.standards.treatment.groups:
            return self._skip(identifier, None, SWITCHED_OFF)
        try:
            wanted = self._map.apply(attributes)
        except ExpressionError as error:
            return progress.fail(GROUP, identifier, "", log.CREATE, not_evaluated(error), code_of_error(error))
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
            progress.settle(GROUP, identifier)
            progress.note(GROUP, identifier, target.id, log.UPDATE, log.SKIPPED, REDUNDANT)
            return True
        answer = yield requests.patch(GROUP, target.id, operations)
        if not answer.ok:
            return progress.fail(GROUP, identifier, target.id, log.UPDATE, answer)
        progress.tally.groups_updated += 1
        return progress.through(GROUP, identifier, target.id, log.UPDATE)

    def delete(self, identifier: str, removed: str | None = None) -> Work:
        """A group that was deleted (``removed``) or has fallen out of scope: groups have no ``active``, so the
        target's is deleted. One that is not there any more is as good as deleted."""
        progress, state = self._progress, self._state
        link = state.groups.get(identifier)
        if link is None:
            return True
        progress.begin()
        verdict, reason = judge_group(
            removed, released=identifier in state.released_groups, treatment=self.standards.treatment
        )
        if verdict is Verdict.SKIP:
            self._out[identifier] = None
            if removed is None:
                state.released_groups[identifier] = None
            return self._skip(identifier, link, reason)
        answer = yield requests.delete(GROUP, link)
        if not answer.ok and answer.status != 404:
            return progress.fail(GROUP, identifier, link, log.DELETE, answer)
        state.groups.drop(identifier)
        state.released_groups.pop(identifier, None)
        progress.tally.groups_deleted += answer.ok
        return progress.through(GROUP, identifier, link, log.DELETE)

    def takes_away(self, identifier: str, removed: str | None) -> bool:
        """Whether a group that was deleted or fell out of scope would be deleted in the target."""
        state = self._state
        if state.groups.get(identifier) is None:
            return False
        verdict, _ = judge_group(
            removed, released=identifier in state.released_groups, treatment=self.standards.treatment
        )
        return verdict is Verdict.DELETE

    # --- its members -------------------------------------------------------------------------------------

    def memberships(self, group: str, members: Mapping[str, bool], *, initial: bool) -> Work:
        """Send the memberships that changed: user id to whether the user is to be a member.

        Where the group or the user could not be created in this cycle, the membership is tried again with it. Who is
        out of scope becomes no member; who is one already may cease to be.
        """
        progress = self._progress
        link, linked = self.to_send(group, members)
        if link is None or not linked:
            return True
        progress.begin()
        if not initial and not self.has_read(group):
            answer = yield requests.get_group(link)
            if not answer.ok:
                for user, _, member in linked:
                    progress.hold(user, group, member=member, answer=answer)
                return progress.fail(GROUP, group, link, log.UPDATE, answer)
        ok = True
        size = self.members_per_patch
        for member in (True, False):
            chosen = [(user, target) for user, target, wanted in linked if wanted is member]
            for i in range(0, len(chosen), size):
                ok &= yield from self.change_members(group, link, chosen[i : i + size], member)
        return ok

    def has_read(self, group: str) -> bool:
        """Whether this cycle has read a group in the target."""
        return group in self._read

    def to_send(self, group: str, members: Mapping[str, bool]) -> tuple[str | None, Linked]:
        """The group in the target, if there is one, and the memberships that can be sent; others are held."""
        progress, users, escrows = self._progress, self._state.users, self._state.escrows
        linked: Linked = []
        if not self._flow(group):
            return None, linked
        link, released = self._state.groups.get(group), self._state.released
        for user, member in members.items():
            target = users.get(user)
            if member and user in released:
                continue
            if target is not None and link is not None:
                linked.append((user, target, member))
            elif member and (
                (link is None and target is not None and (GROUP, group) in escrows) or (USER, user) in escrows
            ):
                progress.hold(user, group, member=True)
        return link, linked

    def _flow(self, group: str) -> bool:
        """Whether memberships of a group are sent at all: they are mapped, and an update of a group in scope."""
        if UPDATE not in self.standards.treatment.groups or group in self._out or group in self._state.released_groups:
            return False
        return self._map.refers_to_members

    def change_members(self, group: str, link: str, part: Sequence[tuple[str, str]], member: bool) -> Work:
        """Send memberships of one group, (source id, target id) each, in one request."""
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
