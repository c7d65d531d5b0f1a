"""Three-person scenarios as plain values, run to their end, and what was seen of them in the words of the rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockservices.changes import Trace
from sim.observation.exposure import GrantRow, PersonRow
from sim.observation.latency import LatencyRow
from sim.observation.person import Person
from sim.parts import Parts
from sim.ports import Answer, Request, Source, Target
from sim.provisioning.driver import CycleRow
from sim.scenario import Scenario, scenario_from
from sim.world import DirectPorts, World

SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
CYCLE = 40 * MINUTE
"""Gates of every story are at 0, 40m, 80m, 120m …; request k of an incremental cycle is 100 ms * k later."""

ACCESS: dict[str, Any] = {
    "birthright": [
        {"department": "Engineering", "groups": ["Engineers"]},
        {"department": "Operations", "groups": ["Operators"]},
        {"department": "Security", "groups": ["Engineers", "Auditors"]},
    ],
    "catalogue": {
        "Engineers": [{"permission_set": "ReadOnly", "account": "dev"}],
        "Operators": [{"permission_set": "PowerUser", "account": "dev"}],
        "Auditors": [{"permission_set": "Audit", "account": "prod", "privileged": True}],
    },
}
"""Engineering: ReadOnly. Operations: PowerUser. Security: ReadOnly and Audit. Everybody else: nothing."""


def person(name: str, department: str = "Engineering", **more: Any) -> dict[str, Any]:
    """Somebody with the userPrincipalName ``name.example@contoso.example``."""
    return {"id": name, "given_name": name.capitalize(), "family_name": "Example", "department": department, **more}


THREE = [person("ann"), person("bob", "Operations"), person("cyd", "Security")]


def act(at: str, do: str, who: str | None = None, **more: Any) -> dict[str, Any]:
    """One action of a timeline."""
    action = {"at": at, "do": do, **more}
    if who is not None:
        action["person"] = who
    return action


def join(at: str, name: str, department: str = "Engineering", **more: Any) -> dict[str, Any]:
    """HR's ``join`` of somebody new."""
    return {"at": at, "do": "join", "person": person(name, department), **more}


def told(*timeline: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The values of a scenario of four hours with Ann, Bob and Cyd, in sync at the start, gates at multiples of 40m.

    Only names and addresses are mapped, so a move sends memberships and nothing else: requests are easy to count.
    ``more`` replaces keys; two underscores lead inwards: ``provisioning__interval="20m"``.
    """
    values: dict[str, Any] = {
        "scenario": "story",
        "title": "A story for one rule",
        "start": "2026-03-02T08:00:00Z",
        "duration": "4h",
        "start_state": "in_sync",
        "organisation": {"access": dict(ACCESS)},
        "before": {"people": THREE},
        "provisioning": {
            "interval": "40m",
            "phase": "0m",
            "pace": {"initial": 1, "incremental": 10},
            "mappings": "minimal",
        },
        "target": {"request_time": "100ms"},
        "timeline": list(timeline),
    }
    for path, value in more.items():
        *above, last = path.split("__")
        inner = values
        for key in above:
            inner = inner.setdefault(key, {})
        inner[last] = value
    return values


class Latency(NamedTuple):
    """A latency with its hops, in ms; ``end`` is None while it is open."""

    kind: str
    who: str
    start: int
    end: int | None
    hr: int
    wait: int
    processing: int
    retry: int

    @property
    def ms(self) -> int:
        """How long it took, by its hops."""
        return self.hr + self.wait + self.processing + self.retry


class Piece(NamedTuple):
    """A stretch of a person interval, or of a grant's: ``until`` is None when the run ended before."""

    who: str
    cause: str
    waiting: str
    since: int
    until: int | None


class Grant(NamedTuple):
    """A stretch in which a grant was orphaned."""

    who: str
    grant: str
    cause: str
    since: int
    until: int | None


@dataclass(slots=True)
class Seen:
    """A world, and what its observers have handed on."""

    world: World
    latency_rows: list[LatencyRow] = field(default_factory=list)
    person_rows: list[PersonRow] = field(default_factory=list)
    grant_rows: list[GrantRow] = field(default_factory=list)
    sent: list[tuple[int, str, int]] = field(default_factory=list)
    """(when, what, status) of every request of the job."""
    trace: list[str] = field(default_factory=list)
    divergence: list[tuple[int, int, int]] = field(default_factory=list)
    """(start of the cycle, before it, after it) for every cycle that had something to do."""

    # --- people ------------------------------------------------------------------------------------------

    def name(self, number: int) -> str:
        """What the scenario calls a person, or the name of a user that belongs to nobody."""
        for name, known in self.world.parts.register.names.items():
            if known == number:
                return name
        return self.world.parts.register.label(number)

    def person(self, name: str) -> Person:
        """What observation keeps about somebody."""
        return self.world.parts.ledger.person(self.world.parts.register.names[name])

    def grants(self, numbers: frozenset[int]) -> list[str]:
        """Grants as ``ReadOnly@dev``, sorted."""
        parts = [self.world.services.instance.grant_parts(number) for number in numbers]
        return sorted(f"{permission_set.name}@{account.name}" for account, permission_set in parts)

    def held(self, name: str) -> list[str]:
        """What the target honours for somebody now."""
        return self.grants(self.person(name).effective)

    def entitled(self, name: str) -> list[str]:
        """What truth gives somebody now."""
        return self.grants(self.person(name).entitled)

    # --- events ------------------------------------------------------------------------------------------

    @property
    def latencies(self) -> list[Latency]:
        """Every latency, finished ones first; without the overlap and gap of moves."""
        now = self.world.now
        rows = [row for row in self.latency_rows if not row[0].startswith(("mover_overlap", "mover_gap"))]
        rows += [m.row(now, ended=False) for p in self.world.parts.ledger.touched() for m in p.measures]
        return [Latency(row[0], self.name(row[2]), row[3], row[4], *row[6:10]) for row in rows]

    def done(self, kind: str) -> list[int]:
        """Finished latencies of a kind, in the order in which they finished."""
        return list(self.world.parts.ledger.events.latencies.done.get(kind, ()))

    @property
    def outcomes(self) -> dict[str, int]:
        """Events that ended without a latency."""
        latencies = self.world.parts.ledger.events.latencies
        named = {
            "superseded": latencies.superseded,
            "nothing_to_remove": latencies.nothing_to_remove,
            "no_change": latencies.no_change,
        }
        return {name: count for name, count in named.items() if count}

    @property
    def counts(self) -> dict[str, int]:
        """How many events of each kind there were."""
        return self.world.parts.ledger.events.counts

    # --- exposure ----------------------------------------------------------------------------------------

    @property
    def pieces(self) -> list[Piece]:
        """Stretches of orphaned access of people, in order; neighbours that are alike are one."""
        rows = [*self.person_rows, *self.world.parts.ledger.open_people()]
        found = [
            Piece(self.name(who), str(cause), str(waiting), since, until)
            for who, state, cause, waiting, since, until in rows
            if state == "orphaned"
        ]
        alike: dict[tuple[str, str, str], Piece] = {}
        joined: list[Piece] = []
        for piece in sorted(found, key=lambda piece: (piece.since, piece.who)):
            before = alike.get(piece[:3])
            if before is not None and before.until == piece.since:
                joined.remove(before)
                piece = Piece(*piece[:3], before.since, piece.until)
            alike[piece[:3]] = piece
            joined.append(piece)
        return sorted(joined, key=lambda piece: (piece.since, piece.who))

    @property
    def orphans(self) -> list[Grant]:
        """Stretches of orphaned grants, in the order of their beginning."""
        rows = [*self.grant_rows, *(row for row, _ in self.world.parts.ledger.open_orphans())]
        found = [
            Grant(self.name(who), self.grants(frozenset([grant]))[0], str(cause), since, until)
            for who, grant, state, cause, since, until in rows
            if state == "orphaned"
        ]
        return sorted(found, key=lambda each: (each.since, each.who, each.grant))

    @property
    def person_ms(self) -> dict[str, int]:
        """Person-milliseconds of orphaned access by cause."""
        levels = self.world.parts.ledger.exposure.cause_people
        return {cause: ms for cause, level in levels.items() if (ms := level.sum_ms(self.world.now))}

    @property
    def waiting_ms(self) -> dict[str, int]:
        """Person-milliseconds of orphaned access by what was waited for."""
        levels = self.world.parts.ledger.exposure.waiting
        return {word: ms for word, level in levels.items() if (ms := level.sum_ms(self.world.now))}

    @property
    def total_ms(self) -> int:
        """Person-milliseconds of orphaned access."""
        return self.world.parts.ledger.exposure.person("orphaned").sum_ms(self.world.now)

    @property
    def missing(self) -> list[tuple[str, int, int | None]]:
        """(who, since, until) of people who waited for access."""
        rows = [*self.person_rows, *self.world.parts.ledger.open_people()]
        return [(self.name(who), since, until) for who, state, _, _, since, until in rows if state == "missing"]

    # --- the job -----------------------------------------------------------------------------------------

    @property
    def requests(self) -> list[tuple[int, str]]:
        """(when, method and kind of object) of what the job sent: ``(2400000, "GET Users")``."""
        return [(at, what) for at, what, _ in self.sent]

    def by_kind(self) -> dict[str, int]:
        """What the directory's word and the target differ in, now."""
        self.world.parts.divergence.look()
        return {kind: count for kind, count in self.world.parts.divergence.by_kind.items() if count}


def what(request: Request) -> str:
    """A request's method and the kind of object that it is about: ``GET Users``."""
    return f"{request.method} {request.path.split('/')[1].partition('?')[0]}"


Answers = Callable[[Request, int], Answer | None]
"""What a scripted target answers to a request at a time; None: what the real one answers."""


class Scripted:
    """The target, except where a script has another answer: then the request does not reach it."""

    def __init__(self, target: Target, seen: Seen | None, answers: Answers | None) -> None:
        self._target = target
        self._answers = answers
        self.seen = seen
        self.now: Callable[[], int] = lambda: 0

    def send(self, request: Request) -> Answer:
        """Answer by the script, else by the target."""
        answer = self._answers(request, self.now()) if self._answers is not None else None
        if answer is None:
            answer = self._target.send(request)
        if self.seen is not None:
            self.seen.sent.append((self.now(), what(request), answer.status))
        return answer

    def check(self, base_address: str, secret_token: str, probe: str) -> str | None:
        """As the target has it."""
        return self._target.check(base_address, secret_token, probe)


class ScriptedPorts(DirectPorts):
    """The cores called in process, with a script between job and target."""

    def __init__(self, answers: Answers | None) -> None:
        self._answers = answers
        self.target: Scripted

    def open(self, parts: Parts) -> tuple[Source, Target]:
        """See :class:`sim.world.Ports`."""
        source, target = super().open(parts)
        self.target = Scripted(target, None, self._answers)
        self.target.now = lambda: parts.services.clock.now
        return source, self.target


def begin(values: dict[str, Any] | Scenario, answers: Answers | None = None) -> Seen:
    """A world at time 0 that is listened to."""
    scenario = values if isinstance(values, Scenario) else scenario_from(values)
    ports = ScriptedPorts(answers)
    world = World(scenario, ports=ports)
    seen = ports.target.seen = Seen(world)
    ledger = world.parts.ledger
    ledger.events.latencies.sink = seen.latency_rows.append
    ledger.exposure.person_sink = seen.person_rows.append
    ledger.exposure.grant_sink = seen.grant_rows.append

    def cycle(row: CycleRow) -> None:
        seen.divergence.append((row.start, row.divergence_before, row.divergence_after))

    world.cycle_sink = cycle
    return seen


def run(values: dict[str, Any] | Scenario, answers: Answers | None = None) -> Seen:
    """Run a story to its end."""
    seen = begin(values, answers)
    seen.world.run()
    return seen


def listen(trace: Trace) -> list[str]:
    """Every line of a trace from now on; call ``trace.flush()`` before reading them."""
    lines: list[str] = []
    trace.flush()
    trace.sink = lines.extend
    return lines
