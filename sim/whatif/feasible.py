"""Whether a company that uses Entra's provisioning service can have a variant today, and what it takes.

Invariant: it is told from the variant's own scenario, whatever the name under which it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sim.scenario import Scenario
from sim.time import MINUTE
from sim.wording import listed

ENTRA_INTERVAL: Final = 40 * MINUTE
FORTY_MINUTES: Final = "https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial"
ON_DEMAND: Final = "https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand"
NOTIFICATIONS: Final = "https://learn.microsoft.com/graph/change-notifications-overview"
RUNBOOKS: Final = {
    "unassign_first": "a runbook for every leaver that HR reports: take the assignments away, provision the user on "
    "demand, and only then disable the account",
    "disable_first": "the same runbook in the wrong order: of a disabled account provisioning on demand does nothing, "
    "and everybody waits for the cycle as before",
}
"""What somebody has to do for each leaver, by the word of `provisioning.runbook`."""
_HR: Final = ("workforce.hr_lag", "workforce.hr")
_BEHAVIOUR: Final = tuple(
    f"provisioning.{key}"
    for key in (
        *("phase", "pace", "overrun", "retries", "retry_after", "retry_after_limit", "lost_create", "quarantine"),
        *("members_per_patch", "patch_dialect", "request_timeout", "purged_between_cycles"),
    )
)
"""Keys that say how Entra's service behaves; nobody can set them there."""


@dataclass(frozen=True, slots=True)
class Feasible:
    """Whether one can have this today, what it takes, and where that is written (empty: its author says so)."""

    today: bool
    how: str
    source: str = ""

    def as_json(self) -> dict[str, bool | str]:
        """As it stands in the JSON."""
        found: dict[str, bool | str] = {"today": self.today, "how": self.how}
        return {**found, "source": self.source} if self.source else found


_OTHERWISE: Final = {
    "none": Feasible(today=True, how="nothing carries changes: what HR and people at consoles do is all there is"),
    "ticket": Feasible(today=True, how="tickets, worked by hand"),
    "event": Feasible(
        today=False,
        how="hypothetical: a push within seconds needs a receiver of change notifications of one's own; Entra does not "
        "push (preset push)",
        source=NOTIFICATIONS,
    ),
}


def feasible(scenario: Scenario, keys: Iterable[str] = ()) -> Feasible:
    """Whether a company that uses Entra's provisioning service can have this today.

    `keys`: what the variant sets; of HR's it is said whose it is to change.
    """
    found, keys = _of_the_job(scenario), tuple(keys)
    how = found.how
    if told := _among(keys, _HR):
        how += f"; {told}: how soon HR tells is the company's own to change"
    if scenario.provisioning.strategy == "cycle" and (told := _among(keys, _BEHAVIOUR)):
        how += f"; {told}: how the service behaves, and no setting of it"
    return Feasible(found.today, how, found.source)


def _among(keys: Iterable[str], groups: Iterable[str]) -> str:
    """The keys that are in one of the groups, in words."""
    return listed([key for key in keys if any(key == group or key.startswith(f"{group}.") for group in groups)])


def _of_the_job(scenario: Scenario) -> Feasible:
    provisioning = scenario.provisioning
    if provisioning.strategy != "cycle":
        return _OTHERWISE[provisioning.strategy]
    if provisioning.interval != ENTRA_INTERVAL or provisioning.hours:
        other = "hours of its own need" if provisioning.hours else "another interval needs"
        presets = "preset office-hours" if provisioning.hours else "presets cron-15m, cron-6h"
        return Feasible(
            today=False,
            how=f"hypothetical: Entra's cycle is 40 minutes and cannot be set; {other} a sync tool of one's own "
            f"({presets})",
            source=FORTY_MINUTES,
        )
    if provisioning.runbook in RUNBOOKS:
        how = f"Entra's provisioning service as it is, and {RUNBOOKS[provisioning.runbook]}"
        return Feasible(today=True, how=how, source=ON_DEMAND)
    return Feasible(
        today=True, how="Entra's provisioning service as it is: a cycle every 40 minutes", source=FORTY_MINUTES
    )
