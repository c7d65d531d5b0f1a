"""A frame against the summary of the same moment and the journal of the same run: no number of its own."""

from __future__ import annotations

import sqlite3
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from mockservices.clock import Millis
from sim.clockwork import Clockwork
from sim.mailbox import Mailbox
from sim.observation.frame import Frame, make_frame
from sim.observation.journal import FILE_NAME, Journal, attach
from sim.observation.scenes import pipeline
from sim.observation.summary import summarize
from sim.observation.watch import Watch
from sim.scenario import Scenario, load, scenario_from
from sim.world import World
from tests.semantics.story import CYCLE, HOUR, MINUTE, act, join, told


class Watched:
    """A world with a watch on it."""

    def __init__(self, scenario: Scenario, folder: Path | None = None) -> None:
        self.world = World(scenario)
        self.recorder = None if folder is None else attach(self.world, Journal(folder))
        self.watch = Watch(self.world)
        self.clockwork = Clockwork(Mailbox(), "story")
        self.clockwork.begin(self.world)

    def at(self, time: int) -> Frame:
        self.world.run_until(time)
        return make_frame(self.world, self.watch, self.clockwork)


def three(**more: object) -> Scenario:
    return scenario_from(
        told(
            join("1h", "dan"), act("100m", "move", "ann", department="Operations"),
            act("3h", "leave", "bob", hr_lag="30m"), **more,
        )
    )  # fmt: skip


@pytest.mark.parametrize("minutes", [0, 61, 75, 81, 101, 121, 181, 215, 240])
def test_every_figure_is_in_the_summary_of_that_moment(minutes: int) -> None:
    watched = Watched(three())
    frame = watched.at(minutes * MINUTE)
    summary = summarize(watched.world)
    orphaned, missing = summary["orphaned_access"], summary["missing_access"]
    assert (frame.orphaned.now, frame.orphaned.peak) == (orphaned["people"]["now"], orphaned["people"]["peak"])
    assert (frame.waiting.now, frame.waiting.peak) == (missing["now"], missing["peak"])
    assert frame.retained == orphaned["by_cause"]["mover"]["now"]
    assert frame.out_of_step == summary["divergence"]["now"]
    assert (frame.users, frame.active_users) == (summary["target"]["users"], summary["target"]["active_users"])
    assert frame.cycle.number == summary["provisioning"]["cycles"]
    for row in frame.durations:
        said = summary["latency"][row.kind]
        assert (row.n, row.open, row.values_s) == (said["n"], said["censored"], tuple(said["durations_s"]))
        assert (row.p50_s, row.p95_s, row.max_s) == (said["p50_s"], said["p95_s"], said["max_s"])
    assert {row.kind for row in frame.durations} == {
        kind for kind, said in summary["latency"].items()
        if kind not in {"all", "mover_overlap", "mover_gap"} and (said["n"] or said["censored"])
    }  # fmt: skip


def test_many_durations_become_percentiles() -> None:
    watched = Watched(load("hello", ("workforce.size=60", "workforce.counts.joiner=25")).scenario)
    frame = watched.at(watched.world.end)
    joiners = next(row for row in frame.durations if row.kind == "joiner")
    said = summarize(watched.world)["latency"]["joiner"]
    assert joiners.n >= 20
    assert joiners.values_s is None
    assert (joiners.p50_s, joiners.p95_s) == (said["p50_s"], said["p95_s"])


def test_series_feed_and_cycles_are_in_the_journal(tmp_path: Path) -> None:
    watched = Watched(load("hello").scenario, tmp_path)
    frame = watched.at(watched.world.end)
    assert watched.recorder is not None
    watched.recorder.finish()
    with sqlite3.connect(tmp_path / FILE_NAME) as journal:
        rows = journal.execute("SELECT * FROM cycles ORDER BY number").fetchall()
        names = [column[1] for column in journal.execute("PRAGMA table_info(cycles)")]
        cycles = [dict(zip(names, row, strict=True)) for row in rows]
        steps: dict[str, dict[int, int]] = {"orphaned": {}, "missing": {}}
        for state, since, until in journal.execute("SELECT state, since_ms, until_ms FROM person_intervals"):
            if state in steps:
                steps[state][since] = steps[state].get(since, 0) + 1
                if until is not None:
                    steps[state][until] = steps[state].get(until, 0) - 1
    assert [(p.number, p.at, p.before, p.after) for p in frame.divergence] == [
        (c["number"], c["start_ms"], c["divergence_before"], c["divergence_after"]) for c in cycles
    ]
    for state, points in (("orphaned", frame.orphaned_points), ("missing", frame.waiting_points)):
        count, expected = 0, [(0, 0)]
        for at, step in sorted(steps[state].items()):
            count += step
            if step:
                expected.append((at, count))
        assert list(points) == expected
        assert points[-1][1] == 0
    busy = {f"cycle {c['number']}": c for c in cycles if c["kind"] != "idle"}
    told_cycles = [row for row in frame.feed if row.kind == "cycle"]
    assert [row.who for row in told_cycles] == list(busy)
    for row in told_cycles:
        cycle = busy[row.who]
        assert row.at == cycle["end_ms"]
        assert row.what == (
            f"{cycle['requests']} requests; out of step {cycle['divergence_before']} before, "
            f"{cycle['divergence_after']} after"
        )


def test_watching_changes_nothing() -> None:
    watched, plain = Watched(three()), World(three())
    for minutes in range(0, 241, 7):
        watched.at(minutes * MINUTE)
    watched.at(plain.end)
    plain.run()
    assert summarize(watched.world) == summarize(plain)


def test_a_frame_is_immutable_and_stays_as_it_was() -> None:
    watched = Watched(three())
    frame = watched.at(61 * MINUTE)
    kept = (frame.feed, frame.orphaned_points, frame.divergence)
    watched.at(4 * HOUR)
    assert (frame.feed, frame.orphaned_points, frame.divergence) == kept
    with pytest.raises(FrozenInstanceError):
        frame.now = Millis(0)  # type: ignore[misc] # that it cannot be set is what is tested


def test_an_initial_cycle_is_shown_in_progress() -> None:
    watched = Watched(three(start_state="empty"))
    frame = watched.at(3_000)
    assert frame.cycle.phase == "initial"
    assert 0 < frame.cycle.done < frame.cycle.total
    assert frame.caption == (
        f"The initial cycle is under way: {frame.cycle.done} of {frame.cycle.total} objects are done. "
        "It goes through everybody in scope; later cycles carry changes only."
    )
    assert frame.feed[0].what == f"the initial cycle begins: {frame.cycle.total} objects"


def test_a_leavers_lane_goes_from_hr_to_aws() -> None:
    watched = Watched(three())
    hr = watched.at(181 * MINUTE).lane
    assert hr is not None
    assert (hr.person, hr.label) == ("Bob Example", "bob.example@contoso.example")
    assert [(stop.state, stop.word) for stop in hr.stops] == [
        ("waiting", "has not told"), ("waiting", "enabled"), ("idle", "in 19m"), ("trouble", "active"),
    ]  # fmt: skip
    assert hr.stops[3].lines == ("ORPHANED: PowerUser on dev",)
    assert [(door.name, door.is_open, door.why) for door in hr.doorway.doors] == [
        ("sign-in", True, "until HR tells Entra"), ("assignment", True, "until HR tells Entra"),
        ("session", None, "not simulated in this scenario"),
    ]  # fmt: skip

    frame = watched.at(211 * MINUTE)
    assert frame.lane is not None
    assert frame.lane.stops[0].lines == ("left Mon 11:00", "told Mon 11:30")
    assert frame.lane.stops[1].word == "disabled"
    assert frame.lane.stops[2].lines == ("disable the user",)
    assert [(door.is_open, door.since, door.until, door.why) for door in frame.lane.doorway.doors] == [
        (False, 210 * MINUTE, None, "the account in Entra is disabled"),
        (True, None, 4 * HOUR, "the cycle closes it"),
        (None, None, None, "not simulated in this scenario"),
    ]  # fmt: skip
    assert frame.caption == (
        "Bob Example left and the directory knows, but in AWS the access stands until the cycle in 29m."
    )


def test_what_the_next_cycle_will_send_is_told_of_joiner_and_mover() -> None:
    watched = Watched(three())
    joiner = watched.at(61 * MINUTE).lane
    assert joiner is not None
    assert joiner.stops[2].lines == ("create the user", "add to Engineers")
    mover = watched.at(101 * MINUTE).lane
    assert mover is not None
    assert mover.stops[2].lines == ("add to Operators", "take out of Engineers")
    assert mover.stops[3].lines == ("RETAINED: ReadOnly on dev", "WAITING: PowerUser on dev")


def test_the_story_told_is_the_one_under_way_and_another_can_be_followed() -> None:
    watched = Watched(scenario_from(told(act("1h", "leave", "bob"), act("61m", "leave", "ann"))))
    assert watched.at(62 * MINUTE).lane is not None
    assert watched.watch.name(watched.watch.focus or 0) == "Bob Example"
    watched.watch.follow_next()
    lane = watched.at(63 * MINUTE).lane
    assert lane is not None
    assert lane.person == "Ann Example"


def test_a_story_that_has_just_ended_stays_in_view_until_time_goes_on() -> None:
    watched = Watched(scenario_from(told(act("1h", "leave", "bob"), act("61m", "leave", "ann", hr_lag="1h"))))
    for minutes in (61, 79):
        watched.at(minutes * MINUTE)
    ended = watched.at(80 * MINUTE + 1_000)
    assert ended.caption == "Bob Example left, and AWS agreed 20m later."
    assert watched.at(82 * MINUTE).caption.startswith("Ann Example left, but HR has not told the directory")


def test_the_feed_says_what_happened_and_what_comes_next() -> None:
    watched = Watched(three())
    feed = watched.at(4 * HOUR).feed
    bob = [(row.what, row.waiting_for) for row in feed if row.who == "Bob Example"]
    assert bob == [("left", "hr"), ("HR has told the directory", "cycle")]
    assert [row.at for row in feed] == sorted(row.at for row in feed)
    assert feed[0].at == HOUR


def test_scripted_acts_and_refusals_are_told() -> None:
    watched = Watched(
        scenario_from(told(act("1h", "disable", "ann"), act("2h", "delete", "ann"), act("3h", "enable", "ann")))
    )
    feed = watched.at(4 * HOUR).feed
    assert [(row.at, row.kind, row.who, row.what) for row in feed if row.kind == "script"] == [
        (HOUR, "script", "Entra admin", "disables the account of Ann Example"),
        (2 * HOUR, "script", "Entra admin", "deletes the account of Ann Example: it is in the recycle bin"),
        (3 * HOUR, "script", "Entra admin", "enables the account of Ann Example"),
    ]  # fmt: skip
    refused = [row for row in feed if row.kind == "refused"]
    assert [(row.at, row.who) for row in refused] == [(3 * HOUR, "enable")]


def test_without_cycles_the_frame_says_so() -> None:
    watched = Watched(scenario_from(told(act("1h", "leave", "bob"), provisioning__strategy="none")))
    frame = watched.at(CYCLE)
    assert (frame.cycle.phase, frame.cycle.next_at) == ("off", None)
    assert "not running" in frame.caption
    assert "no cycle runs" in watched.at(61 * MINUTE).caption
    assert watched.at(4 * HOUR).ended


def test_a_job_in_quarantine_is_said_wherever_a_cycle_would_be() -> None:
    """Bob leaves at 1 h; the cycle at 80 minutes meets a target that takes no token, and is tried 5 minutes later."""
    faults = [{"kind": "expired_credentials", "at": "70m", "for": "20m"}]
    watched = Watched(scenario_from(told(act("1h", "leave", "bob"), faults=faults)))
    frame = watched.at(81 * MINUTE)
    assert frame.cycle.phase == "quarantine"
    assert frame.cycle.next_at is not None
    assert 85 * MINUTE <= frame.cycle.next_at < 86 * MINUTE
    assert frame.banner.startswith("Provisioning is in quarantine")
    assert [row.what for row in frame.feed if row.kind == "mail"] == [frame.banner]
    assert frame.lane is not None
    assert (frame.lane.stops[2].state, frame.lane.stops[2].word) == ("trouble", "in quarantine")
    assert "the job is in quarantine" in frame.caption
    later = watched.at(4 * HOUR - 1)
    assert later.cycle.phase == "waiting"
    assert later.banner == ""


def test_a_generated_joiner_has_a_name_before_there_is_an_account() -> None:
    """In hello the first joiner comes at 9:02, and HR says so at 9:29."""
    watched = Watched(load("hello").scenario)
    frame = watched.at(65 * MINUTE)
    assert frame.lane is not None
    assert (frame.lane.person, frame.lane.account) == ("Roger Burton", "")
    assert frame.caption == (
        "Roger Burton joined, but HR has not told the directory: there is no account yet that could be given access."
    )


def test_toxic_combinations_and_requests_stand_in_the_feed_and_are_counted() -> None:
    """Ann asks for Operators at 10m, until 90m: with the cycle at 40m she holds both, from 90m on retained."""
    asked = act("10m", "request_access", "ann", group="Operators", until="90m")
    pair = {"name": "read and work", "groups": ["Engineers", "Operators"]}
    watched = Watched(scenario_from(told(asked, organisation__access__toxic=[pair])))
    assert watched.at(20 * MINUTE).toxic == 0
    assert watched.at(50 * MINUTE).toxic == 1
    told_so_far = [happening.what for happening in watched.at(100 * MINUTE).feed]
    assert "is given the access asked for to Operators" in told_so_far
    assert "holds a toxic combination: read and work" in told_so_far
    assert "the access to Operators ends" in told_so_far
    assert watched.at(3 * HOUR).toxic == 0


def test_where_no_pair_is_named_none_is_counted() -> None:
    assert Watched(three()).at(MINUTE).toxic is None


def test_who_does_not_come_was_expected_and_has_not_joined() -> None:
    dan = {"id": "dan", "given_name": "Dan", "family_name": "Ek", "department": "Engineering"}
    frame = Watched(scenario_from(told({"at": "1h", "do": "no_show", "person": dan}))).at(2 * HOUR)
    assert [row.what for row in frame.feed if row.who == "Dan Ek"] == ["was expected today", "did not come"]


def test_where_everything_is_by_ticket_no_step_of_a_pipeline_is_done_that_nobody_took() -> None:
    """Identity Center and its permission sets are there, and groups are assigned in Entra; no job ever will be."""
    world = World(scenario_from(told(provisioning__strategy="ticket")))
    assert [step.what for step in pipeline(world) if step.done] == [
        "AWS: Identity Center is enabled", "AWS: permission sets", "Entra: groups in scope",
    ]  # fmt: skip
