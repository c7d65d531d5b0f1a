"""What a workforce is asked to do: how many people, which rates or counts, which departments.

Invariant: a plan that exists can be carried out, or `build` refuses it in one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import isfinite
from typing import Final

from mockservices.clock import Millis
from sim.randomness import Quantiles
from sim.workforce.calendar import CalendarName
from sim.workforce.identity import IdentityPlan
from sim.workforce.life import (
    AbsencePlan,
    BulkPlan,
    ContractPlan,
    CorporateDays,
    HrPlan,
    JoiningPlan,
    LeavingPlan,
    Location,
    MovingPlan,
    RehirePlan,
    WorkforceError,
)
from sim.workforce.tables import CONTRACT_MEAN, CONTRACTORS, JOINERS_PER_YEAR, LEAVERS_PER_YEAR, MOVERS_PER_YEAR

AT_ONCE: Final = Millis(0)
ANYBODY: Final = IdentityPlan()

NEVER: Final = Millis((1 << 63) - 1)
"""When the directory is changed about something that nobody tells it."""

LARGEST: Final = 9_000_000
"""People at the start; with those who join later their numbers keep to seven digits."""


_DAYS: Final = CorporateDays()
_ANYWHERE: Final = Location(None)


class EventKind(IntEnum):
    """The kinds of event, as they stand in a schedule's column and in their order at equal times."""

    JOINER = 0
    MOVER = 1
    LEAVER = 2
    CONTRACTOR_EXPIRY = 3
    CONTRACT_EXTENSION = 4
    """Before the end: access goes on."""
    CONTRACT_RESTORED = 5
    """Extended after the end: the contract lapsed, and the person is back."""
    CONVERSION = 6
    """A contractor becomes an employee."""
    REHIRE = 7
    ABSENCE = 8
    RETURN = 9
    NAME_CHANGE = 10
    """Another family name, or with :attr:`Reason.ACQUISITION` another domain; the UPN follows."""
    MANAGER_CHANGE = 11
    NO_SHOW = 12
    """Expected on that day, and never came."""


class Reason(IntEnum):
    """Why an event happened."""

    NONE = 0
    VOLUNTARY = 1
    INVOLUNTARY = 2
    RETIREMENT = 3
    DEATH = 4
    LAYOFF = 5
    DEPARTMENT = 6
    PROMOTION = 7
    SECONDMENT = 8
    SECONDMENT_ENDS = 9
    REORGANISATION = 10
    COHORT = 11
    ACQUISITION = 12
    REPLACEMENT = 13
    """A contractor takes the place of one whose contract has run out."""
    CASCADE = 14
    """The manager went elsewhere, and the reports got another."""
    FORMER = 15
    """Hired again after having left before the start of the run: with a new identity, for the old one is not there."""


class Employment(IntEnum):
    """The kinds of employment, as they stand in the people's column."""

    EMPLOYEE = 0
    CONTRACTOR = 1


@dataclass(frozen=True, slots=True)
class LagPlan:
    """How long HR takes from an event to the directory: uniform over whole ms from low to high, both included.

    With ``table`` it is distributed like that instead.
    """

    low: Millis = AT_ONCE
    high: Millis = AT_ONCE
    table: Quantiles | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.high:
            raise WorkforceError("HR's lag goes from a duration of 0 or more to one that is not shorter")


@dataclass(frozen=True, slots=True)
class WorkforcePlan:
    """The settings of a generated workforce.

    `contractors` is a share of the initial people; `leavers` and `movers` are rates per employee and year, `joiners` a
    rate per year and head of `size`. With `counts` the rates are left aside: exactly these many events of each kind
    happen, a kind that is not named does not happen, and no successor replaces a contractor.

    What stands below `locale` is None, empty or 0 in a company that only lives by those four kinds; see
    :mod:`sim.workforce.life`. `name_changes` is a rate. `home`: clock and holidays of those whose location
    is not among `locations`.
    """

    size: int
    domain: str
    departments: tuple[tuple[str, float], ...]
    contractors: float = CONTRACTORS
    joiners: float = JOINERS_PER_YEAR
    leavers: float = LEAVERS_PER_YEAR
    movers: float = MOVERS_PER_YEAR
    counts: Mapping[EventKind, int] | None = None
    contract_mean: Millis = CONTRACT_MEAN
    calendar: CalendarName = "uniform"
    hr_lag: LagPlan = LagPlan()
    identities: IdentityPlan = ANYBODY
    joining: JoiningPlan | None = None
    leaving: LeavingPlan | None = None
    moving: MovingPlan | None = None
    contract: ContractPlan | None = None
    rehires: RehirePlan | None = None
    absences: AbsencePlan | None = None
    name_changes: float = 0
    bulk: tuple[BulkPlan, ...] = ()
    hr: HrPlan | None = None
    days: CorporateDays = _DAYS
    home: Location = _ANYWHERE
    locations: tuple[Location, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size <= LARGEST:
            raise WorkforceError(f"a workforce has a size from 0 to {LARGEST:,}")
        if not 0 <= self.contractors <= 1 or self.contract_mean <= 0:
            raise WorkforceError("a workforce has a share of contractors from 0 to 1, and contracts that last")
        if not all(
            isfinite(rate) and rate >= 0 for rate in (self.joiners, self.leavers, self.movers, self.name_changes)
        ):
            raise WorkforceError("the rates of a workforce are numbers of 0 or more")
        if any(self.count(kind) < 0 for kind in EventKind):
            raise WorkforceError("the counts of a workforce are 0 or more")
        if not 1 <= len(self.departments) <= 256 or not all(weight > 0 for _, weight in self.departments):
            raise WorkforceError("a workforce has 1 to 256 departments, each with a weight above 0")

    def count(self, kind: EventKind) -> int:
        """How many events of this kind are asked for, where counts are given."""
        return (self.counts or {}).get(kind, 0)


__all__ = [
    "AT_ONCE",
    "LARGEST",
    "NEVER",
    "Employment",
    "EventKind",
    "LagPlan",
    "Reason",
    "WorkforceError",
    "WorkforcePlan",
]
