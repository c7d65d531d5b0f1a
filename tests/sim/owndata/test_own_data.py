"""Own data in a world: a run's events.csv tells the same story again, and a journal needs no file."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sim.observation.journal import Journal, attach, events_csv, open_journal, recorded_scenario
from sim.observation.summary import summarize
from sim.scenario import Scenario, ScenarioError, json_schema, load, loads
from sim.world import World

RUN = {"transport", "versions", "wall_s", "trace_sha256", "traffic_sha256", "assumptions", "population"}


def run(scenario: Scenario, folder: Path) -> World:
    """A run that is kept in a directory, with its events.csv."""
    folder.mkdir()
    world = World(scenario)
    recorder = attach(world, Journal(folder))
    world.run()
    recorder.finish()
    with closing(open_journal(folder)) as journal:
        (folder / "events.csv").write_text(events_csv(journal), encoding="utf-8")
    return world


def facts(folder: Path, table: str, columns: str = "*") -> list[Any]:
    with closing(open_journal(folder)) as journal:
        return journal.execute(f"SELECT {columns} FROM {table}").fetchall()


NAMES = "nickname_collisions: 0.3, locales: {sv_SE: 1, de_DE: 2}"
BOUGHT = "joining: {no_show: 0.3}, bulk: [{kind: acquisition, at: 20d, domain: bought.example, after: 30d}]"
EVERY_KIND = (
    "duration=400d",
    "provisioning.interval=1d",
    f"workforce={{size: 80, profile: corporate, contractors: 0.4, {NAMES}, {BOUGHT}}}",
)
MEASURED = (
    "events",
    "latencies",
    "outcomes",
    "person_intervals",
    "grant_intervals",
    "cycles",
    "employment",
    "stale",
    "tickets",
)


@pytest.mark.parametrize("names", ["kept", "hashed"])
@pytest.mark.parametrize(
    "sets",
    [
        (),
        ("seed=5", "start_state=empty", "workforce.hr_lag={uniform: [0m, 30h]}"),
        ("workforce={size: 30, rates: {joiners: 9, leavers: 9, movers: 9}, contractors: 0.5, hr_lag: 3h}",),
        EVERY_KIND,
        (*EVERY_KIND, "provisioning.strategy=event"),
        (
            *EVERY_KIND,
            "provisioning.strategy=ticket",
            "provisioning.ticket.review={every: 90d, catches: 0.5}",
            "organisation.access.requests=[{group: GRP-AWS-Engineering, rate: 2, lasts: 20d, forgotten: 0.3}]",
        ),
    ],
    ids=["hello", "late HR", "rates", "every kind", "by push", "by ticket"],
)
def test_events_read_back_give_the_same_events_latencies_and_orphaned_access(
    tmp_path: Path, names: str, sets: tuple[str, ...]
) -> None:
    first = run(load("hello", sets).scenario, tmp_path / "first")
    own = load("hello", (*sets, f"workforce={{from: '{tmp_path / 'first' / 'events.csv'}', names: {names}}}")).scenario
    again = run(own, tmp_path / "again")
    for table in MEASURED:
        assert facts(tmp_path / "again", table) == facts(tmp_path / "first", table)
    ids = [world.services.directory.user_id(3) for world in (first, again)]
    assert ids[0] == ids[1]
    if names == "kept":
        assert again.traffic_sha256 == first.traffic_sha256
        changed = "at_ms, seq, service, verb, key"
        assert facts(tmp_path / "again", "changes", changed) == facts(tmp_path / "first", "changes", changed)
        assert (tmp_path / "again" / "events.csv").read_bytes() == (tmp_path / "first" / "events.csv").read_bytes()
    assert figures(first) == figures(again)


def figures(world: World) -> dict[str, Any]:
    """The summary without what is about the run itself, and without how people are called."""
    summary: dict[str, Any] = json.loads(json.dumps(summarize(world, transport="direct", wall_s=1)))
    for finding in summary["orphaned_access"]["open"]:
        del finding["principal"]
    return {key: value for key, value in summary.items() if key not in RUN}


def test_what_a_timeline_did_is_marked_and_happens_once_when_read_back(tmp_path: Path) -> None:
    text = (
        "{scenario: mixed, title: t, start: 2026-03-02T08:00:00Z, duration: 2d, start_state: in_sync, "
        "organisation: {departments: [{name: A}], access: {birthright: [{groups: [G]}], "
        "catalogue: {G: [{permission_set: P, account: a}]}}}, workforce: %s, "
        "timeline: [{at: 5h, do: join, person: {id: eve, given_name: Eve, family_name: E, department: A}}]}"
    )
    run(loads(text % "{size: 5, counts: {leaver: 1}}", "mixed.yaml").scenario, tmp_path / "first")
    own = f"{{from: '{tmp_path / 'first' / 'events.csv'}', names: kept}}"
    run(loads(text % own, "mixed.yaml").scenario, tmp_path / "again")
    kinds = facts(tmp_path / "again", "events", "kind, scripted")
    assert kinds == facts(tmp_path / "first", "events", "kind, scripted")
    assert sorted(kinds) == [("joiner", 1), ("leaver", 0)]
    events = (tmp_path / "first" / "events.csv").read_text(encoding="utf-8").splitlines()
    assert sum(line.endswith(",timeline,finished") for line in events) == 1


PEOPLE = """person,kind,effective_at,department,given_name,family_name
1,present,,Engineering,Zoë,Okonkwo
2,present,,Finance,Bo,Lindqvist
2,mover,2026-03-03,Engineering,,
1,leaver,2026-03-03T10:00:00Z,,,
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A scenario file with its own people beside it."""
    (tmp_path / "hr").mkdir()
    (tmp_path / "hr" / "people.csv").write_text(PEOPLE, encoding="utf-8")
    text = load("hello").text.partition("\nworkforce:")
    rest = text[2].partition("\nprovisioning:")
    file = tmp_path / "story.yaml"
    file.write_text(f"{text[0]}\nworkforce: {{from: hr/people.csv}}\nprovisioning:{rest[2]}", encoding="utf-8")
    return file


def test_a_path_is_seen_from_the_scenario_and_one_on_the_command_line_from_where_one_is(
    story: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = tmp_path / "elsewhere"
    there.mkdir()
    monkeypatch.chdir(there)
    assert load(str(story)).scenario.listing is not None
    with pytest.raises(
        ScenarioError, match=r"^--set workforce.from: there is no file 'hr/people.csv'; name a CSV file"
    ):
        load(str(story), ["workforce.from=hr/people.csv"])
    assert load("hello", ["workforce.from=../hr/people.csv"]).scenario.listing is not None


def test_a_journal_is_repeated_without_the_file_and_holds_no_name(story: Path, tmp_path: Path) -> None:
    world = run(load(str(story)).scenario, tmp_path / "run")
    (story.parent / "hr" / "people.csv").unlink()
    with closing(open_journal(tmp_path / "run")) as journal:
        again = World(recorded_scenario(journal))
        sha256 = journal.execute("SELECT sha256 FROM own_data").fetchone()
        dump = "\n".join(journal.iterdump())
        events = events_csv(journal)
    again.run()
    assert again.trace_sha256 == world.trace_sha256
    assert len(sha256[0]) == 64
    for name in ("Okonkwo", "okonkwo", "Lindqvist", "lindqvist", "Zo"):
        assert name not in dump + events + json.dumps(summarize(world, transport="direct", wall_s=1))


def test_a_department_that_the_scenario_does_not_have_is_refused_in_the_file(story: Path) -> None:
    file = story.parent / "hr" / "people.csv"
    file.write_text(PEOPLE.replace("Finance", "Finanz"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(str(story))
    assert str(caught.value) == (
        f"{file}:3: department: 'Finanz' is no department of this scenario; allowed: Engineering, Operations or "
        "Finance (did you mean 'Finance'?)"
    )


def test_a_file_takes_the_place_of_a_generated_workforce_on_the_command_line_and_not_in_a_file(story: Path) -> None:
    both = story.read_text(encoding="utf-8").replace("{from: hr/people.csv}", "{size: 3, from: hr/people.csv}")
    with pytest.raises(
        ScenarioError, match=r"workforce.size: unknown key; allowed here: from, names, timezone or hr_lag"
    ):
        loads(both, "story.yaml", folder=story.parent)
    scenario = load("hello", [f"workforce.from={story.parent}/hr/people.csv"]).scenario
    assert scenario.listing is not None
    assert scenario.listing.people.size == 2


def test_the_schema_of_scenario_files_knows_own_data() -> None:
    assert "OwnWorkforce" in json.dumps(json_schema())


def test_who_is_promoted_has_the_old_title_until_then(tmp_path: Path) -> None:
    """The department stays, the title alone is another one: it is a row `mover` like any other."""
    (tmp_path / "people.csv").write_text(
        "person,kind,effective_at,department,title,reason\n"
        "ada@contoso.example,present,,Finance,Accountant,\n"
        "ada@contoso.example,mover,2026-03-02T10:00:00Z,,Controller,promotion\n",
        encoding="utf-8",
    )
    text = (
        "{scenario: promoted, title: t, start: 2026-03-02T08:00:00Z, duration: 4h, start_state: in_sync, "
        "organisation: {access: {birthright: [{department: Finance, groups: [G]}], catalogue: {G: []}}}, "
        "workforce: {from: people.csv, names: kept}}"
    )
    world = World(loads(text, "promoted.yaml", folder=tmp_path).scenario)
    assert world.services.directory.attributes_of(0)["jobTitle"] == "Accountant"
    world.run()
    assert world.services.directory.attributes_of(0)["jobTitle"] == "Controller"
    user = world.services.provider.user_by("userName", "ada@contoso.example")
    assert user is not None
    assert user.attributes["title"] == "Controller"
