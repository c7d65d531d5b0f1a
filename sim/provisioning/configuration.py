"""What has been configured about the job from outside: its credentials, its deletion threshold, who gets its mails.

Invariant: read anew at every cycle's gate and never copied, so what is saved in the meantime counts from then on.
https://learn.microsoft.com/graph/api/synchronization-synchronization-secrets
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from mockservices.graph.synchronization import ADDRESS, NO_ADDRESS, NOTIFICATIONS, TOKEN, no_credentials_saved
from mockservices.scim.credentials import base_path, token_with
from mockservices.services import Services
from sim.provisioning.codes import CREDENTIALS, NO_CREDENTIALS
from sim.provisioning.deletions import Threshold
from sim.provisioning.quarantine import UNAUTHORIZED, Problem

SAMPLE_THRESHOLD = 500
"""The value of ``QuarantineTooManyDeletesThreshold`` in Microsoft's sample of a job.
https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-get"""


class Configuration(Protocol):
    """What a driver asks about its job's configuration."""

    @property
    def application(self) -> str:
        """What the application is called."""

    @property
    def recipient(self) -> str:
        """Who gets the mails."""

    @property
    def mails(self) -> bool:
        """Whether mails are sent."""

    def problem(self) -> Problem | None:
        """Why nothing can be sent with the credentials that are saved; None: it can."""

    def deletion_threshold(self) -> Threshold | None:
        """How much one cycle may take away; None: as much as it likes."""


class SavedConfiguration:
    """What has been saved through Graph for the application, and what the scenario says where nothing has."""

    def __init__(self, services: Services, threshold: Threshold | None, recipient: str) -> None:
        self._services = services
        self._threshold = threshold
        self._recipient = recipient

    def _saved(self) -> Mapping[str, str] | None:
        applications = self._services.applications
        return applications.secrets(self._services.application.id) if applications.secrets_saved else None

    def _notifications(self) -> dict[str, Any]:
        saved = self._saved()
        if not saved or not saved.get(NOTIFICATIONS):
            return {}
        return dict(json.loads(saved[NOTIFICATIONS]))  # what is no such text was refused when it was to be saved

    @property
    def application(self) -> str:
        """See :class:`Configuration`."""
        return self._services.application.display_name

    @property
    def recipient(self) -> str:
        """See :class:`Configuration`."""
        named = self._notifications().get("Recipients")
        return named if isinstance(named, str) and named else self._recipient

    @property
    def mails(self) -> bool:
        """See :class:`Configuration`; they are, until ``Enabled`` is saved as false."""
        return str(self._notifications().get("Enabled", True)).lower() != "false"

    def problem(self) -> Problem | None:
        """See :class:`Configuration`.

        As far as it is the same in a replay, where host and port are others. A job that runs from the start has been
        configured before; only what is saved since can be wrong.
        """
        saved = self._saved()
        if saved is None or no_credentials_saved(saved):
            return None
        if urlsplit(saved.get(ADDRESS, "")).path.rstrip("/") != base_path(self._services):
            return Problem(NO_CREDENTIALS, NO_ADDRESS)
        if token_with(self._services, saved.get(TOKEN, "")) is None:
            return Problem(CREDENTIALS, UNAUTHORIZED)
        return None

    def deletion_threshold(self) -> Threshold | None:
        """See :class:`Configuration`."""
        told = self._notifications()
        enabled = told.get("DeleteThresholdEnabled")
        if enabled is None:
            return self._threshold
        if str(enabled).lower() != "true":
            return None
        try:
            count = int(told.get("DeleteThresholdValue", SAMPLE_THRESHOLD))
        except (TypeError, ValueError):
            count = SAMPLE_THRESHOLD
        return Threshold(max(count, 1), self._threshold.at if self._threshold is not None else False)
