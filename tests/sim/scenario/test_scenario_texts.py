"""The canonical text, the catalogue, the schema, the assumptions, and what importing costs."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.scenario import (
    ScenarioError,
    assumptions,
    canonical_text,
    catalogue,
    default_scenario,
    json_schema,
    load,
    loads,
    scenario_from,
    scenario_text,
)
from sim.scenario.canonical import scalar_text
from sim.scenario.document import compose
from sim.scenario.timeline import AnyAction
from sim.scenario.workforce import Workforce
from sim.time import DAY

NAMES = [item.name for item in catalogue()]

# --- canonical text -----------------------------------------------------------

RICH: dict[str, Any] = {
    "scenario": "rich",
    "title": "Quotes \" and 'these', a # and a: b",
    "brief": "Two lines\nand a tab\there, Zoë 😀",
    "start": "2026-03-02T09:00:00+01:00",
    "duration": "P1DT2H",
    "organisation": {
        "departments": [{"name": "No"}, {"name": "1e3"}],
        "access": {"catalogue": {"GRP: odd": [{"permission_set": "A", "account": "000123456789"}], "empty": []}},
    },
    "before": {
        "people": [
            {
                "id": "cy",
                "given_name": "Cy",
                "family_name": "Null",
                "department": "No",
                "employment": "contractor",
                "contract_end": "-35d",
            }
        ],
    },
    "workforce": {"size": 20, "counts": {"leaver": 1}, "hr_lag": {"uniform": ["24h", "72h"]}},
    "provisioning": {"phase": "90s", "pace": {"initial": 0.2}},
    "faults": [
        {"kind": "outage", "at": "1h", "for": "2h", "status": 503, "retry_after": "30s"},
        {"name": "slow", "kind": "latency", "delay": "1500ms", "started": False},
        {"kind": "throttled", "rate": 0.5, "operation": "create_user"},
        {"kind": "lost_answer", "share": 0.1, "times": 2, "person": "cy"},
    ],
    "timeline": [
        {"at": "2026-03-02T10:00:00Z", "do": "extend", "person": "cy", "until": "3d", "hr_lag": "-1h"},
        {"at": "100ms", "do": "start_job"},
    ],
}


@pytest.mark.parametrize("name", NAMES)
def test_canonical_text_of_the_catalogue_reads_back(name: str) -> None:
    loaded = load(name)
    folder = next(item.path for item in catalogue() if item.name == name).parent
    again = loads(loaded.text, "journal", folder=folder, listing=loaded.scenario.listing)
    assert again.scenario == loaded.scenario
    assert again.text == loaded.text


def test_canonical_text_of_odd_values_reads_back() -> None:
    scenario = scenario_from(RICH)
    text = canonical_text(scenario)
    assert loads(text, "journal").scenario == scenario
    assert "at: 2h\n" in text
    assert 'account: "000123456789"\n' in text


def test_canonical_text_writes_every_default_out() -> None:
    values = {"scenario": "x", "title": "X", "start": "2026-03-02T08:00:00Z", "duration": "72h"}
    assert canonical_text(scenario_from(values)) == (
        """\
scenario: x
title: X
brief: ""
start: "2026-03-02T08:00:00Z"
duration: 3d
drain: 0m
seed: 1
start_state: empty
organisation:
  domain: contoso.example
  departments: []
  locations: []
  stale_after: 30d
  truth_of_manual_changes: follows
  sla_clock: effective
  access:
    birthright: []
    requests: []
    catalogue: {}
    exceptions: []
    toxic: []
before:
  people: []
  groups: []
  members: []
  target_users: []
  assignments: []
phases: []
provisioning:
  strategy: cycle
  interval: 40m
  phase: random
  on_leave: disable
  pace:
    initial: 1.2
    incremental: 10.0
  hours: []
  overrun: at_once
  retry_after: honour
  retry_after_limit: 5
  lost_create: look_up
  retries:
    ladder:
      - 6h
      - 12h
      - 1d
    then: 1d
    give_up: 28d
    transient: next_cycle
  quarantine:
    floor: 5000
    share: 40.0
    objects: 40000
    total: 60000
    first_attempt: 5m
    slowest: 1d
    disabled_after: 28d
  members_per_patch: 1
  patch_dialect: legacy
  connection_probe: false
  on_demand:
    calls: 5
    window: 10s
    assignment_lag: 0m
  runbook: none
  pim:
    fast_path: false
    delay:
      uniform:
        - 2m
        - 10m
    burst: 5
    window: 10s
  request_timeout: 1m
  mappings:
    preset: default
    users: []
    groups: []
  scope: assigned
  entitling_roles:
    - User
    - msiam_access
  scoping:
    users: []
    groups: []
  skip_out_of_scope_deletions: false
  actions:
    users:
      - create
      - update
      - delete
    groups:
      - create
      - update
      - delete
  soft_delete: true
  group_delete: soft
  purged_between_cycles: delete
target:
  profile: aws
  set_up: done
  request_time: 100ms
  accounts: []
  permission_sets: []
  users_quota: 100000
  limits: none
  sign_in: federated
  token_life: 365d
  quirks: []
faults: []
timeline: []
results: []
"""
    )


def test_ways_to_write_the_same_scenario_have_one_text() -> None:
    plain = "scenario: x\ntitle: X\nstart: 2026-03-02T08:00:00Z\nduration: 3d\n"
    other = '# hello\n{duration: P3D, "title": "X", scenario: x, start: 2026-03-02 09:00:00+01:00}\n'
    assert loads(plain, "a").text == loads(other, "b").text


@given(st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(max_size=20))
def test_every_scalar_reads_back(value: bool | int | str | None) -> None:
    text = f"key: {scalar_text(value)}\n"
    if isinstance(value, str) and re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", value):
        with pytest.raises(ScenarioError, match="control character"):
            compose(text, "x")
    else:
        assert compose(text, "x").root == {"key": value}


# --- from plain values --------------------------------------------------------


def test_plain_values_are_left_as_they_were() -> None:
    values = copy.deepcopy(RICH)
    scenario_from(values)
    assert values == RICH


def test_error_in_plain_values_names_their_source() -> None:
    with pytest.raises(ScenarioError, match=r"^a test: duration: this key is missing; required here: scenario, title"):
        scenario_from({"scenario": "x", "title": "X", "start": "2026-03-02T08:00:00Z"}, "a test")


def test_tuples_are_as_good_as_lists() -> None:
    values = {**RICH, "timeline": ({"at": "1h", "do": "leaves"},)}
    with pytest.raises(ScenarioError, match=r"timeline\.0\.do: 'leaves' is no action"):
        scenario_from(values)


PATHS = [path for path in compose(canonical_text(scenario_from(RICH)), "rich").places if path]
ODD_SCALARS = (None, True, 0, -1, 1.5, float("nan"), 10**40, "", "x", "none", "\n", "-1h", "9999-12-31T23:59:59Z")
ODD_WHOLES: tuple[Any, ...] = (
    [],
    [None],
    {},
    {"x": 1},
    {"uniform": [1]},
    {"do": None},
    {"do": "leave"},
    [{"do": "join", "person": {}}],
)
JUNK = st.sampled_from([*ODD_SCALARS, *ODD_WHOLES])


@given(st.sampled_from(PATHS), JUNK, st.booleans())
def test_junk_anywhere_is_refused_with_a_sentence_or_allowed(
    path: tuple[str | int, ...], junk: Any, beside: bool
) -> None:
    values: Any = compose(canonical_text(scenario_from(RICH)), "rich").root
    inner = values
    for step in path[:-1]:
        inner = inner[step]
    if beside and isinstance(inner, dict):
        inner[f"{path[-1]}x"] = junk
    else:
        inner[path[-1]] = junk
    said = "rich: "
    try:
        scenario_from(values, "rich")
    except ScenarioError as error:
        said = str(error)
    assert said.startswith("rich: ")
    assert "pydantic" not in said
    assert "see `jmlab scenario schema`" not in said


# --- catalogue ----------------------------------------------------------------


def test_catalogue_lists_every_scenario_file() -> None:
    folder = catalogue()[0].path.parent
    assert sorted(NAMES) == sorted(path.stem for path in folder.glob("*.yaml") if path.stem != "index")


@pytest.mark.parametrize("name", NAMES)
def test_catalogue_and_file_agree_on_name_and_title(name: str) -> None:
    item = next(item for item in catalogue() if item.name == name)
    scenario = load(name).scenario
    assert (scenario.scenario, scenario.title) == (item.name, item.title)
    assert scenario.brief.endswith(".")


def test_default_scenario_is_in_the_catalogue() -> None:
    assert default_scenario() in NAMES


def test_scenario_text_keeps_the_comments() -> None:
    assert scenario_text("hello").startswith("# The shortest story")


@pytest.mark.parametrize("name", ["helo", "index", "../hello"])
def test_other_names_have_no_text(name: str) -> None:
    with pytest.raises(
        ScenarioError,
        match="there is no such scenario in the catalogue; jmlab scenario list names them all",
    ):
        scenario_text(name)


def test_scenario_is_loaded_by_path_too(tmp_path: Path) -> None:
    copied = tmp_path / "mine.yaml"
    copied.write_text("\ufeff" + scenario_text("hello"), encoding="utf-8")
    loaded = load(str(copied))
    assert loaded.scenario == load("hello").scenario
    assert loaded.source == str(copied)


def test_missing_catalogue_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.scenario.index.find_spec", lambda _name: None)
    with pytest.raises(ScenarioError, match=r"^scenarios: the catalogue of scenarios is missing; install jmlab again$"):
        catalogue()


def test_hello_is_a_small_story_in_sync() -> None:
    scenario = load("hello").scenario
    assert scenario.duration == 3 * DAY
    assert scenario.start_state == "in_sync"
    assert isinstance(scenario.workforce, Workforce)
    assert scenario.workforce.size == 20
    assert scenario.workforce.counts is not None
    assert min(scenario.workforce.counts.model_dump().values()) >= 2
    access = scenario.organisation.access
    assert (len(access.catalogue), len(scenario.target.permission_sets), len(scenario.target.accounts)) == (3, 3, 2)
    assert sum(entry.privileged for group in access.catalogue.values() for entry in group) == 1


def test_plain_takes_any_size() -> None:
    scenario = load("plain", ["workforce.size=5000000"]).scenario
    assert isinstance(scenario.workforce, Workforce)
    assert scenario.workforce.size <= scenario.target.users_quota
    assert (scenario.duration, scenario.start_state) == (365 * DAY, "in_sync")


# --- schema -------------------------------------------------------------------


def test_schema_refuses_unknown_keys_everywhere() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["required"] == ["scenario", "title", "start", "duration"]
    assert schema["additionalProperties"] is False
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())


def test_schema_names_every_action() -> None:
    mapping = json_schema()["properties"]["timeline"]["items"]["discriminator"]["mapping"]
    assert len(mapping) == len(AnyAction.__args__)


def test_schema_resolves_its_own_references() -> None:
    schema = json_schema()
    wanted = set(re.findall(r"'#/\$defs/(\w+)'", str(schema)))
    assert wanted
    assert wanted <= set(schema["$defs"])


def test_schema_writes_durations_as_text() -> None:
    interval = json_schema()["$defs"]["Provisioning"]["properties"]["interval"]
    assert (interval["type"], interval["default"]) == ("string", "40m")
    assert re.fullmatch(interval["pattern"], "1h30m")
    assert not re.fullmatch(interval["pattern"], "40min")
    assert not re.fullmatch(interval["pattern"], "-40m")
    lag = json_schema()["$defs"]["Workforce"]["properties"]["hr_lag"]
    assert lag["default"] == "0m"


def test_schema_writes_the_form_of_names() -> None:
    name = json_schema()["properties"]["scenario"]
    assert re.fullmatch(name["pattern"], "my-story")
    assert not re.fullmatch(name["pattern"], "My Story")


def test_schema_takes_none_for_no_workforce() -> None:
    assert {"const": "none"} in json_schema()["properties"]["workforce"]["anyOf"]


def test_schema_gives_the_source_of_every_assumption() -> None:
    schema = json_schema()
    keys = [(part, key) for part in schema["$defs"].values() for key in part.get("properties", {})]
    sourced = [part["properties"][key] for part, key in keys if "grade" in part["properties"][key]]
    assert len(sourced) >= 12
    assert all(each["grade"] in "ABCD" and each["source"] for each in sourced)
    assert all("https://" in each["source"] or "http://" in each["source"] or each["grade"] == "D" for each in sourced)


# --- assumptions --------------------------------------------------------------


def test_assumption_that_is_the_default_has_its_source() -> None:
    found = {each.key: each for each in assumptions(load("plain").scenario)}
    interval = found["provisioning.interval"]
    assert (interval.value, interval.grade) == ("40m", "A")
    assert interval.source.startswith("https://learn.microsoft.com/")
    assert found["workforce.rates.leavers"].value == 0.17


def test_assumption_that_was_changed_is_the_scenarios_own() -> None:
    found = {each.key: each for each in assumptions(load("plain", ["provisioning.interval=20m"]).scenario)}
    changed = found["provisioning.interval"]
    assert (changed.value, changed.grade, changed.source) == ("20m", None, "set by the scenario")


def test_only_assumptions_that_are_used_are_listed() -> None:
    by_counts = {each.key for each in assumptions(load("hello").scenario)}
    assert not any(key.startswith("workforce.rates") for key in by_counts)
    scripted = scenario_from({key: RICH[key] for key in ("scenario", "title", "start", "duration")})
    assert not any(each.key.startswith("workforce") for each in assumptions(scripted))


def test_assumptions_are_the_same_after_the_journal() -> None:
    scenario = load("plain", ["provisioning.pace.initial=0.5"]).scenario
    assert assumptions(loads(canonical_text(scenario), "journal").scenario) == assumptions(scenario)


# --- what importing costs -----------------------------------------------------


def test_importing_it_loads_nothing_heavier_than_pydantic() -> None:
    code = (
        "import sys, sim.scenario; sim.scenario.load('hello'); "
        "heavy = {'numpy', 'simpy', 'faker', 'fastapi', 'textual', 'scim2_models', 'scenarios'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
