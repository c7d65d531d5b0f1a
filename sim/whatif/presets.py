"""Ways of carrying access that a company may choose between, by name, each with what it takes today.

Invariant: a preset is nothing but settings of the scenario; whoever names one could have written them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim.scenario.errors import listed, nearest
from sim.time import clipped
from sim.whatif.feasible import FORTY_MINUTES, NOTIFICATIONS, ON_DEMAND, RUNBOOKS, Feasible
from sim.whatif.variants import Asked, VariantError

_OWN: Final = (
    "a sync tool of one's own that reads Graph and writes SCIM (as AWS's ssosync does from Google), to be run and "
    "watched; Entra's provisioning is off, for two writers undo each other"
)
_DELTA: Final = "https://learn.microsoft.com/graph/delta-query-users"


def _own(when: str) -> Feasible:
    return Feasible(today=True, how=f"{when}: {_OWN}", source=_DELTA)


_CYCLE: Final = ("provisioning.strategy=cycle", "provisioning.hours=[]")
_NO_RUNBOOK: Final = "provisioning.runbook=none"

PRESETS: Final[dict[str, Asked]] = {
    preset.name: preset
    for preset in (
        Asked(
            "entra-40m",
            (*_CYCLE, "provisioning.interval=40m", _NO_RUNBOOK),
            Feasible(
                today=True,
                how="Entra's provisioning service as it is: 40 minutes, fixed, and cannot be set",
                source=FORTY_MINUTES,
            ),
        ),
        Asked(
            "entra-40m-on-demand",
            (*_CYCLE, "provisioning.interval=40m", "provisioning.runbook=unassign_first"),
            Feasible(
                today=True,
                how=RUNBOOKS["unassign_first"],
                source=ON_DEMAND,
            ),
        ),
        Asked(
            "entra-40m-disable-first",
            (*_CYCLE, "provisioning.interval=40m", "provisioning.runbook=disable_first"),
            Feasible(
                today=True,
                how=RUNBOOKS["disable_first"],
                source=ON_DEMAND,
            ),
        ),
        Asked(
            "push",
            ("provisioning.strategy=event",),
            Feasible(
                today=False,
                how="event-driven, within seconds: a lower bound. Entra does not push to AWS; it needs a receiver of "
                "change notifications of one's own, or signals of the kind that CAEP describes on both sides",
                source=f"{NOTIFICATIONS}, https://openid.github.io/sharedsignals/openid-caep-1_0.txt",
            ),
        ),
        Asked("cron-15m", (*_CYCLE, "provisioning.interval=15m", _NO_RUNBOOK), _own("every 15 minutes")),
        Asked("cron-6h", (*_CYCLE, "provisioning.interval=6h", _NO_RUNBOOK), _own("every 6 hours")),
        Asked(
            "office-hours",
            (
                "provisioning.strategy=cycle",
                "provisioning.interval=2h",
                "provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]",
                _NO_RUNBOOK,
            ),
            _own("10 minutes by day, 2 hours by night (Monday to Friday, 8 to 18 UTC)"),
        ),
        Asked("nightly", (*_CYCLE, "provisioning.interval=1d", _NO_RUNBOOK), _own("once a day")),
        Asked("ticket", ("provisioning.strategy=ticket",), Feasible(today=True, how="tickets, worked by hand")),
    )
}
"""By name, in the order of the issue they answer: what Entra gives, the lower bound, one's own tools, by hand."""


def presets(names: Sequence[str]) -> list[Asked]:
    """The presets of these names; raises VariantError for a name that there is not, and for one that is given twice."""
    for name in names:
        if name not in PRESETS:
            allowed = listed(list(PRESETS))
            raise VariantError(f"--preset: there is no '{clipped(name)}'; allowed: {allowed}{nearest(name, PRESETS)}")
        if list(names).count(name) > 1:
            raise VariantError(f"--preset {name} is given twice; keep one")
    return [PRESETS[name] for name in names]
