"""The generated workforce of a scenario: how many people, at which rates things happen to them, and when.

Invariant: with the defaults people join, move, leave and run out of contract, and nothing else; every other kind of
event is a part of its own that is switched on by naming it, or all of them by the profile.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from mockservices.clock import Millis
from sim.scenario.distributions import SpreadField
from sim.scenario.fields import Distribution, Duration, Flag, Number, Part, Whole, Within, sourced, wrong
from sim.scenario.people import MANAGED, NAMESAKES, Locale, LocaleShares
from sim.scenario.weekdays import CalendarDays
from sim.scenario.working_life import (
    ASSUMED,
    Absences,
    Bulk,
    HrProcess,
    Joining,
    Leaving,
    Moving,
    NameChanges,
    Rehires,
    Renewal,
)
from sim.scenario.zones import Holidays, TimeZone
from sim.time import DAY, LONGEST

_TURNOVER: Final = "https://www.imercer.com/articleinsights/workforce-turnover-trends (US 2022-23: 17.3 % a year)"
_MOBILITY: Final = (
    "https://www.scopeat.co.uk/internal-mobility-is-booming-but-not-for-everybody/ "
    "(18.7-24.4 % change title within the firm in a year; that 12 % change access is an assumption)"
)
_CONTINGENT: Final = "http://cwstrategies.staffingindustry.com/what-percent-of-your-workforce-is-contingent/"
_TENURE: Final = (
    "https://www.staffingindustry.com/editorial/"
    "cws-30-contingent-workforce-strategies/assignment-length-limits-are-they-necessary-0"
)

PARTS: Final = ("joining", "leaving", "moving", "rehires", "absences", "name_changes", "hr")
"""What `profile: corporate` switches on, beside the calendar and the renewal of contracts."""
_NOT_COUNTED: Final = ("joining", "leaving", "moving", "rehires", "absences", "name_changes")


class Rates(Part):
    """Events a year for each person."""

    joiners: Annotated[Number, Field(ge=0, le=10)] = sourced(
        0.17, source=f"as many as leavers, so that the size stays: {_TURNOVER}", grade="B"
    )
    leavers: Annotated[Number, Field(ge=0, le=10)] = sourced(0.17, source=_TURNOVER, grade="B")
    movers: Annotated[Number, Field(ge=0, le=10)] = sourced(0.12, source=_MOBILITY, grade="D")


class Counts(Part):
    """Exact numbers of events over the duration, in place of rates."""

    joiner: Annotated[Whole, Field(ge=0)] = 0
    mover: Annotated[Whole, Field(ge=0)] = 0
    leaver: Annotated[Whole, Field(ge=0)] = 0
    contractor_expiry: Annotated[Whole, Field(ge=0)] = 0


class Contract(Part):
    """How long contractors stay, and what becomes of their contracts (`renewal`; left out: they end)."""

    mean: Annotated[Duration, Within(DAY, LONGEST)] = sourced(Millis(180 * DAY), source=_TENURE, grade="C")
    renewal: Renewal | None = None


class Workforce(Part):
    """A generated population that lives by itself.

    `profile`: `plain` joins, moves, leaves and runs out of contract; `corporate` switches on everything below with its
    defaults, and the corporate calendar. What it switches on is switched off again with `none`.
    `calendar`: `uniform` at any time, `working_hours` Monday to Friday from 8 to 18, `corporate` by the weights of
    `days`, on the clocks of `timezone` and not on `holidays`; a location of the organisation can have its own.
    `hr_lag`: how long HR takes over each event, beside what `hr` says.

    `locale`: where its names come from; `locales`: from several, each with its weight. `managers`: whether everybody
    has one in the directory, and so in the target; `span_of_control`: how many report to one. `nickname_collisions`: of
    those with a namesake before them, the share who get the same mailNickname; where a run starts in sync, of the
    joiners among them only. `contact_details`: whether they have telephone numbers and the address of an office.
    """

    size: Annotated[Whole, Field(ge=1, le=5_000_000, examples=[20])]
    profile: Literal["plain", "corporate"] = "plain"
    contractors: Annotated[Number, Field(ge=0, le=1)] = sourced(0.18, source=_CONTINGENT, grade="B")
    rates: Rates = Rates()
    counts: Counts | None = None
    contract: Contract = Contract()
    joining: Joining | None = None
    leaving: Leaving | None = None
    moving: Moving | None = None
    rehires: Rehires | None = None
    absences: Absences | None = None
    name_changes: NameChanges | None = None
    bulk: tuple[Bulk, ...] = ()
    calendar: Literal["uniform", "working_hours", "corporate"] = "uniform"
    days: CalendarDays | None = None
    timezone: TimeZone = "UTC"
    holidays: Holidays = ()
    hr_lag: SpreadField = sourced(Distribution(Millis(0), Millis(0)), source=ASSUMED, grade="D")
    hr: HrProcess | None = None
    locale: Locale = "en_US"
    locales: LocaleShares | None = None
    managers: Flag = sourced(False, source=MANAGED, grade="D")
    contact_details: Flag = True
    span_of_control: Annotated[Whole, Field(ge=2, le=100)] = sourced(7, source=ASSUMED, grade="D")
    nickname_collisions: Annotated[Number, Field(ge=0, le=1)] = sourced(0.0, source=NAMESAKES, grade="D")

    @model_validator(mode="before")
    @classmethod
    def _switched_on(cls, given: object) -> object:
        """The parts that the profile or the calendar brings, unless the file has them; `none` is none."""
        if not isinstance(given, dict):
            return given
        values: dict[str, Any] = dict(given)
        if values.get("profile") == "corporate":
            values.setdefault("calendar", "corporate")
            values.setdefault("managers", True)
            for part in PARTS:
                values.setdefault(part, {})
            contract = values.setdefault("contract", {})
            if isinstance(contract, dict):
                values["contract"] = {"renewal": {}, **contract}
        if values.get("calendar") == "corporate" and values.get("days") in (None, "none"):
            values["days"] = {}
        for part in PARTS:
            if values.get(part) == "none":
                values[part] = None
        contract = values.get("contract")
        if isinstance(contract, dict) and contract.get("renewal") == "none":
            values["contract"] = {**contract, "renewal": None}
        return values

    @model_validator(mode="after")
    def _rates_or_counts(self) -> Workforce:
        self._calendar_fits()
        if self.locales is not None and "locale" in self.model_fields_set:
            raise wrong("locale and locales exclude each other; give one of them", "locales")
        if self.moving is not None and self.moving.cascades and not self.managers:
            raise wrong("managers whose reports get another need managers; set managers: true", "moving", "cascades")
        if self.counts is None:
            return self
        if "rates" in self.model_fields_set:
            raise wrong("rates and counts exclude each other; give one of them", "counts")
        everybody = self.size + self.counts.joiner
        if self.counts.leaver + self.counts.contractor_expiry > everybody:
            raise wrong(f"more people go than there are ({everybody}); lower leaver or contractor_expiry", "counts")
        others = [part for part in _NOT_COUNTED if getattr(self, part) is not None]
        if self.contract.renewal is not None:
            others.append("contract.renewal")
        if self.bulk:
            others.append("bulk")
        if others:
            raise wrong(f"counts say all that happens, so {others[0]} cannot be there; leave out one of them", "counts")
        return self

    def _calendar_fits(self) -> None:
        clocks = self.timezone != "UTC" or self.holidays or self.days is not None
        if clocks and self.calendar != "corporate":
            key = "timezone" if self.timezone != "UTC" else "holidays" if self.holidays else "days"
            raise wrong(f"{key} is for the corporate calendar; set calendar: corporate", key)

    @model_serializer(mode="wrap")
    def _without_unused_rates(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        if self.counts is not None:
            written.pop("rates", None)
        if self.locales is not None:
            written.pop("locale", None)
        if not self.managers:
            written.pop("span_of_control", None)
        if self.profile == "corporate":
            for part in PARTS:
                if getattr(self, part) is None:
                    written[part] = "none"
            if self.contract.renewal is None:
                written["contract"]["renewal"] = "none"
        return written


def read_workforce(value: object) -> object:
    """`none` stands for no workforce."""
    return None if value == "none" else value
