"""Scripted events: what happens when, in HR, in the directory, in the target's console, and to the job.

Invariant: an action names people and groups, never ids; whether those exist at that moment is checked for the whole
file in `sim/scenario/references.py`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from mockservices.clock import Millis
from sim.scenario.access import AccessActs
from sim.scenario.action import Action
from sim.scenario.attributes import ChangedAttributes
from sim.scenario.connection import ConnectionTest, SaveCredentials
from sim.scenario.console import Console
from sim.scenario.faults import Faulty
from sim.scenario.fields import (
    Duration,
    Flag,
    Text,
    Upn,
    Within,
    at_least_one,
    exactly_one,
    sourced,
    wrong,
)
from sim.scenario.hr_actions import HR
from sim.scenario.organisation import PersonSpec
from sim.scenario.scope import AppRole, Scoping, TargetActions
from sim.scenario.sessions import AtTheDoors
from sim.time import DAY, HOUR, MINUTE

_ACTIVATION: Final = (
    "https://learn.microsoft.com/entra/id-governance/privileged-identity-management/groups-role-settings "
    "(activations last 1 to 24 hours; 8 hours is what a new group's settings have)"
)


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


class SetAttributes(Action):
    """An administrator changes properties of an account, by Graph's names; null clears one."""

    do: Literal["set_attributes"]
    person: Text
    attributes: ChangedAttributes

    @model_validator(mode="after")
    def _something_changes(self) -> SetAttributes:
        if not self.attributes:
            raise wrong("nothing changes; give at least one property, such as jobTitle", "attributes")
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


class _OfMember(Action):
    group: Text
    person: Text | None = None
    member_group: Text | None = None

    @model_validator(mode="after")
    def _one_member(self) -> _OfMember:
        exactly_one(self, "person", "member_group")
        return self


class AddMember(_OfMember):
    """Somebody, or another group, becomes a member of a group."""

    do: Literal["add_member"]


class RemoveMember(_OfMember):
    """Somebody, or another group, is no longer a member of a group."""

    do: Literal["remove_member"]


class SetManager(Action):
    """An account gets another manager; none is given: it has one no longer."""

    do: Literal["set_manager"]
    person: Text
    manager: Text | None = None


class PimActivate(Action):
    """Somebody activates a membership that ends by itself (Privileged Identity Management); `for`: how long."""

    do: Literal["pim_activate"]
    group: Text
    person: Text
    lasts: Annotated[Duration, Within(MINUTE, Millis(7 * DAY))] = sourced(
        Millis(8 * HOUR), source=_ACTIVATION, grade="B", alias="for"
    )

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        return {"for" if key == "lasts" else key: value for key, value in written.items()}


class PimDeactivate(Action):
    """An activated membership ends early."""

    do: Literal["pim_deactivate"]
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
    """A person or a group is assigned to the application with an app role, and so comes into scope."""

    do: Literal["assign"]
    role: AppRole = "User"


class Unassign(_OfPersonOrGroup):
    """The assignment of a person or a group to the application is taken away."""

    do: Literal["unassign"]


# --- the job ------------------------------------------------------------------


ResetScope: TypeAlias = Literal["ConnectorDataStore", "Escrows", "Watermark", "QuarantineState", "Full", "ForceDeletes"]
"""https://learn.microsoft.com/graph/api/resources/synchronization-synchronizationjobrestartcriteria."""


class StartJob(Action):
    """The provisioning job is started."""

    do: Literal["start_job"]


class PauseJob(Action):
    """The provisioning job is paused."""

    do: Literal["pause_job"]


class RestartJob(Action):
    """The provisioning job is restarted.

    `scopes`: what is reset; where it is left out, what the portal's button resets. `ConnectorDataStore` breaks the
    links, `Escrows` forgets what failed, `Watermark` makes the next cycle an initial one, `QuarantineState` lifts the
    quarantine, `Full` is these four, `ForceDeletes` carries out what is held back.
    """

    do: Literal["restart_job"]
    scopes: tuple[ResetScope, ...] = ("QuarantineState", "Watermark", "Escrows")

    @model_validator(mode="after")
    def _something_is_reset(self) -> RestartJob:
        if not self.scopes:
            raise wrong("nothing is reset; give at least one scope, or write do: start_job", "scopes")
        return self


class ConfigureJob(Action):
    """An administrator sets the job otherwise; what is left out stays as it is.

    Other scoping filters or actions make the job begin anew, as does the way from `assigned` to `all`; the way back
    has an effect after a restart only.
    """

    do: Literal["configure_job"]
    scope: Literal["assigned", "all"] | None = None
    skip_out_of_scope_deletions: Flag | None = None
    scoping: Scoping | None = None
    actions: TargetActions | None = None

    @model_validator(mode="after")
    def _something_changes(self) -> ConfigureJob:
        at_least_one(self, "scope", "skip_out_of_scope_deletions", "scoping", "actions")
        return self


class ProvisionOnDemand(_OfPersonOrGroup):
    """One person, or one group with at most five of its members, is provisioned at once."""

    do: Literal["provision_on_demand"]
    members: Annotated[tuple[Text, ...], Field(max_length=5)] = ()

    @model_validator(mode="after")
    def _members_of_a_group(self) -> ProvisionOnDemand:
        if self.members and self.group is None:
            raise wrong("only a group has members; name the group, or leave members out", "members")
        return self


DirectoryAdmin: TypeAlias = (
    CreateUser
    | Disable
    | Enable
    | Delete
    | Purge
    | Restore
    | Rename
    | SetAttributes
    | CreateGroup
    | RenameGroup
    | DeleteGroup
    | AddMember
    | RemoveMember
    | SetManager
    | PimActivate
    | PimDeactivate
    | Assign
    | Unassign
)
Job: TypeAlias = SaveCredentials | ConnectionTest | StartJob | PauseJob | RestartJob | ConfigureJob | ProvisionOnDemand
AnyAction: TypeAlias = HR | AccessActs | DirectoryAdmin | AtTheDoors | Console | Job | Faulty
TimelineAction = Annotated[AnyAction, Field(discriminator="do")]
