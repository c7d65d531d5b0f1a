"""A scenario: who, what happens, and how the services behave; attributes are named as the keys of the file.

Invariant: a `Scenario` is a value. It is frozen, complete (every default filled in), and free of anything that this
version does not carry out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    PrivateAttr,
    SerializerFunctionWrapHandler,
    Tag,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from mockservices.clock import Millis
from sim.scenario.faults import Fault
from sim.scenario.fields import Duration, Instant, Part, Slug, Text, Whole, Within
from sim.scenario.organisation import Before, Organisation
from sim.scenario.owndata import OwnWorkforce, which_workforce
from sim.scenario.phases import PhaseSpec, strategies_of
from sim.scenario.results import ResultSpec
from sim.scenario.runbooks import Runbook, RunbookName, check_choice
from sim.scenario.settings import PermissionSetSpec, Provisioning, Target
from sim.scenario.timeline import TimelineAction
from sim.scenario.workforce import Workforce, read_workforce
from sim.time import LONGEST, SECOND

if TYPE_CHECKING:
    from sim.owndata.listing import Listing

WorkforceField: TypeAlias = Annotated[
    Annotated[Workforce, Tag("generated")] | Annotated[OwnWorkforce, Tag("own")], Discriminator(which_workforce)
]


class Scenario(Part):
    """A whole scenario.

    `start_state`: whether the target already holds what the directory says (`in_sync`) or nothing (`empty`).
    `phases`: stretches with a name, and with a row of their own in the summary.
    `results`: a table that is printed at the end, each row measured in this run beside what was reported elsewhere.
    `runbooks`: ways to act in this story, by name; `runbook` says which of them is followed.
    `drain`: how much longer the job goes on after the end, for comparisons with theory.
    """

    scenario: Slug
    title: Text
    brief: str = ""
    start: Instant
    duration: Annotated[Duration, Within(SECOND, LONGEST)]
    drain: Duration = Millis(0)
    seed: Annotated[Whole, Field(ge=0, le=2**63 - 1)] = 1
    start_state: Literal["empty", "in_sync"] = "empty"
    organisation: Organisation = Organisation()
    before: Before = Before()
    phases: tuple[PhaseSpec, ...] = ()
    workforce: Annotated[WorkforceField | None, BeforeValidator(read_workforce)] = None
    provisioning: Provisioning = Provisioning()
    target: Annotated[Target, Field(validate_default=True)] = Target()
    faults: tuple[Fault, ...] = ()
    timeline: tuple[TimelineAction, ...] = ()
    runbook: Text | None = None
    runbooks: dict[RunbookName, Runbook] = Field(default_factory=dict)
    results: tuple[ResultSpec, ...] = ()

    _listing: Listing | None = PrivateAttr(default=None)
    _own_actions: int | None = PrivateAttr(default=None)

    @property
    def listing(self) -> Listing | None:
        """The people and events of the scenario's own file, where it names one."""
        return self._listing

    def with_listing(self, listing: Listing) -> Scenario:
        """The same scenario, with what its own file says."""
        scenario = self.model_copy()
        scenario._listing = listing
        return scenario

    @property
    def home_zone(self) -> str:
        """By whose clock the company works where nothing else is said: that of its workforce."""
        return "UTC" if self.workforce is None else self.workforce.timezone

    @property
    def own_actions(self) -> int:
        """How many actions of the timeline are the scenario's own; those of the runbook come after them."""
        return len(self.timeline) if self._own_actions is None else self._own_actions

    def following(self, name: str) -> Scenario:
        """A scenario that follows no runbook yet, with this one followed: its actions are part of the timeline."""
        book = self.runbooks[name]
        changes: dict[str, Any] = {"timeline": (*self.timeline, *book.timeline), "runbook": name}
        if book.strategy is not None:
            changes["provisioning"] = self.provisioning.model_copy(update={"strategy": book.strategy})
        scenario = self.model_copy(update=changes)
        scenario._own_actions = len(self.timeline)
        return scenario

    @model_validator(mode="after")
    def _a_runbook_that_is_there(self) -> Scenario:
        check_choice(self.runbook, self.runbooks)
        return self

    @field_validator("target")
    @classmethod
    def _from_catalogue(cls, target: Target, info: ValidationInfo) -> Target:
        """Fills in the accounts and permission sets that the file leaves out."""
        organisation = info.data.get("organisation")
        if not isinstance(organisation, Organisation):
            return target
        entries = [entry for group in organisation.access.catalogue.values() for entry in group]
        derived: dict[str, object] = {}
        if not target.accounts:
            derived["accounts"] = tuple(dict.fromkeys(entry.account for entry in entries))
        if not target.permission_sets:
            names = dict.fromkeys(entry.permission_set for entry in entries)
            derived["permission_sets"] = tuple(PermissionSetSpec(name=name) for name in names)
        return target.model_copy(update=derived) if derived else target

    @model_serializer(mode="wrap")
    def _without_unused_strategies(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What only another strategy would use is no assumption of this scenario, unless it says so itself; what a
        runbook adds to the timeline stands under its own name."""
        written: dict[str, Any] = handler(self)
        if self.runbooks:
            written["timeline"] = written["timeline"][: self.own_actions]
        else:
            written.pop("runbooks", None)
        used, part = strategies_of(self), written.get("provisioning", {})
        for strategy, key in (("ticket", "ticket"), ("event", "push")):
            if strategy not in used and key not in self.provisioning.model_fields_set:
                part.pop(key, None)
        return written
