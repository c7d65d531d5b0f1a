"""What is set about a job's scope apart from its mappings: by the scenario, or since then by what is saved in Graph.

Invariant: read anew at every cycle's gate and never copied, so what is saved in the meantime counts from then on.
https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationsecretkeystringvaluepair
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mockservices.services import Services

SKIP, ALL = "SkipOutOfScopeDeletions", "SyncAll"
"""Keys under ``/synchronization/secrets``.
https://learn.microsoft.com/entra/identity/app-provisioning/skip-out-of-scope-deletions"""
_TRUE = frozenset({"true", "1"})


class Options(Protocol):
    """What a job asks at each gate."""

    def set(self, key: str, *, on: bool) -> None:
        """An administrator sets ``SkipOutOfScopeDeletions`` or ``SyncAll``."""

    def skip_out_of_scope(self) -> bool:
        """Whether what falls out of scope is left as it is."""

    def sync_all(self) -> bool:
        """Whether users and groups are in scope without being assigned."""


class GivenOptions:
    """What somebody says who holds them."""

    def __init__(self, *, skip: bool = False, everything: bool = False) -> None:
        self._given = {SKIP: skip, ALL: everything}

    def set(self, key: str, *, on: bool) -> None:
        """See :class:`Options`."""
        self._given[key] = on

    def skip_out_of_scope(self) -> bool:
        """See :class:`Options`."""
        return self._given[SKIP]

    def sync_all(self) -> bool:
        """See :class:`Options`."""
        return self._given[ALL]


class SavedOptions:
    """What the scenario says, until something else is saved through Graph for the application."""

    def __init__(self, services: Services, *, skip: bool, everything: bool) -> None:
        self._services = services
        self._given = {SKIP: skip, ALL: everything}

    def set(self, key: str, *, on: bool) -> None:
        """See :class:`Options`; what was saved before does not count any more."""
        principal = self._services.application.id
        saved = self._services.applications.secrets(principal)
        if saved is not None and key in saved:
            self._services.applications.save_secrets(principal, {**saved, key: str(on)})
        self._given[key] = on

    def _is_set(self, key: str) -> bool:
        applications = self._services.applications
        if not applications.secrets_saved:
            return self._given[key]  # what is usual, and asked at every gate
        saved: Mapping[str, str] = applications.secrets(self._services.application.id) or {}
        value = saved.get(key, "")
        return value.lower() in _TRUE if value else self._given[key]

    def skip_out_of_scope(self) -> bool:
        """See :class:`Options`."""
        return self._is_set(SKIP)

    def sync_all(self) -> bool:
        """See :class:`Options`."""
        return self._is_set(ALL)
