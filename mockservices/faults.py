"""What goes wrong between a client and a service, and when: the same over both transports.

Invariant: whether a rule strikes depends on the rule, the operation, the object and how many times that was attempted
under the rule, never on the time or on what else is sent. The job's attempts, limits and counts are its own: nothing
that an outside client does changes what happens to the job. Without rules nothing is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import blake2b
from typing import Any, Final, TypeAlias

from mockservices.buckets import TokenBucket
from mockservices.clock import Clock, Millis
from mockservices.errors import ServiceError

FAIL_BEFORE: Final = "fail_before"
LOST_ANSWER: Final = "lost_answer"
THROTTLED: Final = "throttled"
SERVER_ERROR: Final = "server_error"
LATENCY: Final = "latency"
OUTAGE: Final = "outage"
EXPIRED_CREDENTIALS: Final = "expired_credentials"
NOT_SCIM: Final = "not_scim"
BLOCKED_USER_AGENT: Final = "blocked_user_agent"

SCIM, GRAPH = "scim", "graph"
ANY, OTHER = "any", "other"
OPERATIONS: Final = (
    "find_user", "get_user", "create_user", "update_user", "delete_user",
    "find_group", "get_group", "create_group", "update_group", "delete_group",
)  # fmt: skip
"""What a rule can be about; a group's memberships are changed by ``update_group``."""
JOB, OUTSIDE, PROBE = "job", "outside", "probe"
"""Who asks: the world's own job, anybody else, or the job's test of its connection, which leaves no mark."""
WAIT: Final = -1
"""As ``retry_after``: as long as the bucket needs to have a token again."""
LIMITS: Final = "limits"
"""Under this name the target's own throttle counts."""

Struck: TypeAlias = tuple[int, str, str, str, str, int]
"""(simulated ms, rule, kind, operation, object, attempt from 1) of a fault that hit the job."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that goes wrong, and under which conditions."""

    name: str
    kind: str
    service: str = SCIM
    operation: str = ANY
    at: Millis | None = Millis(0)
    """From when on it is in force; None: when somebody starts it."""
    lasts: Millis | None = None
    """For how long; None: until somebody ends it."""
    share: Fraction = Fraction(1)
    """Of the attempts, those that it strikes."""
    times: int | None = None
    """How often at most it strikes the same object."""
    objects: frozenset[str] = frozenset()
    """userNames or displayNames in the target, case folded; empty: every object."""
    status: int = 0
    """HTTP status of a server error, of an outage (0: no answer), or of the page that is no SCIM."""
    retry_after: int | None = None
    """Seconds for the header ``Retry-After``; None: no such header; :data:`WAIT`."""
    rate: Fraction | None = None
    """Requests a second that a throttle lets through; None: it strikes by ``share``."""
    burst: int = 1
    delay: Millis = Millis(0)
    """How much later an answer comes."""

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Rule:
        """The rule that plain JSON values stand for: those of :meth:`arguments`."""
        rate = arguments.get("rate")
        return cls(
            **{
                **arguments,
                "share": Fraction(arguments.get("share", 1)),
                "objects": frozenset(arguments.get("objects", ())),
                "rate": None if rate is None else Fraction(rate),
            }
        )

    def arguments(self) -> dict[str, Any]:
        """The rule as plain JSON values."""
        return {
            "name": self.name, "kind": self.kind, "service": self.service, "operation": self.operation, "at": self.at,
            "lasts": self.lasts, "share": str(self.share), "times": self.times, "objects": sorted(self.objects),
            "status": self.status, "retry_after": self.retry_after,
            "rate": None if self.rate is None else str(self.rate), "burst": self.burst, "delay": self.delay,
        }  # fmt: skip

    def covers(self, service: str, operation: str, name: str) -> bool:
        """Whether it is about such a request."""
        return (
            self.service == service
            and (self.operation in {ANY, operation})
            and (not self.objects or name in self.objects)
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one request."""

    kind: str = ""
    """Empty: it is carried out and answered."""
    status: int = 0
    retry_after: int | None = None
    delay: int = 0
    """Milliseconds that the answer, or giving up on one, takes beyond what a request usually takes."""

    @property
    def lost(self) -> bool:
        """It is carried out, and nobody hears of it."""
        return self.kind == LOST_ANSWER

    @property
    def dropped(self) -> bool:
        """It never arrives."""
        return self.kind == FAIL_BEFORE or (self.kind == OUTAGE and not self.status)

    @property
    def refused(self) -> bool:
        """It is answered without being carried out."""
        return bool(self.kind) and not self.lost and not self.dropped


PASSED: Final = Verdict()


class _Side:
    """What a rule knows of one sort of client."""

    __slots__ = ("attempts", "bucket", "hits", "struck")

    def __init__(self, rule: Rule) -> None:
        self.attempts: dict[tuple[str, str], int] = {}
        self.struck: dict[str, int] = {}
        self.hits = 0
        self.bucket = None if rule.rate is None else TokenBucket(rule.rate, rule.burst)


@dataclass(slots=True)
class _Held:
    """A rule, when it is in force, and what it has done."""

    rule: Rule
    since: Millis | None
    until: Millis | None
    key: bytes
    sides: dict[str, _Side] = field(init=False)

    def __post_init__(self) -> None:
        self.sides = {JOB: _Side(self.rule), OUTSIDE: _Side(self.rule)}

    def in_force(self, now: Millis) -> bool:
        return self.since is not None and self.since <= now and (self.until is None or now < self.until)


def aws_limits() -> Rule:
    """Identity Center's throttle on SCIM, 20 requests a second altogether; no ``Retry-After`` is documented.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html"""
    return Rule(LIMITS, THROTTLED, rate=Fraction(20), burst=20)


class Faults:
    """All rules of one world. Called on the world thread only, but for :attr:`idle`."""

    def __init__(
        self,
        clock: Clock,
        key: str,
        *,
        request_time: Millis = Millis(0),
        time_out: Millis = Millis(60_000),
        limits: Rule | None = None,
    ) -> None:
        """``key``: what the draws of this world depend on; ``request_time`` and ``time_out``: how long an answer
        usually takes, and how long the job waits for one; ``limits``: the target's own throttle."""
        self._clock = clock
        self._key = blake2b(f"jmlab faults {key}".encode(), digest_size=32).digest()
        self._patience = Millis(max(time_out - request_time, 0))
        self._limits = None if limits is None else self._held_as(limits)
        self._held: dict[str, _Held] = {}
        self.sink: Callable[[Struck], None] | None = None
        """Told of every fault that hits the job."""
        self.idle = limits is None
        """Whether nothing can go wrong: then nobody has to ask."""

    # --- rules -------------------------------------------------------------------------------------------

    def _held_as(self, rule: Rule) -> _Held:
        until = None if rule.at is None or rule.lasts is None else Millis(rule.at + rule.lasts)
        key = blake2b(rule.name.encode(), key=self._key, digest_size=32).digest()
        return _Held(rule, rule.at, until, key)

    def add(self, rule: Rule) -> None:
        """One rule more, asked after those that are there already; 409 when its name is taken."""
        if rule.name in self._held or rule.name == LIMITS:
            raise ServiceError(f'there is a fault called "{rule.name}" already', status=409)
        self._held[rule.name] = self._held_as(rule)
        self.idle = False

    def free_name(self) -> str:
        """A name for a rule that has none."""
        number = len(self._held) + 1
        while f"fault-{number}" in self._held:
            number += 1
        return f"fault-{number}"

    def start(self, name: str) -> None:
        """A rule is in force from now on, for as long as it lasts; 404 when there is none of this name."""
        held, now = self._named(name), self._clock.now
        held.since = now
        held.until = None if held.rule.lasts is None else Millis(now + held.rule.lasts)

    def end(self, name: str | None = None) -> None:
        """A rule, or every rule, is no longer in force; 404 when there is none of this name."""
        for held in self._held.values() if name is None else (self._named(name),):
            if held.since is not None:
                held.until = self._clock.now if held.until is None else min(held.until, self._clock.now)

    def _named(self, name: str) -> _Held:
        held = self._held.get(name)
        if held is None:
            known = f"there are {', '.join(self._held)}" if self._held else "there is none at all"
            raise ServiceError(f'there is no fault called "{name}"; {known}', status=404)
        return held

    # --- what becomes of a request -----------------------------------------------------------------------

    def decide(self, client: str, service: str, operation: str, name: str, *, agent: bool = False) -> Verdict:
        """What becomes of a request that a client sends now.

        ``name``: userName or displayName of the object that it is about; ``agent``: whether it says who sends it.
        The first rule in order that strikes decides; delays add up.
        """
        now, name = self._clock.now, name.casefold()
        delay, decided = 0, PASSED
        for held in self._held.values():
            rule = held.rule
            if not held.in_force(now) or not rule.covers(service, operation, name):
                continue
            if rule.kind == BLOCKED_USER_AGENT and (agent or not operation.startswith("update_")):
                continue
            attempt = self._attempt(held, client, operation, name)
            if decided.kind and rule.kind != LATENCY:
                continue
            wait = self._strikes(held, client, operation, name, attempt, now)
            if wait is None:
                continue
            self._note(held, client, (now, rule.name, rule.kind, operation, name, attempt))
            if rule.kind == LATENCY:
                delay += rule.delay
            else:
                decided = Verdict(rule.kind, rule.status, wait if rule.retry_after == WAIT else rule.retry_after)
        if self._limits is not None and service == SCIM and client != PROBE and (not decided.kind or decided.lost):
            decided = self._throttle(self._limits, client, operation, name, decided)
        if client == OUTSIDE:
            return decided if not delay else Verdict(decided.kind, decided.status, decided.retry_after, delay)
        return self._for_job(decided, delay)

    @staticmethod
    def _attempt(held: _Held, client: str, operation: str, name: str) -> int:
        if client == PROBE:
            return 1
        attempts = held.sides[client].attempts
        attempt = attempts[operation, name] = attempts.get((operation, name), 0) + 1
        return attempt

    @staticmethod
    def _strikes(held: _Held, client: str, operation: str, name: str, attempt: int, now: Millis) -> int | None:
        """None: it does not. Else the seconds after which a throttle would let a request through, or 0."""
        rule = held.rule
        if client == PROBE:
            # a test of the connection is no load; what is drawn for it is drawn for a name that nobody bears
            return None if rule.rate is not None or not _drawn(held, operation, name, attempt) else 0
        side = held.sides[client]
        if rule.times is not None and side.struck.get(name, 0) >= rule.times:
            return None
        if side.bucket is not None:
            wait = side.bucket.take(now)
            return -(-wait // 1000) if wait else None
        return 0 if _drawn(held, operation, name, attempt) else None

    def _throttle(self, held: _Held, client: str, operation: str, name: str, decided: Verdict) -> Verdict:
        """The target's own limit comes last: what never arrived, or was refused before it, does not count there."""
        attempt = self._attempt(held, client, operation, name)
        bucket = held.sides[client].bucket
        if bucket is None or not bucket.take(self._clock.now) or decided.kind:
            return decided
        self._note(held, client, (self._clock.now, held.rule.name, held.rule.kind, operation, name, attempt))
        return Verdict(THROTTLED, 429, held.rule.retry_after)

    def _note(self, held: _Held, client: str, struck: Struck) -> None:
        if client == PROBE:
            return
        side, name = held.sides[client], struck[4]
        side.hits += 1
        if held.rule.times is not None:
            side.struck[name] = side.struck.get(name, 0) + 1
        if client == JOB and self.sink is not None:
            self.sink(struck)

    def _for_job(self, decided: Verdict, delay: int) -> Verdict:
        """The job waits for an answer until its time-out and no longer."""
        patience = self._patience
        if decided.lost or decided.dropped:
            return Verdict(decided.kind, 0, None, patience)
        if delay > patience:  # the answer comes when nobody waits for it any more
            return Verdict(FAIL_BEFORE if decided.kind else LOST_ANSWER, 0, None, patience)
        return decided if not delay else Verdict(decided.kind, decided.status, decided.retry_after, delay)

    # --- what is told of them ----------------------------------------------------------------------------

    def _all(self) -> Sequence[_Held]:
        return [*self._held.values(), *(() if self._limits is None else (self._limits,))]

    def hits(self) -> dict[str, int]:
        """How often each rule has hit the job, by name."""
        return {held.rule.name: held.sides[JOB].hits for held in self._all()}

    def in_force(self) -> list[str]:
        """The names of the rules that are in force now."""
        return [held.rule.name for held in self._held.values() if held.in_force(self._clock.now)]

    def shown(self) -> list[dict[str, Any]]:
        """Every rule with what it has done, as JSON values; times are ISO 8601."""
        clock = self._clock
        return [
            {
                "name": held.rule.name,
                "kind": held.rule.kind,
                "service": held.rule.service,
                "operation": held.rule.operation,
                "in_force": held.in_force(clock.now),
                "since": None if held.since is None else clock.iso(held.since),
                "until": None if held.until is None else clock.iso(held.until),
                **{client: _counts(side) for client, side in held.sides.items()},
            }
            for held in self._all()
        ]


def _counts(side: _Side) -> dict[str, int]:
    return {"attempts": sum(side.attempts.values()), "hits": side.hits}


def _drawn(held: _Held, operation: str, name: str, attempt: int) -> bool:
    """Whether this attempt is one of the share that fails: a keyed hash in exact arithmetic."""
    share = held.rule.share
    if share >= 1:
        return True
    text = f"{operation}\0{name}\0{attempt}".encode("utf-8", "surrogatepass")
    drawn = int.from_bytes(blake2b(text, key=held.key, digest_size=8).digest(), "big")
    return drawn * share.denominator < share.numerator << 64
