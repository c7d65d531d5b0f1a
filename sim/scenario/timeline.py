"""Scripted events: what happens when, in HR, in the directory, in the target's console, and to the job.

Invariant: an action names people and groups, never ids; whether those exist at that moment is checked for the whole
file in `sim/scenario/references.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, model_validator

from mockservices.clock import Millis
from sim.scenario.action import Action
from sim.scenario.console import Console
from sim.scenario.fields import (
    Flag,
    Point,
    SignedDuration,
    Text,
    Upn,
    at_least_one,
    exactly_one,
    wrong,
)
from sim.scenario.organisation import PersonSpec


class HrAction(Action):
    """A change in the company, true from `at` on.

    The directory follows after `hr_lag`; a negative lag means that it was changed beforehand.
    """

    hr_lag: SignedDuration = Millis(0)


# --- HR -----------------------------------------------------------------------


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
    """A contract gets a later end."""

    do: Literal["extend"]
    person: Text
    until: Point


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


# --- an administrator in the directory ----------------------------------------


class CreateUser(Action):
    """An administrator creates an account for somebody whom HR does not know."""

    do: Literal["create_user"]
    person: PersonSpec


class Disable(Action):
    """An administrator sets `accountEnabled` to false."""

    do: Literal["disable"]
    person: Text


class Enable(Action):
    """An administrator sets `accountEnabled` to true."""

    do: Literal["enable"]
    person: Text


class Delete(Action):
    """An administrator deletes an account; it goes to the recycle bin."""

    do: Literal["delete"]
    person: Text


class Purge(Action):
    """An account leaves the recycle bin for good."""

    do: Literal["purge"]
    person: Text


class Restore(Action):
    """An account comes back from the recycle bin."""

    do: Literal["restore"]
    person: Text


class Rename(Action):
    """An account gets another name."""

    do: Literal["rename"]
    person: Text
    display_name: Text | None = None
    user_principal_name: Upn | None = None
    given_name: Text | None = None
    family_name: Text | None = None

    @model_validator(mode="after")
    def _something_changes(self) -> Rename:
        at_least_one(self, "display_name", "user_principal_name", "given_name", "family_name")
        return self


class CreateGroup(Action):
    """A group is created; `assigned`: also assigned to the application."""

    do: Literal["create_group"]
    group: Text
    assigned: Flag = False


class RenameGroup(Action):
    """A group gets another name."""

    do: Literal["rename_group"]
    group: Text
    to: Text


class DeleteGroup(Action):
    """A group is deleted."""

    do: Literal["delete_group"]
    group: Text


class AddMember(Action):
    """Somebody becomes a member of a group."""

    do: Literal["add_member"]
    group: Text
    person: Text


class RemoveMember(Action):
    """Somebody is no longer a member of a group."""

    do: Literal["remove_member"]
    group: Text
    person: Text


class _OfPersonOrGroup(Action):
    group: Text | None = None
    person: Text | None = None

    @model_validator(mode="after")
    def _one_principal(self) -> _OfPersonOrGroup:
        exactly_one(self, "group", "person")
        return self


class Assign(_OfPersonOrGroup):
    """A person or a group is assigned to the application, and so comes into scope."""

    do: Literal["assign"]


class Unassign(_OfPersonOrGroup):
    """The assignment of a person or a group to the application is taken away."""

    do: Literal["unassign"]


# --- the job ------------------------------------------------------------------


class SaveCredentials(Action):
    """An administrator gives the application the target's address and its newest token. Where the timeline does this,
    the application begins without any."""

    do: Literal["save_credentials"]


class ConnectionTest(Action):
    """An administrator tries whether the saved credentials open the target."""

    do: Literal["test_connection"]


class StartJob(Action):
    """The provisioning job is started."""

    do: Literal["start_job"]


class PauseJob(Action):
    """The provisioning job is paused."""

    do: Literal["pause_job"]


class RestartJob(Action):
    """The provisioning job is restarted: its next cycle is an initial one."""

    do: Literal["restart_job"]


class ProvisionOnDemand(Action):
    """One person is provisioned at once."""

    do: Literal["provision_on_demand"]
    person: Text


HR: TypeAlias = Join | Move | Leave | Expire | Extend | Rehire | Absent | Back
DirectoryAdmin: TypeAlias = (
    CreateUser
    | Disable
    | Enable
    | Delete
    | Purge
    | Restore
    | Rename
    | CreateGroup
    | RenameGroup
    | DeleteGroup
    | AddMember
    | RemoveMember
    | Assign
    | Unassign
)
Job: TypeAlias = SaveCredentials | ConnectionTest | StartJob | PauseJob | RestartJob | ProvisionOnDemand
AnyAction: TypeAlias = HR | DirectoryAdmin | Console | Job
TimelineAction = Annotated[AnyAction, Field(discriminator="do")]
