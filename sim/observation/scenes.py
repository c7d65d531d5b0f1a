"""What a screen can show beside one person's way: the pipeline, an audit's find, the results, the chapters.

Invariant: reads the world and changes nothing; every figure is one of the summary's, or counts what the journal holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from mockservices.graph.applications import GROUP_PRINCIPAL
from mockservices.graph.directory import LIVE
from mockservices.graph.synchronization import ADDRESS
from mockservices.identitycenter.console import EXTERNAL
from sim.observation.summary import summarize
from sim.observation.words import CONTRACTOR_EXPIRY
from sim.provisioning.ticketing.start import made_by_hand
from sim.scenario.phases import by_hand_alone
from sim.time import DAY, span_text

if TYPE_CHECKING:
    from sim.world import World

Scene: TypeAlias = Literal["person", "pipeline", "audit", "results", "chapters"]
SCENES: Final[tuple[Scene, ...]] = ("person", "pipeline", "audit", "results", "chapters")
SHOWS: Final[dict[str, Scene]] = {
    "aws_audit": "audit",
    "aws_clean_up": "audit",
    **dict.fromkeys(
        (
            "aws_enable", "aws_identity_source", "aws_automatic_provisioning", "aws_create_permission_set",
            "aws_assign", "aws_unassign", "save_credentials", "test_connection", "assign", "unassign", "start_job",
            "pause_job", "restart_job",
        ),
        "pipeline",
    ),
}  # fmt: skip
"""What is worth looking at while a step of the timeline happens."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the pipeline's checklist."""

    what: str
    done: bool
    detail: str
    working: bool = False
    """Whether it is being done at this moment."""


@dataclass(frozen=True, slots=True)
class FindRow:
    """A grant that an audit found: whose, what, since when."""

    person: str
    contractor: bool
    grant: str
    disabled_days: int
    """For how many whole days the account had been disabled when it was found."""
    removed: bool


@dataclass(frozen=True, slots=True)
class Find:
    """What the audits so far have found; the longest disabled first."""

    found: int
    removed: int
    people: int
    contractors: int
    """Grants of people whose contract has ended."""
    threshold_days: int
    rows: tuple[FindRow, ...]


@dataclass(frozen=True, slots=True)
class ResultRow:
    """A row of the results table."""

    label: str
    reported: int | float | str
    measured: Any
    agrees: bool


@dataclass(frozen=True, slots=True)
class ChapterRow:
    """A phase: where it lies, and what it came to so far."""

    title: str
    start: int
    state: Literal["done", "working", "idle"]
    cycles: int | None
    person_hours: float | None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Which phase of how many."""

    number: int
    of: int
    title: str


def pipeline(world: World) -> tuple[Step, ...]:
    """From an empty console to access by group, as a checklist."""
    parts, services, driver = world.parts, world.services, world.driver
    console, instance = services.instance.console, services.instance
    catalogue = parts.scenario.organisation.access.catalogue
    token = console.tokens[-1] if console.tokens else None
    expires = None if token is None else f"token until {world.clock.iso(token.expires)[:10]}"
    names = {entry.permission_set for entries in catalogue.values() for entry in entries}
    there = sum(instance.permission_set_named(name) is not None for name in names)
    rows = [parts.group_rows[name] for name in catalogue if name in parts.group_rows]
    live = [row for row in rows if services.directory.groups[row].state == LIVE]
    scoped = [
        row
        for row in live
        if services.applications.assignment_of(services.application.id, GROUP_PRINCIPAL, row) is not None
    ]
    targets = [parts.view.target_group_of(row) for row in rows]
    given = sum(target >= 0 and bool(instance.of_groups((target,))) for target in targets)
    saved = services.applications.secrets(services.application.id)
    # a job that runs from the start has been configured before, and where everything is by ticket nobody ever has
    before = saved is None and not by_hand_alone(parts.scenario)
    configured = before or bool(saved and saved.get(ADDRESS))
    tested = world.timeline.tested_at is not None or before
    initial, running = driver.sums.initial, driver.running
    done = ""
    under_way = running.active and running.initial
    if under_way:
        done = f"{running.objects} of {running.total} objects"
    elif initial is not None:
        tally = initial.tally
        done = f"{tally.users_created} users, {tally.groups_created} groups, {tally.errors} errors"
    in_sync = parts.scenario.start_state == "in_sync" and not made_by_hand(parts.scenario)
    return (
        Step("AWS: Identity Center is enabled", console.region is not None, console.region or ""),
        Step("AWS: people come from Entra ID", console.identity_source == EXTERNAL, ""),
        Step("AWS: automatic provisioning is on", console.provisioning, expires or ""),
        Step("AWS: permission sets", there == len(names), f"{there} of {len(names)}"),
        Step("Entra: address and token are saved", configured, ""),
        Step("Entra: the connection is tested", tested, ""),
        Step("Entra: groups in scope", bool(rows) and len(scoped) == len(rows), f"{len(scoped)} of {len(rows)}"),
        Step("Entra: provisioning is started", driver.active,
             f"a cycle every {span_text(driver.pace.interval)}" if driver.active else ""),
        Step("The initial cycle", (initial is not None or in_sync) and not under_way, done, under_way),
        Step("AWS: groups with a permission set", bool(rows) and given == len(rows), f"{given} of {len(rows)}"),
    )  # fmt: skip


def find(world: World, names: dict[int, str]) -> Find | None:
    """What audits have found; None before the first. ``names``: what the people are called."""
    stale = world.parts.stale
    if not stale.audits:
        return None
    rows, contractors = [], 0
    for number, grant, at, since, removed in stale.finds():
        account, permission_set = world.services.instance.grant_parts(grant)
        contractor = world.parts.ledger.person(number).gone_cause == CONTRACTOR_EXPIRY
        contractors += contractor
        rows.append(
            FindRow(names[number], contractor, f"{permission_set.name} on {account.name}", (at - since) // DAY, removed)
        )
    people = len({number for number, *_ in stale.finds()})
    ordered = tuple(sorted(rows, key=lambda row: (-row.disabled_days, row.person, row.grant)))
    return Find(stale.found, stale.removed, people, contractors, stale.threshold // DAY, ordered)


def results(world: World) -> tuple[tuple[ResultRow, ...], tuple[str, ...]]:
    """The results table as it stands now, and what the figures say so far."""
    summary = summarize(world)
    rows = tuple(
        ResultRow(row["label"], row["reported"], row["measured"], row["agrees"]) for row in summary["results"] or ()
    )
    return rows, tuple(summary["finding"])


def chapter(world: World) -> Chapter | None:
    """Which phase it is; None where there are none, or behind the last."""
    phases = world.phases
    if phases is None:
        return None
    at = phases.at(world.now)
    if at >= len(phases.phases):
        return None
    return Chapter(at + 1, len(phases.phases), phases.phases[at].name)


def chapters(world: World) -> tuple[ChapterRow, ...]:
    """Every phase, with the figures of those that have begun."""
    phases = world.phases
    if phases is None:
        return ()
    figures, now = phases.block(), phases.at(world.now)
    rows = []
    for number, phase in enumerate(phases.phases):
        state: Literal["done", "working", "idle"] = "done" if number < now else "working" if number == now else "idle"
        row = figures[number] if number < len(figures) else None
        rows.append(
            ChapterRow(
                phase.name,
                phase.start,
                state,
                None if row is None else row["provisioning"]["cycles"],
                None if row is None else row["orphaned_access"]["people"]["person_hours"],
            )
        )
    return tuple(rows)
