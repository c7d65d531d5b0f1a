"""Ways of carrying access that a company may choose between, by name, each with what it takes today.

Invariant: a preset is nothing but settings of the scenario; whoever names one could have written them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sim.scenario.errors import listed, nearest
from sim.time import clipped
from sim.whatif.variants import Asked, Feasible, VariantError

_OWN: Final = (
    "a sync tool of one's own (AWS's ssosync, or a job of one's own that reads Graph and writes SCIM), to be run and "
    "watched; Entra's provisioning is off, for two writers undo each other"
)
_CYCLE: Final = ("provisioning.strategy=cycle", "provisioning.hours=[]")

PRESETS: Final[dict[str, Asked]] = {
    preset.name: preset
    for preset in (
        Asked(
            "entra-40m",
            (*_CYCLE, "provisioning.interval=40m"),
            Feasible(today=True, how="Entra's provisioning service as it is: 40 minutes, fixed, and cannot be set"),
        ),
        Asked(
            "entra-40m-on-demand",
            (*_CYCLE, "provisioning.interval=40m", "provisioning.runbook=unassign_first"),
            Feasible(
                today=True,
                how="a runbook for every leaver that HR reports: take the assignments away, provision the user on "
                "demand, and only then disable the account",
            ),
        ),
        Asked(
            "entra-40m-disable-first",
            (*_CYCLE, "provisioning.interval=40m", "provisioning.runbook=disable_first"),
            Feasible(
                today=True,
                how="the same runbook in the wrong order: of a disabled account provisioning on demand does nothing, "
                "and everybody waits for the cycle as before",
            ),
        ),
        Asked(
            "push",
            ("provisioning.strategy=event",),
            Feasible(
                today=False,
                how="event-driven, within seconds: a lower bound. Entra does not push to AWS; it needs a receiver of "
                "change notifications of one's own, or signals of the kind that CAEP describes on both sides",
            ),
        ),
        Asked(
            "cron-15m", (*_CYCLE, "provisioning.interval=15m"), Feasible(today=True, how=f"every 15 minutes: {_OWN}")
        ),
        Asked("cron-6h", (*_CYCLE, "provisioning.interval=6h"), Feasible(today=True, how=f"every 6 hours: {_OWN}")),
        Asked(
            "office-hours",
            (
                "provisioning.strategy=cycle",
                "provisioning.interval=2h",
                "provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]",
            ),
            Feasible(today=True, how=f"10 minutes by day, 2 hours by night (Monday to Friday, 8 to 18 UTC): {_OWN}"),
        ),
        Asked("nightly", (*_CYCLE, "provisioning.interval=1d"), Feasible(today=True, how=f"once a day: {_OWN}")),
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
