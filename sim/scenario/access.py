"""Access beyond birthright in a scenario: what people ask for and for how long, and which access nobody should combine.

Invariant: a request gives exactly one group, and a toxic pair has exactly two sides of one kind.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, model_validator

from mockservices.clock import Millis
from sim.scenario.action import Action
from sim.scenario.fields import (
    Distribution,
    DistributionField,
    Flag,
    Number,
    Part,
    PermissionSetName,
    Point,
    Text,
    exactly_one,
    sourced,
    wrong,
)
from sim.time import DAY

Employment: TypeAlias = Literal["employee", "contractor"]

_LASTS: Final = (
    "assumption: a quarter; https://learn.microsoft.com/graph/api/resources/accesspackageassignment has it that an "
    "assignment is for a particular time, and leaves its length to the company"
)
_FORGOTTEN: Final = (
    "https://learn.microsoft.com/graph/api/resources/accesspackageassignment (entitlement management ends what has "
    "expired by itself; where people have to do it, 2 to 15 % are missed, an assumption)"
)


class AccessRequest(Part):
    """Access that people ask for, beside what their facts give them.

    Whoever matches the facts asks for the group `rate` times a year, in working hours. The access is theirs for
    `lasts`; then it is taken away, or in the share `forgotten` of cases it is not.
    """

    group: Text
    department: Text | None = None
    role: Text | None = None
    location: Text | None = None
    employment: Employment | None = None
    rate: Annotated[Number, Field(gt=0, le=100)]
    lasts: DistributionField = sourced(Distribution(Millis(90 * DAY), Millis(90 * DAY)), source=_LASTS, grade="D")
    forgotten: Annotated[Number, Field(ge=0, le=1)] = sourced(0.0, source=_FORGOTTEN, grade="D")

    @model_validator(mode="after")
    def _lasts_a_while(self) -> AccessRequest:
        if self.lasts.low <= 0:
            raise wrong("requested access lasts longer than nothing; for example 30d", "lasts")
        return self


class ToxicPair(Part):
    """Two groups, or two permission sets, that nobody should hold together (separation of duties).

    A group is held by whoever holds everything that the catalogue gives to it, a permission set by whoever has it on
    any account, or on `account` where one is given.
    """

    name: Text
    groups: tuple[Text, ...] | None = None
    permission_sets: tuple[PermissionSetName, ...] | None = None
    account: Text | None = None

    @model_validator(mode="after")
    def _two_sides(self) -> ToxicPair:
        exactly_one(self, "groups", "permission_sets")
        key = "permission_sets" if self.groups is None else "groups"
        sides = self.permission_sets if self.groups is None else self.groups
        if sides is not None and (len(sides) != 2 or sides[0] == sides[1]):
            raise wrong("a toxic pair has two different sides; for example [Payments-Create, Payments-Approve]", key)
        if self.account is not None and self.groups is not None:
            raise wrong("only permission sets are held on an account; leave account out", "account")
        return self


class RequestAccess(Action):
    """Somebody asks for a group and gets it, in the directory at once, until its end or for good.

    Asked for again while it lasts, the later end counts. `forgotten`: nobody takes it away at its end.
    """

    do: Literal["request_access"]
    person: Text
    group: Text
    until: Point | None = None
    forgotten: Flag = False

    @model_validator(mode="after")
    def _ends_later(self) -> RequestAccess:
        if self.until is not None and self.until <= self.at:
            raise wrong("the access would end before it begins; give a later time", "until")
        if self.forgotten and self.until is None:
            raise wrong("only access with an end can be forgotten; give until", "forgotten")
        return self


class EndAccess(Action):
    """Access that somebody had asked for ends early, in the directory at once."""

    do: Literal["end_access"]
    person: Text
    group: Text


AccessActs: TypeAlias = RequestAccess | EndAccess
