"""An instance of which the users that were there at the start had been assigned something themselves.

Invariant: what a user had been assigned before the start is told from its row until something touches it; then it is an
assignment like any other. No list of assignments shows a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mockservices.clock import Millis
from mockservices.identitycenter.entities import NOTHING, USER, Assignment, Grants, OperationStatus
from mockservices.identitycenter.instance import Instance
from mockservices.identitycenter.sessions.spans import Span
from mockservices.identitycenter.tenures import Tenures

BEFORE = Millis(-1)


class _StandingTenures(Tenures):
    """Those of users who were there at the start begin before it."""

    __slots__ = ("_asked",)

    def __init__(self, asked: Callable[[str], None]) -> None:
        super().__init__()
        self._asked = asked

    def of(self, principal_id: str) -> Iterator[tuple[int, Span]]:
        """See :class:`Tenures`."""
        self._asked(principal_id)
        return super().of(principal_id)


class StandingInstance(Instance):
    """See the module."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._size = 0
        self._stood: Callable[[int], Grants] = lambda row: NOTHING
        self._opened: dict[int, None] = {}
        self.tenures = _StandingTenures(lambda identifier: self._open(self.store.user_row(identifier)))

    def stands(self, size: int, grants: Callable[[int], Grants]) -> None:
        """Users 0 to ``size`` - 1 of the store had been assigned these grants before the start."""
        self._size = size
        self._stood = grants

    def _open(self, row: int | None) -> None:
        """From now on a user's assignments are kept one by one."""
        if row is None or row >= self._size or row in self._opened:
            return
        self._opened[row] = None
        identifier = self.store.user_id(row)
        for grant in sorted(self._stood(row)):
            self._assignments[Assignment(USER, identifier, *self._grants[grant])] = BEFORE
            self._by_principal.setdefault(identifier, {})[grant] = None
            self.tenures.turn(identifier, grant, BEFORE)
            self.direct_users[row] = None

    def _open_all(self) -> None:
        if len(self._opened) == self._size:
            return
        for row in range(self._size):
            self._open(row)
        rows = {self.store.user_id(row): row for row in range(self._size)}
        stood = {a: at for a, at in self._assignments.items() if at == BEFORE and a.kind == USER}
        of_rows = sorted(stood, key=lambda assignment: rows.get(assignment.principal_id, -1))
        others = {a: at for a, at in self._assignments.items() if a not in stood}
        self._assignments = {**dict.fromkeys(of_rows, BEFORE), **others}

    def create_assignment(self, kind: str, principal_id: str, account: str, permission_set: str) -> OperationStatus:
        """See :class:`Instance`."""
        if kind == USER:
            self._open(self.store.user_row(principal_id))
        return super().create_assignment(kind, principal_id, account, permission_set)

    def delete_assignment(self, kind: str, principal_id: str, account: str, permission_set: str) -> OperationStatus:
        """See :class:`Instance`."""
        if kind == USER:
            self._open(self.store.user_row(principal_id))
        return super().delete_assignment(kind, principal_id, account, permission_set)

    def assignments(self) -> tuple[Assignment, ...]:
        """See :class:`Instance`; costs as much as there were users at the start when it is first asked."""
        self._open_all()
        return super().assignments()

    def assignments_of(self, kind: str, principal_id: str) -> tuple[Assignment, ...]:
        """See :class:`Instance`."""
        if kind == USER:
            self._open(self.store.user_row(principal_id.lower()))
        return super().assignments_of(kind, principal_id)

    def direct(self, row: int) -> Grants:
        """See :class:`Instance`."""
        if row < self._size and row not in self._opened:
            return self._stood(row)
        return super().direct(row)

    def held(self, row: int) -> Grants:
        """See :class:`Instance`."""
        if row < self._size and row not in self._opened:
            if not self.store.exists(row):
                return NOTHING
            stood, of_groups = self._stood(row), self.of_groups(self.store.groups_of(row))
            return stood if not of_groups else self.intern(stood | of_groups)
        return super().held(row)

    def leftovers(self) -> int:
        """See :class:`Instance`."""
        self._open_all()
        return super().leftovers()
