"""Ears at the directory for those who act on its changes: each change is passed on to the observer as it comes.

Invariant: the observer hears everything exactly as without these ears, and after they have noted how it was before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mockservices.graph.directory import DirectoryListener
from sim.observation.person import Access


class Before(Protocol):
    """Who knows what an account was before a change."""

    def access_of(self, row: int) -> Access:
        """Whether an account was live and enabled when it was last seen, and the groups that it was in."""


class NotedAccess:
    """Notes what accounts are before they change."""

    def __init__(
        self,
        inner: DirectoryListener,
        before: Before,
        note: Callable[[int, Access], None],
        members: Callable[[int], list[int]],
    ) -> None:
        """``note``: told (account, how it was). ``members``: of a group."""
        self._inner = inner
        self._before = before
        self._note = note
        self._members = members

    def user_changed(self, row: int) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._note(row, self._before.access_of(row))
        self._inner.user_changed(row)

    def membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._note(user, self._before.access_of(user))
        self._inner.membership_changed(group, user, member=member)

    def group_changed(self, row: int) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        for member in self._members(row):
            self._note(member, self._before.access_of(member))
        self._inner.group_changed(row)

    def assignment_changed(self, kind: str, row: int, resource: str) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._inner.assignment_changed(kind, row, resource)


class Pushed:
    """Tells of every change that the job might have to carry."""

    def __init__(self, inner: DirectoryListener, changed: Callable[[], None]) -> None:
        self._inner = inner
        self._changed = changed

    def user_changed(self, row: int) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._inner.user_changed(row)
        self._changed()

    def membership_changed(self, group: int, user: int, *, member: bool) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._inner.membership_changed(group, user, member=member)
        self._changed()

    def group_changed(self, row: int) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._inner.group_changed(row)
        self._changed()

    def assignment_changed(self, kind: str, row: int, resource: str) -> None:
        """See :class:`mockservices.graph.directory.DirectoryListener`."""
        self._inner.assignment_changed(kind, row, resource)
        self._changed()
