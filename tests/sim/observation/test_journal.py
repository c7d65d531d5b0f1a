"""The journal: all facts and nothing twice, safe at any instant, and refused where it cannot be trusted."""

from __future__ import annotations

import csv
import io
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from mockservices.clock import Millis
from mockservices.errors import ServiceError
from sim.commands import SCREEN
from sim.observation.journal import (
    FILE_NAME,
    Journal,
    attach,
    events_csv,
    meta,
    open_journal,
    recorded_commands,
    write_results,
)
from sim.observation.summary import summarize, summary_text
from sim.scenario import loads, scenario_from
from sim.world import World
from tests.contract.stories import STORIES, person, story
from tests.sim.observation.conftest import long_world
from tests.sim.observation.recompute import trace_digest

MINUTE = 60_000
ROOT = Path(__file__).parents[3]


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """What a query finds in the journal of a run directory."""
    with closing(open_journal(folder)) as journal:
        return journal.execute(sql).fetchall()


# --- facts -----------------------------------------------------------------------------------------------


def test_a_run_with_a_journal_has_the_same_trace_as_one_without(finished: Path) -> None:
    world = long_world()
    world.run()
    with closing(open_journal(finished)) as journal:
        assert meta(journal)["trace_sha256"] == world.trace_sha256
        assert meta(journal)["traffic_sha256"] == world.traffic_sha256


def test_the_changes_hash_to_the_trace_digest_prehistory_included(finished: Path) -> None:
    with closing(open_journal(finished)) as journal:
        assert trace_digest(journal) == meta(journal)["trace_sha256"]
        assert journal.execute("SELECT count(*) > 0 FROM changes WHERE at_ms < 0").fetchone() == (1,)


def test_a_change_altered_in_the_journal_no_longer_hashes_to_it(finished: Path, tmp_path: Path) -> None:
    shutil.copy(finished / FILE_NAME, tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        db.execute("UPDATE changes SET at_ms = at_ms + 1 WHERE seq = 40")
        db.commit()
    with closing(open_journal(tmp_path)) as journal:
        assert trace_digest(journal) != meta(journal)["trace_sha256"]


def test_the_scenario_and_the_seed_in_it_are_the_run(finished: Path) -> None:
    with closing(open_journal(finished)) as journal:
        facts = meta(journal)
    again = World(loads(facts["scenario"], "journal").scenario, seed=int(facts["seed"]))
    again.run()
    assert again.trace_sha256 == facts["trace_sha256"]
    assert {name for name in facts if name.startswith("version.")} == {
        f"version.{name}" for name in ("jmlab", "python", "numpy", "faker", "simpy")
    }
    assert (facts["population.size"], facts["replication"], facts["transport"]) == ("60", "0", "direct")
    assert len(facts["population.sha256"]) == 64


def test_hops_add_up_to_the_latency_of_every_event(finished: Path) -> None:
    measured = "FROM latencies WHERE kind NOT IN ('mover_overlap', 'mover_gap')"
    assert rows(finished, f"SELECT count(*) > 90 {measured}") == [(1,)]
    hops = "hr_ms + wait_ms + processing_ms + retry_ms + ticket_ms"
    assert rows(finished, f"SELECT * {measured} AND {hops} <> duration_ms") == []
    assert rows(finished, f"SELECT * {measured} AND end_ms - start_ms <> duration_ms") == []


def test_somebody_is_in_one_orphaned_piece_at_a_time(finished: Path) -> None:
    overlapping = """
        SELECT * FROM (
            SELECT since_ms, lag(coalesce(until_ms, since_ms + 1)) OVER one AS before
            FROM person_intervals WHERE state = 'orphaned' WINDOW one AS (PARTITION BY person ORDER BY since_ms))
        WHERE since_ms < before
    """
    assert rows(finished, overlapping) == []


def test_every_person_and_every_grant_in_it_is_named(finished: Path) -> None:
    unnamed = " UNION ALL ".join(
        f"SELECT person FROM {table} WHERE person NOT IN (SELECT person FROM people)"
        for table in (
            "events",
            "latencies",
            "person_intervals",
            "grant_intervals",
            "employment",
            "toxic",
            "access_requests",
        )
    )
    assert rows(finished, unnamed) == []
    assert (
        rows(finished, "SELECT * FROM grant_intervals LEFT JOIN grants USING (grant_number) WHERE account IS NULL")
        == []
    )
    assert rows(finished, "SELECT DISTINCT privileged FROM grants WHERE permission_set = 'Administrator'") == [(1,)]


def test_no_interval_is_empty_and_none_outlasts_the_run(finished: Path) -> None:
    for table in ("person_intervals", "grant_intervals"):
        assert (
            rows(finished, f"SELECT * FROM {table} WHERE until_ms <= since_ms OR until_ms > {48 * 60 * MINUTE}") == []
        )
        assert rows(finished, f"SELECT count(*) > 0 FROM {table} WHERE until_ms IS NULL") == [(1,)]


def test_effective_less_entitled_is_orphaned_at_every_instant(finished: Path) -> None:
    """Integrated over time: the grants held, less those held and entitled, are the orphaned ones."""
    span = "min(coalesce(e.until_ms, {0}), coalesce(t.until_ms, {0})) - max(e.since_ms, t.since_ms)".format(
        48 * 60 * MINUTE
    )
    both = (
        f"SELECT coalesce(sum({span}), 0) FROM grant_intervals AS e "
        "JOIN grant_intervals AS t USING (person, grant_number) "
        f"WHERE e.state = 'effective' AND t.state = 'entitled' AND {span} > 0"
    )
    total = f"SELECT sum(coalesce(until_ms, {48 * 60 * MINUTE}) - since_ms) FROM grant_intervals WHERE state = '{{0}}'"
    (held,), (entitled_too,) = rows(finished, total.format("effective"))[0], rows(finished, both)[0]
    assert [(held - entitled_too,)] == rows(finished, total.format("orphaned"))


def test_every_cycle_is_there_once_in_order_and_idle_ones_say_so(finished: Path) -> None:
    assert rows(finished, "SELECT number FROM cycles ORDER BY start_ms") == [(n,) for n in range(1, 73)]
    assert rows(finished, "SELECT DISTINCT requests FROM cycles WHERE kind = 'idle'") == [(0,)]
    assert rows(finished, "SELECT count(*) FROM on_demand") == [(1,)]


def test_refused_actions_of_the_timeline_are_facts_too(tmp_path: Path) -> None:
    twice: dict[str, Any] = {
        "at": "1h",
        "do": "aws_create_user",
        "user_name": "x",
        "given_name": "X",
        "family_name": "Y",
    }
    world = World(scenario_from(story("refused", [twice, twice])))
    recorder = attach(world, Journal(tmp_path))
    world.run()
    recorder.finish()
    assert rows(tmp_path, "SELECT at_ms, action FROM refusals") == [(60 * MINUTE, "aws_create_user")]
    assert len(rows(tmp_path, "SELECT * FROM console_users")) == 1


def test_faults_are_facts_too(tmp_path: Path) -> None:
    world = World(scenario_from(STORIES["faults"]))
    recorder = attach(world, Journal(tmp_path))
    world.run()
    hits = world.services.faults.hits()
    recorder.finish()
    with closing(open_journal(tmp_path)) as db:
        rows = list(db.execute("SELECT fault, operation, object, attempt FROM faults WHERE fault = 'lost'"))
        counted = dict(db.execute("SELECT fault, count(*) FROM faults GROUP BY fault"))
    assert counted == {name: count for name, count in hits.items() if count}
    # those who are enabled at the start, and two who join
    assert sorted(rows) == [
        ("lost", "create_user", f"{name}.example@contoso.example", 1) for name in ("ann", "bob", "cyd", "eve", "fay")
    ]
    assert (hits["never"], hits["limits"]) == (0, 0)


def test_people_are_called_in_the_end_as_the_summary_calls_them(finished: Path) -> None:
    world = long_world()
    world.run()
    label = world.parts.register.label
    assert rows(finished, "SELECT * FROM people ORDER BY person") == [
        (number, label(number)) for (number,) in rows(finished, "SELECT person FROM people ORDER BY person")
    ]


def test_a_world_that_has_run_cannot_be_recorded_from_its_middle(tmp_path: Path) -> None:
    world = long_world()
    world.run()
    assert world.trace_sha256
    with closing(Journal(tmp_path)) as journal, pytest.raises(ValueError, match="before the world runs"):
        attach(world, journal)


# --- beside the journal ----------------------------------------------------------------------------------


def test_summary_and_events_lie_beside_the_journal(finished: Path) -> None:
    world = long_world()
    world.run()
    summary = summarize(world)
    write_results(finished, summary)
    assert (finished / "summary.json").read_text(encoding="utf-8") == summary_text(summary)
    with (finished / "events.csv").open(encoding="utf-8", newline="") as file:
        events = list(csv.DictReader(file))
    here = sum(row["kind"] == "present" for row in events)
    assert here == 60
    assert len(events) - here == sum(count for kind, count in summary["events"].items() if kind != "validated")


def test_events_are_told_with_both_times_and_what_became_of_them(tmp_path: Path) -> None:
    timeline: list[dict[str, Any]] = [
        {"at": "5m", "do": "join", "person": person("eve", "Engineering"), "hr_lag": "20m"},
        {"at": "70m", "do": "move", "person": "eve", "department": "Operations"},
        {"at": "2h", "do": "create_user", "person": person("gus", "Kitchen")},
        {"at": "2h", "do": "add_member", "group": "Engineers", "person": "gus"},
        {"at": "5h50m", "do": "leave", "person": "bob", "hr_lag": "1h"},
    ]
    world = World(scenario_from(story("events", timeline)))
    recorder = attach(world, Journal(tmp_path))
    world.run()
    recorder.finish()
    with closing(open_journal(tmp_path)) as journal:
        told = list(csv.DictReader(io.StringIO(events_csv(journal))))
    columns = ("person", "kind", "effective_at", "directory_at", "department", "employment", "origin", "outcome")
    assert [tuple(row[column] for column in columns) for row in told] == [
        ("eve.example@contoso.example", "joiner", "2026-03-02T08:05:00.000Z", "2026-03-02T08:25:00.000Z",
         "Engineering", "employee", "timeline", "finished"),
        ("eve.example@contoso.example", "mover", "2026-03-02T09:10:00.000Z", "2026-03-02T09:10:00.000Z",
         "Operations", "employee", "timeline", "finished"),
        ("gus.example@contoso.example", "joiner", "2026-03-02T10:00:00.000Z", "2026-03-02T10:00:00.000Z",
         "Kitchen", "employee", "timeline", "finished"),
        ("bob.example@contoso.example", "leaver", "2026-03-02T13:50:00.000Z", "",
         "Operations", "employee", "timeline", "open"),
    ]  # fmt: skip


# --- commands --------------------------------------------------------------------------------------------


def act(world: World, rng: list[int]) -> None:
    """Let a few commands enter, one of them refused, one about time."""
    directory = world.services.directory
    ann = directory.user_id(0)
    world.command("graph.user.update", {"user": ann, "properties": {"jobTitle": "Größe"}}, wanted=Millis(7 * MINUTE))
    world.command("clock.pause", {}, origin=SCREEN)
    world.command("graph.user.delete", {"user": ann}, wanted=Millis(rng[0]))
    with pytest.raises(ServiceError):
        world.command("graph.user.delete", {"user": ann}, wanted=Millis(rng[1]))


def test_a_journal_replays_to_the_same_trace(tmp_path: Path) -> None:
    world = World(scenario_from(STORIES["hr"]))
    recorder = attach(world, Journal(tmp_path))
    act(world, [50 * MINUTE, 95 * MINUTE])
    world.run()
    recorder.finish()
    with closing(open_journal(tmp_path)) as journal:
        facts, commands = meta(journal), recorded_commands(journal)
    assert commands == world.commands
    assert facts["commands"] == "4"
    again = World(loads(facts["scenario"], "journal").scenario, seed=int(facts["seed"]))
    again.replay(commands, Millis(int(facts["end_ms"])))
    assert again.trace_sha256 == facts["trace_sha256"] == world.trace_sha256


def test_a_command_is_durable_before_it_is_carried_out(tmp_path: Path) -> None:
    world = World(scenario_from(STORIES["hr"]))
    recorder = attach(world, Journal(tmp_path))
    seen: list[int] = []
    perform = world.services.directory.delete_user

    def spying(row: int) -> None:
        seen.append(len(rows(tmp_path, "SELECT * FROM commands")))
        perform(row)

    world.services.directory.delete_user = spying  # type: ignore[method-assign] # to look in the middle of a command
    world.command("graph.user.delete", {"user": world.services.directory.user_id(0)}, wanted=Millis(5 * MINUTE))
    assert seen == [1]
    recorder.abandon()


def test_a_command_in_the_middle_of_a_cycle_does_not_cut_the_cycle_in_two(tmp_path: Path) -> None:
    slow = {**STORIES["from nothing"], "provisioning": {"phase": "10m", "pace": {"initial": 0.01}}}
    world = World(scenario_from(slow))
    recorder = attach(world, Journal(tmp_path))
    world.run_until(13 * MINUTE)
    assert world.driver.running.active
    committed = rows(tmp_path, "SELECT max(at_ms) FROM changes")
    world.command("graph.user.delete", {"user": world.services.directory.user_id(0)}, wanted=Millis(14 * MINUTE))
    assert world.driver.running.active
    assert rows(tmp_path, "SELECT at_ms, action FROM commands") == [(14 * MINUTE, "graph.user.delete")]
    assert rows(tmp_path, "SELECT max(at_ms) FROM changes") == committed
    assert rows(tmp_path, "SELECT * FROM cycles") == []
    world.run()
    recorder.finish()
    with closing(open_journal(tmp_path)) as journal:
        assert trace_digest(journal) == world.trace_sha256


def test_a_user_whom_a_client_creates_is_somebody_whom_only_the_directory_knows(tmp_path: Path) -> None:
    world = World(scenario_from(STORIES["hr"]))
    recorder = attach(world, Journal(tmp_path))
    user = {
        "accountEnabled": True,
        "displayName": "Zoe",
        "employeeType": "Contractor",
        "mailNickname": "zoe",
        "userPrincipalName": "zoe@contoso.example",
    }
    made = world.command("graph.user.create", {"properties": user}, wanted=Millis(5 * MINUTE))
    engineers = world.parts.group_rows["Engineers"]
    group = world.services.directory.groups[engineers].id
    world.command("graph.member.add", {"group": group, "member": made.id}, wanted=Millis(6 * MINUTE))
    world.run()
    recorder.finish()
    with closing(open_journal(tmp_path)) as journal:
        told = [row for row in csv.DictReader(io.StringIO(events_csv(journal))) if row["person"].startswith("zoe")]
    assert [(row["kind"], row["department"], row["employment"]) for row in told] == [("joiner", "", "contractor")]


# --- cut off ---------------------------------------------------------------------------------------------

KILLED = """
    import os, sys
    from pathlib import Path
    from sim.observation.journal import Journal, attach
    from sim.scenario import scenario_from
    from sim.world import World
    from tests.sim.observation.long_story import LONG_STORY

    world = World(scenario_from(LONG_STORY))
    attach(world, Journal(Path(sys.argv[1])))
    left = int(sys.argv[2])

    def counting(name):
        keep = getattr(world.services.trace, name)

        def kept(*change):
            global left
            left -= 1
            if left < 0:
                os._exit(9)
            keep(*change)

        return kept

    ways = {"record": counting("record"), "say": counting("say")}

    for core in (world.services.directory, world.services.provider, world.services.instance):
        class Counting:
            def __getattr__(self, name):
                return ways[name] if name in ways else getattr(world.services.trace, name)
        core.trace = Counting()
    world.run()
"""


@pytest.mark.parametrize("changes", [3, 61, 150, 377])
def test_a_run_killed_at_any_instant_leaves_whole_cycles(changes: int, finished: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    code = [sys.executable, "-c", dedent(KILLED), str(tmp_path), str(changes)]
    killed = subprocess.run(code, check=False, cwd=ROOT, env=environment)
    assert killed.returncode == 9
    with closing(open_journal(tmp_path)) as journal, closing(open_journal(finished)) as whole:
        assert "end_ms" not in meta(journal)
        (last,) = journal.execute("SELECT coalesce(max(end_ms), -1) FROM cycles").fetchone()
        for table, columns, time in (
            ("changes", "*", "at_ms"),
            ("cycles", "*", "end_ms"),
            ("log", "*", "at_ms"),
            ("events", "event, kind, person, at_ms, scripted, headcount", "at_ms"),
            ("latencies", "*", "end_ms"),
            ("grant_intervals", "*", "until_ms"),
        ):
            kept = journal.execute(f"SELECT {columns} FROM {table} ORDER BY rowid").fetchall()
            told = whole.execute(f"SELECT {columns} FROM {table} ORDER BY rowid").fetchall()
            assert kept == told[: len(kept)], table
            (through,) = whole.execute(f"SELECT count(*) FROM {table} WHERE {time} < ?", (last,)).fetchone()
            assert len(kept) >= through, table


@pytest.mark.parametrize("goes_on", [True, False])
def test_rows_too_many_for_memory_leave_it_and_yet_a_cycle_is_committed_whole_or_not_at_all(
    goes_on: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.observation.journal.recorder.MANY", 3)
    monkeypatch.setattr("mockservices.changes._FLUSH", 2)
    slow = {**STORIES["from nothing"], "provisioning": {"phase": "10m", "pace": {"initial": 0.01}}}
    world = World(scenario_from(slow))
    recorder = attach(world, Journal(tmp_path))
    committed = rows(tmp_path, "SELECT max(seq) FROM changes")
    while world.driver.running.tally.objects < 6:
        world.run_until(world.now + MINUTE)
    assert world.driver.running.active
    assert world.services.trace.handed > committed[0][0] + 3
    assert len(recorder.journal.rows["changes"]) <= 3
    assert rows(tmp_path, "SELECT max(seq) FROM changes") == committed
    if goes_on:
        world.run()
        recorder.finish()
        with closing(open_journal(tmp_path)) as journal:
            assert trace_digest(journal) == world.trace_sha256
    else:
        recorder.abandon()
        assert rows(tmp_path, "SELECT max(seq) FROM changes") == committed


def test_what_is_abandoned_is_as_good_as_what_was_killed(tmp_path: Path) -> None:
    world = long_world()
    recorder = attach(world, Journal(tmp_path))
    world.run_until(600 * MINUTE)
    recorder.abandon()
    assert rows(tmp_path, "SELECT max(number) FROM cycles") == [(15,)]
    world.run()  # goes on without the journal
