"""The steps of a timeline in words: no action is silent, and none shows a placeholder."""

from __future__ import annotations

import pytest

from sim.observation.deeds import AWS, ENTRA, SCRIPT, deed, entered
from sim.scenario import scenario_from
from sim.scenario.action import Action
from sim.scenario.hr_actions import HrAction
from sim.scenario.timeline import AnyAction
from tests.semantics.story import act, told
from tests.sim.scenario.test_scenario_timeline import ACTIONS


def steps() -> list[AnyAction]:
    """One of every action that is no lifecycle event."""
    from pydantic import TypeAdapter

    from sim.scenario.timeline import TimelineAction

    adapter: TypeAdapter[AnyAction] = TypeAdapter(TimelineAction)
    found = [adapter.validate_python({"at": "1h", **values}) for values in ACTIONS]
    return [action for action in found if not isinstance(action, HrAction)]


@pytest.mark.parametrize("action", steps(), ids=lambda action: str(action.do))
def test_every_step_has_words_of_its_own(action: AnyAction) -> None:
    words = deed(action)
    assert words.who != SCRIPT
    assert "{" not in words.sentence
    assert words.sentence == (action.caption or words.sentence)
    assert not words.what.endswith(" ")


def one(**values: object) -> Action:
    return scenario_from(told(values)).timeline[0]


def test_a_step_says_who_does_what_to_whom() -> None:
    disabled = deed(one(**act("1h", "disable", "ann")), lambda name: f"<{name}>")
    assert (disabled.who, disabled.what) == (ENTRA, "disables the account of <ann>")
    assert disabled.sentence == "In Entra an administrator disables the account of <ann>."
    given = deed(one(**act("1h", "aws_assign", user="ann", permission_set="Audit", account="prod")))
    assert (given.who, given.what) == (AWS, "gives ann Audit on prod")


def test_the_scenarios_own_words_come_first() -> None:
    assert deed(one(at="1h", do="start_job", caption="Here we go.")).sentence == "Here we go."


def test_a_step_that_is_not_known_is_told_by_its_name() -> None:
    class Sing(Action):
        do: str = "sing_a_song"

    assert deed(Sing.model_validate({"at": "1h"})).what == "sing a song"


def test_a_command_is_told_by_its_service() -> None:
    assert entered("graph.user.update") == "Entra: user update"
    assert entered("nothing") == "nothing"
    assert entered("graph.job.provision_on_demand", "Ann Example") == "Entra: job provision on demand, Ann Example"
