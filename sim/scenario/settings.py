"""How a scenario's world runs: the provisioning job, and the target.

Invariant: a default that stands for the real world names its public source and how good that source is.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from mockservices.clock import Millis
from sim.scenario.demand import OnDemand, Pim
from sim.scenario.fields import (
    Duration,
    Flag,
    Number,
    Part,
    PermissionSetName,
    Text,
    Whole,
    Within,
    read_duration,
    sourced,
    wrong,
)
from sim.scenario.hours import OfficeHours
from sim.scenario.mappings import Mappings, MappingsField
from sim.scenario.retries import (
    LOST_SOURCE,
    THROTTLED_SOURCE,
    DeletionThreshold,
    Quarantine,
    Retries,
    read_deletion_threshold,
)
from sim.scenario.scope import (
    GROUP_DELETE_SOURCE,
    PURGED_SOURCE,
    ROLES_SOURCE,
    SCOPE_SOURCE,
    SKIP_SOURCE,
    SOFT_DELETE_SOURCE,
    AppRole,
    Scoping,
    TargetActions,
)
from sim.scenario.sessions import Sessions
from sim.scenario.ticketing import Push, Strategy, Ticketing
from sim.time import DAY, DURATION_PATTERN, HOUR, LONGEST, MINUTE, SECOND, format_duration

_CYCLE: Final = "https://learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial"
_DURATIONS: Final = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/"
    "application-provisioning-when-will-provisioning-finish-specific-user "
    "(0.01 to 0.08 minutes an object, which is 0.2 to 1.7 objects a second)"
)
_MEMBERS: Final = "https://docs.aws.amazon.com/singlesignon/latest/developerguide/patchgroup.html (at most 100)"
_LEGACY: Final = (
    "https://learn.microsoft.com/entra/identity/app-provisioning/"
    "application-provisioning-config-problem-scim-compatibility"
)
_LIMITS: Final = "https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html (100,000 users, raisable)"
_SESSION: Final = (
    "https://github.com/awsdocs/aws-single-sign-on-user-guide/blob/1a4526f/doc_source/howtosessionduration.md "
    "(1 to 12 hours)"
)
_PATIENCE: Final = "https://learn.microsoft.com/en-us/answers/questions/1151866 (an answer within 60 seconds)"
_TOKEN: Final = "https://docs.aws.amazon.com/singlesignon/latest/userguide/provision-automatically.html (one year)"
_ASSUMED: Final = "assumption: no public figure was found"


# --- provisioning -------------------------------------------------------------


def _read_phase(value: object) -> Millis | Literal["random"]:
    if value == "random":
        return "random"
    phase = read_duration(value)
    if phase > DAY:
        raise wrong(f"{format_duration(phase)} is out of range; allowed is random, or a duration from 0m to 1d")
    return phase


def _write_phase(value: Millis | Literal["random"]) -> str:
    return value if isinstance(value, str) else format_duration(value)


Phase = Annotated[
    Millis | Literal["random"],
    PlainValidator(_read_phase),
    PlainSerializer(_write_phase, return_type=str),
    WithJsonSchema({"anyOf": [{"const": "random"}, {"type": "string", "pattern": DURATION_PATTERN}]}),
]


class Pace(Part):
    """How fast the job works: objects a second in an initial cycle, requests a second in an incremental one.

    `matched`: objects a second in an initial cycle among those that are there already; where it is left out, as many.
    Microsoft's page has it that creating takes about twice as long as matching.
    """

    initial: Annotated[Number, Field(gt=0, le=1000)] = sourced(1.2, source=_DURATIONS, grade="A")
    matched: Annotated[Number | None, Field(gt=0, le=1000)] = None
    incremental: Annotated[Number, Field(gt=0, le=1000)] = sourced(10.0, source=_ASSUMED, grade="D")


class Provisioning(Part):
    """The job that carries changes from the directory to the target.

    `phase`: when its cycles fall; `random` draws one offset per replication over 24 hours. `overrun`: when the next
    cycle begins after one that took longer than the interval: `at_once`, or with the `next_gate`; with `after_end`
    every cycle begins an interval after the end of the one before it. `hours`: hours of the week with an interval of
    their own; the first that covers a time counts. `runbook`: what is done at once about everybody who goes for good,
    beside the cycles: `unassign_first` takes the assignments away, provisions on demand and then disables the account;
    `disable_first` disables first, after which provisioning on demand does nothing. `retry_after`:
    whether the job waits as long as a 429 asks for and sends the request again, at most `retry_after_limit` times in
    a row. `lost_create`: what is done in the next cycle about a creation whose answer never came. `notify`: who gets
    the notification mails.

    `scope`: whether users and groups have to be assigned. `entitling_roles`: with which app role they
    count as assigned. `scoping`: which of them pass. `skip_out_of_scope_deletions`:
    what falls out of scope is left as it is. `actions`: what may be done in the target. `soft_delete`: whether the
    target can disable users; if not, they are deleted. `group_delete`: which deletion of a group deletes it in the
    target, that to the recycle bin or that for good. `purged_between_cycles`: what is done about a user who was deleted
    and purged between two cycles.

    `strategy`: how changes are carried to the target: by the job's cycles, by `ticket`, by a push for every `event`, or
    not at all; phases may have their own.
    """

    strategy: Strategy = "cycle"
    interval: Annotated[Duration, Within(MINUTE, LONGEST)] = sourced(Millis(40 * MINUTE), source=_CYCLE, grade="A")
    phase: Phase = "random"
    on_leave: Literal["disable", "delete"] = "disable"
    pace: Pace = Pace()
    hours: tuple[OfficeHours, ...] = ()
    overrun: Literal["at_once", "next_gate", "after_end"] = sourced("at_once", source=_ASSUMED, grade="D")
    retry_after: Literal["honour", "next_cycle"] = sourced("honour", source=THROTTLED_SOURCE, grade="C")
    retry_after_limit: Annotated[Whole, Field(ge=1, le=100)] = sourced(5, source=_ASSUMED, grade="D")
    lost_create: Literal["look_up", "repost"] = sourced("look_up", source=LOST_SOURCE, grade="D")
    retries: Retries = Retries()
    quarantine: Quarantine = Quarantine()
    deletion_threshold: Annotated[DeletionThreshold | None, BeforeValidator(read_deletion_threshold)] = None
    notify: Text | None = None
    members_per_patch: Annotated[Whole, Field(ge=1, le=100)] = sourced(1, source=_MEMBERS, grade="D")
    patch_dialect: Literal["legacy", "compliant"] = sourced("legacy", source=_LEGACY, grade="A")
    connection_probe: Flag = False
    on_demand: OnDemand = OnDemand()
    runbook: Literal["none", "unassign_first", "disable_first"] = "none"
    pim: Pim = Pim()
    request_timeout: Annotated[Duration, Within(SECOND, HOUR)] = sourced(MINUTE, source=_PATIENCE, grade="A")
    mappings: MappingsField = Mappings()
    scope: Literal["assigned", "all"] = sourced("assigned", source=SCOPE_SOURCE, grade="A")
    entitling_roles: Annotated[tuple[AppRole, ...], Field(min_length=1)] = sourced(
        ("User", "msiam_access"), source=ROLES_SOURCE, grade="D"
    )
    scoping: Scoping = Scoping()
    skip_out_of_scope_deletions: Flag = sourced(False, source=SKIP_SOURCE, grade="A")
    actions: TargetActions = TargetActions()
    soft_delete: Flag = sourced(True, source=SOFT_DELETE_SOURCE, grade="B")
    group_delete: Literal["soft", "hard"] = sourced("soft", source=GROUP_DELETE_SOURCE, grade="D")
    purged_between_cycles: Literal["delete", "nothing"] = sourced("delete", source=PURGED_SOURCE, grade="B")
    ticket: Ticketing = Ticketing()
    push: Push = Push()


# --- target -------------------------------------------------------------------


class PermissionSetSpec(Part):
    """A permission set; `session` is how long a role session from it lasts."""

    name: PermissionSetName
    managed_policies: tuple[Text, ...] = ()
    session: Annotated[Duration, Within(HOUR, Millis(12 * HOUR))] = sourced(HOUR, source=_SESSION, grade="A")


Quirk: TypeAlias = Literal["strict_booleans", "removal_empties_group", "inactive_leave_groups"]
"""Habits of SCIM servers in the field that AWS does not have, as `mockservices.scim.profiles.Profile` names them."""


class Target(Part):
    """The service that is provisioned; accounts and permission sets left out are those of the catalogue.

    `quirks`: what other SCIM servers do and AWS does not. `strict_booleans` refuses `"False"` as text,
    `removal_empties_group` reads the legacy removal of one member as one of all, `inactive_leave_groups` ends the
    memberships of a user who is switched off.

    `limits`: `aws` is AWS's throttle of 20 requests a second
    (https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html); then 429s come by themselves.

    `token_life`: how long the SCIM token is good for from the start, or from when automatic provisioning is turned on.
    After that every request is answered with 401.

    `sign_in`: `federated` lets the directory decide on a sign-in as soon as the identity source is external; `local`
    means that users of the target have passwords of their own.

    `sessions`: with it, portal sessions and role sessions are part of the story.

    `set_up`: `by_hand` leaves to whoever runs the world what otherwise stands at the start or is in the timeline:
    Identity Center, its identity source, automatic provisioning, the permission sets that only the catalogue names,
    their assignment to groups, the job's credentials and its start.
    """

    profile: Literal["aws"] = "aws"
    set_up: Literal["done", "by_hand"] = "done"
    request_time: Annotated[Duration, Within(Millis(0), HOUR)] = sourced(Millis(100), source=_ASSUMED, grade="D")
    accounts: tuple[Text, ...] = ()
    permission_sets: tuple[PermissionSetSpec, ...] = ()
    users_quota: Annotated[Whole, Field(ge=1)] = sourced(100_000, source=_LIMITS, grade="A")
    limits: Literal["none", "aws"] = "none"
    sign_in: Literal["federated", "local"] = "federated"
    sessions: Sessions | None = None
    token_life: Annotated[Duration, Within(MINUTE, LONGEST)] = sourced(Millis(365 * DAY), source=_TOKEN, grade="A")
    quirks: Annotated[tuple[Quirk, ...], Field(examples=[["strict_booleans"]])] = ()
