"""The short way writes what the long way would have written: whatever else happens in the same company.

Both runs live through one scenario. The second cannot take the short way, since its requests go through a port of their
own (`sim.bench.floor.RecordingPorts`); everything that a run leaves behind has to be the same.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.bench.companies import plain
from sim.bench.floor import RecordingPorts
from sim.observation.journal import Journal, attach
from sim.observation.journal.reader import open_journal
from sim.observation.journal.schema import TABLES
from sim.observation.summary import summarize
from sim.routine.lives import Lives
from sim.scenario import Scenario, ScenarioError, scenario_from
from sim.world import DirectPorts, World
from tests.semantics.random_stories import actions, faults, strictness
from tests.semantics.story import told

Left = dict[str, Any]
"""Everything that a run leaves behind."""


def lived(scenario: Scenario, ports: DirectPorts | RecordingPorts, commands: list[tuple[int, str, int]] = []) -> Left:  # noqa: B006 - only read
    """Live through a scenario, with commands from outside at their times."""
    world = World(scenario, ports=ports)
    with TemporaryDirectory() as folder:
        recorder = attach(world, Journal(Path(folder)))
        for at, what, whom in sorted(commands):
            world.run_until(at)
            enter(world, what, whom)
        world.run()
        recorder.finish()
        with closing(open_journal(Path(folder))) as journal:
            tables = {
                name: sorted(map(repr, journal.execute(f"SELECT * FROM {name}"))) for name in TABLES if name != "meta"
            }
    summary = dict(summarize(world, transport="direct"))
    summary.pop("wall_s", None)
    directory, provider = world.services.directory, world.services.provider
    return {
        "traffic": world.traffic_sha256,
        "trace": world.trace_sha256,
        "summary": summary,
        **tables,
        "log": [row[:11] for row in world.log.rows],
        "accounts": [
            (u.id, u.attributes, u.enabled, u.groups, u.state)
            for u in map(directory.peek, range(directory.users_count))
        ],
        "users": [
            (u.id, u.attributes, u.active, u.groups, u.exists, u.created, u.modified)
            for u in map(provider.peek, range(provider.users_made))
        ],
        "stale": sorted(world.parts.stale.disabled_since.items()),
        "divergence": world.parts.divergence.by_kind,
    }


def enter(world: World, what: str, whom: int) -> None:
    """Somebody does something to somebody over Graph, or asks for the figures."""
    directory = world.services.directory
    row = whom % directory.users_count
    user = directory.user_id(row)
    if what == "look":
        summarize(world, transport="direct")
        world.parts.ledger.person(row)
    elif not directory.is_live(row):
        return
    elif what in ("on", "off"):
        world.command("graph.user.update", {"user": user, "properties": {"accountEnabled": what == "on"}})
    elif what == "rename":
        world.command("graph.user.update", {"user": user, "properties": {"displayName": f"Name {whom}"}})
    else:
        group = directory.groups[whom % 3]
        verb = "remove" if group.row in directory.groups_of(row) else "add"
        world.command(f"graph.member.{verb}", {"group": group.id, "member": user})


def same(scenario: Scenario, commands: list[tuple[int, str, int]] | None = None) -> None:
    short = lived(scenario, DirectPorts(), commands or [])
    long = lived(scenario, RecordingPorts(), commands or [])
    for name, left in short.items():
        assert left == long[name], name


@st.composite
def companies(draw: st.DrawFn) -> Scenario:
    """A generated company in which much happens in a few hours, beside everything that happens in random stories."""
    timeline = draw(st.lists(actions(), max_size=3))
    for action in timeline:
        if action["do"] == "delete_group":
            action.pop("to")
    people = [
        {"id": who, "given_name": who, "family_name": "Scripted", "department": "Engineering"}
        for who in ("ann", "bob", "cyd", "dan")
    ]
    values = told(
        *timeline,
        start_state="in_sync",
        seed=draw(st.integers(1, 50)),
        before={"people": people},
        workforce={
            "size": 40,
            "counts": {"joiner": 12, "mover": 14, "leaver": 10, "contractor_expiry": 4},
            "contractors": 0.3,
            "hr_lag": draw(st.sampled_from(["0m", "0m", "0m", ["0m", "50m"]])),
        },
        provisioning__members_per_patch=draw(st.sampled_from([1, 1, 1, 3])),
        provisioning__on_leave=draw(st.sampled_from(["disable", "disable", "disable", "delete"])),
        provisioning__patch_dialect=draw(st.sampled_from(["legacy", "legacy", "legacy", "compliant"])),
    )
    names = ("Engineering", "Operations", "Security", "Kitchen")
    values["organisation"]["departments"] = [{"name": name, "weight": 1} for name in names]
    if draw(st.booleans()):
        values["provisioning"].pop("mappings")
    values["provisioning"].update(draw(strictness()))
    values["faults"] = draw(st.lists(faults(), max_size=1))
    try:
        return scenario_from(values)
    except ScenarioError:
        assume(False)
        raise


COMMANDS = st.lists(
    st.tuples(
        st.integers(0, 230 * 60_000),
        st.sampled_from(["look", "on", "off", "rename", "member"]),
        st.integers(0, 10_000),
    ),
    max_size=6,
)


@settings(max_examples=60)
@given(companies(), COMMANDS)
def test_both_ways_leave_the_same_behind(scenario: Scenario, commands: list[tuple[int, str, int]]) -> None:
    same(scenario, commands)


@pytest.mark.parametrize("size", [300, 1500])
def test_both_ways_live_the_same_year(size: int) -> None:
    same(plain(size, "duration=120d"))


def noting(way: Callable[..., bool], taken: list[bool]) -> Callable[..., bool]:
    def noted(*told: object) -> bool:
        taken.append(way(*told))
        return taken[-1]

    return noted


def test_a_plain_company_takes_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every event of the usual kinds: none is left to the long way."""
    taken: list[bool] = []
    for name in ("joins", "moves", "leaves"):
        monkeypatch.setattr(Lives, name, noting(getattr(Lives, name), taken))
    world = World(plain(1000, "duration=60d"))
    world.run()
    assert len(taken) == len(world.parts.schedule or ()) > 100
    assert sum(taken) > 0.95 * len(taken)  # who has two events between two cycles goes the long way with the second
