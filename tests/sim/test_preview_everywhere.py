"""A preview is exact for every scenario of the catalogue and for random stories: with faults, retries, quarantine, PIM.

Faults are rules of the world and are replayed with it, so that what fails in a preview is what then fails.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from sim.kernel import Order
from sim.preview import ON_DEMAND, Planned, Recorder, preview
from sim.provisioning.driver import CycleRow
from sim.scenario import Scenario, catalogue, load, scenario_from
from sim.scenario.phases import strategies_of
from sim.scenario.timeline import PimActivate
from sim.world import World
from tests.contract.test_faults import KINDS
from tests.semantics.random_stories import stories
from tests.semantics.story import MINUTE, act, join, told

MEASURED = {"plain", "company-40k", "enterprise-100k", "metastable-overrun"}
"""Of the catalogue, no story but a population; a smaller one is among the stories of ``test_preview``."""
SHORTER = {
    "mid-2k": ("duration=14d", "workforce.size=300"),
    "contractor-heavy": ("duration=14d",),
    "late-hr": ("duration=14d",),
}
"""Companies of which a part says as much as the whole."""
NAMES = [item.name for item in catalogue() if item.name not in MEASURED]
AT_MOST = 12
"""Cycles with and without requests that are looked at, of one scenario, spread over its length."""


class Told:
    """A scenario run to its end: when each cycle began, what it sent, and when something else happened."""

    def __init__(self, scenario: Scenario) -> None:
        self.world = World(scenario)
        self.recorder = Recorder(self.world, self.world.driver.target)
        self.world.driver.target = self.recorder
        self.starts: dict[int, int] = {}
        self.ends: dict[int, int] = {}
        self.world.cycle_sink = self._cycle
        self.world.driver.idle_sink = lambda number, at, before, after: self.starts.update({number: at})
        self.world.run()
        self.happened = {action.at + max(getattr(action, "hr_lag", 0), 0) for action in scenario.timeline}
        self.happened |= {action.at for action in scenario.timeline}
        self.happened |= {a.at + a.lasts for a in scenario.timeline if isinstance(a, PimActivate)}
        self.happened |= {planned.at for number, planned in self.recorder.sent if number == ON_DEMAND}

    def _cycle(self, row: CycleRow) -> None:
        self.starts[row.number], self.ends[row.number] = row.start, row.end

    def sent(self, number: int) -> tuple[Planned, ...]:
        """The requests of one cycle."""
        return tuple(planned for cycle, planned in self.recorder.sent if cycle == number)

    def undisturbed(self) -> list[int]:
        """The cycles in which nothing happened but the job, busy and idle ones apart thinned out to the limit."""
        calm = [number for number in sorted(self.starts) if not self._disturbed(number)]
        busy = [number for number in calm if self.sent(number)]
        idle = [number for number in calm if not self.sent(number)]
        return sorted(_thinned(busy) + _thinned(idle))

    def _disturbed(self, number: int) -> bool:
        start = self.starts[number]
        end = self.ends.get(number, start)
        return any(start < time <= end for time in self.happened)


def _thinned(numbers: list[int]) -> list[int]:
    return numbers[:: len(numbers) // AT_MOST + 1]


def check(scenario: Scenario) -> int:
    """Every preview shown at the start of a cycle is what the cycle then sends; how many showed a request."""
    whole, world = Told(scenario), World(scenario)
    shown = 0
    for number in whole.undisturbed():
        world.run_until(whole.starts[number], Order.CYCLE)  # what a script does at that instant is in the cycle
        found = preview(world)
        assert found is not None, number
        assert (found.number, found.starts) == (number, whole.starts[number])
        assert found.requests == whole.sent(number), number
        shown += bool(found.requests)
    return shown


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_of_every_scenario_of_the_catalogue_every_cycle_sends_what_was_shown(name: str) -> None:
    scenario = load(name, SHORTER.get(name, ())).scenario
    if scenario.target.set_up == "by_hand" or not set(strategies_of(scenario)) & {"cycle", "event"}:
        assert check(scenario) == 0  # nobody does anything by hand, or everything: nothing is sent
        return
    assert check(scenario) > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_faults_of_every_kind_are_foreseen(kind: str) -> None:
    timeline = [act("10m", "leave", "ann"), join("50m", "dan"), act("90m", "move", "bob", department="Security")]
    ladder = {"transient": "ladder", "ladder": ["30m", "1h"], "then": "50m"}
    values = told(*timeline, start_state="empty", provisioning__retries=ladder)
    assert check(scenario_from({**values, "faults": KINDS[kind]})) > 0


@pytest.mark.slow
def test_activations_are_foreseen() -> None:
    """Ann's membership is activated at 41m and ends at 71m: the cycle at 80m takes her out."""
    activated = act("41m", "pim_activate", "ann", group="Auditors", **{"for": "30m"})
    assert check(scenario_from(told(activated, provisioning__pim={"fast_path": True}))) == 1
    assert Told(scenario_from(told(activated))).happened == {41 * MINUTE, 71 * MINUTE}


@pytest.mark.slow
@given(stories(faulty=True))
@settings(max_examples=40)
def test_of_a_random_story_every_cycle_sends_what_was_shown(scenario: Scenario) -> None:
    check(scenario)


@pytest.mark.long
@given(stories(faulty=True))
@settings(max_examples=500)
def test_of_many_random_stories_every_cycle_sends_what_was_shown(scenario: Scenario) -> None:
    check(scenario)
