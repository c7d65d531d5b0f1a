"""HR's part of a timeline: what becomes true of people, and when the directory learns of it.

Invariant: an action says what happens; whether the person is there to whom it happens is checked for the whole file in
`sim/scenario/references.py`.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import model_validator

from mockservices.clock import Millis
from sim.scenario.action import Action
from sim.scenario.fields import Duration, Point, SignedDuration, Text, Upn, at_least_one, wrong
from sim.scenario.organisation import PersonSpec


class HrAction(Action):
    """A change in the company, true from `at` on.

    The directory follows after `hr_lag`; a negative lag means that it was changed beforehand.
    """

    hr_lag: SignedDuration = Millis(0)


class Join(HrAction):
    """Somebody joins the company."""

    do: Literal["join"]
    person: PersonSpec


class Move(HrAction):
    """Somebody gets another department, role or location."""

    do: Literal["move"]
    person: Text
    department: Text | None = None
    role: Text | None = None
    location: Text | None = None

    @model_validator(mode="after")
    def _something_changes(self) -> Move:
        at_least_one(self, "department", "role", "location")
        return self


class Leave(HrAction):
    """Somebody leaves the company."""

    do: Literal["leave"]
    person: Text


class Expire(HrAction):
    """A contract ends."""

    do: Literal["expire"]
    person: Text


class Extend(HrAction):
    """A contract gets a later end; where it has ended already, it is restored: the person is back."""

    do: Literal["extend"]
    person: Text
    until: Point


class Convert(HrAction):
    """A contractor becomes an employee; the contract ends no more."""

    do: Literal["convert"]
    person: Text
    department: Text | None = None
    role: Text | None = None
    location: Text | None = None


class ChangeName(HrAction):
    """Somebody has another family name, and another userPrincipalName (and address) where one is given."""

    do: Literal["change_name"]
    person: Text
    family_name: Text
    user_principal_name: Upn | None = None


class ChangeManager(HrAction):
    """Somebody reports to somebody else."""

    do: Literal["change_manager"]
    person: Text
    manager: Text

    @model_validator(mode="after")
    def _somebody_else(self) -> ChangeManager:
        if self.person == self.manager:
            raise wrong("nobody is their own manager; name somebody else", "manager")
        return self


class NoShow(HrAction):
    """Somebody is expected at `at`, with an account made `hr_lag` before, and never comes.

    HR closes the account `noticed_after` that day; where it is left out, nobody ever does.
    """

    do: Literal["no_show"]
    person: PersonSpec
    noticed_after: Duration | None = None

    @model_validator(mode="after")
    def _made_by_then(self) -> NoShow:
        if self.hr_lag > 0:
            raise wrong("the account is made by the day; write 0m or a negative duration", "hr_lag")
        return self


class Rehire(HrAction):
    """Somebody who left comes back, to the same identity or to a new one."""

    do: Literal["rehire"]
    person: Text
    department: Text | None = None
    identity: Literal["same", "new"] = "same"
    user_principal_name: Upn | None = None

    @model_validator(mode="after")
    def _same_name(self) -> Rehire:
        if self.identity == "same" and self.user_principal_name is not None:
            raise wrong("the same identity keeps its name; write identity: new", "user_principal_name")
        return self


class Absent(HrAction):
    """A leave of absence begins."""

    do: Literal["absent"]
    person: Text


class Back(HrAction):
    """A leave of absence ends."""

    do: Literal["back"]
    person: Text


HR: TypeAlias = (
    Join | Move | Leave | Expire | Extend | Rehire | Absent | Back | Convert | ChangeName | ChangeManager | NoShow
)
"""Everything that HR can do in a timeline."""
