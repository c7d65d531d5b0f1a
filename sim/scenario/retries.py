"""What the job does about answers that are no success: retries, quarantine, deletions that look like an accident.

Invariant: a default that stands for the real world names its public source and how good that source is.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from mockservices.clock import Millis
from sim.scenario.fields import Duration, Number, Part, Whole, Within, sourced, wrong
from sim.time import DAY, HOUR, LONGEST, MINUTE, SECOND, format_duration

_QUARANTINE: Final = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-quarantine-status"
)
_LADDER: Final = (
    f"{_QUARANTINE} (the only numbers that were published; by https://learn.microsoft.com/en-us/answers/a/623752 "
    "the real ones are not public and may change)"
)
_TRANSIENT: Final = (
    "https://learn.microsoft.com/entra/identity/monitoring-health/howto-analyze-provisioning-logs "
    "(these codes are retried in 40 minutes)"
)
_FIRST: Final = (
    "https://learn.microsoft.com/en-us/graph/application-provisioning-configure-api "
    "(the sample of a job in quarantine: five minutes)"
)
_DELETIONS: Final = "https://learn.microsoft.com/entra/identity/app-provisioning/accidental-deletions"
LOST_SOURCE: Final = (
    "assumption; https://learn.microsoft.com/en-us/answers/questions/1151866/ reports that Entra posts again without a "
    "new look-up and stays on 409: write repost"
)
THROTTLED_SOURCE: Final = (
    "https://learn.microsoft.com/en-us/answers/questions/2284725/ (the author's affiliation is unclear; "
    "https://learn.microsoft.com/en-us/answers/questions/1922038/ tells of the opposite)"
)
_ASSUMED: Final = "assumption: no public figure was found"


class Retries(Part):
    """When an object that failed is tried again: in the first cycle that begins at or after its time.

    `ladder`: times after the first failure. `then`: how much later each further one is. `give_up`: how long after the
    first failure nothing is tried any more. `transient`: whether errors that pass by themselves (a time-out, a 429, a
    500) are tried in the next cycle or climb the ladder too.
    """

    ladder: tuple[Annotated[Duration, Within(Millis(0), LONGEST)], ...] = sourced(
        (Millis(6 * HOUR), Millis(12 * HOUR), Millis(24 * HOUR)), source=_LADDER, grade="C"
    )
    then: Annotated[Duration, Within(MINUTE, LONGEST)] = sourced(Millis(24 * HOUR), source=_LADDER, grade="C")
    give_up: Annotated[Duration, Within(Millis(0), LONGEST)] = sourced(Millis(28 * DAY), source=_QUARANTINE, grade="A")
    transient: Literal["next_cycle", "ladder"] = sourced("next_cycle", source=_TRANSIENT, grade="A")

    @model_validator(mode="after")
    def _climbs(self) -> Retries:
        for i in range(1, len(self.ladder)):
            if self.ladder[i] <= self.ladder[i - 1]:
                before = format_duration(self.ladder[i - 1])
                raise wrong(f"each time must be later than the one before it ({before})", "ladder", i)
        return self


class Quarantine(Part):
    """When a job is put into quarantine, and how it is tried there.

    `floor`: with fewer failures nothing is evaluated. `share`: the percentage of a cycle's events that may fail.
    `objects` and `total`: how many failures there may be, without and with those of references. `first_attempt`: the
    first attempt after it began; the next comes one `interval` after that, each further one twice as late, up to
    `slowest`. `disabled_after`: for how long, before the job is switched off.
    """

    floor: Annotated[Whole, Field(ge=1)] = sourced(5_000, source=_QUARANTINE, grade="A")
    share: Annotated[Number, Field(ge=0, le=100)] = sourced(40.0, source=_QUARANTINE, grade="A")
    objects: Annotated[Whole, Field(ge=1)] = sourced(40_000, source=_QUARANTINE, grade="A")
    total: Annotated[Whole, Field(ge=1)] = sourced(60_000, source=_QUARANTINE, grade="A")
    first_attempt: Annotated[Duration, Within(SECOND, LONGEST)] = sourced(Millis(5 * MINUTE), source=_FIRST, grade="A")
    slowest: Annotated[Duration, Within(MINUTE, LONGEST)] = sourced(
        Millis(24 * HOUR), source=f"{_QUARANTINE} (that it doubles on the way there is an assumption)", grade="A"
    )
    disabled_after: Annotated[Duration, Within(MINUTE, LONGEST)] = sourced(
        Millis(28 * DAY), source=_QUARANTINE, grade="A"
    )


class DeletionThreshold(Part):
    """Prevention of accidental deletions: how many users and groups one cycle may disable or delete.

    `when`: whether they are held back `above` this number, or already `at` it.
    """

    count: Annotated[Whole, Field(ge=1)]
    when: Literal["above", "at"] = sourced("above", source=f"{_DELETIONS} (it says both)", grade="C")


def read_deletion_threshold(value: object) -> object:
    """`none` stands for no threshold."""
    return None if value == "none" else value
