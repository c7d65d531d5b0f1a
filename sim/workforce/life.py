"""What a working life consists of beyond joining, moving and leaving: plans for each kind of event, all optional.

Invariant: plain numbers and durations, checked when they are made; a kind without a plan does not happen, and draws
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from mockservices.clock import Millis
from sim.errors import JmlabError
from sim.randomness import Quantiles
from sim.spread import lognormal
from sim.time import DAY, HOUR
from sim.workforce.almanac import StartDays, WeekWeights


class WorkforceError(JmlabError, ValueError):
    """A workforce cannot be made as it was asked for; exit code 2."""


def check_shares(what: str, *shares: float) -> None:
    """Refuses shares that are none, or that are more than everybody together."""
    if not all(0 <= share <= 1 for share in shares) or sum(shares) > 1 + 1e-9:
        raise WorkforceError(f"{what} are shares from 0 to 1 that make at most 1 together")


def check_durations(what: str, *durations: int) -> None:
    """Refuses durations below 0."""
    if min(durations) < 0:
        raise WorkforceError(f"{what} last 0 or more")


@dataclass(frozen=True, slots=True)
class Location:
    """A place of work: its clock, and its holidays (dates, or a country's code)."""

    name: str | None
    zone: str = "UTC"
    holidays: tuple[str, ...] = ()


_EVEN: Final = WeekWeights()
_STARTS: Final = StartDays()
GAPS: Final = lognormal(274 * DAY, 1_700 * DAY)
LEAVES: Final = lognormal(53 * DAY, 120 * DAY)
LATENESS: Final = lognormal(2 * DAY, 333 * HOUR)


@dataclass(frozen=True, slots=True)
class CorporateDays:
    """The weights of a company's calendar."""

    leaving: WeekWeights = _EVEN
    joining: StartDays = _STARTS
    moving: WeekWeights = _EVEN


@dataclass(frozen=True, slots=True)
class JoiningPlan:
    """`prehire`: how long before the first day an account is made; `no_show`: the share that never comes."""

    prehire: Millis = Millis(0)
    no_show: float = 0

    def __post_init__(self) -> None:
        check_durations("pre-hires", self.prehire)
        check_shares("no-shows", self.no_show)


@dataclass(frozen=True, slots=True)
class LeavingPlan:
    """Shares of leavers by reason; what is left of 1 is voluntary."""

    involuntary: float = 0.25
    retirement: float = 0.04
    death: float = 0.01

    def __post_init__(self) -> None:
        check_shares("the reasons of leaving", self.involuntary, self.retirement, self.death)


@dataclass(frozen=True, slots=True)
class MovingPlan:
    """Rates per employee and year of what is no change of department.

    `cascades`: who reports to somebody who goes elsewhere gets another manager. `secondment`: how long one lasts.
    """

    promotions: float = 0
    manager_changes: float = 0
    secondments: float = 0
    secondment: tuple[Millis, Millis] = (Millis(60 * DAY), Millis(180 * DAY))
    cascades: bool = False

    def __post_init__(self) -> None:
        if min(self.promotions, self.manager_changes, self.secondments) < 0:
            raise WorkforceError("the rates of a workforce are numbers of 0 or more")
        if not 0 < self.secondment[0] <= self.secondment[1]:
            raise WorkforceError("a secondment lasts from a duration above 0 to one that is not shorter")


@dataclass(frozen=True, slots=True)
class ContractPlan:
    """What becomes of a contract at its end: shares of those that end.

    `extended` goes on for another contract, a share `after_end` of those only once it has run out; `converted` becomes
    an employee. `notice`: median time before the end of an extension in time; `lapse`: median time after it of a late
    one. `cap`: the longest that somebody stays as a contractor.
    """

    extended: float = 0.5
    after_end: float = 0.1
    converted: float = 0.05
    notice: Millis = Millis(7 * DAY)
    lapse: Millis = Millis(2 * DAY)
    cap: Millis = Millis(730 * DAY)

    def __post_init__(self) -> None:
        check_shares("extensions and conversions", self.extended, self.converted)
        check_shares("late extensions", self.after_end)
        if min(self.notice, self.lapse, self.cap) <= 0:
            raise WorkforceError("notice, lapse and the longest stay of contractors are durations above 0")


@dataclass(frozen=True, slots=True)
class RehirePlan:
    """`share` of the joiners come back; `new_identity` of those get a new one; `gap`: how long they had been away."""

    share: float = 0.10
    new_identity: float = 0.10
    gap: Quantiles = GAPS

    def __post_init__(self) -> None:
        check_shares("rehires", self.share)
        check_shares("new identities", self.new_identity)


@dataclass(frozen=True, slots=True)
class AbsencePlan:
    """Leaves of absence per employee and year, and how long they last."""

    rate: float = 0.05
    length: Quantiles = LEAVES

    def __post_init__(self) -> None:
        if self.rate < 0:
            raise WorkforceError("the rates of a workforce are numbers of 0 or more")


@dataclass(frozen=True, slots=True)
class BulkPlan:
    """One thing that happens to many at once, within `over` from `at` on.

    `people` is a number, else `share` counts: of `size` for those who come, of the employees present for the others.
    `after`: when a cohort leaves again, or when the acquired get the company's own domain (`domain` is their old one).
    """

    kind: Literal["cohort", "reorganisation", "layoff", "acquisition"]
    at: Millis
    share: float = 0
    people: int | None = None
    over: Millis = Millis(0)
    after: Millis | None = None
    domain: str | None = None

    def __post_init__(self) -> None:
        check_durations("bulk events", self.at, self.over, self.after or 0)
        check_shares("bulk events", self.share)

    def number(self, of: int) -> int:
        """How many people it concerns."""
        return min(self.people, of) if self.people is not None else round(self.share * of)


Outside: TypeAlias = Literal["never", "attestation", "nightly_script"]
NIGHT: Final = Millis(2 * HOUR)


@dataclass(frozen=True, slots=True)
class HrPlan:
    """When HR knows of something, and when what it knows reaches the directory.

    `same_day` and `late` are shares, the others are known `notice` ahead. `feed`: HR's data arrive every so often only.
    `workflow`: accounts are opened and closed by a job that runs every so often. `outside`: this share of contractors
    stands in no HR system, and their ends reach the directory as `outside_how` says, an attestation every
    `outside_every`.
    """

    same_day: float = 0.20
    late: float = 0.10
    notice: Millis = Millis(14 * DAY)
    lateness: Quantiles = LATENESS
    noticed: tuple[Millis, Millis] = (Millis(4 * HOUR), Millis(3 * DAY))
    feed: Millis | None = None
    workflow: Millis | None = None
    outside: float = 0
    outside_how: Outside = "never"
    outside_every: Millis = Millis(91 * DAY)

    def __post_init__(self) -> None:
        check_shares("what HR knows on the day or late", self.same_day, self.late)
        check_shares("contractors outside HR", self.outside)
        if self.notice < 0 or not 0 <= self.noticed[0] <= self.noticed[1]:
            raise WorkforceError("what HR knows ahead, or notices later, it knows after a duration of 0 or more")
        if min(self.feed or 1, self.workflow or 1, self.outside_every) <= 0:
            raise WorkforceError("what is done every so often is done after a duration above 0")
