"""What is reckoned in columns is what the simulated world measures: every figure to the last digit, in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
import pytest

from sim.scenario import Scenario, load, scenario_from
from sim.scenario.canonical import canonical_text
from sim.whatif.audit import audit_odds
from sim.whatif.columns import figures
from sim.whatif.columns import replication as columns
from sim.whatif.columns.few import live
from sim.whatif.columns.figures import figures_of
from sim.whatif.columns.replication import company
from sim.whatif.columns.structure import Structure, structure_of
from sim.whatif.comparison import Comparison
from sim.whatif.experiment import Experiment, replicate, run_variant
from sim.whatif.feasible import Feasible
from sim.whatif.figures import Figures
from sim.whatif.report import as_json, page
from sim.whatif.variants import Asked, Variant, checked, grid
from sim.world import World


def plain(*told: str) -> Scenario:
    return load("plain", ("workforce.size=300", "duration=90d", *told)).scenario


def reckoned(scenario: Scenario, seed: int = 1, replication: int = 0) -> Figures | None:
    """The figures in columns; None where something is out of the ordinary."""
    if company(scenario) is None:
        return None
    structure = structure_of(World(scenario, seed=seed, replication=replication))
    return None if structure is None else figures_of(structure, scenario, seed, replication)


def simulated(scenario: Scenario, seed: int = 1, replication: int = 0) -> Figures:
    return run_variant(
        Variant("it", (), Feasible(True, ""), canonical_text(scenario), scenario.listing), seed, replication
    )


def the_same(scenario: Scenario, seed: int = 1, replication: int = 0) -> bool:
    """Whether a scenario is reckoned at all; if it is, then as it is simulated."""
    found = reckoned(scenario, seed, replication)
    if found is None:
        return False
    expected = simulated(scenario, seed, replication)
    assert {k: (found.get(k), expected.get(k)) for k in {**expected, **found} if found.get(k) != expected.get(k)} == {}
    assert list(found) == list(expected)
    return True


WEEKEND = (
    "start=2026-03-28T20:00:00Z",
    "duration=30h",
    "workforce.calendar=corporate",
    "workforce.rates.joiners=4",
    "organisation.locations=[{name: Sydney, timezone: Australia/Sydney}, {name: Lisbon, weight: 3}]",
)
"""From a Saturday evening into the night to Monday: most of those who join in Lisbon would do so after the end."""


@pytest.mark.parametrize(
    "told",
    [
        ("provisioning.interval=5m",),
        (),
        ("provisioning.interval=8h",),
        ("provisioning.interval=1d", "provisioning.phase=3h"),
        ("provisioning.hours=[{from: 8h, to: 18h, interval: 10m}]", "provisioning.interval=2h"),
        ("provisioning.pace={incremental: 3.7}",),
        ("target.request_time=2s", "provisioning.request_timeout=2s"),
        ("workforce.hr_lag={uniform: [0m, 24h]}",),
        ("workforce.hr_lag=4h", "organisation.sla={leaver: 5h, joiner: at_start}", "organisation.sla_clock=notified"),
        ("organisation.sla={leaver: 1h, joiner: 20m, mover: 30m, privileged_leaver: 20m, contractor_expiry: 2h}",),
        ("workforce.calendar=working_hours",),
        ("drain=49h",),
        ("organisation.stale_after=1h", "provisioning.interval=12d"),  # some is stale at the end
        (*WEEKEND,),
        (*WEEKEND, "drain=1d"),
        ("provisioning.mappings={users: [{target: title, expression: 'ToLower([department])'}]}",),
    ],
    ids=lambda told: ",".join(told)[:60] or "40m",
)
def test_an_ordinary_company_is_reckoned_as_it_is_simulated(told: tuple[str, ...]) -> None:
    reckoned_of = [the_same(plain(*told), 3, replication) for replication in range(2)]
    assert any(reckoned_of)


@pytest.mark.parametrize("name", ["hello", "contractor-heavy", "late-hr", "phase-trap"])
def test_stories_of_the_catalogue_are_reckoned_as_they_are_simulated(name: str) -> None:
    assert the_same(load(name, ("provisioning.interval=20m",)).scenario)


P = ParamSpec("P")
T = TypeVar("T")
DRAWN = 60
NAMES = ("Ann", "Bea", "Cyd", "Dot")
GRANTS = [f"{what} {where}" for what in ("Read", "Write", "Admin") for where in ("dev", "prod", "data")]


def drawn(number: int) -> Scenario:
    """A small company in which departments share groups and groups share grants, and in which people move often."""
    chance = np.random.Generator(np.random.PCG64(number))

    def one_of(*values: object) -> object:
        return values[chance.integers(len(values))]

    def some(values: Sequence[str], most: int) -> list[str]:
        chosen = chance.permutation(len(values))[: chance.integers(1, most + 1)]
        return [values[i] for i in chosen]

    shared = chance.random() < 0.3
    rules: list[dict[str, object]] = [
        {"department": name, "groups": some(NAMES, 2) if shared else [name]} for name in NAMES[:3]
    ]
    if chance.random() < 0.5:
        rules.append({"groups": ["Everybody"]})
    catalogue = {
        name: [
            {"permission_set": what, "account": where, "privileged": what == "Admin"}
            for what, _, where in (grant.partition(" ") for grant in some(GRANTS if shared else GRANTS[i::5], 3))
        ]
        for i, name in enumerate((*NAMES, "Everybody"))
    }
    organisation: dict[str, object] = {
        "domain": "contoso.example",
        "departments": [{"name": name, "weight": 1} for name in NAMES[:3]],
        "access": {"birthright": rules, "catalogue": catalogue},
        "stale_after": one_of("30d", "2h"),
    }
    if chance.random() < 0.25:
        organisation["sla"] = {"leaver": "1h", "joiner": "at_start", "mover": "2h", "privileged_leaver": "30m"}
    return scenario_from(
        {
            "scenario": "drawn",
            "title": "Drawn",
            "start": "2026-03-02T08:00:00Z",
            "duration": one_of("5d", "12d"),
            "start_state": "in_sync",
            "organisation": organisation,
            "workforce": {
                "size": one_of(40, 120),
                "rates": {"joiners": 4, "leavers": 4, "movers": one_of(0, 1, 4, 10)},
                "contractors": 0.3,
                "contract": {"mean": one_of("180d", "3d")},
                "contact_details": False,
                "calendar": one_of("uniform", "uniform", "working_hours", "corporate"),
                "nickname_collisions": one_of(0, 0, 0, 0.5),
                "hr_lag": one_of("0m", "0m", {"uniform": ["0m", "3h"]}, {"uniform": ["0m", "2d"]}),
            },
            "provisioning": {
                "interval": one_of("7m", "40m", "2h", "9h", "1d"),
                "phase": one_of("random", "0m", "13m"),
                "pace": {"incremental": one_of(10, 0.7)},
            },
        }
    )


def counting(way: Callable[P, T], calls: list[bool]) -> Callable[P, T]:
    """The same function, which notes every call."""

    def counted(*told: P.args, **named: P.kwargs) -> T:
        calls.append(True)
        return way(*told, **named)

    return counted


def test_whatever_is_reckoned_of_drawn_companies_is_as_it_is_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some of them have people in their own way between two cycles, who live by themselves beside the columns."""
    few: list[bool] = []
    monkeypatch.setattr(figures, "live", counting(live, few))
    count = [the_same(drawn(number), number) for number in range(DRAWN)]
    assert sum(count) > DRAWN / 3
    assert len(few) > DRAWN / 8


@pytest.mark.parametrize(
    "told",
    [
        ("provisioning.strategy=ticket",),
        ("provisioning.strategy=event",),
        ("provisioning.overrun=after_end",),
        ("provisioning.runbook=unassign_first",),
        ("provisioning.members_per_patch=5",),
        ("provisioning.connection_probe=true",),
        ("provisioning.deletion_threshold={count: 50}",),
        ("start_state=empty",),
        ("target.sessions={}",),
        ("target.limits=aws",),
        ("target.request_time=61s",),  # the job waits for 60
        ("target.token_life=10d",),
        ("faults=[{kind: outage, status: 503, at: 20d, for: 5d}]",),
        ("timeline=[{at: 1d, do: pause_job}]",),
    ],
    ids=lambda told: ",".join(told)[:60],
)
def test_what_is_out_of_the_ordinary_is_left_to_simulation(told: tuple[str, ...]) -> None:
    assert company(plain(*told)) is None


@pytest.mark.parametrize(
    "told",
    [
        ("workforce.profile=corporate",),
        ("target.users_quota=310",),
        # nobody is in scope, and nothing ever happens
        ("provisioning.entitling_roles=[msiam_access]", "workforce.counts={}", "workforce.contractors=0"),
        ("workforce.nickname_collisions=1", "workforce.size=1000"),  # two of one externalId
        ("provisioning.mappings={users: [{target: name.familyName, none: true}]}",),  # which AWS asks for
        ("provisioning.mappings={users: [{target: externalId, source: department}]}",),
        ("provisioning.mappings={users: [{target: userName, expression: 'Left([userPrincipalName], 3)', match: 1}]}",),
        ("provisioning.mappings={users: [{target: externalId, expression: 'Append([department], [mailNickname])'}]}",),
        ("provisioning.patch_dialect=compliant",),
        ("provisioning.soft_delete=false",),
        ("target.quirks=[removal_empties_group]",),
        ("workforce.size=3000", "provisioning.interval=5m", "target.request_time=60s"),  # cycles run into each other
    ],
    ids=lambda told: ",".join(told)[:60],
)
def test_a_world_that_turns_out_to_be_out_of_the_ordinary_is_left_to_simulation(told: tuple[str, ...]) -> None:
    assert reckoned(plain(*told)) is None


@pytest.mark.parametrize("most", [0, 200])
def test_more_than_a_few_in_their_own_way_are_left_to_simulation(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 10,000 people somebody moves twice, or comes and goes, within two weeks."""
    monkeypatch.setattr("sim.whatif.columns.few.MOST", most)
    assert (reckoned(plain("workforce.size=10000", "provisioning.interval=14d")) is None) is (most == 0)


OWN = """person,kind,effective_at,department
1,joiner,2026-03-02T09:00:00Z,Sales
1,mover,2026-03-02T09:00:30Z,Engineering
"""


@pytest.mark.parametrize(("interval", "expected"), [("1m", False), ("1h", True)])
def test_cycles_of_the_few_that_run_into_each_other_are_left_to_simulation(
    interval: str, expected: bool, tmp_path: Path
) -> None:
    """The first cycle takes up the joiner, and four requests last longer than a minute: the next begins at no gate."""
    (tmp_path / "own.csv").write_text(OWN)
    told = (f"workforce.from={tmp_path / 'own.csv'}", "start=2026-03-02T08:00:00Z", "duration=1d")
    pace = (f"provisioning.interval={interval}", "provisioning.phase=30m", "provisioning.pace.incremental=0.05")
    scenario = load("plain", (*told, *pace)).scenario
    assert the_same(scenario) is expected


MEANWHILE = (
    """person,kind,effective_at,known_at,directory_at,department
0,present,,,,Sales
0,contractor_expiry,2026-03-03T04:00:00.001Z,2026-03-03T03:20:00Z,2026-03-04T04:00:00.001Z,
1,present,,,,Sales
1,mover,2026-03-02T08:40:00Z,2026-03-02T08:40:00Z,2026-03-03T08:40:00Z,Engineering
1,leaver,2026-03-02T09:20:00Z,,,
2,joiner,2026-03-02T12:00:00Z,,,Finance
2,leaver,2026-03-02T12:40:00Z,,,
3,joiner,2026-03-02T08:00:00Z,,,Finance
4,present,,,,Sales
4,mover,2026-03-02T08:39:59.999Z,2026-03-02T08:40:00Z,2026-03-02T09:20:00Z,Finance
""",
    """person,kind,effective_at,known_at,directory_at,department
0,joiner,2026-03-02T09:00:00Z,,,Engineering
0,mover,2026-03-02T10:00:00Z,,,Sales
1,present,,,,Engineering
1,mover,2026-03-02T09:00:00Z,,,Sales
1,mover,2026-03-02T10:00:00Z,,,Finance
2,present,,,,Finance
2,mover,2026-03-02T08:00:00Z,,,Sales
3,joiner,2026-03-02T08:59:59.999Z,,,Sales
""",
)
"""Two things at one instant: somebody goes when HR acts on their coming, or people come and move together. Which of
them is first hangs on what happened to others before."""


@pytest.mark.parametrize("rows", MEANWHILE, ids=["of one person", "of two"])
def test_the_order_of_what_happens_at_one_instant_is_that_among_everybody(rows: str, tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(rows)
    told = (f"workforce.from={tmp_path / 'own.csv'}", "start=2026-03-02T08:00:00Z", "duration=2d")
    pace = ("provisioning.interval=3h", "provisioning.phase=1m", "target.request_time=10s")
    for lag in ("0m", "40m"):
        the_same(load("plain", (*told, *pace, f"workforce.hr_lag={lag}")).scenario)


# --- a replication --------------------------------------------------------------------------------------------


def experiment(intervals: str = "20m,40m,2h", *, simulate_all: bool = False) -> Experiment:
    asked = grid([f"provisioning.interval={intervals}", "workforce.hr_lag=0m,2h"])
    names = {each.name for each in asked}
    variants = checked("plain", ("workforce.size=200", "duration=40d"), asked)
    chosen = tuple(each for each in variants if each.name in names)
    return Experiment("plain", 5, chosen, simulate_all=simulate_all)


def test_a_replication_gives_what_simulating_all_of_it_gives() -> None:
    for number in range(2):
        together, apart = replicate(experiment(), number), replicate(experiment(simulate_all=True), number)
        assert list(together.items()) == list(apart.items())


def test_in_each_replication_another_variant_of_each_company_is_simulated_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names: list[str] = []

    def noted(variant: Variant, *rest: int) -> Figures:
        names.append(variant.name)
        return run_variant(variant, *rest)

    monkeypatch.setattr("sim.whatif.experiment.run_variant", noted)
    for number in range(3):
        replicate(experiment(), number)
    intervals = ("20m", "40m", "2h")
    assert sorted(names) == sorted(f"interval={each},hr_lag={lag}" for each in intervals for lag in ("0m", "2h"))


def test_columns_that_disagree_with_the_simulation_are_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(structure: Structure, scenario: Scenario, seed: int, replication: int) -> Figures | None:
        found = figures_of(structure, scenario, seed, replication)
        return None if found is None else {**found, "latency.leaver.n": -1}

    monkeypatch.setattr(columns, "figures_of", wrong)
    found = replicate(experiment(), 0)
    monkeypatch.undo()
    assert list(found.items()) == list(replicate(experiment(simulate_all=True), 0).items())


def test_of_a_company_that_one_variant_has_nothing_is_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*told: object) -> None:
        raise AssertionError("reckoned for nothing")

    monkeypatch.setattr(columns, "structure_of", refused)
    assert set(replicate(experiment("40m"), 0)) == {"interval=40m,hr_lag=0m", "interval=40m,hr_lag=2h"}


def test_the_result_says_which_variants_were_reckoned() -> None:
    asked = [Asked("nightly", ("provisioning.interval=1d",)), Asked("by ticket", ("provisioning.strategy=ticket",))]
    variants = checked("plain", ("workforce.size=200", "duration=20d"), asked)
    found = Comparison(whole := Experiment("plain", 5, tuple(variants)), {n: replicate(whole, n) for n in range(2)})
    parts = {"design": {"name": "terminating"}, "finding": [], "audit_odds": audit_odds(found), "targets": []}
    result = as_json(found, wall_s=1.0, workers="1 process", **parts)
    assert {row["name"]: row["reckoned"] for row in result["variants"]} == {
        "as-it-is": True, "nightly": True, "by ticket": False,
    }  # fmt: skip
    assert "Ordinary worlds of as-it-is, nightly were reckoned in columns" in page(result).replace("\n", " ")
