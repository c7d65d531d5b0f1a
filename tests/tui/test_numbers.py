"""Every number on the screen is in the summary or the journal: each is read off the lines and looked up there.

What the presenters show of a moment is turned into text; known forms take the numbers out of it, each with where the
figure stands, and when all forms have been applied no digit may be left.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sim.clockwork import Clockwork
from sim.mailbox import Mailbox
from sim.observation.frame import Frame, make_frame
from sim.observation.journal import Journal, attach, open_journal
from sim.observation.lane import clock_text
from sim.observation.scenes import SCENES
from sim.observation.summary import Summary, summarize
from sim.observation.watch import Watch
from sim.scenario import Scenario, load
from sim.time import DAY, span_text
from sim.world import World
from tests.tui.screen import three
from tui import doors, figures, panels, presenters
from tui.presenters import Line, text_of

MOMENTS = {
    "case-study": (0, 15.01, 61, 97.01, 125.1, 125.3, 126, 132.01, 1506, 1521, 1546, 1586, 1601, 1681, 2880),
    "friday-1003": (0, 31, 111, 124, 141, 161, 201, 300),
    "three": (0, 61, 81, 101, 121, 181, 215, 240),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One moment: what is shown, and what the summary said then."""

    lines: tuple[str, ...]
    frame: Frame
    summary: Summary


class Facts:
    """The journal of the whole run, asked by the forms."""

    def __init__(self, db: sqlite3.Connection, world: World) -> None:
        self.db = db
        self.world = world
        self.times = {0, world.end}
        for table, columns in (
            ("events", "at_ms, directory_ms"), ("changes", "at_ms"), ("console_acts", "at_ms"), ("refusals", "at_ms"),
            ("cycles", "start_ms, end_ms"), ("latencies", "start_ms, end_ms"), ("stale", "at_ms"),
        ):  # fmt: skip
            for row in db.execute(f"SELECT {columns} FROM {table}"):
                self.times.update(at for at in row if at is not None)
        expiries = (
            "SELECT json_extract(fields, '$.expires_ms') FROM changes WHERE verb IN ('portal.signIn', 'role.start')"
        )
        self.times.update(at for (at,) in db.execute(expiries))
        self.times.update(action.at for action in world.scenario.timeline)  # the scenario stands in the journal too
        settings = world.scenario.provisioning
        assert isinstance(settings.phase, int)
        self.times.update(
            range(settings.phase, world.end + settings.interval + 1, settings.interval)
        )  # when a cycle is due
        self.times.update(phase.start for phase in world.phases.phases) if world.phases else None

    def one(self, sql: str, *values: object) -> Any:
        row = self.db.execute(sql, values).fetchone()
        return None if row is None else row[0]

    def cycle(self, number: int) -> dict[str, int]:
        cursor = self.db.execute("SELECT * FROM cycles WHERE number = ?", (number,))
        return dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))


def texts(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        yield text_of(line)


def shown(frame: Frame) -> Iterator[str]:
    """Every line of story and dashboard, wide enough that nothing is cut off."""
    yield text_of(presenters.header(frame, 200))
    yield presenters.caption_of(frame)
    yield text_of(presenters.numbers(frame, 200))
    yield from texts(doors.doors_lines(frame, 200, 7))
    for stop in presenters.stops(frame):
        yield from texts(presenters.stop_lines(stop, 90, 40))
    yield from texts(presenters.feed_lines(frame, 200, 200))
    if frame.scene != "person":
        yield panels.panel_title(frame)
    yield from texts(panels.panel_lines(frame, 190, 60))
    yield figures.orphaned_title(frame)
    yield figures.waiting_title(frame)
    yield f"Out of step: {frame.out_of_step} now"
    yield from texts(figures.divergence_lines(frame.divergence, 90, 10))
    yield from texts(figures.duration_lines(frame.durations, 90, 20))
    for points in (frame.orphaned_points, frame.waiting_points):
        yield from texts(figures.chart(frame, points, 60, 6, presenters.BAD))


def walk(scenario: Scenario, moments: tuple[float, ...], folder: Path) -> tuple[list[Seen], World]:
    """Show every scene at every moment of one run, which is kept."""
    world = World(scenario)
    recorder = attach(world, Journal(folder))
    watch, clockwork = Watch(world), Clockwork(Mailbox(), "story")
    clockwork.begin(world)
    seen = []
    for minutes in moments:
        world.run_until(min(int(minutes * 60_000), world.end))
        for scene in (None, *SCENES):
            watch.scene = scene
            frame = make_frame(world, watch, clockwork)
            seen.append(Seen(tuple(shown(frame)), frame, summarize(world)))
    world.run()
    recorder.finish()
    return seen, world


Form = tuple[str, Callable[[Seen, Facts, re.Match[str]], bool]]


def _figure(path: str, more: int = 0) -> Callable[[Seen, Facts, re.Match[str]], bool]:
    def look(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
        value: Any = seen.summary
        for key in path.split("."):
            value = value[key]
        return bool(int(found[1]) == value + more)

    return look


def _time(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    times = {*facts.times, seen.frame.now}
    return found[0] in {clock_text(seen.frame.start, at) for at in times}


def _to_gate(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    return found[1] == _ahead(seen, facts)


def _next_cycle(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    return int(found[1]) == seen.summary["provisioning"]["cycles"] + 1 and found[2] == _ahead(seen, facts)


def _cycle_due(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    """The gate is at this very instant, and nothing of the cycle has been done."""
    settings, done = facts.world.scenario.provisioning, seen.summary["provisioning"]["cycles"]
    assert isinstance(settings.phase, int)
    return (seen.frame.now - settings.phase) % settings.interval == 0 and int(found[1]) == done + 1


def _ahead(seen: Seen, facts: Facts) -> str:
    """How long it is until the next cycle: interval and phase stand in the journal's scenario."""
    settings = facts.world.scenario.provisioning
    assert isinstance(settings.phase, int)
    return span_text((settings.phase - seen.frame.now - 1) % settings.interval + 1)


def _interval(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    return found[1] == span_text(facts.world.scenario.provisioning.interval)


def _objects(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    return bool(int(found[1]) == facts.one("SELECT objects FROM cycles WHERE kind = 'initial'"))


def _level(path: str) -> Callable[[Seen, Facts, re.Match[str]], bool]:
    """How many there are, and how many there were at most."""
    now, peak = _figure(f"{path}.now"), _figure(f"{path}.peak")
    return lambda seen, facts, found: (
        now(seen, facts, found) and peak(seen, facts, re.match(r"(\d+)", found[2]) or found)
    )


def _lasted(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    rows = facts.db.execute("SELECT duration_ms, end_ms - start_ms FROM latencies").fetchall()
    return found[1] in {span_text(value) for row in rows for value in row if value is not None}


def _outlived(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    """For how long a session gave what had ended, to the nearest second."""
    rows = facts.db.execute("SELECT until_ms - since_ms FROM residual_sessions WHERE until_ms IS NOT NULL").fetchall()
    return found[1] in {span_text(value + 500) for (value,) in rows}


def _cycle(*columns: str) -> Callable[[Seen, Facts, re.Match[str]], bool]:
    """Numbers of a cycle: its own first, then its columns in the journal."""

    def look(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
        row = facts.cycle(int(found[1]))
        return [int(text) for text in found.groups()[1:]] == [row[column] for column in columns]

    return look


def _initial(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    whole = facts.one("SELECT objects FROM cycles WHERE kind = 'initial'")
    done = int(found[1]) if found.lastindex == 2 else seen.frame.cycle.done
    return bool(done == seen.frame.cycle.done <= whole) and int(found[found.lastindex or 1]) == whole


def _stale(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    people = facts.one("SELECT count(DISTINCT person) FROM stale WHERE what = 'found'")
    contractors = facts.one(
        "SELECT count(*) FROM stale WHERE what = 'found' AND person IN "
        "(SELECT person FROM person_intervals WHERE cause = 'contractor_expiry')"
    )
    told = [int(text) for text in re.findall(r"\d+", found[0])]
    expected = [seen.summary["stale"]["found"], people]
    return told == [*expected, seen.summary["stale"]["removed"] or contractors]


def _disabled(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    query = "SELECT at_ms, since_ms FROM stale JOIN disabled USING (person) WHERE what = 'found'"
    return int(found[1]) in {(at - since) // DAY for at, since in facts.db.execute(query)}


def _of_catalogue(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    """Permission sets and groups of the catalogue, of which the scenario in the journal has so many."""
    catalogue = facts.world.scenario.organisation.access.catalogue
    sets = {entry.permission_set for entries in catalogue.values() for entry in entries}
    now = seen.frame.now
    label, done, whole = found[1], int(found[2]), int(found[3])
    if "permission sets" in label:
        made = "SELECT count(*) FROM changes WHERE verb = 'permissionSet.create' AND at_ms <= ? AND key LIKE '%'"
        names = "AND json_extract(fields, '$.name') IN (" + ", ".join("?" * len(sets)) + ")"
        return (done, whole) == (facts.one(made + names, now - 1, *sorted(sets)), len(sets))
    if "in scope" in label:
        assigned = facts.one(
            "SELECT count(*) FROM changes WHERE verb = 'appRoleAssignment.create' AND at_ms < ?", max(now, 0) or 1
        )
        return (done, whole) == (assigned, len(catalogue))
    given = facts.one(
        "SELECT count(DISTINCT key) FROM changes WHERE service = 'sso' AND verb = 'assignment.create' AND at_ms < ? "
        "AND key IN (SELECT key FROM changes WHERE service = 'scim' AND verb = 'group.create')",
        max(now, 0) or 1,
    )
    return bool(whole == len(catalogue) and done == given)


def _steps(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    return (int(found[1]), int(found[2])) == (sum(step.done for step in seen.frame.pipeline), len(seen.frame.pipeline))


def _token(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    return str(seen.summary["target"]["scim_token_expires"]).startswith(found[1])


def _results(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    rows = seen.summary["results"]
    return (int(found[1]), int(found[2])) == (sum(row["agrees"] for row in rows), len(rows))


def _result_row(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    row = next(row for row in seen.summary["results"] if row["label"] in found[0])
    rest = found[0].partition(row["label"])[2].split()[:-1]
    return rest == [*panels.figure(row["reported"]).split(), *panels.figure(row["measured"]).split()]


def _chapter_row(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    number = int(found[1])
    rows = seen.summary["phases"]
    if number > len(rows):
        return not found[3]
    row = rows[number - 1]
    hours = f"{row['orphaned_access']['people']['person_hours']:,.1f}"
    return (int(found[3]), found[4]) == (row["provisioning"]["cycles"], hours)


def _durations(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    kind = next(kind for kind, words in figures.KINDS.items() if found[0].startswith(f"{words} ("))
    row = seen.summary["latency"][kind]
    values = ", ".join(figures.seconds_text(value) for value in row["durations_s"]) or "–"
    still = f" ○ {row['censored']} open" if row["censored"] else ""
    return found[0] == f"{figures.KINDS[kind]} ({row['n']}) {values}{still}"


def _around(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    last = seen.frame.divergence[-1]
    row = facts.cycle(last.number)
    return (int(found[1]), int(found[2])) == (row["divergence_before"], row["divergence_after"])


def _range(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    return facts.one("SELECT count(*) FROM cycles WHERE number IN (?, ?)", int(found[1]), int(found[2])) in (1, 2)


def _top(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    """The scale of a chart: a peak of the summary, or the most that a cycle began with."""
    peaks = {seen.summary["orphaned_access"]["people"]["peak"], seen.summary["missing_access"]["peak"], 0, 1}
    peaks.update(point.before for point in seen.frame.divergence)
    return int(found[1]) in peaks


def _initial_done(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    block = seen.summary["provisioning"]["initial_cycle"]
    names = ("users_created", "groups_created", "users_matched", "errors")
    told = {int(text) for text in re.findall(r"\d+", found[0])}
    return block is not None and told <= {block[name] for name in names}


def _like_it(seen: Seen, facts: Facts, found: re.Match[str]) -> bool:
    """Other grants in the same state, each of which stands on the lane."""
    lane = seen.frame.lane
    assert lane is not None
    return int(found[1]) + 1 == sum(line.startswith(lane.doorway.state) for line in lane.stops[3].lines)


SPAN = r"(\d+[dhms]+(?: \d+[dhms]+)*)"
FORMS: tuple[Form, ...] = (
    (r"seed (\d+)", _figure("seed")),
    (r"cycle (\d+) in " + SPAN, _next_cycle),
    (r"cycle (\d+) begins", _cycle_due),
    (r"cycle (\d+) runs", _figure("provisioning.cycles")),
    (r"cycle (\d+) +(\d+) requests; out of step (\d+) before, (\d+) after",
     _cycle("requests", "divergence_before", "divergence_after")),
    (r"cycle (\d+)(?= +the initial)", _cycle()),
    (r"(\d+) cycles\b", _figure("provisioning.cycles")),
    (r"initial cycle (\d+)/(\d+)", _initial),
    (r"(\d+) of (\d+) objects", _initial),
    (r"^(\d+) of (\d+)$", _initial),
    (r"the initial cycle begins: (\d+) objects", _objects),
    (r"The initial cycle has ended: .*", _initial_done),
    (r"\d+ users, \d+ groups, \d+ errors", _initial_done),
    (r"■ orphaned access (\d+) (?:person|people), peak (\d+)", _level("orphaned_access.people")),
    (r"usable (\d+)(?=, retained| ·)", _figure("orphaned_access.usable.now")),
    (r"■ Orphaned (\d+), (?=, retained)", _figure("orphaned_access.people.now")),
    (r", retained (\d+)$", _figure("orphaned_access.by_cause.mover.now")),
    (r"residual sessions (\d+)", _figure("residual_sessions.now")),
    (r"■ Orphaned (\d+), retained \d+, peak (\d+)", _level("orphaned_access.people")),
    (r", toxic (\d+)", _figure("toxic.now")),
    (r"■ retained (\d+)", _figure("orphaned_access.by_cause.mover.now")),
    (r"[Ww]aiting for access (\d+)(?: person| people)?, peak (\d+)", _level("missing_access")),
    (r"≠ out of step (\d+)", _figure("divergence.now")),
    (r"Out of step: (\d+) now", _figure("divergence.now")),
    (r"(?:active users in AWS|users:) (\d+)", _figure("target.active_users")),
    (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d", _time),
    (SPAN + " after the access", _outlived),
    (r"after " + SPAN, _lasted),
    (r"agreed " + SPAN + " later", _lasted),
    (r"in " + SPAN, _to_gate),
    (r"on \S+ and (\d+) more", _like_it),
    (r"a cycle every (\S+)", _interval),
    (r"Audit: \d+ stale assignments of \d+ people, \d+ (?:of them contractors'|removed)", _stale),
    (r"(\d+) days(?:, contractor)?", _disabled),
    (r"The pipeline: (\d+) of (\d+) steps", _steps),
    (r"(AWS: permission sets|Entra: groups in scope|AWS: groups with a permission set) +(\d+) of (\d+)", _of_catalogue),
    (r"token until (\S+)", _token),
    (r"Results: (\d+) of (\d+) agree", _results),
    (r"(\d+) of (\d+) results agree", _results),
    (r"^[●■○] .*(?:yes|NO|open)$", _result_row),
    (r"^[●▶·] (\d)  (.*?) {2,}(\d+)? *(?:([\d,.]+) h)?$", _chapter_row),
    (r"^(?:joiners|movers|leavers|contracts|rehires|leaves|returns).*", _durations),
    (r"cycles (\d+) to (\d+), just before each", _range),
    (r"the last: (\d+) before, (\d+) after", _around),
    (r"^ *(\d+) (?=[ ▁▂▃▄▅▆▇█·]*$)", _top),
)  # fmt: skip


def plain(scenario: Scenario) -> list[str]:
    """The scenario's own words, which hold figures of their own, and the keys that can be pressed."""
    words = [scenario.brief, scenario.title, scenario.scenario, presenters.OPENING, presenters.CLOSING, "us-east-1"]
    words += [str(action.caption) for action in scenario.timeline if action.caption]
    return sorted([word for word in words if word], key=len, reverse=True)


@pytest.mark.parametrize("name", MOMENTS)
def test_every_number_on_the_screen_is_in_the_summary_or_the_journal(name: str, tmp_path: Path) -> None:
    scenario = three() if name == "three" else load(name).scenario
    seen, world = walk(scenario, MOMENTS[name], tmp_path)
    looked_up: dict[str, int] = {}
    with closing(open_journal(tmp_path)) as db:
        facts = Facts(db, world)
        for moment in seen:
            sentences = (
                scenario.brief,
                *moment.summary["finding"],
            )  # tests/sim/observation/test_finding.py reads those
            brief = {line.strip() for text in sentences for line in presenters.wrapped(text, 190, 99)}
            for line in moment.lines:
                text = line
                if text.strip() in brief:
                    continue
                for word in plain(scenario):
                    text = text.replace(word, "")
                for form, right in FORMS:
                    for found in list(re.finditer(form, text)):
                        if re.search(r"\d", found[0]):
                            assert right(moment, facts, found), (moment.frame.now, moment.frame.scene, form, line)
                            looked_up[form] = looked_up.get(form, 0) + 1
                    text = re.sub(form, "", text)
                for phase in scenario.phases:
                    text = text.replace(phase.name, "")
                assert not re.search(r"\d", text), (moment.frame.now, moment.frame.scene, line, text)
    assert sum(looked_up.values()) > 500
