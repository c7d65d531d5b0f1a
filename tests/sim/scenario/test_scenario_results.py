"""The results table of a scenario file: a value or a comparison beside a key of the summary."""

from __future__ import annotations

import pytest

from sim.scenario import ScenarioError
from tests.sim.scenario.conftest import Build


def row(**changes: object) -> dict[str, object]:
    return {"label": "Users", "metric": "target.users", "reported": 17, **changes}


@pytest.mark.parametrize("reported", [17, 0, 0.5, "SCIM 2.0", "< 2400", ">=3", "== 0.5", "-"])
def test_what_was_reported_is_kept_as_it_is_written(reported: object, build: Build) -> None:
    (spec,) = build(results=[row(reported=reported)]).results
    assert spec.reported == reported
    assert type(spec.reported) is type(reported)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reported": "< many"}, "results.0.reported: '< many' is no comparison; write one such as '< 2400' with"),
        ({"reported": "=> 3"}, "results.0.reported: '=> 3' is no comparison; write one such as '< 2400' with"),
        ({"reported": " "}, "results.0.reported: must be a value or a comparison, not an empty text; "),
        ({"reported": True}, "results.0.reported: must be a value or a comparison, not true; write one such as 17"),
        ({"reported": [1]}, "results.0.reported: must be a value or a comparison, not a list; write one such as 17"),
        ({"metric": "target users"}, "results.0.metric: 'target users' is not allowed; write a key of the summary"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(changes: dict[str, object], sentence: str, build: Build) -> None:
    with pytest.raises(ScenarioError) as caught:
        build(results=[row(**changes)])
    assert str(caught.value).removeprefix("scenario: ").startswith(sentence)
