"""What is sent about a user's manager: a reference, so in a second pass, when both ends may be linked.

Invariant: a manager without a link is left out and not looked at again, until an initial cycle or until the user has
another one: a documented blind spot. A manager that was cleared is a null, and nulls do not flow.
https://learn.microsoft.com/entra/identity/app-provisioning/known-issues
"""

from __future__ import annotations

from mockservices.scim.operations import SetAttribute
from sim.ports import USER, SourceUser
from sim.provisioning import log, requests
from sim.provisioning.attributes import MANAGER
from sim.provisioning.mapping import AttributeMap
from sim.provisioning.plan import UPDATE
from sim.provisioning.progress import Progress, Work
from sim.provisioning.scope import Standards

_ADDED = frozenset((str(MANAGER),))


class Managers:
    """The managers' part of one job."""

    __slots__ = ("_map", "_progress", "_state", "standards")

    def __init__(self, progress: Progress, user_map: AttributeMap) -> None:
        self._progress = progress
        self._state = progress.state
        self._map = user_map
        self.standards = Standards()
        """By what is decided, as things were set at the last gate."""

    @property
    def flow(self) -> bool:
        """Whether managers are mapped at all."""
        return self._map.refers_to_managers and UPDATE in self.standards.treatment.users

    def refer(self, user: SourceUser, *, initial: bool) -> Work:
        """Let the user's user in the target refer to the manager's, where both are linked and in scope."""
        state, progress, manager = self._state, self._progress, user.manager
        link = state.users.get(user.id)
        if manager is None or link is None or user.id in state.released:
            return True
        if not initial and state.managers.get(user.id) == manager:
            return True
        target = state.users.get(manager)
        if target is None and (USER, manager) in state.escrows:
            progress.hold_reference(user.id, manager)
            return False
        state.managers.note(user.id, manager)
        if target is None or manager in state.released:
            return True
        progress.begin(user)
        answer = yield requests.refers_to(link, "manager", target)
        if answer.ok and answer.found:
            return progress.redundant(USER, user.id, link, log.UPDATE)
        if answer.ok:
            answer = yield requests.patch(USER, link, (SetAttribute(MANAGER, target),), _ADDED)
        if not answer.ok:
            state.managers.drop(user.id)
            return progress.fail_reference(user.id, link, answer)
        progress.tally.users_updated += 1
        progress.note(USER, user.id, link, log.UPDATE, log.SUCCESS, "")
        return True
