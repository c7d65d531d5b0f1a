"""A runbook for leavers: what a person or a script does at once when HR ends an account, with provisioning on demand.

Invariant: it works with what any administrator has: assignments, provisioning on demand, and its limit of calls. Whom
the limit refuses waits for the cycle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockservices.errors import ServiceError
from mockservices.graph.applications import USER_PRINCIPAL
from sim.ports import USER

if TYPE_CHECKING:
    from sim.parts import Parts


class Runbook:
    """The two orders of the same steps, for one world."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.refused = 0
        """How many runs on demand were one too many."""

    def unassign_first(self, row: int) -> None:
        """Before the account is disabled: take every assignment away, and let the user be provisioned, which now means
        disabled in the target. https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand
        """
        services = self._parts.services
        directory, applications = services.directory, services.applications
        for group in directory.groups_of(row):
            directory.remove_member(group, row)
        held = applications.assignment_of(services.application.id, USER_PRINCIPAL, row)
        if held is not None:
            applications.unassign(services.application.id, held.id)
        self.provision(row)

    def provision(self, row: int) -> None:
        """Provision on demand. Of an account that is disabled already nothing comes of it: it is passed over."""
        services = self._parts.services
        job = services.job
        if job is None:
            return
        try:
            job.provision_on_demand(services.directory.user_id(row), USER)
        except ServiceError:
            self.refused += 1

    def install(self, order: str) -> None:
        """From now on HR's ends of accounts come with these steps (``order``: as `provisioning.runbook`)."""
        hr = self._parts.hr
        if order == "unassign_first":
            hr.before_end = self.unassign_first
        elif order == "disable_first":
            hr.after_end = self.provision
