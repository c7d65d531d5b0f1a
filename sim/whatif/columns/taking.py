"""Whether the target takes whatever is sent to it about users.

Invariant: what is not sure to be taken is refused here: a creation for which the profile finds something wanting or of
which somebody has had a unique value, be it at whatever time, and an update of a unique value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockservices.errors import ServiceError
from mockservices.scim.operations import Value
from mockservices.scim.outcome import user_after
from mockservices.scim.records import UniqueIndex
from mockservices.scim.store import UNIQUE
from sim.population import Seen
from sim.provisioning.expressions import ExpressionError

if TYPE_CHECKING:
    from sim.parts import Parts


class Taking:
    """The target's users as they would be after each change; nothing in the target changes."""

    def __init__(self, parts: Parts) -> None:
        self._map, self._provider = parts.user_map, parts.services.provider
        self._created = UniqueIndex(*UNIQUE)

    def created(self, account: Seen) -> dict[str, Value] | None:
        """The user that is created for an account; None where that is not sure."""
        source = self._map.seen(account)
        try:
            looked_up, wanted = self._map.matching(source), self._map.apply(source)
            self._provider.profile.check_user(wanted)
        except (ExpressionError, ServiceError):
            return None
        values = self._created.of(wanted)
        if len(looked_up) != 1 or any(self._known(*each) for each in {*looked_up, *values}):
            return None
        self._created.add(values, 0)
        return wanted

    def _known(self, name: str, text: str) -> bool:
        by_those_created = name in UNIQUE and self._created.row(name, text) is not None
        return by_those_created or self._provider.user_row_by(name, text) is not None

    def updated(self, account: Seen, user: Mapping[str, Value]) -> tuple[int, dict[str, Value]] | None:
        """How many attributes of a user differ from its account's, and the user once they agree; None as above."""
        try:
            operations = self._map.differences(self._map.seen(account), user)
            after = user_after(self._provider.profile, user, True, operations)
        except (ExpressionError, ServiceError):
            return None
        return None if not after.different.keys().isdisjoint(UNIQUE) else (len(operations), after.attributes)
