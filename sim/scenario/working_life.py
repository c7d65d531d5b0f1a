"""What a scenario sets about a generated workforce beyond its rates: one part for each kind of event, all optional.

Invariant: a part that is left out does not happen; a default that stands for the real world names its source and grade.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, model_validator

from mockservices.clock import Millis
from sim.scenario.distributions import Lognormal, SpreadField
from sim.scenario.fields import (
    Distribution,
    DistributionField,
    Domain,
    Duration,
    Flag,
    Number,
    Part,
    Point,
    Whole,
    Within,
    sourced,
    wrong,
)
from sim.time import DAY, HOUR, LONGEST, MINUTE, format_duration

ASSUMED: Final = "assumption: no public figure was found"
_TURNOVER: Final = (
    "https://www.roi-nj.com/2018/02/20/industry/adp-finds-5-workers-leave-month-mostly-choice/ "
    "(60 to 70 % of those who leave do so by choice)"
)
_OTHER: Final = (
    "https://www.bls.gov/news.release/jolts.t06.htm (retirement, death and transfer: about 6 % of US separations; "
    "that four in five of them retire is an assumption)"
)
_MOBILITY: Final = (
    "https://www.scopeat.co.uk/internal-mobility-is-booming-but-not-for-everybody/ "
    "(about 20 % change something in a year; 12 % of it is taken to change department)"
)
_CAP: Final = (
    "https://www.staffingindustry.com/editorial/"
    "cws-30-contingent-workforce-strategies/assignment-length-limits-are-they-necessary-0 (18 to 24 months)"
)
_BOOMERANGS: Final = (
    "https://www.hr-brew.com/stories/2025/05/30/boomerang-employees-new-hires-data "
    "(31 to 35 % of US hires, mostly seasonal; 10 % is taken for an office, 30 % would be hourly work)"
)
_LEAVE: Final = (
    "https://dol.gov/resource-library/employee-and-worksite-perspectives-family-and-medical-leave-act-2018-employee "
    "(15 % take leave in a year; that a third of it is long enough to suspend an account is an assumption)"
)
_BULK: Final = ASSUMED + "; as usual for its kind"
_WORKFLOWS: Final = "https://learn.microsoft.com/entra/id-governance/customize-workflow-schedule (every 3 hours)"

Share = Annotated[Number, Field(ge=0, le=1)]
Rate = Annotated[Number, Field(ge=0, le=10)]


class Joining(Part):
    """Accounts made before the first day, and people who never come."""

    prehire: Annotated[Duration, Within(Millis(0), Millis(180 * DAY))] = sourced(
        Millis(5 * DAY), source=ASSUMED, grade="D"
    )
    no_show: Share = sourced(0.02, source=ASSUMED, grade="D")


class Leaving(Part):
    """Why people leave; who is left by these shares leaves by choice."""

    involuntary: Share = sourced(0.25, source=_TURNOVER, grade="B")
    retirement: Share = sourced(0.04, source=_OTHER, grade="D")
    death: Share = sourced(0.01, source=_OTHER, grade="D")

    @model_validator(mode="after")
    def _shares(self) -> Leaving:
        if self.involuntary + self.retirement + self.death > 1:
            raise wrong("the shares of the reasons are more than 1 together")
        return self


class Moving(Part):
    """Changes within the company that are no change of department, as rates for each employee and year.

    `cascades`: whether those who report to a manager who leaves or goes elsewhere get another (with `managers: true`).
    """

    promotions: Rate = sourced(0.08, source=_MOBILITY, grade="D")
    manager_changes: Rate = sourced(0.05, source=ASSUMED, grade="D")
    secondments: Rate = sourced(0.01, source=ASSUMED, grade="D")
    secondment: DistributionField = sourced(
        Distribution(Millis(60 * DAY), Millis(180 * DAY)), source=ASSUMED, grade="D"
    )
    cascades: Flag = True

    @model_validator(mode="after")
    def _lasts(self) -> Moving:
        if self.secondment.low < 1:
            raise wrong("a secondment lasts longer than 0", "secondment")
        return self


class Renewal(Part):
    """What becomes of a contract at its end.

    `extended`: the share that goes on; `after_end`: of those, the share that is extended only once access has ended.
    `notice` and `lapse` are medians: before the end, and after it.
    """

    extended: Share = sourced(0.5, source=ASSUMED, grade="D")
    after_end: Share = sourced(0.1, source=ASSUMED, grade="D")
    converted: Share = sourced(0.05, source=ASSUMED, grade="D")
    notice: Annotated[Duration, Within(MINUTE, LONGEST)] = sourced(Millis(7 * DAY), source=ASSUMED, grade="D")
    lapse: Annotated[Duration, Within(MINUTE, LONGEST)] = sourced(Millis(2 * DAY), source=ASSUMED, grade="D")
    cap: Annotated[Duration, Within(DAY, LONGEST)] = sourced(Millis(730 * DAY), source=_CAP, grade="C")

    @model_validator(mode="after")
    def _shares(self) -> Renewal:
        if self.extended + self.converted > 1:
            raise wrong("extended and converted are more than 1 together")
        return self


class Rehires(Part):
    """People who come back: a share of those who join. `gap`: for how long they had been away."""

    share: Share = sourced(0.10, source=_BOOMERANGS, grade="B")
    new_identity: Share = sourced(0.10, source=ASSUMED, grade="D")
    gap: SpreadField = sourced(
        Lognormal(Millis(274 * DAY), Millis(1_700 * DAY)), source=ASSUMED + " (median 9 months)", grade="D"
    )


class Absences(Part):
    """Leaves of absence that are long enough for an account to be suspended."""

    rate: Rate = sourced(0.05, source=_LEAVE, grade="D")
    length: SpreadField = sourced(Lognormal(Millis(53 * DAY), Millis(120 * DAY)), source=_LEAVE, grade="D")


class NameChanges(Part):
    """Another family name, after a marriage or a divorce, for each employee and year."""

    rate: Rate = sourced(0.015, source=ASSUMED, grade="D")


class Outside(Part):
    """Contractors who stand in no HR system: nobody says that their contract has ended.

    `how`: how it gets known: `never`, with an `attestation` by the managers `every` so often, by AD's
    `account_expires`, which is not synchronised to Entra and so never comes, or by a `nightly_script` that disables
    expired accounts.
    """

    share: Share = sourced(1.0, source=ASSUMED, grade="D")
    how: Literal["never", "attestation", "account_expires", "nightly_script"] = sourced(
        "attestation", source=ASSUMED, grade="D"
    )
    every: Annotated[Duration, Within(HOUR, LONGEST)] = sourced(Millis(91 * DAY), source=ASSUMED, grade="D")


class Known(Part):
    """When HR knows: `ahead` of the day for those left by the two shares, on the `same_day`, or `late`."""

    same_day: Share = sourced(0.20, source=ASSUMED, grade="D")
    late: Share = sourced(0.10, source=ASSUMED, grade="D")
    notice: Annotated[Duration, Within(Millis(0), LONGEST)] = sourced(Millis(14 * DAY), source=ASSUMED, grade="D")
    lateness: SpreadField = sourced(
        Lognormal(Millis(2 * DAY), Millis(333 * HOUR)), source=ASSUMED + " (median 2 days, mean 4)", grade="D"
    )
    no_show: DistributionField = sourced(Distribution(Millis(4 * HOUR), Millis(3 * DAY)), source=ASSUMED, grade="D")

    @model_validator(mode="after")
    def _shares(self) -> Known:
        if self.same_day + self.late > 1:
            raise wrong("same_day and late are more than 1 together")
        return self


class HrProcess(Part):
    """How what HR knows reaches the directory, before `hr_lag` is added.

    `feed`: HR's data arrive only every so often. `workflow`: accounts are opened and closed by a job that runs every so
    often and never before the date it is told, like Entra's Lifecycle Workflows; with 0m at once.
    """

    known: Known = Known()
    feed: Annotated[Duration | None, Within(MINUTE, LONGEST)] = None
    workflow: Annotated[Duration, Within(Millis(0), LONGEST)] = sourced(Millis(3 * HOUR), source=_WORKFLOWS, grade="A")
    outside: Outside | None = None


USUAL: Final[dict[str, dict[str, Any]]] = {
    "cohort": {"share": 0.02, "over": Millis(0), "after": Millis(84 * DAY)},
    "reorganisation": {"share": 0.10, "over": Millis(8 * HOUR)},
    "layoff": {"share": 0.05, "over": Millis(3 * HOUR)},
    "acquisition": {"share": 0.10, "over": Millis(2 * DAY), "after": Millis(90 * DAY)},
}
"""How many a bulk event concerns, within which time, and when what follows it does: twelve weeks, one night, one
morning, one weekend and a quarter later."""


class Bulk(Part):
    """Many people at once, `share` of them or as many as `people` says, within `over` from `at` on.

    A `cohort` comes and goes again after `after`; an `acquisition` comes with a `domain` of its own, and gets the
    company's after `after`. Both are counted against `size`, a `reorganisation` and a `layoff` against the employees.
    """

    kind: Literal["cohort", "reorganisation", "layoff", "acquisition"]
    at: Point
    share: Share | None = sourced(None, source=_BULK, grade="D")
    people: Annotated[Whole | None, Field(ge=0, le=5_000_000)] = None
    over: Annotated[Duration | None, Within(Millis(0), LONGEST)] = sourced(None, source=_BULK, grade="D")
    after: Annotated[Duration | None, Within(DAY, LONGEST)] = sourced(None, source=_BULK, grade="D")
    domain: Domain | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_usual(cls, given: object) -> object:
        """What the event does not say is as usual for its kind."""
        if not isinstance(given, dict) or given.get("kind") not in USUAL:
            return given
        usual = USUAL[given["kind"]]
        values = {**{key: format_duration(v) if isinstance(v, int) else v for key, v in usual.items()}, **given}
        if "people" in given and "share" not in given:
            del values["share"]
        if given["kind"] == "acquisition" and "domain" not in given and "after" not in given:
            del values["after"]
        return values

    def usual(self) -> dict[str, object]:
        """The values that are assumptions, where the event has them."""
        return {**dict.fromkeys(("share", "over", "after")), **USUAL[self.kind]}

    @model_validator(mode="after")
    def _fits(self) -> Bulk:
        if self.share is not None and self.people is not None:
            raise wrong("share and people exclude each other; give one of them", "people")
        if self.domain is not None and self.kind != "acquisition":
            raise wrong("only an acquisition brings a domain", "domain")
        if self.after is not None and self.kind not in {"cohort", "acquisition"}:
            raise wrong(f"nothing follows a {self.kind}; leave it out", "after")
        return self
