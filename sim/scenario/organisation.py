"""The company in a scenario: departments, the access policy, and who is there when the story begins.

Invariant: the policy (birthright and catalogue) is the only place that says what somebody should have; memberships and
hand-made assignments say only what somebody has.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from mockservices.clock import Millis
from sim.provisioning.guests import invited
from sim.scenario.access import AccessRequest, Employment, ToxicPair
from sim.scenario.attributes import GivenAttributes
from sim.scenario.fields import (
    AnyPoint,
    Domain,
    Duration,
    Flag,
    MailNickname,
    Number,
    Part,
    PermissionSetName,
    PersonId,
    Text,
    Upn,
    UserName,
    ascii_local_part,
    exactly_one,
    wrong,
)
from sim.scenario.people import Location, Shares, Weight
from sim.scenario.sla import Clock, Sla
from sim.time import DAY


class Department(Part):
    """A department; `weight` is its share of a generated workforce, relative to the others.

    `roles`, `locations`: what its generated people are and where, each with its weight. A role is also the job title.
    """

    name: Text
    weight: Weight = 1
    roles: Shares = Field(default_factory=dict, examples=[{"Engineer": 8, "Tech lead": 1}])
    locations: Shares = Field(default_factory=dict, examples=[{"Berlin": 2, "Lisbon": 1}])


class BirthrightRule(Part):
    """People whose facts match get the groups; a fact that is left out matches everybody."""

    department: Text | None = None
    role: Text | None = None
    location: Text | None = None
    employment: Employment | None = None
    groups: Annotated[tuple[Text, ...], Field(min_length=1)]


class CatalogueEntry(Part):
    """A permission set on an account, which a group gives to its members."""

    permission_set: PermissionSetName
    account: Text
    privileged: Flag = False


class AccessException(Part):
    """A grant that the policy allows one person beside the groups."""

    person: Text
    permission_set: PermissionSetName
    account: Text


class Access(Part):
    """The access policy: facts to groups, groups to permission sets on accounts.

    `requests`: groups that people ask for, with an end. `toxic`: what nobody should hold together.
    """

    birthright: tuple[BirthrightRule, ...] = ()
    requests: tuple[AccessRequest, ...] = ()
    catalogue: dict[Text, tuple[CatalogueEntry, ...]] = Field(default_factory=dict)
    exceptions: tuple[AccessException, ...] = ()
    toxic: tuple[ToxicPair, ...] = ()


class Organisation(Part):
    """The company and its rules.

    `locations`: offices with their addresses; a department without locations of its own is at all of them.
    `stale_after`: for how long somebody must have been disabled until what they still hold is stale.
    `from`: exports of groups and assignments (files, or directories of them) from which the access policy and, without
    a workforce, the people are taken; see docs/howto-own-data.md. `birthright_share`: with what share of a department's
    people in a group the department gets it; 0.8 where it is left out. `names`: whether people of the exports appear
    under pseudonyms or as they are called.
    `truth_of_manual_changes`: whether an administrator's act on a person of HR counts as HR's own word (`follows`) or
    as a deviation from it (`stays`). `sla`: what is promised; `sla_clock`: from when on the time counts, from when
    something is true (`effective`) or from when HR knew (`notified`).
    """

    from_: Annotated[
        tuple[Text, ...] | None,
        Field(alias="from", min_length=1, examples=[["exports"]]),
        BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    ] = None
    birthright_share: Annotated[Number | None, Field(gt=0, le=1)] = None
    names: Literal["hashed", "kept"] | None = None
    domain: Domain = "contoso.example"
    departments: tuple[Department, ...] = ()
    locations: tuple[Location, ...] = ()
    stale_after: Duration = Millis(30 * DAY)
    truth_of_manual_changes: Literal["follows", "stays"] = "follows"
    sla: Sla | None = None
    sla_clock: Clock = "effective"
    access: Access = Access()

    @model_validator(mode="after")
    def _only_of_exports(self) -> Organisation:
        for key in ("birthright_share", "names"):
            if self.from_ is None and getattr(self, key) is not None:
                raise wrong("this is about exports; name them under from, or leave it out", key)
        return self


class PersonSpec(Part):
    """A person by name: somebody who is there at the start, joins, or gets an account from an administrator.

    `attributes`: further properties of the account, by Graph's names, such as `jobTitle` or `businessPhones`.
    `guest`: the address by which somebody from another organisation was invited; the name of the account comes from it.
    """

    id: PersonId
    given_name: Text
    family_name: Text
    department: Text
    role: Text | None = None
    location: Text | None = None
    employment: Employment = "employee"
    user_principal_name: Upn | None = None
    mail_nickname: MailNickname | None = None
    guest: Upn | None = None
    enabled: Flag = True
    contract_end: AnyPoint | None = None
    attributes: GivenAttributes = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_name(self) -> PersonSpec:
        if self.guest is not None and self.user_principal_name is not None:
            raise wrong("guest and user_principal_name exclude each other; give one of them", "guest")
        return self

    @property
    def display_name(self) -> str:
        """Given name and family name."""
        return f"{self.given_name} {self.family_name}"

    def upn(self, domain: str) -> str:
        """The userPrincipalName: as written, of an invitation, or ``given.family@domain`` in lower-case ASCII."""
        if self.guest is not None:
            return invited(self.guest, domain)
        if self.user_principal_name is not None:
            return self.user_principal_name
        names = (ascii_local_part(self.given_name), ascii_local_part(self.family_name))
        return f"{'.'.join(name for name in names if name)[:64].strip('.') or self.id}@{domain}"

    def nickname(self, domain: str) -> str:
        """The mailNickname: as written, or what stands before the @ of the userPrincipalName."""
        return self.mail_nickname if self.mail_nickname is not None else self.upn(domain).partition("@")[0]


class PersonBefore(PersonSpec):
    """Somebody who is there at the start; `disabled_at`: when their account was disabled, before the start."""

    disabled_at: AnyPoint | None = None

    @model_validator(mode="after")
    def _disabled_before(self) -> PersonBefore:
        if self.disabled_at is not None and self.disabled_at >= 0:
            raise wrong("must lie before the start, such as -35d; later is a disable in the timeline", "disabled_at")
        return self

    @property
    def account_enabled(self) -> bool:
        """Whether the account can be used when the story begins."""
        return self.enabled and self.disabled_at is None


class GroupSpec(Part):
    """A group of the directory; `assigned`: whether it is assigned to the application, and so in scope."""

    name: Text
    assigned: Flag = True


class Membership(Part):
    """A membership that somebody made by hand in the directory."""

    group: Text
    person: Text


class TargetUserSpec(Part):
    """A user made by hand in the target; `owner` is the person it belongs to."""

    user_name: UserName
    owner: Text | None = None
    display_name: Text | None = None
    given_name: Text
    family_name: Text
    active: Flag = True


class HandAssignment(Part):
    """A permission set that somebody assigned by hand in the target, to a user or to a group."""

    user: Text | None = None
    group: Text | None = None
    permission_set: PermissionSetName
    account: Text

    @model_validator(mode="after")
    def _one_principal(self) -> HandAssignment:
        exactly_one(self, "user", "group")
        return self


class Before(Part):
    """What is the case when the story begins.

    Every group of the catalogue exists and is assigned to the application, unless `groups` says otherwise.
    """

    people: tuple[PersonBefore, ...] = ()
    groups: tuple[GroupSpec, ...] = ()
    members: tuple[Membership, ...] = ()
    target_users: tuple[TargetUserSpec, ...] = ()
    assignments: tuple[HandAssignment, ...] = ()
