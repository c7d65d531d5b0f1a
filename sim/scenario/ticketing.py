"""How access is given and taken by ticket, as a scenario says it, and how soon a push arrives.

Invariant: a default that stands for the real world names its public source and how good that source is. Nobody has
published how many tickets are forgotten; what is said about it here is an assumption with a range.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
    model_validator,
)

from mockservices.clock import Millis
from sim.scenario.fields import (
    Distribution,
    DistributionField,
    Duration,
    Flag,
    Number,
    Part,
    Whole,
    Within,
    read_distribution,
    sourced,
    write_distribution,
    wrong,
)
from sim.scenario.zones import TimeZone
from sim.time import DAY, DURATION_PATTERN, HOUR, LONGEST, MINUTE, SECOND, format_duration

Strategy: TypeAlias = Literal["cycle", "ticket", "event", "none"]
"""How changes in the directory are carried to the target."""
BY_JOB: Final = frozenset({"cycle", "event"})
"""The strategies in which the provisioning job runs."""
SURVEY: Final = "survey"
"""The delays of a survey among companies, in place of a range."""
Delay: TypeAlias = Distribution | Literal["survey"]

_CASE: Final = (
    "one deployment's report (a joiner waits 24 to 72 hours); half of 313 companies take 3 days or more to take access "
    "away, https://www.netsec.news/u-s-companies-slow-to-terminate-access-to-systems-when-employees-leave-the-company/"
)
_FORGOTTEN: Final = (
    "assumption, range 0.02 to 0.15: surveys count people with any access left (13 to 35 %, "
    "https://www.onelogin.com/resource-center/topics/deprovisioning-secret), not forgotten tickets"
)
_ASKED_FOR: Final = "assumption: whoever lacks access asks for it until it is there"
_CONTRACTORS: Final = (
    "assumption, the upper end of 0.02 to 0.15: most companies end the access of non-employees by hand (83 %, "
    "https://www.sailpoint.com/identity-library/non-employee-security), and no HR process tells them when"
)
_KEEPS: Final = (
    "assumption: in one deployment's report movers kept all they had; no figure was found for other companies"
)
_ASSUMED: Final = "assumption: no public figure was found"
_CONSOLE: Final = (
    "one deployment's report: find the permission set, find the account, make the assignment; "
    "https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateAccountAssignment.html"
)
_CAUGHT: Final = "assumption, range 0.5 to 0.95: what a review finds has not been published"
_PUSH: Final = "assumption, range 1s to 15m: no public figure for signals of the kind that CAEP describes"

Share = Annotated[Number, Field(ge=0, le=1)]


def _read_delay(value: object) -> Delay:
    if value == SURVEY:
        return SURVEY
    if isinstance(value, str) and value[:1].isalpha() and not value.upper().startswith("P"):
        raise wrong(f"'{value}' is no delay; write survey, a duration such as 48h, or {{uniform: [24h, 72h]}}")
    return read_distribution(value)


def _write_delay(value: Delay) -> object:
    return value if isinstance(value, str) else write_distribution(value)


_A_DURATION: Final = {"type": "string", "pattern": DURATION_PATTERN}
DelayField = Annotated[
    Delay,
    PlainValidator(_read_delay),
    PlainSerializer(_write_delay),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": SURVEY},
                _A_DURATION,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["uniform"],
                    "properties": {"uniform": {"type": "array", "items": _A_DURATION, "minItems": 2, "maxItems": 2}},
                },
            ]
        }
    ),
]


class JoinerTickets(Part):
    """Tickets for somebody who comes, or comes back."""

    forgotten: Share = sourced(0.0, source=_ASKED_FOR, grade="D")
    delay: DelayField | None = None


class MoverTickets(Part):
    """Tickets for somebody who goes elsewhere in the company.

    `keeps`: how likely the worker gives what is new and takes nothing away.
    """

    forgotten: Share = sourced(0.0, source=_ASKED_FOR, grade="D")
    keeps: Share = sourced(0.5, source=_KEEPS, grade="D")
    delay: DelayField | None = None


class LeaverTickets(Part):
    """Tickets for somebody who goes, for good or for a while.

    `forgotten`: how likely nobody raises one. `overlooked`: the share of the assignments that a worker does not see
    when taking them away one by one.
    """

    forgotten: Share = sourced(0.05, source=_FORGOTTEN, grade="D")
    overlooked: Share = sourced(0.0, source=_ASSUMED, grade="D")
    delay: DelayField | None = None


class ContractorTickets(Part):
    """The same for somebody whose contract ends: at 1 nobody ever raises a ticket about that."""

    forgotten: Share = sourced(0.15, source=_CONTRACTORS, grade="D")
    overlooked: Share = sourced(0.0, source=_ASSUMED, grade="D")
    delay: DelayField | None = None


class Operators(Part):
    """The people who work tickets, one at a time, oldest first: Monday to Friday between two hours of the day.

    `handling`: how long one ticket keeps one of them. `timezone`: whose clock the hours are read on; without it, that
    of the workforce, which is UTC unless the scenario says otherwise.
    """

    number: Annotated[Whole, Field(ge=1, le=1000)]
    handling: DistributionField = sourced(
        Distribution(Millis(10 * MINUTE), Millis(30 * MINUTE)), source=_ASSUMED, grade="D"
    )
    opens: Annotated[Duration, Within(Millis(0), DAY)] = sourced(Millis(9 * HOUR), source=_ASSUMED, grade="D")
    closes: Annotated[Duration, Within(Millis(0), DAY)] = sourced(Millis(17 * HOUR), source=_ASSUMED, grade="D")
    weekends: Flag = False
    timezone: TimeZone | None = None

    @model_validator(mode="after")
    def _open_for_a_while(self) -> Operators:
        if self.closes <= self.opens:
            hours = f"{format_duration(self.opens)} to {format_duration(self.closes)}"
            raise wrong(f"nobody works from {hours}; closes comes after opens on the same day", "closes")
        return self


class Review(Part):
    """A periodic look at who holds what: every so often since the start.

    `catches`: the share of what should not be there that the reviewers see, assignment by assignment. What they see
    becomes a ticket, which is not forgotten.
    """

    every: Annotated[Duration, Within(HOUR, LONGEST)]
    catches: Share = sourced(0.8, source=_CAUGHT, grade="D")


class Ticketing(Part):
    """Access by ticket: a change in the directory becomes a ticket, and somebody works it in the target's console.

    `delay`: from the change until the ticket is worked, where there are no `operators`; a kind of ticket may have its
    own. With operators a ticket waits in a queue for one of them, after `approval`.

    `gives`: assignments made to the user itself, as the console offers it, or memberships of groups made by hand.
    `ends`: what is done about somebody who has gone: every assignment is taken away, or the user is disabled or
    deleted. `user_names`: what users that are made by hand are called; by their userPrincipalName a job that comes
    later finds them, by their mailNickname it does not.
    """

    delay: DelayField = sourced(Distribution(Millis(24 * HOUR), Millis(72 * HOUR)), source=_CASE, grade="C")
    joiners: JoinerTickets = JoinerTickets()
    movers: MoverTickets = MoverTickets()
    leavers: LeaverTickets = LeaverTickets()
    contractors: ContractorTickets = ContractorTickets()
    operators: Operators | None = None
    approval: DistributionField = sourced(Distribution(Millis(0), Millis(0)), source=_ASSUMED, grade="D")
    review: Review | None = None
    gives: Literal["assignments", "memberships"] = sourced("assignments", source=_CONSOLE, grade="C")
    ends: Literal["unassign", "disable", "delete"] = sourced("unassign", source=_CONSOLE, grade="D")
    user_names: Literal["user_principal_name", "mail_nickname"] = sourced(
        "user_principal_name", source=_ASSUMED, grade="D"
    )

    @model_validator(mode="after")
    def _one_way_to_wait(self) -> Ticketing:
        kinds: dict[str, Any] = {
            "joiners": self.joiners, "movers": self.movers, "leavers": self.leavers, "contractors": self.contractors,
        }  # fmt: skip
        own = [name for name, kind in kinds.items() if kind.delay is not None]
        if self.operators is not None and ("delay" in self.model_fields_set or own):
            where = () if "delay" in self.model_fields_set else (own[0],)
            raise wrong(
                "delay and operators exclude each other: with operators the queue decides how long a ticket waits; "
                "keep one of them, or write approval for a wait before the queue",
                *where,
                "delay",
            )
        if self.operators is None and "approval" in self.model_fields_set:
            raise wrong("approval comes before a queue, and without operators there is none; write delay", "approval")
        if self.ends != "unassign":
            for name in ("leavers", "contractors"):
                if kinds[name].overlooked:
                    raise wrong(
                        f"nothing is overlooked where a user is {self.ends}d as a whole; write ends: unassign, "
                        "or overlooked: 0",
                        name,
                        "overlooked",
                    )
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_waited_for(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        written.pop("approval" if self.operators is None else "delay", None)
        return written


class Push(Part):
    """Access by event: what changes in the directory is told to the job, which carries it at once.

    `delay`: from the change until the job begins.
    """

    delay: Annotated[Duration, Within(Millis(0), LONGEST)] = sourced(Millis(5 * SECOND), source=_PUSH, grade="D")
