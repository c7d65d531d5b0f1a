"""Hours of the week in which cycles come at an interval of their own.

Invariant: hours are UTC, as those of a ticket desk are; a window ends on the day on which it begins.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, model_validator

from mockservices.clock import Millis
from sim.scenario.fields import Duration, Part, Within, wrong
from sim.time import DAY, LONGEST, MINUTE, format_duration

Weekday: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class OfficeHours(Part):
    """On these days, from one hour up to another (UTC), a cycle every `interval`."""

    days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] = WEEKDAYS[:5]
    opens: Annotated[Duration, Within(Millis(0), DAY)] = Field(alias="from")
    closes: Annotated[Duration, Within(Millis(0), DAY)] = Field(alias="to")
    interval: Annotated[Duration, Within(MINUTE, LONGEST)]

    @model_validator(mode="after")
    def _open_for_a_while(self) -> OfficeHours:
        if self.closes <= self.opens:
            hours = f"from {format_duration(self.opens)} to {format_duration(self.closes)}"
            raise wrong(f"{hours} is no time at all; to comes after from on the same day", "to")
        return self

    @property
    def weekdays(self) -> frozenset[int]:
        """Monday is 0."""
        return frozenset(WEEKDAYS.index(day) for day in self.days)
