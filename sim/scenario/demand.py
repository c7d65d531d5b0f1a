"""What a scenario sets about provisioning outside the cycles: on demand, and on activation of a membership (PIM).

Invariant: a default that stands for the real world names its public source and how good that source is.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from mockservices.clock import Millis
from sim.scenario.fields import Distribution, DistributionField, Duration, Flag, Part, Whole, Within, sourced
from sim.time import DAY, HOUR, MINUTE

SECOND: Final = 1000
_ON_DEMAND: Final = (
    "https://learn.microsoft.com/graph/api/synchronization-synchronizationjob-provisionondemand "
    "(5 requests per 10 seconds)"
)
_LAG: Final = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/provision-on-demand "
    "(up to a few minutes; none is assumed, so that a run shows the provisioning and not the waiting)"
)
_PIM: Final = (
    "https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial "
    "(2 to 10 minutes; the first five activations in 10 seconds for each application)"
)


class OnDemand(Part):
    """Provisioning on demand.

    `assignment_lag`: how long after an assignment to the application such a run does not know of it yet.
    """

    calls: Annotated[Whole, Field(ge=1, le=1_000_000)] = sourced(5, source=_ON_DEMAND, grade="A")
    window: Annotated[Duration, Within(Millis(SECOND), DAY)] = sourced(
        Millis(10 * SECOND), source=_ON_DEMAND, grade="A"
    )
    assignment_lag: Annotated[Duration, Within(Millis(0), DAY)] = sourced(Millis(0), source=_LAG, grade="D")


class Pim(Part):
    """Activations of a membership for a while (Privileged Identity Management for groups).

    `fast_path`: an activation reaches the application after `delay` and not with the next cycle; of more than `burst`
    activations within `window` the later ones wait for the cycle, and so does every deactivation.
    """

    fast_path: Flag = False
    delay: DistributionField = sourced(Distribution(Millis(2 * MINUTE), Millis(10 * MINUTE)), source=_PIM, grade="A")
    burst: Annotated[Whole, Field(ge=0, le=1_000_000)] = sourced(5, source=_PIM, grade="A")
    window: Annotated[Duration, Within(Millis(SECOND), HOUR)] = sourced(Millis(10 * SECOND), source=_PIM, grade="A")
