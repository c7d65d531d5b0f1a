"""The weights of a corporate calendar in a scenario: weekdays, months, month ends.

Invariant: weights are relative to each other; how many events a year holds is said by the rates alone.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, model_validator

from sim.scenario.fields import Number, Part, sourced, wrong
from sim.scenario.working_life import ASSUMED, Share

_FRIDAYS: Final = (
    "https://blog.namely.com/friday-really-the-most-common-day-for-terminations "
    "(39 % on a Friday, Monday lowest; the other days are an assumption)"
)
_DECEMBER: Final = (
    "https://blog.namely.com/friday-really-the-most-common-day-for-terminations "
    "(December 12 % of the year, the winter nearly a third; the months between are even)"
)
Weight = Annotated[Number, Field(ge=0, le=1_000)]
Week = Annotated[tuple[Weight, ...], Field(min_length=7, max_length=7)]
Months = Annotated[tuple[Weight, ...], Field(min_length=12, max_length=12)]

_OFFICE: Final = (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)


class LeavingDays(Part):
    """When people leave; weekdays from Monday on, months from January on."""

    weekdays: Week = sourced((0.11, 0.15, 0.16, 0.18, 0.39, 0.005, 0.005), source=_FRIDAYS, grade="B")
    months: Months = sourced(
        (10.5, 10.5, 7.4, 7.4, 7.4, 7.4, 7.4, 7.4, 7.4, 7.4, 7.4, 12.0), source=_DECEMBER, grade="B"
    )
    month_end: Weight = sourced(2.0, source=ASSUMED, grade="D")

    @model_validator(mode="after")
    def _some(self) -> LeavingDays:
        _some_day(self.weekdays, self.months)
        return self


class JoiningDays(Part):
    """The shares that start on a Monday, on a 1st or 16th, and on any other working day."""

    monday: Share = sourced(0.70, source=ASSUMED, grade="D")
    fixed_days: Share = sourced(0.15, source=ASSUMED, grade="D")

    @model_validator(mode="after")
    def _shares(self) -> JoiningDays:
        if self.monday + self.fixed_days > 1:
            raise wrong("monday and fixed_days are more than 1 together")
        return self


class MovingDays(Part):
    """When everything else happens."""

    weekdays: Week = sourced(_OFFICE, source=ASSUMED, grade="D")
    months: Months = sourced((1.0,) * 12, source=ASSUMED, grade="D")
    month_end: Weight = sourced(1.0, source=ASSUMED, grade="D")

    @model_validator(mode="after")
    def _some(self) -> MovingDays:
        _some_day(self.weekdays, self.months)
        return self


def _some_day(weekdays: tuple[float, ...], months: tuple[float, ...]) -> None:
    for key, weights in (("weekdays", weekdays), ("months", months)):
        if not any(weights):
            raise wrong("at least one weight is above 0", key)


class CalendarDays(Part):
    """The weights of `calendar: corporate`."""

    joining: JoiningDays = JoiningDays()
    leaving: LeavingDays = LeavingDays()
    moving: MovingDays = MovingDays()
